/* The TLS contexts of one simulated receiver: for each way of shaking hands that its rows ask for,
 * one context with the certificate it needs, made when it is first asked for. As many as the rows
 * ask for; tickets of one context are good with it alone, so that a certificate that changes is
 * seen by clients who would resume. Belongs to the receivers' thread.
 *   context = tls_contexts_get(contexts, &handshake, &err);
 *   tls = tls_accept(context, fd, &handshake); */
#ifndef HP_NET_TLS_CONTEXTS_H
#define HP_NET_TLS_CONTEXTS_H
#include "net/tls.h"
#include "net/tls_authority.h"

struct tls_contexts;

/* Returns new. host: the receiver's name beside localhost, 127.0.0.1 and ::1, or NULL; copied.
 * Borrows the authority until freed. */
struct tls_contexts *tls_contexts_new(struct tls_authority *authority, const char *host);
void tls_contexts_free(struct tls_contexts *contexts); /* after all connections */

/* The context for these certificate, versions, cipher, second name, client certificate and tickets;
 * the rest of the handshake is for tls_accept(). Good as long as the contexts. NULL with HP_EINPUT
 * for a cipher that OpenSSL does not know: ask once for each row before the run. */
struct tls_context *tls_contexts_get(struct tls_contexts *contexts,
				     const struct handshake *handshake, struct hp_err *err)
	__attribute__((warn_unused_result));
#endif
