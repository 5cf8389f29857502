/* Deadlines in order: a 4-ary heap of (moment, value). Moments are never moved: what is no longer
 * due is found out by the owner when it comes up (lazy deletion).
 * Not here: the clock, and the kernel's timer (the port has one). */
#ifndef HP_ENGINE_TIMERS_H
#define HP_ENGINE_TIMERS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
	uint64_t at_ns;
	void *owner;     /* whose deadline; borrowed */
	uint64_t cookie; /* the owner's; of two at one moment the smaller comes first */
};

struct timers {
	struct timer *heap;
	size_t count, room;
};

void timers_init(struct timers *timers);
void timers_fini(struct timers *timers);

void timers_add(struct timers *timers, const struct timer *timer);

/* The earliest moment; HP_NEVER when empty. */
uint64_t timers_next_ns(const struct timers *timers);

/* Takes the earliest if it is due at now_ns. */
bool timers_take(struct timers *timers, uint64_t now_ns, struct timer *out);
#endif
