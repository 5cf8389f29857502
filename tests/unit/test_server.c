/* The server on real sockets: what a client on the loopback sees of answers, delays, resets,
 * silence, refused windows and freezes. No sleeps: each test waits for an event. */
#include "net/server.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"
#include "net/clock.h"
#include "tests/lib/receiving.h"

static struct receiving r;
static struct server *server;
static pthread_t thread;
static char post[RECEIVING_TEXT_BYTES];

static void setup(void)
{
	char body[RECEIVING_TEXT_BYTES];

	receiving_init(&r);
	r.config.listen = (struct port_address){.family = 4, .ip = {127, 0, 0, 1}};
	receiving_request(&r, receiving_body(1, body), "", post);
}

static void teardown(void)
{
	server_free(server);
	receiving_fini(&r);
}

static void *run(void *arg)
{
	server_run(arg);
	return NULL;
}

/* Binds; the run's start lies so far ahead. Clients can connect from here on. */
static void bind_server(uint64_t ahead_ns)
{
	struct hp_err err;
	struct server_config config = {
		.start_ns = clock_mono_ns() + ahead_ns, .lag_ns_max = HP_NEVER,
		.history = &r.history,
	};

	receiving_start(&r);
	server = server_new(&config, (struct server_receivers){&r.receiver, 1}, &err);
	ck_assert_msg(server != NULL, "%s", err.msg);
	ck_assert_uint_ne(server_address(server, 0)->number, 0);
}

static void start_thread(void)
{
	ck_assert_int_eq(pthread_create(&thread, NULL, run, server), 0);
}

/* Records may be read after this. */
static void stop(void)
{
	server_stop(server);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

/* -1 with errno when it is not accepted. */
static int try_connect(void)
{
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(server_address(server, 0), &storage);
	int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	if (connect(fd, (struct sockaddr *)&storage, bytes) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* A handshake that the closing listener cuts short is a reset. */
static bool is_refusal(int error)
{
	return error == ECONNREFUSED || error == ECONNRESET;
}

static int client(void)
{
	int fd = try_connect();

	ck_assert_msg(fd >= 0, "%m");
	return fd;
}

static void say(int fd, const char *text)
{
	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Reads one answer without a body. Returns its status. */
static int hear(int fd)
{
	char text[1024] = "";
	size_t bytes = 0;

	while (strstr(text, "\r\n\r\n") == NULL) {
		ssize_t more = recv(fd, text + bytes, 1, 0);
		ck_assert_msg(more == 1, "no answer: %m, after \"%s\"", text);
		bytes += (size_t)more;
		ck_assert_uint_lt(bytes, sizeof(text) - 1);
	}
	ck_assert_int_eq(strncmp(text, "HTTP/1.1 ", 9), 0);
	return (int)strtol(text + 9, NULL, 10);
}

/* Reads until the connection ends. 0: in order; else errno. */
static int hear_end(int fd)
{
	char text[1024];
	ssize_t bytes;

	do {
		bytes = recv(fd, text, sizeof(text), 0);
	} while (bytes > 0);
	return bytes == 0 ? 0 : errno;
}

/* Goal: deliveries on one kept connection are answered, verified and recorded in order. */
START_TEST(test_answers)
{
	bind_server(0);
	start_thread();
	int fd = client();
	for (int i = 0; i < 3; i++) {
		say(fd, post);
		ck_assert_int_eq(hear(fd), 204);
	}
	say(fd, "POST /hooks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	ck_assert_int_eq(hear(fd), 401);
	ck_assert_int_eq(hear_end(fd), 0);
	close(fd);
	stop();
	ck_assert_uint_eq(receiving_receipts(&r), 4);
	ck_assert_uint_eq(receiving_receipt(&r, 2)->ordinal, 3);
	ck_assert_uint_eq(receiving_receipt(&r, 2)->effects, 1);
	ck_assert_uint_eq(receiving_receipt(&r, 3)->status, 401);
}
END_TEST

/* Goal: many connections at once are all served, whatever is pipelined on them. */
START_TEST(test_many_connections)
{
	enum { CONNECTIONS = 200 };
	int fds[CONNECTIONS];

	bind_server(0);
	start_thread();
	for (int i = 0; i < CONNECTIONS; i++)
		fds[i] = client();
	for (int i = 0; i < CONNECTIONS; i++) {
		say(fds[i], post);
		say(fds[i], post);
	}
	for (int i = 0; i < CONNECTIONS; i++) {
		ck_assert_int_eq(hear(fds[i]), 204);
		ck_assert_int_eq(hear(fds[i]), 204);
		close(fds[i]);
	}
	stop();
	ck_assert_uint_eq(receiving_receipts(&r), 2 * CONNECTIONS);
	ck_assert_uint_eq(receiving_receipt(&r, 2 * CONNECTIONS - 1)->ordinal, 2 * CONNECTIONS);
}
END_TEST

/* Goal: a delayed answer comes no sooner than its moment, and others do not wait for it. */
START_TEST(test_latency)
{
	receiving_behave(&r, "first-n")->own.values[0] = 1;
	behaviour_part_init(&r.faults[0], behaviour_find(HP_LITERAL("latency")));
	r.faults[0].values[0] = 50 * HP_MS_NS;
	bind_server(0);
	start_thread();
	int slow = client(), fast = client();
	say(slow, post);
	ck_assert_int_eq(hear(slow), 204);
	say(fast, post);
	ck_assert_int_eq(hear(fast), 204);
	close(slow);
	close(fast);
	stop();
	const struct record_receipt *receipt = receiving_receipt(&r, 0);
	ck_assert_uint_ge(receipt->answered_ns - receipt->arrived_ns, 50 * HP_MS_NS);
	receipt = receiving_receipt(&r, 1);
	ck_assert_uint_eq(receipt->ordinal, 2);
	ck_assert_uint_eq(receipt->answered_ns, receipt->arrived_ns);
}
END_TEST

/* Goal: a reset is a reset to the client, and the receipt says that the effect was before it. */
START_TEST(test_reset_after_request)
{
	receiving_behave(&r, "reset-after-request");
	bind_server(0);
	start_thread();
	int fd = client();
	say(fd, post);
	ck_assert_int_eq(hear_end(fd), ECONNRESET);
	close(fd);
	stop();
	ck_assert_int_eq(receiving_receipt(&r, 0)->end, RECORD_END_RESET);
	ck_assert_uint_eq(receiving_receipt(&r, 0)->effects, 1);
}
END_TEST

/* Goal: a silent receiver keeps the connection and answers nothing; the receipt stands. */
START_TEST(test_silence)
{
	char byte;

	receiving_behave(&r, "silence");
	bind_server(0);
	start_thread();
	int fd = client(), other = client();
	say(fd, post);
	say(other, "GET /hooks HTTP/1.1\r\nHost: a\r\n\r\n");
	ck_assert_int_eq(hear(other), 405);
	ck_assert_int_eq(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	ck_assert_int_eq(errno, EAGAIN);
	stop();
	ck_assert_int_eq(receiving_receipt(&r, 0)->end, RECORD_END_SILENT);
	close(fd);
	close(other);
}
END_TEST

/* Goal: an answer that is still due when the run ends, or when the peer gives up, has its one
 * receipt, without a status. */
START_TEST(test_given_up)
{
	receiving_behave(&r, "latency")->own.values[0] = 3600 * HP_S_NS;
	bind_server(0);
	start_thread();
	int fd = client(), other = client();
	say(fd, post);
	say(other, post);
	close(fd);
	int probe = client();
	say(probe, "GET /hooks HTTP/1.1\r\nHost: a\r\n\r\n");
	ck_assert_int_eq(hear(probe), 405);
	stop();
	ck_assert_uint_eq(receiving_receipts(&r), 2);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(receiving_receipt(&r, i)->end, RECORD_END_CLOSED);
		ck_assert_uint_eq(receiving_receipt(&r, i)->status, 0);
	}
	close(other);
	close(probe);
}
END_TEST

static const struct record_gap *find_gap(void)
{
	for (size_t i = 0; i < r.record_count; i++)
		if (r.records[i].kind == RECORD_GAP)
			return &r.records[i].gap;
	ck_abort_msg("no gap was recorded");
	return NULL;
}

/* Goal: in a refused window connections are refused and open ones reset; afterwards the same port
 * listens again; the gap stands in the history. */
START_TEST(test_outage)
{
	struct behaviour *outage = receiving_behave(&r, "outage");

	outage->own.values[0] = 30 * HP_MS_NS;
	outage->own.values[1] = 130 * HP_MS_NS;
	bind_server(0);
	int fd = client();
	start_thread();
	ck_assert_int_eq(hear_end(fd), ECONNRESET);
	close(fd);
	while ((fd = try_connect()) < 0)
		ck_assert(is_refusal(errno));
	say(fd, post);
	ck_assert_int_eq(hear(fd), 204);
	close(fd);
	stop();
	ck_assert_uint_ge(receiving_receipt(&r, 0)->arrived_ns, 130 * HP_MS_NS);
	ck_assert_uint_ge(find_gap()->from_ns, 30 * HP_MS_NS);
	ck_assert_uint_ge(find_gap()->to_ns, 130 * HP_MS_NS);
	ck_assert_uint_eq(find_gap()->behaviour, outage->own.row->number);
}
END_TEST

/* Goal: before the run's start no window has begun, also one from the start on. */
START_TEST(test_before_the_start)
{
	receiving_behave(&r, "outage");
	bind_server(3600 * HP_S_NS);
	start_thread();
	int fd = client();
	say(fd, "GET /hooks HTTP/1.1\r\nHost: a\r\n\r\n");
	ck_assert_int_eq(hear(fd), 405);
	close(fd);
	stop();
}
END_TEST

/* Goal: for ever refused means that nobody listens from the start on, and the port stays ours. */
START_TEST(test_refused)
{
	receiving_behave(&r, "refused");
	bind_server(0);
	start_thread();
	int fd;
	do {
		fd = try_connect();
		ck_assert(fd >= 0 || is_refusal(errno));
		if (fd >= 0)
			close(fd);
	} while (fd >= 0 || errno != ECONNREFUSED);
	stop();
	ck_assert_uint_eq(find_gap()->behaviour, 7);
}
END_TEST

/* Goal: a frozen receiver keeps its connections and does nothing; then it serves what waited. */
START_TEST(test_freeze)
{
	receiving_behave(&r, "freeze")->own.values[1] = 100 * HP_MS_NS;
	bind_server(0);
	start_thread();
	int fd = client();
	say(fd, post);
	ck_assert_int_eq(hear(fd), 204);
	close(fd);
	stop();
	ck_assert_uint_ge(receiving_receipt(&r, 0)->arrived_ns, 100 * HP_MS_NS);
	ck_assert_uint_eq(find_gap()->behaviour, 11);
	ck_assert_uint_ge(find_gap()->to_ns, 100 * HP_MS_NS);
}
END_TEST

/* Goal: an answer in the middle of a body reaches a client that still sends. */
START_TEST(test_too_large)
{
	static char flood[256 * 1024];

	r.config.body_bytes_max = 1000;
	bind_server(0);
	start_thread();
	int fd = client();
	say(fd, "POST /hooks HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n");
	ck_assert_int_gt(send(fd, flood, sizeof(flood), MSG_NOSIGNAL), 0);
	ck_assert_int_eq(hear(fd), 413);
	shutdown(fd, SHUT_WR);
	ck_assert_int_eq(hear_end(fd), 0);
	close(fd);
	stop();
	ck_assert_uint_eq(receiving_receipts(&r), 0);
	ck_assert_uint_eq(r.receiver->counters.other, 1);
}
END_TEST

/* Goal: two receivers on one port are refused with a message that says so. */
START_TEST(test_port_taken)
{
	struct hp_err err;
	struct server_config config = {.history = &r.history};

	bind_server(0);
	r.config.listen = *server_address(server, 0);
	struct server *second =
		server_new(&config, (struct server_receivers){&r.receiver, 1}, &err);
	ck_assert_ptr_null(second);
	ck_assert_int_eq(err.code, HP_EUSAGE);
	ck_assert_ptr_nonnull(strstr(err.msg, "billing"));
}
END_TEST

/* Goal: a stop before the run ends it at once. */
START_TEST(test_stop_first)
{
	bind_server(0);
	server_stop(server);
	server_run(server);
}
END_TEST

Suite *suite_server(void);

Suite *suite_server(void)
{
	Suite *suite = suite_create("server");
	TCase *tcase = tcase_create("server");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_answers);
	tcase_add_test(tcase, test_many_connections);
	tcase_add_test(tcase, test_latency);
	tcase_add_test(tcase, test_reset_after_request);
	tcase_add_test(tcase, test_silence);
	tcase_add_test(tcase, test_given_up);
	tcase_add_test(tcase, test_outage);
	tcase_add_test(tcase, test_before_the_start);
	tcase_add_test(tcase, test_refused);
	tcase_add_test(tcase, test_freeze);
	tcase_add_test(tcase, test_too_large);
	tcase_add_test(tcase, test_port_taken);
	tcase_add_test(tcase, test_stop_first);
	suite_add_tcase(suite, tcase);
	return suite;
}
