/* What the files of the client share: a connection, and what both ways of speaking do to it. */
#ifndef HP_NET_CLIENT_INSIDE_H
#define HP_NET_CLIENT_INSIDE_H
#include <event2/event_struct.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "net/client.h"
#include "net/client_peers.h"
#include "net/loop.h"
#include "net/tls.h"

enum { CLIENT_READ_BYTES = 64 * 1024 }; /* one buffer for all connections of the worker */

struct port_conn { /* what each event touches stands first */
	struct client *client;
	void *user;
	struct tls *tls; /* from the moment at which TCP is connected */
	int fd;          /* -1: none, or no more */
	uint32_t wanted; /* of the epoll; 0: it does not know the connection */
	bool connected, broken; /* broken: a write failed, so an end of file is a reset */
	struct hp_buf unsent;     /* what the kernel did not take; empty almost always */
	struct client_peer *peer; /* whom TLS is spoken with; NULL: nobody, it is plain */
	uint64_t shaking_ns;      /* the moment at which TCP was connected */
	struct port_conn *next;   /* among the dead, or the free */
	enum port_end failed;     /* before connecting */
	struct event soon; /* no socket tells: it failed (EV_TIMEOUT), TLS holds more (EV_READ) */
};

struct client {
	struct port port;
	struct loop loop;
	struct loop_alarm timer, call;
	int epoll; /* of the connections */
	struct event *ready, *reaper;
	bool left; /* the rest of what is ready waits for the next client_run() */
	uint64_t start_ns;
	struct port_conn *dead, *free;
	struct client_peers peers;
	void (*on_stop)(void *arg);
	void *arg;
	void (*call_back)(void *arg);
	void *call_arg;
	char buf[CLIENT_READ_BYTES];
};

/* ---- client.c ---- */

/* EPOLLIN, EPOLLOUT or both. Said again, it tells again of what is there. */
void client_want(struct port_conn *conn, uint32_t what);

/* Copies what the kernel does not take now; where that is too much, breaks the connection. */
void client_keep(struct port_conn *conn, struct hp_view bytes);

/* No byte goes out any more. The read side says so in the next turn, after what has come: an early
 * answer is heard before the reset that follows it. */
void client_break(struct port_conn *conn);

/* The connection is dead, and its user hears of it. */
void client_end(struct port_conn *conn, enum port_end why);

/* ---- client_tls.c: only of a connection whose tls is set ---- */

/* send() through TLS. */
ssize_t client_tls_send_some(struct port_conn *conn, struct hp_view bytes);

/* The port's send, when nothing waits unsent. */
bool client_tls_send(struct port_conn *conn, struct hp_view bytes);

/* Goes on with the handshake, to on_open or the end. */
void client_tls_shake(struct port_conn *conn);

/* Reads what is there, and tells of it. */
void client_tls_read(struct port_conn *conn);
#endif
