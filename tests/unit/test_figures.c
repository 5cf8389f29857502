#include "reports/figures.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "receivers/behaviour.h"
#include "tests/lib/result_fixture.h"

static struct fixture {
	struct result_fixture run;
	struct figures_slot slots[RETRY_ATTEMPTS_MAX];
} f;

/* Goal: the schedule has one slot per retry, its window in the run's time and in real time, and
 * beside it what was seen; what nobody saw is zero. */
START_TEST(test_slots)
{
	result_fixture_init(&f.run, RESULT_FIXTURE_fail);
	ck_assert_uint_eq(figures_slots(&f.run.result, f.slots), 10);
	ck_assert_uint_eq(f.slots[0].number, 1);
	ck_assert_uint_eq(f.slots[0].window.lo_ns, 48 * HP_MS_NS);
	ck_assert_uint_eq(f.slots[0].window.hi_ns, 72 * HP_MS_NS);
	ck_assert_uint_eq(f.slots[0].unscaled.nominal_ns, 60 * HP_S_NS);
	ck_assert_uint_eq(f.slots[0].min_ns, 41 * HP_MS_NS);
	ck_assert_uint_eq(f.slots[0].mean_ns, 60 * HP_MS_NS);
	ck_assert_uint_eq(f.slots[9].count, 0);
	ck_assert_uint_eq(f.slots[9].max_ns, 0);
	result_fixture_fini(&f.run);
}
END_TEST

/* Goal: a retry beyond the schedule's end is shown, for it is what the reader must see. */
START_TEST(test_slot_beyond_the_schedule)
{
	result_fixture_init(&f.run, RESULT_FIXTURE_pass);
	f.run.metrics->slots[11] = (struct metrics_slot){1, HP_S_NS, HP_S_NS, 1e9};
	ck_assert_uint_eq(figures_slots(&f.run.result, f.slots), 12);
	ck_assert_uint_eq(f.slots[11].count, 1);
	result_fixture_fini(&f.run);
}
END_TEST

/* Goal: the planned rate is of events, as the achieved one is: a second endpoint does not double
 * it; a closed loop has none. */
START_TEST(test_planned_rate)
{
	result_fixture_init(&f.run, RESULT_FIXTURE_pass);
	ck_assert_double_eq_tol(figures_planned_per_s(&f.run.result), 200, 1e-6);
	f.run.metrics->planned = 2000;
	ck_assert_double_eq_tol(figures_planned_per_s(&f.run.result), 200, 1e-6);
	f.run.plan.arrivals.kind = ARRIVALS_CLOSED;
	ck_assert_double_eq_tol(figures_planned_per_s(&f.run.result), 0, 1e-6);
	result_fixture_fini(&f.run);
}
END_TEST

/* Goal: thresholds find their findings by number, and the finding of none is none. */
START_TEST(test_threshold_findings)
{
	result_fixture_init(&f.run, RESULT_FIXTURE_fail);
	ck_assert_int_eq(figures_threshold(&f.run.judgement, 1)->verdict, VERDICT_FAIL);
	ck_assert_int_eq(figures_threshold(&f.run.judgement, 2)->verdict, VERDICT_PASS);
	ck_assert_ptr_null(figures_threshold(&f.run.judgement, 3));
	result_fixture_fini(&f.run);
}
END_TEST

static const struct {
	double value;
	enum threshold_unit unit;
	const char *text;
} texts[] = {
	{42e6, THRESHOLD_NS, "42 ms"},
	{50.04e6, THRESHOLD_NS, "50.04 ms"},
	{999.96e6, THRESHOLD_NS, "1000 ms"},
	{61380e9, THRESHOLD_NS, "17 h 03 min"},
	{0.99996, THRESHOLD_SHARE, "99.996 %"},
	{1, THRESHOLD_SHARE, "100 %"},
	{0, THRESHOLD_SHARE, "0 %"},
	{0.0012, THRESHOLD_SHARE, "0.12 %"},
	{1e300, THRESHOLD_SHARE, NULL},
	{12, THRESHOLD_COUNT, "12"},
	{498.72, THRESHOLD_PER_S, "498.7/s"},
	{NAN, THRESHOLD_NS, "no figure"},
	{1e300, THRESHOLD_NS, NULL},
	{-1, THRESHOLD_NS, "0 ns"},
	{1e300, THRESHOLD_COUNT, NULL},
};

/* Goal: figures read in their unit, and no value overflows the text. */
START_TEST(test_figures_as_text)
{
	char out[FIGURES_TEXT_BYTES];

	figures_text(texts[_i].value, texts[_i].unit, out);
	ck_assert_uint_lt(strlen(out), sizeof(out));
	if (texts[_i].text)
		ck_assert_str_eq(out, texts[_i].text);
}
END_TEST

/* Goal: faults come in the order of their rows, each with what its ends add up to; a row without a
 * fault is not there, and one that this version does not know is. */
START_TEST(test_faults)
{
	struct figures_fault faults[METRICS_FAULT_ROWS];
	struct metrics *metrics = metrics_new(0);
	uint64_t *count = metrics->faults.count[behaviour_row_at(2)->number];

	ck_assert_uint_eq(figures_faults(metrics, faults), 0);
	metrics->faults.count[behaviour_row_at(0)->number][RECORD_FAULT_PREEMPTED] = 7;
	metrics->faults.count[UINT8_MAX][RECORD_FAULT_FAILED] = 1;
	count[RECORD_FAULT_PREEMPTED] = 1;
	count[RECORD_FAULT_APPLIED] = 20;
	count[RECORD_FAULT_VERIFIED] = 300;
	count[RECORD_FAULT_FAILED] = 4000;
	ck_assert_uint_eq(figures_faults(metrics, faults), 3);
	ck_assert_str_eq(faults[0].slug, behaviour_row_at(0)->slug);
	ck_assert_str_eq(faults[1].slug, behaviour_row_at(2)->slug);
	ck_assert_str_eq(faults[1].layer, behaviour_layer_word(behaviour_row_at(2)->layer));
	ck_assert_uint_eq(faults[1].planned, 4321);
	ck_assert_uint_eq(faults[1].applied, 320);
	ck_assert_uint_eq(faults[1].verified, 300);
	ck_assert_uint_eq(faults[1].preempted, 1);
	ck_assert_uint_eq(faults[1].failed, 4000);
	ck_assert_str_eq(faults[2].slug, "unknown");
	metrics_free(metrics);
}
END_TEST

Suite *suite_figures(void);

Suite *suite_figures(void)
{
	Suite *suite = suite_create("figures");
	TCase *tcase = tcase_create("figures");

	tcase_add_test(tcase, test_slots);
	tcase_add_test(tcase, test_slot_beyond_the_schedule);
	tcase_add_test(tcase, test_planned_rate);
	tcase_add_test(tcase, test_threshold_findings);
	tcase_add_loop_test(tcase, test_figures_as_text, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(tcase, test_faults);
	suite_add_tcase(suite, tcase);
	return suite;
}
