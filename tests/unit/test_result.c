#include "engine/result.h"

#include <check.h>

/* Goal: each way of keeping time has the word that reports print and run files hold. */
START_TEST(test_time_words)
{
	ck_assert_str_eq(result_time_word(RESULT_REAL), "real");
	ck_assert_str_eq(result_time_word(RESULT_SCALED), "scaled");
	ck_assert_str_eq(result_time_word(RESULT_VIRTUAL), "virtual");
}
END_TEST

Suite *suite_result(void);

Suite *suite_result(void)
{
	Suite *suite = suite_create("result");
	TCase *tcase = tcase_create("result");

	tcase_add_test(tcase, test_time_words);
	suite_add_tcase(suite, tcase);
	return suite;
}
