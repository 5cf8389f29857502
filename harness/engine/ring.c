#include "engine/ring.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

enum { CACHE_LINE_BYTES = 64, RECORD_COUNT_MAX = 1 << 24 };

/* Head and tail only grow; a record's place is its number masked. The producer owns tail, the
 * consumer head. Each side keeps what it last saw of the other, and looks again only when that
 * says full or empty, so that the two cache lines rarely move. */
struct ring {
	struct history history; /* first member: put() finds the ring from it */
	struct record *records;
	size_t mask;

	_Alignas(CACHE_LINE_BYTES) _Atomic size_t tail; /* the producer's line */
	size_t head_seen;
	_Atomic uint64_t lost;

	_Alignas(CACHE_LINE_BYTES) _Atomic size_t head; /* the consumer's line */
	size_t tail_seen;
};

static bool is_full(struct ring *ring, size_t tail)
{
	if (tail - ring->head_seen <= ring->mask)
		return false;
	ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
	return tail - ring->head_seen > ring->mask;
}

static void put(struct history *history, const struct record *record)
{
	struct ring *ring = (struct ring *)history;
	size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	if (is_full(ring, tail)) {
		atomic_fetch_add_explicit(&ring->lost, 1, memory_order_relaxed);
		return;
	}
	ring->records[tail & ring->mask] = *record;
	atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
}

bool ring_has_room(struct ring *ring)
{
	return !is_full(ring, atomic_load_explicit(&ring->tail, memory_order_relaxed));
}

static size_t power_of_two(size_t count)
{
	size_t power = 1;

	while (power < count)
		power *= 2;
	return power;
}

struct ring *ring_new(size_t record_count)
{
	struct ring *ring = hp_xaligned(CACHE_LINE_BYTES, sizeof(*ring)); /* whole lines */

	assert(record_count > 0 && record_count <= RECORD_COUNT_MAX);
	ring->history.put = put;
	ring->mask = power_of_two(record_count) - 1;
	ring->records = hp_xcalloc(ring->mask + 1, sizeof(*ring->records));
	return ring;
}

void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	free(ring->records);
	free(ring);
}

struct history *ring_history(struct ring *ring)
{
	return &ring->history;
}

size_t ring_peek(struct ring *ring, const struct record **records, size_t count)
{
	size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	size_t at = head & ring->mask, to_end = ring->mask + 1 - at, ready;

	if (ring->tail_seen - head < count)
		ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
	ready = ring->tail_seen - head;
	ready = ready < to_end ? ready : to_end;
	*records = &ring->records[at];
	return ready < count ? ready : count;
}

void ring_taken(struct ring *ring, size_t count)
{
	size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

	assert(count <= ring->tail_seen - head);
	atomic_store_explicit(&ring->head, head + count, memory_order_release);
}

uint64_t ring_lost(const struct ring *ring)
{
	return atomic_load_explicit(&ring->lost, memory_order_relaxed);
}
