#include "base/utf8.h"

#include <check.h>

#include "tests/lib/guard.h"

struct row {
	struct hp_view text;
	size_t bytes;
};

#define T(literal, count)                                                                          \
	{                                                                                          \
		HP_LITERAL(literal), count                                                         \
	}
static const struct row rows[] = {
	T("", 0),
	T("a", 1),
	T("\0", 1),
	T("\x7F", 1),
	T("\x80", 0),
	T("\xBF", 0),
	T("\xC0\x80", 0),
	T("\xC1\xBF", 0),
	T("\xC2\x80", 2),
	T("\xC2", 0),
	T("\xC2"
	  "a",
	  0),
	T("\xDF\xBFx", 2),
	T("\xE0\x9F\xBF", 0),
	T("\xE0\xA0\x80", 3),
	T("\xE0\xA0", 0),
	T("\xED\x9F\xBF", 3),
	T("\xED\xA0\x80", 0),
	T("\xEE\x80\x80", 3),
	T("\xEF\xBF\xBF", 3),
	T("\xEF\xBF"
	  "a",
	  0),
	T("\xF0\x8F\xBF\xBF", 0),
	T("\xF0\x90\x80\x80", 4),
	T("\xF0\x90\x80", 0),
	T("\xF4\x8F\xBF\xBF", 4),
	T("\xF4\x90\x80\x80", 0),
	T("\xF5\x80\x80\x80", 0),
	T("\xFF", 0),
};

/* Goal: exactly the sequences of RFC 3629 are accepted, and no byte behind the text is read. */
START_TEST(test_sequences)
{
	const struct row *row = &rows[_i];
	char *copy = guard_copy(row->text.at, row->text.bytes);

	ck_assert_msg(hp_utf8_bytes((struct hp_view){copy, row->text.bytes}) == row->bytes,
		      "row %d", _i);
	guard_free(copy);
}
END_TEST

/* Goal: every code point that is written is read as one sequence of as many bytes. */
START_TEST(test_round_trip)
{
	for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++) {
		char out[HP_UTF8_BYTES_MAX];
		size_t bytes;

		if (code_point == 0xD800)
			code_point = 0xE000;
		bytes = hp_utf8_put(code_point, out);
		if (hp_utf8_bytes((struct hp_view){out, bytes}) != bytes)
			ck_abort_msg("U+%04X", code_point);
	}
}
END_TEST

Suite *suite_utf8(void);

Suite *suite_utf8(void)
{
	Suite *suite = suite_create("utf8");
	TCase *tcase = tcase_create("utf8");

	tcase_add_loop_test(tcase, test_sequences, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, test_round_trip);
	suite_add_tcase(suite, tcase);
	return suite;
}
