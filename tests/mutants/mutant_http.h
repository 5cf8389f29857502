/* A strict, blocking HTTP/1.1 server end for one connection, a thread each: heads of at most
 * HTTP_HEAD_BYTES_MAX, bodies of at most HTTP_BODY_BYTES_MAX, one framing, deadlines for both.
 * The caller's defect may loosen any of that. */
#ifndef HP_TESTS_MUTANTS_HTTP_H
#define HP_TESTS_MUTANTS_HTTP_H
#include "tests/mutants/mutant_bytes.h"

enum {
	HTTP_HEAD_BYTES_MAX = 32 * 1024,
	HTTP_HEADERS_MAX = 512,
	HTTP_BODY_BYTES_MAX = 4 * 1024 * 1024,
};

struct http_header {
	const char *name;   /* into the request's head, terminated */
	struct view value;  /* without outer blanks */
};

enum http_got {
	HTTP_REQUEST, /* whole */
	HTTP_CUT,     /* head and a part of the body, then the peer was gone */
	HTTP_REFUSED, /* .refusal is the status to answer before the connection ends */
	HTTP_GONE,
};

struct http_request {
	struct bytes head; /* the lines, each terminated */
	const char *method, *target;
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t header_count;
	struct bytes body;
	size_t first_bytes; /* of the body, as the first read gave them */
	int refusal;        /* a status, or 0 */
	bool chunked;
};

struct http_conn;

struct http_conn *http_open(int fd); /* takes fd; returns new */
void http_close(struct http_conn *conn); /* takes conn; gives the peer time to read the answer */
int http_fd(const struct http_conn *conn);

/* Borrows conn; fills *request, which http_request_fini() empties. Blocks. */
enum http_got http_read(struct http_conn *conn, struct http_request *request);
void http_request_fini(struct http_request *request);

/* The header of that name; *count (may be NULL) is how many there are. NULL: none. */
const struct http_header *http_find(const struct http_request *request, const char *name,
				    unsigned *count);

struct http_answer {
	int status;
	const char *headers; /* lines, each with its CRLF; NULL: none */
	const char *body;    /* NULL: none */
	bool close, no_body; /* no_body: an answer to HEAD */
	long long date_s;    /* Unix seconds */
};

/* False when the peer is gone. */
bool http_say(struct http_conn *conn, const struct http_answer *answer);

/* Puts bytes back in front of what is read next; what does not fit is lost. */
void http_unread(struct http_conn *conn, struct view bytes);

/* Waits so long for the peer to reset the connection. */
bool http_was_reset(struct http_conn *conn, int wait_ms);
#endif
