#include "cli/safety.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "net/address.h"

enum { HOST_BYTES = 256 }; /* a DNS name has at most 253 (RFC 1035 2.3.4) */

/* Reads a number as an address, with or without brackets; false for names. Only the forms that
 * inet_pton() knows: "127.1" and "0x7f000001" are names here, and must be named. */
static bool read_number(struct hp_view host, struct port_address *out)
{
	char text[HOST_BYTES];

	if (host.bytes >= 2 && host.at[0] == '[' && host.at[host.bytes - 1] == ']')
		host = (struct hp_view){host.at + 1, host.bytes - 2};
	if (host.bytes >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)host.bytes, host.at);
	*out = (struct port_address){.family = 4};
	if (inet_pton(AF_INET, text, out->ip) == 1)
		return true;
	out->family = 6;
	return inet_pton(AF_INET6, text, out->ip) == 1;
}

static bool same_host(struct hp_view a, struct hp_view b)
{
	struct port_address x, y;

	if (hp_view_equal_nocase(a, b))
		return true;
	return read_number(a, &x) && read_number(b, &y) && x.family == y.family &&
	       memcmp(x.ip, y.ip, sizeof(x.ip)) == 0;
}

static bool is_named(const struct safety *safety, struct hp_view host)
{
	for (size_t i = 0; i < safety->count; i++) {
		if (same_host(hp_view_of(safety->hosts[i]), host))
			return true;
	}
	return false;
}

static int refuse(struct hp_view host, struct hp_err *err)
{
	return hp_err_set(err, HP_EUSAGE,
			  "%.*s is not this machine: if you may send to it, say so "
			  "with --allow-host %.*s",
			  (int)host.bytes, host.at, (int)host.bytes, host.at);
}

/* The host of "http://host:port/…" as it stands there, brackets included; empty when there is
 * none. A URL with user information names no host here: it is there to mislead. */
static struct hp_view host_of(const char *url)
{
	const char *at = strstr(url, "://");
	struct hp_view host = {"", 0};
	size_t bytes;

	if (!at)
		return host;
	host.at = at + 3;
	bytes = strcspn(host.at, "/?#\\");
	if (memchr(host.at, '@', bytes))
		return host;
	if (*host.at == '[') {
		const char *end = memchr(host.at, ']', bytes);

		host.bytes = end ? (size_t)(end - host.at) + 1 : 0;
		return host;
	}
	host.bytes = strcspn(host.at, ":/?#\\");
	return host;
}

int safety_check_url(const struct safety *safety, const char *url, struct hp_err *err)
{
	struct hp_view host = host_of(url);
	struct port_address address;

	if (host.bytes == 0)
		return hp_err_set(err, HP_EUSAGE,
				  "'%s': want a URL like http://127.0.0.1:8080/hooks", url);
	if (is_named(safety, host) || hp_view_equal_nocase(host, HP_LITERAL("localhost")))
		return 0;
	if (read_number(host, &address) && address_is_loopback(&address))
		return 0;
	return refuse(host, err);
}

int safety_check_address(const struct safety *safety, const char *host,
			 const struct port_address *address, struct hp_err *err)
{
	if (address_is_loopback(address) || is_named(safety, hp_view_of(host)))
		return 0;
	return refuse(hp_view_of(host), err);
}
