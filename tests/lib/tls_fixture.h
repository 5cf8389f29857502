/* A test authority, a client and a receiver's contexts, and meetings of the two: what the suites of
 * TLS begin with. */
#ifndef HP_TESTS_LIB_TLS_FIXTURE_H
#define HP_TESTS_LIB_TLS_FIXTURE_H
#include "net/tls_authority.h"
#include "net/tls_contexts.h"
#include "tests/lib/tls_pair.h"

extern struct tls_fx {
	struct tls_authority *authority;
	struct tls_contexts *contexts; /* of a receiver that is also called billing.test */
	struct tls_context *client;    /* trusts the authority */
	struct tls_peer *peer;         /* localhost, until another one is used */
	struct tls_pair pair;
	struct hp_err err;
} tls_fx;

void tls_fx_setup(void);
void tls_fx_teardown(void);

/* The client is another one from now on, or looks for another host. */
void tls_fx_use_client(struct tls_client_config config, const char *host);
void tls_fx_use_host(const char *host);

/* The receiver's context for such handshakes; fails the test when there is none. */
struct tls_context *tls_fx_context(const struct handshake *handshake);

/* One more connection, shaken as far as it comes. */
void tls_fx_meet(const struct handshake *handshake);

/* Fails the test unless both sides are ready; and sends a few bytes each way, which brings the
 * tickets of 1.3. */
void tls_fx_both_ready(void);
void tls_fx_exchange(void);

const struct tls_seen *tls_fx_client_saw(void);
const struct tls_seen *tls_fx_server_saw(void);
#endif
