#include "tests/lib/tls_fixture.h"

#include <check.h>

#include "base/span.h"
#include "net/clock.h"

struct tls_fx tls_fx;

static struct tls_context *client_context(struct tls_client_config config)
{
	struct tls_context *context;

	config.ca = tls_authority_root(tls_fx.authority);
	context = tls_context_client(&config, &tls_fx.err);
	ck_assert_msg(context != NULL, "%s", tls_fx.err.msg);
	return context;
}

void tls_fx_setup(void)
{
	tls_fx = (struct tls_fx){.pair = {.fds = {-1, -1, -1, -1}}};
	tls_fx.authority = tls_authority_new(clock_wall_ns() / HP_S_NS);
	tls_fx.contexts = tls_contexts_new(tls_fx.authority, "billing.test");
	tls_fx.client = client_context((struct tls_client_config){.insecure = false});
	tls_fx.peer = tls_peer_new(tls_fx.client, "localhost");
}

void tls_fx_teardown(void)
{
	tls_pair_close(&tls_fx.pair);
	tls_peer_free(tls_fx.peer);
	tls_context_free(tls_fx.client);
	tls_contexts_free(tls_fx.contexts);
	tls_authority_free(tls_fx.authority);
}

void tls_fx_use_client(struct tls_client_config config, const char *host)
{
	tls_peer_free(tls_fx.peer);
	tls_context_free(tls_fx.client);
	tls_fx.client = client_context(config);
	tls_fx.peer = tls_peer_new(tls_fx.client, host);
}

void tls_fx_use_host(const char *host)
{
	tls_peer_free(tls_fx.peer);
	tls_fx.peer = tls_peer_new(tls_fx.client, host);
}

struct tls_context *tls_fx_context(const struct handshake *handshake)
{
	struct tls_context *context = tls_contexts_get(tls_fx.contexts, handshake, &tls_fx.err);

	ck_assert_msg(context != NULL, "%s", tls_fx.err.msg);
	return context;
}

void tls_fx_meet(const struct handshake *handshake)
{
	tls_pair_close(&tls_fx.pair);
	tls_pair_open(&tls_fx.pair, tls_fx.peer, tls_fx_context(handshake), handshake);
	tls_pair_shake(&tls_fx.pair);
}

const struct tls_seen *tls_fx_client_saw(void)
{
	return tls_seen(tls_fx.pair.client);
}

const struct tls_seen *tls_fx_server_saw(void)
{
	return tls_seen(tls_fx.pair.server);
}

void tls_fx_both_ready(void)
{
	ck_assert_msg(tls_fx.pair.of_client == TLS_DONE, "client: %s", tls_fx_client_saw()->error);
	ck_assert_msg(tls_fx.pair.of_server == TLS_DONE, "server: %s", tls_fx_server_saw()->error);
}

void tls_fx_exchange(void)
{
	tls_fx_both_ready();
	tls_pair_send(&tls_fx.pair, true, HP_LITERAL("ping"));
	tls_pair_send(&tls_fx.pair, false, HP_LITERAL("pong"));
}
