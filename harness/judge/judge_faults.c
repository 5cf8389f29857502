/* faults-took-effect: what our receivers were told to do wrong happened, and the wire shows it.
 * A fault that nothing shows proves nothing about the sender, so it is an error of the run and no
 * failure of anybody; one that the peer left before it could act stays open. */
#include <inttypes.h>
#include <stdio.h>

#include "judge/judge_inside.h"

static const char *word(const struct judge *judge, uint8_t number, char out[16])
{
	if (judge->facts.behaviour_word)
		return judge->facts.behaviour_word(number);
	snprintf(out, 16, "behaviour %u", number);
	return out;
}

/* Whom the fault struck: an event of ours, a foreign one, a query, or a connection. */
static void name_victim(const struct record_fault *fault, char *out, size_t bytes)
{
	if (fault->event_index != RECORD_NO_EVENT)
		snprintf(out, bytes, "event %" PRIu64 ", arrival %u", fault->event_index,
			 fault->ordinal);
	else if (fault->identity)
		snprintf(out, bytes, "\"%.*s\", arrival %u", RECORD_KEY_BYTES - 1, fault->key,
			 fault->ordinal);
	else if (fault->key[0]) /* the type of a query of a receiver's name */
		snprintf(out, bytes, "query %u for %.*s", fault->ordinal, RECORD_KEY_BYTES - 1,
			 fault->key);
	else
		snprintf(out, bytes, "connection %u", fault->ordinal);
}

static void describe(const struct judge *judge, const struct record_fault *fault, char *line)
{
	bool failed = fault->state != RECORD_FAULT_APPLIED;
	char victim[96], number[16], at[JUDGE_SECONDS_BYTES];
	int bytes;

	name_victim(fault, victim, sizeof(victim));
	bytes = snprintf(line, VERDICT_EVIDENCE_BYTES, "%.40s on %s at %.40s, %s: %s",
			 word(judge, fault->fault, number), victim,
			 judge_endpoint_name(judge, fault->endpoint_index),
			 judge_seconds((int64_t)fault->planned_ns, at),
			 failed ? "it could not be done" : "done, and nothing shows it");
	if (failed || bytes < 0 || bytes >= VERDICT_EVIDENCE_BYTES)
		return;
	snprintf(line + bytes, VERDICT_EVIDENCE_BYTES - (size_t)bytes,
		 "; %" PRIu64 " bytes written", fault->written_bytes);
}

void judge_count_fault(struct judge *judge, const struct record_fault *fault)
{
	struct judge_tally *tally = &judge->tallies[JUDGE_LAW_faults];
	char *line;

	judge->count.faults++;
	if (fault->state == RECORD_FAULT_VERIFIED) {
		judge_hold(tally);
	} else if (fault->state == RECORD_FAULT_PREEMPTED) {
		judge_open(tally, "pre-empted");
	} else if (fault->state == RECORD_FAULT_APPLIED && judge->facts.interrupted) {
		judge_open(tally, "interrupted");
	} else {
		line = judge_fail(tally, fault->state == RECORD_FAULT_APPLIED ? 1 : 2);
		if (line)
			describe(judge, fault, line);
	}
}

static void each_faults(struct judge *judge, struct judge_tally *tally, const struct judge_case *c)
{
	(void)tally;
	for (size_t i = 0; i < c->delivery->fault_count; i++)
		judge_count_fault(judge, &c->delivery->faults[i]);
}

/* ---- without records: what the figures say of a row ---- */

static void count_row(const struct judge *judge, struct judge_tally *tally, uint8_t number,
		      const uint64_t count[RECORD_FAULT_STATES])
{
	uint64_t unseen = count[RECORD_FAULT_APPLIED] + count[RECORD_FAULT_FAILED];
	uint64_t more = count[RECORD_FAULT_VERIFIED] + (unseen ? unseen - 1 : 0);
	char *line = unseen ? judge_fail(tally, unseen) : NULL; /* counts one of them */
	char text[16];

	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "%.40s: %" PRIu64 " not done, %" PRIu64 " done without being seen",
			 word(judge, number, text), count[RECORD_FAULT_FAILED],
			 count[RECORD_FAULT_APPLIED]);
	tally->failed += unseen ? unseen - 1 : 0;
	tally->decided += more;
	tally->total += more + count[RECORD_FAULT_PREEMPTED];
	if (count[RECORD_FAULT_PREEMPTED])
		tally->open = "pre-empted";
}

static void count_figures(const struct judge *judge, struct judge_tally *tally,
			  const struct metrics *metrics)
{
	for (unsigned number = 0; number < METRICS_FAULT_ROWS; number++)
		count_row(judge, tally, (uint8_t)number, metrics->faults.count[number]);
}

/* ---- the end ---- */

static void finish_faults(struct judge *judge, const struct metrics *metrics,
			  struct finding *finding)
{
	struct judge_tally *tally = &judge->tallies[JUDGE_LAW_faults];

	if (tally->total == 0 && metrics)
		count_figures(judge, tally, metrics);
	judge_conclude(judge, JUDGE_LAW_faults, finding);
	if (tally->total == 0 && !judge->facts.incomplete && judge->facts.records_lost == 0) {
		finding->verdict = VERDICT_NOT_APPLICABLE;
		snprintf(finding->reason, sizeof(finding->reason), "%s",
			 judge_law_faults.none);
	}
	if (finding->verdict != VERDICT_FAIL)
		return;
	finding->verdict = VERDICT_ERROR;
	snprintf(finding->reason, sizeof(finding->reason),
		 "fault-not-verified: %" PRIu64 " of %" PRIu64 ": %.180s", tally->failed,
		 tally->total, tally->evidence[0]);
}

const struct judge_law judge_law_faults = {
	.check = {
		.id = "faults-took-effect",
		.group = "faults",
		.level = CHECK_MUST,
		.clause = "history",
		.requirement = "Every fault that a simulated receiver planned was done, and was "
			       "seen to take effect.",
		.remedy = "Nothing is wrong with the sender: see the view faults_view of the run "
			  "file for what was done, and look for a proxy between sender and "
			  "receiver.",
	},
	.noun = "faults",
	.broken = "were not seen to take effect",
	.none = "no fault was planned",
	.floor = 0.5, /* ours: a pre-empted fault accuses nobody, but most must have been seen */
	.needs = JUDGE_NEEDS_SUMMARY,
	.each = each_faults,
	.foreign = each_faults,
	.finish = finish_faults,
};
