#include "web/web_path.h"

#include <check.h>

#include "tests/lib/guard.h"

enum { PART_BYTES_MAX = 16 };

static const struct {
	const char *route, *path;
	enum web_path_result result;
	const char *part;
} matches[] = {
	{"/v1/events", "/v1/events", WEB_PATH_YES, ""},
	{"/v1/events", "/v1/events/", WEB_PATH_NO, ""},
	{"/v1/events", "/v1/event", WEB_PATH_NO, ""},
	{"/v1/events", "", WEB_PATH_NO, ""},
	{"/v1/events/*", "/v1/events/inv_1:paid", WEB_PATH_YES, "inv_1:paid"},
	{"/v1/events/*", "/v1/events/a%2Fb%3ac", WEB_PATH_YES, "a/b:c"},
	{"/v1/events/*", "/v1/events/a+b", WEB_PATH_YES, "a+b"},
	{"/v1/events/*", "/v1/events/", WEB_PATH_NO, ""},
	{"/v1/events/*", "/v1/events/a/b", WEB_PATH_NO, ""},
	{"/v1/events/*", "/v1/events/%", WEB_PATH_BAD, NULL},
	{"/v1/events/*", "/v1/events/%4", WEB_PATH_BAD, NULL},
	{"/v1/events/*", "/v1/events/%zz", WEB_PATH_BAD, NULL},
	{"/v1/events/*", "/v1/events/a%00b", WEB_PATH_BAD, NULL},
	{"/v1/events/*", "/v1/events/0123456789abcdef", WEB_PATH_YES, "0123456789abcdef"},
	{"/v1/events/*", "/v1/events/0123456789abcdefg", WEB_PATH_BAD, NULL},
	{"/r/*/behaviours", "/r/billing/behaviours", WEB_PATH_YES, "billing"},
	{"/r/*/behaviours", "/r//behaviours", WEB_PATH_NO, ""},
	{"/r/*/behaviours", "/r/billing/behaviour", WEB_PATH_NO, ""},
	{"/r/*/behaviours", "/r/behaviours", WEB_PATH_NO, ""},
	{"/r/*/behaviours", "/r/a/b/behaviours", WEB_PATH_NO, ""},
};
enum { MATCH_COUNT = sizeof(matches) / sizeof(matches[0]) };

/* Goal: a path is a route's or not; what the star stands for is one decoded segment. */
START_TEST(test_match)
{
	size_t bytes = strlen(matches[_i].path);
	char *path = guard_copy(matches[_i].path, bytes);
	struct hp_buf part;

	hp_buf_init(&part, PART_BYTES_MAX);
	ck_assert_int_eq(web_path_match(matches[_i].route, (struct hp_view){path, bytes}, &part),
			 matches[_i].result);
	if (matches[_i].part)
		ck_assert_str_eq(hp_buf_text(&part), matches[_i].part);
	hp_buf_fini(&part);
	guard_free(path);
}
END_TEST

static const struct {
	const char *query, *name;
	enum web_path_result result;
	const char *value;
} queries[] = {
	{"from=10&limit=5", "from", WEB_PATH_YES, "10"},
	{"from=10&limit=5", "limit", WEB_PATH_YES, "5"},
	{"from=10&limit=5", "lim", WEB_PATH_NO, ""},
	{"from=10&limit=5", "it", WEB_PATH_NO, ""},
	{"a=1&a=2", "a", WEB_PATH_YES, "1"},
	{"a=", "a", WEB_PATH_YES, ""},
	{"a", "a", WEB_PATH_NO, ""},
	{"", "a", WEB_PATH_NO, ""},
	{"&&a=b+c%20d", "a", WEB_PATH_YES, "b c d"},
	{"a=%", "a", WEB_PATH_BAD, NULL},
	{"a=%0&b=1", "a", WEB_PATH_BAD, NULL},
	{"a=01234567890123456", "a", WEB_PATH_BAD, NULL},
};
enum { QUERY_COUNT = sizeof(queries) / sizeof(queries[0]) };

/* Goal: a member of a query is found by its whole name, and decoded. */
START_TEST(test_query)
{
	size_t bytes = strlen(queries[_i].query);
	char *query = guard_copy(queries[_i].query, bytes);
	struct hp_buf value;

	hp_buf_init(&value, PART_BYTES_MAX);
	ck_assert_int_eq(web_path_query((struct hp_view){query, bytes}, queries[_i].name, &value),
			 queries[_i].result);
	if (queries[_i].value)
		ck_assert_str_eq(hp_buf_text(&value), queries[_i].value);
	hp_buf_fini(&value);
	guard_free(query);
}
END_TEST

Suite *suite_web_path(void);
Suite *suite_web_path(void)
{
	Suite *suite = suite_create("web_path");
	TCase *paths = tcase_create("paths");

	tcase_add_loop_test(paths, test_match, 0, MATCH_COUNT);
	tcase_add_loop_test(paths, test_query, 0, QUERY_COUNT);
	suite_add_tcase(suite, paths);
	return suite;
}
