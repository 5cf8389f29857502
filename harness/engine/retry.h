/* The retry policy: how long after a failed attempt the next one is due.
 * Pure: a delay is a function of the policy, the attempt and the key of its jitter.
 * Not here: when a delivery ends (delivery.h), or the judge's tolerances (judge/). */
#ifndef HP_ENGINE_RETRY_H
#define HP_ENGINE_RETRY_H
#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "base/span.h"

enum {
	RETRY_LIST_MAX = 96,     /* the longest known list has 77 delays (square) */
	RETRY_ATTEMPTS_MAX = 100, /* of one delivery, the first included */
};

enum retry_law {
	RETRY_EXPONENTIAL, /* base * factor^(n-1), at most cap */
	RETRY_LINEAR,      /* base each time */
	RETRY_LIST,        /* the list's n-th; beyond its end the last repeats */
};

enum retry_jitter {
	RETRY_JITTER_NONE,     /* d */
	RETRY_JITTER_FRACTION, /* uniform in d (1 - J) .. d (1 + J) */
	RETRY_JITTER_FULL,     /* uniform in 0 .. d */
	RETRY_JITTER_ADDED,    /* uniform in d .. d + a */
};

enum retry_after { /* what an answer's Retry-After does to the wait d */
	RETRY_AFTER_IGNORE,
	RETRY_AFTER_NEXT_SLOT, /* max(d, min(n, d of the following slot)) */
	RETRY_AFTER_DOUBLE,    /* n clamped to d .. 2 d */
	RETRY_AFTER_HONOUR,    /* max(d, n), n at most 24 h */
};

enum retry_anchor { RETRY_FROM_FAILURE, RETRY_FROM_START }; /* the instant a delay counts from */

struct retry_policy {
	unsigned attempts_max; /* 1 .. RETRY_ATTEMPTS_MAX, the first attempt included */
	enum retry_law law;
	uint64_t base_ns;
	double factor;   /* at least 1 */
	uint64_t cap_ns; /* 0: none */
	unsigned list_count;
	uint64_t list_ns[RETRY_LIST_MAX];
	enum retry_jitter jitter;
	double jitter_fraction; /* J, 0 .. 1 */
	uint64_t jitter_added_ns;
	enum retry_after after;
	enum retry_anchor anchor;
	uint64_t poll_ns; /* how often the sender looks for due retries: late by up to this is right
			   */
};

/* The bounds of a wait that keeps the policy, jitter included. */
struct retry_window {
	uint64_t nominal_ns, lo_ns, hi_ns;
};

/* The window after attempt `number` (from 1) failed. retry_after_ns is what its answer asked for,
 * HP_NEVER if it asked for nothing that could be read. */
struct retry_window retry_window(const struct retry_policy *policy, unsigned number,
				 uint64_t retry_after_ns);

/* The wait itself: the window's place that the key draws. key->stream and ->attempt are set here.
 */
uint64_t retry_delay_ns(const struct retry_policy *policy, unsigned number, uint64_t retry_after_ns,
			const struct hp_key *key);

/* The policy with every delay multiplied by scale (more than 0); counts and factors stay. */
struct retry_policy retry_scaled(const struct retry_policy *policy, double scale);

/* The sum of the nominal waits from the first failure to the last attempt. */
uint64_t retry_horizon_ns(const struct retry_policy *policy);
#endif
