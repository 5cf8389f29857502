/* A receiver that speaks TLS, on a server with a thread of its own, and clients that visit it over
 * TLS on the loopback. No sleeps: each call waits for an event. One fixture per test. */
#ifndef HP_TESTS_LIB_TLS_VISIT_H
#define HP_TESTS_LIB_TLS_VISIT_H
#include "net/server.h"
#include "tests/lib/receiving.h"
#include "tests/lib/tls_fixture.h"

enum { VISIT_ANSWER_BYTES = 4096 };

/* The receiver, and a signed request to it. Authority and client are those of tls_fx. */
extern struct visit_fx {
	struct receiving r; /* change its config before the start */
	struct server *server;
	char post[RECEIVING_TEXT_BYTES];
} visit_fx;

void visit_setup(void);
void visit_teardown(void);

/* NULL with *err when the server refuses the receiver. visit_start() runs it. */
struct server *visit_server(struct hp_err *err);
void visit_start(void);
void visit_stop(void); /* records may be read after this */
void visit_settle(void); /* the server has done all that it could with what was sent */

struct visit { /* a connection, seen from outside */
	int fd;      /* of the client: its socket, or its end of a pair */
	int far_fds[2]; /* sliced: the other end of the pair, and the socket; else -1 */
	struct tls *tls;
	enum tls_result end; /* why nothing more came */
	size_t bytes;        /* that came since the last request to hear */
	char text[VISIT_ANSWER_BYTES]; /* the first of them */
};

void visit_connect(struct visit *visit);

/* Every byte of the client's then comes in a packet of its own. Behind visit_connect(). */
void visit_slice(struct visit *visit);

/* Shakes hands as far as it goes; and one that must come to its end. */
enum tls_result visit_shake(struct visit *visit);
void visit_open(struct visit *visit);

void visit_say(struct visit *visit, struct hp_view bytes);

/* Reads so many bytes, or to the end. */
void visit_hear(struct visit *visit, size_t bytes_max);
void visit_hear_204(struct visit *visit);

/* Says goodbye and leaves. */
void visit_close(struct visit *visit);

/* The first record of that kind, or NULL; and the only fault, which must be of that row. */
const struct record *visit_record(enum record_kind kind);
const struct record_fault *visit_fault(const char *slug);
#endif
