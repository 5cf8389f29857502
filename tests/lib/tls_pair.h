/* A TLS client and a TLS server of ours, joined in one process: every byte between them goes
 * through the test's hands, in slices of its choice. */
#ifndef HP_TESTS_LIB_TLS_PAIR_H
#define HP_TESTS_LIB_TLS_PAIR_H
#include "net/tls.h"

struct tls_pair {
	struct tls *client, *server;
	int fds[4];          /* client, its far end, server's far end, server */
	size_t slice;        /* bytes carried at a time; 0: all there is */
	enum tls_result of_client, of_server; /* what each said last */
};

/* Joins two new connections. */
void tls_pair_open(struct tls_pair *pair, struct tls_peer *peer, struct tls_context *context,
		   const struct handshake *faults);
void tls_pair_close(struct tls_pair *pair);

/* Carries what is there, once in each direction; returns the bytes. Ends are carried too. */
size_t tls_pair_carry(struct tls_pair *pair);

/* Shakes hands on both sides until nothing moves any more. */
void tls_pair_shake(struct tls_pair *pair);

/* Sends all of the bytes from one side and reads them on the other; fails the test when they do
 * not arrive as they are. */
void tls_pair_send(struct tls_pair *pair, bool to_server, struct hp_view bytes);

/* Reads on one side until there is a result that is no bytes. */
enum tls_result tls_pair_end(struct tls_pair *pair, bool of_server);
#endif
