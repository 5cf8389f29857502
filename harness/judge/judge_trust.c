/* Whether the measurement can carry the verdicts. What is found here makes the run
 * invalid, unless a failure is proven; it is never a failure of the target. */
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "judge/judge_inside.h"

#define TIGHTEST_SHARE 10 /* lag may take a tenth of the tightest latency threshold */
#define PERCENT 100
#define ACHIEVED_LEAST 0.99 /* of the planned rate */
#define CORE_BUSY 0.9       /* of one core: the generator had nothing left */
enum { P99_SAMPLES = 100 }; /* with fewer, one hiccup is the p99: the median is judged */

static bool is_latency(const struct threshold *threshold)
{
	return threshold->unit == THRESHOLD_NS;
}

/* The p99 of our lateness that the verdicts can bear. */
static uint64_t bound_ns(const struct plan *plan)
{
	double tightest_ns = 0;

	for (unsigned i = 0; i < plan->threshold_count; i++)
		if (is_latency(&plan->thresholds[i]) &&
		    (tightest_ns == 0 || plan->thresholds[i].limit < tightest_ns))
			tightest_ns = plan->thresholds[i].limit;
	tightest_ns /= TIGHTEST_SHARE;
	return tightest_ns > (double)plan->limits.lag_ns_max ? (uint64_t)tightest_ns
							     : plan->limits.lag_ns_max;
}

static bool is_paced(const struct judge *judge)
{
	return judge->facts.time_mode != RESULT_VIRTUAL &&
	       judge->plan->arrivals.kind != ARRIVALS_CLOSED;
}

/* Each says what is wrong in out and returns true, or false when nothing is. */

static bool lost_records(const struct judge *judge, const struct metrics *metrics, char *out)
{
	uint64_t lost = judge->facts.records_lost;

	if (metrics && metrics->records_lost > lost)
		lost = metrics->records_lost;
	if (lost == 0)
		return false;
	snprintf(out, VERDICT_REASON_BYTES,
		 "%" PRIu64 " records did not fit: the disk or a ring was full", lost);
	return true;
}

static bool spoiled_clocks(const struct judge *judge, const struct metrics *metrics, char *out)
{
	(void)metrics;
	if (judge->spoiled_notes == 0)
		return false;
	snprintf(out, VERDICT_REASON_BYTES, "%s (%" PRIu64 " such notes)", judge->spoiled,
		 judge->spoiled_notes);
	return true;
}

/* Ports and descriptors that we lacked; a few among many attempts hardly move a figure. */
static bool short_of_resources(const struct judge *judge, const struct metrics *metrics, char *out)
{
	uint64_t lacked = metrics ? metrics->by_outcome[OUTCOME_NO_PORTS] : 0;

	if (judge->starved_notes > 0) {
		snprintf(out, VERDICT_REASON_BYTES,
			 "a simulated receiver could not accept; " HP_RAISE_OPEN_FILES);
		return true;
	}
	if (lacked == 0 || lacked * PERCENT < metrics->attempts)
		return false;
	snprintf(out, VERDICT_REASON_BYTES,
		 "%" PRIu64 " of %" PRIu64 " attempts found no free port or descriptor here; "
		 HP_RAISE_OPEN_FILES ", or open fewer connections", lacked, metrics->attempts);
	return true;
}

static bool late_generator(const struct judge *judge, const struct metrics *metrics, char *out)
{
	double percent;
	uint64_t lag_us;
	char bound[JUDGE_SECONDS_BYTES], seen[JUDGE_SECONDS_BYTES];

	if (!metrics || !is_paced(judge) || metrics->lag.count == 0)
		return false;
	percent = metrics->lag.count < P99_SAMPLES ? 50 : 99;
	lag_us = hp_hist_percentile_us(&metrics->lag, percent);
	if (lag_us * HP_US_NS <= bound_ns(judge->plan))
		return false;
	snprintf(out, VERDICT_REASON_BYTES,
		 "the generator released events late: p%.0f %s, the verdicts bear %s", percent,
		 judge_seconds((int64_t)(lag_us * HP_US_NS), seen),
		 judge_seconds((int64_t)bound_ns(judge->plan), bound));
	return true;
}

/* Only a rate that was missed because of us counts: late releases, no core left. */
static bool was_us(const struct metrics *metrics)
{
	uint64_t span_ns = metrics->last_sent_ns - metrics->first_sent_ns;

	return metrics->late_releases * PERCENT > metrics->planned ||
	       (double)metrics->cpu_ns > CORE_BUSY * (double)span_ns;
}

static bool slow_generator(const struct judge *judge, const struct metrics *metrics, char *out)
{
	double planned = judge->expected.per_s, achieved;

	if (!metrics || !is_paced(judge) || planned <= 0)
		return false;
	achieved = metrics_achieved_per_s(metrics);
	if (metrics->events < P99_SAMPLES || achieved >= planned * ACHIEVED_LEAST ||
	    !was_us(metrics))
		return false;
	snprintf(out, VERDICT_REASON_BYTES,
		 "the generator released %.1f of %.1f events per second, and was itself the limit",
		 achieved, planned);
	return true;
}

static bool late_receivers(const struct judge *judge, const struct metrics *metrics, char *out)
{
	(void)metrics;
	if (judge->facts.time_mode == RESULT_VIRTUAL || judge->count.receipts < P99_SAMPLES ||
	    judge->receipts_late * PERCENT <= judge->count.receipts)
		return false;
	snprintf(out, VERDICT_REASON_BYTES,
		 "the simulated receivers were late themselves at %" PRIu64 " of %" PRIu64
		 " receipts",
		 judge->receipts_late, judge->count.receipts);
	return true;
}

void judge_note_receipts(struct judge *judge, const struct record_delivery *delivery)
{
	uint64_t most_ns = delivery->receipt_count ? bound_ns(judge->plan) : 0;

	for (size_t i = 0; i < delivery->receipt_count; i++)
		judge->receipts_late += delivery->receipts[i].lag_ns > most_ns;
}

void judge_trust(const struct judge *judge, const struct metrics *metrics, struct judgement *out)
{
	static bool (*const signals[])(const struct judge *, const struct metrics *, char *) = {
		lost_records,   spoiled_clocks, short_of_resources,
		late_generator, slow_generator, late_receivers,
	};

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals) && !out->untrusted; i++)
		out->untrusted = signals[i](judge, metrics, out->untrusted_reason);
}
