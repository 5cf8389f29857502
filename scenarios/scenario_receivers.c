/* Simulated receivers: who listens where and believes what. Not here: what they do to deliveries
 * (scenario_behaviours.c). */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "scenarios/scenario_inside.h"
#include "wire/dns.h"

struct receiver_draft {
	struct receiver_config config; /* first: offsets of rows count from here */
	const struct hp_json_node *events, *behaviours;
	struct scenario_secret_keys secret;
};

static HP_JSON_READER(read_events)
{
	struct receiver_draft *draft = into;

	draft->events = node;
	return scenario_field_patterns(node, field, &draft->config.events, err);
}

static HP_JSON_READER(read_listen)
{
	(void)field;
	if (hp_json_kind(node) == HP_JSON_STRING &&
	    scenario_parse_listen(hp_json_string(node), into))
		return 0;
	return hp_json_want(node, "an address and a port like \"127.0.0.1:0\"", err);
}

static HP_JSON_READER(read_path)
{
	struct hp_view text;

	if (hp_json_field_text(node, field, into, err) < 0)
		return -1;
	text = hp_view_of(into);
	for (size_t i = 0; i < text.bytes; i++)
		if (text.at[i] <= ' ' || text.at[i] >= 0x7F || text.at[i] == '#')
			text.bytes = 0;
	if (text.bytes == 0 || text.at[0] != '/')
		return hp_json_want(node, "a path like \"/hooks\"", err);
	return 0;
}

#define AT(member) offsetof(struct receiver_draft, member)

const struct hp_json_field scenario_receiver_fields[] = {
	{"name", scenario_field_name, AT(config.name), .min = 1, .max = PLAN_NAME_BYTES,
	 .needed = true},
	{"listen", read_listen, .offset = AT(config.listen)},
	{"path", read_path, AT(config.path), .min = 1, .max = PLAN_URL_BYTES},
	{"tls", hp_json_field_bool, .offset = AT(config.tls)},
	{"verify", hp_json_field_bool, .offset = AT(config.verify)},
	{"idempotent", hp_json_field_bool, .offset = AT(config.idempotent)},
	{"events", read_events, .offset = 0},
	{"secret", scenario_field_keep, .offset = AT(secret.secret)},
	{"secret_env", scenario_field_keep, .offset = AT(secret.secret_env)},
	{"status", hp_json_field_int, AT(config.status), .min = 200, .max = 299},
	{"behaviours", scenario_field_keep, .offset = AT(behaviours)},
	{.key = NULL},
};

static bool is_any(const struct port_address *address)
{
	static const uint8_t zero[sizeof(address->ip)];

	return memcmp(address->ip, zero, sizeof(zero)) == 0;
}

static bool collide(const struct port_address *a, const struct port_address *b)
{
	if (a->number == 0 || a->number != b->number)
		return false;
	if (is_any(a) || is_any(b))
		return true;
	return a->family == b->family && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

static int check_others(const struct scenario *scenario, const struct hp_json_node *node,
			const struct receiver_config *config, struct hp_err *err)
{
	for (size_t i = 0; i < scenario->receiver_count; i++) {
		if (strcmp(scenario->receivers[i].name, config->name) == 0)
			return hp_json_fail(node, err, "receivers[%zu] is called \"%s\" already", i,
					    config->name);
		if (collide(&scenario->receivers[i].listen, &config->listen))
			return hp_json_fail(hp_json_member(node, "listen"), err,
					    "receivers[%zu] listens on port %u already", i,
					    config->listen.number);
	}
	return 0;
}

/* Where there is a resolver, a receiver has a name, and an address of this machine for it. */
static int check_name(const struct hp_json_node *node, const struct receiver_config *config,
		      struct hp_err *err)
{
	if (!config->named)
		return 0;
	if (!dns_is_host(config->name))
		return hp_json_fail(hp_json_member(node, "name"), err,
				    "with \"dns\" it is part of a host's name: no '.' at its ends, "
				    "and no two in a row");
	if (is_any(&config->listen) || lookup_is_here(&config->listen))
		return 0;
	return hp_json_want(hp_json_member(node, "listen"),
			    "an address of this machine: \"dns\" answers with no other", err);
}

static int read_receiver(struct scenario_draft *scenario, const struct hp_json_node *node,
			 struct receiver_draft *draft, struct hp_err *err)
{
	struct scenario *out = &scenario->scenario;
	struct receiver_config *config = &draft->config;
	struct hp_secret *secret;

	receiver_config_init(config);
	config->status = 0; /* not given: what the profile calls success */
	config->listen = (struct port_address){.family = 4, .ip = {127, 0, 0, 1}};
	snprintf(config->path, sizeof(config->path), "/hooks");
	config->seed = out->plan.seed;
	config->named = out->dns.family != 0;
	if (hp_json_read_fields(node, scenario_receiver_fields, draft, err) < 0 ||
	    check_name(node, config, err) < 0 ||
	    check_others(out, node, config, err) < 0 ||
	    scenario_check_patterns(&out->plan, &config->events, draft->events, err) < 0 ||
	    scenario_read_behaviours(scenario, draft->behaviours, config, err) < 0 ||
	    scenario_read_secret(scenario, draft->secret, &secret, err) < 0) {
		scenario_free_behaviours(config);
		return -1;
	}
	out->receiver_secrets[out->receiver_count] = secret;
	config->endpoint_index = UINT32_MAX; /* until an endpoint claims it */
	out->receivers[out->receiver_count++] = *config;
	return 0;
}

int scenario_read_receivers(struct scenario_draft *draft, struct hp_err *err)
{
	struct scenario *out = &draft->scenario;
	struct receiver_draft *receiver;
	const struct hp_json_node *node;
	size_t count;
	int result = 0;

	if (!draft->receivers)
		return 0;
	if (hp_json_expect(draft->receivers, HP_JSON_ARRAY, err) < 0)
		return -1;
	count = hp_json_count(draft->receivers);
	if (count > SCENARIO_RECEIVERS_MAX)
		return hp_json_fail(draft->receivers, err, "want at most %d receivers, found %zu",
				    SCENARIO_RECEIVERS_MAX, count);
	out->receivers = hp_xcalloc(count + 1, sizeof(out->receivers[0]));
	out->receiver_secrets = hp_xcalloc(count + 1, sizeof(out->receiver_secrets[0]));
	for (node = hp_json_first(draft->receivers); node && !result; node = hp_json_next(node)) {
		receiver = hp_xcalloc(1, sizeof(*receiver));
		result = read_receiver(draft, node, receiver, err);
		free(receiver);
	}
	return result;
}

/* What a receiver answers that was not told: 204, unless that is no success to this sender. */
static int success_status(const struct profile *profile)
{
	return profile_is_success(profile, RECEIVER_STATUS) ? RECEIVER_STATUS
							     : profile->success_min;
}

/* Tells each receiver of its endpoint: the URL that is signed, and the secret unless it has one of
 * its own. */
int scenario_bind_receivers(struct scenario_draft *draft, struct hp_err *err)
{
	struct scenario *out = &draft->scenario;
	const struct hp_json_node *node = draft->receivers ? hp_json_first(draft->receivers) : NULL;

	for (size_t i = 0; i < out->receiver_count; i++, node = hp_json_next(node)) {
		struct receiver_config *config = &out->receivers[i];
		const struct plan_endpoint *endpoint;
		const struct hp_secret *secret = out->receiver_secrets[i];

		if (config->endpoint_index == UINT32_MAX)
			return hp_json_fail(node, err, "no endpoint names this receiver");
		endpoint = &out->plan.endpoints[config->endpoint_index];
		memcpy(config->url, endpoint->url, sizeof(config->url));
		if (config->status == 0)
			config->status = success_status(&out->plan.profile);
		config->secrets[0] = secret ? secret : endpoint->secret;
		config->secret_count = config->secrets[0] != NULL;
	}
	return 0;
}
