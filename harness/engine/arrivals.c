#include "engine/arrivals.h"

#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/span.h"

#define MICRO UINT64_C(1000000)

static double per_s(uint64_t rate_micro_per_s)
{
	return (double)rate_micro_per_s / (double)MICRO;
}

/* Event k of a constant rate, with half an interval of phase so that second boundaries do not
 * alias: (2k + 1) / 2r, in 128-bit integers, so that a billion events do not drift. */
static uint64_t constant_ns(uint64_t rate_micro_per_s, uint64_t k)
{
	unsigned __int128 ns = (2 * (unsigned __int128)k + 1) * HP_S_NS * MICRO;

	return (uint64_t)(ns / (2 * (unsigned __int128)rate_micro_per_s));
}

/* How many events of a constant rate fall into a span: the k with (2k + 1) / 2r < span. */
static uint64_t constant_count(uint64_t rate_micro_per_s, uint64_t span_ns)
{
	unsigned __int128 twice = 2 * (unsigned __int128)rate_micro_per_s * span_ns / MICRO;

	return (uint64_t)((twice / HP_S_NS + 1) / 2);
}

/* A ramp from r0 to r1 in T has sent r0 t + (r1 - r0) t^2 / 2T at t. Solved for n = k + 1/2 in the
 * form that is stable for flat and falling ramps too. */
static uint64_t ramp_ns(const struct arrivals *a, uint64_t k)
{
	double r0 = per_s(a->rate_micro_per_s);
	double slope = (per_s(a->rate_end_micro_per_s) - r0) / ((double)a->span_ns / 1e9);
	double n = (double)k + 0.5;
	double root = r0 * r0 + 2 * slope * n;

	return (uint64_t)(2 * n / (r0 + sqrt(root > 0 ? root : 0)) * 1e9);
}

static uint64_t ramp_count(const struct arrivals *a)
{
	double mean = (per_s(a->rate_micro_per_s) + per_s(a->rate_end_micro_per_s)) / 2;

	return (uint64_t)ceil(mean * (double)a->span_ns / 1e9 - 0.5);
}

/* Steps carry the fraction over: event k stands at position k + 1/2 of the cumulated rate, as with
 * one constant rate. Counted in halves of 1e-15 events, so that count and instants agree. */
#define EVENT_UNITS ((unsigned __int128)2 * HP_S_NS * MICRO)

static unsigned __int128 held_units(const struct arrivals_step *step)
{
	return 2 * (unsigned __int128)step->rate_micro_per_s * step->span_ns;
}

static uint64_t steps_ns(const struct arrivals *a, uint64_t k)
{
	unsigned __int128 left = k * EVENT_UNITS + EVENT_UNITS / 2;
	uint64_t from_ns = 0;

	for (unsigned i = 0; i < a->step_count; i++) {
		const struct arrivals_step *step = &a->steps[i];

		if (left < held_units(step))
			return from_ns + (uint64_t)(left / 2 / step->rate_micro_per_s);
		left -= held_units(step);
		from_ns += step->span_ns;
	}
	return HP_NEVER;
}

/* The k whose position lies before the end. */
static uint64_t steps_count(const struct arrivals *a)
{
	unsigned __int128 held = 0;

	for (unsigned i = 0; i < a->step_count; i++)
		held += held_units(&a->steps[i]);
	return (uint64_t)((held + EVENT_UNITS / 2 - 1) / EVENT_UNITS);
}

static uint64_t burst_ns(const struct arrivals *a, uint64_t k)
{
	return k / a->burst_count * a->burst_every_ns + k % a->burst_count * a->burst_gap_ns;
}

static uint64_t burst_total(const struct arrivals *a)
{
	return (a->span_ns + a->burst_every_ns - 1) / a->burst_every_ns * a->burst_count;
}

/* The events of one second: N ~ Poisson(rate), by counting keyed exponential gaps. */
static uint64_t poisson_draw(uint64_t seed, uint64_t slice, double rate)
{
	struct hp_key key = {.seed = seed, .stream = HP_STREAM_ARRIVAL, .event = slice};
	double left = rate;
	uint64_t count = 0;

	for (;; count++) {
		left += log(hp_random_unit(&key));
		if (left <= 0)
			return count;
		key.draw++;
	}
}

static int rising(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t slice_events(const struct arrivals_walk *walk, uint64_t slice)
{
	return poisson_draw(walk->seed, slice, per_s(walk->arrivals->rate_micro_per_s));
}

/* Fills the present slice: its instants are keyed uniforms of their own, sorted. */
static void slice_fill(struct arrivals_walk *walk)
{
	struct hp_key key = {.seed = walk->seed, .stream = HP_STREAM_ARRIVAL, .attempt = 1,
			     .event = walk->slice};

	walk->slice_count = slice_events(walk, walk->slice);
	if (walk->slice_count > walk->slice_room) {
		walk->slice_room = walk->slice_count;
		walk->slice_ns = hp_xgrow(walk->slice_ns, walk->slice_room, sizeof(uint64_t));
	}
	assert(walk->slice_ns || !walk->slice_count);
	for (uint64_t i = 0; i < walk->slice_count; i++) {
		key.draw = (uint32_t)i;
		walk->slice_ns[i] = walk->slice * HP_S_NS + hp_random_below(&key, HP_S_NS);
	}
	if (walk->slice_count)
		qsort(walk->slice_ns, walk->slice_count, sizeof(uint64_t), rising);
}

static void slice_seek(struct arrivals_walk *walk, uint64_t slice, uint64_t first)
{
	walk->slice = slice;
	walk->slice_first = first;
	slice_fill(walk);
}

/* HP_NEVER at the span's end, which is where an uncounted plan ends too. */
static uint64_t poisson_ns(struct arrivals_walk *walk, uint64_t k)
{
	uint64_t end_ns = walk->arrivals->span_ns ? walk->arrivals->span_ns : HP_NEVER;
	uint64_t at_ns;

	if (!walk->slice_ns || k < walk->slice_first)
		slice_seek(walk, 0, 0);
	while (k >= walk->slice_first + walk->slice_count) {
		if ((walk->slice + 1) * HP_S_NS >= end_ns)
			return HP_NEVER;
		slice_seek(walk, walk->slice + 1, walk->slice_first + walk->slice_count);
	}
	at_ns = walk->slice_ns[k - walk->slice_first];
	return at_ns < end_ns ? at_ns : HP_NEVER;
}

/* Poisson events inside the span: whole seconds, then the part of the last one. */
static uint64_t poisson_count(struct arrivals_walk *walk)
{
	const struct arrivals *a = walk->arrivals;
	uint64_t whole = a->span_ns / HP_S_NS;
	uint64_t count = 0;

	for (uint64_t slice = 0; slice < whole; slice++)
		count += slice_events(walk, slice);
	slice_seek(walk, whole, count);
	for (uint64_t i = 0; i < walk->slice_count && walk->slice_ns[i] < a->span_ns; i++)
		count++;
	return count;
}

static uint64_t natural_count(const struct arrivals *a)
{
	if (a->kind == ARRIVALS_RECORDED)
		return a->recorded_count;
	if (a->kind == ARRIVALS_STEPS)
		return steps_count(a);
	if (a->span_ns == 0 || a->kind == ARRIVALS_CLOSED || a->kind == ARRIVALS_POISSON)
		return UINT64_MAX;
	if (a->kind == ARRIVALS_RAMP)
		return ramp_count(a);
	if (a->kind == ARRIVALS_BURST)
		return burst_total(a);
	return constant_count(a->rate_micro_per_s, a->span_ns);
}

void arrivals_walk_init(struct arrivals_walk *walk, const struct arrivals *arrivals, uint64_t seed)
{
	*walk = (struct arrivals_walk){.arrivals = arrivals, .seed = seed};
	walk->count = natural_count(arrivals);
	if (arrivals->count_max && arrivals->count_max < walk->count)
		walk->count = arrivals->count_max;
}

uint64_t arrivals_count(struct arrivals_walk *walk)
{
	uint64_t drawn;

	if (walk->arrivals->kind != ARRIVALS_POISSON || walk->arrivals->span_ns == 0)
		return walk->count;
	drawn = poisson_count(walk);
	if (drawn < walk->count)
		walk->count = drawn;
	return walk->count;
}

void arrivals_walk_fini(struct arrivals_walk *walk)
{
	free(walk->slice_ns);
	*walk = (struct arrivals_walk){.arrivals = NULL};
}

uint64_t arrivals_planned_ns(struct arrivals_walk *walk, uint64_t event_index)
{
	const struct arrivals *a = walk->arrivals;

	if (event_index >= walk->count)
		return HP_NEVER;
	switch (a->kind) {
	case ARRIVALS_CONSTANT:
		return constant_ns(a->rate_micro_per_s, event_index);
	case ARRIVALS_RAMP:
		return ramp_ns(a, event_index);
	case ARRIVALS_STEPS:
		return steps_ns(a, event_index);
	case ARRIVALS_BURST:
		return burst_ns(a, event_index);
	case ARRIVALS_POISSON:
		return poisson_ns(walk, event_index);
	case ARRIVALS_RECORDED:
		return a->recorded_ns[event_index];
	case ARRIVALS_CLOSED:
		break;
	}
	assert(false && "closed arrivals have no plan");
}

static uint64_t steps_span_ns(const struct arrivals *a)
{
	uint64_t span_ns = 0;

	for (unsigned i = 0; i < a->step_count; i++)
		span_ns += a->steps[i].span_ns;
	return span_ns;
}

/* Of count events at a constant rate, or of the span when that is shorter. */
static uint64_t cut_span_ns(const struct arrivals_walk *walk)
{
	const struct arrivals *a = walk->arrivals;
	uint64_t span_ns = (uint64_t)((double)walk->count / per_s(a->rate_micro_per_s) * 1e9);

	return a->span_ns && a->span_ns < span_ns ? a->span_ns : span_ns;
}

uint64_t arrivals_span_ns(const struct arrivals_walk *walk)
{
	const struct arrivals *a = walk->arrivals;
	bool cut = a->count_max > 0 && walk->count == a->count_max;

	if (a->kind == ARRIVALS_CLOSED || walk->count == 0)
		return 0;
	if (a->kind == ARRIVALS_RECORDED)
		return a->recorded_ns[walk->count - 1];
	if (cut && (a->kind == ARRIVALS_CONSTANT || a->kind == ARRIVALS_POISSON))
		return cut_span_ns(walk);
	if (cut && a->kind == ARRIVALS_BURST)
		return (walk->count + a->burst_count - 1) / a->burst_count * a->burst_every_ns;
	return a->kind == ARRIVALS_STEPS ? steps_span_ns(a) : a->span_ns;
}

double arrivals_mean_per_s(const struct arrivals_walk *walk)
{
	uint64_t span_ns = arrivals_span_ns(walk);

	if (walk->count == UINT64_MAX && span_ns) /* poisson, not counted */
		return per_s(walk->arrivals->rate_micro_per_s);
	return span_ns ? (double)walk->count * 1e9 / (double)span_ns : 0;
}
