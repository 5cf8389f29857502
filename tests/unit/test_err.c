#include "base/err.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

static const struct code_row {
	enum hp_code code;
	const char *word;
	int exit;
} code_rows[] = {
	{HP_EUSAGE, "usage", 2},
	{HP_EINPUT, "input", 3},
	{HP_EENV, "environment", 4},
	{HP_EUNREACHABLE, "unreachable", 5},
};

/* Goal: each class of error has the word and the exit code that users were promised. */
START_TEST(test_codes)
{
	const struct code_row *row = &code_rows[_i];

	ck_assert_str_eq(hp_err_word(row->code), row->word);
	ck_assert_int_eq(hp_err_exit(row->code), row->exit);
}
END_TEST

/* Goal: a shortage of this machine has its remedy, and nothing else is taken for one. */
START_TEST(test_shortage)
{
	ck_assert_str_eq(hp_err_shortage(EMFILE), "raise the limit of open files");
	ck_assert_str_eq(hp_err_shortage(ENFILE), "raise the limit of open files");
	ck_assert_ptr_nonnull(hp_err_shortage(ENOMEM));
	ck_assert_ptr_nonnull(hp_err_shortage(ENOBUFS));
	ck_assert_ptr_null(hp_err_shortage(EADDRINUSE));
	ck_assert_ptr_null(hp_err_shortage(0));
}
END_TEST

/* Goal: a setter fills everything and gives -1; an old place does not stay. */
START_TEST(test_set)
{
	struct hp_err err = {.at = {.file = "old.json", .line = 3}};

	ck_assert_int_eq(hp_err_set(&err, HP_EUSAGE, "--connections %u: at most %u", 9, 8), -1);
	ck_assert_int_eq(err.code, HP_EUSAGE);
	ck_assert_uint_eq(err.at.line, 0);
	ck_assert_str_eq(err.msg, "--connections 9: at most 8");
}
END_TEST

/* Goal: bad input carries its place, through contexts that are put in front. */
START_TEST(test_place_and_context)
{
	struct hp_place at = {.file = "a.json", .line = 7, .column = 9};
	struct hp_err err;

	ck_assert_int_eq(hp_err_at(&err, &at, "want %s", "a rate"), -1);
	ck_assert_int_eq(hp_err_wrap(&err, "shard %d", 3), -1);
	ck_assert_int_eq(hp_err_wrap(&err, "merge"), -1);
	ck_assert_str_eq(err.msg, "merge: shard 3: want a rate");
	ck_assert_int_eq(err.code, HP_EINPUT);
	ck_assert_str_eq(err.at.file, "a.json");
	ck_assert_uint_eq(err.at.line, 7);
	ck_assert_uint_eq(err.at.column, 9);
}
END_TEST

/* Goal: messages that are too long are cut, however many contexts come; the front stays. */
START_TEST(test_long)
{
	char text[2 * HP_ERR_MSG_BYTES];
	struct hp_err err;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	hp_err_set(&err, HP_EENV, "%s", text);
	ck_assert_uint_eq(strlen(err.msg), HP_ERR_MSG_BYTES - 1);
	hp_err_wrap(&err, "front");
	ck_assert_uint_eq(strlen(err.msg), HP_ERR_MSG_BYTES - 1);
	ck_assert_int_eq(strncmp(err.msg, "front: xxx", 10), 0);
	hp_err_wrap(&err, "%s", text);
	ck_assert_uint_eq(strlen(err.msg), HP_ERR_MSG_BYTES - 1);
}
END_TEST

/* Goal: asserts end the process in this build, whatever its flags. */
START_TEST(test_assert)
{
	assert(_i == 1);
}
END_TEST

Suite *suite_err(void);

Suite *suite_err(void)
{
	Suite *suite = suite_create("err");
	TCase *tcase = tcase_create("err");

	tcase_add_loop_test(tcase, test_codes, 0, sizeof(code_rows) / sizeof(code_rows[0]));
	tcase_add_test(tcase, test_shortage);
	tcase_add_test(tcase, test_set);
	tcase_add_test(tcase, test_place_and_context);
	tcase_add_test(tcase, test_long);
	tcase_add_test_raise_signal(tcase, test_assert, SIGABRT);
	suite_add_tcase(suite, tcase);
	return suite;
}
