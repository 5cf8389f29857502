#include "tests/lib/tls_visit.h"

#include <check.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"
#include "net/clock.h"

enum { CLIENT_FAR, SOCKET };

struct visit_fx visit_fx;
static pthread_t thread;

void visit_setup(void)
{
	struct receiving *r = &visit_fx.r;
	char body[RECEIVING_TEXT_BYTES];

	tls_fx_setup();
	receiving_init(r);
	r->config.listen = (struct port_address){.family = 4, .ip = {127, 0, 0, 1}};
	r->config.tls = true;
	receiving_request(r, receiving_body(1, body), "", visit_fx.post);
}

void visit_teardown(void)
{
	server_free(visit_fx.server);
	receiving_fini(&visit_fx.r);
	tls_fx_teardown();
}

static void *run(void *arg)
{
	server_run(arg);
	return NULL;
}

struct server *visit_server(struct hp_err *err)
{
	struct server_config config = {
		.start_ns = clock_mono_ns(), .lag_ns_max = HP_NEVER,
		.history = &visit_fx.r.history, .authority = tls_fx.authority,
	};

	receiving_start(&visit_fx.r);
	return server_new(&config, (struct server_receivers){&visit_fx.r.receiver, 1}, err);
}

void visit_start(void)
{
	struct hp_err err;

	visit_fx.server = visit_server(&err);
	ck_assert_msg(visit_fx.server != NULL, "%s", err.msg);
	ck_assert_int_eq(pthread_create(&thread, NULL, run, visit_fx.server), 0);
}

void visit_stop(void)
{
	server_stop(visit_fx.server);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

static void rest(void *arg, uint64_t now_ns)
{
	(void)arg, (void)now_ns;
}

/* What was readable before the first call is read before the second. */
void visit_settle(void)
{
	server_call(visit_fx.server, rest, NULL);
	server_call(visit_fx.server, rest, NULL);
}

/* ---- the client ---- */

static void set_nonblocking(int fd)
{
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
}

void visit_connect(struct visit *visit)
{
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(server_address(visit_fx.server, 0), &storage);
	int one = 1;

	*visit = (struct visit){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
				.far_fds = {-1, -1}};
	ck_assert_int_ge(visit->fd, 0);
	ck_assert_int_eq(setsockopt(visit->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)), 0);
	ck_assert_msg(connect(visit->fd, (struct sockaddr *)&storage, bytes) == 0, "%m");
}

void visit_slice(struct visit *visit)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	visit->far_fds[SOCKET] = visit->fd;
	visit->far_fds[CLIENT_FAR] = pair[1];
	visit->fd = pair[0];
}

/* Carries what is there, so many bytes at a time. False: nothing was, or it cannot be had. */
static bool carry(int from, int to, size_t slice)
{
	char buf[1024];
	ssize_t bytes = recv(from, buf, slice < sizeof(buf) ? slice : sizeof(buf), MSG_DONTWAIT);

	if (bytes == 0)
		shutdown(to, SHUT_WR);
	return bytes > 0 && send(to, buf, (size_t)bytes, MSG_NOSIGNAL) == bytes;
}

static void wait_for(const struct visit *visit, enum tls_result why)
{
	short what = why == TLS_WANT_READ ? POLLIN : POLLOUT;
	struct pollfd pollers[] = {{.fd = visit->fd, .events = what},
				   {.fd = visit->far_fds[SOCKET], .events = POLLIN}};

	ck_assert(why == TLS_WANT_READ || why == TLS_WANT_WRITE);
	while (visit->far_fds[CLIENT_FAR] >= 0 &&
	       carry(visit->far_fds[CLIENT_FAR], visit->far_fds[SOCKET], 1))
		;
	ck_assert_int_ge(poll(pollers, 2, -1), 1);
	if (pollers[1].revents != 0)
		carry(visit->far_fds[SOCKET], visit->far_fds[CLIENT_FAR], SIZE_MAX);
}

enum tls_result visit_shake(struct visit *visit)
{
	enum tls_result result;

	set_nonblocking(visit->fd);
	visit->tls = tls_connect(tls_fx.peer, visit->fd);
	while ((result = tls_handshake(visit->tls)) == TLS_WANT_READ || result == TLS_WANT_WRITE)
		wait_for(visit, result);
	return result;
}

void visit_open(struct visit *visit)
{
	visit_connect(visit);
	ck_assert_msg(visit_shake(visit) == TLS_DONE, "%s", tls_seen(visit->tls)->error);
}

void visit_say(struct visit *visit, struct hp_view bytes)
{
	enum tls_result result;
	size_t taken;

	while ((result = tls_send(visit->tls, bytes, &taken)) != TLS_DONE) {
		bytes = (struct hp_view){bytes.at + taken, bytes.bytes - taken};
		wait_for(visit, result);
	}
}

static void take(struct visit *visit, const char *bytes, size_t count)
{
	size_t room = sizeof(visit->text) - 1 - (visit->bytes < sizeof(visit->text) ? visit->bytes
									: sizeof(visit->text) - 1);

	memcpy(visit->text + sizeof(visit->text) - 1 - room, bytes, count < room ? count : room);
	visit->bytes += count;
}

void visit_hear(struct visit *visit, size_t bytes_max)
{
	char buf[16 * 1024];
	size_t bytes;

	visit->bytes = 0;
	memset(visit->text, 0, sizeof(visit->text));
	while (visit->bytes < bytes_max) {
		size_t room = bytes_max - visit->bytes < sizeof(buf) ? bytes_max - visit->bytes
								 : sizeof(buf);

		visit->end = tls_recv(visit->tls, buf, room, &bytes);
		take(visit, buf, bytes);
		if (visit->end >= TLS_CLOSED)
			return;
		if (visit->end != TLS_DONE)
			wait_for(visit, visit->end);
	}
}

static const char answer_204[] = "HTTP/1.1 204 No Content\r\n\r\n";

void visit_hear_204(struct visit *visit)
{
	visit_hear(visit, strlen(answer_204));
	ck_assert_str_eq(visit->text, answer_204);
}

void visit_close(struct visit *visit)
{
	if (visit->tls != NULL)
		tls_shutdown(visit->tls);
	tls_free(visit->tls);
	close(visit->fd);
	for (int i = 0; visit->far_fds[CLIENT_FAR] >= 0 && i < 2; i++)
		close(visit->far_fds[i]);
}

/* ---- records ---- */

const struct record *visit_record(enum record_kind kind)
{
	for (size_t i = 0; i < visit_fx.r.record_count; i++)
		if (visit_fx.r.records[i].kind == kind)
			return &visit_fx.r.records[i];
	return NULL;
}

const struct record_fault *visit_fault(const char *slug)
{
	const struct record_fault *fault = NULL;

	for (size_t i = 0; i < visit_fx.r.record_count; i++) {
		if (visit_fx.r.records[i].kind != RECORD_FAULT)
			continue;
		ck_assert_msg(fault == NULL, "more than one fault");
		fault = &visit_fx.r.records[i].fault;
	}
	ck_assert_msg(fault != NULL, "no fault");
	ck_assert_str_eq(behaviour_by_number(fault->fault)->slug, slug);
	return fault;
}
