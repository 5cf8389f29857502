/* What several formats show of a result, worked out once: percentiles that have enough samples,
 * the retry schedule beside what was seen of it, thresholds beside their findings, faults by name.
 * Pure. Not here: any format's words. */
#ifndef HP_REPORTS_FIGURES_H
#define HP_REPORTS_FIGURES_H
#include "engine/result.h"

#define FIGURES_PERCENTILES(X) /* key, head, percent, samples below which it says nothing */       \
	X(p50, "p50", 50.0, 1)                                                                     \
	X(p90, "p90", 90.0, 1)                                                                     \
	X(p99, "p99", 99.0, 1)                                                                     \
	X(p999, "p99.9", 99.9, 1000)                                                               \
	X(p9999, "p99.99", 99.99, 10000)

enum figures_percentile {
#define X(key, head, percent, count) FIGURES_##key,
	FIGURES_PERCENTILES(X)
#undef X
	FIGURES_PERCENTILE_COUNT
};

#define FIGURES_NONE UINT64_MAX /* a percentile of too few samples */

struct figures_latency {
	const char *name; /* "response" */
	uint64_t count;
	uint64_t percentile_us[FIGURES_PERCENTILE_COUNT]; /* FIGURES_NONE: too few */
	uint64_t min_us, max_us;                          /* 0 when count is 0 */
	uint64_t overflow;                                /* samples beyond the histogram's range */
};

/* In the order in which a reader asks. */
enum figures_histogram {
	FIGURES_RESPONSE,
	FIGURES_SERVICE,
	FIGURES_QUEUE,
	FIGURES_LAG,
	FIGURES_DELIVERY,
	FIGURES_HANDSHAKE, /* without a sample where TLS was not used: not to be shown */
	FIGURES_LATENCY_COUNT
};

/* All histograms, each at its place. */
void figures_latencies(const struct metrics *metrics,
		       struct figures_latency out[FIGURES_LATENCY_COUNT]);

/* Whether a figure belongs into this report. */
bool figures_latency_shown(const struct figures_latency latencies[], enum figures_histogram which);

/* Whether any connection of the run was to be secured. */
bool figures_tls_used(const struct metrics *metrics);

const char *figures_percentile_key(enum figures_percentile percentile);  /* "p999" */
const char *figures_percentile_head(enum figures_percentile percentile); /* "p99.9" */

/* One wait of the retry schedule: the window that the judged profile gives it in the run's time,
 * the same in real time, and the waits that were observed. */
struct figures_slot {
	unsigned number; /* of the attempt that failed before it, from 1 */
	struct retry_window window, unscaled;
	uint64_t count, min_ns, mean_ns, max_ns; /* 0 when none was observed */
};

/* The slots of the schedule, up to the last one that has a wait; returns how many, at most
 * RETRY_ATTEMPTS_MAX. */
size_t figures_slots(const struct result *result, struct figures_slot out[RETRY_ATTEMPTS_MAX]);

/* What became of the faults of one row of receivers/behaviour.h. planned is the sum of applied,
 * preempted and failed; verified are those of the applied ones that were seen to take effect. */
struct figures_fault {
	const char *slug, *layer; /* "unknown" of a row that this version does not have */
	uint64_t planned, applied, verified, preempted, failed;
};

/* The rows that any fault was planned of, in the order of `list faults`; returns how many, at most
 * METRICS_FAULT_ROWS. */
size_t figures_faults(const struct metrics *metrics,
		      struct figures_fault out[METRICS_FAULT_ROWS]);

/* The finding about a threshold, or NULL: it was not judged. number is from 1. */
const struct finding *figures_threshold(const struct judgement *judgement, unsigned number);

/* The threshold that a finding is about, or NULL: it is about a check of its own. */
const struct threshold *figures_threshold_of(const struct plan *plan,
					     const struct finding *finding);

/* Writes a threshold's figure in the reader's unit: "50.04 ms", "0.12 %", "498.7/s", "12". */
enum { FIGURES_TEXT_BYTES = 48 };
const char *figures_text(double value, enum threshold_unit unit, char out[FIGURES_TEXT_BYTES]);

/* The mean planned rate, events a second, to stand beside metrics_achieved_per_s(); of Poisson
 * arrivals that were cut the rate that they are drawn with; 0 when the plan gives none (closed
 * loop) or nothing was planned. */
double figures_planned_per_s(const struct result *result);

/* A wall-clock moment, ns since 1970, as RFC 3339 in UTC: "2026-11-24T08:00:00Z". */
enum { FIGURES_MOMENT_BYTES = 32 };
const char *figures_moment(uint64_t wall_ns, char out[FIGURES_MOMENT_BYTES]);
#endif
