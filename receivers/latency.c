/* Delay distributions: see latency.h. */
#include "receivers/latency.h"

#include <math.h>

#include "base/err.h"
#include "base/span.h"

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

uint64_t latency_lognormal_ns(double u, const struct latency_lognormal *shape)
{
	assert(0 < shape->p50_ns && shape->p50_ns < shape->p99_ns);
	assert(shape->p99_ns <= shape->max_ns);
	double p50_ns = (double)shape->p50_ns;
	double sigma = log((double)shape->p99_ns / p50_ns) / z_99;
	double at_max = normal_cdf(log((double)shape->max_ns / p50_ns) / sigma);
	uint64_t span_ns = whole_us_ns(p50_ns * exp(sigma * inverse_normal(u * at_max)));

	return span_ns < shape->max_ns ? span_ns : shape->max_ns;
}
