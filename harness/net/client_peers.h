/* The servers that one client knows over TLS, by their place in the plan. Endpoints that trust the
 * same share a context; each has its own name and session. Seen in net/ only. */
#ifndef HP_NET_CLIENT_PEERS_H
#define HP_NET_CLIENT_PEERS_H
#include "net/client.h"
#include "net/tls.h"

struct client_peer {
	struct tls_peer *tls; /* NULL: this endpoint is plain */
	char name[TLS_HOST_BYTES]; /* to complain about, once; "" afterwards, or: not at all */
};

struct client_peers {
	struct client_peer *at;
	size_t count;
	struct client_trust *trusts;
};

/* Adds one; HP_EINPUT for a file that holds no authorities. */
int client_peers_add(struct client_peers *peers, size_t endpoint_index,
		     const struct client_tls *tls, struct hp_err *err)
	__attribute__((warn_unused_result));

/* After all of their connections. */
void client_peers_fini(struct client_peers *peers);

/* The peer of an endpoint that was added: another one is our bug. */
struct client_peer *client_peers_at(const struct client_peers *peers, size_t endpoint_index);

/* A handshake failed: warns the first time. */
void client_peers_complain(struct client_peer *peer, const char *reason);
#endif
