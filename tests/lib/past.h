/* A past made by hand: a plan, the history of a run that kept every law, and its figures, for the
 * tests of the judge. A test changes a record or two and asks what flips.
 * The plan: 20 events of two types, 10 a second, to "billing" (invoices only) and "audit" (all),
 * both simulated; waits of 2, 4 and 8 s, jitter 0.2, polled each second, 4 attempts. At audit the
 * events are, by their index mod 5: 0 and 1 delivered at once; 2 delivered at attempt 3;
 * 3 exhausted; 4 after a Retry-After of 3 s, and event 19 still waits for its attempt 2. Each
 * failure is a fault of the receiver, seen to take effect. */
#ifndef HP_TESTS_LIB_PAST_H
#define HP_TESTS_LIB_PAST_H
#include "judge/judge.h"

enum { PAST_EVENTS = 20, PAST_BILLING = 0, PAST_AUDIT = 1 };

struct past {
	struct plan plan;
	struct judge_facts facts;
	struct record *records;
	size_t count, room;
	struct metrics *metrics; /* as counted by past_figures(); NULL: the run has none */
	struct judgement judgement;
};

void past_init(struct past *past);
void past_fini(struct past *past);

/* The record, for changing; fails the test when there is none. Good until the next past_add(). */
struct record_attempt *past_attempt(struct past *past, struct record_attempt like);
struct record_receipt *past_receipt(struct past *past, struct record_receipt like);
struct record_fault *past_fault(struct past *past, uint64_t event_index, uint16_t ordinal);
struct record_ended *past_ended(struct past *past, uint64_t event_index, uint32_t endpoint_index);

/* The attempt `number` of an event at audit, and the arrival `ordinal` there. */
struct record_attempt *past_try(struct past *past, uint64_t event_index, uint16_t number);
struct record_receipt *past_arrival(struct past *past, uint64_t event_index, uint16_t ordinal);

void past_add(struct past *past, const struct record *record);
void past_clear(struct past *past);

/* Whether any record is of that event at that endpoint. */
bool past_has(const struct past *past, uint64_t event_index, uint32_t endpoint_index);

/* Sends an event that audit took at attempt 1 there again, two seconds later. */
void past_repeat(struct past *past, uint64_t event_index);

/* Drops every record of that event at that endpoint. */
void past_drop(struct past *past, uint64_t event_index, uint32_t endpoint_index);

/* Counts the figures again from the records: after a change that figures would have seen. */
void past_figures(struct past *past);

/* Judges; the findings stay until the next call. */
void past_judge(struct past *past);

/* The finding of that check in the last judgement; fails the test when there is none. */
const struct finding *past_finding(const struct past *past, const char *id);

/* Judges, and fails the test unless exactly the named checks (space-separated) have the verdict
 * fail or error, and all others passed. */
void past_expect_broken(struct past *past, const char *ids);
#endif
