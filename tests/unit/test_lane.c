/* Lanes through the engine, on a port that the test moves: what happens to a connection, and what
 * that means for the delivery on it. */
#include "engine/lane.h"

#include <check.h>

#include "tests/lib/script_port.h"
#include "tests/lib/sim_fixture.h"

static struct sim f;
static struct script_port s;

static const char ok[] = "HTTP/1.1 204 No Content\r\n\r\n";

static void setup(void)
{
	sim_init(&f);
	script_port_init(&s);
	sim_endpoint(&f, NULL);
	f.plan.arrivals.count_max = 1;
	f.plan.profile.connect_timeout_ns = 2 * HP_S_NS;
	f.plan.profile.first_byte_timeout_ns = 5 * HP_S_NS;
	f.plan.profile.timeout_ns = 15 * HP_S_NS;
}

static void teardown(void)
{
	sim_fini(&f);
}

/* Begins; the first event is released and waits for its connection. */
static void start(void)
{
	sim_start_on(&f, &s.port);
	engine_start(f.engine);
	script_port_advance(&s, 50 * HP_MS_NS); /* event 0 of 10 a second */
	ck_assert_uint_ge(s.conn_count, 1);
}

static const struct record_attempt *last_attempt(void)
{
	size_t count = sim_attempts(&f);

	ck_assert_uint_gt(count, 0);
	return sim_attempt(&f, count - 1);
}

static void check_outcome(enum outcome wanted)
{
	ck_assert_str_eq(outcome_word(last_attempt()->outcome), outcome_word(wanted));
}

/* Goal: a whole answer in one piece, or byte by byte, delivers; the connection serves the next
 * event. */
START_TEST(test_keep_alive)
{
	f.plan.arrivals.count_max = 2;
	start();
	script_port_accept(script_port_conn(&s, 0));
	ck_assert_uint_eq(s.conns[0].sends, 1);
	for (const char *at = ok; *at; at++)
		script_port_answer(&s.conns[0], (char[]){*at, '\0'});
	check_outcome(OUTCOME_OK);
	script_port_advance(&s, HP_S_NS);
	ck_assert_uint_eq(s.conns[0].sends, 2);
	script_port_answer(&s.conns[0], ok);
	ck_assert_uint_eq(s.conn_count, 1);
	sim_check_laws(&f);
}
END_TEST

static const struct answer_row {
	const char *answer;
	enum outcome outcome;
	int status;
	bool kept; /* the connection serves the next event */
} answer_rows[] = {
	{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", OUTCOME_OK, 200, true},
	{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", OUTCOME_OK, 200,
	 false},
	{"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", OUTCOME_OK, 200, false},
	{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", OUTCOME_OK, 204, true},
	{"HTTP/1.1 204 No Content\r\n\r\nmore than was asked", OUTCOME_OK, 204, false},
	{"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", OUTCOME_STATUS, 302,
	 true},
	{"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", OUTCOME_STATUS, 500, true},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", OUTCOME_OK, 200, true},
	{"SSH-2.0-OpenSSH_9.2\r\n", OUTCOME_GARBAGE, 0, false},
	{"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", OUTCOME_GARBAGE, 0, false},
};
enum { ANSWER_COUNT = sizeof(answer_rows) / sizeof(answer_rows[0]) };

/* Goal: each answer is its outcome, and a connection is used again only when that is safe. */
START_TEST(test_answers)
{
	const struct answer_row *row = &answer_rows[_i];

	f.plan.arrivals.count_max = 2;
	start();
	script_port_accept(script_port_conn(&s, 0));
	script_port_answer(&s.conns[0], row->answer);
	check_outcome(row->outcome);
	ck_assert_int_eq(last_attempt()->status, row->status);
	ck_assert(s.conns[0].gone == !row->kept);
	script_port_advance(&s, 200 * HP_MS_NS);
	ck_assert_uint_eq(s.conn_count, row->kept ? 1 : 2);
}
END_TEST

static const struct end_row {
	const char *answer; /* before the end; NULL: none */
	enum port_end why;
	enum outcome outcome;
} end_rows[] = {
	{NULL, PORT_END_CLOSED, OUTCOME_CLOSED},
	{NULL, PORT_END_RESET, OUTCOME_RESET},
	{"HTTP/1.1 200 OK\r\n\r\nuntil close", PORT_END_CLOSED, OUTCOME_OK},
	{"HTTP/1.1 500 No\r\n\r\nuntil close", PORT_END_CLOSED, OUTCOME_STATUS},
	{"HTTP/1.1 200 OK\r\n\r\nuntil close", PORT_END_RESET, OUTCOME_RESET},
	{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", PORT_END_CLOSED, OUTCOME_TRUNCATED},
	{"HTTP/1.1 503 No\r\nRetry-After: 90\r\nContent-Length: 9\r\n\r\nshort", PORT_END_CLOSED,
	 OUTCOME_TRUNCATED},
	{"HTTP/1.1 20", PORT_END_CLOSED, OUTCOME_TRUNCATED},
	{"HTTP/1.1 20", PORT_END_RESET, OUTCOME_RESET},
	{NULL, PORT_END_CUT, OUTCOME_CLOSED},
	{"HTTP/1.1 200 OK\r\n\r\nuntil close", PORT_END_CUT, OUTCOME_TRUNCATED},
	{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", PORT_END_CUT, OUTCOME_TRUNCATED},
};
enum { END_COUNT = sizeof(end_rows) / sizeof(end_rows[0]) };

/* Goal: what the end of a connection means depends on what was read before it; half an answer asks
 * for nothing. */
START_TEST(test_ends)
{
	const struct end_row *row = &end_rows[_i];

	start();
	script_port_accept(script_port_conn(&s, 0));
	if (row->answer)
		script_port_answer(&s.conns[0], row->answer);
	script_port_end(&s.conns[0], row->why);
	check_outcome(row->outcome);
	ck_assert_uint_eq(last_attempt()->retry_after_ns, HP_NEVER);
}
END_TEST

static const struct connect_row {
	enum port_end why;
	enum outcome outcome;
} connect_rows[] = {
	{PORT_END_REFUSED, OUTCOME_REFUSED},
	{PORT_END_UNREACHABLE, OUTCOME_UNREACHABLE},
	{PORT_END_NO_PORTS, OUTCOME_NO_PORTS},
	{PORT_END_RESET, OUTCOME_RESET},
	{PORT_END_TLS, OUTCOME_TLS_FAILED},
};
enum { CONNECT_COUNT = sizeof(connect_rows) / sizeof(connect_rows[0]) };

/* Goal: a connection that does not come about was the attempt of what waits for it; no byte went
 * out. */
START_TEST(test_connects)
{
	start();
	script_port_end(script_port_conn(&s, 0), connect_rows[_i].why);
	check_outcome(connect_rows[_i].outcome);
	ck_assert_uint_eq(last_attempt()->sent_ns, HP_NEVER);
	ck_assert_uint_eq(last_attempt()->number, 1);
	ck_assert_uint_eq(f.metrics->sent, 0);
}
END_TEST

static const struct port_handshake handshakes[] = {
	{.took_ns = 3 * HP_MS_NS},
	{.took_ns = HP_MS_NS, .resumed = true},
	{.took_ns = HP_MS_NS, .failed = "certificate has expired"},
	{.took_ns = HP_MS_NS, .failed = "certificate has expired"},
};

/* Goal: an https endpoint asks for TLS by its place; what its handshakes were is counted, and a
 * reason stands in the history once. */
START_TEST(test_tls)
{
	unsigned notes = 0;

	f.plan.endpoints[0].tls.used = true;
	start();
	ck_assert(script_port_conn(&s, 0)->target.tls);
	ck_assert_uint_eq(s.conns[0].target.endpoint_index, 0);
	for (size_t i = 0; i < 4; i++)
		s.port.user->on_handshake(s.conns[0].user, &handshakes[i]);
	ck_assert_uint_eq(f.metrics->handshakes, 2);
	ck_assert_uint_eq(f.metrics->handshakes_resumed, 1);
	ck_assert_uint_eq(f.metrics->handshakes_failed, 2);
	ck_assert_uint_eq(f.metrics->handshake.count, 2);
	ck_assert_uint_eq(f.metrics->handshake.max_us, 3000);
	for (size_t i = 0; i < f.count; i++) {
		if (f.records[i].kind != RECORD_NOTE)
			continue;
		ck_assert_str_eq(f.records[i].note.text,
				 "tls-failed endpoint-0: certificate has expired");
		notes++;
	}
	ck_assert_uint_eq(notes, 1);
}
END_TEST

/* Goal: a TLS connection that was cut is counted, whatever it carried; warm-up is no sample. */
START_TEST(test_tls_cut)
{
	f.plan.endpoints[0].tls.used = true;
	f.plan.warmup_ns = HP_S_NS;
	f.plan.arrivals.count_max = 2;
	start();
	s.port.user->on_handshake(script_port_conn(&s, 0)->user, &handshakes[0]);
	script_port_accept(script_port_conn(&s, 0));
	script_port_answer(&s.conns[0], ok);
	check_outcome(OUTCOME_OK);
	script_port_end(&s.conns[0], PORT_END_CUT);
	ck_assert_uint_eq(f.metrics->tls_cut, 1);
	ck_assert_uint_eq(f.metrics->handshakes, 1);
	ck_assert_uint_eq(f.metrics->handshake.count, 0);
}
END_TEST

enum stage { NEVER_ACCEPTED, NEVER_ANSWERED, HALF_ANSWERED };

static const struct timeout_row {
	enum stage stage;
	uint64_t after_ns; /* the release */
	enum outcome outcome;
} timeout_rows[] = {
	{NEVER_ACCEPTED, 2 * HP_S_NS, OUTCOME_CONNECT_TIMEOUT},
	{NEVER_ANSWERED, 5 * HP_S_NS, OUTCOME_FIRST_BYTE_TIMEOUT},
	{HALF_ANSWERED, 15 * HP_S_NS, OUTCOME_TIMEOUT},
};

/* Goal: each of the three timeouts strikes at its instant, not before, and ends the connection. */
START_TEST(test_timeouts)
{
	const struct timeout_row *row = &timeout_rows[_i];
	uint64_t from_ns;

	start();
	from_ns = s.now_ns;
	if (row->stage > NEVER_ACCEPTED)
		script_port_accept(script_port_conn(&s, 0));
	if (row->stage == HALF_ANSWERED)
		script_port_answer(&s.conns[0], "HTTP/1.1 200 OK\r\n");
	script_port_advance(&s, from_ns + row->after_ns - 1);
	ck_assert_uint_eq(sim_attempts(&f), 0);
	script_port_advance(&s, from_ns + row->after_ns);
	check_outcome(row->outcome);
	ck_assert_uint_eq(last_attempt()->done_ns, from_ns + row->after_ns);
	ck_assert(s.conns[0].gone);
}
END_TEST

/* Goal: the total is a limit also where the answer's first byte may take longer. */
START_TEST(test_total_without_first_byte)
{
	f.plan.profile.first_byte_timeout_ns = 60 * HP_S_NS;
	start();
	script_port_accept(script_port_conn(&s, 0));
	script_port_advance(&s, 50 * HP_MS_NS + 15 * HP_S_NS);
	check_outcome(OUTCOME_TIMEOUT);
}
END_TEST

/* Goal: an old attempt's deadline never strikes a later one on the same connection, and an idle
 * connection has none. */
START_TEST(test_lazy_deadlines)
{
	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_CONSTANT, .count_max = 40,
					    .rate_micro_per_s = 250000}; /* one in 4 s */
	f.plan.endpoints[0].connections_max = 1;
	sim_start_on(&f, &s.port);
	engine_start(f.engine);
	for (unsigned i = 0; i < 40; i++) {
		script_port_advance(&s, (2 + 4 * (uint64_t)i) * HP_S_NS);
		if (i == 0)
			script_port_accept(script_port_conn(&s, 0));
		/* answered just before the next */
		script_port_advance(&s, s.now_ns + 3999 * HP_MS_NS);
		ck_assert_uint_eq(s.conns[0].sends, i + 1);
		script_port_answer(&s.conns[0], ok);
	}
	ck_assert_uint_eq(s.conn_count, 1);
	ck_assert_uint_eq(f.metrics->delivered, 40);
	sim_check_laws(&f);
}
END_TEST

/* Goal: a connection that the peer closed while idle costs nobody an attempt; the next event
 * takes a new one. */
START_TEST(test_stale_keep_alive)
{
	f.plan.arrivals.count_max = 2;
	start();
	script_port_accept(script_port_conn(&s, 0));
	script_port_answer(&s.conns[0], ok);
	if (_i == 0)
		script_port_end(&s.conns[0], PORT_END_CLOSED);
	else /* it speaks unasked: not to be trusted any more */
		script_port_answer(&s.conns[0], "HTTP/1.1 408 Request Timeout\r\n\r\n");
	ck_assert(s.conns[0].gone);
	script_port_advance(&s, 200 * HP_MS_NS);
	script_port_accept(script_port_conn(&s, 1));
	script_port_answer(&s.conns[1], ok);
	ck_assert_uint_eq(f.metrics->attempts, 2);
	ck_assert_uint_eq(f.metrics->delivered, 2);
	sim_check_laws(&f);
}
END_TEST

/* Goal: a close that crosses the request on its way is that attempt's end: the request is not sent
 * again behind the plan's back, but retried when it is due. */
START_TEST(test_close_crosses_request)
{
	f.plan.arrivals.count_max = 2;
	start();
	script_port_accept(script_port_conn(&s, 0));
	script_port_answer(&s.conns[0], ok);
	script_port_advance(&s, 150 * HP_MS_NS);
	ck_assert_uint_eq(s.conns[0].sends, 2);
	script_port_end(&s.conns[0], PORT_END_CLOSED);
	check_outcome(OUTCOME_CLOSED);
	ck_assert_uint_eq(s.conn_count, 1);
	script_port_advance(&s, last_attempt()->next_due_ns - 1);
	ck_assert_uint_eq(s.conn_count, 1);
	script_port_advance(&s, s.now_ns + 1);
	script_port_accept(script_port_conn(&s, 1));
	script_port_answer(&s.conns[1], ok);
	ck_assert_uint_eq(last_attempt()->number, 2);
	sim_check_laws(&f);
}
END_TEST

/* Goal: bytes that the kernel took late count as sent when the attempt began, once an answer shows
 * that they were. */
START_TEST(test_late_first_byte)
{
	s.send_fails = true;
	start();
	script_port_accept(script_port_conn(&s, 0));
	script_port_advance(&s, s.now_ns + HP_S_NS);
	script_port_answer(&s.conns[0], ok);
	ck_assert_uint_eq(last_attempt()->sent_ns, 50 * HP_MS_NS);
	ck_assert_uint_eq(f.metrics->sent, 1);
}
END_TEST

/* Goal: never more connections than the endpoint's cap, and one for each delivery that waits. */
START_TEST(test_connections_max)
{
	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_BURST, .span_ns = HP_S_NS,
					    .burst_count = 20, .burst_every_ns = HP_S_NS};
	f.plan.endpoints[0].connections_max = 3;
	sim_start_on(&f, &s.port);
	engine_start(f.engine);
	script_port_advance(&s, 0);
	ck_assert_uint_eq(s.conn_count, 3);
	script_port_settle(&s);
	ck_assert_uint_eq(s.conn_count, 3);
	ck_assert_uint_eq(f.metrics->delivered, 20);
	sim_check_laws(&f);
}
END_TEST

/* Goal: a closed loop against a port where nobody listens backs off, 10 ms doubling to 1 s, and
 * does not spin. */
START_TEST(test_backs_off)
{
	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_CLOSED, .concurrency = 1,
					    .span_ns = 10 * HP_S_NS};
	f.plan.endpoints[0].connections_max = 1;
	f.plan.limits.drain_ns_max = 0;
	sim_start_on(&f, &s.port);
	engine_start(f.engine);
	for (uint64_t ms = 0; ms < 9000; ms++) {
		script_port_advance(&s, ms * HP_MS_NS);
		while (s.conn_count && !s.conns[s.conn_count - 1].gone)
			script_port_end(&s.conns[s.conn_count - 1], PORT_END_REFUSED);
	}
	/* 10 + 20 + … + 640 ms are 1.27 s, then one a second */
	ck_assert_uint_eq(s.conn_count, 1 + 7 + 7);
	engine_stop(f.engine, 0);
	script_port_advance(&s, s.now_ns);
	sim_check_laws(&f);
}
END_TEST

Suite *suite_lane(void);

Suite *suite_lane(void)
{
	Suite *suite = suite_create("lane");
	TCase *tcase = tcase_create("lane");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_keep_alive);
	tcase_add_loop_test(tcase, test_answers, 0, ANSWER_COUNT);
	tcase_add_loop_test(tcase, test_ends, 0, END_COUNT);
	tcase_add_loop_test(tcase, test_connects, 0, CONNECT_COUNT);
	tcase_add_test(tcase, test_tls);
	tcase_add_test(tcase, test_tls_cut);
	tcase_add_loop_test(tcase, test_timeouts, 0, 3);
	tcase_add_test(tcase, test_total_without_first_byte);
	tcase_add_test(tcase, test_lazy_deadlines);
	tcase_add_loop_test(tcase, test_stale_keep_alive, 0, 2);
	tcase_add_test(tcase, test_close_crosses_request);
	tcase_add_test(tcase, test_late_first_byte);
	tcase_add_test(tcase, test_connections_max);
	tcase_add_test(tcase, test_backs_off);
	suite_add_tcase(suite, tcase);
	return suite;
}
