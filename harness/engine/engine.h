/* The engine: releases what the plan says when it is due, sends it down the lanes, and decides
 * what becomes of a delivery after each attempt. Open loop: the plan does not wait for answers.
 * It knows the world only through its port, so the same code runs against sockets, in scaled time
 * and in virtual time. One engine per worker, used from that worker's loop only. */
#ifndef HP_ENGINE_ENGINE_H
#define HP_ENGINE_ENGINE_H
#include "engine/metrics.h"
#include "engine/plan.h"
#include "engine/port.h"
#include "engine/record.h"

struct engine;

struct engine_config {
	const struct plan *plan; /* borrowed until freed, as are all of these */
	struct port *port;
	struct history *history;
	struct metrics *metrics; /* for plan->endpoint_count endpoints */
	void (*on_over)(void *arg); /* once, when every delivery has found its bucket */
	void *arg;
};

/* Returns new, or NULL with *err when a secret does not fit the profile's scheme. */
struct engine *engine_new(const struct engine_config *config, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Begins; the port's clock stands at the run's start (0). on_over follows from the loop. */
void engine_start(struct engine *engine);

/* Cuts the plan at this instant and starts no retry any more. Attempts in flight may end within
 * grace_ns; what waits is written down as pending or not sent. From the worker's loop only. */
void engine_stop(struct engine *engine, uint64_t grace_ns);

void engine_free(struct engine *engine);
#endif
