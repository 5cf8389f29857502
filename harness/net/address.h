/* Addresses: names resolved before the run, numbers on the hot path. */
#ifndef HP_NET_ADDRESS_H
#define HP_NET_ADDRESS_H
#include <sys/socket.h>

#include "base/err.h"
#include "engine/port.h"

enum { ADDRESS_COUNT_MAX = 8 }; /* of one name that are looked at */

struct address_list { /* in the order in which they are to be tried (RFC 6724) */
	struct port_address at[ADDRESS_COUNT_MAX];
	size_t count; /* at least 1 */
};

/* Resolves a host name or a number (IPv6 without brackets). May block: before the run only.
 * -1 with HP_EUNREACHABLE when the name has no address. */
int address_resolve(const char *host, uint16_t number, struct address_list *out,
		    struct hp_err *err) __attribute__((warn_unused_result));

/* The first that takes a connection within the span, or the first of all when none does. One alone
 * is not tried. Blocks. */
const struct port_address *address_pick(const struct address_list *list, uint64_t within_ns);

/* 127.0.0.0/8 and ::1, mapped forms too. */
bool address_is_loopback(const struct port_address *address);

/* Fills a socket address. Returns its bytes. */
socklen_t address_sockaddr(const struct port_address *address, struct sockaddr_storage *out);
void address_from_sockaddr(const struct sockaddr_storage *from, struct port_address *out);

/* Tries to connect within the span; 0, or -1 with HP_EUNREACHABLE and the reason. Blocks. */
int address_probe(const struct port_address *address, uint64_t within_ns, struct hp_err *err)
	__attribute__((warn_unused_result));
#endif
