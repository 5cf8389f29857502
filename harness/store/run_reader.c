#include "store/run_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "store/run_figures.h"
#include "store/run_reader_inside.h"

enum {
	META_ROWS_MAX = 1024,
	VALUE_BYTES_MAX = 16 * 1024 * 1024, /* of one text or blob: a scenario, a histogram */
	CACHE_KIB = 16384,                  /* of each sorter before it goes to disk, too */
	BUSY_MS = 2000,
};

struct run_text { /* a row of meta, owned */
	char *key, *value;
};

static char *find_path(const char *path, struct hp_err *err)
{
	size_t bytes = strlen(path) + sizeof("/run.db");
	char *found = hp_xcalloc(bytes, 1);
	struct stat st;

	snprintf(found, bytes, "%s", path);
	if (stat(found, &st) == 0 && S_ISDIR(st.st_mode))
		snprintf(found, bytes, "%s/run.db", path);
	if (stat(found, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		return found;
	if (stat(found, &st) < 0)
		hp_err_set(err, HP_EINPUT, "%s: %s; give a run's folder or its run.db", found,
			   strerror(errno));
	else
		hp_err_set(err, HP_EINPUT, "%s: %s", found,
			   S_ISREG(st.st_mode) ? "an empty file, no run file" : "no file");
	free(found);
	return NULL;
}

static int connect(struct run_reader *reader, struct hp_err *err)
{
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
	char sql[128];

	if (sqlite3_open_v2(reader->path, &reader->db, flags, NULL) != SQLITE_OK)
		return run_sql_unread(reader->db, err);
	sqlite3_db_config(reader->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(reader->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_limit(reader->db, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
	sqlite3_busy_timeout(reader->db, BUSY_MS);
	snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%d; PRAGMA query_only = 1", CACHE_KIB);
	return sqlite3_exec(reader->db, sql, NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : run_sql_unread(reader->db, err);
}

/* The first value of the first row. */
static int ask_number(sqlite3 *db, const char *sql, int *number, struct hp_err *err)
{
	sqlite3_stmt *stmt = NULL;
	int result;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		*number = sqlite3_column_int(stmt, 0);
	result = sqlite3_finalize(stmt);
	if (sqlite3_errcode(db) == SQLITE_CANTOPEN && !hp_err_shortage(sqlite3_system_errno(db)))
		return hp_err_set(err, HP_EENV,
				  "cannot be opened: a file that was left behind needs a folder"
				  " that can be written; copy it to one, with its run.db-wal");
	return result == SQLITE_OK ? 0 : run_sql_unread(db, err);
}

static int check_format(struct run_reader *reader, struct hp_err *err)
{
	int id = 0, format = 0;

	if (ask_number(reader->db, "PRAGMA application_id", &id, err) < 0 ||
	    ask_number(reader->db, "PRAGMA user_version", &format, err) < 0)
		return -1;
	if (id != RUN_APPLICATION_ID)
		return hp_err_set(err, HP_EINPUT, "a database, but no run file of hookproof");
	if (format != RUN_FORMAT)
		return hp_err_set(err, HP_EINPUT,
				  "run file format %d, this hookproof reads %d; use the version"
				  " that wrote it", format, RUN_FORMAT);
	if (!run_schema_matches(reader->db))
		return hp_err_set(err, HP_EINPUT,
				  "no whole run file: a table is missing or changed");
	return 0;
}

static int check_pages(struct run_reader *reader, struct hp_err *err)
{
	sqlite3_stmt *stmt;
	const char *said;
	int result = 0;

	if (sqlite3_prepare_v2(reader->db, "PRAGMA quick_check(1)", -1, &stmt, NULL) != SQLITE_OK)
		return run_sql_unread(reader->db, err);
	if (sqlite3_step(stmt) != SQLITE_ROW) {
		result = run_sql_unread(reader->db, err);
	} else {
		said = (const char *)sqlite3_column_text(stmt, 0);
		if (!said || strcmp(said, "ok") != 0)
			result = hp_err_set(err, HP_EINPUT, "damaged: %.200s", said ? said : "?");
	}
	sqlite3_finalize(stmt);
	return result;
}

static void keep_pair(struct run_reader *reader, sqlite3_stmt *stmt)
{
	const char *key = (const char *)sqlite3_column_text(stmt, 0);
	const char *value = (const char *)sqlite3_column_text(stmt, 1);
	struct run_text *text;

	reader->meta = hp_xgrow(reader->meta, reader->meta_count + 1, sizeof(*reader->meta));
	text = &reader->meta[reader->meta_count++];
	text->key = hp_xstrdup(key ? key : "");
	text->value = hp_xstrdup(value ? value : "");
}

static int read_meta(struct run_reader *reader, struct hp_err *err)
{
	sqlite3_stmt *stmt;

	if (run_row_select(reader->db, &run_table_meta, "ORDER BY rowid", &stmt) < 0)
		return run_sql_unread(reader->db, err);
	while (reader->meta_count < META_ROWS_MAX && sqlite3_step(stmt) == SQLITE_ROW)
		keep_pair(reader, stmt);
	if (sqlite3_finalize(stmt) != SQLITE_OK)
		return run_sql_unread(reader->db, err);
	if (!run_reader_meta(reader, run_meta_state) ||
	    !run_reader_meta(reader, run_meta_recording))
		return hp_err_set(err, HP_EINPUT, "no whole run file: it does not say its state");
	return 0;
}

struct run_reader *run_reader_open(const char *path, struct hp_err *err)
{
	char *found = find_path(path, err);
	struct run_reader *reader;

	if (!found)
		return NULL;
	reader = hp_xcalloc(1, sizeof(*reader));
	reader->path = found;
	if (connect(reader, err) == 0 && check_format(reader, err) == 0 &&
	    check_pages(reader, err) == 0 && read_meta(reader, err) == 0)
		return reader;
	hp_err_wrap(err, "%s", found);
	run_reader_close(reader);
	return NULL;
}

void run_reader_close(struct run_reader *reader)
{
	if (!reader)
		return;
	for (size_t i = 0; i < reader->meta_count; i++) {
		free(reader->meta[i].key);
		free(reader->meta[i].value);
	}
	sqlite3_close(reader->db);
	free(reader->meta);
	free(reader->findings);
	free(reader->path);
	free(reader);
}

const char *run_reader_meta(const struct run_reader *reader, const char *key)
{
	for (size_t i = 0; i < reader->meta_count; i++)
		if (strcmp(reader->meta[i].key, key) == 0)
			return reader->meta[i].value;
	return NULL;
}

bool run_reader_complete(const struct run_reader *reader)
{
	return strcmp(run_reader_meta(reader, run_meta_state), "running") != 0;
}

void run_reader_url(const struct run_reader *reader, size_t endpoint_index, char *out, size_t bytes)
{
	const char *sql = "SELECT url FROM endpoints WHERE endpoint = ?";
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(reader->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)endpoint_index) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_type(stmt, 0) == SQLITE_TEXT)
		snprintf(out, bytes, "%s", (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
}

enum plan_recording run_reader_recording(const struct run_reader *reader)
{
	const char *word = run_reader_meta(reader, run_meta_recording);

	if (strcmp(word, "all") == 0)
		return PLAN_RECORD_ALL;
	return strcmp(word, "failures") == 0 ? PLAN_RECORD_FAILURES : PLAN_RECORD_SUMMARY;
}

int run_reader_metrics(struct run_reader *reader, struct metrics **metrics, struct hp_err *err)
{
	int endpoint_count = 0, stored = 0, result;

	if (ask_number(reader->db, "SELECT count(*) FROM endpoints", &endpoint_count, err) < 0 ||
	    ask_number(reader->db, "SELECT count(*) FROM counters", &stored, err) < 0)
		return -1;
	if (endpoint_count > PLAN_ENDPOINTS_MAX)
		return hp_err_set(err, HP_EINPUT, "%s: %d endpoints, at most %d are possible",
				  reader->path, endpoint_count, PLAN_ENDPOINTS_MAX);
	*metrics = metrics_new((size_t)endpoint_count);
	result = stored ? run_figures_get_metrics(reader->db, *metrics, err)
			: run_recount(reader, *metrics, err);
	if (result < 0) {
		metrics_free(*metrics);
		*metrics = NULL;
	}
	return result;
}

static enum run_verdict verdict_of(const char *word)
{
	for (enum run_verdict verdict = RUN_PASS; verdict <= RUN_INVALID; verdict++)
		if (word && strcmp(run_verdict_word(verdict), word) == 0)
			return verdict;
	return RUN_UNDECIDED;
}

/* The verdict, the exit code and whether it can be trusted, as the meta texts say. */
static void fill_verdict(const struct run_reader *reader, struct judgement *judgement)
{
	const char *code = run_reader_meta(reader, run_meta_exit);
	const char *untrusted = run_reader_meta(reader, run_meta_untrusted);

	judgement->verdict = verdict_of(run_reader_meta(reader, run_meta_verdict));
	judgement->exit = code ? (int)(strtoul(code, NULL, 10) & 0xff) : 4;
	judgement->untrusted = untrusted != NULL;
	snprintf(judgement->untrusted_reason, sizeof(judgement->untrusted_reason), "%s",
		 untrusted ? untrusted : "");
}

int run_reader_judgement(struct run_reader *reader, struct judgement *judgement,
			 struct hp_err *err)
{
	struct run_finding *rows;
	size_t count;

	if (run_figures_get_findings(reader->db, &rows, &count, err) < 0)
		return hp_err_wrap(err, "%s", reader->path);
	free(reader->findings);
	reader->findings = rows;
	*judgement = (struct judgement){.finding_count = count};
	judgement->findings = hp_xcalloc(count, sizeof(*judgement->findings));
	for (size_t i = 0; i < count; i++) {
		judgement->findings[i] = rows[i].finding;
		if (rows[i].level != CHECK_INFO)
			judgement->counts[rows[i].finding.verdict]++;
	}
	fill_verdict(reader, judgement);
	return 0;
}
