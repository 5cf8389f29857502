#include "cli/trust.h"

#include <stdio.h>

#include "base/span.h"
#include "net/clock.h"
#include "net/tls_authority.h"
#include "receivers/receiver.h"

enum { PATH_BYTES = 4096 };

struct tls_authority *trust_authority(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->receiver_count; i++)
		if (scenario->receivers[i].tls)
			return tls_authority_new(clock_wall_ns() / HP_S_NS);
	return NULL;
}

int trust_save(const struct tls_authority *authority, const char *folder, struct hp_err *err)
{
	char path[PATH_BYTES];
	int bytes = snprintf(path, sizeof(path), "%s/ca.pem", folder);

	if (bytes < 0 || (size_t)bytes >= sizeof(path))
		return hp_err_set(err, HP_EENV, "%.80s…: the path is too long", folder);
	return tls_authority_save(authority, path, err);
}

const char *trust_host(const struct plan_endpoint *endpoint, char out[PLAN_HOST_BYTES])
{
	const char *host = endpoint->host;
	const char *end = host + strlen(host);

	if (*host == '[') {
		host++;
		end = strchr(host, ']') ? strchr(host, ']') : end;
	} else if (strchr(host, ':')) {
		end = strchr(host, ':');
	}
	snprintf(out, PLAN_HOST_BYTES, "%.*s", (int)(end - host), host);
	return out;
}

static bool is_ours(const struct plan_endpoint *endpoint)
{
	return endpoint->receiver_index != PLAN_NO_RECEIVER;
}

/* Handshakes with receivers of ours fail on purpose: the report tells of them, no warning does. */
static struct client_tls tls_of(const struct plan_endpoint *endpoint,
				const struct tls_authority *authority)
{
	struct client_tls tls = {
		.config = {
			.ca_file = *endpoint->tls.ca ? endpoint->tls.ca : NULL,
			.insecure = endpoint->tls.insecure,
			.no_resume = endpoint->tls.full,
		},
		.name = is_ours(endpoint) ? NULL : endpoint->name,
	};

	if (is_ours(endpoint) && authority && !tls.config.ca_file)
		tls.config.ca = tls_authority_root(authority);
	return tls;
}

int trust_endpoints(const struct plan *plan, struct client *client,
		    const struct tls_authority *authority, struct hp_err *err)
{
	for (size_t i = 0; i < plan->endpoint_count; i++) {
		const struct plan_endpoint *endpoint = &plan->endpoints[i];
		struct client_tls tls = tls_of(endpoint, authority);
		char host[PLAN_HOST_BYTES];

		tls.host = trust_host(endpoint, host);
		if (endpoint->tls.used && client_secure(client, i, &tls, err) < 0)
			return hp_err_wrap(err, "endpoint %s", endpoint->name);
	}
	return 0;
}
