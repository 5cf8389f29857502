/* Carries simulated receivers on real sockets: listens, reads, writes, waits and breaks off as the
 * sessions of receivers/ say. One thread with one loop for all receivers of a server; only
 * server_stop() is called from elsewhere. Raw libevent events, one read buffer for all, a write
 * tried at once, one absolute timerfd for delayed answers and the edges of windows.
 * Not here: what is answered (receivers/). */
#ifndef HP_NET_SERVER_H
#define HP_NET_SERVER_H
#include "receivers/session.h"

struct server;
struct tls_authority; /* net/tls_authority.h */

struct server_config {
	uint64_t start_ns;   /* the run's start on the monotonic clock; may lie ahead: windows have
			      * not begun before it */
	uint64_t lag_ns_max; /* a turn of the loop that was later is a RECORD_LAG; HP_NEVER: none */
	struct history *history; /* of lags and gaps, written by the server's thread; borrowed */
	struct tls_authority *authority; /* signs for receivers that speak TLS, on the server's
					  * thread; NULL: none does; borrowed until server_free() */
	struct port_address dns; /* where names of receivers are asked for; family 0: nowhere. Then
				  * every receiver listens on this machine's own addresses alone */
};

struct server_dns_counters {
	uint64_t queries;  /* well-formed, of any name */
	uint64_t bad;      /* datagrams that are none */
	uint64_t answered; /* that the kernel took */
	uint64_t dropped;  /* answers that it did not take, or that were too many to wait */
};

struct server_receivers {
	struct receiver *const *at; /* borrowed until server_free() */
	size_t count;
};

/* Returns new, every receiver bound and listening; raises the limit of open files as far as it
 * goes. NULL with *err (HP_EENV, HP_EUSAGE for an address that cannot be bound). */
struct server *server_new(const struct server_config *config, struct server_receivers receivers,
			  struct hp_err *err) __attribute__((warn_unused_result));
void server_free(struct server *server);

/* Where a receiver listens, with the port that was chosen. Good as long as the server. */
const struct port_address *server_address(const struct server *server, size_t receiver_index);

/* Where the resolver listens; NULL: there is none. What it counted: when the server has stopped. */
const struct port_address *server_dns_address(const struct server *server);
const struct server_dns_counters *server_dns_counters(const struct server *server);

/* Moves the run's start. Only before server_run(). */
void server_start_at(struct server *server, uint64_t start_ns);

/* Runs the loop until server_stop(); the body of a thread. Every delivery that was decided has its
 * receipt in the history when it returns. */
void server_run(struct server *server);

/* Calls act on the server's thread between two of its callbacks, and returns when it has returned.
 * now_ns: since the run's start. From one other thread; also while the server does not run. */
void server_call(struct server *server, void (*act)(void *arg, uint64_t now_ns), void *arg);

/* Asks every receiver anew whether it listens, and what it does to requests that have not begun:
 * its behaviours were replaced. Only from inside a server_call(). */
void server_review(struct server *server);

/* Ends server_run(), also one that has not begun. From any thread, and from a signal handler. */
void server_stop(struct server *server);
#endif
