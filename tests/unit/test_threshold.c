#include "engine/threshold.h"

#include <check.h>
#include <math.h>

/* Goal: each comparison below, at and above the limit; what is no number keeps no limit. */
START_TEST(test_holds)
{
	static const struct {
		enum threshold_op op;
		bool below, at, above;
	} rows[] = {
		{THRESHOLD_LT, true, false, false},
		{THRESHOLD_LE, true, true, false},
		{THRESHOLD_GT, false, false, true},
		{THRESHOLD_GE, false, true, true},
	};
	const struct threshold threshold = {.op = rows[_i].op, .limit = 50e6};

	ck_assert_int_eq(threshold_holds(&threshold, nextafter(50e6, 0)), rows[_i].below);
	ck_assert_int_eq(threshold_holds(&threshold, 50e6), rows[_i].at);
	ck_assert_int_eq(threshold_holds(&threshold, nextafter(50e6, 1e9)), rows[_i].above);
	ck_assert(!threshold_holds(&threshold, NAN));
}
END_TEST

Suite *suite_threshold(void);

Suite *suite_threshold(void)
{
	Suite *suite = suite_create("threshold");
	TCase *tcase = tcase_create("threshold");

	tcase_add_loop_test(tcase, test_holds, 0, 4);
	suite_add_tcase(suite, tcase);
	return suite;
}
