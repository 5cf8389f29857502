/* TLS over a connected, non-blocking socket, for both sides: bytes in clear on this side, results
 * like those of recv() and send() on that one. What the other side did wrong is a result and
 * evidence (struct tls_seen), never an error of ours; OpenSSL stands behind this header, in
 * tls*.c alone.
 * Contexts belong to one thread, with all that was made of them. The caller owns the descriptor
 * and the loop, and closes the descriptor himself: tls_shutdown() says goodbye, no more.
 * Not here: certificates (tls_authority.h), the contexts of a receiver (tls_contexts.h).
 *
 * A client: tls_context_client() once, tls_peer_new() for each server, then for each connection
 *   tls_connect(), tls_handshake() until TLS_DONE, tls_send() and tls_recv(), tls_shutdown(),
 *   tls_free().
 * A server: tls_accept() in place of the first read, tls_handshake() whenever the socket is ready
 *   until TLS_DONE, then tls_recv() for recv() and tls_send() for send(). Before our FIN comes
 *   tls_shutdown(); tls_free() in any case, before close(). On TLS_HELD ask tls_hold():
 *     TLS_HOLD_STALL  want nothing more of the socket; close it stall_ns later;
 *     TLS_HOLD_RESET  RST now (tls_free(), SO_LINGER 0, close());
 *     TLS_HOLD_DELAY  before each flight of ours: after delay_ns tls_release(), tls_handshake(). */
#ifndef HP_NET_TLS_H
#define HP_NET_TLS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "receivers/handshake.h"

enum {
	TLS_HOST_BYTES = 256, /* a DNS name has at most 253 (RFC 1035 2.3.4) */
	TLS_ERROR_BYTES = 120,
	TLS_CERTIFICATES_MAX = 2, /* of one server context: the default and one more by name */
};

enum tls_version { /* as on the wire (RFC 8446 4.2.1) */
	TLS_1_0 = 0x0301,
	TLS_1_1 = 0x0302,
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304,
};

/* ---- contexts: what many connections share ---- */

struct tls_context;

struct tls_certificate { /* PEM texts */
	struct hp_view chain; /* the leaf first */
	struct hp_view key;
	const char *name; /* shown to clients that ask for this name; NULL: to all others */
};

struct tls_client_config { /* borrowed for the call; zero is the default */
	const char *ca_file; /* PEM; trusts these authorities and no others */
	struct hp_view ca;   /* the same as text; with neither, the system's store is trusted */
	bool insecure;       /* goes on whatever is wrong with the certificate */
	bool no_resume;      /* every handshake is a full one */
	struct tls_certificate own; /* for servers that ask; no chain: none */
};

struct tls_server_config {
	struct tls_certificate certificates[TLS_CERTIFICATES_MAX];
	size_t certificate_count;              /* at least 1; the first is the default */
	uint16_t version_min, version_max;     /* enum tls_version; 0: 1.2 and 1.3 */
	const char *cipher;                    /* one or a list, as OpenSSL calls them; NULL: any */
	bool client_asked, client_required;    /* any certificate is taken, and seen */
	bool no_resume;                        /* gives out no tickets, takes none */
};

/* Return new, or NULL with HP_EINPUT: a file or text that is no PEM, an unknown cipher. Version 1.2
 * is the least that a client speaks. */
struct tls_context *tls_context_client(const struct tls_client_config *config, struct hp_err *err)
	__attribute__((warn_unused_result));
struct tls_context *tls_context_server(const struct tls_server_config *config, struct hp_err *err)
	__attribute__((warn_unused_result));
void tls_context_free(struct tls_context *context);

/* A server as clients know it: its name, and the session to resume. */
struct tls_peer;

/* Returns new. host is a name or an address in numbers, without brackets and port: it is asked for
 * (SNI, names only) and must stand in the certificate. Borrows the context until freed. */
struct tls_peer *tls_peer_new(struct tls_context *context, const char *host);
void tls_peer_free(struct tls_peer *peer);

/* ---- connections ---- */

enum tls_result {
	TLS_DONE,       /* the handshake is over, or some bytes went */
	TLS_WANT_READ,  /* again when the socket can be read */
	TLS_WANT_WRITE, /* again when it can be written, with the same bytes first */
	TLS_HELD,       /* a fault of ours: see tls_hold() */
	TLS_CLOSED,     /* the peer's close_notify: all that it sent has come */
	TLS_CUT,        /* its FIN without one: what came may not be all */
	TLS_RESET,      /* RST, or another error of the socket */
	TLS_FAILED,     /* a bad certificate, an alert, no TLS: see tls_seen() */
};

struct tls;

/* Return new. The descriptor is connected, non-blocking and the caller's. tls_connect() borrows the
 * peer, tls_accept() the context, until freed. Of faults, which may be NULL, a connection takes
 * stall, reset, delay, alert and no_close_notify; the rest is the context's. */
struct tls *tls_connect(struct tls_peer *peer, int fd);
struct tls *tls_accept(struct tls_context *context, int fd, const struct handshake *faults);

/* Sends nothing and leaves the descriptor open. NULL is allowed. */
void tls_free(struct tls *tls);

/* TLS_DONE once, and again when asked again. Application data may be there already: then
 * tls_pending(). A fatal alert of ours is out when it returns TLS_FAILED. */
enum tls_result tls_handshake(struct tls *tls);

/* Reads up to room bytes; *bytes > 0 with TLS_DONE, else 0. */
enum tls_result tls_recv(struct tls *tls, char *buf, size_t room, size_t *bytes);

/* Bytes have left the socket that tls_recv() has not given out yet: no readable event will come
 * for them. Call tls_recv() until it wants, or ask this. */
bool tls_pending(const struct tls *tls);

/* *taken bytes need not be given again; all of them with TLS_DONE. */
enum tls_result tls_send(struct tls *tls, struct hp_view bytes, size_t *taken);

/* Our close_notify: TLS_DONE or TLS_WANT_WRITE; TLS_DONE too when there is nobody to say it to, or
 * a fault forbids it. Does not touch the descriptor. */
enum tls_result tls_shutdown(struct tls *tls);

enum tls_hold { TLS_HOLD_NONE, TLS_HOLD_STALL, TLS_HOLD_RESET, TLS_HOLD_DELAY };

/* Why tls_handshake() said TLS_HELD; and goes on behind it. */
enum tls_hold tls_hold(const struct tls *tls);
void tls_release(struct tls *tls);

/* ---- evidence ---- */

enum { TLS_NO_ALERT = -1 };

/* A bit for each type of handshake message (RFC 8446 4). */
#define TLS_MESSAGE(type) (UINT32_C(1) << (type))
enum tls_message {
	TLS_CLIENT_HELLO = 1,
	TLS_SERVER_HELLO = 2,
	TLS_TICKET = 4,
	TLS_CERTIFICATE = 11,
	TLS_CERTIFICATE_REQUEST = 13,
	TLS_FINISHED = 20,
};

struct tls_seen {
	uint64_t bytes_in, bytes_out; /* ciphertext that the socket gave and took */
	uint32_t messages_in, messages_out; /* sets of TLS_MESSAGE() */
	int alert_in, alert_out;      /* fatal ones, RFC 8446 6; TLS_NO_ALERT */
	int verify;                   /* X509_V_ERR_*, as `openssl verify` says; 0: nothing wrong */
	uint16_t version;             /* agreed; 0: none yet */
	bool ready;                   /* the handshake was completed */
	bool resumed;
	bool close_in, close_out;     /* close_notify */
	bool certificate_in;          /* the peer showed one in this handshake */
	char name[TLS_HOST_BYTES];    /* SNI that a client sent; "" when none */
	char error[TLS_ERROR_BYTES];  /* why it ended, one line for people; foreign bytes are not in
				       * it; "" while all is well */
};

/* Good until freed. */
const struct tls_seen *tls_seen(const struct tls *tls);

const char *tls_version_word(uint16_t version); /* "TLS 1.3"; "no TLS" for anything else */
#endif
