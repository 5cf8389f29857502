#include "net/address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/span.h"

socklen_t address_sockaddr(const struct port_address *address, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (address->family == 6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(address->number);
		memcpy(&in6->sin6_addr, address->ip, 16);
		return sizeof(*in6);
	}
	struct sockaddr_in *in = (struct sockaddr_in *)out;

	in->sin_family = AF_INET;
	in->sin_port = htons(address->number);
	memcpy(&in->sin_addr, address->ip, 4);
	return sizeof(*in);
}

void address_from_sockaddr(const struct sockaddr_storage *from, struct port_address *out)
{
	memset(out, 0, sizeof(*out));
	if (from->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;

		out->family = 6;
		out->number = ntohs(in6->sin6_port);
		memcpy(out->ip, &in6->sin6_addr, 16);
		return;
	}
	const struct sockaddr_in *in = (const struct sockaddr_in *)from;

	out->family = 4;
	out->number = ntohs(in->sin_port);
	memcpy(out->ip, &in->sin_addr, 4);
}

int address_resolve(const char *host, uint16_t number, struct address_list *out,
		    struct hp_err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *found = NULL;
	int error;

	if (strchr(host, ':') || strspn(host, "0123456789.") == strlen(host))
		hints.ai_flags = AI_NUMERICHOST;
	error = getaddrinfo(host, NULL, &hints, &found);
	if (error)
		return hp_err_set(err, HP_EUNREACHABLE, "%s: %s; check the host's name", host,
				  gai_strerror(error));
	out->count = 0;
	for (struct addrinfo *at = found; at && out->count < ADDRESS_COUNT_MAX; at = at->ai_next) {
		struct sockaddr_storage storage = {.ss_family = 0};

		memcpy(&storage, at->ai_addr, at->ai_addrlen);
		address_from_sockaddr(&storage, &out->at[out->count]);
		out->at[out->count++].number = number;
	}
	freeaddrinfo(found);
	return 0;
}

const struct port_address *address_pick(const struct address_list *list, uint64_t within_ns)
{
	struct hp_err ignored;

	for (size_t i = 0; list->count > 1 && i < list->count; i++)
		if (address_probe(&list->at[i], within_ns, &ignored) == 0)
			return &list->at[i];
	return &list->at[0];
}

bool address_is_loopback(const struct port_address *address)
{
	static const uint8_t six[16] = {[15] = 1};
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (address->family == 4)
		return address->ip[0] == 127;
	if (memcmp(address->ip, mapped, sizeof(mapped)) == 0)
		return address->ip[12] == 127;
	return memcmp(address->ip, six, sizeof(six)) == 0;
}

static int wait_connected(int fd, uint64_t within_ns)
{
	struct pollfd wait = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t bytes = sizeof(error);

	if (poll(&wait, 1, (int)(within_ns / HP_MS_NS)) <= 0)
		return ETIMEDOUT;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
	return error;
}

int address_probe(const struct port_address *address, uint64_t within_ns, struct hp_err *err)
{
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(address, &storage);
	int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return hp_err_set(err, HP_EENV, "no socket: %m; " HP_RAISE_OPEN_FILES);
	if (connect(fd, (struct sockaddr *)&storage, bytes) < 0)
		error = errno == EINPROGRESS ? wait_connected(fd, within_ns) : errno;
	close(fd);
	if (error)
		return hp_err_set(err, HP_EUNREACHABLE, "port %u: %s; is the receiver running?",
				  address->number, strerror(error));
	return 0;
}
