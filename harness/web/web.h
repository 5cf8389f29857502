/* A small HTTP server for programs and people on this machine, on evhttp: routes are rows, a
 * request is whole before it is answered, answers are JSON, and nobody is answered who does not
 * show the bearer token (RFC 6750 2.1). Errors are {"error":{"status","message"}}.
 * It lives on the loop that it is given, and everything happens on that loop's thread.
 * Never a simulated receiver: evhttp takes framings that a receiver must refuse (net/server.h).
 * What it serves is its caller's: control.h. */
#ifndef HP_WEB_WEB_H
#define HP_WEB_WEB_H
#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "engine/port.h"

struct loop; /* net/loop.h */
struct web;

enum {
	WEB_BODY_BYTES_MAX = 256 * 1024,        /* of a request; longer is 413 */
	WEB_ANSWER_BYTES_MAX = 4 * 1024 * 1024, /* of JSON; an answer that needs more is our bug */
	WEB_PART_BYTES_MAX = 1024,              /* of one decoded segment or member of a query */
};

struct web_request { /* borrowed for the call */
	struct hp_view part;  /* of the path where the route has a star, decoded, NUL behind it */
	struct hp_view query; /* behind the question mark, as it stands: web_path_query() */
	struct hp_view body;
};

struct web_answer {
	int status;              /* 200 unless it is changed */
	struct hp_buf json;      /* the body: one document */
	void (*sent)(void *arg); /* with the config's arg once the answer has left, or its peer;
				  * NULL: nobody waits for it. May be called again */
};

struct web_route {
	const char *method; /* "GET", "PUT", "POST"; NULL ends the list */
	const char *path;   /* as web_path_match() takes it */
	void (*answer)(void *arg, const struct web_request *request, struct web_answer *answer);
};

struct web_config { /* borrowed for the call, but for routes and token: as long as the server */
	struct loop *loop;
	struct port_address listen; /* loopback only; number 0: any free port */
	const struct hp_secret *token;
	const struct web_route *routes;
	void *arg; /* of the routes */
};

/* Returns new, listening; answers when the loop runs. NULL with HP_EUSAGE (an address beyond this
 * machine, or one that cannot be bound) or HP_EENV. */
struct web *web_new(const struct web_config *config, struct hp_err *err)
	__attribute__((warn_unused_result));

/* When the loop runs no more, and before it is freed. Answers that are not out are lost. */
void web_free(struct web *web);

/* Where it listens, with the port that was chosen. Good as long as the server. */
const struct port_address *web_address(const struct web *web);

/* Makes the answer an error. */
void web_refuse(struct web_answer *answer, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for a document in the body that is wrong: 400, with line and column when known. */
void web_refuse_document(struct web_answer *answer, const struct hp_err *err);
#endif
