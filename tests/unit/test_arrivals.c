#include "engine/arrivals.h"

#include <check.h>
#include <math.h>

#include "base/span.h"

#define PER_S(rate) ((uint64_t)((rate) * 1e6))

static const uint64_t recorded[] = {0, 5 * HP_MS_NS, 5 * HP_MS_NS, HP_S_NS};

static const struct row {
	const char *name;
	struct arrivals arrivals;
	uint64_t count;
	double tolerance; /* share of the count; Poisson only */
} rows[] = {
	{"constant", {.kind = ARRIVALS_CONSTANT, .rate_micro_per_s = PER_S(300),
		      .span_ns = 10 * HP_S_NS}, 3000, 0},
	{"constant, a count", {.kind = ARRIVALS_CONSTANT, .rate_micro_per_s = PER_S(300),
			       .count_max = 7}, 7, 0},
	{"slow constant", {.kind = ARRIVALS_CONSTANT, .rate_micro_per_s = PER_S(0.5),
			   .span_ns = 10 * HP_S_NS}, 5, 0},
	{"ramp up", {.kind = ARRIVALS_RAMP, .rate_micro_per_s = PER_S(10),
		     .rate_end_micro_per_s = PER_S(500), .span_ns = 10 * HP_S_NS}, 2550, 0},
	{"ramp down", {.kind = ARRIVALS_RAMP, .rate_micro_per_s = PER_S(500),
		       .rate_end_micro_per_s = PER_S(10), .span_ns = 10 * HP_S_NS}, 2550, 0},
	{"flat ramp", {.kind = ARRIVALS_RAMP, .rate_micro_per_s = PER_S(100),
		       .rate_end_micro_per_s = PER_S(100), .span_ns = HP_S_NS}, 100, 0},
	{"steps", {.kind = ARRIVALS_STEPS, .step_count = 2,
		   .steps = {{PER_S(100), HP_S_NS}, {PER_S(400), 2 * HP_S_NS}}}, 900, 0},
	{"steps that end in a half", {.kind = ARRIVALS_STEPS, .step_count = 1,
				      .steps = {{PER_S(5), 500 * HP_MS_NS}}}, 2, 0},
	{"steps whose sum is no binary fraction", {.kind = ARRIVALS_STEPS, .step_count = 3,
		   .steps = {{PER_S(0.7), HP_S_NS}, {PER_S(0.1), HP_S_NS},
			     {PER_S(0.7), HP_S_NS}}}, 1, 0},
	{"a pause between steps", {.kind = ARRIVALS_STEPS, .step_count = 3,
		   .steps = {{PER_S(2), HP_S_NS}, {0, HP_S_NS}, {PER_S(2), HP_S_NS}}}, 4, 0},
	{"bursts", {.kind = ARRIVALS_BURST, .burst_count = 50, .burst_every_ns = HP_S_NS,
		    .burst_gap_ns = 10 * HP_US_NS, .span_ns = 5 * HP_S_NS}, 250, 0},
	{"poisson", {.kind = ARRIVALS_POISSON, .rate_micro_per_s = PER_S(1000),
		     .span_ns = 20500 * HP_MS_NS}, 20500, 0.04},
	{"recorded", {.kind = ARRIVALS_RECORDED, .recorded_ns = (uint64_t *)(uintptr_t)recorded,
		      .recorded_count = 4}, 4, 0},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static uint64_t span_of(const struct arrivals *arrivals)
{
	return arrivals->kind == ARRIVALS_STEPS ? 3 * HP_S_NS : arrivals->span_ns; /* at most */
}

/* Goal: each process plans the count that its rate and span say, in rising order, inside the span,
 * and ends with HP_NEVER. */
START_TEST(test_plans_its_count)
{
	const struct row *row = &rows[_i];
	struct arrivals_walk walk;
	uint64_t last_ns = 0, k = 0, at_ns;

	arrivals_walk_init(&walk, &row->arrivals, 11);
	for (; (at_ns = arrivals_planned_ns(&walk, k)) != HP_NEVER; k++) {
		ck_assert_msg(at_ns >= last_ns, "%s: event %lu falls back", row->name, k);
		last_ns = at_ns;
	}
	ck_assert_msg(fabs((double)k - (double)row->count) <= row->tolerance * (double)row->count,
		      "%s: %lu events, want %lu", row->name, k, row->count);
	if (span_of(&row->arrivals))
		ck_assert_msg(last_ns < span_of(&row->arrivals), "%s: beyond its span", row->name);
	ck_assert_msg(arrivals_count(&walk) == k, "%s: counted %lu", row->name, walk.count);
	ck_assert_msg(arrivals_planned_ns(&walk, k) == HP_NEVER, "%s: one more", row->name);
	arrivals_walk_fini(&walk);
}
END_TEST

/* Goal: Poisson arrivals are not drawn before they are wanted: a plan of years begins at once. */
START_TEST(test_long_poisson_begins_at_once)
{
	struct arrivals arrivals = {.kind = ARRIVALS_POISSON, .rate_micro_per_s = PER_S(5000),
				    .span_ns = 1000 * 86400 * HP_S_NS};
	struct arrivals_walk walk;

	arrivals_walk_init(&walk, &arrivals, 1);
	ck_assert_uint_lt(arrivals_planned_ns(&walk, 0), HP_S_NS);
	ck_assert_uint_eq(arrivals_span_ns(&walk), arrivals.span_ns);
	ck_assert_double_eq(arrivals_mean_per_s(&walk), 5000);
	arrivals_walk_fini(&walk);
}
END_TEST

/* Goal: event k is the same whether the plan is walked or k is asked for alone, as a shard does. */
START_TEST(test_any_event_alone)
{
	const struct row *row = &rows[_i];
	struct arrivals_walk walk, alone;

	arrivals_walk_init(&walk, &row->arrivals, 11);
	for (uint64_t k = 0; k < row->count; k += 97) {
		arrivals_walk_init(&alone, &row->arrivals, 11);
		ck_assert_msg(arrivals_planned_ns(&walk, k) == arrivals_planned_ns(&alone, k),
			      "%s: event %lu", row->name, k);
		arrivals_walk_fini(&alone);
	}
	arrivals_walk_fini(&walk);
}
END_TEST

/* Goal: a constant rate does not drift: a billionth event stands where 128-bit arithmetic says,
 * and the first one half an interval after the start. */
START_TEST(test_constant_does_not_drift)
{
	struct arrivals arrivals = {.kind = ARRIVALS_CONSTANT, .rate_micro_per_s = PER_S(3)};
	struct arrivals_walk walk;

	arrivals_walk_init(&walk, &arrivals, 1);
	ck_assert_uint_eq(arrivals_planned_ns(&walk, 0), 166666666);
	ck_assert_uint_eq(arrivals_planned_ns(&walk, 1000000000), UINT64_C(333333333500000000));
	arrivals_walk_fini(&walk);
}
END_TEST

/* Goal: Poisson arrivals are exponential: the coefficient of variation of their gaps is 1, and
 * another seed gives other instants. */
START_TEST(test_poisson_gaps)
{
	struct arrivals arrivals = {.kind = ARRIVALS_POISSON, .rate_micro_per_s = PER_S(2000),
				    .span_ns = 20 * HP_S_NS};
	struct arrivals_walk walk, other;
	double sum = 0, squares = 0, mean;
	uint64_t last_ns = 0, at_ns, k = 0;

	arrivals_walk_init(&walk, &arrivals, 5);
	arrivals_walk_init(&other, &arrivals, 6);
	for (; (at_ns = arrivals_planned_ns(&walk, k)) != HP_NEVER; k++) {
		double gap = (double)(at_ns - last_ns);

		sum += gap;
		squares += gap * gap;
		last_ns = at_ns;
	}
	mean = sum / (double)k;
	ck_assert_double_eq_tol(sqrt(squares / (double)k - mean * mean) / mean, 1.0, 0.05);
	ck_assert_uint_ne(arrivals_planned_ns(&walk, 3), arrivals_planned_ns(&other, 3));
	arrivals_walk_fini(&walk);
	arrivals_walk_fini(&other);
}
END_TEST

/* Goal: the mean rate that reports print is the plan's. */
START_TEST(test_mean_rate)
{
	struct arrivals_walk walk;

	arrivals_walk_init(&walk, &rows[6].arrivals, 1); /* steps: 900 in 3 s */
	ck_assert_double_eq_tol(arrivals_mean_per_s(&walk), 300, 1e-9);
	arrivals_walk_fini(&walk);
	arrivals_walk_init(&walk, &rows[3].arrivals, 1); /* ramp: 2550 in 10 s */
	ck_assert_double_eq_tol(arrivals_mean_per_s(&walk), 255, 1e-9);
	arrivals_walk_fini(&walk);
}
END_TEST

Suite *suite_arrivals(void);

Suite *suite_arrivals(void)
{
	Suite *suite = suite_create("arrivals");
	TCase *tcase = tcase_create("arrivals");

	tcase_add_loop_test(tcase, test_plans_its_count, 0, ROWS);
	tcase_add_loop_test(tcase, test_any_event_alone, 0, ROWS);
	tcase_add_test(tcase, test_constant_does_not_drift);
	tcase_add_test(tcase, test_long_poisson_begins_at_once);
	tcase_add_test(tcase, test_poisson_gaps);
	tcase_add_test(tcase, test_mean_rate);
	suite_add_tcase(suite, tcase);
	return suite;
}
