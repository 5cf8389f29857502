/* The printer looks into its queue every POLL_MS, so that a delivery costs its receiver one copied
 * record and no system call. A stream that takes no more (a closed pipe) ends the printing: what
 * comes is dropped and counted. */
#include "cli/lines.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/ring.h"
#include "receivers/behaviour.h"
#include "reports/line.h"

enum {
	QUEUE_RECORDS = 1 << 15, /* ours: 6 MB; half a second of 60 000 a second */
	TURN_RECORDS = 256,
	POLL_MS = 20,
};

struct lines {
	struct lines_config config;
	struct ring *queue;
	struct hp_buf text; /* of one turn */
	uint64_t started_wall_ns;
	struct lines_count count; /* of the printer's thread while it runs */
	bool broken;              /* the stream takes no more */
	pthread_t thread;
	bool running;
	int wake_fd; /* readable when the printer shall end */
};

/* ---- the printer's thread ---- */

static void add_line(struct lines *lines, const struct record_receipt *receipt)
{
	const struct plan *plan = lines->config.plan;
	const struct behaviour_row *row = behaviour_by_number(receipt->behaviour);
	struct line line = {
		.receipt = receipt,
		.endpoint = receipt->endpoint_index < plan->endpoint_count
				    ? plan->endpoints[receipt->endpoint_index].name
				    : "?",
		.behaviour = row ? row->slug : NULL,
		.started_wall_ns = lines->started_wall_ns,
	};

	if (lines->config.json)
		line_json(&line, &lines->text);
	else
		line_text(&line, lines->config.utf8, &lines->text);
}

static void print(struct lines *lines, const struct record *records, size_t count)
{
	hp_buf_clear(&lines->text);
	for (size_t i = 0; i < count; i++)
		add_line(lines, &records[i].receipt);
	assert(!lines->text.cut);
	fwrite(lines->text.at, 1, lines->text.bytes, lines->config.out);
	lines->broken = fflush(lines->config.out) != 0 || ferror(lines->config.out);
}

/* One portion of what waits. False: nothing does. */
static bool turn(struct lines *lines)
{
	const struct record *records;
	size_t count = ring_peek(lines->queue, &records, TURN_RECORDS);

	if (count == 0)
		return false;
	if (!lines->broken)
		print(lines, records, count);
	if (lines->broken)
		lines->count.dropped += count;
	else
		lines->count.printed += count;
	ring_taken(lines->queue, count);
	return true;
}

static bool goes_on(const struct lines *lines)
{
	struct pollfd wake = {.fd = lines->wake_fd, .events = POLLIN};

	return poll(&wake, 1, POLL_MS) <= 0;
}

static void *run(void *arg)
{
	struct lines *lines = arg;

	while (goes_on(lines))
		while (turn(lines))
			;
	while (turn(lines))
		;
	return NULL;
}

/* ---- the other threads ---- */

struct lines *lines_new(const struct lines_config *config, struct hp_err *err)
{
	struct lines *lines = hp_xcalloc(1, sizeof(*lines));

	lines->config = *config;
	lines->queue = ring_new(QUEUE_RECORDS);
	hp_buf_init(&lines->text, TURN_RECORDS * LINE_BYTES_MAX);
	lines->wake_fd = eventfd(0, EFD_CLOEXEC);
	if (lines->wake_fd >= 0)
		return lines;
	hp_err_set(err, HP_EENV, "eventfd: %s", strerror(errno));
	lines_free(lines);
	return NULL;
}

int lines_start(struct lines *lines, uint64_t started_wall_ns, struct hp_err *err)
{
	sigset_t all, before;
	int error;

	lines->started_wall_ns = started_wall_ns;
	sigfillset(&all); /* signals are for the thread of the loop */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&lines->thread, NULL, run, lines);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return hp_err_set(err, HP_EENV, "no thread for the lines: %s", strerror(error));
	lines->running = true;
	return 0;
}

void lines_see(struct lines *lines, const struct record *record)
{
	history_put(ring_history(lines->queue), record);
}

struct lines_count lines_end(struct lines *lines)
{
	uint64_t one = 1;

	if (lines->running) {
		while (write(lines->wake_fd, &one, sizeof(one)) < 0)
			assert(errno == EINTR);
		pthread_join(lines->thread, NULL);
		lines->running = false;
		lines->count.dropped += ring_lost(lines->queue);
	}
	return lines->count;
}

void lines_free(struct lines *lines)
{
	if (!lines)
		return;
	lines_end(lines);
	ring_free(lines->queue);
	hp_buf_fini(&lines->text);
	if (lines->wake_fd >= 0)
		close(lines->wake_fd);
	free(lines);
}
