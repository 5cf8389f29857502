/* Requests: one attempt's bytes, head and body, signed at the moment of sending.
 * What does not change from event to event is rendered once per endpoint; rendering an attempt
 * copies, fills fixed-width slots and signs, and allocates nothing of ours. */
#ifndef HP_ENGINE_REQUEST_H
#define HP_ENGINE_REQUEST_H
#include "engine/content.h"
#include "engine/delivery.h"

struct request_maker;

/* Returns new for one endpoint, or NULL with *err when its secret does not fit the scheme.
 * Borrows plan and content until freed. */
struct request_maker *request_maker_new(const struct plan *plan, const struct content *content,
					size_t endpoint_index, struct hp_err *err)
	__attribute__((warn_unused_result));
void request_maker_free(struct request_maker *maker);

/* The largest request it makes. */
size_t request_bytes_max(const struct request_maker *maker);

/* Writes the request of the delivery's present attempt into out, which holds
 * request_bytes_max(). wall_ns (since 1970) is its timestamp, where the scheme has one.
 * *body_digest is hp_digest() of the body, 0 when no attempt is recorded. Returns the bytes. */
size_t request_render(const struct request_maker *maker, const struct delivery *delivery,
		      uint64_t wall_ns, char *out, uint64_t *body_digest);

/* Whether the scheme puts the time on the wire, so that the caller must read a wall clock. */
bool request_wants_time(const struct request_maker *maker);
#endif
