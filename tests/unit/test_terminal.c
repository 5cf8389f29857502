#include <check.h>
#include <stdlib.h>

#include "base/span.h"
#include "cli/terminal.h"

static const struct {
	enum terminal_wish wish;
	const char *no_color;
	bool colour;
} wishes[] = {
	/* on a stream that is no terminal */
	{TERMINAL_AUTO, NULL, false},  {TERMINAL_AUTO, "1", false}, {TERMINAL_ALWAYS, NULL, true},
	{TERMINAL_ALWAYS, "1", true}, /* the flag comes before NO_COLOR */
	{TERMINAL_NEVER, NULL, false},
};

/* Goal: colour follows the flag, then NO_COLOR, then the stream. */
START_TEST(test_colour)
{
	FILE *stream = tmpfile();
	struct terminal terminal;

	unsetenv("NO_COLOR");
	if (wishes[_i].no_color)
		setenv("NO_COLOR", wishes[_i].no_color, 1);
	terminal = terminal_of(stream, wishes[_i].wish);
	fclose(stream);
	ck_assert(terminal.colour == wishes[_i].colour);
	ck_assert(!terminal.is_terminal);
	ck_assert_uint_eq(terminal.columns, TERMINAL_COLUMNS);
}
END_TEST

static const struct {
	const char *lc_all, *lang;
	bool utf8;
} locales[] = {
	{"", "en_US.UTF-8", true},
	{"C", "en_US.UTF-8", false}, /* LC_ALL decides */
	{"C.utf8", "", true},
	{"", "", false},
};

/* Goal: the first locale variable that is set decides about UTF-8. */
START_TEST(test_utf8)
{
	setenv("LC_ALL", locales[_i].lc_all, 1);
	unsetenv("LC_CTYPE");
	setenv("LANG", locales[_i].lang, 1);
	ck_assert(terminal_of(stdout, TERMINAL_AUTO).utf8 == locales[_i].utf8);
}
END_TEST

/* Goal: on a stream that is no terminal, the progress is a plain line every ten seconds, without a
 * control byte; quiet says nothing. */
START_TEST(test_progress)
{
	struct terminal_progress progress;
	char text[256] = "";
	FILE *out = tmpfile();

	terminal_progress_init(&progress, out, _i == 1);
	for (uint64_t ms = 0; ms <= 25000; ms += 250)
		terminal_progress_show(&progress, ms < 20000 ? "first" : "second", ms * HP_MS_NS);
	terminal_progress_clear(&progress);
	rewind(out);
	ck_assert_uint_le(fread(text, 1, sizeof(text) - 1, out), sizeof(text));
	fclose(out);
	ck_assert_str_eq(text, _i == 1 ? "" : "first\nsecond\n");
}
END_TEST

Suite *suite_terminal(void);
Suite *suite_terminal(void)
{
	Suite *suite = suite_create("terminal");
	TCase *cases = tcase_create("terminal");

	tcase_add_loop_test(cases, test_colour, 0, sizeof(wishes) / sizeof(wishes[0]));
	tcase_add_loop_test(cases, test_utf8, 0, sizeof(locales) / sizeof(locales[0]));
	tcase_add_loop_test(cases, test_progress, 0, 2);
	suite_add_tcase(suite, cases);
	return suite;
}
