#include <check.h>
#include <string.h>

#include "tests/lib/past.h"

static struct past f;

static void setup(void)
{
	past_init(&f);
	f.plan.threshold_count = 1;
	f.plan.thresholds[0] = (struct threshold){.text = "response.p99<10ms",
						  .figure = THRESHOLD_RESPONSE,
						  .percentile = 99,
						  .op = THRESHOLD_LT,
						  .unit = THRESHOLD_NS,
						  .limit = 10e6};
	f.plan.limits.lag_ns_max = HP_S_NS; /* trust is another test's */
}

static void teardown(void)
{
	past_fini(&f);
}

static const struct finding *judged(void)
{
	const struct finding *finding;

	past_judge(&f);
	finding = past_finding(&f, "threshold");
	ck_assert_uint_eq(finding->threshold_number, 1);
	return finding;
}

static void set_response(unsigned count, uint64_t us)
{
	hp_hist_clear(&f.metrics->response);
	for (unsigned i = 0; i < count; i++)
		hp_hist_record(&f.metrics->response, us);
}

/* Goal: a percentile with enough samples decides; the reason has what was seen and the limit. */
START_TEST(test_percentile)
{
	const struct finding *finding;

	set_response(100, 5000);
	finding = judged();
	ck_assert_int_eq(finding->verdict, VERDICT_PASS);
	ck_assert_str_eq(finding->reason, "response.p99<10ms: seen 0.005 s, limit 0.01 s");
	ck_assert_double_eq_tol(finding->observed, 5e6, 5e3);
	set_response(100, 15000);
	finding = judged();
	ck_assert_int_eq(finding->verdict, VERDICT_FAIL);
	ck_assert_int_eq(f.judgement.exit, 1);
}
END_TEST

/* Goal: a percentile needs one sample above it: p50 2, p99 100, p99.9 1000, p99.99 10000. */
START_TEST(test_too_few)
{
	static const struct {
		double percentile;
		unsigned needed;
	} rows[] = {{50, 2}, {90, 10}, {99, 100}, {99.9, 1000}, {99.99, 10000}, {100, 1}, {0, 1}};
	const struct finding *finding;

	f.plan.thresholds[0].percentile = rows[_i].percentile;
	set_response(rows[_i].needed, 1000);
	ck_assert_int_eq(judged()->verdict, VERDICT_PASS);
	set_response(rows[_i].needed - 1, 1000);
	finding = judged();
	ck_assert_int_eq(finding->verdict, VERDICT_INCONCLUSIVE);
	ck_assert_ptr_nonnull(strstr(finding->reason, "too-few"));
	ck_assert_int_eq(f.judgement.exit, 4);
}
END_TEST

/* Goal: every figure is taken from where it says, as a count and as a share. */
START_TEST(test_figures)
{
	static const struct {
		enum threshold_figure figure;
		enum threshold_unit unit;
		double value;
	} rows[] = {
		{THRESHOLD_ERRORS, THRESHOLD_SHARE, 0.25},
		{THRESHOLD_DELIVERED, THRESHOLD_COUNT, 30},
		{THRESHOLD_DELIVERED, THRESHOLD_SHARE, 0.6},
		{THRESHOLD_EXHAUSTED, THRESHOLD_COUNT, 4},
		{THRESHOLD_PENDING, THRESHOLD_COUNT, 5},
		{THRESHOLD_DROPPED, THRESHOLD_COUNT, 11},
		{THRESHOLD_DUPLICATES, THRESHOLD_COUNT, 7},
		{THRESHOLD_RATE, THRESHOLD_PER_S, 9},
		{THRESHOLD_ACHIEVED, THRESHOLD_SHARE, 0.9},
	};
	struct metrics *m = f.metrics;

	m->planned = 50, m->delivered = 30, m->exhausted = 4, m->pending = 5, m->dropped = 11;
	m->attempts = 80, m->duplicates = 7, m->receipts = 70;
	m->by_outcome[OUTCOME_OK] = 60;
	m->events = 18, m->planned_until_ns = 2 * HP_S_NS, m->first_attempts_sent = 1;
	f.plan.thresholds[0] = (struct threshold){
		.text = "x", .figure = rows[_i].figure, .unit = rows[_i].unit, .op = THRESHOLD_GE};
	ck_assert_double_eq_tol(judged()->observed, rows[_i].value, 1e-9);
}
END_TEST

/* Goal: each latency has its own histogram. */
START_TEST(test_latencies)
{
	static const enum threshold_figure figures[] = {THRESHOLD_RESPONSE, THRESHOLD_SERVICE,
							THRESHOLD_QUEUE, THRESHOLD_LAG,
							THRESHOLD_DELIVERY,
							THRESHOLD_HANDSHAKE};
	struct hp_hist *hists[] = {&f.metrics->response, &f.metrics->service, &f.metrics->queue,
				   &f.metrics->lag, &f.metrics->delivery,
				   &f.metrics->handshake};

	for (size_t i = 0; i < 6; i++) {
		hp_hist_clear(hists[i]);
		for (unsigned k = 0; k < 100; k++)
			hp_hist_record(hists[i], i + 1);
	}
	f.plan.thresholds[0].figure = figures[_i];
	ck_assert_double_eq_tol(judged()->observed, (_i + 1) * 1e3, 1);
}
END_TEST

/* Goal: what there is no way to see is unobserved, and does not fail the run. */
START_TEST(test_unseen)
{
	f.plan.thresholds[0] = (struct threshold){
		.text = "x", .unit = THRESHOLD_SHARE, .figure = THRESHOLD_ACHIEVED};
	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_CLOSED, .concurrency = 1};
	ck_assert_int_eq(judged()->verdict, VERDICT_UNOBSERVED);
	f.plan.thresholds[0].figure = THRESHOLD_DUPLICATES;
	f.facts.receivers = false;
	ck_assert_int_eq(judged()->verdict, VERDICT_UNOBSERVED);
}
END_TEST

/* Goal: a broken figure of time in a run that cannot be trusted proves nothing: exit 6, not 1. */
START_TEST(test_untrusted)
{
	set_response(100, 15000);
	f.facts.records_lost = 1;
	ck_assert_int_eq(judged()->verdict, VERDICT_INCONCLUSIVE);
	ck_assert_int_eq(f.judgement.exit, 6);
	f.plan.thresholds[0] = (struct threshold){.text = "exhausted<=0",
						  .unit = THRESHOLD_COUNT,
						  .figure = THRESHOLD_EXHAUSTED,
						  .op = THRESHOLD_LE};
	ck_assert_int_eq(judged()->verdict, VERDICT_FAIL);
	ck_assert_int_eq(f.judgement.exit, 1);
}
END_TEST

/* Goal: what an interruption cut is not held against the run; what was seen broken is. */
START_TEST(test_interrupted)
{
	f.facts.interrupted = true;
	f.plan.thresholds[0] = (struct threshold){.text = "delivered>=x",
						  .figure = THRESHOLD_DELIVERED,
						  .unit = THRESHOLD_SHARE,
						  .op = THRESHOLD_GE,
						  .limit = 0.85};
	ck_assert_int_eq(judged()->verdict, VERDICT_INCONCLUSIVE);
	ck_assert_int_eq(f.judgement.exit, 130);
	f.plan.thresholds[0].limit = 0.95; /* 4 of at most 40 are given up */
	ck_assert_int_eq(judged()->verdict, VERDICT_FAIL);
	set_response(100, 15000); /* of at most 140: 40 at once would not save a p99 */
	f.plan.thresholds[0] = (struct threshold){.text = "response.p99<10ms",
						  .figure = THRESHOLD_RESPONSE,
						  .percentile = 99,
						  .unit = THRESHOLD_NS,
						  .limit = 10e6};
	ck_assert_int_eq(judged()->verdict, VERDICT_FAIL);
	ck_assert_int_eq(f.judgement.exit, 1);
}
END_TEST

/* Goal: a share of errors that is broken when the run is cut is a failure only where the deliveries
 * to come could not have mended it. */
START_TEST(test_interrupted_errors)
{
	static const struct {
		double limit;
		enum verdict verdict;
	} rows[] = {{0.5, VERDICT_INCONCLUSIVE}, {0.001, VERDICT_FAIL}};
	struct metrics *m = f.metrics;

	f.facts.interrupted = true;
	m->attempts = 4, m->by_outcome[OUTCOME_OK] = 1, m->by_outcome[OUTCOME_REFUSED] = 3;
	f.plan.thresholds[0] = (struct threshold){.text = "errors<x",
						  .figure = THRESHOLD_ERRORS,
						  .unit = THRESHOLD_SHARE,
						  .limit = rows[_i].limit};
	ck_assert_int_eq(judged()->verdict, rows[_i].verdict);
}
END_TEST

/* Goal: want of our own ports is an error of the environment, never a failure of the target; what
 * is broken without those attempts too stays a failure. */
START_TEST(test_short_of_ports)
{
	static const struct {
		unsigned refused;
		enum verdict verdict;
	} rows[] = {{0, VERDICT_ERROR}, {50, VERDICT_FAIL}};
	struct metrics *m = f.metrics;
	const struct finding *finding;

	m->attempts = 1000;
	m->by_outcome[OUTCOME_NO_PORTS] = 5;
	m->by_outcome[OUTCOME_REFUSED] = rows[_i].refused;
	m->by_outcome[OUTCOME_OK] = 995 - rows[_i].refused;
	f.plan.thresholds[0] = (struct threshold){.text = "errors<0.1%",
						  .figure = THRESHOLD_ERRORS,
						  .unit = THRESHOLD_SHARE,
						  .limit = 0.001};
	finding = judged();
	ck_assert_int_eq(finding->verdict, rows[_i].verdict);
	if (finding->verdict == VERDICT_ERROR)
		ck_assert_ptr_nonnull(strstr(finding->reason, "raise the limit of open files"));
}
END_TEST

/* Goal: a target that never answered is unreachable (5), not a broken threshold. */
START_TEST(test_unreachable)
{
	f.plan.endpoints[PAST_AUDIT].receiver_index = PLAN_NO_RECEIVER;
	f.metrics->connections = 0;
	f.plan.thresholds[0] = (struct threshold){.text = "errors<0.1%",
						  .figure = THRESHOLD_ERRORS,
						  .unit = THRESHOLD_SHARE,
						  .limit = 0.001};
	ck_assert_int_eq(judged()->verdict, VERDICT_INCONCLUSIVE);
	ck_assert_int_eq(f.judgement.exit, 5);
	f.metrics->handshakes_failed = 1; /* somebody was there, whose TLS is no good */
	ck_assert_int_ne(judged()->verdict, VERDICT_INCONCLUSIVE);
	ck_assert_int_ne(f.judgement.exit, 5);
}
END_TEST

/* Goal: without figures a threshold is inconclusive, and so is a file without histograms. */
START_TEST(test_no_figures)
{
	metrics_free(f.metrics);
	f.metrics = NULL;
	ck_assert_int_eq(judged()->verdict, VERDICT_INCONCLUSIVE);
	past_figures(&f);
	hp_hist_clear(&f.metrics->response);
	f.facts.incomplete = true;
	ck_assert_int_eq(judged()->verdict, VERDICT_UNOBSERVED);
}
END_TEST

Suite *suite_judge_threshold(void);

Suite *suite_judge_threshold(void)
{
	Suite *suite = suite_create("judge_threshold");
	TCase *tcase = tcase_create("judge_threshold");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_percentile);
	tcase_add_loop_test(tcase, test_too_few, 0, 7);
	tcase_add_loop_test(tcase, test_figures, 0, 9);
	tcase_add_loop_test(tcase, test_latencies, 0, 6);
	tcase_add_test(tcase, test_unseen);
	tcase_add_test(tcase, test_untrusted);
	tcase_add_test(tcase, test_interrupted);
	tcase_add_loop_test(tcase, test_interrupted_errors, 0, 2);
	tcase_add_loop_test(tcase, test_short_of_ports, 0, 2);
	tcase_add_test(tcase, test_unreachable);
	tcase_add_test(tcase, test_no_figures);
	suite_add_tcase(suite, tcase);
	return suite;
}
