/* The effect of an accepted event: once per key, before the answer. */
#ifndef HP_TESTS_MUTANTS_ACT_H
#define HP_TESTS_MUTANTS_ACT_H
#include "tests/mutants/mutant_event.h"

struct act {
	const struct mutant *mutant;
	struct http_conn *conn;
	struct mutant_event *event;
	struct view signature;
	bool marked; /* the key was new when it was recorded, before anything was verified */
};

/* Before the request was verified: a good receiver does nothing then. */
void act_early(struct act *act);
/* Whether this very delivery was accepted before. */
bool act_knows_signature(struct act *act);
/* When all is well, before the answer. */
void act_now(struct act *act);
/* After the answer, which was taken or not: nothing is left to do. */
void act_late(struct act *act, bool answered);
/* For a delivery that broke off: nothing. */
void act_on_half(const struct mutant *mutant, struct view half);

/* Spends what this receiver spends before its answer; unsigned_request: it has no signature. */
void act_work(bool unsigned_request);

/* The queue of a receiver that answers first. */
void act_start(void);
#endif
