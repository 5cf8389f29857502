/* A profile: one sender's rules as data. What is signed and how, when a failed delivery is tried
 * again, what counts as success, which product headers go out, and where an event's identity is.
 * Filled by scenarios/profile_document.c from scenarios/profiles/; plain values, copied freely.
 * Times are unscaled: the plan's time scale is applied by plan_policy() and its like. */
#ifndef HP_ENGINE_PROFILE_H
#define HP_ENGINE_PROFILE_H
#include "engine/retry.h"
#include "wire/scheme.h"

enum {
	PROFILE_NAME_BYTES = 48,
	PROFILE_SOURCE_BYTES = 256,
	PROFILE_HEADERS_MAX = 8,
	PROFILE_HEADER_VALUE_BYTES = 96,
	PROFILE_POINTER_BYTES = 64,
	PROFILE_BODY_BYTES = 256,
	PROFILE_SLOTS_MAX = 8, /* {type} {resource} {key} in the body, or in one header */
	PROFILE_REJECT_MAX = 8,
};

enum profile_redirects { PROFILE_REDIRECT_FAILS, PROFILE_REDIRECT_FOLLOWS };
enum profile_rotation { PROFILE_ROTATE_INSTANT, PROFILE_ROTATE_GRACE, PROFILE_ROTATE_DUAL };
enum profile_stamp { PROFILE_STAMP_FRESH, PROFILE_STAMP_PRESERVED }; /* timestamp_on_retry */

struct profile_header { /* sent with every request; value is a template over {type} {resource} {key}
			 */
	char name[SCHEME_NAME_BYTES];
	char value[PROFILE_HEADER_VALUE_BYTES];
};

struct profile {
	char name[PROFILE_NAME_BYTES];
	char source[PROFILE_SOURCE_BYTES]; /* where its facts come from */
	char date[16];                     /* when they were read, 2026-11-24 */
	uint64_t assumed; /* one bit per key of the document: ours, the platform does not say */

	struct scheme scheme;
	struct retry_policy retry;

	uint64_t connect_timeout_ns;    /* of one attempt: to connect */
	uint64_t first_byte_timeout_ns; /* from the request's first byte to the answer's */
	uint64_t timeout_ns;            /* of the whole attempt */

	int success_min, success_max; /* answers in this range are success: 200, 299 */
	bool gone_stops;              /* 410 ends the delivery */
	enum profile_redirects redirects;
	enum profile_rotation rotation;
	uint64_t rotation_grace_ns;
	enum profile_stamp stamp_on_retry;

	unsigned reject_count; /* how a receiver may refuse a delivery */
	int reject_status[PROFILE_REJECT_MAX];
	bool reject_may_ack; /* a 2xx without effect is a refusal too */

	/* The identity of an event: the id header when named, else the members of the body. */
	char id_header[SCHEME_NAME_BYTES];
	char id_pointer[PROFILE_POINTER_BYTES];   /* "/id" */
	char type_pointer[PROFILE_POINTER_BYTES]; /* "/event" */

	/* The thin body, a template over {resource}, {type} and {key} (the message id). */
	char body[PROFILE_BODY_BYTES];
	uint64_t body_bytes_max;

	unsigned header_count;
	struct profile_header headers[PROFILE_HEADERS_MAX];
};

/* True when a status counts as delivered. */
static inline bool profile_is_success(const struct profile *profile, int status)
{
	return status >= profile->success_min && status <= profile->success_max;
}
#endif
