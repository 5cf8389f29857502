/* A port whose every move the test makes: connections open, answer and end when it says so, and
 * the clock stands until it is moved. For what no simulated receiver would do. */
#ifndef HP_TESTS_LIB_SCRIPT_PORT_H
#define HP_TESTS_LIB_SCRIPT_PORT_H
#include "engine/port.h"

enum { SCRIPT_CONNS_MAX = 512, SCRIPT_TEXT_BYTES = 1024 };

struct script;

struct port_conn {
	struct script *script;
	struct port_address address;
	void *user;
	bool open;     /* the test accepted it */
	bool gone;     /* either side ended it */
	bool waits;    /* a request was sent and not answered */
	unsigned sends;
	char sent[SCRIPT_TEXT_BYTES]; /* the last request's beginning, with NUL */
};

struct script {
	struct port port; /* first: the ops find the rest */
	uint64_t now_ns, timer_ns;
	size_t conn_count;
	bool send_fails; /* the kernel takes no byte now */
	struct port_conn conns[SCRIPT_CONNS_MAX];
};

void script_init(struct script *script);

/* Lets time pass; the engine's timer comes up at its moments. */
void script_advance(struct script *script, uint64_t to_ns);

/* As if our process had been stopped: the clock jumps, then what is due comes up. */
void script_jump(struct script *script, uint64_t to_ns);

/* The connection that was asked for index-th; fails the test when there is none. */
struct port_conn *script_conn(struct script *script, size_t index);

void script_accept(struct port_conn *conn);
void script_answer(struct port_conn *conn, const char *text);
void script_end(struct port_conn *conn, enum port_end why);

/* Accepts what is not yet open and answers 204 to what waits, until nothing does. */
void script_settle(struct script *script);

/* Connections with a request in flight. */
unsigned script_waiting(const struct script *script);
#endif
