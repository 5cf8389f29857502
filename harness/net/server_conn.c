/* Connections of the server. The happy path: readable, one read, one decision, one write. A step
 * with a later moment waits among the timers; what the kernel does not take waits for write
 * interest. A connection that is over goes to the free list, never back to malloc, so that a timer
 * of its former life finds a serial that does not fit and nothing else.
 * A peer's FIN while its answer is pending means that it gave up: the answer is dropped. */
#include "net/server_inside.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

enum { UNSENT_BYTES_MAX = 256 * 1024 }; /* of a peer that sends requests and reads no answers */
#define LINGER_NS (2 * HP_S_NS) /* ours: how long a peer may go on after our FIN */

static void on_io(evutil_socket_t fd, short what, void *arg);

static void want(struct server_conn *conn, short what)
{
	event_del(&conn->io);
	event_assign(&conn->io, conn->station->server->loop.base, conn->fd,
		     (short)(what | EV_PERSIST), on_io, conn);
	event_add(&conn->io, NULL);
}

static struct server_conn *take(struct server *server)
{
	struct server_conn *conn = server->free_conns;

	if (conn == NULL)
		return hp_xcalloc(1, sizeof(*conn));
	server->free_conns = conn->next;
	return conn;
}

static void link_to(struct server_station *station, struct server_conn *conn)
{
	conn->station = station;
	conn->previous = NULL;
	conn->next = station->conns;
	if (conn->next != NULL)
		conn->next->previous = conn;
	station->conns = conn;
}

static void unlink_conn(struct server_conn *conn)
{
	if (conn->next != NULL)
		conn->next->previous = conn->previous;
	if (conn->previous != NULL)
		conn->previous->next = conn->next;
	else
		conn->station->conns = conn->next;
}

void server_conn_open(struct server_station *station, int fd)
{
	struct server_conn *conn = take(station->server);

	*conn = (struct server_conn){.fd = fd, .serial = conn->serial + 1};
	link_to(station, conn);
	hp_buf_init(&conn->unsent, UNSENT_BYTES_MAX);
	session_init(&conn->session, station->receiver);
	event_assign(&conn->io, station->server->loop.base, fd, EV_READ | EV_PERSIST, on_io, conn);
	event_add(&conn->io, NULL);
}

/* After this the caller touches the connection no more. */
static void bury(struct server_conn *conn, enum record_end end)
{
	struct server *server = conn->station->server;

	session_end(&conn->session, end);
	event_del(&conn->io);
	close(conn->fd);
	conn->fd = -1;
	conn->waiting = false;
	hp_buf_fini(&conn->unsent);
	unlink_conn(conn);
	conn->next = server->free_conns;
	server->free_conns = conn;
	conn->serial++;
}

void server_conn_close(struct server_conn *conn)
{
	bury(conn, RECORD_END_CLOSED);
}

void server_conn_reset(struct server_conn *conn)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	bury(conn, RECORD_END_RESET);
}

static void wait_until(struct server_conn *conn, uint64_t at_ns)
{
	server_wake_at(conn->station->server, &(struct timer){
		.at_ns = at_ns, .owner = conn, .cookie = conn->serial,
	});
}

/* Our FIN; reading on keeps the kernel from sending RST over an answer that was not yet read. */
static void linger(struct server_conn *conn)
{
	conn->lingering = true;
	shutdown(conn->fd, SHUT_WR);
	wait_until(conn, conn->station->server->now_ns + LINGER_NS);
}

/* Sends or keeps the bytes. False: the connection was lost, or its peer reads nothing. */
static bool send_or_keep(struct server_conn *conn, struct hp_view bytes)
{
	if (conn->unsent.bytes != 0)
		return hp_buf_add(&conn->unsent, bytes);
	ssize_t taken = send(conn->fd, bytes.at, bytes.bytes, MSG_NOSIGNAL);
	if (taken == (ssize_t)bytes.bytes)
		return true;
	if (taken < 0 && errno != EAGAIN)
		return false;
	size_t sent = taken > 0 ? (size_t)taken : 0;
	if (!hp_buf_add(&conn->unsent, (struct hp_view){bytes.at + sent, bytes.bytes - sent}))
		return false;
	want(conn, EV_READ | EV_WRITE);
	return true;
}

static struct session_clock clock_of(const struct server *server)
{
	return (struct session_clock){.now_ns = server->now_ns, .wall_ns = server->wall_ns};
}

/* Does one step that is due. False: the connection is over or closing, nothing follows. */
static bool act(struct server_conn *conn, struct session_step *step)
{
	if (step->action == SESSION_RESET) {
		server_conn_reset(conn);
		return false;
	}
	if (step->action == SESSION_CLOSE) {
		conn->step = *step;
		if (conn->unsent.bytes == 0)
			linger(conn);
		return false;
	}
	if (!send_or_keep(conn, step->bytes)) {
		bury(conn, RECORD_END_CLOSED);
		return false;
	}
	struct session_clock clock = clock_of(conn->station->server);
	session_acted(&conn->session, &clock, step);
	return true;
}

static void carry(struct server_conn *conn, struct session_step *step)
{
	while (step->action != SESSION_READ && step->action != SESSION_HOLD) {
		if (step->at_ns > conn->station->server->now_ns) {
			conn->step = *step;
			conn->waiting = true;
			wait_until(conn, step->at_ns);
			return;
		}
		if (!act(conn, step))
			return;
	}
}

void server_conn_due(struct server_conn *conn)
{
	if (conn->lingering) {
		bury(conn, RECORD_END_CLOSED);
		return;
	}
	if (!conn->waiting || conn->station->frozen)
		return;
	conn->waiting = false;
	carry(conn, &conn->step);
}

void server_conn_freeze(struct server_conn *conn)
{
	event_del(&conn->io);
}

void server_conn_thaw(struct server_conn *conn)
{
	event_add(&conn->io, NULL);
	if (conn->waiting && conn->step.at_ns <= conn->station->server->now_ns)
		server_conn_due(conn);
}

/* True when the connection is still there. */
static bool write_unsent(struct server_conn *conn)
{
	struct hp_view rest = hp_buf_view(&conn->unsent);
	ssize_t taken = send(conn->fd, rest.at, rest.bytes, MSG_NOSIGNAL);

	if (taken < 0 && errno != EAGAIN) {
		bury(conn, RECORD_END_CLOSED);
		return false;
	}
	if (taken > 0)
		hp_buf_drop(&conn->unsent, (size_t)taken);
	if (conn->unsent.bytes != 0)
		return true;
	hp_buf_fini(&conn->unsent);
	want(conn, EV_READ);
	if (conn->step.action == SESSION_CLOSE)
		linger(conn);
	return true;
}

static void feed(struct server_conn *conn, size_t bytes)
{
	struct server *server = conn->station->server;
	struct session_clock clock = clock_of(server);
	struct session_step step;

	conn->session.receiver->lag_ns = server->now_ns - server->turn_from_ns;
	session_feed(&conn->session, (struct hp_view){server->buf, bytes}, &clock, &step);
	carry(conn, &step);
}

static void on_io(evutil_socket_t fd, short what, void *arg)
{
	struct server_conn *conn = arg;
	struct server *server = conn->station->server;

	server_enter(server);
	if ((what & EV_WRITE) && conn->unsent.bytes != 0 && !write_unsent(conn))
		return;
	if (!(what & EV_READ))
		return;
	ssize_t bytes = recv(fd, server->buf, sizeof(server->buf), 0);
	if (bytes > 0 && !conn->lingering)
		feed(conn, (size_t)bytes);
	else if (bytes == 0 || (bytes < 0 && errno != EAGAIN && errno != EINTR))
		bury(conn, RECORD_END_CLOSED);
}
