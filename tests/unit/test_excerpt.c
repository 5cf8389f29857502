#include "cli/excerpt.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *line, *place; /* where the text that is complained about begins */
	char before;
	const char *shown;
} rows[] = {
	/* The value that is complained about is shown, the others are not. */
	{"{\"rate\": \"0/s\", \"for\": \"1s\"}", "\"0/s\"", 0,
	 "{\"rate\": \"0/s\", \"for\": \"**\"}"},
	{"{\"rate\": 5, \"count\": 77, \"quiet\": true}", "5", 0,
	 "{\"rate\": 5, \"count\": **, \"quiet\": true}"},
	{"\"events\": [\"a\", \"invoise.*\"]", "\"invoise", 0,
	 "\"events\": [\"*\", \"invoise.*\"]"},
	{"  \"respnse.p99<5ms\",", "\"respnse", '[', "  \"respnse.p99<5ms\","},
	{"  \"respnse.p99<5ms\",", "\"respnse", ',', "  \"respnse.p99<5ms\","},
	{"\"secret_env\": \"HOOK\"", "\"HOOK", 0, "\"secret_env\": \"HOOK\""},
	/* Behind keys that could hold a secret, however they are written. */
	{"\"secert\": \"s3\"", "\"s3", 0, "\"secert\": \"**\""},
	{"\"sceret\": \"s3\"", "\"s3", 0, "\"sceret\": \"**\""},
	{"\"signing_secret\" : \"s3\"", "\"s3", 0, "\"signing_secret\" : \"**\""},
	{"\"token\": 12345", "12345", 0, "\"token\": *****"},
	{"\"secret\": [\"s3\"]", "\"s3", 0, "\"secret\": [\"**\"]"},
	/* Where the key is not to be seen, or the line is out of step. */
	{"  \"s3\", \"url\": 5", "\"s3", ':', "  \"**\", \"url\": *"},
	{"\"s3\"", "\"s3", 0, "\"**\""},
	{"{\"secret\" \"s3\"}", "\"s3", 0, "{\"******\" \"**\"}"},
	{"\"name\": \"x, \"secert\": \"s3\"", "secert", 0, "\"name\": \"***\"******\"**\"**\""},
	{"\"url\": \"s3", "\"s3", 0, "\"url\": \"**"},
	{"\"url\": \"s\\\"3\"", "s\\", 0, "\"url\": \"****\""},
	{"\"url\": \"s3\\", "x", 0, "\"url\": \"***"},
};

/* Goal: of the values of a refused line only the one that is complained about is shown, and none
 * that may be a secret; keys and columns stay. */
START_TEST(test_hide)
{
	char line[128];
	char *place;

	snprintf(line, sizeof(line), "%s", rows[_i].line);
	place = strstr(line, rows[_i].place);
	excerpt_hide(line, place ? (size_t)(place - line) : strlen(line), rows[_i].before);
	ck_assert_str_eq(line, rows[_i].shown);
}
END_TEST

Suite *suite_excerpt(void);

Suite *suite_excerpt(void)
{
	Suite *suite = suite_create("excerpt");
	TCase *tcase = tcase_create("excerpt");

	tcase_add_loop_test(tcase, test_hide, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
