/* The port on real sockets: an epoll of its own below libevent's, own buffers, an absolute timerfd.
 * One client per worker thread; everything but client_stop() is called on that thread.
 * A connection writes at once and asks for write interest only after EAGAIN; it is freed by the
 * reaper, never on its own callback's stack. */
#ifndef HP_NET_CLIENT_H
#define HP_NET_CLIENT_H
#include "base/err.h"
#include "engine/port.h"
#include "net/tls.h"

struct client;
struct loop; /* net/loop.h */

/* Returns new, or NULL with *err. start_ns is the run's start on the monotonic clock: the port's
 * moments count from it. */
struct client *client_new(uint64_t start_ns, struct hp_err *err)
	__attribute__((warn_unused_result));
void client_free(struct client *client);

/* The port for an engine; good as long as the client. */
struct port *client_port(struct client *client);

struct client_tls { /* how connections to one endpoint are secured; borrowed for the call */
	struct tls_client_config config; /* without a certificate of our own */
	const char *host; /* a name or a number, without brackets and port */
	const char *name; /* under which its first failed handshake is complained of; NULL: never */
};

/* Must be said of each endpoint whose target is TLS, before its first connection. -1 with
 * HP_EINPUT for a file that holds no authorities. */
int client_secure(struct client *client, size_t endpoint_index, const struct client_tls *tls,
		  struct hp_err *err) __attribute__((warn_unused_result));

/* The loop that client_run() runs, for what else shall live on that thread (web/). Good as long as
 * the client. */
struct loop *client_loop(struct client *client);

/* Moves the run's start. Only before client_run(). */
void client_start_at(struct client *client, uint64_t start_ns);

/* Calls once at a moment of the port's time. One call can wait at a time. */
void client_call_at(struct client *client, uint64_t at_ns, void (*call)(void *arg), void *arg);

/* Runs the loop until client_leave(). on_stop is called on the loop after each client_stop(). */
void client_run(struct client *client, void (*on_stop)(void *arg), void *arg);

/* Ends client_run() after the present callback. On the loop's thread. */
void client_leave(struct client *client);

/* Asks for on_stop. From any thread, and from a signal handler. */
void client_stop(struct client *client);
#endif
