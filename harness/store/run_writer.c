/* The happy path: the thread wakes, opens a transaction when there is a record, inserts all that
 * the rings hold, commits and sleeps; under load it sleeps less, so that a ring does not fill.
 * The failure: an insert or a commit is refused (a full disk). The transaction is rolled back, its
 * records and all later ones are counted as lost, and the owner reads it from an atomic flag. */
#include "store/run_writer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/recording.h"
#include "store/run_batch.h"

enum {
	PEEK_RECORDS = 256,     /* taken from a ring at once: the producer gets places back */
	TURN_RECORDS = 1 << 14, /* of a transaction, so that its commit is not put off */
	BUSY_RECORDS = 2048,    /* a turn of more halves the sleep, under a quarter doubles it */
	SLEEP_MS_MAX = RUN_FILE_LAG_MS / 2,
};

struct run_writer {
	sqlite3 *db;
	sqlite3_stmt *begin, *commit;
	struct run_batch *batch;
	struct run_file_config config;
	pthread_t thread;
	bool running;
	int wake_fd; /* readable when the thread shall end */

	bool in_transaction;
	uint64_t uncommitted;
	struct hp_err err; /* written before failed is set, never after */
	atomic_bool failed;
	_Atomic uint64_t lost;
};

static void count_lost(struct run_writer *writer, uint64_t count)
{
	atomic_fetch_add_explicit(&writer->lost, count, memory_order_relaxed);
}

static bool has_failed(const struct run_writer *writer)
{
	return atomic_load_explicit(&writer->failed, memory_order_acquire);
}

static void fail(struct run_writer *writer)
{
	run_sql_failed(writer->db, &writer->err);
	hp_err_wrap(&writer->err, "%s/run.db: the history could not be stored",
		    writer->config.folder);
	sqlite3_exec(writer->db, "ROLLBACK", NULL, NULL, NULL);
	count_lost(writer, writer->uncommitted);
	writer->uncommitted = 0;
	writer->in_transaction = false;
	atomic_store_explicit(&writer->failed, true, memory_order_release);
}

static bool step(sqlite3_stmt *stmt)
{
	sqlite3_step(stmt);
	return sqlite3_reset(stmt) == SQLITE_OK;
}

static bool begin(struct run_writer *writer)
{
	if (!writer->in_transaction)
		writer->in_transaction = step(writer->begin);
	return writer->in_transaction;
}

static void commit(struct run_writer *writer)
{
	if (!writer->in_transaction)
		return;
	if (!step(writer->commit)) {
		fail(writer);
		return;
	}
	writer->in_transaction = false;
	writer->uncommitted = 0;
}

static void tell_ticks(struct run_writer *writer, const struct record *records, size_t count)
{
	if (!writer->config.on_tick)
		return;
	for (size_t i = 0; i < count; i++)
		if (records[i].kind == RECORD_TICK)
			writer->config.on_tick(writer->config.arg, &records[i].tick);
}

static uint64_t kept(const struct run_writer *writer, const struct record *records, size_t count)
{
	uint64_t kept_count = 0;

	for (size_t i = 0; i < count; i++)
		kept_count += recording_keeps(writer->config.recording, &records[i]);
	return kept_count;
}

static void store(struct run_writer *writer, const struct record *records, size_t count)
{
	enum plan_recording recording = writer->config.recording;
	int64_t rows;

	if (has_failed(writer)) {
		count_lost(writer, kept(writer, records, count));
		return;
	}
	rows = begin(writer) ? run_batch_put(writer->batch, recording, records, count) : -1;
	if (rows < 0) {
		writer->uncommitted += kept(writer, records, count);
		fail(writer);
		return;
	}
	writer->uncommitted += (uint64_t)rows;
}

/* Stores what one ring holds, at most count records. Returns how many. */
static size_t empty_ring(struct run_writer *writer, struct ring *ring, size_t count)
{
	const struct record *records;
	size_t taken = 0, peeked;

	while (taken < count && (peeked = ring_peek(ring, &records, PEEK_RECORDS)) > 0) {
		tell_ticks(writer, records, peeked);
		store(writer, records, peeked);
		ring_taken(ring, peeked);
		taken += peeked;
	}
	return taken;
}

/* One transaction of what is there. Returns the count of the fullest ring. */
static size_t turn(struct run_writer *writer)
{
	size_t most = 0;

	for (size_t i = 0; i < writer->config.ring_count; i++) {
		size_t count = empty_ring(writer, writer->config.rings[i], TURN_RECORDS);

		most = count > most ? count : most;
	}
	commit(writer);
	return most;
}

static int next_sleep_ms(int sleep_ms, size_t count)
{
	if (count > BUSY_RECORDS)
		return sleep_ms > 1 ? sleep_ms / 2 : 1;
	if (count < BUSY_RECORDS / 4)
		return sleep_ms * 2 < SLEEP_MS_MAX ? sleep_ms * 2 : SLEEP_MS_MAX;
	return sleep_ms;
}

/* Sleeps, unless the thread shall end. */
static bool goes_on(const struct run_writer *writer, int sleep_ms)
{
	struct pollfd wake = {.fd = writer->wake_fd, .events = POLLIN};

	return poll(&wake, 1, sleep_ms) <= 0;
}

static void *run(void *arg)
{
	struct run_writer *writer = arg;
	int sleep_ms = SLEEP_MS_MAX;
	size_t count = 0;

	while (goes_on(writer, count >= TURN_RECORDS ? 0 : sleep_ms)) {
		count = turn(writer);
		sleep_ms = next_sleep_ms(sleep_ms, count);
	}
	while (turn(writer) > 0)
		;
	return NULL;
}

/* Signals are for the owner's thread. SIGXFSZ stays blocked here for good: a file that reached its
 * limit is an error of a write then. */
static int start(struct run_writer *writer)
{
	sigset_t all, before;
	int result;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = pthread_create(&writer->thread, NULL, run, writer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	writer->running = result == 0;
	return result;
}

static int prepare(struct run_writer *writer, struct hp_err *err)
{
	if (sqlite3_prepare_v2(writer->db, "BEGIN IMMEDIATE", -1, &writer->begin, NULL) ||
	    sqlite3_prepare_v2(writer->db, "COMMIT", -1, &writer->commit, NULL))
		return run_sql_failed(writer->db, err);
	writer->batch = run_batch_new(writer->db, err);
	return writer->batch ? 0 : -1;
}

struct run_writer *run_writer_new(sqlite3 *db, const struct run_file_config *config,
				  struct hp_err *err)
{
	struct run_writer *writer = hp_xcalloc(1, sizeof(*writer));
	int result;

	writer->db = db;
	writer->config = *config;
	writer->wake_fd = eventfd(0, EFD_CLOEXEC);
	if (writer->wake_fd < 0) {
		hp_err_set(err, HP_EENV, "eventfd: %m; " HP_RAISE_OPEN_FILES);
		goto out;
	}
	if (prepare(writer, err) < 0)
		goto out;
	result = start(writer);
	if (result == 0)
		return writer;
	hp_err_set(err, HP_EENV, "no thread for the run file: %s", strerror(result));
out:
	run_writer_free(writer);
	return NULL;
}

void run_writer_stop(struct run_writer *writer)
{
	uint64_t one = 1;

	if (!writer->running)
		return;
	while (write(writer->wake_fd, &one, sizeof(one)) < 0)
		assert(errno == EINTR);
	pthread_join(writer->thread, NULL);
	writer->running = false;
}

void run_writer_free(struct run_writer *writer)
{
	assert(!writer->running);
	sqlite3_finalize(writer->begin);
	sqlite3_finalize(writer->commit);
	run_batch_free(writer->batch);
	if (writer->wake_fd >= 0)
		close(writer->wake_fd);
	free(writer);
}

bool run_writer_failed(const struct run_writer *writer, struct hp_err *err)
{
	if (!has_failed(writer))
		return false;
	*err = writer->err;
	return true;
}

uint64_t run_writer_lost(const struct run_writer *writer)
{
	return atomic_load_explicit(&writer->lost, memory_order_relaxed);
}
