/* no-loss: each planned delivery left a record and stands in a bucket in the end. */
#include <inttypes.h>
#include <stdio.h>

#include "judge/judge_inside.h"

static void missing_loss(struct judge *judge, struct judge_tally *tally,
			 const struct judge_pair *pair)
{
	char *line;

	if (judge->facts.recording != PLAN_RECORD_ALL)
		return;
	if (!judge_is_whole(judge)) {
		judge_open(tally, "gap");
		return;
	}
	line = judge_fail(tally, 1);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "event %" PRIu64 " at %s: planned, and no record of it", pair->event_index,
			 judge_endpoint_name(judge, pair->endpoint_index));
}

/* What is wrong with the end of a delivery; NULL: nothing. */
static const char *wrong_end(const struct judge *judge, const struct judge_case *c)
{
	const struct record_delivery *delivery = c->delivery;
	uint64_t next_ns;

	if (!c->ends)
		return "it was received, and neither an attempt nor an end is recorded";
	if (c->state == DELIVERY_DELIVERED && c->ok == delivery->attempt_count && !c->doubted)
		return "it is called delivered, and no attempt of it succeeded";
	if (c->state == DELIVERY_PLANNED || c->state >= DELIVERY_STATES ||
	    c->state == DELIVERY_IN_FLIGHT)
		return "it never came to an end";
	if (c->state != DELIVERY_PENDING)
		return NULL;
	if (!delivery->ended && !judge->facts.interrupted)
		return "its last attempt failed, and what became of it is not recorded";
	next_ns = delivery->ended ? delivery->ended->next_due_ns
				  : delivery->attempts[delivery->attempt_count - 1].next_due_ns;
	return next_ns == HP_NEVER ? "it waits for an attempt that is never due" : NULL;
}

static void each_loss(struct judge *judge, struct judge_tally *tally, const struct judge_case *c)
{
	const char *wrong;
	char *line;

	if (!c->subscribed)
		return;
	wrong = wrong_end(judge, c);
	if (!wrong) {
		judge_hold(tally);
		return;
	}
	if (judge->facts.incomplete || judge->facts.records_lost) {
		judge_open(tally, "gap");
		return;
	}
	if (!c->ends && judge->facts.recording != PLAN_RECORD_ALL)
		return;
	line = judge_fail(tally, 1);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES, "event %" PRIu64 " at %s: %s",
			 c->delivery->event_index,
			 judge_endpoint_name(judge, c->delivery->endpoint_index), wrong);
}

const struct judge_law judge_law_no_loss = {
	.check = {
		.id = "no-loss",
		.group = "accounting",
		.level = CHECK_MUST,
		.clause = "history",
		.requirement = "Every planned event reaches an end at every endpoint that "
			       "subscribes to its type, or waits there, its next attempt named.",
		.remedy = "Store a delivery before its first attempt, and keep it until an "
			  "attempt succeeds or the last one fails.",
	},
	.noun = "deliveries",
	.broken = "were lost",
	.none = "no delivery was planned",
	.driver = "a foreign sender: loss needs a driver that says what it accepted",
	.floor = 1,
	.needs = JUDGE_NEEDS_ALL,
	.each = each_loss,
	.missing = missing_loss,
};
