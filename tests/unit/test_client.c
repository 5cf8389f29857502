/* The port on real sockets: what a user hears of a peer on the loopback that is scripted with
 * plain blocking sockets on a thread of its own. No sleeps, ports 0. */
#include "net/client.h"

#include <check.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"
#include "net/address.h"
#include "net/clock.h"

enum {
	LARGE_BYTES = 256 * 1024,
	LARGE_COUNT_MAX = 64, /* more than the kernel's buffers on both sides hold */
	SMALL_BUFFER_BYTES = 32 * 1024,
	LOG_BYTES = 4096,
	MANY = 200,
};

static struct client *client;
static struct port *port;
static struct port_target target; /* where the peer listens */
static int listener;
static pthread_t thread;
static bool peer_runs;

static struct port_conn *conn;
static char heard[LOG_BYTES];
static char answer[LOG_BYTES]; /* all bytes that came */
static size_t answer_bytes;
static void (*on_opened)(void); /* what the user does then; NULL: nothing */
static void (*on_answered)(void);
static void (*on_timed)(void);

/* ---- the user ---- */

static void hear(const char *what)
{
	ck_assert_uint_lt(strlen(heard) + strlen(what) + 2, LOG_BYTES);
	strncat(heard, what, LOG_BYTES - strlen(heard) - 1);
	strncat(heard, " ", LOG_BYTES - strlen(heard) - 1);
}

static void on_open(void *user)
{
	(void)user;
	hear("open");
	if (on_opened)
		on_opened();
}

static void on_bytes(void *user, const char *buf, size_t bytes)
{
	(void)user;
	ck_assert_uint_lt(answer_bytes + bytes, LOG_BYTES);
	memcpy(answer + answer_bytes, buf, bytes);
	answer_bytes += bytes;
	answer[answer_bytes] = '\0';
	if (on_answered)
		on_answered();
}

static void on_end(void *user, enum port_end why)
{
	static const char *const words[] = {
		[PORT_END_CLOSED] = "closed",
		[PORT_END_RESET] = "reset",
		[PORT_END_REFUSED] = "refused",
		[PORT_END_UNREACHABLE] = "unreachable",
		[PORT_END_NO_PORTS] = "no-ports",
		[PORT_END_CUT] = "cut",
		[PORT_END_TLS] = "tls-failed",
	};

	(void)user;
	hear(words[why]);
	conn = NULL;
	client_leave(client);
}

static void on_timer(void *engine)
{
	(void)engine;
	hear("timer");
	if (on_timed)
		on_timed();
}

static const struct port_user user = {.on_open = on_open, .on_bytes = on_bytes, .on_end = on_end};

static void leave(void)
{
	client_leave(client);
}

static void close_and_leave(void)
{
	port->ops->close(conn);
	conn = NULL;
	client_leave(client);
}

static void send_text(const char *text)
{
	ck_assert(port->ops->send(conn, hp_view_of(text)));
}

static void send_ping(void)
{
	send_text("ping");
}

/* ---- the peer ---- */

static void setup(void)
{
	struct sockaddr_storage storage;
	socklen_t bytes;
	struct hp_err err;
	int small = SMALL_BUFFER_BYTES;

	client = client_new(clock_mono_ns(), &err);
	ck_assert_msg(client != NULL, "%s", err.msg);
	port = client_port(client);
	port->user = &user;
	port->on_timer = on_timer;
	target.address = (struct port_address){.family = 4, .ip = {127, 0, 0, 1}};
	bytes = address_sockaddr(&target.address, &storage);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&storage, bytes), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&storage, &bytes), 0);
	address_from_sockaddr(&storage, &target.address);
}

static void teardown(void)
{
	if (conn)
		port->ops->close(conn);
	client_free(client);
	close(listener);
}

static void peer(void *(*script)(void *))
{
	ck_assert_int_eq(listen(listener, MANY), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, script, NULL), 0);
	peer_runs = true;
}

static void run(void)
{
	client_run(client, NULL, NULL);
	if (peer_runs)
		ck_assert_int_eq(pthread_join(thread, NULL), 0);
	peer_runs = false;
}

static void open_one(void)
{
	conn = port->ops->open(port, &target, NULL);
	ck_assert_ptr_nonnull(conn);
	ck_assert_str_eq(heard, ""); /* never from inside the call */
}

static int accept_one(void)
{
	return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}

static void read_exactly(int fd, char *out, size_t count)
{
	for (size_t got = 0; got < count;) {
		ssize_t bytes = recv(fd, out + got, count - got, 0);

		assert(bytes > 0);
		got += (size_t)bytes;
	}
}

static void close_with_reset(int fd)
{
	struct linger now = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static void read_to_end(int fd)
{
	char buf[SMALL_BUFFER_BYTES];

	while (recv(fd, buf, sizeof(buf), 0) > 0)
		;
	close(fd);
}

/* ---- how connections end ---- */

static void *play_echo(void *arg)
{
	char buf[4];
	int fd = accept_one();

	read_exactly(fd, buf, sizeof(buf));
	assert(send(fd, buf, sizeof(buf), MSG_NOSIGNAL) == (ssize_t)sizeof(buf));
	read_to_end(fd);
	return arg;
}

/* Goal: open, send, answer, close, in this order and from the loop. */
START_TEST(test_answer)
{
	peer(play_echo);
	on_opened = send_ping;
	on_answered = close_and_leave;
	open_one();
	run();
	ck_assert_str_eq(heard, "open ");
	ck_assert_str_eq(answer, "ping");
}
END_TEST

/* Goal: a port that is bound and does not listen refuses. */
START_TEST(test_refused)
{
	open_one();
	run();
	ck_assert_str_eq(heard, "refused ");
}
END_TEST

static void *play_close(void *arg)
{
	char buf[4];
	int fd = accept_one();

	read_exactly(fd, buf, sizeof(buf));
	close(fd);
	return arg;
}

static void *play_reset(void *arg)
{
	char buf[4];
	int fd = accept_one();

	read_exactly(fd, buf, sizeof(buf));
	close_with_reset(fd);
	return arg;
}

/* Goal: a close without an answer and a reset after the request are two things. */
START_TEST(test_ends)
{
	peer(_i ? play_reset : play_close);
	on_opened = send_ping;
	open_one();
	run();
	ck_assert_str_eq(heard, _i ? "open reset " : "open closed ");
}
END_TEST

/* Every further descriptor fails until the old limit is back. */
static struct rlimit forbid_descriptors(void)
{
	struct rlimit before, now;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	now = before;
	now.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &now), 0);
	return before;
}

/* Goal: no descriptor left is an end of its own, told from the loop. */
START_TEST(test_no_descriptors)
{
	struct rlimit before = forbid_descriptors();

	open_one();
	setrlimit(RLIMIT_NOFILE, &before);
	run();
	ck_assert_str_eq(heard, "no-ports ");
}
END_TEST

/* Goal: an IPv6 peer is a peer, where the machine has IPv6. */
START_TEST(test_ipv6)
{
	struct sockaddr_storage storage;
	socklen_t bytes;

	close(listener);
	target.address = (struct port_address){.family = 6, .ip = {[15] = 1}};
	bytes = address_sockaddr(&target.address, &storage);
	listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&storage, bytes) < 0)
		return;
	getsockname(listener, (struct sockaddr *)&storage, &bytes);
	address_from_sockaddr(&storage, &target.address);
	peer(play_echo);
	on_opened = send_ping;
	on_answered = close_and_leave;
	open_one();
	run();
	ck_assert_str_eq(answer, "ping");
}
END_TEST

/* ---- more than the kernel takes ---- */

static char *large, *got;
static unsigned large_count;
static sem_t sent;    /* the peer does not read before */
static sem_t drained; /* it has read half of what was sent */

static void fill_large(void)
{
	large = hp_xcalloc(1, LARGE_BYTES);
	for (size_t i = 0; i < LARGE_BYTES; i++)
		large[i] = (char)(i * 2654435761u >> 13);
	sem_init(&sent, 0, 0);
	sem_init(&drained, 0, 0);
}

/* Each is another than the one before it, and borrowed for the call only. */
static bool send_next(void)
{
	bool taken;

	large[0] = (char)large_count++;
	taken = port->ops->send(conn, (struct hp_view){large, LARGE_BYTES});
	large[0] = 0;
	return taken;
}

/* Until one had to wait behind another that the kernel took in part. */
static void send_until_full(void)
{
	while (large_count < LARGE_COUNT_MAX && send_next())
		;
	ck_assert_uint_lt(large_count, LARGE_COUNT_MAX);
	sem_post(&sent);
}

/* And one more when the kernel has room again: it too goes behind what waits. */
static void send_and_one_more(void)
{
	send_until_full();
	sem_wait(&drained);
	ck_assert(!send_next());
	sem_post(&sent);
}

static void *play_slow_reader(void *arg)
{
	int fd = accept_one();
	size_t half;

	sem_wait(&sent);
	half = large_count * (size_t)LARGE_BYTES / 2;
	got = hp_xcalloc(LARGE_COUNT_MAX, LARGE_BYTES);
	read_exactly(fd, got, half);
	sem_post(&drained);
	sem_wait(&sent);
	read_exactly(fd, got + half, large_count * (size_t)LARGE_BYTES - half);
	assert(send(fd, "done", 4, MSG_NOSIGNAL) == 4);
	read_to_end(fd);
	return arg;
}

/* Goal: what the kernel does not take at once follows, byte for byte and in order, also behind
 * what still waited. */
START_TEST(test_large)
{
	fill_large();
	peer(play_slow_reader);
	on_opened = send_and_one_more;
	on_answered = close_and_leave;
	open_one();
	run();
	ck_assert_str_eq(answer, "done");
	for (unsigned i = 0; i < large_count; i++) {
		large[0] = (char)i;
		ck_assert(memcmp(got + i * (size_t)LARGE_BYTES, large, LARGE_BYTES) == 0);
	}
	free(got);
	free(large);
}
END_TEST

static void send_too_much(void)
{
	for (unsigned i = 0; i < LARGE_COUNT_MAX; i++)
		send_next();
	sem_post(&sent);
}

static void *play_late_reader(void *arg)
{
	int fd = accept_one();

	sem_wait(&sent);
	read_to_end(fd);
	return arg;
}

/* Goal: what we cannot keep for a peer ends the connection; half a request never stands as a whole
 * one. */
START_TEST(test_too_much)
{
	fill_large();
	peer(play_late_reader);
	on_opened = send_too_much;
	open_one();
	run();
	ck_assert_str_eq(heard, "open reset ");
	free(large);
}
END_TEST

/* Answers before the body is there, and leaves: the kernel resets over what was not read. */
static void *play_early_answer(void *arg)
{
	char buf[1024];
	int fd = accept_one();

	sem_wait(&sent);
	read_exactly(fd, buf, sizeof(buf));
	assert(send(fd, "HTTP/1.1 413 ", 13, MSG_NOSIGNAL) == 13);
	close(fd);
	return arg;
}

static void send_large_and_wait(void)
{
	send_until_full();
	ck_assert_int_eq(pthread_join(thread, NULL), 0); /* the reset is there before we look */
	peer_runs = false;
}

/* Goal: an early answer is heard before the reset that follows it. */
START_TEST(test_early_answer)
{
	fill_large();
	peer(play_early_answer);
	on_opened = send_large_and_wait;
	open_one();
	run();
	ck_assert_str_eq(answer, "HTTP/1.1 413 ");
	ck_assert_str_eq(heard, "open reset ");
	free(large);
}
END_TEST

/* ---- closing from inside ---- */

static struct port_conn *many[MANY];
static size_t open_count, closed_count;

static void close_some(size_t index)
{
	if (!many[index])
		return;
	port->ops->close(many[index]);
	many[index] = NULL;
	closed_count++;
}

/* Each that opens closes itself, another one before and another one after it. */
static void on_open_close(void *arg)
{
	size_t index = (size_t)((struct port_conn **)arg - many);

	ck_assert_ptr_nonnull(many[index]); /* closed: it hears nothing more */
	open_count++;
	close_some(index);
	close_some((index + 7) % MANY);
	close_some((index + MANY - 3) % MANY);
	if (closed_count == MANY)
		client_leave(client);
}

static void *play_many(void *arg)
{
	int fd;

	while ((fd = accept_one()) >= 0)
		read_to_end(fd);
	return arg;
}

/* Goal: closing from inside callbacks, oneself and others, open or not, is heard by nobody and
 * frees nothing that is still in use (ASan looks on). */
START_TEST(test_close_inside)
{
	static const struct port_user closer = {
		.on_open = on_open_close, .on_bytes = on_bytes, .on_end = on_end,
	};

	port->user = &closer;
	peer(play_many);
	for (int round = 0; round < 3; round++) {
		open_count = closed_count = 0;
		for (size_t i = 0; i < MANY; i++)
			many[i] = port->ops->open(port, &target, &many[i]);
		client_run(client, NULL, NULL);
		ck_assert_uint_ge(open_count, MANY / 3);
	}
	ck_assert_str_eq(heard, "");
	shutdown(listener, SHUT_RDWR);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
END_TEST

/* Goal: a close before the loop ran, of a connection that would fail too, is never heard of. */
START_TEST(test_close_before_loop)
{
	struct rlimit before;

	port->ops->close(port->ops->open(port, &target, NULL)); /* would be refused */
	before = forbid_descriptors();
	port->ops->close(port->ops->open(port, &target, NULL)); /* has failed already */
	setrlimit(RLIMIT_NOFILE, &before);
	port->ops->timer(port, port->ops->now_ns(port) + HP_MS_NS);
	on_timed = leave;
	run();
	ck_assert_str_eq(heard, "timer ");
}
END_TEST

Suite *suite_client(void);

Suite *suite_client(void)
{
	Suite *suite = suite_create("client");
	TCase *tcase = tcase_create("client");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_answer);
	tcase_add_test(tcase, test_refused);
	tcase_add_loop_test(tcase, test_ends, 0, 2);
	tcase_add_test(tcase, test_no_descriptors);
	tcase_add_test(tcase, test_ipv6);
	tcase_add_test(tcase, test_large);
	tcase_add_test(tcase, test_too_much);
	tcase_add_test(tcase, test_early_answer);
	tcase_add_test(tcase, test_close_inside);
	tcase_add_test(tcase, test_close_before_loop);
	suite_add_tcase(suite, tcase);
	return suite;
}
