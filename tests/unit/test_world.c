/* The simulated world without an engine: the test is the port's user, and speaks HTTP itself. */
#include "sim/world.h"

#include <check.h>
#include <stdio.h>

#include "tests/lib/receiving.h"

enum { LATENCY_MS = 10, LOG_BYTES = 16384, REQUESTS = 50, CONNS = 3 };

static struct receiving r;
static struct world_config config;
static struct world_host host;
static struct world *world;
static struct port *port;
static struct port_conn *conn; /* the last that was opened or has come about */
static char heard[LOG_BYTES]; /* "10ms open\n20ms bytes 27\n" */
static size_t heard_bytes;
static void (*on_opened)(void);
static void (*on_timed)(void);

static uint64_t now_ns(void)
{
	return port->ops->now_ns(port);
}

static void hear(const char *what, unsigned number)
{
	heard_bytes += (size_t)snprintf(heard + heard_bytes, LOG_BYTES - heard_bytes,
					"%.3fms %s %u\n", (double)now_ns() / 1e6, what, number);
}

static void on_open(void *user)
{
	conn = *(struct port_conn **)user;
	hear("open", 0);
	if (on_opened)
		on_opened();
}

static void on_bytes(void *user, const char *buf, size_t bytes)
{
	(void)user;
	ck_assert_int_eq(memcmp(buf, "HTTP/1.1 ", 9), 0);
	hear("bytes", (unsigned)bytes);
}

static void on_end(void *user, enum port_end why)
{
	(void)user;
	conn = NULL;
	hear("end", why);
}

static void on_handshake(void *user, const struct port_handshake *handshake)
{
	(void)user;
	ck_assert(!handshake->failed && !handshake->resumed);
	hear("handshake", (unsigned)(handshake->took_ns / HP_MS_NS));
}

static void on_timer(void *engine)
{
	(void)engine;
	hear("timer", 0);
	if (on_timed)
		on_timed();
}

static void leave(void)
{
	world_leave(world);
}

static const struct port_user user = {
	.on_open = on_open, .on_bytes = on_bytes, .on_end = on_end, .on_handshake = on_handshake,
};

static void setup(void)
{
	receiving_init(&r);
	heard_bytes = 0;
	heard[0] = '\0';
	on_opened = NULL;
	on_timed = NULL;
	config = (struct world_config){.seed = 42, .latency_ns = LATENCY_MS * HP_MS_NS};
	host.address = (struct port_address){4, 1025, {127, 0, 0, 1}};
}

static void start(void)
{
	receiving_start(&r);
	host.receiver = r.receiver;
	config.hosts = &host;
	config.host_count = 1;
	world = world_new(&config);
	port = world_port(world);
	port->user = &user;
	port->on_timer = on_timer;
}

static void teardown(void)
{
	world_free(world);
	receiving_fini(&r);
}

static void open_one(void)
{
	conn = port->ops->open(port, &(struct port_target){.address = host.address}, &conn);
}

static void send_one(int number)
{
	char body[RECEIVING_TEXT_BYTES], request[RECEIVING_TEXT_BYTES];

	receiving_request(&r, receiving_body(number, body), "", request);
	ck_assert(port->ops->send(conn, hp_view_of(request)));
}

static void send_first(void)
{
	send_one(1);
}

static void send_all(void)
{
	for (int i = 1; i <= REQUESTS; i++)
		send_one(i);
}

/* Goal: opening and a request take the latency each way; when nothing is left the world stops. */
START_TEST(test_latency)
{
	start();
	on_opened = send_first;
	open_one();
	ck_assert_str_eq(heard, ""); /* never from inside the call */
	world_run(world);
	ck_assert_msg(strncmp(heard, "20.000ms open 0\n40.000ms bytes ", 31) == 0, "%s", heard);
	ck_assert_uint_eq(receiving_receipts(&r), 1);
	ck_assert_uint_eq(receiving_receipt(&r, 0)->arrived_ns, 30 * HP_MS_NS);
	ck_assert_int_eq(receiving_receipt(&r, 0)->signature, SCHEME_VALID);
}
END_TEST

/* Goal: losses delay by what TCP takes to send again, and change no order within a connection;
 * nothing is lost for good. */
START_TEST(test_order_under_loss)
{
	config.loss = 0.4;
	config.seed = (uint64_t)_i;
	start();
	on_opened = send_all;
	open_one();
	world_run(world);
	ck_assert_uint_eq(receiving_receipts(&r), REQUESTS);
	for (size_t i = 0; i < REQUESTS; i++) {
		char key[RECORD_KEY_BYTES];

		snprintf(key, sizeof(key), "inv_%zu:invoice.paid", i + 1);
		ck_assert_str_eq(receiving_receipt(&r, i)->key, key);
		if (i > 0)
			ck_assert_uint_ge(receiving_receipt(&r, i)->arrived_ns,
					  receiving_receipt(&r, i - 1)->arrived_ns);
	}
	ck_assert_uint_gt(receiving_receipt(&r, REQUESTS - 1)->arrived_ns, 200 * HP_MS_NS);
}
END_TEST

/* Goal: a connection over TLS is open one round trip later than one without. */
START_TEST(test_tls)
{
	start();
	conn = port->ops->open(port, &(struct port_target){.address = host.address, .tls = true},
			       &conn);
	on_opened = leave;
	world_run(world);
	ck_assert_str_eq(heard, "40.000ms handshake 20\n40.000ms open 0\n");
}
END_TEST

/* Goal: where nobody listens a connection is refused after the way there and back. */
START_TEST(test_nobody_there)
{
	start();
	host.address.number++; /* the world borrows it: nobody at 1025 any more */
	conn = port->ops->open(port, &(struct port_target){{4, 1025, {127, 0, 0, 1}}, 0, false},
			       &conn);
	world_run(world);
	ck_assert_str_eq(heard, "20.000ms end 2\n");
	ck_assert_int_eq(PORT_END_REFUSED, 2);
}
END_TEST

static void add_outage(uint64_t from_ns, uint64_t to_ns)
{
	struct behaviour *outage = receiving_behave(&r, "outage");

	outage->own.values[0] = from_ns;
	outage->own.values[1] = to_ns;
}

static void reopen(void)
{
	on_timed = NULL;
	open_one();
}

/* Goal: while a receiver refuses, connections are refused; at the window's end they are not. */
START_TEST(test_refuses)
{
	add_outage(0, HP_S_NS);
	start();
	open_one();
	port->ops->timer(port, HP_S_NS);
	on_timed = reopen;
	world_run(world);
	ck_assert_str_eq(heard, "20.000ms end 2\n1000.000ms timer 0\n1020.000ms open 0\n"
				"61020.000ms end 0\n"); /* no request came */
}
END_TEST

/* Goal: the edge of a window resets the connections that are open, idle or not. */
START_TEST(test_edge_resets)
{
	add_outage(5 * HP_S_NS, 6 * HP_S_NS);
	receiving_behave(&r, "latency")->own.values[0] = 60 * HP_S_NS;
	start();
	on_opened = _i ? send_first : NULL;
	open_one();
	world_run(world);
	ck_assert_str_eq(heard, "20.000ms open 0\n5010.000ms end 1\n");
	ck_assert_int_eq(PORT_END_RESET, 1);
	if (_i) {
		ck_assert_uint_eq(receiving_receipts(&r), 1);
		ck_assert_int_eq(receiving_receipt(&r, 0)->end, RECORD_END_RESET);
	}
}
END_TEST

/* Goal: a frozen receiver keeps its connections and does nothing; afterwards it reads what has
 * come, in order. */
START_TEST(test_freeze)
{
	struct behaviour *freeze = receiving_behave(&r, "freeze");

	freeze->own.values[0] = 25 * HP_MS_NS;
	freeze->own.values[1] = 6 * HP_S_NS;
	start();
	on_opened = send_all;
	open_one();
	world_run(world);
	ck_assert_uint_eq(receiving_receipts(&r), REQUESTS);
	for (size_t i = 0; i < REQUESTS; i++) {
		char key[RECORD_KEY_BYTES];

		snprintf(key, sizeof(key), "inv_%zu:invoice.paid", i + 1);
		ck_assert_str_eq(receiving_receipt(&r, i)->key, key);
		ck_assert_uint_eq(receiving_receipt(&r, i)->arrived_ns, 6025 * HP_MS_NS);
	}
	ck_assert_ptr_nonnull(strstr(heard, "6035.000ms bytes"));
	ck_assert_ptr_null(strstr(heard, "end"));
}
END_TEST

static const struct record_gap *gap_at(size_t index)
{
	for (size_t i = 0; i < r.record_count; i++)
		if (r.records[i].kind == RECORD_GAP && index-- == 0)
			return &r.records[i].gap;
	return NULL;
}

/* Goal: what a receiver does on purpose stands in the history, also what does not end in time. */
START_TEST(test_gaps)
{
	struct behaviour *freeze;

	add_outage(HP_S_NS, 2 * HP_S_NS);
	freeze = receiving_behave(&r, "freeze");
	freeze->own.values[0] = 3 * HP_S_NS;
	freeze->own.values[1] = 4 * HP_S_NS;
	add_outage(10 * HP_S_NS, HP_NEVER);
	start();
	port->ops->timer(port, 12 * HP_S_NS);
	world_run(world);
	world_free(world);
	world = NULL;
	ck_assert_uint_eq(gap_at(0)->from_ns, HP_S_NS);
	ck_assert_uint_eq(gap_at(0)->to_ns, 2 * HP_S_NS);
	ck_assert_str_eq(behaviour_by_number(gap_at(0)->behaviour)->slug, "outage");
	ck_assert_uint_eq(gap_at(1)->from_ns, 3 * HP_S_NS);
	ck_assert_uint_eq(gap_at(1)->to_ns, 7 * HP_S_NS);
	ck_assert_str_eq(behaviour_by_number(gap_at(1)->behaviour)->slug, "freeze");
	ck_assert_uint_eq(gap_at(2)->from_ns, 10 * HP_S_NS);
	ck_assert_uint_eq(gap_at(2)->to_ns, 12 * HP_S_NS);
	ck_assert_ptr_null(gap_at(3));
}
END_TEST

/* Goal: a delivery that was decided and not answered when the world ends has its receipt. */
START_TEST(test_receipt_at_the_end)
{
	receiving_behave(&r, "latency")->own.values[0] = 60 * HP_S_NS;
	start();
	on_opened = send_first;
	open_one();
	port->ops->timer(port, HP_S_NS);
	on_timed = leave;
	world_run(world);
	ck_assert_uint_eq(receiving_receipts(&r), 0);
	world_free(world);
	world = NULL;
	ck_assert_uint_eq(receiving_receipts(&r), 1);
	ck_assert_int_eq(receiving_receipt(&r, 0)->end, RECORD_END_CLOSED);
}
END_TEST

static void close_at_once(void)
{
	send_one(1);
	port->ops->close(conn);
	conn = NULL;
}

/* Goal: after a close its user hears nothing more; a request that was on its way arrives. */
START_TEST(test_close)
{
	start();
	on_opened = close_at_once;
	open_one();
	world_run(world);
	ck_assert_str_eq(heard, "20.000ms open 0\n");
	ck_assert_uint_eq(receiving_receipts(&r), 1);
}
END_TEST

/* Goal: a close before the connection came about is one too; what is still on its way for it does
 * not reach the next one. */
START_TEST(test_close_before_open)
{
	start();
	open_one();
	port->ops->close(conn);
	if (_i)
		open_one();
	world_run(world);
	ck_assert_str_eq(heard, _i ? "20.000ms open 0\n60020.000ms end 0\n" : "");
}
END_TEST

static void close_now(void)
{
	port->ops->close(conn);
	conn = NULL;
}

/* Goal: a request whose sender gave up during a freeze is read all the same when it is over. */
START_TEST(test_close_in_freeze)
{
	struct behaviour *freeze = receiving_behave(&r, "freeze");

	freeze->own.values[0] = 25 * HP_MS_NS;
	freeze->own.values[1] = 6 * HP_S_NS;
	start();
	on_opened = send_first;
	on_timed = close_now;
	open_one();
	port->ops->timer(port, 2 * HP_S_NS);
	world_run(world);
	ck_assert_uint_eq(receiving_receipts(&r), 1);
	ck_assert_uint_eq(receiving_receipt(&r, 0)->arrived_ns, 6025 * HP_MS_NS);
}
END_TEST

/* Goal: the timer comes up at its moment, once; a new moment replaces the last; one that has
 * passed comes up now. */
START_TEST(test_timer)
{
	start();
	port->ops->timer(port, 5 * HP_S_NS);
	port->ops->timer(port, 3 * HP_S_NS);
	world_run(world);
	ck_assert_str_eq(heard, "3000.000ms timer 0\n");
	port->ops->timer(port, HP_S_NS);
	world_run(world);
	ck_assert_str_eq(heard, "3000.000ms timer 0\n3000.000ms timer 0\n");
	port->ops->timer(port, HP_NEVER);
	world_run(world);
	ck_assert_uint_eq(now_ns(), 3 * HP_S_NS);
}
END_TEST

/* Goal: who leaves goes after the present callback and can come back. */
START_TEST(test_leave)
{
	start();
	on_opened = leave;
	open_one();
	port->ops->timer(port, HP_S_NS);
	world_run(world);
	ck_assert_str_eq(heard, "20.000ms open 0\n");
	world_run(world);
	ck_assert_str_eq(heard, "20.000ms open 0\n1000.000ms timer 0\n60020.000ms end 0\n");
}
END_TEST

/* Goal: wall time is the start's and what has passed since. */
START_TEST(test_wall)
{
	config.start_wall_ns = 1700000000 * HP_S_NS;
	start();
	port->ops->timer(port, 5 * HP_S_NS);
	world_run(world);
	ck_assert_uint_eq(port->ops->wall_ns(port), 1700000005 * HP_S_NS);
}
END_TEST

static struct port_conn *conns[CONNS];

static void run_rough(uint64_t seed)
{
	setup();
	config.loss = 0.3;
	config.seed = seed;
	start();
	on_opened = send_all;
	for (int i = 0; i < CONNS; i++)
		conns[i] = port->ops->open(port, &(struct port_target){.address = host.address},
					   &conns[i]);
	world_run(world);
}

/* Goal: one seed is one course of things, another seed is another. */
START_TEST(test_repeats)
{
	static char first[LOG_BYTES];

	teardown(); /* run_rough() sets up for itself */
	run_rough(7);
	memcpy(first, heard, sizeof(first));
	teardown();
	run_rough(7);
	ck_assert_str_eq(heard, first);
	teardown();
	run_rough(8);
	ck_assert_str_ne(heard, first);
}
END_TEST

Suite *suite_world(void);

Suite *suite_world(void)
{
	Suite *suite = suite_create("world");
	TCase *tcase = tcase_create("world");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_latency);
	tcase_add_loop_test(tcase, test_order_under_loss, 0, 10);
	tcase_add_test(tcase, test_tls);
	tcase_add_test(tcase, test_nobody_there);
	tcase_add_test(tcase, test_refuses);
	tcase_add_loop_test(tcase, test_edge_resets, 0, 2);
	tcase_add_test(tcase, test_freeze);
	tcase_add_test(tcase, test_gaps);
	tcase_add_test(tcase, test_receipt_at_the_end);
	tcase_add_test(tcase, test_close);
	tcase_add_loop_test(tcase, test_close_before_open, 0, 2);
	tcase_add_test(tcase, test_close_in_freeze);
	tcase_add_test(tcase, test_timer);
	tcase_add_test(tcase, test_leave);
	tcase_add_test(tcase, test_wall);
	tcase_add_test(tcase, test_repeats);
	suite_add_tcase(suite, tcase);
	return suite;
}
