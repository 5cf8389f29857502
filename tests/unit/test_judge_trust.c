#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/past.h"

static struct past f;

static void setup(void)
{
	past_init(&f);
}

static void teardown(void)
{
	past_fini(&f);
}

/* Samples of our lag: so many of one length, and one in front of which all others are short. */
static void set_lag(unsigned count, uint64_t us, uint64_t worst_us)
{
	hp_hist_clear(&f.metrics->lag);
	for (unsigned i = 1; i < count; i++)
		hp_hist_record(&f.metrics->lag, us);
	hp_hist_record(&f.metrics->lag, worst_us);
}

static void expect_invalid(const char *reason)
{
	past_judge(&f);
	ck_assert(f.judgement.untrusted);
	ck_assert_msg(strstr(f.judgement.untrusted_reason, reason) != NULL, "%s",
		      f.judgement.untrusted_reason);
	ck_assert_int_eq(f.judgement.verdict, RUN_INVALID);
	ck_assert_int_eq(f.judgement.exit, 6);
}

static void expect_trusted(void)
{
	past_expect_broken(&f, "");
	ck_assert(!f.judgement.untrusted);
	ck_assert_int_eq(f.judgement.exit, 0);
}

/* Goal: releasing late beyond the bound makes a run invalid; within it, or once in a while, not. */
START_TEST(test_late_generator)
{
	set_lag(1000, 900, 50000);
	expect_trusted();
	set_lag(1000, 1200, 1200);
	expect_invalid("released events late: p99 0.0012 s, the verdicts bear 0.001 s");
}
END_TEST

/* Goal: among few samples one hiccup is not held against the run, all of them late are. */
START_TEST(test_few_samples)
{
	set_lag(20, 100, 50000);
	expect_trusted();
	set_lag(20, 5000, 5000);
	expect_invalid("p50");
}
END_TEST

/* Goal: a wide threshold bears more lag, a tenth of the tightest latency. */
START_TEST(test_threshold_bears_lag)
{
	f.plan.threshold_count = 1;
	f.plan.thresholds[0] = (struct threshold){.text = "response.p50<50ms",
						  .figure = THRESHOLD_RESPONSE,
						  .percentile = 50,
						  .unit = THRESHOLD_NS,
						  .limit = 50e6};
	set_lag(1000, 4900, 4900);
	expect_trusted();
	set_lag(1000, 5100, 5100);
	expect_invalid("the verdicts bear 0.005 s");
}
END_TEST

/* Goal: virtual time has no lateness of ours, and a closed loop no plan to be late for. */
START_TEST(test_only_where_there_is_a_pace)
{
	set_lag(1000, 5000, 5000);
	f.facts.time_mode = RESULT_VIRTUAL;
	expect_trusted();
	f.facts.time_mode = RESULT_REAL;
	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_CLOSED, .concurrency = 1};
	expect_trusted();
}
END_TEST

static void expect_slow(bool slow)
{
	past_judge(&f);
	ck_assert_int_eq(f.judgement.untrusted, slow);
	if (slow)
		ck_assert_str_eq(f.judgement.untrusted_reason,
				 "the generator released 9.8 of 10.0 events per second, and was "
				 "itself the limit");
}

/* Goal: a rate that was missed because of us spoils the run; for another reason it does not. */
START_TEST(test_slow_generator)
{
	f.metrics->events = f.metrics->planned = 1000;
	f.metrics->first_sent_ns = 0;
	f.metrics->last_sent_ns = f.metrics->planned_until_ns = 100 * HP_S_NS;
	f.metrics->last_released_ns = 102 * HP_S_NS;
	expect_slow(false);
	f.metrics->cpu_ns = 95 * HP_S_NS;
	expect_slow(true);
	f.metrics->cpu_ns = 0;
	f.metrics->late_releases = 20;
	expect_slow(true);
	f.metrics->last_released_ns = 100 * HP_S_NS;
	expect_slow(false);
}
END_TEST

/* Goal: ports or descriptors of ours that one attempt in a hundred lacked spoil the figures; the
 * reader is told what to do. */
START_TEST(test_short_of_ports)
{
	f.metrics->attempts = 1000;
	f.metrics->by_outcome[OUTCOME_NO_PORTS] = 9;
	past_judge(&f);
	ck_assert(!f.judgement.untrusted);
	f.metrics->by_outcome[OUTCOME_NO_PORTS] = 10;
	past_judge(&f);
	ck_assert(f.judgement.untrusted);
	ck_assert_str_eq(f.judgement.untrusted_reason,
			 "10 of 1000 attempts found no free port or descriptor here; raise the "
			 "limit of open files, or open fewer connections");
}
END_TEST

/* Goal: notes that tell of broken clocks spoil the run, other notes do not. */
START_TEST(test_notes)
{
	static const struct {
		const char *text;
		bool spoils;
	} rows[] = {
		{"descriptors-exhausted receiver crm", true}, {"cannot-listen receiver crm", true},
		{"clock-step of 12 ms", true}, {"suspended for 3 s", true},
		{"stolen-cpu 8 %", true},      {"late-start by 2 s", true},
		{"interrupted", false},        {"a remark on clock-step", false},
	};
	struct record record = {.kind = RECORD_NOTE};

	snprintf(record.note.text, sizeof(record.note.text), "%s", rows[_i].text);
	past_add(&f, &record);
	if (rows[_i].spoils)
		expect_invalid(_i < 2 ? "raise the limit of open files" : rows[_i].text);
	else
		expect_trusted();
}
END_TEST

/* Goal: receivers of ours that were late themselves at more than one receipt in a hundred spoil
 * the run. */
START_TEST(test_late_receivers)
{
	struct record record = {.kind = RECORD_RECEIPT, .receipt = *past_arrival(&f, 0, 1)};

	for (unsigned i = 0; i < 100; i++)
		past_add(&f, &record);
	past_figures(&f);
	past_judge(&f);
	ck_assert(!f.judgement.untrusted);
	for (size_t i = f.count - 2; i < f.count; i++)
		f.records[i].receipt.lag_ns = 3 * HP_MS_NS;
	past_judge(&f);
	ck_assert(f.judgement.untrusted);
	ck_assert_ptr_nonnull(strstr(f.judgement.untrusted_reason, "receivers were late"));
}
END_TEST

/* Goal: what the figures say was lost counts as much as what the facts say. */
START_TEST(test_lost_records)
{
	f.metrics->records_lost = 3;
	expect_invalid("3 records did not fit");
}
END_TEST

/* Goal: a failure that is proven stands, however bad the measurement. */
START_TEST(test_proven_failure_stands)
{
	set_lag(1000, 5000, 5000);
	past_arrival(&f, 0, 1)->signature = SCHEME_MISMATCH;
	past_judge(&f);
	ck_assert(f.judgement.untrusted);
	ck_assert_int_eq(f.judgement.verdict, RUN_FAIL);
	ck_assert_int_eq(f.judgement.exit, 1);
}
END_TEST

Suite *suite_judge_trust(void);

Suite *suite_judge_trust(void)
{
	Suite *suite = suite_create("judge_trust");
	TCase *tcase = tcase_create("judge_trust");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_late_generator);
	tcase_add_test(tcase, test_few_samples);
	tcase_add_test(tcase, test_threshold_bears_lag);
	tcase_add_test(tcase, test_only_where_there_is_a_pace);
	tcase_add_test(tcase, test_slow_generator);
	tcase_add_test(tcase, test_short_of_ports);
	tcase_add_loop_test(tcase, test_notes, 0, 8);
	tcase_add_test(tcase, test_late_receivers);
	tcase_add_test(tcase, test_lost_records);
	tcase_add_test(tcase, test_proven_failure_stands);
	suite_add_tcase(suite, tcase);
	return suite;
}
