#include "certify/json_tree.h"

#include <cjson/cJSON.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/guard.h"

enum { OUT_BYTES_MAX = 64 * 1024 };

static struct fixture {
	char *text;
	struct json_tree *tree;
	struct hp_buf out;
} f;

static void parse(const char *text)
{
	f.text = guard_copy(text, strlen(text));
	f.tree = json_tree_new((struct hp_view){f.text, strlen(text)});
	hp_buf_init(&f.out, OUT_BYTES_MAX);
}

static void drop(void)
{
	json_tree_free(f.tree);
	hp_buf_fini(&f.out);
	guard_free(f.text);
}

static const struct number {
	const char *token;
	const char *printed[JSON_NUMBERS_CJSON + 1]; /* NULL: refused; kept is the token itself */
} numbers[] = {
	/* JS and Python were asked; Go's, PHP's: strconv, php_gcvt, read */
	{"1", {"1", "1", "1", "1", "1", "1"}},
	{"-5", {"-5", "-5", "-5", "-5", "-5", "-5"}},
	{"-0", {"-0", "0", "0", "-0", "-0", "-0"}},
	{"0.0", {"0.0", "0", "0.0", "0", "0", "0"}},
	{"-0.0", {"-0.0", "0", "-0.0", "-0", "-0", "-0"}},
	{"1.0", {"1.0", "1", "1.0", "1", "1", "1"}},
	{"1e2", {"1e2", "100", "100.0", "100", "100", "100"}},
	{"0.1", {"0.1", "0.1", "0.1", "0.1", "0.1", "0.1"}},
	{"19.99", {"19.99", "19.99", "19.99", "19.99", "19.99", "19.99"}},
	{"9007199254740993",
	 {"9007199254740993", "9007199254740992", "9007199254740993", "9007199254740992",
	  "9007199254740993", "9.00719925474099e+15"}},
	{"9223372036854775808",
	 {"9223372036854775808", "9223372036854776000", "9223372036854775808",
	  "9223372036854776000", "9.223372036854776e+18", "9.22337203685478e+18"}},
	{"1e16",
	 {"1e16", "10000000000000000", "1e+16", "10000000000000000", "10000000000000000", "1e+16"}},
	{"1e17", {"1e17", "100000000000000000", "1e+17", "100000000000000000", "1.0e+17", "1e+17"}},
	{"1e21", {"1e21", "1e+21", "1e+21", "1e+21", "1.0e+21", "1e+21"}},
	{"0.0001", {"0.0001", "0.0001", "0.0001", "0.0001", "0.0001", "0.0001"}},
	{"0.00001", {"0.00001", "0.00001", "1e-05", "0.00001", "1.0e-5", "1e-05"}},
	{"1.5e-7", {"1.5e-7", "1.5e-7", "1.5e-07", "1.5e-7", "1.5e-7", "1.5e-07"}},
	{"1e400", {"1e400", "null", "Infinity", NULL, NULL, "null"}},
};

enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

/* Goal: a number's token comes out as each language prints it. */
START_TEST(test_numbers)
{
	const struct number *number = &numbers[_i];

	hp_buf_init(&f.out, OUT_BYTES_MAX);
	for (int way = 0; way <= JSON_NUMBERS_CJSON; way++) {
		bool done;

		if (way == JSON_NUMBERS_CJSON && strlen(number->token) > 15)
			continue; /* cJSON's tolerance: test_cjson asks the library itself */
		hp_buf_clear(&f.out);
		done = json_number_print(hp_view_of(number->token), (enum json_numbers)way, &f.out);
		ck_assert_msg(done == (number->printed[way] != NULL), "%s %d", number->token, way);
		if (done)
			ck_assert_str_eq(hp_buf_text(&f.out), number->printed[way]);
	}
	hp_buf_fini(&f.out);
}
END_TEST

#define PRINTED_JS .escapes = JSON_PRINTED, .numbers = JSON_NUMBERS_JS

static const struct printed {
	const char *text, *wanted;
	struct json_style style;
} printed[] = {
	{"{\"b\":1,\"2\":2,\"1\":3}",
	 "{\"1\":3,\"2\":2,\"b\":1}",
	 {.item = ",", .colon = ":", .order = JSON_ORDER_JS, .unique = true}},
	{"{\"b\":1,\"01\":2,\"4294967295\":3,\"4294967294\":4}",
	 "{\"4294967294\":4,\"b\":1,\"01\":2,\"4294967295\":3}",
	 {.item = ",", .colon = ":", .order = JSON_ORDER_JS, .unique = true}},
	{"{\"b\":1,\"a\":2,\"b\":3}",
	 "{\"b\":3,\"a\":2}",
	 {.item = ",", .colon = ":", .unique = true}},
	{"{\"b\":1,\"a\":2,\"b\":3}", "{\"b\":1,\"a\":2,\"b\":3}", {.item = ",", .colon = ":"}},
	{"{\"b\":[{\"d\":1,\"c\":2}],\"a\":{}}",
	 "{\"a\":{},\"b\":[{\"c\":2,\"d\":1}]}",
	 {.item = ",", .colon = ":", .order = JSON_ORDER_SORTED}},
	{"{\"e\\u0301\":1,\"\\u0065\":2}",
	 "{\"\\u0065\":2,\"e\\u0301\":1}",
	 {.item = ",", .colon = ":", .order = JSON_ORDER_SORTED}},
	{" [ 1 , { } , [ ] , \"a b\" ] ", "[1,{},[],\"a b\"]", {.item = ",", .colon = ":"}},
	{"[1,{\"a\":[2,3]},[],{}]",
	 "[\n  1,\n  {\n    \"a\": [\n      2,\n      3\n    ]\n  },\n  [],\n  {}\n]",
	 {.item = ",", .colon = ": ", .indent = "  "}},
	{"\"<&>\\u2028/\\u00e9\\b\\u001F\"",
	 "\"\\u003c\\u0026\\u003e\\u2028/\xC3\xA9\\u0008\\u001f\"",
	 {.item = ",", .colon = ":", .escapes = JSON_PRINTED | JSON_HTML | JSON_LINES | JSON_LONG}},
	{"\"/\xC3\xA9\\u2028\"",
	 "\"\\/\\u00e9\\u2028\"",
	 {.item = ",", .colon = ":", .escapes = JSON_PRINTED | JSON_SLASH | JSON_ASCII}},
	{"{\"0\":1,\"1\":{},\"2\":{\"1\":2}}",
	 "[1,[],{\"1\":2}]",
	 {.item = ",", .colon = ":", .lists = true}},
	{"[true,false,null,\"it's\",\"\\\"\"]",
	 "[True, False, None, \"it's\", '\"']",
	 {.item = ", ", .colon = ": ", .escapes = JSON_PRINTED | JSON_PYTHON}},
};

enum { PRINTED = sizeof(printed) / sizeof(printed[0]) };

/* Goal: order, doubles, white space, escapes and literals follow the style. */
START_TEST(test_styles)
{
	const struct printed *one = &printed[_i];

	parse(one->text);
	ck_assert_ptr_nonnull(f.tree);
	ck_assert(json_tree_print(f.tree, &f.tree->nodes[0], &one->style, &f.out));
	ck_assert_str_eq(hp_buf_text(&f.out), one->wanted);
	drop();
}
END_TEST

static const char *const documents[] = {
	"{\"id\":\"inv_123456\",\"event\":\"invoice.paid\"}",
	"{ \"a\" : [ 1 , 2.0 , 1e2 , -0.5 , 0.1 ] , \"b\" : { } , \"c\" : [ ] }",
	"{\"u\":\"https:\\/\\/x\",\"e\":\"\\u001B[0m\",\"s\":\"caf\\u00e9 \\ud83d\\ude00\"}",
	"{\"e\":\"a\",\"f\":0,\"e\":\"b\"}",
	"[9007199254740993,123456789012345678901234567890,1.5e300,1e21,1e-7,0.30000000000000004]",
	"[123456789.123456789,4.35,0.1e1,1E5,-1.25e-9,5e-324,1e15,123456789012345]",
	"{\"deep\":[[[{\"a\":[{}]}]]],\"x\":[1,[2,[3]]],\"t\":[true,false,null]}",
	"\"\\b\\f\\n\\r\\t\\u0001\\\"\\\\ \x7F\"",
};

enum { DOCUMENTS = sizeof(documents) / sizeof(documents[0]) };

/* Goal: cJSON's own printer, in both of its ways, is met byte for byte. */
START_TEST(test_cjson)
{
	static const struct json_style styles[] = {
		{.item = ",", .colon = ":", .escapes = JSON_PRINTED, .numbers = JSON_NUMBERS_CJSON},
		{.item = ", ",
		 .colon = ":\t",
		 .indent = "\t",
		 .flat_lists = true,
		 .escapes = JSON_PRINTED,
		 .numbers = JSON_NUMBERS_CJSON},
	};
	cJSON *theirs = cJSON_Parse(documents[_i]);

	parse(documents[_i]);
	ck_assert(theirs && f.tree);
	for (int way = 0; way < 2; way++) {
		char *wanted = way ? cJSON_Print(theirs) : cJSON_PrintUnformatted(theirs);

		hp_buf_clear(&f.out);
		ck_assert(json_tree_print(f.tree, &f.tree->nodes[0], &styles[way], &f.out));
		ck_assert_str_eq(hp_buf_text(&f.out), wanted);
		free(wanted);
	}
	cJSON_Delete(theirs);
	drop();
}
END_TEST

/* Goal: what is no JSON, is too deep or has too many values makes no tree. */
START_TEST(test_refused)
{
	static const char *const texts[] = {
		"", "{", "{\"a\":1,}", "[1] 2", "\xEF\xBB\xBF{}", "'a'", "\"\\ud800\"", "\"\xFF\""};
	char deep[2 * (HP_JSON_DEPTH_MAX + 1) + 1] = "";
	char *many = malloc(2 * JSON_TREE_NODES_MAX + 2);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		parse(texts[i]);
		ck_assert_ptr_null(f.tree);
		drop();
	}
	memset(deep, '[', HP_JSON_DEPTH_MAX + 1);
	memset(deep + HP_JSON_DEPTH_MAX + 1, ']', HP_JSON_DEPTH_MAX + 1);
	ck_assert_ptr_null(json_tree_new(hp_view_of(deep)));
	f.tree = json_tree_new((struct hp_view){deep + 1, 2 * HP_JSON_DEPTH_MAX});
	ck_assert_ptr_nonnull(f.tree);
	json_tree_free(f.tree);
	for (size_t i = 0; i <= JSON_TREE_NODES_MAX; i++)
		memcpy(many + 2 * i, i ? ",1" : "[1", 2);
	many[2 * JSON_TREE_NODES_MAX] = ']'; /* one node is the list itself */
	f.tree = json_tree_new((struct hp_view){many, 2 * JSON_TREE_NODES_MAX + 1});
	ck_assert_ptr_null(f.tree);
	many[2 * JSON_TREE_NODES_MAX - 2] = ']';
	f.tree = json_tree_new((struct hp_view){many, 2 * JSON_TREE_NODES_MAX - 1});
	ck_assert_ptr_nonnull(f.tree);
	json_tree_free(f.tree);
	free(many);
}
END_TEST

/* Goal: a full buffer is said, wherever it fills up. */
START_TEST(test_full)
{
	const struct json_style style = {.item = ",", .colon = ": ", .indent = "\t", PRINTED_JS};
	size_t whole;

	parse(documents[1]);
	ck_assert(json_tree_print(f.tree, &f.tree->nodes[0], &style, &f.out));
	whole = f.out.bytes;
	for (size_t room = 0; room < whole; room++) {
		struct hp_buf small;

		hp_buf_init(&small, room);
		ck_assert(!json_tree_print(f.tree, &f.tree->nodes[0], &style, &small));
		hp_buf_fini(&small);
	}
	drop();
}
END_TEST

Suite *suite_json_tree(void);

Suite *suite_json_tree(void)
{
	Suite *suite = suite_create("json_tree");
	TCase *tcase = tcase_create("json_tree");

	tcase_add_loop_test(tcase, test_numbers, 0, NUMBERS);
	tcase_add_loop_test(tcase, test_styles, 0, PRINTED);
	tcase_add_loop_test(tcase, test_cjson, 0, DOCUMENTS);
	tcase_add_test(tcase, test_refused);
	tcase_add_test(tcase, test_full);
	suite_add_tcase(suite, tcase);
	return suite;
}
