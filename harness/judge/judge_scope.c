/* Who gets what: no-phantom (nothing that was never planned) and scope (each event goes to all
 * its subscribers and to nobody else). */
#include <inttypes.h>
#include <stdio.h>

#include "judge/judge_inside.h"

/* ---- no-phantom ---- */

static void phantom_receipts(const struct judge *judge, struct judge_tally *tally,
			     const struct record_delivery *delivery)
{
	for (size_t i = 0; i < delivery->receipt_count; i++) {
		const struct record_receipt *receipt = &delivery->receipts[i];
		char at[JUDGE_SECONDS_BYTES];
		char *line = judge_fail(tally, 1);

		if (!line)
			continue;
		judge_seconds((int64_t)receipt->arrived_ns, at);
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "%s received \"%.*s\" at %s, which is no event of this run",
			 judge_endpoint_name(judge, delivery->endpoint_index), RECORD_KEY_BYTES - 1,
			 receipt->key, at);
	}
}

static size_t sent_count(const struct record_delivery *delivery)
{
	size_t count = 0;

	for (size_t i = 0; i < delivery->attempt_count; i++)
		count += delivery->attempts[i].sent_ns != HP_NEVER;
	return count;
}

static void each_phantom(struct judge *judge, struct judge_tally *tally, const struct judge_case *c)
{
	const struct record_delivery *delivery = c->delivery;
	const char *name = judge_endpoint_name(judge, delivery->endpoint_index);
	size_t sent = sent_count(delivery);
	char *line;

	if (delivery->event_index == RECORD_NO_EVENT) {
		phantom_receipts(judge, tally, delivery);
		return;
	}
	if (c->planned && (delivery->receipt_count <= sent || !judge_is_whole(judge))) {
		judge_hold(tally);
		return;
	}
	line = judge_fail(tally, c->planned ? 1 : 2);
	if (line && !c->planned)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "event %" PRIu64 " at %s: %zu attempts, %zu receipts, and it was never "
			 "planned",
			 delivery->event_index, name, delivery->attempt_count,
			 delivery->receipt_count);
	else if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "event %" PRIu64 " at %s: received %zu times, sent in %zu attempts",
			 delivery->event_index, name, delivery->receipt_count, sent);
}

const struct judge_law judge_law_no_phantom = {
	.check = {
		.id = "no-phantom",
		.group = "accounting",
		.level = CHECK_MUST,
		.clause = "history",
		.requirement = "Every attempt and every receipt belongs to a planned event.",
		.remedy = "Look for a second sender, or for a retry below the delivery (a client "
			  "library, a proxy) that sends a request again.",
	},
	.noun = "deliveries",
	.broken = "were never planned",
	.none = "nothing was sent",
	.driver = "a foreign sender: nothing says which events it was to send",
	.floor = 0.99,
	.needs = JUDGE_NEEDS_ALL,
	.each = each_phantom,
};

/* ---- scope ---- */

/* The event that passed by is over: did some of its subscribers get it, and others not? */
static void close_fan(struct judge *judge, struct judge_tally *tally)
{
	char *line;

	if (judge->fan_seen == 0 || judge->fan_missing == 0 || !judge_is_whole(judge))
		return;
	line = judge_fail(tally, 1);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "event %" PRIu64 ": %" PRIu64 " of %" PRIu64 " subscribers got it, not %s",
			 judge->fan_event_index, judge->fan_seen,
			 judge->fan_seen + judge->fan_missing,
			 judge_endpoint_name(judge, judge->fan_missing_endpoint));
}

static void enter_fan(struct judge *judge, struct judge_tally *tally, uint64_t event_index)
{
	if (judge->fan_event_index == event_index)
		return;
	close_fan(judge, tally);
	judge->fan_event_index = event_index;
	judge->fan_seen = judge->fan_missing = 0;
}

static void missing_scope(struct judge *judge, struct judge_tally *tally,
			  const struct judge_pair *pair)
{
	enter_fan(judge, tally, pair->event_index);
	if (judge->fan_missing++ == 0)
		judge->fan_missing_endpoint = pair->endpoint_index;
}

static const struct record_receipt *unwanted(const struct record_delivery *delivery)
{
	for (size_t i = 0; i < delivery->receipt_count; i++)
		if (!delivery->receipts[i].wanted)
			return &delivery->receipts[i];
	return NULL;
}

static void each_scope(struct judge *judge, struct judge_tally *tally, const struct judge_case *c)
{
	const struct record_delivery *delivery = c->delivery;
	char *line;

	if (!c->planned)
		return;
	enter_fan(judge, tally, delivery->event_index);
	judge->fan_seen += c->subscribed;
	if (c->subscribed && !unwanted(delivery)) {
		judge_hold(tally);
		return;
	}
	line = judge_fail(tally, 2);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES, "event %" PRIu64 " at %s: %s",
			 delivery->event_index,
			 judge_endpoint_name(judge, delivery->endpoint_index),
			 c->subscribed ? "received by one who never asked for its type"
				       : "sent, and the endpoint does not subscribe to its type");
}

static void foreign_scope(struct judge *judge, struct judge_tally *tally,
			  const struct judge_case *c)
{
	char name[JUDGE_NAME_BYTES];
	char *line;

	if (c->delivery->receipt_count == 0)
		return;
	if (!unwanted(c->delivery)) {
		judge_hold(tally);
		return;
	}
	line = judge_fail(tally, 2);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "%s: received by one who never asked for its type",
			 judge_delivery_name(judge, c->delivery, name));
}

static void finish_scope(struct judge *judge, const struct metrics *metrics,
			 struct finding *finding)
{
	(void)metrics;
	enter_fan(judge, &judge->tallies[JUDGE_LAW_scope], RECORD_NO_EVENT);
	judge_conclude(judge, JUDGE_LAW_scope, finding);
}

const struct judge_law judge_law_scope = {
	.check = {
		.id = "scope",
		.group = "subscription",
		.level = CHECK_MUST,
		.clause = "paisr-v1/3",
		.requirement = "An event goes to every endpoint that subscribes to its type, and "
			       "to no other.",
		.remedy = "Match the type exactly, and before the delivery is queued.",
	},
	.noun = "deliveries",
	.broken = "went where they should not, or not to all",
	.none = "nothing was sent",
	.floor = 0.99,
	.needs = JUDGE_NEEDS_ALL,
	.each = each_scope,
	.foreign = foreign_scope,
	.missing = missing_scope,
	.finish = finish_scope,
};
