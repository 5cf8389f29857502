/* How a receiver's name is resolved: plain data that rows of the layer name change and net/ carries
 * out as an answer of our resolver; and what came of it. Addresses are those of this machine, and
 * no row can name another one. Not here: messages (wire/dns.h), sockets (net/server_dns.h). sim/
 * resolves no names. */
#ifndef HP_RECEIVERS_LOOKUP_H
#define HP_RECEIVERS_LOOKUP_H
#include <stdbool.h>

#include "engine/port.h"

/* The receiver "billing" has the name billing.hookproof.test; .test is nobody's (RFC 6761 6.2). */
#define LOOKUP_ZONE "hookproof.test"

enum {
	LOOKUP_ADDRESSES_MAX = 8, /* of one answer */
	LOOKUP_STRUCK_MAX = 16,   /* behaviours of one receiver */
};

enum lookup_type { LOOKUP_A, LOOKUP_AAAA, LOOKUP_OTHER, LOOKUP_TYPES };
const char *lookup_type_word(enum lookup_type type);

enum lookup_outcome { LOOKUP_FOUND, LOOKUP_NO_SUCH_NAME, LOOKUP_SERVER_FAILS };

struct lookup_struck { /* numbers of a row that changed it (behaviour.h) */
	uint8_t behaviour; /* in the receiver's list */
	uint8_t fault;     /* held by it, or the same */
};

struct lookup {
	struct lookup_struck struck[LOOKUP_STRUCK_MAX];
	unsigned struck_count;
	uint64_t planned_ns; /* the query was read */
	uint64_t number;     /* of queries of that type for that name, from 1 */
	enum lookup_type type;
	enum lookup_outcome outcome;
	bool silent;         /* no answer */
	uint64_t delay_ns;   /* before the answer; of a silence: how long it is watched */
	uint32_t ttl_s;
	unsigned address_count; /* 0: the name has none of that type */
	uint8_t addresses[LOOKUP_ADDRESSES_MAX][16]; /* IPv4 in the first four of each */
	const struct port_address *own; /* where the receiver can be reached; borrowed */
};

enum lookup_end { /* what came of it */
	LOOKUP_ANSWERED, /* the kernel took the whole answer */
	LOOKUP_SILENT,   /* nothing was sent while it was watched */
	LOOKUP_CUT_OFF,  /* the run ended before the answer was due */
	LOOKUP_UNSENT,   /* the kernel refused the answer, or too many were waiting */
};

struct lookup_seen {
	uint64_t now_ns;
	uint64_t query_bytes, answer_bytes;
	enum lookup_end end;
};

/* Adds an address, of the family that was asked for. At most LOOKUP_ADDRESSES_MAX. */
void lookup_add(struct lookup *lookup, const uint8_t *ip);

/* Adds the addresses of a list like "127.0.0.2 127.0.0.3", each of which lookup_parse() took. */
void lookup_add_list(struct lookup *lookup, const char *list);

/* Reads an address of 127.0.0.0/8 in four decimal numbers. False: it is anything else. */
bool lookup_parse(struct hp_view text, uint8_t ip[4]);

/* Whether it is an address of this machine alone: 127.0.0.0/8 or ::1. */
bool lookup_is_here(const struct port_address *address);

/* How many addresses stand in such a list. */
unsigned lookup_list_count(const char *list);
#endif
