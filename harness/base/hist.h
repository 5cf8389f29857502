/* Histograms of microseconds in HdrHistogram's one configuration that all of ours share, so that
 * any two of them merge exactly: 1 us to 7 days, 3 digits, an error of at most 1 in 1024.
 * Longer values are counted as overflow, never dropped and never clamped in max or sum.
 * Not here: the HdrHistogram log (reports/), which wraps what hp_hist_pack() writes. */
#ifndef HP_BASE_HIST_H
#define HP_BASE_HIST_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define HP_HIST_US_MAX UINT64_C(604800000000) /* 7 days: the 17 h retry schedule fits with room */

enum {
	HP_HIST_DIGITS = 3,
	HP_HIST_COUNTERS = 31744,                        /* 31 half buckets of 1024 */
	HP_HIST_PACKED_BYTES_MAX = HP_HIST_COUNTERS * 9, /* what hp_hist_pack() writes at most */
};

struct hp_hist {
	uint64_t *counts;  /* owned; HP_HIST_COUNTERS of them */
	uint64_t count;    /* of all values, overflow too */
	uint64_t overflow; /* values above HP_HIST_US_MAX */
	uint64_t min_us;   /* UINT64_MAX while count is 0 */
	uint64_t max_us;   /* 0 while count is 0 */
	double sum_us;     /* exact below 2^53 us, 285 years */
};

/* Allocates the counters (248 KiB, touched only where values fall). */
void hp_hist_init(struct hp_hist *hist);
void hp_hist_fini(struct hp_hist *hist);

/* Back to no values. */
void hp_hist_clear(struct hp_hist *hist);

/* The counter of a value of at most HP_HIST_US_MAX. */
size_t hp_hist_index(uint64_t us);

/* Adds one value. Takes a few nanoseconds. */
void hp_hist_record(struct hp_hist *hist, uint64_t us);

/* Adds all values of another one. */
void hp_hist_merge(struct hp_hist *into, const struct hp_hist *from);

/* The least value that counter index can hold, and the greatest. index < HP_HIST_COUNTERS. */
uint64_t hp_hist_low_us(size_t index);
uint64_t hp_hist_high_us(size_t index);

/* The value below or at which that percentage of the values lie: the greatest one of its counter,
 * at most 1 in 1024 too high, and never above max_us. 0 when there are none. percent: 0 to 100. */
uint64_t hp_hist_percentile_us(const struct hp_hist *hist, double percent);

/* The mean; 0 when there are no values. */
double hp_hist_mean_us(const struct hp_hist *hist);

/* Appends the counters in the form of HdrHistogram's V2 payload after its header: ZigZag
 * LEB128-64b9B up to the last that is not 0, a run of k zeros as -k. Overflow, sum, least and
 * greatest are not in it. False when out is full. */
bool hp_hist_pack(const struct hp_hist *hist, struct hp_buf *out);

/* Fills an initialised histogram from what hp_hist_pack() or another writer made. count is the sum
 * of the counters; least, greatest and sum are those of the counters' values, which a caller that
 * knows them exactly sets afterwards. -1 with HP_EINPUT and no values in it when the bytes end
 * early, count below 0, pass the last counter, or sum to more than 2^63 - 1. */
int hp_hist_unpack(struct hp_hist *hist, struct hp_view packed, struct hp_err *err)
	__attribute__((warn_unused_result));
#endif
