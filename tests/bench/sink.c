/* The sink: the cheapest HTTP/1.1 server that is still honest. It reads whole requests by their
 * Content-Length and answers each with the same status, 204 if none is given, all clients alike.
 *   sink [PORT [STATUS]]     prints "port N", runs until it is killed */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/bench.h"

enum { READ_BYTES = 64 * 1024, CONNECTIONS_MAX = 4096, BATCH = 256 };

static char answer[128];
static size_t answer_bytes;

struct peer { /* by descriptor */
	char *kept; /* a request in pieces */
	size_t bytes;
};

static struct peer peers[CONNECTIONS_MAX];
static char buf[READ_BYTES];

/* The bytes of the request at the front; 0: it is not complete. */
static size_t request_bytes(const char *at, size_t bytes)
{
	static const char name[] = "Content-Length: ";
	const char *end = memmem(at, bytes, "\r\n\r\n", 4);
	const char *length;
	size_t whole;

	if (!end)
		return 0;
	length = memmem(at, (size_t)(end - at), name, sizeof(name) - 1);
	whole = (size_t)(end - at) + 4 +
		(length ? strtoul(length + sizeof(name) - 1, NULL, 10) : 0);
	return whole <= bytes ? whole : 0;
}

/* Answers every whole request; returns what is left over. */
static size_t answer_all(int fd, const char *at, size_t bytes)
{
	size_t whole;

	while (bytes > 0 && (whole = request_bytes(at, bytes)) > 0) {
		if (send(fd, answer, answer_bytes, MSG_NOSIGNAL) < 0)
			return 0;
		at += whole;
		bytes -= whole;
	}
	return bytes;
}

static void keep(struct peer *peer, const char *at, size_t bytes)
{
	char *kept = bytes ? memcpy(malloc(bytes), at, bytes) : NULL;

	free(peer->kept);
	*peer = (struct peer){kept, bytes};
}

static void drop(int fd)
{
	keep(&peers[fd], NULL, 0);
	close(fd);
}

static void serve(int fd)
{
	struct peer *peer = &peers[fd];
	ssize_t got;
	size_t bytes, rest;

	memcpy(buf, peer->kept ? peer->kept : "", peer->bytes);
	got = recv(fd, buf + peer->bytes, sizeof(buf) - peer->bytes, 0);
	if (got <= 0) {
		drop(fd);
		return;
	}
	bytes = peer->bytes + (size_t)got;
	rest = answer_all(fd, buf, bytes);
	if (rest || peer->bytes)
		keep(peer, buf + bytes - rest, rest);
}

static void take(int listener, int epoll)
{
	struct epoll_event want = {.events = EPOLLIN};

	while ((want.data.fd = accept(listener, NULL, NULL)) >= 0) {
		if (want.data.fd >= CONNECTIONS_MAX) {
			close(want.data.fd);
			continue;
		}
		bench_prepare(want.data.fd);
		epoll_ctl(epoll, EPOLL_CTL_ADD, want.data.fd, &want);
	}
}

int main(int argc, char **argv)
{
	const char *status = argc > 2 ? argv[2] : "204";
	int listener = bench_listen(argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0);
	int epoll = epoll_create1(0);
	struct epoll_event ready[BATCH], want = {.events = EPOLLIN, .data.fd = listener};

	answer_bytes = (size_t)snprintf(answer, sizeof(answer),
					"HTTP/1.1 %s Sink\r\n%s\r\n", status,
					strcmp(status, "204") ? "Content-Length: 0\r\n" : "");
	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &want);
	for (;;) {
		int count = epoll_wait(epoll, ready, BATCH, -1);

		for (int i = 0; i < count; i++) {
			if (ready[i].data.fd == listener)
				take(listener, epoll);
			else
				serve(ready[i].data.fd);
		}
	}
}
