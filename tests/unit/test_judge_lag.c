#include <check.h>

#include "judge/judge_inside.h"

static struct judge_lag f;

static void setup(void)
{
	judge_lag_init(&f);
}

static void teardown(void)
{
	judge_lag_fini(&f);
}

static void add(uint64_t at_ns, uint64_t late_ns)
{
	judge_lag_add(&f, &(struct record_lag){.at_ns = at_ns, .late_ns = late_ns});
}

/* Goal: a lag record speaks for its own length and the tick before it, and for no other time. */
START_TEST(test_reach)
{
	add(10 * HP_S_NS, 100 * HP_MS_NS);
	ck_assert_uint_eq(judge_lag_at(&f, 10 * HP_S_NS), 100 * HP_MS_NS);
	ck_assert_uint_eq(judge_lag_at(&f, 10 * HP_S_NS - 350 * HP_MS_NS), 100 * HP_MS_NS);
	ck_assert_uint_eq(judge_lag_at(&f, 10 * HP_S_NS - 360 * HP_MS_NS), 0);
	ck_assert_uint_eq(judge_lag_at(&f, 10 * HP_S_NS + 10 * HP_MS_NS), 0);
	ck_assert_uint_eq(judge_lag_at(&f, HP_NEVER), 0);
}
END_TEST

/* Goal: of two records that speak for one moment the worse counts. */
START_TEST(test_worse_counts)
{
	add(10 * HP_S_NS, 100 * HP_MS_NS);
	add(10 * HP_S_NS + 100 * HP_MS_NS, 20 * HP_MS_NS);
	ck_assert_uint_eq(judge_lag_at(&f, 10 * HP_S_NS), 100 * HP_MS_NS);
	ck_assert_uint_eq(judge_lag_at(&f, 10 * HP_S_NS + 100 * HP_MS_NS), 20 * HP_MS_NS);
}
END_TEST

/* Goal: after a run of days, what was known of its first minute is coarser and not forgotten. */
START_TEST(test_long_runs_forget_nothing)
{
	add(HP_S_NS, 100 * HP_MS_NS);
	add(7 * 24 * 3600 * HP_S_NS, 3 * HP_MS_NS);
	ck_assert_uint_eq(judge_lag_at(&f, HP_S_NS), 100 * HP_MS_NS);
	ck_assert_uint_eq(judge_lag_at(&f, 7 * 24 * 3600 * HP_S_NS), 3 * HP_MS_NS);
	ck_assert_uint_eq(judge_lag_at(&f, 24 * 3600 * HP_S_NS), 0);
}
END_TEST

/* Goal: moments that no run has are passed over. */
START_TEST(test_wild_moments)
{
	add(HP_NEVER, HP_NEVER);
	add(0, HP_NEVER);
	ck_assert_uint_eq(judge_lag_at(&f, 0), HP_NEVER);
	ck_assert_uint_eq(judge_lag_at(&f, HP_S_NS), 0);
}
END_TEST

Suite *suite_judge_lag(void);

Suite *suite_judge_lag(void)
{
	Suite *suite = suite_create("judge_lag");
	TCase *tcase = tcase_create("judge_lag");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_reach);
	tcase_add_test(tcase, test_worse_counts);
	tcase_add_test(tcase, test_long_runs_forget_nothing);
	tcase_add_test(tcase, test_wild_moments);
	suite_add_tcase(suite, tcase);
	return suite;
}
