/* The receivers' side of the virtual world: sessions, and the windows of each receiver. */
#include <stdlib.h>

#include "base/mem.h"
#include "sim/world_inside.h"

enum { UNREAD_BYTES_MAX = 4 * 1024 * 1024 }; /* of a receiver that does not read */

static struct session_clock clock_of(const struct world *world)
{
	return (struct session_clock){world->now_ns, world->config.start_wall_ns + world->now_ns};
}

void world_host_ends(struct port_conn *conn, enum record_end end, enum record_peer peer)
{
	struct session_evidence evidence = {
		.end = end, .peer = peer, .now_ns = conn->world->now_ns,
		.written_bytes = conn->written_bytes,
		.unacked_bytes = conn->written_bytes - conn->arrived_bytes,
	};

	if (!conn->server_open)
		return;
	conn->server_open = false;
	session_end(&conn->session, &evidence);
	hp_buf_fini(&conn->unread);
	world_release(conn);
}

static void wait_until(struct port_conn *conn, uint64_t at_ns)
{
	if (at_ns == HP_NEVER || conn->due_ns <= at_ns)
		return;
	conn->due_ns = at_ns;
	world_post(conn->world, at_ns, world_message(conn, MESSAGE_ACT, (struct hp_view){NULL, 0}));
}

void world_host_resets(struct port_conn *conn)
{
	world_signal(conn, MESSAGE_RST_TO_CLIENT);
	world_host_ends(conn, RECORD_END_RESET, RECORD_PEER_STAYED);
}

/* Does one step that is due, and writes the next one. */
static void server_act(struct port_conn *conn, struct session_step *step)
{
	struct session_clock clock = clock_of(conn->world);

	switch (step->action) {
	case SESSION_WRITE:
		conn->written_bytes += step->bytes.bytes;
		world_send(conn, MESSAGE_TO_CLIENT, step->bytes);
		break;
	case SESSION_SHUT:
	case SESSION_CLOSE:
		world_signal(conn, MESSAGE_FIN_TO_CLIENT);
		break;
	case SESSION_RESET: /* what was written arrives first, if anybody is there */
		if (conn->to_client_ns < conn->world->now_ns || !conn->client_open)
			world_host_resets(conn);
		else
			step->at_ns = conn->to_client_ns + 1;
		return;
	case SESSION_READ:
		return;
	}
	session_acted(&conn->session, &clock, step);
}

/* Does what is due. A READ replaces no step that still waits: see session_feed(). */
static void server_carry(struct port_conn *conn, struct session_step *step)
{
	while (conn->server_open && step->action != SESSION_READ) {
		if (step->at_ns > conn->world->now_ns) {
			conn->step = *step;
			wait_until(conn, step->at_ns);
			return;
		}
		conn->step.action = SESSION_READ;
		server_act(conn, step);
	}
	if (!conn->server_open || conn->step.action != SESSION_READ)
		return;
	conn->step = *step;
	wait_until(conn, step->at_ns);
}

/* Shows or feeds what has arrived. False: the session takes nothing of it now. */
static bool server_takes(struct port_conn *conn, struct session_step *step)
{
	struct session_clock clock = clock_of(conn->world);
	struct hp_view unread = hp_buf_view(&conn->unread);
	size_t room = conn->session.look ? SESSION_READ_BYTES_MAX : conn->session.read_bytes_max;
	bool full = unread.bytes >= room;

	if (room == 0)
		return false;
	if (full)
		unread.bytes = room;
	if (conn->session.look) {
		session_look(&conn->session, unread, full, &clock, step);
		return !conn->session.look;
	}
	session_feed(&conn->session, unread, &clock, step);
	hp_buf_drop(&conn->unread, unread.bytes);
	return true;
}

static void server_pump(struct port_conn *conn)
{
	struct session_step step;

	while (conn->server_open && conn->unread.bytes != 0 && server_takes(conn, &step))
		server_carry(conn, &step);
}

void world_host_due(struct port_conn *conn)
{
	struct session_clock clock = clock_of(conn->world);
	struct session_step step = conn->step;

	conn->due_ns = HP_NEVER;
	if (step.at_ns > conn->world->now_ns) {
		wait_until(conn, step.at_ns);
		return;
	}
	if (step.action == SESSION_READ)
		session_due(&conn->session, &clock, &step);
	conn->step.action = SESSION_READ;
	server_carry(conn, &step);
	server_pump(conn);
}

void world_host_accept(struct port_conn *conn)
{
	struct session_clock clock = clock_of(conn->world);
	struct session_step step;
	uint64_t until_ns;

	if (!conn->host || !receiver_listening(conn->host->receiver, conn->world->now_ns,
					       &until_ns)) {
		world_signal(conn, MESSAGE_REFUSED);
		return;
	}
	if (receiver_dropping(conn->host->receiver, conn->world->now_ns, &until_ns)) {
		world_post(conn->world, conn->world->now_ns + WORLD_RESEND_FIRST_NS,
		     world_message(conn, MESSAGE_SYN, (struct hp_view){NULL, 0}));
		return;
	}
	conn->server_open = true;
	hp_buf_init(&conn->unread, UNREAD_BYTES_MAX);
	session_init(&conn->session, conn->host->receiver, &clock, &step);
	world_signal(conn, MESSAGE_OPENED);
	server_carry(conn, &step);
}

void world_host_reads(struct port_conn *conn, struct hp_view bytes)
{
	if (!conn->server_open)
		return;
	if (!hp_buf_add(&conn->unread, bytes)) {
		world_host_resets(conn);
		return;
	}
	server_pump(conn);
}

void world_end_gap(struct world *world, const struct world_host *host)
{
	struct gap *gap = &world->gaps[host - world->config.hosts];
	struct record record = {
		.kind = RECORD_GAP,
		.gap = {
			.from_ns = gap->from_ns, .to_ns = world->now_ns,
			.endpoint_index = host->receiver->config->endpoint_index,
			.behaviour = gap->behaviour,
		},
	};

	if (gap->behaviour)
		history_put(host->receiver->history, &record);
	gap->behaviour = 0;
}

static void review_gap(struct world *world, const struct world_host *host)
{
	struct gap *gap = &world->gaps[host - world->config.hosts];
	uint8_t behaviour = receiver_gap_behaviour(host->receiver, world->now_ns);

	if (behaviour == gap->behaviour)
		return;
	world_end_gap(world, host);
	*gap = (struct gap){world->now_ns, behaviour};
}

static void server_drains(struct port_conn *conn)
{
	struct session_step step;

	session_drain(&conn->session, &step);
	server_carry(conn, &step);
}

/* What becomes of open connections when a window begins in which nobody is taken. */
static void begin_window(struct world *world, const struct world_host *host)
{
	enum behaviour_open open = receiver_window_begins(host->receiver, world->now_ns);

	for (struct port_conn *conn = world->all; conn; conn = conn->all) {
		if (!conn->server_open || conn->host != host)
			continue;
		if (open == BEHAVIOUR_OPEN_RESET)
			world_host_resets(conn);
		else if (open == BEHAVIOUR_OPEN_DRAIN)
			server_drains(conn);
	}
}

void world_host_edge(struct world *world, const struct world_host *host)
{
	uint64_t until_ns, thaw_ns, drop_ns;
	bool listening = receiver_listening(host->receiver, world->now_ns, &until_ns);
	struct message *message;

	receiver_frozen(host->receiver, world->now_ns, &thaw_ns);
	bool dropping = receiver_dropping(host->receiver, world->now_ns, &drop_ns);
	review_gap(world, host);
	if (!listening || dropping)
		begin_window(world, host);
	if (thaw_ns < until_ns)
		until_ns = thaw_ns;
	if (drop_ns < until_ns)
		until_ns = drop_ns;
	if (until_ns == HP_NEVER)
		return;
	message = world_message(NULL, MESSAGE_EDGE, (struct hp_view){NULL, 0});
	message->host = host;
	world_post(world, until_ns, message);
}
