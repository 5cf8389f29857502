/* What the files of the courier share. For them alone: callers use courier.h. */
#ifndef HP_NET_COURIER_INSIDE_H
#define HP_NET_COURIER_INSIDE_H
#include <event2/event_struct.h>

#include "net/courier.h"
#include "net/loop.h"
#include "wire/http1.h"

enum trip_state { TRIP_CONNECTING, TRIP_SHAKING, TRIP_SENDING, TRIP_PAUSED, TRIP_HELD,
		  TRIP_FILLING, TRIP_READING, TRIP_LEAVING, TRIP_OVER };

/* One connection, with the parcels that it carries one after the other. */
struct trip {
	struct courier *courier;
	struct event io;
	int fd;
	short wanted; /* events that are asked for */
	struct tls *tls;
	enum trip_state state;
	struct courier_parcel *at; /* the present one */
	struct courier_parcel *end; /* behind the last one of this connection */
	size_t sent;   /* of its bytes */
	uint64_t filled; /* of its filler */
	bool continued, released, fresh;
	uint64_t due_ns, next_ns; /* the answer's deadline; when a pause is over */
	struct http1_body framing;
	bool has_head;
	struct hp_buf raw; /* of the head, while it comes */
};

struct courier {
	struct loop loop;
	struct loop_alarm alarm;
	struct courier_config config;
	struct tls_context *context;
	struct tls_peer *peer;
	bool stopped, waiting;
	uint64_t wait_until_ns;
	struct trip *trips;
	size_t trip_count, open_count;
	char buf[64 * 1024];
};

/* ---- courier_answer.c: what comes back ---- */

void courier_answer_begin(struct trip *trip);

/* Takes bytes of the answer. True when it is whole, or is none: then answer->end says which. */
bool courier_answer_take(struct trip *trip, const char *buf, size_t bytes);

/* The peer sends no more. Says how it ended. */
void courier_answer_end(struct trip *trip, enum courier_end end);

/* Whether the connection may carry the next parcel. */
bool courier_answer_keeps(const struct trip *trip);
#endif
