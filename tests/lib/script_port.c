/* A port that the test moves: see script_port.h. */
#include "tests/lib/script_port.h"

#include <check.h>
#include <stdio.h>

#include "base/err.h"
#include "base/span.h"

static struct script_port *script_of(struct port *port)
{
	return (struct script_port *)port;
}

static uint64_t op_now_ns(struct port *port)
{
	return script_of(port)->now_ns;
}

static uint64_t op_wall_ns(struct port *port)
{
	return UINT64_C(1700000000) * HP_S_NS + script_of(port)->now_ns;
}

static struct port_conn *op_open(struct port *port, const struct port_target *target, void *user)
{
	struct script_port *script = script_of(port);
	struct port_conn *conn = &script->conns[script->conn_count++];

	assert(script->conn_count <= SCRIPT_CONNS_MAX);
	*conn = (struct port_conn){.script = script, .target = *target, .user = user};
	return conn;
}

static bool op_send(struct port_conn *conn, struct hp_view bytes)
{
	assert(conn->open && !conn->gone && !conn->waits);
	conn->waits = true;
	conn->sends++;
	snprintf(conn->sent, sizeof(conn->sent), "%.*s", (int)bytes.bytes, bytes.at);
	return !conn->script->send_fails;
}

static void op_close(struct port_conn *conn)
{
	assert(!conn->gone);
	conn->gone = true;
	conn->waits = false;
}

static void op_timer(struct port *port, uint64_t at_ns)
{
	script_of(port)->timer_ns = at_ns;
}

void script_port_init(struct script_port *script)
{
	static const struct port_ops ops = {
		.now_ns = op_now_ns,
		.wall_ns = op_wall_ns,
		.open = op_open,
		.send = op_send,
		.close = op_close,
		.timer = op_timer,
	};

	memset(script, 0, sizeof(*script));
	script->port.ops = &ops;
	script->timer_ns = HP_NEVER;
}

static void fire(struct script_port *script)
{
	script->timer_ns = HP_NEVER;
	script->port.on_timer(script->port.engine);
}

void script_port_advance(struct script_port *script, uint64_t to_ns)
{
	ck_assert_uint_ge(to_ns, script->now_ns);
	while (script->timer_ns <= to_ns) {
		if (script->timer_ns > script->now_ns)
			script->now_ns = script->timer_ns;
		fire(script);
	}
	script->now_ns = to_ns;
}

void script_port_jump(struct script_port *script, uint64_t to_ns)
{
	script->now_ns = to_ns;
	script_port_advance(script, to_ns);
}

struct port_conn *script_port_conn(struct script_port *script, size_t index)
{
	ck_assert_uint_lt(index, script->conn_count);
	return &script->conns[index];
}

void script_port_accept(struct port_conn *conn)
{
	ck_assert(!conn->open && !conn->gone);
	conn->open = true;
	conn->script->port.user->on_open(conn->user);
}

void script_port_answer(struct port_conn *conn, const char *text)
{
	ck_assert(conn->open && !conn->gone);
	conn->waits = false;
	conn->script->port.user->on_bytes(conn->user, text, strlen(text));
}

void script_port_end(struct port_conn *conn, enum port_end why)
{
	ck_assert(!conn->gone);
	conn->gone = true;
	conn->waits = false;
	conn->script->port.user->on_end(conn->user, why);
}

static bool settle_one(struct port_conn *conn)
{
	if (conn->gone || (conn->open && !conn->waits))
		return false;
	if (!conn->open)
		script_port_accept(conn);
	else
		script_port_answer(conn, "HTTP/1.1 204 No Content\r\n\r\n");
	return true;
}

void script_port_settle(struct script_port *script)
{
	bool moved;

	do {
		moved = false;
		for (size_t i = 0; i < script->conn_count; i++)
			moved |= settle_one(&script->conns[i]);
	} while (moved);
}

unsigned script_port_waiting(const struct script_port *script)
{
	unsigned count = 0;

	for (size_t i = 0; i < script->conn_count; i++)
		count += script->conns[i].waits;
	return count;
}
