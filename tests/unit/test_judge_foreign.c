#include <check.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/stranger.h"

static struct past f;

static void setup(void)
{
	stranger_init(&f);
}

static void teardown(void)
{
	past_fini(&f);
}

/* ---- the good one, and what breaks it ---- */

static struct record_receipt *receipt(enum story story, uint16_t ordinal)
{
	return stranger_find(&f, story, ordinal);
}

static void move(enum story story, uint16_t ordinal, int64_t by_ns)
{
	receipt(story, ordinal)->arrived_ns += (uint64_t)by_ns;
	receipt(story, ordinal)->answered_ns += (uint64_t)by_ns;
}

static void drop(enum story story, uint16_t ordinal)
{
	size_t at = 0;

	while (&f.records[at].receipt != receipt(story, ordinal))
		at++;
	f.count--;
	memmove(&f.records[at], &f.records[at + 1], (f.count - at) * sizeof(*f.records));
	past_figures(&f);
}

static void bad_signature(void)
{
	receipt(ONCE, 1)->signature = SCHEME_MISMATCH;
}

static void other_body(void)
{
	receipt(TWICE_REFUSED, 2)->body_digest++;
}

static void two_effects(void)
{
	receipt(TWICE_REFUSED, 3)->effects = 2;
}

static void no_effect(void)
{
	receipt(ONCE, 1)->effects = 0;
}

static void unwanted(void)
{
	receipt(ONCE, 1)->wanted = 0;
}

static void one_too_many(void)
{
	stranger_failure(&f, GIVEN_UP, 5,
			 stranger_after(receipt(GIVEN_UP, 4)->arrived_ns, 16 * HP_S_NS), 0);
	past_figures(&f);
}

static void after_gone(void)
{
	f.plan.judged.gone_stops = true;
	receipt(TWICE_REFUSED, 1)->status = 410;
}

static void early(void)
{
	move(TWICE_REFUSED, 2, -(int64_t)HP_S_NS / 2);
}

static void late(void)
{
	move(TWICE_REFUSED, 3, 3 * (int64_t)HP_S_NS);
}

static void never(void)
{
	drop(GIVEN_UP, 4);
}

static void never_after_reset(void)
{
	drop(CUT, 2);
}

static void early_after_reset(void)
{
	move(CUT, 2, -(int64_t)HP_S_NS);
}

static void early_after_silence(void)
{
	move(SILENT, 2, -(int64_t)HP_S_NS);
}

static void late_after_silence(void)
{
	move(SILENT, 2, 3 * (int64_t)HP_S_NS);
}

static void ignores_retry_after(void)
{
	move(ASKED, 2, -(int64_t)HP_S_NS);
}

static void goes_on(void)
{
	stranger_ok(&f, ONCE, 2, STRANGER_START_NS(ONCE) + 2 * HP_S_NS);
	past_figures(&f);
}

static void overlap(void)
{
	receipt(TWICE_REFUSED, 1)->answered_ns += 3 * HP_S_NS;
}

static void fault_unseen(void)
{
	for (size_t i = 0; i < f.count; i++)
		if (f.records[i].kind == RECORD_FAULT) {
			f.records[i].fault.state = RECORD_FAULT_APPLIED;
			break;
		}
	past_figures(&f);
}

static void figures_disagree(void)
{
	f.metrics->receipts++;
	f.metrics->endpoints[0].receipts++;
}

static void nothing(void)
{
}

static const struct mutation {
	void (*mutate)(void);
	const char *broken; /* the checks, with one space between them */
	const char *evidence;
	int exit;
} mutations[] = {
	{nothing, "", "", 0},
	{bad_signature, "valid-signature", "\"inv_1:invoice.paid\" at audit, arrival 1: no sig", 1},
	{other_body, "stable-identity", "arrival 2 had another body", 1},
	{two_effects, "effect-once", "\"inv_2:invoice.paid\" at audit: 2 effects in 3 receipts", 1},
	{no_effect, "effect-once", "0 effects in 1 receipts; an answer was a success", 1},
	{unwanted, "scope", "received by one who never asked", 1},
	{one_too_many, "attempt-count", "\"inv_5:invoice.paid\" at audit: attempt 5 of at most 4",
	 1},
	{after_gone, "attempt-count", "attempt 2 followed a 410", 1},
	{early, "never-early", "attempt 2 began 1.5 s after attempt 1 failed, window [1.55 s", 1},
	{late, "never-late", "attempt 3 began 7 s after attempt 2 failed, window", 1},
	{never, "never-late", "attempt 4 did not come within 10.68 s of attempt 3; we listened", 1},
	{never_after_reset, "never-late", "attempt 2 did not come within 3.45 s of attempt 1", 1},
	{early_after_reset, "never-early", "attempt 2 began 1 s after attempt 1 failed", 1},
	{early_after_silence, "never-early", "attempt 2 began 1 s after attempt 1 failed", 1},
	{late_after_silence, "never-late", "attempt 2 began 5 s after attempt 1 failed", 1},
	{ignores_retry_after, "retry-after", "attempt 2 began 2 s after attempt 1 failed", 1},
	{goes_on, "stops-after-success", "attempt 1 was answered with 204, attempt 2 began 1.99 s",
	 1},
	{overlap, "single-flight never-early", "attempt 2 came 1 s before attempt 1 was over", 1},
	{fault_unseen, "faults-took-effect", "behaviour 1 on \"inv_2:invoice.paid\", arrival 1", 4},
	{figures_disagree, "accounting-closes", "receipts is 15 in the figures and 14", 70},
};

enum { MUTATION_COUNT = sizeof(mutations) / sizeof(mutations[0]) };

static bool is_listed(const char *list, const char *word)
{
	const char *at = strstr(list, word);

	return at && (at == list || at[-1] == ' ');
}

static bool needs_a_driver(const struct finding *finding)
{
	return is_listed("no-loss no-phantom exhausted-told", finding->check->id);
}

/* Goal: a good foreign sender keeps every law that can be judged without its plan, what needs one
 * is unobserved, and each change breaks exactly the laws that it breaks, with its records. */
START_TEST(test_mutation_flips_its_laws)
{
	const struct mutation *mutation = &mutations[_i];
	size_t named = 0;

	mutation->mutate();
	past_judge(&f);
	for (size_t i = 0; i < f.judgement.finding_count; i++) {
		const struct finding *finding = &f.judgement.findings[i];
		bool broken = is_listed(mutation->broken, finding->check->id);
		enum verdict verdict = finding->verdict == VERDICT_ERROR ? VERDICT_FAIL
									 : finding->verdict;
		enum verdict wanted = broken			? VERDICT_FAIL
				      : needs_a_driver(finding) ? VERDICT_UNOBSERVED
								: VERDICT_PASS;

		ck_assert_msg(verdict == wanted, "%s is %s: %s", finding->check->id,
			      verdict_word(finding->verdict), finding->reason);
		named += broken && strstr(finding->evidence[0], mutation->evidence);
		if (broken && !named)
			printf("%s\n", finding->evidence[0]);
	}
	ck_assert(named > 0 || !*mutation->broken);
	ck_assert_int_eq(f.judgement.exit, mutation->exit);
}
END_TEST

/* Goal: what came after an unknown outcome is told as recovered: a reset, a silence, an answer
 * that never arrived. Whether the last one was too late nobody can say. */
START_TEST(test_recovered)
{
	stranger_unheard(&f, STRANGER_START_NS(UNHEARD));
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "stops-after-success")->verdict, VERDICT_PASS);
	ck_assert_int_eq(past_finding(&f, "effect-once")->verdict, VERDICT_PASS);
	ck_assert_int_eq(past_finding(&f, "never-late")->verdict, VERDICT_INCONCLUSIVE);
	ck_assert_ptr_nonnull(strstr(past_finding(&f, "stops-after-success")->reason,
				     "recovered: 3 attempts"));
}
END_TEST

/* ---- what cannot be decided ---- */

/* Goal: nothing received is undecided, whatever connections were made to fail. */
START_TEST(test_nothing_received)
{
	struct record record = {
		.kind = RECORD_FAULT,
		.fault = {.event_index = RECORD_NO_EVENT, .endpoint_index = PAST_AUDIT,
			  .state = RECORD_FAULT_VERIFIED},
	};

	past_clear(&f);
	if (_i)
		past_add(&f, &record);
	past_figures(&f);
	past_judge(&f);
	ck_assert_int_eq(f.judgement.verdict, RUN_UNDECIDED);
	ck_assert_int_eq(f.judgement.exit, 4);
	ck_assert_str_eq(past_finding(&f, "accounting-closes")->reason,
			 "too-few: nothing was received");
}
END_TEST

/* Goal: a receiver that was late itself makes the run invalid; figures of a sender of ours are not
 * asked of a foreign one. */
START_TEST(test_untrusted)
{
	f.plan.threshold_count = 1;
	f.plan.thresholds[0] = (struct threshold){.text = "errors<1%", .unit = THRESHOLD_SHARE,
						  .figure = THRESHOLD_ERRORS, .limit = 0.01};
	for (uint16_t i = 0; i < 100; i++) {
		stranger_ok(&f, STORIES + i, 1, STRANGER_START_NS(20 + i));
		f.records[f.count - 1].receipt.lag_ns = 2 * HP_S_NS;
	}
	past_figures(&f);
	past_judge(&f);
	ck_assert_int_eq(f.judgement.exit, 6);
	ck_assert_int_eq(past_finding(&f, "threshold")->verdict, VERDICT_UNOBSERVED);
}
END_TEST

static void be_deaf(uint64_t from_ns)
{
	struct record record = {.kind = RECORD_GAP,
				.gap = {.from_ns = from_ns, .to_ns = from_ns + HP_S_NS,
					.endpoint_index = PAST_AUDIT}};

	past_add(&f, &record);
}

/* Goal: when we were deaf, a wait that is too long may hide attempts and is no proof, and neither
 * is one that never came; too short for any slot is proven all the same, and so is too many. */
START_TEST(test_deaf)
{
	be_deaf(STRANGER_START_NS(ONCE));
	past_judge(&f);
	ck_assert_int_eq(f.judgement.exit, 0);
	late();
	never();
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-late")->verdict, VERDICT_PASS);
	ck_assert_ptr_nonnull(strstr(past_finding(&f, "never-late")->reason, "we were deaf"));
	ck_assert_int_eq(f.judgement.exit, 0);
	early();
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-early")->verdict, VERDICT_FAIL);
}
END_TEST

/* Goal: deafness at another endpoint, or later, excuses nothing. */
START_TEST(test_deaf_elsewhere)
{
	be_deaf(_i ? STRANGER_START_NS(ONCE) : 30 * HP_S_NS);
	f.records[f.count - 1].gap.endpoint_index = _i ? PAST_BILLING : PAST_AUDIT;
	late();
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-late")->verdict, VERDICT_FAIL);
}
END_TEST

/* Goal: while the window of the next attempt is still open, or when it is not known how long we
 * listened, its absence proves nothing. */
START_TEST(test_still_to_come)
{
	never();
	f.facts.watched_ns = _i ? 0 : receipt(GIVEN_UP, 3)->answered_ns + 10 * HP_S_NS;
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-late")->verdict, VERDICT_PASS);
}
END_TEST

static void answer_last(uint16_t status, enum record_end end)
{
	receipt(CUT, 1)->answered_ns = receipt(CUT, 1)->arrived_ns;
	receipt(CUT, 1)->status = status;
	receipt(CUT, 1)->end = (uint8_t)end;
}

/* Goal: after an answer that its sender may take for a success, or that ends a delivery, nothing
 * more has to come; after one that does neither, it has to. */
START_TEST(test_absence_is_right)
{
	static const struct {
		uint16_t status;
		enum record_end end;
		bool gone_stops, right;
	} rows[] = {
		{204, RECORD_END_BROKEN, false, true}, {204, RECORD_END_ANSWERED, false, true},
		{410, RECORD_END_ANSWERED, true, true}, {410, RECORD_END_ANSWERED, false, false},
		{500, RECORD_END_ANSWERED, true, false}, {0, RECORD_END_CLOSED, true, false},
	};
	struct record lost = {.kind = RECORD_UNACKED,
			      .unacked = {.event_index = RECORD_NO_EVENT, .ordinal = 1,
					  .identity = receipt(CUT, 1)->identity,
					  .endpoint_index = PAST_AUDIT, .status = 204}};

	drop(CUT, 2);
	answer_last(rows[_i].status, rows[_i].end);
	f.plan.judged.gone_stops = rows[_i].gone_stops;
	past_add(&f, &lost);
	past_figures(&f);
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-late")->verdict,
			 rows[_i].right ? VERDICT_PASS : VERDICT_FAIL);
}
END_TEST

/* Goal: the receivers' own lateness widens what they saw; a generator's says nothing here. */
START_TEST(test_lag)
{
	struct record record = {.kind = RECORD_LAG,
				.lag = {.at_ns = receipt(TWICE_REFUSED, 2)->answered_ns,
					.late_ns = 6 * HP_S_NS, .worker = (uint32_t)_i}};

	late();
	past_add(&f, &record);
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-late")->verdict,
			 _i ? VERDICT_INCONCLUSIVE : VERDICT_FAIL);
	ck_assert(!_i || strncmp(past_finding(&f, "never-late")->reason, "lag", 3) == 0);
}
END_TEST

/* Goal: without a sign of when a silent attempt was given up, a wait that could be either is
 * open. */
START_TEST(test_ack_unknown)
{
	for (size_t i = 0; i < f.count; i++)
		if (f.records[i].kind == RECORD_FAULT &&
		    f.records[i].fault.fault == STRANGER_SILENCE)
			f.records[i].fault.peer = RECORD_PEER_STAYED;
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-late")->verdict, VERDICT_INCONCLUSIVE);
	ck_assert_ptr_nonnull(strstr(past_finding(&f, "never-late")->reason, "ack-unknown"));
	ck_assert_int_eq(f.judgement.exit, 4);
}
END_TEST

/* Goal: an attempt that was on its way when the success was answered is no breach of stopping. */
START_TEST(test_on_its_way)
{
	goes_on();
	receipt(ONCE, 2)->lag_ns = 2 * HP_S_NS;
	past_judge(&f);
	ck_assert_uint_eq(past_finding(&f, "stops-after-success")->failed, 0);
}
END_TEST

/* Goal: all the judge needs of a foreign sender is kept with the failures; a summary has only the
 * sums and the faults. */
START_TEST(test_modes)
{
	f.facts.recording = PLAN_RECORD_FAILURES;
	late();
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-late")->verdict, VERDICT_FAIL);
	ck_assert_int_eq(past_finding(&f, "valid-signature")->verdict, VERDICT_PASS);
	f.facts.recording = PLAN_RECORD_SUMMARY;
	past_clear(&f);
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "accounting-closes")->verdict, VERDICT_PASS);
	ck_assert_int_eq(past_finding(&f, "faults-took-effect")->verdict, VERDICT_PASS);
	ck_assert_str_eq(past_finding(&f, "never-late")->reason,
			 "needs --record failures, was summary");
	ck_assert_int_eq(f.judgement.exit, 0);
}
END_TEST

/* Goal: values that no honest file holds are judged without harm. */
START_TEST(test_wild_values)
{
	for (size_t i = 0; i < f.count; i++) {
		struct record *record = &f.records[i];

		if (record->kind == RECORD_RECEIPT) {
			memset(&record->receipt.arrived_ns, _i, 2 * sizeof(uint64_t));
			record->receipt.lag_ns = record->receipt.retry_after_ns =
				0x0101010101010101 * (uint64_t)_i;
			record->receipt.end = (uint8_t)_i;
		} else if (record->kind == RECORD_FAULT) {
			memset(&record->fault.planned_ns, _i, 3 * sizeof(uint64_t));
			record->fault.endpoint_index = (uint32_t)_i * 0x1010101u;
			record->fault.state = record->fault.peer = record->fault.fault =
				(uint8_t)_i;
		}
	}
	past_judge(&f);
	ck_assert_int_ne(f.judgement.exit, 0);
}
END_TEST

/* ---- a long one ---- */

enum { EVENTS = 500000, REPEATS = 1 << 17 };

static void feed(struct judge *judge, const struct record_receipt *receipts, size_t count)
{
	judge_delivery(judge, &(struct record_delivery){.event_index = RECORD_NO_EVENT,
							.identity = receipts->identity,
							.endpoint_index = receipts->endpoint_index,
							.receipts = receipts,
							.receipt_count = count});
}

/* Goal: a million receipts, of as many events or of one that comes again and again in portions, are
 * judged in the memory that the judge began with. */
START_TEST(test_long)
{
	struct record_receipt receipts[2] = {stranger_receipt(ONCE, 1, HP_S_NS),
					     stranger_receipt(ONCE, 2, 0)};
	struct judge *judge = judge_new(&f.plan, &f.facts);
	size_t before = mallinfo2().uordblks;
	struct judgement out;

	receipts[0].status = 503;
	receipts[1].status = 204;
	receipts[1].effects = 1;
	for (uint64_t i = 0; i < EVENTS; i++) {
		receipts[0].identity = receipts[1].identity = i + 1;
		receipts[0].arrived_ns = i * HP_US_NS;
		receipts[0].answered_ns = receipts[0].arrived_ns;
		receipts[1].arrived_ns = receipts[0].arrived_ns + 2 * HP_S_NS;
		receipts[1].answered_ns = receipts[1].arrived_ns;
		feed(judge, receipts, 2);
	}
	ck_assert(mallinfo2().uordblks <= before);
	receipts[0].endpoint_index = PAST_BILLING;
	for (uint64_t i = 0; i < REPEATS; i++)
		feed(judge, receipts, 1);
	ck_assert(mallinfo2().uordblks <= before);
	judge_finish(judge, NULL, &out);
	f.judgement = out;
	ck_assert_uint_eq(past_finding(&f, "attempt-count")->failed, REPEATS - 4);
	ck_assert_uint_eq(past_finding(&f, "never-late")->decided, EVENTS + 3);
	judge_free(judge);
}
END_TEST

Suite *suite_judge_foreign(void);

Suite *suite_judge_foreign(void)
{
	Suite *suite = suite_create("judge_foreign");
	TCase *tcase = tcase_create("judge_foreign"), *slow = tcase_create("slow");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_checked_fixture(slow, setup, teardown);
	tcase_set_timeout(slow, 60);
	tcase_add_loop_test(tcase, test_mutation_flips_its_laws, 0, MUTATION_COUNT);
	tcase_add_test(tcase, test_recovered);
	tcase_add_loop_test(tcase, test_nothing_received, 0, 2);
	tcase_add_test(tcase, test_untrusted);
	tcase_add_test(tcase, test_deaf);
	tcase_add_loop_test(tcase, test_deaf_elsewhere, 0, 2);
	tcase_add_loop_test(tcase, test_still_to_come, 0, 2);
	tcase_add_loop_test(tcase, test_absence_is_right, 0, 6);
	tcase_add_loop_test(tcase, test_lag, 0, 2);
	tcase_add_test(tcase, test_ack_unknown);
	tcase_add_test(tcase, test_on_its_way);
	tcase_add_test(tcase, test_modes);
	tcase_add_loop_test(tcase, test_wild_values, 0, 256);
	tcase_add_test(slow, test_long);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, slow);
	return suite;
}
