/* One answer as it arrives: head, interim heads, body, end. Bytes in, a result out.
 * The common case, a whole answer in one read, keeps nothing; a head in pieces is kept in a buffer
 * born with its maximum. Lives inside the connection's struct (lane.c). */
#ifndef HP_ENGINE_EXCHANGE_H
#define HP_ENGINE_EXCHANGE_H
#include "base/buf.h"
#include "engine/outcome.h"
#include "wire/http1.h"

enum {
	EXCHANGE_INTERIM_MAX = 64, /* 1xx heads before one answer; ours, RFC 9110 15.2 sets none */
	EXCHANGE_KNOWN_BYTES = 512,
};

/* The last whole success answer of an endpoint: most that follow are the same bytes, and mean the
 * same without being read again. */
struct exchange_known {
	size_t bytes; /* 0: none yet */
	int status;
	bool keep_alive;
	char answer[EXCHANGE_KNOWN_BYTES];
};

struct exchange {
	struct exchange_known *known; /* borrowed */
	uint64_t retry_after_ns; /* HP_NEVER: none that can be read */
	int status;              /* 0: no final head yet */
	unsigned interim_count;
	bool began;      /* a byte of the answer has come */
	bool keep_alive; /* when done: the connection can be used again */
	uint64_t body_seen, body_bytes_max;
	struct hp_buf head; /* of a head that came in pieces; empty otherwise */
	struct http1_body body;
};

enum exchange_result { EXCHANGE_MORE, EXCHANGE_DONE, EXCHANGE_GARBAGE, EXCHANGE_TOO_LARGE };

/* Borrows known, which answers of one endpoint share, until exchange_fini(). */
void exchange_init(struct exchange *exchange, struct exchange_known *known,
		   uint64_t body_bytes_max);
void exchange_fini(struct exchange *exchange);

/* Ready for the next answer on the same connection. */
void exchange_reset(struct exchange *exchange);

/* Takes bytes that arrived. wall_s (Unix seconds) reads a Retry-After date. */
enum exchange_result exchange_feed(struct exchange *exchange, struct hp_view bytes,
				   uint64_t wall_s);

/* The peer's FIN: how the attempt ended. OUTCOME_OK stands for "the answer is complete". */
enum outcome exchange_end(const struct exchange *exchange);
#endif
