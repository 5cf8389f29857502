/* Delay distributions by inverse CDF: one uniform number in, one delay out, rounded to whole
 * microseconds so that the last bit of exp() on another machine changes nothing. A cap bends the
 * tail and piles no samples on one value: u is scaled into [0, F(max)].
 * Pure arithmetic; no delay falls when u rises. Not here: where the uniform number comes from
 * (base/random.h), which parameters a document has (rows_latency.c). */
#ifndef HP_RECEIVERS_LATENCY_H
#define HP_RECEIVERS_LATENCY_H
#include "base/err.h"
#include "base/span.h"

enum { LATENCY_SAMPLES_MAX = 1000 * 1000 };
#define LATENCY_SAMPLE_NS_MAX (3600 * HP_S_NS)

/* u is in (0, 1) for all of them. */
uint64_t latency_uniform_ns(double u, uint64_t min_ns, uint64_t max_ns);

struct latency_shape { /* 0 < p50_ns < p99_ns <= max_ns */
	uint64_t p50_ns, p99_ns, max_ns;
};

uint64_t latency_lognormal_ns(double u, const struct latency_shape *shape);
uint64_t latency_pareto_ns(double u, const struct latency_shape *shape);

/* Whether a Pareto distribution of this shape has no mean but for its cap. */
bool latency_pareto_is_endless(const struct latency_shape *shape);

/* Two lognormal parts, or fixed ones where p50_ns == p99_ns (then max_ns does not matter). The same
 * u decides which part, and what is left of it the place within: monotone over each part. */
struct latency_bimodal {
	struct latency_shape fast, slow;
	double slow_share; /* 0..1 */
};
uint64_t latency_bimodal_ns(double u, const struct latency_bimodal *shape);

struct latency_samples {
	size_t count; /* 1..LATENCY_SAMPLES_MAX */
	uint64_t sorted_ns[];
};

/* Reads delays in ms ("12", "0.25"), one a line; empty lines and what follows a '#' are no delays.
 * Returns new, sorted and in whole microseconds; NULL with HP_EINPUT at its line: no number, more
 * than LATENCY_SAMPLE_NS_MAX, none or too many. Borrows both for the call; name is of the file. */
struct latency_samples *latency_samples_parse(const char *name, struct hp_view text,
					      struct hp_err *err)
	__attribute__((warn_unused_result));
void latency_samples_free(struct latency_samples *samples);

/* The quantile u of the samples: as good as drawing one of them. */
uint64_t latency_replay_ns(double u, const struct latency_samples *samples);
#endif
