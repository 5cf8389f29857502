#include "store/run_reader.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/lib/run_fixture.h"
#include "wire/scheme.h"

static char *read_bytes(size_t *bytes)
{
	int fd = open(run_fx.path, O_RDONLY);
	struct stat st;
	char *copy;

	ck_assert_int_eq(fstat(fd, &st), 0);
	*bytes = (size_t)st.st_size;
	copy = hp_xcalloc(*bytes, 1);
	ck_assert_int_eq(read(fd, copy, *bytes), st.st_size);
	close(fd);
	return copy;
}

static void write_bytes(const char *copy, size_t bytes)
{
	int fd = open(run_fx.path, O_WRONLY | O_TRUNC);

	ck_assert_int_eq(write(fd, copy, bytes), (ssize_t)bytes);
	close(fd);
}

static void on_any(void *arg, const struct record_delivery *delivery)
{
	*(size_t *)arg += delivery->attempt_count;
}

/* Reads all of whatever the file is now. -1 when any step refused; it must say HP_EINPUT. */
static int read_damaged(void)
{
	struct run_reader *reader = run_reader_open(run_fx.path, &run_fx.err);
	struct metrics *metrics = NULL;
	struct judgement judgement = {.findings = NULL};
	size_t attempts = 0;
	int result = -1;

	if (reader && run_reader_metrics(reader, &metrics, &run_fx.err) == 0 &&
	    run_reader_judgement(reader, &judgement, &run_fx.err) == 0 &&
	    run_reader_deliveries(reader, on_any, &attempts, &run_fx.err) == 0)
		result = 0;
	metrics_free(metrics);
	free(judgement.findings);
	run_reader_close(reader);
	if (result < 0)
		ck_assert_msg(run_fx.err.code == HP_EINPUT, "%s", run_fx.err.msg);
	return result;
}

static char *whole_file(size_t *bytes)
{
	struct metrics *metrics = run_fx_metrics();

	run_fx_open(PLAN_RECORD_ALL);
	for (uint64_t i = 0; i < 2000; i++)
		run_fx_put(run_fx_attempt(i, 1, OUTCOME_OK));
	run_fx_finish(&(struct run_file_end){.metrics = metrics});
	metrics_free(metrics);
	return read_bytes(bytes);
}

/* Goal: an endpoint's URL is the run's, cut to its place; what the file lacks changes nothing. */
START_TEST(test_url)
{
	struct run_reader *reader;
	char url[64] = "", short_url[8], other[8] = "as is";
	size_t bytes;

	free(whole_file(&bytes));
	reader = run_fx_reopen();
	run_reader_url(reader, 0, url, sizeof(url));
	ck_assert_str_eq(url, "http://127.0.0.1:1/");
	run_reader_url(reader, 0, short_url, sizeof(short_url));
	ck_assert_str_eq(short_url, "http://");
	run_reader_url(reader, 99, other, sizeof(other));
	ck_assert_str_eq(other, "as is");
	run_reader_close(reader);
}
END_TEST

/* Goal: a file cut anywhere is refused, as HP_EINPUT, with its path. */
START_TEST(test_truncated)
{
	static const struct {
		size_t bytes; /* kept, or */
		unsigned share_percent;
	} rows[] = {{0, 0}, {1, 0}, {15, 0}, {16, 0}, {99, 0}, {100, 0}, {101, 0}, {512, 0},
		    {4096, 0}, {8191, 0}, {8192, 0}, {8193, 0}, {0, 25}, {0, 50}, {0, 75}, {0, 99}};
	size_t bytes;
	char *copy = whole_file(&bytes);

	ck_assert_int_eq(read_damaged(), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t kept = rows[i].share_percent ? bytes * rows[i].share_percent / 100
						    : rows[i].bytes;

		write_bytes(copy, kept);
		ck_assert_msg(read_damaged() == -1, "cut to %zu of %zu", kept, bytes);
		ck_assert_ptr_nonnull(strstr(run_fx.err.msg, run_fx.path));
	}
	free(copy);
}
END_TEST

/* Goal: any byte changed gives a refusal or values in their ranges, never a crash. */
START_TEST(test_damaged)
{
	size_t bytes;
	char *copy = whole_file(&bytes);

	for (size_t at = 0; at < bytes; at += at < 400 ? 3 : 1499) {
		char before = copy[at];

		copy[at] = (char)(before ^ 0x81);
		write_bytes(copy, bytes);
		read_damaged();
		copy[at] = before;
	}
	write_bytes(copy, bytes);
	ck_assert_int_eq(read_damaged(), 0);
	free(copy);
}
END_TEST

/* Goal: a page of zeros anywhere behind the first is seen before anything is read. */
START_TEST(test_zeroed)
{
	enum { PAGE = 8192 };
	size_t bytes;
	char *copy = whole_file(&bytes);

	for (size_t at = PAGE; at < bytes; at += PAGE) {
		char before[PAGE];

		memcpy(before, copy + at, PAGE);
		memset(copy + at, 0, PAGE);
		write_bytes(copy, bytes);
		ck_assert_msg(run_reader_open(run_fx.path, &run_fx.err) == NULL,
			      "zeros at %zu", at);
		ck_assert_int_eq(run_fx.err.code, HP_EINPUT);
		memcpy(copy + at, before, PAGE);
	}
	free(copy);
}
END_TEST

/* Goal: a number outside its range is damage, not an index into our tables. */
START_TEST(test_out_of_range)
{
	static const struct record rows[] = {
		{RECORD_ATTEMPT, .attempt = {.outcome = OUTCOME_COUNT}},
		{RECORD_ATTEMPT, .attempt = {.state = DELIVERY_STATES}},
		{RECORD_ATTEMPT, .attempt = {.event_index = UINT64_MAX - 1}},
		{RECORD_RECEIPT, .receipt = {.signature = SCHEME_VERDICT_COUNT}},
		{RECORD_RECEIPT, .receipt = {.wanted = 2}},
		{RECORD_RECEIPT, .receipt = {.end = RECORD_ENDS}},
		{RECORD_ENDED, .ended = {.state = DELIVERY_STATES}},
		{RECORD_FAULT, .fault = {.identity = 1, .state = RECORD_FAULT_STATES}},
		{RECORD_FAULT, .fault = {.identity = 1, .peer = RECORD_PEERS}},
	};

	run_fx_open(PLAN_RECORD_ALL);
	run_fx_put(rows[_i]);
	run_fx_finish(&(struct run_file_end){.interrupted = false});
	ck_assert_int_eq(read_damaged(), -1);
	ck_assert_ptr_nonnull(strstr(run_fx.err.msg, "a row is damaged"));
}
END_TEST

/* Goal: what is no run file, or one of a later format, is refused and named. */
START_TEST(test_foreign)
{
	static const struct {
		size_t at;
		const char *expected; /* in the message when the byte there is changed */
	} rows[] = {{0, "not a database"}, {63, "format"}, {71, "no run file"}};
	size_t bytes;
	char *copy = whole_file(&bytes);

	copy[rows[_i].at] = (char)(copy[rows[_i].at] + 1);
	write_bytes(copy, bytes);
	ck_assert_int_eq(read_damaged(), -1);
	ck_assert_msg(strstr(run_fx.err.msg, rows[_i].expected) != NULL, "%s", run_fx.err.msg);
	free(copy);
}
END_TEST

/* Goal: a table that is declared otherwise, if only by a letter, is not taken for ours. */
START_TEST(test_changed_schema)
{
	static const char declared[] = "CREATE TABLE lags";
	size_t bytes;
	char *copy = whole_file(&bytes), *at = memmem(copy, bytes, declared, strlen(declared));

	ck_assert_ptr_nonnull(at);
	*at = 'c';
	write_bytes(copy, bytes);
	ck_assert_int_eq(read_damaged(), -1);
	ck_assert_ptr_nonnull(strstr(run_fx.err.msg, "changed"));
	free(copy);
}
END_TEST

/* Goal: a name that is not there is an input error with what to give instead. */
START_TEST(test_missing)
{
	ck_assert_ptr_null(run_reader_open(run_fx.folder, &run_fx.err));
	ck_assert_int_eq(run_fx.err.code, HP_EINPUT);
	ck_assert_ptr_nonnull(strstr(run_fx.err.msg, run_fx.path));
}
END_TEST

Suite *suite_run_reader(void);

Suite *suite_run_reader(void)
{
	Suite *suite = suite_create("run_reader");
	TCase *tcase = tcase_create("run_reader");

	tcase_add_checked_fixture(tcase, run_fx_setup, run_fx_teardown);
	tcase_add_test(tcase, test_url);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, test_foreign, 0, 3);
	tcase_add_loop_test(tcase, test_out_of_range, 0, 9);
	tcase_add_test(tcase, test_changed_schema);
	tcase_add_test(tcase, test_missing);
	tcase_add_test(tcase, test_truncated);
	tcase_add_test(tcase, test_damaged);
	tcase_add_test(tcase, test_zeroed);
	suite_add_tcase(suite, tcase);
	return suite;
}
