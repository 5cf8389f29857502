/* The published schema against the loader's own tables. Runs from the top folder. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/span.h"
#include "scenarios/scenario_inside.h"

#define SCHEMA "scenarios/scenario.schema.json"
#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static struct hp_json *schema;

static void setup(void)
{
	struct hp_err err;

	schema = hp_json_read(SCHEMA, 1024 * 1024, &err);
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
	{"tls", scenario_tls_fields},
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

/* ---- behaviours: this part of the schema is made from the rows ---- */

enum { VARIANTS_MAX = 16, VARIANT_BYTES = 512, PART_BYTES_MAX = 256 * 1024 };

static void write_bound(struct hp_json_writer *writer, const char *key,
			const struct behaviour_param *param, uint64_t value)
{
	hp_json_write_key(writer, key);
	if (param->unit != BEHAVIOUR_SHARE)
		hp_json_write_u64(writer, value);
	else if (value % BEHAVIOUR_MICRO == 0)
		hp_json_write_u64(writer, value / BEHAVIOUR_MICRO);
	else
		hp_json_write_fixed(writer, (int64_t)value, 6);
}

static void write_number(struct hp_json_writer *writer, const struct behaviour_param *param)
{
	hp_json_write_object(writer);
	hp_json_write_key(writer, "type");
	hp_json_write_text(writer, param->unit == BEHAVIOUR_SHARE ? "number" : "integer");
	write_bound(writer, "minimum", param, param->min);
	write_bound(writer, "maximum", param, param->max);
	hp_json_write_end(writer);
}

static void write_words(struct hp_json_writer *writer, const char *const words[])
{
	hp_json_write_object(writer);
	hp_json_write_key(writer, "enum");
	hp_json_write_array(writer);
	for (; *words; words++)
		hp_json_write_text(writer, *words);
	hp_json_write_end(writer);
	hp_json_write_end(writer);
}

/* What a value of the parameter must look like. */
static void write_param(struct hp_json_writer *writer, const struct behaviour_param *param)
{
	switch (param->unit) {
	case BEHAVIOUR_SPAN:
		hp_json_write_raw(writer, param->max != HP_NEVER
			? HP_LITERAL("{\"$ref\":\"#/definitions/span\"}")
			: HP_LITERAL("{\"anyOf\":[{\"const\":\"never\"},"
				     "{\"$ref\":\"#/definitions/span\"}]}"));
		break;
	case BEHAVIOUR_BYTES:
		hp_json_write_raw(writer, HP_LITERAL("{\"$ref\":\"#/definitions/size\"}"));
		break;
	case BEHAVIOUR_BOOL:
		hp_json_write_raw(writer, HP_LITERAL("{\"type\":\"boolean\"}"));
		break;
	case BEHAVIOUR_WORD:
		write_words(writer, param->words);
		break;
	case BEHAVIOUR_TEXT:
		hp_json_write_raw(writer, HP_LITERAL("{\"type\":\"string\",\"maxLength\":127}"));
		break;
	case BEHAVIOUR_FILE:
		hp_json_write_raw(writer, HP_LITERAL("{\"type\":\"string\",\"minLength\":1,"
						     "\"maxLength\":127}"));
		break;
	case BEHAVIOUR_PATTERNS:
	case BEHAVIOUR_ADDRESSES:
		hp_json_write_raw(writer, HP_LITERAL("{\"type\":[\"string\",\"array\"],"
						     "\"items\":{\"type\":\"string\"}}"));
		break;
	default:
		write_number(writer, param);
	}
}

/* What values of that name look like: rows may differ in it. */
static size_t list_variants(const char *name, char out[VARIANTS_MAX][VARIANT_BYTES])
{
	const struct behaviour_row *row;
	size_t count = 0;

	for (size_t i = 0; (row = behaviour_row_at(i)); i++) {
		int index = behaviour_param_index(row, hp_view_of(name));
		struct hp_json_writer writer;
		struct hp_buf text;
		size_t k = 0;

		if (index < 0)
			continue;
		hp_buf_init(&text, VARIANT_BYTES - 1);
		hp_json_write_init(&writer, &text, 0);
		write_param(&writer, &row->params[index]);
		while (k < count && strcmp(out[k], hp_buf_text(&text)) != 0)
			k++;
		ck_assert(k < VARIANTS_MAX && !text.cut);
		memcpy(out[k], hp_buf_text(&text), text.bytes + 1);
		count = k < count ? count : k + 1;
		hp_buf_fini(&text);
	}
	return count;
}

static void write_variants(struct hp_json_writer *writer, const char *name)
{
	static char variants[VARIANTS_MAX][VARIANT_BYTES];
	size_t count = list_variants(name, variants);

	if (count == 1) {
		hp_json_write_raw(writer, hp_view_of(variants[0]));
		return;
	}
	hp_json_write_object(writer);
	hp_json_write_key(writer, "anyOf");
	hp_json_write_array(writer);
	for (size_t i = 0; i < count; i++)
		hp_json_write_raw(writer, hp_view_of(variants[i]));
	hp_json_write_end(writer);
	hp_json_write_end(writer);
}

/* Whether a row before this one, or this one before that parameter, has the name. */
static bool is_known(size_t row_index, const char *name)
{
	for (size_t i = 0; i < row_index; i++)
		if (behaviour_param_index(behaviour_row_at(i), hp_view_of(name)) >= 0)
			return true;
	return false;
}

/* A member for each name that a parameter of some row has. */
static void write_names(struct hp_json_writer *writer, bool whole)
{
	const struct behaviour_row *row;
	char ref[VARIANT_BYTES];

	for (size_t i = 0; (row = behaviour_row_at(i)); i++) {
		for (const struct behaviour_param *param = row->params; param->name; param++) {
			if (is_known(i, param->name))
				continue;
			hp_json_write_key(writer, param->name);
			if (whole) {
				write_variants(writer, param->name);
				continue;
			}
			snprintf(ref, sizeof(ref),
				 "{\"$ref\":\"#/definitions/behaviours/parameters/%s\"}",
				 param->name);
			hp_json_write_raw(writer, hp_view_of(ref));
		}
	}
}

static void write_slugs(struct hp_json_writer *writer, bool faults)
{
	const struct behaviour_row *row;

	hp_json_write_object(writer);
	hp_json_write_key(writer, "enum");
	hp_json_write_array(writer);
	for (size_t i = 0; (row = behaviour_row_at(i)); i++)
		if (!faults || behaviour_is_fault(row))
			hp_json_write_text(writer, row->slug);
	for (size_t i = 0; behaviour_aliases[i].name; i++)
		hp_json_write_text(writer, behaviour_aliases[i].name);
	hp_json_write_end(writer);
	hp_json_write_end(writer);
}

static void begin_object(struct hp_json_writer *writer, const char *name)
{
	hp_json_write_key(writer, name);
	hp_json_write_object(writer);
	hp_json_write_key(writer, "type");
	hp_json_write_text(writer, "object");
	hp_json_write_key(writer, "additionalProperties");
	hp_json_write_bool(writer, false);
}

/* A fault as an object of its own; "status" is short for the fault of that name and its code. */
static void write_fault(struct hp_json_writer *writer)
{
	begin_object(writer, "fault");
	hp_json_write_key(writer, "oneOf");
	hp_json_write_raw(writer, HP_LITERAL("[{\"required\":[\"fault\"]},"
					     "{\"required\":[\"status\"]}]"));
	hp_json_write_key(writer, "properties");
	hp_json_write_object(writer);
	hp_json_write_key(writer, "fault");
	write_slugs(writer, true);
	hp_json_write_key(writer, "status");
	hp_json_write_raw(writer, HP_LITERAL("{\"$ref\":\"#/definitions/behaviours/parameters/"
					     "code\"}"));
	write_names(writer, false);
	hp_json_write_end(writer);
	hp_json_write_end(writer);
}

static bool is_held_before(size_t row_index, const char *key)
{
	for (size_t i = 0; i < row_index; i++) {
		const char *other = behaviour_row_at(i)->fault_key;
		if (other && strcmp(other, key) == 0)
			return true;
	}
	return false;
}

/* The keys under which guards hold their faults. */
static void write_held(struct hp_json_writer *writer)
{
	const struct behaviour_row *row;

	for (size_t i = 0; (row = behaviour_row_at(i)); i++) {
		if (!row->fault_key || is_held_before(i, row->fault_key))
			continue;
		hp_json_write_key(writer, row->fault_key);
		hp_json_write_raw(writer, row->by_plan
			? HP_LITERAL("{\"type\":\"array\",\"minItems\":1,\"maxItems\":100,"
				     "\"items\":{\"$ref\":\"#/definitions/behaviours/fault\"}}")
			: HP_LITERAL("{\"anyOf\":[{\"$ref\":\"#/definitions/behaviours/fault/"
				     "properties/fault\"},"
				     "{\"$ref\":\"#/definitions/behaviours/fault\"}]}"));
	}
}

static void write_behaviour(struct hp_json_writer *writer)
{
	begin_object(writer, "behaviour");
	hp_json_write_key(writer, "required");
	hp_json_write_raw(writer, HP_LITERAL("[\"behaviour\"]"));
	hp_json_write_key(writer, "properties");
	hp_json_write_object(writer);
	hp_json_write_key(writer, "behaviour");
	write_slugs(writer, false);
	write_held(writer);
	write_names(writer, false);
	hp_json_write_end(writer);
	hp_json_write_end(writer);
}

/* The part of the schema as it should be, indented as it stands there. */
static struct hp_json *made_part(void)
{
	struct hp_json_writer writer;
	struct hp_json *made;
	struct hp_buf text;
	struct hp_err err;

	hp_buf_init(&text, PART_BYTES_MAX);
	hp_json_write_init(&writer, &text, 2);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "definitions");
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "behaviours");
	hp_json_write_object(&writer);
	write_behaviour(&writer);
	write_fault(&writer);
	hp_json_write_key(&writer, "parameters");
	hp_json_write_object(&writer);
	write_names(&writer, true);
	for (int open = 0; open < 4; open++)
		hp_json_write_end(&writer);
	ck_assert(!text.cut);
	made = hp_json_parse("made", hp_buf_view(&text), PART_BYTES_MAX, &err);
	ck_assert_msg(made != NULL, "%s", err.msg);
	hp_buf_fini(&text);
	return made;
}

/* Puts the part where the schema has it. */
static void keep_part(struct hp_view part)
{
	struct hp_view whole = hp_json_raw(hp_json_root(schema));
	struct hp_view old = hp_json_raw(definition("behaviours"));
	size_t before = (size_t)(old.at - whole.at), behind = before + old.bytes;
	FILE *file = fopen(SCHEMA, "w");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "%.*s%.*s%.*s\n", (int)before, whole.at, (int)part.bytes, part.at,
		(int)(whole.bytes - behind), whole.at + behind);
	ck_assert_int_eq(fclose(file), 0);
}

/* Goal: the schema has every behaviour with its parameters, and what guards can hold, as the rows
 * say it. GOLDEN=write in the environment puts them there; then read the difference. */
START_TEST(test_behaviours)
{
	struct hp_json *made = made_part();
	const struct hp_json_node *root = hp_json_member(hp_json_root(made), "definitions");
	struct hp_view part = hp_json_raw(hp_json_member(root, "behaviours"));
	const char *wish = getenv("GOLDEN");

	if (wish && strcmp(wish, "write") == 0)
		keep_part(part);
	else
		ck_assert_msg(hp_view_equal(part, hp_json_raw(definition("behaviours"))),
			      "%s is not as the rows are: GOLDEN=write makes it so", SCHEMA);
	hp_json_free(made);
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
