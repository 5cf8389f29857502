/* The attempts of one delivery as a sequence: attempt-count, single-flight, stops-after-success. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "judge/judge_inside.h"

static bool stops(const struct judge *judge, const struct record_attempt *attempt)
{
	return judge->plan->judged.gone_stops && attempt->status == 410;
}

/* ---- attempt-count ---- */

/* The number of the first attempt that must have left a record. */
static unsigned first_number(const struct judge *judge, const struct record_delivery *delivery)
{
	if (judge->facts.recording == PLAN_RECORD_FAILURES && delivery->attempts[0].number == 2)
		return 2; /* the first one went well and was not kept */
	return 1;
}

/* Attempt `i` against its place: numbers run on, and nothing follows the last one. */
static bool wrong_place(const struct judge *judge, const struct record_delivery *delivery, size_t i,
			char *out)
{
	const struct record_attempt *attempt = &delivery->attempts[i];
	size_t number = i + first_number(judge, delivery);

	if (attempt->number != number && (attempt->number < number || judge_is_whole(judge)))
		snprintf(out, VERDICT_EVIDENCE_BYTES, "attempt %u stands where attempt %zu belongs",
			 attempt->number, number);
	else if (attempt->number > judge->policy.attempts_max)
		snprintf(out, VERDICT_EVIDENCE_BYTES, "attempt %u of at most %u", attempt->number,
			 judge->policy.attempts_max);
	else if (i > 0 && stops(judge, &delivery->attempts[i - 1]))
		snprintf(out, VERDICT_EVIDENCE_BYTES, "attempt %u followed a 410, which ends it",
			 attempt->number);
	else
		return false;
	return true;
}

/* What the sender decided after a failed attempt. */
static bool wrong_decision(const struct judge *judge, const struct record_attempt *attempt,
			   char *out)
{
	bool last = attempt->number >= judge->policy.attempts_max || stops(judge, attempt);

	if (judge_is_ok(judge, attempt) || attempt->state == DELIVERY_DELIVERED)
		return false;
	if (!last && attempt->state == DELIVERY_EXHAUSTED)
		snprintf(out, VERDICT_EVIDENCE_BYTES,
			 "given up after attempt %u, the policy has %u", attempt->number,
			 judge->policy.attempts_max);
	else if (last && attempt->state == DELIVERY_PENDING)
		snprintf(out, VERDICT_EVIDENCE_BYTES, "goes on after attempt %u, which is the last",
			 attempt->number);
	else
		return false;
	return true;
}

static bool wrong_count(const struct judge *judge, const struct record_delivery *delivery,
			char *out)
{
	size_t count = delivery->attempt_count;

	for (size_t i = 0; i < count; i++)
		if (wrong_place(judge, delivery, i, out) ||
		    wrong_decision(judge, &delivery->attempts[i], out))
			return true;
	if (!delivery->ended || !judge_is_whole(judge) || delivery->ended->attempts == count)
		return false;
	snprintf(out, VERDICT_EVIDENCE_BYTES, "its end tells of %u attempts, recorded are %zu",
		 delivery->ended->attempts, count);
	return true;
}

static void each_attempts(struct judge *judge, struct judge_tally *tally,
			  const struct judge_case *c)
{
	const struct record_delivery *delivery = c->delivery;
	char wrong[VERDICT_EVIDENCE_BYTES];
	char *line;

	if (delivery->attempt_count == 0)
		return;
	if (!wrong_count(judge, delivery, wrong)) {
		judge_hold(tally);
		return;
	}
	line = judge_fail(tally, delivery->attempt_count);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES, "event %" PRIu64 " at %s: %.150s",
			 delivery->event_index,
			 judge_endpoint_name(judge, delivery->endpoint_index), wrong);
}

/* Of a foreign sender only too many are proven: what did not come may have gone elsewhere. */
static bool wrong_arrival(const struct judge *judge, const struct judge_case *c, size_t i,
			  char *out)
{
	const struct record_receipt *before = i ? &c->delivery->receipts[i - 1] : NULL;
	size_t number = c->before + i + 1;

	if (number > judge->policy.attempts_max)
		snprintf(out, VERDICT_EVIDENCE_BYTES, "attempt %zu of at most %u came", number,
			 judge->policy.attempts_max);
	else if (before && judge->plan->judged.gone_stops && before->status == 410 &&
		 before->end == RECORD_END_ANSWERED &&
		 !judge_evidence_of(c->delivery, i - 1).unacked)
		snprintf(out, VERDICT_EVIDENCE_BYTES, "attempt %zu followed a 410, which ends it",
			 number);
	else
		return false;
	return true;
}

static void foreign_attempts(struct judge *judge, struct judge_tally *tally,
			     const struct judge_case *c)
{
	size_t count = c->delivery->receipt_count;
	char wrong[VERDICT_EVIDENCE_BYTES], name[JUDGE_NAME_BYTES];
	char *line;
	size_t i = 0;

	if (count == 0)
		return;
	while (i < count && !wrong_arrival(judge, c, i, wrong))
		i++;
	if (i == count) {
		judge_hold(tally);
		return;
	}
	line = judge_fail(tally, c->before + count);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES, "%s: %.100s",
			 judge_delivery_name(judge, c->delivery, name), wrong);
}

const struct judge_law judge_law_attempts = {
	.check = {
		.id = "attempt-count",
		.group = "retries",
		.level = CHECK_MUST,
		.clause = "paisr-v1/10",
		.requirement = "A delivery that never succeeds gets exactly the policy's "
			       "attempts, numbered from 1 without a hole, and none after its end.",
		.remedy = "Count attempts where they are stored, say whether the first is one of "
			  "them, and give up at the last only.",
	},
	.noun = "deliveries",
	.broken = "have the wrong attempts",
	.none = "nothing was attempted",
	.floor = 0.99,
	.needs = JUDGE_NEEDS_FAILURES,
	.each = each_attempts,
	.foreign = foreign_attempts,
};

/* ---- single-flight ---- */

static void pair_flight(struct judge *judge, struct judge_tally *tally,
			const struct record_attempt *before, const struct record_attempt *after)
{
	uint64_t late_ns = judge_lag_at(&judge->lag, before->done_ns);
	uint64_t began_ns = judge_began_ns(after);
	char over[JUDGE_SECONDS_BYTES];
	char *line;

	if (began_ns >= before->done_ns) {
		judge_hold(tally);
		return;
	}
	if (began_ns + late_ns >= before->done_ns) { /* it may have been over already */
		judge_open(tally, "lag");
		return;
	}
	line = judge_fail(tally, before->done_ns - began_ns);
	if (!line)
		return;
	judge_seconds((int64_t)(before->done_ns - began_ns), over);
	snprintf(line, VERDICT_EVIDENCE_BYTES,
		 "event %" PRIu64 " at %s: attempt %u began %s before attempt %u was over",
		 after->event_index, judge_endpoint_name(judge, after->endpoint_index),
		 after->number, over, before->number);
}

static void each_flight(struct judge *judge, struct judge_tally *tally, const struct judge_case *c)
{
	for (size_t i = 1; i < c->delivery->attempt_count; i++)
		pair_flight(judge, tally, &c->delivery->attempts[i - 1], &c->delivery->attempts[i]);
}

/* One arrived whole before the one before it was answered, in time and with its sender waiting. */
static void foreign_pair(struct judge *judge, struct judge_tally *tally, const struct judge_case *c,
			 size_t i)
{
	struct judge_evidence before = judge_evidence_of(c->delivery, i - 1);
	uint64_t over_ns = judge_ended_within(judge, &before).lo_ns;
	uint64_t came_ns = c->delivery->receipts[i].arrived_ns;
	char over[JUDGE_SECONDS_BYTES], name[JUDGE_NAME_BYTES];
	char *line;

	if (came_ns >= over_ns) {
		judge_hold(tally);
		return;
	}
	line = judge_fail(tally, over_ns - came_ns);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "%s: attempt %zu came %s before attempt %zu was over",
			 judge_delivery_name(judge, c->delivery, name), c->before + i + 1,
			 judge_seconds((int64_t)(over_ns - came_ns), over), c->before + i);
}

static void foreign_flight(struct judge *judge, struct judge_tally *tally,
			   const struct judge_case *c)
{
	for (size_t i = 1; i < c->delivery->receipt_count; i++)
		foreign_pair(judge, tally, c, i);
}

const struct judge_law judge_law_single_flight = {
	.check = {
		.id = "single-flight",
		.group = "retries",
		.level = CHECK_MUST,
		.clause = "history",
		.requirement = "The attempts of one delivery do not overlap.",
		.remedy = "Let one owner hold a delivery from the start of an attempt to its end.",
	},
	.noun = "pairs of attempts",
	.broken = "overlap",
	.none = "no delivery had a second attempt",
	.floor = 0.99,
	.needs = JUDGE_NEEDS_FAILURES,
	.each = each_flight,
	.foreign = foreign_flight,
};

/* ---- stops-after-success ---- */

/* With only failures kept, a first attempt that is not there was one that went well. */
static bool hidden_success(const struct judge *judge, const struct record_delivery *delivery)
{
	return judge->facts.recording == PLAN_RECORD_FAILURES && delivery->attempt_count > 0 &&
	       delivery->attempts[0].number == 2 && judge->facts.records_lost == 0 &&
	       !judge->facts.incomplete;
}

static void each_stops(struct judge *judge, struct judge_tally *tally, const struct judge_case *c)
{
	const struct record_delivery *delivery = c->delivery;
	const char *name = judge_endpoint_name(judge, delivery->endpoint_index);
	bool hidden = hidden_success(judge, delivery);
	size_t after = hidden ? 0 : c->ok + 1;
	char wait[JUDGE_SECONDS_BYTES];
	char *line;

	for (size_t i = 1; i < delivery->attempt_count; i++)
		tally->recovered += judge_is_info(&delivery->attempts[i - 1]);
	if (!hidden && c->ok == delivery->attempt_count)
		return;
	if (after >= delivery->attempt_count) {
		judge_hold(tally);
		return;
	}
	line = judge_fail(tally, delivery->attempt_count - after);
	if (line && hidden)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "event %" PRIu64 " at %s: attempt 2 followed attempt 1, which went well",
			 delivery->event_index, name);
	if (!line || hidden)
		return;
	judge_seconds((int64_t)(judge_began_ns(&delivery->attempts[after]) -
				delivery->attempts[c->ok].done_ns),
		      wait);
	snprintf(line, VERDICT_EVIDENCE_BYTES,
		 "event %" PRIu64 " at %s: attempt %u was answered with %u, attempt %u began "
		 "%s later",
		 delivery->event_index, name, delivery->attempts[c->ok].number,
		 delivery->attempts[c->ok].status, delivery->attempts[after].number, wait);
}

/* An attempt that began after a success answer was surely there. */
static void after_success(struct judge *judge, struct judge_tally *tally,
			  const struct judge_case *c, size_t i)
{
	struct judge_evidence before = judge_evidence_of(c->delivery, i - 1);
	struct judge_evidence after = judge_evidence_of(c->delivery, i);
	uint64_t over_ns = judge_ended_within(judge, &before).hi_ns;
	uint64_t began_ns = judge_began_within(&after).lo_ns;
	char wait[JUDGE_SECONDS_BYTES], name[JUDGE_NAME_BYTES];
	char *line;

	if (began_ns <= over_ns) { /* it may have been on its way already */
		judge_open(tally, "lag");
		return;
	}
	line = judge_fail(tally, began_ns - over_ns);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "%s: attempt %zu was answered with %u, attempt %zu began %s later",
			 judge_delivery_name(judge, c->delivery, name), c->before + i,
			 before.receipt->status, c->before + i + 1,
			 judge_seconds((int64_t)(began_ns - over_ns), wait));
}

static void foreign_stops(struct judge *judge, struct judge_tally *tally,
			  const struct judge_case *c)
{
	size_t count = c->delivery->receipt_count;

	for (size_t i = 0; i < count; i++) {
		struct judge_evidence evidence = judge_evidence_of(c->delivery, i);
		enum outcome_class class = judge_outcome(&judge->plan->judged, &evidence,
							 evidence.receipt->lag_ns);

		if (class == OUTCOME_CLASS_INFO)
			tally->recovered += i + 1 < count;
		if (class == OUTCOME_CLASS_OK && i + 1 < count)
			after_success(judge, tally, c, i + 1);
		else if (class == OUTCOME_CLASS_OK)
			judge_hold(tally);
	}
}

static void finish_stops(struct judge *judge, const struct metrics *metrics,
			 struct finding *finding)
{
	uint64_t recovered = judge->tallies[JUDGE_LAW_stops].recovered;
	size_t bytes = strlen(finding->reason);

	(void)metrics;
	if (recovered > 0)
		snprintf(finding->reason + bytes, sizeof(finding->reason) - bytes,
			 "; recovered: %" PRIu64 " attempts after an unknown outcome", recovered);
}

const struct judge_law judge_law_stops = {
	.check = {
		.id = "stops-after-success",
		.group = "retries",
		.level = CHECK_MUST,
		.clause = "paisr-v1/10",
		.requirement = "No attempt follows one that was answered with success.",
		.remedy = "Mark the delivery done when its success arrives, before the next "
			  "attempt falls due.",
	},
	.noun = "deliveries",
	.broken = "went on after their success",
	.none = "no recorded attempt succeeded",
	.floor = 0.99,
	.needs = JUDGE_NEEDS_FAILURES,
	.each = each_stops,
	.foreign = foreign_stops,
	.finish = finish_stops,
};
