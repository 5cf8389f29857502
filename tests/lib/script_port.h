/* A port whose every move the test makes: connections open, answer and end when it says so, and
 * the clock stands until it is moved. For what no simulated receiver would do. */
#ifndef HP_TESTS_LIB_SCRIPT_PORT_H
#define HP_TESTS_LIB_SCRIPT_PORT_H
#include "engine/port.h"

enum { SCRIPT_CONNS_MAX = 512, SCRIPT_TEXT_BYTES = 1024 };

struct script_port;

struct port_conn {
	struct script_port *script;
	struct port_target target;
	void *user;
	bool open;     /* the test accepted it */
	bool gone;     /* either side ended it */
	bool waits;    /* a request was sent and not answered */
	unsigned sends;
	char sent[SCRIPT_TEXT_BYTES]; /* the last request's beginning, with NUL */
};

struct script_port {
	struct port port; /* first: the ops find the rest */
	uint64_t now_ns, timer_ns;
	size_t conn_count;
	bool send_fails; /* the kernel takes no byte now */
	struct port_conn conns[SCRIPT_CONNS_MAX];
};

void script_port_init(struct script_port *script);

/* Lets time pass; the engine's timer comes up at its moments. */
void script_port_advance(struct script_port *script, uint64_t to_ns);

/* As if our process had been stopped: the clock jumps, then what is due comes up. */
void script_port_jump(struct script_port *script, uint64_t to_ns);

/* The connection that was asked for index-th; fails the test when there is none. */
struct port_conn *script_port_conn(struct script_port *script, size_t index);

void script_port_accept(struct port_conn *conn);
void script_port_answer(struct port_conn *conn, const char *text);
void script_port_end(struct port_conn *conn, enum port_end why);

/* Accepts what is not yet open and answers 204 to what waits, until nothing does. */
void script_port_settle(struct script_port *script);

/* Connections with a request in flight. */
unsigned script_port_waiting(const struct script_port *script);
#endif
