#include "base/log.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

static struct fixture {
	int ends[2];
	char said[4 * HP_LOG_LINE_BYTES];
} f;

static void set_up(void)
{
	ck_assert_int_eq(pipe(f.ends), 0);
	ck_assert_int_ge(dup2(f.ends[1], STDERR_FILENO), 0);
	close(f.ends[1]);
}

/* What was written to stderr since the start; ends the writing. */
static const char *said(void)
{
	ssize_t count;

	close(STDERR_FILENO);
	count = read(f.ends[0], f.said, sizeof(f.said) - 1);
	ck_assert_int_ge(count, 0);
	f.said[count] = '\0';
	return f.said;
}

static const char *const shown_at[] = {
	[HP_LOG_ERROR] = "error: disk 1\n",
	[HP_LOG_WARN] = "error: disk 1\nwarn: late 2\n",
	[HP_LOG_INFO] = "error: disk 1\nwarn: late 2\ninfo: done 3\n",
	[HP_LOG_DEBUG] = "error: disk 1\nwarn: late 2\ninfo: done 3\ndebug: x 4\n",
};

/* Goal: each level shows itself and what is more serious, one line a message. */
START_TEST(test_levels)
{
	hp_log_level_set((enum hp_log_level)_i);
	ck_assert_int_eq(hp_log_level(), _i);
	hp_log_error("disk %d", 1);
	hp_log_warn("late %d", 2);
	hp_log_info("done %d", 3);
	hp_log_debug("x %d", 4);
	ck_assert_str_eq(said(), shown_at[_i]);
}
END_TEST

/* Goal: nothing below a warning is shown unless somebody asks. */
START_TEST(test_default)
{
	hp_log_info("progress");
	hp_log_warn("look");
	ck_assert_str_eq(said(), "warn: look\n");
}
END_TEST

/* Goal: what a peer said can neither start a new line nor speak to the terminal. */
START_TEST(test_controls)
{
	hp_log_warn("peer said %s", "a\nerror: b\r\x1b[2J\x7f\tc");
	ck_assert_str_eq(said(), "warn: peer said a error: b  [2J  c\n");
}
END_TEST

/* Goal: a long message is cut and still one line; the longest that fits is whole. */
START_TEST(test_long)
{
	int width = _i;

	hp_log_warn("%*s", width, "x");
	ck_assert_uint_eq(strlen(said()), width < 1018 ? 7 + (size_t)width : HP_LOG_LINE_BYTES);
	ck_assert_ptr_eq(strchr(f.said, '\n'), f.said + strlen(f.said) - 1);
}
END_TEST

/* Goal: the four words are read, others are not. */
START_TEST(test_parse)
{
	enum hp_log_level level = HP_LOG_WARN;

	ck_assert(hp_log_level_parse(HP_LITERAL("debug"), &level));
	ck_assert_int_eq(level, HP_LOG_DEBUG);
	ck_assert(hp_log_level_parse(HP_LITERAL("error"), &level));
	ck_assert_int_eq(level, HP_LOG_ERROR);
	ck_assert(!hp_log_level_parse(HP_LITERAL("Warn"), &level));
	ck_assert(!hp_log_level_parse(HP_LITERAL(""), &level));
	ck_assert_int_eq(level, HP_LOG_ERROR);
}
END_TEST

Suite *suite_log(void);

Suite *suite_log(void)
{
	Suite *suite = suite_create("log");
	TCase *tcase = tcase_create("log");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_loop_test(tcase, test_levels, HP_LOG_ERROR, HP_LOG_DEBUG + 1);
	tcase_add_test(tcase, test_default);
	tcase_add_test(tcase, test_controls);
	tcase_add_loop_test(tcase, test_long, 1010, 1030);
	tcase_add_test(tcase, test_parse);
	suite_add_tcase(suite, tcase);
	return suite;
}
