/* Tables of the run file as data: a column is a row that says where its value stands in one of our
 * structs, and the same row creates, binds and reads it.
 * Inside store/ only: SQLite's types are seen here. */
#ifndef HP_STORE_RUN_ROW_H
#define HP_STORE_RUN_ROW_H
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum run_value {
	RUN_COUNT,  /* unsigned, at most max */
	RUN_MAYBE,  /* unsigned, at most max; NULL stands for all bits one (HP_NEVER) */
	RUN_BITS,   /* any 64 bits, in SQL a signed number */
	RUN_REAL,   /* double; NULL stands for no number */
	RUN_TEXT,   /* char[] with NUL; NULL stands for empty; longer ones are cut */
	RUN_STRING, /* const char *, never NULL; not read */
	RUN_BYTES,  /* struct hp_view; read, it is good until the statement moves on */
};

struct run_column {
	const char *name;
	uint16_t offset, bytes; /* of the field in its struct */
	enum run_value value;
	uint64_t max;
};

struct run_table {
	const char *name;
	const struct run_column *columns;
	unsigned column_count;
};

/* A column that is named as its field, and one that is named otherwise; last, its value and max. */
#define RUN_COLUMN(type, field, ...) RUN_COLUMN_AS(#field, type, field, __VA_ARGS__)
#define RUN_COLUMN_AS(name, type, field, ...)                                                     \
	{                                                                                         \
		name, offsetof(type, field), sizeof(((type *)0)->field), __VA_ARGS__              \
	}
#define RUN_TABLE(name, columns)                                                                  \
	{                                                                                         \
		name, columns, sizeof(columns) / sizeof((columns)[0])                             \
	}
#define RUN_ANY UINT64_MAX /* as max: whatever the field holds */

/* Runs SQL that returns no rows. What fails is the environment's fault: HP_EENV. */
int run_sql(sqlite3 *db, const char *sql, struct hp_err *err) __attribute__((warn_unused_result));

/* Fills *err with HP_EENV from what SQLite said last. Returns -1. */
int run_sql_failed(sqlite3 *db, struct hp_err *err);

/* Fills *err with what SQLite said of a file that is read: HP_EINPUT when the file is wrong,
 * HP_EENV when the machine is. Returns -1. */
int run_sql_unread(sqlite3 *db, struct hp_err *err);

/* Returns a new statement in *stmt; sqlite3_finalize() ends it. The insert one has a parameter for
 * each column; the select one gives the columns in order, then tail ("ORDER BY …", or ""). */
int run_row_insert(sqlite3 *db, const struct run_table *table, sqlite3_stmt **stmt,
		   struct hp_err *err) __attribute__((warn_unused_result));
int run_row_select(sqlite3 *db, const struct run_table *table, const char *tail,
		   sqlite3_stmt **stmt) __attribute__((warn_unused_result));

/* The CREATE TABLE of the table. Returns a new string; free() ends it. */
char *run_row_schema(const struct run_table *table);

/* Inserts one more row from the fields of the struct at from, which is borrowed for the call.
 * False when SQLite refused. */
bool run_row_put(sqlite3_stmt *stmt, const struct run_table *table, const void *from);

/* Gives one field of the struct at from as a function's or virtual table's result. Borrows it. */
void run_row_result(sqlite3_context *context, const struct run_column *column, const void *from);

/* Fills the fields of the struct at into. False when a value is not of its column's kind or range:
 * the file is not ours or damaged. */
bool run_row_read(sqlite3_stmt *stmt, const struct run_table *table, void *into);
/* Rows of a table, one after the other. */
struct run_query {
	const struct run_table *table;
	const char *tail; /* "ORDER BY …", or "" */
	void *row;        /* the caller's struct, filled anew for each row */
	bool (*on_row)(void *arg, const void *row); /* false: the row makes no sense */
	void *arg;
};

/* Reads them all. -1: HP_EINPUT when a value or row makes no sense, else as run_sql_unread(). */
int run_row_each(sqlite3 *db, const struct run_query *query, struct hp_err *err)
	__attribute__((warn_unused_result));
#endif
