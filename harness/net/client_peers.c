#include "net/client_peers.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"

struct client_trust { /* a context, and what it was made from */
	struct client_trust *next;
	struct tls_context *context;
	uint64_t digest; /* of ca_file and ca */
	bool insecure, no_resume;
};

static uint64_t digest_of(const struct tls_client_config *config)
{
	uint64_t file = hp_digest(hp_view_of(config->ca_file ? config->ca_file : ""));

	return file * 31 + hp_digest(config->ca);
}

static struct tls_context *find(const struct client_peers *peers,
				const struct tls_client_config *config)
{
	const struct client_trust *trust;

	for (trust = peers->trusts; trust; trust = trust->next)
		if (trust->digest == digest_of(config) && trust->insecure == config->insecure &&
		    trust->no_resume == config->no_resume)
			return trust->context;
	return NULL;
}

static struct tls_context *make(struct client_peers *peers, const struct tls_client_config *config,
				struct hp_err *err)
{
	struct tls_context *context = tls_context_client(config, err);
	struct client_trust *trust;

	if (!context)
		return NULL;
	trust = hp_xcalloc(1, sizeof(*trust));
	*trust = (struct client_trust){.next = peers->trusts, .context = context,
				       .digest = digest_of(config), .insecure = config->insecure,
				       .no_resume = config->no_resume};
	peers->trusts = trust;
	return context;
}

static struct client_peer *room_for(struct client_peers *peers, size_t endpoint_index)
{
	if (endpoint_index >= peers->count) {
		size_t count = endpoint_index + 1;

		peers->at = hp_xgrow(peers->at, count, sizeof(*peers->at));
		memset(peers->at + peers->count, 0, (count - peers->count) * sizeof(*peers->at));
		peers->count = count;
	}
	return &peers->at[endpoint_index];
}

int client_peers_add(struct client_peers *peers, size_t endpoint_index,
		     const struct client_tls *tls, struct hp_err *err)
{
	struct tls_context *context = find(peers, &tls->config);
	struct client_peer *peer;

	assert(tls->config.own.chain.bytes == 0); /* contexts are shared by what they trust */
	if (!context)
		context = make(peers, &tls->config, err);
	if (!context)
		return -1;
	peer = room_for(peers, endpoint_index);
	tls_peer_free(peer->tls);
	peer->tls = tls_peer_new(context, tls->host);
	snprintf(peer->name, sizeof(peer->name), "%s", tls->name ? tls->name : "");
	return 0;
}

void client_peers_fini(struct client_peers *peers)
{
	struct client_trust *trust;

	for (size_t i = 0; i < peers->count; i++)
		tls_peer_free(peers->at[i].tls);
	free(peers->at);
	while ((trust = peers->trusts)) {
		peers->trusts = trust->next;
		tls_context_free(trust->context);
		free(trust);
	}
	*peers = (struct client_peers){.at = NULL};
}

struct client_peer *client_peers_at(const struct client_peers *peers, size_t endpoint_index)
{
	assert(endpoint_index < peers->count && peers->at[endpoint_index].tls);
	return &peers->at[endpoint_index];
}

void client_peers_complain(struct client_peer *peer, const char *reason)
{
	if (peer->name[0] == '\0')
		return;
	hp_log_warn("%s: TLS failed: %s (said once)", peer->name, reason);
	peer->name[0] = '\0';
}
