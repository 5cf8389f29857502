/* Connections of the server. The happy path: readable, one read, one decision, one write. A step
 * with a later moment waits among the timers; what the kernel does not take waits for write
 * interest, and the steps behind it with it. A connection that is over goes to the free list, never
 * back to malloc, so that a timer of its former life finds a serial that does not fit.
 * A peer's FIN while its answer is pending means that it gave up: the answer is dropped.
 * Over TLS hands are shaken first, behind what plays on accept; then the session's bytes go
 * through it, and all else is the same. */
#include "net/server_inside.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/tcp_evidence.h"

enum { UNSENT_BYTES_MAX = SCRIPT_TEXT_BYTES_MAX }; /* the rest of one piece */
#define LINGER_NS (2 * HP_S_NS) /* ours: how long a peer may go on after our FIN */

/* Before a reset what was written must have arrived, or the reset takes it along. Ours: longer
 * than a delayed acknowledgement (RFC 1122 4.2.3.2: under 500 ms; Linux: 40 ms). */
#define SETTLE_NS (100 * HP_MS_NS)
#define SETTLE_POLL_NS HP_MS_NS

static void on_io(evutil_socket_t fd, short what, void *arg);

bool server_conn_is_shaking(const struct server_conn *conn)
{
	return conn->tls != NULL && !conn->lingering && server_tls_is_shaking(conn->tls);
}

static bool reads(const struct server_conn *conn)
{
	const struct session *session = &conn->session;

	if (server_conn_is_shaking(conn))
		return conn->tls->phase == SERVER_TLS_SHAKING ||
		       conn->tls->phase == SERVER_TLS_GARBAGE;
	return session->look || session->read_bytes_max != 0 || conn->lingering;
}

/* A peer that is not read is still seen to leave: unread bytes wake us once, its FIN and its RST do
 * too. */
static short wanted(const struct server_conn *conn)
{
	short what = reads(conn) ? EV_READ : EV_READ | EV_CLOSED | EV_ET;

	if (conn->tls != NULL && conn->tls->phase == SERVER_TLS_SHAKING && conn->tls->wants_write &&
	    !conn->lingering)
		return EV_WRITE;
	return conn->unsent.bytes != 0 ? (short)(what | EV_WRITE) : what;
}

/* The socket is silent about what TLS has taken from it already. */
static void wake_for_more(struct server_conn *conn)
{
	size_t shown_bytes = conn->session.look ? conn->peeked_bytes : 0;

	if (server_conn_is_secure(conn) && !conn->lingering && reads(conn) &&
	    server_tls_has_more(conn->tls, shown_bytes))
		event_active(&conn->io, EV_READ, 0);
}

static void want(struct server_conn *conn, short what)
{
	if (what == conn->interest)
		return;
	if (conn->interest != 0)
		event_del(&conn->io);
	conn->interest = what;
	event_assign(&conn->io, conn->station->server->loop.base, conn->fd,
		     (short)(what | EV_PERSIST), on_io, conn);
	event_add(&conn->io, NULL);
}

/* What the connection waits for now. */
static void heed(struct server_conn *conn)
{
	want(conn, wanted(conn));
	wake_for_more(conn);
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

static uint64_t unacked_bytes(const struct server_conn *conn)
{
	if (conn->tls != NULL)
		return server_tls_unacked_bytes(conn->tls, conn->fd, conn->written_bytes);
	return tcp_unacked_bytes(conn->fd, conn->written_bytes);
}

static void end_tls(struct server_conn *conn, enum record_end end)
{
	if (conn->tls == NULL)
		return;
	if (server_conn_is_secure(conn) && end != RECORD_END_RESET &&
	    conn->peer == RECORD_PEER_STAYED && !conn->lingering)
		server_tls_part(conn->tls);
	server_tls_tell(conn, 0, true);
	server_tls_free(conn->tls);
	conn->tls = NULL;
}

/* After this the caller touches the connection no more. */
static void bury(struct server_conn *conn, enum record_end end)
{
	struct server *server = conn->station->server;
	struct session_evidence evidence = {
		.end = end, .peer = conn->peer, .now_ns = server->now_ns,
		.written_bytes = conn->written_bytes,
		.unacked_bytes = unacked_bytes(conn),
	};

	session_end(&conn->session, &evidence);
	end_tls(conn, end);
	if (conn->interest != 0)
		event_del(&conn->io);
	conn->interest = 0;
	close(conn->fd);
	conn->fd = -1;
	hp_buf_fini(&conn->unsent);
	unlink_conn(conn);
	conn->next = server->free_conns;
	server->free_conns = conn;
	conn->serial++;
}

void server_conn_lose(struct server_conn *conn, enum record_peer how)
{
	conn->peer = how;
	bury(conn, RECORD_END_CLOSED);
}

void server_conn_close(struct server_conn *conn)
{
	bury(conn, RECORD_END_CLOSED);
}

static void set_linger(struct server_conn *conn)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void server_conn_reset(struct server_conn *conn)
{
	set_linger(conn);
	bury(conn, RECORD_END_RESET);
}

/* One timer a connection is enough: one that comes too early is set again. */
static void wait_until(struct server_conn *conn, uint64_t at_ns)
{
	if (conn->timer_ns <= at_ns)
		return;
	conn->timer_ns = at_ns;
	server_wake_at(conn->station->server, &(struct timer){
		.at_ns = at_ns, .owner = conn, .cookie = conn->serial,
	});
}

static void wait_with(struct server_conn *conn, const struct session_step *step)
{
	conn->step = *step;
	if (step->at_ns != HP_NEVER && step->at_ns > conn->station->server->now_ns)
		wait_until(conn, step->at_ns);
}

/* Our FIN; reading on keeps the kernel from sending RST over an answer that was not yet read. */
static void linger(struct server_conn *conn)
{
	conn->lingering = true;
	shutdown(conn->fd, SHUT_WR);
	wait_with(conn, &(struct session_step){
		.action = SESSION_READ, .at_ns = conn->station->server->now_ns + LINGER_NS,
	});
}

static ssize_t send_bytes(struct server_conn *conn, struct hp_view bytes)
{
	if (server_conn_is_secure(conn))
		return server_tls_send(conn->tls, bytes);
	return send(conn->fd, bytes.at, bytes.bytes, MSG_NOSIGNAL);
}

/* Sends, and keeps what the kernel does not take. False: the connection is lost. */
static bool send_piece(struct server_conn *conn, struct hp_view bytes)
{
	ssize_t taken = send_bytes(conn, bytes);

	if (taken < 0 && errno != EAGAIN)
		return false;
	size_t sent = taken > 0 ? (size_t)taken : 0;
	conn->written_bytes += sent;
	if (sent == bytes.bytes)
		return true;
	return hp_buf_add(&conn->unsent, (struct hp_view){bytes.at + sent, bytes.bytes - sent});
}

/* Whether there is time to wait a little, and then the step is put off. */
static bool puts_off(struct server_conn *conn, struct session_step *step)
{
	uint64_t now_ns = conn->station->server->now_ns;

	if (conn->settle_ns == 0)
		conn->settle_ns = now_ns + SETTLE_NS;
	step->at_ns = now_ns + SETTLE_POLL_NS;
	return now_ns < conn->settle_ns;
}

/* Whether the reset must wait for acknowledgements. */
static bool settles(struct server_conn *conn, struct session_step *step)
{
	return unacked_bytes(conn) != 0 && puts_off(conn, step);
}

/* Whether our FIN must wait for room, so that close_notify goes before it. */
static bool parts(struct server_conn *conn, struct session_step *step)
{
	return server_conn_is_secure(conn) && !server_tls_part(conn->tls) && puts_off(conn, step);
}

/* Does one step that is due and writes the next one. False: the connection is over. */
static bool act(struct server_conn *conn, struct session_step *step)
{
	struct session_clock clock = server_clock(conn->station->server);

	switch (step->action) {
	case SESSION_RESET:
		if (settles(conn, step))
			return true;
		server_conn_reset(conn);
		return false;
	case SESSION_WRITE:
		if (!send_piece(conn, step->bytes)) {
			server_conn_lose(conn, RECORD_PEER_RST);
			return false;
		}
		break;
	case SESSION_SHUT:
		if (parts(conn, step))
			return true;
		shutdown(conn->fd, SHUT_WR);
		break;
	case SESSION_CLOSE:
		if (parts(conn, step))
			return true;
		session_acted(&conn->session, &clock, step);
		linger(conn);
		return true;
	case SESSION_READ:
		return true;
	}
	session_acted(&conn->session, &clock, step);
	return true;
}

static bool begins_tls(const struct server_conn *conn)
{
	return conn->tls != NULL && conn->tls->phase == SERVER_TLS_WAITING &&
	       conn->session.state == SESSION_IDLE && !conn->lingering;
}

static void begin_tls(struct server_conn *conn)
{
	struct session_step step = {.action = SESSION_CLOSE};

	server_tls_begin(conn->tls, conn->station, conn->fd);
	if (conn->tls->phase == SERVER_TLS_OVER)
		server_conn_carry(conn, &step);
	else
		heed(conn);
}

/* A READ replaces no step that still waits: see session_feed(). */
void server_conn_carry(struct server_conn *conn, struct session_step *step)
{
	while (step->action != SESSION_READ) {
		if (step->at_ns > conn->station->server->now_ns || conn->unsent.bytes != 0) {
			wait_with(conn, step);
			heed(conn);
			return;
		}
		conn->step.action = SESSION_READ;
		if (!act(conn, step))
			return;
	}
	if (conn->step.action == SESSION_READ && !conn->lingering)
		wait_with(conn, step);
	if (begins_tls(conn))
		begin_tls(conn);
	else
		heed(conn);
}

void server_conn_drain(struct server_conn *conn)
{
	struct session_step step;

	if (conn->lingering)
		return;
	session_drain(&conn->session, &step);
	server_conn_carry(conn, &step);
}

void server_conn_open(struct server_station *station, int fd)
{
	struct server_conn *conn = take(station->server);
	struct session_clock clock = server_clock(station->server);
	struct session_step step;

	*conn = (struct server_conn){
		.fd = fd, .serial = conn->serial + 1, .timer_ns = HP_NEVER,
		.active_ns = station->server->now_ns,
	};
	link_to(station, conn);
	hp_buf_init(&conn->unsent, UNSENT_BYTES_MAX);
	session_init(&conn->session, station->receiver, &clock, &step);
	conn->tls = server_tls_new(station);
	server_conn_carry(conn, &step);
}

/* The moment of the present step has come. */
static void resume(struct server_conn *conn)
{
	struct session_clock clock = server_clock(conn->station->server);
	struct session_step step = conn->step;

	if (conn->unsent.bytes != 0)
		return;
	if (conn->lingering) {
		bury(conn, RECORD_END_CLOSED);
		return;
	}
	if (server_conn_is_shaking(conn) && server_tls_is_delayed(conn->tls)) {
		server_conn_shake(conn);
		return;
	}
	if (step.action == SESSION_READ)
		session_due(&conn->session, &clock, &step);
	conn->step.action = SESSION_READ;
	server_conn_carry(conn, &step);
}

void server_conn_due(struct server_conn *conn)
{
	conn->timer_ns = HP_NEVER;
	if (conn->station->frozen || conn->step.at_ns == HP_NEVER)
		return;
	if (conn->step.at_ns > conn->station->server->now_ns)
		wait_until(conn, conn->step.at_ns);
	else
		resume(conn);
}

/* Nothing came for so long, and nothing of ours is due. */
bool server_conn_is_idle(const struct server_conn *conn, uint64_t for_ns)
{
	return conn->session.state == SESSION_IDLE && reads(conn) && conn->unsent.bytes == 0 &&
	       conn->station->server->now_ns - conn->active_ns >= for_ns;
}

void server_conn_freeze(struct server_conn *conn)
{
	if (conn->interest != 0)
		event_del(&conn->io);
}

void server_conn_thaw(struct server_conn *conn)
{
	if (conn->interest != 0)
		event_add(&conn->io, NULL);
	wake_for_more(conn);
	if (conn->timer_ns == HP_NEVER)
		server_conn_due(conn);
}

/* True when the connection is still there. */
static bool write_unsent(struct server_conn *conn)
{
	struct hp_view rest = hp_buf_view(&conn->unsent);
	ssize_t taken = send_bytes(conn, rest);

	if (taken < 0 && errno != EAGAIN) {
		server_conn_lose(conn, RECORD_PEER_RST);
		return false;
	}
	if (taken > 0) {
		conn->written_bytes += (uint64_t)taken;
		hp_buf_drop(&conn->unsent, (size_t)taken);
	}
	if (conn->unsent.bytes != 0)
		return true;
	hp_buf_fini(&conn->unsent);
	if (conn->step.action == SESSION_READ) {
		heed(conn);
		return true;
	}
	struct session_step step = conn->step;
	uint64_t serial = conn->serial;
	server_conn_carry(conn, &step);
	return conn->serial == serial;
}

static void on_io(evutil_socket_t fd, short what, void *arg)
{
	struct server_conn *conn = arg;

	(void)fd;
	server_enter(conn->station->server);
	if (server_conn_is_shaking(conn)) {
		server_conn_shake_on(conn, what);
		return;
	}
	if ((what & EV_WRITE) && conn->unsent.bytes != 0 && !write_unsent(conn))
		return;
	if (what & EV_CLOSED)
		server_conn_lose(conn, RECORD_PEER_FIN);
	else if (what & EV_READ)
		server_conn_read(conn);
}
