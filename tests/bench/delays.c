/* The outside client for delays: keep-alive connections that post unsigned events, one at a time
 * each, and a clock. What is measured begins when the kernel is handed the request, in one piece,
 * and ends when the first bytes of the answer wake us: our own way there and back counts against
 * the receiver.
 *   delays PORT CONNECTIONS SECONDS DELAY_NS    prints how many answers, then by how much they took
 *                                               longer than the delay, in ns: min, p50, p99, max
 * The first requests are spread over one delay, so that the answers do not fall due all at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "tests/bench/bench.h"

enum { READ_BYTES = 4096, BATCH = 256, SAMPLES_MAX = 8 * 1000 * 1000 };

struct asker {
	int fd;
	uint64_t sent_ns;
};

static struct asker *askers;
static int64_t *samples; /* ns over the delay */
static size_t sample_count;
static uint64_t request_count;

static void post(struct asker *asker)
{
	static const char body[] = "{\"id\":\"inv_%018lu\",\"event\":\"invoice.paid\"}";
	char request[512], event[128];
	int event_bytes = snprintf(event, sizeof(event), body, ++request_count);
	int bytes = snprintf(request, sizeof(request),
			     "POST /hooks HTTP/1.1\r\nHost: 127.0.0.1\r\n"
			     "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			     event_bytes, event);

	asker->sent_ns = bench_now_ns();
	if (send(asker->fd, request, (size_t)bytes, MSG_NOSIGNAL) != bytes)
		bench_die("send");
}

static void take_answer(const struct asker *asker, uint64_t delay_ns)
{
	static const char success[] = "HTTP/1.1 204 ";
	char buf[READ_BYTES];
	uint64_t now_ns = bench_now_ns();

	if (recv(asker->fd, buf, sizeof(buf), 0) < (ssize_t)sizeof(success) ||
	    memcmp(buf, success, sizeof(success) - 1) != 0)
		bench_die("no 204");
	if (sample_count == SAMPLES_MAX)
		bench_die("too many answers");
	samples[sample_count++] = (int64_t)(now_ns - asker->sent_ns) - (int64_t)delay_ns;
}

static int by_size(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static long at_percent(size_t percent)
{
	size_t rank = (sample_count * percent + 99) / 100;

	return (long)samples[rank ? rank - 1 : 0];
}

static void connect_all(int epoll, unsigned port, size_t count)
{
	askers = calloc(count, sizeof(*askers));
	for (size_t i = 0; i < count; i++) {
		struct epoll_event want = {.events = EPOLLIN, .data.ptr = &askers[i]};

		askers[i].fd = bench_connect(port);
		epoll_ctl(epoll, EPOLL_CTL_ADD, askers[i].fd, &want);
	}
}

/* One exchange that is forgotten: the receiver may listen before its loop runs. */
static void warm_up(int epoll, uint64_t delay_ns)
{
	struct epoll_event ready;

	post(&askers[0]);
	if (epoll_wait(epoll, &ready, 1, -1) != 1)
		bench_die("epoll_wait");
	take_answer(&askers[0], delay_ns);
	request_count = sample_count = 0;
}

/* Begins the connections whose moment has come; returns how many have begun. */
static size_t begin(size_t begun, size_t count, uint64_t from_ns, uint64_t delay_ns)
{
	uint64_t now_ns = bench_now_ns();

	while (begun < count && now_ns >= from_ns + begun * delay_ns / count)
		post(&askers[begun++]);
	return begun;
}

static void ask(int epoll, size_t count, uint64_t span_ns, uint64_t delay_ns)
{
	uint64_t from_ns = bench_now_ns();
	struct epoll_event ready[BATCH];
	size_t begun = 0;

	while (begun < count || sample_count < request_count) { /* until all is answered */
		begun = begin(begun, count, from_ns, delay_ns);
		int some = epoll_wait(epoll, ready, BATCH, begun < count ? 1 : -1);

		for (int i = 0; i < some; i++) {
			take_answer(ready[i].data.ptr, delay_ns);
			if (bench_now_ns() < from_ns + span_ns)
				post(ready[i].data.ptr);
		}
	}
}

int main(int argc, char **argv)
{
	unsigned long numbers[4] = {0, 1, 3, 5000000};
	int epoll = epoll_create1(0);

	for (int i = 1; i < argc && i <= 4; i++)
		numbers[i - 1] = strtoul(argv[i], NULL, 10);
	samples = calloc(SAMPLES_MAX, sizeof(*samples));
	connect_all(epoll, (unsigned)numbers[0], numbers[1]);
	warm_up(epoll, numbers[3]);
	ask(epoll, numbers[1], numbers[2] * 1000000000u, numbers[3]);
	qsort(samples, sample_count, sizeof(*samples), by_size);
	printf("%zu %ld %ld %ld %ld\n", sample_count, (long)samples[0], at_percent(50),
	       at_percent(99), (long)samples[sample_count - 1]);
	return 0;
}
