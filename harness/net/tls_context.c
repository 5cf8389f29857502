/* Contexts and peers: what connections share, made once before the first of them. */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/tls_inside.h"

/* OpenSSL's own reason behind ours; leaves nothing in its queue. */
static int fail(struct hp_err *err, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	hp_err_set(err, HP_EINPUT, "%s%s%s", what, reason ? ": " : "", reason ? reason : "");
	ERR_clear_error();
	return -1;
}

static SSL_CTX *ctx_new(const SSL_METHOD *method)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	assert(ctx != NULL);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	/* tls_bio.c sees a FIN without close_notify: OpenSSL need not answer it by an alert. */
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					 SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_read_ahead(ctx, 1); /* one system call for an answer, not one a record's half */
	tls_watch_context(ctx);
	return ctx;
}

static void use_versions(SSL_CTX *ctx, uint16_t min, uint16_t max)
{
	SSL_CTX_set_min_proto_version(ctx, min ? min : TLS_1_2);
	SSL_CTX_set_max_proto_version(ctx, max ? max : TLS_1_3);
	if (min && min < TLS_1_2) /* what these sign with is below every other level */
		SSL_CTX_set_security_level(ctx, 0);
}

/* ---- PEM ---- */

static BIO *text_of(struct hp_view pem)
{
	BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.bytes);

	assert(bio != NULL);
	return bio;
}

/* Adds each certificate of the text; 0, or -1 when there is none or one is refused. */
static int each_certificate(struct hp_view pem, int (*add)(SSL_CTX *ctx, X509 *x509), SSL_CTX *ctx)
{
	BIO *bio = text_of(pem);
	int count = 0, good = 1;
	X509 *x509;

	while (good && (x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		good = add(ctx, x509);
		X509_free(x509);
		count++;
	}
	BIO_free(bio);
	if (!good || count == 0)
		return -1;
	ERR_clear_error(); /* "no start line": the end of the text */
	return 0;
}

static int add_authority(SSL_CTX *ctx, X509 *x509)
{
	return X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), x509);
}

/* The first is the leaf. */
static int add_chain(SSL_CTX *ctx, X509 *x509)
{
	if (!SSL_CTX_get0_certificate(ctx))
		return SSL_CTX_use_certificate(ctx, x509);
	return SSL_CTX_add1_chain_cert(ctx, x509) != 0;
}

static int use_certificate(SSL_CTX *ctx, const struct tls_certificate *certificate,
			   struct hp_err *err)
{
	char no_passphrase[] = "";
	BIO *bio = text_of(certificate->key);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, no_passphrase);
	int good;

	BIO_free(bio);
	if (!key)
		return fail(err, "want a private key in PEM, without a passphrase");
	good = each_certificate(certificate->chain, add_chain, ctx) == 0 &&
	       SSL_CTX_use_PrivateKey(ctx, key);
	EVP_PKEY_free(key);
	return good ? 0 : fail(err, "want a certificate in PEM and the key that is its own");
}

/* ---- clients ---- */

static int trust(SSL_CTX *ctx, const struct tls_client_config *config, struct hp_err *err)
{
	if (config->ca_file && SSL_CTX_load_verify_file(ctx, config->ca_file) != 1) {
		fail(err, "want authorities in PEM");
		return hp_err_wrap(err, "%s", config->ca_file);
	}
	if (config->ca.bytes && each_certificate(config->ca, add_authority, ctx) < 0)
		return fail(err, "want authorities in PEM");
	if (!config->ca_file && !config->ca.bytes)
		SSL_CTX_set_default_verify_paths(ctx);
	return 0;
}

struct tls_context *tls_context_client(const struct tls_client_config *config, struct hp_err *err)
{
	struct tls_context *context = hp_xcalloc(1, sizeof(*context));
	SSL_CTX *ctx = ctx_new(TLS_client_method());

	context->ctx = ctx;
	context->resumes = !config->no_resume;
	use_versions(ctx, 0, 0);
	SSL_CTX_set_verify(ctx, config->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_session_cache_mode(ctx, context->resumes ? SSL_SESS_CACHE_CLIENT |
								       SSL_SESS_CACHE_NO_INTERNAL
							     : SSL_SESS_CACHE_OFF);
	if (trust(ctx, config, err) == 0 &&
	    (config->own.chain.bytes == 0 || use_certificate(ctx, &config->own, err) == 0))
		return context;
	tls_context_free(context);
	return NULL;
}

/* ---- servers ---- */

static int take_any(int good, X509_STORE_CTX *store)
{
	(void)good, (void)store;
	return 1;
}

/* Suites of TLS 1.3 have a list of their own, and names that tell. */
static int use_cipher(SSL_CTX *ctx, const char *cipher, struct hp_err *err)
{
	bool suite = strncmp(cipher, "TLS_", 4) == 0;

	if (suite ? SSL_CTX_set_ciphersuites(ctx, cipher) : SSL_CTX_set_cipher_list(ctx, cipher))
		return 0;
	fail(err, "want a cipher as OpenSSL calls it");
	return hp_err_wrap(err, "%s", cipher);
}

/* One cipher alone also means the versions that have it. */
static void use_versions_of(SSL_CTX *ctx, const struct tls_server_config *config)
{
	uint16_t min = config->version_min, max = config->version_max;

	if (config->cipher && strncmp(config->cipher, "TLS_", 4) == 0)
		min = TLS_1_3;
	else if (config->cipher && (!max || max > TLS_1_2))
		max = TLS_1_2;
	use_versions(ctx, min, max);
}

static void ask_client(SSL_CTX *ctx, const struct tls_server_config *config)
{
	static const unsigned char id[] = "hookproof";

	SSL_CTX_set_session_id_context(ctx, id, sizeof(id));
	if (!config->client_asked && !config->client_required)
		return;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (config->client_required
							   ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT
							   : 0), take_any);
}

static SSL_CTX *server_ctx(const struct tls_server_config *config, size_t index, struct hp_err *err)
{
	SSL_CTX *ctx = ctx_new(TLS_server_method());

	use_versions_of(ctx, config);
	ask_client(ctx, config);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); /* tickets alone: no memory here */
	if (config->no_resume) {
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
		SSL_CTX_set_num_tickets(ctx, 0);
	}
	if (use_certificate(ctx, &config->certificates[index], err) == 0 &&
	    (!config->cipher || use_cipher(ctx, config->cipher, err) == 0))
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

struct tls_context *tls_context_server(const struct tls_server_config *config, struct hp_err *err)
{
	struct tls_context *context = hp_xcalloc(1, sizeof(*context));

	assert(config->certificate_count >= 1 && config->certificate_count <= TLS_CERTIFICATES_MAX);
	context->ctx = server_ctx(config, 0, err);
	if (context->ctx && config->certificate_count > 1) {
		const char *name = config->certificates[1].name;

		assert(name && strlen(name) < sizeof(context->name));
		strncpy(context->name, name, sizeof(context->name) - 1);
		context->named = server_ctx(config, 1, err);
	}
	if (context->ctx && (context->named || config->certificate_count == 1))
		return context;
	tls_context_free(context);
	return NULL;
}

void tls_context_free(struct tls_context *context)
{
	if (!context)
		return;
	SSL_CTX_free(context->ctx);
	SSL_CTX_free(context->named);
	free(context);
}

/* ---- peers ---- */

static bool is_number(const char *host)
{
	uint8_t ip[16];

	return inet_pton(AF_INET, host, ip) == 1 || inet_pton(AF_INET6, host, ip) == 1;
}

struct tls_peer *tls_peer_new(struct tls_context *context, const char *host)
{
	struct tls_peer *peer = hp_xcalloc(1, sizeof(*peer));

	assert(strlen(host) < sizeof(peer->host));
	peer->context = context;
	strncpy(peer->host, host, sizeof(peer->host) - 1);
	peer->is_number = is_number(host);
	return peer;
}

void tls_peer_free(struct tls_peer *peer)
{
	if (!peer)
		return;
	SSL_SESSION_free(peer->session);
	free(peer);
}
