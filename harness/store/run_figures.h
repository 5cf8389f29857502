/* Figures and verdicts in the run file, written and read back.
 * Inside store/ only: SQLite's types are seen here. */
#ifndef HP_STORE_RUN_FIGURES_H
#define HP_STORE_RUN_FIGURES_H
#include "engine/metrics.h"
#include "engine/verdict.h"
#include "store/run_schema.h"

enum { RUN_FINDINGS_MAX = 4096 }; /* more in a file is damage */

/* The histograms' configuration as text: two files merge exactly when it is equal. */
extern const char run_figures_histogram[];

/* Stores them inside the caller's transaction; NULL stores nothing. HP_EENV. */
int run_figures_put_metrics(sqlite3 *db, const struct metrics *metrics, struct hp_err *err)
	__attribute__((warn_unused_result));
int run_figures_put_findings(sqlite3 *db, const struct judgement *judgement, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Adds what is stored to zeroed figures. HP_EINPUT or HP_EENV. */
int run_figures_get_metrics(sqlite3 *db, struct metrics *metrics, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Returns new rows in *rows, which free() ends; the findings in them borrow from them. */
int run_figures_get_findings(sqlite3 *db, struct run_finding **rows, size_t *count,
			     struct hp_err *err) __attribute__((warn_unused_result));
#endif
