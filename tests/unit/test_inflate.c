#include "certify/inflate.h"

#include <check.h>
#include <stdlib.h>

#include "tests/lib/guard.h"

enum { OUT_BYTES_MAX = 64 * 1024 };

static const struct member {
	struct hp_view packed, text;
} members[] = {
	/* made by zlib */
	{HP_LITERAL(
		 "\x1F\x8B\x08\x00\x00\x00\x00\x00\x02\xFF\x01\x2F\x00\xD0\xFF\x7B\x22\x69\x64\x22"
		 "\x3A\x22\x69\x6E\x76\x5F\x31\x22\x2C\x22\x74\x65\x78\x74\x22\x3A\x22\x68\x65\x6C"
		 "\x6C\x6F\x20\x68\x65\x6C\x6C\x6F\x20\x68\x65\x6C\x6C\x6F\x20\x68\x65\x6C\x6C\x6F"
		 "\x22\x7D\xB7\x62\x12\xF7\x2F\x00\x00\x00"),
	 HP_LITERAL("{\"id\":\"inv_1\",\"text\":\"hello hello hello hello\"}")}, /* stored */
	{HP_LITERAL(
		 "\x1F\x8B\x08\x00\x00\x00\x00\x00\x02\xFF\xAB\x56\xCA\x4C\x51\xB2\x52\xCA\xCC\x2B"
		 "\x8B\x37\x54\xD2\x51\x2A\x49\xAD\x28\x01\x72\x33\x52\x73\x72\xF2\x15\x30\x48\xA5"
		 "\x5A\x00\xB7\x62\x12\xF7\x2F\x00\x00\x00"),
	 HP_LITERAL("{\"id\":\"inv_1\",\"text\":\"hello hello hello hello\"}")}, /* fixed */
	{HP_LITERAL(
		 "\x1F\x8B\x08\x1E\x00\x00\x00\x00\x02\xFF\x03\x00\x78\x79\x7A\x6E\x61\x6D\x65\x00"
		 "\x6E\x6F\x74\x65\x00\x12\x34\x4B\x4C\x02\x00\x6D\x48\x83\x9E\x02\x00\x00\x00"),
	 HP_LITERAL("ab")}, /* named, with a comment, extra bytes and a checksum */
	{HP_LITERAL("\x1F\x8B\x08\x00\x00\x00\x00\x00\x02\xFF\x03\x00\x00\x00\x00\x00\x00\x00\x00"
		    "\x00"),
	 HP_LITERAL("")}, /* empty */
	{HP_LITERAL(
		 "\x1F\x8B\x08\x00\x00\x00\x00\x00\x02\xFF\x8D\x90\x4B\x0E\xC0\x20\x08\x44\xAF\xE2"
		 "\xD5\x8C\xB2\x70\xE1\x27\x54\x9B\x78\xFB\xA6\xAD\xD2\x02\x35\xE9\x0A\x1C\x98\x07"
		 "\x58\x6C\xF0\xC6\xC6\xDC\x52\x35\x21\xED\x39\x38\x30\xAE\x6D\x35\x47\xC0\x47\x40"
		 "\xB0\x15\xBC\x8E\x0D\x11\x92\xEB\x24\x94\x93\x26\x5D\x2B\x8A\x9A\x2A\x60\xB4\x06"
		 "\x55\xCA\x9F\x65\x65\x24\xB7\x34\xCA\x23\x2E\xBA\x52\x67\xFB\x70\xF3\x26\x7E\xC9"
		 "\x5D\x9B\xFB\x8C\xD7\x37\x7C\xF1\xC1\x03\xA4\x86\x73\xD6\x2B\xE1\x9C\x03\xCB\x64"
		 "\xBF\x04\xCD\x01\x00\x00"),
	 HP_LITERAL(
		 "paid amount invoice customer invoice created created created currency created pa"
		 "id invoice created invoice created created amount invoice currency created custo"
		 "mer currency paid amount invoice customer invoice invoice invoice currency amoun"
		 "t invoice created currency paid created currency invoice amount paid created cre"
		 "ated amount paid customer paid currency paid created customer invoice created am"
		 "ount currency invoice paid currency currency customer invoice")}, /* dynamic */
};

enum { MEMBERS = sizeof(members) / sizeof(members[0]), TRAILER_BYTES = 8 };

/* Goal: each kind of block, and each part of a header, gives the text; a file that ends early is
 * refused at each byte and read no further. */
START_TEST(test_members)
{
	const struct member *member = &members[_i];

	for (size_t cut = 0; cut <= member->packed.bytes; cut++) {
		char *copy = guard_copy(member->packed.at, cut);
		struct hp_buf out;
		bool done;

		hp_buf_init(&out, OUT_BYTES_MAX);
		done = inflate_gzip((struct hp_view){copy, cut}, &out);
		ck_assert_int_eq(done, cut + TRAILER_BYTES >= member->packed.bytes);
		ck_assert(!done || hp_view_equal(hp_buf_view(&out), member->text));
		hp_buf_fini(&out);
		guard_free(copy);
	}
}
END_TEST

/* Goal: whatever bit is wrong, it ends, within the buffer. */
START_TEST(test_flipped_bits)
{
	const struct member *member = &members[_i];
	char *copy = guard_copy(member->packed.at, member->packed.bytes);

	for (size_t bit = 0; bit < 8 * member->packed.bytes; bit++) {
		struct hp_buf out;

		hp_buf_init(&out, OUT_BYTES_MAX);
		copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
		(void)inflate_gzip((struct hp_view){copy, member->packed.bytes}, &out);
		ck_assert_uint_le(out.bytes, OUT_BYTES_MAX);
		copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
		hp_buf_fini(&out);
	}
	guard_free(copy);
}
END_TEST

/* Goal: a text that does not fit is refused; what stood in the buffer is no text to copy from. */
START_TEST(test_room)
{
	const struct member *member = &members[1];
	struct hp_buf out;

	hp_buf_init(&out, 4 + member->text.bytes);
	hp_buf_add_text(&out, "1234");
	ck_assert(inflate_gzip(member->packed, &out));
	ck_assert(hp_view_equal((struct hp_view){out.at + 4, out.bytes - 4}, member->text));
	hp_buf_clear(&out);
	hp_buf_add_text(&out, "12345");
	ck_assert(!inflate_gzip(member->packed, &out));
	hp_buf_fini(&out);
}
END_TEST

Suite *suite_inflate(void);

Suite *suite_inflate(void)
{
	Suite *suite = suite_create("inflate");
	TCase *tcase = tcase_create("inflate");

	tcase_add_loop_test(tcase, test_members, 0, MEMBERS);
	tcase_add_loop_test(tcase, test_flipped_bits, 0, MEMBERS);
	tcase_add_test(tcase, test_room);
	suite_add_tcase(suite, tcase);
	return suite;
}
