#include "engine/delivery.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

enum { PAGE_DELIVERIES = 512 };

#define TO(state) (1u << DELIVERY_##state)
static const unsigned legal[DELIVERY_STATES] = {
	[DELIVERY_PLANNED] = TO(IN_FLIGHT) | TO(DROPPED) | TO(NOT_SENT),
	[DELIVERY_IN_FLIGHT] = TO(DELIVERED) | TO(PENDING) | TO(EXHAUSTED),
	[DELIVERY_PENDING] = TO(IN_FLIGHT),
};
#undef TO

void delivery_move(struct delivery *delivery, enum delivery_state state)
{
	assert(legal[delivery->state] & 1u << state);
	delivery->state = (uint8_t)state;
}

static void add_page(struct delivery_slab *slab)
{
	struct delivery *page = hp_xcalloc(PAGE_DELIVERIES, sizeof(*page));

	if (slab->page_count == slab->page_room) {
		slab->page_room = slab->page_room ? 2 * slab->page_room : 16;
		slab->pages = hp_xgrow(slab->pages, slab->page_room, sizeof(struct delivery *));
	}
	slab->pages[slab->page_count++] = page;
	for (size_t i = 0; i < PAGE_DELIVERIES; i++) {
		page[i].next = slab->free;
		slab->free = &page[i];
	}
}

void delivery_slab_fini(struct delivery_slab *slab)
{
	for (size_t i = 0; i < slab->page_count; i++)
		free(slab->pages[i]);
	free(slab->pages);
	*slab = (struct delivery_slab){.pages = NULL};
}

struct delivery *delivery_take(struct delivery_slab *slab)
{
	struct delivery *delivery;

	if (!slab->free)
		add_page(slab);
	delivery = slab->free;
	slab->free = delivery->next;
	slab->live++;
	*delivery = (struct delivery){.state = DELIVERY_PLANNED, .number = 1};
	return delivery;
}

void delivery_give(struct delivery_slab *slab, struct delivery *delivery)
{
	assert(slab->live > 0);
	slab->live--;
	delivery->next = slab->free;
	slab->free = delivery;
}
