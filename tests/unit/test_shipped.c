#include "scenarios/shipped.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>

static void path_of(const struct shipped *row, char *out, size_t bytes)
{
	const char *folder = !strcmp(row->kind, "profile")     ? "profiles/"
			     : !strcmp(row->kind, "must-fail") ? "must-fail/"
			     : !strcmp(row->kind, "suite")     ? "suites/"
							       : "";

	snprintf(out, bytes, "scenarios/%s%s.json", folder, row->name);
}

/* Goal: every shipped document is its file, byte for byte, and is found by kind and name. */
START_TEST(test_same_bytes)
{
	static char bytes[256 * 1024];
	char path[256];

	ck_assert_uint_gt(shipped_count(), 0);
	for (size_t i = 0; i < shipped_count(); i++) {
		const struct shipped *row = shipped_at(i);
		size_t count;
		FILE *file;

		path_of(row, path, sizeof(path));
		file = fopen(path, "rb");
		ck_assert_msg(file, "%s: run the tests in the top folder", path);
		count = fread(bytes, 1, sizeof(bytes), file);
		fclose(file);
		ck_assert_msg(hp_view_equal(row->text, (struct hp_view){bytes, count}), "%s", path);
		ck_assert_ptr_eq(shipped_find(row->kind, row->name), row);
	}
}
END_TEST

/* Goal: the table is sorted, so that lists come out the same on every machine. */
START_TEST(test_sorted)
{
	for (size_t i = 1; i < shipped_count(); i++) {
		const struct shipped *a = shipped_at(i - 1), *b = shipped_at(i);
		int kinds = strcmp(a->kind, b->kind);

		ck_assert_msg(kinds < 0 || (kinds == 0 && strcmp(a->name, b->name) < 0), "%s %s",
			      b->kind, b->name);
	}
}
END_TEST

/* Goal: what was not shipped is not found. */
START_TEST(test_not_found)
{
	ck_assert_ptr_nonnull(shipped_find("profile", "paisr-v1"));
	ck_assert_ptr_null(shipped_find("scenario", "paisr-v1"));
	ck_assert_ptr_null(shipped_find("profile", "paisr-v1.json"));
	ck_assert_ptr_null(shipped_find("profile", ""));
}
END_TEST

/* Goal: an index behind the last is our bug. */
START_TEST(test_beyond)
{
	shipped_at(shipped_count());
}
END_TEST

Suite *suite_shipped(void);

Suite *suite_shipped(void)
{
	Suite *suite = suite_create("shipped");
	TCase *tcase = tcase_create("shipped");

	tcase_add_test(tcase, test_same_bytes);
	tcase_add_test(tcase, test_sorted);
	tcase_add_test(tcase, test_not_found);
	tcase_add_test_raise_signal(tcase, test_beyond, SIGABRT);
	suite_add_tcase(suite, tcase);
	return suite;
}
