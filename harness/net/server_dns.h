/* The resolver of a server: says where its receivers are, over UDP, as their rows of the layer name
 * want it; no other name is known. Only addresses of this machine are ever answered. Part of the
 * server, on its thread: for server.c and its neighbours alone.
 * The happy path: a query is read, decided (receivers/lookup.h) and answered in the same turn.
 * An answer that is due later, or a silence that is watched, waits in a list of bounded length;
 * nothing else is kept of a peer. */
#ifndef HP_NET_SERVER_DNS_H
#define HP_NET_SERVER_DNS_H
#include "net/server.h"

enum { SERVER_DNS_WAITING_MAX = 1024 }; /* ours: a query beyond it gets no answer */
#define SERVER_DNS_TIMER UINT64_MAX     /* the cookie of its timers, which it owns */

struct server_dns;

/* Returns new, bound. NULL with *err: HP_EUSAGE for an address that cannot be bound, HP_EENV.
 * The server's stations are open already. */
struct server_dns *server_dns_new(struct server *server, const struct port_address *listen,
				  struct hp_err *err) __attribute__((warn_unused_result));
void server_dns_free(struct server_dns *dns); /* NULL is allowed */

/* Where it listens. */
const struct port_address *server_dns_where(const struct server_dns *dns);
const struct server_dns_counters *server_dns_counted(const struct server_dns *dns);

/* A timer of its own has come. */
void server_dns_due(struct server_dns *dns);

/* The end of the run: what waits gets its record. NULL is allowed. */
void server_dns_end(struct server_dns *dns);
#endif
