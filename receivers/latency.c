/* Delay distributions: see latency.h. */
#include "receivers/latency.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

static const double z_99 = 2.3263478740408408; /* the normal distribution's 99th percentile */

static uint64_t whole_us_ns(double span_ns)
{
	return (uint64_t)llround(span_ns / (double)HP_US_NS) * HP_US_NS;
}

uint64_t latency_uniform_ns(double u, uint64_t min_ns, uint64_t max_ns)
{
	assert(min_ns <= max_ns);
	return whole_us_ns((double)min_ns + u * (double)(max_ns - min_ns));
}

static double polynomial(const double *factors, int degree, double x)
{
	double sum = factors[0];
	for (int i = 1; i <= degree; i++)
		sum = sum * x + factors[i];
	return sum;
}

/* P. J. Acklam's rational approximation of the inverse normal; relative error below 1.2e-9. */
static double inverse_normal(double p)
{
	static const double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,
				   -2.759285104469687e+02, 1.383577518672690e+02,
				   -3.066479806614716e+01, 2.506628277459239e+00};
	static const double b[] = {-5.447609879822406e+01, 1.615858368580409e+02,
				   -1.556989798598866e+02, 6.680131188771972e+01,
				   -1.328068155288572e+01, 1};
	static const double c[] = {-7.784894002430293e-03, -3.223964580411365e-01,
				   -2.400758277161838e+00, -2.549732539343734e+00,
				   4.374664141464968e+00, 2.938163982698783e+00};
	static const double d[] = {7.784695709041462e-03, 3.224671290700398e-01,
				   2.445134137142996e+00, 3.754408661907416e+00, 1};
	static const double tail = 0.02425;

	if (p > 0.5)
		return -inverse_normal(1 - p);
	if (p < tail) {
		double q = sqrt(-2 * log(p));
		return polynomial(c, 5, q) / polynomial(d, 4, q);
	}
	double q = p - 0.5;
	return q * polynomial(a, 5, q * q) / polynomial(b, 5, q * q);
}

static double normal_cdf(double z)
{
	return 0.5 * erfc(-z * M_SQRT1_2);
}

static void check_shape(const struct latency_shape *shape)
{
	assert(0 < shape->p50_ns && shape->p50_ns < shape->p99_ns);
	assert(shape->p99_ns <= shape->max_ns);
}

static uint64_t at_most_ns(double span_ns, uint64_t max_ns)
{
	uint64_t ns = whole_us_ns(span_ns);

	return ns < max_ns ? ns : max_ns;
}

uint64_t latency_lognormal_ns(double u, const struct latency_shape *shape)
{
	check_shape(shape);
	double p50_ns = (double)shape->p50_ns;
	double sigma = log((double)shape->p99_ns / p50_ns) / z_99;
	double at_max = normal_cdf(log((double)shape->max_ns / p50_ns) / sigma);

	return at_most_ns(p50_ns * exp(sigma * inverse_normal(u * at_max)), shape->max_ns);
}

/* From F(x) = 1 - (least / x)^alpha with F(p50) = 1/2 and F(p99) = 99/100. */
static double pareto_alpha(const struct latency_shape *shape)
{
	return log(50) / log((double)shape->p99_ns / (double)shape->p50_ns);
}

uint64_t latency_pareto_ns(double u, const struct latency_shape *shape)
{
	check_shape(shape);
	double alpha = pareto_alpha(shape);
	double least_ns = (double)shape->p50_ns * exp2(-1 / alpha);
	double at_max = 1 - pow(least_ns / (double)shape->max_ns, alpha);

	return at_most_ns(least_ns * pow(1 - u * at_max, -1 / alpha), shape->max_ns);
}

bool latency_pareto_is_endless(const struct latency_shape *shape)
{
	return pareto_alpha(shape) <= 1;
}

/* What is left of u within a part, kept off 0 and 1. */
static double inside_unit(double u)
{
	const double edge = 0x1p-53;

	return fmin(fmax(u, edge), 1 - edge);
}

static uint64_t part_ns(double u, const struct latency_shape *part)
{
	if (part->p50_ns == part->p99_ns)
		return whole_us_ns((double)part->p50_ns);
	return latency_lognormal_ns(inside_unit(u), part);
}

uint64_t latency_bimodal_ns(double u, const struct latency_bimodal *shape)
{
	double fast_share = 1 - shape->slow_share;

	if (u < fast_share)
		return part_ns(u / fast_share, &shape->fast);
	return part_ns((u - fast_share) / shape->slow_share, &shape->slow);
}

/* ---- samples ---- */

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Takes the next line off the text, without its comment and the spaces around it. */
static struct hp_view take_line(struct hp_view *text)
{
	const char *end = memchr(text->at, '\n', text->bytes);
	struct hp_view line = {text->at, end != NULL ? (size_t)(end - text->at) : text->bytes};
	const char *comment = memchr(line.at, '#', line.bytes);
	size_t taken = line.bytes + (end != NULL);

	text->at += taken;
	text->bytes -= taken;
	if (comment != NULL)
		line.bytes = (size_t)(comment - line.at);
	if (line.bytes != 0 && line.at[line.bytes - 1] == '\r')
		line.bytes--;
	return hp_view_trim(line);
}

/* False: it is no number of ms, or too many of them. */
static bool read_sample(struct hp_view line, uint64_t *out)
{
	const struct hp_view unit = HP_LITERAL("ms");
	char text[HP_SPAN_TEXT_BYTES];
	uint64_t span_ns;

	if (line.bytes + unit.bytes > sizeof(text))
		return false;
	memcpy(text, line.at, line.bytes);
	memcpy(text + line.bytes, unit.at, unit.bytes);
	if (!hp_span_parse((struct hp_view){text, line.bytes + unit.bytes}, &span_ns) ||
	    span_ns > LATENCY_SAMPLE_NS_MAX)
		return false;
	*out = whole_us_ns((double)span_ns);
	return true;
}

static size_t count_lines(struct hp_view text)
{
	size_t count = 1;

	for (size_t i = 0; i < text.bytes; i++)
		count += text.at[i] == '\n';
	return count;
}

/* 0, or the number of the line that is wrong. */
static unsigned read_samples(struct hp_view text, struct latency_samples *out)
{
	for (unsigned number = 1; text.bytes != 0; number++) {
		struct hp_view line = take_line(&text);

		if (line.bytes == 0)
			continue;
		if (!read_sample(line, &out->sorted_ns[out->count]))
			return number;
		out->count++;
	}
	return 0;
}

struct latency_samples *latency_samples_parse(const char *name, struct hp_view text,
					      struct hp_err *err)
{
	struct hp_place at = {.line = 1, .column = 1};
	struct latency_samples *samples;
	size_t lines = count_lines(text);
	unsigned wrong;

	snprintf(at.file, sizeof(at.file), "%s", name);
	if (lines > LATENCY_SAMPLES_MAX) {
		hp_err_at(err, &at, "want at most %d lines", LATENCY_SAMPLES_MAX);
		return NULL;
	}
	samples = hp_xcalloc(1, sizeof(*samples) + lines * sizeof(samples->sorted_ns[0]));
	wrong = read_samples(text, samples);
	if (wrong == 0 && samples->count != 0) {
		qsort(samples->sorted_ns, samples->count, sizeof(samples->sorted_ns[0]), compare);
		return samples;
	}
	at.line = wrong != 0 ? wrong : 1;
	hp_err_at(err, &at, "want one delay in ms a line, like 12.5, at most an hour");
	latency_samples_free(samples);
	return NULL;
}

void latency_samples_free(struct latency_samples *samples)
{
	free(samples);
}

uint64_t latency_replay_ns(double u, const struct latency_samples *samples)
{
	size_t index = (size_t)(u * (double)samples->count);

	return samples->sorted_ns[index < samples->count ? index : samples->count - 1];
}
