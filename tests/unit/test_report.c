#include "reports/report.h"

#include <check.h>
#include <string.h>

/* Goal: each format is found by its name, explains itself, and names nobody else's file but for the
 * two dialects of JUnit. */
START_TEST(test_each_format_is_found)
{
	unsigned count = 0;

	for (const struct report_format *format = report_formats; format->name; format++, count++) {
		ck_assert_ptr_eq(report_find(format->name), format);
		ck_assert_uint_gt(strlen(format->help), 0);
		ck_assert_ptr_nonnull(format->default_file);
		ck_assert(format->write != NULL);
	}
	ck_assert_uint_ge(count, 4);
}
END_TEST

/* Goal: what is no format is not found. */
START_TEST(test_unknown_is_not_found)
{
	ck_assert_ptr_null(report_find("xml"));
	ck_assert_ptr_null(report_find(""));
	ck_assert_ptr_null(report_find("JSON"));
}
END_TEST

Suite *suite_report(void);

Suite *suite_report(void)
{
	Suite *suite = suite_create("report");
	TCase *tcase = tcase_create("report");

	tcase_add_test(tcase, test_each_format_is_found);
	tcase_add_test(tcase, test_unknown_is_not_found);
	suite_add_tcase(suite, tcase);
	return suite;
}
