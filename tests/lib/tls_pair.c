#include "tests/lib/tls_pair.h"

#include <check.h>
#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CARRY_BYTES = 16 * 1024, QUIET_ROUNDS = 3 };
enum { CLIENT, CLIENT_FAR, SERVER_FAR, SERVER };

static void no_leftovers(void)
{
	ck_assert_msg(ERR_peek_error() == 0, "OpenSSL's queue holds: %s",
		      ERR_reason_error_string(ERR_peek_error()));
}

void tls_pair_open(struct tls_pair *pair, struct tls_peer *peer, struct tls_context *context,
		   const struct handshake *faults)
{
	int kind = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

	ck_assert_int_eq(socketpair(AF_UNIX, kind, 0, &pair->fds[CLIENT]), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, kind, 0, &pair->fds[SERVER_FAR]), 0);
	pair->client = peer ? tls_connect(peer, pair->fds[CLIENT]) : NULL;
	pair->server = context ? tls_accept(context, pair->fds[SERVER], faults) : NULL;
	pair->of_client = pair->of_server = TLS_WANT_READ;
}

void tls_pair_close(struct tls_pair *pair)
{
	tls_free(pair->client);
	tls_free(pair->server);
	pair->client = pair->server = NULL;
	for (size_t i = 0; i < 4; i++) {
		if (pair->fds[i] >= 0)
			close(pair->fds[i]);
		pair->fds[i] = -1;
	}
	no_leftovers();
}

static size_t carry(const struct tls_pair *pair, int from, int to)
{
	char buf[CARRY_BYTES];
	size_t room = pair->slice && pair->slice < sizeof(buf) ? pair->slice : sizeof(buf);
	ssize_t bytes = recv(from, buf, room, MSG_PEEK);

	if (bytes == 0)
		shutdown(to, SHUT_WR);
	if (bytes <= 0)
		return 0;
	bytes = send(to, buf, (size_t)bytes, MSG_NOSIGNAL);
	if (bytes < 0 && errno == EPIPE) /* nobody reads it there: it is gone */
		bytes = (ssize_t)room;
	if (bytes <= 0)
		return 0;
	return (size_t)recv(from, buf, (size_t)bytes, 0);
}

size_t tls_pair_carry(struct tls_pair *pair)
{
	return carry(pair, pair->fds[CLIENT_FAR], pair->fds[SERVER_FAR]) +
	       carry(pair, pair->fds[SERVER_FAR], pair->fds[CLIENT_FAR]);
}

static bool goes_on(enum tls_result result)
{
	return result == TLS_WANT_READ || result == TLS_WANT_WRITE;
}

void tls_pair_shake(struct tls_pair *pair)
{
	for (unsigned quiet = 0; quiet < QUIET_ROUNDS; quiet++) {
		if (pair->client && goes_on(pair->of_client))
			pair->of_client = tls_handshake(pair->client);
		if (pair->server && (goes_on(pair->of_server) || pair->of_server == TLS_HELD))
			pair->of_server = tls_handshake(pair->server);
		no_leftovers();
		if (tls_pair_carry(pair) > 0)
			quiet = 0;
	}
}

void tls_pair_send(struct tls_pair *pair, bool to_server, struct hp_view bytes)
{
	struct tls *from = to_server ? pair->client : pair->server;
	struct tls *to = to_server ? pair->server : pair->client;
	char buf[CARRY_BYTES];
	size_t sent = 0, seen = 0, taken;

	while (seen < bytes.bytes) {
		enum tls_result result;

		if (sent < bytes.bytes) {
			result = tls_send(from, (struct hp_view){bytes.at + sent,
								 bytes.bytes - sent}, &taken);
			ck_assert_int_le(result, TLS_WANT_WRITE);
			sent += taken;
		}
		tls_pair_carry(pair);
		result = tls_recv(to, buf, sizeof(buf), &taken);
		ck_assert_int_le(result, TLS_WANT_WRITE);
		ck_assert((result == TLS_DONE) == (taken > 0));
		ck_assert_uint_le(seen + taken, bytes.bytes);
		ck_assert(memcmp(buf, bytes.at + seen, taken) == 0);
		seen += taken;
	}
	no_leftovers();
}

enum tls_result tls_pair_end(struct tls_pair *pair, bool of_server)
{
	struct tls *tls = of_server ? pair->server : pair->client;
	char buf[CARRY_BYTES];
	size_t bytes;
	enum tls_result result;

	while (tls_pair_carry(pair) > 0)
		;
	do {
		result = tls_recv(tls, buf, sizeof(buf), &bytes);
	} while (result == TLS_DONE);
	no_leftovers();
	return result;
}
