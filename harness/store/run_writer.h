/* The thread that empties the rings into the history tables, one transaction a turn.
 * Inside store/ only: SQLite's types are seen here. */
#ifndef HP_STORE_RUN_WRITER_H
#define HP_STORE_RUN_WRITER_H
#include "store/run_file.h"
#include "store/run_row.h"

struct run_writer;

/* Returns new and starts the thread, to which db and the rings belong until run_writer_stop();
 * NULL with *err filled (HP_EENV). Borrows config's rings and arg until then. */
struct run_writer *run_writer_new(sqlite3 *db, const struct run_file_config *config,
				  struct hp_err *err);

/* Empties the rings once more and ends the thread. Safe twice. */
void run_writer_stop(struct run_writer *writer);

/* Only after run_writer_stop(). */
void run_writer_free(struct run_writer *writer);

/* As run_file_failed() and run_file_lost(); the count leaves out what the rings lost. */
bool run_writer_failed(const struct run_writer *writer, struct hp_err *err);
uint64_t run_writer_lost(const struct run_writer *writer);
#endif
