#include "engine/metrics.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/span.h"

struct metrics *metrics_new(size_t endpoint_count)
{
	struct metrics *metrics = hp_xcalloc(1, sizeof(*metrics));

#define X(name, meaning) hp_hist_init(&metrics->name);
	METRICS_HISTOGRAMS(X)
#undef X
	metrics->endpoints = hp_xcalloc(endpoint_count, sizeof(*metrics->endpoints));
	metrics->endpoint_count = endpoint_count;
	metrics->first_sent_ns = HP_NEVER;
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
#define X(name, meaning) hp_hist_fini(&metrics->name);
	METRICS_HISTOGRAMS(X)
#undef X
	free(metrics->endpoints);
	free(metrics);
}

static void merge_slot(struct metrics_slot *into, const struct metrics_slot *from)
{
	if (from->count == 0)
		return;
	if (into->count == 0 || from->min_ns < into->min_ns)
		into->min_ns = from->min_ns;
	if (from->max_ns > into->max_ns)
		into->max_ns = from->max_ns;
	into->count += from->count;
	into->sum_ns += from->sum_ns;
}

static void merge_endpoint(struct metrics_endpoint *into, const struct metrics_endpoint *from)
{
	into->planned += from->planned;
	into->delivered += from->delivered;
	into->exhausted += from->exhausted;
	into->pending += from->pending;
	into->dropped += from->dropped;
	into->not_sent += from->not_sent;
	into->attempts += from->attempts;
	into->retries += from->retries;
	into->failed += from->failed;
	into->service_us_sum += from->service_us_sum;
	if (from->service_us_max > into->service_us_max)
		into->service_us_max = from->service_us_max;
	into->receipts += from->receipts;
	into->effects += from->effects;
	into->duplicates += from->duplicates;
}

static void merge_instants(struct metrics *into, const struct metrics *from)
{
	if (from->first_sent_ns < into->first_sent_ns)
		into->first_sent_ns = from->first_sent_ns;
	if (from->last_sent_ns > into->last_sent_ns)
		into->last_sent_ns = from->last_sent_ns;
	if (from->last_released_ns > into->last_released_ns)
		into->last_released_ns = from->last_released_ns;
	if (from->ended_ns > into->ended_ns)
		into->ended_ns = from->ended_ns;
	if (from->planned_until_ns > into->planned_until_ns)
		into->planned_until_ns = from->planned_until_ns;
	into->first_attempts_sent += from->first_attempts_sent;
	into->cpu_ns += from->cpu_ns;
}

void metrics_faults_count(struct metrics_faults *faults, const struct record_fault *fault)
{
	assert(fault->state < RECORD_FAULT_STATES);
	faults->count[fault->fault][fault->state]++;
}

void metrics_faults_merge(struct metrics_faults *into, const struct metrics_faults *from)
{
	for (size_t row = 0; row < METRICS_FAULT_ROWS; row++)
		for (size_t state = 0; state < RECORD_FAULT_STATES; state++)
			into->count[row][state] += from->count[row][state];
}

uint64_t metrics_faults_planned(const struct metrics_faults *faults)
{
	uint64_t planned = 0;

	for (size_t row = 0; row < METRICS_FAULT_ROWS; row++)
		for (size_t state = 0; state < RECORD_FAULT_STATES; state++)
			planned += faults->count[row][state];
	return planned;
}

void metrics_merge(struct metrics *into, const struct metrics *from)
{
	assert(into->endpoint_count == from->endpoint_count);
#define X(name, meaning) into->name += from->name;
	METRICS_COUNTERS(X)
#undef X
#define X(name, meaning) hp_hist_merge(&into->name, &from->name);
	METRICS_HISTOGRAMS(X)
#undef X
	for (size_t i = 0; i < OUTCOME_COUNT; i++)
		into->by_outcome[i] += from->by_outcome[i];
	for (size_t i = 0; i < METRICS_STATUS_MAX; i++)
		into->by_status[i] += from->by_status[i];
	for (size_t i = 0; i < RETRY_ATTEMPTS_MAX; i++)
		merge_slot(&into->slots[i], &from->slots[i]);
	for (size_t i = 0; i < into->endpoint_count; i++)
		merge_endpoint(&into->endpoints[i], &from->endpoints[i]);
	metrics_faults_merge(&into->faults, &from->faults);
	merge_instants(into, from);
}

double metrics_achieved_per_s(const struct metrics *metrics)
{
	uint64_t until_ns = metrics->planned_until_ns;

	if (until_ns > 0 && until_ns < metrics->last_released_ns)
		until_ns = metrics->last_released_ns;
	if (until_ns > 0)
		return (double)metrics->events * 1e9 / (double)until_ns;
	if (metrics->first_attempts_sent < 2 || metrics->last_sent_ns <= metrics->first_sent_ns)
		return 0;
	return (double)(metrics->first_attempts_sent - 1) * 1e9 /
	       (double)(metrics->last_sent_ns - metrics->first_sent_ns);
}

bool metrics_closes(const struct metrics *metrics)
{
	return metrics->planned == metrics->delivered + metrics->exhausted + metrics->pending +
					   metrics->dropped + metrics->not_sent;
}
