#include "engine/ledger.h"

#include <check.h>
#include <signal.h>

#include "tests/lib/sim_fixture.h"

static struct sim f; /* its plan and its history; nothing runs */
static struct ledger ledger;
static struct delivery delivery;

static void setup(void)
{
	sim_init(&f);
	sim_endpoint(&f, NULL);
	sim_endpoint(&f, NULL);
	f.metrics = metrics_new(2);
	ledger = (struct ledger){.plan = &f.plan, .metrics = f.metrics, .history = &f.history};
	delivery = (struct delivery){.event_index = 5, .endpoint_index = 1, .number = 1,
				     .planned_ns = 100 * HP_MS_NS, .due_ns = 100 * HP_MS_NS,
				     .released_ns = 101 * HP_MS_NS};
}

static void teardown(void)
{
	sim_fini(&f);
}

static struct ledger_attempt attempt_of(enum delivery_state state)
{
	delivery.state = (uint8_t)state;
	return (struct ledger_attempt){
		.delivery = &delivery,
		.sent_ns = 103 * HP_MS_NS,
		.done_ns = 110 * HP_MS_NS,
		.next_due_ns = HP_NEVER,
		.retry_after_ns = HP_NEVER,
		.body_digest = 77,
		.outcome = state == DELIVERY_DELIVERED ? OUTCOME_OK : OUTCOME_STATUS,
		.status = state == DELIVERY_DELIVERED ? 204 : 503,
	};
}

/* Goal: a first attempt is in all four clocks, each from its own instant, and in the record. */
START_TEST(test_first_attempt)
{
	struct ledger_attempt attempt = attempt_of(DELIVERY_DELIVERED);
	const struct record_attempt *record;

	ledger_planned(&ledger, &delivery);
	ledger_attempt(&ledger, &attempt);
	ck_assert_uint_eq(f.metrics->lag.max_us, 1000);
	ck_assert_uint_eq(f.metrics->queue.max_us, 2000);
	ck_assert_uint_eq(f.metrics->service.max_us, 7000);
	ck_assert_uint_eq(f.metrics->response.max_us, 10000);
	ck_assert_uint_eq(f.metrics->delivery.max_us, 10000);
	ck_assert_uint_eq(f.metrics->sent, 1);
	ck_assert_uint_eq(f.metrics->delivered, 1);
	ck_assert_uint_eq(f.metrics->by_status[204], 1);
	ck_assert_uint_eq(f.metrics->by_outcome[OUTCOME_OK], 1);
	ck_assert_uint_eq(f.metrics->endpoints[1].delivered, 1);
	ck_assert_uint_eq(f.metrics->endpoints[1].service_us_max, 7000);
	ck_assert_uint_eq(f.metrics->endpoints[0].attempts, 0);
	ck_assert(metrics_closes(f.metrics));
	record = sim_attempt(&f, 0);
	ck_assert_uint_eq(record->event_index, 5);
	ck_assert_uint_eq(record->endpoint_index, 1);
	ck_assert_uint_eq(record->body_digest, 77);
	ck_assert_uint_eq(record->status, 204);
	ck_assert_uint_eq(record->state, DELIVERY_DELIVERED);
}
END_TEST

/* Goal: an attempt of which no byte went out has a response time and no queue or service time,
 * and is not counted as sent. */
START_TEST(test_never_sent)
{
	struct ledger_attempt attempt = attempt_of(DELIVERY_PENDING);

	attempt.sent_ns = HP_NEVER;
	attempt.outcome = OUTCOME_REFUSED;
	attempt.status = 0;
	ledger_attempt(&ledger, &attempt);
	ck_assert_uint_eq(f.metrics->response.count, 1);
	ck_assert_uint_eq(f.metrics->queue.count + f.metrics->service.count, 0);
	ck_assert_uint_eq(f.metrics->sent, 0);
	ck_assert_uint_eq(f.metrics->attempts, 1);
	ck_assert_uint_eq(f.metrics->endpoints[1].failed, 1);
	ck_assert_uint_eq(f.metrics->pending, 0); /* only when the run ends on it */
}
END_TEST

/* Goal: a retry is in the schedule's slot of the wait that it ended and in no response time; its
 * success counts from the planned instant. */
START_TEST(test_retry)
{
	struct ledger_attempt attempt = attempt_of(DELIVERY_DELIVERED);

	delivery.number = 3;
	delivery.failed_ns = 43 * HP_MS_NS;
	ledger_attempt(&ledger, &attempt);
	ck_assert_uint_eq(f.metrics->slots[1].count, 1);
	ck_assert_uint_eq(f.metrics->slots[1].min_ns, 60 * HP_MS_NS);
	ck_assert_uint_eq(f.metrics->slots[1].max_ns, 60 * HP_MS_NS);
	ck_assert_uint_eq(f.metrics->retries, 1);
	ck_assert_uint_eq(f.metrics->response.count, 0);
	ck_assert_uint_eq(f.metrics->first_attempts_sent, 0);
	ck_assert_uint_eq(f.metrics->delivery.max_us, 10000);
}
END_TEST

/* Goal: warm-up counts in the sums and shows in no histogram, at either side of its edge. */
START_TEST(test_warmup)
{
	struct ledger_attempt attempt = attempt_of(DELIVERY_DELIVERED);

	f.plan.warmup_ns = delivery.planned_ns + (uint64_t)_i;
	ledger_planned(&ledger, &delivery);
	ledger_attempt(&ledger, &attempt);
	ck_assert_uint_eq(f.metrics->warmup, (uint64_t)_i);
	ck_assert_uint_eq(f.metrics->response.count, 1 - (uint64_t)_i);
	ck_assert_uint_eq(f.metrics->delivery.count, 1 - (uint64_t)_i);
	ck_assert_uint_eq(f.metrics->delivered, 1);
	ck_assert(metrics_closes(f.metrics));
}
END_TEST

static const enum delivery_state ends[] = {DELIVERY_PENDING, DELIVERY_DROPPED, DELIVERY_NOT_SENT};

/* Goal: what ends without an attempt is counted once and written down with its attempts so far; a
 * moment of the next attempt stands there only for what waits. */
START_TEST(test_ended)
{
	const struct record_ended *record;

	delivery.state = (uint8_t)ends[_i];
	delivery.number = ends[_i] == DELIVERY_PENDING ? 4 : 1;
	delivery.due_ns = 9 * HP_S_NS;
	ledger_planned(&ledger, &delivery);
	ledger_ended(&ledger, &delivery, 2 * HP_S_NS);
	ck_assert(metrics_closes(f.metrics));
	ck_assert_uint_eq(f.count, 1);
	record = &f.records[0].ended;
	ck_assert_int_eq(f.records[0].kind, RECORD_ENDED);
	ck_assert_uint_eq(record->attempts, delivery.number - 1);
	ck_assert_uint_eq(record->at_ns, 2 * HP_S_NS);
	ck_assert_uint_eq(record->next_due_ns,
			  ends[_i] == DELIVERY_PENDING ? 9 * HP_S_NS : HP_NEVER);
}
END_TEST

/* Goal: a state that no attempt can end in is our bug. */
START_TEST(test_impossible_state)
{
	struct ledger_attempt attempt = attempt_of(DELIVERY_IN_FLIGHT);

	ledger_attempt(&ledger, &attempt);
}
END_TEST

/* Goal: lag beyond the bound is counted and put down once per tick; then it begins anew. */
START_TEST(test_lag)
{
	struct ledger_attempt attempt = attempt_of(DELIVERY_DELIVERED);

	f.plan.limits.lag_ns_max = HP_MS_NS - 1; /* the delivery was released 1 ms late */
	ledger_attempt(&ledger, &attempt);
	ck_assert_uint_eq(f.metrics->late_releases, 1);
	ledger_tick(&ledger, &(struct ledger_now){.at_ns = 250 * HP_MS_NS, .queued = 3});
	ck_assert_uint_eq(sim_records(&f, RECORD_LAG), 1);
	ck_assert_int_eq(f.records[1].kind, RECORD_TICK);
	ck_assert_uint_eq(f.records[1].tick.lag_ns_max, HP_MS_NS);
	ck_assert_uint_eq(f.records[1].tick.queued, 3);
	ck_assert_uint_eq(f.records[2].lag.late_ns, HP_MS_NS);
	ledger_tick(&ledger, &(struct ledger_now){.at_ns = 500 * HP_MS_NS});
	ck_assert_uint_eq(sim_records(&f, RECORD_LAG), 1);
}
END_TEST

/* Goal: what is recorded follows the plan, what is counted does not. */
START_TEST(test_recording)
{
	static const size_t kept[] = {2, 1, 0};
	struct ledger_attempt attempt = attempt_of(DELIVERY_DELIVERED);

	f.plan.recording = (enum plan_recording)_i;
	ledger_attempt(&ledger, &attempt);
	attempt = attempt_of(DELIVERY_EXHAUSTED);
	ledger_attempt(&ledger, &attempt);
	ck_assert_uint_eq(sim_attempts(&f), kept[_i]);
	ck_assert_uint_eq(f.metrics->attempts, 2);
	ck_assert_uint_eq(f.metrics->exhausted, 1);
}
END_TEST

Suite *suite_ledger(void);

Suite *suite_ledger(void)
{
	Suite *suite = suite_create("ledger");
	TCase *tcase = tcase_create("ledger");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_first_attempt);
	tcase_add_test(tcase, test_never_sent);
	tcase_add_test(tcase, test_retry);
	tcase_add_loop_test(tcase, test_warmup, 0, 2);
	tcase_add_loop_test(tcase, test_ended, 0, 3);
	tcase_add_test_raise_signal(tcase, test_impossible_state, SIGABRT);
	tcase_add_test(tcase, test_lag);
	tcase_add_loop_test(tcase, test_recording, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}
