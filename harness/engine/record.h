/* The history: everything that happens is a record, a plain value without pointers.
 * The generator, the simulated receivers, faults and our own lateness write the same history;
 * judging and every report are folds over it. All moments are ns from the run's start on the
 * monotonic clock; a moment that did not come is HP_NEVER. No secret is ever in a record.
 * Who keeps it: store/ in the run file, tests in an array. */
#ifndef HP_ENGINE_RECORD_H
#define HP_ENGINE_RECORD_H
#include <stddef.h>
#include <stdint.h>

#include "engine/outcome.h"

enum {
	RECORD_KEY_BYTES = 48,  /* of an identity as text, with NUL; longer ones are cut */
	RECORD_NOTE_BYTES = 120, /* of a note, with NUL */
};
#define RECORD_NO_EVENT UINT64_MAX /* a delivery whose event is not one of ours */

enum record_kind {
	RECORD_ATTEMPT = 1, /* one attempt of the generator, written when it ended */
	RECORD_RECEIPT,     /* one delivery as a simulated receiver saw it */
	RECORD_ENDED, /* a delivery that ended without an attempt, or waits at the run's end */
	RECORD_TICK,  /* the generator's counters, four times a second: the live view */
	RECORD_LAG,   /* a loop of ours was late by more than its bound */
	RECORD_GAP,   /* a simulated receiver did not listen or did nothing, on purpose */
	RECORD_NOTE,  /* a remark with a slug in front: "interrupted", "clock-step …" */
	RECORD_FAULT, /* a fault of a simulated receiver: planned, applied, seen to take effect */
	RECORD_UNACKED, /* an answer whose bytes the peer's kernel never acknowledged */
};

struct record_attempt {
	uint64_t event_index;
	uint64_t due_ns;      /* planned instant of attempt 1; of a retry, when it fell due */
	uint64_t released_ns; /* the scheduler picked it */
	uint64_t sent_ns;     /* the kernel took the first byte; HP_NEVER: it never did */
	uint64_t done_ns;     /* last answer byte, failure or timeout */
	uint64_t next_due_ns; /* when the next attempt falls due; HP_NEVER: none */
	uint64_t retry_after_ns; /* what the answer asked for, scaled; HP_NEVER: nothing readable */
	uint64_t body_digest; /* hp_digest() of the bytes sent */
	uint32_t endpoint_index;
	uint16_t number; /* from 1 */
	uint16_t status; /* 0: no answer */
	uint8_t outcome; /* enum outcome */
	uint8_t state;   /* enum delivery_state after it */
};

struct record_receipt {
	uint64_t event_index; /* RECORD_NO_EVENT when the body is not one of ours */
	uint64_t identity;    /* hp_digest() of the key */
	uint64_t arrived_ns;  /* the last byte of the request was read */
	uint64_t answered_ns; /* the first byte of the answer was due; HP_NEVER: none was sent */
	uint64_t body_digest;
	uint32_t endpoint_index;
	uint32_t effects; /* of this event at this endpoint so far, this one included */
	uint16_t ordinal; /* arrivals of this event at this endpoint, from 1 */
	uint16_t status;  /* answered; 0: none */
	uint8_t signature; /* enum scheme_verdict; RECORD_UNVERIFIED: not looked at */
	uint8_t behaviour; /* row that decided the answer, receivers/behaviour.h; 0: none */
	uint8_t wanted;    /* 0: the receiver never asked for events of this type */
	uint8_t end;       /* enum record_end */
	uint64_t lag_ns;   /* this receiver's own lateness around the arrival */
	uint64_t delay_ns; /* that its behaviours added, as planned */
	uint64_t retry_after_ns; /* that its answer asked for; 0: nothing that can be read */
	uint64_t over_ns; /* it ended without an answer: we or the peer left; 0: not known */
	char key[RECORD_KEY_BYTES]; /* "inv_123456:invoice.paid"; empty when event_index says it */
};
enum { RECORD_UNVERIFIED = 255 };
enum record_end {
	RECORD_END_ANSWERED, /* whole and well-formed */
	RECORD_END_RESET,
	RECORD_END_CLOSED,
	RECORD_END_SILENT,
	RECORD_END_BROKEN, /* answered, and spoilt on purpose: no success, whatever its status */
	RECORD_ENDS
};

struct record_ended {
	uint64_t event_index;
	uint64_t at_ns;
	uint64_t next_due_ns;
	uint32_t endpoint_index;
	uint16_t attempts; /* so far */
	uint8_t state;     /* enum delivery_state */
};

struct record_tick {
	uint64_t at_ns;
	uint64_t planned, sent, delivered, exhausted, retries, failed; /* totals so far */
	uint64_t pending, in_flight, queued;                           /* now */
	uint64_t lag_ns_max;                                           /* since the last tick */
};

struct record_lag {
	uint64_t at_ns, late_ns;
	uint32_t worker; /* 0: generator, 1: receivers */
};

struct record_gap {
	uint64_t from_ns, to_ns;
	uint32_t endpoint_index;
	uint8_t behaviour;
};

struct record_note {
	uint64_t at_ns;
	char text[RECORD_NOTE_BYTES];
};

enum record_fault_state { /* what is known of a fault in the end */
	RECORD_FAULT_PREEMPTED, /* the peer left before it could act: proves nothing */
	RECORD_FAULT_APPLIED,   /* done by us, and nothing shows that the wire carried it */
	RECORD_FAULT_VERIFIED,  /* done, and seen to take effect */
	RECORD_FAULT_FAILED,    /* could not be done as declared: an error of ours */
	RECORD_FAULT_STATES
};
enum record_peer { RECORD_PEER_STAYED, RECORD_PEER_FIN, RECORD_PEER_RST, RECORD_PEERS };

struct record_fault {
	uint64_t event_index; /* RECORD_NO_EVENT: not one of ours, or on connect */
	uint64_t identity;    /* 0: decided before the event was known */
	uint64_t planned_ns;  /* decided */
	uint64_t applied_ns;  /* its last act; HP_NEVER: it did not come to that */
	uint64_t peer_ns;     /* the peer's FIN or RST; HP_NEVER: none was seen */
	uint64_t read_bytes;    /* of the request, when it acted */
	uint64_t written_bytes; /* of its script */
	uint64_t acked_bytes;   /* of those, by the peer's kernel; HP_NEVER: not known */
	uint64_t in_flight;     /* what decided a load-dependent one; 0 else */
	uint32_t endpoint_index;
	uint16_t ordinal;  /* arrivals of the event; on connect: connections; on a query: those of
			    * its type, which is the key */
	uint8_t behaviour; /* the row that held it, receivers/behaviour.h */
	uint8_t fault;     /* the row that acted: the same, or held by a guard */
	uint8_t state;     /* enum record_fault_state */
	uint8_t peer;      /* enum record_peer */
	char key[RECORD_KEY_BYTES];
};

struct record_unacked { /* whether the sender knows of its success is ambiguous */
	uint64_t event_index, identity;
	uint64_t answered_ns, at_ns; /* answered; known not to have arrived */
	uint64_t written_bytes, acked_bytes;
	uint32_t endpoint_index;
	uint16_t ordinal;
	uint16_t status;
	char key[RECORD_KEY_BYTES];
};

struct record {
	enum record_kind kind;
	union {
		struct record_attempt attempt;
		struct record_receipt receipt;
		struct record_ended ended;
		struct record_tick tick;
		struct record_lag lag;
		struct record_gap gap;
		struct record_note note;
		struct record_fault fault;
		struct record_unacked unacked;
	};
};
_Static_assert(sizeof(struct record) <= 160, "a record is copied on the hot path");

/* All records of one delivery, as the judge takes them. Borrowed for the call. */
struct record_delivery {
	uint64_t event_index; /* RECORD_NO_EVENT: of an event that is not ours */
	uint64_t identity;    /* of that event, so that its records stand together; else 0 */
	uint32_t endpoint_index;
	const struct record_attempt *attempts; /* ascending number, then sent_ns */
	size_t attempt_count;
	const struct record_receipt *receipts; /* ascending arrived_ns */
	size_t receipt_count;
	const struct record_ended *ended; /* the last one, or NULL */
	const struct record_fault *faults; /* ascending ordinal; those with an identity */
	size_t fault_count;
	const struct record_unacked *unacked; /* ascending ordinal */
	size_t unacked_count;
};

/* Where records go: the run file's ring, an array of a test, nowhere. */
struct history {
	/* Borrows the record for the call; never blocks, never fails: what cannot be kept is
	 * counted by the implementation and makes the run invalid. */
	void (*put)(struct history *history, const struct record *record);
};

static inline void history_put(struct history *history, const struct record *record)
{
	history->put(history, record);
}
#endif
