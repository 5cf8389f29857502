/* The run file, as it is read: finished, still written, or left behind by kill -9; also one that a
 * stranger sent. Nothing in the file is trusted: it is looked at whole before it is used, opened
 * read-only, and a value out of its range is HP_EINPUT. Nothing is written, but SQLite may put a
 * run.db-shm beside a file that was left behind.
 * Errors of all functions: HP_EINPUT when the file is wrong, with what is wrong; HP_EENV when the
 * machine is. One thread. Not here: writing (run_file.h), judging. */
#ifndef HP_STORE_RUN_READER_H
#define HP_STORE_RUN_READER_H
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "engine/metrics.h"
#include "engine/plan.h"
#include "engine/record.h"
#include "engine/verdict.h"
#include "store/run_pair.h"

enum { RUN_DELIVERY_RECORDS_MAX = 1 << 16 }; /* of one kind and one delivery in a file */

struct run_reader;

/* Opens a run file, by its path or its folder's. Returns new, or NULL with *err filled. */
struct run_reader *run_reader_open(const char *path, struct hp_err *err);
void run_reader_close(struct run_reader *reader);

/* The text of a key (run_pair.h), NULL when there is none. Good until the reader is closed. */
const char *run_reader_meta(const struct run_reader *reader, const char *key);

/* True when the file was finished; otherwise records and all figures may be missing at its end. */
bool run_reader_complete(const struct run_reader *reader);

/* Writes the URL of an endpoint as the run had it, its bound port included, at most bytes with the
 * NUL. Leaves out as it is when the file does not say. */
void run_reader_url(const struct run_reader *reader, size_t endpoint_index, char *out,
		    size_t bytes);

/* The mode that says what was recorded. */
enum plan_recording run_reader_recording(const struct run_reader *reader);

/* Returns new figures in *metrics, which metrics_free() ends. Of an incomplete file they are
 * counted from its records and ticks: then histograms, slots, connections, bytes and duplicates
 * are empty, and what the recording mode left out is known from the last tick only. */
int run_reader_metrics(struct run_reader *reader, struct metrics **metrics, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Fills *judgement with the stored verdicts; judgement_fini() ends it. Its checks borrow from the
 * reader. An incomplete or unjudged file gives no findings, RUN_UNDECIDED and exit 4. */
int run_reader_judgement(struct run_reader *reader, struct judgement *judgement,
			 struct hp_err *err) __attribute__((warn_unused_result));

/* Gives every delivery that left a record, ascending by (event_index, endpoint_index). Those of
 * RECORD_NO_EVENT come last, one for each identity; one with very many records comes in portions,
 * one after the other. Memory: SQLite's sorters (on disk when large) and the records of one
 * delivery. */
int run_reader_deliveries(struct run_reader *reader,
			  void (*on_delivery)(void *arg, const struct record_delivery *delivery),
			  void *arg, struct hp_err *err) __attribute__((warn_unused_result));

/* Gives every tick, lag, gap, note and fault of no known event (identity 0), kind by kind, each
 * kind in the order it was written. */
int run_reader_others(struct run_reader *reader,
		      void (*on_record)(void *arg, const struct record *record), void *arg,
		      struct hp_err *err) __attribute__((warn_unused_result));
#endif
