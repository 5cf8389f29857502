#include <check.h>
#include <string.h>

#include "tests/lib/past.h"

/* Attempt 1 of event 2 at audit failed, its slot is 2 s: with jitter 0.2 and the tolerance of 50 ms
 * the window is 1.55 s to 2.45 s, and a second of polling is added. */
#define LO_NS (1550 * HP_MS_NS)
#define HI_NS (3450 * HP_MS_NS)

static struct past f;

static void setup(void)
{
	past_init(&f);
}

static void teardown(void)
{
	past_fini(&f);
}

/* Moves attempt 2 of event 2 so that it begins that long after attempt 1 failed, on schedule. */
static struct record_attempt *begin_after(uint64_t wait_ns)
{
	struct record_attempt *attempt = past_try(&f, 2, 2);
	uint64_t done_ns = past_try(&f, 2, 1)->done_ns;
	uint64_t rest_ns = past_try(&f, 2, 3)->sent_ns - attempt->done_ns;

	attempt->due_ns = attempt->released_ns = attempt->sent_ns = done_ns + wait_ns;
	attempt->done_ns = attempt->sent_ns + 5 * HP_MS_NS;
	past_try(&f, 2, 3)->due_ns = past_try(&f, 2, 3)->released_ns = past_try(&f, 2, 3)->sent_ns =
		attempt->done_ns + rest_ns;
	past_try(&f, 2, 3)->done_ns = past_try(&f, 2, 3)->sent_ns + 5 * HP_MS_NS;
	return attempt;
}

static void add_lag(uint64_t at_ns, uint64_t late_ns)
{
	past_add(&f,
		 &(struct record){.kind = RECORD_LAG, .lag = {.at_ns = at_ns, .late_ns = late_ns}});
}

/* Goal: the edges of the window lie inside it; a microsecond beyond is broken. */
START_TEST(test_edges)
{
	static const struct {
		uint64_t wait_ns;
		const char *broken;
	} rows[] = {
		{LO_NS - HP_US_NS, "never-early"},
		{LO_NS - 1, "never-early"},
		{LO_NS, ""},
		{LO_NS + HP_US_NS, ""},
		{HI_NS - HP_US_NS, ""},
		{HI_NS, ""},
		{HI_NS + 1, "never-late"},
		{HI_NS + HP_US_NS, "never-late"},
	};

	begin_after(rows[_i].wait_ns);
	past_expect_broken(&f, rows[_i].broken);
}
END_TEST

/* Goal: the tolerance is 50 ms, or a hundredth of the slot where that is more. */
START_TEST(test_tolerance_grows_with_the_slot)
{
	const uint64_t lo_ns = 80 * HP_S_NS - HP_S_NS; /* 100 s, jitter 0.2, 1 % */

	f.plan.judged.retry.law = RETRY_LIST;
	f.plan.judged.retry.list_count = 2;
	f.plan.judged.retry.list_ns[0] = f.plan.judged.retry.list_ns[1] = 100 * HP_S_NS;
	begin_after(lo_ns - (uint64_t)_i);
	past_judge(&f); /* the other 19 waits are those of the shorter schedule: all early */
	ck_assert_uint_eq(past_finding(&f, "never-early")->total, 20);
	ck_assert_uint_eq(past_finding(&f, "never-early")->failed, _i ? 20 : 19);
}
END_TEST

/* Goal: lateness of ours around the failure makes a wait that it could explain undecided, and
 * leaves one that it cannot explain broken. */
START_TEST(test_lag_widens)
{
	struct record_attempt *attempt = begin_after(LO_NS - 20 * HP_MS_NS);

	add_lag(past_try(&f, 2, 1)->done_ns, _i ? 19 * HP_MS_NS : 30 * HP_MS_NS);
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-early")->verdict,
			 _i ? VERDICT_FAIL : VERDICT_INCONCLUSIVE);
	if (!_i)
		ck_assert_ptr_nonnull(strstr(past_finding(&f, "never-early")->reason, "lag"));
	ck_assert_uint_eq(attempt->number, 2);
}
END_TEST

/* Goal: lag elsewhere in time changes nothing. */
START_TEST(test_lag_elsewhere)
{
	begin_after(LO_NS - 20 * HP_MS_NS);
	add_lag(past_try(&f, 2, 1)->done_ns + 30 * HP_S_NS, HP_S_NS);
	past_expect_broken(&f, "never-early");
}
END_TEST

/* Goal: a retry that was due in its window and waited for us is late under load: a warning. */
START_TEST(test_queue_explains_late)
{
	struct record_attempt *attempt = begin_after(2 * HP_S_NS);
	uint64_t held_ns = 5 * HP_S_NS;

	attempt->sent_ns += held_ns;
	attempt->done_ns += held_ns;
	past_try(&f, 2, 3)->due_ns += held_ns;
	past_try(&f, 2, 3)->released_ns += held_ns;
	past_try(&f, 2, 3)->sent_ns += held_ns;
	past_try(&f, 2, 3)->done_ns += held_ns;
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-late")->verdict, VERDICT_WARN);
	ck_assert_ptr_nonnull(strstr(past_finding(&f, "never-late")->reason, "late-under-load"));
	ck_assert_ptr_nonnull(strstr(past_finding(&f, "never-late")->evidence[0], "due inside it"));
	ck_assert_int_eq(past_finding(&f, "never-early")->verdict, VERDICT_PASS);
	ck_assert_int_eq(f.judgement.exit, 0);
}
END_TEST

/* Goal: a delay that counts from the attempt's start is judged from there. */
START_TEST(test_anchor)
{
	past_try(&f, 2, 1)->done_ns += HP_S_NS; /* the failure took a second */
	past_expect_broken(&f, "never-early");
	f.plan.judged.retry.anchor = RETRY_FROM_START;
	past_expect_broken(&f, "");
}
END_TEST

/* Goal: an attempt without a byte began when it was released. */
START_TEST(test_refused_attempts_are_timed)
{
	struct record_attempt *attempt = begin_after(2 * HP_S_NS);

	attempt->released_ns = past_try(&f, 2, 1)->done_ns + (_i ? LO_NS : LO_NS - HP_US_NS);
	attempt->sent_ns = HP_NEVER;
	attempt->outcome = OUTCOME_REFUSED;
	attempt->status = 0;
	past_arrival(&f, 2, 2)->event_index = 0; /* nobody saw it: an arrival of another event */
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-early")->verdict,
			 _i ? VERDICT_PASS : VERDICT_FAIL);
}
END_TEST

/* Goal: slots that scaling makes shorter than half a second are counted, not timed, and the
 * finding says so; an early one is still found where its lower bound is above nothing. */
START_TEST(test_scaled_slots)
{
	f.plan.time_scale = 0.1; /* 200, 400 and 800 ms */
	for (size_t i = 0; i < f.count; i++) {
		struct record_attempt *attempt = &f.records[i].attempt;

		if (f.records[i].kind != RECORD_ATTEMPT || attempt->number == 1)
			continue;
		attempt->due_ns = attempt->released_ns = attempt->sent_ns =
			f.records[i - 2].attempt.done_ns +
			(uint64_t)(100 * HP_MS_NS << (attempt->number - 1));
		attempt->done_ns = attempt->sent_ns + 5 * HP_MS_NS;
	}
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-early")->verdict, VERDICT_PASS);
	ck_assert_int_eq(past_finding(&f, "never-late")->verdict, VERDICT_PASS);
	ck_assert_uint_eq(past_finding(&f, "never-late")->decided, 4); /* the 800 ms slots */
	ck_assert_ptr_nonnull(strstr(past_finding(&f, "never-late")->reason, "counted, not timed"));
}
END_TEST

/* Goal: where the tolerance hides every lower bound, nothing was observed, and it is said. */
START_TEST(test_hidden_lower_bounds)
{
	f.plan.time_scale = 0.01; /* 20, 40 and 80 ms */
	past_judge(&f);
	ck_assert_uint_eq(past_finding(&f, "never-early")->total, 4); /* 80 ms: 64 - 50 */
	ck_assert_ptr_nonnull(strstr(past_finding(&f, "never-early")->reason, "hides"));
	f.plan.time_scale = 0.001;
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-early")->verdict, VERDICT_UNOBSERVED);
}
END_TEST

/* Goal: what Retry-After makes of a wait is judged by its own law, exactly. */
START_TEST(test_retry_after_edges)
{
	static const struct {
		uint64_t wait_ns;
		const char *broken;
	} rows[] = {
		{2950 * HP_MS_NS - 1, "retry-after"},
		{2950 * HP_MS_NS, ""},
		{4050 * HP_MS_NS, ""},
		{4050 * HP_MS_NS + 1, "retry-after"},
	};
	struct record_attempt *attempt = past_try(&f, 4, 2);

	attempt->due_ns = attempt->released_ns = attempt->sent_ns =
		past_try(&f, 4, 1)->done_ns + rows[_i].wait_ns;
	attempt->done_ns = attempt->sent_ns + HP_MS_NS;
	past_expect_broken(&f, rows[_i].broken);
}
END_TEST

/* Goal: where the profile ignores Retry-After, its law does not apply and the slot is judged. */
START_TEST(test_retry_after_ignored)
{
	f.plan.judged.retry.after = RETRY_AFTER_IGNORE;
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "retry-after")->verdict, VERDICT_NOT_APPLICABLE);
	ck_assert_int_eq(past_finding(&f, "never-early")->verdict, VERDICT_PASS);
	ck_assert_int_eq(past_finding(&f, "never-late")->verdict, VERDICT_PASS);
	ck_assert_uint_eq(past_finding(&f, "never-early")->total, 8 + 12 + 3);
}
END_TEST

/* Goal: the worst wait stands first in the evidence. */
START_TEST(test_worst_first)
{
	begin_after(1400 * HP_MS_NS);
	past_try(&f, 7, 2)->sent_ns -= 1800 * HP_MS_NS;
	past_judge(&f);
	ck_assert_uint_eq(past_finding(&f, "never-early")->evidence_count, 2);
	ck_assert_ptr_nonnull(strstr(past_finding(&f, "never-early")->evidence[0], "event 7"));
	ck_assert_ptr_nonnull(strstr(past_finding(&f, "never-early")->evidence[1],
				     "began 1.4 s after attempt 1 failed, window [1.55 s"));
}
END_TEST

/* Goal: an attempt that is due at the run's end may wait as long as our queue explains. */
START_TEST(test_overdue)
{
	static const struct {
		uint64_t over_ns;
		enum verdict verdict;
	} rows[] = {
		/* timeout 5 s, polling 1 s, tolerance 50 ms, and twice the 20 us that were seen */
		{6050 * HP_MS_NS + 40 * HP_US_NS, VERDICT_PASS},
		{6050 * HP_MS_NS + 41 * HP_US_NS, VERDICT_FAIL},
	};
	struct record_ended *ended = past_ended(&f, 19, PAST_AUDIT);

	ended->at_ns = ended->next_due_ns + rows[_i].over_ns;
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-late")->verdict, rows[_i].verdict);
	f.facts.interrupted = true;
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "never-late")->verdict, VERDICT_PASS);
}
END_TEST

Suite *suite_judge_timing(void);

Suite *suite_judge_timing(void)
{
	Suite *suite = suite_create("judge_timing");
	TCase *tcase = tcase_create("judge_timing");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_edges, 0, 8);
	tcase_add_loop_test(tcase, test_tolerance_grows_with_the_slot, 0, 2);
	tcase_add_loop_test(tcase, test_lag_widens, 0, 2);
	tcase_add_test(tcase, test_lag_elsewhere);
	tcase_add_test(tcase, test_queue_explains_late);
	tcase_add_test(tcase, test_anchor);
	tcase_add_loop_test(tcase, test_refused_attempts_are_timed, 0, 2);
	tcase_add_test(tcase, test_scaled_slots);
	tcase_add_test(tcase, test_hidden_lower_bounds);
	tcase_add_loop_test(tcase, test_retry_after_edges, 0, 4);
	tcase_add_test(tcase, test_retry_after_ignored);
	tcase_add_test(tcase, test_worst_first);
	tcase_add_loop_test(tcase, test_overdue, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
