#include "base/hist.h"

#include <check.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>

#include "base/random.h"
#include "tests/lib/guard.h"

static struct fixture {
	struct hp_hist hist, other;
	struct hp_buf packed;
	struct hp_err err;
} f;

static void set_up(void)
{
	hp_hist_init(&f.hist);
	hp_hist_init(&f.other);
	hp_buf_init(&f.packed, HP_HIST_PACKED_BYTES_MAX);
}

static void tear_down(void)
{
	hp_hist_fini(&f.hist);
	hp_hist_fini(&f.other);
	hp_buf_fini(&f.packed);
}

/* Goal: counters cover all values in order without a hole, each at most 1 in 1024 wide, and a
 * value's counter holds it, up to the greatest. */
START_TEST(test_counters)
{
	uint64_t next = 0, low, high;

	for (size_t i = 0; i < HP_HIST_COUNTERS; i++) {
		low = hp_hist_low_us(i);
		high = hp_hist_high_us(i);
		ck_assert_uint_eq(low, next);
		ck_assert_uint_le(high - low, low / 1024);
		ck_assert_uint_eq(hp_hist_index(low), i);
		ck_assert_uint_eq(hp_hist_index(high), i);
		next = high + 1;
	}
	ck_assert_uint_gt(next, HP_HIST_US_MAX);
	ck_assert_uint_lt(hp_hist_index(HP_HIST_US_MAX), HP_HIST_COUNTERS);
}
END_TEST

/* Goal: no values: figures that nobody can take for a measurement. */
START_TEST(test_empty)
{
	ck_assert_uint_eq(f.hist.count, 0);
	ck_assert_uint_eq(hp_hist_percentile_us(&f.hist, 99), 0);
	ck_assert_double_eq(hp_hist_mean_us(&f.hist), 0);
	ck_assert(hp_hist_pack(&f.hist, &f.packed));
	ck_assert_uint_eq(f.packed.bytes, 0);
	ck_assert_int_eq(hp_hist_unpack(&f.other, hp_buf_view(&f.packed), &f.err), 0);
}
END_TEST

/* Goal: values beyond 7 days are counted, stand in the greatest and the percentiles, and leave the
 * counters alone. */
START_TEST(test_overflow)
{
	hp_hist_record(&f.hist, 0);
	hp_hist_record(&f.hist, HP_HIST_US_MAX);
	ck_assert_uint_eq(f.hist.overflow, 0);
	hp_hist_record(&f.hist, HP_HIST_US_MAX + 1);
	hp_hist_record(&f.hist, UINT64_C(1) << 63);
	ck_assert_uint_eq(f.hist.count, 4);
	ck_assert_uint_eq(f.hist.overflow, 2);
	ck_assert_uint_eq(f.hist.min_us, 0);
	ck_assert_uint_eq(f.hist.max_us, UINT64_C(1) << 63);
	ck_assert_uint_eq(hp_hist_percentile_us(&f.hist, 25), 0);
	ck_assert_uint_eq(hp_hist_index(hp_hist_percentile_us(&f.hist, 50)),
			  hp_hist_index(HP_HIST_US_MAX));
	ck_assert_uint_eq(hp_hist_percentile_us(&f.hist, 75), UINT64_C(1) << 63);
	ck_assert_uint_eq(hp_hist_percentile_us(&f.hist, 100), UINT64_C(1) << 63);
}
END_TEST

static int by_value(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* Values of many magnitudes: up to 2^1 .. 2^39 us. */
static uint64_t sample(unsigned set, unsigned i)
{
	struct hp_key key = {.seed = set, .stream = HP_STREAM_LATENCY, .event = i};
	unsigned bits = 1 + (unsigned)hp_random_below(&key, 39);

	key.draw = 1;
	return hp_random_bits(&key) >> (64 - bits);
}

enum { SAMPLES = 5000 };

/* Goal: for any values and any percentage the answer is that of the sorted values, at most 1 in
 * 1024 too high and never too low; the other figures are exact. */
START_TEST(test_against_sorted)
{
	static const double percents[] = {0,  0.001, 1,    25,    50,     75,
					  90, 99,    99.9, 99.99, 99.999, 100};
	static uint64_t sorted[SAMPLES];
	unsigned count = _i == 0 ? 1 : SAMPLES / (unsigned)_i;
	double sum = 0;

	for (unsigned i = 0; i < count; i++) {
		sorted[i] = sample((unsigned)_i, i);
		sum += (double)sorted[i];
		hp_hist_record(&f.hist, sorted[i]);
	}
	qsort(sorted, count, sizeof(sorted[0]), by_value);
	for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
		double rank = fmax(1, floor(percents[i] / 100 * count + 0.5));
		uint64_t exact = sorted[(size_t)rank - 1];
		uint64_t answer = hp_hist_percentile_us(&f.hist, percents[i]);

		ck_assert_uint_ge(answer, exact);
		ck_assert_uint_le(answer, exact + exact / 1024);
	}
	ck_assert_uint_eq(hp_hist_percentile_us(&f.hist, 100), sorted[count - 1]);
	ck_assert_uint_eq(f.hist.min_us, sorted[0]);
	ck_assert_uint_eq(f.hist.max_us, sorted[count - 1]);
	ck_assert_double_eq(f.hist.sum_us, sum);
	ck_assert_double_eq(hp_hist_mean_us(&f.hist), sum / count);
}
END_TEST

static void check_same(const struct hp_hist *a, const struct hp_hist *b)
{
	ck_assert_int_eq(memcmp(a->counts, b->counts, HP_HIST_COUNTERS * sizeof(a->counts[0])), 0);
	ck_assert_uint_eq(a->count, b->count);
	ck_assert_uint_eq(a->overflow, b->overflow);
	ck_assert_uint_eq(a->min_us, b->min_us);
	ck_assert_uint_eq(a->max_us, b->max_us);
	ck_assert_double_eq(a->sum_us, b->sum_us);
}

/* Goal: values split over two histograms and merged are the values in one. */
START_TEST(test_merge)
{
	struct hp_hist whole;

	hp_hist_init(&whole);
	hp_hist_merge(&f.hist, &f.other);
	check_same(&f.hist, &whole);
	for (unsigned i = 0; i < SAMPLES; i++) {
		hp_hist_record(&whole, sample(1, i));
		hp_hist_record(i % 3 ? &f.hist : &f.other, sample(1, i));
	}
	hp_hist_record(&whole, HP_HIST_US_MAX + 9);
	hp_hist_record(&f.other, HP_HIST_US_MAX + 9);
	hp_hist_merge(&f.hist, &f.other);
	check_same(&f.hist, &whole);
	hp_hist_fini(&whole);
}
END_TEST

static void record_times(uint64_t us, unsigned times)
{
	while (times--)
		hp_hist_record(&f.hist, us);
}

/* The values of the vector below, which hdr-histogram-js wrote. */
static void record_vector(void)
{
	static const uint64_t once[] = {1, 2, 2047, 2048, 2049, 5000, 123456, 1234567, 3599999999};

	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
		record_times(once[i], 1);
	record_times(1000, 2);
	record_times(1500, 70000);
}

static const unsigned char vector[] = {
	0x01, 0x02, 0x02, 0xc9, 0x0f, 0x04, 0xe5, 0x07, 0xe0, 0xc5, 0x08, 0xc3, 0x08, 0x02,
	0x04, 0xc1, 0x13, 0x02, 0xcb, 0x4a, 0x02, 0xd5, 0x34, 0x02, 0xfb, 0xb7, 0x01, 0x02,
};

/* Goal: our counts are those that HdrHistogram's JavaScript writes for the same values. */
START_TEST(test_vector)
{
	record_vector();
	ck_assert_uint_eq(hp_hist_percentile_us(&f.hist, 50), 1500);
	ck_assert(hp_hist_pack(&f.hist, &f.packed));
	ck_assert_uint_eq(f.packed.bytes, sizeof(vector));
	ck_assert_int_eq(memcmp(f.packed.at, vector, sizeof(vector)), 0);
	ck_assert_int_eq(hp_hist_unpack(&f.other, hp_buf_view(&f.packed), &f.err), 0);
	ck_assert_uint_eq(f.other.count, 70011);
	ck_assert_uint_eq(f.other.min_us, 1);
	ck_assert_uint_eq(f.other.max_us, 3600809983); /* the greatest of the counter */
}
END_TEST

/* Goal: what is packed is unpacked, with full counters and with counts of any size. */
START_TEST(test_round_trip)
{
	for (size_t i = 0; i < HP_HIST_COUNTERS; i += (size_t)_i) {
		f.hist.counts[i] = UINT64_C(1) << i % 48;
		f.hist.count += f.hist.counts[i];
	}
	ck_assert(hp_hist_pack(&f.hist, &f.packed));
	ck_assert_int_eq(hp_hist_unpack(&f.other, hp_buf_view(&f.packed), &f.err), 0);
	ck_assert_uint_eq(f.other.count, f.hist.count);
	ck_assert_int_eq(
		memcmp(f.other.counts, f.hist.counts, HP_HIST_COUNTERS * sizeof(f.hist.counts[0])),
		0);
}
END_TEST

/* Goal: a count that needs the ninth byte with all its bits comes back. */
START_TEST(test_largest_count)
{
	f.hist.counts[7] = INT64_MAX;
	f.hist.count = INT64_MAX;
	ck_assert(hp_hist_pack(&f.hist, &f.packed));
	ck_assert_uint_eq(f.packed.bytes, 1 + 9);
	ck_assert_int_eq(hp_hist_unpack(&f.other, hp_buf_view(&f.packed), &f.err), 0);
	ck_assert_uint_eq(f.other.counts[7], INT64_MAX);
}
END_TEST

/* Goal: a full buffer is an answer. */
START_TEST(test_no_room)
{
	struct hp_buf small;

	record_vector();
	hp_buf_init(&small, sizeof(vector) - 1);
	ck_assert(!hp_hist_pack(&f.hist, &small));
	hp_buf_fini(&small);
}
END_TEST

#define ROW(text)                                                                                  \
	{                                                                                          \
		HP_LITERAL(text)                                                                   \
	}

static const struct bad_row {
	struct hp_view packed;
} bad_rows[] = {
	ROW("\x80"),                                 /* ends inside a word */
	ROW("\xff\xff\xff\xff\xff\xff\xff\xff"),     /* so does this, one byte earlier than 9 */
	ROW("\x81\xf0\x03"),                         /* -31745: one zero too many */
	ROW("\xff\xef\x03\x02"),                     /* -31744, then a count behind the last */
	ROW("\xff\xef\x03\x00"),                     /* the same with a count of 0 */
	ROW("\xff\xef\x03\x01"),                     /* the same with one more zero */
	ROW("\xff\xff\xff\xff\xff\xff\xff\xff\xff"), /* INT64_MIN */
	ROW("\xfe\xff\xff\xff\xff\xff\xff\xff\xff"
	    "\x02"), /* INT64_MAX, then 1 more */
};

/* Goal: bytes of strangers are refused with an error, and leave no values behind. */
START_TEST(test_bad)
{
	struct hp_view packed = bad_rows[_i].packed;
	char *copy = guard_copy(packed.at, packed.bytes);

	hp_hist_record(&f.hist, 5);
	ck_assert_int_eq(hp_hist_unpack(&f.hist, (struct hp_view){copy, packed.bytes}, &f.err), -1);
	ck_assert_int_eq(f.err.code, HP_EINPUT);
	ck_assert_uint_eq(f.hist.count, 0);
	ck_assert_uint_eq(f.hist.counts[5], 0);
	guard_free(copy);
}
END_TEST

/* Goal: the last counter itself can be reached: 31743 zeros and a count. */
START_TEST(test_last_counter)
{
	ck_assert_int_eq(hp_hist_unpack(&f.hist, HP_LITERAL("\xfd\xef\x03\x02"), &f.err), 0);
	ck_assert_uint_eq(f.hist.counts[HP_HIST_COUNTERS - 1], 1);
	ck_assert_int_eq(hp_hist_unpack(&f.hist, HP_LITERAL("\xff\xef\x03"), &f.err), 0);
	ck_assert_uint_eq(f.hist.count, 0);
}
END_TEST

/* Goal: a percentage above 100 is our bug. */
START_TEST(test_percent_range)
{
	hp_hist_percentile_us(&f.hist, 100.1);
}
END_TEST

Suite *suite_hist(void);

Suite *suite_hist(void)
{
	Suite *suite = suite_create("hist");
	TCase *tcase = tcase_create("hist");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, test_counters);
	tcase_add_test(tcase, test_empty);
	tcase_add_test(tcase, test_overflow);
	tcase_add_loop_test(tcase, test_against_sorted, 0, 8);
	tcase_add_test(tcase, test_merge);
	tcase_add_test(tcase, test_vector);
	tcase_add_loop_test(tcase, test_round_trip, 1, 4);
	tcase_add_test(tcase, test_largest_count);
	tcase_add_test(tcase, test_no_room);
	tcase_add_loop_test(tcase, test_bad, 0, sizeof(bad_rows) / sizeof(bad_rows[0]));
	tcase_add_test(tcase, test_last_counter);
	tcase_add_test_raise_signal(tcase, test_percent_range, SIGABRT);
	suite_add_tcase(suite, tcase);
	return suite;
}
