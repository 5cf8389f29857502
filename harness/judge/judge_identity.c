/* What travels: stable-identity (one body per event, at every attempt and every receiver) and
 * valid-signature. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "judge/judge_inside.h"

/* ---- bodies of other events ---- */

enum { DIGEST_SLOTS = 1 << 12 };

/* The last body that fell into each slot: two events with one body are seen when they are near
 * each other, which costs no memory per event. */
struct judge_digests {
	struct {
		uint64_t digest, event_index;
	} slots[DIGEST_SLOTS];
};

struct judge_digests *judge_digests_new(void)
{
	struct judge_digests *digests = hp_xcalloc(1, sizeof(*digests));

	for (size_t i = 0; i < DIGEST_SLOTS; i++)
		digests->slots[i].event_index = RECORD_NO_EVENT;
	return digests;
}

void judge_digests_free(struct judge_digests *digests)
{
	free(digests);
}

/* Puts the body in; returns another event that had the same, or RECORD_NO_EVENT. */
static uint64_t swap_digest(struct judge_digests *digests, uint64_t digest, uint64_t event_index)
{
	size_t at = digest % DIGEST_SLOTS;
	uint64_t other = digests->slots[at].event_index;

	if (digests->slots[at].digest != digest || other == event_index)
		other = RECORD_NO_EVENT;
	digests->slots[at].digest = digest;
	digests->slots[at].event_index = event_index;
	return other;
}

/* ---- stable-identity ---- */

/* The body of the first attempt that left: what all else is compared with. */
static const struct record_attempt *first_sent(const struct record_delivery *delivery)
{
	for (size_t i = 0; i < delivery->attempt_count; i++)
		if (delivery->attempts[i].sent_ns != HP_NEVER)
			return &delivery->attempts[i];
	return NULL;
}

static bool attempt_differs(const struct record_delivery *delivery,
			    const struct record_attempt *first, char *out)
{
	for (size_t i = 0; i < delivery->attempt_count; i++) {
		const struct record_attempt *attempt = &delivery->attempts[i];

		if (attempt->sent_ns == HP_NEVER || attempt->body_digest == first->body_digest)
			continue;
		snprintf(out, VERDICT_EVIDENCE_BYTES,
			 "attempt %u had another body (digest %016" PRIx64 ") than attempt %u "
			 "(%016" PRIx64 ")",
			 attempt->number, attempt->body_digest, first->number, first->body_digest);
		return true;
	}
	return false;
}

static bool receipt_differs(const struct record_delivery *delivery,
			    const struct record_attempt *first, char *out)
{
	for (size_t i = 0; i < delivery->receipt_count; i++) {
		const struct record_receipt *receipt = &delivery->receipts[i];

		if (receipt->body_digest == first->body_digest)
			continue;
		snprintf(out, VERDICT_EVIDENCE_BYTES,
			 "arrival %u had another body (digest %016" PRIx64 ") than was sent "
			 "(%016" PRIx64 ")",
			 receipt->ordinal, receipt->body_digest, first->body_digest);
		return true;
	}
	return false;
}

static bool body_is_known(struct judge *judge, const struct record_attempt *first, char *out)
{
	uint64_t other;

	if (judge->plan->judged.id_pointer[0] == '\0') /* the identity is not in the body */
		return false;
	other = swap_digest(judge->digests, first->body_digest, first->event_index);
	if (other == RECORD_NO_EVENT)
		return false;
	snprintf(out, VERDICT_EVIDENCE_BYTES, "its body is the one of event %" PRIu64, other);
	return true;
}

static void each_identity(struct judge *judge, struct judge_tally *tally,
			  const struct judge_case *c)
{
	const struct record_delivery *delivery = c->delivery;
	const struct record_attempt *first = first_sent(delivery);
	char wrong[VERDICT_EVIDENCE_BYTES];
	char *line;

	if (!first)
		return;
	if (!attempt_differs(delivery, first, wrong) && !receipt_differs(delivery, first, wrong) &&
	    !body_is_known(judge, first, wrong)) {
		judge_hold(tally);
		return;
	}
	line = judge_fail(tally, 1);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES, "event %" PRIu64 " at %s: %.180s",
			 delivery->event_index,
			 judge_endpoint_name(judge, delivery->endpoint_index), wrong);
}

/* All bodies that came for one identity; where the identity stands in the body, another one has
 * another body by itself. */
static void foreign_identity(struct judge *judge, struct judge_tally *tally,
			     const struct judge_case *c)
{
	const struct record_receipt *receipts = c->delivery->receipts;
	size_t i = 1;
	char name[JUDGE_NAME_BYTES];
	char *line;

	if (c->delivery->receipt_count == 0)
		return;
	while (i < c->delivery->receipt_count && receipts[i].body_digest == receipts->body_digest)
		i++;
	if (i == c->delivery->receipt_count) {
		judge_hold(tally);
		return;
	}
	line = judge_fail(tally, 1);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "%s: arrival %zu had another body (digest %016" PRIx64 ") than arrival "
			 "%zu (%016" PRIx64 ")",
			 judge_delivery_name(judge, c->delivery, name), c->before + i + 1,
			 receipts[i].body_digest, c->before + 1, receipts->body_digest);
}

const struct judge_law judge_law_identity = {
	.check = {
		.id = "stable-identity",
		.group = "request",
		.level = CHECK_MUST,
		.clause = "history",
		.requirement = "The body of an event is the same bytes at every attempt and on "
			       "arrival, and another event's body is another.",
		.remedy = "Render the body once, store its bytes, and send those each time.",
	},
	.noun = "deliveries",
	.broken = "changed their body",
	.none = "nothing was sent",
	.floor = 0.99,
	.needs = JUDGE_NEEDS_ALL,
	.each = each_identity,
	.foreign = foreign_identity,
};

/* ---- valid-signature ---- */

static const char *signature_sentence(const struct record_receipt *receipt)
{
	if (receipt->signature >= SCHEME_VERDICT_COUNT)
		return "the receiver's verdict on it is not one we know";
	return scheme_verdict_sentence((enum scheme_verdict)receipt->signature);
}

static void signatures(struct judge *judge, struct judge_tally *tally, const struct judge_case *c)
{
	const struct record_delivery *delivery = c->delivery;
	char name[JUDGE_NAME_BYTES];

	for (size_t i = 0; i < delivery->receipt_count; i++) {
		const struct record_receipt *receipt = &delivery->receipts[i];
		char *line;

		if (receipt->signature == RECORD_UNVERIFIED) {
			tally->skipped++;
			continue;
		}
		if (receipt->signature == SCHEME_VALID) {
			judge_hold(tally);
			continue;
		}
		line = judge_fail(tally, 1);
		if (line)
			snprintf(line, VERDICT_EVIDENCE_BYTES, "%s, arrival %u: %.80s",
				 judge_delivery_name(judge, delivery, name), receipt->ordinal,
				 signature_sentence(receipt));
	}
}

static void each_signature(struct judge *judge, struct judge_tally *tally,
			   const struct judge_case *c)
{
	if (c->delivery->event_index != RECORD_NO_EVENT) /* a stranger's: no-phantom says so */
		signatures(judge, tally, c);
}

const struct judge_law judge_law_signature = {
	.check = {
		.id = "valid-signature",
		.group = "request",
		.level = CHECK_MUST,
		.clause = "paisr-v1/6",
		.requirement = "Every delivery verifies over the bytes that arrived, under the "
			       "endpoint's secret.",
		.remedy = "Sign the bytes that are sent, when they are sent, with a secret that "
			  "is live at that moment.",
	},
	.noun = "receipts",
	.broken = "do not verify",
	.none = "no receiver of ours verified one",
	.floor = 0.99,
	.needs = JUDGE_NEEDS_ALL,
	.each = each_signature,
	.foreign = signatures,
};
