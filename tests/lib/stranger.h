/* A past of a sender that is not ours, as the receiver "audit" saw it: receipts, faults, answers
 * that never arrived, and no attempts. The plan is the one of past.h: waits of 2, 4 and 8 s, jitter
 * 0.2, polled each second, 4 attempts, a timeout of 5 s. One event for each story; all laws are
 * kept. */
#ifndef HP_TESTS_LIB_STRANGER_H
#define HP_TESTS_LIB_STRANGER_H
#include "tests/lib/past.h"

enum { STRANGER_STATUS = 1, STRANGER_RESET = 9, STRANGER_SILENCE = 10 }; /* rows of behaviours */

enum story {
	ONCE = 1,      /* answered with success at once */
	TWICE_REFUSED, /* 503 twice, then success */
	CUT,           /* reset behind the request, then success */
	ASKED,         /* 503 with a Retry-After of 3 s, then success */
	GIVEN_UP,      /* 503 four times */
	SILENT,        /* no answer; the sender leaves after 5 s; then success */
	UNHEARD,       /* of stranger_unheard() alone */
	STORIES
};
#define STRANGER_START_NS(story) ((uint64_t)(story) * 100 * HP_MS_NS)

/* To be freed with past_fini(). It was watched for a minute. */
void stranger_init(struct past *past);

/* The receipt, for changing; fails the test when there is none. */
struct record_receipt *stranger_find(struct past *past, enum story story, uint16_t ordinal);

/* A receipt that nothing was answered to yet; one that is answered with success 10 ms later; and
 * one with 503 and its fault. Call past_figures() behind them. */
struct record_receipt stranger_receipt(enum story story, uint16_t ordinal, uint64_t at_ns);
void stranger_ok(struct past *past, enum story story, uint16_t ordinal, uint64_t at_ns);
void stranger_failure(struct past *past, enum story story, uint16_t ordinal, uint64_t at_ns,
		      uint64_t retry_after_ns);

/* An answer that never arrived, and an attempt 7 s after it. */
void stranger_unheard(struct past *past, uint64_t at_ns);

/* So long after a failure that came in at at_ns. */
uint64_t stranger_after(uint64_t at_ns, uint64_t wait_ns);
#endif
