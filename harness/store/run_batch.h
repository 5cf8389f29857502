/* A batch of records as SQLite sees it: a read-only virtual table per kind of record, so that one
 * INSERT … SELECT stores the whole batch. Measured: about half the cost of an INSERT per record.
 * Inside store/ only: SQLite's types are seen here. */
#ifndef HP_STORE_RUN_BATCH_H
#define HP_STORE_RUN_BATCH_H
#include "engine/plan.h"
#include "engine/record.h"
#include "store/run_schema.h"

struct run_batch; /* of one database connection */

/* Returns new, or NULL with *err filled (HP_EENV). To be freed before the connection is closed. */
struct run_batch *run_batch_new(sqlite3 *db, struct hp_err *err);
void run_batch_free(struct run_batch *batch);

/* Stores the records that a mode keeps, each in the table of its kind, in their order. Borrows them
 * for the call. Returns how many rows there are more, or -1: what SQLite said last tells why, and
 * the transaction is good for a rollback only. */
int64_t run_batch_put(struct run_batch *batch, enum plan_recording recording,
		      const struct record *records, size_t count);
#endif
