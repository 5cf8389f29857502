/* A lane: the connections to one endpoint and the deliveries that wait for one of them.
 * The happy path: a delivery is submitted, an idle connection takes it, its request goes out, the
 * answer comes, the attempt is over, the connection is idle again and serves the queue.
 * Without an idle connection one is opened, up to the endpoint's cap, and the delivery waits; the
 * wait counts from the planned instant. A connection that cannot be made fails the delivery that
 * waits longest: that was its attempt. Timeouts are lazy: a connection has one deadline, looked
 * at again when an earlier timer comes up, so a request in time costs no timer work.
 * Not here: when a delivery is due, and what becomes of it after an attempt (engine.c). */
#ifndef HP_ENGINE_LANE_H
#define HP_ENGINE_LANE_H
#include "engine/ledger.h"
#include "engine/port.h"
#include "engine/request.h"
#include "engine/timers.h"

/* Something with a deadline among the shared timers. */
struct timed {
	void (*due)(struct timed *timed, uint64_t cookie, uint64_t now_ns);
};

/* What all lanes of one engine share; the engine owns it. */
struct lane_shared {
	struct port *port;
	const struct plan *plan;
	struct metrics *metrics;
	struct timers deadlines; /* of struct timed */
	char *scratch;           /* holds the largest request of any lane */
	unsigned in_flight;
	size_t queued;
	uint64_t wall_offset_ns; /* wall minus monotonic now, for dates in answers only */
	uint64_t wall_start_ns;  /* the run's start since 1970, for timestamps that are preserved */
	bool held;    /* the cap on in-flight deliveries kept one in its queue */
	bool closing; /* the run is over: nothing is started any more */
	/* An attempt is over; the delivery is IN_FLIGHT and belongs to the engine again. */
	void (*ended)(void *engine, struct delivery *delivery, struct ledger_attempt *attempt);
	/* A first attempt waited longer than the queue allows. */
	void (*dropped)(void *engine, struct delivery *delivery, uint64_t now_ns);
	/* A TLS handshake with an endpoint ended. */
	void (*secured)(void *engine, size_t endpoint_index,
			const struct port_handshake *handshake, uint64_t now_ns);
	/* A callback of the port has been dealt with: the engine looks what is due. */
	void (*turn)(void *engine, uint64_t now_ns);
	void *engine;
};

struct lane;

/* Returns new; takes maker. Borrows shared until freed. */
struct lane *lane_new(struct lane_shared *shared, size_t endpoint_index,
		      struct request_maker *maker);
void lane_free(struct lane *lane);

/* Takes the delivery until its attempt has ended or it was dropped. */
void lane_submit(struct lane *lane, struct delivery *delivery, uint64_t now_ns);

/* Starts what waits, as far as connections and caps allow. */
void lane_serve(struct lane *lane, uint64_t now_ns);

/* Ends every attempt in flight as OUTCOME_ABANDONED and closes every connection. */
void lane_abandon(struct lane *lane, uint64_t now_ns);

/* Gives back the delivery that waits longest; NULL when none does. */
struct delivery *lane_take_back(struct lane *lane);

/* What the port tells the connections; the engine hands it to its port. */
extern const struct port_user lane_port_user;
#endif
