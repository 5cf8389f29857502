#include "certify/fill.h"

#include <check.h>

static const struct {
	const char *text, *filled;
} rows[] = {
	{"{name}: {value}", "X: 1"},
	{"{\"id\":\"{name}\"}", "{\"id\":\"X\"}"},
	{"{unknown}{", "{unknown}{"},
	{"a{byte:41}b", "aAb"},
	{"{byte:4}{byte:414}{byte:zz}", "{byte:4}{byte:414}{byte:zz}"},
	{"{filler:3}{filler:}", "xxx{filler:}"},
	{"{filler:0}", ""},
	{"", ""},
};

/* Goal: slots are filled, and braces that are none stay: JSON may be a template. */
START_TEST(test_rows)
{
	const struct fill_slot slots[] = {{"{name}", HP_LITERAL("X")},
					  {"{value}", HP_LITERAL("1")}};
	struct hp_buf out;

	hp_buf_init(&out, 1024);
	fill_template(hp_view_of(rows[_i].text), slots, 2, &out);
	ck_assert_str_eq(hp_buf_text(&out), rows[_i].filled);
	hp_buf_fini(&out);
}
END_TEST

Suite *suite_fill(void);
Suite *suite_fill(void)
{
	Suite *s = suite_create("fill");
	TCase *tc = tcase_create("fill");

	tcase_add_loop_test(tc, test_rows, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, tc);
	return s;
}
