#include "net/client.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/span.h"
#include "net/address.h"
#include "net/clock.h"

enum {
	READ_BYTES = 64 * 1024,           /* one buffer for all connections of the worker */
	UNSENT_BYTES_MAX = 2 * 1024 * 1024, /* of one request: a body of 1 MiB and its head */
};

struct port_conn {
	struct event io;
	struct client *client;
	struct port_conn *next; /* among the dead, or the free */
	void *user;
	struct hp_buf unsent; /* what the kernel did not take; empty almost always */
	int fd;
	bool connected, broken; /* broken: a write failed, so an end of file is a reset */
	enum port_end failed;   /* before connecting */
};

struct client {
	struct port port;
	struct event_base *base;
	struct event *timer, *stop, *reaper, *call;
	int timer_fd, stop_fd, call_fd;
	uint64_t start_ns;
	struct port_conn *dead, *free;
	void (*on_stop)(void *arg);
	void *arg;
	void (*call_back)(void *arg);
	void *call_arg;
	char buf[READ_BYTES];
};

static struct client *client_of(struct port *port)
{
	return (struct client *)port;
}

static uint64_t op_now_ns(struct port *port)
{
	return clock_mono_ns() - client_of(port)->start_ns;
}

static uint64_t op_wall_ns(struct port *port)
{
	(void)port;
	return clock_wall_ns();
}

/* ---- connections ---- */

static void on_io(evutil_socket_t fd, short what, void *arg);

static void conn_want(struct port_conn *conn, short what)
{
	if (event_initialized(&conn->io))
		event_del(&conn->io);
	event_assign(&conn->io, conn->client->base, conn->fd, (short)(what | EV_PERSIST), on_io,
		     conn);
	event_add(&conn->io, NULL);
}

static struct port_conn *conn_take(struct client *client)
{
	struct port_conn *conn = client->free;

	if (conn)
		client->free = conn->next;
	else
		conn = hp_xcalloc(1, sizeof(*conn));
	*conn = (struct port_conn){.client = client, .fd = -1};
	hp_buf_init(&conn->unsent, UNSENT_BYTES_MAX);
	return conn;
}

/* Marks the connection dead; the reaper makes it free for another one on a clean stack. */
static void conn_bury(struct port_conn *conn)
{
	struct client *client = conn->client;

	if (event_initialized(&conn->io))
		event_del(&conn->io);
	if (conn->fd >= 0)
		close(conn->fd);
	conn->fd = -1;
	hp_buf_fini(&conn->unsent);
	if (!client->dead)
		event_active(client->reaper, EV_TIMEOUT, 0);
	conn->next = client->dead;
	client->dead = conn;
}

static void on_reap(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;

	(void)fd, (void)what;
	while (client->dead) {
		struct port_conn *conn = client->dead;

		client->dead = conn->next;
		conn->next = client->free;
		client->free = conn;
	}
}

static void conn_end(struct port_conn *conn, enum port_end why)
{
	struct port *port = &conn->client->port;
	void *user = conn->user;

	conn_bury(conn);
	port->user->on_end(user, why);
}

static enum port_end end_of_errno(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return PORT_END_REFUSED;
	case EADDRNOTAVAIL:
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return PORT_END_NO_PORTS;
	case ECONNRESET:
	case EPIPE:
		return PORT_END_RESET;
	default:
		return PORT_END_UNREACHABLE;
	}
}

/* The user hears of it from the loop, never from inside open(). */
static void fail_later(struct port_conn *conn, int error)
{
	conn->failed = end_of_errno(error);
	event_assign(&conn->io, conn->client->base, -1, 0, on_io, conn);
	event_active(&conn->io, EV_TIMEOUT, 0);
}

static int connect_to(struct port_conn *conn, const struct port_address *address)
{
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(address, &storage);
	int one = 1;

	conn->fd = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (conn->fd < 0)
		return errno;
	setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(conn->fd, (struct sockaddr *)&storage, bytes) == 0 || errno == EINPROGRESS)
		return 0;
	return errno;
}

static struct port_conn *op_open(struct port *port, const struct port_address *address, void *user)
{
	struct port_conn *conn = conn_take(client_of(port));
	int error = connect_to(conn, address);

	conn->user = user;
	if (error)
		fail_later(conn, error);
	else
		conn_want(conn, EV_WRITE);
	return conn;
}

static bool op_send(struct port_conn *conn, struct hp_view bytes)
{
	ssize_t taken = send(conn->fd, bytes.at, bytes.bytes, MSG_NOSIGNAL);

	if (taken == (ssize_t)bytes.bytes)
		return true;
	if (taken < 0 && errno != EAGAIN) {
		conn->broken = true; /* the read side says so in the next turn */
		return false;
	}
	if (taken > 0)
		bytes = (struct hp_view){bytes.at + taken, bytes.bytes - (size_t)taken};
	hp_buf_add(&conn->unsent, bytes);
	conn_want(conn, EV_READ | EV_WRITE);
	return taken > 0;
}

static void op_close(struct port_conn *conn)
{
	conn_bury(conn);
}

static void on_connected(struct port_conn *conn)
{
	int error = 0;
	socklen_t bytes = sizeof(error);

	getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
	if (error) {
		conn_end(conn, end_of_errno(error));
		return;
	}
	conn->connected = true;
	conn_want(conn, EV_READ);
	conn->client->port.user->on_open(conn->user);
}

/* True when the connection is still there. */
static bool write_unsent(struct port_conn *conn)
{
	struct hp_view rest = hp_buf_view(&conn->unsent);
	ssize_t taken = send(conn->fd, rest.at, rest.bytes, MSG_NOSIGNAL);

	if (taken < 0 && errno != EAGAIN) {
		conn_end(conn, PORT_END_RESET);
		return false;
	}
	if (taken > 0)
		hp_buf_drop(&conn->unsent, (size_t)taken);
	if (conn->unsent.bytes == 0) {
		hp_buf_fini(&conn->unsent);
		conn_want(conn, EV_READ);
	}
	return true;
}

static void read_some(struct port_conn *conn)
{
	struct client *client = conn->client;
	ssize_t bytes = recv(conn->fd, client->buf, sizeof(client->buf), 0);

	if (bytes > 0)
		client->port.user->on_bytes(conn->user, client->buf, (size_t)bytes);
	else if (bytes == 0)
		conn_end(conn, conn->broken ? PORT_END_RESET : PORT_END_CLOSED);
	else if (errno != EAGAIN && errno != EINTR)
		conn_end(conn, PORT_END_RESET);
}

static void on_io(evutil_socket_t fd, short what, void *arg)
{
	struct port_conn *conn = arg;

	(void)fd;
	if (what & EV_TIMEOUT) {
		conn_end(conn, conn->failed);
		return;
	}
	if (!conn->connected) {
		on_connected(conn);
		return;
	}
	if ((what & EV_WRITE) && conn->unsent.bytes > 0 && !write_unsent(conn))
		return;
	if (what & EV_READ)
		read_some(conn);
}

/* ---- the timer ---- */

static void arm(const struct client *client, int timer_fd, uint64_t at_ns)
{
	struct itimerspec due = {.it_interval = {0}};

	if (at_ns != HP_NEVER) {
		uint64_t mono_ns = client->start_ns + at_ns;

		due.it_value.tv_sec = (time_t)(mono_ns / HP_S_NS);
		due.it_value.tv_nsec = (long)(mono_ns % HP_S_NS);
		if (mono_ns == 0)
			due.it_value.tv_nsec = 1; /* zero would disarm */
	}
	timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &due, NULL);
}

static void op_timer(struct port *port, uint64_t at_ns)
{
	arm(client_of(port), client_of(port)->timer_fd, at_ns);
}

void client_call_at(struct client *client, uint64_t at_ns, void (*call)(void *arg), void *arg)
{
	client->call_back = call;
	client->call_arg = arg;
	arm(client, client->call_fd, at_ns);
}

static void on_call(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;

	(void)fd, (void)what;
	client->call_back(client->call_arg);
}

void client_start_at(struct client *client, uint64_t start_ns)
{
	client->start_ns = start_ns;
}

/* Edge-triggered: an expiry is told once, so the descriptor need not be read. */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;

	(void)fd, (void)what;
	client->port.on_timer(client->port.engine);
}

static void on_stop(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) == (ssize_t)sizeof(count) && client->on_stop)
		client->on_stop(client->arg);
}

void client_stop(struct client *client)
{
	uint64_t one = 1;
	ssize_t written = write(client->stop_fd, &one, sizeof(one));

	(void)written; /* a full counter has asked already */
}

/* ---- life ---- */

static const struct port_ops ops = {
	.now_ns = op_now_ns,
	.wall_ns = op_wall_ns,
	.open = op_open,
	.send = op_send,
	.close = op_close,
	.timer = op_timer,
};

static int make_base(struct client *client)
{
	struct event_config *config = event_config_new();

	if (!config)
		return -1;
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_NO_CACHE_TIME);
	event_config_require_features(config, EV_FEATURE_ET);
	client->base = event_base_new_with_config(config);
	event_config_free(config);
	client->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	client->call_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	client->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!client->base || client->timer_fd < 0 || client->call_fd < 0 || client->stop_fd < 0)
		return -1;
	return 0;
}

struct client *client_new(uint64_t start_ns, struct hp_err *err)
{
	struct client *client = hp_xcalloc(1, sizeof(*client));

	client->port.ops = &ops;
	client->start_ns = start_ns;
	client->timer_fd = client->call_fd = client->stop_fd = -1;
	if (make_base(client) < 0) {
		hp_err_set(err, HP_EENV, "no event loop: %m; raise the limit of open files");
		client_free(client);
		return NULL;
	}
	client->timer = event_new(client->base, client->timer_fd, EV_READ | EV_PERSIST | EV_ET,
				  on_timer, client);
	client->stop = event_new(client->base, client->stop_fd, EV_READ | EV_PERSIST, on_stop,
				 client);
	client->call = event_new(client->base, client->call_fd, EV_READ | EV_PERSIST | EV_ET,
				 on_call, client);
	client->reaper = event_new(client->base, -1, 0, on_reap, client);
	event_add(client->timer, NULL);
	event_add(client->call, NULL);
	event_add(client->stop, NULL);
	return client;
}

static void free_conns(struct port_conn *conn)
{
	while (conn) {
		struct port_conn *next = conn->next;

		free(conn);
		conn = next;
	}
}

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void client_free(struct client *client)
{
	if (!client)
		return;
	free_event(client->timer);
	free_event(client->stop);
	free_event(client->call);
	free_event(client->reaper);
	free_conns(client->dead);
	free_conns(client->free);
	if (client->base)
		event_base_free(client->base);
	close_fd(client->timer_fd);
	close_fd(client->call_fd);
	close_fd(client->stop_fd);
	free(client);
}

struct port *client_port(struct client *client)
{
	return &client->port;
}

void client_run(struct client *client, void (*stop)(void *arg), void *arg)
{
	client->on_stop = stop;
	client->arg = arg;
	event_base_loop(client->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void client_leave(struct client *client)
{
	event_base_loopbreak(client->base);
}
