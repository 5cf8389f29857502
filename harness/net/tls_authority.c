#include "net/tls_authority.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

enum {
	DAY_S = 86400,
	LIFE_DAYS = 30,       /* of leaves */
	ROOT_DAYS = 2 * 3650, /* each way: more than TLS_BY_S_MAX and the life of a leaf */
	HOST_BYTES = 256,
	PEM_BYTES_MAX = 64 * 1024,
};

/* Who signed a leaf, and what of the chain is shown. */
enum signer { BY_INTERMEDIATE, BY_INTERMEDIATE_UNSHOWN, BY_STRANGER, BY_ITSELF };
enum naming { NAMED, NAMED_OTHERWISE, NAMED_IN_CN, NAMED_WITH_NUL };
enum validity { VALID_NOW, VALID_BEFORE, VALID_LATER };

/* Each is wrong in one respect; what is not named is as it should be. */
static const struct leaf_row {
	enum signer signer;
	enum naming naming;
	enum validity validity;
	const char *usage; /* extended key usage; NULL: of servers */
} rows[HANDSHAKE_CERTIFICATE_COUNT] = {
	[HANDSHAKE_GOOD] = {.usage = NULL},
	[HANDSHAKE_EXPIRED] = {.validity = VALID_BEFORE},
	[HANDSHAKE_NOT_YET_VALID] = {.validity = VALID_LATER},
	[HANDSHAKE_WRONG_NAME] = {.naming = NAMED_OTHERWISE},
	[HANDSHAKE_NO_SAN] = {.naming = NAMED_IN_CN},
	[HANDSHAKE_NUL_NAME] = {.naming = NAMED_WITH_NUL},
	[HANDSHAKE_SELF_SIGNED] = {.signer = BY_ITSELF},
	[HANDSHAKE_UNKNOWN_ROOT] = {.signer = BY_STRANGER},
	[HANDSHAKE_NO_INTERMEDIATE] = {.signer = BY_INTERMEDIATE_UNSHOWN},
	[HANDSHAKE_CLIENT_EKU] = {.usage = "clientAuth"},
};

struct pair {
	X509 *x509;
	EVP_PKEY *key;
};

struct tls_authority {
	uint64_t wall_s;
	long serial; /* of the last certificate */
	struct pair root, intermediate;
	struct pair stranger; /* a root that nobody trusts */
	struct hp_buf pem;    /* the root */
};

/* ---- parts of a certificate ---- */

/* Only memory can fail where our own data is turned into a certificate. */
static void must(bool good)
{
	assert(good && "a certificate of ours cannot be made");
}

static void add_extension(X509 *x509, X509 *issuer, int nid, const char *text)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, text);
	must(extension && X509_add_ext(x509, extension, -1));
	X509_EXTENSION_free(extension);
}

static void set_times(X509 *x509, uint64_t from_s, uint64_t to_s)
{
	must(ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)from_s) &&
	     ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)to_s));
}

static X509_NAME *name_new(const char *cn)
{
	static const unsigned char organisation[] = "hookproof";
	const unsigned char *common = (const unsigned char *)cn;
	X509_NAME *name = X509_NAME_new();

	must(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, organisation, -1, -1, 0) &&
	     X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, common, -1, -1, 0));
	return name;
}

/* A certificate with a key of its own, without names of hosts, times and a signature. */
static struct pair pair_new(struct tls_authority *authority, const char *cn)
{
	struct pair pair = {X509_new(), EVP_EC_gen("P-256")};
	X509_NAME *name = name_new(cn);

	must(pair.x509 && pair.key && X509_set_version(pair.x509, X509_VERSION_3) &&
	     ASN1_INTEGER_set(X509_get_serialNumber(pair.x509), ++authority->serial) &&
	     X509_set_pubkey(pair.x509, pair.key) && X509_set_subject_name(pair.x509, name));
	X509_NAME_free(name);
	return pair;
}

static void pair_free(struct pair *pair)
{
	X509_free(pair->x509);
	EVP_PKEY_free(pair->key);
}

static void sign(struct pair *pair, const struct pair *issuer)
{
	must(X509_set_issuer_name(pair->x509, X509_get_subject_name(issuer->x509)));
	add_extension(pair->x509, issuer->x509, NID_subject_key_identifier, "hash");
	add_extension(pair->x509, issuer->x509, NID_authority_key_identifier, "keyid");
	must(X509_sign(pair->x509, issuer->key, EVP_sha256()) > 0);
}

/* ---- the authority ---- */

/* issuer NULL: a root. */
static struct pair authority_pair(struct tls_authority *authority, const char *cn,
				  const struct pair *issuer)
{
	struct pair pair = pair_new(authority, cn);
	uint64_t life_s = (uint64_t)ROOT_DAYS * DAY_S;
	uint64_t from_s = authority->wall_s > life_s ? authority->wall_s - life_s : 0;

	set_times(pair.x509, from_s, authority->wall_s + life_s);
	add_extension(pair.x509, NULL, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(pair.x509, NULL, NID_key_usage, "critical,keyCertSign,cRLSign");
	sign(&pair, issuer ? issuer : &pair);
	return pair;
}

static void write_pem(struct hp_buf *out, const X509 *x509, const EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *at;
	long bytes;

	must(bio && (x509 ? PEM_write_bio_X509(bio, x509)
			  : PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)));
	bytes = BIO_get_mem_data(bio, &at);
	must(hp_buf_add(out, (struct hp_view){at, (size_t)bytes}));
	if (key)
		OPENSSL_cleanse(at, (size_t)bytes);
	BIO_free(bio);
}

struct tls_authority *tls_authority_new(uint64_t wall_s)
{
	struct tls_authority *authority = hp_xcalloc(1, sizeof(*authority));

	authority->wall_s = wall_s;
	authority->serial = (long)(wall_s << 16); /* no two runs: browsers remember serials */
	authority->root = authority_pair(authority, "hookproof test root", NULL);
	authority->intermediate =
		authority_pair(authority, "hookproof test intermediate", &authority->root);
	authority->stranger = authority_pair(authority, "a root that nobody trusts", NULL);
	hp_buf_init(&authority->pem, PEM_BYTES_MAX);
	write_pem(&authority->pem, authority->root.x509, NULL);
	return authority;
}

void tls_authority_free(struct tls_authority *authority)
{
	if (!authority)
		return;
	pair_free(&authority->root);
	pair_free(&authority->intermediate);
	pair_free(&authority->stranger);
	hp_buf_fini(&authority->pem);
	free(authority);
}

struct hp_view tls_authority_root(const struct tls_authority *authority)
{
	return hp_buf_view(&authority->pem);
}

int tls_authority_save(const struct tls_authority *authority, const char *path, struct hp_err *err)
{
	struct hp_view pem = hp_buf_view(&authority->pem);
	FILE *file = fopen(path, "we");
	bool written;

	if (!file)
		return hp_err_set(err, HP_EENV, "%s: %s", path, strerror(errno));
	written = fwrite(pem.at, pem.bytes, 1, file) == 1;
	if (fclose(file) == 0 && written)
		return 0;
	return hp_err_set(err, HP_EENV, "%s: cannot be written: %s", path, strerror(errno));
}

/* ---- names of a leaf ---- */

static void add_name(GENERAL_NAMES *names, int type, struct hp_view bytes)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_STRING *text = ASN1_STRING_type_new(type == GEN_DNS ? V_ASN1_IA5STRING
								 : V_ASN1_OCTET_STRING);

	must(name && text && ASN1_STRING_set(text, bytes.at, (int)bytes.bytes));
	GENERAL_NAME_set0_value(name, type, text);
	must(sk_GENERAL_NAME_push(names, name) > 0);
}

static void add_host(GENERAL_NAMES *names, const char *host)
{
	char ip[16];

	if (inet_pton(AF_INET, host, ip) == 1)
		add_name(names, GEN_IPADD, (struct hp_view){ip, 4});
	else if (inet_pton(AF_INET6, host, ip) == 1)
		add_name(names, GEN_IPADD, (struct hp_view){ip, 16});
	else
		add_name(names, GEN_DNS, hp_view_of(host));
}

static const char *host_of(const struct tls_order *order)
{
	return order->host && *order->host ? order->host : "localhost";
}

static void add_good_names(GENERAL_NAMES *names, const struct tls_order *order)
{
	static const char *const own[] = {"localhost", "127.0.0.1", "::1"};
	const char *host = host_of(order);

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && !order->host_alone; i++)
		if (strcmp(own[i], host) != 0)
			add_host(names, own[i]);
	add_host(names, host);
}

/* Who compares it as a C string takes it for the name in front of the NUL. */
static void add_nul_name(GENERAL_NAMES *names, const struct tls_order *order)
{
	static const char behind[] = "\0.elsewhere.invalid";
	char text[HOST_BYTES + sizeof(behind)];
	size_t bytes = strlen(host_of(order));

	assert(bytes < HOST_BYTES);
	memcpy(text, host_of(order), bytes);
	memcpy(text + bytes, behind, sizeof(behind) - 1);
	add_name(names, GEN_DNS, (struct hp_view){text, bytes + sizeof(behind) - 1});
}

static void name_leaf(X509 *x509, enum naming naming, const struct tls_order *order)
{
	GENERAL_NAMES *names;

	if (naming == NAMED_IN_CN)
		return;
	names = sk_GENERAL_NAME_new_null();
	if (naming == NAMED_OTHERWISE)
		add_host(names, "elsewhere.invalid");
	else if (naming == NAMED_WITH_NUL)
		add_nul_name(names, order);
	else
		add_good_names(names, order);
	must(X509_add1_ext_i2d(x509, NID_subject_alt_name, names, 0, 0) == 1);
	GENERAL_NAMES_free(names);
}

/* ---- leaves ---- */

static void time_leaf(X509 *x509, enum validity validity, uint64_t wall_s, uint64_t by_s)
{
	uint64_t life_s = (uint64_t)LIFE_DAYS * DAY_S;

	assert(validity == VALID_NOW || (by_s >= 1 && by_s <= TLS_BY_S_MAX));
	if (validity == VALID_BEFORE)
		set_times(x509, wall_s - by_s - life_s, wall_s - by_s);
	else if (validity == VALID_LATER)
		set_times(x509, wall_s + by_s, wall_s + by_s + life_s);
	else
		set_times(x509, wall_s - DAY_S, wall_s + life_s);
}

/* The CN holds 64 characters (X.520 upper bound); nobody looks at a longer host there. */
static const char *cn_of(const struct leaf_row *row, const struct tls_order *order)
{
	enum { CN_MAX = 64 };

	if (row->naming == NAMED_OTHERWISE)
		return "elsewhere.invalid";
	return strlen(host_of(order)) <= CN_MAX ? host_of(order) : "hookproof receiver";
}

static const struct pair *signer_of(const struct tls_authority *authority,
				    const struct leaf_row *row, const struct pair *leaf)
{
	if (row->signer == BY_ITSELF)
		return leaf;
	return row->signer == BY_STRANGER ? &authority->stranger : &authority->intermediate;
}

void tls_authority_issue(struct tls_authority *authority, const struct tls_order *order,
			 struct tls_issued *out)
{
	const struct leaf_row *row = &rows[order->kind];
	struct pair leaf = pair_new(authority, cn_of(row, order));
	const struct pair *signer = signer_of(authority, row, &leaf);

	time_leaf(leaf.x509, row->validity, authority->wall_s, order->by_s);
	add_extension(leaf.x509, NULL, NID_basic_constraints, "critical,CA:FALSE");
	add_extension(leaf.x509, NULL, NID_key_usage, "critical,digitalSignature");
	add_extension(leaf.x509, NULL, NID_ext_key_usage, row->usage ? row->usage : "serverAuth");
	name_leaf(leaf.x509, row->naming, order);
	sign(&leaf, signer);
	hp_buf_init(&out->chain, PEM_BYTES_MAX);
	hp_buf_init(&out->key, PEM_BYTES_MAX);
	write_pem(&out->chain, leaf.x509, NULL);
	if (row->signer == BY_INTERMEDIATE || row->signer == BY_STRANGER)
		write_pem(&out->chain, signer->x509, NULL);
	write_pem(&out->key, NULL, leaf.key);
	pair_free(&leaf);
}

void tls_issued_fini(struct tls_issued *issued)
{
	if (issued->key.at)
		OPENSSL_cleanse(issued->key.at, issued->key.room);
	hp_buf_fini(&issued->chain);
	hp_buf_fini(&issued->key);
}
