#include "sim/world.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/random.h"
#include "sim/world_inside.h"

#define RESEND_NS (200 * HP_MS_NS)        /* Linux's minimal RTO */
enum { RESENDS_MAX = 6 };                 /* then it arrives: nothing here is lost for good */

static struct world *world_of(struct port *port)
{
	return (struct world *)port;
}

/* ---- messages ---- */

struct message *world_message(struct port_conn *conn, enum message_kind kind, struct hp_view bytes)
{
	struct message *message = hp_xcalloc(1, sizeof(*message) + bytes.bytes);

	message->kind = kind;
	message->conn = conn;
	message->generation = conn ? conn->generation : 0;
	message->bytes = bytes.bytes;
	if (bytes.bytes)
		memcpy(message->at, bytes.at, bytes.bytes);
	return message;
}

void world_post(struct world *world, uint64_t at_ns, struct message *message)
{
	timers_add(&world->timers, &(struct timer){at_ns, message, world->message_count++});
}

/* How long the network takes for the next message of a connection, losses included. */
static uint64_t travel_ns(struct port_conn *conn, uint64_t resend_ns)
{
	const struct world_config *config = &conn->world->config;
	struct hp_key key = {.seed = config->seed, .stream = HP_STREAM_NETWORK,
			     .event = conn->number, .attempt = conn->sent++};
	uint64_t span_ns = config->latency_ns;

	for (; key.draw < RESENDS_MAX; key.draw++, resend_ns *= 2) {
		if (hp_random_unit(&key) >= config->loss)
			break;
		span_ns += resend_ns;
	}
	return span_ns;
}

static bool goes_to_server(enum message_kind kind)
{
	return kind == MESSAGE_SYN || kind == MESSAGE_TO_SERVER || kind == MESSAGE_FIN_TO_SERVER;
}

void world_send(struct port_conn *conn, enum message_kind kind, struct hp_view bytes)
{
	struct world *world = conn->world;
	uint64_t *last_ns = goes_to_server(kind) ? &conn->to_server_ns : &conn->to_client_ns;
	uint64_t resend_ns = kind == MESSAGE_SYN ? WORLD_RESEND_FIRST_NS : RESEND_NS;
	uint64_t at_ns = world->now_ns + travel_ns(conn, resend_ns);

	if (kind == MESSAGE_OPENED && conn->tls) {
		conn->shaking_ns = travel_ns(conn, RESEND_NS) + travel_ns(conn, RESEND_NS);
		at_ns += conn->shaking_ns;
	}
	if (at_ns <= *last_ns)
		at_ns = *last_ns + 1;
	*last_ns = at_ns;
	world_post(world, at_ns, world_message(conn, kind, bytes));
}

void world_signal(struct port_conn *conn, enum message_kind kind)
{
	world_send(conn, kind, (struct hp_view){NULL, 0});
}

/* ---- connections ---- */

static const struct world_host *host_at(const struct world *world,
					const struct port_address *address)
{
	for (size_t i = 0; i < world->config.host_count; i++) {
		const struct port_address *own = &world->config.hosts[i].address;

		if (own->family == address->family && own->number == address->number &&
		    memcmp(own->ip, address->ip, sizeof(own->ip)) == 0)
			return &world->config.hosts[i];
	}
	return NULL;
}

static struct port_conn *conn_take(struct world *world)
{
	struct port_conn *conn = world->free;
	struct port_conn *all;
	uint64_t generation;

	if (conn) {
		world->free = conn->next;
	} else {
		conn = hp_xcalloc(1, sizeof(*conn));
		conn->all = world->all;
		world->all = conn;
	}
	all = conn->all;
	generation = conn->generation + 1;
	*conn = (struct port_conn){.world = world, .all = all, .generation = generation,
				   .number = world->conn_count++, .client_open = true,
				   .due_ns = HP_NEVER, .in_use = true};
	return conn;
}

/* Free for another connection when both ends are done with it; older messages mean nothing. */
void world_release(struct port_conn *conn)
{
	if (conn->client_open || conn->server_open || !conn->in_use)
		return;
	conn->in_use = false;
	conn->generation++;
	conn->next = conn->world->free;
	conn->world->free = conn;
}

static void client_opens(struct port_conn *conn)
{
	const struct port_user *user = conn->world->port.user;
	struct port_handshake handshake = {.took_ns = conn->shaking_ns};

	if (conn->tls)
		user->on_handshake(conn->user, &handshake);
	user->on_open(conn->user);
}

static void client_ends(struct port_conn *conn, enum port_end why)
{
	void *user = conn->user;

	if (!conn->client_open)
		return;
	conn->client_open = false;
	world_release(conn);
	conn->world->port.user->on_end(user, why);
}

/* ---- the port ---- */

static uint64_t op_now_ns(struct port *port)
{
	return world_of(port)->now_ns;
}

static uint64_t op_wall_ns(struct port *port)
{
	return world_of(port)->config.start_wall_ns + world_of(port)->now_ns;
}

static struct port_conn *op_open(struct port *port, const struct port_target *target, void *user)
{
	struct port_conn *conn = conn_take(world_of(port));

	conn->user = user;
	conn->tls = target->tls;
	conn->host = host_at(conn->world, &target->address);
	world_signal(conn, MESSAGE_SYN);
	return conn;
}

static bool op_send(struct port_conn *conn, struct hp_view bytes)
{
	world_send(conn, MESSAGE_TO_SERVER, bytes);
	return true;
}

static void op_close(struct port_conn *conn)
{
	assert(conn->client_open);
	conn->client_open = false;
	world_signal(conn, MESSAGE_FIN_TO_SERVER);
	world_release(conn);
}

static void op_timer(struct port *port, uint64_t at_ns)
{
	world_of(port)->timer_ns = at_ns;
}

/* A frozen receiver reads and writes nothing: what is for it waits. */
static bool held_by_freeze(struct world *world, struct message *message)
{
	uint64_t until_ns;
	bool for_server = message->kind == MESSAGE_TO_SERVER || message->kind == MESSAGE_ACT ||
			  message->kind == MESSAGE_FIN_TO_SERVER;

	if (!for_server || !message->conn->host ||
	    !receiver_frozen(message->conn->host->receiver, world->now_ns, &until_ns))
		return false;
	if (until_ns == HP_NEVER)
		free(message);
	else
		world_post(world, until_ns, message);
	return true;
}

static void arrive(struct world *world, struct message *message)
{
	struct port_conn *conn = message->conn;
	struct hp_view bytes = {message->at, message->bytes};

	switch (message->kind) {
	case MESSAGE_SYN:
		world_host_accept(conn);
		return;
	case MESSAGE_OPENED:
		if (conn->client_open)
			client_opens(conn);
		return;
	case MESSAGE_REFUSED:
		client_ends(conn, PORT_END_REFUSED);
		return;
	case MESSAGE_TO_SERVER:
		world_host_reads(conn, bytes);
		return;
	case MESSAGE_TO_CLIENT:
		if (!conn->client_open)
			return;
		conn->arrived_bytes += bytes.bytes;
		world->port.user->on_bytes(conn->user, bytes.at, bytes.bytes);
		return;
	case MESSAGE_FIN_TO_SERVER:
		world_host_ends(conn, RECORD_END_CLOSED, RECORD_PEER_FIN);
		return;
	case MESSAGE_FIN_TO_CLIENT:
		if (conn->client_open)
			world_signal(conn, MESSAGE_FIN_TO_SERVER);
		client_ends(conn, PORT_END_CLOSED);
		return;
	case MESSAGE_RST_TO_CLIENT:
		client_ends(conn, PORT_END_RESET);
		return;
	case MESSAGE_ACT:
		if (conn->server_open)
			world_host_due(conn);
		return;
	case MESSAGE_EDGE:
		world_host_edge(world, message->host);
		return;
	}
}

/* ---- time ---- */

static void take_message(struct world *world)
{
	struct timer timer;
	struct message *message;

	timers_take(&world->timers, world->now_ns, &timer);
	message = timer.owner;
	assert(message->conn || message->kind == MESSAGE_EDGE);
	if (message->conn && message->generation != message->conn->generation) {
		free(message);
		return;
	}
	if (held_by_freeze(world, message))
		return;
	arrive(world, message);
	free(message);
}

static void heed_stop(struct world *world)
{
	if (!world->stop_asked)
		return;
	world->stop_asked = 0;
	if (world->config.on_stop)
		world->config.on_stop(world->config.arg);
}

void world_run(struct world *world)
{
	world->leaving = false;
	while (!world->leaving) {
		uint64_t next_ns;

		heed_stop(world);
		next_ns = timers_next_ns(&world->timers);
		if (next_ns == HP_NEVER && world->timer_ns == HP_NEVER)
			return;
		if (next_ns <= world->timer_ns) {
			world->now_ns = next_ns > world->now_ns ? next_ns : world->now_ns;
			take_message(world);
			continue;
		}
		if (world->timer_ns > world->now_ns)
			world->now_ns = world->timer_ns;
		world->timer_ns = HP_NEVER;
		world->port.on_timer(world->port.engine);
	}
}

void world_leave(struct world *world)
{
	world->leaving = true;
}

void world_stop(struct world *world)
{
	world->stop_asked = 1;
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

struct world *world_new(const struct world_config *config)
{
	struct world *world = hp_xcalloc(1, sizeof(*world));

	world->port.ops = &ops;
	world->config = *config;
	world->timer_ns = HP_NEVER;
	world->gaps = hp_xcalloc(config->host_count, sizeof(*world->gaps));
	timers_init(&world->timers);
	for (size_t i = 0; i < config->host_count; i++)
		world_host_edge(world, &config->hosts[i]);
	return world;
}

void world_free(struct world *world)
{
	struct port_conn *conn;
	struct timer timer;

	if (!world)
		return;
	while (timers_take(&world->timers, HP_NEVER - 1, &timer))
		free(timer.owner);
	timers_fini(&world->timers);
	while ((conn = world->all)) {
		world->all = conn->all;
		world_host_ends(conn, RECORD_END_CLOSED, RECORD_PEER_STAYED);
		free(conn);
	}
	for (size_t i = 0; i < world->config.host_count; i++)
		world_end_gap(world, &world->config.hosts[i]);
	free(world->gaps);
	free(world);
}

struct port *world_port(struct world *world)
{
	return &world->port;
}
