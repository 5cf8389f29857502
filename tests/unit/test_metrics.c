#include "engine/metrics.h"

#include <check.h>
#include <stdlib.h>

#include "base/span.h"

enum { ENDPOINTS = 2 };

static struct metrics *whole, *parts[2];

static void setup(void)
{
	whole = metrics_new(ENDPOINTS);
	parts[0] = metrics_new(ENDPOINTS);
	parts[1] = metrics_new(ENDPOINTS);
}

static void teardown(void)
{
	metrics_free(whole);
	metrics_free(parts[0]);
	metrics_free(parts[1]);
}

/* One observation, the same into the whole and into one part. */
static void observe(struct metrics *metrics, uint64_t k)
{
	struct metrics_slot *slot = &metrics->slots[k % RETRY_ATTEMPTS_MAX];
	struct metrics_endpoint *endpoint = &metrics->endpoints[k % ENDPOINTS];
	uint64_t wait_ns = 1000 + k * 37 % 1000;
	uint64_t add = 1;

#define X(name, meaning) metrics->name += add++ * k;
	METRICS_COUNTERS(X)
#undef X
#define X(name, meaning) hp_hist_record(&metrics->name, k * add++);
	METRICS_HISTOGRAMS(X)
#undef X
	metrics->by_outcome[k % OUTCOME_COUNT]++;
	metrics->by_status[k % METRICS_STATUS_MAX]++;
	metrics_faults_count(&metrics->faults,
			     &(struct record_fault){.fault = (uint8_t)k,
						    .state = k % RECORD_FAULT_STATES});
	if (slot->count == 0 || wait_ns < slot->min_ns)
		slot->min_ns = wait_ns;
	if (wait_ns > slot->max_ns)
		slot->max_ns = wait_ns;
	slot->count++;
	slot->sum_ns += (double)wait_ns;
	if (k + 5 < metrics->first_sent_ns)
		metrics->first_sent_ns = k + 5;
	metrics->last_sent_ns = metrics->last_sent_ns > k + 5 ? metrics->last_sent_ns : k + 5;
	metrics->ended_ns = metrics->last_sent_ns + 1;
	metrics->planned_until_ns = metrics->last_sent_ns + 2;
	metrics->last_released_ns = metrics->last_sent_ns + 3;
	metrics->first_attempts_sent++;
	metrics->cpu_ns += k;
	for (uint64_t *field = &endpoint->planned; field <= &endpoint->failed; field++)
		*field += add++ * k;
	endpoint->service_us_max = k > endpoint->service_us_max ? k : endpoint->service_us_max;
	endpoint->service_us_sum += (double)k;
	endpoint->receipts += k;
	endpoint->effects += 2 * k;
	endpoint->duplicates += 3 * k;
}

static void check_same(const struct metrics *a, const struct metrics *b)
{
#define X(name, meaning) ck_assert_uint_eq(a->name, b->name);
	METRICS_COUNTERS(X)
#undef X
#define X(name, meaning)                                                                          \
	ck_assert_mem_eq(a->name.counts, b->name.counts, HP_HIST_COUNTERS * sizeof(uint64_t));    \
	ck_assert_uint_eq(a->name.count, b->name.count);                                          \
	ck_assert_uint_eq(a->name.min_us, b->name.min_us);                                        \
	ck_assert_uint_eq(a->name.max_us, b->name.max_us);
	METRICS_HISTOGRAMS(X)
#undef X
	ck_assert_mem_eq(a->by_outcome, b->by_outcome, sizeof(a->by_outcome));
	ck_assert_mem_eq(a->by_status, b->by_status, sizeof(a->by_status));
	ck_assert_mem_eq(a->slots, b->slots, sizeof(a->slots));
	ck_assert_mem_eq(&a->faults, &b->faults, sizeof(a->faults));
	ck_assert_uint_eq(metrics_faults_planned(&a->faults), metrics_faults_planned(&b->faults));
	ck_assert_mem_eq(a->endpoints, b->endpoints, ENDPOINTS * sizeof(*a->endpoints));
	ck_assert_uint_eq(a->first_sent_ns, b->first_sent_ns);
	ck_assert_uint_eq(a->last_sent_ns, b->last_sent_ns);
	ck_assert_uint_eq(a->ended_ns, b->ended_ns);
	ck_assert_uint_eq(a->planned_until_ns, b->planned_until_ns);
	ck_assert_uint_eq(a->last_released_ns, b->last_released_ns);
	ck_assert_uint_eq(a->first_attempts_sent, b->first_attempts_sent);
	ck_assert_uint_eq(a->cpu_ns, b->cpu_ns);
}

/* Goal: what two workers counted, merged, is what one would have counted: every field of it. */
START_TEST(test_merge)
{
	for (uint64_t k = 0; k < 3000; k++) {
		observe(whole, k);
		observe(parts[k % 3 == 0], k);
	}
	metrics_merge(parts[0], parts[1]);
	check_same(whole, parts[0]);
}
END_TEST

/* Goal: nothing merged into something changes nothing, either way round. */
START_TEST(test_merge_nothing)
{
	observe(whole, 7);
	observe(parts[0], 7);
	metrics_merge(parts[0], parts[1]);
	check_same(whole, parts[0]);
	metrics_merge(parts[1], parts[0]);
	check_same(whole, parts[1]);
}
END_TEST

/* Goal: the sums close over the five buckets and over nothing else. */
START_TEST(test_closes)
{
	uint64_t *const buckets[] = {&whole->delivered, &whole->exhausted, &whole->pending,
				     &whole->dropped, &whole->not_sent};

	whole->planned = 5;
	for (size_t i = 0; i < 5; i++) {
		ck_assert(!metrics_closes(whole));
		++*buckets[i];
	}
	ck_assert(metrics_closes(whole));
	whole->sent = 77; /* no bucket */
	ck_assert(metrics_closes(whole));
	whole->not_sent++;
	ck_assert(!metrics_closes(whole));
}
END_TEST

static const struct row {
	const char *name;
	uint64_t count, first_s, last_s, until_s;
	double per_s;
} rows[] = {
	{"the plan's end counts, not the last event", 100, 0, 9, 10, 10},
	{"half of the plan is half of the rate", 50, 0, 9, 10, 5},
	{"a plan that was run late is slower than planned", 100, 0, 20, 10, 5},
	{"nothing was released", 0, 0, 0, 10, 0},
	{"without a plan: intervals between the first and the last", 11, 2, 12, 0, 1},
	{"one event has no rate", 1, 2, 2, 0, 0},
	{"two at the same instant have none either", 2, 2, 2, 0, 0},
	{"nothing at all", 0, 0, 0, 0, 0},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

/* Goal: the achieved rate is what was released over the plan's span, whether or not the target let
 * a byte be sent; without a plan it is what was sent. */
START_TEST(test_achieved)
{
	const struct row *row = &rows[_i];

	if (row->until_s > 0) {
		whole->events = row->count;
		whole->last_released_ns = row->last_s * HP_S_NS;
	} else {
		whole->first_attempts_sent = row->count;
		whole->first_sent_ns = row->first_s * HP_S_NS;
		whole->last_sent_ns = row->last_s * HP_S_NS;
	}
	whole->planned_until_ns = row->until_s * HP_S_NS;
	ck_assert_msg(metrics_achieved_per_s(whole) == row->per_s, "%s: %g", row->name,
		      metrics_achieved_per_s(whole));
}
END_TEST

Suite *suite_metrics(void);

Suite *suite_metrics(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tcase = tcase_create("metrics");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_merge);
	tcase_add_test(tcase, test_merge_nothing);
	tcase_add_test(tcase, test_closes);
	tcase_add_loop_test(tcase, test_achieved, 0, ROW_COUNT);
	suite_add_tcase(suite, tcase);
	return suite;
}
