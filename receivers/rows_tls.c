/* The handshake, of receivers that speak TLS: what they show, say and withhold before a request can
 * come. Each row changes struct handshake, and net/ carries it out. See behaviour.h. */
#include <strings.h>

#include "receivers/rows.h"

enum {
	TLS_1_0 = 0x0301, /* as on the wire, RFC 8446 4.2.1 */
	TLS_1_1 = 0x0302,
	TLS_1_3 = 0x0304,
	HANDSHAKE_FAILURE = 40, /* RFC 8446 6.2 */
	CERTIFICATE_NUMBER = 140, /* of the row of a certificate, less its place in handshake.h */
};
#define BY_NS (86400 * HP_S_NS)

/* certificates: a session that is resumed shows none, so that every handshake is a full one */

enum certificate_param { CERTIFICATE_BY };

static void shake_certificate(const struct behaviour_part *part, const struct behaviour_case *c,
			      struct handshake *out)
{
	(void)c;
	out->certificate = (enum handshake_certificate)(part->row->number - CERTIFICATE_NUMBER);
	out->by_s = part->row->params[CERTIFICATE_BY].name != NULL
			    ? part->values[CERTIFICATE_BY] / HP_S_NS
			    : 0;
	out->no_resume = true;
}

/* cert-changes */

enum changes_param { CHANGES_FROM, CHANGES_TO };

static const char *const certificate_words[] = {
#define X(name, slug, what) slug,
	HANDSHAKE_CERTIFICATES(X)
#undef X
	NULL,
};

static bool strikes_changes(const struct behaviour_part *part, const struct behaviour_case *c,
			    uint64_t *until_ns)
{
	(void)until_ns;
	return c->ordinal >= part->values[CHANGES_FROM];
}

static void shake_changes(const struct behaviour_part *part, const struct behaviour_case *c,
			  struct handshake *out)
{
	(void)c;
	out->certificate = (enum handshake_certificate)part->values[CHANGES_TO];
	out->by_s = BY_NS / HP_S_NS;
	out->no_resume = true;
}

/* tls-stall, tls-reset: at a point of the handshake */

enum point_param { POINT_AT, POINT_HOLD };
static const char *const point_words[] = {"hello", "certificate", "finished", NULL};

static enum handshake_point point_of(const struct behaviour_part *part)
{
	return (enum handshake_point)(HANDSHAKE_AT_HELLO + part->values[POINT_AT]);
}

static void shake_stall(const struct behaviour_part *part, const struct behaviour_case *c,
			struct handshake *out)
{
	(void)c;
	out->stall = point_of(part);
	out->stall_ns = part->values[POINT_HOLD];
}

static void shake_reset(const struct behaviour_part *part, const struct behaviour_case *c,
			struct handshake *out)
{
	(void)c;
	out->reset = point_of(part);
}

/* what is said instead of the handshake, or slowly */

static void shake_slow(const struct behaviour_part *part, const struct behaviour_case *c,
		       struct handshake *out)
{
	(void)c;
	out->delay_ns = part->values[0];
}

static void shake_alert(const struct behaviour_part *part, const struct behaviour_case *c,
			struct handshake *out)
{
	(void)c;
	out->alert = (uint8_t)part->values[0];
}

static void shake_garbage(const struct behaviour_part *part, const struct behaviour_case *c,
			  struct handshake *out)
{
	(void)c;
	out->garbage_bytes = (uint32_t)part->values[0];
}

static void shake_plain(const struct behaviour_part *part, const struct behaviour_case *c,
			struct handshake *out)
{
	(void)part, (void)c;
	out->plain = true;
}

static void shake_no_close_notify(const struct behaviour_part *part, const struct behaviour_case *c,
				  struct handshake *out)
{
	(void)part, (void)c;
	out->no_close_notify = true;
}

/* what the two sides agree on */

static void shake_client_cert(const struct behaviour_part *part, const struct behaviour_case *c,
			      struct handshake *out)
{
	(void)c;
	out->client_certificate_asked = true;
	out->client_certificate_required = part->values[0] != 0;
}

static void shake_old(const struct behaviour_part *part, const struct behaviour_case *c,
		      struct handshake *out)
{
	(void)part, (void)c;
	out->version_min = TLS_1_0;
	out->version_max = TLS_1_1;
}

static void shake_only13(const struct behaviour_part *part, const struct behaviour_case *c,
			 struct handshake *out)
{
	(void)part, (void)c;
	out->version_min = out->version_max = TLS_1_3;
}

static void shake_cipher(const struct behaviour_part *part, const struct behaviour_case *c,
			 struct handshake *out)
{
	(void)c;
	out->cipher = behaviour_text(part, 0);
}

static void shake_two_names(const struct behaviour_part *part, const struct behaviour_case *c,
			    struct handshake *out)
{
	(void)c;
	out->second_name = behaviour_text(part, 0);
}

static void shake_no_resume(const struct behaviour_part *part, const struct behaviour_case *c,
			    struct handshake *out)
{
	(void)part, (void)c;
	out->no_resume = true;
}

static int check_text(const struct behaviour_part *part, struct hp_err *err)
{
	if (behaviour_text(part, 0)[0] != '\0')
		return 0;
	return hp_err_set(err, HP_EINPUT, "\"%s\" is empty", part->row->params[0].name);
}

/* ---- what was seen of it ---- */

static bool shook_stall(const struct behaviour_row *row, const struct handshake *handshake,
			const struct handshake_seen *seen)
{
	(void)row, (void)handshake;
	return seen->stalled;
}

static bool shook_slow(const struct behaviour_row *row, const struct handshake *handshake,
		       const struct handshake_seen *seen)
{
	(void)row, (void)handshake;
	return seen->delayed;
}

static bool shook_reset(const struct behaviour_row *row, const struct handshake *handshake,
			const struct handshake_seen *seen)
{
	(void)row, (void)handshake;
	return seen->reset;
}

static bool shook_alert(const struct behaviour_row *row, const struct handshake *handshake,
			const struct handshake_seen *seen)
{
	(void)row;
	return seen->alert_out == handshake->alert;
}

static bool shook_garbage(const struct behaviour_row *row, const struct handshake *handshake,
			  const struct handshake_seen *seen)
{
	(void)row, (void)handshake;
	return seen->garbage_out;
}

/* An answer in clear was given, to whatever the peer had said. */
static bool shook_plain(const struct behaviour_row *row, const struct handshake *handshake,
			const struct handshake_seen *seen)
{
	(void)row;
	return handshake->plain && seen->written_bytes != 0;
}

static bool shook_certificate(const struct behaviour_row *row, const struct handshake *handshake,
			      const struct handshake_seen *seen)
{
	return seen->certificate_out &&
	       row->number == CERTIFICATE_NUMBER + (int)handshake->certificate;
}

static bool shook_changes(const struct behaviour_row *row, const struct handshake *handshake,
			  const struct handshake_seen *seen)
{
	(void)row, (void)handshake;
	return seen->certificate_out;
}

static bool shook_no_close_notify(const struct behaviour_row *row,
				  const struct handshake *handshake,
				  const struct handshake_seen *seen)
{
	(void)row, (void)handshake;
	return seen->bare_out;
}

static bool shook_client_cert(const struct behaviour_row *row, const struct handshake *handshake,
			      const struct handshake_seen *seen)
{
	(void)row, (void)handshake;
	return seen->asked_out;
}

/* The ClientHello was answered under the row's terms, by agreement or by an alert. */
static bool shook_terms(const struct behaviour_row *row, const struct handshake *handshake,
			const struct handshake_seen *seen)
{
	(void)row, (void)handshake;
	return seen->hello_out || seen->alert_out != 0;
}

/* Clients that ask for another name do not see it. */
static bool shook_two_names(const struct behaviour_row *row, const struct handshake *handshake,
			    const struct handshake_seen *seen)
{
	(void)row;
	return seen->certificate_out && strcasecmp(seen->name, handshake->second_name) == 0;
}

static bool shook_no_resume(const struct behaviour_row *row, const struct handshake *handshake,
			    const struct handshake_seen *seen)
{
	(void)row, (void)handshake;
	return seen->ready && !seen->resumed;
}

#define TLS_ROW(row_number, row_slug)                                                             \
	.number = row_number, .slug = row_slug, .layer = BEHAVIOUR_TLS,                           \
	.stage = BEHAVIOUR_ON_CONNECT

#define CERTIFICATE(name, row_slug)                                                               \
	TLS_ROW(CERTIFICATE_NUMBER + HANDSHAKE_##name, row_slug),                                 \
	.proof = "the certificate crossed, and not one byte of a request was read",               \
	.shake = shake_certificate, .shook = shook_certificate

#define BY_PARAM                                                                                  \
	[CERTIFICATE_BY] = {"by", BEHAVIOUR_SPAN, BY_NS, HP_S_NS, ROWS_WINDOW_NS_MAX,             \
			    .help = "off by so much, in whole seconds"}

#define AT_PARAM                                                                                  \
	[POINT_AT] = {"at", BEHAVIOUR_WORD, 0, .words = point_words,                              \
		      .help = "behind the ClientHello, before our certificate, or before our "    \
			      "Finished"}

const struct behaviour_row rows_tls[] = {
	{
		TLS_ROW(130, "tls-stall"),
		.help = "stops in the handshake and says nothing more",
		.proof = "the handshake messages that crossed; the peer's FIN",
		.params = {
			AT_PARAM,
			[POINT_HOLD] = {"hold", BEHAVIOUR_SPAN, 60 * HP_S_NS, HP_MS_NS, HP_NEVER,
					.help = "then the connection is closed"},
		},
		.shake = shake_stall,
		.shook = shook_stall,
	},
	{
		TLS_ROW(131, "tls-slow"),
		.help = "shakes hands slowly: waits before each flight of its messages",
		.proof = "the moments of the handshake messages that crossed",
		.params = {{"delay", BEHAVIOUR_SPAN, 500 * HP_MS_NS, HP_US_NS, ROWS_SPAN_NS_MAX,
			    .help = "before each flight"}},
		.shake = shake_slow,
		.shook = shook_slow,
	},
	{
		TLS_ROW(132, "tls-reset"),
		.help = "resets the connection in the handshake",
		.proof = "the handshake messages that crossed, RST sent before the peer left",
		.params = {AT_PARAM},
		.shake = shake_reset,
		.shook = shook_reset,
	},
	{
		TLS_ROW(133, "tls-alert"),
		.help = "answers the ClientHello with a fatal alert",
		.proof = "the alert crossed",
		.params = {{"code", BEHAVIOUR_COUNT, HANDSHAKE_FAILURE, 1, UINT8_MAX,
			    .help = "of the alert, RFC 8446 6; 40 is handshake_failure"}},
		.shake = shake_alert,
		.shook = shook_alert,
	},
	{
		TLS_ROW(134, "tls-garbage"),
		.help = "answers the ClientHello with random bytes",
		.proof = "so many bytes acknowledged; what the peer did then",
		.params = {{"bytes", BEHAVIOUR_BYTES, 512, 1, 64 * 1024, .help = "how many"}},
		.shake = shake_garbage,
		.shook = shook_garbage,
	},
	{
		TLS_ROW(135, "tls-plain"),
		.help = "speaks HTTP in clear on the port that should speak TLS",
		.proof = "what the peer sent was no request",
		.shake = shake_plain,
		.shook = shook_plain,
	},
	{
		CERTIFICATE(EXPIRED, "cert-expired"),
		.help = "shows a certificate whose time is over",
		.params = {BY_PARAM},
	},
	{
		CERTIFICATE(NOT_YET_VALID, "cert-not-yet-valid"),
		.help = "shows a certificate whose time has not come",
		.params = {BY_PARAM},
	},
	{
		CERTIFICATE(WRONG_NAME, "cert-wrong-name"),
		.help = "shows a certificate that is made out to another name",
	},
	{
		CERTIFICATE(NO_SAN, "cert-no-san"),
		.help = "shows a certificate with its name in the CN alone",
	},
	{
		CERTIFICATE(NUL_NAME, "cert-nul-name"),
		.help = "shows a certificate with a NUL inside its name",
	},
	{
		CERTIFICATE(SELF_SIGNED, "cert-self-signed"),
		.help = "shows a certificate that is signed by itself",
	},
	{
		CERTIFICATE(UNKNOWN_ROOT, "cert-unknown-root"),
		.help = "shows a certificate of an authority that nobody knows",
	},
	{
		CERTIFICATE(NO_INTERMEDIATE, "cert-no-intermediate"),
		.help = "shows a certificate without the one between it and the root",
	},
	{
		CERTIFICATE(CLIENT_EKU, "cert-client-eku"),
		.help = "shows a certificate that is made for clients alone",
	},
	{
		TLS_ROW(150, "cert-changes"), .load_dependent = true,
		.help = "shows another certificate from some connection on; they are counted as "
			"they come, so that it depends on how many the sender opens",
		.proof = "the certificates that crossed, and the number of each connection",
		.params = {
			[CHANGES_FROM] = {"from_connection", BEHAVIOUR_COUNT, 2, 1, 1000000000,
					  .help = "the first one that sees the other certificate"},
			[CHANGES_TO] = {"to", BEHAVIOUR_WORD, HANDSHAKE_EXPIRED,
					.words = certificate_words, .help = "which one"},
		},
		.strikes = strikes_changes,
		.shake = shake_changes,
		.shook = shook_changes,
	},
	{
		TLS_ROW(151, "tls-no-close-notify"),
		.help = "ends the connection by FIN without close_notify; with "
			"close-mid-response the answer is truncated too",
		.proof = "FIN sent, and no close_notify",
		.shake = shake_no_close_notify,
		.shook = shook_no_close_notify,
	},
	{
		TLS_ROW(152, "tls-client-cert"),
		.help = "asks for a certificate of the client",
		.proof = "the request for one crossed; whether one came",
		.params = {{"require", BEHAVIOUR_BOOL, true, false, true,
			    .help = "no connection without one"}},
		.shake = shake_client_cert,
		.shook = shook_client_cert,
	},
	{
		TLS_ROW(153, "tls-old"),
		.help = "speaks TLS 1.0 and 1.1 alone",
		.proof = "the versions that the ClientHello offered; the alert that crossed",
		.shake = shake_old,
		.shook = shook_terms,
	},
	{
		TLS_ROW(154, "tls-only13"),
		.help = "speaks TLS 1.3 alone",
		.proof = "the version that was agreed on, or the alert that crossed",
		.shake = shake_only13,
		.shook = shook_terms,
	},
	{
		TLS_ROW(155, "tls-cipher"),
		.help = "takes one cipher alone, and the TLS version that has it",
		.proof = "the version that was agreed on, or the alert that crossed",
		.params = {{"cipher", BEHAVIOUR_TEXT,
			    .standard_text = "ECDHE-ECDSA-AES128-GCM-SHA256",
			    .help = "as OpenSSL calls it"}},
		.shake = shake_cipher,
		.shook = shook_terms,
		.check = check_text,
	},
	{
		TLS_ROW(156, "tls-two-names"),
		.help = "has a second certificate, which it shows to clients that ask for its name",
		.proof = "the name that the client asked for",
		.params = {{"name", BEHAVIOUR_TEXT, .standard_text = "second.test",
			    .help = "of the second certificate"}},
		.shake = shake_two_names,
		.shook = shook_two_names,
		.check = check_text,
	},
	{
		TLS_ROW(157, "tls-no-resume"),
		.help = "takes no tickets: every handshake is a full one",
		.proof = "no connection resumed a session",
		.shake = shake_no_resume,
		.shook = shook_no_resume,
	},
	{.number = 0},
};
