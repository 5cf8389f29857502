/* Event types, what events look like, and the patterns of subscriptions. */
#include <stddef.h>
#include <stdio.h>

#include "base/nearest.h"
#include "scenarios/scenario_inside.h"

enum { WEIGHT_MAX = 1000000, PREFIX_LETTERS = 3 }; /* ours; "inv" of "invoice.paid" */

const struct hp_json_field scenario_type_fields[] = {
	{"type", scenario_field_name, offsetof(struct plan_type, name), .min = 1,
	 .max = PLAN_TYPE_BYTES, .needed = true},
	{"weight", hp_json_field_u32, offsetof(struct plan_type, weight), .min = 1,
	 .max = WEIGHT_MAX},
	{"resource", scenario_field_name, offsetof(struct plan_type, prefix), .min = 1,
	 .max = PLAN_PREFIX_BYTES},
	{.key = NULL},
};

const struct hp_json_field scenario_events_fields[] = {
	{"types", scenario_field_types, .offset = 0},
	{"body", scenario_field_body, offsetof(struct plan, body_bytes), .min = 1,
	 .max = PLAN_BODY_BYTES_MAX},
	{.key = NULL},
};

/* What Paisr's public documentation names: payments, invoices, customers, verifications. */
void scenario_types_standard(struct plan *plan)
{
	static const struct plan_type catalogue[] = {
		{"payment.completed", "pay", 4},    {"invoice.paid", "inv", 3},
		{"invoice.updated", "inv", 2},      {"customer.created", "cus", 1},
		{"verification.updated", "ver", 1},
	};

	memcpy(plan->types, catalogue, sizeof(catalogue));
	plan->type_count = sizeof(catalogue) / sizeof(catalogue[0]);
}

static int read_type(const struct hp_json_node *node, struct plan *plan, struct hp_err *err)
{
	struct plan_type *type = &plan->types[plan->type_count];

	*type = (struct plan_type){.weight = 1};
	if (hp_json_read_fields(node, scenario_type_fields, type, err) < 0)
		return -1;
	for (unsigned i = 0; i < plan->type_count; i++)
		if (strcmp(plan->types[i].name, type->name) == 0)
			return hp_json_fail(node, err, "the event type \"%s\" stands twice",
					    type->name);
	if (!*type->prefix)
		memcpy(type->prefix, type->name, strnlen(type->name, PREFIX_LETTERS));
	plan->type_count++;
	return 0;
}

HP_JSON_READER(scenario_field_types)
{
	struct plan *plan = into;
	const struct hp_json_node *type;

	(void)field;
	if (hp_json_expect(node, HP_JSON_ARRAY, err) < 0)
		return -1;
	if (hp_json_count(node) == 0 || hp_json_count(node) > PLAN_TYPES_MAX)
		return hp_json_fail(node, err, "want 1 to %d event types, found %zu",
				    PLAN_TYPES_MAX, hp_json_count(node));
	for (type = hp_json_first(node); type; type = hp_json_next(type))
		if (read_type(type, plan, err) < 0)
			return -1;
	return 0;
}

HP_JSON_READER(scenario_field_body)
{
	if (hp_json_kind(node) == HP_JSON_STRING &&
	    hp_view_equal(hp_json_string(node), HP_LITERAL("thin"))) {
		*(uint64_t *)into = 0;
		return 0;
	}
	if (hp_json_kind(node) != HP_JSON_STRING && hp_json_kind(node) != HP_JSON_NUMBER)
		return hp_json_want(node, "\"thin\" or a size like \"4KiB\"", err);
	return hp_json_field_size(node, field, into, err);
}

static int read_pattern(const struct hp_json_node *node, char *out, struct hp_err *err)
{
	struct hp_view text;
	const char *star;

	if (hp_json_read_text(node, &text, err) < 0)
		return -1;
	star = strchr(text.at, '*');
	if (text.bytes == 0 || text.bytes >= PLAN_PATTERN_BYTES || (star && star[1]))
		return hp_json_want(node, "an event type, or its beginning and a * at the end",
				    err);
	memcpy(out, text.at, text.bytes + 1);
	return 0;
}

HP_JSON_READER(scenario_field_patterns)
{
	struct plan_patterns *patterns = into;
	const struct hp_json_node *item;

	(void)field;
	if (hp_json_expect(node, HP_JSON_ARRAY, err) < 0)
		return -1;
	if (hp_json_count(node) == 0 || hp_json_count(node) > PLAN_PATTERNS_MAX)
		return hp_json_fail(node, err, "want 1 to %d patterns, found %zu",
				    PLAN_PATTERNS_MAX, hp_json_count(node));
	for (item = hp_json_first(node); item; item = hp_json_next(item))
		if (read_pattern(item, patterns->pattern[patterns->count++], err) < 0)
			return -1;
	return 0;
}

static bool matches_any(const struct plan *plan, const char *pattern)
{
	struct plan_patterns one = {.count = 1};

	snprintf(one.pattern[0], sizeof(one.pattern[0]), "%s", pattern);
	for (unsigned i = 0; i < plan->type_count; i++)
		if (plan_wants(&one, hp_view_of(plan->types[i].name)))
			return true;
	return false;
}

static int stranger(const struct plan *plan, const struct hp_json_node *item, struct hp_err *err)
{
	const char *names[PLAN_TYPES_MAX + 1], *nearest;

	for (unsigned i = 0; i < plan->type_count; i++)
		names[i] = plan->types[i].name;
	names[plan->type_count] = NULL;
	nearest = hp_nearest(hp_json_string(item), names);
	if (!nearest)
		return hp_json_want(item, "a pattern that matches an event type of \"events\"",
				    err);
	return hp_json_fail(item, err, "no event type matches %.*s, did you mean \"%s\"?",
			    (int)hp_json_raw(item).bytes, hp_json_raw(item).at, nearest);
}

int scenario_check_patterns(const struct plan *plan, const struct plan_patterns *patterns,
			    const struct hp_json_node *list, struct hp_err *err)
{
	const struct hp_json_node *item = list ? hp_json_first(list) : NULL;

	for (unsigned i = 0; item; item = hp_json_next(item), i++)
		if (!matches_any(plan, patterns->pattern[i]))
			return stranger(plan, item, err);
	return 0;
}
