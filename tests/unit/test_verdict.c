#include "engine/verdict.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>

#include "base/mem.h"

enum { FINDINGS_MAX = 4 };

static const struct check must = {.id = "a-must", .level = CHECK_MUST};
static const struct check should = {.id = "a-should", .level = CHECK_SHOULD};
static const struct check info = {.id = "an-info", .level = CHECK_INFO};

struct row {
	struct {
		const struct check *check;
		enum verdict verdict;
		const char *reason;
	} findings[FINDINGS_MAX];
	bool untrusted, interrupted, unreachable;
	enum run_verdict verdict;
	int exit;
};

#define MUST(word) {&must, VERDICT_##word, "probe-broken: no answer"}
#define MUST_OURS {&must, VERDICT_ERROR, VERDICT_OURS "a sum does not close"}
#define SHOULD(word) {&should, VERDICT_##word, "lag"}
#define INFO(word) {&info, VERDICT_##word, VERDICT_OURS "not counted"}

static const struct row rows[] = {
	/* 0: judged and passed */
	{.findings = {MUST(PASS)}, .verdict = RUN_PASS, .exit = 0},
	{.findings = {MUST(PASS), SHOULD(WARN)}, .verdict = RUN_PASS, .exit = 0},
	{.findings = {MUST(PASS), SHOULD(INCONCLUSIVE)}, .verdict = RUN_PASS, .exit = 0},
	{.findings = {MUST(PASS), SHOULD(UNOBSERVED)}, .verdict = RUN_PASS, .exit = 0},
	{.findings = {MUST(PASS), MUST(UNOBSERVED)}, .verdict = RUN_PASS, .exit = 0},
	{.findings = {MUST(PASS), MUST(NOT_APPLICABLE)}, .verdict = RUN_PASS, .exit = 0},
	{.findings = {MUST(WARN)}, .verdict = RUN_PASS, .exit = 0},
	{.findings = {MUST(PASS), INFO(FAIL), INFO(ERROR)}, .verdict = RUN_PASS, .exit = 0},
	/* 1: a proven failure is never masked */
	{.findings = {MUST(FAIL)}, .verdict = RUN_FAIL, .exit = 1},
	{.findings = {MUST(PASS), MUST(FAIL)}, .verdict = RUN_FAIL, .exit = 1},
	{.findings = {MUST(FAIL), MUST(INCONCLUSIVE)}, .verdict = RUN_FAIL, .exit = 1},
	{.findings = {MUST(FAIL), MUST(ERROR)}, .verdict = RUN_FAIL, .exit = 1},
	{.findings = {MUST(FAIL), MUST_OURS}, .verdict = RUN_FAIL, .exit = 1},
	{.findings = {MUST(FAIL)}, .untrusted = true, .verdict = RUN_FAIL, .exit = 1},
	{.findings = {MUST(FAIL)}, .unreachable = true, .verdict = RUN_FAIL, .exit = 1},
	{.findings = {MUST(FAIL)}, .interrupted = true, .verdict = RUN_FAIL, .exit = 1},
	/* 130: interrupted, and nothing proven */
	{.findings = {MUST(PASS)}, .interrupted = true, .verdict = RUN_UNDECIDED, .exit = 130},
	{.findings = {MUST(PASS)},
	 .interrupted = true,
	 .untrusted = true,
	 .verdict = RUN_INVALID,
	 .exit = 130},
	{.interrupted = true, .verdict = RUN_UNDECIDED, .exit = 130},
	/* 70: an error of ours */
	{.findings = {MUST(PASS), MUST_OURS}, .verdict = RUN_UNDECIDED, .exit = 70},
	{.findings = {MUST_OURS}, .untrusted = true, .verdict = RUN_INVALID, .exit = 70},
	{.findings = {MUST_OURS}, .unreachable = true, .verdict = RUN_UNDECIDED, .exit = 70},
	{.findings = {MUST(PASS), {&should, VERDICT_ERROR, VERDICT_OURS "x"}},
	 .verdict = RUN_UNDECIDED,
	 .exit = 70},
	/* 6: not to be trusted */
	{.findings = {MUST(PASS)}, .untrusted = true, .verdict = RUN_INVALID, .exit = 6},
	{.findings = {MUST(INCONCLUSIVE)}, .untrusted = true, .verdict = RUN_INVALID, .exit = 6},
	{.findings = {MUST(PASS)},
	 .untrusted = true,
	 .unreachable = true,
	 .verdict = RUN_INVALID,
	 .exit = 6},
	/* 5: nothing ever answered */
	{.findings = {MUST(PASS)}, .unreachable = true, .verdict = RUN_UNDECIDED, .exit = 5},
	{.findings = {MUST(ERROR)}, .unreachable = true, .verdict = RUN_UNDECIDED, .exit = 5},
	/* 4: undecided */
	{.verdict = RUN_UNDECIDED, .exit = 4},
	{.findings = {MUST(UNOBSERVED)}, .verdict = RUN_UNDECIDED, .exit = 4},
	{.findings = {MUST(NOT_APPLICABLE)}, .verdict = RUN_UNDECIDED, .exit = 4},
	{.findings = {SHOULD(PASS)}, .verdict = RUN_UNDECIDED, .exit = 4},
	{.findings = {INFO(PASS)}, .verdict = RUN_UNDECIDED, .exit = 4},
	{.findings = {MUST(PASS), MUST(INCONCLUSIVE)}, .verdict = RUN_UNDECIDED, .exit = 4},
	{.findings = {MUST(PASS), MUST(ERROR)}, .verdict = RUN_UNDECIDED, .exit = 4},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static struct judgement judgement_of(const struct row *row)
{
	struct judgement judgement = {.untrusted = row->untrusted};

	judgement.findings = hp_xcalloc(FINDINGS_MAX, sizeof(*judgement.findings));
	while (judgement.finding_count < FINDINGS_MAX &&
	       row->findings[judgement.finding_count].check) {
		size_t at = judgement.finding_count++;
		struct finding *finding = &judgement.findings[at];

		finding->check = row->findings[at].check;
		finding->verdict = row->findings[at].verdict;
		snprintf(finding->reason, sizeof(finding->reason), "%s", row->findings[at].reason);
	}
	return judgement;
}

/* Goal: every row of the table of exit codes, with the verdict of the run. */
START_TEST(test_exit_code)
{
	const struct row *row = &rows[_i];
	struct judgement judgement = judgement_of(row);

	judgement_close(&judgement, row->interrupted, row->unreachable);
	ck_assert_str_eq(run_verdict_word(judgement.verdict), run_verdict_word(row->verdict));
	ck_assert_int_eq(judgement.exit, row->exit);
	judgement_fini(&judgement);
}
END_TEST

/* Goal: the counts are of MUST and SHOULD by verdict, not of INFO; closing twice is the same. */
START_TEST(test_counts)
{
	static const struct row row = {
		.findings = {MUST(PASS), MUST(PASS), SHOULD(WARN), INFO(FAIL)}};
	struct judgement judgement = judgement_of(&row);

	judgement_close(&judgement, false, false);
	judgement_close(&judgement, false, false);
	ck_assert_uint_eq(judgement.counts[VERDICT_PASS], 2);
	ck_assert_uint_eq(judgement.counts[VERDICT_WARN], 1);
	ck_assert_uint_eq(judgement.counts[VERDICT_FAIL], 0);
	judgement_fini(&judgement);
	ck_assert_ptr_null(judgement.findings);
	ck_assert_uint_eq(judgement.finding_count, 0);
}
END_TEST

/* Goal: the words of the JSON, and that a verdict beyond the list is our bug. */
START_TEST(test_words)
{
	ck_assert_str_eq(verdict_word(VERDICT_NOT_APPLICABLE), "not-applicable");
	ck_assert_str_eq(verdict_word(VERDICT_FAIL), "fail");
	ck_assert_str_eq(verdict_mark(VERDICT_PASS), "ok");
	ck_assert_str_eq(check_level_word(CHECK_SHOULD), "SHOULD");
	ck_assert_str_eq(run_verdict_word(RUN_INVALID), "invalid");
}
END_TEST

START_TEST(test_no_word_beyond)
{
	verdict_word(VERDICT_COUNT);
}
END_TEST

Suite *suite_verdict(void);

Suite *suite_verdict(void)
{
	Suite *suite = suite_create("verdict");
	TCase *tcase = tcase_create("verdict");

	tcase_add_loop_test(tcase, test_exit_code, 0, ROWS);
	tcase_add_test(tcase, test_counts);
	tcase_add_test(tcase, test_words);
	tcase_add_test_raise_signal(tcase, test_no_word_beyond, SIGABRT);
	suite_add_tcase(suite, tcase);
	return suite;
}
