#include "store/run_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"
#include "store/run_figures.h"
#include "store/run_schema.h"
#include "store/run_writer.h"

enum { BUSY_MS = 1000 }; /* somebody may look at the file with sqlite3 */

struct run_file {
	sqlite3 *db;
	char *folder;
	struct run_writer *writer;
	struct ring *const *rings;
	size_t ring_count;
	uint64_t ring_lost; /* after the drain, when the rings are no longer ours */
	bool drained, settled;
};

static char *path_in(const char *folder, const char *name)
{
	size_t bytes = strlen(folder) + strlen(name) + 2;
	char *path = hp_xcalloc(bytes, 1);

	snprintf(path, bytes, "%s/%s", folder, name);
	return path;
}

static int make_one(const char *folder, struct hp_err *err)
{
	if (mkdir(folder, 0777) == 0 || errno == EEXIST)
		return 0;
	return hp_err_set(err, HP_EENV,
			  "%s: the folder cannot be made (%s); name another one with --out", folder,
			  strerror(errno));
}

/* Makes the folder and its parents, as mkdir -p does. */
static int make_folder(const char *folder, struct hp_err *err)
{
	char *path = hp_xstrdup(folder);
	int result = 0;

	for (char *at = path + 1; result == 0 && *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		result = make_one(path, err);
		*at = '/';
	}
	if (result == 0)
		result = make_one(path, err);
	free(path);
	return result;
}

static int check_space(const char *folder, struct hp_err *err)
{
	struct statvfs fs;
	uint64_t free_mib;

	if (statvfs(folder, &fs) < 0)
		return hp_err_set(err, HP_EENV, "%s: %s", folder, strerror(errno));
	free_mib = (uint64_t)fs.f_bavail * fs.f_frsize >> 20;
	if (free_mib >= RUN_FILE_FREE_MIB_MIN)
		return 0;
	return hp_err_set(err, HP_EENV,
			  "%s: only %llu MiB are free, a run file wants %d; free some space, or"
			  " name another folder with --out",
			  folder, (unsigned long long)free_mib, RUN_FILE_FREE_MIB_MIN);
}

/* Makes the empty file: nobody else's is ever taken for ours. */
static int create(const char *path, struct hp_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	const char *shortage;

	if (fd >= 0 && close(fd) == 0)
		return 0;
	if (fd >= 0)
		unlink(path);
	else if (errno == EEXIST)
		return hp_err_set(err, HP_EENV,
				  "%s: there is a run file already, and it is kept; remove it, or"
				  " name another folder with --out", path);
	shortage = hp_err_shortage(errno);
	return hp_err_set(err, HP_EENV, "%s: cannot be written (%m); %s", path,
			  shortage ? shortage
				   : "make the folder writable, or name another one with --out");
}

int run_file_check(const char *folder, struct hp_err *err)
{
	char *path;
	int result;

	if (make_folder(folder, err) < 0 || check_space(folder, err) < 0)
		return -1;
	path = path_in(folder, "run.db");
	result = create(path, err);
	if (result == 0)
		unlink(path);
	free(path);
	return result;
}

/* Page, cache and checkpoint sizes: measured with a million attempts, see README.md. */
static int configure(sqlite3 *db, struct hp_err *err)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
		 "PRAGMA page_size = %d; PRAGMA application_id = %d; PRAGMA user_version = %d;"
		 "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
		 "PRAGMA cache_size = -%d; PRAGMA wal_autocheckpoint = %d;"
		 "PRAGMA journal_size_limit = 0; PRAGMA temp_store = MEMORY",
		 RUN_PAGE_BYTES, RUN_APPLICATION_ID, RUN_FORMAT, RUN_CACHE_KIB,
		 RUN_CHECKPOINT_KIB * 1024 / RUN_PAGE_BYTES);
	return run_sql(db, sql, err);
}

/* A file system without shared memory would silently keep another journal. */
static int check_wal(sqlite3 *db, struct hp_err *err)
{
	sqlite3_stmt *stmt;
	bool wal = false;

	if (sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &stmt, NULL) != SQLITE_OK)
		return run_sql_failed(db, err);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		wal = strcmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
	sqlite3_finalize(stmt);
	if (wal)
		return 0;
	return hp_err_set(err, HP_EENV,
			  "this file system has no write-ahead log for SQLite (a network one?);"
			  " name a local folder with --out");
}

static int put_meta(sqlite3 *db, const char *key, const char *value, struct hp_err *err)
{
	struct run_pair pair = {key, value};

	return run_schema_rows(db, &run_table_meta, &RUN_ROWS_OF(&pair, 1), err);
}

void run_file_kernel(char *out, size_t bytes)
{
	struct utsname host = {.sysname = ""};

	uname(&host);
	snprintf(out, bytes, "%s %s %s", host.sysname, host.release, host.machine);
}

static int put_host(sqlite3 *db, struct hp_err *err)
{
	char kernel[sizeof(struct utsname)], number[32];

	run_file_kernel(kernel, sizeof(kernel));
	snprintf(number, sizeof(number), "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	if (put_meta(db, run_meta_kernel, kernel, err) < 0 ||
	    put_meta(db, run_meta_cpus, number, err) < 0)
		return -1;
	snprintf(number, sizeof(number), "%d", HP_RANDOM_VERSION);
	if (put_meta(db, run_meta_random_version, number, err) < 0 ||
	    put_meta(db, run_meta_histogram, run_figures_histogram, err) < 0)
		return -1;
	return put_meta(db, run_meta_sqlite_version, sqlite3_libversion(), err);
}

static int fill(sqlite3 *db, const struct run_file_config *config, struct hp_err *err)
{
	const char *recording = plan_recording_word(config->recording);
	struct run_rows meta = RUN_ROWS_OF(config->meta, config->meta_count);
	struct run_rows endpoints = RUN_ROWS_OF(config->endpoints, config->endpoint_count);

	if (run_schema_make(db, config->behaviours, config->behaviour_count, err) < 0 ||
	    put_meta(db, run_meta_state, "running", err) < 0 ||
	    put_meta(db, run_meta_recording, recording, err) < 0 ||
	    put_host(db, err) < 0 || run_schema_rows(db, &run_table_meta, &meta, err) < 0)
		return -1;
	return run_schema_rows(db, &run_table_endpoints, &endpoints, err);
}

static int prepare(sqlite3 *db, const struct run_file_config *config, struct hp_err *err)
{
	if (configure(db, err) < 0 || check_wal(db, err) < 0 || run_sql(db, "BEGIN", err) < 0 ||
	    fill(db, config, err) < 0)
		return -1;
	return run_sql(db, "COMMIT", err);
}

static void file_free(struct run_file *file)
{
	if (file->writer)
		run_writer_free(file->writer);
	sqlite3_close(file->db);
	free(file->folder);
	free(file);
}

static struct run_file *file_new(const struct run_file_config *config)
{
	struct run_file *file = hp_xcalloc(1, sizeof(*file));

	file->folder = hp_xstrdup(config->folder);
	file->rings = config->rings;
	file->ring_count = config->ring_count;
	return file;
}

static int start(struct run_file *file, const char *path, const struct run_file_config *config,
		 struct hp_err *err)
{
	struct run_file_config mine = *config;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

	mine.folder = file->folder;
	if (sqlite3_open_v2(path, &file->db, flags, NULL) != SQLITE_OK)
		return run_sql_failed(file->db, err);
	sqlite3_busy_timeout(file->db, BUSY_MS);
	if (prepare(file->db, config, err) < 0)
		return -1;
	file->writer = run_writer_new(file->db, &mine, err);
	return file->writer ? 0 : -1;
}

struct run_file *run_file_open(const struct run_file_config *config, struct hp_err *err)
{
	char *path = path_in(config->folder, "run.db");
	struct run_file *file = NULL;

	if (run_file_check(config->folder, err) < 0 || create(path, err) < 0)
		goto out;
	file = file_new(config);
	if (start(file, path, config, err) < 0) {
		hp_err_wrap(err, "%s", path);
		file_free(file);
		unlink(path);
		file = NULL;
	}
out:
	free(path);
	return file;
}

bool run_file_failed(const struct run_file *file, struct hp_err *err)
{
	return run_writer_failed(file->writer, err);
}

static uint64_t rings_lost(const struct run_file *file)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < file->ring_count; i++)
		lost += ring_lost(file->rings[i]);
	return lost;
}

uint64_t run_file_lost(const struct run_file *file)
{
	uint64_t rings = file->drained ? file->ring_lost : rings_lost(file);

	return rings + run_writer_lost(file->writer);
}

void run_file_drain(struct run_file *file)
{
	if (file->drained)
		return;
	run_writer_stop(file->writer);
	file->ring_lost = rings_lost(file);
	file->drained = true;
}

static int set_state(sqlite3 *db, bool interrupted, struct hp_err *err)
{
	return run_sql(db,
		       interrupted ? "UPDATE meta SET value = 'interrupted' WHERE key = 'state'"
				   : "UPDATE meta SET value = 'complete' WHERE key = 'state'",
		       err);
}

/* What a failure of the history leaves to say; the state stays: the file is incomplete. */
static int put_failure(const struct run_file *file, struct hp_err *err)
{
	struct hp_err failure;

	if (!run_file_failed(file, &failure))
		return 0;
	return put_meta(file->db, run_meta_failure, failure.msg, err);
}

static int put_verdict(sqlite3 *db, const struct judgement *judgement, struct hp_err *err)
{
	char code[16];

	if (!judgement)
		return 0;
	snprintf(code, sizeof(code), "%d", judgement->exit);
	if (put_meta(db, run_meta_verdict, run_verdict_word(judgement->verdict), err) < 0 ||
	    put_meta(db, run_meta_exit, code, err) < 0)
		return -1;
	if (judgement->untrusted &&
	    put_meta(db, run_meta_untrusted, judgement->untrusted_reason, err) < 0)
		return -1;
	return run_figures_put_findings(db, judgement, err);
}

/* One transaction, taken back when a part of it fails. */
static int in_transaction(struct run_file *file, const struct run_file_end *end,
			  int (*put)(struct run_file *file, const struct run_file_end *end,
				     struct hp_err *err),
			  struct hp_err *err)
{
	struct hp_err ignored;

	if (run_sql(file->db, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	if (put(file, end, err) == 0 && run_sql(file->db, "COMMIT", err) == 0)
		return 0;
	if (!sqlite3_get_autocommit(file->db) && run_sql(file->db, "ROLLBACK", &ignored) < 0)
		hp_log_debug("%s", ignored.msg);
	return -1;
}

static int put_end(struct run_file *file, const struct run_file_end *end, struct hp_err *err)
{
	struct hp_err failure;
	char lost[32];

	snprintf(lost, sizeof(lost), "%llu", (unsigned long long)run_file_lost(file));
	if (put_meta(file->db, run_meta_records_lost, lost, err) < 0 ||
	    put_failure(file, err) < 0 || run_figures_put_metrics(file->db, end->metrics, err) < 0)
		return -1;
	return run_file_failed(file, &failure) ? 0 : set_state(file->db, end->interrupted, err);
}

static int put_judgement(struct run_file *file, const struct run_file_end *end, struct hp_err *err)
{
	return put_verdict(file->db, end->judgement, err);
}

int run_file_settle(struct run_file *file, const struct run_file_end *end, struct hp_err *err)
{
	run_file_drain(file);
	if (file->settled)
		return 0;
	if (in_transaction(file, end, put_end, err) < 0)
		return -1;
	file->settled = true;
	return 0;
}

/* One file, in a form that opens from a folder that cannot be written too. Somebody who reads it
 * right now keeps that from happening, which loses nothing. */
static int leave_one_file(sqlite3 *db, struct hp_err *err)
{
	if (sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE", NULL,
			 NULL, NULL) == SQLITE_OK || sqlite3_errcode(db) == SQLITE_BUSY ||
	    sqlite3_errcode(db) == SQLITE_LOCKED)
		return 0;
	return run_sql_failed(db, err);
}

int run_file_finish(struct run_file *file, const struct run_file_end *end, struct hp_err *err)
{
	int result = run_file_settle(file, end, err);

	if (result == 0)
		result = in_transaction(file, end, put_judgement, err);
	if (result == 0)
		result = leave_one_file(file->db, err);
	if (result < 0)
		hp_err_wrap(err, "%s/run.db: figures and verdicts could not be stored",
			    file->folder);
	if (run_file_failed(file, err))
		result = -1;
	file_free(file);
	return result;
}
