/* Addresses: names resolved before the run, numbers on the hot path. */
#ifndef HP_NET_ADDRESS_H
#define HP_NET_ADDRESS_H
#include <sys/socket.h>

#include "base/err.h"
#include "engine/port.h"

/* Resolves a host name or a number (IPv6 without brackets). May block: before the run only.
 * -1 with HP_EUNREACHABLE when the name has no address. */
int address_resolve(const char *host, uint16_t number, struct port_address *out,
		    struct hp_err *err) __attribute__((warn_unused_result));

/* 127.0.0.0/8 and ::1, mapped forms too. */
bool address_is_loopback(const struct port_address *address);

/* Fills a socket address. Returns its bytes. */
socklen_t address_sockaddr(const struct port_address *address, struct sockaddr_storage *out);
void address_from_sockaddr(const struct sockaddr_storage *from, struct port_address *out);

/* Tries to connect within the span; 0, or -1 with HP_EUNREACHABLE and the reason. Blocks. */
int address_probe(const struct port_address *address, uint64_t within_ns, struct hp_err *err)
	__attribute__((warn_unused_result));
#endif
