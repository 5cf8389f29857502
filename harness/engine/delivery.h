/* A delivery: one event on its way to one endpoint, from its planned instant to its bucket.
 * The happy path: a PLANNED delivery is released, an attempt is IN_FLIGHT, a success answer comes:
 * DELIVERED. Any other outcome makes it PENDING until retry_delay_ns() is over, or EXHAUSTED at
 * attempts_max. Before the first attempt a cap can make it DROPPED, the end of the run NOT_SENT.
 * A delivery lives in memory only while it is on its way; a million pending ones cost at most
 * 128 bytes each, their place among the timers included. */
#ifndef HP_ENGINE_DELIVERY_H
#define HP_ENGINE_DELIVERY_H
#include <stddef.h>
#include <stdint.h>

#include "engine/outcome.h"

struct delivery {
	struct delivery *next; /* in the lane's queue, or among the free ones */
	uint64_t event_index;
	uint64_t planned_ns;
	uint64_t due_ns;      /* of this attempt; the planned instant for the first */
	uint64_t released_ns; /* of this attempt */
	uint64_t failed_ns;   /* when the last attempt ended; 0 before one did */
	uint32_t endpoint_index;
	uint16_t number; /* of this attempt, from 1 */
	uint8_t state;   /* enum delivery_state */
	uint8_t type_index;
};
_Static_assert(sizeof(struct delivery) <= 64, "1e6 pending retries at 128 bytes each");

/* Moves a delivery; a move that the table does not hold is our bug and aborts. */
void delivery_move(struct delivery *delivery, enum delivery_state state);

/* A slab: deliveries by the page, given back to a free list, pages freed at the end. */
struct delivery_slab {
	struct delivery **pages;
	struct delivery *free;
	size_t page_count, page_room;
	size_t live;
};

void delivery_slab_fini(struct delivery_slab *slab);

/* Returns a PLANNED delivery; the slab owns it. */
struct delivery *delivery_take(struct delivery_slab *slab);
void delivery_give(struct delivery_slab *slab, struct delivery *delivery);
#endif
