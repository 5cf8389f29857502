#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "reports/report.h"
#include "tests/lib/golden.h"
#include "tests/lib/result_fixture.h"
#include "tests/lib/xml_check.h"

static const char *const dialects[] = {"junit", "junit-strict"};

/* Returns new text. */
static char *document_of(const struct result *result, const char *dialect)
{
	static const struct report_style style;
	size_t bytes = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &bytes);

	ck_assert_int_eq(report_find(dialect)->write(out, result, &style), 0);
	fclose(out);
	return text;
}

static char *render(int kind, const char *dialect)
{
	struct result_fixture f;
	char *text;

	result_fixture_init(&f, (enum result_fixture_kind)kind);
	text = document_of(&f.result, dialect);
	result_fixture_fini(&f);
	return text;
}

/* Goal: the document stays as it was agreed, for each kind of run and both dialects. */
START_TEST(test_matches_its_golden_file)
{
	const char *dialect = dialects[_i % 2];
	char *text = render(_i / 2, dialect);
	char name[64];

	snprintf(name, sizeof(name), "%s_%s.xml", dialect,
		 result_fixture_name((enum result_fixture_kind)(_i / 2)));
	ck_assert(golden_same(name, text));
	free(text);
}
END_TEST

/* Goal: every document is well-formed, and the strict one has no attribute that Jenkins' schema
 * does not know. */
START_TEST(test_is_well_formed)
{
	char *text = render(_i / 2, dialects[_i % 2]);

	ck_assert(xml_check_document(hp_view_of(text)));
	ck_assert_int_eq(strstr(text, " file=\"") != NULL, _i % 2 == 0);
	free(text);
}
END_TEST

static unsigned count_of(const char *text, const char *what)
{
	unsigned count = 0;

	for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
		count++;
	return count;
}

/* Goal: the root's counts are those of the elements: a consumer may trust either. */
START_TEST(test_counts_agree_with_the_elements)
{
	char *text = render(_i, "junit");
	unsigned tests, failures, errors;

	ck_assert_int_eq(sscanf(strstr(text, "<testsuites"),
				"<testsuites name=\"hookproof\" tests=\"%u\" failures=\"%u\" "
				"errors=\"%u\"",
				&tests, &failures, &errors),
			 3);
	ck_assert_uint_eq(tests, count_of(text, "<testcase "));
	ck_assert_uint_eq(failures, count_of(text, "<failure "));
	ck_assert_uint_eq(errors, count_of(text, "<error "));
	free(text);
}
END_TEST

/* Goal: neither a run that checked nothing nor one that cannot be trusted looks green. */
START_TEST(test_nothing_and_invalid_are_red)
{
	static const struct {
		enum result_fixture_kind kind;
		const char *type;
	} rows[] = {{RESULT_FIXTURE_nothing, "<error type=\"undecided\""},
		    {RESULT_FIXTURE_invalid, "<error type=\"untrusted\""}};
	char *text = render((int)rows[_i].kind, "junit-strict");

	ck_assert_ptr_nonnull(strstr(text, rows[_i].type));
	free(text);
}
END_TEST

/* Goal: a case's content is cut at 8 KiB between characters, and the document stays well-formed. */
START_TEST(test_endless_evidence_is_cut)
{
	struct result_fixture f;
	char *text, *begin;
	size_t bytes;

	result_fixture_init(&f, RESULT_FIXTURE_fail);
	f.findings[1].evidence_count = VERDICT_EVIDENCE_MAX;
	for (size_t i = 0; i < VERDICT_EVIDENCE_MAX; i++) {
		memset(f.findings[1].evidence[i], '"', VERDICT_EVIDENCE_BYTES - 1);
		f.findings[1].evidence[i][VERDICT_EVIDENCE_BYTES - 1] = '\0';
	}
	text = document_of(&f.result, "junit");
	ck_assert(xml_check_document(hp_view_of(text)));
	begin = strchr(strstr(text, "<failure "), '>') + 1;
	bytes = (size_t)(strstr(begin, "</failure>") - begin);
	ck_assert_uint_le(bytes, 8192);
	ck_assert_uint_ge(bytes, 8192 - 6);
	free(text);
	result_fixture_fini(&f);
}
END_TEST

/* Goal: the checker that these tests lean on refuses what is not well-formed. */
START_TEST(test_checker_refuses)
{
#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	static const char *const bad[] = {
		"<a></a>\n",
		HEAD "<a>",
		HEAD "<a></b>",
		HEAD "<a/><b/>",
		HEAD "<a>&x;</a>",
		HEAD "<a>\x1b</a>",
		HEAD "<a b=c/>",
		HEAD "<a b=\"<\"/>",
		HEAD "<a>\xff</a>",
		HEAD "<a>]]></a>",
		HEAD "x<a/>",
		HEAD "<a b=\"1\" />x",
		HEAD,
		HEAD "<a>\xef\xbf\xbf</a>",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!xml_check_document(hp_view_of(bad[i])), "accepted: %s", bad[i]);
	ck_assert(xml_check_document(HP_LITERAL(HEAD "<a b=\"1\"><c/>x &lt; y\n</a>\n")));
}
END_TEST

Suite *suite_report_junit(void);

Suite *suite_report_junit(void)
{
	Suite *suite = suite_create("report_junit");
	TCase *tcase = tcase_create("report_junit");

	tcase_add_loop_test(tcase, test_matches_its_golden_file, 0, RESULT_FIXTURE_COUNT * 2);
	tcase_add_loop_test(tcase, test_is_well_formed, 0, RESULT_FIXTURE_COUNT * 2);
	tcase_add_loop_test(tcase, test_counts_agree_with_the_elements, 0, RESULT_FIXTURE_COUNT);
	tcase_add_loop_test(tcase, test_nothing_and_invalid_are_red, 0, 2);
	tcase_add_test(tcase, test_endless_evidence_is_cut);
	tcase_add_test(tcase, test_checker_refuses);
	suite_add_tcase(suite, tcase);
	return suite;
}
