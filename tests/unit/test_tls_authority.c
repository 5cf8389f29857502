/* The test authority: what stands in its certificates, and that each broken one is broken in one
 * respect. That clients refuse them for it is shown by test_tls.c. */
#include "net/tls_authority.h"

#include <check.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/clock.h"

#define WALL_S UINT64_C(1795564800) /* 2026-11-24T08:00:00Z: no clock of this machine enters */
enum { DAY_S = 86400, CHAIN_MAX = 3 };

static struct fixture {
	struct tls_authority *authority;
	X509 *root, *chain[CHAIN_MAX];
	size_t count;
} f;

static X509 *read_next(BIO *bio)
{
	return PEM_read_bio_X509(bio, NULL, NULL, NULL);
}

static void setup(void)
{
	struct hp_view pem;
	BIO *bio;

	f = (struct fixture){.authority = tls_authority_new(WALL_S)};
	pem = tls_authority_root(f.authority);
	bio = BIO_new_mem_buf(pem.at, (int)pem.bytes);
	f.root = read_next(bio);
	ck_assert_ptr_nonnull(f.root);
	BIO_free(bio);
}

static void drop_chain(void)
{
	while (f.count > 0)
		X509_free(f.chain[--f.count]);
}

static void teardown(void)
{
	drop_chain();
	X509_free(f.root);
	tls_authority_free(f.authority);
}

static void issue(const struct tls_order *order)
{
	struct tls_issued issued;
	EVP_PKEY *key;
	BIO *bio;

	drop_chain();
	tls_authority_issue(f.authority, order, &issued);
	bio = BIO_new_mem_buf(issued.chain.at, (int)issued.chain.bytes);
	while (f.count < CHAIN_MAX && (f.chain[f.count] = read_next(bio)))
		f.count++;
	BIO_free(bio);
	bio = BIO_new_mem_buf(issued.key.at, (int)issued.key.bytes);
	key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	ck_assert_int_eq(X509_check_private_key(f.chain[0], key), 1);
	EVP_PKEY_free(key);
	BIO_free(bio);
	tls_issued_fini(&issued);
}

/* Verifies the chain as a client does at that moment; X509_V_OK or why not. */
static int verify_at(uint64_t wall_s)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	STACK_OF(X509) *others = sk_X509_new_null();
	X509_VERIFY_PARAM *param;
	int error;

	X509_STORE_add_cert(store, f.root);
	for (size_t i = 1; i < f.count; i++)
		sk_X509_push(others, f.chain[i]);
	ck_assert_int_eq(X509_STORE_CTX_init(context, store, f.chain[0], others), 1);
	param = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_time(param, (time_t)wall_s);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	X509_verify_cert(context);
	error = X509_STORE_CTX_get_error(context);
	sk_X509_free(others);
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	return error;
}

static bool is_for_host(const char *host)
{
	return X509_check_host(f.chain[0], host, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) == 1;
}

static bool is_for_ip(const char *ip)
{
	return X509_check_ip_asc(f.chain[0], ip, 0) == 1;
}

/* ---- rows ---- */

static const struct {
	enum handshake_certificate kind;
	int error;      /* at the run's start */
	size_t count;   /* certificates that are shown */
	bool named;     /* its names are good */
} rows[] = {
	{HANDSHAKE_GOOD, X509_V_OK, 2, true},
	{HANDSHAKE_EXPIRED, X509_V_ERR_CERT_HAS_EXPIRED, 2, true},
	{HANDSHAKE_NOT_YET_VALID, X509_V_ERR_CERT_NOT_YET_VALID, 2, true},
	{HANDSHAKE_WRONG_NAME, X509_V_OK, 2, false},
	{HANDSHAKE_NO_SAN, X509_V_OK, 2, false},
	{HANDSHAKE_NUL_NAME, X509_V_OK, 2, false},
	{HANDSHAKE_SELF_SIGNED, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 1, true},
	{HANDSHAKE_UNKNOWN_ROOT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, 2, true},
	{HANDSHAKE_NO_INTERMEDIATE, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 1, true},
	{HANDSHAKE_CLIENT_EKU, X509_V_ERR_INVALID_PURPOSE, 2, true},
};
_Static_assert(sizeof(rows) / sizeof(rows[0]) == HANDSHAKE_CERTIFICATE_COUNT, "a row for each");

/* Goal: each kind fails for its own reason and no other, for all names that a receiver has. */
START_TEST(test_rows)
{
	static const char *const hosts[] = {"localhost", "billing.test"};
	static const char *const ips[] = {"127.0.0.1", "::1"};

	issue(&(struct tls_order){
		.kind = rows[_i].kind, .by_s = 3600, .host = "billing.test"});
	ck_assert_int_eq(verify_at(WALL_S), rows[_i].error);
	ck_assert_uint_eq(f.count, rows[_i].count);
	for (size_t i = 0; i < 2; i++) {
		ck_assert(is_for_host(hosts[i]) == rows[_i].named);
		ck_assert(is_for_ip(ips[i]) == rows[_i].named);
	}
	ck_assert(!is_for_host("other.test"));
}
END_TEST

static const uint64_t spans_s[] = {1, 60, DAY_S, TLS_BY_S_MAX};

/* Goal: what is expired by that much was good a moment before; what is to come will be good then;
 * the rest of the chain is good at both moments. */
START_TEST(test_times)
{
	uint64_t by_s = spans_s[_i];

	issue(&(struct tls_order){.kind = HANDSHAKE_EXPIRED, .by_s = by_s});
	ck_assert_int_eq(verify_at(WALL_S), X509_V_ERR_CERT_HAS_EXPIRED);
	ck_assert_int_eq(verify_at(WALL_S - by_s - 1), X509_V_OK);
	issue(&(struct tls_order){.kind = HANDSHAKE_NOT_YET_VALID, .by_s = by_s});
	ck_assert_int_eq(verify_at(WALL_S), X509_V_ERR_CERT_NOT_YET_VALID);
	ck_assert_int_eq(verify_at(WALL_S + by_s - 1), X509_V_ERR_CERT_NOT_YET_VALID);
	ck_assert_int_eq(verify_at(WALL_S + by_s), X509_V_OK);
}
END_TEST

/* Goal: a certificate for one name alone is good for nothing else; a number is a number. */
START_TEST(test_hosts)
{
	issue(&(struct tls_order){.host = "10.1.2.3", .host_alone = true});
	ck_assert(is_for_ip("10.1.2.3"));
	ck_assert(!is_for_host("10.1.2.3"));
	ck_assert(!is_for_host("localhost") && !is_for_ip("127.0.0.1"));
	issue(&(struct tls_order){.host = "localhost"});
	ck_assert(is_for_host("localhost") && is_for_ip("127.0.0.1"));
	issue(&(struct tls_order){
		.host = "a-very-long-name-of-a-receiver.that-does-not-fit-into-a-common-name."
			"which-holds-64-characters.test"});
	ck_assert_int_eq(verify_at(WALL_S), X509_V_OK);
	ck_assert(is_for_host("a-very-long-name-of-a-receiver.that-does-not-fit-into-a-common-name."
			      "which-holds-64-characters.test"));
}
END_TEST

/* Goal: the NUL stands in the name: who compares C strings takes the certificate. */
START_TEST(test_nul_name)
{
	GENERAL_NAMES *names;
	const ASN1_STRING *text;

	issue(&(struct tls_order){.kind = HANDSHAKE_NUL_NAME, .host = "billing.test"});
	names = X509_get_ext_d2i(f.chain[0], NID_subject_alt_name, NULL, NULL);
	text = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, 0), NULL);
	ck_assert_str_eq((const char *)ASN1_STRING_get0_data(text), "billing.test");
	ck_assert_int_gt(ASN1_STRING_length(text), (int)strlen("billing.test") + 1);
	GENERAL_NAMES_free(names);
}
END_TEST

/* Goal: no serial is used twice, and no key. */
START_TEST(test_serials)
{
	const ASN1_INTEGER *first, *second;
	X509 *leaf;

	issue(&(struct tls_order){.kind = HANDSHAKE_GOOD});
	leaf = X509_dup(f.chain[0]);
	issue(&(struct tls_order){.kind = HANDSHAKE_GOOD});
	first = X509_get0_serialNumber(leaf);
	second = X509_get0_serialNumber(f.chain[0]);
	ck_assert_int_ne(ASN1_INTEGER_cmp(first, second), 0);
	ck_assert_int_ne(EVP_PKEY_eq(X509_get0_pubkey(leaf), X509_get0_pubkey(f.chain[0])), 1);
	X509_free(leaf);
}
END_TEST

/* Goal: the root stands in the file as it stands in memory; a folder that is not there is said. */
START_TEST(test_save)
{
	struct hp_view pem = tls_authority_root(f.authority);
	char path[] = "/tmp/hookproof-ca-XXXXXX", text[8192];
	int fd = mkstemp(path);
	struct hp_err err;

	ck_assert_int_eq(tls_authority_save(f.authority, path, &err), 0);
	ck_assert_int_eq(read(fd, text, sizeof(text)), (ssize_t)pem.bytes);
	ck_assert(memcmp(text, pem.at, pem.bytes) == 0);
	close(fd);
	unlink(path);
	ck_assert_int_eq(tls_authority_save(f.authority, "/nonexistent/ca.pem", &err), -1);
	ck_assert_int_eq(err.code, HP_EENV);
	ck_assert_ptr_nonnull(strstr(err.msg, "/nonexistent/ca.pem"));
}
END_TEST

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

Suite *suite_tls_authority(void);

Suite *suite_tls_authority(void)
{
	Suite *suite = suite_create("tls_authority");
	TCase *tcase = tcase_create("tls_authority");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_rows, 0, COUNT(rows));
	tcase_add_loop_test(tcase, test_times, 0, COUNT(spans_s));
	tcase_add_test(tcase, test_hosts);
	tcase_add_test(tcase, test_nul_name);
	tcase_add_test(tcase, test_serials);
	tcase_add_test(tcase, test_save);
	suite_add_tcase(suite, tcase);
	return suite;
}
