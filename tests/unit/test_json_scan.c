#include "base/json_scan.h"

#include <check.h>
#include <signal.h>

#include "tests/lib/guard.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

struct judged {
	const char *wanted; /* NULL: good */
	const char *at;
};

static struct judged judge(struct hp_view doc)
{
	struct hp_json_scan scan;
	enum hp_json_token token;

	hp_json_scan_init(&scan, doc);
	do
		token = hp_json_scan_next(&scan);
	while (token != HP_JSON_DONE && token != HP_JSON_BAD);
	return (struct judged){token == HP_JSON_BAD ? scan.wanted : NULL, scan.at};
}

static const struct hp_view good[] = {
	HP_LITERAL("{}"),
	HP_LITERAL("[]"),
	HP_LITERAL("null"),
	HP_LITERAL(" true\r\n\t"),
	HP_LITERAL("false"),
	HP_LITERAL("0"),
	HP_LITERAL("-0"),
	HP_LITERAL("-0.0e-10"),
	HP_LITERAL("1E+400"),
	HP_LITERAL("120"),
	HP_LITERAL("\"\""),
	HP_LITERAL("\"\x7F\""),
	HP_LITERAL("\"\\u0000\\\"\\\\\\/\\b\\f\\n\\r\\t\\uFFFF\""),
	HP_LITERAL("\"\\uD83D\\uDE00\""),
	HP_LITERAL("\"\xF0\x9F\x98\x80\""),
	HP_LITERAL("[1,[2,{\"a\":[]}],{}]"),
	HP_LITERAL("{\"a\" : {\"a\":1} , \"b\":[ ]}"),
	HP_LITERAL("{\"id\":\"inv_1\",\"event\":\"a.b\"}"),
};

/* Goal: all that RFC 8259 allows is accepted, and no byte behind the document is read. */
START_TEST(test_good)
{
	char *copy = guard_copy(good[_i].at, good[_i].bytes);
	struct judged judged = judge((struct hp_view){copy, good[_i].bytes});

	ck_assert_msg(!judged.wanted, "%s: want %s", good[_i].at, judged.wanted);
	guard_free(copy);
}
END_TEST

/* Goal: every beginning of a good document that is not complete is refused at its end. */
START_TEST(test_cut)
{
	struct hp_view whole = good[_i];

	for (size_t bytes = 0; bytes < whole.bytes; bytes++) {
		char *copy = guard_copy(whole.at, bytes);
		struct judged judged = judge((struct hp_view){copy, bytes});
		bool number = strchr("-0123456789", whole.at[0]) && whole.bytes > 1;
		bool only_space = strspn(whole.at + bytes, " \r\n\t") == whole.bytes - bytes;

		if (!number && !only_space)
			ck_assert_msg(judged.wanted != NULL, "%s cut at %zu", whole.at, bytes);
		guard_free(copy);
	}
}
END_TEST

static const struct bad {
	struct hp_view doc;
	size_t offset;
	const char *wanted;
} bad[] = {
	{HP_LITERAL(""), 0, "a value"},
	{HP_LITERAL("\xEF\xBB\xBF{}"), 0, "a value"},
	{HP_LITERAL("{} x"), 3, "the end"},
	{HP_LITERAL("1 2"), 2, "the end"},
	{HP_LITERAL("[01]"), 2, "a number without a leading zero"},
	{HP_LITERAL("[1.]"), 3, "a digit"},
	{HP_LITERAL("[.5]"), 1, "a value or ']'"},
	{HP_LITERAL("[+1]"), 1, "a value or ']'"},
	{HP_LITERAL("-"), 1, "a digit"},
	{HP_LITERAL("1e"), 2, "a digit"},
	{HP_LITERAL("0x10"), 1, "the end"},
	{HP_LITERAL("NaN"), 0, "a value"},
	{HP_LITERAL("[1,]"), 3, "a value"},
	{HP_LITERAL("[,1]"), 1, "a value or ']'"},
	{HP_LITERAL("[1 2]"), 3, "',' or ']'"},
	{HP_LITERAL("[1}"), 2, "',' or ']'"},
	{HP_LITERAL("{\"id\": \"inv_123456\", \"event\": \"invoice.paid\", }"), 46, "a key"},
	{HP_LITERAL("{\"a\":1]"), 6, "',' or '}'"},
	{HP_LITERAL("{a:1}"), 1, "a key or '}'"},
	{HP_LITERAL("{\"a\" 1}"), 5, "':'"},
	{HP_LITERAL("{\"a\":}"), 5, "a value"},
	{HP_LITERAL("{'a':1}"), 1, "a key or '}'"},
	{HP_LITERAL("tru"), 0, "a value"},
	{HP_LITERAL("truex"), 4, "the end"},
	{HP_LITERAL("// no\n1"), 0, "a value"},
	{HP_LITERAL("\"a\nb\""), 2, "control characters written as escapes"},
	{HP_LITERAL("\"\0\""), 1, "control characters written as escapes"},
	{HP_LITERAL("\"\\x\""), 2, "one of \"\\/bfnrtu after a backslash"},
	{HP_LITERAL("\"\\u12g4\""), 5, "a hexadecimal digit"},
	{HP_LITERAL("\"\\uDC00\""), 3, "a surrogate only as one of a pair"},
	{HP_LITERAL("\"\\uD800\""), 3, "a surrogate only as one of a pair"},
	{HP_LITERAL("\"\\uD800\\n\""), 3, "a surrogate only as one of a pair"},
	{HP_LITERAL("\"\\uD800\\u0041\""), 3, "a surrogate only as one of a pair"},
	{HP_LITERAL("\"\xC0\xAF\""), 1, "UTF-8"},
	{HP_LITERAL("\"\xED\xA0\x80\""), 1, "UTF-8"},
	{HP_LITERAL("\"\xFF\""), 1, "UTF-8"},
	{HP_LITERAL("\"abc"), 4, "a closing '\"'"},
	{HP_LITERAL("\xA0"
		    "1"),
	 0, "a value"},
};

/* Goal: all that RFC 8259 forbids is refused at its byte, with what was expected there. */
START_TEST(test_bad)
{
	const struct bad *row = &bad[_i];
	char *copy = guard_copy(row->doc.at, row->doc.bytes);
	struct judged judged = judge((struct hp_view){copy, row->doc.bytes});

	ck_assert_msg(judged.wanted != NULL, "row %d, %s: accepted", _i, row->doc.at);
	ck_assert_str_eq(judged.wanted, row->wanted);
	ck_assert_msg(judged.at == copy + row->offset, "row %d: at %td", _i, judged.at - copy);
	guard_free(copy);
}
END_TEST

/* Goal: 64 levels are accepted and 65 refused, at the bracket that is too deep. */
START_TEST(test_depth)
{
	char doc[2 * HP_JSON_DEPTH_MAX + 2];
	size_t depth = HP_JSON_DEPTH_MAX + (size_t)_i;

	memset(doc, '[', depth);
	memset(doc + depth, ']', depth);
	if (_i == 0) {
		ck_assert_ptr_null(judge((struct hp_view){doc, 2 * depth}).wanted);
		return;
	}
	ck_assert_str_eq(judge((struct hp_view){doc, 2 * depth}).wanted,
			 "at most 64 levels of nesting");
	ck_assert_ptr_eq(judge((struct hp_view){doc, 2 * depth}).at, doc + HP_JSON_DEPTH_MAX);
}
END_TEST

static const struct find {
	const char *doc;
	const char *pointer;
	enum hp_json_answer answer;
	const char *raw;
} finds[] = {
	{"{\"id\":\"a\",\"event\":\"b\"}", "/id", HP_JSON_FOUND, "\"a\""},
	{"{\"id\":\"a\",\"event\":\"b\"}", "/event", HP_JSON_FOUND, "\"b\""},
	{"{\"id\":\"a\"}", "/ID", HP_JSON_ABSENT, NULL},
	{"{\"id\":\"a\"}", "", HP_JSON_FOUND, "{\"id\":\"a\"}"},
	{" 7 ", "", HP_JSON_FOUND, "7"},
	{"7", "/a", HP_JSON_ABSENT, NULL},
	{"{\"x\":{\"id\":1},\"data\":{\"no\":[{\"id\":2}],\"id\":3}}", "/data/id", HP_JSON_FOUND,
	 "3"},
	{"{\"data\":{\"data\":{\"id\":1}},\"id\":2}", "/data/id", HP_JSON_ABSENT, NULL},
	{"{\"data\":{},\"id\":2}", "/data/id", HP_JSON_ABSENT, NULL},
	{"{\"data\":5,\"id\":2}", "/data/id", HP_JSON_ABSENT, NULL},
	{"{\"data\":{ \"a\" : [ 1 ] }}", "/data", HP_JSON_FOUND, "{ \"a\" : [ 1 ] }"},
	{"[[1,2],[3,[4]]]", "/1/1/0", HP_JSON_FOUND, "4"},
	{"[[1,2],[3,[4]]]", "/1", HP_JSON_FOUND, "[3,[4]]"},
	{"[[1,2],[3],[5,6,7]]", "/0/2", HP_JSON_ABSENT, NULL},
	{"[[1,2],3]", "/2", HP_JSON_ABSENT, NULL},
	{"[1]", "/00", HP_JSON_ABSENT, NULL},
	{"[1]", "/-", HP_JSON_ABSENT, NULL},
	{"[1]", "/99999999999999999999999", HP_JSON_ABSENT, NULL},
	{"{\"\":1}", "/", HP_JSON_FOUND, "1"},
	{"{\"\":{\"b\":1}}", "//b", HP_JSON_FOUND, "1"},
	{"{\"\":{\"\":{\"b\":1}},\"b\":2}", "///b", HP_JSON_FOUND, "1"},
	{"{\"a/b\":1,\"m~n\":2}", "/a~1b", HP_JSON_FOUND, "1"},
	{"{\"a/b\":1,\"m~n\":2}", "/m~0n", HP_JSON_FOUND, "2"},
	{"{\"\\u0069d\":1}", "/id", HP_JSON_FOUND, "1"},
	{"{\"\xC3\xA9\":1}", "/\xC3\xA9", HP_JSON_FOUND, "1"},
	{"{\"\\u00e9\":1}", "/\xC3\xA9", HP_JSON_FOUND, "1"},
	{"{\"id\":1,\"id\":2}", "/id", HP_JSON_INVALID, NULL},
	{"{\"id\":1,\"\\u0069d\":2}", "/id", HP_JSON_INVALID, NULL},
	{"{\"d\":{\"id\":1},\"d\":{}}", "/d/id", HP_JSON_INVALID, NULL},
	{"{\"a\":{\"x\":1},\"b\":{\"x\":2}}", "/b/x", HP_JSON_FOUND, "2"},
	{"{\"id\":1,}", "/id", HP_JSON_INVALID, NULL},
	{"{\"id\":1} x", "/id", HP_JSON_INVALID, NULL},
	{"", "/id", HP_JSON_INVALID, NULL},
	{"\"s\"", "/0", HP_JSON_ABSENT, NULL},
};

/* Goal: pointers find what RFC 6901 says, once, and only in good JSON. */
START_TEST(test_find)
{
	const struct find *row = &finds[_i];
	char *copy = guard_copy(row->doc, strlen(row->doc));
	struct hp_json_value value;
	enum hp_json_answer answer =
		hp_json_find((struct hp_view){copy, strlen(row->doc)}, row->pointer, &value);

	ck_assert_msg(answer == row->answer, "%s in %s: %d", row->pointer, row->doc, answer);
	if (answer == HP_JSON_FOUND)
		ck_assert_msg(hp_view_equal(value.raw, hp_view_of(row->raw)), "%s in %s: %.*s",
			      row->pointer, row->doc, (int)value.raw.bytes, value.raw.at);
	guard_free(copy);
}
END_TEST

static const struct text {
	const char *raw;
	struct hp_view text;
} texts[] = {
	{"\"\"", HP_LITERAL("")},
	{"\"abc\"", HP_LITERAL("abc")},
	{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", HP_LITERAL("\"\\/\b\f\n\r\t")},
	{"\"\\u0000\\u0041\\u00e9\\u20AC\"", HP_LITERAL("\0A\xC3\xA9\xE2\x82\xAC")},
	{"\"\\ud83d\\ude00\"", HP_LITERAL("\xF0\x9F\x98\x80")},
};

/* Goal: escapes are resolved exactly, and a buffer that is one byte too small says so. */
START_TEST(test_text)
{
	struct hp_json_value value = {HP_JSON_STRING, hp_view_of(texts[_i].raw)};
	size_t need = texts[_i].text.bytes, bytes;
	char *out = guard_copy("", 0), exact[64];

	guard_free(out);
	ck_assert(hp_json_text(&value, exact, need, &bytes));
	ck_assert(hp_view_equal((struct hp_view){exact, bytes}, texts[_i].text));
	if (need == 0)
		return;
	out = guard_copy(exact, need - 1);
	ck_assert(!hp_json_text(&value, out, need - 1, &bytes));
	ck_assert_uint_eq(bytes, need);
	guard_free(out);
}
END_TEST

/* Goal: what is no string has no text. */
START_TEST(test_no_text)
{
	struct hp_json_value value = {HP_JSON_NUMBER, HP_LITERAL("12")};
	size_t bytes = 9;
	char out[8];

	ck_assert(!hp_json_text(&value, out, sizeof(out), &bytes));
	ck_assert_uint_eq(bytes, 0);
}
END_TEST

/* Goal: a pointer of ours that is malformed is a bug, not an answer. */
START_TEST(test_pointer_is_ours)
{
	struct hp_json_value value;

	(void)hp_json_find(HP_LITERAL("{}"), "id", &value);
}
END_TEST

/* Goal: lines and columns count from 1, in bytes. */
START_TEST(test_place)
{
	struct hp_view doc = HP_LITERAL("ab\n\xC3\xA9"
					"c\n");
	static const unsigned places[][2] = {{1, 1}, {1, 2}, {1, 3}, {2, 1},
					     {2, 2}, {2, 3}, {2, 4}, {3, 1}};
	unsigned line, column;

	hp_json_place(doc, doc.at + _i, &line, &column);
	ck_assert_uint_eq(line, places[_i][0]);
	ck_assert_uint_eq(column, places[_i][1]);
}
END_TEST

Suite *suite_json_scan(void);

Suite *suite_json_scan(void)
{
	Suite *suite = suite_create("json_scan");
	TCase *tcase = tcase_create("json_scan");

	tcase_add_loop_test(tcase, test_good, 0, COUNT(good));
	tcase_add_loop_test(tcase, test_cut, 0, COUNT(good));
	tcase_add_loop_test(tcase, test_bad, 0, COUNT(bad));
	tcase_add_loop_test(tcase, test_depth, 0, 2);
	tcase_add_loop_test(tcase, test_find, 0, COUNT(finds));
	tcase_add_loop_test(tcase, test_text, 0, COUNT(texts));
	tcase_add_test(tcase, test_no_text);
	tcase_add_test_raise_signal(tcase, test_pointer_is_ours, SIGABRT);
	tcase_add_loop_test(tcase, test_place, 0, 8);
	suite_add_tcase(suite, tcase);
	return suite;
}
