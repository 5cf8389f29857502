/* What the files of the virtual world share. For them alone: callers use world.h.
 * world.c has time, messages and the port; world_host.c what happens at a simulated receiver. */
#ifndef HP_SIM_WORLD_INSIDE_H
#define HP_SIM_WORLD_INSIDE_H
#include <signal.h>

#include "base/buf.h"
#include "engine/timers.h"
#include "sim/world.h"

#define WORLD_RESEND_FIRST_NS HP_S_NS /* RFC 6298 2: the initial RTO */

enum message_kind {
	MESSAGE_SYN,
	MESSAGE_OPENED,
	MESSAGE_REFUSED,
	MESSAGE_TO_SERVER,
	MESSAGE_TO_CLIENT,
	MESSAGE_FIN_TO_SERVER,
	MESSAGE_FIN_TO_CLIENT,
	MESSAGE_RST_TO_CLIENT,
	MESSAGE_ACT,  /* the receiver's next step is due: no message, but it waits like one */
	MESSAGE_EDGE, /* a receiver may begin or cease to listen, or to freeze */
};

struct message {
	enum message_kind kind;
	struct port_conn *conn;         /* NULL for EDGE */
	const struct world_host *host;  /* of EDGE */
	uint64_t generation;
	size_t bytes;
	char at[];
};

struct port_conn {
	struct world *world;
	struct port_conn *next; /* among the free */
	struct port_conn *all;
	void *user;
	const struct world_host *host; /* NULL: nobody there */
	struct session session;
	struct session_step step; /* that waits for its moment; READ: none */
	struct hp_buf unread;     /* arrived, and not yet taken by the session */
	uint64_t written_bytes;
	uint64_t arrived_bytes;   /* of those written, at a client that was still there */
	uint64_t due_ns;          /* an ACT comes at that moment; HP_NEVER: none */
	uint64_t number, generation;
	uint64_t to_server_ns, to_client_ns; /* the last arrivals: order holds */
	uint64_t shaking_ns; /* a TLS handshake is one round trip more, and costs nothing else */
	uint32_t sent;                       /* messages so far, for the keys of losses */
	bool client_open, server_open, in_use, tls;
};

struct gap { /* while a receiver does not listen or does nothing, on purpose */
	uint64_t from_ns;
	uint8_t behaviour; /* 0: it does what it should */
};

struct world {
	struct port port;
	struct world_config config;
	struct gap *gaps; /* one for each host */
	struct timers timers; /* of struct message */
	struct port_conn *free, *all;
	uint64_t now_ns, timer_ns, conn_count;
	uint64_t message_count; /* of two at one moment the older comes first */
	bool leaving;
	volatile sig_atomic_t stop_asked;
};

/* ---- world.c ---- */

struct message *world_message(struct port_conn *conn, enum message_kind kind, struct hp_view bytes);
void world_post(struct world *world, uint64_t at_ns, struct message *message);

/* Sends over the network, with its latency and losses, in order. */
void world_send(struct port_conn *conn, enum message_kind kind, struct hp_view bytes);
void world_signal(struct port_conn *conn, enum message_kind kind);

/* Free for another connection when both ends are done with it; older messages mean nothing. */
void world_release(struct port_conn *conn);

/* ---- world_host.c ---- */

void world_host_accept(struct port_conn *conn);
void world_host_reads(struct port_conn *conn, struct hp_view bytes);
void world_host_due(struct port_conn *conn);
void world_host_resets(struct port_conn *conn);
void world_host_ends(struct port_conn *conn, enum record_end end, enum record_peer peer);

/* A receiver may begin or cease to listen, to drop or to freeze. */
void world_host_edge(struct world *world, const struct world_host *host);
void world_end_gap(struct world *world, const struct world_host *host);
#endif
