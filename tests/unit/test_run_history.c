#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/span.h"
#include "store/run_reader.h"
#include "tests/lib/run_fixture.h"

static struct fixture {
	struct record_delivery deliveries[64]; /* without what they point to */
	size_t delivery_count, receipt_count, fault_count, unacked_count, other_faults;
} f;

static void setup(void)
{
	memset(&f, 0, sizeof(f));
	run_fx_setup();
}

static struct record receipt_of(uint64_t event_index, uint64_t identity, uint64_t arrived_ns)
{
	return (struct record){RECORD_RECEIPT,
			       .receipt = {.event_index = event_index, .identity = identity,
					   .endpoint_index = (uint32_t)identity % 2,
					   .arrived_ns = arrived_ns, .status = 503}};
}

static struct record fault_of(uint64_t event_index, uint64_t identity, uint16_t ordinal)
{
	return (struct record){RECORD_FAULT,
			       .fault = {.event_index = event_index, .identity = identity,
					 .endpoint_index = (uint32_t)identity % 2,
					 .ordinal = ordinal, .behaviour = 1, .fault = 1,
					 .planned_ns = 1200, .applied_ns = 1300,
					 .peer_ns = HP_NEVER, .acked_bytes = 40,
					 .state = RECORD_FAULT_VERIFIED}};
}

static struct record unacked_of(uint64_t event_index, uint64_t identity, uint16_t ordinal)
{
	return (struct record){RECORD_UNACKED,
			       .unacked = {.event_index = event_index, .identity = identity,
					   .endpoint_index = (uint32_t)identity % 2,
					   .ordinal = ordinal, .status = 204}};
}

static void on_delivery(void *arg, const struct record_delivery *delivery)
{
	(void)arg;
	if (f.delivery_count < 64)
		f.deliveries[f.delivery_count] = *delivery;
	f.delivery_count++;
	f.receipt_count += delivery->receipt_count;
	f.fault_count += delivery->fault_count;
	f.unacked_count += delivery->unacked_count;
	for (size_t i = 1; i < delivery->receipt_count; i++)
		ck_assert_uint_ge(delivery->receipts[i].arrived_ns,
				  delivery->receipts[i - 1].arrived_ns);
	for (size_t i = 1; i < delivery->fault_count; i++)
		ck_assert_uint_ge(delivery->faults[i].ordinal, delivery->faults[i - 1].ordinal);
	for (size_t i = 0; i < delivery->receipt_count; i++)
		ck_assert(delivery->event_index != RECORD_NO_EVENT ||
			  delivery->receipts[i].identity == delivery->identity);
	for (size_t i = 0; i < delivery->fault_count; i++)
		ck_assert(delivery->event_index != RECORD_NO_EVENT ||
			  delivery->faults[i].identity == delivery->identity);
}

static void on_other(void *arg, const struct record *record)
{
	(void)arg;
	f.other_faults += record->kind == RECORD_FAULT;
}

static void read_back(void)
{
	struct run_reader *reader;

	run_fx_finish(&(struct run_file_end){.interrupted = false});
	reader = run_fx_reopen();
	ck_assert_int_eq(run_reader_deliveries(reader, on_delivery, NULL, &run_fx.err), 0);
	ck_assert_int_eq(run_reader_others(reader, on_other, NULL, &run_fx.err), 0);
	run_reader_close(reader);
}

/* Goal: records of events that are not ours stand together by endpoint and identity, whatever order
 * they came in, behind those of our events; faults and answers are with their receipts, and faults
 * of connections are of no delivery. */
START_TEST(test_grouping)
{
	static const uint64_t identities[] = {2, UINT64_MAX - 1, 4, UINT64_C(1) << 63, 5, 3};

	run_fx_open(PLAN_RECORD_ALL);
	for (uint64_t round = 3; round > 0; round--)
		for (size_t i = 0; i < 6; i++) {
			run_fx_put(receipt_of(RECORD_NO_EVENT, identities[i], round));
			run_fx_put(fault_of(RECORD_NO_EVENT, identities[i], (uint16_t)round));
			run_fx_put(unacked_of(RECORD_NO_EVENT, identities[i], (uint16_t)round));
		}
	run_fx_put(receipt_of(7, 12, 1));
	run_fx_put(fault_of(7, 12, 1));
	run_fx_put(fault_of(9, 14, 1)); /* of an event that left nothing else */
	run_fx_put(fault_of(RECORD_NO_EVENT, 0, 1));
	read_back();
	ck_assert_uint_eq(f.delivery_count, 8);
	ck_assert_uint_eq(f.deliveries[0].event_index, 7);
	ck_assert_uint_eq(f.deliveries[0].identity, 0);
	ck_assert_uint_eq(f.deliveries[0].fault_count, 1);
	ck_assert_uint_eq(f.deliveries[1].event_index, 9);
	ck_assert_uint_eq(f.deliveries[1].receipt_count, 0);
	for (size_t i = 2; i < 8; i++) {
		ck_assert_uint_eq(f.deliveries[i].event_index, RECORD_NO_EVENT);
		ck_assert_uint_eq(f.deliveries[i].receipt_count, 3);
		ck_assert_uint_eq(f.deliveries[i].fault_count, 3);
		ck_assert_uint_eq(f.deliveries[i].unacked_count, 3);
		ck_assert_uint_ge(f.deliveries[i].endpoint_index,
				  f.deliveries[i - 1].endpoint_index * (i > 2));
	}
	ck_assert_uint_eq(f.other_faults, 1);
}
END_TEST

/* Goal: a foreign event with more receipts than one delivery may have comes in portions that follow
 * each other; its neighbours are not mixed in. */
START_TEST(test_portions)
{
	enum { EXTRA = 10 };

	run_fx_open(PLAN_RECORD_ALL);
	for (uint64_t i = 0; i < RUN_DELIVERY_RECORDS_MAX + EXTRA; i++) {
		while (!ring_has_room(run_fx.ring))
			;
		run_fx_put(receipt_of(RECORD_NO_EVENT, 4, i));
	}
	run_fx_put(receipt_of(RECORD_NO_EVENT, 2, 1));
	run_fx_put(receipt_of(RECORD_NO_EVENT, 6, 1));
	read_back();
	ck_assert_uint_eq(f.delivery_count, 4);
	ck_assert_uint_eq(f.deliveries[0].identity, 2);
	ck_assert_uint_eq(f.deliveries[1].identity, 4);
	ck_assert_uint_eq(f.deliveries[1].receipt_count, RUN_DELIVERY_RECORDS_MAX);
	ck_assert_uint_eq(f.deliveries[2].identity, 4);
	ck_assert_uint_eq(f.deliveries[2].receipt_count, EXTRA);
	ck_assert_uint_eq(f.deliveries[3].identity, 6);
}
END_TEST

/* Goal: faults and lost answers are kept with the failures, and left out of a summary. */
START_TEST(test_modes)
{
	static const enum plan_recording modes[] = {PLAN_RECORD_ALL, PLAN_RECORD_FAILURES,
						    PLAN_RECORD_SUMMARY};
	size_t kept = modes[_i] != PLAN_RECORD_SUMMARY;

	run_fx_open(modes[_i]);
	run_fx_put(fault_of(RECORD_NO_EVENT, 4, 1));
	run_fx_put(fault_of(RECORD_NO_EVENT, 0, 1));
	run_fx_put(unacked_of(RECORD_NO_EVENT, 4, 1));
	read_back();
	ck_assert_uint_eq(f.fault_count, kept);
	ck_assert_uint_eq(f.other_faults, kept);
	ck_assert_uint_eq(f.unacked_count, kept);
}
END_TEST

/* Goal: a file that was left behind counts its faults and lost answers. */
START_TEST(test_recount)
{
	struct metrics *metrics;
	struct run_reader *reader;

	run_fx_open(PLAN_RECORD_ALL);
	run_fx_put(fault_of(RECORD_NO_EVENT, 4, 1));
	run_fx_put(fault_of(RECORD_NO_EVENT, 0, 1));
	run_fx_put(unacked_of(RECORD_NO_EVENT, 4, 1));
	run_file_drain(run_fx.file);
	reader = run_fx_reopen();
	ck_assert(!run_reader_complete(reader));
	ck_assert_int_eq(run_reader_metrics(reader, &metrics, &run_fx.err), 0);
	ck_assert_uint_eq(metrics->faults.count[1][RECORD_FAULT_VERIFIED], 2);
	ck_assert_uint_eq(metrics->answers_unacked, 1);
	metrics_free(metrics);
	run_reader_close(reader);
	run_fx_finish(&(struct run_file_end){.interrupted = false});
}
END_TEST

/* Goal: with sqlite3 one reads a fault by its names, with the attempt that it struck. */
START_TEST(test_view)
{
	static const char sql[] =
		"SELECT endpoint || ' ' || behaviour || ' ' || fault || ' ' || state || ' ' || peer"
		" || ' ' || coalesce(attempt, 'none') || ' ' || coalesce(outcome, 'none')"
		" FROM faults_view ORDER BY event IS NULL, event";
	static const char *const rows[] = {"shop status status verified stayed 1 status",
					   "shop status status verified stayed none none"};
	sqlite3_stmt *stmt;
	sqlite3 *db;

	run_fx_open(PLAN_RECORD_ALL);
	run_fx_put(run_fx_attempt(6, 1, OUTCOME_STATUS)); /* sent at 1002, done at 1500 */
	run_fx_put(run_fx_attempt(6, 2, OUTCOME_OK));
	run_fx_put(fault_of(6, 12, 1)); /* planned at 1200 */
	run_fx_put(fault_of(RECORD_NO_EVENT, 0, 1));
	run_fx_finish(&(struct run_file_end){.interrupted = false});
	ck_assert_int_eq(sqlite3_open_v2(run_fx.path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
		ck_assert_str_eq((const char *)sqlite3_column_text(stmt, 0), rows[i]);
	}
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_DONE);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}
END_TEST

Suite *suite_run_history(void);

Suite *suite_run_history(void)
{
	Suite *suite = suite_create("run_history");
	TCase *tcase = tcase_create("run_history");

	tcase_add_checked_fixture(tcase, setup, run_fx_teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, test_grouping);
	tcase_add_test(tcase, test_portions);
	tcase_add_loop_test(tcase, test_modes, 0, 3);
	tcase_add_test(tcase, test_recount);
	tcase_add_test(tcase, test_view);
	suite_add_tcase(suite, tcase);
	return suite;
}
