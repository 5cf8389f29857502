#include "base/json_fields.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

enum { BYTES_MAX = 64 * 1024 };

enum colour { RED, GREEN, BLUE };

struct part {
	uint32_t weight;
};

struct thing {
	char name[8];
	bool on;
	uint32_t count;
	uint64_t big;
	int status;
	double factor;
	enum colour colour;
	struct part part;
};

static const char *const colours[] = {"red", "green", "blue", NULL};

static const struct hp_json_field part_fields[] = {
	{"weight", hp_json_field_u32, offsetof(struct part, weight), .min = 1, .max = 9},
	{.key = NULL},
};

static const struct hp_json_field thing_fields[] = {
	{"name", hp_json_field_text, offsetof(struct thing, name), .min = 1, .max = 8,
	 .needed = true},
	{"on", hp_json_field_bool, .offset = offsetof(struct thing, on)},
	{"count", hp_json_field_u32, offsetof(struct thing, count), .min = 1, .max = 100},
	{"big", hp_json_field_u64, offsetof(struct thing, big), .max = HP_JSON_INTEGER_MAX},
	{"status", hp_json_field_int, offsetof(struct thing, status), .min = 100, .max = 999},
	{"factor", hp_json_field_factor, offsetof(struct thing, factor), .min = 100000,
	 .max = 2500000},
	{"colour", hp_json_field_word, offsetof(struct thing, colour), .more = colours},
	{"part", hp_json_field_fields, offsetof(struct thing, part), .more = part_fields},
	{.key = NULL},
};

static int load(const char *text, struct thing *out, struct hp_err *err)
{
	struct hp_json *doc = hp_json_parse("t.json", hp_view_of(text), BYTES_MAX, err);
	int result;

	*out = (struct thing){.count = 0};
	if (!doc)
		return -1;
	result = hp_json_read_fields(hp_json_root(doc), thing_fields, out, err);
	hp_json_free(doc);
	return result;
}

/* Goal: a table reads every type into its member. */
START_TEST(test_fields)
{
	struct thing thing;
	struct hp_err err;

	ck_assert_msg(
		load("{\"name\":\"a\\u00e9\",\"on\":true,\"count\":100,\"big\":9007199254740991,"
		     "\"status\":204,\"factor\":0.1,\"colour\":\"blue\",\"part\":{\"weight\":3}}",
		     &thing, &err) == 0,
		"%s", err.msg);
	ck_assert_str_eq(thing.name, "a\xC3\xA9");
	ck_assert(thing.on && thing.count == 100 && thing.big == HP_JSON_INTEGER_MAX);
	ck_assert(thing.status == 204 && thing.colour == BLUE && thing.part.weight == 3);
	ck_assert(thing.factor > 0.099999 && thing.factor < 0.100001);
}
END_TEST

static const struct bad {
	const char *text;
	unsigned line, column;
	const char *msg;
} bad[] = {
	{"", 1, 1, "not JSON: want a value, found the end"},
	{"{\n \"name\": \"x\"\n \"on\": true}", 3, 2, "not JSON: want ',' or '}', found '\"'"},
	{"{\"name\":\"\x01\"}", 1, 10,
	 "not JSON: want control characters written as escapes, found byte 0x01"},
	{"[]", 1, 1, "document: want an object, found an array"},
	{"{}", 1, 1, "document: missing key \"name\""},
	{"{\"name\":\"x\",\n\n  \"cuont\": 1}", 3, 12,
	 "cuont: unknown key, did you mean \"count\"?"},
	{"{\"name\":\"x\",\"zebra\":1}", 1, 21, "zebra: unknown key"},
	{"{\"name\":\"x\",\"name\":\"y\"}", 1, 20,
	 "name: this key stands twice, first in line 1, column 9"},
	{"{\"name\":\"x\",\"part\":{\"weight\":1,\"\\u0077eight\":1}}", 1, 46,
	 "part.weight: this key stands twice, first in line 1, column 30"},
	{"{\"name\":7}", 1, 9, "name: want a string, found 7"},
	{"{\"name\":\"\"}", 1, 9, "name: want 1 to 7 bytes, found 0"},
	{"{\"name\":\"12345678\"}", 1, 9, "name: want 1 to 7 bytes, found 8"},
	{"{\"name\":\"a\\u0000b\"}", 1, 9, "name: want a string without \\u0000"},
	{"{\"name\":\"x\",\"on\":1}", 1, 18, "on: want true or false, found 1"},
	{"{\"name\":\"x\",\"count\":0}", 1, 21,
	 "count: want a whole number from 1 to 100, found 0"},
	{"{\"name\":\"x\",\"count\":101}", 1, 21,
	 "count: want a whole number from 1 to 100, found 101"},
	{"{\"name\":\"x\",\"count\":1.0}", 1, 21,
	 "count: want a whole number from 1 to 100, found 1.0"},
	{"{\"name\":\"x\",\"count\":\"5\"}", 1, 21,
	 "count: want a whole number from 1 to 100, found \"5\""},
	{"{\"name\":\"x\",\"big\":9007199254740992}", 1, 19,
	 "big: want a whole number from 0 to 9007199254740991, found 9007199254740992"},
	{"{\"name\":\"x\",\"big\":99999999999999999999999}", 1, 19,
	 "big: want a whole number from 0 to 9007199254740991, found 99999999999999999999999"},
	{"{\"name\":\"x\",\"factor\":2.500001}", 1, 22,
	 "factor: want a number from 0.1 to 2.5 with at most six decimals, found 2.500001"},
	{"{\"name\":\"x\",\"factor\":1e0}", 1, 22,
	 "factor: want a number from 0.1 to 2.5 with at most six decimals, found 1e0"},
	{"{\"name\":\"x\",\"factor\":0.1234567}", 1, 22,
	 "factor: want a number from 0.1 to 2.5 with at most six decimals, found 0.1234567"},
	{"{\"name\":\"x\",\"factor\":-1}", 1, 22,
	 "factor: want a number from 0.1 to 2.5 with at most six decimals, found -1"},
	{"{\"name\":\"x\",\"colour\":\"geren\"}", 1, 22,
	 "colour: want one of red, green, blue, found \"geren\": did you mean \"green\"?"},
	{"{\"name\":\"x\",\"colour\":null}", 1, 22,
	 "colour: want one of red, green, blue, found null"},
	{"{\"name\":\"x\",\"part\":{\"weight\":0}}", 1, 30,
	 "part.weight: want a whole number from 1 to 9, found 0"},
	{"{\"name\":\"x\",\"a.b\\n\":0}", 1, 21, "[\"a.b?\"]: unknown key"},
};

/* Goal: each complaint has its place, path, what was expected, what was found and a neighbour. */
START_TEST(test_bad)
{
	const struct bad *row = &bad[_i];
	struct thing thing;
	struct hp_err err;

	ck_assert_msg(load(row->text, &thing, &err) == -1, "%s: accepted", row->text);
	ck_assert_str_eq(err.msg, row->msg);
	ck_assert_str_eq(err.at.file, "t.json");
	ck_assert_msg(err.at.line == row->line && err.at.column == row->column, "%s: at %u:%u",
		      row->text, err.at.line, err.at.column);
	ck_assert_int_eq((int)err.code, HP_EINPUT);
}
END_TEST

/* Goal: nodes can be walked, know their index and path, and give back their raw bytes. */
START_TEST(test_walk)
{
	struct hp_err err;
	struct hp_json *doc = hp_json_parse(
		"w", HP_LITERAL("{\"a\":[1,{\"b\":[true, null]}],\"c\":{}}"), BYTES_MAX, &err);
	const struct hp_json_node *list, *item;
	char path[HP_JSON_PATH_BYTES];

	ck_assert_ptr_nonnull(doc);
	ck_assert_uint_eq(hp_json_count(hp_json_root(doc)), 2);
	list = hp_json_first(hp_json_root(doc));
	ck_assert(hp_view_equal(hp_json_key(list), HP_LITERAL("a")));
	item = hp_json_next(hp_json_first(list));
	ck_assert_uint_eq(hp_json_index(item), 1);
	item = hp_json_next(hp_json_first(hp_json_member(item, "b")));
	ck_assert_int_eq((int)hp_json_kind(item), HP_JSON_NULL);
	ck_assert_str_eq(hp_json_path(item, path), "a[1].b[1]");
	ck_assert_ptr_null(hp_json_next(item));
	ck_assert(hp_view_equal(hp_json_raw(hp_json_parent(item)), HP_LITERAL("[true, null]")));
	ck_assert_ptr_null(hp_json_first(hp_json_member(hp_json_root(doc), "c")));
	ck_assert_ptr_null(hp_json_member(hp_json_root(doc), "d"));
	ck_assert_ptr_null(hp_json_need(hp_json_root(doc), "d", &err));
	ck_assert_str_eq(err.msg, "document: missing key \"d\"");
	hp_json_free(doc);
}
END_TEST

/* Goal: ten megabytes of brackets are refused at the 65th, and one byte over the limit at once. */
START_TEST(test_limits)
{
	static char brackets[10 * 1024 * 1024];
	struct hp_view text = {brackets, sizeof(brackets)};
	struct hp_err err;

	memset(brackets, '[', sizeof(brackets));
	ck_assert_ptr_null(hp_json_parse("deep", text, sizeof(brackets), &err));
	ck_assert_str_eq(err.msg, "not JSON: want at most 64 levels of nesting, found '['");
	ck_assert_uint_eq(err.at.column, 65);
	ck_assert_ptr_null(hp_json_parse("deep", text, sizeof(brackets) - 1, &err));
	ck_assert_str_eq(err.msg, "want at most 10485759 bytes");
	ck_assert_str_eq(err.at.file, "deep");
	ck_assert_uint_eq(err.at.column, 10485760);
}
END_TEST

/* Goal: a hundred thousand keys are compared in time, and the one twin among them is found. */
START_TEST(test_many_keys)
{
	struct hp_buf text;
	struct hp_err err;

	hp_buf_init(&text, 4 * 1024 * 1024);
	for (int i = 0; i < 100000; i++)
		hp_buf_add_format(&text, "%s\"k%d\":0", i ? "," : "{", i);
	hp_buf_add_text(&text, ",\"k77\":0}");
	ck_assert_ptr_null(hp_json_parse("m", hp_buf_view(&text), text.bytes_max, &err));
	ck_assert_str_eq(err.msg, "k77: this key stands twice, first in line 1, column 614");
	hp_buf_fini(&text);
}
END_TEST

/* Goal: files are read whole; one that is missing, a folder or too long is bad input. */
START_TEST(test_files)
{
	char path[] = "/tmp/hookproof-json-XXXXXX";
	struct hp_json *doc;
	struct hp_err err;
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	ck_assert_ptr_nonnull(file);
	fputs("{\"a\":\n1}", file);
	fclose(file);
	doc = hp_json_read(path, 8, &err);
	ck_assert_ptr_nonnull(doc);
	hp_json_free(doc);
	ck_assert_ptr_null(hp_json_read(path, 7, &err));
	ck_assert_str_eq(err.msg, "want at most 7 bytes");
	ck_assert(err.at.line == 2 && err.at.column == 2);
	remove(path);
	ck_assert_ptr_null(hp_json_read(path, 8, &err));
	ck_assert(strstr(err.msg, "No such file"));
	ck_assert_int_eq((int)err.code, HP_EINPUT);
	ck_assert_ptr_null(hp_json_read("/", 8, &err));
}
END_TEST

Suite *suite_json(void);

Suite *suite_json(void)
{
	Suite *suite = suite_create("json");
	TCase *tcase = tcase_create("json");

	tcase_add_test(tcase, test_fields);
	tcase_add_loop_test(tcase, test_bad, 0, COUNT(bad));
	tcase_add_test(tcase, test_walk);
	tcase_add_test(tcase, test_limits);
	tcase_add_test(tcase, test_many_keys);
	tcase_add_test(tcase, test_files);
	suite_add_tcase(suite, tcase);
	return suite;
}
