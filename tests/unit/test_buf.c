#include "base/buf.h"

#include <check.h>
#include <signal.h>

/* Goal: an empty buffer is readable in every form, also before any memory is there. */
START_TEST(test_empty)
{
	struct hp_buf buf;

	hp_buf_init(&buf, 0);
	ck_assert_str_eq(hp_buf_text(&buf), "");
	ck_assert_uint_eq(hp_buf_view(&buf).bytes, 0);
	ck_assert(hp_buf_add(&buf, (struct hp_view){NULL, 0}));
	ck_assert(!hp_buf_add_text(&buf, "x"));
	ck_assert(buf.cut);
	hp_buf_fini(&buf);
}
END_TEST

/* Goal: for each maximum around the steps of growth the last byte fits, and one more does not:
 * it changes nothing but `cut`. */
START_TEST(test_limit)
{
	static const size_t limits[] = {1, 2, 255, 256, 257, 1023, 5000};
	struct hp_buf buf;
	size_t limit = limits[_i];

	hp_buf_init(&buf, limit);
	for (size_t i = 0; i < limit; i++)
		ck_assert(hp_buf_add(&buf, (struct hp_view){&"abcdefghij"[i % 10], 1}));
	ck_assert(!buf.cut);
	ck_assert(!hp_buf_add_text(&buf, "z"));
	ck_assert(!hp_buf_add_format(&buf, "%d", 7));
	ck_assert(buf.cut);
	ck_assert_uint_eq(buf.bytes, limit);
	ck_assert_uint_le(buf.room, limit + 1);
	ck_assert_uint_eq(strlen(hp_buf_text(&buf)), limit);
	for (size_t i = 0; i < limit; i++)
		ck_assert_int_eq(buf.at[i], "abcdefghij"[i % 10]);
	hp_buf_fini(&buf);
}
END_TEST

/* Goal: an append fits wholly or not at all. */
START_TEST(test_all_or_nothing)
{
	struct hp_buf buf;

	hp_buf_init(&buf, 8);
	ck_assert(hp_buf_add_format(&buf, "%s-%d", "abc", 12));
	ck_assert(!hp_buf_add_format(&buf, "%d", 345));
	ck_assert(hp_buf_add_text(&buf, "xy"));
	ck_assert_str_eq(hp_buf_text(&buf), "abc-12xy");
	ck_assert(buf.cut);
	hp_buf_clear(&buf);
	ck_assert(!buf.cut);
	ck_assert_str_eq(hp_buf_text(&buf), "");
	hp_buf_fini(&buf);
	ck_assert_ptr_null(buf.at);
	ck_assert_uint_eq(buf.bytes_max, 8);
}
END_TEST

/* Goal: bytes are bytes: NUL goes in and comes out. */
START_TEST(test_any_byte)
{
	struct hp_view bytes = HP_LITERAL("a\0\xff\n");
	struct hp_buf buf;

	hp_buf_init(&buf, 100);
	ck_assert(hp_buf_add(&buf, bytes));
	ck_assert(hp_view_equal(hp_buf_view(&buf), bytes));
	hp_buf_fini(&buf);
}
END_TEST

/* Goal: the front can be dropped in parts and as a whole. */
START_TEST(test_drop)
{
	struct hp_buf buf;

	hp_buf_init(&buf, 100);
	hp_buf_add_text(&buf, "headbody");
	hp_buf_drop(&buf, 0);
	hp_buf_drop(&buf, 4);
	ck_assert_str_eq(hp_buf_text(&buf), "body");
	hp_buf_drop(&buf, 4);
	ck_assert_str_eq(hp_buf_text(&buf), "");
	hp_buf_fini(&buf);
}
END_TEST

/* Goal: dropping more than there is is our bug. */
START_TEST(test_drop_too_much)
{
	struct hp_buf buf;

	hp_buf_init(&buf, 100);
	hp_buf_drop(&buf, 1);
}
END_TEST

Suite *suite_buf(void);

Suite *suite_buf(void)
{
	Suite *suite = suite_create("buf");
	TCase *tcase = tcase_create("buf");

	tcase_add_test(tcase, test_empty);
	tcase_add_loop_test(tcase, test_limit, 0, 7);
	tcase_add_test(tcase, test_all_or_nothing);
	tcase_add_test(tcase, test_any_byte);
	tcase_add_test(tcase, test_drop);
	tcase_add_test_raise_signal(tcase, test_drop_too_much, SIGABRT);
	suite_add_tcase(suite, tcase);
	return suite;
}
