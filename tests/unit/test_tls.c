/* TLS of both sides, in one process: handshakes, certificates, sessions, data. What faults do to
 * them, and what is no TLS at all, is in test_tls_faults.c. */
#include "net/tls.h"

#include <check.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "tests/lib/tls_fixture.h"

enum { LARGE_BYTES = 600 * 1000, SMALL_BUFFER_BYTES = 4096 };

/* ---- that go well ---- */

/* Goal: both versions come about, however the bytes are cut, and carry data both ways; both sides
 * count the same bytes. */
START_TEST(test_slices)
{
	static const size_t slices[] = {0, 1, 2, 3, 7, 100, 1000};
	struct handshake handshake = {.version_max = _i % 2 ? TLS_1_2 : TLS_1_3};

	tls_fx.pair.slice = slices[_i / 2];
	tls_fx_meet(&handshake);
	tls_fx_both_ready();
	tls_pair_send(&tls_fx.pair, true, HP_LITERAL("POST /hooks HTTP/1.1\r\n\r\n"));
	tls_pair_send(&tls_fx.pair, false, HP_LITERAL("HTTP/1.1 204 No Content\r\n\r\n"));
	ck_assert_uint_eq(tls_fx_client_saw()->version, handshake.version_max);
	ck_assert_uint_eq(tls_fx_client_saw()->bytes_out, tls_fx_server_saw()->bytes_in);
	ck_assert_uint_eq(tls_fx_client_saw()->bytes_in, tls_fx_server_saw()->bytes_out);
	ck_assert_str_eq(tls_fx_server_saw()->name, "localhost");
	ck_assert(!tls_pending(tls_fx.pair.client));
}
END_TEST

/* Goal: more than the socket takes at once goes on behind what it took, byte for byte. */
START_TEST(test_large)
{
	const struct handshake handshake = {.version_max = _i ? TLS_1_2 : TLS_1_3};
	char *large = hp_xcalloc(1, LARGE_BYTES);
	int small = SMALL_BUFFER_BYTES;

	for (size_t i = 0; i < LARGE_BYTES; i++)
		large[i] = (char)(i * 2654435761u >> 13);
	tls_fx_meet(&handshake);
	setsockopt(tls_fx.pair.fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	tls_pair_send(&tls_fx.pair, true, (struct hp_view){large, LARGE_BYTES});
	tls_pair_send(&tls_fx.pair, false, (struct hp_view){large, LARGE_BYTES});
	free(large);
}
END_TEST

/* Goal: addresses in numbers are verified as such, and asked for by no name. */
START_TEST(test_hosts)
{
	static const char *const hosts[][2] = {
		{"127.0.0.1", ""}, {"::1", ""}, {"billing.test", "billing.test"},
	};

	tls_fx_use_host(hosts[_i][0]);
	tls_fx_meet(&(struct handshake){.stall = HANDSHAKE_NOWHERE});
	tls_fx_both_ready();
	ck_assert_str_eq(tls_fx_server_saw()->name, hosts[_i][1]);
}
END_TEST

/* ---- resumption ---- */

static const struct {
	uint16_t version;
	bool client_refuses, server_refuses, resumed;
} resumptions[] = {
	{TLS_1_3, false, false, true}, {TLS_1_3, true, false, false},
	{TLS_1_3, false, true, false}, {TLS_1_2, false, false, true},
	{TLS_1_2, true, false, false}, {TLS_1_2, false, true, false},
};

/* Goal: the second handshake is resumed, unless one of the sides does not want it; both say so. */
START_TEST(test_resumption)
{
	struct handshake handshake = {.version_max = resumptions[_i].version,
				      .no_resume = resumptions[_i].server_refuses};

	tls_fx_use_client((struct tls_client_config){.no_resume = resumptions[_i].client_refuses},
		   "localhost");
	tls_fx_meet(&handshake);
	tls_fx_exchange();
	ck_assert(!tls_fx_client_saw()->resumed && !tls_fx_server_saw()->resumed);
	tls_fx_meet(&handshake);
	tls_fx_exchange();
	ck_assert(tls_fx_client_saw()->resumed == resumptions[_i].resumed);
	ck_assert(tls_fx_server_saw()->resumed == resumptions[_i].resumed);
}
END_TEST

/* Goal: a certificate that changes between two attempts is seen by a client that would resume. */
START_TEST(test_certificate_changes)
{
	tls_fx_meet(&(struct handshake){.certificate = HANDSHAKE_GOOD});
	tls_fx_exchange();
	tls_fx_meet(&(struct handshake){.certificate = HANDSHAKE_EXPIRED, .by_s = 60});
	ck_assert_int_eq(tls_fx.pair.of_client, TLS_FAILED);
	ck_assert_str_eq(tls_fx_client_saw()->error, "certificate has expired");
	tls_fx_meet(&(struct handshake){.certificate = HANDSHAKE_GOOD});
	tls_fx_both_ready();
	ck_assert(!tls_fx_client_saw()->resumed); /* what failed is forgotten */
}
END_TEST

/* ---- certificates ---- */

/* What our client says of each, as `openssl verify` words it (checked against OpenSSL 3.0). */
static const struct {
	const char *host, *error;
	int alert;
} refusals[HANDSHAKE_CERTIFICATE_COUNT] = {
	[HANDSHAKE_GOOD] = {"localhost", NULL, TLS_NO_ALERT},
	[HANDSHAKE_EXPIRED] = {"localhost", "certificate has expired", 45},
	[HANDSHAKE_NOT_YET_VALID] = {"localhost", "certificate is not yet valid", 42},
	[HANDSHAKE_WRONG_NAME] = {"localhost", "hostname mismatch", 42},
	[HANDSHAKE_NO_SAN] = {"billing.test", "hostname mismatch", 42},
	[HANDSHAKE_NUL_NAME] = {"billing.test", "hostname mismatch", 42},
	[HANDSHAKE_SELF_SIGNED] = {"localhost", "self-signed certificate", 48},
	[HANDSHAKE_UNKNOWN_ROOT] = {"localhost", "self-signed certificate in certificate chain",
				    48},
	[HANDSHAKE_NO_INTERMEDIATE] = {"localhost", "unable to get local issuer certificate", 48},
	[HANDSHAKE_CLIENT_EKU] = {"localhost", "unsuitable certificate purpose", 43},
};

/* Goal: every broken certificate is refused for what is wrong with it and nothing else; the server
 * sees the alert, and no byte of a request. */
START_TEST(test_certificates)
{
	const struct handshake handshake = {.certificate = (enum handshake_certificate)(_i % 10),
					    .by_s = 86400,
					    .version_max = _i < 10 ? TLS_1_3 : TLS_1_2};
	const char *error = refusals[handshake.certificate].error;

	tls_fx_use_host(refusals[handshake.certificate].host);
	tls_fx_meet(&handshake);
	if (!error) {
		tls_fx_both_ready();
		return;
	}
	ck_assert_int_eq(tls_fx.pair.of_client, TLS_FAILED);
	ck_assert_str_eq(tls_fx_client_saw()->error, error);
	ck_assert_int_eq(tls_fx_client_saw()->alert_out, refusals[handshake.certificate].alert);
	ck_assert_int_eq(tls_fx.pair.of_server, TLS_FAILED);
	ck_assert_int_eq(tls_fx_server_saw()->alert_in, refusals[handshake.certificate].alert);
	ck_assert(!tls_fx_server_saw()->ready);
}
END_TEST

/* Goal: a client that was told not to verify goes on, and still knows what was wrong. */
START_TEST(test_insecure)
{
	tls_fx_use_client((struct tls_client_config){.insecure = true}, "localhost");
	tls_fx_meet(&(struct handshake){.certificate = HANDSHAKE_WRONG_NAME});
	tls_fx_both_ready();
	ck_assert_int_ne(tls_fx_client_saw()->verify, 0);
	ck_assert_str_eq(tls_fx_client_saw()->error, "");
}
END_TEST

/* Goal: who asks for the second name is shown its certificate; all others the first. */
START_TEST(test_two_names)
{
	const struct handshake handshake = {.certificate = HANDSHAKE_SELF_SIGNED,
					    .second_name = "second.test"};

	tls_fx_use_host("SECOND.test");
	tls_fx_meet(&handshake);
	tls_fx_both_ready();
	tls_fx_use_host("localhost");
	tls_fx_meet(&handshake);
	ck_assert_str_eq(tls_fx_client_saw()->error, "self-signed certificate");
}
END_TEST

/* ---- client certificates ---- */

static const struct {
	bool shown, asked, required;
	enum tls_result of_server;
} own[] = {
	{false, true, false, TLS_DONE},
	{false, true, true, TLS_FAILED},
	{true, true, false, TLS_DONE},
	{true, true, true, TLS_DONE},
	{true, false, false, TLS_DONE},
};

/* Goal: a client certificate is asked for, required, and seen, and only then. */
START_TEST(test_client_certificate)
{
	struct handshake handshake = {.client_certificate_asked = own[_i].asked,
				      .client_certificate_required = own[_i].required};
	struct tls_client_config config = {.insecure = false};
	struct tls_issued issued;

	tls_authority_issue(tls_fx.authority, &(struct tls_order){.kind = HANDSHAKE_CLIENT_EKU},
			    &issued);
	if (own[_i].shown)
		config.own = (struct tls_certificate){.chain = hp_buf_view(&issued.chain),
						      .key = hp_buf_view(&issued.key)};
	tls_fx_use_client(config, "localhost");
	tls_issued_fini(&issued);
	tls_fx_meet(&handshake);
	ck_assert_int_eq(tls_fx.pair.of_server, own[_i].of_server);
	ck_assert(tls_fx_server_saw()->certificate_in == (own[_i].shown && own[_i].asked));
	if (own[_i].of_server == TLS_FAILED) { /* in 1.3 the client learns of it afterwards */
		ck_assert_int_eq(tls_fx_server_saw()->alert_out, 116);
		ck_assert_int_eq(tls_pair_end(&tls_fx.pair, false), TLS_FAILED);
		ck_assert_int_eq(tls_fx_client_saw()->alert_in, 116);
	}
}
END_TEST

/* ---- versions and ciphers ---- */

static const struct {
	struct handshake handshake;
	uint16_t version; /* 0: none is agreed */
} versions[] = {
	{{.version_min = TLS_1_0, .version_max = TLS_1_1}, 0},
	{{.version_min = TLS_1_2, .version_max = TLS_1_2}, TLS_1_2},
	{{.version_min = TLS_1_3, .version_max = TLS_1_3}, TLS_1_3},
	{{.version_min = TLS_1_0, .version_max = TLS_1_3}, TLS_1_3},
	{{.cipher = "TLS_CHACHA20_POLY1305_SHA256"}, TLS_1_3},
	{{.cipher = "ECDHE-ECDSA-AES128-GCM-SHA256"}, TLS_1_2},
	{{.cipher = "ECDHE-RSA-AES128-GCM-SHA256"}, 0}, /* our key is no RSA key */
};

/* Goal: our client speaks 1.2 and 1.3; where nothing is common both sides say so. */
START_TEST(test_versions)
{
	tls_fx_meet(&versions[_i].handshake);
	if (versions[_i].version) {
		tls_fx_both_ready();
		ck_assert_uint_eq(tls_fx_client_saw()->version, versions[_i].version);
		return;
	}
	ck_assert_int_eq(tls_fx.pair.of_client, TLS_FAILED);
	ck_assert_int_eq(tls_fx.pair.of_server, TLS_FAILED);
	ck_assert_int_ne(tls_fx_server_saw()->alert_out, TLS_NO_ALERT);
	ck_assert_int_eq(tls_fx_client_saw()->alert_in, tls_fx_server_saw()->alert_out);
}
END_TEST

/* ---- what is asked for and cannot be had ---- */

/* Goal: a wrong file, text or cipher is an error that names it. */
START_TEST(test_errors)
{
	struct tls_client_config no_file = {.ca_file = "/nonexistent/ca.pem"};
	struct tls_client_config no_pem = {.ca = HP_LITERAL("no PEM")};
	struct tls_server_config no_key = {.certificate_count = 1,
					   .certificates = {{.chain = HP_LITERAL("x"),
							     .key = HP_LITERAL("y")}}};

	ck_assert_ptr_null(tls_context_client(&no_file, &tls_fx.err));
	ck_assert_ptr_nonnull(strstr(tls_fx.err.msg, "/nonexistent/ca.pem: want authorities"));
	ck_assert_ptr_null(tls_context_client(&no_pem, &tls_fx.err));
	ck_assert_ptr_nonnull(strstr(tls_fx.err.msg, "want authorities in PEM"));
	ck_assert_ptr_null(tls_context_server(&no_key, &tls_fx.err));
	ck_assert_ptr_nonnull(strstr(tls_fx.err.msg, "want a private key in PEM"));
	ck_assert_ptr_null(tls_contexts_get(tls_fx.contexts, &(struct handshake){.cipher = "ROT13"},
					    &tls_fx.err));
	ck_assert_ptr_nonnull(strstr(tls_fx.err.msg, "ROT13: want a cipher"));
}
END_TEST

/* Goal: one context for each way of shaking hands, the same one each time. */
START_TEST(test_contexts)
{
	const struct handshake asked[] = {
		{.certificate = HANDSHAKE_GOOD},
		{.certificate = HANDSHAKE_EXPIRED, .by_s = 1},
		{.certificate = HANDSHAKE_EXPIRED, .by_s = 2},
		{.version_max = TLS_1_2},
		{.version_min = TLS_1_3},
		{.cipher = "TLS_AES_128_GCM_SHA256"},
		{.second_name = "b.test"},
		{.client_certificate_asked = true},
		{.client_certificate_required = true},
		{.no_resume = true},
	};
	enum { COUNT = sizeof(asked) / sizeof(asked[0]) };
	struct tls_context *contexts[COUNT];

	for (size_t i = 0; i < COUNT; i++)
		contexts[i] = tls_fx_context(&asked[i]);
	for (size_t i = 0; i < COUNT; i++)
		for (size_t k = 0; k < COUNT; k++)
			ck_assert((tls_fx_context(&asked[k]) == contexts[i]) == (i == k));
	ck_assert_ptr_eq(contexts[0], tls_fx_context(&(struct handshake){.alert = 40}));
}
END_TEST

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

Suite *suite_tls(void);

Suite *suite_tls(void)
{
	Suite *suite = suite_create("tls");
	TCase *tcase = tcase_create("tls");

	tcase_add_checked_fixture(tcase, tls_fx_setup, tls_fx_teardown);
	tcase_add_loop_test(tcase, test_slices, 0, 14);
	tcase_add_loop_test(tcase, test_large, 0, 2);
	tcase_add_loop_test(tcase, test_hosts, 0, 3);
	tcase_add_loop_test(tcase, test_resumption, 0, COUNT(resumptions));
	tcase_add_test(tcase, test_certificate_changes);
	tcase_add_loop_test(tcase, test_certificates, 0, 2 * HANDSHAKE_CERTIFICATE_COUNT);
	tcase_add_test(tcase, test_insecure);
	tcase_add_test(tcase, test_two_names);
	tcase_add_loop_test(tcase, test_client_certificate, 0, COUNT(own));
	tcase_add_loop_test(tcase, test_versions, 0, COUNT(versions));
	tcase_add_test(tcase, test_errors);
	tcase_add_test(tcase, test_contexts);
	suite_add_tcase(suite, tcase);
	return suite;
}
