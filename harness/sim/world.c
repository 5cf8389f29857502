#include "sim/world.h"

#include <signal.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/random.h"
#include "engine/timers.h"

#define RESEND_FIRST_NS HP_S_NS           /* RFC 6298 2: the initial RTO */
#define RESEND_NS (200 * HP_MS_NS)        /* Linux's minimal RTO */
enum { RESENDS_MAX = 6 };                 /* then it arrives: nothing here is lost for good */

enum message_kind {
	MESSAGE_SYN,
	MESSAGE_OPENED,
	MESSAGE_REFUSED,
	MESSAGE_TO_SERVER,
	MESSAGE_TO_CLIENT,
	MESSAGE_FIN_TO_SERVER,
	MESSAGE_FIN_TO_CLIENT,
	MESSAGE_RST_TO_CLIENT,
	MESSAGE_ACT,  /* the receiver's next step is due: no message, but it waits like one */
	MESSAGE_EDGE, /* a receiver may begin or cease to listen, or to freeze */
};

struct message {
	enum message_kind kind;
	struct port_conn *conn;         /* NULL for EDGE */
	const struct world_host *host;  /* of EDGE */
	uint64_t generation;
	size_t bytes;
	char at[];
};

struct port_conn {
	struct world *world;
	struct port_conn *next; /* among the free */
	struct port_conn *all;
	void *user;
	const struct world_host *host; /* NULL: nobody there */
	struct session session;
	struct session_step step; /* not yet carried out */
	uint64_t number, generation;
	uint64_t to_server_ns, to_client_ns; /* the last arrivals: order holds */
	uint32_t sent;                       /* messages so far, for the keys of losses */
	bool client_open, server_open, in_use, acting;
};

struct gap { /* while a receiver does not listen or does nothing, on purpose */
	uint64_t from_ns;
	uint8_t behaviour; /* 0: it does what it should */
};

struct world {
	struct port port;
	struct world_config config;
	struct gap *gaps; /* one for each host */
	struct timers timers; /* of struct message */
	struct port_conn *free, *all;
	uint64_t now_ns, timer_ns, conn_count;
	uint64_t message_count; /* of two at one moment the older comes first */
	bool leaving;
	volatile sig_atomic_t stop_asked;
};

static struct world *world_of(struct port *port)
{
	return (struct world *)port;
}

static struct session_clock clock_of(const struct world *world)
{
	return (struct session_clock){world->now_ns, world->config.start_wall_ns + world->now_ns};
}

/* ---- messages ---- */

static struct message *message_new(struct port_conn *conn, enum message_kind kind,
				   struct hp_view bytes)
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

static void post(struct world *world, uint64_t at_ns, struct message *message)
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

static void send_message(struct port_conn *conn, enum message_kind kind, struct hp_view bytes)
{
	struct world *world = conn->world;
	uint64_t *last_ns = goes_to_server(kind) ? &conn->to_server_ns : &conn->to_client_ns;
	uint64_t resend_ns = kind == MESSAGE_SYN ? RESEND_FIRST_NS : RESEND_NS;
	uint64_t at_ns = world->now_ns + travel_ns(conn, resend_ns);

	if (at_ns <= *last_ns)
		at_ns = *last_ns + 1;
	*last_ns = at_ns;
	post(world, at_ns, message_new(conn, kind, bytes));
}

static void signal_message(struct port_conn *conn, enum message_kind kind)
{
	send_message(conn, kind, (struct hp_view){NULL, 0});
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
				   .in_use = true};
	return conn;
}

/* Free for another connection when both ends are done with it; older messages mean nothing. */
static void conn_release(struct port_conn *conn)
{
	if (conn->client_open || conn->server_open || !conn->in_use)
		return;
	conn->in_use = false;
	conn->generation++;
	conn->next = conn->world->free;
	conn->world->free = conn;
}

static void client_ends(struct port_conn *conn, enum port_end why)
{
	void *user = conn->user;

	if (!conn->client_open)
		return;
	conn->client_open = false;
	conn_release(conn);
	conn->world->port.user->on_end(user, why);
}

static void server_ends(struct port_conn *conn, enum record_end end)
{
	if (!conn->server_open)
		return;
	conn->server_open = false;
	session_end(&conn->session, end);
	conn_release(conn);
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

static struct port_conn *op_open(struct port *port, const struct port_address *address, void *user)
{
	struct port_conn *conn = conn_take(world_of(port));

	conn->user = user;
	conn->host = host_at(conn->world, address);
	signal_message(conn, MESSAGE_SYN);
	return conn;
}

static bool op_send(struct port_conn *conn, struct hp_view bytes)
{
	send_message(conn, MESSAGE_TO_SERVER, bytes);
	return true;
}

static void op_close(struct port_conn *conn)
{
	assert(conn->client_open);
	conn->client_open = false;
	signal_message(conn, MESSAGE_FIN_TO_SERVER);
	conn_release(conn);
}

static void op_timer(struct port *port, uint64_t at_ns)
{
	world_of(port)->timer_ns = at_ns;
}

/* ---- the receivers' side ---- */

static void server_step(struct port_conn *conn, const struct session_step *step)
{
	struct world *world = conn->world;
	uint64_t at_ns = step->at_ns > world->now_ns ? step->at_ns : world->now_ns;

	if (step->action == SESSION_READ || step->action == SESSION_HOLD)
		return;
	conn->step = *step;
	conn->acting = true;
	post(world, at_ns, message_new(conn, MESSAGE_ACT, (struct hp_view){NULL, 0}));
}

static void server_act(struct port_conn *conn)
{
	struct session_step step = conn->step, next;
	struct session_clock clock = clock_of(conn->world);

	conn->acting = false;
	switch (step.action) {
	case SESSION_WRITE:
		send_message(conn, MESSAGE_TO_CLIENT, step.bytes);
		session_acted(&conn->session, &clock, &next);
		server_step(conn, &next);
		return;
	case SESSION_CLOSE:
		signal_message(conn, MESSAGE_FIN_TO_CLIENT);
		server_ends(conn, RECORD_END_CLOSED);
		return;
	case SESSION_RESET:
		signal_message(conn, MESSAGE_RST_TO_CLIENT);
		server_ends(conn, RECORD_END_RESET);
		return;
	case SESSION_READ:
	case SESSION_HOLD:
		return;
	}
}

static void server_accept(struct port_conn *conn)
{
	uint64_t until_ns;

	if (!conn->host || !receiver_listening(conn->host->receiver, conn->world->now_ns,
					       &until_ns)) {
		signal_message(conn, MESSAGE_REFUSED);
		return;
	}
	conn->server_open = true;
	session_init(&conn->session, conn->host->receiver);
	signal_message(conn, MESSAGE_OPENED);
}

static void server_reads(struct port_conn *conn, struct hp_view bytes)
{
	struct session_clock clock = clock_of(conn->world);
	struct session_step step;

	if (!conn->server_open)
		return;
	session_feed(&conn->session, bytes, &clock, &step);
	if (!conn->acting)
		server_step(conn, &step);
}

static void end_gap(struct world *world, const struct world_host *host)
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
	end_gap(world, host);
	*gap = (struct gap){world->now_ns, behaviour};
}

static void reset_all(struct world *world, const struct world_host *host)
{
	for (struct port_conn *conn = world->all; conn; conn = conn->all) {
		if (!conn->server_open || conn->host != host)
			continue;
		signal_message(conn, MESSAGE_RST_TO_CLIENT);
		server_ends(conn, RECORD_END_RESET);
	}
}

/* While a receiver does not listen its open connections are gone too. */
static void edge(struct world *world, const struct world_host *host)
{
	uint64_t until_ns, thaw_ns;
	bool listening = receiver_listening(host->receiver, world->now_ns, &until_ns);
	struct message *message;

	receiver_frozen(host->receiver, world->now_ns, &thaw_ns);
	review_gap(world, host);
	if (!listening)
		reset_all(world, host);
	if (thaw_ns < until_ns)
		until_ns = thaw_ns;
	if (until_ns == HP_NEVER)
		return;
	message = message_new(NULL, MESSAGE_EDGE, (struct hp_view){NULL, 0});
	message->host = host;
	post(world, until_ns, message);
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
		post(world, until_ns, message);
	return true;
}

static void arrive(struct world *world, struct message *message)
{
	struct port_conn *conn = message->conn;
	struct hp_view bytes = {message->at, message->bytes};

	switch (message->kind) {
	case MESSAGE_SYN:
		server_accept(conn);
		return;
	case MESSAGE_OPENED:
		if (conn->client_open)
			world->port.user->on_open(conn->user);
		return;
	case MESSAGE_REFUSED:
		client_ends(conn, PORT_END_REFUSED);
		return;
	case MESSAGE_TO_SERVER:
		server_reads(conn, bytes);
		return;
	case MESSAGE_TO_CLIENT:
		if (conn->client_open)
			world->port.user->on_bytes(conn->user, bytes.at, bytes.bytes);
		return;
	case MESSAGE_FIN_TO_SERVER:
		server_ends(conn, RECORD_END_CLOSED);
		return;
	case MESSAGE_FIN_TO_CLIENT:
		client_ends(conn, PORT_END_CLOSED);
		return;
	case MESSAGE_RST_TO_CLIENT:
		client_ends(conn, PORT_END_RESET);
		return;
	case MESSAGE_ACT:
		if (conn->server_open)
			server_act(conn);
		return;
	case MESSAGE_EDGE:
		edge(world, message->host);
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
		edge(world, &config->hosts[i]);
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
		server_ends(conn, RECORD_END_CLOSED);
		free(conn);
	}
	for (size_t i = 0; i < world->config.host_count; i++)
		end_gap(world, &world->config.hosts[i]);
	free(world->gaps);
	free(world);
}

struct port *world_port(struct world *world)
{
	return &world->port;
}
