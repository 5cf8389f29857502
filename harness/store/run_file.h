/* The run file, as it is written: DIR/run.db, one SQLite database with the configuration, the
 * history and, at the end, figures and verdicts. The history comes out of rings on a thread of its
 * own, in transactions: what is older than RUN_FILE_LAG_MS survives kill -9.
 *   run_file_open(), the run, run_file_drain(), run_file_settle(), the judge (through
 *   run_reader.h), run_file_finish().
 * All functions belong to one thread, the owner's, except where it says "any thread".
 * Not here: reading (run_reader.h), merging shards. */
#ifndef HP_STORE_RUN_FILE_H
#define HP_STORE_RUN_FILE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/metrics.h"
#include "engine/plan.h"
#include "engine/ring.h"
#include "engine/verdict.h"
#include "store/run_pair.h"

enum {
	RUN_FILE_LAG_MS = 100,           /* a record waits no longer than this for its commit */
	RUN_FILE_RING_RECORDS = 1 << 15, /* good size of a ring: 0.2 s of 150 000 a second */
	RUN_FILE_FREE_MIB_MIN = 64,      /* less free space stops a run before it starts */
};

struct run_file;

/* All of it is borrowed for run_file_open(), the rings until run_file_drain(). */
struct run_file_config {
	const char *folder; /* made when missing, with its parents */

	const struct run_pair *meta; /* the effective configuration: see RUN_META_KEYS */
	size_t meta_count;
	const struct run_endpoint *endpoints; /* ascending index from 0 */
	size_t endpoint_count;
	const char *const *behaviours; /* words by record's behaviour; [0] is "none" */
	size_t behaviour_count;

	struct ring *const *rings;
	size_t ring_count;
	enum plan_recording recording; /* also applied here; earlier is cheaper */

	/* Called on the writer's thread for every tick, also after a failure. May be NULL. */
	void (*on_tick)(void *arg, const struct record_tick *tick);
	void *arg;
};

/* Makes the folder and looks whether a run file can be written there: HP_EENV with the path, the
 * reason and what to do when it cannot be made or written, holds a run file already, or has less
 * than RUN_FILE_FREE_MIB_MIN free. Leaves nothing behind but the folder. */
int run_file_check(const char *folder, struct hp_err *err) __attribute__((warn_unused_result));

/* Checks, writes all that is known before the run (state: running) and starts the writer.
 * Returns new, or NULL with *err filled (HP_EENV). */
struct run_file *run_file_open(const struct run_file_config *config, struct hp_err *err);

/* True when the disk refused: nothing is stored any more, the rings are still emptied. Fills *err
 * with the reason. Any thread; cheap. */
bool run_file_failed(const struct run_file *file, struct hp_err *err);

/* Records that are in no table: that no ring could hold, and all from a failure on. */
uint64_t run_file_lost(const struct run_file *file);

/* Empties the rings, commits and ends the writer's thread; producers must have stopped. From here
 * on a reader sees the whole history. Safe twice. */
void run_file_drain(struct run_file *file);

/* Writes the system, its release and the machine, as the file keeps them. */
void run_file_kernel(char *out, size_t bytes);

struct run_file_end {
	const struct metrics *metrics;     /* borrowed; NULL: none */
	const struct judgement *judgement; /* borrowed; NULL: not judged */
	bool interrupted;                  /* by a signal: state is interrupted, else complete */
};

/* Drains, stores the figures and sets the state: from here on the file is complete, and whatever
 * ends the process before the verdicts are there costs only them, which can be made again.
 * -1 with HP_EENV: it stays incomplete; run_file_finish() tries once more. */
int run_file_settle(struct run_file *file, const struct run_file_end *end, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Settles where that is not done, stores the verdicts and leaves one file. No reader may be open.
 * Takes file, also on -1: HP_EENV, when something could not be stored. */
int run_file_finish(struct run_file *file, const struct run_file_end *end, struct hp_err *err)
	__attribute__((warn_unused_result));
#endif
