/* An HTTP server in a thread of the test, for clients that block: what it answers is the test's.
 * Loopback, any port; a thread for each connection; one handler at a time. */
#ifndef HP_TESTS_LIB_ENDPOINT_H
#define HP_TESTS_LIB_ENDPOINT_H
#include "base/buf.h"
#include "engine/port.h"
#include "wire/http1.h"

struct endpoint_request {
	const struct http1_head *head;
	struct hp_view body;
	unsigned number;            /* of the endpoint's requests, from 1 */
	unsigned connection_number; /* of its connections, from 1 */
};

/* Appends the whole answer; nothing: the connection is closed without one. */
typedef void endpoint_answer(void *arg, const struct endpoint_request *request, struct hp_buf *out);

/* Starts one. It lives until the test's process ends, or endpoint_stop(), which makes the port
 * refuse connections. Returns its address. */
struct port_address endpoint_start(endpoint_answer *answer, void *arg);
void endpoint_stop(void);

/* Appends an answer without a body. */
void endpoint_status(struct hp_buf *out, int status);
#endif
