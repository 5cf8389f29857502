/* A ring of records from one producer thread to one consumer thread, without locks.
 * The producer never waits: a full ring counts the record as lost, which makes the run invalid.
 * A ring is a struct history, so the engine and the receivers write to it without knowing. */
#ifndef HP_ENGINE_RING_H
#define HP_ENGINE_RING_H
#include <stdbool.h>
#include <stddef.h>

#include "engine/record.h"

struct ring;

/* Returns new, for at least record_count records (rounded up to a power of two). */
struct ring *ring_new(size_t record_count);
void ring_free(struct ring *ring);

/* The producer's side: put() of this history appends. Good as long as the ring. */
struct history *ring_history(struct ring *ring);

/* The producer's side: whether the next record would fit, for a producer that can wait. */
bool ring_has_room(struct ring *ring);

/* The consumer's side: up to count records from the oldest, in place; 0 when empty. They stay
 * valid until ring_taken() gives them back. A batch never wraps: call again for the rest. */
size_t ring_peek(struct ring *ring, const struct record **records, size_t count);
void ring_taken(struct ring *ring, size_t count);

/* Records that did not fit so far. Any thread. */
uint64_t ring_lost(const struct ring *ring);
#endif
