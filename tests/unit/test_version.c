#include "base/version.h"

#include <check.h>
#include <ctype.h>
#include <string.h>

/* Goal: the version can stand in a header, a JSON string and a file name as it is. */
START_TEST(test_version)
{
	ck_assert_uint_gt(strlen(hp_version), 0);
	for (const char *at = hp_version; *at; at++)
		ck_assert_msg(isalnum((unsigned char)*at) || strchr(".-+_", *at), "%s", hp_version);
}
END_TEST

Suite *suite_version(void);

Suite *suite_version(void)
{
	Suite *suite = suite_create("version");
	TCase *tcase = tcase_create("version");

	tcase_add_test(tcase, test_version);
	suite_add_tcase(suite, tcase);
	return suite;
}
