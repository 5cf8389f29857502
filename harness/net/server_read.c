/* What comes from a socket of the server: hands that are shaken, then bytes for the session, read
 * or only looked at. What is done about them: server_conn.c. */
#include <errno.h>
#include <sys/socket.h>

#include "net/server_inside.h"

/* ---- shaking hands ---- */

/* Nothing may be read now, but an error is heard. */
static void lose_if_broken(struct server_conn *conn)
{
	int error = 0;
	socklen_t bytes = sizeof(error);

	if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &bytes) < 0 || error != 0)
		server_conn_lose(conn, RECORD_PEER_RST);
}

void server_conn_shake(struct server_conn *conn)
{
	struct session_clock clock = server_clock(conn->station->server);
	struct session_step step = {.action = SESSION_READ, .at_ns = conn->session.deadline_ns};

	conn->active_ns = clock.now_ns;
	server_tls_shake(conn->tls, clock.now_ns);
	switch (conn->tls->phase) {
	case SERVER_TLS_LOST:
		server_conn_lose(conn, conn->tls->end == TLS_RESET ? RECORD_PEER_RST
								   : RECORD_PEER_FIN);
		return;
	case SERVER_TLS_HELD:
		step.at_ns = conn->tls->until_ns;
		break;
	case SERVER_TLS_OPEN:
		session_shaken(&conn->session, &clock, &step);
		break;
	case SERVER_TLS_RESETTING:
		step.action = SESSION_RESET;
		step.at_ns = 0;
		break;
	case SERVER_TLS_OVER:
		step.action = SESSION_CLOSE;
		step.at_ns = 0;
		break;
	default:
		break;
	}
	server_conn_carry(conn, &step);
}

/* The ClientHello is here; what stands in it does not matter. */
static void say_garbage(struct server_conn *conn)
{
	struct server *server = conn->station->server;
	struct session_step step = {.action = SESSION_WRITE};
	uint64_t serial = conn->serial;
	ssize_t bytes = recv(conn->fd, server->buf, sizeof(server->buf), 0);

	if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (bytes <= 0) {
		server_conn_lose(conn, bytes == 0 ? RECORD_PEER_FIN : RECORD_PEER_RST);
		return;
	}
	step.bytes = server_tls_garbage(conn->tls, conn->station, server->buf);
	server_conn_carry(conn, &step);
	if (conn->serial != serial)
		return;
	step = (struct session_step){.action = SESSION_CLOSE};
	server_conn_carry(conn, &step);
}

void server_conn_shake_on(struct server_conn *conn, short what)
{
	if (what & EV_CLOSED)
		server_conn_lose(conn, RECORD_PEER_FIN);
	else if (conn->tls->phase == SERVER_TLS_SHAKING)
		server_conn_shake(conn);
	else if (conn->tls->phase == SERVER_TLS_GARBAGE)
		say_garbage(conn);
	else
		lose_if_broken(conn);
}

/* ---- reading ---- */

/* Wakes only when there is more than was seen already, or never will be. */
static void wake_beyond(struct server_conn *conn, size_t bytes)
{
	int low_bytes = (int)bytes + 1;

	if (conn->peeked_bytes == bytes)
		return;
	conn->peeked_bytes = (uint32_t)bytes;
	if (!server_conn_is_secure(conn))
		setsockopt(conn->fd, SOL_SOCKET, SO_RCVLOWAT, &low_bytes, sizeof(low_bytes));
}

static void look(struct server_conn *conn, size_t bytes, bool full)
{
	struct server *server = conn->station->server;
	struct session_clock clock = server_clock(server);
	struct session_step step;

	session_look(&conn->session, (struct hp_view){server->buf, bytes}, full, &clock, &step);
	wake_beyond(conn, conn->session.look ? bytes : 0);
	server_conn_carry(conn, &step);
}

static void feed(struct server_conn *conn, size_t bytes)
{
	struct server *server = conn->station->server;
	struct session_clock clock = server_clock(server);
	struct session_step step;

	conn->session.receiver->lag_ns = server->now_ns - server->turn_from_ns;
	session_feed(&conn->session, (struct hp_view){server->buf, bytes}, &clock, &step);
	server_conn_carry(conn, &step);
}

/* What comes behind our FIN, or behind a handshake that failed, is nobody's. */
static bool discards(const struct server_conn *conn)
{
	return conn->lingering || (conn->tls != NULL && conn->tls->phase == SERVER_TLS_OVER);
}

/* As recv(), or with MSG_PEEK while the session looks; *full: then no more can be shown. */
static ssize_t receive(struct server_conn *conn, size_t room, bool *full)
{
	char *buf = conn->station->server->buf;
	bool looks = conn->session.look && !discards(conn);
	ssize_t bytes;

	if (server_conn_is_secure(conn) && !conn->lingering)
		return looks ? server_tls_look(conn->tls, buf, full)
			     : server_tls_recv(conn->tls, buf, room);
	bytes = recv(conn->fd, buf, room, looks ? MSG_PEEK : 0);
	*full = bytes == SESSION_READ_BYTES_MAX || bytes == conn->peeked_bytes;
	return bytes;
}

static size_t room_for(const struct server_conn *conn)
{
	return conn->session.look || discards(conn) ? SESSION_READ_BYTES_MAX
						    : conn->session.read_bytes_max;
}

/* True when another read may follow at once: the look decided something. */
static bool take_bytes(struct server_conn *conn)
{
	bool looks = conn->session.look && !discards(conn), full = false;
	size_t room = room_for(conn);
	uint64_t serial = conn->serial;

	if (room == 0) {
		lose_if_broken(conn);
		return false;
	}
	ssize_t bytes = receive(conn, room, &full);
	if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (bytes <= 0) {
		server_conn_lose(conn, bytes == 0 ? RECORD_PEER_FIN : RECORD_PEER_RST);
		return false;
	}
	if (discards(conn))
		return false;
	if (server_conn_is_secure(conn))
		server_tls_tell(conn, (uint64_t)bytes, false);
	conn->active_ns = conn->station->server->now_ns;
	if (looks)
		look(conn, (size_t)bytes, full);
	else
		feed(conn, (size_t)bytes);
	return looks && conn->serial == serial && !conn->session.look;
}

void server_conn_read(struct server_conn *conn)
{
	if (take_bytes(conn))
		take_bytes(conn);
}
