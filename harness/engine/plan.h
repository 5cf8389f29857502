/* The plan: all that one run does, as plain values. Filled by scenarios/ from a document, or by a
 * test by hand; read by the engine, the judge and the reports; the same plan gives the same events,
 * faults and verdicts. Time scale and profile overrides are already applied where it says so.
 * The plan owns its arrays and secrets: plan_fini(). */
#ifndef HP_ENGINE_PLAN_H
#define HP_ENGINE_PLAN_H
#include "base/secret.h"
#include "engine/arrivals.h"
#include "engine/port.h"
#include "engine/profile.h"
#include "engine/threshold.h"

enum {
	PLAN_NAME_BYTES = 64,
	PLAN_TYPE_BYTES = 64,
	PLAN_PREFIX_BYTES = 16,
	PLAN_URL_BYTES = 512,
	PLAN_HOST_BYTES = 256,
	PLAN_PATH_BYTES = 512,
	PLAN_PATTERN_BYTES = 64,
	PLAN_TYPES_MAX = 64,
	PLAN_PATTERNS_MAX = 16,
	PLAN_ENDPOINTS_MAX = 1024,
	PLAN_BODY_BYTES_MAX = 1024 * 1024,
};

struct plan_type { /* an event type and its share of the events */
	char name[PLAN_TYPE_BYTES];     /* "invoice.paid" */
	char prefix[PLAN_PREFIX_BYTES]; /* of its resource ids: "inv" */
	uint32_t weight;                /* at least 1 */
};

struct plan_patterns { /* a subscription: "invoice.paid", "invoice.*", "*" */
	unsigned count; /* 0: everything */
	char pattern[PLAN_PATTERNS_MAX][PLAN_PATTERN_BYTES];
};

enum { PLAN_NO_RECEIVER = -1 };

struct plan_tls { /* how connections to an endpoint are secured */
	bool used;     /* https */
	bool insecure; /* a certificate that is not good for the host is taken all the same */
	bool full;     /* no session is resumed: every handshake is a full one */
	char ca[PLAN_PATH_BYTES]; /* PEM file of the authorities to trust; "": the run's own for a
				   * receiver of ours, the system's for others */
};

struct plan_endpoint {
	char name[PLAN_NAME_BYTES];
	char url[PLAN_URL_BYTES]; /* as signed and reported; the port is filled in after binding */
	char host[PLAN_HOST_BYTES]; /* of the Host header; with the port unless 80, https: 443 */
	char target[PLAN_URL_BYTES]; /* path and query */
	struct port_address address; /* resolved before the run */
	struct plan_tls tls;
	struct hp_secret *secret;
	struct plan_patterns events;
	unsigned connections_max; /* keep-alive pool's cap */
	int receiver_index;       /* of the scenario's simulated receivers, or PLAN_NO_RECEIVER */
};

enum plan_recording { PLAN_RECORD_ALL, PLAN_RECORD_FAILURES, PLAN_RECORD_SUMMARY };

struct plan_limits {
	unsigned in_flight_max;   /* deliveries in flight at once; the rest waits in the queue */
	uint64_t queue_ns_max; /* a first attempt that waited longer is dropped; HP_NEVER: never */
	uint64_t drain_ns_max; /* how long retries are waited for after the last event is planned */
	uint64_t lag_ns_max;      /* p99 of our own lag beyond which the run is invalid */
	size_t answer_bytes_max;  /* of one answer's body; more is too-large */
};

struct plan {
	char name[PLAN_NAME_BYTES];
	uint64_t seed; /* at most 2^53 - 1 */
	double time_scale; /* every delay of the retry schedule is multiplied by it */

	struct profile profile; /* what the sender does; overrides applied, delays unscaled */
	struct profile judged;  /* what the judge holds it to; mostly the same */

	struct plan_type types[PLAN_TYPES_MAX];
	unsigned type_count;
	uint64_t body_bytes; /* filled up to this size; 0: thin */

	struct arrivals arrivals;
	uint64_t warmup_ns; /* attempts planned before are in no histogram */

	struct plan_endpoint *endpoints;
	size_t endpoint_count;

	struct plan_limits limits;
	struct threshold thresholds[THRESHOLDS_MAX];
	unsigned threshold_count;
	enum plan_recording recording;
	uint64_t shard_index, shard_count; /* event k is of shard k mod count; count >= 1 */
};

/* A plan of nothing with the default limits, so that callers name what differs. */
void plan_init(struct plan *plan);
void plan_fini(struct plan *plan);

/* The same plan for virtual time, where waiting costs nothing: delays in full, and every retry is
 * waited for. */
void plan_unhurry(struct plan *plan);

/* The retry policy in the plan's scaled time: of the sender, and as the judge holds it. */
struct retry_policy plan_policy(const struct plan *plan);
struct retry_policy plan_policy_judged(const struct plan *plan);

/* Whether an event type matches a subscription. `*` stands for the rest, dots included. */
bool plan_wants(const struct plan_patterns *patterns, struct hp_view type);

/* The words of enum plan_recording, in its order; a list that ends with NULL. */
extern const char *const plan_recording_words[];
const char *plan_recording_word(enum plan_recording recording);
#endif
