/* One connection to a simulated receiver, sans I/O: bytes in, one step out.
 * The happy path: a whole request lies in one read; session_feed() decides it without allocating or
 * copying and says WRITE; the owner writes at the step's moment and calls session_acted(), which
 * puts the receipt into the history and gives the next step, READ. A request in pieces is kept in a
 * buffer that is born with a maximum and given back when the request is complete; so are bytes that
 * come behind a request (pipelining). After CLOSE or RESET, or when the peer is gone, the owner
 * calls session_end(). One receipt per delivery, whatever happens.
 * The owner is net/server.c or sim/, which carry the steps out. */
#ifndef HP_RECEIVERS_SESSION_H
#define HP_RECEIVERS_SESSION_H
#include "receivers/receiver.h"

enum { SESSION_READ_BYTES_MAX = 64 * 1024 }; /* of one session_feed() */

enum session_action {
	SESSION_READ,  /* nothing to do until more bytes come */
	SESSION_WRITE, /* write the bytes, then session_acted() */
	SESSION_HOLD,  /* no answer will come; bytes are thrown away until the peer leaves */
	SESSION_CLOSE, /* close in order: FIN, and read what still comes for a while */
	SESSION_RESET, /* RST */
};

struct session_step {
	enum session_action action;
	uint64_t at_ns;       /* not before this moment; at most now: at once */
	struct hp_view bytes; /* of WRITE; good as long as the receiver */
};

struct session_clock { /* the moment of a call */
	uint64_t now_ns;  /* since the run's start */
	uint64_t wall_ns; /* since 1970 */
};

enum session_state {
	SESSION_IDLE,    /* reads a request */
	SESSION_INTERIM, /* a 100 is being written */
	SESSION_PENDING, /* a delivery is decided, its step not yet done */
	SESSION_REFUSAL, /* an answer to what is no delivery is being written */
	SESSION_SILENT,  /* held, or over: bytes do not matter any more */
};

struct session {
	struct receiver *receiver;
	const struct receiver_answer *answer; /* that is being written; NULL: none */
	struct hp_buf in;        /* bytes not yet done with: head, decoded body, raw rest */
	struct http1_body body;  /* of the request in `in` once its head is complete */
	uint32_t head_bytes;     /* of that head; 0: not complete */
	uint32_t body_bytes;     /* decoded and in `in` behind the head */
	uint8_t state;           /* enum session_state */
	bool continued;          /* the 100 for the request in `in` was given */
	bool closing;            /* the connection ends after this answer */
	struct record_receipt receipt; /* of PENDING */
};
_Static_assert(sizeof(struct session) <= 256, "thousands of idle connections");

/* Begins a connection; nothing is allocated. Borrows the receiver until session_end(). */
void session_init(struct session *session, struct receiver *receiver);

/* Takes at most SESSION_READ_BYTES_MAX bytes that arrived. Borrows buf for the call. While a step
 * is not yet acted on, bytes are only kept and the answer is SESSION_READ: the step before stays
 * valid. */
void session_feed(struct session *session, struct hp_view buf, const struct session_clock *clock,
		  struct session_step *out);

/* The WRITE of the last step is done: its first byte went out at clock->now_ns. The next step may
 * be a WRITE again, of a request that came behind. */
void session_acted(struct session *session, const struct session_clock *clock,
		   struct session_step *out);

/* The connection is over, by whomever: `end` is how a delivery ended that is decided and not
 * answered (RECORD_END_RESET after our SESSION_RESET, RECORD_END_CLOSED when the peer left; after
 * HOLD the receipt is written already). Frees what was allocated. */
void session_end(struct session *session, enum record_end end);
#endif
