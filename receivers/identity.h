/* Which event a delivery is about: the profile's id header, else resource id and type of the body,
 * written "inv_123456:invoice.paid", else the body's digest.
 * Pure; borrows what it is given. Not here: how often it was seen (seen.h). */
#ifndef HP_RECEIVERS_IDENTITY_H
#define HP_RECEIVERS_IDENTITY_H
#include "engine/profile.h"

enum { IDENTITY_TEXT_BYTES = 256 }; /* longer ids than that make no identity */

struct identity {
	uint64_t digest;      /* hp_digest() of the key */
	uint64_t event_index; /* RECORD_NO_EVENT: none of this run's events */
	size_t key_bytes, type_bytes;
	char key[2 * IDENTITY_TEXT_BYTES + 1]; /* id, colon, type; no NUL */
	char type[IDENTITY_TEXT_BYTES];    /* the event type; type_bytes 0: not found */
};

struct identity_source {
	const struct profile *profile;
	uint64_t seed; /* of the run whose events may be ours */
	const struct http1_head *head;
	struct hp_view body;
	uint64_t body_digest;
};

void identity_read(struct identity *out, const struct identity_source *source);
#endif
