/* The server over TLS, on real sockets: what a client sees of answers, of faults inside a request,
 * and of ends. The faults of the handshake: test_server_tls_faults.c. */
#include <check.h>
#include <stdio.h>
#include <sys/socket.h>

#include "net/clock.h"
#include "tests/lib/behaving.h"
#include "tests/lib/tls_visit.h"

enum {
	LARGE_BYTES = 700 * 1000,
	SOME_BYTES = 20,
	READ_BYTES_PER_S = 20 * 1000 * 1000,
	ENDLESS_BYTES = 64 * 1024 * 1024, /* more than the buffers of both sockets hold */
};
#define HELD_NS (50 * HP_MS_NS)

/* ---- deliveries ---- */

/* Goal: deliveries on one kept connection, one by one and in a row, are answered and recorded as
 * without TLS; what ends the connection says so, and every answer is known to have arrived. */
START_TEST(test_answers)
{
	struct visit c;
	char twice[2 * RECEIVING_TEXT_BYTES];

	visit_start();
	visit_open(&c);
	for (int i = 0; i < 3; i++) {
		visit_say(&c, hp_view_of(visit_fx.post));
		visit_hear_204(&c);
	}
	snprintf(twice, sizeof(twice), "%s%s", visit_fx.post, visit_fx.post);
	visit_say(&c, hp_view_of(twice));
	visit_hear_204(&c);
	visit_hear_204(&c);
	visit_say(&c, HP_LITERAL("POST /hooks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
	visit_hear(&c, SIZE_MAX);
	ck_assert_int_eq(strncmp(c.text, "HTTP/1.1 401 ", 13), 0);
	ck_assert_int_eq(c.end, TLS_CLOSED);
	visit_close(&c);
	visit_stop();
	ck_assert_uint_eq(receiving_receipts(&visit_fx.r), 6);
	ck_assert_uint_eq(receiving_receipt(&visit_fx.r, 4)->ordinal, 5);
	ck_assert_ptr_null(visit_record(RECORD_UNACKED));
	ck_assert_ptr_null(visit_record(RECORD_FAULT));
}
END_TEST

/* Goal: many connections at once are served, also those that resume; one that speaks no TLS is
 * nobody's loss. */
START_TEST(test_many_connections)
{
	enum { CONNECTIONS = 60 };
	static struct visit c[CONNECTIONS];
	struct visit plain;

	visit_start();
	visit_connect(&plain);
	ck_assert_int_gt(send(plain.fd, visit_fx.post, strlen(visit_fx.post), MSG_NOSIGNAL), 0);
	for (int i = 0; i < CONNECTIONS; i++)
		visit_open(&c[i]);
	for (int i = 0; i < CONNECTIONS; i++)
		visit_say(&c[i], hp_view_of(visit_fx.post));
	for (int i = 0; i < CONNECTIONS; i++) {
		visit_hear_204(&c[i]);
		visit_close(&c[i]);
	}
	visit_open(&c[0]);
	ck_assert(tls_seen(c[0].tls)->resumed);
	visit_close(&c[0]);
	visit_close(&plain);
	visit_stop();
	ck_assert_uint_eq(receiving_receipts(&visit_fx.r), CONNECTIONS);
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
	struct visit c;
	struct behaviour *behaviour;

	visit_fx.r.config.verify = false;
	snprintf(visit_fx.r.profile.id_header, sizeof(visit_fx.r.profile.id_header), "X-Event");
	if (_i == 1)
		behave_set(&receiving_behave(&visit_fx.r, "read-slow")->own, "rate",
			   READ_BYTES_PER_S);
	if (_i == 2) {
		behaviour = receiving_behave(&visit_fx.r, "body-endless");
		behave_set(&behaviour->own, "bytes_max", LARGE_BYTES);
	}
	visit_start();
	visit_open(&c);
	visit_say(&c, large_request());
	if (_i == 2) {
		visit_hear(&c, SIZE_MAX);
		ck_assert_uint_gt(c.bytes, LARGE_BYTES);
	} else {
		visit_hear_204(&c);
	}
	visit_close(&c);
	visit_stop();
	ck_assert_uint_eq(receiving_receipts(&visit_fx.r), 1);
	ck_assert_ptr_null(visit_record(RECORD_UNACKED));
	if (_i != 0)
		ck_assert_int_eq(visit_fault(_i == 1 ? "read-slow" : "body-endless")->state,
				 RECORD_FAULT_VERIFIED);
}
END_TEST

/* ---- faults that act inside a request ---- */

/* Goal: a fault that reads a part of a request takes that many bytes and no more, behind a request
 * that it leaves alone, whether both come in one record, each byte in its own and looked at in
 * between, or each byte of the records in a packet of its own. */
START_TEST(test_look)
{
	char body[RECEIVING_TEXT_BYTES], second[RECEIVING_TEXT_BYTES];
	char both[2 * RECEIVING_TEXT_BYTES];
	struct visit c;
	struct behaviour *match = receiving_behave(&visit_fx.r, "match");

	behave_say(&match->own, "ids", "inv_2");
	behaviour_part_init(&visit_fx.r.faults[0],
			    behaviour_find(HP_LITERAL("reset-mid-head")));
	behave_set(&visit_fx.r.faults[0], "after", 33);
	receiving_request(&visit_fx.r, receiving_body(2, body), "", second);
	snprintf(both, sizeof(both), "%s%s", visit_fx.post, second);
	visit_start();
	visit_connect(&c);
	if (_i == 2)
		visit_slice(&c);
	ck_assert_int_eq(visit_shake(&c), TLS_DONE);
	for (size_t i = 0; _i == 1 && i < strlen(both); i++) {
		visit_say(&c, (struct hp_view){both + i, 1});
		if (i % SOME_BYTES == 0)
			visit_settle();
	}
	if (_i != 1)
		visit_say(&c, hp_view_of(both));
	visit_hear(&c, SIZE_MAX);
	ck_assert_str_eq(c.text, "HTTP/1.1 204 No Content\r\n\r\n");
	ck_assert_int_eq(c.end, _i == 2 ? TLS_CUT : TLS_RESET); /* a pair knows no RST */
	visit_close(&c);
	visit_stop();
	ck_assert_uint_eq(receiving_receipts(&visit_fx.r), 1);
	ck_assert_uint_eq(visit_fault("reset-mid-head")->read_bytes, 33);
	ck_assert_int_eq(visit_fault("reset-mid-head")->state, RECORD_FAULT_VERIFIED);
}
END_TEST

/* Goal: a row that waits for the byte behind a request sees it, and it stays unread. */
START_TEST(test_await)
{
	struct visit c;

	receiving_behave(&visit_fx.r, "keepalive-stale");
	visit_start();
	visit_open(&c);
	visit_say(&c, hp_view_of(visit_fx.post));
	visit_hear_204(&c);
	visit_say(&c, hp_view_of(visit_fx.post));
	visit_hear(&c, SIZE_MAX);
	ck_assert_uint_eq(c.bytes, 0);
	ck_assert_int_eq(c.end, TLS_CLOSED);
	visit_close(&c);
	visit_stop();
	ck_assert_uint_eq(receiving_receipts(&visit_fx.r), 1);
}
END_TEST

/* ---- the ends ---- */

/* Goal: what acts on accept acts before TLS: the client's hello is not answered; and a connection
 * that is taken late shakes hands behind it. So it does where another row looks at requests. */
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
	struct behaviour *behaviour = receiving_behave(&visit_fx.r, accepts[_i].slug);
	uint64_t from_ns = clock_mono_ns();
	struct visit c;

	behave_say(&receiving_behave(&visit_fx.r, "match")->own, "ids", "nobody");
	behaviour_part_init(&visit_fx.r.faults[1], behaviour_find(HP_LITERAL("read-slow")));
	if (accepts[_i].param != NULL)
		behave_set(&behaviour->own, accepts[_i].param, HELD_NS);
	visit_start();
	visit_connect(&c);
	ck_assert_int_eq(visit_shake(&c), accepts[_i].shaken);
	ck_assert((tls_seen(c.tls)->bytes_in != 0) == (accepts[_i].shaken == TLS_DONE));
	if (accepts[_i].shaken == TLS_DONE) {
		visit_say(&c, hp_view_of(visit_fx.post));
		visit_hear_204(&c);
	}
	visit_close(&c);
	visit_stop();
	if (accepts[_i].param != NULL)
		ck_assert_uint_ge(clock_mono_ns() - from_ns, HELD_NS);
	ck_assert_int_eq(visit_fault(accepts[_i].slug)->state, RECORD_FAULT_VERIFIED);
}
END_TEST

/* Goal: at the run's end open connections hear close_notify, unless a fault forbids it. */
START_TEST(test_end_of_the_run)
{
	struct visit c;

	if (_i)
		receiving_behave(&visit_fx.r, "tls-no-close-notify");
	visit_start();
	visit_open(&c);
	visit_say(&c, hp_view_of(visit_fx.post));
	visit_hear_204(&c);
	visit_stop();
	visit_hear(&c, SIZE_MAX);
	ck_assert_int_eq(c.end, _i ? TLS_CUT : TLS_CLOSED);
	visit_close(&c);
}
END_TEST

/* Goal: an answer of which the client takes nothing in is not held for one that arrived. */
START_TEST(test_unacked)
{
	struct visit c;
	int small = 4096;

	behave_set(&receiving_behave(&visit_fx.r, "body-endless")->own, "bytes_max",
		   ENDLESS_BYTES);
	visit_start();
	visit_connect(&c);
	ck_assert_int_eq(setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	ck_assert_int_eq(visit_shake(&c), TLS_DONE);
	visit_say(&c, hp_view_of(visit_fx.post));
	visit_hear(&c, 100);
	visit_stop();
	visit_close(&c);
	ck_assert_int_ne(visit_fault("body-endless")->state, RECORD_FAULT_VERIFIED);
	ck_assert_uint_lt(visit_fault("body-endless")->acked_bytes,
			  visit_fault("body-endless")->written_bytes);
}
END_TEST

/* Goal: a frozen receiver shakes no hands; then it serves who waited. */
START_TEST(test_freeze)
{
	struct visit c;

	receiving_behave(&visit_fx.r, "freeze")->own.values[1] = 100 * HP_MS_NS;
	visit_start();
	visit_open(&c);
	visit_say(&c, hp_view_of(visit_fx.post));
	visit_hear_204(&c);
	visit_close(&c);
	visit_stop();
	ck_assert_uint_ge(receiving_receipt(&visit_fx.r, 0)->arrived_ns, 100 * HP_MS_NS);
}
END_TEST

Suite *suite_server_tls(void);

Suite *suite_server_tls(void)
{
	Suite *suite = suite_create("server_tls");
	TCase *deliveries = tcase_create("deliveries"), *ends = tcase_create("ends");

	tcase_add_checked_fixture(deliveries, visit_setup, visit_teardown);
	tcase_add_test(deliveries, test_answers);
	tcase_add_test(deliveries, test_many_connections);
	tcase_add_loop_test(deliveries, test_large, 0, 3);
	tcase_add_loop_test(deliveries, test_look, 0, 3);
	tcase_add_test(deliveries, test_await);
	suite_add_tcase(suite, deliveries);
	tcase_add_checked_fixture(ends, visit_setup, visit_teardown);
	tcase_add_loop_test(ends, test_on_accept, 0, 4);
	tcase_add_loop_test(ends, test_end_of_the_run, 0, 2);
	tcase_add_test(ends, test_unacked);
	tcase_add_test(ends, test_freeze);
	suite_add_tcase(suite, ends);
	return suite;
}
