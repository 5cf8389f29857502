/* The port over TLS: what a user hears of a server that shakes hands on a thread of its own, with
 * plain blocking sockets. No sleeps, ports 0. */
#include <check.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/span.h"
#include "net/address.h"
#include "net/client.h"
#include "net/clock.h"
#include "net/tls_contexts.h"

enum {
	LOG_BYTES = 4096,
	CHUNK_BYTES = 64 * 1024,
	LARGE_COUNT_MAX = 256, /* more than the buffers of both sockets hold */
	SMALL_BUFFER_BYTES = 16 * 1024,
	MANY = 40,
};

static struct fixture {
	struct client *client;
	struct port *port;
	struct port_target target;
	struct port_conn *conn;
	struct tls_authority *authority;
	struct tls_contexts *contexts;
	int listener;
	pthread_t thread;
	char heard[LOG_BYTES], failed[LOG_BYTES];
	char *answer; /* all bytes that came */
	size_t answer_bytes, answer_bytes_max;
	unsigned left; /* connections until the client leaves */
	struct hp_err err;
} f;

static const struct script { /* what the server does */
	struct handshake handshake;
	bool plain, resets; /* instead of shaking hands */
	unsigned rounds;
	bool silent;        /* reads the request and says nothing before it leaves */
} *script;

/* ---- the user ---- */

static void hear(const char *what)
{
	size_t at = strlen(f.heard);

	ck_assert_uint_lt(at + strlen(what) + 2, LOG_BYTES);
	snprintf(f.heard + at, LOG_BYTES - at, "%s ", what);
}

static void on_open(void *user)
{
	(void)user;
	hear("open");
	ck_assert(f.port->ops->send(f.conn, HP_LITERAL("ping")));
}

static void on_bytes(void *user, const char *buf, size_t bytes)
{
	(void)user;
	ck_assert_uint_le(f.answer_bytes + bytes, f.answer_bytes_max);
	memcpy(f.answer + f.answer_bytes, buf, bytes);
	f.answer_bytes += bytes;
}

static void open_one(void);

static void on_end(void *user, enum port_end why)
{
	static const char *const words[] = {
		[PORT_END_CLOSED] = "closed", [PORT_END_RESET] = "reset",
		[PORT_END_CUT] = "cut",       [PORT_END_TLS] = "tls-failed",
	};

	(void)user;
	ck_assert(why < sizeof(words) / sizeof(words[0]) && words[why]);
	hear(words[why]);
	f.conn = NULL;
	if (--f.left > 0)
		open_one();
	else
		client_leave(f.client);
}

static void on_handshake(void *user, const struct port_handshake *handshake)
{
	(void)user;
	ck_assert_uint_gt(handshake->took_ns, 0);
	if (handshake->failed)
		snprintf(f.failed, sizeof(f.failed), "%s", handshake->failed);
	else
		hear(handshake->resumed ? "resumed" : "full");
}

static const struct port_user user = {
	.on_open = on_open, .on_bytes = on_bytes, .on_end = on_end, .on_handshake = on_handshake,
};

static void open_one(void)
{
	f.conn = f.port->ops->open(f.port, &f.target, NULL);
}

/* ---- the server ---- */

static void send_all(struct tls *tls, struct hp_view bytes)
{
	size_t taken;

	assert(tls_send(tls, bytes, &taken) == TLS_DONE);
}

static void serve_secured(struct tls_context *context, int fd)
{
	struct tls *tls = tls_accept(context, fd, &script->handshake);
	enum tls_result result = tls_handshake(tls);
	char buf[16];
	size_t bytes;

	if (result == TLS_DONE && tls_recv(tls, buf, sizeof(buf), &bytes) == TLS_DONE) {
		if (!script->silent)
			send_all(tls, (struct hp_view){buf, bytes});
		tls_shutdown(tls);
	}
	tls_free(tls);
	if (script->resets && result == TLS_HELD)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
			   sizeof(struct linger));
}

static void *serve(void *arg)
{
	for (unsigned i = 0; i < script->rounds; i++) {
		struct hp_err err;
		int fd = accept4(f.listener, NULL, NULL, SOCK_CLOEXEC);
		char buf[16];

		if (script->plain)
			assert(send(fd, "HTTP/1.1 400 Bad\r\n\r\n", 20, MSG_NOSIGNAL) == 20);
		else
			serve_secured(tls_contexts_get(f.contexts, &script->handshake, &err), fd);
		shutdown(fd, SHUT_WR);
		while (recv(fd, buf, sizeof(buf), 0) > 0)
			;
		close(fd);
	}
	return arg;
}

static void setup(void)
{
	struct sockaddr_storage storage;
	socklen_t bytes;
	int small = SMALL_BUFFER_BYTES;

	f = (struct fixture){.target = {.address = {.family = 4, .ip = {127, 0, 0, 1}},
					.tls = true}};
	hp_log_level_set(HP_LOG_ERROR);
	f.client = client_new(clock_mono_ns(), &f.err);
	ck_assert_ptr_nonnull(f.client);
	f.port = client_port(f.client);
	f.port->user = &user;
	f.authority = tls_authority_new(clock_wall_ns() / HP_S_NS);
	f.contexts = tls_contexts_new(f.authority, NULL);
	bytes = address_sockaddr(&f.target.address, &storage);
	f.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(f.listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ck_assert_int_eq(bind(f.listener, (struct sockaddr *)&storage, bytes), 0);
	ck_assert_int_eq(getsockname(f.listener, (struct sockaddr *)&storage, &bytes), 0);
	ck_assert_int_eq(listen(f.listener, MANY), 0);
	address_from_sockaddr(&storage, &f.target.address);
	f.answer_bytes_max = LARGE_COUNT_MAX * (size_t)CHUNK_BYTES;
	f.answer = hp_xcalloc(1, f.answer_bytes_max);
}

static void teardown(void)
{
	client_free(f.client);
	tls_contexts_free(f.contexts);
	tls_authority_free(f.authority);
	close(f.listener);
	free(f.answer);
}

static void secure(struct tls_client_config config)
{
	struct client_tls tls = {.config = config, .host = "localhost", .name = "target"};

	if (!config.ca_file)
		tls.config.ca = tls_authority_root(f.authority);
	ck_assert_int_eq(client_secure(f.client, 0, &tls, &f.err), 0);
}

static void play(const struct script *what, void *(*server)(void *))
{
	script = what;
	f.left = what->rounds;
	ck_assert_int_eq(pthread_create(&f.thread, NULL, server, NULL), 0);
	open_one();
	client_run(f.client, NULL, NULL);
	ck_assert_int_eq(pthread_join(f.thread, NULL), 0);
}

/* ---- ends ---- */

static const struct {
	const char *name, *heard, *failed, *answer;
	struct script script;
} rows[] = {
	{"answered", "full open closed ", "", "ping", {.rounds = 1}},
	{"answered over 1.2", "full open closed ", "", "ping",
	 {.handshake = {.version_max = TLS_1_2}, .rounds = 1}},
	{"resumed", "full open closed resumed open closed resumed open closed ", "",
	 "pingpingping", {.rounds = 3}},
	{"resumed over 1.2", "full open closed resumed open closed ", "", "pingping",
	 {.handshake = {.version_max = TLS_1_2}, .rounds = 2}},
	{"no tickets", "full open closed full open closed ", "", "pingping",
	 {.handshake = {.no_resume = true}, .rounds = 2}},
	{"truncated", "full open cut ", "", "ping",
	 {.handshake = {.no_close_notify = true}, .rounds = 1}},
	{"no answer", "full open closed ", "", "", {.rounds = 1, .silent = true}},
	{"expired", "tls-failed ", "certificate has expired", "",
	 {.handshake = {.certificate = HANDSHAKE_EXPIRED, .by_s = 60}, .rounds = 1}},
	{"wrong name", "tls-failed ", "hostname mismatch", "",
	 {.handshake = {.certificate = HANDSHAKE_WRONG_NAME}, .rounds = 1}},
	{"alert", "tls-failed ", "the peer sent alert 40, handshake failure", "",
	 {.handshake = {.alert = 40}, .rounds = 1}},
	{"closed at the hello", "tls-failed ", "closed in the handshake", "",
	 {.handshake = {.stall = HANDSHAKE_AT_HELLO}, .rounds = 1}},
	{"plain", "tls-failed ", "wrong version number", "", {.plain = true, .rounds = 1}},
	{"old", "tls-failed ", "the peer sent alert 70, protocol version", "",
	 {.handshake = {.version_min = TLS_1_0, .version_max = TLS_1_1}, .rounds = 1}},
};

/* Goal: a user hears of the handshake once and before anything else, of a failed one with its
 * reason; close_notify and a bare FIN are two ends. */
START_TEST(test_ends)
{
	secure((struct tls_client_config){.insecure = false});
	play(&rows[_i].script, serve);
	ck_assert_msg(strcmp(f.heard, rows[_i].heard) == 0, "%s: %s", rows[_i].name, f.heard);
	ck_assert_str_eq(f.failed, rows[_i].failed);
	ck_assert_uint_eq(f.answer_bytes, strlen(rows[_i].answer));
	ck_assert(memcmp(f.answer, rows[_i].answer, f.answer_bytes) == 0);
}
END_TEST

/* Goal: verification is off only when it was said so, and resumption too. */
START_TEST(test_switches)
{
	static const struct script wrong = {
		.handshake = {.certificate = HANDSHAKE_SELF_SIGNED}, .rounds = 2,
	};

	secure((struct tls_client_config){.insecure = true, .no_resume = true});
	play(&wrong, serve);
	ck_assert_str_eq(f.heard, "full open closed full open closed ");
}
END_TEST

/* Goal: the system's store does not know our test root. */
START_TEST(test_system_store)
{
	static const struct script good = {.rounds = 1};
	struct client_tls tls = {.host = "localhost"};

	ck_assert_int_eq(client_secure(f.client, 0, &tls, &f.err), 0);
	play(&good, serve);
	ck_assert_str_eq(f.heard, "tls-failed ");
	ck_assert_str_eq(f.failed, "unable to get local issuer certificate");
}
END_TEST

/* Goal: a file without authorities is an error before the run. */
START_TEST(test_bad_file)
{
	struct client_tls tls = {.config = {.ca_file = "/dev/null"}, .host = "localhost"};

	ck_assert_int_eq(client_secure(f.client, 0, &tls, &f.err), -1);
	ck_assert_int_eq(f.err.code, HP_EINPUT);
	ck_assert_ptr_nonnull(strstr(f.err.msg, "/dev/null: want authorities in PEM"));
}
END_TEST

/* ---- much ---- */

static char *large;          /* LARGE_COUNT_MAX chunks, each another one */
static unsigned large_count; /* of them sent */
static sem_t sent;           /* the server reads nothing before */

static size_t large_bytes(void)
{
	return large_count * (size_t)CHUNK_BYTES;
}

static bool send_next(void)
{
	struct hp_view chunk = {large + large_bytes(), CHUNK_BYTES};

	large_count++;
	return f.port->ops->send(f.conn, chunk);
}

/* Until one had to wait behind another that the kernel took in part. */
static void on_open_large(void *arg)
{
	(void)arg;
	while (large_count < LARGE_COUNT_MAX && send_next())
		;
	ck_assert_uint_lt(large_count, LARGE_COUNT_MAX);
	sem_post(&sent);
}

/* Sends back what it read, when all of it is there. */
static void *serve_large(void *arg)
{
	int fd = accept4(f.listener, NULL, NULL, SOCK_CLOEXEC);
	struct hp_err err;
	struct tls *tls = tls_accept(tls_contexts_get(f.contexts, &script->handshake, &err), fd,
				     NULL);
	char *all = hp_xcalloc(LARGE_COUNT_MAX, CHUNK_BYTES);
	size_t have = 0, bytes;

	assert(tls_handshake(tls) == TLS_DONE);
	sem_wait(&sent);
	while (have < large_bytes()) {
		assert(tls_recv(tls, all + have, large_bytes() - have, &bytes) == TLS_DONE);
		have += bytes;
	}
	send_all(tls, (struct hp_view){all, large_bytes()});
	tls_shutdown(tls);
	tls_free(tls);
	close(fd);
	free(all);
	return arg;
}

/* Goal: much goes out and comes back byte for byte, although the socket takes it in parts and TLS
 * holds records that the loop does not know of. */
START_TEST(test_large)
{
	static const struct port_user sender = {
		.on_open = on_open_large, .on_bytes = on_bytes, .on_end = on_end,
		.on_handshake = on_handshake,
	};
	static const struct script good = {.rounds = 1};

	sem_init(&sent, 0, 0);
	large = hp_xcalloc(LARGE_COUNT_MAX, CHUNK_BYTES);
	for (size_t i = 0; i < LARGE_COUNT_MAX * (size_t)CHUNK_BYTES; i++)
		large[i] = (char)(i * 2654435761u >> 13);
	f.port->user = &sender;
	secure((struct tls_client_config){.insecure = false});
	play(&good, serve_large);
	ck_assert_uint_eq(f.answer_bytes, large_bytes());
	ck_assert(memcmp(f.answer, large, large_bytes()) == 0);
	ck_assert_str_eq(f.heard, "full closed ");
	free(large);
}
END_TEST

/* ---- many records in one read, and our goodbye ---- */

enum { SMALL_COUNT = 100 };

static enum tls_result goodbye;

static void on_bytes_count(void *arg, const char *buf, size_t bytes)
{
	on_bytes(arg, buf, bytes);
	if (f.answer_bytes < SMALL_COUNT)
		return;
	f.port->ops->close(f.conn);
	client_leave(f.client);
}

/* Sends small records in one segment, and nothing more until the client is content. */
static void *serve_small(void *arg)
{
	int fd = accept4(f.listener, NULL, NULL, SOCK_CLOEXEC), corked = 1;
	struct hp_err err;
	struct tls *tls = tls_accept(tls_contexts_get(f.contexts, &script->handshake, &err), fd,
				     NULL);
	char buf[16];
	size_t bytes;

	assert(tls_handshake(tls) == TLS_DONE);
	assert(tls_recv(tls, buf, sizeof(buf), &bytes) == TLS_DONE);
	setsockopt(fd, IPPROTO_TCP, TCP_CORK, &corked, sizeof(corked));
	for (int i = 0; i < SMALL_COUNT; i++)
		send_all(tls, HP_LITERAL("x"));
	corked = 0;
	setsockopt(fd, IPPROTO_TCP, TCP_CORK, &corked, sizeof(corked));
	goodbye = tls_recv(tls, buf, sizeof(buf), &bytes);
	tls_free(tls);
	close(fd);
	return arg;
}

/* Goal: records that TLS holds are given out although the socket has no more to say; a connection
 * that we close says goodbye. */
START_TEST(test_small_records)
{
	static const struct port_user counter = {
		.on_open = on_open, .on_bytes = on_bytes_count, .on_end = on_end,
		.on_handshake = on_handshake,
	};
	static const struct script good = {.rounds = 1};

	f.port->user = &counter;
	secure((struct tls_client_config){.insecure = false});
	play(&good, serve_small);
	ck_assert_uint_eq(f.answer_bytes, SMALL_COUNT);
	ck_assert_int_eq(goodbye, TLS_CLOSED);
}
END_TEST

/* ---- closing from inside ---- */

static struct port_conn *many[MANY];
static size_t closed_count;

static void on_open_close(void *arg)
{
	struct port_conn **own = arg;

	f.port->ops->close(*own);
	*own = NULL;
	if (++closed_count == MANY)
		client_leave(f.client);
}

static void *serve_many(void *arg)
{
	for (int i = 0; i < MANY; i++) {
		int fd = accept4(f.listener, NULL, NULL, SOCK_CLOEXEC);

		serve_secured(tls_contexts_get(f.contexts, &script->handshake, &f.err), fd);
		close(fd);
	}
	return arg;
}

/* Goal: a connection closed in the moment it opens frees nothing that is in use (ASan looks on). */
START_TEST(test_close_inside)
{
	static const struct port_user closer = {
		.on_open = on_open_close, .on_bytes = on_bytes, .on_end = on_end,
		.on_handshake = on_handshake,
	};
	static const struct script good = {.rounds = 1};

	script = &good;
	f.port->user = &closer;
	secure((struct tls_client_config){.insecure = false});
	ck_assert_int_eq(pthread_create(&f.thread, NULL, serve_many, NULL), 0);
	for (size_t i = 0; i < MANY; i++)
		many[i] = f.port->ops->open(f.port, &f.target, &many[i]);
	client_run(f.client, NULL, NULL);
	ck_assert_int_eq(pthread_join(f.thread, NULL), 0);
	ck_assert_ptr_null(strstr(f.heard, "closed"));
}
END_TEST

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

Suite *suite_client_tls(void);

Suite *suite_client_tls(void)
{
	Suite *suite = suite_create("client_tls");
	TCase *tcase = tcase_create("client_tls");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_ends, 0, COUNT(rows));
	tcase_add_test(tcase, test_switches);
	tcase_add_test(tcase, test_system_store);
	tcase_add_test(tcase, test_bad_file);
	tcase_add_test(tcase, test_large);
	tcase_add_test(tcase, test_small_records);
	tcase_add_test(tcase, test_close_inside);
	suite_add_tcase(suite, tcase);
	return suite;
}
