#include "tests/lib/guard.h"

#include <check.h>
#include <signal.h>
#include <string.h>

/* Goal: copies of every size around a page hold their bytes to the last one. */
START_TEST(test_holds_its_bytes)
{
	static const size_t counts[] = {0, 1, 4095, 4096, 4097, 20000};
	char bytes[20000], *copy;

	memset(bytes, 'x', sizeof(bytes));
	copy = guard_copy(bytes, counts[_i]);
	ck_assert_int_eq(memcmp(copy, bytes, counts[_i]), 0);
	memset(copy, 'y', counts[_i]);
	guard_free(copy);
}
END_TEST

/* Goal: the byte behind the copy cannot be read. */
START_TEST(test_ends_at_the_guard)
{
	static const size_t counts[] = {0, 1, 4096};
	char bytes[4096] = {0};
	volatile char *copy = guard_copy(bytes, counts[_i]);

	signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would exit */
	(void)copy[counts[_i]];
}
END_TEST

Suite *suite_guard(void);

Suite *suite_guard(void)
{
	Suite *suite = suite_create("guard");
	TCase *tcase = tcase_create("guard");

	tcase_add_loop_test(tcase, test_holds_its_bytes, 0, 6);
	tcase_add_loop_test_raise_signal(tcase, test_ends_at_the_guard, SIGSEGV, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}
