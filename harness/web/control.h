/* The control endpoint of simulated receivers, for tests in other languages: reads what they
 * counted and which events took effect, changes what they do, and ends the run.
 *
 *   GET  /v1/receivers                   names, URLs, counters, the behaviours that hold now
 *   GET  /v1/events?receiver=NAME        events in the order in which they came first, with
 *                                        arrivals and effects; a page of from=N&limit=N, and
 *                                        "next" says where the next one begins
 *   GET  /v1/events/KEY?receiver=NAME    one event; 404 when it never came, or was forgotten
 *   PUT  /v1/receivers/NAME/behaviours   a JSON array as in a scenario: holds for later deliveries
 *   POST /v1/reset                       forgets all events; counters go on
 *   POST /v1/shutdown                    ends like Ctrl-C, once the answer is out
 *
 * A change leaves a RECORD_NOTE in the history. `receiver` may be left out when there is one.
 * Lives on a loop of its own thread (web.h); what touches a receiver is done on the server's thread
 * through server_call(), so a request waits for that loop and nothing is locked.
 * The README shows it in use. */
#ifndef HP_WEB_CONTROL_H
#define HP_WEB_CONTROL_H
#include "base/secret.h"
#include "net/server.h"

struct loop; /* net/loop.h */
struct control;

enum {
	CONTROL_TOKEN_BYTES = 33,  /* of a generated token, with NUL: 128 bits in hex */
	CONTROL_CHANGES_MAX = 4096, /* of behaviours in a run, each kept for who still plays it;
				     * more is 409 */
	CONTROL_PAGE_MAX = 1000,   /* events in one answer */
};

struct control_config { /* what it points to is borrowed until control_close() */
	struct loop *loop; /* not that of the server */
	struct server *server;
	struct server_receivers receivers;
	struct port_address listen; /* loopback; number 0: any free port */
	const struct hp_secret *token;
	void (*shutdown)(void *arg); /* somebody asked for the end; may be called again */
	void *arg;
};

/* Returns new, listening. Requests are answered while both loops run. NULL with *err. */
struct control *control_open(const struct control_config *config, struct hp_err *err)
	__attribute__((warn_unused_result));

/* When neither loop runs any more and the receivers are freed: they borrow their behaviours. */
void control_close(struct control *control);

/* Where it listens, with the port that was chosen. Good until closed. */
const struct port_address *control_address(const struct control *control);

/* A delivery ended: its event is listed from now on. On the server's thread. */
void control_see(struct control *control, const struct record_receipt *receipt);

/* Writes a new random token. */
void control_token(char out[CONTROL_TOKEN_BYTES]);
#endif
