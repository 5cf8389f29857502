#include "net/client.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"
#include "net/address.h"
#include "net/client_inside.h"
#include "net/clock.h"

enum {
	UNSENT_BYTES_MAX = 2 * 1024 * 1024, /* of one request: a body of 1 MiB and its head */
	READY_MAX = 64, /* connections served before a timer has its turn */
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

/* Bytes without TLS are told by their edge: the kernel need not look a second time whether there is
 * more (1 % of an event, measured: make bench). */
void client_want(struct port_conn *conn, uint32_t what)
{
	struct epoll_event want = {.events = what, .data.ptr = conn};

	if (what == EPOLLIN && !conn->tls)
		want.events |= EPOLLET | EPOLLRDHUP | EPOLLPRI;
	epoll_ctl(conn->client->epoll, conn->wanted ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, conn->fd,
		  &want);
	conn->wanted = what;
}

/* libc's send() and recv() can be cancelled, which costs four locked instructions an event where
 * there are threads (0.5 %, measured: make bench). These cannot. */
static ssize_t send_some(int fd, struct hp_view bytes)
{
	return syscall(SYS_sendto, fd, bytes.at, bytes.bytes, MSG_NOSIGNAL, NULL, 0);
}

static ssize_t recv_some(int fd, void *buf, size_t bytes_max)
{
	return syscall(SYS_recvfrom, fd, buf, bytes_max, 0, NULL, NULL);
}

static void on_soon(evutil_socket_t fd, short what, void *arg);

static struct port_conn *conn_take(struct client *client)
{
	struct port_conn *conn = client->free;

	if (conn)
		client->free = conn->next;
	else
		conn = hp_xcalloc(1, sizeof(*conn));
	*conn = (struct port_conn){.client = client, .fd = -1};
	hp_buf_init(&conn->unsent, UNSENT_BYTES_MAX);
	event_assign(&conn->soon, client->loop.base, -1, 0, on_soon, conn);
	return conn;
}

/* Marks the connection dead; the reaper makes it free for another one on a clean stack. */
static void conn_bury(struct port_conn *conn)
{
	struct client *client = conn->client;

	event_del(&conn->soon);
	if (conn->wanted) /* a child that was just forked may hold the socket open */
		epoll_ctl(client->epoll, EPOLL_CTL_DEL, conn->fd, NULL);
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

void client_end(struct port_conn *conn, enum port_end why)
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
	event_active(&conn->soon, EV_TIMEOUT, 0);
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
		client_want(conn, EPOLLOUT);
	return conn;
}

void client_break(struct port_conn *conn)
{
	conn->broken = true;
	hp_buf_fini(&conn->unsent);
	shutdown(conn->fd, SHUT_RDWR);
	client_want(conn, EPOLLIN);
}

/* What cannot be kept ends the connection: half a request never stands as a whole one. */
void client_keep(struct port_conn *conn, struct hp_view bytes)
{
	if (hp_buf_add(&conn->unsent, bytes))
		client_want(conn, EPOLLIN | EPOLLOUT);
	else
		client_break(conn);
}

static bool op_send(struct port_conn *conn, struct hp_view bytes)
{
	ssize_t taken;

	if (conn->unsent.bytes > 0) { /* the peer answered early: what it let wait goes first */
		client_keep(conn, bytes);
		return false;
	}
	if (conn->tls)
		return client_tls_send(conn, bytes);
	taken = send_some(conn->fd, bytes);
	if (taken == (ssize_t)bytes.bytes)
		return true;
	if (taken < 0 && errno != EAGAIN) {
		client_break(conn);
		return false;
	}
	if (taken > 0)
		bytes = (struct hp_view){bytes.at + taken, bytes.bytes - (size_t)taken};
	client_keep(conn, bytes);
	return taken > 0;
}

static void op_close(struct port_conn *conn)
{
	conn_bury(conn);
}

/* ---- what the loop says ---- */

static void on_connected(struct port_conn *conn)
{
	int error = 0;
	socklen_t bytes = sizeof(error);

	getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
	if (error) {
		client_end(conn, end_of_errno(error));
		return;
	}
	if (conn->peer) {
		conn->tls = tls_connect(conn->peer->tls, conn->fd);
		conn->shaking_ns = clock_mono_ns();
		client_tls_shake(conn);
		return;
	}
	conn->connected = true;
	client_want(conn, EPOLLIN);
	conn->client->port.user->on_open(conn->user);
}

static void write_unsent(struct port_conn *conn)
{
	struct hp_view rest = hp_buf_view(&conn->unsent);
	ssize_t taken = conn->tls ? client_tls_send_some(conn, rest)
				  : send_some(conn->fd, rest);

	if (taken < 0 && errno != EAGAIN) {
		client_break(conn);
		return;
	}
	if (taken > 0)
		hp_buf_drop(&conn->unsent, (size_t)taken);
	if (conn->unsent.bytes == 0) {
		hp_buf_fini(&conn->unsent);
		client_want(conn, EPOLLIN);
	}
}

/* A read that leaves room has taken all there was, and another edge tells of more; but the end of
 * the stream may stand behind it already, and urgent data cuts it short. */
static void read_plain(struct port_conn *conn, uint32_t what)
{
	struct client *client = conn->client;
	ssize_t bytes = recv_some(conn->fd, client->buf, sizeof(client->buf));

	if (bytes > 0)
		client->port.user->on_bytes(conn->user, client->buf, (size_t)bytes);
	else if (bytes == 0)
		client_end(conn, conn->broken ? PORT_END_RESET : PORT_END_CLOSED);
	else if (errno != EAGAIN)
		client_end(conn, PORT_END_RESET);
	if (bytes > 0 && conn->fd >= 0 && (what != EPOLLIN || bytes == CLIENT_READ_BYTES))
		client_want(conn, conn->wanted);
}

static void on_soon(evutil_socket_t fd, short what, void *arg)
{
	struct port_conn *conn = arg;

	(void)fd;
	if (what & EV_TIMEOUT)
		client_end(conn, conn->failed);
	else
		client_tls_read(conn);
}

/* An error or the end of both ways is told unasked, and reading says which. */
static void on_io(struct port_conn *conn, uint32_t what)
{
	if (!conn->connected) {
		if (conn->tls)
			client_tls_shake(conn);
		else
			on_connected(conn);
		return;
	}
	if ((what & EPOLLOUT) && conn->unsent.bytes > 0)
		write_unsent(conn);
	if (!(what & ~(uint32_t)EPOLLOUT))
		return;
	if (conn->tls)
		client_tls_read(conn);
	else
		read_plain(conn, what);
}

/* The connections have an epoll of their own, which to libevent is one event. A connection that
 * ends in the meantime stays what it is until the reaper has its turn, behind all of these. What
 * is told when the loop has been left is told again when it is run again. */
static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;
	struct epoll_event ready[READY_MAX];
	int count = epoll_wait(fd, ready, READY_MAX, 0);

	(void)what;
	for (int i = 0; i < count; i++) {
		struct port_conn *conn = ready[i].data.ptr;

		if (conn->fd < 0)
			continue;
		if (client->left)
			client_want(conn, conn->wanted);
		else
			on_io(conn, ready[i].events);
	}
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
	client->epoll = epoll_create1(EPOLL_CLOEXEC);
	client->ready = event_new(client->loop.base, client->epoll, EV_READ | EV_PERSIST, on_ready,
				  client);
	if (client->epoll < 0 || event_add(client->ready, NULL) < 0)
		return hp_err_set(err, HP_EENV, "no event loop: %m; " HP_RAISE_OPEN_FILES);
	return 0;
}

struct client *client_new(uint64_t start_ns, struct hp_err *err)
{
	struct client *client = hp_xcalloc(1, sizeof(*client));

	client->port.ops = &ops;
	client->start_ns = start_ns;
	client->epoll = -1;
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
	if (client->ready)
		event_free(client->ready);
	if (client->epoll >= 0)
		close(client->epoll);
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
	client->left = false;
	loop_run(&client->loop);
}

void client_leave(struct client *client)
{
	client->left = true;
	loop_leave(&client->loop);
}
