/* What opens files and sockets, with each of its calls to the system failing once. */
#include "tests/lib/countdown.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/client.h"
#include "net/server.h"
#include "tests/lib/receiving.h"
#include "tests/lib/run_fixture.h"

enum { CALLS_MAX = 1000 }; /* more than any opener makes: the loop has lost its way */

static struct receiving receiving;

static void close_client(void *client)
{
	client_free(client);
}

static void *open_client(struct hp_err *err)
{
	return client_new(0, err);
}

static void close_server(void *server)
{
	server_free(server);
}

static void *open_server(struct hp_err *err)
{
	struct server_config config = {.lag_ns_max = HP_NEVER, .history = &receiving.history};

	return server_new(&config, (struct server_receivers){&receiving.receiver, 1}, err);
}

static void *open_run_file(struct hp_err *err)
{
	struct run_file_config config = run_fx_config(PLAN_RECORD_ALL);

	return run_file_open(&config, err);
}

static void close_run_file(void *file)
{
	struct run_file_end end = {.interrupted = false};

	ck_assert_int_eq(run_file_finish(file, &end, &run_fx.err), 0);
	ck_assert_int_eq(unlink(run_fx.path), 0);
}

static const struct {
	void *(*open)(struct hp_err *err);
	void (*close)(void *opened);
	unsigned calls_min; /* that can fail, on the way */
} rows[] = {
	{open_client, close_client, 4},
	{open_server, close_server, 7},
	{open_run_file, close_run_file, 10},
};

static void setup(void)
{
	receiving_init(&receiving);
	receiving.config.listen = (struct port_address){.family = 4, .ip = {127, 0, 0, 1}};
	receiving_start(&receiving);
	run_fx_setup();
}

static void teardown(void)
{
	run_fx_teardown();
	receiving_fini(&receiving);
}

/* One try. False when it was not disturbed. */
static bool try(int row, unsigned call_index)
{
	struct hp_err err = {.msg = ""};
	unsigned open_files = countdown_open_files();
	void *opened;
	bool disturbed;

	countdown_arm(call_index);
	opened = rows[row].open(&err);
	disturbed = countdown_disarm();
	ck_assert_msg(disturbed || opened, "undisturbed, and still: %s", err.msg);
	if (opened)
		rows[row].close(opened);
	else
		ck_assert_msg(*err.msg != '\0', "call %u says nothing", call_index);
	ck_assert_msg(countdown_open_files() == open_files, "call %u leaves a file", call_index);
	ck_assert_msg(access(run_fx.path, F_OK) < 0, "call %u leaves a run file", call_index);
	return disturbed;
}

/* Goal: whichever call fails, an opener opens all the same or says why not, and leaves nothing. */
START_TEST(test_openers)
{
	unsigned count = 0;

	while (try(_i, count) && count < CALLS_MAX)
		count++;
	ck_assert_uint_ge(count, rows[_i].calls_min);
	ck_assert_uint_lt(count, CALLS_MAX);
}
END_TEST

Suite *suite_countdown(void);

Suite *suite_countdown(void)
{
	Suite *suite = suite_create("countdown");
	TCase *tcase = tcase_create("countdown");

	tcase_set_timeout(tcase, 60); /* each try of a run file syncs to the disk */
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_openers, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
