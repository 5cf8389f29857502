/* A simulated receiver: what it is told to be, what it has seen, and what it decides.
 * It verifies the signature, knows each event it accepted and how often that took effect, and
 * answers as its behaviours say. Effects happen before the answer, so an answer that is lost
 * (reset, silence) leaves an effect behind: that is what makes duplicates dangerous.
 * One thread per receiver. No sockets, no clock: session.h has the connections, net/server.h and
 * sim/ carry them. */
#ifndef HP_RECEIVERS_RECEIVER_H
#define HP_RECEIVERS_RECEIVER_H
#include "base/buf.h"
#include "base/secret.h"
#include "engine/plan.h"
#include "engine/record.h"
#include "receivers/behaviour.h"
#include "receivers/seen.h"

enum {
	RECEIVER_BEHAVIOURS_MAX = 16,
	RECEIVER_BODY_BYTES_MAX = 1024 * 1024, /* default: twice and more of what platforms send */
	RECEIVER_EVENTS_MAX = 64 * 1000 * 1000, /* default: 1.8 GB of memory at the very most */
	RECEIVER_STATUS = 204,
};
_Static_assert((int)RECEIVER_BEHAVIOURS_MAX <= (int)HANDSHAKE_STRUCK_MAX, "one each");

struct receiver_config { /* plain values; the secrets belong to whoever fills it in */
	char name[PLAN_NAME_BYTES];
	struct port_address listen; /* number 0: any free port */
	char path[PLAN_URL_BYTES];  /* "/hooks"; other paths answer 404; "": every path is ours */
	char url[PLAN_URL_BYTES];   /* as the sender signs it, for schemes that sign it */
	uint32_t endpoint_index;    /* of the deliveries that come here */
	uint64_t seed;
	const struct profile *profile; /* scheme and identity; borrowed as long as the receiver */
	const struct hp_secret *secrets[SCHEME_KEYS_MAX]; /* all that are valid; newest first */
	unsigned secret_count;
	bool tls;        /* speaks TLS with a certificate of the test authority */
	bool named;      /* a resolver of ours answers for its name (lookup.h) */
	bool verify;     /* needs a secret; false: signatures are not looked at */
	bool idempotent; /* false: every accepted delivery takes effect */
	int status;      /* of an accepted delivery, 200..299 */
	struct plan_patterns events; /* what the endpoint subscribed to */
	size_t body_bytes_max;       /* a longer body answers 413 */
	size_t events_max;           /* remembered; a new event beyond answers 503 */
	struct behaviour behaviours[RECEIVER_BEHAVIOURS_MAX];
	unsigned behaviour_count;
};

/* Verifying, idempotent, 204 at every path, the default limits, nothing else. */
void receiver_config_init(struct receiver_config *config);

/* A script that depends on its parameters alone: for a connection that stays, and for one that
 * ends with it. Lives as long as the receiver. */
struct receiver_scripts {
	struct script open, closing;
};

/* Answers that need no behaviour. */
enum receiver_fixed {
	RECEIVER_SUCCESS,
	RECEIVER_UNAUTHORIZED, /* 401: the signature is not valid */
	RECEIVER_NOT_FOUND,
	RECEIVER_NOT_POST,
	RECEIVER_BAD_REQUEST,
	RECEIVER_HEAD_TOO_LARGE,
	RECEIVER_BODY_TOO_LARGE,
	RECEIVER_TOO_SLOW, /* 408: the request did not come in time */
	RECEIVER_FULL, /* 503: no room to remember one more event */
	RECEIVER_FIXED_COUNT
};

struct receiver_counters {
	uint64_t deliveries; /* complete POSTs to our path */
	uint64_t accepted;   /* signature fine or not looked at, and remembered */
	uint64_t unverified; /* refused for their signature */
	uint64_t duplicates; /* accepted, of an event that had its effect before */
	uint64_t effects;
	uint64_t other;      /* other paths and methods, bad HTTP, too large */
};

struct receiver_retired; /* scripts of behaviours that were replaced */

struct receiver {
	const struct receiver_config *config; /* borrowed */
	struct history *history;              /* borrowed */
	struct scheme_key *keys[SCHEME_KEYS_MAX];
	struct seen seen;
	struct receiver_counters counters;
	uint64_t lag_ns; /* lateness of whoever carries it, written before each call */
	uint64_t in_flight;   /* deliveries decided and not done with */
	uint64_t connections; /* taken so far: what rows ON_CONNECT are keyed by */
	uint64_t queries[LOOKUP_TYPES]; /* of its name so far: what rows ON_QUERY are keyed by */
	bool looks;           /* some row acts before a request is read */
	bool meets;           /* some row acts on accept */
	uint64_t idle_ns;     /* an idle connection is closed after it; HP_NEVER: never */
	const struct behaviour *idle; /* that says so; NULL: none */
	int64_t clock_ns;     /* how far its wall clock is ahead */
	struct behaviour_state states[RECEIVER_BEHAVIOURS_MAX];
	struct receiver_scripts fixed[RECEIVER_FIXED_COUNT];
	/* Of each behaviour, then of each of its faults; not of rows that vary. */
	struct receiver_scripts *scripts[RECEIVER_BEHAVIOURS_MAX];
	struct receiver_retired *retired; /* connections may still play them */
};

/* Returns new; NULL with *err (HP_EUSAGE) when a secret does not fit the profile's scheme.
 * Borrows config and history until freed. */
struct receiver *receiver_new(const struct receiver_config *config, struct history *history,
			      struct hp_err *err) __attribute__((warn_unused_result));
void receiver_free(struct receiver *receiver);

/* Replaces the behaviours: for deliveries that are decided from now on. Borrows config, which is
 * like the present one but for its behaviours; the present one stays borrowed too. */
void receiver_replace(struct receiver *receiver, const struct receiver_config *config);

/* Whether connections are taken at now_ns (since the run's start, HP_NEVER before it), and until
 * when that holds. Listeners are closed and open connections reset while they are not. */
bool receiver_listening(const struct receiver *receiver, uint64_t now_ns, uint64_t *until_ns);

/* Whether connections are neither taken nor refused: SYNs are not answered. */
bool receiver_dropping(const struct receiver *receiver, uint64_t now_ns, uint64_t *until_ns);

/* Whether the receiver is frozen: it keeps its sockets, reads and writes nothing, and goes on
 * afterwards as if no time had passed. */
bool receiver_frozen(const struct receiver *receiver, uint64_t now_ns, uint64_t *until_ns);

/* Forgets every event, as a restart without a database does. Counters stay. */
void receiver_forget(struct receiver *receiver);

/* What becomes of open connections when a window begins in which the receiver refuses or drops.
 * Call it once at that moment: what the receiver has seen may be lost there. */
enum behaviour_open receiver_window_begins(struct receiver *receiver, uint64_t now_ns);

/* The number of the behaviour that refuses, drops or freezes at now_ns, for RECORD_GAP; 0: none. */
uint8_t receiver_gap_behaviour(const struct receiver *receiver, uint64_t now_ns);

/* A POST to the receiver's path. Borrowed for the call. */
struct receiver_delivery {
	const struct http1_head *head;
	struct hp_view body;      /* whole */
	uint64_t now_ns, wall_ns; /* the moment of its last byte, since the start and since 1970 */
	bool closing;             /* the connection ends after it */
	bool answered;            /* before it was read: nothing is decided any more */
};

struct receiver_decision {
	const struct script *script; /* what is played; of a delivery never NULL */
	struct script *owned;        /* the same, when the caller must free it; else NULL */
	const struct behaviour *behaviour;  /* that plays it; NULL: an ordinary answer */
	const struct behaviour_part *part;  /* of the behaviour or of a fault that it holds */
	const struct behaviour_part *noted; /* plays nothing and leaves a record; NULL: none */
	uint64_t at_ns;              /* the moment of the first step; never before now_ns */
	bool closing;                /* a behaviour ends the connection after the answer */
	bool late;                   /* it acts while a request is read, and this one was read */
	struct record_receipt receipt; /* complete but for how it ends */
};

/* Decides, remembers and takes effect. Writes nothing to the history: the receipt is written when
 * the delivery has ended (session.h). A refused delivery is not remembered: its ordinal is the one
 * that it would have had. */
void receiver_decide(struct receiver *receiver, const struct receiver_delivery *delivery,
		     struct receiver_decision *out);

/* An arrival of that event that a fault kept from being read whole. 0: not known, not counted. */
void receiver_count_cut(struct receiver *receiver, uint64_t identity);

/* Decides a connection on accept: true when a behaviour plays on it. */
bool receiver_meet(struct receiver *receiver, const struct receiver_delivery *moment,
		   struct receiver_decision *out);

/* How the receiver shakes hands on the connection that receiver_meet() decided last. */
void receiver_shake(const struct receiver *receiver, uint64_t now_ns, struct handshake *out);

/* Puts a record of each row that changed the handshake and was carried out; with seen->over, of the
 * others too. Each gets one: it is struck off the handshake. */
void receiver_shaken(struct receiver *receiver, struct handshake *handshake,
		     const struct handshake_seen *seen);

/* A query of the receiver's name: type, own and planned_ns of *lookup are set, the rest becomes the
 * answer (receiver_resolve.c). */
void receiver_resolve(struct receiver *receiver, struct lookup *lookup);

/* Puts a record of each row that had a say in that answer. Once for each query. */
void receiver_resolved(struct receiver *receiver, const struct lookup *lookup,
		       const struct lookup_seen *seen);

enum receiver_sight {
	RECEIVER_SEES_MORE,  /* the event cannot be known yet: more of the body is needed */
	RECEIVER_SEES_PLAIN, /* nothing acts before the request is read */
	RECEIVER_SEES_FAULT, /* the decision's script does */
};

/* Looks at a request of which the head is there, and body_bytes of the body (decoded, whole when
 * `whole`). A script that never lets the request be read counts as an arrival of its event. */
enum receiver_sight receiver_look(struct receiver *receiver,
				  const struct receiver_delivery *delivery, bool whole,
				  struct receiver_decision *out);

/* The path and method of a request: NULL when it is a delivery, else what it is answered. */
const struct receiver_scripts *receiver_turns_away(const struct receiver *receiver,
						   const struct http1_head *head);

static inline const struct script *receiver_script(const struct receiver_scripts *scripts,
						   bool closing)
{
	return closing ? &scripts->closing : &scripts->open;
}
#endif
