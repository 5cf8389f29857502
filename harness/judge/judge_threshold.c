/* Thresholds: what a scenario or --expect demands of a figure, one finding each. */
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "judge/judge_inside.h"

static const struct check threshold_check = {
	.id = "threshold",
	.group = "thresholds",
	.level = CHECK_MUST,
	.clause = "scenario",
	.requirement = "The figure keeps the limit that was demanded of it.",
	.remedy = "Compare the figures of this run with those of one that kept it: lag is ours, "
		  "queue is connections and caps, service is the receiver.",
};

/* A percentile says nothing below one sample above it: p99 needs 100, p99.9 needs 1000. */
static uint64_t samples_needed(const struct threshold *threshold)
{
	double above = 1 - threshold->percentile / 100;

	if (threshold->unit != THRESHOLD_NS || above <= 0)
		return 1;
	return (uint64_t)(1 / above + 0.999999);
}

/* Figures of time depend on how well we measured; counts do not. */
static bool is_measured(const struct threshold *threshold)
{
	return threshold->unit == THRESHOLD_NS || threshold->unit == THRESHOLD_PER_S ||
	       threshold->figure == THRESHOLD_ACHIEVED;
}

static void write_value(const struct threshold *threshold, double value, char *out)
{
	switch (threshold->unit) {
	case THRESHOLD_NS:
		judge_seconds((int64_t)value, out);
		return;
	case THRESHOLD_SHARE:
		snprintf(out, JUDGE_SECONDS_BYTES, "%.4g %%", value * 100);
		return;
	case THRESHOLD_PER_S:
		snprintf(out, JUDGE_SECONDS_BYTES, "%.6g/s", value);
		return;
	case THRESHOLD_COUNT:
		snprintf(out, JUDGE_SECONDS_BYTES, "%.0f", value);
		return;
	}
	assert(false && "a unit without its spelling");
}

static void conclude(struct finding *finding, enum verdict verdict, const char *reason)
{
	finding->verdict = verdict;
	finding->total = 1;
	finding->decided = verdict == VERDICT_PASS || verdict == VERDICT_FAIL;
	finding->failed = verdict == VERDICT_FAIL;
	snprintf(finding->reason, sizeof(finding->reason), "%s", reason);
}

/* Why the figure cannot be held against anything; NULL: it can. */
static const char *unseen(const struct judge *judge, const struct metrics *metrics,
			  const struct threshold *threshold)
{
	bool closed = judge->plan->arrivals.kind == ARRIVALS_CLOSED;

	if (threshold->figure != THRESHOLD_DUPLICATES && judge->facts.foreign)
		return "a figure of our own sending, and the sender is not ours";
	if (threshold->figure == THRESHOLD_DUPLICATES && !judge->facts.receivers)
		return "no simulated receiver counted duplicates";
	if (threshold->figure == THRESHOLD_ACHIEVED && closed)
		return "a closed loop has no planned rate";
	if (threshold->unit == THRESHOLD_NS && judge->facts.incomplete &&
	    metrics->response.count == 0)
		return "the file was not finished and holds no histograms";
	return NULL;
}

/* Broken, and perhaps only for what a signal, a file's end, lateness or a shortage of ours took
 * away. */
static void conclude_open(const struct judge *judge, struct finding *finding)
{
	if (judge->facts.interrupted)
		conclude(finding, VERDICT_INCONCLUSIVE,
			 "interrupted: broken so far, and the run did not come to its end");
	else if (judge->facts.incomplete)
		conclude(finding, VERDICT_INCONCLUSIVE,
			 "gap: broken so far, and the file ends before the run did");
	else if (judge->late)
		conclude(finding, VERDICT_INCONCLUSIVE,
			 "lag: broken, and perhaps only because we were late ourselves");
	else
		conclude(finding, VERDICT_ERROR,
			 "resources: broken, and perhaps only for want of ports or descriptors "
			 "here; " HP_RAISE_OPEN_FILES);
}

static void hold_against(const struct judge *judge, const struct threshold *threshold,
			 struct judge_figure figure, bool untrusted, struct finding *finding)
{
	char seen[JUDGE_SECONDS_BYTES], limit[JUDGE_SECONDS_BYTES];
	char reason[VERDICT_REASON_BYTES];

	write_value(threshold, figure.value, seen);
	write_value(threshold, threshold->limit, limit);
	finding->observed = figure.value;
	snprintf(reason, sizeof(reason), "%s: seen %s, limit %s", threshold->text, seen, limit);
	if (threshold_holds(threshold, figure.value))
		conclude(finding, VERDICT_PASS, reason);
	else if (untrusted && is_measured(threshold))
		conclude(finding, VERDICT_INCONCLUSIVE,
			 "lag: broken, and our own measurement cannot be trusted");
	else if (threshold_holds(threshold, figure.low) || threshold_holds(threshold, figure.high))
		conclude_open(judge, finding);
	else
		conclude(finding, VERDICT_FAIL, reason);
}

static void say_too_few(const struct threshold *threshold, struct judge_figure figure,
			struct finding *finding)
{
	char reason[VERDICT_REASON_BYTES];

	snprintf(reason, sizeof(reason),
		 "too-few: %s needs %" PRIu64 " samples, there are %" PRIu64, threshold->text,
		 samples_needed(threshold), figure.samples);
	conclude(finding, VERDICT_INCONCLUSIVE, reason);
	finding->observed = figure.value;
}

void judge_threshold(const struct judge *judge, const struct metrics *metrics, unsigned number,
		     bool untrusted, struct finding *finding)
{
	const struct threshold *threshold = &judge->plan->thresholds[number - 1];
	struct judge_figure figure;
	const char *why;

	finding->check = &threshold_check;
	finding->threshold_number = number;
	if (!metrics) {
		conclude(finding, VERDICT_INCONCLUSIVE, "gap: the run has no figures");
		return;
	}
	why = unseen(judge, metrics, threshold);
	if (why) {
		conclude(finding, VERDICT_UNOBSERVED, why);
		return;
	}
	figure = judge_figure(judge, threshold, metrics);
	if (judge_is_unreachable(judge, metrics))
		conclude(finding, VERDICT_INCONCLUSIVE, "ack-unknown: nothing ever answered there");
	else if (figure.samples < samples_needed(threshold))
		say_too_few(threshold, figure, finding);
	else
		hold_against(judge, threshold, figure, untrusted, finding);
}

/* ---- what thresholds and trust both ask ---- */

bool judge_is_unreachable(const struct judge *judge, const struct metrics *metrics)
{
	if (!metrics || judge->facts.incomplete || metrics->attempts == 0 ||
	    metrics->connections > 0 || metrics->handshakes_failed > 0)
		return false; /* who speaks bad TLS was reached */
	for (size_t i = 0; i < judge->plan->endpoint_count; i++)
		if (judge->plan->endpoints[i].receiver_index == PLAN_NO_RECEIVER)
			return true;
	return false;
}
