/* The figures that thresholds ask for: as seen, and the bounds of what they could have become. A
 * run that was cut had deliveries before it, attempts that failed for want of ports or descriptors
 * of ours could have succeeded, and so could those that timed out while we were late ourselves:
 * none of it proves anything against the target. */
#include <math.h>

#include "base/err.h"
#include "judge/judge_inside.h"

struct unknown { /* what could have gone either way; nothing in a run that is whole */
	bool cut, late;
	double attempts;   /* that ended for a reason of ours */
	double deliveries; /* without an end; INFINITY: nobody knows how many */
};

static double timed_out(const struct metrics *m)
{
	return (double)(m->by_outcome[OUTCOME_TIMEOUT] +
			m->by_outcome[OUTCOME_FIRST_BYTE_TIMEOUT] +
			m->by_outcome[OUTCOME_CONNECT_TIMEOUT]);
}

static struct unknown unknown_of(const struct judge *judge, const struct metrics *m)
{
	double left = judge->expected.deliveries_max -
		      (double)(m->delivered + m->exhausted + m->dropped);
	struct unknown unknown = {
		.cut = judge->facts.interrupted || judge->facts.incomplete,
		.late = judge->late,
		.attempts = (double)m->by_outcome[OUTCOME_NO_PORTS],
	};

	if (unknown.late)
		unknown.attempts += timed_out(m);
	if (!unknown.cut)
		return unknown;
	unknown.attempts += (double)m->by_outcome[OUTCOME_ABANDONED];
	unknown.deliveries = left > 0 ? left : 0;
	return unknown;
}

/* ---- counts ---- */

static double without(double count, double spared)
{
	return count > spared ? count - spared : 0;
}

static struct judge_figure plain(double value, uint64_t samples)
{
	return (struct judge_figure){value, samples, value, value};
}

static struct judge_figure grown(uint64_t count, double spared, double more)
{
	return (struct judge_figure){(double)count, 1, without((double)count, spared),
				     (double)count + more};
}

static struct judge_figure errors(const struct metrics *m, const struct unknown *unknown)
{
	double attempts = (double)m->attempts;
	double failed = (double)(m->attempts - m->by_outcome[OUTCOME_OK]);

	if (m->attempts == 0)
		return plain(0, 0);
	return (struct judge_figure){
		.value = failed / attempts,
		.samples = m->attempts,
		.low = without(failed, unknown->attempts) / (attempts + unknown->deliveries),
		.high = unknown->deliveries > 0 ? 1 : failed / attempts,
	};
}

static struct judge_figure delivered(const struct threshold *threshold, const struct metrics *m,
				     const struct unknown *unknown)
{
	double others = (double)(m->exhausted + m->dropped + (unknown->cut ? 0 : m->pending));
	double open = unknown->attempts + (unknown->late && !unknown->cut ? (double)m->pending : 0);
	double spared = open < others ? open : others;
	double ended = (double)(m->delivered + m->exhausted + m->dropped);
	double whole = unknown->cut ? ended + unknown->deliveries : (double)m->planned;
	struct judge_figure figure = grown(m->delivered, 0, spared + unknown->deliveries);

	if (threshold->unit != THRESHOLD_SHARE)
		return figure;
	if (m->planned == 0)
		return plain(0, 0);
	return (struct judge_figure){
		.value = figure.value / (double)m->planned,
		.samples = m->planned,
		.low = whole > 0 ? figure.low / whole : 0,
		.high = isinf(whole) ? 1 : whole > 0 ? figure.high / whole : 0,
	};
}

static struct judge_figure pending(const struct metrics *m, const struct unknown *unknown)
{
	if (unknown->cut)
		return (struct judge_figure){(double)m->pending, 1, 0, unknown->deliveries};
	return grown(m->pending, unknown->late ? INFINITY : unknown->attempts, 0);
}

/* ---- rates and times ---- */

static struct judge_figure achieved(const struct judge *judge, const struct threshold *threshold,
				    const struct metrics *metrics)
{
	double per_s = metrics_achieved_per_s(metrics);
	double planned = judge->expected.per_s;

	if (threshold->figure == THRESHOLD_RATE)
		return plain(per_s, per_s > 0);
	return plain(planned > 0 ? per_s / planned : 0, per_s > 0 && planned > 0);
}

static double ns_at(const struct hp_hist *hist, double rank)
{
	double percent = 100 * rank / (double)hist->count;

	return (double)hp_hist_percentile_us(hist, percent < 100 ? percent : 100) * 1e3;
}

/* Between the bounds lies what the percentile would be had `more` samples been the least of all, or
 * the greatest. */
static struct judge_figure latency(const struct hp_hist *hist, double percent, double more)
{
	double count = (double)hist->count;
	double low = percent / 100 * (count + more) - more, high = percent / 100 * (count + more);
	double value = (double)hp_hist_percentile_us(hist, percent) * 1e3;

	if (hist->count == 0 || more == 0)
		return plain(value, hist->count);
	if (percent >= 100)
		low = count;
	return (struct judge_figure){
		.value = value,
		.samples = hist->count,
		.low = low > 0 ? ns_at(hist, low) : 0,
		.high = high <= count ? ns_at(hist, high) : INFINITY,
	};
}

/* ---- the whole ---- */

static struct judge_figure figure_of(const struct judge *judge, const struct threshold *threshold,
				     const struct metrics *m)
{
	struct unknown unknown = unknown_of(judge, m);
	double more = unknown.deliveries + unknown.attempts;

	switch (threshold->figure) {
	case THRESHOLD_RESPONSE:
		return latency(&m->response, threshold->percentile, more);
	case THRESHOLD_SERVICE:
		return latency(&m->service, threshold->percentile, more);
	case THRESHOLD_QUEUE:
		return latency(&m->queue, threshold->percentile, more);
	case THRESHOLD_LAG:
		return latency(&m->lag, threshold->percentile, more);
	case THRESHOLD_DELIVERY:
		return latency(&m->delivery, threshold->percentile, more);
	case THRESHOLD_ERRORS:
		return errors(m, &unknown);
	case THRESHOLD_ACHIEVED:
	case THRESHOLD_RATE:
		return achieved(judge, threshold, m);
	case THRESHOLD_DELIVERED:
		return delivered(threshold, m, &unknown);
	case THRESHOLD_EXHAUSTED:
		return grown(m->exhausted, unknown.attempts, unknown.deliveries);
	case THRESHOLD_PENDING:
		return pending(m, &unknown);
	case THRESHOLD_DROPPED: /* a cap was reached, perhaps only for want of connections */
		return grown(m->dropped, unknown.attempts > 0 ? INFINITY : 0, unknown.deliveries);
	case THRESHOLD_DUPLICATES:
		return grown(m->duplicates, 0, unknown.cut ? INFINITY : 0);
	case THRESHOLD_HANDSHAKE:
		return latency(&m->handshake, threshold->percentile, more);
	}
	assert(false && "a figure without its source");
}

struct judge_figure judge_figure(const struct judge *judge, const struct threshold *threshold,
				 const struct metrics *metrics)
{
	bool rate = threshold->figure == THRESHOLD_ACHIEVED || threshold->figure == THRESHOLD_RATE;
	bool cut = judge->facts.interrupted || judge->facts.incomplete;
	struct judge_figure figure = figure_of(judge, threshold, metrics);

	if (judge->starved_notes || (rate && cut)) {
		figure.low = 0;
		figure.high = INFINITY;
	}
	return figure;
}
