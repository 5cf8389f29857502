/* The de-duplication store: how often each event arrived and how often it took effect.
 * 256 open tables of packed 12-byte slots, so that growing moves one small table at a time: at
 * most 28 bytes an event at two million events, in the worst moment.
 * One thread. Not here: what an event's identity is (receiver.h). */
#ifndef HP_RECEIVERS_SEEN_H
#define HP_RECEIVERS_SEEN_H
#include <stddef.h>
#include <stdint.h>

enum {
	SEEN_TABLES = 256,
	SEEN_COUNT_MAX = UINT16_MAX, /* arrivals and effects stop counting there */
};

struct seen_slot {
	uint64_t identity; /* digest; 0: the slot is free */
	uint16_t arrivals, effects;
} __attribute__((packed));
_Static_assert(sizeof(struct seen_slot) == 12, "the memory budget of the store");

struct seen_table {
	struct seen_slot *slots;
	uint32_t count, room; /* room: 0 or a power of two */
};

struct seen {
	struct seen_table tables[SEEN_TABLES];
	size_t count, count_max;
};

/* An empty store that takes at most count_max events. */
void seen_init(struct seen *seen, size_t count_max);
void seen_fini(struct seen *seen);

/* The slot of an event, or NULL; good until the next seen_take(). */
const struct seen_slot *seen_find(const struct seen *seen, uint64_t identity);

/* The same, with a new slot of zeros when the event is new; NULL when the store is full.
 * Digests 0 and 1 are one event to the store. */
struct seen_slot *seen_take(struct seen *seen, uint64_t identity);

/* Bytes allocated now. */
size_t seen_bytes(const struct seen *seen);
#endif
