/* Receivers whose handshake has a fault, on real sockets: what a client sees of each row of the TLS
 * layer, and what the history says of it. */
#include <check.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receivers/rows.h"
#include "tests/lib/behaving.h"
#include "tests/lib/tls_visit.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

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
	struct behaviour *behaviour = receiving_behave(&visit_fx.r, row->slug);

	if (row->param != NULL)
		behave_set(&behaviour->own, row->param, row->value);
}

static void expect_end(const struct row *row)
{
	char request[RECEIVING_TEXT_BYTES], body[RECEIVING_TEXT_BYTES];
	struct visit c;

	receiving_request(&visit_fx.r, receiving_body(1, body), "Connection: close\r\n", request);
	visit_connect(&c);
	ck_assert_msg(visit_shake(&c) == row->shaken, "%s: %s", row->slug,
		      tls_seen(c.tls)->error);
	if (row->shaken == TLS_DONE) {
		visit_say(&c, hp_view_of(request));
		visit_hear(&c, SIZE_MAX);
		ck_assert_msg(c.end == row->end, "%s: %d", row->slug, c.end);
	}
	ck_assert_int_eq(tls_seen(c.tls)->verify, row->verify);
	ck_assert_int_eq(tls_seen(c.tls)->alert_in,
			 row->alert_in ? row->alert_in : TLS_NO_ALERT);
	visit_close(&c);
}

/* Goal: each row is what the client sees, and its record says that the wire showed it. */
START_TEST(test_rows)
{
	const struct row *row = &rows[_i];
	const struct record_fault *fault;
	bool answered = row->shaken == TLS_DONE && row->alert_in == 0;

	behave_row(row);
	visit_start();
	expect_end(row);
	visit_stop();
	fault = visit_fault(row->slug);
	ck_assert_msg(fault->state == RECORD_FAULT_VERIFIED, "%s: %d", row->slug, fault->state);
	ck_assert_uint_eq(fault->event_index, RECORD_NO_EVENT);
	ck_assert_uint_eq(fault->ordinal, 1);
	ck_assert_uint_ge(fault->applied_ns, fault->planned_ns);
	ck_assert_uint_ne(fault->applied_ns, HP_NEVER);
	ck_assert_uint_eq(receiving_receipts(&visit_fx.r), answered);
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
	struct visit c;

	receiving_behave(&visit_fx.r, "cert-expired");
	tls_fx_use_client((struct tls_client_config){.insecure = true}, "localhost");
	visit_start();
	visit_open(&c);
	visit_say(&c, hp_view_of(visit_fx.post));
	visit_hear_204(&c);
	visit_close(&c);
	visit_stop();
	ck_assert_int_eq(visit_fault("cert-expired")->state, RECORD_FAULT_VERIFIED);
	ck_assert_uint_eq(visit_fault("cert-expired")->read_bytes, strlen(visit_fx.post));
	ck_assert_uint_eq(receiving_receipts(&visit_fx.r), 1);
}
END_TEST

/* Goal: the second certificate is for those who ask for its name; of others it is never seen, and
 * the record does not claim it. */
START_TEST(test_two_names)
{
	struct visit c;

	receiving_behave(&visit_fx.r, "tls-two-names");
	tls_fx_use_host(_i ? "second.test" : "localhost");
	visit_start();
	visit_open(&c);
	visit_close(&c);
	visit_stop();
	ck_assert_int_eq(visit_fault("tls-two-names")->state,
			 _i ? RECORD_FAULT_VERIFIED : RECORD_FAULT_PREEMPTED);
}
END_TEST

/* Goal: a client that leaves before the ClientHello pre-empts every fault of the handshake. */
START_TEST(test_preempted)
{
	struct visit c;

	behave_row(&rows[_i]);
	visit_start();
	visit_connect(&c);
	shutdown(c.fd, SHUT_WR);
	while (recv(c.fd, c.text, sizeof(c.text), 0) > 0)
		;
	close(c.fd);
	visit_stop();
	ck_assert_int_eq(visit_fault(rows[_i].slug)->state, RECORD_FAULT_PREEMPTED);
	ck_assert_uint_eq(visit_fault(rows[_i].slug)->applied_ns, HP_NEVER);
}
END_TEST

/* Goal: rows that strike together leave a record each, and a fault behind the handshake its own. */
START_TEST(test_together)
{
	struct visit c;
	unsigned seen = 0;

	behave_set(&receiving_behave(&visit_fx.r, "tls-slow")->own, "delay", HP_MS_NS);
	receiving_behave(&visit_fx.r, "tls-no-close-notify");
	receiving_behave(&visit_fx.r, "close-mid-response");
	visit_start();
	visit_open(&c);
	visit_say(&c, hp_view_of(visit_fx.post));
	visit_hear(&c, SIZE_MAX);
	ck_assert_int_eq(c.end, TLS_CUT);
	visit_close(&c);
	visit_stop();
	for (size_t i = 0; i < visit_fx.r.record_count; i++) {
		if (visit_fx.r.records[i].kind != RECORD_FAULT)
			continue;
		seen++;
		ck_assert_int_eq(visit_fx.r.records[i].fault.state, RECORD_FAULT_VERIFIED);
	}
	ck_assert_uint_eq(seen, 3);
}
END_TEST

/* Goal: a cipher that nobody knows is an error before the run, with the receiver's and the row's
 * name. */
START_TEST(test_unknown_cipher)
{
	struct hp_err err;

	behave_say(&receiving_behave(&visit_fx.r, "tls-cipher")->own, "cipher", "ROT13");
	visit_fx.server = visit_server(&err);
	ck_assert_ptr_null(visit_fx.server);
	ck_assert_int_eq(err.code, HP_EINPUT);
	ck_assert_ptr_nonnull(strstr(err.msg, "receiver \"billing\": tls-cipher: "));
}
END_TEST

/* Rows that the receiver has from now on, as the control endpoint gives them to it. */
static struct receiver_config later;

static void replace(void *arg, uint64_t now_ns)
{
	(void)arg, (void)now_ns;
	receiver_replace(visit_fx.r.receiver, &later);
	server_review(visit_fx.server);
}

/* Goal: one that comes with the run is an error of ours in the history, and no answer in clear. */
START_TEST(test_unknown_cipher_in_the_run)
{
	struct visit c;

	visit_start();
	later = visit_fx.r.config;
	later.behaviour_count = 1;
	behave(&later.behaviours[0], NULL, "tls-cipher");
	behave_say(&later.behaviours[0].own, "cipher", "ROT13");
	server_call(visit_fx.server, replace, NULL);
	visit_connect(&c);
	ck_assert_int_eq(visit_shake(&c), TLS_CUT);
	ck_assert_uint_eq(tls_seen(c.tls)->bytes_in, 0);
	visit_close(&c);
	visit_stop();
	ck_assert_int_eq(visit_fault("tls-cipher")->state, RECORD_FAULT_FAILED);
}
END_TEST

Suite *suite_server_tls_faults(void);

Suite *suite_server_tls_faults(void)
{
	Suite *suite = suite_create("server_tls_faults");
	TCase *tcase = tcase_create("server_tls_faults");

	tcase_add_checked_fixture(tcase, visit_setup, visit_teardown);
	tcase_add_loop_test(tcase, test_rows, 0, COUNT(rows));
	tcase_add_test(tcase, test_all_rows);
	tcase_add_test(tcase, test_accepted_certificate);
	tcase_add_loop_test(tcase, test_two_names, 0, 2);
	tcase_add_loop_test(tcase, test_preempted, 0, COUNT(rows));
	tcase_add_test(tcase, test_together);
	tcase_add_test(tcase, test_unknown_cipher);
	tcase_add_test(tcase, test_unknown_cipher_in_the_run);
	suite_add_tcase(suite, tcase);
	return suite;
}
