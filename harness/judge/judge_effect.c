/* effect-once: an event takes effect exactly once where an attempt of it succeeded, and at most
 * once where none surely did. Needs simulated receivers: they count their effects. */
#include <inttypes.h>
#include <stdio.h>

#include "judge/judge_inside.h"

static bool is_simulated(const struct judge *judge, uint32_t endpoint_index)
{
	return judge->facts.receivers && endpoint_index < judge->plan->endpoint_count &&
	       judge->plan->endpoints[endpoint_index].receiver_index != PLAN_NO_RECEIVER;
}

static uint32_t effects_of(const struct record_delivery *delivery)
{
	uint32_t effects = 0;

	for (size_t i = 0; i < delivery->receipt_count; i++)
		if (delivery->receipts[i].effects > effects)
			effects = delivery->receipts[i].effects;
	return effects;
}

/* What the attempts allow, in words for the evidence. */
static const char *allowed(const struct judge_case *c)
{
	if (c->ok < c->delivery->attempt_count)
		return "an attempt succeeded: exactly 1 is right";
	return c->info ? "no attempt surely succeeded: 0 or 1 are right"
		       : "no attempt succeeded: 0 or 1 are right";
}

static void each_effect(struct judge *judge, struct judge_tally *tally, const struct judge_case *c)
{
	const struct record_delivery *delivery = c->delivery;
	uint32_t effects = effects_of(delivery);
	bool succeeded = c->ok < delivery->attempt_count;
	char *line;

	if (!is_simulated(judge, delivery->endpoint_index) || !c->planned ||
	    delivery->attempt_count == 0)
		return; /* what was never planned: no-phantom says so */
	if (effects == 1 || (effects == 0 && !succeeded)) {
		judge_hold(tally);
		return;
	}
	if (effects == 0 && !judge_is_whole(judge)) { /* its receipt may not have been kept */
		judge_open(tally, "gap");
		return;
	}
	line = judge_fail(tally, effects + 1u);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "event %" PRIu64 " at %s: %u effects in %zu receipts; %s",
			 delivery->event_index,
			 judge_endpoint_name(judge, delivery->endpoint_index), effects,
			 delivery->receipt_count, allowed(c));
}

/* Whether an answer of ours was a success that its sender surely knows of. */
static bool surely_succeeded(const struct judge *judge, const struct record_delivery *delivery)
{
	for (size_t i = 0; i < delivery->receipt_count; i++) {
		struct judge_evidence evidence = judge_evidence_of(delivery, i);

		if (judge_outcome(&judge->plan->judged, &evidence, evidence.receipt->lag_ns) ==
		    OUTCOME_CLASS_OK)
			return true;
	}
	return false;
}

static void foreign_effect(struct judge *judge, struct judge_tally *tally,
			   const struct judge_case *c)
{
	const struct record_delivery *delivery = c->delivery;
	uint32_t effects = effects_of(delivery);
	char name[JUDGE_NAME_BYTES];
	bool succeeded;
	char *line;

	if (!is_simulated(judge, delivery->endpoint_index) || delivery->receipt_count == 0)
		return;
	succeeded = surely_succeeded(judge, delivery);
	if (effects == 1 || (effects == 0 && !succeeded)) {
		judge_hold(tally);
		return;
	}
	line = judge_fail(tally, effects + 1u);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES, "%s: %u effects in %zu receipts; %s",
			 judge_delivery_name(judge, delivery, name), effects,
			 delivery->receipt_count,
			 succeeded ? "an answer was a success: exactly 1 is right"
				   : "no answer surely was a success: 0 or 1 are right");
}

const struct judge_law judge_law_effect = {
	.check = {
		.id = "effect-once",
		.group = "idempotency",
		.level = CHECK_MUST,
		.clause = "paisr-v1/13",
		.requirement = "An event takes effect once, however often it is delivered.",
		.remedy = "Record the event's identity in the same step as its effect, and look "
			  "it up before acting.",
	},
	.noun = "deliveries",
	.broken = "had the wrong number of effects",
	.none = "no receiver of ours counted effects",
	.floor = 0.99,
	.needs = JUDGE_NEEDS_ALL,
	.each = each_effect,
	.foreign = foreign_effect,
};
