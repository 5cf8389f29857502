#include "judge/judge.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "engine/recording.h"
#include "tests/lib/past.h"

static struct past f;

static void setup(void)
{
	past_init(&f);
}

static void teardown(void)
{
	past_fini(&f);
}

/* Goal: a history that kept every law passes every check, and every check decided something. */
START_TEST(test_good_past_passes)
{
	past_expect_broken(&f, "");
	ck_assert_int_eq(f.judgement.verdict, RUN_PASS);
	ck_assert_int_eq(f.judgement.exit, 0);
	ck_assert_uint_eq(f.judgement.finding_count, judge_check_count());
	for (size_t i = 0; i < f.judgement.finding_count; i++) {
		ck_assert_ptr_eq(f.judgement.findings[i].check, judge_check_at(i));
		ck_assert_uint_gt(f.judgement.findings[i].decided, 0);
		if (judge_check_at(i)->level != CHECK_INFO) /* which names what it tells of */
			ck_assert_uint_eq(f.judgement.findings[i].evidence_count, 0);
	}
}
END_TEST

/* Goal: a sum that does not close is hookproof's own error, and never hides a proven failure. */
START_TEST(test_own_error_and_failure)
{
	f.metrics->retries++;
	past_judge(&f);
	ck_assert_int_eq(f.judgement.exit, 70);
	ck_assert_int_eq(f.judgement.verdict, RUN_UNDECIDED);
	past_arrival(&f, 0, 1)->signature = SCHEME_MISMATCH;
	past_judge(&f);
	ck_assert_int_eq(f.judgement.exit, 1);
	ck_assert_int_eq(f.judgement.verdict, RUN_FAIL);
}
END_TEST

/* ---- what cannot be decided ---- */

/* Goal: nothing planned and nothing recorded is undecided, never a pass. */
START_TEST(test_empty_never_passes)
{
	past_clear(&f);
	f.plan.arrivals.span_ns = HP_US_NS;
	past_figures(&f);
	f.metrics->events = 0;
	past_judge(&f);
	for (size_t i = 0; i < f.judgement.finding_count; i++) {
		const struct finding *finding = &f.judgement.findings[i];
		bool faults = finding == past_finding(&f, "faults-took-effect");

		ck_assert_int_eq(finding->verdict,
				 faults ? VERDICT_NOT_APPLICABLE : VERDICT_UNOBSERVED);
	}
	ck_assert_int_eq(f.judgement.verdict, RUN_UNDECIDED);
	ck_assert_int_eq(f.judgement.exit, 4);
}
END_TEST

/* Goal: records missing altogether, while the plan has events, are lost events. */
START_TEST(test_nothing_recorded_is_all_lost)
{
	past_clear(&f);
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "no-loss")->verdict, VERDICT_FAIL);
	ck_assert_uint_ge(past_finding(&f, "no-loss")->failed, PAST_EVENTS);
	ck_assert_uint_eq(past_finding(&f, "no-loss")->evidence_count, VERDICT_EVIDENCE_MAX);
}
END_TEST

/* Goal: what an interruption cut is not failed, neither what waits nor what was never released. */
START_TEST(test_interruption_fails_nothing)
{
	f.facts.interrupted = true;
	past_drop(&f, 19, PAST_AUDIT);
	if (past_has(&f, 19, PAST_BILLING))
		past_drop(&f, 19, PAST_BILLING);
	past_figures(&f);
	f.metrics->events = 19;
	past_expect_broken(&f, "");
	ck_assert_int_eq(f.judgement.exit, 130);
	ck_assert_int_ne(f.judgement.verdict, RUN_PASS);
}
END_TEST

/* Goal: an interrupted run still fails when a failure is proven. */
START_TEST(test_interruption_hides_nothing)
{
	f.facts.interrupted = true;
	past_arrival(&f, 0, 1)->signature = SCHEME_MISMATCH;
	past_judge(&f);
	ck_assert_int_eq(f.judgement.exit, 1);
}
END_TEST

/* Goal: a file that was not finished is not held against the sender. */
START_TEST(test_incomplete_file_is_inconclusive)
{
	f.facts.incomplete = true;
	past_drop(&f, 3, PAST_AUDIT);
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "no-loss")->verdict, VERDICT_INCONCLUSIVE);
	ck_assert_int_eq(past_finding(&f, "accounting-closes")->verdict, VERDICT_INCONCLUSIVE);
	ck_assert_ptr_nonnull(strstr(past_finding(&f, "no-loss")->reason, "gap"));
	ck_assert_int_eq(f.judgement.exit, 4);
}
END_TEST

/* Goal: whether the figures of a file that a full disk cut found room is chance: it is undecided
 * with and without them, and not called invalid. */
START_TEST(test_incomplete_file_is_undecided)
{
	f.facts.incomplete = true;
	f.facts.records_lost = 7;
	past_judge(&f);
	ck_assert_int_eq(f.judgement.verdict, RUN_UNDECIDED);
	ck_assert_int_eq(f.judgement.exit, 4);
}
END_TEST

/* Goal: a file that was cut before its first record says that, not that nothing was planned. */
START_TEST(test_empty_file)
{
	f.facts.incomplete = true;
	past_clear(&f);
	past_figures(&f);
	past_judge(&f);
	ck_assert_str_eq(past_finding(&f, "no-loss")->reason,
			 "the file ends before the run did, and holds nothing of it");
	ck_assert_int_eq(past_finding(&f, "no-loss")->verdict, VERDICT_UNOBSERVED);
	ck_assert_int_eq(f.judgement.exit, 4);
}
END_TEST

/* Goal: lost records make the run invalid, and a missing delivery is no proof. */
START_TEST(test_lost_records_are_invalid)
{
	f.facts.records_lost = 1;
	past_drop(&f, 3, PAST_AUDIT);
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "no-loss")->verdict, VERDICT_INCONCLUSIVE);
	ck_assert_int_eq(f.judgement.verdict, RUN_INVALID);
	ck_assert_int_eq(f.judgement.exit, 6);
}
END_TEST

/* Goal: with summary only the sums are judged, and the rest says what it would have needed. */
START_TEST(test_summary_is_unobserved)
{
	past_clear(&f);
	f.facts.recording = PLAN_RECORD_SUMMARY;
	past_judge(&f);
	for (size_t i = 0; i < f.judgement.finding_count; i++) {
		const struct finding *finding = &f.judgement.findings[i];

		if (strcmp(finding->check->id, "accounting-closes") == 0 ||
		    strcmp(finding->check->id, "faults-took-effect") == 0)
			ck_assert_int_eq(finding->verdict, VERDICT_PASS);
		else
			ck_assert_int_eq(finding->verdict, VERDICT_UNOBSERVED);
	}
	ck_assert_str_eq(past_finding(&f, "never-early")->reason,
			 "needs --record failures, was summary");
	ck_assert_int_eq(f.judgement.exit, 0);
}
END_TEST

/* Keeps what --record failures keeps of the good past. */
static void keep_failures(void)
{
	size_t kept = 0;

	f.facts.recording = PLAN_RECORD_FAILURES;
	for (size_t i = 0; i < f.count; i++)
		if (recording_keeps(PLAN_RECORD_FAILURES, &f.records[i]))
			f.records[kept++] = f.records[i];
	ck_assert_uint_lt(kept, f.count);
	f.count = kept;
}

/* Goal: with failures only, the laws of retries are decided and no missing record is a failure. */
START_TEST(test_failures_decide_retries)
{
	static const char *const decided[] = {
		"attempt-count", "single-flight",       "never-early",      "never-late",
		"retry-after",   "stops-after-success", "accounting-closes"};

	keep_failures();
	past_judge(&f);
	for (size_t i = 0; i < sizeof(decided) / sizeof(*decided); i++)
		ck_assert_int_eq(past_finding(&f, decided[i])->verdict, VERDICT_PASS);
	ck_assert_int_eq(past_finding(&f, "no-loss")->verdict, VERDICT_UNOBSERVED);
	ck_assert_int_eq(past_finding(&f, "effect-once")->verdict, VERDICT_UNOBSERVED);
	ck_assert_int_eq(f.judgement.exit, 0);
}
END_TEST

/* Goal: a breach that is on record is proven in every mode that kept it. */
START_TEST(test_failures_still_prove)
{
	past_arrival(&f, 2, 3)->effects = 2;
	past_repeat(&f, 0);
	keep_failures();
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "effect-once")->verdict, VERDICT_FAIL);
	ck_assert_int_eq(past_finding(&f, "stops-after-success")->verdict, VERDICT_FAIL);
}
END_TEST

/* Goal: without simulated receivers nothing is said about effects and signatures. */
START_TEST(test_no_receivers_no_effects)
{
	size_t kept = 0;

	f.facts.receivers = false;
	for (size_t i = 0; i < f.count; i++)
		if (f.records[i].kind != RECORD_RECEIPT)
			f.records[kept++] = f.records[i];
	f.count = kept;
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "effect-once")->verdict, VERDICT_UNOBSERVED);
	ck_assert_int_eq(past_finding(&f, "valid-signature")->verdict, VERDICT_UNOBSERVED);
	ck_assert_int_eq(past_finding(&f, "stable-identity")->verdict, VERDICT_PASS);
	ck_assert_int_eq(f.judgement.exit, 0);
}
END_TEST

/* Goal: receipts that nobody verified are no evidence. */
START_TEST(test_unverified_is_unobserved)
{
	for (size_t i = 0; i < f.count; i++)
		if (f.records[i].kind == RECORD_RECEIPT)
			f.records[i].receipt.signature = RECORD_UNVERIFIED;
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "valid-signature")->verdict, VERDICT_UNOBSERVED);
}
END_TEST

/* Goal: what no attempt surely achieved may have had its effect, once. */
START_TEST(test_unknown_attempts_allow_one_effect)
{
	for (uint16_t number = 1; number <= 4; number++) {
		past_try(&f, 3, number)->outcome = OUTCOME_TIMEOUT;
		past_try(&f, 3, number)->status = 0;
	}
	past_arrival(&f, 3, 4)->effects = (uint32_t)_i;
	past_figures(&f);
	past_expect_broken(&f, _i > 1 ? "effect-once" : "");
}
END_TEST

/* Goal: a 410 ends a delivery where the profile says so, and is as other failures elsewhere. */
START_TEST(test_gone)
{
	bool stops = _i;

	past_try(&f, 3, 4)->status = 410; /* the last one anyway: right both ways */
	f.plan.judged.gone_stops = stops;
	past_expect_broken(&f, "");
	past_try(&f, 3, 2)->status = 410;
	past_expect_broken(&f, stops ? "attempt-count" : "");
}
END_TEST

/* Goal: what the profile that judges calls success counts, not what the sender took for it. */
START_TEST(test_judged_profile_decides_success)
{
	past_try(&f, 2, 1)->status = 202;
	past_arrival(&f, 2, 1)->status = 202;
	past_expect_broken(&f, "stops-after-success");
}
END_TEST

/* Goal: a shard is held to its own events only. */
START_TEST(test_shard_has_its_own_events)
{
	f.plan.shard_count = 2;
	f.plan.shard_index = 1;
	for (uint64_t k = 0; k < PAST_EVENTS; k += 2) {
		past_drop(&f, k, PAST_AUDIT);
		if (past_has(&f, k, PAST_BILLING))
			past_drop(&f, k, PAST_BILLING);
	}
	past_figures(&f);
	f.metrics->events = PAST_EVENTS / 2;
	past_expect_broken(&f, "");
	f.plan.shard_index = 0;
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "no-phantom")->verdict, VERDICT_FAIL);
	ck_assert_int_eq(past_finding(&f, "no-loss")->verdict, VERDICT_FAIL);
}
END_TEST

/* Goal: a closed loop is held to as many events as it counted, and a lying file ends the walk. */
START_TEST(test_closed_loop)
{
	struct record record = {.kind = RECORD_ATTEMPT, .attempt = *past_try(&f, 0, 1)};

	f.plan.arrivals =
		(struct arrivals){.kind = ARRIVALS_CLOSED, .concurrency = 4, .span_ns = HP_S_NS};
	past_expect_broken(&f, "");
	record.attempt.event_index = UINT64_C(9999999999);
	past_add(&f, &record);
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "no-phantom")->verdict, VERDICT_FAIL);
	ck_assert_int_eq(past_finding(&f, "no-loss")->verdict, VERDICT_PASS);
}
END_TEST

/* Goal: values that no honest file holds are judged without harm. */
START_TEST(test_wild_values)
{
	for (size_t i = 0; i < f.count; i++) {
		struct record *record = &f.records[i];

		if (record->kind == RECORD_ATTEMPT) {
			memset(&record->attempt.due_ns, _i, 8 * 6);
			record->attempt.number = (uint16_t)(_i * 257);
			record->attempt.outcome = record->attempt.state = (uint8_t)_i;
		} else if (record->kind == RECORD_RECEIPT) {
			record->receipt.signature = (uint8_t)_i;
			record->receipt.endpoint_index = (uint32_t)_i * 0x1010101u;
		}
	}
	past_judge(&f);
	ck_assert_int_ne(f.judgement.exit, 0);
}
END_TEST

/* Goal: the order in which the records of a history lie changes no byte of the findings. */
START_TEST(test_order_does_not_matter)
{
	struct judgement first;

	past_try(&f, 2, 2)->sent_ns -= HP_S_NS;
	past_arrival(&f, 2, 3)->effects = 2;
	past_judge(&f);
	first = f.judgement;
	f.judgement = (struct judgement){.findings = NULL};
	for (size_t i = 0; i < f.count / 2; i++) {
		struct record swapped = f.records[i];

		f.records[i] = f.records[f.count - 1 - i];
		f.records[f.count - 1 - i] = swapped;
	}
	past_judge(&f);
	ck_assert_uint_eq(first.finding_count, f.judgement.finding_count);
	ck_assert_int_eq(memcmp(first.findings, f.judgement.findings,
				first.finding_count * sizeof(*first.findings)),
			 0);
	judgement_fini(&first);
}
END_TEST

Suite *suite_judge(void);

Suite *suite_judge(void)
{
	Suite *suite = suite_create("judge");
	TCase *tcase = tcase_create("judge");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_good_past_passes);
	tcase_add_test(tcase, test_own_error_and_failure);
	tcase_add_test(tcase, test_empty_never_passes);
	tcase_add_test(tcase, test_nothing_recorded_is_all_lost);
	tcase_add_test(tcase, test_interruption_fails_nothing);
	tcase_add_test(tcase, test_interruption_hides_nothing);
	tcase_add_test(tcase, test_incomplete_file_is_inconclusive);
	tcase_add_test(tcase, test_incomplete_file_is_undecided);
	tcase_add_test(tcase, test_empty_file);
	tcase_add_test(tcase, test_lost_records_are_invalid);
	tcase_add_test(tcase, test_summary_is_unobserved);
	tcase_add_test(tcase, test_failures_decide_retries);
	tcase_add_test(tcase, test_failures_still_prove);
	tcase_add_test(tcase, test_no_receivers_no_effects);
	tcase_add_test(tcase, test_unverified_is_unobserved);
	tcase_add_loop_test(tcase, test_unknown_attempts_allow_one_effect, 0, 3);
	tcase_add_loop_test(tcase, test_gone, 0, 2);
	tcase_add_test(tcase, test_judged_profile_decides_success);
	tcase_add_test(tcase, test_shard_has_its_own_events);
	tcase_add_test(tcase, test_closed_loop);
	tcase_add_loop_test(tcase, test_wild_values, 0, 256);
	tcase_add_test(tcase, test_order_does_not_matter);
	suite_add_tcase(suite, tcase);
	return suite;
}
