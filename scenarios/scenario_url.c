/* Where deliveries go: URLs, listening addresses, and the parts of a request that follow. */
#include <arpa/inet.h>
#include <stdio.h>

#include "scenarios/scenario_inside.h"

enum { PORT_DIGITS = 5, IP_TEXT_BYTES = 46 }; /* INET6_ADDRSTRLEN */

static const struct protocol {
	struct hp_view begin;
	uint16_t number; /* the port that need not be written, RFC 9110 4.2 */
	bool tls;
} protocols[] = {
	{HP_LITERAL("http://"), 80, false},
	{HP_LITERAL("https://"), 443, true},
};
enum { PROTOCOL_COUNT = sizeof(protocols) / sizeof(protocols[0]) };

static bool parse_port(struct hp_view text, uint16_t *number)
{
	unsigned value = 0;

	if (text.bytes == 0 || text.bytes > PORT_DIGITS)
		return false;
	for (size_t i = 0; i < text.bytes; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text.at[i] - '0');
	}
	if (value > UINT16_MAX)
		return false;
	*number = (uint16_t)value;
	return true;
}

/* An address in numbers; IPv6 without its brackets. */
static bool parse_ip(struct hp_view text, uint8_t family, struct port_address *out)
{
	char number[IP_TEXT_BYTES];

	if (text.bytes >= sizeof(number))
		return false;
	memcpy(number, text.at, text.bytes);
	number[text.bytes] = '\0';
	memset(out->ip, 0, sizeof(out->ip));
	out->family = family;
	return inet_pton(family == 4 ? AF_INET : AF_INET6, number, out->ip) == 1;
}

struct authority {                 /* "host:port"; host with the brackets of IPv6 */
	struct hp_view host, port; /* port.at NULL: none */
};

static bool split_authority(struct hp_view text, struct authority *out)
{
	const char *end = text.at + text.bytes;
	const char *colon;

	*out = (struct authority){.host = text};
	if (text.bytes > 0 && text.at[0] == '[') {
		const char *bracket = memchr(text.at, ']', text.bytes);

		if (!bracket || (bracket + 1 < end && bracket[1] != ':'))
			return false;
		out->host.bytes = (size_t)(bracket + 1 - text.at);
		colon = bracket + 1 < end ? bracket + 1 : NULL;
	} else {
		colon = memchr(text.at, ':', text.bytes);
		if (colon)
			out->host.bytes = (size_t)(colon - text.at);
	}
	if (colon)
		out->port = (struct hp_view){colon + 1, (size_t)(end - colon - 1)};
	return out->host.bytes > 0;
}

static bool is_name(struct hp_view host)
{
	for (size_t i = 0; i < host.bytes; i++) {
		switch (host.at[i]) {
		case 'a' ... 'z':
		case 'A' ... 'Z':
		case '0' ... '9':
		case '-':
		case '.':
		case '_':
			continue;
		}
		return false;
	}
	return host.bytes > 0 && host.bytes < PLAN_HOST_BYTES - PORT_DIGITS - 1;
}

/* A host that is a name leaves family 0: it is resolved before the run. */
static bool parse_host(struct hp_view host, struct port_address *out)
{
	if (host.at[0] == '[')
		return parse_ip((struct hp_view){host.at + 1, host.bytes - 2}, 6, out);
	if (parse_ip(host, 4, out))
		return true;
	out->family = 0;
	return is_name(host);
}

bool scenario_parse_listen(struct hp_view text, struct port_address *out)
{
	struct authority authority;

	return split_authority(text, &authority) && authority.port.at &&
	       parse_host(authority.host, out) && out->family != 0 &&
	       parse_port(authority.port, &out->number);
}

/* Visible ASCII without what would end a request line or begin a fragment. */
static bool is_target(struct hp_view text)
{
	for (size_t i = 0; i < text.bytes; i++)
		if (text.at[i] <= ' ' || text.at[i] >= 0x7F || text.at[i] == '#')
			return false;
	return true;
}

static void fill_host(struct plan_endpoint *endpoint, struct hp_view host)
{
	uint16_t number = endpoint->address.number;

	if (number == protocols[endpoint->tls.used].number)
		snprintf(endpoint->host, sizeof(endpoint->host), "%.*s", (int)host.bytes, host.at);
	else
		snprintf(endpoint->host, sizeof(endpoint->host), "%.*s:%u", (int)host.bytes,
			 host.at, number);
}

static const struct protocol *protocol_of(struct hp_view url)
{
	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		struct hp_view begin = protocols[i].begin;

		if (url.bytes > begin.bytes && memcmp(url.at, begin.at, begin.bytes) == 0)
			return &protocols[i];
	}
	return NULL;
}

bool scenario_parse_url(struct hp_view text, struct plan_endpoint *endpoint)
{
	const struct protocol *protocol = protocol_of(text);
	struct authority authority;
	struct hp_view rest;
	size_t bytes = 0;

	if (!protocol || text.bytes >= PLAN_URL_BYTES)
		return false;
	rest = text;
	rest.at += protocol->begin.bytes;
	rest.bytes -= protocol->begin.bytes;
	while (bytes < rest.bytes && rest.at[bytes] != '/' && rest.at[bytes] != '?')
		bytes++;
	if (!split_authority((struct hp_view){rest.at, bytes}, &authority) ||
	    !parse_host(authority.host, &endpoint->address))
		return false;
	endpoint->tls.used = protocol->tls;
	endpoint->address.number = protocol->number;
	if (authority.port.at && (!parse_port(authority.port, &endpoint->address.number) ||
				  endpoint->address.number == 0))
		return false;
	rest = (struct hp_view){rest.at + bytes, rest.bytes - bytes};
	if (!is_target(rest) || rest.bytes + 2 > sizeof(endpoint->target))
		return false;
	fill_host(endpoint, authority.host);
	snprintf(endpoint->url, sizeof(endpoint->url), "%.*s", (int)text.bytes, text.at);
	snprintf(endpoint->target, sizeof(endpoint->target), "%s%.*s",
		 rest.bytes && rest.at[0] == '/' ? "" : "/", (int)rest.bytes, rest.at);
	return true;
}

void scenario_endpoint_at(struct plan_endpoint *endpoint, const struct port_address *address,
			  const char *path)
{
	char ip[IP_TEXT_BYTES], host[IP_TEXT_BYTES + 2];

	inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->ip, ip, sizeof(ip));
	snprintf(host, sizeof(host), address->family == 4 ? "%s" : "[%s]", ip);
	endpoint->address = *address;
	fill_host(endpoint, hp_view_of(host));
	snprintf(endpoint->target, sizeof(endpoint->target), "%s", *path ? path : "/");
	snprintf(endpoint->url, sizeof(endpoint->url), "%s%.60s%.400s",
		 protocols[endpoint->tls.used].begin.at, endpoint->host, endpoint->target);
}
