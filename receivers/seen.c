/* Open addressing with linear probing; the top byte of the digest chooses the table, its low bits
 * the slot. A table doubles beyond a load of 0.85: then 12 / 0.85 to 12 / 0.43 bytes an event. */
#include "receivers/seen.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

enum {
	FIRST_ROOM = 8,
	LOAD_PERCENT_MAX = 85,
	TABLE_SHIFT = 56, /* 256 tables: the top byte */
};

void seen_init(struct seen *seen, size_t count_max)
{
	*seen = (struct seen){.count_max = count_max};
}

void seen_fini(struct seen *seen)
{
	for (size_t i = 0; i < SEEN_TABLES; i++)
		free(seen->tables[i].slots);
	*seen = (struct seen){.count = 0};
}

/* The slot of the identity, or the free one where it belongs. The table has a free slot. */
static struct seen_slot *slot_of(const struct seen_table *table, uint64_t identity)
{
	uint32_t mask = table->room - 1, at = (uint32_t)identity & mask;

	while (table->slots[at].identity != 0 && table->slots[at].identity != identity)
		at = (at + 1) & mask;
	return &table->slots[at];
}

static void grow(struct seen_table *table)
{
	struct seen_table larger = {
		.count = table->count,
		.room = table->room != 0 ? table->room * 2 : FIRST_ROOM,
	};

	assert(larger.room > table->room);
	larger.slots = hp_xcalloc(larger.room, sizeof(*larger.slots));
	for (uint32_t i = 0; i < table->room; i++)
		if (table->slots[i].identity != 0)
			*slot_of(&larger, table->slots[i].identity) = table->slots[i];
	free(table->slots);
	*table = larger;
}

static uint64_t never_zero(uint64_t identity)
{
	return identity != 0 ? identity : 1;
}

const struct seen_slot *seen_find(const struct seen *seen, uint64_t identity)
{
	identity = never_zero(identity);
	const struct seen_table *table = &seen->tables[identity >> TABLE_SHIFT];
	if (table->room == 0)
		return NULL;
	const struct seen_slot *slot = slot_of(table, identity);
	return slot->identity != 0 ? slot : NULL;
}

struct seen_slot *seen_take(struct seen *seen, uint64_t identity)
{
	identity = never_zero(identity);
	struct seen_table *table = &seen->tables[identity >> TABLE_SHIFT];
	struct seen_slot *slot = table->room != 0 ? slot_of(table, identity) : NULL;
	if (slot != NULL && slot->identity != 0)
		return slot;
	if (seen->count == seen->count_max)
		return NULL;
	if ((uint64_t)(table->count + 1) * 100 > (uint64_t)table->room * LOAD_PERCENT_MAX) {
		grow(table);
		slot = slot_of(table, identity);
	}
	assert(slot != NULL);
	table->count++;
	seen->count++;
	slot->identity = identity;
	return slot;
}

size_t seen_bytes(const struct seen *seen)
{
	size_t bytes = sizeof(*seen);

	for (size_t i = 0; i < SEEN_TABLES; i++)
		bytes += seen->tables[i].room * sizeof(struct seen_slot);
	return bytes;
}
