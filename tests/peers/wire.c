/* An independent client of simulated receivers: raw sockets, and its own idea of HTTP. It sends
 * POSTs to a port of this machine and prints what came back, as one line of facts. It shares no
 * code with the program that it watches, expects nothing and judges nothing: see README.md.
 *   wire PORT [option=value ...] */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	LIMIT_MS = 30000,       /* of everything */
	PATIENCE_MS = 300,      /* for a 100, as curl has it by default in its own way */
	SEEN_BYTES_MAX = 16 * 1024 * 1024,
	REQUESTS_BYTES_MAX = 8 * 1024 * 1024,
	STATUSES_BYTES_MAX = 512,
	SHOWN_BYTES_MAX = 60,
	SEND_BUFFER_BYTES = 16 * 1024, /* small, so that a peer that does not read is felt */
};

static const char thin_body[] = "{\"id\":\"inv_123456\",\"event\":\"invoice.paid\"}";

/* ---- what is wanted ---- */

static struct {
	const char *path, *show, *headers[8];
	unsigned header_count;
	unsigned long body;     /* bytes at least; the thin body is padded with spaces */
	unsigned long requests; /* 0: connects and says nothing */
	unsigned long hello;    /* 1: a ClientHello instead of a request */
	unsigned long pipeline; /* 1: all of them at once */
	unsigned long expect;   /* 1: "Expect: 100-continue", and the body when it is said */
	unsigned long late;     /* 1: the body only when something was answered */
	unsigned long end;      /* 1: waits for the connection's end, not for a whole answer */
	unsigned long wait_ms;  /* so long nothing more, behind `least` bytes: it gives up */
	unsigned long least;
	unsigned long say;      /* 1: prints "connected" at once */
} wish = {.path = "/hooks", .requests = 1};

static const struct {
	const char *name;
	unsigned long *value;
} numbers[] = {
	{"body", &wish.body},     {"requests", &wish.requests}, {"pipeline", &wish.pipeline},
	{"expect", &wish.expect}, {"late", &wish.late},         {"end", &wish.end},
	{"wait", &wish.wait_ms},  {"least", &wish.least},       {"say", &wish.say},
	{"hello", &wish.hello},
};

static void usage(const char *word)
{
	fprintf(stderr, "wire: what is '%s'? See tests/peers/README.md\n", word);
	exit(2);
}

static void take_text(const char *word, const char *value)
{
	size_t bytes = (size_t)(value - word);

	if (strncmp(word, "path=", bytes) == 0)
		wish.path = value;
	else if (strncmp(word, "show=", bytes) == 0)
		wish.show = value;
	else if (strncmp(word, "header=", bytes) == 0 &&
		 wish.header_count < sizeof(wish.headers) / sizeof(*wish.headers))
		wish.headers[wish.header_count++] = value;
	else
		usage(word);
}

static void take_option(const char *word)
{
	const char *equals = strchr(word, '=');
	char *end;

	if (!equals)
		usage(word);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		if (strlen(numbers[i].name) != (size_t)(equals - word) ||
		    strncmp(word, numbers[i].name, (size_t)(equals - word)) != 0)
			continue;
		*numbers[i].value = strtoul(equals + 1, &end, 10);
		if (equals[1] == '\0' || *end != '\0')
			usage(word);
		return;
	}
	take_text(word, equals + 1);
}

/* ---- what is sent ---- */

static char *request;        /* one, as it goes out */
static size_t head_bytes, request_bytes;

/* RFC 5246 7.4.1.2: TLS 1.2, ECDHE-ECDSA-AES128-GCM-SHA256, P-256, ecdsa_secp256r1_sha256. */
static const unsigned char client_hello[] = {
	0x16, 3, 1, 0, 69, 1, 0, 0, 65, 3, 3, 'n', 'o', ' ', 'r', 'a', 'n', 'd', 'o', 'm', ' ', 'b',
	'y', 't', 'e', 's', ' ', 'a', 'r', 'e', ' ', 'n', 'e', 'e', 'd', 'e', 'd', ' ', 'h', 'e',
	'r', 'e', '.', 0, 0, 2, 0xc0, 0x2b, 1, 0, 0, 22, 0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1,
	0, 0, 13, 0, 4, 0, 2, 4, 3,
};

static void make_hello(void)
{
	head_bytes = request_bytes = sizeof(client_hello);
	request = malloc(request_bytes);
	if (!request)
		exit(2);
	memcpy(request, client_hello, request_bytes);
}

static void make_request(unsigned port)
{
	size_t thin_bytes = strlen(thin_body);
	size_t body_bytes = wish.body > thin_bytes ? wish.body : thin_bytes;
	FILE *out = open_memstream(&request, &request_bytes);

	if (!out || body_bytes > REQUESTS_BYTES_MAX)
		exit(2);
	fprintf(out, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: %zu\r\n", wish.path,
		port, body_bytes);
	for (unsigned i = 0; i < wish.header_count; i++)
		fprintf(out, "%s\r\n", wish.headers[i]);
	fprintf(out, "%s\r\n", wish.expect ? "Expect: 100-continue\r\n" : "");
	fflush(out);
	head_bytes = request_bytes;
	fprintf(out, "%s%*s", thin_body, (int)(body_bytes - thin_bytes), "");
	fclose(out);
}

/* ---- what is seen ---- */

enum framing { BY_NOTHING, BY_LENGTH, BY_CHUNKS, BY_END };

static struct {
	const char *connect;
	double connect_ms, first_ms, last_ms, end_ms;
	size_t sent, begun;    /* bytes; requests */
	char *at;              /* all that came, up to SEEN_BYTES_MAX */
	size_t bytes, pieces;  /* that came, in so many reads */
	double gap_ms;         /* the longest between two reads, and the bytes before it */
	size_t gap_at;
	const char *end;
	/* the answers in it */
	size_t next;           /* where the next head begins */
	bool in_body, lost;    /* lost: what stands there is no answer */
	enum framing framing;
	size_t body_from, body_length;
	unsigned answers, header_count, shown_count;
	size_t head_bytes;
	char statuses[STATUSES_BYTES_MAX], shown[STATUSES_BYTES_MAX];
	int run_status, run_count;
} seen = {.connect = "ok", .end = "open"};

static uint64_t start_ns, progress_ns, piece_ns;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static double since_ms(uint64_t then_ns)
{
	return (double)(now_ns() - then_ns) / 1e6;
}

static void put_run(void)
{
	size_t bytes = strlen(seen.statuses);
	char *at = seen.statuses + bytes;
	const char *comma = bytes ? "," : "";

	if (seen.run_count == 1)
		snprintf(at, sizeof(seen.statuses) - bytes, "%s%d", comma, seen.run_status);
	else if (seen.run_count > 1)
		snprintf(at, sizeof(seen.statuses) - bytes, "%s%dx%d", comma, seen.run_status,
			 seen.run_count);
	seen.run_count = 0;
}

static void count_status(int status)
{
	if (status != seen.run_status)
		put_run();
	seen.run_status = status;
	seen.run_count++;
}

/* The status of "HTTP/1.x ddd " and no other line; 0. */
static int status_of(const char *line, size_t bytes)
{
	if (bytes < 13 || memcmp(line, "HTTP/1.", 7) != 0 || line[8] != ' ' ||
	    (line[12] != ' ' && line[12] != '\r'))
		return 0;
	for (int i = 9; i < 12; i++)
		if (line[i] < '0' || line[i] > '9')
			return 0;
	return (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
}

static void show(const char *value, size_t bytes)
{
	size_t used = strlen(seen.shown);

	seen.shown_count++;
	snprintf(seen.shown + used, sizeof(seen.shown) - used, "%s%.*s", used ? "+" : "",
		 (int)bytes, value);
}

/* The first length counts, and chunks count more (RFC 9112 6.3). */
static void read_header(const char *line, size_t bytes)
{
	const char *colon = memchr(line, ':', bytes);
	size_t name = colon ? (size_t)(colon - line) : bytes;
	const char *value = colon ? colon + 1 : line + bytes;

	while (value < line + bytes && *value == ' ')
		value++;
	seen.header_count++;
	if (wish.show && strlen(wish.show) == name && strncasecmp(line, wish.show, name) == 0)
		show(value, (size_t)(line + bytes - value));
	if (name == 14 && strncasecmp(line, "Content-Length", 14) == 0 && seen.framing == BY_END) {
		seen.framing = BY_LENGTH;
		seen.body_length = strtoul(value, NULL, 10);
	}
	if (name == 17 && strncasecmp(line, "Transfer-Encoding", 17) == 0)
		seen.framing = BY_CHUNKS;
}

static void read_head(const char *head, size_t bytes, int status)
{
	const char *end = head + bytes - 2, *line = memchr(head, '\n', bytes);

	seen.header_count = seen.shown_count = 0;
	seen.shown[0] = '\0';
	seen.framing = BY_END;
	seen.head_bytes = bytes;
	for (line++; line < end;) {
		const char *next = memmem(line, (size_t)(end - line), "\r\n", 2);
		read_header(line, (size_t)(next - line));
		line = next + 2;
	}
	if (status == 204 || status == 304 || (status >= 100 && status < 200))
		seen.framing = BY_NOTHING;
}

/* Where a body of chunks ends, or 0 while it does not, or not as it should. */
static size_t chunks_end(size_t from)
{
	for (;;) {
		char *line = seen.at + from, *end;
		char *cr = memmem(line, seen.bytes - from, "\r\n", 2);
		if (!cr)
			return 0;
		size_t size = strtoul(line, &end, 16), left = seen.bytes - (size_t)(cr - seen.at);
		if (end == line || size > SEEN_BYTES_MAX)
			return 0;
		if (size == 0) {
			char *blank = memmem(cr, left, "\r\n\r\n", 4);
			return blank ? (size_t)(blank - seen.at) + 4 : 0;
		}
		if (left < size + 4 || memcmp(cr + 2 + size, "\r\n", 2) != 0)
			return 0;
		from = (size_t)(cr - seen.at) + 2 + size + 2;
	}
}

/* Where the present answer ends; 0: not yet. */
static size_t answer_end(void)
{
	size_t end = seen.body_from;

	if (seen.framing == BY_END)
		return 0;
	if (seen.framing == BY_CHUNKS)
		return chunks_end(seen.body_from);
	if (seen.framing == BY_LENGTH && seen.body_length > SEEN_BYTES_MAX)
		return 0;
	end += seen.framing == BY_LENGTH ? seen.body_length : 0;
	return end <= seen.bytes ? end : 0;
}

/* One head, when it is there. */
static bool take_head(void)
{
	const char *head = seen.at + seen.next;
	size_t left = seen.bytes - seen.next;
	const char *blank = memmem(head, left, "\r\n\r\n", 4);
	int status = status_of(head, left);

	if (left >= 13 && status < 100)
		seen.lost = true;
	if (seen.lost || !blank)
		return false;
	count_status(status);
	seen.body_from = seen.next + (size_t)(blank - head) + 4;
	read_head(head, seen.body_from - seen.next, status);
	seen.in_body = status >= 200 || status == 101;
	if (!seen.in_body)
		seen.next = seen.body_from;
	return true;
}

/* Whether one more answer is whole. */
static bool take_answer(void)
{
	while (!seen.in_body && seen.bytes < SEEN_BYTES_MAX && !seen.lost)
		if (!take_head())
			return false;
	size_t end = seen.in_body ? answer_end() : 0;
	if (end == 0)
		return false;
	seen.answers++;
	seen.next = end;
	seen.in_body = false;
	return true;
}

/* ---- the connection ---- */

static int fd;

static void give_up_connecting(int error)
{
	seen.connect = error == ECONNREFUSED ? "refused" : error == 0 ? "timeout" : strerror(error);
	seen.connect_ms = since_ms(start_ns);
	seen.end = "none";
}

static bool connect_to(unsigned port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int error = 0, small = SEND_BUFFER_BYTES;
	socklen_t bytes = sizeof(error);
	struct pollfd waits;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	start_ns = progress_ns = now_ns();
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 && errno != EINPROGRESS) {
		give_up_connecting(errno);
		return false;
	}
	waits = (struct pollfd){.fd = fd, .events = POLLOUT};
	if (poll(&waits, 1, wish.wait_ms ? (int)wish.wait_ms : LIMIT_MS) == 1)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
	if (waits.revents == 0 || (error != 0 && error != ECONNRESET)) {
		give_up_connecting(error);
		return false;
	}
	seen.connect_ms = since_ms(start_ns);
	if (error == ECONNRESET) { /* it was there, and went before we looked */
		seen.end = "rst";
		return false;
	}
	if (wish.say) {
		puts("connected");
		fflush(stdout);
	}
	return true;
}

/* How much of all requests may go out now. */
static size_t allowed(void)
{
	size_t all = request_bytes * (wish.pipeline ? wish.requests : seen.begun);
	bool waits = wish.late ? seen.bytes == 0
			       : wish.expect && seen.run_status == 0 &&
					 since_ms(start_ns) < PATIENCE_MS;

	if (wish.expect && seen.run_status >= 200 && seen.sent <= head_bytes)
		return head_bytes; /* refused: the body stays here */
	return waits && all > head_bytes ? head_bytes : all;
}

/* False: the connection was reset. */
static bool send_some(void)
{
	size_t to = allowed(), from = seen.sent % (request_bytes ? request_bytes : 1);
	size_t left = request_bytes - from;
	size_t bytes = to - seen.sent < left ? to - seen.sent : left;
	ssize_t took = send(fd, request + from, bytes, MSG_NOSIGNAL);

	if (took > 0) {
		seen.sent += (size_t)took;
		progress_ns = now_ns();
	}
	return took >= 0 || errno == EAGAIN || errno == EPIPE;
}

static void note_piece(size_t bytes)
{
	double gap_ms = since_ms(piece_ns);

	if (seen.bytes != 0 && gap_ms > seen.gap_ms) {
		seen.gap_ms = gap_ms;
		seen.gap_at = seen.bytes;
	}
	progress_ns = piece_ns = now_ns();
	seen.last_ms = since_ms(start_ns);
	if (seen.bytes == 0)
		seen.first_ms = seen.last_ms;
	seen.bytes += bytes;
	seen.pieces++;
}

/* False: the connection is over. */
static bool receive_some(void)
{
	size_t room = SEEN_BYTES_MAX - seen.bytes;
	ssize_t bytes = recv(fd, seen.at + seen.bytes, room, 0);

	if (bytes < 0 && errno == EAGAIN)
		return true;
	if (bytes <= 0)
		seen.end = bytes == 0 ? room ? "fin" : "much" : "rst";
	else
		note_piece((size_t)bytes);
	return bytes > 0;
}

/* False: all is seen that was asked for. */
static bool go_on(void)
{
	while (take_answer()) {
		if (seen.begun < wish.requests)
			seen.begun++;
		if (!wish.end && seen.answers >= wish.requests)
			seen.end = "whole";
	}
	return strcmp(seen.end, "whole") != 0;
}

static bool is_quiet(void)
{
	return (wish.wait_ms != 0 && seen.bytes >= wish.least &&
		since_ms(progress_ns) >= (double)wish.wait_ms) ||
	       since_ms(start_ns) >= LIMIT_MS;
}

static void talk(void)
{
	bool broken = false;

	progress_ns = now_ns();
	seen.begun = wish.requests ? 1 : 0;
	while (!is_quiet()) {
		bool sends = !broken && seen.sent < allowed();
		struct pollfd waits = {.fd = fd,
				       .events = (short)(POLLIN | (sends ? POLLOUT : 0))};
		poll(&waits, 1, 10);
		if ((waits.revents & POLLOUT) && sends && !send_some())
			broken = true;
		if ((waits.revents & ~POLLOUT) && (!receive_some() || !go_on()))
			break;
	}
	if (broken && strcmp(seen.end, "fin") == 0)
		seen.end = "rst"; /* send() heard of it first and took the error along */
	seen.end_ms = since_ms(start_ns);
}

/* ---- facts ---- */

static void put_escaped(const char *name, const char *text, size_t bytes)
{
	printf(" %s=", name);
	for (size_t i = 0; i < bytes && i < SHOWN_BYTES_MAX; i++) {
		unsigned char byte = (unsigned char)text[i];
		if (byte > ' ' && byte < 127 && byte != '%')
			putchar(byte);
		else
			printf("%%%02X", byte);
	}
}

static uint32_t crc32_of(const char *text, size_t bytes)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < bytes; i++) {
		crc ^= (unsigned char)text[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

static void print_facts(void)
{
	const char *line_end = memmem(seen.at, seen.bytes, "\r\n", 2);
	size_t line_bytes = line_end ? (size_t)(line_end - seen.at) : seen.bytes;

	put_run();
	printf("connect=%s connect_ms=%.3f sent=%zu unsent=%zu bytes=%zu crc=%08x", seen.connect,
	       seen.connect_ms, seen.sent, request_bytes * wish.requests - seen.sent, seen.bytes,
	       crc32_of(seen.at, seen.bytes));
	printf(" statuses=%s", seen.statuses[0] ? seen.statuses : "-");
	put_escaped("line", seen.at, line_bytes);
	printf(" head_bytes=%zu headers=%u body_bytes=%zu", seen.head_bytes, seen.header_count,
	       seen.body_from ? seen.bytes - seen.body_from : 0);
	put_escaped("body", seen.at + seen.body_from, seen.bytes - seen.body_from);
	if (wish.show) {
		printf(" shows=%u", seen.shown_count);
		put_escaped("show", seen.shown, strlen(seen.shown));
	}
	printf(" end=%s first_ms=%.3f last_ms=%.3f end_ms=%.3f", seen.end, seen.first_ms,
	       seen.last_ms, seen.end_ms);
	printf(" pieces=%zu gap_ms=%.3f gap_at=%zu\n", seen.pieces, seen.gap_ms, seen.gap_at);
}

int main(int argc, char **argv)
{
	unsigned port = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;

	if (port == 0 || port > 65535)
		usage(argc > 1 ? argv[1] : "");
	for (int i = 2; i < argc; i++)
		take_option(argv[i]);
	if (wish.hello)
		make_hello();
	else if (wish.requests != 0)
		make_request(port);
	seen.at = malloc(SEEN_BYTES_MAX);
	if (!seen.at)
		return 2;
	if (connect_to(port))
		talk();
	print_facts();
	return 0;
}
