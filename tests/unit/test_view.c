#include "base/view.h"

#include <check.h>

#include "tests/lib/guard.h"

static const struct compare_row {
	struct hp_view a, b;
	bool equal, nocase;
} compare_rows[] = {
	{{NULL, 0}, {NULL, 0}, true, true},
	{{NULL, 0}, HP_LITERAL(""), true, true},
	{HP_LITERAL("Host"), HP_LITERAL("Host"), true, true},
	{HP_LITERAL("Host"), HP_LITERAL("hOST"), false, true},
	{HP_LITERAL("Host"), HP_LITERAL("Hos"), false, false},
	{HP_LITERAL("a\0b"), HP_LITERAL("a\0c"), false, false},
	{HP_LITERAL("a\0b"), HP_LITERAL("A\0B"), false, true},
	{HP_LITERAL("@"), HP_LITERAL("`"), false, false},       /* the neighbours of A and a */
	{HP_LITERAL("["), HP_LITERAL("{"), false, false},       /* the neighbours of Z and z */
	{HP_LITERAL("\xc4"), HP_LITERAL("\xe4"), false, false}, /* ASCII only */
};

/* Goal: equality is by bytes, NUL too; without case it folds ASCII letters and nothing else. */
START_TEST(test_compare)
{
	const struct compare_row *row = &compare_rows[_i];

	ck_assert_int_eq(hp_view_equal(row->a, row->b), row->equal);
	ck_assert_int_eq(hp_view_equal(row->b, row->a), row->equal);
	ck_assert_int_eq(hp_view_equal_nocase(row->a, row->b), row->nocase);
	ck_assert_int_eq(hp_view_equal_nocase(row->b, row->a), row->nocase);
}
END_TEST

static const struct trim_row {
	const char *text, *trimmed;
} trim_rows[] = {
	{"", ""},    {" ", ""},    {"\t \t", ""},        {"a", "a"},
	{" a", "a"}, {"a\t", "a"}, {" \ta b\t ", "a b"}, {"\r\na\v", "\r\na\v"},
};

/* Goal: spaces and tabs go at both ends, nothing else does, and no byte outside is read. */
START_TEST(test_trim)
{
	const struct trim_row *row = &trim_rows[_i];
	char *copy = guard_copy(row->text, strlen(row->text));
	struct hp_view view = hp_view_trim((struct hp_view){copy, strlen(row->text)});

	ck_assert_msg(hp_view_equal(view, hp_view_of(row->trimmed)), "'%s'", row->text);
	guard_free(copy);
}
END_TEST

Suite *suite_view(void);

Suite *suite_view(void)
{
	Suite *suite = suite_create("view");
	TCase *tcase = tcase_create("view");

	tcase_add_loop_test(tcase, test_compare, 0, sizeof(compare_rows) / sizeof(compare_rows[0]));
	tcase_add_loop_test(tcase, test_trim, 0, sizeof(trim_rows) / sizeof(trim_rows[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
