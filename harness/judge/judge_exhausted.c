/* exhausted-told: what was given up is never forgotten. Decides nothing: it names the deliveries
 * that used up their attempts, so that a report shows them. */
#include <inttypes.h>
#include <stdio.h>

#include "judge/judge_inside.h"

static void tell(const struct judge *judge, const struct judge_case *c, char *line)
{
	const struct record_delivery *delivery = c->delivery;
	const struct record_attempt *last = &delivery->attempts[delivery->attempt_count - 1];
	char at[JUDGE_SECONDS_BYTES];

	snprintf(line, VERDICT_EVIDENCE_BYTES,
		 "event %" PRIu64 " at %s: %u attempts until %s, the last one: %s %u",
		 delivery->event_index, judge_endpoint_name(judge, delivery->endpoint_index),
		 last->number, judge_seconds((int64_t)last->done_ns, at),
		 last->outcome < OUTCOME_COUNT ? outcome_word(last->outcome) : "no outcome",
		 last->status);
}

static void each_exhausted(struct judge *judge, struct judge_tally *tally,
			   const struct judge_case *c)
{
	char *line;

	if (!c->ends || c->state != DELIVERY_EXHAUSTED || c->delivery->attempt_count == 0)
		return;
	line = judge_warn(tally);
	if (line)
		tell(judge, c, line);
}

static void finish_exhausted(struct judge *judge, const struct metrics *metrics,
			     struct finding *finding)
{
	const struct judge_tally *tally = &judge->tallies[JUDGE_LAW_exhausted];

	(void)metrics;
	if (!tally->warned)
		return;
	finding->verdict = VERDICT_PASS; /* it is told: that is all that is asked */
	snprintf(finding->reason, sizeof(finding->reason), "%" PRIu64 " given up, named below",
		 tally->warned);
}

const struct judge_law judge_law_exhausted = {
	.check = {
		.id = "exhausted-told",
		.group = "accounting",
		.level = CHECK_INFO,
		.clause = "paisr-v1/11",
		.requirement = "What was given up after the last attempt is kept and named.",
		.remedy = "Deliver these by hand, or from the run file: "
			  "select * from deliveries where state = 'exhausted'.",
	},
	.noun = "deliveries",
	.broken = "were forgotten",
	.none = "nothing was given up",
	.driver = "a foreign sender: what it gave up only it can say",
	.floor = 0.99,
	.needs = JUDGE_NEEDS_FAILURES,
	.each = each_exhausted,
	.finish = finish_exhausted,
};
