/* Arrivals: when event k is planned. A plan is a function k -> instant, the same on every shard
 * and in every time mode; nothing that happens later moves it. Poisson arrivals are sliced by the
 * second, so that any k can be had without drawing the past.
 * Not here: releasing what is due, limits, catching up (engine.c). */
#ifndef HP_ENGINE_ARRIVALS_H
#define HP_ENGINE_ARRIVALS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARRIVALS_STEPS_MAX = 64 };
#define ARRIVALS_RECORDED_MAX UINT64_C(50000000) /* instants of a recorded file */

enum arrivals_kind {
	ARRIVALS_CONSTANT,
	ARRIVALS_RAMP,
	ARRIVALS_STEPS,
	ARRIVALS_BURST,
	ARRIVALS_POISSON,
	ARRIVALS_RECORDED,
	ARRIVALS_CLOSED, /* no plan: the next event when one is done */
};

struct arrivals_step {
	uint64_t rate_micro_per_s; /* events per second times 1e6 */
	uint64_t span_ns;
};

struct arrivals {
	enum arrivals_kind kind;
	uint64_t span_ns;          /* how long events are planned; 0 with count_max: until then */
	uint64_t count_max;        /* 0: as many as the span holds */
	uint64_t rate_micro_per_s; /* constant, poisson; a ramp's start */
	uint64_t rate_end_micro_per_s;
	unsigned step_count;
	struct arrivals_step steps[ARRIVALS_STEPS_MAX];
	uint64_t burst_count, burst_every_ns, burst_gap_ns;
	uint64_t concurrency; /* closed */
	uint64_t *recorded_ns; /* owned by the plan; rising offsets from the start */
	size_t recorded_count;
};

/* Walks the plan in order. Lives in the caller's memory; borrows arrivals. */
struct arrivals_walk {
	const struct arrivals *arrivals;
	uint64_t seed;
	uint64_t count; /* events planned at most; UINT64_MAX: nobody knows before they are counted
			 * (poisson), or they have no end (closed) */
	uint64_t slice, slice_first, slice_count; /* poisson: the second that holds the last k */
	unsigned step;
	uint64_t *slice_ns; /* poisson: this second's instants, sorted */
	size_t slice_room;
};

void arrivals_walk_init(struct arrivals_walk *walk, const struct arrivals *arrivals, uint64_t seed);
void arrivals_walk_fini(struct arrivals_walk *walk);

/* How many events are planned in all; from then on walk->count is exact. Poisson arrivals within a
 * span are drawn for it, all of them: 20 ns each, and too much for whoever is in a hurry.
 * UINT64_MAX: closed, without a count. */
uint64_t arrivals_count(struct arrivals_walk *walk);

/* The planned instant of event k (from 0) in ns from the run's start; HP_NEVER beyond the last.
 * Cheap when k rises by a little from call to call. Not for closed arrivals. */
uint64_t arrivals_planned_ns(struct arrivals_walk *walk, uint64_t event_index);

/* Over how long the events are planned; 0 for closed, and when there are none. */
uint64_t arrivals_span_ns(const struct arrivals_walk *walk);

/* The mean planned rate over that span, events per second; 0 for closed. Of poisson arrivals that
 * were not counted it is the rate that they are drawn with. */
double arrivals_mean_per_s(const struct arrivals_walk *walk);
#endif
