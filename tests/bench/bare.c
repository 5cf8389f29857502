/* The floor: a bare epoll loop that sends the same constant request on each connection and waits
 * for the answer, with nothing in between: no signing, no clock, no histogram.
 *   bare PORT CONNECTIONS SECONDS REQUEST_BYTES    prints requests and CPU ns per request */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "tests/bench/bench.h"

enum { READ_BYTES = 64 * 1024, BATCH = 256, REQUEST_BYTES_MAX = 16 * 1024 };

static char request[REQUEST_BYTES_MAX], buf[READ_BYTES];

/* A POST of exactly that many bytes. */
static size_t make_request(size_t bytes)
{
	char head[256];
	int head_bytes = 0;
	size_t body_bytes = 0;

	for (int i = 0; i < 3; i++) { /* the length of the length settles */
		head_bytes =
			snprintf(head, sizeof(head),
				 "POST /hooks HTTP/1.1\r\nHost: 127.0.0.1\r\n"
				 "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
				 body_bytes);
		body_bytes = bytes > (size_t)head_bytes ? bytes - (size_t)head_bytes : 0;
	}
	memset(request, 'x', sizeof(request));
	memcpy(request, head, (size_t)head_bytes);
	return (size_t)head_bytes + body_bytes;
}

static void post(int fd, size_t bytes)
{
	if (send(fd, request, bytes, MSG_NOSIGNAL) != (ssize_t)bytes)
		bench_die("send");
}

int main(int argc, char **argv)
{
	unsigned long numbers[4] = {0, 64, 3, 360};
	struct epoll_event ready[BATCH];
	int epoll = epoll_create1(0);
	uint64_t done = 0, until_ns, cpu_ns;
	size_t bytes;

	for (int i = 1; i < argc && i <= 4; i++)
		numbers[i - 1] = strtoul(argv[i], NULL, 10);
	bytes = make_request(numbers[3]);
	for (unsigned long i = 0; i < numbers[1]; i++) {
		struct epoll_event want = {.events = EPOLLIN,
					   .data.fd = bench_connect((unsigned)numbers[0])};

		epoll_ctl(epoll, EPOLL_CTL_ADD, want.data.fd, &want);
		post(want.data.fd, bytes);
	}
	cpu_ns = bench_cpu_ns();
	until_ns = bench_now_ns() + numbers[2] * 1000000000u;
	while (bench_now_ns() < until_ns) {
		int count = epoll_wait(epoll, ready, BATCH, -1);

		for (int i = 0; i < count; i++) {
			if (recv(ready[i].data.fd, buf, sizeof(buf), 0) <= 0)
				bench_die("recv");
			done++;
			post(ready[i].data.fd, bytes);
		}
	}
	cpu_ns = bench_cpu_ns() - cpu_ns;
	printf("%lu requests %.0f cpu_ns_per_request\n", done, (double)cpu_ns / (double)done);
	return 0;
}
