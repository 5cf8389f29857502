/* The engine under load: open loop and closed loop, caps, a frozen receiver, our own delays, and
 * what a million waiting deliveries cost. */
#include <check.h>
#include <malloc.h>

#include "tests/lib/script_port.h"
#include "tests/lib/sim_fixture.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static struct sim f;
static struct script_port s;

static void setup(void)
{
	sim_init(&f);
	script_port_init(&s);
	sim_endpoint(&f, NULL);
}

static void teardown(void)
{
	sim_fini(&f);
}

static void set_rate(uint64_t per_s, uint64_t span_ns)
{
	f.plan.arrivals.rate_micro_per_s = per_s * 1000000;
	f.plan.arrivals.span_ns = span_ns;
}

static void start_on_script(void)
{
	sim_start_on(&f, &s.port);
	engine_start(f.engine);
}

/* ---- open loop ---- */

/* Goal: a slow receiver slows nobody down: every event is released at its planned instant, and
 * with connections enough it is sent there too. */
START_TEST(test_open_loop)
{
	f.plan.endpoints[0].connections_max = _i ? 1 : 2000;
	f.plan.profile.timeout_ns = 3600 * HP_S_NS;
	f.plan.profile.first_byte_timeout_ns = 3600 * HP_S_NS;
	set_rate(100, 2 * HP_S_NS);
	sim_set(&sim_behave(&f, 0, "latency")->own, "delay", 5 * HP_S_NS);
	sim_start(&f);
	sim_run(&f);
	ck_assert_uint_eq(f.metrics->delivered, 200);
	ck_assert_uint_eq(f.metrics->lag.max_us, 0);
	ck_assert_uint_eq(f.metrics->late_releases, 0);
	if (_i == 0) { /* a connection of their own for all: the network's two ways and 5 s */
		ck_assert_uint_le(f.metrics->queue.max_us, 2001);
		ck_assert_uint_le(f.metrics->response.max_us, 5004001);
	} else { /* one for all: the last waits for 199 others */
		ck_assert_uint_gt(f.metrics->response.max_us, 990 * 1000 * 1000);
		ck_assert_uint_le(f.metrics->service.max_us, 5003000);
	}
}
END_TEST

/* Goal: a receiver frozen for 6 s of 10 shows in the median of the response time, in the service
 * time, and not in our lag; no sample is missing: an open loop counts from the planned instant. */
START_TEST(test_freeze)
{
	struct behaviour *freeze = sim_behave(&f, 0, "freeze");

	sim_set(&freeze->own, "from", 2 * HP_S_NS);
	sim_set(&freeze->own, "for", 6 * HP_S_NS);
	f.plan.endpoints[0].connections_max = _i ? 1000 : 16;
	f.network.latency_ns = 100 * HP_US_NS;
	set_rate(100, 10 * HP_S_NS);
	sim_start(&f);
	sim_run(&f);
	ck_assert_uint_eq(f.metrics->response.count, 1000);
	ck_assert_uint_eq(f.metrics->delivered, 1000);
	ck_assert_uint_ge(hp_hist_percentile_us(&f.metrics->response, 50), 900 * 1000);
	ck_assert_uint_le(hp_hist_percentile_us(&f.metrics->response, 50), 1200 * 1000);
	ck_assert_uint_ge(hp_hist_percentile_us(&f.metrics->response, 90), 4800 * 1000);
	ck_assert_uint_ge(f.metrics->service.max_us, 5900 * 1000);
	ck_assert_uint_eq(f.metrics->lag.max_us, 0);
}
END_TEST

/* Goal: a freeze longer than the timeout is timeouts at exactly that, retries by the plan, and no
 * sample vanishes. */
START_TEST(test_freeze_beyond_timeout)
{
	struct behaviour *freeze = sim_behave(&f, 0, "freeze");

	sim_set(&freeze->own, "for", 6 * HP_S_NS);
	f.plan.profile.timeout_ns = 2 * HP_S_NS;
	f.plan.profile.first_byte_timeout_ns = 2 * HP_S_NS;
	sim_start(&f);
	sim_run(&f);
	ck_assert_uint_eq(f.metrics->by_outcome[OUTCOME_TIMEOUT], 10);
	ck_assert_uint_eq(f.metrics->response.count, 10);
	ck_assert_uint_eq(f.metrics->delivered, 10);
	for (size_t i = 0; i < 10; i++)
		ck_assert_uint_eq(sim_attempt(&f, i)->done_ns - sim_attempt(&f, i)->sent_ns,
				  2 * HP_S_NS);
}
END_TEST

/* ---- closed loop ---- */

/* Goal: exactly n are on their way at every moment, until the count is reached. */
START_TEST(test_closed_loop)
{
	enum { IN_FLIGHT = 5, EVENTS = 100 };

	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_CLOSED, .concurrency = IN_FLIGHT,
					    .count_max = EVENTS};
	start_on_script();
	for (unsigned i = 0; i < IN_FLIGHT; i++)
		script_port_accept(script_port_conn(&s, i));
	for (unsigned done = 0; done <= EVENTS - IN_FLIGHT; done++) {
		ck_assert_uint_eq(script_port_waiting(&s), IN_FLIGHT);
		script_port_advance(&s, s.now_ns + HP_MS_NS);
		script_port_answer(&s.conns[done * 3 % IN_FLIGHT],
				   "HTTP/1.1 204 No Content\r\n\r\n");
	}
	ck_assert_uint_eq(script_port_waiting(&s), IN_FLIGHT - 1);
	script_port_settle(&s);
	ck_assert_uint_eq(s.conn_count, IN_FLIGHT);
	ck_assert_uint_eq(f.metrics->delivered, EVENTS);
	sim_check_laws(&f);
}
END_TEST

/* Goal: a closed loop ends with its span, and a failed delivery gives its place to the next event
 * while it waits. */
START_TEST(test_closed_loop_of_failures)
{
	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_CLOSED, .concurrency = 2,
					    .span_ns = HP_S_NS};
	sim_set(&sim_behave(&f, 0, "status")->own, "code", 500);
	sim_start(&f);
	sim_run(&f);
	ck_assert_uint_gt(f.metrics->planned, 500); /* 2 ms and a bit for each, two at once */
	ck_assert_uint_eq(f.metrics->exhausted, f.metrics->planned);
	for (size_t i = 0; i < f.metrics->planned; i++)
		ck_assert_uint_le(sim_attempt(&f, i)->released_ns, HP_S_NS);
}
END_TEST

/* Goal: a closed loop whose deliveries are all dropped by the queue's cap goes on with new ones,
 * instead of standing still for ever. */
START_TEST(test_closed_loop_drops)
{
	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_CLOSED, .concurrency = 2,
					    .span_ns = HP_S_NS};
	f.plan.limits.queue_ns_max = 5 * HP_MS_NS;
	f.plan.profile.retry.attempts_max = 1;
	f.plan.endpoints[0].connections_max = 1;
	start_on_script();
	for (unsigned ms = 0; ms < 5000 && !f.over_count; ms += 20) {
		script_port_advance(&s, ms * HP_MS_NS);
		if (s.conn_count && !s.conns[s.conn_count - 1].gone)
			script_port_end(&s.conns[s.conn_count - 1], PORT_END_REFUSED);
	}
	ck_assert_uint_gt(f.metrics->dropped, 2);
	sim_check_laws(&f);
}
END_TEST

/* Goal: the rate that was achieved is what the generator released; a receiver that refuses every
 * connection, and two endpoints for each event, change nothing about it. */
START_TEST(test_achieved_is_ours)
{
	sim_endpoint(&f, NULL);
	sim_behave(&f, 0, "refused");
	f.plan.profile.retry.attempts_max = 1;
	set_rate(100, 2 * HP_S_NS);
	sim_start(&f);
	sim_run(&f);
	ck_assert_uint_eq(f.metrics->sent, 200);
	ck_assert_uint_eq(f.metrics->exhausted, 200);
	ck_assert_double_eq(metrics_achieved_per_s(f.metrics), 100);
}
END_TEST

/* ---- caps ---- */

/* Goal: never more in flight than the cap says; the rest waits its turn and is delivered. */
START_TEST(test_in_flight_max)
{
	f.plan.limits.in_flight_max = 3;
	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_BURST, .burst_count = 50,
					    .burst_every_ns = HP_S_NS, .span_ns = HP_S_NS};
	start_on_script();
	script_port_advance(&s, 0);
	for (unsigned i = 0; i < s.conn_count; i++)
		script_port_accept(script_port_conn(&s, i));
	for (unsigned i = 0; f.metrics->delivered < 48; i++) {
		ck_assert_uint_eq(script_port_waiting(&s), 3);
		if (s.conns[i % s.conn_count].waits)
			script_port_answer(&s.conns[i % s.conn_count],
				      "HTTP/1.1 204 No Content\r\n\r\n");
	}
	script_port_settle(&s);
	sim_check_laws(&f);
}
END_TEST

/* Goal: an endpoint with a long queue does not keep the places in flight to itself. */
START_TEST(test_in_flight_max_is_fair)
{
	sim_endpoint(&f, NULL);
	sim_endpoint(&f, NULL);
	f.plan.limits.in_flight_max = 1;
	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_BURST, .burst_count = 20,
					    .burst_every_ns = HP_S_NS, .span_ns = HP_S_NS};
	sim_start(&f);
	sim_run(&f);
	for (unsigned endpoint = 0; endpoint < 3; endpoint++) {
		unsigned served = 0;

		for (size_t i = 0; i < 30; i++)
			served += sim_attempt(&f, i)->endpoint_index == endpoint;
		ck_assert_uint_ge(served, 9);
		ck_assert_uint_le(served, 11);
	}
}
END_TEST

/* Goal: a first attempt that waited longer than the queue allows is dropped, never a retry. */
START_TEST(test_queue_drops)
{
	f.plan.limits.queue_ns_max = 500 * HP_MS_NS;
	f.plan.endpoints[0].connections_max = 1;
	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_BURST, .burst_count = 5,
					    .burst_every_ns = HP_S_NS, .span_ns = HP_S_NS};
	sim_set(&sim_behave(&f, 0, "latency")->own, "delay", 300 * HP_MS_NS);
	sim_set(&sim_behave(&f, 0, "first-n")->own, "n", 1);
	f.plan.profile.retry.jitter = RETRY_JITTER_NONE;
	sim_start(&f);
	sim_run(&f);
	ck_assert_uint_eq(f.metrics->planned, 5);
	ck_assert_uint_eq(f.metrics->delivered, 2); /* at 0 and at 0.3 s; at 0.6 s it is too late */
	ck_assert_uint_eq(f.metrics->dropped, 3);
	ck_assert_uint_eq(f.metrics->attempts, 4);
}
END_TEST

/* Goal: the queue's cap is for first attempts: a retry that waits longer for its turn is sent. */
START_TEST(test_queue_keeps_retries)
{
	static const char no[] = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n";

	f.plan.limits.queue_ns_max = 500 * HP_MS_NS;
	f.plan.endpoints[0].connections_max = 1;
	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_BURST, .burst_count = 2,
					    .burst_every_ns = HP_S_NS, .span_ns = HP_S_NS};
	f.plan.profile.retry = (struct retry_policy){.attempts_max = 2, .law = RETRY_LINEAR,
						     .base_ns = HP_MS_NS};
	start_on_script();
	script_port_advance(&s, 0);
	script_port_accept(script_port_conn(&s, 0));
	script_port_answer(&s.conns[0], no); /* the second one takes its place */
	script_port_advance(&s, 2 * HP_S_NS); /* and the first one's retry waits for it */
	script_port_answer(&s.conns[0], no);
	script_port_settle(&s);
	script_port_advance(&s, 3 * HP_S_NS);
	script_port_settle(&s);
	ck_assert_uint_eq(f.metrics->dropped, 0);
	ck_assert_uint_eq(f.metrics->delivered, 2);
	sim_check_laws(&f);
}
END_TEST

/* ---- our own delays ---- */

enum { RATE = 100 };

/* Lets time pass to the moment in steps of 1 ms, and answers everything at once. Returns the most
 * that was released within one step. */
static unsigned pass(uint64_t to_ns)
{
	unsigned most = 0;

	while (s.now_ns < to_ns) {
		uint64_t before = f.metrics->planned;

		script_port_advance(&s, s.now_ns + HP_MS_NS);
		script_port_settle(&s);
		if (f.metrics->planned - before > most)
			most = (unsigned)(f.metrics->planned - before);
	}
	return most;
}

static void stall(uint64_t span_ns)
{
	script_port_jump(&s, s.now_ns + span_ns);
	script_port_settle(&s);
}

/* Releases between two moments, by the records. */
static unsigned released(uint64_t from_ns, uint64_t to_ns)
{
	unsigned count = 0;

	for (size_t i = 0; i < sim_attempts(&f); i++) {
		const struct record_attempt *attempt = sim_attempt(&f, i);

		count += attempt->released_ns >= from_ns && attempt->released_ns < to_ns;
	}
	return count;
}

/* Each event was released after the one before it. */
static void check_order(void)
{
	static uint64_t released_ns[10 * RATE];

	for (size_t i = 0; i < 10 * RATE; i++)
		released_ns[sim_attempt(&f, i)->event_index] = sim_attempt(&f, i)->released_ns;
	for (size_t i = 1; i < 10 * RATE; i++)
		ck_assert_uint_ge(released_ns[i], released_ns[i - 1]);
}

/* Goal: after a delay of our own the overdue events follow at twice the rate, in order, measured
 * from their planned instants; none is skipped; then the run is on time again. */
START_TEST(test_catch_up)
{
	set_rate(RATE, 10 * HP_S_NS);
	start_on_script();
	pass(2 * HP_S_NS);
	stall(2 * HP_S_NS);
	pass(11 * HP_S_NS);
	ck_assert_uint_eq(f.metrics->delivered, 10 * RATE);
	for (uint64_t at_ns = 4 * HP_S_NS; at_ns < 10 * HP_S_NS; at_ns += 100 * HP_MS_NS)
		ck_assert_uint_le(released(at_ns, at_ns + 100 * HP_MS_NS), 2 * RATE / 10 + 2);
	ck_assert_uint_ge(released(4 * HP_S_NS, 5 * HP_S_NS), 2 * RATE - 2);
	ck_assert_uint_le(released(7 * HP_S_NS, 8 * HP_S_NS), RATE + 2);
	check_order();
	ck_assert_uint_ge(f.metrics->lag.max_us, 1980 * 1000);
	ck_assert_uint_ge(f.metrics->response.max_us, 1980 * 1000);
	ck_assert_uint_gt(f.metrics->late_releases, 300);
	ck_assert_uint_gt(sim_records(&f, RECORD_LAG), 4);
	sim_check_laws(&f);
}
END_TEST

/* Goal: a second delay while catching up makes no herd of what fell due in it. */
START_TEST(test_catch_up_twice)
{
	set_rate(RATE, 10 * HP_S_NS);
	start_on_script();
	pass(HP_S_NS);
	stall(2 * HP_S_NS);
	pass(s.now_ns + 500 * HP_MS_NS);
	stall(2 * HP_S_NS);
	ck_assert_uint_le(released(s.now_ns, s.now_ns + 1), 5);
	ck_assert_uint_le(pass(12 * HP_S_NS), 2);
	ck_assert_uint_eq(f.metrics->delivered, 10 * RATE);
	sim_check_laws(&f);
}
END_TEST

/* Goal: retries that fell due while we stood still are released when we are back, and their lag is
 * theirs. */
START_TEST(test_late_retries)
{
	f.plan.arrivals.count_max = 1;
	f.plan.profile.retry.jitter = RETRY_JITTER_NONE;
	start_on_script();
	script_port_advance(&s, 50 * HP_MS_NS);
	script_port_end(script_port_conn(&s, 0), PORT_END_REFUSED);
	script_port_jump(&s, 100 * HP_S_NS);
	script_port_settle(&s);
	ck_assert_uint_eq(sim_attempt(&f, 1)->due_ns, 50 * HP_MS_NS + 60 * HP_S_NS);
	ck_assert_uint_eq(sim_attempt(&f, 1)->released_ns, 100 * HP_S_NS);
	sim_check_laws(&f);
}
END_TEST

/* ---- memory ---- */

static size_t used_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static size_t at_start_bytes, at_end_bytes;

/* The first delivery that is written down as pending: all of them are still there. */
static void measure(struct sim *sim, const struct record *record)
{
	if (record->kind == RECORD_ENDED && at_end_bytes == 0)
		at_end_bytes = used_bytes();
	sim->count = 0; /* the test keeps no records */
}

/* Goal: a million deliveries that wait for their next attempt cost at most 128 bytes each. */
START_TEST(test_pending_memory)
{
	enum { PENDING = 1000 * 1000 };

	if (used_bytes() == 0) /* valgrind's allocator does not count */
		return;
	f.plan.recording = PLAN_RECORD_SUMMARY;
	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_BURST, .burst_count = 1000,
					    .burst_every_ns = HP_MS_NS, .span_ns = HP_S_NS};
	f.plan.endpoints[0].connections_max = 2000;
	f.plan.limits.drain_ns_max = 10 * HP_S_NS;
	sim_set(&sim_behave(&f, 0, "outage")->own, "to", HP_NEVER);
	f.on_record = measure;
	sim_start(&f);
	at_start_bytes = used_bytes();
	engine_start(f.engine);
	world_run(f.world);
	ck_assert_uint_eq(f.metrics->pending, PENDING);
	ck_assert_uint_gt(at_end_bytes, 0);
	ck_assert_uint_le((at_end_bytes - at_start_bytes) / PENDING, 128);
}
END_TEST

Suite *suite_engine_load(void);

Suite *suite_engine_load(void)
{
	Suite *suite = suite_create("engine_load");
	TCase *tcase = tcase_create("engine_load");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_open_loop, 0, 2);
	tcase_add_loop_test(tcase, test_freeze, 0, 2);
	tcase_add_test(tcase, test_freeze_beyond_timeout);
	tcase_add_test(tcase, test_closed_loop);
	tcase_add_test(tcase, test_closed_loop_of_failures);
	tcase_add_test(tcase, test_closed_loop_drops);
	tcase_add_test(tcase, test_achieved_is_ours);
	tcase_add_test(tcase, test_in_flight_max);
	tcase_add_test(tcase, test_in_flight_max_is_fair);
	tcase_add_test(tcase, test_queue_drops);
	tcase_add_test(tcase, test_queue_keeps_retries);
	tcase_add_test(tcase, test_catch_up);
	tcase_add_test(tcase, test_catch_up_twice);
	tcase_add_test(tcase, test_late_retries);
	if (!SANITIZED) /* their allocators do not count like ours */
		tcase_add_test(tcase, test_pending_memory);
	suite_add_tcase(suite, tcase);
	return suite;
}
