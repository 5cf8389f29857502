#include "wire/retry_after.h"

#include <check.h>

#include "tests/lib/guard.h"

#define NOW_S UINT64_C(784111777) /* Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110 5.6.7 */

/* Goal: seconds and dates are read, and nothing that is neither ever means "at once". */
START_TEST(test_forms)
{
	static const struct {
		const char *value;
		bool good;
		uint64_t seconds;
	} rows[] = {
		{"0", true, 0},
		{"120", true, 120},
		{"000120", true, 120},
		{"99999999999999999999999999", true, RETRY_AFTER_SECONDS_MAX},
		{"Sun, 06 Nov 1994 08:50:37 GMT", true, 60},
		{"Sun, 06 Nov 1994 08:49:37 GMT", true, 0},
		{"Sat, 05 Nov 1994 08:49:37 GMT", true, 0},
		{"", false, 0},
		{"-1", false, 0},
		{"+5", false, 0},
		{"1.5", false, 0},
		{"5s", false, 0},
		{"soon", false, 0},
		{"5, 6", false, 0},
		{"Sunday, 06-Nov-94 08:50:37 GMT", false, 0},
		{"Sun, 06 Nov 1994 08:50:37 CET", false, 0},
		{"Sun, 06 Nov 1994 08:50:37 GM", false, 0},
	};
	size_t bytes = strlen(rows[_i].value);
	char *copy = guard_copy(rows[_i].value, bytes);
	uint64_t seconds = 0;

	ck_assert_msg(retry_after_parse((struct hp_view){copy, bytes}, NOW_S, &seconds) ==
			      rows[_i].good,
		      "\"%s\"", rows[_i].value);
	if (rows[_i].good)
		ck_assert_uint_eq(seconds, rows[_i].seconds);
	guard_free(copy);
}
END_TEST

Suite *suite_retry_after(void);

Suite *suite_retry_after(void)
{
	Suite *suite = suite_create("retry_after");
	TCase *tcase = tcase_create("retry_after");

	tcase_add_loop_test(tcase, test_forms, 0, 17);
	suite_add_tcase(suite, tcase);
	return suite;
}
