/* What OpenSSL tells of a connection: messages and alerts of both sides, the name that was asked
 * for, sessions to keep, and why it failed. Here too the faults that answer a ClientHello. */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>

#include "net/tls_inside.h"

enum { ALERT_BYTES = 2, ALERT_FATAL = 2, CLOSE_NOTIFY = 0, MESSAGE_TYPES = 32 };

static struct tls *tls_of(const SSL *ssl)
{
	return SSL_get_app_data(ssl);
}

static void see_alert(struct tls *tls, bool ours, const unsigned char *alert)
{
	struct tls_seen *seen = &tls->seen;
	int number = ours && tls->saying ? tls->saying : alert[1];

	if (number == CLOSE_NOTIFY)
		*(ours ? &seen->close_out : &seen->close_in) = true;
	else if (alert[0] == ALERT_FATAL)
		*(ours ? &seen->alert_out : &seen->alert_in) = number;
}

static void see_message(struct tls_seen *seen, bool ours, uint8_t type)
{
	if (type < MESSAGE_TYPES)
		*(ours ? &seen->messages_out : &seen->messages_in) |= TLS_MESSAGE(type);
}

/* NOLINTNEXTLINE(readability-function-size): the seven parameters are OpenSSL's */
static void on_message(int ours, int version, int kind, const void *buf, size_t bytes, SSL *ssl,
		       void *arg)
{
	struct tls *tls = tls_of(ssl);
	const unsigned char *at = buf;

	(void)version, (void)arg;
	if (!tls || bytes == 0)
		return;
	if (kind == SSL3_RT_HANDSHAKE)
		see_message(&tls->seen, ours, at[0]);
	else if (kind == SSL3_RT_ALERT && bytes >= ALERT_BYTES)
		see_alert(tls, ours, at);
	if (!ours)
		return;
	if (kind == SSL3_RT_HEADER)
		tls_gate_record(&tls->gate);
	else if (kind != SSL3_RT_INNER_CONTENT_TYPE)
		tls_gate_message(&tls->gate, kind == SSL3_RT_HANDSHAKE ? at[0] : 0);
}

/* ---- the ClientHello ---- */

/* The host name of a server_name extension (RFC 6066 3): a list of type, length, name. */
static void see_name(SSL *ssl, struct tls_seen *seen)
{
	enum { NAME_AT = 5, HOST_NAME = 0 };
	const unsigned char *at;
	size_t bytes, name_bytes;

	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &at, &bytes) != 1 ||
	    bytes < NAME_AT || at[2] != HOST_NAME)
		return;
	name_bytes = (size_t)at[3] * 256 + at[4];
	if (name_bytes > bytes - NAME_AT || name_bytes >= sizeof(seen->name))
		return;
	memcpy(seen->name, at + NAME_AT, name_bytes);
	seen->name[name_bytes] = '\0';
}

static enum tls_hold hold_at_hello(const struct tls *tls)
{
	if (tls->stall == HANDSHAKE_AT_HELLO)
		return TLS_HOLD_STALL;
	return tls->reset == HANDSHAKE_AT_HELLO ? TLS_HOLD_RESET : TLS_HOLD_NONE;
}

static int on_client_hello(SSL *ssl, int *alert, void *arg)
{
	struct tls *tls = tls_of(ssl);

	(void)arg;
	see_name(ssl, &tls->seen);
	tls->hold = hold_at_hello(tls);
	if (tls->hold != TLS_HOLD_NONE)
		return SSL_CLIENT_HELLO_RETRY;
	if (tls->alert) {
		tls->saying = tls->alert;
		*alert = SSL_AD_HANDSHAKE_FAILURE; /* one that OpenSSL sends as it stands */
		return SSL_CLIENT_HELLO_ERROR;
	}
	if (tls->context->named && strcasecmp(tls->seen.name, tls->context->name) == 0)
		SSL_set_SSL_CTX(ssl, tls->context->named);
	return SSL_CLIENT_HELLO_SUCCESS;
}

/* ---- sessions and certificates ---- */

/* Takes the session when it returns 1. */
static int on_session(SSL *ssl, SSL_SESSION *session)
{
	struct tls_peer *peer = tls_of(ssl)->peer;

	if (!peer || !peer->context->resumes)
		return 0;
	SSL_SESSION_free(peer->session);
	peer->session = session;
	return 1;
}

void tls_watch_context(struct ssl_ctx_st *ctx)
{
	SSL_CTX_set_msg_callback(ctx, on_message);
	SSL_CTX_set_client_hello_cb(ctx, on_client_hello, NULL);
	SSL_CTX_sess_set_new_cb(ctx, on_session);
}

/* ---- why it failed ---- */

static void say_alert(struct tls_seen *seen, const char *who, int alert)
{
	snprintf(seen->error, sizeof(seen->error), "%s alert %d, %s", who, alert,
		 SSL_alert_desc_string_long(alert));
}

static void say_library(struct tls_seen *seen)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	snprintf(seen->error, sizeof(seen->error), "%s", reason ? reason : "no TLS");
}

static bool refused_certificate(const struct tls *tls)
{
	return tls->seen.verify != X509_V_OK && tls->seen.alert_out != TLS_NO_ALERT;
}

static void say_failure(struct tls *tls)
{
	struct tls_seen *seen = &tls->seen;

	if (refused_certificate(tls))
		snprintf(seen->error, sizeof(seen->error), "%s",
			 X509_verify_cert_error_string(seen->verify));
	else if (seen->alert_in != TLS_NO_ALERT)
		say_alert(seen, "the peer sent", seen->alert_in);
	else if (tls->alert && seen->alert_out == tls->alert)
		say_alert(seen, "we sent", seen->alert_out);
	else
		say_library(seen);
}

void tls_watch_failure(struct tls *tls, enum tls_result result)
{
	struct tls_seen *seen = &tls->seen;
	char text[TLS_ERROR_BYTES];

	if (result == TLS_RESET)
		snprintf(seen->error, sizeof(seen->error), "%s",
			 strerror_r(tls->socket_errno, text, sizeof(text)));
	else if (result == TLS_CUT)
		snprintf(seen->error, sizeof(seen->error), "%s",
			 seen->ready ? "closed without close_notify" : "closed in the handshake");
	else if (result == TLS_CLOSED && !seen->ready)
		snprintf(seen->error, sizeof(seen->error), "close_notify in the handshake");
	else if (result == TLS_FAILED)
		say_failure(tls);
	ERR_clear_error();
}
