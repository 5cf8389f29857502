/* Clients that wish a receiver ill, for the end-to-end tests: so many connections at once, each
 * doing what the mode says for as long as it can, then again. Prints "attacking" when all of them
 * have begun; ends after a minute by itself.
 *   attacker PORT MODE CONNECTIONS     the modes are rows below */
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LIFE_S = 60,
	DRIP_MS = 20,
	HEADERS = 100 * 1000,
	BURST_BYTES = 16 * 1024,
	CHILDREN_MAX = 64,
	FLOOD_MAX = 1024,
};

#define POST "POST /hooks HTTP/1.1\r\nHost: 127.0.0.1\r\n"
#define BODY "{\"id\":\"inv_1\",\"event\":\"invoice.paid\"}"

static int turn; /* of the present connection: 0, 1, ... */

/* False when the other side has had enough. */
static int say(int fd, const char *text, size_t bytes)
{
	while (bytes != 0) {
		ssize_t took = send(fd, text, bytes, MSG_NOSIGNAL);
		if (took <= 0)
			return 0;
		text += took;
		bytes -= (size_t)took;
	}
	return 1;
}

static int say_text(int fd, const char *text)
{
	return say(fd, text, strlen(text));
}

static void say_for_ever(int fd, const char *text)
{
	while (say_text(fd, text))
		;
}

static void drip(int fd, char byte)
{
	while (say(fd, &byte, 1))
		poll(NULL, 0, DRIP_MS);
}

static void stay(int fd)
{
	char bytes[1024];

	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		;
}

static void slow_head(int fd)
{
	if (say_text(fd, POST "X-Slow: "))
		drip(fd, 'x');
}

static void slow_body(int fd)
{
	if (say_text(fd, POST "Content-Length: 60000\r\n\r\n"))
		drip(fd, ' ');
}

static void endless_head(int fd)
{
	if (say_text(fd, POST "X-Endless: "))
		say_for_ever(fd, "and more and more and more and more and more and more");
}

static void many_headers(int fd)
{
	int going = say_text(fd, POST);

	for (int i = 0; going && i < HEADERS; i++)
		going = say_text(fd, "X-Many: x\r\n");
	if (going)
		say_text(fd, "Content-Length: 0\r\n\r\n");
	stay(fd);
}

static void endless_chunks(int fd)
{
	if (say_text(fd, POST "Transfer-Encoding: chunked\r\n\r\n"))
		say_for_ever(fd, "20\r\n0123456789abcdef0123456789abcdef\r\n");
}

static void endless_extension(int fd)
{
	if (say_text(fd, POST "Transfer-Encoding: chunked\r\n\r\n1;"))
		say_for_ever(fd, "and=more;and=more;and=more;and=more;");
}

static void huge_length(int fd)
{
	if (say_text(fd, POST "Content-Length: 1099511627776\r\n\r\n"))
		say_for_ever(fd, "and one more line of a tebibyte that nobody asked for\n");
}

/* All but the last byte of as much as is allowed. */
static void almost_whole(int fd)
{
	static char body[1024 * 1024 - 1];

	if (say_text(fd, POST "Content-Length: 1048576\r\n\r\n"))
		say(fd, body, sizeof(body));
	stay(fd);
}

static void never_reads(int fd)
{
	say_for_ever(fd, POST "Content-Length: 37\r\n\r\n" BODY);
}

/* xorshift64: other bytes for each connection, the same in each run. */
static void random_bytes(int fd)
{
	static char bytes[BURST_BYTES];
	uint64_t state = UINT64_C(88172645463325252) + (uint64_t)turn;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		bytes[i] = (char)(state & 0xff);
	}
	say(fd, bytes, sizeof(bytes));
	shutdown(fd, SHUT_WR);
	stay(fd);
}

static void random_behind_head(int fd)
{
	if (say_text(fd, turn % 2 ? POST : POST "Transfer-Encoding: chunked\r\n\r\n"))
		random_bytes(fd);
}

static void resets(int fd)
{
	struct linger at_once = {.l_onoff = 1};

	say_text(fd, POST "Content-Length: 37\r\n\r\n" BODY);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static void waits_for_continue(int fd)
{
	if (say_text(fd, POST "Expect: 100-continue\r\nContent-Length: 60000\r\n\r\n"))
		stay(fd);
}

static const struct {
	const char *name;
	void (*act)(int fd); /* NULL: connects, and says nothing */
} modes[] = {
	{"slow-head", slow_head},
	{"slow-body", slow_body},
	{"endless-head", endless_head},
	{"many-headers", many_headers},
	{"endless-chunks", endless_chunks},
	{"endless-extension", endless_extension},
	{"huge-length", huge_length},
	{"almost-whole", almost_whole},
	{"never-reads", never_reads},
	{"random-bytes", random_bytes},
	{"random-behind-head", random_behind_head},
	{"resets", resets},
	{"waits-for-continue", waits_for_continue},
	{"half-open", NULL},
};

static int connect_to(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	while (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		poll(NULL, 0, DRIP_MS);
	return fd;
}

/* One after the other, for ever. */
static void attack(uint16_t port, void (*act)(int fd), int begun)
{
	alarm(LIFE_S);
	for (;; turn += CHILDREN_MAX) {
		int fd = connect_to(port);
		if (fd < 0)
			exit(1);
		if (begun >= 0)
			close(begun);
		begun = -1;
		act(fd);
		close(fd);
	}
}

/* Each child closes its end of the pipe once it is connected. */
static void send_out(uint16_t port, void (*act)(int fd), unsigned count)
{
	int ends[2];
	char byte;

	if (count > CHILDREN_MAX || pipe(ends) < 0)
		exit(2);
	for (turn = 0; turn < (int)count; turn++)
		if (fork() == 0)
			attack(port, act, ends[1]);
	close(ends[1]);
	while (read(ends[0], &byte, 1) > 0)
		;
}

static void flood(uint16_t port, unsigned count)
{
	for (unsigned i = 0; i < count && i < FLOOD_MAX; i++)
		if (connect_to(port) < 0)
			exit(1);
}

int main(int argc, char **argv)
{
	unsigned count = argc == 4 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;

	for (size_t i = 0; count != 0 && i < sizeof(modes) / sizeof(*modes); i++) {
		uint16_t port = (uint16_t)strtoul(argv[1], NULL, 10);
		if (strcmp(argv[2], modes[i].name) != 0)
			continue;
		alarm(LIFE_S);
		if (modes[i].act)
			send_out(port, modes[i].act, count);
		else
			flood(port, count);
		puts("attacking");
		fflush(stdout);
		pause();
	}
	return 2;
}
