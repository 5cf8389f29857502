#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "reports/text.h"
#include "tests/lib/golden.h"
#include "tests/lib/result_fixture.h"

static const struct report_file files[] = {{"out/report.json"}, {"out/junit.xml"}};

static const struct {
	const char *name;
	struct report_style style;
} styles[] = {
	{"ascii", {.files = files, .file_count = 2}},
	{"utf8", {.files = files, .file_count = 2, .utf8 = true}},
	{"verbose", {.files = files, .file_count = 2, .utf8 = true, .verbose = true}},
	{"quiet", {.files = files, .file_count = 2, .quiet = true}},
};
enum { STYLE_COUNT = sizeof(styles) / sizeof(styles[0]) };

/* Returns new text; frees nothing of the result. */
static char *summary_of(const struct result *result, const struct report_style *style)
{
	size_t bytes = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &bytes);

	ck_assert_int_eq(report_text_write(out, result, style), 0);
	fclose(out);
	return text;
}

static char *render(int kind, const struct report_style *style)
{
	struct result_fixture f;
	char *text;

	result_fixture_init(&f, (enum result_fixture_kind)kind);
	text = summary_of(&f.result, style);
	result_fixture_fini(&f);
	return text;
}

/* Goal: the whole summary stays as it was judged to be good, for each kind of run and reader. */
START_TEST(test_matches_its_golden_file)
{
	int kind = _i / STYLE_COUNT, style = _i % STYLE_COUNT;
	char *text = render(kind, &styles[style].style);
	char name[64];

	snprintf(name, sizeof(name), "text_%s_%s.txt",
		 result_fixture_name((enum result_fixture_kind)kind), styles[style].name);
	ck_assert(golden_same(name, text));
	free(text);
}
END_TEST

/* Goal: no line is wider than 80 columns or ends in a space, whatever the run; paths and commands,
 * which are there to be copied, are the only exception. */
START_TEST(test_fits_the_terminal)
{
	for (int style = 0; style < STYLE_COUNT; style++) {
		char *text = render(_i, &styles[style].style), *rest = text, *line;

		while ((line = strsep(&rest, "\n"))) {
			ck_assert_msg(text_width(line) <= 80, "too wide: \"%s\"", line);
			ck_assert_msg(!*line || line[strlen(line) - 1] != ' ',
				      "space at the end: \"%s\"", line);
		}
		free(text);
	}
}
END_TEST

/* Goal: what an endpoint or an answer says never drives the terminal: without colour no control
 * byte but the line's end comes out, and with ASCII nothing beyond it. */
START_TEST(test_foreign_text_is_never_raw)
{
	for (int style = 0; style < STYLE_COUNT; style++) {
		char *text = render(_i, &styles[style].style);

		for (const char *at = text; *at; at++) {
			unsigned char byte = (unsigned char)*at;

			ck_assert_msg(byte >= 0x20 || byte == '\n', "byte 0x%02x", byte);
			ck_assert(styles[style].style.utf8 || byte < 0x7f);
		}
		free(text);
	}
}
END_TEST

/* Goal: colour changes nothing but colour: taking the sequences away gives the plain summary. */
START_TEST(test_colour_adds_nothing_else)
{
	struct report_style colour = styles[1].style;
	char *plain = render(_i, &styles[1].style), *painted, *to, *from;

	colour.colour = true;
	painted = to = from = render(_i, &colour);
	ck_assert_ptr_nonnull(strstr(painted, "\x1b["));
	while (*from) {
		if (*from == '\x1b')
			from = strchr(from, 'm') + 1;
		else
			*to++ = *from++;
	}
	*to = '\0';
	ck_assert_str_eq(painted, plain);
	free(painted);
	free(plain);
}
END_TEST

/* Goal: sums that do not close are said to be our own error. */
START_TEST(test_sum_that_does_not_close_is_shown)
{
	struct result_fixture f;
	char *text;

	result_fixture_init(&f, RESULT_FIXTURE_pass);
	f.metrics->delivered--;
	text = summary_of(&f.result, &styles[0].style);
	ck_assert_ptr_nonnull(strstr(text, "but they sum to 999: hookproof's own error"));
	free(text);
	result_fixture_fini(&f);
}
END_TEST

/* Goal: a report that could not be written says so. */
START_TEST(test_full_disk_is_an_error)
{
	FILE *full = fopen("/dev/full", "w");
	struct result_fixture f;

	ck_assert_ptr_nonnull(full);
	result_fixture_init(&f, RESULT_FIXTURE_fail);
	for (const struct report_format *format = report_formats; format->name; format++)
		ck_assert_int_eq(format->write(full, &f.result, &styles[0].style), -1);
	result_fixture_fini(&f);
	fclose(full);
}
END_TEST

Suite *suite_report_text(void);

Suite *suite_report_text(void)
{
	Suite *suite = suite_create("report_text");
	TCase *tcase = tcase_create("report_text");

	tcase_add_loop_test(tcase, test_matches_its_golden_file, 0,
			    RESULT_FIXTURE_COUNT * STYLE_COUNT);
	tcase_add_loop_test(tcase, test_fits_the_terminal, 0, RESULT_FIXTURE_COUNT);
	tcase_add_loop_test(tcase, test_foreign_text_is_never_raw, 0, RESULT_FIXTURE_COUNT);
	tcase_add_loop_test(tcase, test_colour_adds_nothing_else, 0, RESULT_FIXTURE_COUNT);
	tcase_add_test(tcase, test_sum_that_does_not_close_is_shown);
	tcase_add_test(tcase, test_full_disk_is_an_error);
	suite_add_tcase(suite, tcase);
	return suite;
}
