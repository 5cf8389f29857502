/* The judge: one run's history in, verdicts out. Pure: the same plan, facts, figures and records
 * give the same judgement, tomorrow or on another machine. Reads no clock, file or socket.
 * Records come as one group per delivery, in order, so that memory does not grow with the run:
 *   judge_new(), judge_other() for all that is no delivery, judge_delivery() for each delivery that
 *   left a record, judge_finish(), judge_free().
 * A planned delivery that is not fed left no record, which the judge finds by itself.
 * A sender that is not ours (`hookproof receive`) is judged by the same passage with facts.foreign:
 * by what our receivers saw of it. What it meant to send nobody knows here, so loss stays
 * unobserved; its retries, signatures, bodies and effects are held to the same laws.
 * Not here: the checks of certify's suites; reading the run file (store/). One thread. */
#ifndef HP_JUDGE_JUDGE_H
#define HP_JUDGE_JUDGE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/metrics.h"
#include "engine/plan.h"
#include "engine/record.h"
#include "engine/result.h"
#include "engine/verdict.h"

/* What is known of the run beside its plan and its records. All zero: a complete run in real time
 * that recorded everything and had no simulated receivers. */
struct judge_facts {
	enum plan_recording recording; /* what was kept, as the file says */
	enum result_time time_mode;
	bool receivers;        /* simulated receivers took part and wrote receipts */
	bool interrupted;      /* by a signal: what it cut is not failed */
	bool incomplete;       /* the file was not closed: records may be missing at its end */
	uint64_t records_lost; /* that a ring could not hold */
	uint64_t event_first;  /* the run planned the events event_first .. event_end - 1 ... */
	uint64_t event_end;    /* ... of its shard; 0: as many as the plan has */

	/* No generator of ours took part: the plan's arrivals, types and thresholds are not looked
	 * at. An end by a signal, a time or a count is how receiving ends: not `interrupted`. */
	bool foreign;
	uint64_t watched_ns; /* of foreign: until then our receivers listened; 0: not known */

	/* The slug of a row of receivers/behaviour.h, for evidence; NULL: its number is shown. */
	const char *(*behaviour_word)(uint8_t number);
};

struct judge;

/* Returns new. Borrows the plan until freed; copies the facts. */
struct judge *judge_new(const struct plan *plan, const struct judge_facts *facts);
void judge_free(struct judge *judge);

/* A tick, lag, gap, note, or a fault of no known event (identity 0), in any order, all of them
 * before the first delivery. */
void judge_other(struct judge *judge, const struct record *record);

/* The next delivery, ascending by (event_index, endpoint_index, identity). Those of RECORD_NO_EVENT
 * come last, and one of them may come in several portions, one after the other. */
void judge_delivery(struct judge *judge, const struct record_delivery *delivery);

/* The verdicts, once, after all records. metrics may be NULL: the file holds no figures.
 * Fills *out, which the caller frees with judgement_fini(); it borrows nothing. */
void judge_finish(struct judge *judge, const struct metrics *metrics, struct judgement *out);

/* What runs are judged by, in the order of reports: index is less than judge_check_count(). Rows of
 * hookproof list; a scenario's thresholds are beside them. */
size_t judge_check_count(void);
const struct check *judge_check_at(size_t index);
#endif
