/* The courier: takes single crafted requests to one target, byte for byte as they are, and brings
 * back what came: the certifier's client. Many at once on one loop, in pieces, late, cut off, with
 * the last bytes of several released at one moment. What the other side does is data.
 * Blocks until all are back. One thread.
 * Not here: load (client.h), what a request says (certify/forge.h), whether an answer is right. */
#ifndef HP_NET_COURIER_H
#define HP_NET_COURIER_H
#include "base/buf.h"
#include "engine/port.h"
#include "net/tls.h"

enum {
	COURIER_KEPT_BYTES = 64 * 1024, /* of one answer; what is more is counted and dropped */
	COURIER_PARCELS_MAX = 1000,     /* of one call */
};

struct courier;

struct courier_config { /* borrowed for the call */
	struct port_address address;
	const char *host;             /* that TLS asks for; NULL: http */
	struct tls_client_config tls; /* of https */
	uint64_t connect_ns, first_byte_ns, total_ns; /* at most, of each parcel */
};

/* Returns new, or NULL with HP_EENV (no loop) or HP_EINPUT (authorities that are none). */
struct courier *courier_new(const struct courier_config *config, struct hp_err *err)
	__attribute__((warn_unused_result));
void courier_free(struct courier *courier);

#define COURIER_ENDS(X) /* name, word, in words */                                                 \
	X(COURIER_ANSWERED, "answered", "answered")                                                \
	X(COURIER_CLOSED, "closed", "closed the connection without an answer")                     \
	X(COURIER_RESET, "reset", "reset the connection")                                          \
	X(COURIER_REFUSED, "refused", "refused the connection")                                    \
	X(COURIER_UNREACHABLE, "unreachable", "could not be reached")                              \
	X(COURIER_NO_CONNECTION, "no-connection", "did not take the connection in time")           \
	X(COURIER_SILENT, "silent", "did not begin to answer in time")                             \
	X(COURIER_UNFINISHED, "unfinished", "did not finish its answer in time")                   \
	X(COURIER_MALFORMED, "malformed", "answered with what is no HTTP")                         \
	X(COURIER_TLS_FAILED, "tls", "failed the TLS handshake")                                   \
	X(COURIER_NO_PORTS, "no-ports", "was not reached: out of ports or descriptors here")       \
	X(COURIER_LEFT, "left", "was left before its answer, as was meant")

enum courier_end {
#define X(name, word, text) name,
	COURIER_ENDS(X)
#undef X
};
const char *courier_end_word(enum courier_end end);
const char *courier_end_text(enum courier_end end);

struct courier_answer {
	enum courier_end end;
	int status; /* of the final answer; 0: none came whole */
	unsigned interim; /* 1xx answers before it */
	bool fresh; /* came over a connection that was opened for it */
	/* Monotonic; 0: did not happen. began: when connecting was asked for, or sending began. */
	uint64_t began_ns, connected_ns, sent_ns, first_byte_ns, done_ns;
	uint64_t bytes_in, bytes_out; /* in clear */
	struct hp_buf head, body;     /* as far as they are kept; the body without its framing */
	char error[TLS_ERROR_BYTES];  /* of TLS */
};

enum courier_after { COURIER_READ, COURIER_LEAVE, COURIER_ABORT }; /* the answer; FIN; RST */

struct courier_parcel {
	struct hp_view bytes;  /* of the whole request; borrowed for the call */
	size_t head_bytes;     /* of them; what follows may travel apart */
	uint32_t piece_bytes;  /* the body in writes of this size, with gaps; 0: at once */
	uint64_t gap_ns;
	bool awaits_continue;  /* the body follows a 100, or a second of silence */
	struct hp_view filler; /* behind the bytes, over and over, as long as it is taken */
	uint64_t filler_bytes_max;
	bool held;             /* the last byte goes out when all that are held have come so far */
	bool same_connection;  /* as the parcel before it, after its answer, while that lives */
	bool is_head;          /* its answer has no body */
	enum courier_after after;
	uint64_t linger_ns;    /* before leaving, unless an answer begins to come */
	struct courier_answer answer; /* filled; courier_answer_fini() frees it */
};

/* Takes all of them and returns when each has its answer. Parcels without same_connection begin at
 * once. */
void courier_take(struct courier *courier, struct courier_parcel *parcels, size_t count);
void courier_answer_fini(struct courier_answer *answer);

/* Lets time pass. */
void courier_wait(struct courier *courier, uint64_t span_ns);

/* The value of a header of an answer, or at == NULL. Good as long as the answer is. */
struct hp_view courier_header(const struct courier_answer *answer, const char *name);

/* Ends what is under way, and every later call at once: from any thread and signal handler. */
void courier_stop(struct courier *courier);
bool courier_stopped(const struct courier *courier);
#endif
