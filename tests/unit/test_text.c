#include "reports/text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct report_style ascii, utf8 = {.utf8 = true};

/* Goal: counts are grouped by thousands. */
START_TEST(test_counts)
{
	char out[TEXT_NUMBER_BYTES];

	ck_assert_str_eq(text_count(0, out), "0");
	ck_assert_str_eq(text_count(999, out), "999");
	ck_assert_str_eq(text_count(1000, out), "1,000");
	ck_assert_str_eq(text_count(1234567, out), "1,234,567");
	ck_assert_str_eq(text_count(UINT64_MAX, out), "18,446,744,073,709,551,615");
}
END_TEST

static const struct {
	uint64_t latency_us;
	const char *text;
} latencies[] = {
	{0, "0 us"},
	{999, "999 us"},
	{1000, "1.00 ms"},
	{9994, "9.99 ms"},
	{9996, "10.0 ms"},
	{99960, "100 ms"},
	{999499, "999 ms"},
	{999500, "1.00 s"},
	{1234567, "1.23 s"},
	{59900000, "59.9 s"},
	{60000000, "1m 00s"},
	{3599999999, "59m 59s"},
	{61380000000, "17h 03m"},
	{604800000000, "7d 00h"},
};

/* Goal: a latency takes seven columns at most and changes its unit where it should. */
START_TEST(test_latencies)
{
	char out[TEXT_NUMBER_BYTES];

	ck_assert_str_eq(text_latency(latencies[_i].latency_us, &ascii, out), latencies[_i].text);
	ck_assert_uint_le(strlen(out), 7);
	ck_assert_uint_le(text_width(text_latency(latencies[_i].latency_us, &utf8, out)), 7);
}
END_TEST

/* Goal: nearly all never reads as all, and nearly nothing never as nothing. */
START_TEST(test_shares)
{
	char out[TEXT_NUMBER_BYTES];

	ck_assert_str_eq(text_share(0, 10, out), "");
	ck_assert_str_eq(text_share(1, 0, out), "");
	ck_assert_str_eq(text_share(10, 10, out), "100 %");
	ck_assert_str_eq(text_share(999999, 1000000, out), ">99.99 %");
	ck_assert_str_eq(text_share(1, 1000000, out), "<0.01 %");
	ck_assert_str_eq(text_share(1, 200, out), "0.50 %");
	ck_assert_str_eq(text_share(1, 3, out), "33.3 %");
	ck_assert_str_eq(text_share(995, 1000, out), "99.50 %");
}
END_TEST

static const struct {
	unsigned indent;
	const char *sentence, *text;
} sentences[] = {
	{60, "one two three four five six",
	 "one two three four\n"
	 "                                                            five six\n"},
	{60, "exactly twenty wide.", "exactly twenty wide.\n"},
	{60, "exactly twenty wide. and",
	 "exactly twenty wide.\n"
	 "                                                            and\n"},
	{60, "aword-longer-than-its-room",
	 "aword-longer-than-it\n"
	 "                                                            s-room\n"},
	{0, "", "\n"},
};

/* Goal: a sentence wraps at spaces and hangs at its indent; a word that is too long is broken. */
START_TEST(test_wraps)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);

	text_wrap(out, &ascii, sentences[_i].indent, sentences[_i].sentence);
	fclose(out);
	ck_assert_str_eq(text, sentences[_i].text);
	free(text);
}
END_TEST

Suite *suite_text(void);

Suite *suite_text(void)
{
	Suite *suite = suite_create("text");
	TCase *tcase = tcase_create("text");

	tcase_add_test(tcase, test_counts);
	tcase_add_loop_test(tcase, test_latencies, 0, sizeof(latencies) / sizeof(latencies[0]));
	tcase_add_test(tcase, test_shares);
	tcase_add_loop_test(tcase, test_wraps, 0, sizeof(sentences) / sizeof(sentences[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
