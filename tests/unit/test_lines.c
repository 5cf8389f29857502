/* The lines of `hookproof receive`: whole, in order, and never in the way of who writes records. */
#include "cli/lines.h"

#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/plan.h"
#include "wire/scheme.h"

enum { FEW = 100, MANY = 60 * 1000 }; /* MANY: more than queue and pipe hold */

static struct fixture {
	struct plan plan;
	struct plan_endpoint endpoint;
	struct lines *lines;
	int read_fd;
	FILE *out;
	uint64_t line_count; /* read from the pipe */
	uint32_t last;       /* effects of the last one: they ascend */
} f;

static void setup(void)
{
	int fds[2];
	struct hp_err err;

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe(fds), 0);
	f.read_fd = fds[0];
	f.out = fdopen(fds[1], "w");
	ck_assert_ptr_nonnull(f.out);
	snprintf(f.endpoint.name, sizeof(f.endpoint.name), "billing");
	f.plan.endpoints = &f.endpoint;
	f.plan.endpoint_count = 1;
	f.lines = lines_new(&(struct lines_config){.out = f.out, .plan = &f.plan}, &err);
	ck_assert_ptr_nonnull(f.lines);
}

static void start(void)
{
	struct hp_err err;

	ck_assert_int_eq(lines_start(f.lines, 0, &err), 0);
}

static void see(uint32_t effects)
{
	struct record record = {.kind = RECORD_RECEIPT, .receipt = {
		.event_index = RECORD_NO_EVENT, .effects = effects, .ordinal = 1,
		.signature = SCHEME_VALID, .status = 204, .wanted = 1, .key = "a",
	}};

	lines_see(f.lines, &record);
}

static void *read_all(void *arg)
{
	FILE *in = fdopen(f.read_fd, "r");
	char line[512];

	(void)arg;
	while (fgets(line, sizeof(line), in)) {
		uint32_t effects = 0;

		ck_assert_int_eq(sscanf(line, "00:00:00.000  billing  a  #1  valid  204  %u effect",
					&effects), 1);
		ck_assert_uint_gt(effects, f.last);
		f.last = effects;
		f.line_count++;
	}
	fclose(in);
	return NULL;
}

static struct lines_count finish(void)
{
	struct lines_count count = lines_end(f.lines);

	fclose(f.out);
	lines_free(f.lines);
	return count;
}

/* Goal: what was seen before the printer began, and after it, comes whole and in order. */
START_TEST(test_all_printed)
{
	struct lines_count count;
	pthread_t reader;

	ck_assert_int_eq(pthread_create(&reader, NULL, read_all, NULL), 0);
	see(1);
	start();
	for (uint32_t i = 2; i <= FEW; i++)
		see(i);
	count = finish();
	ck_assert_int_eq(pthread_join(reader, NULL), 0);
	ck_assert_uint_eq(count.printed, FEW);
	ck_assert_uint_eq(count.dropped, 0);
	ck_assert_uint_eq(f.line_count, FEW);
}
END_TEST

/* Goal: while nobody reads, the writer of records is not held up; what does not fit is counted,
 * and what was counted as printed arrives once somebody reads. */
START_TEST(test_slow_reader)
{
	struct lines_count count;
	pthread_t reader;

	start();
	for (uint32_t i = 1; i <= MANY; i++)
		see(i); /* would hang here */
	ck_assert_int_eq(pthread_create(&reader, NULL, read_all, NULL), 0);
	count = finish();
	ck_assert_int_eq(pthread_join(reader, NULL), 0);
	ck_assert_uint_eq(count.printed + count.dropped, MANY);
	ck_assert_uint_gt(count.dropped, 0);
	ck_assert_uint_eq(count.printed, f.line_count);
}
END_TEST

/* Goal: a reader that has gone ends the printing and nothing else. */
START_TEST(test_closed_pipe)
{
	struct lines_count count;

	close(f.read_fd);
	start();
	for (uint32_t i = 1; i <= FEW; i++)
		see(i);
	count = lines_end(f.lines);
	ck_assert_uint_eq(count.printed, 0);
	ck_assert_uint_eq(count.dropped, FEW);
	lines_free(f.lines);
	fclose(f.out);
}
END_TEST

/* Goal: one that never began ends at once. */
START_TEST(test_never_started)
{
	struct lines_count count = finish();

	ck_assert_uint_eq(count.printed + count.dropped, 0);
	close(f.read_fd);
}
END_TEST

Suite *suite_lines(void);
Suite *suite_lines(void)
{
	Suite *suite = suite_create("lines");
	TCase *lines = tcase_create("lines");

	tcase_add_checked_fixture(lines, setup, NULL);
	tcase_add_test(lines, test_all_printed);
	tcase_add_test(lines, test_slow_reader);
	tcase_add_test(lines, test_closed_pipe);
	tcase_add_test(lines, test_never_started);
	suite_add_tcase(suite, lines);
	return suite;
}
