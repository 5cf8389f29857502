#include "wire/compact.h"

#include <check.h>

#include "tests/lib/guard.h"

/* Goal: white space goes where it stands between tokens, and nothing else does. */
START_TEST(test_compacts)
{
	static const struct {
		const char *text, *compact;
	} rows[] = {
		{"", ""},
		{" \t\r\n", ""},
		{"{\"id\": \"a b\", \"n\" : [ 1,\t2 ]}\n", "{\"id\":\"a b\",\"n\":[1,2]}"},
		{"{\"a\\\" b\": \" \\\\\" }", "{\"a\\\" b\":\" \\\\\"}"},
		{"\"open and \\", "\"open and \\"},
		{"no json at all", "nojsonatall"},
		{"\f1 \xc2\xa0", "\f1\xc2\xa0"},
	};
	size_t bytes = strlen(rows[_i].text), out_bytes = 0;
	char *text = guard_copy(rows[_i].text, bytes), out[64] = "";
	struct hp_view rest = {text, bytes}, run;

	while ((run = compact_next(&rest)).bytes) {
		memcpy(out + out_bytes, run.at, run.bytes);
		out_bytes += run.bytes;
	}
	ck_assert_uint_eq(rest.bytes, 0);
	ck_assert_str_eq(out, rows[_i].compact);
	guard_free(text);
}
END_TEST

Suite *suite_compact(void);

Suite *suite_compact(void)
{
	Suite *suite = suite_create("compact");
	TCase *tcase = tcase_create("compact");

	tcase_add_loop_test(tcase, test_compacts, 0, 7);
	suite_add_tcase(suite, tcase);
	return suite;
}
