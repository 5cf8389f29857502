/* Delay distributions by inverse CDF: one uniform number in, one delay out, rounded to whole
 * microseconds so that the last bit of exp() on another machine changes nothing.
 * Pure arithmetic. Not here: where the uniform number comes from (base/random.h). */
#ifndef HP_RECEIVERS_LATENCY_H
#define HP_RECEIVERS_LATENCY_H
#include <stdint.h>

/* u in (0, 1). */
uint64_t latency_uniform_ns(double u, uint64_t min_ns, uint64_t max_ns);

struct latency_lognormal { /* 0 < p50_ns < p99_ns <= max_ns */
	uint64_t p50_ns, p99_ns, max_ns;
};

/* u is scaled into [0, F(max)]: the cap bends the tail and piles no samples on one value. */
uint64_t latency_lognormal_ns(double u, const struct latency_lognormal *shape);
#endif
