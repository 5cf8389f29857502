/* The small HTTP server on real sockets: who is answered, what, and that nobody can stop it. */
#include "web/web.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"
#include "net/loop.h"

#define TOKEN "0123456789abcdef"
#define HOST "Host: localhost\r\n"
#define SIGNED HOST "Authorization: Bearer " TOKEN "\r\n"

enum { TEXT_BYTES = 64 * 1024 };

static struct fixture {
	struct loop loop;
	struct web *web;
	struct hp_secret *token;
	pthread_t thread;
	char text[TEXT_BYTES]; /* the last answer */
} f;

static void answer_thing(void *arg, const struct web_request *request, struct web_answer *answer)
{
	(void)arg;
	hp_buf_add_format(&answer->json, "{\"query\":\"%.*s\"}", (int)request->query.bytes,
			  request->query.at);
}

static void answer_part(void *arg, const struct web_request *request, struct web_answer *answer)
{
	(void)arg;
	hp_buf_add_format(&answer->json, "{\"part\":\"%s\",\"bytes\":%zu,\"last\":%d}",
			  request->part.at, request->body.bytes,
			  request->body.bytes ? request->body.at[request->body.bytes - 1] : -1);
}

static void leave(void *arg)
{
	(void)arg;
	loop_leave(&f.loop);
}

static void answer_end(void *arg, const struct web_request *request, struct web_answer *answer)
{
	(void)arg, (void)request;
	hp_buf_add_text(&answer->json, "{\"ending\":true}");
	answer->sent = leave;
}

static const struct web_route routes[] = {
	{"GET", "/v1/thing", answer_thing},
	{"PUT", "/v1/things/*", answer_part},
	{"POST", "/v1/end", answer_end},
	{NULL, NULL, NULL},
};

static void on_stop(void *arg)
{
	(void)arg;
	loop_leave(&f.loop);
}

static void *run(void *arg)
{
	(void)arg;
	loop_run(&f.loop);
	return NULL;
}

static struct web *make(struct port_address listen, struct hp_err *err)
{
	struct web_config config = {
		.loop = &f.loop, .listen = listen, .token = f.token, .routes = routes,
	};

	return web_new(&config, err);
}

static void setup(void)
{
	struct hp_err err;

	ck_assert_int_eq(loop_init(&f.loop, on_stop, NULL, &err), 0);
	f.token = hp_secret_new(HP_LITERAL(TOKEN));
}

static void start(void)
{
	struct hp_err err;

	f.web = make((struct port_address){.family = 4, .ip = {127, 0, 0, 1}}, &err);
	ck_assert_msg(f.web != NULL, "%s", err.msg);
	ck_assert_int_eq(pthread_create(&f.thread, NULL, run, NULL), 0);
}

static void finish(void)
{
	ck_assert_int_eq(pthread_join(f.thread, NULL), 0);
	web_free(f.web);
	f.web = NULL;
}

static void teardown(void)
{
	web_free(f.web);
	loop_fini(&f.loop);
	hp_secret_free(f.token);
}

static int dial(void)
{
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(web_address(f.web), &storage);
	int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_msg(connect(fd, (struct sockaddr *)&storage, bytes) == 0, "%m");
	return fd;
}

/* The server may have closed already: what counts is what it answered. */
static void say(int fd, const char *text, size_t bytes)
{
	while (bytes > 0) {
		ssize_t sent = send(fd, text, bytes, MSG_NOSIGNAL);

		if (sent < 0)
			return;
		text += sent;
		bytes -= (size_t)sent;
	}
}

/* Reads until the server closes. Returns the status, 0 when none came. */
static int hear(int fd)
{
	size_t bytes = 0;
	ssize_t more;

	while ((more = recv(fd, f.text + bytes, sizeof(f.text) - 1 - bytes, 0)) > 0)
		bytes += (size_t)more;
	f.text[bytes] = '\0';
	close(fd);
	return strncmp(f.text, "HTTP/1.1 ", 9) == 0 ? (int)strtol(f.text + 9, NULL, 10) : 0;
}

static int ask(const char *request)
{
	int fd = dial();

	say(fd, request, strlen(request));
	return hear(fd);
}

/* One that must always be answered, whatever others do. */
static void ask_healthy(void)
{
	ck_assert_int_eq(ask("GET /v1/thing?a=b HTTP/1.1\r\n" SIGNED "Connection: close\r\n\r\n"),
			 200);
	ck_assert_ptr_nonnull(strstr(f.text, "{\"query\":\"a=b\"}\n"));
}

static void stop(void)
{
	loop_stop(&f.loop);
	finish();
}

#define CLOSE "Connection: close\r\n\r\n"
#define PUT_HEAD "HTTP/1.1\r\n" SIGNED "Content-Length: 3\r\n" CLOSE

static const struct {
	const char *request;
	int status;
	const char *text;
} rows[] = {
	{"GET /v1/thing HTTP/1.1\r\n" SIGNED CLOSE, 200, "{\"query\":\"\"}\n"},
	{"GET /v1/thing HTTP/1.1\r\n" HOST "authorization: bearer  " TOKEN " \r\n" CLOSE, 200,
	 "application/json"},
	{"GET http://localhost/v1/thing?x=1 HTTP/1.1\r\n" SIGNED CLOSE, 200, "x=1"},
	{"GET /v1/thing HTTP/1.1\r\n" HOST CLOSE, 401, "WWW-Authenticate: Bearer"},
	{"GET /v1/other HTTP/1.1\r\n" HOST CLOSE, 401, "{\"error\":{\"status\":401"},
	{"GET /v1/thing HTTP/1.1\r\n" HOST "Authorization: Bearer \r\n" CLOSE, 401, "error"},
	{"GET /v1/thing HTTP/1.1\r\n" HOST "Authorization: Basic " TOKEN "\r\n" CLOSE, 401,
	 "error"},
	{"GET /v1/thing HTTP/1.1\r\n" HOST "Authorization: Bearer 0123456789abcde\r\n" CLOSE, 401,
	 "error"},
	{"GET /v1/thing HTTP/1.1\r\n" HOST "Authorization: Bearer " TOKEN TOKEN "\r\n" CLOSE, 401,
	 "error"},
	{"GET /v1/thing HTTP/1.1\r\n" HOST "Authorization: Bearer 0123456789abcdeF\r\n" CLOSE, 401,
	 "error"},
	{"GET /v1/nothing HTTP/1.1\r\n" SIGNED CLOSE, 404, "{\"error\":{\"status\":404"},
	{"GET / HTTP/1.1\r\n" SIGNED CLOSE, 404, "error"},
	{"POST /v1/thing HTTP/1.1\r\n" SIGNED "Content-Length: 0\r\n" CLOSE, 405, "Allow: GET"},
	{"DELETE /v1/thing HTTP/1.1\r\n" SIGNED CLOSE, 405, "{\"error\":{\"status\":405"},
	{"PATCH /v1/things/a HTTP/1.1\r\n" SIGNED CLOSE, 405, "Allow: PUT"},
	{"PUT /v1/things/a%2Fb " PUT_HEAD "xyz", 200,
	 "{\"part\":\"a/b\",\"bytes\":3,\"last\":122}"},
	{"PUT /v1/things/%zz " PUT_HEAD "xyz", 400, "{\"error\":{\"status\":400"},
	{"PUT /v1/things/a%00 " PUT_HEAD "xyz", 400, "error"},
	{"BREW /v1/thing HTTP/1.1\r\n" SIGNED CLOSE, 501, ""},
	{"GET /v1/thing HTTP/1.1\r\n" SIGNED "Content-Length: 1000000000000\r\n" CLOSE, 413, ""},
	{"GET /v1/thing HTTP/1.1\r\n" SIGNED "Content-Length: -1\r\n" CLOSE, 400, ""},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

/* Goal: the token decides first, then path and method; errors say so in JSON. */
START_TEST(test_answers)
{
	start();
	ck_assert_int_eq(ask(rows[_i].request), rows[_i].status);
	ck_assert_msg(strstr(f.text, rows[_i].text) != NULL, "%s", f.text);
	ask_healthy();
	stop();
}
END_TEST

/* A PUT with so many bytes of body. Returns the status. */
static int put(size_t body_bytes)
{
	size_t room = body_bytes + 1024;
	char *request = malloc(room);
	int head, fd = dial();

	ck_assert_ptr_nonnull(request);
	head = snprintf(request, room, "PUT /v1/things/a HTTP/1.1\r\n" SIGNED
			"Content-Length: %zu\r\n" CLOSE, body_bytes);
	memset(request + head, 'b', body_bytes);
	say(fd, request, (size_t)head + body_bytes);
	free(request);
	return hear(fd);
}

/* Goal: the longest body is taken, and one byte more is refused in JSON. */
START_TEST(test_body_limit)
{
	char wanted[64];

	start();
	ck_assert_int_eq(put(WEB_BODY_BYTES_MAX), 200);
	snprintf(wanted, sizeof(wanted), "\"bytes\":%d,\"last\":98", WEB_BODY_BYTES_MAX);
	ck_assert_ptr_nonnull(strstr(f.text, wanted));
	ck_assert_int_eq(put(WEB_BODY_BYTES_MAX + 1), 413);
	ck_assert_ptr_nonnull(strstr(f.text, "{\"error\":{\"status\":413"));
	ask_healthy();
	stop();
}
END_TEST

/* Goal: garbage, endless heads and requests that never end stop nobody else. */
START_TEST(test_hostile)
{
	static const char *const beginnings[] = {
		"", "\r\n\r\n\r\n", "GET", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"GET /v1/thing HTTP/1.1\r\n", "PUT /v1/things/a HTTP/1.1\r\n" SIGNED
		"Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
	};
	enum { COUNT = sizeof(beginnings) / sizeof(beginnings[0]) };
	static char flood[256 * 1024];
	int fds[COUNT + 1];

	start();
	for (size_t i = 0; i < COUNT; i++) {
		fds[i] = dial();
		say(fds[i], beginnings[i], strlen(beginnings[i]));
		ask_healthy();
	}
	memset(flood, 'x', sizeof(flood));
	fds[COUNT] = dial();
	say(fds[COUNT], flood, sizeof(flood));
	ask_healthy();
	stop();
	for (size_t i = 0; i <= COUNT; i++)
		close(fds[i]);
}
END_TEST

/* Goal: several requests follow each other on one connection. */
START_TEST(test_keeps_alive)
{
	static const char both[] = "GET /v1/thing?n=1 HTTP/1.1\r\n" SIGNED "\r\n"
				   "GET /v1/thing?n=2 HTTP/1.1\r\n" SIGNED CLOSE;

	start();
	ck_assert_int_eq(ask(both), 200);
	ck_assert_ptr_nonnull(strstr(f.text, "n=1"));
	ck_assert_ptr_nonnull(strstr(f.text, "n=2"));
	stop();
}
END_TEST

/* Goal: `sent` comes once the answer has left, so that an end can be answered first. */
START_TEST(test_sent)
{
	start();
	ck_assert_int_eq(ask("POST /v1/end HTTP/1.1\r\n" SIGNED "Content-Length: 0\r\n" CLOSE),
			 200);
	ck_assert_ptr_nonnull(strstr(f.text, "ending"));
	finish();
}
END_TEST

/* Goal: a peer that leaves before its answer changes nothing: the end comes. */
START_TEST(test_sent_to_nobody)
{
	static const char request[] = "POST /v1/end HTTP/1.1\r\n" SIGNED
				      "Content-Length: 0\r\n\r\n";
	int fd;

	start();
	fd = dial();
	say(fd, request, sizeof(request) - 1);
	close(fd);
	finish();
}
END_TEST

/* Goal: nothing but this machine is listened on, and a port that is taken is an error. */
START_TEST(test_addresses)
{
	struct port_address any = {.family = 4}, other = {.family = 4, .ip = {10, 0, 0, 1}};
	struct hp_err err;

	ck_assert_ptr_null(make(any, &err));
	ck_assert_int_eq(err.code, HP_EUSAGE);
	ck_assert_ptr_null(make(other, &err));
	start();
	other = *web_address(f.web);
	ck_assert_uint_ne(other.number, 0);
	stop();
}
END_TEST

Suite *suite_web(void);
Suite *suite_web(void)
{
	Suite *suite = suite_create("web");
	TCase *web = tcase_create("web");

	tcase_add_checked_fixture(web, setup, teardown);
	tcase_add_loop_test(web, test_answers, 0, ROW_COUNT);
	tcase_add_test(web, test_body_limit);
	tcase_add_test(web, test_hostile);
	tcase_add_test(web, test_keeps_alive);
	tcase_add_test(web, test_sent);
	tcase_add_test(web, test_sent_to_nobody);
	tcase_add_test(web, test_addresses);
	suite_add_tcase(suite, web);
	return suite;
}
