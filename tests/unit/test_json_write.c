#include "base/json_write.h"

#include <check.h>
#include <signal.h>

#include "base/err.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static struct hp_buf out;
static struct hp_json_writer writer;

static void setup(void)
{
	hp_buf_init(&out, 4096);
	hp_json_write_init(&writer, &out, 0);
}

static void teardown(void)
{
	hp_buf_fini(&out);
}

static void write_everything(void)
{
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "a\"b");
	hp_json_write_array(&writer);
	hp_json_write_u64(&writer, UINT64_MAX);
	hp_json_write_i64(&writer, INT64_MIN);
	hp_json_write_bool(&writer, true);
	hp_json_write_text(&writer, NULL);
	hp_json_write_array(&writer);
	hp_json_write_end(&writer);
	hp_json_write_end(&writer);
	hp_json_write_key(&writer, "s");
	hp_json_write_u64_string(&writer, UINT64_MAX);
	hp_json_write_key(&writer, "o");
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "r");
	hp_json_write_raw(&writer, HP_LITERAL("[1]"));
	hp_json_write_end(&writer);
	hp_json_write_end(&writer);
}

/* Goal: nesting and commas come out right in one line. */
START_TEST(test_compact)
{
	write_everything();
	ck_assert_str_eq(hp_buf_text(&out),
			 "{\"a\\\"b\":[18446744073709551615,-9223372036854775808,true,null,[]],"
			 "\"s\":\"18446744073709551615\",\"o\":{\"r\":[1]}}");
}
END_TEST

/* Goal: the same, as a person reads it. */
START_TEST(test_indented)
{
	hp_json_write_init(&writer, &out, 2);
	write_everything();
	ck_assert_str_eq(hp_buf_text(&out), "{\n"
					    "  \"a\\\"b\": [\n"
					    "    18446744073709551615,\n"
					    "    -9223372036854775808,\n"
					    "    true,\n"
					    "    null,\n"
					    "    []\n"
					    "  ],\n"
					    "  \"s\": \"18446744073709551615\",\n"
					    "  \"o\": {\n"
					    "    \"r\": [1]\n"
					    "  }\n"
					    "}");
}
END_TEST

static const struct text {
	struct hp_view bytes;
	const char *json;
} texts[] = {
	{HP_LITERAL(""), "\"\""},
	{HP_LITERAL("plain / text"), "\"plain / text\""},
	{HP_LITERAL("\"\\\b\f\n\r\t"), "\"\\\"\\\\\\b\\f\\n\\r\\t\""},
	{HP_LITERAL("\0\x1B[31m\x7F"), "\"\\u0000\\u001b[31m\\u007f\""},
	{HP_LITERAL("\xC3\xA9\xF0\x9F\x98\x80"), "\"\xC3\xA9\xF0\x9F\x98\x80\""},
	{HP_LITERAL("a\xFF"
		    "b\xC3"),
	 "\"a\\ufffdb\\ufffd\""},
	{HP_LITERAL("\xED\xA0\x80"), "\"\\ufffd\\ufffd\\ufffd\""},
	{HP_LITERAL("\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA"), "\"\\u2028\\u2029\xE2\x80\xAA\""},
};

/* Goal: any bytes become a string that parses and cannot drive a terminal. */
START_TEST(test_text)
{
	hp_json_write_string(&writer, texts[_i].bytes);
	ck_assert_str_eq(hp_buf_text(&out), texts[_i].json);
}
END_TEST

static const struct fixed {
	int64_t value;
	unsigned decimals;
	const char *json;
} fixeds[] = {
	{12345, 3, "12.345"}, {-5, 3, "-0.005"},    {0, 2, "0.00"},
	{7, 0, "7"},          {-1200, 2, "-12.00"}, {INT64_MIN, 9, "-9223372036.854775808"},
};

/* Goal: decimals are exact, with all their places. */
START_TEST(test_fixed)
{
	hp_json_write_fixed(&writer, fixeds[_i].value, fixeds[_i].decimals);
	ck_assert_str_eq(hp_buf_text(&out), fixeds[_i].json);
}
END_TEST

/* Goal: a full buffer is cut and says so. */
START_TEST(test_full)
{
	hp_buf_fini(&out);
	hp_buf_init(&out, 4);
	hp_json_write_text(&writer, "long text");
	ck_assert(out.cut);
}
END_TEST

/* Goal: a value without a key, a key in an array, an end too many are bugs. */
START_TEST(test_misuse)
{
	if (_i == 0) {
		hp_json_write_object(&writer);
		hp_json_write_null(&writer);
	} else if (_i == 1) {
		hp_json_write_array(&writer);
		hp_json_write_key(&writer, "k");
	} else {
		hp_json_write_end(&writer);
	}
}
END_TEST

Suite *suite_json_write(void);

Suite *suite_json_write(void)
{
	Suite *suite = suite_create("json_write");
	TCase *tcase = tcase_create("json_write");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_compact);
	tcase_add_test(tcase, test_indented);
	tcase_add_loop_test(tcase, test_text, 0, COUNT(texts));
	tcase_add_loop_test(tcase, test_fixed, 0, COUNT(fixeds));
	tcase_add_test(tcase, test_full);
	tcase_add_loop_test_raise_signal(tcase, test_misuse, SIGABRT, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}
