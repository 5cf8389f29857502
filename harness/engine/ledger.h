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

/* What is on its way now, for the live view. */
struct ledger_now {
	uint64_t at_ns, pending, in_flight, queued;
};
void ledger_tick(struct ledger *ledger, const struct ledger_now *now);
#endif
