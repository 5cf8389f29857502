#include <check.h>
#include <stdio.h>

#include "judge/judge_inside.h"

/* Goal: the eight worst lines stay, worst first, equal ones in the order in which they came. */
START_TEST(test_worst_stay_in_order)
{
	struct judge_tally tally = {.total = 0};

	for (unsigned i = 1; i <= 20; i++) {
		char *line = judge_fail(&tally, i % 10);

		if (line)
			snprintf(line, VERDICT_EVIDENCE_BYTES, "%u of weight %u", i, i % 10);
	}
	ck_assert_uint_eq(tally.failed, 20);
	ck_assert_uint_eq(tally.decided, 20);
	ck_assert_uint_eq(tally.evidence_count, VERDICT_EVIDENCE_MAX);
	ck_assert_str_eq(tally.evidence[0], "9 of weight 9");
	ck_assert_str_eq(tally.evidence[1], "19 of weight 9");
	ck_assert_str_eq(tally.evidence[2], "8 of weight 8");
	ck_assert_str_eq(tally.evidence[7], "16 of weight 6");
}
END_TEST

/* Goal: a line that is no worse than eight others is not even asked for. */
START_TEST(test_no_line_without_room)
{
	struct judge_tally tally = {.total = 0};

	for (unsigned i = 0; i < VERDICT_EVIDENCE_MAX; i++)
		ck_assert_ptr_nonnull(judge_fail(&tally, 5));
	ck_assert_ptr_null(judge_fail(&tally, 5));
	ck_assert_ptr_null(judge_warn(&tally));
	ck_assert_ptr_eq(judge_fail(&tally, 6), tally.evidence[0]);
}
END_TEST

/* Goal: warnings stand behind failures. */
START_TEST(test_warnings_come_last)
{
	struct judge_tally tally = {.total = 0};

	snprintf(judge_warn(&tally), VERDICT_EVIDENCE_BYTES, "warning");
	snprintf(judge_fail(&tally, 0), VERDICT_EVIDENCE_BYTES, "failure");
	ck_assert_str_eq(tally.evidence[0], "failure");
	ck_assert_str_eq(tally.evidence[1], "warning");
}
END_TEST

/* Goal: the share of decided instances decides between pass and inconclusive, at its floor. */
START_TEST(test_floor)
{
	static const struct {
		enum judge_law_index law;
		unsigned held, open;
		enum verdict verdict;
	} rows[] = {
		{JUDGE_LAW_early, 99, 1, VERDICT_PASS},
		{JUDGE_LAW_early, 98, 2, VERDICT_INCONCLUSIVE},
		{JUDGE_LAW_early, 0, 1, VERDICT_INCONCLUSIVE},
		{JUDGE_LAW_early, 0, 0, VERDICT_UNOBSERVED},
		{JUDGE_LAW_no_loss, 99, 1, VERDICT_INCONCLUSIVE},
		{JUDGE_LAW_no_loss, 100, 0, VERDICT_PASS},
	};
	struct judge judge = {.facts.recording = PLAN_RECORD_ALL};
	struct judge_tally *tally = &judge.tallies[rows[_i].law];
	struct finding finding = {.check = NULL};

	for (unsigned i = 0; i < rows[_i].held; i++)
		judge_hold(tally);
	for (unsigned i = 0; i < rows[_i].open; i++)
		judge_open(tally, "lag");
	judge_conclude(&judge, rows[_i].law, &finding);
	ck_assert_int_eq(finding.verdict, rows[_i].verdict);
	ck_assert_uint_eq(finding.total, rows[_i].held + rows[_i].open);
	ck_assert_uint_eq(finding.decided, rows[_i].held);
}
END_TEST

/* Goal: one failure outweighs any number of undecided instances. */
START_TEST(test_failure_outweighs)
{
	struct judge judge = {.facts.recording = PLAN_RECORD_ALL};
	struct judge_tally *tally = &judge.tallies[JUDGE_LAW_early];
	struct finding finding = {.check = NULL};

	for (unsigned i = 0; i < 1000; i++)
		judge_open(tally, "lag");
	snprintf(judge_fail(tally, 1), VERDICT_EVIDENCE_BYTES, "the record");
	judge_conclude(&judge, JUDGE_LAW_early, &finding);
	ck_assert_int_eq(finding.verdict, VERDICT_FAIL);
	ck_assert_str_eq(finding.reason, "1 of 1001 waits were too short: the record");
}
END_TEST

/* Goal: seconds are written to the microsecond, without idle zeros, negative ones too. */
START_TEST(test_seconds)
{
	static const struct {
		int64_t span_ns;
		const char *text;
	} rows[] = {
		{0, "0 s"},
		{1, "0 s"},
		{500, "0.000001 s"},
		{1204000000, "1.204 s"},
		{2 * INT64_C(1000000000), "2 s"},
		{-50000000, "-0.05 s"},
		{INT64_MIN, "-9223372036.854776 s"},
		{INT64_MAX, "9223372036.854776 s"},
		{INT64_C(100000000000), "100 s"},
	};
	char out[JUDGE_SECONDS_BYTES];

	ck_assert_str_eq(judge_seconds(rows[_i].span_ns, out), rows[_i].text);
}
END_TEST

Suite *suite_judge_tally(void);

Suite *suite_judge_tally(void)
{
	Suite *suite = suite_create("judge_tally");
	TCase *tcase = tcase_create("judge_tally");

	tcase_add_test(tcase, test_worst_stay_in_order);
	tcase_add_test(tcase, test_no_line_without_room);
	tcase_add_test(tcase, test_warnings_come_last);
	tcase_add_loop_test(tcase, test_floor, 0, 6);
	tcase_add_test(tcase, test_failure_outweighs);
	tcase_add_loop_test(tcase, test_seconds, 0, 9);
	suite_add_tcase(suite, tcase);
	return suite;
}
