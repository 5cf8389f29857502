/* The published schema against the loader's own tables. Runs from the top folder. */
#include <check.h>

#include "base/json.h"
#include "scenarios/scenario_inside.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static struct hp_json *schema;

static void setup(void)
{
	struct hp_err err;

	schema = hp_json_read("scenarios/scenario.schema.json", 1024 * 1024, &err);
	ck_assert_msg(schema != NULL, "%s", err.msg);
}

static void teardown(void)
{
	hp_json_free(schema);
}

static const struct hp_json_node *definition(const char *name)
{
	const struct hp_json_node *all = hp_json_member(hp_json_root(schema), "definitions");
	const struct hp_json_node *found = *name ? hp_json_member(all, name) : hp_json_root(schema);

	ck_assert_msg(found != NULL, "no definition of %s", name);
	return found;
}

static bool is_required(const struct hp_json_node *object, const char *key)
{
	const struct hp_json_node *list = hp_json_member(object, "required");

	for (list = list ? hp_json_first(list) : NULL; list; list = hp_json_next(list))
		if (hp_view_equal(hp_json_string(list), hp_view_of(key)))
			return true;
	return false;
}

/* The schema's object has exactly the table's keys, and needs the same of them. */
static void compare(const char *name, const struct hp_json_field fields[])
{
	const struct hp_json_node *object = definition(name);
	const struct hp_json_node *keys = hp_json_member(object, "properties");
	const struct hp_json_node *more = hp_json_member(object, "additionalProperties");
	size_t count = 0;

	ck_assert_ptr_nonnull(keys);
	ck_assert_msg(more && hp_json_kind(more) == HP_JSON_FALSE, "%s lets other keys in", name);
	for (; fields->key; fields++, count++) {
		ck_assert_msg(hp_json_member(keys, fields->key) != NULL,
			      "%s.%s is not in the schema", name, fields->key);
		ck_assert_msg(is_required(object, fields->key) == fields->needed,
			      "%s.%s: required here and not there", name, fields->key);
	}
	ck_assert_msg(count == hp_json_count(keys), "%s: the schema has other keys", name);
}

static const struct object {
	const char *name;
	const struct hp_json_field *fields;
} objects[] = {
	{"", scenario_fields},
	{"events", scenario_events_fields},
	{"type", scenario_type_fields},
	{"step", scenario_step_fields},
	{"endpoint", scenario_endpoint_fields},
	{"receiver", scenario_receiver_fields},
	{"network", scenario_network_fields},
	{"limits", scenario_limits_fields},
	{"judge", scenario_judge_fields},
};

/* Goal: an editor with the schema knows the keys that the loader knows, object by object. */
START_TEST(test_objects)
{
	compare(objects[_i].name, objects[_i].fields);
}
END_TEST

/* Goal: the same for each kind of arrivals. */
START_TEST(test_arrivals)
{
	const struct scenario_arrivals_kind *kind = scenario_arrivals_kinds;
	const struct hp_json_node *kinds = hp_json_member(definition("arrivals"), "oneOf");
	size_t count = 0;

	for (; kind->word; kind++, count++) {
		compare(kind->word, kind->fields);
		ck_assert((hp_json_member(definition(kind->word), "anyOf") != NULL) ==
			  kind->may_count);
	}
	ck_assert_uint_eq(count, hp_json_count(kinds));
}
END_TEST

static void expect_param(const struct hp_json_node *keys, const char *name)
{
	ck_assert_msg(hp_json_member(keys, name) != NULL, "behaviour.%s is not in the schema",
		      name);
}

/* Goal: every behaviour and each of its parameters is in the schema. */
START_TEST(test_behaviours)
{
	const struct hp_json_node *keys = hp_json_member(definition("behaviour"), "properties");
	const struct hp_json_node *slug =
		hp_json_first(hp_json_member(hp_json_member(keys, "behaviour"), "enum"));

	for (size_t i = 0; i < behaviour_row_count; i++, slug = hp_json_next(slug)) {
		const struct behaviour_row *row = &behaviour_rows[i];

		ck_assert_msg(slug && hp_view_equal(hp_json_string(slug), hp_view_of(row->slug)),
			      "behaviour %s stands elsewhere in the schema", row->slug);
		if (row->fault_key)
			expect_param(keys, row->fault_key);
		for (size_t k = 0; row->params[k].name; k++)
			expect_param(keys, row->params[k].name);
	}
	ck_assert_ptr_null(slug);
}
END_TEST

Suite *suite_scenario_schema(void);

Suite *suite_scenario_schema(void)
{
	Suite *suite = suite_create("scenario_schema");
	TCase *tcase = tcase_create("scenario_schema");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_objects, 0, COUNT(objects));
	tcase_add_test(tcase, test_arrivals);
	tcase_add_test(tcase, test_behaviours);
	suite_add_tcase(suite, tcase);
	return suite;
}
