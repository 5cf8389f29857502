#include "store/run_file.h"

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/span.h"
#include "store/run_reader.h"
#include "tests/lib/run_fixture.h"
#include "wire/scheme.h"

static struct fixture {
	struct record records[64]; /* as read back */
	size_t record_count, delivery_count;
	uint64_t next_event;
} f;

static void setup(void)
{
	memset(&f, 0, sizeof(f));
	run_fx_setup();
}

static void keep(const struct record *record)
{
	ck_assert_uint_lt(f.record_count, 64);
	f.records[f.record_count++] = *record;
}

static void on_delivery(void *arg, const struct record_delivery *delivery)
{
	(void)arg;
	f.delivery_count++;
	for (size_t i = 0; i < delivery->attempt_count; i++)
		keep(&(struct record){RECORD_ATTEMPT, .attempt = delivery->attempts[i]});
	for (size_t i = 0; i < delivery->receipt_count; i++)
		keep(&(struct record){RECORD_RECEIPT, .receipt = delivery->receipts[i]});
	if (delivery->ended)
		keep(&(struct record){RECORD_ENDED, .ended = *delivery->ended});
	for (size_t i = 0; i < delivery->fault_count; i++)
		keep(&(struct record){RECORD_FAULT, .fault = delivery->faults[i]});
	for (size_t i = 0; i < delivery->unacked_count; i++)
		keep(&(struct record){RECORD_UNACKED, .unacked = delivery->unacked[i]});
}

static void on_record(void *arg, const struct record *record)
{
	(void)arg;
	keep(record);
}

static void read_all(struct run_reader *reader)
{
	ck_assert_int_eq(run_reader_deliveries(reader, on_delivery, NULL, &run_fx.err), 0);
	ck_assert_int_eq(run_reader_others(reader, on_record, NULL, &run_fx.err), 0);
}

#define LONG_KEY "12345678901234567890123456789012345678901234567"

/* Each kind with every field at its least and at its greatest. */
#define LEAST_AND_MOST                                                                            \
	{RECORD_ATTEMPT, .attempt = {.event_index = 0}},                                          \
	{RECORD_RECEIPT, .receipt = {.event_index = 0}},                                          \
	{RECORD_ENDED, .ended = {.event_index = 0}},                                              \
	{RECORD_ATTEMPT, .attempt = {INT64_MAX, HP_NEVER, HP_NEVER, HP_NEVER, HP_NEVER, HP_NEVER, \
				     HP_NEVER, UINT64_MAX, UINT32_MAX, UINT16_MAX, UINT16_MAX,    \
				     OUTCOME_COUNT - 1, DELIVERY_STATES - 1}},                    \
	{RECORD_RECEIPT, .receipt = {INT64_MAX, UINT64_MAX, HP_NEVER, HP_NEVER, UINT64_MAX,       \
				     UINT32_MAX, UINT32_MAX, UINT16_MAX, UINT16_MAX,              \
				     RECORD_UNVERIFIED, 255, 1, RECORD_ENDS - 1, UINT64_MAX,      \
				     UINT64_MAX, UINT64_MAX, UINT64_MAX, LONG_KEY}},              \
	{RECORD_ENDED, .ended = {INT64_MAX, HP_NEVER, HP_NEVER, UINT32_MAX, UINT16_MAX,           \
				 DELIVERY_STATES - 1}},                                           \
	{RECORD_FAULT, .fault = {INT64_MAX, UINT64_MAX, HP_NEVER, HP_NEVER, HP_NEVER, UINT64_MAX, \
				 UINT64_MAX, HP_NEVER, UINT64_MAX, UINT32_MAX, UINT16_MAX, 255,   \
				 255, RECORD_FAULT_STATES - 1, RECORD_PEERS - 1, LONG_KEY}},      \
	{RECORD_UNACKED, .unacked = {INT64_MAX, UINT64_MAX, HP_NEVER, HP_NEVER, UINT64_MAX,       \
				     HP_NEVER, UINT32_MAX, UINT16_MAX, UINT16_MAX, LONG_KEY}},    \
	{RECORD_RECEIPT, .receipt = {RECORD_NO_EVENT, 1, 2, 3, 4, 5, 6, 7, 8,                     \
				     SCHEME_VERDICT_COUNT - 1, 9, 0, 1, 10, 11, 12, 13,           \
				     "\xff\"; DROP"}},                                            \
	{RECORD_TICK, .tick = {.at_ns = 0}},                                                      \
	{RECORD_TICK, .tick = {1, UINT64_MAX, 3, 4, 5, 6, 7, 8, 9, 10, INT64_MAX}},               \
	{RECORD_LAG, .lag = {1, UINT64_MAX, UINT32_MAX}},                                         \
	{RECORD_GAP, .gap = {1, HP_NEVER, UINT32_MAX, 255}},                                      \
	{RECORD_NOTE, .note = {UINT64_MAX, "clock-step: it's 3 ms"}},                             \
	{RECORD_FAULT, .fault = {RECORD_NO_EVENT, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 1, ""}}

static bool same(const struct record *a, const struct record *b)
{
	static const size_t bytes[] = {
		[RECORD_ATTEMPT] = sizeof(a->attempt), [RECORD_RECEIPT] = sizeof(a->receipt),
		[RECORD_ENDED] = sizeof(a->ended),     [RECORD_TICK] = sizeof(a->tick),
		[RECORD_LAG] = sizeof(a->lag),         [RECORD_GAP] = sizeof(a->gap),
		[RECORD_NOTE] = sizeof(a->note),       [RECORD_FAULT] = sizeof(a->fault),
		[RECORD_UNACKED] = sizeof(a->unacked),
	};

	return a->kind == b->kind && memcmp(&a->attempt, &b->attempt, bytes[a->kind]) == 0;
}

/* Goal: every field of every kind comes back as it went in, in the promised order. */
START_TEST(test_round_trip)
{
	static const struct record records[] = {LEAST_AND_MOST};
	const size_t count = sizeof(records) / sizeof(records[0]);
	struct run_reader *reader;

	run_fx_open(PLAN_RECORD_ALL);
	for (size_t i = count; i-- > 11;) /* others keep the order in which they were written */
		run_fx_put(records[i]);
	run_fx_put(records[9]);
	run_fx_put(records[10]);
	for (size_t i = 9; i-- > 0;)
		run_fx_put(records[i]);
	run_fx_finish(&(struct run_file_end){.interrupted = false});
	reader = run_fx_reopen();
	read_all(reader);
	ck_assert_uint_eq(f.record_count, count);
	ck_assert_uint_eq(f.delivery_count, 3);
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(same(&f.records[i], &records[i]), "record %zu differs", i);
	run_reader_close(reader);
}
END_TEST

/* Goal: what was known before the run is in the file, and how it ended. */
START_TEST(test_meta)
{
	static const char *const states[] = {"complete", "interrupted"};
	struct run_reader *reader;

	run_fx_open(PLAN_RECORD_FAILURES);
	run_fx_finish(&(struct run_file_end){.interrupted = _i == 1});
	reader = run_fx_reopen();
	ck_assert(run_reader_complete(reader));
	ck_assert_str_eq(run_reader_meta(reader, run_meta_state), states[_i]);
	ck_assert_str_eq(run_reader_meta(reader, run_meta_seed), "42");
	ck_assert_str_eq(run_reader_meta(reader, run_meta_scenario_text),
			 "{\"name\": \"a 'quoted' one\"}");
	ck_assert_str_eq(run_reader_meta(reader, run_meta_overrides), "");
	ck_assert_str_eq(run_reader_meta(reader, run_meta_records_lost), "0");
	ck_assert_ptr_nonnull(run_reader_meta(reader, run_meta_kernel));
	ck_assert_ptr_null(run_reader_meta(reader, "no such key"));
	ck_assert_int_eq(run_reader_recording(reader), PLAN_RECORD_FAILURES);
	run_reader_close(reader);
}
END_TEST

/* Goal: a mode stores what it promises; one file is left, without a log beside it. */
START_TEST(test_modes)
{
	static const size_t kept[] = {
		[PLAN_RECORD_ALL] = 4, [PLAN_RECORD_FAILURES] = 3, [PLAN_RECORD_SUMMARY] = 1};
	struct run_reader *reader;
	char wal[200];

	run_fx_open((enum plan_recording)_i);
	run_fx_put(run_fx_attempt(0, 1, OUTCOME_OK));
	run_fx_put(run_fx_attempt(1, 1, OUTCOME_STATUS));
	run_fx_put(run_fx_attempt(1, 2, OUTCOME_OK));
	run_fx_put((struct record){RECORD_NOTE, .note = {1, "interrupted"}});
	run_fx_finish(&(struct run_file_end){.interrupted = true});
	snprintf(wal, sizeof(wal), "%s-wal", run_fx.path);
	ck_assert_int_ne(access(wal, F_OK), 0);
	reader = run_fx_reopen();
	read_all(reader);
	ck_assert_uint_eq(f.record_count, kept[_i]);
	ck_assert_int_ne(access(wal, F_OK), 0);
	run_reader_close(reader);
}
END_TEST

static void count_tick(void *arg, const struct record_tick *tick)
{
	*(uint64_t *)arg += tick->sent;
}

/* Goal: the owner hears of every tick, in every mode. */
START_TEST(test_ticks)
{
	struct run_file_config mine = run_fx_config(PLAN_RECORD_SUMMARY);
	uint64_t sent = 0;

	mine.on_tick = count_tick;
	mine.arg = &sent;
	run_fx.file = run_file_open(&mine, &run_fx.err);
	for (uint64_t i = 1; i <= 10; i++)
		run_fx_put((struct record){RECORD_TICK, .tick = {.at_ns = i, .sent = i}});
	run_file_drain(run_fx.file);
	ck_assert_uint_eq(sent, 55);
	run_fx_finish(&(struct run_file_end){.interrupted = false});
}
END_TEST

static void check_hist(const struct hp_hist *a, const struct hp_hist *b)
{
	ck_assert_uint_eq(a->count, b->count);
	ck_assert_uint_eq(a->overflow, b->overflow);
	ck_assert_uint_eq(a->min_us, b->min_us);
	ck_assert_uint_eq(a->max_us, b->max_us);
	ck_assert_double_eq(a->sum_us, b->sum_us);
	ck_assert_int_eq(memcmp(a->counts, b->counts, HP_HIST_COUNTERS * sizeof(*a->counts)), 0);
}

/* Goal: a file that is settled is complete and has its figures before anybody judges it, so that
 * the judge may be ended; verdicts come later, and settling twice is no harm. */
START_TEST(test_settle)
{
	struct metrics *in = run_fx_metrics(), *out;
	struct judgement judgement = {.verdict = RUN_PASS};
	struct run_file_end end = {.metrics = in, .interrupted = _i == 1};
	struct run_reader *reader;

	run_fx_open(PLAN_RECORD_ALL);
	run_fx_put(run_fx_attempt(0, 1, OUTCOME_OK));
	ck_assert_int_eq(run_file_settle(run_fx.file, &end, &run_fx.err), 0);
	reader = run_fx_reopen();
	ck_assert(run_reader_complete(reader));
	ck_assert_str_eq(run_reader_meta(reader, run_meta_state),
			 _i ? "interrupted" : "complete");
	ck_assert_ptr_null(run_reader_meta(reader, run_meta_verdict));
	ck_assert_int_eq(run_reader_metrics(reader, &out, &run_fx.err), 0);
	ck_assert_uint_eq(out->planned, in->planned);
	metrics_free(out);
	run_reader_close(reader);
	ck_assert_int_eq(run_file_settle(run_fx.file, &end, &run_fx.err), 0);
	end.judgement = &judgement;
	run_fx_finish(&end);
	reader = run_fx_reopen();
	ck_assert_str_eq(run_reader_meta(reader, run_meta_verdict), "pass");
	run_reader_close(reader);
	metrics_free(in);
}
END_TEST

/* Goal: figures come back bit by bit. */
START_TEST(test_metrics)
{
	struct metrics *in = run_fx_metrics(), *out;
	struct run_reader *reader;

	run_fx_open(PLAN_RECORD_ALL);
	run_fx_finish(&(struct run_file_end){.metrics = in});
	reader = run_fx_reopen();
	ck_assert_int_eq(run_reader_metrics(reader, &out, &run_fx.err), 0);
#define X(name, meaning) ck_assert_uint_eq(in->name, out->name);
	METRICS_COUNTERS(X)
#undef X
#define X(name, meaning) check_hist(&in->name, &out->name);
	METRICS_HISTOGRAMS(X)
#undef X
	ck_assert_uint_eq(out->first_sent_ns, HP_NEVER);
	ck_assert_uint_eq(out->cpu_ns, 77);
	ck_assert_mem_eq(in->by_outcome, out->by_outcome, sizeof(in->by_outcome));
	ck_assert_mem_eq(in->by_status, out->by_status, sizeof(in->by_status));
	ck_assert_mem_eq(in->slots, out->slots, sizeof(in->slots));
	ck_assert_mem_eq(&in->faults, &out->faults, sizeof(in->faults));
	ck_assert_uint_eq(out->endpoint_count, 2);
	ck_assert_mem_eq(in->endpoints, out->endpoints, 2 * sizeof(*in->endpoints));
	run_reader_close(reader);
	metrics_free(in);
	metrics_free(out);
}
END_TEST

/* Goal: verdicts come back with their checks, evidence and counts. */
START_TEST(test_judgement)
{
	static const struct check check = {"stop-after-2xx", "retries", CHECK_MUST, "paisr-v1/10",
					   "No attempt follows one that was answered with a 2xx.",
					   "Mark it done."};
	struct finding finding = {.check = &check, .threshold_number = 3, .observed = 2.0,
				  .verdict = VERDICT_FAIL, .reason = "expected 1, seen 2",
				  .decided = 3, .total = 4, .failed = 1, .evidence_count = 2,
				  .evidence = {"event 7", "event 9"}};
	struct judgement in = {.findings = &finding, .finding_count = 1, .verdict = RUN_FAIL,
			       .untrusted = true, .untrusted_reason = "late", .exit = 1};
	struct judgement out;
	struct run_reader *reader;

	run_fx_open(PLAN_RECORD_ALL);
	run_fx_finish(&(struct run_file_end){.judgement = &in});
	reader = run_fx_reopen();
	ck_assert_int_eq(run_reader_judgement(reader, &out, &run_fx.err), 0);
	ck_assert_uint_eq(out.finding_count, 1);
	ck_assert_str_eq(out.findings[0].check->id, check.id);
	ck_assert_str_eq(out.findings[0].check->requirement, check.requirement);
	ck_assert_str_eq(out.findings[0].reason, finding.reason);
	ck_assert_uint_eq(out.findings[0].threshold_number, 3);
	ck_assert(out.findings[0].observed >= 2.0 && out.findings[0].observed <= 2.0);
	ck_assert_uint_eq(out.findings[0].evidence_count, 2);
	ck_assert_str_eq(out.findings[0].evidence[1], "event 9");
	ck_assert_uint_eq(out.counts[VERDICT_FAIL], 1);
	ck_assert_int_eq(out.verdict, RUN_FAIL);
	ck_assert_int_eq(out.exit, 1);
	ck_assert_str_eq(out.untrusted_reason, "late");
	free(out.findings);
	run_reader_close(reader);
}
END_TEST

/* Goal: a folder is made with its parents; one that holds a run or cannot be made is refused. */
START_TEST(test_checks)
{
	struct run_file_config mine = run_fx_config(PLAN_RECORD_ALL);
	char deep[200], below_a_file[200];

	snprintf(deep, sizeof(deep), "%s/a/b", run_fx.folder);
	ck_assert_int_eq(run_file_check(deep, &run_fx.err), 0);
	ck_assert_int_eq(rmdir(deep), 0);
	*strrchr(deep, '/') = '\0';
	ck_assert_int_eq(rmdir(deep), 0);

	run_fx_open(PLAN_RECORD_ALL);
	run_fx_finish(&(struct run_file_end){.interrupted = false});
	ck_assert_ptr_null(run_file_open(&mine, &run_fx.err));
	ck_assert_int_eq(run_fx.err.code, HP_EENV);
	ck_assert_ptr_nonnull(strstr(run_fx.err.msg, run_fx.path));
	ck_assert_ptr_nonnull(strstr(run_fx.err.msg, "--out"));
	snprintf(below_a_file, sizeof(below_a_file), "%s/x", run_fx.path);
	ck_assert_int_eq(run_file_check(below_a_file, &run_fx.err), -1);
	ck_assert_int_eq(run_fx.err.code, HP_EENV);
}
END_TEST

static void count_events(void *arg, const struct record_delivery *delivery)
{
	(void)arg;
	ck_assert_uint_eq(delivery->event_index, f.next_event); /* without a hole */
	f.next_event++;
}

/* How many events in order the file holds; 0 when it cannot be read right now. */
static uint64_t events_in_file(void)
{
	struct run_reader *reader = run_reader_open(run_fx.path, &run_fx.err);

	f.next_event = 0;
	if (!reader)
		return 0;
	ck_assert(!run_reader_complete(reader));
	ck_assert_int_eq(run_reader_deliveries(reader, count_events, NULL, &run_fx.err), 0);
	run_reader_close(reader);
	return f.next_event;
}

/* Writes without end, 20 events a ms, and says how many were handed over. */
static void write_until_killed(_Atomic uint64_t *handed)
{
	run_fx_open(PLAN_RECORD_ALL);
	for (uint64_t i = 0;; i++) {
		run_fx_put(run_fx_attempt(i, 1, OUTCOME_OK));
		atomic_store(handed, i + 1);
		if (i % 20 == 19)
			poll(NULL, 0, 1);
	}
}

/* Goal: after kill -9 the file opens, says that it is incomplete, and holds every record up to some
 * moment; while the writer lives, what was handed over reaches the file without its end. */
START_TEST(test_killed)
{
	_Atomic uint64_t *handed = mmap(NULL, sizeof(*handed), PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct metrics *metrics;
	struct run_reader *reader;
	uint64_t before;
	pid_t child = fork();

	if (child == 0)
		write_until_killed(handed);
	while (atomic_load(handed) < 2000)
		poll(NULL, 0, 1);
	before = atomic_load(handed);
	while (events_in_file() < before)
		poll(NULL, 0, 1);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	ck_assert_uint_ge(events_in_file(), before);

	reader = run_fx_reopen();
	ck_assert_int_eq(run_reader_metrics(reader, &metrics, &run_fx.err), 0);
	ck_assert_uint_eq(metrics->attempts, f.next_event);
	ck_assert_uint_eq(metrics->delivered, f.next_event);
	ck_assert_uint_eq(metrics->by_status[204], f.next_event);
	ck_assert(metrics_closes(metrics));
	metrics_free(metrics);
	run_reader_close(reader);
	munmap((void *)(uintptr_t)handed, sizeof(*handed));
}
END_TEST

/* Goal: a disk that is full ends storing, not the run: it is said once, what is lost is counted,
 * and what was committed is still there. */
START_TEST(test_full_disk)
{
	enum { EVENTS = 40000 };
	const struct run_file_end end = {.interrupted = false};
	struct rlimit before, full = {.rlim_cur = 512 * 1024};
	uint64_t handed = EVENTS, lost;
	struct hp_err err;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	full.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	run_fx_open(PLAN_RECORD_ALL);
	ck_assert(!run_file_failed(run_fx.file, &err));
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
	for (uint64_t i = 0; i < EVENTS; i++)
		run_fx_put(run_fx_attempt(i, 1, OUTCOME_OK));
	while (!run_file_failed(run_fx.file, &err)) {
		run_fx_put(run_fx_attempt(handed++, 1, OUTCOME_OK)); /* until a write fails */
		poll(NULL, 0, 1);
	}
	ck_assert_int_eq(err.code, HP_EENV);
	ck_assert_ptr_nonnull(strstr(err.msg, run_fx.path));
	run_file_drain(run_fx.file);
	lost = run_file_lost(run_fx.file);
	ck_assert_int_eq(run_file_finish(run_fx.file, &end, &err), -1);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert_uint_gt(lost, 0);
	ck_assert_uint_eq(events_in_file() + lost, handed);
}
END_TEST

Suite *suite_run_file(void);

Suite *suite_run_file(void)
{
	Suite *suite = suite_create("run_file");
	TCase *tcase = tcase_create("run_file"), *slow = tcase_create("slow");

	tcase_add_checked_fixture(tcase, setup, run_fx_teardown);
	tcase_add_checked_fixture(slow, setup, run_fx_teardown);
	tcase_set_timeout(slow, 30);
	tcase_add_test(tcase, test_round_trip);
	tcase_add_loop_test(tcase, test_meta, 0, 2);
	tcase_add_loop_test(tcase, test_modes, 0, 3);
	tcase_add_test(tcase, test_ticks);
	tcase_add_loop_test(tcase, test_settle, 0, 2);
	tcase_add_test(tcase, test_metrics);
	tcase_add_test(tcase, test_judgement);
	tcase_add_test(tcase, test_checks);
	tcase_add_test(slow, test_killed);
	tcase_add_test(slow, test_full_disk);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, slow);
	return suite;
}
