/* What the reader's files share. Inside store/ only: SQLite's types are seen here. */
#ifndef HP_STORE_RUN_READER_INSIDE_H
#define HP_STORE_RUN_READER_INSIDE_H
#include "store/run_reader.h"
#include "store/run_schema.h"

struct run_reader {
	sqlite3 *db;
	char *path;
	struct run_text *meta;
	size_t meta_count;
	struct run_finding *findings; /* the checks of a judgement live here */
};

/* Counts what an incomplete file lets one count into zeroed figures. */
int run_recount(struct run_reader *reader, struct metrics *metrics, struct hp_err *err)
	__attribute__((warn_unused_result));
#endif
