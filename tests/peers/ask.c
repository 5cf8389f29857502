/* An independent resolver, of one question: asks a name server on this machine over UDP and prints
 * what it answered, as one line of facts: see README.md.
 *   ask PORT NAME [type=1|28] [times=N] [wait=MS] */
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_MS = 30000, MESSAGE_BYTES_MAX = 4096, HEAD_BYTES = 12, FACTS_BYTES = 2048 };

static unsigned long type = 1, times = 1, wait_ms = LIMIT_MS;
static char addresses[FACTS_BYTES], codes[FACTS_BYTES];
static unsigned long ttl;
static double first_ms;

static const struct {
	const char *name;
	unsigned long *value;
} options[] = {{"type=", &type}, {"times=", &times}, {"wait=", &wait_ms}};

static void put(char *facts, const char *text)
{
	size_t used = strlen(facts);

	snprintf(facts + used, FACTS_BYTES - used, "%s%s", used ? "," : "", text);
}

/* RFC 1035 4.1: head and question. */
static size_t write_query(unsigned char *out, const char *name, unsigned id)
{
	static const unsigned char flags[] = {1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
	unsigned char *at = out + HEAD_BYTES;

	out[0] = (unsigned char)(id >> 8);
	out[1] = (unsigned char)id;
	memcpy(out + 2, flags, sizeof(flags));
	while (*name) {
		size_t label = strcspn(name, ".");
		*at++ = (unsigned char)label;
		memcpy(at, name, label);
		at += label;
		name += label + (name[label] == '.');
	}
	*at++ = 0;
	*at++ = 0;
	*at++ = (unsigned char)type;
	*at++ = 0;
	*at++ = 1;
	return (size_t)(at - out);
}

static unsigned read16(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* Behind a name: labels, or a pointer that ends it (RFC 1035 4.1.4). */
static const unsigned char *skip_name(const unsigned char *at, const unsigned char *end)
{
	while (at < end && *at != 0 && *at < 0xc0)
		at += 1 + *at;
	return at < end && *at >= 0xc0 ? at + 2 : at + 1;
}

static void read_answer(const unsigned char *message, size_t bytes, size_t query_bytes)
{
	const unsigned char *at = message + query_bytes, *end = message + bytes;
	char text[INET6_ADDRSTRLEN];

	snprintf(text, sizeof(text), "%d", message[3] & 15);
	put(codes, text);
	for (unsigned left = read16(message + 6); left > 0; left--) {
		at = skip_name(at, end);
		if (end - at < 10 || end - at - 10 < (int)read16(at + 8)) {
			put(addresses, "cut");
			return;
		}
		ttl = (unsigned long)read16(at + 4) << 16 | read16(at + 6);
		int family = read16(at + 8) == 4 ? AF_INET : AF_INET6;
		put(addresses, inet_ntop(family, at + 10, text, sizeof(text)));
		at += 10 + read16(at + 8);
	}
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void ask(int fd, const char *name, unsigned id)
{
	unsigned char query[MESSAGE_BYTES_MAX], message[MESSAGE_BYTES_MAX];
	struct pollfd waits = {.fd = fd, .events = POLLIN};
	size_t bytes = write_query(query, name, id);
	double start_ms = now_ms();

	if (send(fd, query, bytes, 0) < 0 || poll(&waits, 1, (int)wait_ms) != 1) {
		put(codes, "none");
		return;
	}
	ssize_t got = recv(fd, message, sizeof(message), 0);
	if (first_ms == 0)
		first_ms = now_ms() - start_ms;
	if (got < (ssize_t)bytes || memcmp(message, query, 2) != 0)
		put(codes, "broken");
	else
		read_answer(message, (size_t)got, bytes);
}

static void read_option(const char *word)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		size_t bytes = strlen(options[i].name);
		if (strncmp(word, options[i].name, bytes) == 0)
			*options[i].value = strtoul(word + bytes, NULL, 10);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in server = {.sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (argc < 3 || strlen(argv[2]) > 255 || fd < 0)
		return 2;
	for (int i = 3; i < argc; i++)
		read_option(argv[i]);
	server.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	if (connect(fd, (struct sockaddr *)&server, sizeof(server)) < 0)
		return 2;
	for (unsigned i = 1; i <= times; i++)
		ask(fd, argv[2], i);
	printf("codes=%s addresses=%s ttl=%lu first_ms=%.3f\n", codes, addresses, ttl, first_ms);
	close(fd);
	return 0;
}
