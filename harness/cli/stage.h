/* The stage: the world that one run plays in, with its simulated receivers, and the generator on
 * it. Real sockets or virtual time, the run above it does not know which.
 *   stage_open(), stage_probe(), stage_schedule(), stage_play(), stage_close().
 * Owns the receivers, their thread and the port. Borrows scenario and rings until closed. */
#ifndef HP_CLI_STAGE_H
#define HP_CLI_STAGE_H
#include "cli/lines.h"
#include "cli/runner.h"
#include "engine/metrics.h"
#include "engine/ring.h"

enum { STAGE_RINGS = 2 }; /* the generator's and the receivers': one producer thread each */

struct stage_config {
	const struct runner_request *request;
	struct scenario *scenario; /* endpoints are pointed at what was bound and resolved */
	struct ring *const *rings; /* STAGE_RINGS of them */
	struct metrics *metrics;
	struct lines *lines; /* of receiving: shown each delivery; NULL: nobody reads them */
};

struct stage;

/* Makes the receivers and binds them, resolves the endpoints and refuses those that may not be
 * sent to. Returns new, or NULL with *err. */
struct stage *stage_open(const struct stage_config *config, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Tries every endpoint that is no receiver of ours: HP_EUNREACHABLE when none takes a connection.
 */
int stage_probe(struct stage *stage, struct hp_err *err) __attribute__((warn_unused_result));

/* Fixes the run's instant 0 a little ahead of now, of who only receives at now. Returns it as ns
 * since 1970. Who only receives is ended in order by an interrupt from here on. */
uint64_t stage_schedule(struct stage *stage);

/* Plays the plan to its end, or to the first interrupt; the receivers have stopped when it returns,
 * and the figures are complete. A second interrupt ends the process at once (exit 130).
 * -1 with *err when the generator cannot be made. */
int stage_play(struct stage *stage, struct hp_err *err) __attribute__((warn_unused_result));

bool stage_interrupted(const struct stage *stage);

/* Writes the root of this run's receivers that speak TLS into ca.pem of the folder, so that senders
 * can be told to trust it; nothing when none does. -1 with HP_EENV. */
int stage_save_ca(const struct stage *stage, const char *folder, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Where a receiver of ours listens, as a URL. Good until the next one is asked. */
const char *stage_receiver_url(struct stage *stage, size_t receiver_index);

/* Where the control endpoint is; NULL: nobody asked for one. Good until the next one is asked. */
const char *stage_control_url(struct stage *stage);

/* Where names of receivers are asked for, like "127.0.0.1:5353"; NULL: nowhere. Good until the next
 * one is asked. */
const char *stage_dns(struct stage *stage);

/* What a receiver counted; only after stage_play(). */
const struct receiver_counters *stage_counters(const struct stage *stage, size_t receiver_index);

void stage_close(struct stage *stage);
#endif
