#include "store/run_batch.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "engine/recording.h"

enum { SQL_BYTES_MAX = 1024 };

struct kind { /* what one virtual table gives: the rows of its kind in the batch */
	struct run_batch *batch;
	enum record_kind kind;
	sqlite3_stmt *insert;
};

struct run_batch {
	const struct record *records;
	size_t count;
	enum plan_recording recording;
	struct kind kinds[RUN_HISTORY_KINDS];
};

struct view { /* the virtual table */
	sqlite3_vtab base;
	const struct kind *kind;
};

struct cursor {
	sqlite3_vtab_cursor base;
	size_t index; /* of the record that it stands on */
};

static const struct kind *kind_of(const sqlite3_vtab_cursor *cursor)
{
	return ((const struct view *)cursor->pVtab)->kind;
}

/* NOLINTNEXTLINE(readability-function-size): the six parameters are SQLite's */
static int on_connect(sqlite3 *db, void *arg, int argc, const char *const *argv,
		      sqlite3_vtab **view, char **message)
{
	const struct kind *kind = arg;
	const struct run_table *table = &run_history[kind->kind];
	struct view *mine = sqlite3_malloc(sizeof(*mine));
	struct hp_buf sql;
	int result;

	(void)argc, (void)argv, (void)message;
	if (!mine)
		return SQLITE_NOMEM;
	*mine = (struct view){.kind = kind};
	*view = &mine->base;
	hp_buf_init(&sql, SQL_BYTES_MAX);
	hp_buf_add_text(&sql, "CREATE TABLE batch (");
	for (unsigned i = 0; i < table->column_count; i++)
		hp_buf_add_format(&sql, "%s\"%s\"", i ? ", " : "", table->columns[i].name);
	hp_buf_add_text(&sql, ")");
	result = sqlite3_declare_vtab(db, hp_buf_text(&sql));
	hp_buf_fini(&sql);
	return result;
}

static int on_disconnect(sqlite3_vtab *view)
{
	sqlite3_free(view);
	return SQLITE_OK;
}

static int on_plan(sqlite3_vtab *view, sqlite3_index_info *plan)
{
	(void)view, (void)plan; /* always the whole batch */
	return SQLITE_OK;
}

static int on_open(sqlite3_vtab *view, sqlite3_vtab_cursor **cursor)
{
	struct cursor *mine = sqlite3_malloc(sizeof(*mine));

	(void)view;
	if (!mine)
		return SQLITE_NOMEM;
	*mine = (struct cursor){.index = 0};
	*cursor = &mine->base;
	return SQLITE_OK;
}

static int on_close(sqlite3_vtab_cursor *cursor)
{
	sqlite3_free(cursor);
	return SQLITE_OK;
}

/* Moves on to the first record from here that belongs into the table. */
static int settle(struct cursor *cursor)
{
	const struct kind *kind = kind_of(&cursor->base);
	const struct run_batch *batch = kind->batch;

	while (cursor->index < batch->count) {
		const struct record *record = &batch->records[cursor->index];

		if (record->kind == kind->kind && recording_keeps(batch->recording, record))
			break;
		cursor->index++;
	}
	return SQLITE_OK;
}

static int on_filter(sqlite3_vtab_cursor *cursor, int number, const char *text, int argc,
		     sqlite3_value **argv)
{
	struct cursor *mine = (struct cursor *)cursor;

	(void)number, (void)text, (void)argc, (void)argv;
	mine->index = 0;
	return settle(mine);
}

static int on_next(sqlite3_vtab_cursor *cursor)
{
	struct cursor *mine = (struct cursor *)cursor;

	mine->index++;
	return settle(mine);
}

static int on_eof(sqlite3_vtab_cursor *cursor)
{
	return ((struct cursor *)cursor)->index >= kind_of(cursor)->batch->count;
}

static int on_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int i)
{
	const struct kind *kind = kind_of(cursor);

	run_row_result(context, &run_history[kind->kind].columns[i],
		       &kind->batch->records[((struct cursor *)cursor)->index]);
	return SQLITE_OK;
}

static int on_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
	*rowid = (sqlite3_int64)((struct cursor *)cursor)->index;
	return SQLITE_OK;
}

static const sqlite3_module module = { /* without xCreate it is there without being created */
	.xConnect = on_connect,
	.xDisconnect = on_disconnect,
	.xBestIndex = on_plan,
	.xOpen = on_open,
	.xClose = on_close,
	.xFilter = on_filter,
	.xNext = on_next,
	.xEof = on_eof,
	.xColumn = on_column,
	.xRowid = on_rowid,
};

static int prepare(sqlite3 *db, struct kind *kind, struct hp_err *err)
{
	const char *table = run_history[kind->kind].name;
	char name[64], sql[160];

	snprintf(name, sizeof(name), "batch_%s", table);
	snprintf(sql, sizeof(sql), "INSERT INTO %s SELECT * FROM %s", table, name);
	if (sqlite3_create_module(db, name, &module, kind) ||
	    sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &kind->insert, NULL))
		return run_sql_failed(db, err);
	return 0;
}

struct run_batch *run_batch_new(sqlite3 *db, struct hp_err *err)
{
	struct run_batch *batch = hp_xcalloc(1, sizeof(*batch));

	for (unsigned i = RECORD_ATTEMPT; i < RUN_HISTORY_KINDS; i++) {
		batch->kinds[i] = (struct kind){.batch = batch, .kind = (enum record_kind)i};
		if (prepare(db, &batch->kinds[i], err) == 0)
			continue;
		run_batch_free(batch);
		return NULL;
	}
	return batch;
}

void run_batch_free(struct run_batch *batch)
{
	if (!batch)
		return;
	for (unsigned i = 0; i < RUN_HISTORY_KINDS; i++)
		sqlite3_finalize(batch->kinds[i].insert);
	free(batch);
}

static int64_t put_kind(const struct kind *kind)
{
	sqlite3 *db = sqlite3_db_handle(kind->insert);

	sqlite3_step(kind->insert);
	return sqlite3_reset(kind->insert) == SQLITE_OK ? sqlite3_changes64(db) : -1;
}

int64_t run_batch_put(struct run_batch *batch, enum plan_recording recording,
		      const struct record *records, size_t count)
{
	unsigned present = 0; /* a bit per kind */
	int64_t rows = 0;

	batch->records = records;
	batch->count = count;
	batch->recording = recording;
	for (size_t i = 0; i < count; i++)
		present |= 1u << records[i].kind;
	for (unsigned i = RECORD_ATTEMPT; i < RUN_HISTORY_KINDS; i++) {
		int64_t more = present & 1u << i ? put_kind(&batch->kinds[i]) : 0;

		if (more < 0)
			return -1;
		rows += more;
	}
	return rows;
}
