/* What the files of the server share. For them alone: callers use server.h. */
#ifndef HP_NET_SERVER_INSIDE_H
#define HP_NET_SERVER_INSIDE_H
#include <event2/event.h>
#include <event2/event_struct.h>

#include "engine/timers.h"
#include "net/loop.h"
#include "net/server.h"

struct server_conn {
	struct event io;
	struct server_station *station;
	struct server_conn *next, *previous; /* of the station, or next of the free ones */
	struct session session;
	struct session_step step; /* that waits for its moment or for what is unsent */
	struct hp_buf unsent;     /* what the kernel did not take; empty almost always */
	uint64_t serial;          /* of its present life: timers of an earlier one are stale */
	int fd;                   /* -1: free */
	bool waiting;             /* step is due at step.at_ns */
	bool lingering;           /* our FIN is out: bytes are thrown away until the peer's */
};

struct server_station { /* where one receiver lives */
	struct server *server;
	struct receiver *receiver;
	struct port_address address; /* as bound */
	struct event *accept;        /* NULL: nobody listens */
	struct server_conn *conns;
	int holder_fd; /* bound and never listening: keeps the port ours while nobody listens */
	int fd;        /* listens; -1: in a refused window */
	bool frozen;
	uint64_t gap_from_ns; /* HP_NEVER: no gap is open */
	uint8_t gap_behaviour;
};

struct server {
	struct server_config config;
	struct loop loop;
	struct loop_alarm alarm;
	struct event *turn_end;
	struct timers timers; /* owner: a conn with its serial, or a station with cookie 0 */
	uint64_t armed_ns;    /* what the alarm waits for */
	bool started;         /* the run's start has come */
	bool in_turn;
	uint64_t now_ns;        /* of the present callback, since the start */
	uint64_t wall_ns;       /* the same moment since 1970 */
	uint64_t turn_from_ns;  /* when the first callback of this turn of the loop began */
	uint64_t turn_late_ns;  /* how late the latest one of this turn was */
	struct server_conn *free_conns;
	struct server_station *stations;
	size_t station_count;
	char buf[SESSION_READ_BYTES_MAX];
};

/* Reads the clock: first call of each callback. */
void server_enter(struct server *server);

/* Asks for a moment. */
void server_wake_at(struct server *server, const struct timer *timer);

/* server_conn.c. Takes the descriptor. */
void server_conn_open(struct server_station *station, int fd);
void server_conn_due(struct server_conn *conn);
void server_conn_reset(struct server_conn *conn); /* RST, now */
void server_conn_close(struct server_conn *conn); /* at once, for the end of the run */
void server_conn_freeze(struct server_conn *conn);
void server_conn_thaw(struct server_conn *conn);

/* server_station.c */
int server_station_open(struct server_station *station, struct hp_err *err);
void server_station_close(struct server_station *station);

/* Opens, closes, freezes or thaws as the receiver says for this moment, and asks for the next edge.
 * Also what makes a station try again when descriptors or the port were missing. */
void server_station_review(struct server_station *station);
#endif
