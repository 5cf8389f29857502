/* What the port on real sockets hears of bytes that are there before it looks: the kernel tells of
 * them once. One thread is both ends; no sleeps, ports 0. */
#include "net/client.h"

#include <check.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"
#include "net/clock.h"

enum { TEXT_BYTES = 64, CHUNK_BYTES = 32 * 1024, STREAM_BYTES_MAX = 8 * 1024 * 1024 };

static struct client *client;
static struct port *port;
static struct port_target target; /* where the peer listens */
static int listener;
static struct port_conn *conn;
static int peer_fd;
static char text[TEXT_BYTES]; /* the first bytes that came */
static size_t heard_bytes, until_bytes;
static bool ended;
static enum port_end end;

static void on_open(void *user)
{
	(void)user;
	client_leave(client);
}

static void on_bytes(void *user, const char *buf, size_t bytes)
{
	(void)user;
	if (heard_bytes + bytes < TEXT_BYTES)
		memcpy(text + heard_bytes, buf, bytes);
	heard_bytes += bytes;
	if (heard_bytes == until_bytes)
		client_leave(client);
}

static void on_end(void *user, enum port_end why)
{
	(void)user;
	ended = true;
	end = why;
	conn = NULL;
	client_leave(client);
}

static const struct port_user user = {.on_open = on_open, .on_bytes = on_bytes, .on_end = on_end};

static void listen_somewhere(void)
{
	struct sockaddr_storage storage;
	socklen_t bytes;

	target.address = (struct port_address){.family = 4, .ip = {127, 0, 0, 1}};
	bytes = address_sockaddr(&target.address, &storage);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&storage, bytes), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&storage, &bytes), 0);
	address_from_sockaddr(&storage, &target.address);
}

/* Returns the peer's end. */
static int open_one(struct port_conn **out)
{
	int fd;

	*out = port->ops->open(port, &target, NULL);
	client_run(client, NULL, NULL);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static void setup(void)
{
	struct hp_err err;

	client = client_new(clock_mono_ns(), &err);
	ck_assert_msg(client != NULL, "%s", err.msg);
	port = client_port(client);
	port->user = &user;
	listen_somewhere();
	peer_fd = open_one(&conn);
}

static void teardown(void)
{
	if (conn)
		port->ops->close(conn);
	client_free(client);
	close(listener);
	if (peer_fd >= 0)
		close(peer_fd);
}

static void say(const char *word, int flags)
{
	ck_assert_int_eq(send(peer_fd, word, strlen(word), MSG_NOSIGNAL | flags),
			 (ssize_t)strlen(word));
}

/* Goal: an end that stands behind bytes already is heard after them. */
START_TEST(test_end_behind)
{
	bool resets = _i;
	struct linger now = {.l_onoff = 1};

	if (resets)
		setsockopt(peer_fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	say("one", 0);
	close(peer_fd);
	peer_fd = -1;
	client_run(client, NULL, NULL);
	ck_assert_str_eq(text, "one");
	ck_assert(ended);
	ck_assert_int_eq(end, resets ? PORT_END_RESET : PORT_END_CLOSED);
}
END_TEST

/* Goal: urgent data cuts a read short, and what follows it is heard all the same. */
START_TEST(test_urgent)
{
	say("one", 0);
	say("!", MSG_OOB);
	say("two", 0);
	until_bytes = strlen("onetwo");
	client_run(client, NULL, NULL);
	ck_assert_str_eq(text, "onetwo");
}
END_TEST

/* Goal: bytes of many reads, and what the peer says between two turns, are heard to the last. */
START_TEST(test_stream)
{
	static const char chunk[CHUNK_BYTES];
	size_t said_bytes = 0;

	for (int turn = 0; turn < 8; turn++) {
		ssize_t bytes;

		while (said_bytes < STREAM_BYTES_MAX &&
		       (bytes = send(peer_fd, chunk, sizeof(chunk),
				     MSG_NOSIGNAL | MSG_DONTWAIT)) > 0)
			said_bytes += (size_t)bytes;
		until_bytes = said_bytes;
		if (heard_bytes < said_bytes)
			client_run(client, NULL, NULL);
		ck_assert_uint_eq(heard_bytes, said_bytes);
	}
	ck_assert(!ended);
}
END_TEST

/* Goal: who leaves the loop hears nothing more until it runs again, and then what was left. */
START_TEST(test_left)
{
	struct port_conn *other;
	int other_fd = open_one(&other);

	say("one", 0);
	ck_assert_int_eq(send(other_fd, "two", 3, MSG_NOSIGNAL), 3);
	for (int turn = 1; turn <= 2; turn++) {
		until_bytes = 3 * (size_t)turn;
		client_run(client, NULL, NULL);
		ck_assert_uint_eq(heard_bytes, until_bytes);
	}
	port->ops->close(other);
	close(other_fd);
}
END_TEST

Suite *suite_client_read(void);

Suite *suite_client_read(void)
{
	Suite *suite = suite_create("client_read");
	TCase *tcase = tcase_create("client_read");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_end_behind, 0, 2);
	tcase_add_test(tcase, test_urgent);
	tcase_add_test(tcase, test_stream);
	tcase_add_test(tcase, test_left);
	suite_add_tcase(suite, tcase);
	return suite;
}
