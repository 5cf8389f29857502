#include "reports/table.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct fixture {
	struct report_style style;
	struct table table;
	char *text;
	size_t bytes;
} f;

static void print(void)
{
	FILE *out = open_memstream(&f.text, &f.bytes);

	table_print(&f.table, out);
	fclose(out);
	table_fini(&f.table);
}

/* Goal: columns align by their letter and no line ends in spaces. */
START_TEST(test_aligns)
{
	table_init(&f.table, &f.style, "lrl");
	table_cell(&f.table, TEXT_PLAIN, "name");
	table_cell(&f.table, TEXT_PLAIN, "n");
	table_cell(&f.table, TEXT_PLAIN, "%s", "");
	table_cell(&f.table, TEXT_PLAIN, "b");
	table_count(&f.table, 12345);
	table_cell(&f.table, TEXT_PLAIN, "end");
	print();
	ck_assert_str_eq(f.text, "name       n\nb     12,345  end\n");
	free(f.text);
}
END_TEST

/* Goal: widths count characters, not bytes. */
START_TEST(test_counts_characters)
{
	table_init(&f.table, &f.style, "ll");
	table_cell(&f.table, TEXT_PLAIN, "\u00e9\u2713");
	table_cell(&f.table, TEXT_PLAIN, "x");
	table_cell(&f.table, TEXT_PLAIN, "abc");
	table_cell(&f.table, TEXT_PLAIN, "y");
	print();
	ck_assert_str_eq(f.text, "\u00e9\u2713   x\nabc  y\n");
	free(f.text);
}
END_TEST

/* Goal: the flexible column is cut, with dots, until the row fits; columns beyond it stay whole. */
START_TEST(test_cuts_the_flexible_column)
{
	char longest[301];

	f.style.utf8 = _i;
	memset(longest, 'x', 300);
	longest[300] = '\0';
	table_init(&f.table, &f.style, "fr");
	table_cell(&f.table, TEXT_PLAIN, "%s", longest);
	table_cell(&f.table, TEXT_PLAIN, "12");
	print();
	ck_assert_uint_eq(text_width(f.text), 81); /* and the line's end */
	ck_assert_ptr_nonnull(strstr(f.text, _i ? "x\u2026  12\n" : "x...  12\n"));
	free(f.text);
}
END_TEST

/* Goal: where no column is flexible, or it has no more to give, the gaps shrink before the rows
 * leave the terminal. */
START_TEST(test_shrinks_the_gaps)
{
	table_init(&f.table, &f.style, _i ? "frrrrrrr" : "lrrrrrrr");
	for (int i = 0; i < 8; i++)
		table_cell(&f.table, TEXT_PLAIN, "123456789");
	print();
	ck_assert_uint_eq(strlen(f.text), (_i ? 8 : 9) + 7 * 10 + 1);
	free(f.text);
}
END_TEST

/* Goal: a cell longer than its room is cut between characters, in the widest terminal too. */
START_TEST(test_cuts_between_characters)
{
	char longest[3 * 300 + 1] = "";

	f.style = (struct report_style){.utf8 = true, .columns = 10000};
	for (int i = 0; i < 300; i++)
		memcpy(longest + 3 * i, "\u2713", 4);
	table_init(&f.table, &f.style, "fr");
	table_cell(&f.table, TEXT_PLAIN, "%.*s%s", _i, "xx", longest);
	table_count(&f.table, 1);
	print();
	for (const char *at = f.text + _i; *at != ' '; at += 3)
		ck_assert_int_eq(memcmp(at, "\u2713", 3), 0);
	free(f.text);
}
END_TEST

Suite *suite_table(void);

Suite *suite_table(void)
{
	Suite *suite = suite_create("table");
	TCase *tcase = tcase_create("table");

	tcase_add_test(tcase, test_aligns);
	tcase_add_test(tcase, test_counts_characters);
	tcase_add_loop_test(tcase, test_cuts_the_flexible_column, 0, 2);
	tcase_add_loop_test(tcase, test_shrinks_the_gaps, 0, 2);
	tcase_add_loop_test(tcase, test_cuts_between_characters, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}
