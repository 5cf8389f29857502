/* Our own lateness as a map over time: a fixed number of slices, made twice as wide when the run
 * turns out longer. A wider slice knows less and says a larger uncertainty, never a smaller one. */
#include <stdlib.h>

#include "base/mem.h"
#include "judge/judge_inside.h"

enum { SLICES = 1 << 14 };
#define SLICE_NS (4 * HP_MS_NS)  /* 65 s before the first widening */
#define TICK_NS (250 * HP_MS_NS) /* a lag record speaks for the time since the last tick */

void judge_lag_init(struct judge_lag *lag)
{
	lag->late_ns = hp_xcalloc(SLICES, sizeof(*lag->late_ns));
	lag->slice_ns = SLICE_NS;
}

void judge_lag_fini(struct judge_lag *lag)
{
	free(lag->late_ns);
	lag->late_ns = NULL;
}

static uint64_t worse(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void widen(struct judge_lag *lag)
{
	for (size_t i = 0; i < SLICES / 2; i++)
		lag->late_ns[i] = worse(lag->late_ns[2 * i], lag->late_ns[2 * i + 1]);
	for (size_t i = SLICES / 2; i < SLICES; i++)
		lag->late_ns[i] = 0;
	lag->slice_ns *= 2;
}

void judge_lag_add(struct judge_lag *lag, const struct record_lag *record)
{
	uint64_t reach_ns = TICK_NS + (record->late_ns < HP_NEVER / 2 ? record->late_ns : 0);
	uint64_t from_ns = record->at_ns > reach_ns ? record->at_ns - reach_ns : 0;

	if (record->at_ns > HP_NEVER / 2)
		return;
	while (record->at_ns / lag->slice_ns >= SLICES)
		widen(lag);
	for (uint64_t i = from_ns / lag->slice_ns; i <= record->at_ns / lag->slice_ns; i++)
		lag->late_ns[i] = worse(lag->late_ns[i], record->late_ns);
}

uint64_t judge_lag_at(const struct judge_lag *lag, uint64_t at_ns)
{
	uint64_t slice = at_ns / lag->slice_ns;

	return slice < SLICES ? lag->late_ns[slice] : 0;
}
