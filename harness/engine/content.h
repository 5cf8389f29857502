/* The content of event k: type, resource id, message id and body, a function of (seed, k) alone,
 * the same on every shard and at every attempt. Resource ids are `inv_<run tag><k>` with a fixed
 * width, so that a request's length is constant per type and k can be read back from a delivery.
 * Prepared once per worker; rendering allocates nothing. */
#ifndef HP_ENGINE_CONTENT_H
#define HP_ENGINE_CONTENT_H
#include "engine/plan.h"

enum {
	CONTENT_TAG_BYTES = 6,    /* base32 of the seed: ids of two runs differ */
	CONTENT_INDEX_BYTES = 10, /* decimal digits of k, zero-padded */
	CONTENT_RESOURCE_BYTES_MAX =
		PLAN_PREFIX_BYTES + 1 + CONTENT_TAG_BYTES + CONTENT_INDEX_BYTES,
	CONTENT_KEY_BYTES_MAX = CONTENT_RESOURCE_BYTES_MAX + 1 + PLAN_TYPE_BYTES,
	CONTENT_HEADER_BYTES_MAX = /* of a value with its slots filled, the longest by types */
		PROFILE_HEADER_VALUE_BYTES + PROFILE_SLOTS_MAX * PLAN_TYPE_BYTES,
};
#define CONTENT_EVENTS_MAX UINT64_C(10000000000) /* 10 digits */

struct content;

/* Returns new. Borrows the plan until freed. */
struct content *content_new(const struct plan *plan);
void content_free(struct content *content);

/* The index of event k's type in plan->types. */
unsigned content_type_index(const struct content *content, uint64_t event_index);

/* Writes the resource id ("inv_k3v9qz0000000042"). Returns its bytes; out holds
 * CONTENT_RESOURCE_BYTES_MAX; no NUL. */
size_t content_resource(const struct content *content, uint64_t event_index, char *out);

/* Writes the message id ("msg_k3v9qz0000000042"), for schemes that carry one. Same sizes. */
size_t content_message_id(const struct content *content, uint64_t event_index, char *out);

/* Writes the body; type_index is content_type_index() of that event. Returns its bytes, which the
 * type alone decides: content_body_bytes(). */
size_t content_body(const struct content *content, uint64_t event_index, unsigned type_index,
		    char *out);
size_t content_body_bytes(const struct content *content, unsigned type_index);
size_t content_body_bytes_max(const struct content *content);

/* Writes the value of the profile's header header_index. Returns its bytes; out holds
 * CONTENT_HEADER_BYTES_MAX. */
size_t content_header(const struct content *content, uint64_t event_index, unsigned type_index,
		      unsigned header_index, char *out);

/* Reads k back from a resource or message id of this run; RECORD_NO_EVENT when it is not ours.
 * `seed` is the run's; borrows id. */
uint64_t content_event_index(uint64_t seed, struct hp_view id);
#endif
