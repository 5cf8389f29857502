/* Endpoints: what the sender knows of each place it delivers to, and which receiver plays it. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "scenarios/scenario_inside.h"

enum { CONNECTIONS = 64, CONNECTIONS_MAX = 65535 }; /* ports of one address */

struct endpoint_draft {
	struct plan_endpoint endpoint; /* first: offsets of rows count from here */
	const struct hp_json_node *receiver, *url, *events, *tls;
	struct scenario_secret_keys secret;
};

static HP_JSON_READER(read_events)
{
	struct endpoint_draft *draft = into;

	draft->events = node;
	return scenario_field_patterns(node, field, &draft->endpoint.events, err);
}

/* The document says what is done, the plan what is left out: nothing said is the safe way. */
static HP_JSON_READER(read_unless)
{
	bool *left_out = into;

	if (hp_json_field_bool(node, field, into, err) < 0)
		return -1;
	*left_out = !*left_out;
	return 0;
}

const struct hp_json_field scenario_tls_fields[] = {
	{"ca", hp_json_field_text, offsetof(struct plan_tls, ca), .min = 1, .max = PLAN_PATH_BYTES},
	{"verify", read_unless, .offset = offsetof(struct plan_tls, insecure)},
	{"resume", read_unless, .offset = offsetof(struct plan_tls, full)},
	{.key = NULL},
};

static HP_JSON_READER(read_tls)
{
	struct endpoint_draft *draft = into;

	(void)field;
	draft->tls = node;
	return hp_json_read_fields(node, scenario_tls_fields, &draft->endpoint.tls, err);
}

#define KEEP(key, member)                                                                          \
	{                                                                                          \
		key, scenario_field_keep, .offset = offsetof(struct endpoint_draft, member)        \
	}

const struct hp_json_field scenario_endpoint_fields[] = {
	{"name", scenario_field_name, offsetof(struct endpoint_draft, endpoint.name), .min = 1,
	 .max = PLAN_NAME_BYTES, .needed = true},
	KEEP("receiver", receiver),
	KEEP("url", url),
	{"tls", read_tls, .offset = 0},
	{"events", read_events, .offset = 0},
	KEEP("secret_env", secret.secret_env),
	KEEP("secret", secret.secret),
	{"connections", hp_json_field_u32,
	 offsetof(struct endpoint_draft, endpoint.connections_max), .min = 1,
	 .max = CONNECTIONS_MAX},
	{.key = NULL},
};

static int find_receiver(const struct scenario *scenario, const struct hp_json_node *node,
			 int *index, struct hp_err *err)
{
	const char *names[SCENARIO_RECEIVERS_MAX + 1], *nearest;
	struct hp_view name;

	if (hp_json_read_text(node, &name, err) < 0)
		return -1;
	for (size_t i = 0; i < scenario->receiver_count; i++) {
		names[i] = scenario->receivers[i].name;
		if (!hp_view_equal(name, hp_view_of(names[i])))
			continue;
		*index = (int)i;
		return 0;
	}
	names[scenario->receiver_count] = NULL;
	nearest = hp_nearest(name, names);
	if (nearest)
		return hp_json_fail(node, err, "no receiver has this name, did you mean \"%s\"?",
				    nearest);
	return hp_json_want(node, "the name of one of \"receivers\"", err);
}

/* A receiver plays one endpoint: its records say which. */
static int claim_receiver(struct scenario *scenario, const struct endpoint_draft *draft,
			  struct hp_err *err)
{
	int index = draft->endpoint.receiver_index;

	for (size_t i = 0; i < scenario->plan.endpoint_count; i++)
		if (scenario->plan.endpoints[i].receiver_index == index)
			return hp_json_fail(draft->receiver, err,
					    "this receiver already plays endpoints[%zu]", i);
	scenario->receivers[index].endpoint_index = (uint32_t)scenario->plan.endpoint_count;
	return 0;
}

static int point(struct scenario *scenario, const struct hp_json_node *node,
		 struct endpoint_draft *draft, struct hp_err *err)
{
	struct plan_endpoint *endpoint = &draft->endpoint;
	struct hp_view url;

	if (draft->receiver && draft->url)
		return hp_json_fail(draft->url, err, "want one of \"receiver\" and \"url\"");
	if (draft->receiver) {
		if (find_receiver(scenario, draft->receiver, &endpoint->receiver_index, err) < 0 ||
		    claim_receiver(scenario, draft, err) < 0)
			return -1;
		endpoint->tls.used = scenario->receivers[endpoint->receiver_index].tls;
		scenario_endpoint_at(endpoint,
				     &scenario->receivers[endpoint->receiver_index].listen,
				     scenario->receivers[endpoint->receiver_index].path);
		return 0;
	}
	if (!draft->url)
		return hp_json_fail(node, err,
				    "this endpoint points nowhere: want \"receiver\" or "
				    "\"url\"");
	if (hp_json_read_text(draft->url, &url, err) < 0)
		return -1;
	if (!scenario_parse_url(url, endpoint))
		return hp_json_want(draft->url, "a URL like \"http://127.0.0.1:8080/hooks\"", err);
	return 0;
}

/* A path in a document begins at the document's folder. */
static int settle_tls(const struct scenario_draft *scenario, struct endpoint_draft *draft,
		      struct hp_err *err)
{
	struct plan_tls *tls = &draft->endpoint.tls;
	const char *folder = scenario->source->folder;
	char name[PLAN_PATH_BYTES];

	if (draft->tls && !tls->used)
		return hp_json_fail(draft->tls, err,
				    "this endpoint is plain: want an https URL, or a receiver "
				    "with \"tls\": true");
	if (!*tls->ca || *tls->ca == '/' || !folder || !*folder)
		return 0;
	memcpy(name, tls->ca, sizeof(name));
	if ((size_t)snprintf(tls->ca, sizeof(tls->ca), "%s/%s", folder, name) < sizeof(tls->ca))
		return 0;
	return hp_json_fail(draft->tls, err, "\"ca\": the path is too long");
}

/* What the document names, else what the command line gave, else one from the seed where a
 * simulated receiver can be told of it. */
static int give_secret(struct scenario_draft *scenario, const struct hp_json_node *node,
		       struct endpoint_draft *draft, struct hp_err *err)
{
	const struct plan *plan = &scenario->scenario.plan;
	const struct hp_secret *given = scenario->overrides->secret;
	struct hp_secret **out = &draft->endpoint.secret;

	if (scenario_read_secret(scenario, draft->secret, out, err) < 0)
		return -1;
	if (*out || draft->secret.secret_env)
		return 0;
	if (given)
		*out = hp_secret_new(hp_secret_view(given));
	else if (draft->receiver || scenario->overrides->make_secrets)
		*out = scenario_make_secret(plan, (uint32_t)plan->endpoint_count);
	else if (scenario->source->secrets_needed)
		return hp_json_fail(node, err,
				    "this endpoint has no secret: want \"secret_env\", or "
				    "--secret-env on the command line");
	return 0;
}

static int check_name(const struct plan *plan, const struct hp_json_node *node, const char *name,
		      struct hp_err *err)
{
	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (strcmp(plan->endpoints[i].name, name) == 0)
			return hp_json_fail(node, err, "endpoints[%zu] is called \"%s\" already", i,
					    name);
	return 0;
}

static int read_endpoint(struct scenario_draft *scenario, const struct hp_json_node *node,
			 struct hp_err *err)
{
	struct plan *plan = &scenario->scenario.plan;
	struct endpoint_draft draft = {
		.endpoint = {.connections_max = CONNECTIONS, .receiver_index = PLAN_NO_RECEIVER}};

	if (hp_json_read_fields(node, scenario_endpoint_fields, &draft, err) < 0 ||
	    check_name(plan, node, draft.endpoint.name, err) < 0 ||
	    scenario_check_patterns(plan, &draft.endpoint.events, draft.events, err) < 0 ||
	    point(&scenario->scenario, node, &draft, err) < 0 ||
	    settle_tls(scenario, &draft, err) < 0 ||
	    give_secret(scenario, node, &draft, err) < 0)
		return -1;
	plan->endpoints[plan->endpoint_count++] = draft.endpoint;
	return 0;
}

int scenario_read_endpoints(struct scenario_draft *draft, struct hp_err *err)
{
	struct plan *plan = &draft->scenario.plan;
	const struct hp_json_node *node;
	size_t count;

	if (hp_json_expect(draft->endpoints, HP_JSON_ARRAY, err) < 0)
		return -1;
	count = hp_json_count(draft->endpoints);
	if (count == 0 || count > PLAN_ENDPOINTS_MAX)
		return hp_json_fail(draft->endpoints, err, "want 1 to %d endpoints, found %zu",
				    PLAN_ENDPOINTS_MAX, count);
	plan->endpoints = hp_xcalloc(count, sizeof(plan->endpoints[0]));
	for (node = hp_json_first(draft->endpoints); node; node = hp_json_next(node))
		if (read_endpoint(draft, node, err) < 0)
			return -1;
	return 0;
}
