/* What is in a run file: its tables as columns, its views and its words. README.md explains them.
 * A change of any table is a new RUN_FORMAT: a reader compares the schema word for word.
 * Inside store/ only: SQLite's types are seen here. */
#ifndef HP_STORE_RUN_SCHEMA_H
#define HP_STORE_RUN_SCHEMA_H
#include "engine/metrics.h"
#include "engine/record.h"
#include "engine/verdict.h"
#include "store/run_row.h"

enum {
	RUN_APPLICATION_ID = 0x48705266, /* "HpRf", PRAGMA application_id */
	RUN_FORMAT = 2,                  /* PRAGMA user_version */
	RUN_PAGE_BYTES = 8192,           /* measured: 8 to 32 KiB cost the same, 4 more */
	RUN_CACHE_KIB = 8192,
	RUN_CHECKPOINT_KIB = 32768,      /* measured: rare, and its fsync is shorter than a ring */
};

/* The history: a row is a struct record of its kind. */
#define RUN_HISTORY_TABLES(X) /* record kind, table */                                            \
	X(RECORD_ATTEMPT, attempts)                                                               \
	X(RECORD_RECEIPT, receipts)                                                               \
	X(RECORD_ENDED, ended)                                                                    \
	X(RECORD_TICK, ticks)                                                                     \
	X(RECORD_LAG, lags)                                                                       \
	X(RECORD_GAP, gaps)                                                                       \
	X(RECORD_NOTE, notes)                                                                     \
	X(RECORD_FAULT, faults)                                                                   \
	X(RECORD_UNACKED, unacked)

/* Everything else: a row is one of the structs below. */
#define RUN_OTHER_TABLES(X) /* columns, table */                                                  \
	X(meta, meta)                                                                             \
	X(endpoints, endpoints)                                                                   \
	X(words, outcomes)                                                                        \
	X(words, states)                                                                          \
	X(words, signatures)                                                                      \
	X(words, ends)                                                                            \
	X(words, behaviours)                                                                      \
	X(words, fault_states)                                                                    \
	X(words, peers)                                                                           \
	X(counters, counters)                                                                     \
	X(by_outcome, by_outcome)                                                                 \
	X(by_status, by_status)                                                                   \
	X(fault_figures, fault_figures)                                                           \
	X(histograms, histograms)                                                                 \
	X(slots, slots)                                                                           \
	X(endpoint_figures, endpoint_figures)                                                     \
	X(findings, findings)                                                                     \
	X(evidence, evidence)

enum { RUN_HISTORY_KINDS = RECORD_UNACKED + 1, RUN_NAME_BYTES = 64, RUN_TEXT_BYTES = 512 };

struct run_word { /* a number's word and what it means */
	uint64_t id;
	const char *word, *meaning;
};

struct run_counter {
	char name[RUN_NAME_BYTES];
	uint64_t value;
};

struct run_tally {
	uint64_t id, count; /* id: an outcome, a status */
};

struct run_fault {
	uint64_t fault; /* number of the row that acted */
	uint64_t count[RECORD_FAULT_STATES];
};

struct run_histogram {
	char name[RUN_NAME_BYTES];
	uint64_t count, min_us, max_us, overflow;
	double sum_us;
	struct hp_view bins; /* as hp_hist_pack() writes them */
};

struct run_slot {
	uint64_t after_attempt; /* number */
	struct metrics_slot slot;
};

struct run_share {
	uint64_t endpoint;
	struct metrics_endpoint figures;
};

struct run_finding { /* finding.check is &check once it is read, whose texts are these */
	char id[RUN_NAME_BYTES], check_group[RUN_NAME_BYTES], clause[RUN_NAME_BYTES];
	char requirement[RUN_TEXT_BYTES], remedy[RUN_TEXT_BYTES];
	enum check_level level;
	struct check check;
	struct finding finding;
};

struct run_evidence {
	uint64_t finding; /* position of its finding, from 1 */
	char text[VERDICT_EVIDENCE_BYTES];
};

extern const struct run_table run_history[RUN_HISTORY_KINDS]; /* by record kind; [0] is empty */

#define X(columns, name) extern const struct run_table run_table_##name;
RUN_OTHER_TABLES(X)
#undef X

/* Rows of one table that stand side by side. */
struct run_rows {
	const void *at;
	size_t bytes, count; /* of one row; rows */
};
#define RUN_ROWS_OF(at, count) ((struct run_rows){at, sizeof(*(at)), count})
#define RUN_ROWS(array) RUN_ROWS_OF(array, sizeof(array) / sizeof((array)[0]))

/* Inserts the rows. */
int run_schema_rows(sqlite3 *db, const struct run_table *table, const struct run_rows *rows,
		    struct hp_err *err) __attribute__((warn_unused_result));

/* Makes every table and view, and fills the words. behaviours may be NULL when count is 0. */
int run_schema_make(sqlite3 *db, const char *const behaviours[], size_t count,
		    struct hp_err *err) __attribute__((warn_unused_result));

/* False when a table is missing or is not as run_schema_make() makes it. */
bool run_schema_matches(sqlite3 *db);
#endif
