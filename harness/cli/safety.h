/* Who may be sent to: this machine always, another host only when --allow-host names it.
 * Not here: proof of control for load beyond 50 events a second; resolving names (net/address.h).
 */
#ifndef HP_CLI_SAFETY_H
#define HP_CLI_SAFETY_H
#include "base/err.h"
#include "engine/port.h"

struct safety { /* what --allow-host named; borrowed */
	const char *const *hosts;
	size_t count;
};

/* Refuses a URL whose host is neither loopback, as a number or "localhost", nor named: HP_EUSAGE
 * with the remedy. Asks no resolver, so another name for loopback must be named too. */
int safety_check_url(const struct safety *safety, const char *url, struct hp_err *err)
	__attribute__((warn_unused_result));

/* The same for a host (without brackets) and what it was resolved to: the address decides, whatever
 * the name promises. To be called with the very address that is then connected to. */
int safety_check_address(const struct safety *safety, const char *host,
			 const struct port_address *address, struct hp_err *err)
	__attribute__((warn_unused_result));
#endif
