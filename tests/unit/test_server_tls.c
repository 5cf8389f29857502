/* The server over TLS, on real sockets: what a client sees of handshakes, answers and faults, and
 * what the history says of them. No sleeps: each test waits for an event. */
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"
#include "net/clock.h"
#include "net/server.h"
#include "receivers/rows.h"
#include "tests/lib/behaving.h"
#include "tests/lib/receiving.h"
#include "tests/lib/tls_fixture.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { LARGE_BYTES = 700 * 1000, ANSWER_BYTES = 4096 };

static struct receiving r;
static struct server *server;
static pthread_t thread;
static char post[RECEIVING_TEXT_BYTES];

struct client { /* a connection, seen from outside */
	int fd;
	struct tls *tls;
	enum tls_result end; /* why nothing more came */
	size_t bytes;        /* that came since */
	char text[ANSWER_BYTES]; /* the first of them */
};

static void setup(void)
{
	char body[RECEIVING_TEXT_BYTES];

	tls_fx_setup();
	receiving_init(&r);
	r.config.listen = (struct port_address){.family = 4, .ip = {127, 0, 0, 1}};
	r.config.tls = true;
	receiving_request(&r, receiving_body(1, body), "", post);
}

static void teardown(void)
{
	server_free(server);
	receiving_fini(&r);
	tls_fx_teardown();
}

static void *run(void *arg)
{
	server_run(arg);
	return NULL;
}

static struct server *new_server(struct hp_err *err)
{
	struct server_config config = {
		.start_ns = clock_mono_ns(), .lag_ns_max = HP_NEVER,
		.history = &r.history, .authority = tls_fx.authority,
	};

	receiving_start(&r);
	return server_new(&config, (struct server_receivers){&r.receiver, 1}, err);
}

static void start(void)
{
	struct hp_err err;

	server = new_server(&err);
	ck_assert_msg(server != NULL, "%s", err.msg);
	ck_assert_int_eq(pthread_create(&thread, NULL, run, server), 0);
}

/* Records may be read after this. */
static void stop(void)
{
	server_stop(server);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

/* ---- the client ---- */

static void wait_for(const struct client *c, enum tls_result why)
{
	struct pollfd poller = {.fd = c->fd, .events = why == TLS_WANT_READ ? POLLIN : POLLOUT};

	ck_assert(why == TLS_WANT_READ || why == TLS_WANT_WRITE);
	ck_assert_int_eq(poll(&poller, 1, -1), 1);
}

static void client_connect(struct client *c)
{
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(server_address(server, 0), &storage);

	*c = (struct client){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	ck_assert_int_ge(c->fd, 0);
	ck_assert_msg(connect(c->fd, (struct sockaddr *)&storage, bytes) == 0, "%m");
}

static void set_nonblocking(const struct client *c)
{
	ck_assert_int_eq(fcntl(c->fd, F_SETFL, O_NONBLOCK), 0);
}

/* Shakes hands as far as it goes. */
static enum tls_result client_shake(struct client *c)
{
	enum tls_result result;

	set_nonblocking(c);
	c->tls = tls_connect(tls_fx.peer, c->fd);
	while ((result = tls_handshake(c->tls)) == TLS_WANT_READ || result == TLS_WANT_WRITE)
		wait_for(c, result);
	return result;
}

static void client_open(struct client *c)
{
	client_connect(c);
	ck_assert_msg(client_shake(c) == TLS_DONE, "%s", tls_seen(c->tls)->error);
}

static void client_say(struct client *c, struct hp_view bytes)
{
	enum tls_result result;
	size_t taken;

	while ((result = tls_send(c->tls, bytes, &taken)) != TLS_DONE) {
		bytes = (struct hp_view){bytes.at + taken, bytes.bytes - taken};
		wait_for(c, result);
	}
}

static void take(struct client *c, const char *bytes, size_t count)
{
	size_t room = sizeof(c->text) - 1 - (c->bytes < sizeof(c->text) ? c->bytes
									: sizeof(c->text) - 1);

	memcpy(c->text + sizeof(c->text) - 1 - room, bytes, count < room ? count : room);
	c->bytes += count;
}

/* Reads so many bytes, or to the end. */
static void client_hear(struct client *c, size_t bytes_max)
{
	char buf[16 * 1024];
	size_t bytes;

	c->bytes = 0;
	memset(c->text, 0, sizeof(c->text));
	while (c->bytes < bytes_max) {
		size_t room = bytes_max - c->bytes < sizeof(buf) ? bytes_max - c->bytes
								 : sizeof(buf);

		c->end = tls_recv(c->tls, buf, room, &bytes);
		take(c, buf, bytes);
		if (c->end >= TLS_CLOSED)
			return;
		if (c->end != TLS_DONE)
			wait_for(c, c->end);
	}
}

static const char answer_204[] = "HTTP/1.1 204 No Content\r\n\r\n";

static void client_hear_204(struct client *c)
{
	client_hear(c, strlen(answer_204));
	ck_assert_str_eq(c->text, answer_204);
}

static void client_close(struct client *c)
{
	if (c->tls != NULL)
		tls_shutdown(c->tls);
	tls_free(c->tls);
	close(c->fd);
}

/* ---- records ---- */

static const struct record *find_record(enum record_kind kind)
{
	for (size_t i = 0; i < r.record_count; i++)
		if (r.records[i].kind == kind)
			return &r.records[i];
	return NULL;
}

static const struct record_fault *only_fault(const char *slug)
{
	const struct record_fault *fault = NULL;

	for (size_t i = 0; i < r.record_count; i++) {
		if (r.records[i].kind != RECORD_FAULT)
			continue;
		ck_assert_msg(fault == NULL, "more than one fault");
		fault = &r.records[i].fault;
	}
	ck_assert_msg(fault != NULL, "no fault");
	ck_assert_str_eq(behaviour_by_number(fault->fault)->slug, slug);
	return fault;
}

/* ---- deliveries ---- */

/* Goal: deliveries on one kept connection, one by one and in a row, are answered and recorded as
 * without TLS; what ends the connection says so, and every answer is known to have arrived. */
START_TEST(test_answers)
{
	struct client c;
	char twice[2 * RECEIVING_TEXT_BYTES];

	start();
	client_open(&c);
	for (int i = 0; i < 3; i++) {
		client_say(&c, hp_view_of(post));
		client_hear_204(&c);
	}
	snprintf(twice, sizeof(twice), "%s%s", post, post);
	client_say(&c, hp_view_of(twice));
	client_hear_204(&c);
	client_hear_204(&c);
	client_say(&c, HP_LITERAL("POST /hooks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
	client_hear(&c, SIZE_MAX);
	ck_assert_int_eq(strncmp(c.text, "HTTP/1.1 401 ", 13), 0);
	ck_assert_int_eq(c.end, TLS_CLOSED);
	client_close(&c);
	stop();
	ck_assert_uint_eq(receiving_receipts(&r), 6);
	ck_assert_uint_eq(receiving_receipt(&r, 4)->ordinal, 5);
	ck_assert_ptr_null(find_record(RECORD_UNACKED));
	ck_assert_ptr_null(find_record(RECORD_FAULT));
}
END_TEST

/* Goal: many connections at once are served, also those that resume; one that speaks no TLS is
 * nobody's loss. */
START_TEST(test_many_connections)
{
	enum { CONNECTIONS = 60 };
	static struct client c[CONNECTIONS];
	struct client plain;

	start();
	client_connect(&plain);
	ck_assert_int_gt(send(plain.fd, post, strlen(post), MSG_NOSIGNAL), 0);
	for (int i = 0; i < CONNECTIONS; i++)
		client_open(&c[i]);
	for (int i = 0; i < CONNECTIONS; i++)
		client_say(&c[i], hp_view_of(post));
	for (int i = 0; i < CONNECTIONS; i++) {
		client_hear_204(&c[i]);
		client_close(&c[i]);
	}
	client_open(&c[0]);
	ck_assert(tls_seen(c[0].tls)->resumed);
	client_close(&c[0]);
	client_close(&plain);
	stop();
	ck_assert_uint_eq(receiving_receipts(&r), CONNECTIONS);
}
END_TEST

static char large[LARGE_BYTES + RECEIVING_TEXT_BYTES];

/* A request whose body fills LARGE_BYTES; signatures are not looked at. */
static struct hp_view large_request(void)
{
	int head_bytes = snprintf(large, sizeof(large),
				  "POST /hooks HTTP/1.1\r\nHost: a\r\nX-Event: e1\r\n"
				  "Content-Length: %d\r\n\r\n", LARGE_BYTES);

	memset(large + head_bytes, 'x', LARGE_BYTES);
	return (struct hp_view){large, (size_t)head_bytes + LARGE_BYTES};
}

/* Goal: a request of many records is read to its end, at once and in pieces that the session asks
 * for, and an answer of many records arrives whole however slowly it is read. */
START_TEST(test_large)
{
	struct client c;
	struct behaviour *behaviour;

	r.config.verify = false;
	snprintf(r.profile.id_header, sizeof(r.profile.id_header), "X-Event");
	if (_i == 1)
		behave_set(&receiving_behave(&r, "read-slow")->own, "rate", 20 * 1000 * 1000);
	if (_i == 2) {
		behaviour = receiving_behave(&r, "body-endless");
		behave_set(&behaviour->own, "bytes_max", LARGE_BYTES);
	}
	start();
	client_open(&c);
	client_say(&c, large_request());
	if (_i == 2) {
		client_hear(&c, SIZE_MAX);
		ck_assert_uint_gt(c.bytes, LARGE_BYTES);
	} else {
		client_hear_204(&c);
	}
	client_close(&c);
	stop();
	ck_assert_uint_eq(receiving_receipts(&r), 1);
	ck_assert_ptr_null(find_record(RECORD_UNACKED));
	if (_i != 0)
		ck_assert_int_eq(only_fault(_i == 1 ? "read-slow" : "body-endless")->state,
				 RECORD_FAULT_VERIFIED);
}
END_TEST

/* ---- faults that act inside a request ---- */

/* Goal: a fault that reads a part of a request takes that many bytes and no more, behind a request
 * that it leaves alone, whether both come in one record or each byte in its own. */
START_TEST(test_look)
{
	char body[RECEIVING_TEXT_BYTES], second[RECEIVING_TEXT_BYTES];
	char both[2 * RECEIVING_TEXT_BYTES];
	struct client c;
	struct behaviour *match = receiving_behave(&r, "match");

	behave_say(&match->own, "ids", "inv_2");
	behaviour_part_init(&r.faults[0], behaviour_find(HP_LITERAL("reset-mid-head")));
	behave_set(&r.faults[0], "after", 33);
	receiving_request(&r, receiving_body(2, body), "", second);
	snprintf(both, sizeof(both), "%s%s", post, second);
	start();
	client_open(&c);
	for (size_t i = 0; _i != 0 && i < strlen(both); i++)
		client_say(&c, (struct hp_view){both + i, 1});
	if (_i == 0)
		client_say(&c, hp_view_of(both));
	client_hear(&c, SIZE_MAX);
	ck_assert_str_eq(c.text, answer_204);
	ck_assert_int_eq(c.end, TLS_RESET);
	client_close(&c);
	stop();
	ck_assert_uint_eq(receiving_receipts(&r), 1);
	ck_assert_uint_eq(only_fault("reset-mid-head")->read_bytes, 33);
	ck_assert_int_eq(only_fault("reset-mid-head")->state, RECORD_FAULT_VERIFIED);
}
END_TEST

/* Goal: a row that waits for the byte behind a request sees it, and it stays unread. */
START_TEST(test_await)
{
	struct client c;

	receiving_behave(&r, "keepalive-stale");
	start();
	client_open(&c);
	client_say(&c, hp_view_of(post));
	client_hear_204(&c);
	client_say(&c, hp_view_of(post));
	client_hear(&c, SIZE_MAX);
	ck_assert_uint_eq(c.bytes, 0);
	ck_assert_int_eq(c.end, TLS_CLOSED);
	client_close(&c);
	stop();
	ck_assert_uint_eq(receiving_receipts(&r), 1);
}
END_TEST

/* ---- rows of the TLS layer ---- */

static const struct row {
	const char *slug, *param;
	uint64_t value;
	enum tls_result shaken; /* what the client's handshake comes to */
	int alert_in, verify;   /* that it saw; 0: none, for both */
	enum tls_result end;    /* of a connection that asked for one answer */
} rows[] = {
	{"tls-stall", "hold", 20 * HP_MS_NS, TLS_CUT, 0, 0, TLS_DONE},
	{"tls-slow", "delay", 5 * HP_MS_NS, TLS_DONE, 0, 0, TLS_CLOSED},
	{"tls-reset", "at", 0, TLS_RESET, 0, 0, TLS_DONE},
	{"tls-reset", "at", 1, TLS_RESET, 0, 0, TLS_DONE},
	{"tls-reset", "at", 2, TLS_RESET, 0, 0, TLS_DONE},
	{"tls-alert", "code", 80, TLS_FAILED, 80, 0, TLS_DONE},
	{"tls-garbage", NULL, 0, TLS_FAILED, 0, 0, TLS_DONE},
	{"tls-garbage", "bytes", 64 * 1024, TLS_FAILED, 0, 0, TLS_DONE},
	{"tls-plain", NULL, 0, TLS_FAILED, 0, 0, TLS_DONE},
	{"cert-expired", NULL, 0, TLS_FAILED, 0, 10, TLS_DONE},
	{"cert-not-yet-valid", NULL, 0, TLS_FAILED, 0, 9, TLS_DONE},
	{"cert-wrong-name", NULL, 0, TLS_FAILED, 0, 62, TLS_DONE},
	{"cert-no-san", NULL, 0, TLS_FAILED, 0, 62, TLS_DONE},
	{"cert-nul-name", NULL, 0, TLS_FAILED, 0, 62, TLS_DONE},
	{"cert-self-signed", NULL, 0, TLS_FAILED, 0, 18, TLS_DONE},
	{"cert-unknown-root", NULL, 0, TLS_FAILED, 0, 19, TLS_DONE},
	{"cert-no-intermediate", NULL, 0, TLS_FAILED, 0, 20, TLS_DONE},
	{"cert-client-eku", NULL, 0, TLS_FAILED, 0, 26, TLS_DONE},
	{"cert-changes", "from_connection", 1, TLS_FAILED, 0, 10, TLS_DONE},
	{"tls-no-close-notify", NULL, 0, TLS_DONE, 0, 0, TLS_CUT},
	{"tls-client-cert", "require", 0, TLS_DONE, 0, 0, TLS_CLOSED},
	{"tls-client-cert", NULL, 0, TLS_DONE, 116, 0, TLS_FAILED},
	{"tls-old", NULL, 0, TLS_FAILED, 70, 0, TLS_DONE},
	{"tls-only13", NULL, 0, TLS_DONE, 0, 0, TLS_CLOSED},
	{"tls-cipher", NULL, 0, TLS_DONE, 0, 0, TLS_CLOSED},
	{"tls-no-resume", NULL, 0, TLS_DONE, 0, 0, TLS_CLOSED},
};

static void behave_row(const struct row *row)
{
	struct behaviour *behaviour = receiving_behave(&r, row->slug);

	if (row->param != NULL)
		behave_set(&behaviour->own, row->param, row->value);
}

static void expect_end(const struct row *row)
{
	char request[RECEIVING_TEXT_BYTES], body[RECEIVING_TEXT_BYTES];
	struct client c;

	receiving_request(&r, receiving_body(1, body), "Connection: close\r\n", request);
	client_connect(&c);
	ck_assert_msg(client_shake(&c) == row->shaken, "%s: %s", row->slug,
		      tls_seen(c.tls)->error);
	if (row->shaken == TLS_DONE) {
		client_say(&c, hp_view_of(request));
		client_hear(&c, SIZE_MAX);
		ck_assert_msg(c.end == row->end, "%s: %d", row->slug, c.end);
	}
	ck_assert_int_eq(tls_seen(c.tls)->verify, row->verify);
	ck_assert_int_eq(tls_seen(c.tls)->alert_in,
			 row->alert_in ? row->alert_in : TLS_NO_ALERT);
	client_close(&c);
}

/* Goal: each row is what the client sees, and its record says that the wire showed it. */
START_TEST(test_rows)
{
	const struct row *row = &rows[_i];
	const struct record_fault *fault;
	bool answered = row->shaken == TLS_DONE && row->alert_in == 0;

	behave_row(row);
	start();
	expect_end(row);
	stop();
	fault = only_fault(row->slug);
	ck_assert_msg(fault->state == RECORD_FAULT_VERIFIED, "%s: %d", row->slug, fault->state);
	ck_assert_uint_eq(fault->event_index, RECORD_NO_EVENT);
	ck_assert_uint_eq(fault->ordinal, 1);
	ck_assert_uint_ge(fault->applied_ns, fault->planned_ns);
	ck_assert_uint_ne(fault->applied_ns, HP_NEVER);
	ck_assert_uint_eq(receiving_receipts(&r), answered);
}
END_TEST

/* Goal: the table above has each row of the layer, but for the one that asks for a name. */
START_TEST(test_all_rows)
{
	for (const struct behaviour_row *row = rows_tls; row->number != 0; row++) {
		bool found = strcmp(row->slug, "tls-two-names") == 0;

		for (int i = 0; i < COUNT(rows); i++)
			found |= strcmp(row->slug, rows[i].slug) == 0;
		ck_assert_msg(found, "%s", row->slug);
	}
}
END_TEST

/* Goal: a client that goes on whatever the certificate says has seen the fault too, and its request
 * stands beside it. */
START_TEST(test_accepted_certificate)
{
	struct client c;

	receiving_behave(&r, "cert-expired");
	tls_fx_use_client((struct tls_client_config){.insecure = true}, "localhost");
	start();
	client_open(&c);
	client_say(&c, hp_view_of(post));
	client_hear_204(&c);
	client_close(&c);
	stop();
	ck_assert_int_eq(only_fault("cert-expired")->state, RECORD_FAULT_VERIFIED);
	ck_assert_uint_eq(only_fault("cert-expired")->read_bytes, strlen(post));
	ck_assert_uint_eq(receiving_receipts(&r), 1);
}
END_TEST

/* Goal: the second certificate is for those who ask for its name; of others it is never seen, and
 * the record does not claim it. */
START_TEST(test_two_names)
{
	struct client c;

	receiving_behave(&r, "tls-two-names");
	tls_fx_use_host(_i ? "second.test" : "localhost");
	start();
	client_open(&c);
	client_close(&c);
	stop();
	ck_assert_int_eq(only_fault("tls-two-names")->state,
			 _i ? RECORD_FAULT_VERIFIED : RECORD_FAULT_PREEMPTED);
}
END_TEST

/* Goal: a client that leaves before the ClientHello pre-empts every fault of the handshake. */
START_TEST(test_preempted)
{
	struct client c;

	behave_row(&rows[_i]);
	start();
	client_connect(&c);
	shutdown(c.fd, SHUT_WR);
	while (recv(c.fd, c.text, sizeof(c.text), 0) > 0)
		;
	close(c.fd);
	stop();
	ck_assert_int_eq(only_fault(rows[_i].slug)->state, RECORD_FAULT_PREEMPTED);
	ck_assert_uint_eq(only_fault(rows[_i].slug)->applied_ns, HP_NEVER);
}
END_TEST

/* Goal: rows that strike together leave a record each, and a fault behind the handshake its own. */
START_TEST(test_together)
{
	struct client c;
	unsigned seen = 0;

	behave_set(&receiving_behave(&r, "tls-slow")->own, "delay", HP_MS_NS);
	receiving_behave(&r, "tls-no-close-notify");
	receiving_behave(&r, "close-mid-response");
	start();
	client_open(&c);
	client_say(&c, hp_view_of(post));
	client_hear(&c, SIZE_MAX);
	ck_assert_int_eq(c.end, TLS_CUT);
	client_close(&c);
	stop();
	for (size_t i = 0; i < r.record_count; i++) {
		if (r.records[i].kind != RECORD_FAULT)
			continue;
		seen++;
		ck_assert_int_eq(r.records[i].fault.state, RECORD_FAULT_VERIFIED);
	}
	ck_assert_uint_eq(seen, 3);
}
END_TEST

/* ---- the ends ---- */

/* Goal: what acts on accept acts before TLS: the client's hello is not answered; and a connection
 * that is taken late shakes hands behind it. */
START_TEST(test_on_accept)
{
	static const struct {
		const char *slug, *param;
		enum tls_result shaken;
	} accepts[] = {
		{"accept-silence", "hold", TLS_CUT},
		{"close-on-accept", NULL, TLS_CUT},
		{"reset-on-accept", NULL, TLS_RESET},
		{"accept-slow", "delay", TLS_DONE},
	};
	struct behaviour *behaviour = receiving_behave(&r, accepts[_i].slug);
	struct client c;

	if (accepts[_i].param != NULL)
		behave_set(&behaviour->own, accepts[_i].param, 20 * HP_MS_NS);
	start();
	client_connect(&c);
	ck_assert_int_eq(client_shake(&c), accepts[_i].shaken);
	ck_assert((tls_seen(c.tls)->bytes_in != 0) == (accepts[_i].shaken == TLS_DONE));
	if (accepts[_i].shaken == TLS_DONE) {
		client_say(&c, hp_view_of(post));
		client_hear_204(&c);
	}
	client_close(&c);
	stop();
	ck_assert_int_eq(only_fault(accepts[_i].slug)->state, RECORD_FAULT_VERIFIED);
}
END_TEST

/* Goal: at the run's end open connections hear close_notify, unless a fault forbids it. */
START_TEST(test_end_of_the_run)
{
	struct client c;

	if (_i)
		receiving_behave(&r, "tls-no-close-notify");
	start();
	client_open(&c);
	client_say(&c, hp_view_of(post));
	client_hear_204(&c);
	stop();
	client_hear(&c, SIZE_MAX);
	ck_assert_int_eq(c.end, _i ? TLS_CUT : TLS_CLOSED);
	client_close(&c);
}
END_TEST

/* Goal: an answer of which the client takes nothing in is not held for one that arrived. */
START_TEST(test_unacked)
{
	struct client c;
	int small = 4096;

	behave_set(&receiving_behave(&r, "body-endless")->own, "bytes_max", 64 * 1024 * 1024);
	start();
	client_connect(&c);
	ck_assert_int_eq(setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	ck_assert_int_eq(client_shake(&c), TLS_DONE);
	client_say(&c, hp_view_of(post));
	client_hear(&c, 100);
	stop();
	client_close(&c);
	ck_assert_int_ne(only_fault("body-endless")->state, RECORD_FAULT_VERIFIED);
	ck_assert_uint_lt(only_fault("body-endless")->acked_bytes,
			  only_fault("body-endless")->written_bytes);
}
END_TEST

/* Goal: a cipher that nobody knows is an error before the run, with the receiver's and the row's
 * name. */
START_TEST(test_unknown_cipher)
{
	struct hp_err err;

	behave_say(&receiving_behave(&r, "tls-cipher")->own, "cipher", "ROT13");
	server = new_server(&err);
	ck_assert_ptr_null(server);
	ck_assert_int_eq(err.code, HP_EINPUT);
	ck_assert_ptr_nonnull(strstr(err.msg, "receiver \"billing\": tls-cipher: "));
}
END_TEST

Suite *suite_server_tls(void);

Suite *suite_server_tls(void)
{
	Suite *suite = suite_create("server_tls");
	TCase *deliveries = tcase_create("deliveries"), *faults = tcase_create("faults");
	TCase *ends = tcase_create("ends");

	tcase_add_checked_fixture(deliveries, setup, teardown);
	tcase_add_test(deliveries, test_answers);
	tcase_add_test(deliveries, test_many_connections);
	tcase_add_loop_test(deliveries, test_large, 0, 3);
	tcase_add_loop_test(deliveries, test_look, 0, 2);
	tcase_add_test(deliveries, test_await);
	suite_add_tcase(suite, deliveries);
	tcase_add_checked_fixture(faults, setup, teardown);
	tcase_add_loop_test(faults, test_rows, 0, COUNT(rows));
	tcase_add_test(faults, test_all_rows);
	tcase_add_test(faults, test_accepted_certificate);
	tcase_add_loop_test(faults, test_two_names, 0, 2);
	tcase_add_loop_test(faults, test_preempted, 0, COUNT(rows));
	tcase_add_test(faults, test_together);
	suite_add_tcase(suite, faults);
	tcase_add_checked_fixture(ends, setup, teardown);
	tcase_add_loop_test(ends, test_on_accept, 0, 4);
	tcase_add_loop_test(ends, test_end_of_the_run, 0, 2);
	tcase_add_test(ends, test_unacked);
	tcase_add_test(ends, test_unknown_cipher);
	suite_add_tcase(suite, ends);
	return suite;
}
