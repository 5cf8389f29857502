#include "scenarios/scenario.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "scenarios/profile_document.h"
#include "scenarios/scenario_inside.h"

enum {
	TIME_SCALE_MICRO_MAX = 1000000000, /* a thousand times slower */
	IN_FLIGHT_MAX = 1000000,
	ANSWER_BYTES_MAX = 1024 * 1024 * 1024,
	SET_BYTES_MAX = 1024, /* of one override, "key=value" */
};

/* Size limits are size_t in the plan. */
_Static_assert(sizeof(size_t) == sizeof(uint64_t), "hp_json_field_size fills a size_t");

static HP_JSON_READER(read_thresholds)
{
	struct plan *plan = into;
	const struct hp_json_node *item;
	struct hp_view text;
	struct hp_err why;

	(void)field;
	if (hp_json_expect(node, HP_JSON_ARRAY, err) < 0)
		return -1;
	if (hp_json_count(node) > THRESHOLDS_MAX)
		return hp_json_fail(node, err, "want at most %d thresholds, found %zu",
				    THRESHOLDS_MAX, hp_json_count(node));
	for (item = hp_json_first(node); item; item = hp_json_next(item)) {
		if (hp_json_read_text(item, &text, err) < 0)
			return -1;
		if (threshold_parse(&plan->thresholds[plan->threshold_count++], text.at, &why) < 0)
			return hp_json_fail(item, err, "%s", why.msg);
	}
	return 0;
}

static HP_JSON_READER(read_dns)
{
	struct port_address *out = into;

	(void)field;
	if (hp_json_kind(node) == HP_JSON_STRING &&
	    scenario_parse_listen(hp_json_string(node), out) && lookup_is_here(out))
		return 0;
	return hp_json_want(node, "an address of this machine and a port like \"127.0.0.1:0\"",
			    err);
}

#define SPAN_MAX .max = SCENARIO_SPAN_NS_MAX

#define NETWORK_LATENCY_NS (500 * HP_US_NS) /* ours: two hosts of one data centre */
#define AT(member) offsetof(struct scenario_network, member)
const struct hp_json_field scenario_network_fields[] = {
	{"latency", hp_json_field_span, AT(latency_ns), SPAN_MAX},
	{"loss", hp_json_field_factor, AT(loss), .max = HP_JSON_MICRO},
	{.key = NULL},
};
#undef AT

#define AT(member) offsetof(struct plan_limits, member)
const struct hp_json_field scenario_limits_fields[] = {
	{"in_flight", hp_json_field_u32, AT(in_flight_max), .min = 1, .max = IN_FLIGHT_MAX},
	{"queue", scenario_field_never, AT(queue_ns_max), SPAN_MAX},
	{"drain", hp_json_field_span, AT(drain_ns_max), SPAN_MAX},
	{"lag", hp_json_field_span, AT(lag_ns_max), .min = 1, SPAN_MAX},
	{"answer", hp_json_field_size, AT(answer_bytes_max), .max = ANSWER_BYTES_MAX},
	{.key = NULL},
};
#undef AT

#define AT(member) offsetof(struct scenario_draft, member)
const struct hp_json_field scenario_judge_fields[] = {
	{"set", scenario_field_keep, .offset = 0},
	{.key = NULL},
};

#define KEEP(key, member)                                                                          \
	{                                                                                          \
		key, scenario_field_keep, .offset = AT(member)                                     \
	}
const struct hp_json_field scenario_fields[] = {
	{"name", scenario_field_name, AT(scenario.plan.name), .min = 1, .max = PLAN_NAME_BYTES},
	{"description", hp_json_field_text, AT(scenario.description),
	 .max = SCENARIO_DESCRIPTION_BYTES},
	{"seed", hp_json_field_u64, AT(scenario.plan.seed), .max = HP_JSON_INTEGER_MAX},
	KEEP("profile", profile),
	KEEP("set", set),
	{"time_scale", hp_json_field_factor, AT(scenario.plan.time_scale), .min = 1,
	 .max = TIME_SCALE_MICRO_MAX},
	{"events", hp_json_field_fields, AT(scenario.plan), .more = scenario_events_fields},
	{"arrivals", scenario_field_arrivals, .offset = 0, .needed = true},
	{"warmup", hp_json_field_span, AT(scenario.plan.warmup_ns), SPAN_MAX},
	{"endpoints", scenario_field_keep, AT(endpoints), .needed = true},
	KEEP("receivers", receivers),
	{"dns", read_dns, .offset = AT(scenario.dns)},
	{"network", hp_json_field_fields, AT(scenario.network), .more = scenario_network_fields},
	{"limits", hp_json_field_fields, AT(scenario.plan.limits), .more = scenario_limits_fields},
	{"record", hp_json_field_word, AT(scenario.plan.recording), .more = plan_recording_words},
	{"thresholds", read_thresholds, .offset = AT(scenario.plan)},
	{"judge", hp_json_field_fields, AT(judge_set), .more = scenario_judge_fields},
	KEEP("must_fail", must_fail),
	{.key = NULL},
};
#undef AT

HP_JSON_READER(scenario_field_keep)
{
	(void)field;
	(void)err;
	*(const struct hp_json_node **)into = node;
	return 0;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

HP_JSON_READER(scenario_field_name)
{
	if (hp_json_field_text(node, field, into, err) < 0)
		return -1;
	for (const char *c = into; *c; c++)
		if (!is_name_char(*c))
			return hp_json_want(node, "lower case letters, digits, '-', '_' and '.'",
					    err);
	return 0;
}

HP_JSON_READER(scenario_field_never)
{
	struct hp_json_field bounded = *field;

	if (hp_json_kind(node) == HP_JSON_STRING &&
	    hp_view_equal(hp_json_string(node), HP_LITERAL("never"))) {
		*(uint64_t *)into = HP_NEVER;
		return 0;
	}
	if (bounded.max > SCENARIO_SPAN_NS_MAX)
		bounded.max = SCENARIO_SPAN_NS_MAX;
	return hp_json_field_span(node, &bounded, into, err);
}

void scenario_warn(const struct scenario_draft *draft, const struct hp_json_node *node,
		   const char *format, ...)
{
	char path[HP_JSON_PATH_BYTES], text[HP_ERR_MSG_BYTES];
	struct hp_buf *out = draft->source->warnings;
	struct hp_place place;
	va_list args;

	if (!out)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	hp_json_node_place(node, &place);
	hp_buf_add_format(out, "%s:%u:%u: %s: %s\n", place.file, place.line, place.column,
			  hp_json_path(node, path), text);
}

/* "scenarios/first-run.json" is called "first-run"; what a name may not hold becomes '-'. */
static void name_after_file(char *out, const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;
	size_t bytes = strcspn(base, ".");

	if (bytes >= PLAN_NAME_BYTES)
		bytes = PLAN_NAME_BYTES - 1;
	for (size_t i = 0; i < bytes; i++)
		out[i] = is_name_char(base[i]) ? base[i] : '-';
	out[bytes] = '\0';
}

int scenario_fetch(const struct scenario_draft *draft, const char *kind,
		   const struct hp_json_node *node, struct hp_buf *out, struct hp_err *err)
{
	struct hp_view name;
	struct hp_err why;

	if (hp_json_read_text(node, &name, err) < 0)
		return -1;
	if (draft->source->read(draft->source, kind, name.at, out, &why) < 0)
		return hp_json_fail(node, err, "%s", why.msg);
	return 0;
}

/* The text of the profile that the command line names, else the document, else Paisr's first. */
static int fetch_profile(const struct scenario_draft *draft, const char **name, struct hp_buf *out,
			 struct hp_err *err)
{
	struct hp_view text;

	*name = draft->overrides->profile ? draft->overrides->profile : "paisr-v1";
	if (draft->overrides->profile || !draft->profile)
		return draft->source->read(draft->source, "profile", *name, out, err);
	if (hp_json_read_text(draft->profile, &text, err) < 0)
		return -1;
	*name = text.at;
	return scenario_fetch(draft, "profile", draft->profile, out, err);
}

/* One override: the value's text as --set takes it, a string without its quotes. */
static int set_value(struct profile *profile, const struct hp_json_node *member, struct hp_err *err)
{
	struct hp_view value = hp_json_raw(member);
	char assignment[SET_BYTES_MAX];
	struct hp_err why;
	int bytes;

	if (hp_json_kind(member) == HP_JSON_STRING && hp_json_read_text(member, &value, err) < 0)
		return -1;
	if (hp_json_kind(member) == HP_JSON_ARRAY || hp_json_kind(member) == HP_JSON_OBJECT)
		return hp_json_want(member, "a string, a number, true or false", err);
	bytes = snprintf(assignment, sizeof(assignment), "%s=%.*s", hp_json_key(member).at,
			 (int)value.bytes, value.at);
	if (bytes < 0 || (size_t)bytes >= sizeof(assignment))
		return hp_json_fail(member, err, "want at most %d bytes", SET_BYTES_MAX - 2);
	if (profile_set(profile, assignment, &why) < 0)
		return hp_json_fail(member, err, "%s", why.msg);
	return 0;
}

static int set_values(struct profile *profile, const struct hp_json_node *object,
		      struct hp_err *err)
{
	const struct hp_json_node *member;
	struct hp_err why;

	if (!object)
		return 0;
	if (hp_json_expect(object, HP_JSON_OBJECT, err) < 0)
		return -1;
	for (member = hp_json_first(object); member; member = hp_json_next(member))
		if (set_value(profile, member, err) < 0)
			return -1;
	if (profile_check(profile, &why) < 0)
		return hp_json_fail(object, err, "%s", why.msg);
	return 0;
}

static void warn_of_idle(const struct scenario_draft *draft, const struct hp_json_node *object)
{
	const struct hp_json_node *member = object ? hp_json_first(object) : NULL;

	for (; member; member = hp_json_next(member))
		if (profile_is_idle(hp_json_key(member), hp_json_kind(member) == HP_JSON_STRING
								 ? hp_json_string(member)
								 : hp_json_raw(member)))
			scenario_warn(draft, member, PROFILE_IDLE);
}

/* The document's overrides, then the command line's; the judge's own come on top. */
static int set_all(struct scenario_draft *draft, struct hp_err *err)
{
	struct profile *profile = &draft->scenario.plan.profile;
	const struct scenario_overrides *overrides = draft->overrides;

	if (set_values(profile, draft->set, err) < 0)
		return -1;
	for (size_t i = 0; i < overrides->set_count; i++)
		if (profile_set(profile, overrides->set[i], err) < 0)
			return hp_err_wrap(err, "--set");
	if (overrides->set_count && profile_check(profile, err) < 0)
		return hp_err_wrap(err, "--set");
	draft->scenario.plan.judged = *profile;
	if (set_values(&draft->scenario.plan.judged, draft->judge_set, err) < 0)
		return -1;
	warn_of_idle(draft, draft->set);
	warn_of_idle(draft, draft->judge_set);
	return 0;
}

int scenario_read_profiles(struct scenario_draft *draft, struct hp_err *err)
{
	const char *name;
	struct hp_buf text;
	int result;

	hp_buf_init(&text, PROFILE_DOCUMENT_BYTES_MAX);
	result = fetch_profile(draft, &name, &text, err);
	if (result == 0)
		result = profile_load(&draft->scenario.plan.profile, hp_buf_view(&text), name, err);
	hp_buf_fini(&text);
	return result < 0 ? -1 : set_all(draft, err);
}

static bool has_threshold(const struct plan *plan, const char *text)
{
	for (unsigned i = 0; i < plan->threshold_count; i++)
		if (strcmp(plan->thresholds[i].text, text) == 0)
			return true;
	return false;
}

/* A check's slug, or "threshold:" and one of the scenario's own. Slugs live in judge/, above. */
static int read_must_fail(struct scenario_draft *draft, struct hp_err *err)
{
	static const struct hp_view prefix = HP_LITERAL("threshold:");
	struct hp_json_field field = {.min = 1, .max = SCENARIO_ID_BYTES};
	struct scenario *out = &draft->scenario;
	const struct hp_json_node *item;

	if (!draft->must_fail)
		return 0;
	if (hp_json_expect(draft->must_fail, HP_JSON_ARRAY, err) < 0)
		return -1;
	if (hp_json_count(draft->must_fail) > SCENARIO_MUST_FAIL_MAX)
		return hp_json_fail(draft->must_fail, err, "want at most %d checks, found %zu",
				    SCENARIO_MUST_FAIL_MAX, hp_json_count(draft->must_fail));
	for (item = hp_json_first(draft->must_fail); item; item = hp_json_next(item)) {
		char *id = out->must_fail[out->must_fail_count++];

		if (hp_json_field_text(item, &field, id, err) < 0)
			return -1;
		if (strncmp(id, prefix.at, prefix.bytes) == 0 &&
		    !has_threshold(&out->plan, id + prefix.bytes))
			return hp_json_want(item, "one of \"thresholds\" after \"threshold:\"",
					    err);
	}
	return 0;
}

static int override(struct scenario_draft *draft, struct hp_err *err)
{
	const struct scenario_overrides *overrides = draft->overrides;
	struct plan *plan = &draft->scenario.plan;

	if (overrides->seed)
		plan->seed = *overrides->seed;
	for (unsigned i = 0; overrides->record && plan_recording_words[i]; i++) {
		if (strcmp(overrides->record, plan_recording_words[i]) != 0)
			continue;
		plan->recording = (enum plan_recording)i;
		return 0;
	}
	if (overrides->record)
		return hp_err_set(err, HP_EUSAGE, "--record %.40s: want all, failures or summary",
				  overrides->record);
	return 0;
}

static int default_types(struct scenario_draft *draft, struct hp_err *err)
{
	(void)err;
	if (draft->scenario.plan.type_count == 0)
		scenario_types_standard(&draft->scenario.plan);
	return 0;
}

/* In this order: each step relies on what the ones before it resolved. */
static int (*const steps[])(struct scenario_draft *draft, struct hp_err *err) = {
	override,
	default_types,
	scenario_read_profiles,
	scenario_read_recorded,
	scenario_read_receivers,
	scenario_read_endpoints,
	scenario_bind_receivers,
	read_must_fail,
};

static int read_draft(struct scenario_draft *draft, struct hp_err *err)
{
	plan_init(&draft->scenario.plan);
	name_after_file(draft->scenario.plan.name, draft->name);
	draft->recorded_scale = 1;
	draft->scenario.network.latency_ns = NETWORK_LATENCY_NS;
	if (hp_json_read_fields(draft->root, scenario_fields, draft, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i](draft, err) < 0)
			return -1;
	return 0;
}

int scenario_load(struct scenario *out, struct scenario_text text,
		  const struct scenario_source *source, const struct scenario_overrides *overrides,
		  struct hp_err *err)
{
	static const struct scenario_overrides none;
	struct hp_json *doc = hp_json_parse(text.name, text.json, SCENARIO_BYTES_MAX, err);
	struct scenario_draft *draft;
	int result;

	if (!doc)
		return -1;
	draft = hp_xcalloc(1, sizeof(*draft));
	draft->source = source;
	draft->overrides = overrides ? overrides : &none;
	draft->name = text.name;
	draft->root = hp_json_root(doc);
	result = read_draft(draft, err);
	if (result == 0)
		*out = draft->scenario;
	else
		scenario_fini(&draft->scenario);
	for (size_t i = 0; result == 0 && i < out->receiver_count; i++)
		out->receivers[i].profile = &out->plan.profile;
	free(draft);
	hp_json_free(doc);
	return result;
}

void scenario_fini(struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->receiver_count; i++) {
		hp_secret_free(scenario->receiver_secrets[i]);
		scenario_free_behaviours(&scenario->receivers[i]);
	}
	free(scenario->receiver_secrets);
	free(scenario->receivers);
	plan_fini(&scenario->plan);
	scenario->receiver_secrets = NULL;
	scenario->receivers = NULL;
	scenario->receiver_count = 0;
}
