#include "reports/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/span.h"
#include "receivers/behaviour.h"

static const struct {
	const char *key, *head;
	double percent;
	uint64_t count_min;
} percentiles[FIGURES_PERCENTILE_COUNT] = {
#define X(key, head, percent, count) {#key, head, percent, count},
	FIGURES_PERCENTILES(X)
#undef X
};

const char *figures_percentile_key(enum figures_percentile percentile)
{
	return percentiles[percentile].key;
}

const char *figures_percentile_head(enum figures_percentile percentile)
{
	return percentiles[percentile].head;
}

static struct figures_latency latency_of(const char *name, const struct hp_hist *hist)
{
	struct figures_latency latency = {
		.name = name,
		.count = hist->count,
		.min_us = hist->count ? hist->min_us : 0,
		.max_us = hist->max_us,
		.overflow = hist->overflow,
	};

	for (size_t i = 0; i < FIGURES_PERCENTILE_COUNT; i++)
		latency.percentile_us[i] =
			hist->count < percentiles[i].count_min
				? FIGURES_NONE
				: hp_hist_percentile_us(hist, percentiles[i].percent);
	return latency;
}

void figures_latencies(const struct metrics *metrics,
		       struct figures_latency out[FIGURES_LATENCY_COUNT])
{
	out[FIGURES_RESPONSE] = latency_of("response", &metrics->response);
	out[FIGURES_SERVICE] = latency_of("service", &metrics->service);
	out[FIGURES_QUEUE] = latency_of("queue", &metrics->queue);
	out[FIGURES_LAG] = latency_of("lag", &metrics->lag);
	out[FIGURES_DELIVERY] = latency_of("delivery", &metrics->delivery);
	out[FIGURES_HANDSHAKE] = latency_of("handshake", &metrics->handshake);
}

bool figures_latency_shown(const struct figures_latency latencies[], enum figures_histogram which)
{
	return which != FIGURES_HANDSHAKE || latencies[which].count > 0;
}

bool figures_tls_used(const struct metrics *metrics)
{
	return metrics->handshakes > 0 || metrics->handshakes_failed > 0;
}

static struct figures_slot slot_of(const struct result *result, unsigned number)
{
	const struct metrics_slot *seen = &result->metrics->slots[number - 1];
	struct retry_policy scaled = plan_policy_judged(result->plan);
	struct figures_slot slot = {
		.number = number,
		.window = retry_window(&scaled, number, HP_NEVER),
		.unscaled = retry_window(&result->plan->judged.retry, number, HP_NEVER),
		.count = seen->count,
	};

	if (seen->count) {
		slot.min_ns = seen->min_ns;
		slot.mean_ns = (uint64_t)(seen->sum_ns / (double)seen->count + 0.5);
		slot.max_ns = seen->max_ns;
	}
	return slot;
}

/* A wait beyond the schedule's end is shown too: it is what the reader must see. */
size_t figures_slots(const struct result *result, struct figures_slot out[RETRY_ATTEMPTS_MAX])
{
	unsigned attempts_max = result->plan->judged.retry.attempts_max;
	size_t count = attempts_max ? attempts_max - 1 : 0;

	assert(attempts_max <= RETRY_ATTEMPTS_MAX);
	for (size_t i = count; i < RETRY_ATTEMPTS_MAX; i++)
		if (result->metrics->slots[i].count)
			count = i + 1;
	for (size_t i = 0; i < count; i++)
		out[i] = slot_of(result, (unsigned)i + 1);
	return count;
}

static bool fault_of(const struct metrics *metrics, const struct behaviour_row *row,
		     unsigned number, struct figures_fault *out)
{
	const uint64_t *count = metrics->faults.count[number];

	*out = (struct figures_fault){
		.slug = row ? row->slug : "unknown",
		.layer = row ? behaviour_layer_word(row->layer) : "unknown",
		.verified = count[RECORD_FAULT_VERIFIED],
		.applied = count[RECORD_FAULT_VERIFIED] + count[RECORD_FAULT_APPLIED],
		.preempted = count[RECORD_FAULT_PREEMPTED],
		.failed = count[RECORD_FAULT_FAILED],
	};
	out->planned = out->applied + out->preempted + out->failed;
	return out->planned > 0;
}

size_t figures_faults(const struct metrics *metrics, struct figures_fault out[METRICS_FAULT_ROWS])
{
	size_t count = 0;

	for (size_t i = 0; i < behaviour_row_count(); i++) {
		const struct behaviour_row *row = behaviour_row_at(i);

		count += fault_of(metrics, row, row->number, &out[count]);
	}
	for (unsigned number = 0; number < METRICS_FAULT_ROWS; number++)
		if (!behaviour_by_number((uint8_t)number))
			count += fault_of(metrics, NULL, number, &out[count]);
	return count;
}

const struct finding *figures_threshold(const struct judgement *judgement, unsigned number)
{
	for (size_t i = 0; i < judgement->finding_count; i++)
		if (judgement->findings[i].threshold_number == number)
			return &judgement->findings[i];
	return NULL;
}

const struct threshold *figures_threshold_of(const struct plan *plan, const struct finding *finding)
{
	unsigned number = finding->threshold_number;

	return number >= 1 && number <= plan->threshold_count ? &plan->thresholds[number - 1]
							      : NULL;
}

/* Up to three decimals, none of them a trailing zero: 99.996 must not read as 100. */
static void share_text(double share, char out[FIGURES_TEXT_BYTES])
{
	size_t bytes = (size_t)snprintf(out, FIGURES_TEXT_BYTES - 2, "%.3f", share * 100);

	if (bytes > FIGURES_TEXT_BYTES - 3) /* no share is that long */
		bytes = FIGURES_TEXT_BYTES - 3;
	while (out[bytes - 1] == '0')
		bytes--;
	if (out[bytes - 1] == '.')
		bytes--;
	memcpy(out + bytes, " %", 3);
}

/* Four digits, so that a figure beside its limit shows on which side it is. */
static void span_text(double span_ns, char out[FIGURES_TEXT_BYTES])
{
	static const struct {
		double limit_ns, unit_ns;
		const char *unit;
	} rows[] = {{1e3, 1, "ns"}, {1e6, 1e3, "us"}, {1e9, 1e6, "ms"}, {60e9, 1e9, "s"}};
	char span[HP_SPAN_TEXT_BYTES];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (span_ns >= rows[i].limit_ns)
			continue;
		snprintf(out, FIGURES_TEXT_BYTES, "%.4g %s", span_ns / rows[i].unit_ns,
			 rows[i].unit);
		return;
	}
	hp_span_text((uint64_t)(span_ns < 0x1p63 ? span_ns : 0x1p63), span);
	snprintf(out, FIGURES_TEXT_BYTES, "%s", span);
}

const char *figures_text(double value, enum threshold_unit unit, char out[FIGURES_TEXT_BYTES])
{
	if (!isfinite(value)) {
		snprintf(out, FIGURES_TEXT_BYTES, "no figure");
		return out;
	}
	switch (unit) {
	case THRESHOLD_NS:
		span_text(value < 0 ? 0 : value, out);
		break;
	case THRESHOLD_SHARE:
		share_text(value, out);
		break;
	case THRESHOLD_COUNT:
		snprintf(out, FIGURES_TEXT_BYTES, "%.0f", value);
		break;
	case THRESHOLD_PER_S:
		snprintf(out, FIGURES_TEXT_BYTES, "%.1f/s", value);
		break;
	}
	return out;
}

double figures_planned_per_s(const struct result *result)
{
	const struct plan *plan = result->plan;
	struct arrivals_walk walk;
	double per_s;

	if (result->metrics->events == 0)
		return 0;
	arrivals_walk_init(&walk, &plan->arrivals, plan->seed);
	if (!result->interrupted && !result->incomplete)
		arrivals_count(&walk);
	per_s = arrivals_mean_per_s(&walk);
	arrivals_walk_fini(&walk);
	return per_s / (double)plan->shard_count;
}

const char *figures_moment(uint64_t wall_ns, char out[FIGURES_MOMENT_BYTES])
{
	time_t seconds = (time_t)(wall_ns / HP_S_NS);
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(out, FIGURES_MOMENT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc);
	return out;
}
