/* One connection to a simulated receiver, sans I/O: bytes in, one step out.
 * The happy path: a whole request lies in one read; session_feed() decides it without allocating or
 * copying and says WRITE; the owner writes at the step's moment and calls session_acted(), which
 * puts the receipt into the history and gives the next step, READ. A request in pieces is kept in a
 * buffer that is born with a maximum and given back when the request is complete; so are bytes that
 * come behind a request (pipelining).
 * A fault is a script with more steps (script.h). Its record is put when the peer has gone on to
 * the next request, or when the connection is over and the owner says what the kernel knows.
 * The owner is net/server_conn.c or sim/world.c. After each call it looks at `read_bytes_max` and
 * `look` before it reads again. */
#ifndef HP_RECEIVERS_SESSION_H
#define HP_RECEIVERS_SESSION_H
#include "receivers/receiver.h"

enum { SESSION_READ_BYTES_MAX = 64 * 1024 }; /* of one session_feed() */

/* How long the first request of a connection, and each one once begun, may take to come. Ours: as
 * long as the slowest sender of the profiles waits for an answer. */
#define SESSION_REQUEST_NS (60 * HP_S_NS)

enum session_action {
	SESSION_READ,  /* nothing to do until bytes come, or until at_ns: then session_due() */
	SESSION_WRITE, /* write the bytes, then session_acted() */
	SESSION_SHUT,  /* our FIN, then session_acted(); what comes is still read */
	SESSION_CLOSE, /* FIN, then session_acted(), and read what still comes for a while */
	SESSION_RESET, /* RST, once what was written is acknowledged, or will not be */
};

struct session_step {
	enum session_action action;
	uint64_t at_ns;       /* not before this moment; at most now: at once. HP_NEVER: of READ */
	struct hp_view bytes; /* of WRITE; good until the step is acted on */
};

struct session_clock { /* the moment of a call */
	uint64_t now_ns;  /* since the run's start */
	uint64_t wall_ns; /* since 1970 */
};

enum session_state {
	SESSION_IDLE,    /* reads a request */
	SESSION_INTERIM, /* a 100 is being written */
	SESSION_CUTTING, /* a script waits for so many bytes of the request */
	SESSION_PLAYING, /* a script is performed */
	SESSION_SILENT,  /* held, or over: bytes do not matter any more */
};

struct session_fault { /* that acts on the connection, or acted and has no record yet */
	struct script *owned; /* of a row that varies; NULL: shared */
	uint64_t written_from; /* bytes written before it */
	bool flowing;          /* it has begun and takes its time: a WRITE in pieces, or reading */
	bool reading;          /* it lets the request be read, in its own way */
	bool done;             /* all that makes it a fault was done */
	struct record_fault record;
};

struct session {
	struct receiver *receiver;
	const struct script *script; /* that is performed; NULL: none */
	struct session_fault *fault; /* NULL: nothing but ordinary answers */
	struct hp_buf in;        /* bytes not yet done with: head, decoded body, raw rest */
	struct http1_body body;  /* of the request in `in` once its head is complete */
	uint32_t head_bytes;     /* of that head; 0: not complete */
	uint32_t body_bytes;     /* decoded and in `in` behind the head */
	uint32_t read_bytes_max; /* the owner reads no more than this; 0: nothing at all */
	uint8_t state;           /* enum session_state */
	uint8_t step;            /* of the script */
	bool look;               /* the owner peeks and calls session_look() instead of reading */
	bool shown;              /* a request has begun to come that was only looked at */
	bool continued;          /* the 100 for the request in `in` was given */
	bool closing;            /* the connection ends after this answer */
	bool begun;              /* the receipt is one that has not been put */
	bool early;              /* the answer was given before the request was read */
	bool proving;            /* an answer is out that no later request has proved */
	uint64_t at_ns;          /* not before this moment the next step */
	uint64_t since_ns;       /* the request, or the connection, began; HP_NEVER: idle */
	uint64_t deadline_ns;    /* of the last READ */
	uint64_t done_bytes;     /* of the present WRITE */
	uint64_t read_bytes;     /* of the present request, of one that is cut or slow */
	uint32_t read_bytes_per_s; /* 0: as fast as they come */
	uint64_t written_bytes;  /* on the connection */
	uint64_t script_bytes;   /* of the present script */
	struct record_receipt receipt; /* of the present delivery, or of the last one */
};
_Static_assert(sizeof(struct session) <= 384, "thousands of idle connections");

/* Begins a connection; nothing is allocated unless a fault acts on it. Borrows the receiver until
 * session_end(). */
void session_init(struct session *session, struct receiver *receiver,
		  const struct session_clock *clock, struct session_step *out);

/* Hands were shaken over TLS: the first request is waited for from now on. */
void session_shaken(struct session *session, const struct session_clock *clock,
		    struct session_step *out);

/* Takes at most SESSION_READ_BYTES_MAX bytes that arrived. Borrows buf for the call. While a step
 * is not yet acted on, bytes are only kept and the answer is SESSION_READ: the step before stays
 * valid. */
void session_feed(struct session *session, struct hp_view buf, const struct session_clock *clock,
		  struct session_step *out);

/* While `look` is set: what has arrived and is not read yet. `full`: more cannot be shown. The step
 * is READ, with `look` still set until enough is there to know the event. */
void session_look(struct session *session, struct hp_view buf, bool full,
		  const struct session_clock *clock, struct session_step *out);

/* The WRITE, SHUT or CLOSE of the last step is done: its first byte went out at clock->now_ns. The
 * next step may be a WRITE again, of a request that came behind. */
void session_acted(struct session *session, const struct session_clock *clock,
		   struct session_step *out);

/* The moment of a READ has come, and no bytes have since. */
void session_due(struct session *session, const struct session_clock *clock,
		 struct session_step *out);

/* The connection shall end in order: at once when it is idle, else after the present answer. */
void session_drain(struct session *session, struct session_step *out);

/* The receiver's behaviours were replaced: a request of which nothing was read yet is looked at
 * when they want it. The owner looks at `look` before it reads, as ever. */
void session_review(struct session *session);

/* What the kernel knows of a connection that is over. */
struct session_evidence {
	enum record_end end;     /* of a delivery that was decided and has no receipt yet: RESET
				  * after our RST, else CLOSED */
	enum record_peer peer;   /* what it did before we were done */
	uint64_t now_ns;
	uint64_t written_bytes;  /* that the kernel took, answers only */
	uint64_t unacked_bytes;  /* of those, not acknowledged; HP_NEVER: not known */
};

/* The connection is over, by whomever. Frees what was allocated. */
void session_end(struct session *session, const struct session_evidence *evidence);
#endif
