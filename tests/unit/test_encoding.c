#include "wire/encoding.h"

#include <check.h>

#include "tests/lib/guard.h"

enum { BYTES_MAX = 64 };

/* Goal: RFC 4648's own examples, both ways. */
START_TEST(test_examples)
{
	static const struct {
		const char *bytes, *hex, *base64;
	} rows[] = {
		{"", "", ""},
		{"f", "66", "Zg=="},
		{"fo", "666f", "Zm8="},
		{"foo", "666f6f", "Zm9v"},
		{"foobar", "666f6f626172", "Zm9vYmFy"},
		{"\xff\xef\xbe", "ffefbe", "/+++"},
	};
	const char *texts[] = {[ENCODING_HEX] = rows[_i].hex, [ENCODING_BASE64] = rows[_i].base64};
	size_t count = strlen(rows[_i].bytes);

	for (enum encoding encoding = ENCODING_HEX; encoding <= ENCODING_BASE64; encoding++) {
		size_t bytes = strlen(texts[encoding]);
		char text[16] = "", *read = guard_copy(texts[encoding], bytes);
		uint8_t out[BYTES_MAX];

		ck_assert_uint_eq(encoding_chars(encoding, count), bytes);
		ck_assert_uint_eq(encoding_write(encoding, (const uint8_t *)rows[_i].bytes, count,
						 text), bytes);
		ck_assert_str_eq(text, texts[encoding]);
		ck_assert_int_eq(encoding_read(encoding, (struct hp_view){read, bytes}, out,
					       count), (ssize_t)count);
		ck_assert_mem_eq(out, rows[_i].bytes, count);
		guard_free(read);
	}
}
END_TEST

/* Goal: a second spelling of the same bytes, and what is no spelling at all, is refused. */
START_TEST(test_refused)
{
	static const struct {
		enum encoding encoding;
		const char *text;
	} rows[] = {
		{ENCODING_HEX, "6"},           {ENCODING_HEX, "6F"},
		{ENCODING_HEX, "6g"},          {ENCODING_HEX, "6f "},
		{ENCODING_HEX, "/0"},          {ENCODING_HEX, "0:"},
		{ENCODING_BASE64, "Zg"},       {ENCODING_BASE64, "Zg="},
		{ENCODING_BASE64, "Zh=="},     {ENCODING_BASE64, "Zm9="},
		{ENCODING_BASE64, "Zg==Zg=="}, {ENCODING_BASE64, "===="},
		{ENCODING_BASE64, "Z==="},     {ENCODING_BASE64, "Zm-_"},
		{ENCODING_BASE64, "Zm9v\n"},   {ENCODING_BASE64, "Zm 9v"},
		{ENCODING_BASE64, "=g=="},     {ENCODING_BASE64, "Zg=a"},
	};
	size_t bytes = strlen(rows[_i].text);
	char *text = guard_copy(rows[_i].text, bytes);
	uint8_t out[BYTES_MAX];

	ck_assert_int_eq(encoding_read(rows[_i].encoding, (struct hp_view){text, bytes}, out,
				       sizeof(out)), -1);
	guard_free(text);
}
END_TEST

/* Goal: more bytes than the caller has room for are refused, as many as he has are not. */
START_TEST(test_room)
{
	uint8_t out[3];

	ck_assert_int_eq(encoding_read(ENCODING_HEX, HP_LITERAL("666f6f"), out, 3), 3);
	ck_assert_int_eq(encoding_read(ENCODING_HEX, HP_LITERAL("666f6f"), out, 2), -1);
	ck_assert_int_eq(encoding_read(ENCODING_BASE64, HP_LITERAL("Zm9v"), out, 3), 3);
	ck_assert_int_eq(encoding_read(ENCODING_BASE64, HP_LITERAL("Zm9v"), out, 2), -1);
	ck_assert_int_eq(encoding_read(ENCODING_BASE64, HP_LITERAL("Zm8="), out, 2), 2);
}
END_TEST

/* Goal: keys in hex may be in either case, and in nothing else. */
START_TEST(test_hex_key)
{
	uint8_t out[2];

	ck_assert_int_eq(encoding_read_hex_key(HP_LITERAL("dFB1"), out, 2), 2);
	ck_assert_int_eq(out[0], 0xdf);
	ck_assert_int_eq(out[1], 0xb1);
	ck_assert_int_eq(encoding_read_hex_key(HP_LITERAL("DG"), out, 2), -1);
}
END_TEST

/* Goal: bytes of every value and every length survive both ways. */
START_TEST(test_round_trip)
{
	uint8_t bytes[BYTES_MAX], out[BYTES_MAX];
	char text[2 * BYTES_MAX];

	for (int i = 0; i < BYTES_MAX; i++)
		bytes[i] = (uint8_t)(i * 5 + _i * 37);
	for (enum encoding encoding = ENCODING_HEX; encoding <= ENCODING_BASE64; encoding++) {
		size_t count = encoding_write(encoding, bytes, (size_t)_i, text);

		ck_assert_int_eq(encoding_read(encoding, (struct hp_view){text, count}, out,
					       sizeof(out)), _i);
		ck_assert_mem_eq(out, bytes, (size_t)_i);
	}
}
END_TEST

Suite *suite_encoding(void);

Suite *suite_encoding(void)
{
	Suite *suite = suite_create("encoding");
	TCase *tcase = tcase_create("encoding");

	tcase_add_loop_test(tcase, test_examples, 0, 6);
	tcase_add_loop_test(tcase, test_refused, 0, 18);
	tcase_add_test(tcase, test_room);
	tcase_add_test(tcase, test_hex_key);
	tcase_add_loop_test(tcase, test_round_trip, 0, BYTES_MAX + 1);
	suite_add_tcase(suite, tcase);
	return suite;
}
