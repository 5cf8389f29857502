/* HTTP/1.1 messages (RFC 9112): bytes in, views out.
 * Strict, byte-exact, allocates nothing, reads no clock, knows no socket: the caller owns every
 * byte, and the views in a head are good as long as the caller's bytes are.
 * Not here: what a connection is for (engine/exchange.h, receivers/session.h). */
#ifndef HP_WIRE_HTTP1_H
#define HP_WIRE_HTTP1_H
#include <stdint.h>

#include "base/view.h"

enum {
	HTTP1_HEAD_BYTES_MAX = 16 * 1024, /* ours, RFC 9110 5.4 sets none; longer is HTTP1_BAD */
	HTTP1_HEADERS_MAX = 100,          /* ours; more is HTTP1_BAD */
};

enum http1_result { HTTP1_DONE, HTTP1_MORE, HTTP1_BAD };

/* How the body's end is found (RFC 9112 6.3). */
enum http1_framing { HTTP1_NO_BODY, HTTP1_LENGTH, HTTP1_CHUNKED, HTTP1_UNTIL_CLOSE };

struct http1_header {
	struct hp_view name, value; /* value without outer spaces and tabs */
};

struct http1_head {
	struct hp_view method, target; /* of a request */
	int status;                    /* of a response: 100..999 */
	int minor;                     /* HTTP/1.minor, 0 or 1 */
	bool keep_alive;               /* the peer lets the connection be used again */
	bool expect_continue;
	enum http1_framing framing;
	uint64_t body_bytes; /* of HTTP1_LENGTH; 0 else */
	size_t head_bytes;   /* up to and including the blank line */
	size_t header_count;
	struct http1_header headers[HTTP1_HEADERS_MAX];
};

/* Parses the head of a response (to a POST) that may still be incomplete. Borrows buf.
 * *out means something only when it returns HTTP1_DONE. HTTP1_BAD: not HTTP/1.0 or 1.1, a status
 * that is no three digits, a bare CR or LF, a control byte, obs-fold, two framings, two different
 * lengths, a length that is no number, a transfer coding other than chunked, or beyond the limits
 * above. 1xx has no body (RFC 9110 15.2). */
enum http1_result http1_parse_response(const char *buf, size_t bytes, struct http1_head *out);

/* The same for a request: HTTP1_BAD also for a missing or doubled Host in HTTP/1.1, and for
 * Transfer-Encoding beside Content-Length (RFC 9112 6.1, smuggling). */
enum http1_result http1_parse_request(const char *buf, size_t bytes, struct http1_head *out);

/* The value of the first header of that name (without case), or a view with at == NULL. */
struct hp_view http1_find(const struct http1_head *head, struct hp_view name);

/* A body while it arrives; framing decoded, bytes not kept. Lives in the caller's memory. */
struct http1_body {
	enum http1_framing framing;
	int state;     /* http1_body.c's, of the chunked decoder */
	uint64_t left; /* of the length, or of the present chunk */
	uint64_t line_bytes; /* of chunk framing beyond what its data pays for: see http1_body.c;
			      * more than HTTP1_HEAD_BYTES_MAX is HTTP1_BAD */
};

void http1_body_init(struct http1_body *body, const struct http1_head *head);

/* Takes one step over bytes that arrived: *taken bytes were looked at (on HTTP1_DONE the rest
 * belongs to the next message), *data is the payload among them, possibly empty, a view into buf.
 * HTTP1_MORE with *taken == bytes: all used, more must come. HTTP1_MORE with *taken < bytes: call
 * again with the rest. HTTP1_UNTIL_CLOSE never says HTTP1_DONE: the peer's FIN does. */
enum http1_result http1_body_step(struct http1_body *body, const char *buf, size_t bytes,
				  size_t *taken, struct hp_view *data);
#endif
