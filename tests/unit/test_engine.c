/* The engine in virtual time: the schedule of retries, fan-out, the end of a run, and that a run
 * repeats. Load and caps: test_engine_load.c; connections: test_lane.c. */
#include "engine/engine.h"

#include <check.h>

#include "tests/lib/script_port.h"
#include "tests/lib/sim_fixture.h"

static struct sim f, again;

static void setup(void)
{
	sim_init(&f);
}

static void teardown(void)
{
	sim_fini(&f);
}

static void one_event(struct sim *sim)
{
	sim->plan.arrivals.count_max = 1;
}

static struct behaviour_part *always(struct sim *sim, uint64_t code)
{
	struct behaviour *behaviour = sim_behave(sim, 0, "status");

	sim_set(&behaviour->own, "code", code);
	return &behaviour->own;
}

/* Goal: paisr-v1's whole schedule to exhaustion: 11 attempts over 17 hours, each exactly when it
 * is due, each wait in its window, and hours without work cost no records. */
START_TEST(test_exhaustion)
{
	const struct retry_policy *policy = &f.plan.profile.retry;
	uint64_t nominal_ns = 0;

	sim_endpoint(&f, NULL);
	always(&f, 503);
	one_event(&f);
	sim_start(&f);
	sim_run(&f);
	ck_assert_uint_eq(sim_attempts(&f), 11);
	ck_assert_uint_eq(f.metrics->exhausted, 1);
	for (unsigned i = 0; i + 1 < 11; i++) {
		const struct record_attempt *failed = sim_attempt(&f, i);
		const struct record_attempt *next = sim_attempt(&f, i + 1);
		struct retry_window window = retry_window(policy, i + 1, HP_NEVER);
		uint64_t wait_ns = failed->next_due_ns - failed->done_ns;

		ck_assert_uint_ge(wait_ns, window.lo_ns);
		ck_assert_uint_le(wait_ns, window.hi_ns);
		ck_assert_uint_eq(next->due_ns, failed->next_due_ns);
		ck_assert_uint_eq(next->released_ns, next->due_ns);
		ck_assert_uint_eq(f.metrics->slots[i].count, 1);
		nominal_ns += window.nominal_ns;
	}
	ck_assert_uint_eq(nominal_ns, 61380 * HP_S_NS);
	ck_assert_uint_gt(f.metrics->ended_ns, nominal_ns * 8 / 10);
	ck_assert_uint_lt(f.metrics->ended_ns, nominal_ns * 12 / 10);
	ck_assert_uint_eq(sim_attempt(&f, 10)->next_due_ns, HP_NEVER);
	ck_assert_uint_lt(f.count, 60); /* 11 attempts and receipts, a tick or two around each */
}
END_TEST

/* Goal: one wait more or less is one attempt more or less; 1 means that nothing is tried again. */
START_TEST(test_attempts_max)
{
	sim_endpoint(&f, NULL);
	always(&f, 500);
	f.plan.profile.retry.attempts_max = (unsigned)_i;
	sim_start(&f);
	sim_run(&f);
	ck_assert_uint_eq(f.metrics->exhausted, 10);
	ck_assert_uint_eq(sim_attempts(&f), 10 * (size_t)_i);
}
END_TEST

static const struct {
	uint64_t asked_s, wait_s; /* 0: the slot's own window */
	double scale;
} after_rows[] = {
	{90, 90, 1},    /* between this slot (60 s) and the next (120 s) */
	{3600, 120, 1}, /* never later than the next slot */
	{10, 0, 1},     /* it may not make the sender hurry */
	{90, 9, 0.1},   /* scaled like every delay */
};
enum { AFTER_COUNT = sizeof(after_rows) / sizeof(after_rows[0]) };

/* Goal: Retry-After is honoured as far as paisr-v1 lets it, in scaled time too. */
START_TEST(test_retry_after)
{
	const struct record_attempt *first;
	uint64_t wait_ns;

	sim_endpoint(&f, NULL);
	sim_set(&sim_behave(&f, 0, "retry-after")->own, "retry_after", after_rows[_i].asked_s);
	one_event(&f);
	f.plan.profile.retry.attempts_max = 2;
	f.plan.time_scale = after_rows[_i].scale;
	sim_start(&f);
	sim_run(&f);
	first = sim_attempt(&f, 0);
	wait_ns = first->next_due_ns - first->done_ns;
	ck_assert_int_eq(first->status, 429);
	ck_assert_uint_eq(first->retry_after_ns,
			  hp_span_scale(after_rows[_i].asked_s * HP_S_NS, after_rows[_i].scale));
	if (after_rows[_i].wait_s)
		ck_assert_uint_eq(wait_ns, after_rows[_i].wait_s * HP_S_NS);
	else
		ck_assert(wait_ns >= 48 * HP_S_NS && wait_ns <= 72 * HP_S_NS);
}
END_TEST

/* Goal: 410 ends a delivery where the profile says so, and is a failure like others elsewhere. */
START_TEST(test_gone)
{
	sim_endpoint(&f, NULL);
	always(&f, 410);
	one_event(&f);
	f.plan.profile.gone_stops = _i;
	sim_start(&f);
	sim_run(&f);
	ck_assert_uint_eq(sim_attempts(&f), _i ? 1 : 11);
	ck_assert_uint_eq(f.metrics->exhausted, 1);
}
END_TEST

/* Goal: waits that count from the start of the failed attempt do so. */
START_TEST(test_anchor)
{
	const struct record_attempt *first;

	sim_endpoint(&f, NULL);
	always(&f, 500);
	sim_set(&sim_behave(&f, 0, "latency")->own, "delay", 5 * HP_S_NS);
	one_event(&f);
	f.plan.profile.retry.jitter = RETRY_JITTER_NONE;
	f.plan.profile.retry.anchor = _i ? RETRY_FROM_START : RETRY_FROM_FAILURE;
	f.plan.profile.retry.attempts_max = 2;
	sim_start(&f);
	sim_run(&f);
	first = sim_attempt(&f, 0);
	ck_assert_uint_eq(first->next_due_ns - (_i ? first->sent_ns : first->done_ns),
			  60 * HP_S_NS);
}
END_TEST

/* Goal: an event goes to each endpoint that subscribes to its type, once, and to no other; one
 * that nobody wants is counted as such. */
START_TEST(test_fan_out)
{
	uint64_t deliveries = 0;

	f.plan.types[0].weight = 2;
	f.plan.types[1] = (struct plan_type){"customer.created", "cus", 1};
	f.plan.types[2] = (struct plan_type){"payment.failed", "pay", 1};
	f.plan.type_count = 3;
	f.plan.arrivals.rate_micro_per_s = UINT64_C(200) * 1000000;
	sim_endpoint(&f, "invoice.*");
	sim_endpoint(&f, "invoice.paid");
	sim_endpoint(&f, "customer.created");
	sim_start(&f);
	sim_run(&f);
	ck_assert_uint_eq(f.metrics->events, 200);
	ck_assert_uint_gt(f.metrics->unsubscribed, 20);
	for (size_t i = 0; i < 3; i++)
		deliveries += f.metrics->endpoints[i].delivered;
	ck_assert_uint_eq(deliveries, f.metrics->planned);
	ck_assert_uint_eq(f.metrics->endpoints[0].planned, f.metrics->endpoints[1].planned);
	ck_assert_uint_eq(f.metrics->endpoints[0].planned + f.metrics->endpoints[2].planned +
				  f.metrics->unsubscribed,
			  200);
	for (size_t i = 0; i < f.count; i++) {
		if (f.records[i].kind != RECORD_RECEIPT)
			continue;
		ck_assert_int_eq(f.records[i].receipt.wanted, 1);
		ck_assert_int_eq(f.records[i].receipt.ordinal, 1);
		ck_assert_int_eq(f.records[i].receipt.signature, SCHEME_VALID);
	}
}
END_TEST

/* Goal: a shard takes event k when k mod n is its index: the union is the whole. */
START_TEST(test_shards)
{
	sim_endpoint(&f, NULL);
	f.plan.shard_index = (uint64_t)_i;
	f.plan.shard_count = 3;
	sim_start(&f);
	sim_run(&f);
	ck_assert_uint_eq(f.metrics->delivered, _i == 0 ? 4 : 3);
	for (size_t i = 0; i < sim_attempts(&f); i++)
		ck_assert_uint_eq(sim_attempt(&f, i)->event_index, (uint64_t)_i + 3 * i);
}
END_TEST

/* ---- the end ---- */

/* Goal: a run that only waits ends when the drain does; what waits is written down as pending, with
 * the moment of its next attempt. */
START_TEST(test_drain)
{
	size_t waiting = 0;

	sim_endpoint(&f, NULL);
	always(&f, 503);
	f.plan.limits.drain_ns_max = 30 * HP_S_NS;
	sim_start(&f);
	sim_run(&f);
	ck_assert_uint_eq(f.metrics->pending, 10);
	ck_assert_uint_eq(sim_attempts(&f), 10);
	ck_assert_uint_eq(f.metrics->ended_ns, 950 * HP_MS_NS + 30 * HP_S_NS);
	for (size_t i = 0; i < f.count; i++) {
		const struct record_ended *ended = &f.records[i].ended;

		if (f.records[i].kind != RECORD_ENDED)
			continue;
		waiting++;
		for (size_t j = 0; j < 10; j++)
			if (sim_attempt(&f, j)->event_index == ended->event_index)
				ck_assert_uint_eq(ended->next_due_ns,
						  sim_attempt(&f, j)->next_due_ns);
	}
	ck_assert_uint_eq(waiting, 10);
}
END_TEST

enum { STOP_CONNECTIONS = 3 };
static uint64_t stop_grace_ns;

/* At the first receipt three deliveries are in flight: one of them with its answer on the way. */
static void stop_at_receipt(struct sim *sim, const struct record *record)
{
	if (record->kind != RECORD_RECEIPT)
		return;
	sim->on_record = NULL;
	engine_stop(sim->engine, stop_grace_ns);
}

static void run_until_stopped(uint64_t grace_ns)
{
	stop_grace_ns = grace_ns;
	sim_endpoint(&f, NULL);
	sim_set(&sim_behave(&f, 0, "latency")->own, "delay", 2 * HP_S_NS);
	f.plan.endpoints[0].connections_max = STOP_CONNECTIONS;
	f.plan.arrivals.span_ns = 100 * HP_S_NS;
	f.on_record = stop_at_receipt;
	sim_start(&f);
	sim_run(&f);
}

/* Goal: stopped, what is in flight may end within the grace; nothing new is begun, what was
 * planned by then and waits was not sent, what was not planned yet is not counted. */
START_TEST(test_stop_with_grace)
{
	run_until_stopped(5 * HP_S_NS);
	ck_assert_uint_eq(f.metrics->delivered, STOP_CONNECTIONS);
	ck_assert_uint_eq(f.metrics->by_outcome[OUTCOME_ABANDONED], 0);
	ck_assert_uint_ge(f.metrics->planned, 20); /* 10 a second for 2 s */
	ck_assert_uint_le(f.metrics->planned, 22);
	ck_assert_uint_eq(f.metrics->not_sent, f.metrics->planned - STOP_CONNECTIONS);
	ck_assert_uint_lt(f.metrics->ended_ns, 3 * HP_S_NS); /* not the whole grace */
	ck_assert_uint_lt(f.metrics->planned_until_ns, 3 * HP_S_NS);
}
END_TEST

/* Goal: without grace what is in flight is abandoned, and stays pending: its sender cannot know. */
START_TEST(test_stop_without_grace)
{
	run_until_stopped(0);
	ck_assert_uint_eq(f.metrics->delivered, 0);
	ck_assert_uint_eq(f.metrics->by_outcome[OUTCOME_ABANDONED], STOP_CONNECTIONS);
	ck_assert_uint_eq(f.metrics->pending, STOP_CONNECTIONS);
}
END_TEST

/* Goal: a stop before anything was released, twice, and after the end, is one clean end. */
START_TEST(test_stop_twice)
{
	static struct script_port s;

	script_port_init(&s);
	sim_endpoint(&f, NULL);
	sim_start_on(&f, &s.port);
	engine_start(f.engine);
	engine_stop(f.engine, HP_S_NS);
	engine_stop(f.engine, 0);
	script_port_advance(&s, HP_S_NS);
	engine_stop(f.engine, 0);
	script_port_advance(&s, 2 * HP_S_NS);
	ck_assert_uint_eq(f.metrics->planned, 0);
	sim_check_laws(&f);
}
END_TEST

/* Goal: a plan without events is over at once. */
START_TEST(test_nothing_planned)
{
	sim_endpoint(&f, NULL);
	f.plan.arrivals.span_ns = HP_MS_NS; /* the first of 10 a second is at 50 ms */
	sim_start(&f);
	sim_run(&f);
	ck_assert_uint_eq(f.metrics->planned, 0);
	ck_assert_uint_eq(f.metrics->ended_ns, 0);
}
END_TEST

/* Goal: an engine that is freed in mid-run leaves nothing behind. */
START_TEST(test_free_in_flight)
{
	static struct script_port s;

	script_port_init(&s);
	sim_endpoint(&f, NULL);
	sim_start_on(&f, &s.port);
	engine_start(f.engine);
	script_port_advance(&s, 500 * HP_MS_NS);
	script_port_accept(script_port_conn(&s, 0));
	ck_assert_uint_eq(script_port_waiting(&s), 1);
}
END_TEST

/* ---- repetition ---- */

static void make_rough(struct sim *sim, unsigned connections)
{
	struct behaviour *share, *latency;

	sim->plan.arrivals.rate_micro_per_s = UINT64_C(300) * 1000000;
	sim_endpoint(sim, NULL);
	sim->plan.endpoints[0].connections_max = connections;
	share = sim_behave(sim, 0, "share");
	sim_set(&share->own, "share", BEHAVIOUR_MICRO * 3 / 10);
	latency = sim_behave(sim, 0, "latency");
	sim_set(&latency->own, "p50", 3 * HP_MS_NS);
	sim_set(&latency->own, "p99", 40 * HP_MS_NS);
	sim_start(sim);
	sim_run(sim);
}

#define SAME(field) ck_assert_uint_eq(a->field, b->field)

static void check_same_attempt(const struct record_attempt *a, const struct record_attempt *b)
{
	SAME(event_index);
	SAME(due_ns);
	SAME(released_ns);
	SAME(sent_ns);
	SAME(done_ns);
	SAME(next_due_ns);
	SAME(body_digest);
	SAME(number);
	SAME(status);
	SAME(outcome);
	SAME(state);
}

static void check_same_receipt(const struct record_receipt *a, const struct record_receipt *b)
{
	SAME(event_index);
	SAME(identity);
	SAME(arrived_ns);
	SAME(answered_ns);
	SAME(body_digest);
	SAME(effects);
	SAME(ordinal);
	SAME(status);
	SAME(behaviour);
}

/* Goal: the same seed gives the same records, to the nanosecond, with losses in the network too. */
START_TEST(test_repeats)
{
	sim_init(&again);
	f.network.loss = again.network.loss = 0.1;
	make_rough(&f, 8);
	make_rough(&again, 8);
	ck_assert_uint_eq(f.count, again.count);
	for (size_t i = 0; i < f.count; i++) {
		const struct record *a = &f.records[i], *b = &again.records[i];

		ck_assert_int_eq(a->kind, b->kind);
		if (a->kind == RECORD_ATTEMPT)
			check_same_attempt(&a->attempt, &b->attempt);
		if (a->kind == RECORD_RECEIPT)
			check_same_receipt(&a->receipt, &b->receipt);
	}
	sim_fini(&again);
}
END_TEST

/* Goal: another seed gives another run. */
START_TEST(test_other_seed)
{
	sim_init(&again);
	again.plan.seed = 43;
	make_rough(&f, 8);
	make_rough(&again, 8);
	ck_assert(f.count != again.count ||
		  sim_attempt(&f, 0)->body_digest != sim_attempt(&again, 0)->body_digest);
	sim_fini(&again);
}
END_TEST

static const struct record_receipt *receipt_of(const struct sim *sim,
					       const struct record_receipt *like)
{
	for (size_t i = 0; i < sim->count; i++) {
		const struct record_receipt *receipt = &sim->records[i].receipt;

		if (sim->records[i].kind == RECORD_RECEIPT &&
		    receipt->event_index == like->event_index && receipt->ordinal == like->ordinal)
			return receipt;
	}
	return NULL;
}

/* Goal: what strikes whom, and for how long, does not depend on the number of connections. */
START_TEST(test_same_faults_at_any_concurrency)
{
	sim_init(&again);
	make_rough(&f, 1);
	make_rough(&again, 64);
	ck_assert_uint_eq(sim_records(&f, RECORD_RECEIPT), sim_records(&again, RECORD_RECEIPT));
	ck_assert_uint_gt(f.metrics->retries, 100);
	for (size_t i = 0; i < f.count; i++) {
		const struct record_receipt *one = &f.records[i].receipt, *many;

		if (f.records[i].kind != RECORD_RECEIPT)
			continue;
		many = receipt_of(&again, one);
		ck_assert_ptr_nonnull(many);
		ck_assert_uint_eq(many->behaviour, one->behaviour);
		ck_assert_uint_eq(many->status, one->status);
		ck_assert_uint_eq(many->answered_ns - many->arrived_ns,
				  one->answered_ns - one->arrived_ns);
	}
	sim_fini(&again);
}
END_TEST

Suite *suite_engine(void);

Suite *suite_engine(void)
{
	Suite *suite = suite_create("engine");
	TCase *tcase = tcase_create("engine");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_exhaustion);
	tcase_add_loop_test(tcase, test_attempts_max, 1, 4);
	tcase_add_loop_test(tcase, test_retry_after, 0, AFTER_COUNT);
	tcase_add_loop_test(tcase, test_gone, 0, 2);
	tcase_add_loop_test(tcase, test_anchor, 0, 2);
	tcase_add_test(tcase, test_fan_out);
	tcase_add_loop_test(tcase, test_shards, 0, 3);
	tcase_add_test(tcase, test_drain);
	tcase_add_test(tcase, test_stop_with_grace);
	tcase_add_test(tcase, test_stop_without_grace);
	tcase_add_test(tcase, test_stop_twice);
	tcase_add_test(tcase, test_nothing_planned);
	tcase_add_test(tcase, test_free_in_flight);
	tcase_add_test(tcase, test_repeats);
	tcase_add_test(tcase, test_other_seed);
	tcase_add_test(tcase, test_same_faults_at_any_concurrency);
	suite_add_tcase(suite, tcase);
	return suite;
}
