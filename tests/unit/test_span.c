#include "base/span.h"

#include <check.h>
#include <string.h>

#include "tests/lib/guard.h"

#define DAY_NS (UINT64_C(86400) * HP_S_NS)
#define BAD UINT64_MAX /* the reader says false */

struct read_row {
	const char *text;
	uint64_t value;
};

static const struct read_row span_rows[] = {
	{"0s", 0}, {"10ns", 10}, {"40us", 40000}, {"250ms", 250000000}, {"30s", 30 * HP_S_NS},
	{"5m", 300 * HP_S_NS}, {"2h", 7200 * HP_S_NS}, {"1d", DAY_NS}, {"366d", 366 * DAY_NS},
	{"1.5s", 1500000000}, {"0.1ms", 100000}, {"0.000000001s", 1}, {"007s", 7 * HP_S_NS},
	{"1.50s", 1500000000}, {"8784h", 366 * DAY_NS},
	{"", BAD}, {"s", BAD}, {"5", BAD}, {"-1s", BAD}, {"+1s", BAD}, {" 1s", BAD}, {"1s ", BAD},
	{"1 s", BAD}, {"1S", BAD}, {"1sec", BAD}, {"1.s", BAD}, {".5s", BAD}, {"1.5.5s", BAD},
	{"1e3s", BAD}, {"0x10s", BAD}, {"0.5ns", BAD}, {"1.0000000001s", BAD}, {"367d", BAD},
	{"31622400.000000001s", BAD}, {"99999999999999999999999s", BAD}, {"1h30m", BAD},
	{"999999999999999d", BAD}, {"inf", BAD}, {"nan", BAD},
};

static const struct read_row rate_rows[] = {
	{"500/s", 500000000}, {"30/m", 500000}, {"2.5/s", 2500000}, {"0.000001/s", 1},
	{"10000000/s", 10000000000000}, {"600000000/m", 10000000000000}, {"7200/h", 2000000},
	{"1/m", 16667}, {"0.1/s", 100000},
	{"", BAD}, {"500", BAD}, {"0/s", BAD}, {"0.0/s", BAD}, {"-5/s", BAD}, {"5 /s", BAD},
	{"5/", BAD}, {"5/d", BAD}, {"5/S", BAD}, {"10000001/s", BAD}, {"10000000.000001/s", BAD},
	{"0.0000001/s", BAD}, {"99999999999999999999/s", BAD}, {"999999999999999/h", BAD},
	{"0.00001/m", BAD},
};

static const struct read_row size_rows[] = {
	{"0", 0}, {"512", 512}, {"512B", 512}, {"64KiB", 65536}, {"1MiB", 1048576}, {"10kB", 10000},
	{"1TiB", UINT64_C(1) << 40}, {"1.5KiB", 1536}, {"2GiB", UINT64_C(1) << 31},
	{"3MB", 3000000},
	{"", BAD}, {"KiB", BAD}, {"1.5", BAD}, {"1KB", BAD}, {"1kib", BAD}, {"1K", BAD},
	{"-1", BAD},
	{"1025GiB", BAD}, {"1099511627777", BAD}, {"99999999999999999999", BAD}, {"1 KiB", BAD},
};

typedef bool read_function(struct hp_view text, uint64_t *value);

/* Reads a text that ends at a guard page. A refused text must leave the value alone. */
static void check_read(read_function *read, const struct read_row *row)
{
	char *copy = guard_copy(row->text, strlen(row->text));
	uint64_t value = 12345;
	bool ok = read((struct hp_view){copy, strlen(row->text)}, &value);

	ck_assert_msg(ok == (row->value != BAD), "'%s': %d", row->text, ok);
	ck_assert_msg(value == (ok ? row->value : 12345), "'%s': %llu", row->text,
		      (unsigned long long)value);
	guard_free(copy);
}

/* Goal: spans are read exactly, up to 366 days, and everything else is refused. */
START_TEST(test_spans)
{
	check_read(hp_span_parse, &span_rows[_i]);
}
END_TEST

/* Goal: so are rates, up to six decimals and 10 million a second, */
START_TEST(test_rates)
{
	check_read(hp_rate_parse, &rate_rows[_i]);
}
END_TEST

/* Goal: and sizes, up to 1 TiB. */
START_TEST(test_sizes)
{
	check_read(hp_size_parse, &size_rows[_i]);
}
END_TEST

static const struct text_row {
	uint64_t span_ns;
	const char *text;
} text_rows[] = {
	{0, "0 ns"},
	{412, "412 ns"},
	{999, "999 ns"},
	{1000, "1 us"},
	{1500, "1.5 us"},
	{9949, "9.9 us"},
	{9950, "10 us"},
	{999499, "999 us"},
	{999500, "1 ms"},
	{42 * HP_MS_NS, "42 ms"},
	{1300 * HP_MS_NS, "1.3 s"},
	{999499999, "999 ms"},
	{999500000, "1 s"},
	{59 * HP_S_NS, "59 s"},
	{59600 * HP_MS_NS, "1 min 00 s"},
	{90 * HP_S_NS, "1 min 30 s"},
	{3599 * HP_S_NS, "59 min 59 s"},
	{3600 * HP_S_NS - 1, "1 h 00 min"},
	{61380 * HP_S_NS, "17 h 03 min"},
	{2 * DAY_NS - 1, "48 h 00 min"},
	{2 * DAY_NS, "2 d 00 h"},
	{366 * DAY_NS, "366 d 00 h"},
	{HP_NEVER - 1, "213504 d 00 h"},
	{HP_NEVER, "never"},
};

/* Goal: a span is written in the unit that a person would choose, rounded, never as "60 s". */
START_TEST(test_texts)
{
	char out[HP_SPAN_TEXT_BYTES];

	ck_assert_str_eq(hp_span_text(text_rows[_i].span_ns, out), text_rows[_i].text);
}
END_TEST

static const struct scale_row {
	uint64_t span_ns;
	double factor;
	uint64_t scaled_ns;
} scale_rows[] = {
	{0, 5, 0},
	{100, 0, 0},
	{100, 1, 100},
	{(UINT64_C(1) << 60) + 1, 1, (UINT64_C(1) << 60) + 1},
	{3, 0.5, 2},
	{60 * HP_S_NS, 0.001, 60 * HP_MS_NS},
	{60 * HP_S_NS, 1.2, 72 * HP_S_NS},
	{1, 0.4, 0},
	{HP_NEVER, 0.5, UINT64_C(1) << 63},
	{HP_NEVER, 1, HP_NEVER - 1},
	{1, 1e300, HP_NEVER - 1},
};

/* Goal: scaling rounds to the nearest and never makes a span of what is "never". */
START_TEST(test_scale)
{
	const struct scale_row *row = &scale_rows[_i];

	ck_assert_uint_eq(hp_span_scale(row->span_ns, row->factor), row->scaled_ns);
}
END_TEST

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

Suite *suite_span(void);

Suite *suite_span(void)
{
	Suite *suite = suite_create("span");
	TCase *tcase = tcase_create("span");

	tcase_add_loop_test(tcase, test_spans, 0, COUNT(span_rows));
	tcase_add_loop_test(tcase, test_rates, 0, COUNT(rate_rows));
	tcase_add_loop_test(tcase, test_sizes, 0, COUNT(size_rows));
	tcase_add_loop_test(tcase, test_texts, 0, COUNT(text_rows));
	tcase_add_loop_test(tcase, test_scale, 0, COUNT(scale_rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
