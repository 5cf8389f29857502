#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/tls_inside.h"

/* ---- life ---- */

static struct tls *tls_new(struct tls_context *context, int fd)
{
	struct tls *tls = hp_xcalloc(1, sizeof(*tls));
	BIO *bio;

	tls->context = context;
	tls->fd = fd;
	tls->seen.alert_in = tls->seen.alert_out = TLS_NO_ALERT;
	hp_buf_init(&tls->gate.held, TLS_GATE_BYTES_MAX);
	tls->ssl = SSL_new(context->ctx);
	bio = tls_bio_new(tls);
	assert(tls->ssl && bio); /* memory alone can fail here */
	SSL_set_app_data(tls->ssl, tls);
	SSL_set_bio(tls->ssl, bio, bio);
	return tls;
}

/* The name must stand among the certificate's alternative names: a CN alone is not looked at
 * (RFC 9525 2). */
static void expect_host(SSL *ssl, struct tls_peer *peer)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
						       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (peer->is_number) {
		X509_VERIFY_PARAM_set1_ip_asc(param, peer->host);
		return;
	}
	X509_VERIFY_PARAM_set1_host(param, peer->host, 0);
	SSL_set_tlsext_host_name(ssl, peer->host);
}

struct tls *tls_connect(struct tls_peer *peer, int fd)
{
	struct tls *tls = tls_new(peer->context, fd);

	tls->peer = peer;
	expect_host(tls->ssl, peer);
	if (peer->session)
		SSL_set_session(tls->ssl, peer->session);
	SSL_set_connect_state(tls->ssl);
	ERR_clear_error();
	return tls;
}

/* A handshake that is resumed has no certificate to stop at. */
static void take_faults(struct tls *tls, const struct handshake *faults)
{
	tls->stall = faults->stall;
	tls->reset = faults->reset;
	tls->delays = faults->delay_ns > 0;
	tls->alert = faults->alert;
	tls->no_close_notify = faults->no_close_notify;
	if (tls->stall != HANDSHAKE_NOWHERE || tls->reset != HANDSHAKE_NOWHERE) {
		SSL_set_options(tls->ssl, SSL_OP_NO_TICKET);
		SSL_set_num_tickets(tls->ssl, 0);
	}
	tls->gate.closed = tls->delays || tls->stall > HANDSHAKE_AT_HELLO ||
			   tls->reset > HANDSHAKE_AT_HELLO;
}

struct tls *tls_accept(struct tls_context *context, int fd, const struct handshake *faults)
{
	struct tls *tls = tls_new(context, fd);

	if (faults)
		take_faults(tls, faults);
	SSL_set_accept_state(tls->ssl);
	return tls;
}

/* OpenSSL forgets the session of a connection that was not shut down, which is a reason only in
 * versions before 1.1 (RFC 4346 7.2.1): it is told that all was said. */
void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	if (tls->seen.ready && !tls->failed)
		SSL_set_shutdown(tls->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(tls->ssl);
	hp_buf_fini(&tls->gate.held);
	free(tls);
}

/* ---- results ---- */

static enum tls_result result_of(const struct tls *tls, int returned)
{
	switch (SSL_get_error(tls->ssl, returned)) {
	case SSL_ERROR_NONE:
		return TLS_DONE;
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANT_WRITE;
	case SSL_ERROR_WANT_CLIENT_HELLO_CB:
		return TLS_HELD;
	default:
		break;
	}
	if (tls->seen.close_in)
		return TLS_CLOSED;
	if (tls->socket_errno)
		return TLS_RESET;
	return tls->ended ? TLS_CUT : TLS_FAILED;
}

static enum tls_result conclude(struct tls *tls, int returned)
{
	enum tls_result result = result_of(tls, returned);

	if (result == TLS_FAILED)
		tls->failed = true;
	if (result >= TLS_CLOSED)
		tls_watch_failure(tls, result);
	return result;
}

/* ---- the handshake ---- */

static void see_handshake(struct tls *tls)
{
	struct tls_seen *seen = &tls->seen;

	seen->ready = true;
	seen->resumed = SSL_session_reused(tls->ssl);
	seen->version = (uint16_t)SSL_version(tls->ssl);
	tls->gate.closed = false;
}

/* A session that did not lead to a connection is not tried again. */
static void forget_session(struct tls *tls)
{
	if (!tls->peer)
		return;
	SSL_SESSION_free(tls->peer->session);
	tls->peer->session = NULL;
}

static void see_certificate(struct tls *tls)
{
	struct tls_seen *seen = &tls->seen;

	seen->verify = (int)SSL_get_verify_result(tls->ssl);
	seen->certificate_in = (seen->messages_in & TLS_MESSAGE(TLS_CERTIFICATE)) &&
			       SSL_get0_peer_certificate(tls->ssl);
}

/* The alert of a handshake that failed is behind what the gate still holds: it is of no use now. */
static void open_gate(struct tls *tls)
{
	tls->stall = tls->reset = HANDSHAKE_NOWHERE;
	tls->delays = false;
	tls_gate_drain(tls);
	tls->gate.closed = false;
}

static enum tls_result shake(struct tls *tls)
{
	enum tls_result result, drained;
	int returned;

	ERR_clear_error();
	returned = SSL_do_handshake(tls->ssl);
	see_certificate(tls);
	result = conclude(tls, returned);
	if (result >= TLS_CLOSED) {
		forget_session(tls);
		open_gate(tls);
		return result;
	}
	if (result == TLS_HELD)
		return result;
	drained = tls_gate_drain(tls);
	return drained == TLS_DONE ? result : drained;
}

enum tls_result tls_handshake(struct tls *tls)
{
	enum tls_result result;

	if (tls->seen.ready)
		return TLS_DONE;
	result = tls_gate_drain(tls);
	if (result == TLS_DONE)
		result = shake(tls);
	if (result == TLS_DONE)
		see_handshake(tls);
	else if (result == TLS_RESET && tls->seen.error[0] == '\0')
		tls_watch_failure(tls, result); /* in the gate */
	return result;
}

enum tls_hold tls_hold(const struct tls *tls)
{
	return tls->hold;
}

void tls_release(struct tls *tls)
{
	if (tls->hold == TLS_HOLD_DELAY)
		tls->gate.flight = false;
	else if (tls->gate.held.bytes > 0)
		tls->gate.released = true;
	else if (tls->hold == TLS_HOLD_STALL)
		tls->stall = HANDSHAKE_NOWHERE;
	else if (tls->hold == TLS_HOLD_RESET)
		tls->reset = HANDSHAKE_NOWHERE;
	tls->hold = TLS_HOLD_NONE;
}

/* ---- data ---- */

enum tls_result tls_recv(struct tls *tls, char *buf, size_t room, size_t *bytes)
{
	*bytes = 0;
	ERR_clear_error();
	return conclude(tls, SSL_read_ex(tls->ssl, buf, room, bytes));
}

bool tls_pending(const struct tls *tls)
{
	return SSL_has_pending(tls->ssl);
}

enum tls_result tls_send(struct tls *tls, struct hp_view bytes, size_t *taken)
{
	*taken = 0;
	while (*taken < bytes.bytes) {
		enum tls_result result;
		size_t record;

		ERR_clear_error();
		result = conclude(tls, SSL_write_ex(tls->ssl, bytes.at + *taken,
						    bytes.bytes - *taken, &record));
		if (result != TLS_DONE)
			return result;
		*taken += record;
	}
	return TLS_DONE;
}

enum tls_result tls_shutdown(struct tls *tls)
{
	enum tls_result result;

	if (!tls->seen.ready || tls->seen.close_out || tls->no_close_notify || tls->failed ||
	    tls->socket_errno)
		return TLS_DONE;
	ERR_clear_error();
	result = result_of(tls, SSL_shutdown(tls->ssl)); /* 0 is an answer: theirs is to come */
	ERR_clear_error();
	return result == TLS_WANT_WRITE && !tls->seen.close_out ? TLS_WANT_WRITE : TLS_DONE;
}

/* ---- evidence ---- */

const struct tls_seen *tls_seen(const struct tls *tls)
{
	return &tls->seen;
}

const char *tls_version_word(uint16_t version)
{
	switch (version) {
	case TLS_1_0:
		return "TLS 1.0";
	case TLS_1_1:
		return "TLS 1.1";
	case TLS_1_2:
		return "TLS 1.2";
	case TLS_1_3:
		return "TLS 1.3";
	default:
		return "no TLS";
	}
}
