/* A receiver that breaks every rule, for the end-to-end tests: a child for each connection reads
 * the request and then does what the mode says. Ends after a minute by itself.
 *   peer MODE     prints "port N"; the modes are rows below */
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LIFE_S = 60, DRIP_MS = 20, ENDLESS_BYTES = 64 * 1024 * 1024 };

static void say(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		_exit(0); /* the other side has had enough */
}

/* Much more than anybody should read, then the end. */
static void say_for_ever(int fd, const char *text)
{
	for (size_t said = 0; said < ENDLESS_BYTES; said += strlen(text))
		say(fd, text);
}

static void garbage(int fd)
{
	say(fd, "\x16\x03\x01 what is HTTP?\r\n\r\n");
}

static void endless_head(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\n");
	say_for_ever(fd, "X-More: and more and more and more and more and more\r\n");
}

static void endless_interim(int fd)
{
	say_for_ever(fd, "HTTP/1.1 103 Early Hints\r\n\r\n");
}

static void endless_body(int fd)
{
	say(fd, "HTTP/1.0 200 OK\r\n\r\n");
	say_for_ever(fd, "and one more line of a body that nobody asked for\n");
}

static void long_length(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nnot a thousand");
}

static void huge_length(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nok");
}

/* Whole, and then more than it promised: the answer counts, the connection is of no more use. */
static void short_length(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
		"HTTP/1.1 500 What\r\nContent-Length: 0\r\n\r\n");
}

static void two_lengths(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nhello");
}

static void bad_chunk(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n");
}

/* A byte now and then, so that no wait for the next one is ever long. */
static void drip(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\n");
	for (;;) {
		say(fd, "X");
		poll(NULL, 0, DRIP_MS);
	}
}

static void leave(int fd)
{
	(void)fd;
}

static void reset(int fd)
{
	struct linger at_once = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static void stay_silent(int fd)
{
	char byte;

	while (read(fd, &byte, 1) > 0)
		;
}

static const struct {
	const char *name;
	void (*act)(int fd);
} modes[] = {
	{"garbage", garbage},
	{"endless-head", endless_head},
	{"endless-interim", endless_interim},
	{"endless-body", endless_body},
	{"long-length", long_length},
	{"huge-length", huge_length},
	{"short-length", short_length},
	{"two-lengths", two_lengths},
	{"bad-chunk", bad_chunk},
	{"drip", drip},
	{"close", leave},
	{"reset", reset},
	{"silent", stay_silent},
};

static void serve(int fd, void (*act)(int fd))
{
	char request[64 * 1024];

	if (read(fd, request, sizeof(request)) > 0) /* small requests come in one piece */
		act(fd);
	_exit(0);
}

static int listen_anywhere(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t bytes = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&address, bytes) < 0 || listen(fd, 128) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &bytes) < 0)
		exit(1);
	printf("port %u\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

int main(int argc, char **argv)
{
	void (*act)(int fd) = NULL;
	int listener;

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (argc > 1 && strcmp(argv[1], modes[i].name) == 0)
			act = modes[i].act;
	if (!act)
		return 2;
	signal(SIGCHLD, SIG_IGN); /* nobody waits for the children */
	alarm(LIFE_S);
	listener = listen_anywhere();
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0 && fork() == 0) {
			alarm(LIFE_S);
			serve(fd, act);
		}
		if (fd >= 0)
			close(fd);
	}
}
