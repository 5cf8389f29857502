#include "scenarios/suite.h"

#include <check.h>
#include <stdio.h>

#include "scenarios/shipped.h"
#include "scenarios/suite_inside.h"

static struct suite suite;
static struct hp_err err;

static void load_receiver(void)
{
	const struct shipped *shipped = shipped_find("suite", "receiver");

	ck_assert_ptr_nonnull(shipped);
	ck_assert_msg(suite_load(&suite, shipped->text, "receiver", &err) == 0, "%s", err.msg);
}

/* Goal: the receiver suite has all checks of the catalogue, in its groups and levels. */
START_TEST(test_receiver_counts)
{
	static const struct {
		const char *group;
		unsigned count;
	} groups[] = {{"accept", 21}, {"reject", 23}, {"time", 11},
		      {"once", 12},   {"ack", 8},     {"hostile", 15}};
	unsigned levels[3] = {0};

	load_receiver();
	ck_assert_uint_eq(suite.check_count, 90);
	for (size_t i = 0; i < suite.check_count; i++)
		levels[suite.checks[i].level]++;
	ck_assert_uint_eq(levels[CHECK_MUST], 64);
	ck_assert_uint_eq(levels[CHECK_SHOULD], 23);
	ck_assert_uint_eq(levels[CHECK_INFO], 3);
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		unsigned count = 0;

		for (size_t i = 0; i < suite.check_count; i++)
			count += !strcmp(suite.checks[i].group, groups[g].group);
		ck_assert_msg(count == groups[g].count, "%s: %u", groups[g].group, count);
	}
	suite_fini(&suite);
}
END_TEST

/* Goal: a level belongs to the profile, and what a profile lacks is said as the reason. */
START_TEST(test_levels_and_reasons)
{
	const struct suite_check *check;

	load_receiver();
	check = suite_find(&suite, "time-rejects-future");
	ck_assert_ptr_nonnull(check);
	ck_assert_int_eq(suite_level(check, "paisr-v2"), CHECK_MUST);
	ck_assert_int_eq(suite_level(check, "slack"), CHECK_SHOULD);
	ck_assert_int_eq(suite_level(check, "stripe"), CHECK_INFO);
	ck_assert_str_eq(suite_excludes(check, 0, "paisr-v1"), "the profile signs no timestamp");
	ck_assert_ptr_null(suite_excludes(check, SUITE_BIT(SUITE_TIMED), "paisr-v2"));
	check = suite_find(&suite, "sig-rejects-downgrade");
	ck_assert_ptr_nonnull(suite_excludes(check, ~UINT32_C(0), "paisr-v1"));
	ck_assert_ptr_null(suite_excludes(check, ~UINT32_C(0), "github"));
	ck_assert_ptr_null(suite_find(&suite, "sig-rejects-nothing"));
	suite_fini(&suite);
}
END_TEST

#define CHECK(more)                                                                                \
	"{\"name\":\"s\",\"bodies\":{\"compact\":{}},\"checks\":[{\"id\":\"a\",\"group\":\"g\","   \
	"\"level\":\"MUST\",\"clause\":\"c\",\"requirement\":\"r\",\"remedy\":\"m\"" more "}]}"
#define STEP(more) CHECK(",\"steps\":[{" more "}]")

/* Goal: a step is what its document says, and a plain delivery in all else. */
START_TEST(test_step)
{
	const struct suite_step *step;

	ck_assert_msg(
		suite_load(&suite, hp_view_of(STEP("\"say\":\"x\",\"shift\":\"past - 2s\","
			   "\"sign\":{\"key\":\"\",\"reading\":\"text\",\"hash\":\"sha1\"},"
			   "\"headers\":[{\"add\":\"A: b\",\"times\":3}],\"also\":[415],"
			   "\"framing\":{\"chunks\":[1,7]},\"expect\":\"reject\",\"effect\":0")),
			   "s.json", &err) == 0, "%s", err.msg);
	step = &suite.checks[0].steps[0];
	ck_assert_int_eq(step->shift.edge, SUITE_EDGE_PAST);
	ck_assert_int_eq((int)step->shift.by_s, -2);
	ck_assert(step->sign.has_key && !*step->sign.key);
	ck_assert_uint_eq(step->sign.hash, MAC_SHA1 + 1);
	ck_assert_uint_eq(step->edits[0].times, 3);
	ck_assert_uint_eq(step->framing.chunks[1], 7);
	ck_assert_int_eq(step->expect, SUITE_REJECT);
	ck_assert_int_eq(step->effect, 0);
	ck_assert_str_eq(step->body, "compact");
	ck_assert_str_eq(step->method, "POST");
	ck_assert_uint_eq(step->copies, 1);
	suite_fini(&suite);
}
END_TEST

static const struct {
	const char *text, *said;
} bad[] = {
	{"{}", "missing key \"name\""},
	{CHECK(""), "want one of steps, reads and unseen"},
	{CHECK(",\"reads\":\"leaks\",\"unseen\":\"x\""), "want one of steps, reads and unseen"},
	{STEP("\"boddy\":\"compact\""), "did you mean \"body\"?"},
	{STEP("\"body\":\"compatc\""), "did you mean \"compact\"?"},
	{STEP("\"sign\":{\"body\":\"other\"}"), "unknown body \"other\""},
	{STEP("\"expect\":\"acept\""), "accept"},
	{STEP("\"shift\":\"past -2s\""), "a moment like"},
	{STEP("\"shift\":\"+ 10ms\""), "a moment like"},
	{STEP("\"headers\":[{\"add\":\"A: b\",\"set\":\"A: b\"}]"), "want one of remove, add"},
	{STEP("\"headers\":[{\"times\":2}]"), "want one of remove, add"},
	{STEP("\"spoil_every\":2"), "goes with one_connection"},
	{STEP("\"copies\":2,\"together\":true,\"one_connection\":true"), "either together or"},
	{STEP("\"also\":[99]"), "also[0]"},
	{STEP("\"when\":[\"timedd\"]"), "timed"},
	{CHECK(",\"steps\":[]"), "want 1 to 48 steps"},
};

/* Goal: what a suite must not say is refused, with its place and what was expected. */
START_TEST(test_refused)
{
	ck_assert_int_eq(suite_load(&suite, hp_view_of(bad[_i].text), "s.json", &err), -1);
	ck_assert_int_eq(err.code, HP_EINPUT);
	ck_assert_uint_eq(err.at.line, 1);
	ck_assert_msg(strstr(err.msg, bad[_i].said) != NULL, "%s", err.msg);
	ck_assert_uint_eq(suite.check_count, 0);
}
END_TEST

/* Goal: an id stands once. */
START_TEST(test_twice)
{
	static const char text[] =
		"{\"name\":\"s\",\"bodies\":{},\"checks\":["
		"{\"id\":\"a\",\"group\":\"g\",\"level\":\"MUST\",\"clause\":\"c\","
		"\"requirement\":\"r\",\"remedy\":\"m\",\"unseen\":\"u\"},\n"
		"{\"id\":\"a\",\"group\":\"g\",\"level\":\"MUST\",\"clause\":\"c\","
		"\"requirement\":\"r\",\"remedy\":\"m\",\"unseen\":\"u\"}]}";

	ck_assert_int_eq(suite_load(&suite, hp_view_of(text), "s.json", &err), -1);
	ck_assert_uint_eq(err.at.line, 2);
	ck_assert_ptr_nonnull(strstr(err.msg, "stands twice"));
}
END_TEST

static const struct {
	const char *definition; /* "" is the whole */
	const struct hp_json_field *fields;
} tables[] = {
	{"", suite_fields},
	{"body", suite_body_fields},
	{"check", suite_check_fields},
	{"step", suite_step_fields},
	{"sign", suite_sign_fields},
	{"framing", suite_framing_fields},
	{"edit", suite_edit_fields},
};

static bool is_required(const struct hp_json_node *object, const char *key)
{
	const struct hp_json_node *list = hp_json_member(object, "required");

	for (list = list ? hp_json_first(list) : NULL; list; list = hp_json_next(list))
		if (hp_view_equal(hp_json_string(list), hp_view_of(key)))
			return true;
	return false;
}

/* Goal: the published schema knows exactly the keys that the loader knows. Runs from the top. */
START_TEST(test_schema)
{
	struct hp_json *schema = hp_json_read("scenarios/suite.schema.json", 1024 * 1024, &err);
	const struct hp_json_node *object, *keys;
	const struct hp_json_field *field = tables[_i].fields;
	size_t count = 0;

	ck_assert_msg(schema != NULL, "%s", err.msg);
	object = hp_json_root(schema);
	if (*tables[_i].definition)
		object = hp_json_member(hp_json_member(object, "definitions"),
					tables[_i].definition);
	keys = hp_json_member(object, "properties");
	for (; field->key; field++, count++) {
		ck_assert_msg(hp_json_member(keys, field->key) != NULL, "%s.%s is not in it",
			      tables[_i].definition, field->key);
		ck_assert_msg(is_required(object, field->key) == field->needed, "%s.%s",
			      tables[_i].definition, field->key);
	}
	ck_assert_uint_eq(hp_json_count(keys), count);
	hp_json_free(schema);
}
END_TEST

Suite *suite_suite(void);
Suite *suite_suite(void)
{
	Suite *s = suite_create("suite");
	TCase *tc = tcase_create("suite");

	tcase_add_test(tc, test_receiver_counts);
	tcase_add_test(tc, test_levels_and_reasons);
	tcase_add_test(tc, test_step);
	tcase_add_loop_test(tc, test_refused, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, test_twice);
	tcase_add_loop_test(tc, test_schema, 0, sizeof(tables) / sizeof(tables[0]));
	suite_add_tcase(s, tc);
	return s;
}
