#include "base/mem.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_ENVIRONMENT = 4 };

/* Goal: memory comes zeroed, also for nothing; growing keeps what was there. */
START_TEST(test_memory)
{
	char *bytes = hp_xcalloc(3, 4), *none = hp_xcalloc(0, 0), *copy;

	ck_assert_int_eq(memcmp(bytes, "\0\0\0\0\0\0\0\0\0\0\0", 12), 0);
	memcpy(bytes, "hello", 6);
	bytes = hp_xgrow(bytes, 100, 100);
	ck_assert_str_eq(bytes, "hello");
	copy = hp_xstrdup(bytes);
	ck_assert_str_eq(copy, "hello");
	ck_assert_ptr_ne(copy, bytes);
	free(copy);
	free(none);
	free(hp_xgrow(bytes, 0, 0));
}
END_TEST

/* Goal: aligned memory is aligned and zeroed. */
START_TEST(test_aligned)
{
	uint64_t *words = hp_xaligned(64, 128);

	ck_assert_uint_eq((uintptr_t)words % 64, 0);
	for (size_t i = 0; i < 128 / sizeof(*words); i++)
		ck_assert_uint_eq(words[i], 0);
	free(words);
}
END_TEST

/* Goal: a size that does not fit ends the process with the environment's exit code, instead of
 * wrapping around to a small one. (Sanitizers need allocator_may_return_null=1 for it.) */
START_TEST(test_too_large)
{
	if (_i == 0)
		free(hp_xcalloc(SIZE_MAX / 2, 4));
	else if (_i == 1)
		free(hp_xaligned(64, SIZE_MAX / 2 + 1));
	else
		free(hp_xgrow(NULL, SIZE_MAX / 2, 4));
}
END_TEST

Suite *suite_mem(void);

Suite *suite_mem(void)
{
	Suite *suite = suite_create("mem");
	TCase *tcase = tcase_create("mem");

	tcase_add_test(tcase, test_memory);
	tcase_add_test(tcase, test_aligned);
	tcase_add_loop_exit_test(tcase, test_too_large, EXIT_ENVIRONMENT, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}
