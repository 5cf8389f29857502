/* The loop of the port on real sockets: its clock, its timers, and being stopped. */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/span.h"
#include "net/client.h"
#include "net/clock.h"

static struct client *client;
static struct port *port;
static unsigned timer_count;
static uint64_t asked_ns, came_ns;

static void note_and_leave(void)
{
	came_ns = port->ops->now_ns(port);
	client_leave(client);
}

static void on_timer(void *engine)
{
	(void)engine;
	timer_count++;
	note_and_leave();
}

static void setup(void)
{
	struct hp_err err;

	client = client_new(clock_mono_ns(), &err);
	ck_assert_msg(client != NULL, "%s", err.msg);
	port = client_port(client);
	port->on_timer = on_timer;
}

static void teardown(void)
{
	client_free(client);
}

static void run(void)
{
	client_run(client, NULL, NULL);
}

/* Goal: the timer is never early, whatever the distance; a moment that has passed comes up at
 * once. */
START_TEST(test_timer)
{
	static const int64_t ahead_us[] = {-1000000, 0, 1, 50, 1000, 1999, 10000};

	asked_ns = (uint64_t)((int64_t)port->ops->now_ns(port) + ahead_us[_i] * 1000);
	if (ahead_us[_i] < 0)
		asked_ns = 0; /* the run's start */
	port->ops->timer(port, asked_ns);
	run();
	ck_assert_uint_ge(came_ns, asked_ns);
	ck_assert_uint_eq(timer_count, 1);
}
END_TEST

/* Goal: a new moment replaces the last one, and HP_NEVER takes it back. */
START_TEST(test_timer_replaced)
{
	uint64_t now_ns = port->ops->now_ns(port);

	port->ops->timer(port, now_ns + HP_MS_NS);
	port->ops->timer(port, HP_NEVER);
	port->ops->timer(port, now_ns + 3600 * HP_S_NS);
	asked_ns = now_ns + 5 * HP_MS_NS;
	port->ops->timer(port, asked_ns);
	run();
	ck_assert_uint_ge(came_ns, asked_ns);
	ck_assert_uint_eq(timer_count, 1);
}
END_TEST

static void note_call(void *arg)
{
	ck_assert_ptr_eq(arg, &asked_ns);
	note_and_leave();
}

/* Goal: the clock counts from the run's start; before it, the call at instant 0 is waited for. */
START_TEST(test_start)
{
	client_start_at(client, clock_mono_ns() + 3 * HP_MS_NS);
	client_call_at(client, 0, note_call, &asked_ns);
	run();
	ck_assert_uint_lt(came_ns, HP_S_NS); /* not before the start: that would be 2^64 - x */
}
END_TEST

/* ---- stopping ---- */

static _Atomic unsigned stops;

static void on_stop(void *arg)
{
	ck_assert_ptr_eq(arg, &stops);
	stops++;
	client_leave(client);
}

static void *play_stop(void *arg)
{
	client_stop(client);
	return arg;
}

/* Goal: another thread's stop is heard on the loop, once, and the loop can run again. */
START_TEST(test_stop)
{
	pthread_t thread;

	for (unsigned i = 1; i <= 3; i++) {
		ck_assert_int_eq(pthread_create(&thread, NULL, play_stop, NULL), 0);
		client_run(client, on_stop, &stops);
		ck_assert_int_eq(pthread_join(thread, NULL), 0);
		ck_assert_uint_eq(stops, i);
	}
}
END_TEST

Suite *suite_client_time(void);

Suite *suite_client_time(void)
{
	Suite *suite = suite_create("client_time");
	TCase *tcase = tcase_create("client_time");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_timer, 0, 7);
	tcase_add_test(tcase, test_timer_replaced);
	tcase_add_test(tcase, test_start);
	tcase_add_test(tcase, test_stop);
	suite_add_tcase(suite, tcase);
	return suite;
}
