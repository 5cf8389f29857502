/* The events that a receiver took, in the order in which they came first: for GET /v1/events.
 * Keys and places only; how often each arrived and took effect, the receiver's own store says.
 * Bounded: events beyond are counted by the receiver and not listed. One thread: the server's. */
#ifndef HP_WEB_CONTROL_KNOWN_H
#define HP_WEB_CONTROL_KNOWN_H
#include "engine/record.h"
#include "receivers/seen.h"

enum { CONTROL_KNOWN_MAX = 100 * 1000 }; /* ours: 6.4 MB and the store */

struct control_event {
	uint64_t identity;
	uint64_t event_index; /* RECORD_NO_EVENT: the key says it */
	char key[RECORD_KEY_BYTES];
};

struct control_known {
	struct control_event *at;
	size_t count, room;
	struct seen listed; /* the identities in `at` */
};

void control_known_init(struct control_known *known);
void control_known_fini(struct control_known *known);

/* Lists the event of a receipt, unless it is listed, was refused, or there is no room. */
void control_known_add(struct control_known *known, const struct record_receipt *receipt);

/* Forgets all. */
void control_known_clear(struct control_known *known);
#endif
