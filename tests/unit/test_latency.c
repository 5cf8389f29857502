/* Delay distributions: against their CDF, their named percentiles, their order in u; the rows that
 * draw from them; and files of delays. */
#include "receivers/latency.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "receivers/rows.h"
#include "tests/lib/guard.h"
#include "tests/lib/playing.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { DRAWS = 100 * 1000 };

/* ---- the distributions, written down once more and the other way round ---- */

static double normal_cdf(double z)
{
	return 0.5 * erfc(-z / sqrt(2));
}

static double uniform(double ms)
{
	return fmin(fmax((ms - 5) / (25 - 5), 0), 1);
}

static double lognormal_within(double ms, double p50, double p99, double max)
{
	double sigma = log(p99 / p50) / 2.3263478740408408;

	if (ms >= max)
		return 1;
	return normal_cdf(log(ms / p50) / sigma) / normal_cdf(log(max / p50) / sigma);
}

static double lognormal(double ms)
{
	return lognormal_within(ms, 20, 200, 2000);
}

static double lognormal_capped(double ms)
{
	return lognormal_within(ms, 20, 200, 200);
}

static double pareto_within(double ms, double max)
{
	const double alpha = 1.699, least = 13.3; /* of p50 20 and p99 200, to four digits */

	if (ms <= least || ms >= max)
		return ms >= max;
	return (1 - pow(least / ms, alpha)) / (1 - pow(least / max, alpha));
}

static double pareto(double ms)
{
	return pareto_within(ms, 2000);
}

static double pareto_capped(double ms)
{
	return pareto_within(ms, 200);
}

static double two_values(double ms)
{
	return ms >= 800 ? 1 : ms >= 20 ? 0.98 : 0;
}

static double two_lognormals(double ms)
{
	return 0.7 * lognormal_within(ms, 10, 50, 500) + 0.3 * lognormal_within(ms, 300, 900, 9000);
}

static double five_values(double ms) /* 1, 2, 2, 3.5, 10 */
{
	return ms >= 10 ? 1 : ms >= 3.5 ? 0.8 : ms >= 2 ? 0.6 : ms >= 1 ? 0.2 : 0;
}

struct distribution {
	const char *slug, *params;
	double (*cdf)(double ms);
	uint64_t max_ns;
};

static const struct distribution distributions[] = {
	{"latency", "min=5000000;max=25000000", uniform, 25 * HP_MS_NS},
	{"latency", "p50=20000000;p99=200000000", lognormal, 2 * HP_S_NS},
	{"latency", "p50=20000000;p99=200000000;max=200000000", lognormal_capped, 200 * HP_MS_NS},
	{"latency-pareto", "", pareto, 2 * HP_S_NS},
	{"latency-pareto", "max=200000000", pareto_capped, 200 * HP_MS_NS},
	{"latency-bimodal", "", two_values, 800 * HP_MS_NS},
	{"latency-bimodal", "share=300000;fast=10000000;fast_p99=50000000;slow=300000000;"
			    "slow_p99=900000000", two_lognormals, 9 * HP_S_NS},
	{"latency-replay", "", five_values, 10 * HP_MS_NS},
};

static struct latency_samples *parse(const char *text)
{
	struct hp_err err;
	struct latency_samples *read = latency_samples_parse("x", hp_view_of(text), &err);

	ck_assert_msg(read != NULL, "%s", err.msg);
	return read;
}

struct drawing {
	struct playing playing;
	struct latency_samples *samples;
};

static void begin(struct drawing *drawing, const char *slug, const char *params)
{
	playing_init(&drawing->playing, slug);
	drawing->samples = parse("10\n2\n1\n3.5\n2\n");
	drawing->playing.part.samples = drawing->samples;
	playing_set(&drawing->playing, params);
	ck_assert(playing_is_allowed(&drawing->playing));
}

static void end(struct drawing *drawing)
{
	playing_fini(&drawing->playing);
	latency_samples_free(drawing->samples);
}

static uint64_t delay_ns(const struct drawing *drawing)
{
	const struct behaviour_part *part = &drawing->playing.part;

	return part->row->delay_ns(part, &drawing->playing.c);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The greatest distance between the draws' distribution and that one: half a microsecond on each
 * side of a value, because values are rounded and some distributions have steps. */
static double distance(const uint64_t *sorted_ns, double (*cdf)(double ms))
{
	double most = 0;

	for (size_t from = 0, to; from < DRAWS; from = to) {
		double ms = (double)sorted_ns[from] / 1e6;
		for (to = from; to < DRAWS && sorted_ns[to] == sorted_ns[from]; to++)
			;
		most = fmax(most, fabs(cdf(ms + 0.0005) - (double)to / DRAWS));
		most = fmax(most, fabs(cdf(ms - 0.0005) - (double)from / DRAWS));
	}
	return most;
}

/* Goal: keyed draws follow the distribution (Kolmogorov-Smirnov, one in a thousand), are whole
 * microseconds, and stay under the cap without a pile there. */
START_TEST(test_draws)
{
	static uint64_t drawn[DRAWS];
	const struct distribution *distribution = &distributions[_i];
	struct drawing drawing;

	begin(&drawing, distribution->slug, distribution->params);
	for (uint64_t i = 0; i < DRAWS; i++) {
		drawing.playing.c.identity = i;
		drawn[i] = delay_ns(&drawing);
		ck_assert_uint_eq(drawn[i] % HP_US_NS, 0);
		ck_assert_uint_le(drawn[i], distribution->max_ns);
	}
	qsort(drawn, DRAWS, sizeof(drawn[0]), compare);
	ck_assert_double_lt(distance(drawn, distribution->cdf), 1.95 / sqrt(DRAWS));
	if (distribution->cdf != two_values && distribution->cdf != five_values)
		ck_assert_uint_lt(drawn[DRAWS - 50], drawn[DRAWS - 1]);
	if (distribution->cdf == pareto) /* 65 of the draws lie in the upper half */
		ck_assert_uint_gt(drawn[DRAWS - 1], distribution->max_ns / 2);
	end(&drawing);
}
END_TEST

/* Goal: the same key draws the same again in any order, and another seed, endpoint, attempt or
 * place in the list draws something else. */
START_TEST(test_keyed)
{
	enum { CASES = 1000 };
	static uint64_t drawn[CASES];
	int same[4] = {0};
	struct drawing drawing;

	begin(&drawing, "latency-pareto", "");
	for (uint64_t i = 0; i < CASES; i++) {
		drawing.playing.c.identity = i;
		drawn[i] = delay_ns(&drawing);
	}
	for (uint64_t i = CASES; i-- > 0;) {
		const struct behaviour_case c = {.seed = 1, .identity = i, .ordinal = 1};
		struct behaviour_case others[] = {c, c, c, c};
		others[0].seed++;
		others[1].ordinal++;
		others[2].endpoint_index++;
		others[3].draw++;
		drawing.playing.c = c;
		ck_assert_uint_eq(delay_ns(&drawing), drawn[i]);
		for (int k = 0; k < 4; k++) {
			drawing.playing.c = others[k];
			same[k] += delay_ns(&drawing) == drawn[i];
		}
	}
	for (int k = 0; k < 4; k++)
		ck_assert_int_lt(same[k], CASES / 50);
	end(&drawing);
}
END_TEST

/* ---- the functions ---- */

static const struct latency_shape wide = {20 * HP_MS_NS, 200 * HP_MS_NS, 2 * HP_S_NS};
static const struct latency_shape capped = {20 * HP_MS_NS, 200 * HP_MS_NS, 200 * HP_MS_NS};
static const struct latency_shape narrow = {20 * HP_MS_NS, 20001 * HP_US_NS, HP_S_NS};
static const struct latency_shape endless = {HP_MS_NS, 100 * HP_MS_NS, HP_S_NS};
static const struct latency_bimodal parts = {
	.fast = {20 * HP_MS_NS, 20 * HP_MS_NS, 0},
	.slow = {800 * HP_MS_NS, 800 * HP_MS_NS, 0},
	.slow_share = 0.02,
};
static struct latency_samples *samples;

static uint64_t at_uniform(double u)
{
	return latency_uniform_ns(u, 5 * HP_MS_NS, 25 * HP_MS_NS);
}
static uint64_t at_lognormal(double u)
{
	return latency_lognormal_ns(u, &wide);
}
static uint64_t at_lognormal_capped(double u)
{
	return latency_lognormal_ns(u, &capped);
}
static uint64_t at_lognormal_narrow(double u)
{
	return latency_lognormal_ns(u, &narrow);
}
static uint64_t at_pareto(double u)
{
	return latency_pareto_ns(u, &wide);
}
static uint64_t at_pareto_capped(double u)
{
	return latency_pareto_ns(u, &capped);
}
static uint64_t at_pareto_narrow(double u)
{
	return latency_pareto_ns(u, &narrow);
}
static uint64_t at_pareto_endless(double u)
{
	return latency_pareto_ns(u, &endless);
}
static uint64_t at_bimodal(double u)
{
	return latency_bimodal_ns(u, &parts);
}
static uint64_t at_replay(double u)
{
	return latency_replay_ns(u, samples);
}

struct function {
	uint64_t (*at)(double u);
	uint64_t min_ns, max_ns; /* at the ends */
};

static const struct function functions[] = {
	{at_uniform, 5 * HP_MS_NS, 25 * HP_MS_NS},
	{at_lognormal, 0, 2 * HP_S_NS},
	{at_lognormal_capped, 0, 200 * HP_MS_NS},
	{at_lognormal_narrow, 19 * HP_MS_NS, 21 * HP_MS_NS},
	{at_pareto, 13 * HP_MS_NS, 2 * HP_S_NS},
	{at_pareto_capped, 13 * HP_MS_NS, 200 * HP_MS_NS},
	{at_pareto_narrow, 19 * HP_MS_NS, 21 * HP_MS_NS},
	{at_pareto_endless, 400 * HP_US_NS, HP_S_NS},
	{at_bimodal, 20 * HP_MS_NS, 800 * HP_MS_NS},
	{at_replay, HP_MS_NS, 10 * HP_MS_NS},
};

/* Goal: no delay falls when u rises, from one end of the open interval to the other. */
START_TEST(test_monotone)
{
	const struct function *function = &functions[_i];
	const double least = 0x1p-53;

	samples = parse("3.5\n1\n10\n2\n2\n");
	uint64_t last_ns = function->at(least);
	ck_assert_uint_ge(last_ns, function->min_ns);
	for (int i = 1; i < DRAWS; i++) {
		uint64_t ns = function->at((double)i / DRAWS);
		ck_assert_uint_ge(ns, last_ns);
		last_ns = ns;
	}
	ck_assert_uint_ge(function->at(1 - least), last_ns);
	ck_assert_uint_le(function->at(1 - least), function->max_ns);
	latency_samples_free(samples);
}
END_TEST

/* Goal: the named percentiles are met within 2 % where the cap is far away, and nearly exactly
 * where there is none to speak of. */
START_TEST(test_percentiles)
{
	const struct latency_shape far = {20 * HP_MS_NS, 200 * HP_MS_NS, LATENCY_SAMPLE_NS_MAX};

	ck_assert_double_eq_tol((double)latency_lognormal_ns(0.5, &wide), 20e6, 0.4e6);
	ck_assert_double_eq_tol((double)latency_lognormal_ns(0.99, &wide), 200e6, 4e6);
	ck_assert_double_eq_tol((double)latency_pareto_ns(0.5, &wide), 20e6, 0.4e6);
	ck_assert_double_eq_tol((double)latency_pareto_ns(0.99, &wide), 200e6, 4e6);
	ck_assert_double_eq_tol((double)latency_lognormal_ns(0.5, &far), 20e6, 2e3);
	ck_assert_double_eq_tol((double)latency_lognormal_ns(0.99, &far), 200e6, 2e3);
	ck_assert_double_eq_tol((double)latency_lognormal_ns(0.01, &far), 2e6, 2e3);
	ck_assert_double_eq_tol((double)latency_lognormal_ns(0.8413447460685429, &far),
				20e6 * exp(0.98979), 2e3);
	ck_assert_double_eq_tol((double)latency_pareto_ns(0.5, &far), 20e6, 2e3);
	ck_assert_double_eq_tol((double)latency_pareto_ns(0.99, &far), 200e6, 20e3);
	ck_assert_uint_eq(latency_uniform_ns(0.5, HP_MS_NS, 3 * HP_MS_NS), 2 * HP_MS_NS);
	ck_assert_uint_eq(latency_uniform_ns(0.5, HP_MS_NS, HP_MS_NS), HP_MS_NS);
}
END_TEST

/* Goal: a part of two gets its share of u, and the extreme shares leave one part alone. */
START_TEST(test_bimodal)
{
	struct latency_bimodal shape = parts;

	ck_assert_uint_eq(latency_bimodal_ns(0.979999, &shape), 20 * HP_MS_NS);
	ck_assert_uint_eq(latency_bimodal_ns(0.980001, &shape), 800 * HP_MS_NS);
	shape.slow_share = 0;
	ck_assert_uint_eq(latency_bimodal_ns(1 - 0x1p-53, &shape), 20 * HP_MS_NS);
	shape.slow_share = 1;
	ck_assert_uint_eq(latency_bimodal_ns(0x1p-53, &shape), 800 * HP_MS_NS);
	shape.slow = wide;
	shape.slow_share = 0.5;
	ck_assert_uint_lt(latency_bimodal_ns(0.5, &shape), HP_MS_NS);
	ck_assert_uint_gt(latency_bimodal_ns(0.5, &shape), 0);
	ck_assert_double_eq_tol((double)latency_bimodal_ns(0.75, &shape), 20e6, 0.4e6);
	ck_assert_double_eq_tol((double)latency_bimodal_ns(0.995, &shape), 200e6, 4e6);
}
END_TEST

/* ---- files ---- */

struct file {
	const char *text;
	unsigned line; /* that is wrong; 0: none */
	size_t count;
	uint64_t sorted_us[3];
};

static const struct file files[] = {
	{"12\n", 0, 1, {12000}},
	{"12", 0, 1, {12000}},
	{"12\n3\n7.25\n", 0, 3, {3000, 7250, 12000}},
	{"# measured\n\n 12\t# slow\r\n3\r\n", 0, 2, {3000, 12000}},
	{"0\n0.001\n0.0004\n", 0, 3, {0, 0, 1}},
	{"3600000", 0, 1, {3600 * 1000 * 1000U}},
	{"3600000.001", 1, 0, {0}},
	{"", 1, 0, {0}},
	{"\n# none\n", 1, 0, {0}},
	{"1\n2ms\n", 2, 0, {0}},
	{"1\n\n-2\n", 3, 0, {0}},
	{"1,5", 1, 0, {0}},
	{"1 2", 1, 0, {0}},
	{"1e3", 1, 0, {0}},
	{"nan", 1, 0, {0}},
	{"1\n99999999999999999999999999999999999999999999", 2, 0, {0}},
};

/* Goal: delays are read as they stand, sorted, and what is none is refused at its line; no byte
 * behind the text is looked at. */
START_TEST(test_files)
{
	const struct file *file = &files[_i];
	size_t bytes = strlen(file->text);
	char *text = guard_copy(file->text, bytes);
	struct latency_samples *read;
	struct hp_err err;

	read = latency_samples_parse("delays.txt", (struct hp_view){text, bytes}, &err);
	ck_assert((read == NULL) == (file->line != 0));
	if (read == NULL) {
		ck_assert_int_eq(err.code, HP_EINPUT);
		ck_assert_uint_eq(err.at.line, file->line);
		ck_assert_str_eq(err.at.file, "delays.txt");
	} else {
		ck_assert_uint_eq(read->count, file->count);
		for (size_t i = 0; i < read->count; i++)
			ck_assert_uint_eq(read->sorted_ns[i], file->sorted_us[i] * HP_US_NS);
	}
	latency_samples_free(read);
	guard_free(text);
}
END_TEST

/* Goal: any bytes are read or refused: a NUL is no end of a line. */
START_TEST(test_odd_bytes)
{
	static const char nul[] = "12ms\0 3\n";
	struct hp_err err;

	ck_assert_ptr_null(latency_samples_parse("x", (struct hp_view){nul, 8}, &err));
	for (int byte = 1; byte < 256; byte++) {
		char text[] = {'1', (char)byte, '2', '\n'};
		struct latency_samples *read =
			latency_samples_parse("x", (struct hp_view){text, 4}, &err);
		bool good = (byte >= '0' && byte <= '9') || byte == '.' || byte == '\n' ||
			    byte == '#';
		ck_assert_msg((read != NULL) == good, "byte %d", byte);
		latency_samples_free(read);
	}
}
END_TEST

/* Goal: a file of too many lines is refused before it takes memory. */
START_TEST(test_too_many)
{
	size_t bytes = 2 * (size_t)LATENCY_SAMPLES_MAX;
	char *text = malloc(bytes);
	struct latency_samples *read;
	struct hp_err err;

	for (size_t i = 0; i < bytes; i += 2)
		memcpy(text + i, "1\n", 2);
	ck_assert_ptr_null(latency_samples_parse("x", (struct hp_view){text, bytes}, &err));
	read = latency_samples_parse("x", (struct hp_view){text, bytes - 1}, &err);
	ck_assert_ptr_nonnull(read);
	ck_assert_uint_eq(read->count, LATENCY_SAMPLES_MAX);
	latency_samples_free(read);
	free(text);
}
END_TEST

/* ---- rows ---- */

struct check_row {
	const char *slug, *params;
	bool good;
};

static const struct check_row check_rows[] = {
	{"latency", "", true},
	{"latency", "delay=5", true},
	{"latency", "min=5;max=5", true},
	{"latency", "max=5", true},
	{"latency", "min=6;max=5", false},
	{"latency", "min=6", false},
	{"latency", "delay=6;max=7", false},
	{"latency", "p50=1000;p99=2000", true},
	{"latency", "p50=1000;p99=2000;max=2000", true},
	{"latency", "p50=1000;p99=2000;max=1999", false},
	{"latency", "p50=2000;p99=2000", false},
	{"latency", "p50=2000", false},
	{"latency", "p99=2000", false},
	{"latency", "p50=1000;p99=2000;min=1", false},
	{"latency", "p50=1000;p99=2000;delay=1", false},
	{"latency", "p50=1000;p99=3600000000000", true},
	{"latency-pareto", "", true},
	{"latency-pareto", "p50=1000;p99=2000;max=2000", true},
	{"latency-pareto", "p50=1000;p99=2000;max=1999", false},
	{"latency-pareto", "p50=1000000000", false},
	{"latency-bimodal", "", true},
	{"latency-bimodal", "share=0", true},
	{"latency-bimodal", "share=1000000", true},
	{"latency-bimodal", "fast_p99=20000001", true},
	{"latency-bimodal", "fast_p99=20000000", false},
	{"latency-bimodal", "slow_p99=800000001", true},
	{"latency-bimodal", "slow_p99=800000000", false},
	{"latency-replay", "", false},
	{"saturate", "", true},
};

/* Goal: values that contradict each other are refused, and so is a replay of nothing. */
START_TEST(test_checks)
{
	struct playing playing;

	playing_init(&playing, check_rows[_i].slug);
	playing_set(&playing, check_rows[_i].params);
	ck_assert_msg(playing_is_allowed(&playing) == check_rows[_i].good, "%s %s",
		      check_rows[_i].slug, check_rows[_i].params);
	playing_fini(&playing);
}
END_TEST

/* Goal: a part of two is fixed or lognormal as its parameters say, and its tail ends within an
 * hour. */
START_TEST(test_tails)
{
	struct drawing drawing;

	begin(&drawing, "latency-bimodal",
	      "share=1000000;slow=3000000000000;slow_p99=3600000000000");
	for (uint64_t i = 0; i < 1000; i++) {
		drawing.playing.c.identity = i;
		ck_assert_uint_le(delay_ns(&drawing), ROWS_SPAN_NS_MAX);
	}
	end(&drawing);
}
END_TEST

/* Goal: lint says that a Pareto distribution has no mean exactly when that is so. */
START_TEST(test_remark)
{
	static const struct {
		const char *params;
		bool remarked;
	} remarks[] = {
		{"", false},
		{"p50=20000000;p99=999000000", false},
		{"p50=20000000;p99=1001000000", true},
	};
	struct playing playing;

	playing_init(&playing, "latency-pareto");
	playing_set(&playing, remarks[_i].params);
	ck_assert((playing.part.row->remark(&playing.part) != NULL) == remarks[_i].remarked);
	playing_fini(&playing);
}
END_TEST

/* Goal: saturate grows with what is in flight, by that alone, and ends at an hour. */
START_TEST(test_saturate)
{
	static const struct {
		const char *params;
		uint64_t in_flight, delay_ns;
	} loads[] = {
		{"", 1, 7 * HP_MS_NS},
		{"", 100, 205 * HP_MS_NS},
		{"per_in_flight=0", 1000, 5 * HP_MS_NS},
		{"base=0", 3, 6 * HP_MS_NS},
		{"", UINT64_MAX, 3600 * HP_S_NS},
		{"base=3600000000000", 1, 3600 * HP_S_NS},
		{"per_in_flight=3600000000000", 1, 3600 * HP_S_NS},
	};
	struct drawing drawing;

	begin(&drawing, "saturate", loads[_i].params);
	drawing.playing.c.in_flight = loads[_i].in_flight;
	ck_assert_uint_eq(delay_ns(&drawing), loads[_i].delay_ns);
	drawing.playing.c.identity++;
	drawing.playing.c.seed++;
	ck_assert_uint_eq(delay_ns(&drawing), loads[_i].delay_ns);
	ck_assert(drawing.playing.part.row->load_dependent);
	end(&drawing);
}
END_TEST

/* Goal: a fixed delay is just that. */
START_TEST(test_fixed)
{
	struct drawing drawing;

	begin(&drawing, "latency", "");
	ck_assert_uint_eq(delay_ns(&drawing), 20 * HP_MS_NS);
	playing_set(&drawing.playing, "delay=7");
	ck_assert_uint_eq(delay_ns(&drawing), 7);
	end(&drawing);
}
END_TEST

Suite *suite_latency(void);

Suite *suite_latency(void)
{
	Suite *suite = suite_create("latency");
	TCase *tcase = tcase_create("latency");

	tcase_add_loop_test(tcase, test_draws, 0, COUNT(distributions));
	tcase_add_test(tcase, test_keyed);
	tcase_add_loop_test(tcase, test_monotone, 0, COUNT(functions));
	tcase_add_test(tcase, test_percentiles);
	tcase_add_test(tcase, test_bimodal);
	tcase_add_loop_test(tcase, test_files, 0, COUNT(files));
	tcase_add_test(tcase, test_odd_bytes);
	tcase_add_test(tcase, test_too_many);
	tcase_add_loop_test(tcase, test_checks, 0, COUNT(check_rows));
	tcase_add_test(tcase, test_tails);
	tcase_add_loop_test(tcase, test_remark, 0, 3);
	tcase_add_loop_test(tcase, test_saturate, 0, 7);
	tcase_add_test(tcase, test_fixed);
	suite_add_tcase(suite, tcase);
	return suite;
}
