#include <check.h>
#include <stdio.h>
#include <string.h>

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

/* ---- mutations: each breaks the good past in one respect ---- */

static struct record again(const struct record_attempt *attempt)
{
	struct record record = {.kind = RECORD_ATTEMPT, .attempt = *attempt};

	return record;
}

static void drop_delivery(void)
{
	past_drop(&f, 3, PAST_AUDIT);
	past_figures(&f);
	f.metrics->planned++;
	f.metrics->exhausted++;
	f.metrics->endpoints[PAST_AUDIT].planned++;
	f.metrics->endpoints[PAST_AUDIT].exhausted++;
}

static void drop_delivery_that_a_sibling_got(void)
{
	uint64_t event_index = 0;

	while (!past_has(&f, event_index, PAST_BILLING))
		event_index++;
	past_drop(&f, event_index, PAST_AUDIT);
}

static void forget_the_end(void)
{
	past_ended(&f, 19, PAST_AUDIT)->next_due_ns = HP_NEVER;
}

static void call_failure_delivered(void)
{
	past_try(&f, 3, 4)->state = DELIVERY_DELIVERED;
	past_figures(&f);
}

static void phantom_attempt(void)
{
	struct record record = again(past_try(&f, 0, 1));

	record.attempt.event_index = PAST_EVENTS;
	record.attempt.body_digest = 12345;
	past_add(&f, &record);
	past_figures(&f);
	f.metrics->planned--;
	f.metrics->endpoints[PAST_AUDIT].planned--;
}

static void phantom_receipt(void)
{
	struct record record = {.kind = RECORD_RECEIPT, .receipt = *past_arrival(&f, 0, 1)};

	record.receipt.event_index = RECORD_NO_EVENT;
	snprintf(record.receipt.key, sizeof(record.receipt.key), "inv_1:invoice.paid");
	past_add(&f, &record);
	past_figures(&f);
}

static void received_twice(void)
{
	struct record record = {.kind = RECORD_RECEIPT, .receipt = *past_arrival(&f, 0, 1)};

	record.receipt.ordinal = 2;
	past_add(&f, &record);
	past_figures(&f);
}

/* The first event that does not go to billing is sent there all the same. */
static void send_to_a_stranger(void)
{
	struct record attempt = {.kind = RECORD_ATTEMPT}, receipt = {.kind = RECORD_RECEIPT};
	uint64_t event_index = 0;

	while (past_has(&f, event_index, PAST_BILLING))
		event_index++;
	attempt.attempt = *past_try(&f, event_index, 1);
	receipt.receipt = *past_arrival(&f, event_index, 1);
	attempt.attempt.endpoint_index = receipt.receipt.endpoint_index = PAST_BILLING;
	past_add(&f, &attempt);
	past_add(&f, &receipt);
	past_figures(&f);
	f.metrics->planned--;
	f.metrics->endpoints[PAST_BILLING].planned--;
}

static void never_asked_for(void)
{
	past_arrival(&f, 0, 1)->wanted = 0;
}

static void give_up_early(void)
{
	struct record_attempt *last = past_try(&f, 3, 3);

	last->state = DELIVERY_EXHAUSTED;
	for (size_t i = 0; i < f.count; i++) /* attempt 4 never was */
		if (&f.records[i].attempt == past_try(&f, 3, 4)) {
			memmove(&f.records[i], &f.records[i + 2],
				(f.count - i - 2) * sizeof(*f.records));
			f.count -= 2;
			break;
		}
	past_figures(&f);
}

static void one_attempt_too_many(void)
{
	struct record record = again(past_try(&f, 3, 4));
	struct record receipt = {.kind = RECORD_RECEIPT, .receipt = *past_arrival(&f, 3, 4)};
	uint64_t wait_ns = 16 * HP_S_NS;

	past_try(&f, 3, 4)->state = DELIVERY_PENDING;
	record.attempt.number = 5;
	record.attempt.due_ns += wait_ns;
	record.attempt.released_ns += wait_ns;
	record.attempt.sent_ns += wait_ns;
	record.attempt.done_ns += wait_ns;
	receipt.receipt.ordinal = 5;
	receipt.receipt.arrived_ns += wait_ns;
	past_add(&f, &record);
	past_add(&f, &receipt);
	past_figures(&f);
}

static void number_with_a_hole(void)
{
	past_try(&f, 3, 4)->number = 5;
	past_figures(&f);
}

static void overlap(void)
{
	struct record_attempt *attempt = past_try(&f, 2, 1);

	attempt->done_ns = past_try(&f, 2, 2)->sent_ns + HP_S_NS;
}

static void go_on_after_success(void)
{
	past_repeat(&f, 0);
}

static void early(void)
{
	past_try(&f, 2, 2)->sent_ns -= HP_S_NS;
}

static void late(void)
{
	struct record_attempt *attempt = past_try(&f, 2, 3);

	attempt->due_ns += 9 * HP_S_NS;
	attempt->released_ns += 9 * HP_S_NS;
	attempt->sent_ns += 9 * HP_S_NS;
	attempt->done_ns += 9 * HP_S_NS;
}

static void lost_in_the_queue(void)
{
	past_ended(&f, 19, PAST_AUDIT)->at_ns += 30 * HP_S_NS;
}

static void ignore_retry_after(void)
{
	struct record_attempt *attempt = past_try(&f, 4, 2);

	attempt->due_ns -= HP_S_NS;
	attempt->released_ns -= HP_S_NS;
	attempt->sent_ns -= HP_S_NS;
	attempt->done_ns -= HP_S_NS;
}

static void other_body_on_retry(void)
{
	past_try(&f, 2, 2)->body_digest++;
}

static void other_body_on_arrival(void)
{
	past_arrival(&f, 2, 3)->body_digest++;
}

static void two_events_one_body(void)
{
	past_try(&f, 8, 1)->body_digest = past_try(&f, 3, 1)->body_digest;
	for (uint16_t number = 1; number <= 4; number++) {
		past_try(&f, 8, number)->body_digest = past_try(&f, 3, 1)->body_digest;
		past_arrival(&f, 8, number)->body_digest = past_try(&f, 3, 1)->body_digest;
	}
}

static void bad_signature(void)
{
	past_arrival(&f, 0, 1)->signature = SCHEME_MISMATCH;
}

static void two_effects(void)
{
	past_arrival(&f, 2, 3)->effects = 2;
}

static void no_effect(void)
{
	past_arrival(&f, 2, 3)->effects = 0;
}

static void two_effects_of_failures(void)
{
	past_arrival(&f, 3, 4)->effects = 2;
}

static void figures_disagree(void)
{
	f.metrics->retries++;
}

static void sums_do_not_close(void)
{
	f.metrics->planned++;
}

static const struct mutation {
	void (*mutate)(void);
	const char *broken;
	const char *evidence; /* part of the first line of the first broken check */
} mutations[] = {
	{drop_delivery, "no-loss accounting-closes", "event 3 at audit: planned, and no record"},
	{drop_delivery_that_a_sibling_got, "no-loss scope accounting-closes", "no record of it"},
	{forget_the_end, "no-loss", "event 19 at audit: it waits for an attempt that is never due"},
	{call_failure_delivered, "no-loss", "event 3 at audit: it is called delivered"},
	{phantom_attempt, "no-phantom accounting-closes", "event 20 at audit: 1 attempts"},
	{phantom_receipt, "no-phantom", "audit received \"inv_1:invoice.paid\""},
	{received_twice, "no-phantom", "event 0 at audit: received 2 times, sent in 1 attempts"},
	{send_to_a_stranger, "scope accounting-closes", "does not subscribe"},
	{never_asked_for, "scope", "event 0 at audit: received by one who never asked"},
	{give_up_early, "attempt-count", "given up after attempt 3, the policy has 4"},
	{one_attempt_too_many, "attempt-count", "goes on after attempt 4"},
	{number_with_a_hole, "attempt-count", "attempt 5 stands where attempt 4 belongs"},
	{overlap, "single-flight never-early",
	 "event 2 at audit: attempt 2 began 1 s before attempt 1 was over"},
	{go_on_after_success, "stops-after-success", "event 0 at audit: attempt 1 was answered"},
	{early, "never-early", "attempt 2 began 1.00002 s after attempt 1 failed, window [1.55 s"},
	{late, "never-late", "attempt 3 began 13.00002 s after attempt 2 failed, window"},
	{lost_in_the_queue, "never-late", "event 19 at audit: its next attempt was due 28 s"},
	{ignore_retry_after, "retry-after", "began 2.00002 s after attempt 1 failed, window [2.95"},
	{other_body_on_retry, "stable-identity", "event 2 at audit: attempt 2 had another body"},
	{other_body_on_arrival, "stable-identity", "event 2 at audit: arrival 3 had another body"},
	{two_events_one_body, "stable-identity", "event 8 at audit: its body is the one of event"},
	{bad_signature, "valid-signature", "event 0 at audit, arrival 1: no signature matches"},
	{two_effects, "effect-once", "event 2 at audit: 2 effects in 3 receipts; an attempt succ"},
	{no_effect, "effect-once", "event 2 at audit: 0 effects in 3 receipts; an attempt succ"},
	{two_effects_of_failures, "effect-once", "event 3 at audit: 2 effects in 4 receipts; no"},
	{figures_disagree, "accounting-closes", "the run: retries is"},
	{sums_do_not_close, "accounting-closes", "the run: planned against the sum"},
};

enum { MUTATION_COUNT = sizeof(mutations) / sizeof(mutations[0]) };

/* Goal: each change flips exactly the laws that it breaks, and the evidence names the records. */
START_TEST(test_mutation_flips_its_laws)
{
	const struct mutation *mutation = &mutations[_i];
	const struct finding *finding;
	char id[64];

	snprintf(id, sizeof(id), "%.*s", (int)strcspn(mutation->broken, " "), mutation->broken);
	mutation->mutate();
	past_expect_broken(&f, mutation->broken);
	finding = past_finding(&f, id);
	ck_assert_uint_ge(finding->failed, 1);
	ck_assert_uint_ge(finding->evidence_count, 1);
	ck_assert_msg(strstr(finding->evidence[0], mutation->evidence) != NULL, "%s",
		      finding->evidence[0]);
	ck_assert_ptr_nonnull(strstr(finding->reason, finding->evidence[0]));
}
END_TEST

Suite *suite_judge_laws(void);

Suite *suite_judge_laws(void)
{
	Suite *suite = suite_create("judge_laws");
	TCase *tcase = tcase_create("judge_laws");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_mutation_flips_its_laws, 0, MUTATION_COUNT);
	suite_add_tcase(suite, tcase);
	return suite;
}
