/* The port on real sockets: libevent raw events, own buffers, one absolute timerfd.
 * One client per worker thread; everything but client_stop() is called on that thread.
 * A connection writes at once and asks for write interest only after EAGAIN; it is freed by the
 * reaper, never on its own callback's stack. */
#ifndef HP_NET_CLIENT_H
#define HP_NET_CLIENT_H
#include "base/err.h"
#include "engine/port.h"

struct client;

/* Returns new, or NULL with *err. start_ns is the run's start on the monotonic clock: the port's
 * moments count from it. */
struct client *client_new(uint64_t start_ns, struct hp_err *err)
	__attribute__((warn_unused_result));
void client_free(struct client *client);

/* The port for an engine; good as long as the client. */
struct port *client_port(struct client *client);

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
