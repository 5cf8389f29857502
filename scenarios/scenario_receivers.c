/* Simulated receivers and their behaviours. The keys of a behaviour are its row's parameters
 * (receivers/behaviour.h): a new row needs nothing here. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "scenarios/scenario_inside.h"

enum { ROWS_MAX = 64, KEYS_MAX = 2 * BEHAVIOUR_PARAMS_MAX + 2 };

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
	{"verify", hp_json_field_bool, .offset = AT(config.verify)},
	{"idempotent", hp_json_field_bool, .offset = AT(config.idempotent)},
	{"events", read_events, .offset = 0},
	{"secret", scenario_field_keep, .offset = AT(secret.secret)},
	{"secret_env", scenario_field_keep, .offset = AT(secret.secret_env)},
	{"status", hp_json_field_int, AT(config.status), .min = 200, .max = 299},
	{"behaviours", scenario_field_keep, .offset = AT(behaviours)},
	{.key = NULL},
};

static const struct behaviour_row *find_row(const struct hp_json_node *node, struct hp_err *err)
{
	const char *slugs[ROWS_MAX + 1];
	size_t index;

	assert(behaviour_row_count <= ROWS_MAX);
	for (size_t i = 0; i < behaviour_row_count; i++)
		slugs[i] = behaviour_rows[i].slug;
	slugs[behaviour_row_count] = NULL;
	return hp_json_read_word(node, slugs, &index, err) < 0 ? NULL : &behaviour_rows[index];
}

/* How the value of one parameter is read, by its unit; the row's bounds apply. */
static HP_JSON_READER(read_text_param)
{
	struct hp_json_field whole = *field;

	whole.min = 0;
	whole.max = BEHAVIOUR_TEXT_BYTES;
	return hp_json_field_text(node, &whole, into, err);
}

static HP_JSON_READER(read_share_param)
{
	struct hp_json_micro_range range = {(int64_t)field->min, (int64_t)field->max};

	return hp_json_read_micro(node, range, into, err);
}

static HP_JSON_READER(read_span_param)
{
	return field->max == HP_NEVER ? scenario_field_never(node, field, into, err)
				      : hp_json_field_span(node, field, into, err);
}

typedef int read_param(const struct hp_json_node *, const struct hp_json_field *, void *,
		       struct hp_err *);

static read_param *const param_readers[] = {
	[BEHAVIOUR_SPAN] = read_span_param,      [BEHAVIOUR_COUNT] = hp_json_field_u64,
	[BEHAVIOUR_SECONDS] = hp_json_field_u64, [BEHAVIOUR_STATUS] = hp_json_field_u64,
	[BEHAVIOUR_SHARE] = read_share_param,    [BEHAVIOUR_TEXT] = read_text_param,
};

static int read_param_value(struct behaviour_part *part, unsigned index,
			    const struct hp_json_node *node, struct hp_err *err)
{
	const struct behaviour_param *param = &part->row->params[index];
	struct hp_json_field field = {.key = param->name, .min = param->min, .max = param->max};
	void *into = param->unit == BEHAVIOUR_TEXT ? (void *)part->text : &part->values[index];

	if (param_readers[param->unit](node, &field, into, err) < 0)
		return -1;
	part->given |= 1u << index;
	return 0;
}

static int unknown_param(const struct behaviour *behaviour, const struct hp_json_node *member,
			 struct hp_err *err)
{
	const struct behaviour_part *parts[] = {&behaviour->own, &behaviour->fault};
	const char *names[KEYS_MAX + 1], *nearest;
	char list[256] = "";
	size_t count = 0, used = 0;

	assert(behaviour->own.row);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; parts[k]->row && parts[k]->row->params[i].name; i++)
			names[count++] = parts[k]->row->params[i].name;
	if (behaviour->own.row->fault_key)
		names[count++] = behaviour->own.row->fault_key;
	names[count] = NULL;
	nearest = hp_nearest(hp_json_key(member), names);
	if (nearest)
		return hp_json_fail(member, err, "unknown key, did you mean \"%s\"?", nearest);
	for (size_t i = 0; i < count && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, ", %s", names[i]);
	return hp_json_fail(member, err, "unknown key, the behaviour \"%s\" has %s",
			    behaviour->own.row->slug, count ? list + 2 : "none");
}

/* A member is a parameter of the behaviour itself, or else of the fault that it holds. */
static int read_member(struct behaviour *behaviour, const struct hp_json_node *member,
		       struct hp_err *err)
{
	struct hp_view key = hp_json_key(member);
	const char *fault_key = behaviour->own.row->fault_key;
	int index;

	if (hp_view_equal(key, HP_LITERAL("behaviour")) ||
	    (fault_key && hp_view_equal(key, hp_view_of(fault_key))))
		return 0;
	index = behaviour_param_index(behaviour->own.row, key);
	if (index >= 0)
		return read_param_value(&behaviour->own, (unsigned)index, member, err);
	index = behaviour->fault.row ? behaviour_param_index(behaviour->fault.row, key) : -1;
	if (index >= 0)
		return read_param_value(&behaviour->fault, (unsigned)index, member, err);
	return unknown_param(behaviour, member, err);
}

static int read_behaviour(const struct hp_json_node *node, struct behaviour *out,
			  struct hp_err *err)
{
	const struct hp_json_node *slug = hp_json_need(node, "behaviour", err), *member;
	const struct behaviour_row *row = slug ? find_row(slug, err) : NULL;
	struct hp_err why;

	if (!row)
		return -1;
	behaviour_init(out, row);
	slug = row->fault_key ? hp_json_member(node, row->fault_key) : NULL;
	if (slug) {
		row = find_row(slug, err);
		if (!row)
			return -1;
		behaviour_part_init(&out->fault, row);
	}
	for (member = hp_json_first(node); member; member = hp_json_next(member))
		if (read_member(out, member, err) < 0)
			return -1;
	if (behaviour_check(out, &why) < 0)
		return hp_json_fail(node, err, "%s", why.msg);
	return 0;
}

static int read_behaviours(struct receiver_draft *draft, struct hp_err *err)
{
	struct receiver_config *config = &draft->config;
	const struct hp_json_node *node;

	if (!draft->behaviours)
		return 0;
	if (hp_json_expect(draft->behaviours, HP_JSON_ARRAY, err) < 0)
		return -1;
	if (hp_json_count(draft->behaviours) > RECEIVER_BEHAVIOURS_MAX)
		return hp_json_fail(draft->behaviours, err, "want at most %d behaviours, found %zu",
				    RECEIVER_BEHAVIOURS_MAX, hp_json_count(draft->behaviours));
	for (node = hp_json_first(draft->behaviours); node; node = hp_json_next(node))
		if (read_behaviour(node, &config->behaviours[config->behaviour_count++], err) < 0)
			return -1;
	return 0;
}

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
	if (hp_json_read_fields(node, scenario_receiver_fields, draft, err) < 0 ||
	    check_others(out, node, config, err) < 0 ||
	    scenario_check_patterns(&out->plan, &config->events, draft->events, err) < 0 ||
	    read_behaviours(draft, err) < 0 ||
	    scenario_read_secret(scenario, draft->secret, &secret, err) < 0)
		return -1;
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
