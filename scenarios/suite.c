#include "scenarios/suite.h"

#include <stdlib.h>

#include "base/mem.h"
#include "scenarios/suite_inside.h"

#define AT(type, member) .offset = offsetof(struct type, member)
#define TEXT(type, member, low)                                                                    \
	.read = hp_json_field_text, AT(type, member), .min = (low),                                \
	.max = sizeof(((struct type *)0)->member)

static const char *const level_words[] = {"MUST", "SHOULD", "INFO", NULL};
static const char *const probe_words[] = {"none", "confirms", "needed", NULL};
static const char *const layout_words[] = {"compact", "spaces", "pretty", "crlf", NULL};

/* ---- bodies ---- */

const struct hp_json_field suite_body_fields[] = {
	{"layout", .read = hp_json_field_word, AT(suite_body, layout), .more = layout_words},
	{"text", .read = suite_field_template, AT(suite_body, text),
	 .max = sizeof(((struct suite_body *)0)->text),
	 .more = (const void *)(uintptr_t)(offsetof(struct suite_body, has_text) -
					   offsetof(struct suite_body, text))},
	{"first", TEXT(suite_body, first, 1)},
	{"last", TEXT(suite_body, last, 1)},
	{"id_json", TEXT(suite_body, id_json, 1)},
	{"type_json", TEXT(suite_body, type_json, 1)},
	{"before", TEXT(suite_body, before, 1)},
	{"after", TEXT(suite_body, after, 1)},
	{"bytes", .read = hp_json_field_size, AT(suite_body, bytes), .min = 1,
	 .max = UINT64_C(64) << 20},
	{"nested", .read = hp_json_field_u32, AT(suite_body, nested), .min = 1, .max = 1000000},
	{.key = NULL},
};

static int read_body(const struct hp_json_node *node, struct suite_body *body, struct hp_err *err)
{
	struct hp_view name = hp_json_key(node);

	if (name.bytes == 0 || name.bytes >= sizeof(body->name))
		return hp_json_fail(node, err, "want a name of 1 to %zu bytes",
				    sizeof(body->name) - 1);
	memcpy(body->name, name.at, name.bytes);
	return hp_json_read_fields(node, suite_body_fields, body, err);
}

static HP_JSON_READER(read_bodies)
{
	struct suite *suite = into;
	const struct hp_json_node *item;

	(void)field;
	if (hp_json_expect(node, HP_JSON_OBJECT, err) < 0)
		return -1;
	if (hp_json_count(node) > SUITE_BODIES_MAX)
		return hp_json_fail(node, err, "want at most %d bodies", SUITE_BODIES_MAX);
	suite->bodies = hp_xcalloc(hp_json_count(node) + 1, sizeof(*suite->bodies));
	for (item = hp_json_first(node); item; item = hp_json_next(item))
		if (read_body(item, &suite->bodies[suite->body_count++], err) < 0)
			return -1;
	return 0;
}

/* ---- checks ---- */

static HP_JSON_READER(read_levels)
{
	struct suite_check *check = into;
	const struct hp_json_node *item;
	struct suite_level *level;
	size_t index;

	(void)field;
	if (hp_json_expect(node, HP_JSON_OBJECT, err) < 0)
		return -1;
	for (item = hp_json_first(node); item; item = hp_json_next(item)) {
		struct hp_view name = hp_json_key(item);

		if (check->level_count == SUITE_PROFILES_MAX ||
		    name.bytes >= sizeof(level->profile))
			return hp_json_fail(item, err, "want at most %d names of profiles",
					    SUITE_PROFILES_MAX);
		if (hp_json_read_word(item, level_words, &index, err) < 0)
			return -1;
		level = &check->levels[check->level_count++];
		memcpy(level->profile, name.at, name.bytes);
		level->level = (enum check_level)index;
	}
	return 0;
}

static HP_JSON_READER(read_profiles)
{
	struct suite_check *check = into;
	const struct hp_json_node *item;
	struct hp_view name;

	(void)field;
	if (hp_json_expect(node, HP_JSON_ARRAY, err) < 0)
		return -1;
	for (item = hp_json_first(node); item; item = hp_json_next(item)) {
		if (hp_json_read_text(item, &name, err) < 0)
			return -1;
		if (check->profile_count == SUITE_PROFILES_MAX ||
		    name.bytes >= sizeof(check->profiles[0]))
			return hp_json_fail(item, err, "want at most %d names of profiles",
					    SUITE_PROFILES_MAX);
		memcpy(check->profiles[check->profile_count++], name.at, name.bytes + 1);
	}
	return 0;
}

static HP_JSON_READER(read_steps)
{
	struct suite_check *check = into;
	const struct hp_json_node *item;

	(void)field;
	if (hp_json_expect(node, HP_JSON_ARRAY, err) < 0)
		return -1;
	if (hp_json_count(node) < 1 || hp_json_count(node) > SUITE_STEPS_MAX)
		return hp_json_fail(node, err, "want 1 to %d steps", SUITE_STEPS_MAX);
	check->steps = hp_xcalloc(hp_json_count(node), sizeof(*check->steps));
	for (item = hp_json_first(node); item; item = hp_json_next(item))
		if (suite_read_step(item, &check->steps[check->step_count++], err) < 0)
			return -1;
	return 0;
}

const struct hp_json_field suite_check_fields[] = {
	{"id", TEXT(suite_check, id, 1), .needed = true},
	{"group", TEXT(suite_check, group, 1), .needed = true},
	{"level", .read = hp_json_field_word, AT(suite_check, level), .more = level_words,
	 .needed = true},
	{"clause", TEXT(suite_check, clause, 1), .needed = true},
	{"requirement", TEXT(suite_check, requirement, 1), .needed = true},
	{"remedy", TEXT(suite_check, remedy, 1), .needed = true},
	{"levels", .read = read_levels},
	{"needs", .read = suite_field_traits, AT(suite_check, needs)},
	{"profiles", .read = read_profiles},
	{"probe", .read = hp_json_field_word, AT(suite_check, probe), .more = probe_words},
	{"alike", .read = hp_json_field_bool, AT(suite_check, alike)},
	{"reads", TEXT(suite_check, reads, 1)},
	{"unseen", TEXT(suite_check, unseen, 1)},
	{"steps", .read = read_steps},
	{.key = NULL},
};

/* Slugs are unique, and a check is seen in exactly one way. */
static int check_check(const struct suite *suite, const struct hp_json_node *node,
		       const struct suite_check *check, struct hp_err *err)
{
	int ways = (check->step_count > 0) + (*check->reads != '\0') + (*check->unseen != '\0');

	if (ways != 1)
		return hp_json_fail(node, err, "want one of steps, reads and unseen");
	if (suite_find(suite, check->id) != check)
		return hp_json_fail(node, err, "the id \"%s\" stands twice", check->id);
	return 0;
}

static HP_JSON_READER(read_checks)
{
	struct suite *suite = into;
	const struct hp_json_node *item;

	(void)field;
	if (hp_json_expect(node, HP_JSON_ARRAY, err) < 0)
		return -1;
	if (hp_json_count(node) < 1 || hp_json_count(node) > SUITE_CHECKS_MAX)
		return hp_json_fail(node, err, "want 1 to %d checks", SUITE_CHECKS_MAX);
	suite->checks = hp_xcalloc(hp_json_count(node), sizeof(*suite->checks));
	for (item = hp_json_first(node); item; item = hp_json_next(item)) {
		struct suite_check *check = &suite->checks[suite->check_count++];

		if (hp_json_read_fields(item, suite_check_fields, check, err) < 0 ||
		    check_check(suite, item, check, err) < 0)
			return -1;
		check->check = (struct check){check->id, check->group, check->level, check->clause,
					      check->requirement, check->remedy};
	}
	return 0;
}

/* ---- the document ---- */

const struct hp_json_field suite_fields[] = {
	{"name", TEXT(suite, name, 1), .needed = true},
	{"description", TEXT(suite, description, 1)},
	{"bodies", .read = read_bodies, .needed = true},
	{"checks", .read = read_checks, .needed = true},
	{.key = NULL},
};

/* Bodies may stand behind the checks that name them. */
static int check_bodies(const struct suite *suite, const struct hp_json_node *root,
			struct hp_err *err)
{
	const struct hp_json_node *check = hp_json_first(hp_json_member(root, "checks"));

	for (size_t i = 0; i < suite->check_count; i++, check = hp_json_next(check)) {
		const struct hp_json_node *steps = hp_json_member(check, "steps");
		const struct hp_json_node *step = steps ? hp_json_first(steps) : NULL;

		for (size_t k = 0; k < suite->checks[i].step_count; k++, step = hp_json_next(step))
			if (suite_check_bodies(suite, step, &suite->checks[i].steps[k], err) < 0)
				return -1;
	}
	return 0;
}

int suite_load(struct suite *out, struct hp_view json, const char *name, struct hp_err *err)
{
	struct hp_json *document = hp_json_parse(name, json, UINT64_C(4) << 20, err);
	int result;

	*out = (struct suite){.check_count = 0};
	if (!document)
		return -1;
	result = hp_json_read_fields(hp_json_root(document), suite_fields, out, err);
	if (result == 0)
		result = check_bodies(out, hp_json_root(document), err);
	hp_json_free(document);
	if (result < 0)
		suite_fini(out);
	return result;
}

void suite_fini(struct suite *suite)
{
	for (size_t i = 0; i < suite->check_count; i++)
		free(suite->checks[i].steps);
	free(suite->checks);
	free(suite->bodies);
	*suite = (struct suite){.check_count = 0};
}

/* ---- asking ---- */

const struct suite_body *suite_body(const struct suite *suite, const char *name)
{
	size_t index = 0;

	while (index < suite->body_count && strcmp(suite->bodies[index].name, name) != 0)
		index++;
	assert(index < suite->body_count);
	return &suite->bodies[index];
}

const struct suite_check *suite_find(const struct suite *suite, const char *id)
{
	for (size_t i = 0; i < suite->check_count; i++)
		if (strcmp(suite->checks[i].id, id) == 0)
			return &suite->checks[i];
	return NULL;
}

enum check_level suite_level(const struct suite_check *check, const char *profile)
{
	for (size_t i = 0; i < check->level_count; i++)
		if (strcmp(check->levels[i].profile, profile) == 0)
			return check->levels[i].level;
	return check->level;
}

static bool is_listed(const struct suite_check *check, const char *profile)
{
	for (size_t i = 0; i < check->profile_count; i++)
		if (strcmp(check->profiles[i], profile) == 0)
			return true;
	return check->profile_count == 0;
}

const char *suite_excludes(const struct suite_check *check, uint32_t traits, const char *profile)
{
	static const char *const missing[] = {
#define X(name, word, text) [name] = text,
		SUITE_TRAITS(X)
#undef X
	};

	for (unsigned trait = 0; trait < SUITE_TRAIT_COUNT; trait++)
		if (check->needs & ~traits & SUITE_BIT(trait))
			return missing[trait];
	return is_listed(check, profile) ? NULL : "it is about other profiles";
}

const char *suite_expectation_text(enum suite_expectation expectation)
{
	static const char *const texts[] = {
#define X(name, word, text) [name] = text,
		SUITE_EXPECTATIONS(X)
#undef X
	};

	return texts[expectation];
}
