#include "web/control_known.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "wire/scheme.h"

enum { FIRST_ROOM = 64 };

void control_known_init(struct control_known *known)
{
	*known = (struct control_known){.count = 0};
	seen_init(&known->listed, CONTROL_KNOWN_MAX);
}

void control_known_fini(struct control_known *known)
{
	free(known->at);
	seen_fini(&known->listed);
	*known = (struct control_known){.count = 0};
}

static struct control_event *append(struct control_known *known)
{
	if (known->count == known->room) {
		known->room = known->room ? known->room * 2 : FIRST_ROOM;
		known->at = hp_xgrow(known->at, known->room, sizeof(known->at[0]));
	}
	return &known->at[known->count++];
}

void control_known_add(struct control_known *known, const struct record_receipt *receipt)
{
	bool trusted = receipt->signature == SCHEME_VALID ||
		       receipt->signature == RECORD_UNVERIFIED;
	struct seen_slot *slot = trusted ? seen_take(&known->listed, receipt->identity) : NULL;
	struct control_event *event;

	if (!slot || slot->arrivals > 0)
		return;
	slot->arrivals = 1;
	event = append(known);
	*event = (struct control_event){
		.identity = receipt->identity, .event_index = receipt->event_index,
	};
	_Static_assert(sizeof(event->key) == sizeof(receipt->key), "one key");
	memcpy(event->key, receipt->key, sizeof(event->key));
}

void control_known_clear(struct control_known *known)
{
	control_known_fini(known);
	control_known_init(known);
}
