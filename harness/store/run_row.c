#include "store/run_row.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { SQL_BYTES_MAX = 4096 };

int run_sql_failed(sqlite3 *db, struct hp_err *err)
{
	const char *shortage = hp_err_shortage(sqlite3_system_errno(db));
	const char *remedy = "";

	if (shortage)
		return hp_err_set(err, HP_EENV, "%s; %s", sqlite3_errmsg(db), shortage);
	if (sqlite3_errcode(db) == SQLITE_IOERR)
		remedy = "; is there a limit on the size of a file (ulimit -f), or a bad disk?";
	if (sqlite3_errcode(db) == SQLITE_FULL)
		remedy = "; free some space, or name another folder with --out";
	return hp_err_set(err, HP_EENV, "%s%s", sqlite3_errmsg(db), remedy);
}

int run_sql_unread(sqlite3 *db, struct hp_err *err)
{
	switch (sqlite3_errcode(db)) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR:
	case SQLITE_TOOBIG:
		return hp_err_set(err, HP_EINPUT, "no whole run file: %s", sqlite3_errmsg(db));
	default:
		return run_sql_failed(db, err);
	}
}

int run_sql(sqlite3 *db, const char *sql, struct hp_err *err)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return run_sql_failed(db, err);
	return 0;
}

/* Adds the columns' names, or mark for each of them, with commas between. */
static void add_list(struct hp_buf *sql, const struct run_table *table, const char *mark)
{
	for (unsigned i = 0; i < table->column_count; i++)
		hp_buf_add_format(sql, "%s%s", i ? ", " : "", mark ? mark : table->columns[i].name);
}

int run_row_insert(sqlite3 *db, const struct run_table *table, sqlite3_stmt **stmt,
		   struct hp_err *err)
{
	struct hp_buf sql;
	int result;

	hp_buf_init(&sql, SQL_BYTES_MAX);
	hp_buf_add_format(&sql, "INSERT INTO %s VALUES (", table->name);
	add_list(&sql, table, "?");
	hp_buf_add_text(&sql, ")");
	result = sqlite3_prepare_v2(db, hp_buf_text(&sql), -1, stmt, NULL);
	hp_buf_fini(&sql);
	return result == SQLITE_OK ? 0 : run_sql_failed(db, err);
}

int run_row_select(sqlite3 *db, const struct run_table *table, const char *tail,
		   sqlite3_stmt **stmt)
{
	struct hp_buf sql;
	int result;

	hp_buf_init(&sql, SQL_BYTES_MAX);
	hp_buf_add_text(&sql, "SELECT ");
	add_list(&sql, table, NULL);
	hp_buf_add_format(&sql, " FROM %s %s", table->name, tail);
	result = sqlite3_prepare_v2(db, hp_buf_text(&sql), -1, stmt, NULL);
	hp_buf_fini(&sql);
	return result == SQLITE_OK ? 0 : -1;
}

static const char *type_of(enum run_value value)
{
	static const char *const types[] = {
		[RUN_COUNT] = "INTEGER", [RUN_MAYBE] = "INTEGER", [RUN_BITS] = "INTEGER",
		[RUN_REAL] = "REAL",     [RUN_TEXT] = "TEXT",     [RUN_STRING] = "TEXT",
		[RUN_BYTES] = "BLOB",
	};

	return types[value];
}

char *run_row_schema(const struct run_table *table)
{
	struct hp_buf sql;
	char *text;

	hp_buf_init(&sql, SQL_BYTES_MAX);
	hp_buf_add_format(&sql, "CREATE TABLE %s (", table->name);
	for (unsigned i = 0; i < table->column_count; i++)
		hp_buf_add_format(&sql, "%s%s %s", i ? ", " : "", table->columns[i].name,
				  type_of(table->columns[i].value));
	hp_buf_add_text(&sql, ") STRICT");
	text = hp_xstrdup(hp_buf_text(&sql));
	hp_buf_fini(&sql);
	return text;
}

static uint64_t all_ones(unsigned bytes)
{
	return UINT64_MAX >> (64 - 8 * bytes);
}

static uint64_t load(const void *at, unsigned bytes)
{
	uint64_t value = 0;

	switch (bytes) {
	case 1:
		return *(const uint8_t *)at;
	case 2:
		return *(const uint16_t *)at;
	case 4:
		return *(const uint32_t *)at;
	default:
		memcpy(&value, at, sizeof(value));
		return value;
	}
}

static void save(void *at, unsigned bytes, uint64_t value)
{
	switch (bytes) {
	case 1:
		*(uint8_t *)at = (uint8_t)value;
		break;
	case 2:
		*(uint16_t *)at = (uint16_t)value;
		break;
	case 4:
		*(uint32_t *)at = (uint32_t)value;
		break;
	default:
		memcpy(at, &value, sizeof(value));
	}
}

static void bind_text(sqlite3_stmt *stmt, int place, const char *text)
{
	if (*text)
		sqlite3_bind_text(stmt, place, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(stmt, place);
}

static void bind_bytes(sqlite3_stmt *stmt, int place, const struct hp_view *bytes)
{
	sqlite3_bind_blob64(stmt, place, bytes->bytes ? bytes->at : "", bytes->bytes,
			    SQLITE_STATIC); /* no bytes at NULL would be a NULL */
}

static void bind_number(sqlite3_stmt *stmt, int place, const struct run_column *column,
			const void *at)
{
	uint64_t number = load(at, column->bytes);

	if (column->value == RUN_MAYBE && number == all_ones(column->bytes))
		sqlite3_bind_null(stmt, place);
	else
		sqlite3_bind_int64(stmt, place, (sqlite3_int64)number);
}

static void bind_row(sqlite3_stmt *stmt, const struct run_table *table, const void *from)
{
	for (unsigned i = 0; i < table->column_count; i++) {
		const struct run_column *column = &table->columns[i];
		const void *at = (const char *)from + column->offset;
		int place = (int)i + 1;

		if (column->value <= RUN_BITS)
			bind_number(stmt, place, column, at);
		else if (column->value == RUN_REAL)
			sqlite3_bind_double(stmt, place, *(const double *)at);
		else if (column->value == RUN_TEXT)
			bind_text(stmt, place, at);
		else if (column->value == RUN_STRING)
			bind_text(stmt, place, *(const char *const *)at);
		else
			bind_bytes(stmt, place, at);
	}
}

bool run_row_put(sqlite3_stmt *stmt, const struct run_table *table, const void *from)
{
	bind_row(stmt, table, from);
	sqlite3_step(stmt);
	return sqlite3_reset(stmt) == SQLITE_OK;
}

void run_row_result(sqlite3_context *context, const struct run_column *column, const void *from)
{
	const void *at = (const char *)from + column->offset;
	uint64_t number;

	if (column->value == RUN_TEXT) {
		if (*(const char *)at)
			sqlite3_result_text(context, at, -1, SQLITE_STATIC);
		return; /* else NULL, as it began */
	}
	assert(column->value <= RUN_BITS);
	number = load(at, column->bytes);
	if (column->value != RUN_MAYBE || number != all_ones(column->bytes))
		sqlite3_result_int64(context, (sqlite3_int64)number);
}

static bool read_text(sqlite3_stmt *stmt, int place, char *into, size_t bytes)
{
	const char *text = (const char *)sqlite3_column_text(stmt, place);
	size_t length = text ? strlen(text) : 0;

	length = length < bytes ? length : bytes - 1;
	memset(into, 0, bytes);
	if (text)
		memcpy(into, text, length);
	return true;
}

static bool read_number(sqlite3_stmt *stmt, int place, const struct run_column *column, void *into)
{
	int type = sqlite3_column_type(stmt, place);
	uint64_t number = (uint64_t)sqlite3_column_int64(stmt, place);

	if (type == SQLITE_NULL && column->value == RUN_MAYBE)
		number = all_ones(column->bytes);
	else if (type != SQLITE_INTEGER || number > column->max ||
		 number > all_ones(column->bytes))
		return false;
	save(into, column->bytes, number);
	return true;
}

static bool read_real(sqlite3_stmt *stmt, int place, double *into)
{
	int type = sqlite3_column_type(stmt, place);

	*into = type == SQLITE_NULL ? NAN : sqlite3_column_double(stmt, place);
	return type == SQLITE_FLOAT || type == SQLITE_NULL;
}

static bool read_bytes(sqlite3_stmt *stmt, int place, struct hp_view *into)
{
	into->at = sqlite3_column_blob(stmt, place);
	into->bytes = (size_t)sqlite3_column_bytes(stmt, place);
	return sqlite3_column_type(stmt, place) == SQLITE_BLOB;
}

bool run_row_read(sqlite3_stmt *stmt, const struct run_table *table, void *into)
{
	bool good = true;

	for (unsigned i = 0; i < table->column_count && good; i++) {
		const struct run_column *column = &table->columns[i];
		void *at = (char *)into + column->offset;

		if (column->value <= RUN_BITS)
			good = read_number(stmt, (int)i, column, at);
		else if (column->value == RUN_REAL)
			good = read_real(stmt, (int)i, at);
		else if (column->value == RUN_TEXT)
			good = read_text(stmt, (int)i, at, column->bytes);
		else if (column->value == RUN_BYTES)
			good = read_bytes(stmt, (int)i, at);
	}
	return good;
}

int run_row_each(sqlite3 *db, const struct run_query *query, struct hp_err *err)
{
	sqlite3_stmt *stmt;
	bool good = true;

	if (run_row_select(db, query->table, query->tail, &stmt) < 0)
		return run_sql_unread(db, err);
	while (good && sqlite3_step(stmt) == SQLITE_ROW)
		good = run_row_read(stmt, query->table, query->row) &&
		       query->on_row(query->arg, query->row);
	if (sqlite3_finalize(stmt) != SQLITE_OK)
		return run_sql_unread(db, err);
	if (!good)
		return hp_err_set(err, HP_EINPUT, "table %s: a row is damaged", query->table->name);
	return 0;
}
