/* What the files of the server share. For them alone: callers use server.h. */
#ifndef HP_NET_SERVER_INSIDE_H
#define HP_NET_SERVER_INSIDE_H
#include <event2/event.h>
#include <event2/event_struct.h>
#include <pthread.h>

#include "engine/timers.h"
#include "net/loop.h"
#include "net/server.h"
#include "net/tls_contexts.h"

enum server_tls_phase {
	SERVER_TLS_WAITING,   /* a behaviour plays on accept; then hands are shaken, if at all */
	SERVER_TLS_SHAKING,
	SERVER_TLS_HELD,      /* by a fault, until until_ns: nothing is read */
	SERVER_TLS_RESETTING, /* RST as soon as what was written is acknowledged */
	SERVER_TLS_GARBAGE,   /* a ClientHello is waited for, and answered with random bytes */
	SERVER_TLS_OPEN,      /* the session's bytes go through TLS */
	SERVER_TLS_PLAIN,     /* they go in clear */
	SERVER_TLS_OVER,      /* it failed: our FIN is next, what comes is thrown away */
	SERVER_TLS_LOST,      /* the peer left */
};

/* What a connection to a receiver that speaks TLS has more than a plain one. */
struct server_tls {
	struct tls *tls; /* NULL: before hands are shaken, and where they never are */
	enum server_tls_phase phase;
	enum tls_result end;   /* why no more comes; TLS_DONE: more may */
	struct hp_buf ahead;   /* in clear, shown to the session and not yet taken by it */
	bool more;             /* TLS holds bytes of which the socket says nothing */
	bool wants_write;      /* the handshake goes on when the socket can be written */
	uint64_t until_ns;     /* of HELD; HP_NEVER: for ever */
	uint64_t said_bytes;   /* on the wire, up to the end of the last answer */
	struct handshake handshake;
	struct handshake_seen seen; /* what does not stand in tls_seen() */
};

struct server_conn {
	struct event io;
	struct server_station *station;
	struct server_conn *next, *previous; /* of the station, or next of the free ones */
	struct session session;
	struct session_step step; /* that waits for its moment or for what is unsent; READ: none */
	struct server_tls *tls;   /* NULL: the receiver is plain */
	struct hp_buf unsent;     /* what the kernel did not take; empty almost always */
	uint64_t serial;          /* of its present life: timers of an earlier one are stale */
	uint64_t timer_ns;        /* a timer comes at that moment; HP_NEVER: none */
	uint64_t written_bytes;   /* that the kernel took */
	uint64_t active_ns;       /* it was opened, or read from */
	uint64_t settle_ns;       /* a reset waits no longer for acknowledgements; 0: none waits */
	uint32_t peeked_bytes;    /* seen and not read; the kernel wakes us beyond them */
	int fd;                   /* -1: free */
	short interest;           /* of io, as added; 0: not added */
	bool lingering;           /* our FIN is out: bytes are thrown away until the peer's */
	enum record_peer peer;    /* how it left */
};

struct server_station { /* where one receiver lives */
	struct server *server;
	struct receiver *receiver;
	struct port_address address; /* as bound */
	struct event *accept;        /* NULL: nobody listens */
	struct server_conn *conns;
	struct tls_contexts *contexts; /* NULL: the receiver is plain */
	int holder_fd; /* bound and never listening: keeps the port ours while nobody listens */
	int fd;        /* listens; -1: in a refused window */
	int plug_fd;   /* our own connection that fills the queue; -1: SYNs are answered */
	bool frozen, closed; /* closed: in a window that refuses or drops */
	uint64_t gap_from_ns; /* HP_NEVER: no gap is open */
	uint8_t gap_behaviour;
};

struct server_calls { /* from other threads */
	pthread_mutex_t lock;
	pthread_cond_t done;
	struct event *event;
	int fd;
	bool running, waiting;
	void (*act)(void *arg, uint64_t now_ns);
	void *arg;
};

struct server {
	struct server_config config;
	struct loop loop;
	struct loop_alarm alarm;
	struct event *turn_end;
	struct timers timers; /* owner: a conn with its serial, a station with cookie 0, or dns */
	uint64_t armed_ns;    /* what the alarm waits for */
	bool started;         /* the run's start has come */
	bool in_turn;
	uint64_t now_ns;        /* of the present callback, since the start */
	uint64_t wall_ns;       /* the same moment since 1970 */
	uint64_t turn_from_ns;  /* when the first callback of this turn of the loop began */
	uint64_t turn_late_ns;  /* how late the latest one of this turn was */
	struct server_calls calls;
	struct server_conn *free_conns;
	struct server_dns *dns; /* NULL: nobody asks for names */
	struct server_station *stations;
	size_t station_count;
	char buf[SESSION_READ_BYTES_MAX];
};

/* Reads the clock: first call of each callback. */
void server_enter(struct server *server);

static inline struct session_clock server_clock(const struct server *server)
{
	return (struct session_clock){.now_ns = server->now_ns, .wall_ns = server->wall_ns};
}

/* Asks for a moment. */
void server_wake_at(struct server *server, const struct timer *timer);

/* server_conn.c. Takes the descriptor. */
void server_conn_open(struct server_station *station, int fd);
void server_conn_due(struct server_conn *conn);
void server_conn_reset(struct server_conn *conn); /* RST, now */
void server_conn_drain(struct server_conn *conn); /* FIN, after an answer that is due */
void server_conn_close(struct server_conn *conn); /* at once, for the end of the run */
bool server_conn_is_idle(const struct server_conn *conn, uint64_t for_ns);
void server_conn_freeze(struct server_conn *conn);
void server_conn_thaw(struct server_conn *conn);

/* Does the session's steps that are due, and waits for what comes next. */
void server_conn_carry(struct server_conn *conn, struct session_step *step);

/* The peer left, by FIN or by an error that says the same. */
void server_conn_lose(struct server_conn *conn, enum record_peer how);

/* server_read.c: the socket can be read; one read or look, and a read more behind a look that
 * decided something. */
void server_conn_read(struct server_conn *conn);

static inline bool server_conn_is_secure(const struct server_conn *conn)
{
	return conn->tls != NULL && conn->tls->phase == SERVER_TLS_OPEN;
}

/* While it is shaking, the session has no say: what the socket said, and the end of a delay. */
bool server_conn_is_shaking(const struct server_conn *conn);
void server_conn_shake_on(struct server_conn *conn, short what);
void server_conn_shake(struct server_conn *conn);

/* server_tls.c: bytes through TLS, hands that are shaken, and what came of it. No loop, no timer:
 * server_conn.c does what the phase says. */

/* Makes the contexts that the receiver's rows ask for, so that what cannot be is said before the
 * run: HP_EINPUT. */
int server_tls_prepare(struct server_station *station, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Returns new; NULL when the receiver is plain. Behind receiver_meet(). */
struct server_tls *server_tls_new(const struct server_station *station);
void server_tls_free(struct server_tls *tls); /* before the descriptor is closed; NULL is allowed */

/* From WAITING to the phase that the handshake begins with. */
void server_tls_begin(struct server_tls *tls, const struct server_station *station, int fd);

/* In SHAKING, or at the end of a delay: shakes hands as far as it goes, and sets the phase. */
void server_tls_shake(struct server_tls *tls, uint64_t now_ns);

/* Whether the phase is one in which the session has no say. */
bool server_tls_is_shaking(const struct server_tls *tls);

/* Whether hands are to be shaken on when until_ns has come. */
bool server_tls_is_delayed(const struct server_tls *tls);

/* Fills buf with the random bytes, and the phase is OVER. */
struct hp_view server_tls_garbage(struct server_tls *tls, const struct server_station *station,
				  char buf[static SESSION_READ_BYTES_MAX]);

/* In OPEN, as send() and recv(). server_tls_look() is recv() with MSG_PEEK, and says when no more
 * can be shown. */
ssize_t server_tls_send(struct server_tls *tls, struct hp_view bytes);
ssize_t server_tls_recv(struct server_tls *tls, char *buf, size_t room);
ssize_t server_tls_look(struct server_tls *tls, char buf[static SESSION_READ_BYTES_MAX],
			bool *full);

/* In OPEN: whether a read gives something that the socket says nothing of, beyond shown_bytes. */
bool server_tls_has_more(const struct server_tls *tls, size_t shown_bytes);

/* In OPEN: our close_notify, before our FIN, unless a fault forbids it. False: no room for it. */
bool server_tls_part(struct server_tls *tls);

/* Bytes of the session's that the peer's kernel has not acknowledged, of so many written; and of a
 * handshake that is not over, of its own. HP_NEVER: not known. */
uint64_t server_tls_unacked_bytes(const struct server_tls *tls, int fd, uint64_t written_bytes);

/* Tells the receiver what was seen: behind the first read_bytes of a request, and at the end. */
void server_tls_tell(struct server_conn *conn, uint64_t read_bytes, bool over);

/* server_call.c. fini also after an init that failed. */
int server_calls_init(struct server *server, struct hp_err *err);
void server_calls_fini(struct server *server);
void server_calls_run(struct server *server, bool running);

/* server_station.c */
int server_station_open(struct server_station *station, struct hp_err *err);
void server_station_close(struct server_station *station);

/* Opens, closes, freezes or thaws as the receiver says for this moment, and asks for the next edge.
 * Also what makes a station try again when descriptors or the port were missing. */
void server_station_review(struct server_station *station);
#endif
