/* One run by hand, for the tests of the engine and of the simulated world: a plan under paisr-v1,
 * receivers, the engine on the world in virtual time or on a port of the test's own, and the
 * history in an array. A test changes the plan and the behaviours between init and start. */
#ifndef HP_TESTS_LIB_SIM_FIXTURE_H
#define HP_TESTS_LIB_SIM_FIXTURE_H
#include "engine/engine.h"
#include "receivers/receiver.h"
#include "sim/world.h"

enum { SIM_ENDPOINTS_MAX = 4 };
#define SIM_START_WALL_NS (UINT64_C(1700000000) * HP_S_NS)

struct sim {
	struct history history; /* first: put() finds the rest */
	struct record *records;
	size_t count, room;
	void (*on_record)(struct sim *sim, const struct record *record); /* NULL: nobody looks */

	struct plan plan;
	struct receiver_config configs[SIM_ENDPOINTS_MAX];
	struct behaviour_part faults[SIM_ENDPOINTS_MAX][RECEIVER_BEHAVIOURS_MAX]; /* of guards */
	struct receiver *receivers[SIM_ENDPOINTS_MAX];
	struct world_host hosts[SIM_ENDPOINTS_MAX];
	struct world_config network; /* latency 1 ms, no loss */
	struct world *world;         /* NULL: the engine runs on another port */
	struct engine *engine;
	struct metrics *metrics;
	unsigned over_count;
};

/* Seed 42, one type "invoice.paid", 10 events a second for 1 s, retries waited for without end. */
void sim_init(struct sim *sim);
void sim_fini(struct sim *sim);

/* Loads a shipped profile into the plan. */
void sim_profile(struct sim *sim, const char *name);

/* Adds an endpoint with 8 connections and its receiver, which verifies and answers 204. events is
 * one pattern; NULL: everything. Returns its index. */
size_t sim_endpoint(struct sim *sim, const char *events);

/* Adds a behaviour with its defaults to a receiver. Returns it, to be changed before the start. */
struct behaviour *sim_behave(struct sim *sim, size_t endpoint_index, const char *slug);

/* Gives a parameter of a behaviour, or of the fault it guards, a value. */
void sim_set(struct behaviour_part *part, const char *name, uint64_t value);

/* Makes world, receivers and engine; on another port: the engine alone. */
void sim_start(struct sim *sim);
void sim_start_on(struct sim *sim, struct port *port);

/* Starts the engine and lets time pass until it is over; fails the test when it is not, and when
 * sim_check_laws() does. */
void sim_run(struct sim *sim);

/* What holds of every run: it was over once, the sums close, attempts of a delivery are numbered
 * 1, 2, 3, none begins before the one before it ended or before it is due, none follows a success,
 * and each delivery ends in one bucket. For PLAN_RECORD_ALL. */
void sim_check_laws(const struct sim *sim);

/* The attempt that ended index-th, or NULL; and how many there are. */
const struct record_attempt *sim_attempt(const struct sim *sim, size_t index);
size_t sim_attempts(const struct sim *sim);

/* How many records there are of that kind. */
size_t sim_records(const struct sim *sim, enum record_kind kind);
#endif
