/* A connection of the client that speaks TLS: its handshake, and bytes through it. */
#include <errno.h>
#include <event2/event.h>
#include <sys/epoll.h>

#include "net/client_inside.h"
#include "net/clock.h"

/* Of 16 KiB each: then the other connections have their turn. */
enum { RECORDS_PER_TURN = 16 };

ssize_t client_tls_send_some(struct port_conn *conn, struct hp_view bytes)
{
	size_t taken;
	enum tls_result result = tls_send(conn->tls, bytes, &taken);

	if (taken > 0)
		return (ssize_t)taken;
	errno = result == TLS_WANT_READ || result == TLS_WANT_WRITE ? EAGAIN : EPIPE;
	return -1;
}

/* A record can be on its way of which TLS has not taken a byte in clear. */
bool client_tls_send(struct port_conn *conn, struct hp_view bytes)
{
	uint64_t before = tls_seen(conn->tls)->bytes_out;
	ssize_t taken = client_tls_send_some(conn, bytes);
	bool began = tls_seen(conn->tls)->bytes_out > before;

	if (taken < 0 && errno != EAGAIN) {
		client_break(conn);
		return false;
	}
	if (taken > 0)
		bytes = (struct hp_view){bytes.at + taken, bytes.bytes - (size_t)taken};
	if (bytes.bytes > 0)
		client_keep(conn, bytes);
	return began;
}

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

static void want_once(struct port_conn *conn, uint32_t what)
{
	if (!(conn->wanted & what))
		client_want(conn, what);
}

void client_tls_shake(struct port_conn *conn)
{
	enum tls_result result = tls_handshake(conn->tls);

	if (result == TLS_WANT_READ || result == TLS_WANT_WRITE) {
		want_once(conn, result == TLS_WANT_READ ? EPOLLIN : EPOLLOUT);
		return;
	}
	tell_handshake(conn, result);
	if (result != TLS_DONE) {
		client_end(conn, PORT_END_TLS);
		return;
	}
	conn->connected = true;
	want_once(conn, EPOLLIN);
	if (tls_pending(conn->tls)) /* it came with the handshake: the socket says nothing of it */
		event_active(&conn->soon, EV_READ, 0);
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

void client_tls_read(struct port_conn *conn)
{
	struct client *client = conn->client;

	for (int i = 0; i < RECORDS_PER_TURN; i++) {
		size_t bytes;
		enum tls_result result =
			tls_recv(conn->tls, client->buf, sizeof(client->buf), &bytes);

		if (result == TLS_DONE)
			client->port.user->on_bytes(conn->user, client->buf, bytes);
		else if (result >= TLS_CLOSED)
			client_end(conn, end_of_tls(conn, result));
		if (result != TLS_DONE || !conn->tls || !tls_pending(conn->tls))
			return;
	}
	event_active(&conn->soon, EV_READ, 0);
}
