/* The simulated world: the port in virtual time. A clock that jumps to the next thing that happens,
 * a network with latency and loss, and simulated receivers at its other end. The same engine and
 * the same receivers as on real sockets run here through hours in milliseconds, the same to the
 * nanosecond for the same seed.
 * The network: each message takes the latency one way; one that is lost is sent again after 1 s
 * (the first of a connection) or 200 ms, doubling, as TCP would. Order holds within a connection.
 * Not here: bandwidth, windows, segments. */
#ifndef HP_SIM_WORLD_H
#define HP_SIM_WORLD_H
#include "engine/port.h"
#include "receivers/session.h"

struct world;

struct world_host { /* a simulated receiver and where it listens */
	struct port_address address;
	struct receiver *receiver; /* borrowed */
};

struct world_config {
	uint64_t seed;
	uint64_t latency_ns; /* one way */
	double loss;         /* share of messages lost, 0 .. 0.5 */
	uint64_t start_wall_ns; /* since 1970, at the run's start */
	const struct world_host *hosts; /* borrowed */
	size_t host_count;
	void (*on_stop)(void *arg); /* called from world_run() after world_stop(); NULL: nobody */
	void *arg;
};

/* Returns new; borrows the hosts until freed. A connection to an address without a host is refused.
 */
struct world *world_new(const struct world_config *config);

/* The receivers write down what they still had: deliveries that were decided and not answered, and
 * windows that did not end. Their history is closed after this. */
void world_free(struct world *world);

/* The port for an engine; good as long as the world. */
struct port *world_port(struct world *world);

/* Lets time pass until world_leave(), or until nothing is left to happen. */
void world_run(struct world *world);
void world_leave(struct world *world);

/* Asks for on_stop. Also from a signal handler. */
void world_stop(struct world *world);
#endif
