/* DNS messages, as much as a resolver of a few names needs (RFC 1035 4): a query in, an answer out.
 * Bytes in, views out: allocates nothing and knows no socket. A compressed name is never followed:
 * in a question it is refused, behind it a pointer just ends a name. EDNS is read over.
 * Not here: which name has which address (net/server_dns.h). */
#ifndef HP_WIRE_DNS_H
#define HP_WIRE_DNS_H
#include <stdint.h>

#include "base/view.h"

enum {
	DNS_HEADER_BYTES = 12,      /* RFC 1035 4.1.1; the question stands behind it */
	DNS_QUERY_BYTES_MAX = 1232, /* ours: what one datagram carries anywhere; more is DNS_BAD */
	DNS_ANSWER_BYTES_MAX = 512, /* RFC 1035 4.2.1, over UDP */
	DNS_NAME_BYTES_MAX = 255,   /* RFC 1035 2.3.4, with lengths and the end */
	DNS_LABEL_BYTES_MAX = 63,
	DNS_ADDRESSES_MAX = 8,
};

enum dns_type { DNS_A = 1, DNS_AAAA = 28 }; /* RFC 1035 3.2.2, RFC 3596 2.1 */
enum dns_rcode { /* RFC 1035 4.1.1 */
	DNS_NOERROR,
	DNS_FORMERR,
	DNS_SERVFAIL,
	DNS_NXDOMAIN,
	DNS_NOTIMP,
	DNS_REFUSED,
};

enum dns_result {
	DNS_DONE,
	DNS_BAD,  /* to be answered with query->complaint */
	DNS_MUTE, /* not to be answered: no header, or itself an answer */
};

struct dns_query {
	uint16_t id;
	uint8_t opcode;
	bool recursion_desired;
	enum dns_rcode complaint; /* of DNS_BAD */
	uint16_t type;            /* enum dns_type, or any other */
	struct hp_view name;      /* labels behind their lengths, with the end */
	struct hp_view question;  /* name, type and class as they came; empty: not readable */
};

/* Reads a query of one question of class IN. Borrows buf as long as *out. Strict: what follows the
 * question must be whole records, and nothing behind them. */
enum dns_result dns_parse_query(const char *buf, size_t bytes, struct dns_query *out);

/* Whether a name in wire form is that host, like "billing.hookproof.test"; case does not matter
 * (RFC 4343). */
bool dns_name_is(struct hp_view name, const char *host);

/* Whether a text can be a name at all: labels of 1 to 63 bytes, in all not too long. */
bool dns_is_host(const char *host);

struct dns_answer {
	enum dns_rcode rcode;
	uint32_t ttl_s;
	size_t address_count; /* at most DNS_ADDRESSES_MAX; 0 unless the query asks for A or AAAA */
	const uint8_t (*addresses)[16]; /* IPv4 in the first four of each */
};

/* Writes an authoritative answer, with the question when it was readable. Returns its bytes. */
size_t dns_write_answer(const struct dns_query *query, const struct dns_answer *answer,
			char out[static DNS_ANSWER_BYTES_MAX]);
#endif
