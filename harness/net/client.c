#include "net/client.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/span.h"
#include "net/address.h"
#include "net/client_peers.h"
#include "net/clock.h"
#include "net/loop.h"

enum {
	RECORDS_PER_TURN = 16, /* of TLS, 16 KiB each: then the other connections have their turn */
	READ_BYTES = 64 * 1024,           /* one buffer for all connections of the worker */
	UNSENT_BYTES_MAX = 2 * 1024 * 1024, /* of one request: a body of 1 MiB and its head */
};

struct port_conn {
	struct event io;
	struct client *client;
	struct port_conn *next; /* among the dead, or the free */
	void *user;
	struct hp_buf unsent; /* what the kernel did not take; empty almost always */
	struct client_peer *peer; /* whom TLS is spoken with; NULL: nobody, it is plain */
	struct tls *tls;          /* from the moment at which TCP is connected */
	uint64_t shaking_ns;      /* that moment */
	int fd;
	bool connected, broken; /* broken: a write failed, so an end of file is a reset */
	enum port_end failed;   /* before connecting */
};

struct client {
	struct port port;
	struct loop loop;
	struct loop_alarm timer, call;
	struct event *reaper;
	uint64_t start_ns;
	struct port_conn *dead, *free;
	struct client_peers peers;
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
	event_assign(&conn->io, conn->client->loop.base, conn->fd, (short)(what | EV_PERSIST),
		     on_io, conn);
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
	if (conn->tls) {
		tls_shutdown(conn->tls);
		tls_free(conn->tls);
		conn->tls = NULL;
	}
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
	event_assign(&conn->io, conn->client->loop.base, -1, 0, on_io, conn);
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

static struct port_conn *op_open(struct port *port, const struct port_target *target, void *user)
{
	struct client *client = client_of(port);
	struct port_conn *conn = conn_take(client);
	int error = connect_to(conn, &target->address);

	conn->user = user;
	if (target->tls)
		conn->peer = client_peers_at(&client->peers, target->endpoint_index);
	if (error)
		fail_later(conn, error);
	else
		conn_want(conn, EV_WRITE);
	return conn;
}

/* No byte goes out any more. The read side says so in the next turn, after what has come: an early
 * answer is heard before the reset that follows it. */
static void conn_break(struct port_conn *conn)
{
	conn->broken = true;
	hp_buf_fini(&conn->unsent);
	shutdown(conn->fd, SHUT_RDWR);
	conn_want(conn, EV_READ);
}

/* What cannot be kept ends the connection: half a request never stands as a whole one. */
static void conn_keep(struct port_conn *conn, struct hp_view bytes)
{
	if (hp_buf_add(&conn->unsent, bytes))
		conn_want(conn, EV_READ | EV_WRITE);
	else
		conn_break(conn);
}

/* send() through TLS. */
static ssize_t send_secured(struct port_conn *conn, struct hp_view bytes)
{
	size_t taken;
	enum tls_result result = tls_send(conn->tls, bytes, &taken);

	if (taken > 0)
		return (ssize_t)taken;
	errno = result == TLS_WANT_READ || result == TLS_WANT_WRITE ? EAGAIN : EPIPE;
	return -1;
}

/* A record can be on its way of which TLS has not taken a byte in clear. */
static bool op_send_secured(struct port_conn *conn, struct hp_view bytes)
{
	uint64_t before = tls_seen(conn->tls)->bytes_out;
	ssize_t taken = send_secured(conn, bytes);
	bool began = tls_seen(conn->tls)->bytes_out > before;

	if (taken < 0 && errno != EAGAIN) {
		conn_break(conn);
		return false;
	}
	if (taken > 0)
		bytes = (struct hp_view){bytes.at + taken, bytes.bytes - (size_t)taken};
	if (bytes.bytes > 0)
		conn_keep(conn, bytes);
	return began;
}

static bool op_send(struct port_conn *conn, struct hp_view bytes)
{
	ssize_t taken;

	if (conn->unsent.bytes > 0) { /* the peer answered early: what it let wait goes first */
		conn_keep(conn, bytes);
		return false;
	}
	if (conn->tls)
		return op_send_secured(conn, bytes);
	taken = send(conn->fd, bytes.at, bytes.bytes, MSG_NOSIGNAL);
	if (taken == (ssize_t)bytes.bytes)
		return true;
	if (taken < 0 && errno != EAGAIN) {
		conn_break(conn);
		return false;
	}
	if (taken > 0)
		bytes = (struct hp_view){bytes.at + taken, bytes.bytes - (size_t)taken};
	conn_keep(conn, bytes);
	return taken > 0;
}

static void op_close(struct port_conn *conn)
{
	conn_bury(conn);
}

/* ---- TLS ---- */

static void tell_handshake(struct port_conn *conn, enum tls_result result)
{
	const struct tls_seen *seen = tls_seen(conn->tls);
	struct port_handshake handshake = {
		.took_ns = clock_mono_ns() - conn->shaking_ns,
		.resumed = seen->resumed,
		.failed = result == TLS_DONE ? NULL : seen->error,
	};

	if (handshake.failed)
		client_peers_complain(conn->peer, handshake.failed);
	conn->client->port.user->on_handshake(conn->user, &handshake);
}

static void want_once(struct port_conn *conn, short what)
{
	if (!(event_get_events(&conn->io) & what))
		conn_want(conn, what);
}

static void shake(struct port_conn *conn)
{
	enum tls_result result = tls_handshake(conn->tls);

	if (result == TLS_WANT_READ || result == TLS_WANT_WRITE) {
		want_once(conn, result == TLS_WANT_READ ? EV_READ : EV_WRITE);
		return;
	}
	tell_handshake(conn, result);
	if (result != TLS_DONE) {
		conn_end(conn, PORT_END_TLS);
		return;
	}
	conn->connected = true;
	want_once(conn, EV_READ);
	if (tls_pending(conn->tls)) /* it came with the handshake: the socket says nothing of it */
		event_active(&conn->io, EV_READ, 0);
	conn->client->port.user->on_open(conn->user);
}

static enum port_end end_of_tls(const struct port_conn *conn, enum tls_result result)
{
	if (conn->broken)
		return PORT_END_RESET;
	if (result == TLS_CUT)
		return PORT_END_CUT;
	return result == TLS_CLOSED ? PORT_END_CLOSED : PORT_END_RESET;
}

static void read_secured(struct port_conn *conn)
{
	struct client *client = conn->client;

	for (int i = 0; i < RECORDS_PER_TURN; i++) {
		size_t bytes;
		enum tls_result result =
			tls_recv(conn->tls, client->buf, sizeof(client->buf), &bytes);

		if (result == TLS_DONE)
			client->port.user->on_bytes(conn->user, client->buf, bytes);
		else if (result >= TLS_CLOSED)
			conn_end(conn, end_of_tls(conn, result));
		if (result != TLS_DONE || !conn->tls || !tls_pending(conn->tls))
			return;
	}
	event_active(&conn->io, EV_READ, 0);
}

/* ---- what the loop says ---- */

static void on_connected(struct port_conn *conn)
{
	int error = 0;
	socklen_t bytes = sizeof(error);

	getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
	if (error) {
		conn_end(conn, end_of_errno(error));
		return;
	}
	if (conn->peer) {
		conn->tls = tls_connect(conn->peer->tls, conn->fd);
		conn->shaking_ns = clock_mono_ns();
		shake(conn);
		return;
	}
	conn->connected = true;
	conn_want(conn, EV_READ);
	conn->client->port.user->on_open(conn->user);
}

static void write_unsent(struct port_conn *conn)
{
	struct hp_view rest = hp_buf_view(&conn->unsent);
	ssize_t taken = conn->tls ? send_secured(conn, rest)
				  : send(conn->fd, rest.at, rest.bytes, MSG_NOSIGNAL);

	if (taken < 0 && errno != EAGAIN) {
		conn_break(conn);
		return;
	}
	if (taken > 0)
		hp_buf_drop(&conn->unsent, (size_t)taken);
	if (conn->unsent.bytes == 0) {
		hp_buf_fini(&conn->unsent);
		conn_want(conn, EV_READ);
	}
}

static void read_some(struct port_conn *conn)
{
	struct client *client = conn->client;
	ssize_t bytes;

	if (conn->tls) {
		read_secured(conn);
		return;
	}
	bytes = recv(conn->fd, client->buf, sizeof(client->buf), 0);

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
		if (conn->tls)
			shake(conn);
		else
			on_connected(conn);
		return;
	}
	if ((what & EV_WRITE) && conn->unsent.bytes > 0)
		write_unsent(conn);
	if (what & EV_READ)
		read_some(conn);
}

/* ---- the timer ---- */

static uint64_t mono_of(const struct client *client, uint64_t at_ns)
{
	return at_ns == HP_NEVER ? HP_NEVER : client->start_ns + at_ns;
}

static void op_timer(struct port *port, uint64_t at_ns)
{
	struct client *client = client_of(port);

	loop_alarm_set(&client->timer, mono_of(client, at_ns));
}

void client_call_at(struct client *client, uint64_t at_ns, void (*call)(void *arg), void *arg)
{
	client->call_back = call;
	client->call_arg = arg;
	loop_alarm_set(&client->call, mono_of(client, at_ns));
}

static void on_call(void *arg)
{
	struct client *client = arg;

	client->call_back(client->call_arg);
}

void client_start_at(struct client *client, uint64_t start_ns)
{
	client->start_ns = start_ns;
}

static void on_timer(void *arg)
{
	struct client *client = arg;

	client->port.on_timer(client->port.engine);
}

static void on_stop(void *arg)
{
	struct client *client = arg;

	if (client->on_stop)
		client->on_stop(client->arg);
}

void client_stop(struct client *client)
{
	loop_stop(&client->loop);
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

static int make_loop(struct client *client, struct hp_err *err)
{
	if (loop_init(&client->loop, on_stop, client, err) < 0 ||
	    loop_alarm_init(&client->timer, &client->loop, on_timer, client, err) < 0 ||
	    loop_alarm_init(&client->call, &client->loop, on_call, client, err) < 0)
		return -1;
	client->reaper = event_new(client->loop.base, -1, 0, on_reap, client);
	return 0;
}

struct client *client_new(uint64_t start_ns, struct hp_err *err)
{
	struct client *client = hp_xcalloc(1, sizeof(*client));

	client->port.ops = &ops;
	client->start_ns = start_ns;
	if (make_loop(client, err) == 0)
		return client;
	client_free(client);
	return NULL;
}

static void free_conns(struct port_conn *conn)
{
	while (conn) {
		struct port_conn *next = conn->next;

		free(conn);
		conn = next;
	}
}

void client_free(struct client *client)
{
	if (!client)
		return;
	loop_alarm_fini(&client->timer);
	loop_alarm_fini(&client->call);
	if (client->reaper)
		event_free(client->reaper);
	free_conns(client->dead);
	free_conns(client->free);
	client_peers_fini(&client->peers);
	loop_fini(&client->loop);
	free(client);
}

int client_secure(struct client *client, size_t endpoint_index, const struct client_tls *tls,
		  struct hp_err *err)
{
	return client_peers_add(&client->peers, endpoint_index, tls, err);
}

struct port *client_port(struct client *client)
{
	return &client->port;
}

struct loop *client_loop(struct client *client)
{
	return &client->loop;
}

void client_run(struct client *client, void (*stop)(void *arg), void *arg)
{
	client->on_stop = stop;
	client->arg = arg;
	loop_run(&client->loop);
}

void client_leave(struct client *client)
{
	loop_leave(&client->loop);
}
