#include "engine/timers.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/span.h"

enum { ARITY = 4, FIRST_ROOM = 64 };

void timers_init(struct timers *timers)
{
	*timers = (struct timers){.heap = NULL};
}

void timers_fini(struct timers *timers)
{
	free(timers->heap);
	timers_init(timers);
}

static bool earlier(const struct timer *a, const struct timer *b)
{
	return a->at_ns < b->at_ns || (a->at_ns == b->at_ns && a->cookie < b->cookie);
}

static void rise(struct timer *heap, size_t at)
{
	struct timer moving = heap[at];

	while (at > 0 && earlier(&moving, &heap[(at - 1) / ARITY])) {
		heap[at] = heap[(at - 1) / ARITY];
		at = (at - 1) / ARITY;
	}
	heap[at] = moving;
}

static size_t earliest_child(const struct timers *timers, size_t at)
{
	size_t first = at * ARITY + 1;
	size_t best = first;

	for (size_t i = first + 1; i < first + ARITY && i < timers->count; i++)
		if (earlier(&timers->heap[i], &timers->heap[best]))
			best = i;
	return best;
}

static void sink(struct timers *timers, size_t at)
{
	struct timer moving = timers->heap[at];

	while (at * ARITY + 1 < timers->count) {
		size_t child = earliest_child(timers, at);

		if (!earlier(&timers->heap[child], &moving))
			break;
		timers->heap[at] = timers->heap[child];
		at = child;
	}
	timers->heap[at] = moving;
}

void timers_add(struct timers *timers, const struct timer *timer)
{
	if (timers->count == timers->room) {
		timers->room = timers->room ? timers->room * 2 : FIRST_ROOM;
		timers->heap = hp_xgrow(timers->heap, timers->room, sizeof(*timers->heap));
	}
	timers->heap[timers->count] = *timer;
	rise(timers->heap, timers->count++);
}

uint64_t timers_next_ns(const struct timers *timers)
{
	return timers->count ? timers->heap[0].at_ns : HP_NEVER;
}

bool timers_take(struct timers *timers, uint64_t now_ns, struct timer *out)
{
	if (timers->count == 0 || timers->heap[0].at_ns > now_ns)
		return false;
	*out = timers->heap[0];
	timers->heap[0] = timers->heap[--timers->count];
	if (timers->count)
		sink(timers, 0);
	return true;
}
