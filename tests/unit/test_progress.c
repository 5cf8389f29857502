#include "reports/progress.h"

#include <check.h>
#include <string.h>

#include "base/span.h"

static const struct record_tick half = {
	.at_ns = 2 * HP_S_NS,
	.planned = 400,
	.sent = 398,
	.delivered = 350,
	.pending = 41,
	.in_flight = 7,
	.lag_ns_max = 800 * HP_US_NS,
};
static const struct record_tick later = {
	.at_ns = 3 * HP_S_NS,
	.planned = 600,
	.sent = 598,
	.delivered = 540,
	.pending = 51,
	.in_flight = 7,
	.lag_ns_max = 42 * HP_MS_NS,
};

static const struct {
	const struct record_tick *now, *before;
	uint64_t end_ns;
	const char *line;
} rows[] = {
	{&half, NULL, 4 * HP_S_NS,
	 " 50%  sent 398/400 199/s  ok 350  retrying 41  in flight 7  lag 800 us"},
	{&later, &half, 4 * HP_S_NS,
	 " 75%  sent 598/600 200/s  ok 540  retrying 51  in flight 7  lag 42 ms"},
	{&later, &half, 2 * HP_S_NS, /* retries are waited for */
	 "100%  sent 598/600 200/s  ok 540  retrying 51  in flight 7  lag 42 ms"},
	{&later, &half, 0, "sent 598/600 200/s  ok 540  retrying 51  in flight 7  lag 42 ms"},
	{&half, &half, 0, "sent 398/400 0/s  ok 350  retrying 41  in flight 7  lag 800 us"},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

/* Goal: the line says how far the run is, with the rate of the last span. */
START_TEST(test_line)
{
	char line[PROGRESS_BYTES];
	size_t bytes =
		progress_format(rows[_i].now, rows[_i].before, rows[_i].end_ns, line, sizeof(line));

	ck_assert_str_eq(line, rows[_i].line);
	ck_assert_uint_eq(bytes, strlen(line));
}
END_TEST

/* Goal: counts of any size take five columns at most, each with three true digits. */
START_TEST(test_counts_are_short)
{
	static const struct {
		uint64_t count;
		const char *text;
	} counts[] = {
		{0, "ok 0 "},           {9999, "ok 9999 "},
		{10000, "ok 10.0k "},   {12345, "ok 12.3k "},
		{99949, "ok 99.9k "},   {99950, "ok 100k "},
		{999499, "ok 999k "},   {999500, "ok 1.00M "},
		{2000000, "ok 2.00M "}, {UINT64_MAX, "ok 18.4E "},
	};
	char line[PROGRESS_BYTES];

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct record_tick tick = {.delivered = counts[i].count};

		progress_format(&tick, NULL, 0, line, sizeof(line));
		ck_assert_msg(strstr(line, counts[i].text) != NULL, "%s: %s", counts[i].text, line);
	}
}
END_TEST

/* Goal: the largest of everything is held by PROGRESS_BYTES, and a shorter room cuts the line. */
START_TEST(test_never_overflows)
{
	struct record_tick most;
	char line[PROGRESS_BYTES];

	memset(&most, 0xff, sizeof(most));
	ck_assert_uint_le(progress_format(&most, NULL, 1, line, sizeof(line)), 86);
	ck_assert_ptr_nonnull(strstr(line, "lag never"));
	for (size_t room = 1; room < 40; room++) {
		ck_assert_uint_eq(progress_format(&most, NULL, 1, line, room), room - 1);
		ck_assert_uint_eq(strlen(line), room - 1);
	}
}
END_TEST

Suite *suite_progress(void);

Suite *suite_progress(void)
{
	Suite *suite = suite_create("progress");
	TCase *tcase = tcase_create("progress");

	tcase_add_loop_test(tcase, test_line, 0, ROW_COUNT);
	tcase_add_test(tcase, test_counts_are_short);
	tcase_add_test(tcase, test_never_overflows);
	suite_add_tcase(suite, tcase);
	return suite;
}
