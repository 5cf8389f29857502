/* Handshakes that a fault of ours stops, slows or ends, connections that end badly, and bytes that
 * are no TLS at all: what each side sees of it. */
#include "net/tls.h"

#include <check.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/tls_fixture.h"

/* ---- faults ---- */

static const struct {
	enum handshake_point at;
	uint16_t version;
	uint32_t sent, unsent; /* sets of messages of the server */
} points[] = {
	{HANDSHAKE_AT_HELLO, TLS_1_3, 0, TLS_MESSAGE(TLS_SERVER_HELLO)},
	{HANDSHAKE_AT_HELLO, TLS_1_2, 0, TLS_MESSAGE(TLS_SERVER_HELLO)},
	{HANDSHAKE_AT_CERTIFICATE, TLS_1_3, TLS_MESSAGE(TLS_SERVER_HELLO),
	 TLS_MESSAGE(TLS_CERTIFICATE)},
	{HANDSHAKE_AT_CERTIFICATE, TLS_1_2, TLS_MESSAGE(TLS_SERVER_HELLO),
	 TLS_MESSAGE(TLS_CERTIFICATE)},
	{HANDSHAKE_AT_FINISHED, TLS_1_3, TLS_MESSAGE(TLS_CERTIFICATE), TLS_MESSAGE(TLS_FINISHED)},
	{HANDSHAKE_AT_FINISHED, TLS_1_2, TLS_MESSAGE(TLS_CERTIFICATE), TLS_MESSAGE(TLS_FINISHED)},
};

/* Goal: a handshake stops where it was told to, the client has seen what lies before and nothing
 * of what lies behind, and it comes about after all when it is released. */
START_TEST(test_stops)
{
	bool resets = _i % 2;
	uint32_t sent = points[_i / 2].sent, unsent = points[_i / 2].unsent;
	struct handshake handshake = {.version_max = points[_i / 2].version};

	*(resets ? &handshake.reset : &handshake.stall) = points[_i / 2].at;
	tls_fx_meet(&handshake);
	ck_assert_int_eq(tls_fx.pair.of_server, TLS_HELD);
	ck_assert_int_eq(tls_hold(tls_fx.pair.server), resets ? TLS_HOLD_RESET : TLS_HOLD_STALL);
	ck_assert_int_eq(tls_fx.pair.of_client, TLS_WANT_READ);
	ck_assert_uint_eq(tls_fx_client_saw()->messages_in & sent, sent);
	ck_assert_uint_eq(tls_fx_client_saw()->messages_in & unsent, 0);
	ck_assert(tls_fx_server_saw()->messages_in & TLS_MESSAGE(TLS_CLIENT_HELLO));
	ck_assert_str_eq(tls_fx_server_saw()->name, "localhost");
	tls_release(tls_fx.pair.server);
	tls_pair_shake(&tls_fx.pair);
	tls_fx_both_ready();
	tls_fx_exchange();
}
END_TEST

/* Goal: a stop at the certificate also meets a client that comes with a ticket. */
START_TEST(test_stop_of_a_ticket)
{
	struct handshake handshake = {.version_max = _i ? TLS_1_2 : TLS_1_3};

	tls_fx_meet(&handshake);
	tls_fx_exchange();
	handshake.stall = HANDSHAKE_AT_CERTIFICATE;
	tls_fx_meet(&handshake);
	ck_assert_int_eq(tls_fx.pair.of_server, TLS_HELD);
}
END_TEST

/* Goal: a slow handshake waits before each flight of ours, and only there; nothing of a flight
 * leaves before it is released. */
START_TEST(test_delays)
{
	struct handshake handshake = {.version_max = _i ? TLS_1_2 : TLS_1_3, .delay_ns = 1};
	unsigned waits = 0;
	uint64_t bytes = 0;

	tls_fx_meet(&handshake);
	for (; tls_fx.pair.of_server == TLS_HELD; waits++) {
		ck_assert_int_eq(tls_hold(tls_fx.pair.server), TLS_HOLD_DELAY);
		ck_assert((waits == 0) == (tls_fx_server_saw()->bytes_out == bytes));
		bytes = tls_fx_server_saw()->bytes_out;
		tls_release(tls_fx.pair.server);
		tls_pair_shake(&tls_fx.pair);
	}
	tls_fx_both_ready();
	ck_assert_uint_eq(waits, 2); /* 1.3: all but the tickets; 1.2: all but those and finished */
	tls_fx_exchange();
}
END_TEST

/* Goal: the alert that was asked for goes out in answer to the ClientHello, and is what the client
 * hears; also one that OpenSSL does not know (1, 200, 255) or says differently (41, 116). */
START_TEST(test_alerts)
{
	static const uint8_t alerts[] = {10, 40, 71, 80, 112, 1, 41, 116, 200, 255};
	const struct handshake handshake = {.alert = alerts[_i]};

	tls_fx_meet(&handshake);
	ck_assert_int_eq(tls_fx.pair.of_server, TLS_FAILED);
	ck_assert_int_eq(tls_fx_server_saw()->alert_out, alerts[_i]);
	ck_assert_int_eq(tls_fx.pair.of_client, TLS_FAILED);
	ck_assert_int_eq(tls_fx_client_saw()->alert_in, alerts[_i]);
	ck_assert_uint_eq(tls_fx_client_saw()->messages_in, 0);
	ck_assert_ptr_nonnull(strstr(tls_fx_client_saw()->error, "the peer sent alert"));
}
END_TEST

/* ---- ends ---- */

/* Goal: close_notify and a bare FIN are two ends; a fault leaves the first one out. */
START_TEST(test_ends)
{
	const struct handshake handshake = {.no_close_notify = _i % 2,
					    .version_max = _i / 2 ? TLS_1_2 : TLS_1_3};

	tls_fx_meet(&handshake);
	tls_fx_both_ready();
	ck_assert_int_eq(tls_shutdown(tls_fx.pair.server), TLS_DONE);
	ck_assert_int_eq(tls_shutdown(tls_fx.pair.server), TLS_DONE); /* safe twice */
	shutdown(tls_fx.pair.fds[3], SHUT_WR);
	ck_assert_int_eq(tls_pair_end(&tls_fx.pair, false), _i % 2 ? TLS_CUT : TLS_CLOSED);
	ck_assert(tls_fx_client_saw()->close_in == !(_i % 2));
	ck_assert(tls_fx_server_saw()->close_out == !(_i % 2));
	ck_assert_int_eq(tls_fx_client_saw()->alert_out, TLS_NO_ALERT); /* a FIN is not answered */
}
END_TEST

/* Goal: a FIN without close_notify costs no session: the next handshake is resumed. */
START_TEST(test_resumes_after_cut)
{
	const struct handshake handshake = {.no_close_notify = true};

	tls_fx_meet(&handshake);
	tls_fx_exchange();
	shutdown(tls_fx.pair.fds[3], SHUT_WR);
	ck_assert_int_eq(tls_pair_end(&tls_fx.pair, false), TLS_CUT);
	tls_fx_meet(&handshake);
	tls_fx_both_ready();
	ck_assert(tls_fx_client_saw()->resumed);
}
END_TEST

/* Goal: a FIN in the handshake is told apart from one behind it, on both sides. */
START_TEST(test_fin_in_handshake)
{
	bool of_server = _i;

	tls_pair_open(&tls_fx.pair, of_server ? tls_fx.peer : NULL,
		      of_server ? NULL : tls_fx_context(&(struct handshake){.by_s = 0}), NULL);
	shutdown(tls_fx.pair.fds[of_server ? 3 : 0], SHUT_WR);
	tls_pair_shake(&tls_fx.pair);
	ck_assert_int_eq(of_server ? tls_fx.pair.of_client : tls_fx.pair.of_server, TLS_CUT);
	ck_assert_str_eq(tls_seen(of_server ? tls_fx.pair.client : tls_fx.pair.server)->error,
			 "closed in the handshake");
}
END_TEST

/* Goal: a lost connection is an error of the socket. */
START_TEST(test_reset)
{
	tls_fx_meet(&(struct handshake){.by_s = 0});
	close(tls_fx.pair.fds[1]);
	tls_fx.pair.fds[1] = -1;
	size_t taken;
	ck_assert_int_eq(tls_send(tls_fx.pair.client, HP_LITERAL("ping"), &taken), TLS_RESET);
	ck_assert_uint_eq(taken, 0);
	ck_assert_int_eq(tls_shutdown(tls_fx.pair.client), TLS_DONE);
}
END_TEST

/* ---- no TLS at all ---- */

static const char *const nonsense[] = {
	"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
	"POST /hooks HTTP/1.1\r\nHost: localhost\r\n\r\n",
	"GET / HTTP/1.1\r\n\r\n",
	"\x16\x03\x01\xff\xff\x01\x00\xff\xff\x03\x03 and so on and on and on and on and on",
	"\x15\x03\x03\x00\x02\x02\x28",
	"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n and what follows it on the wire",
	"\x80\x2e\x01\x03\x01 an old hello that is none at all, of an old protocol",
};

/* Goal: what is no TLS ends the handshake of either side with a word, whatever it is. */
START_TEST(test_nonsense)
{
	struct hp_view bytes = hp_view_of(nonsense[_i / 2]);
	bool to_server = _i % 2;
	const struct tls_seen *seen;

	tls_pair_open(&tls_fx.pair, to_server ? NULL : tls_fx.peer,
		      to_server ? tls_fx_context(&(struct handshake){.by_s = 0}) : NULL, NULL);
	ck_assert_int_eq(send(tls_fx.pair.fds[to_server ? 0 : 3], bytes.at, bytes.bytes, 0),
			 (ssize_t)bytes.bytes);
	shutdown(tls_fx.pair.fds[to_server ? 0 : 3], SHUT_WR);
	tls_pair_shake(&tls_fx.pair);
	seen = tls_seen(to_server ? tls_fx.pair.server : tls_fx.pair.client);
	ck_assert_int_ge(to_server ? tls_fx.pair.of_server : tls_fx.pair.of_client, TLS_CUT);
	ck_assert_str_ne(seen->error, "");
	ck_assert(!seen->ready);
}
END_TEST

/* Records what a good server says in answer to a hello, then says it again with one byte changed:
 * the client must come to an end of its own and never be ready. */
static size_t record_flight(char *out, size_t room)
{
	const struct handshake handshake = {.version_max = TLS_1_2};
	ssize_t bytes;

	tls_pair_open(&tls_fx.pair, tls_fx.peer, tls_fx_context(&handshake), NULL);
	tls_fx.pair.of_client = tls_handshake(tls_fx.pair.client);
	tls_pair_carry(&tls_fx.pair);
	tls_fx.pair.of_server = tls_handshake(tls_fx.pair.server);
	bytes = recv(tls_fx.pair.fds[2], out, room, 0);
	ck_assert_int_gt(bytes, 0);
	tls_pair_close(&tls_fx.pair);
	return (size_t)bytes;
}

/* Goal: a flight of another handshake, changed in any byte, leads to no connection and no crash. */
START_TEST(test_changed_bytes)
{
	char flight[8 * 1024];
	size_t bytes = record_flight(flight, sizeof(flight));

	for (size_t at = 0; at < bytes; at++) {
		flight[at] = (char)(flight[at] ^ 0x41);
		tls_pair_open(&tls_fx.pair, tls_fx.peer, NULL, NULL);
		ck_assert_int_eq(send(tls_fx.pair.fds[3], flight, bytes, 0), (ssize_t)bytes);
		shutdown(tls_fx.pair.fds[3], SHUT_WR);
		tls_pair_shake(&tls_fx.pair);
		ck_assert_int_ge(tls_fx.pair.of_client, TLS_CUT);
		tls_pair_close(&tls_fx.pair);
		flight[at] = (char)(flight[at] ^ 0x41);
	}
}
END_TEST

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

Suite *suite_tls_faults(void);

Suite *suite_tls_faults(void)
{
	Suite *suite = suite_create("tls_faults");
	TCase *tcase = tcase_create("tls_faults");

	tcase_add_checked_fixture(tcase, tls_fx_setup, tls_fx_teardown);
	tcase_add_loop_test(tcase, test_stops, 0, 2 * COUNT(points));
	tcase_add_loop_test(tcase, test_stop_of_a_ticket, 0, 2);
	tcase_add_loop_test(tcase, test_delays, 0, 2);
	tcase_add_loop_test(tcase, test_alerts, 0, 10);
	tcase_add_loop_test(tcase, test_ends, 0, 4);
	tcase_add_test(tcase, test_resumes_after_cut);
	tcase_add_loop_test(tcase, test_fin_in_handshake, 0, 2);
	tcase_add_test(tcase, test_reset);
	tcase_add_loop_test(tcase, test_nonsense, 0, 2 * COUNT(nonsense));
	tcase_add_test(tcase, test_changed_bytes);
	suite_add_tcase(suite, tcase);
	return suite;
}
