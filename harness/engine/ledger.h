/* The ledger: what the generator writes down of each attempt and delivery, as records in the
 * history and as figures. The only place where either is counted. */
#ifndef HP_ENGINE_LEDGER_H
#define HP_ENGINE_LEDGER_H
#include "engine/delivery.h"
#include "engine/metrics.h"
#include "engine/plan.h"
#include "engine/record.h"

struct ledger {
	const struct plan *plan;
	struct metrics *metrics;
	struct history *history;
	uint64_t lag_ns_max; /* since the last tick */
	uint64_t reason;     /* digest of the last failed handshake that was noted */
	unsigned notes;      /* of failed handshakes so far */
};

/* One attempt that ended. */
struct ledger_attempt {
	const struct delivery *delivery; /* in its state after the attempt */
	uint64_t sent_ns;                /* HP_NEVER: no byte went out */
	uint64_t done_ns;
	uint64_t next_due_ns;    /* HP_NEVER: none */
	uint64_t retry_after_ns; /* HP_NEVER: none */
	uint64_t body_digest;
	enum outcome outcome;
	int status; /* 0: none */
};

void ledger_planned(struct ledger *ledger, const struct delivery *delivery);
void ledger_attempt(struct ledger *ledger, const struct ledger_attempt *attempt);

/* A delivery that ends without an attempt (dropped, not sent) or waits at the end (pending). */
void ledger_ended(struct ledger *ledger, const struct delivery *delivery, uint64_t at_ns);

/* A TLS handshake with an endpoint ended. A reason other than the last one is noted in the history,
 * LEDGER_NOTES_MAX times at most. */
enum { LEDGER_NOTES_MAX = 256 };
void ledger_handshake(struct ledger *ledger, size_t endpoint_index,
		      const struct port_handshake *handshake, uint64_t now_ns);

/* What is on its way now, for the live view. */
struct ledger_now {
	uint64_t at_ns, pending, in_flight, queued;
};
void ledger_tick(struct ledger *ledger, const struct ledger_now *now);
#endif
