#include <check.h>
#include <math.h>

#include "judge/judge_inside.h"
#include "tests/lib/past.h"

/* The plan has 30 deliveries; 10 events a second for 2 s. */
static struct past f;
static bool late;

static void setup(void)
{
	late = false;
	past_init(&f);
}

static void teardown(void)
{
	past_fini(&f);
}

static struct judge_figure figure(enum threshold_figure of, enum threshold_unit unit)
{
	struct threshold threshold = {.figure = of, .unit = unit, .percentile = 50};
	struct judge *judge = judge_new(&f.plan, &f.facts);

	judge->late = late;
	struct judge_figure figure = judge_figure(judge, &threshold, f.metrics);
	judge_free(judge);
	return figure;
}

static void ten_of(enum outcome outcome)
{
	struct metrics *m = f.metrics;

	m->planned = 10, m->delivered = 2, m->exhausted = 3, m->pending = 4, m->dropped = 1;
	m->attempts = 20;
	memset(m->by_outcome, 0, sizeof(m->by_outcome));
	m->by_outcome[OUTCOME_OK] = 2;
	m->by_outcome[outcome] = 10;
	m->by_outcome[OUTCOME_REFUSED] += 8;
	m->duplicates = 5;
}

struct row {
	enum threshold_figure figure;
	enum threshold_unit unit;
	double value, low, high;
};

static void expect(const struct row *row)
{
	struct judge_figure seen = figure(row->figure, row->unit);

	ck_assert_double_eq_tol(seen.value, row->value, 1e-9);
	ck_assert_double_eq_tol(seen.low, row->low, 1e-9);
	if (isinf(row->high))
		ck_assert_double_infinite(seen.high);
	else
		ck_assert_double_eq_tol(seen.high, row->high, 1e-9);
}

/* Goal: a whole run leaves nothing open, and attempts that the target spoilt are its own. */
START_TEST(test_whole)
{
	static const struct row rows[] = {
		{THRESHOLD_ERRORS, THRESHOLD_SHARE, 0.9, 0.9, 0.9},
		{THRESHOLD_DELIVERED, THRESHOLD_COUNT, 2, 2, 2},
		{THRESHOLD_DELIVERED, THRESHOLD_SHARE, 0.2, 0.2, 0.2},
		{THRESHOLD_EXHAUSTED, THRESHOLD_COUNT, 3, 3, 3},
		{THRESHOLD_PENDING, THRESHOLD_COUNT, 4, 4, 4},
		{THRESHOLD_DROPPED, THRESHOLD_COUNT, 1, 1, 1},
		{THRESHOLD_DUPLICATES, THRESHOLD_COUNT, 5, 5, 5},
	};

	ten_of(OUTCOME_TIMEOUT);
	expect(&rows[_i]);
}
END_TEST

/* Goal: while we were late ourselves a timeout proves nothing, nor does what did not end in time;
 * what the target refused still does. */
START_TEST(test_late)
{
	static const struct row rows[] = {
		{THRESHOLD_ERRORS, THRESHOLD_SHARE, 0.9, 0.4, 0.9},
		{THRESHOLD_DELIVERED, THRESHOLD_COUNT, 2, 2, 10},
		{THRESHOLD_DELIVERED, THRESHOLD_SHARE, 0.2, 0.2, 1},
		{THRESHOLD_EXHAUSTED, THRESHOLD_COUNT, 3, 0, 3},
		{THRESHOLD_PENDING, THRESHOLD_COUNT, 4, 0, 4},
		{THRESHOLD_DUPLICATES, THRESHOLD_COUNT, 5, 5, 5},
	};

	late = true;
	ten_of(OUTCOME_TIMEOUT);
	expect(&rows[_i]);
}
END_TEST

/* Goal: attempts without a port or descriptor of ours could have succeeded, others could not. */
START_TEST(test_short_of_ports)
{
	static const struct row rows[] = {
		{THRESHOLD_ERRORS, THRESHOLD_SHARE, 0.9, 0.4, 0.9},
		{THRESHOLD_DELIVERED, THRESHOLD_COUNT, 2, 2, 10},
		{THRESHOLD_DELIVERED, THRESHOLD_SHARE, 0.2, 0.2, 1},
		{THRESHOLD_EXHAUSTED, THRESHOLD_COUNT, 3, 0, 3},
		{THRESHOLD_PENDING, THRESHOLD_COUNT, 4, 0, 4},
		{THRESHOLD_DROPPED, THRESHOLD_COUNT, 1, 0, 1},
		{THRESHOLD_DUPLICATES, THRESHOLD_COUNT, 5, 5, 5},
	};

	ten_of(OUTCOME_NO_PORTS);
	expect(&rows[_i]);
}
END_TEST

/* Goal: deliveries that a signal cut could all have succeeded at once, or none of them. The plan
 * has at most 40 deliveries, of which 6 had their end; what was abandoned is nobody's error. */
START_TEST(test_cut)
{
	static const struct row rows[] = {
		{THRESHOLD_ERRORS, THRESHOLD_SHARE, 0.9, 8.0 / 54, 1},
		{THRESHOLD_DELIVERED, THRESHOLD_COUNT, 2, 2, 40},
		{THRESHOLD_DELIVERED, THRESHOLD_SHARE, 0.2, 2.0 / 40, 1},
		{THRESHOLD_EXHAUSTED, THRESHOLD_COUNT, 3, 0, 37},
		{THRESHOLD_PENDING, THRESHOLD_COUNT, 4, 0, 34},
		{THRESHOLD_DROPPED, THRESHOLD_COUNT, 1, 0, 35},
		{THRESHOLD_DUPLICATES, THRESHOLD_COUNT, 5, 5, INFINITY},
	};

	ten_of(OUTCOME_ABANDONED);
	f.facts.interrupted = true;
	expect(&rows[_i]);
}
END_TEST

/* Goal: a plan without an end leaves everything open that is no count of what was seen. */
START_TEST(test_cut_of_an_endless_plan)
{
	static const struct row rows[] = {
		{THRESHOLD_ERRORS, THRESHOLD_SHARE, 0.9, 0, 1},
		{THRESHOLD_DELIVERED, THRESHOLD_SHARE, 0.2, 0, 1},
		{THRESHOLD_EXHAUSTED, THRESHOLD_COUNT, 3, 3, INFINITY},
	};

	ten_of(OUTCOME_TIMEOUT);
	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_CLOSED, .concurrency = 1};
	f.facts.interrupted = true;
	expect(&rows[_i]);
}
END_TEST

/* Goal: a percentile that was cut lies between what it is with the missing samples all below, and
 * all above; the maximum cannot sink. */
START_TEST(test_percentile)
{
	struct judge_figure seen;

	hp_hist_clear(&f.metrics->response);
	for (unsigned us = 1; us <= 100; us++)
		hp_hist_record(&f.metrics->response, us);
	seen = figure(THRESHOLD_RESPONSE, THRESHOLD_NS);
	ck_assert_double_eq(seen.low, 50e3);
	ck_assert_double_eq(seen.high, 50e3);
	f.metrics->delivered = 20, f.metrics->exhausted = f.metrics->dropped = 0;
	f.facts.interrupted = true; /* 20 of 40 are missing: ranks 60 - 20 and 60 */
	seen = figure(THRESHOLD_RESPONSE, THRESHOLD_NS);
	ck_assert_double_eq(seen.low, 40e3);
	ck_assert_double_eq(seen.value, 50e3);
	ck_assert_double_eq(seen.high, 60e3);
	f.metrics->delivered = 0;
	ck_assert_double_eq(figure(THRESHOLD_RESPONSE, THRESHOLD_NS).low, 30e3);
}
END_TEST

/* Goal: a receiver of ours that had no descriptors proves nothing about anybody. */
START_TEST(test_starved_receiver)
{
	struct threshold threshold = {.figure = THRESHOLD_ERRORS, .unit = THRESHOLD_SHARE};
	struct record record = {.kind = RECORD_NOTE,
				.note = {.text = "descriptors-exhausted receiver billing"}};
	struct judge *judge = judge_new(&f.plan, &f.facts);
	struct judge_figure seen;

	judge_other(judge, &record);
	seen = judge_figure(judge, &threshold, f.metrics);
	judge_free(judge);
	ck_assert_double_eq(seen.low, 0);
	ck_assert_double_infinite(seen.high);
}
END_TEST

Suite *suite_judge_figure(void);

Suite *suite_judge_figure(void)
{
	Suite *suite = suite_create("judge_figure");
	TCase *tcase = tcase_create("judge_figure");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_whole, 0, 7);
	tcase_add_loop_test(tcase, test_late, 0, 6);
	tcase_add_loop_test(tcase, test_short_of_ports, 0, 7);
	tcase_add_loop_test(tcase, test_cut, 0, 7);
	tcase_add_loop_test(tcase, test_cut_of_an_endless_plan, 0, 3);
	tcase_add_test(tcase, test_percentile);
	tcase_add_test(tcase, test_starved_receiver);
	suite_add_tcase(suite, tcase);
	return suite;
}
