/* Rows of bodies: exact bytes, the arithmetic of the bomb, the pace of what does not end, and bits
 * that flip by key alone. */
#include <check.h>

#include "tests/lib/playing.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define OK "HTTP/1.1 200 OK\r\n"
#define BODY "{\"received\":true}"
#define GZIP "Content-Encoding: gzip\r\n"
#define MEMBER "\x1f\x8b\x08\0\0\0\0\0\0\xff"
#define STORED "\x01\x11\0\xee\xff" BODY
#define CRC "\x4d\x7f\x1a\xeb"
#define PACKED(form, length, body)                                                                \
	{"gzip-broken", "form=" form,                                                             \
	 HP_LITERAL(OK GZIP "Content-Length: " length "\r\n\r\n" body), "write", "done", 200, false}
#define HOSTILE(set, lines, length, body)                                                         \
	{"body-hostile", "set=" set,                                                              \
	 HP_LITERAL(OK lines "Content-Length: " length "\r\n\r\n" body), "write", "done", 200,    \
	 false}

static const struct playing_row rows[] = {
	PACKED("cut", "20", MEMBER "\x01\x11\0\xee\xff" "{\"rec"),
	PACKED("block", "40", MEMBER "\x07\x11\0\xee\xff" BODY CRC "\x11\0\0\0"),
	PACKED("crc", "40", MEMBER STORED "\0\0\0\0" "\x11\0\0\0"),
	PACKED("length", "40", MEMBER STORED CRC "\x12\0\0\0"),
	PACKED("trailing", "48", MEMBER STORED CRC "\x11\0\0\0" "trailing"),
	{"gzip-broken", "code=500",
	 HP_LITERAL("HTTP/1.1 500 Internal Server Error\r\n" GZIP "Content-Length: 17\r\n"
		    "Content-Type: application/json\r\nConnection: close\r\n\r\n" BODY),
	 "write close", "done", 500, true},
	HOSTILE("html", "Content-Type: text/html\r\n", "68",
		"<!DOCTYPE html><img src=x onerror=alert(1)><script>alert(1)</script>"),
	HOSTILE("control", "", "19", "\0\x01\x1b[2J\x1b]0;title\x07\r\b\x7f"),
	HOSTILE("workflow", "", "50",
		"::error file=a.c,line=1::owned\n::stop-commands::x\n"),
	HOSTILE("cdata", "", "37", "]]></failure><testcase name=\"owned\"/>"),
	HOSTILE("utf8", "Content-Type: application/json; charset=utf-8\r\n", "15",
		"\"\xff\xfe \xc0\xaf \xed\xa0\x80 \xe2\x80\xae\""),
	HOSTILE("answer", "", "57",
		"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"),
	{"body-hostile", "",
	 HP_LITERAL(OK "Content-Length: 45\r\nContent-Type: application/json\r\n\r\n"
		    "{\"success\":false,\"error\":\"invalid signature\"}"),
	 "write", "done", 200, false},
	{"body-hostile", "set=announced;code=202",
	 HP_LITERAL("HTTP/1.1 202 Accepted\r\nContent-Length: 1073741824\r\n\r\n" BODY),
	 "write close", "more", 202, false},
};

/* Goal: each row puts exactly its bytes on the wire, and claims no more than they are. */
START_TEST(test_rows)
{
	playing_expect(&rows[_i]);
}
END_TEST

/* Sizes, and the ends of the streams that Python's zlib unpacked to so many zeros, sums right. */
static const struct {
	uint64_t bytes;
	size_t packed_bytes; /* of the body */
	unsigned char end[9];
} bombs[] = {
	{1033033, 1033, {0x06, 0xff, 0x54, 0xe2, 0x0b, 0x49, 0xc3, 0x0f, 0x00}},
	{1033033 - 1031, 1033, {0x06, 0xff, 0x54, 0xe2, 0x0b, 0x49, 0xc3, 0x0f, 0x00}},
	{UINT64_C(1) << 30, 1040480, {0x06, 0xad, 0xee, 0xc7, 0x95, 0x01, 0x02, 0x00, 0x40}},
};

/* Goal: the bomb is the stream that another program unpacked, as large as asked or the next larger
 * one that is there, about 1000 to 1. */
START_TEST(test_bomb)
{
	static const char begin[] = MEMBER "\xed\xc0\x81\0\0\0\0\x80\xa0\xfd\xa9\x17\xa9\0";
	const size_t begin_bytes = sizeof(begin) - 1, packed_bytes = bombs[_i].packed_bytes;
	struct playing playing;
	const char *body;

	playing_init(&playing, "gzip-bomb");
	playing.part.values[1] = bombs[_i].bytes;
	playing_play(&playing);
	ck_assert_str_eq(playing.read, "done");
	ck_assert(playing.script.whole);
	ck_assert_uint_gt(playing.wire.bytes, packed_bytes);
	body = playing.wire.at + playing.wire.bytes - packed_bytes;
	ck_assert_int_eq(memcmp(body - 4, "\r\n\r\n", 4), 0);
	ck_assert_int_eq(memcmp(body, begin, 8), 0); /* then the byte that names the system */
	ck_assert_int_eq(memcmp(body + 9, begin + 9, begin_bytes - 9), 0);
	for (size_t i = begin_bytes; i < packed_bytes - 9; i++)
		ck_assert_int_eq(body[i], 0);
	ck_assert_int_eq(memcmp(body + packed_bytes - 9, bombs[_i].end, 9), 0);
	ck_assert_uint_ge(bombs[_i].bytes, 990 * packed_bytes);
	playing_fini(&playing);
}
END_TEST

static const struct {
	const char *params, *steps, *read;
	bool resets;
} endless[] = {
	{"", "write write*2048 close", "more", false},
	{"bytes_max=4096", "write write close", "more", false},
	{"bytes_max=36865", "write write write close", "more", false},
	{"bytes_max=36864;framing=length", "write write write close", "more", false},
	{"bytes_max=8192;framing=close", "write write reset", "until-close", true},
	{"rate=1;bytes_max=8192", "write write/1@1000ms close", "more", false},
	{"rate=20", "write write*18/1@50ms close", "more", false},
	{"rate=1024;bytes_max=8192", "write write*2/64@62ms close", "more", false},
	{"rate=100000000;bytes_max=40960", "write write*10/4096@0ms close", "more", false},
};

/* Goal: what does not end sends blocks that a strict client takes and never finds whole, at its
 * rate, for about an hour at most. */
START_TEST(test_endless)
{
	struct playing playing;

	playing_init(&playing, "body-endless");
	playing_set(&playing, endless[_i].params);
	playing_play(&playing);
	ck_assert_str_eq(playing.steps, endless[_i].steps);
	ck_assert_str_eq(playing.read, endless[_i].read);
	ck_assert_int_eq(playing.script.status, 200);
	ck_assert(!playing.script.whole);
	ck_assert(!playing_reads_whole(&playing));
	playing_fini(&playing);
}
END_TEST

/* How many bits of the wire differ from the answer as it should be, all within [from, to). */
static unsigned flips(const struct playing *playing, size_t from, size_t to)
{
	static const char good[] = OK "Content-Length: 17\r\nContent-Type: application/json\r\n"
				   "Connection: close\r\n\r\n" BODY;
	unsigned count = 0;

	ck_assert_uint_eq(playing->wire.bytes, sizeof(good) - 1);
	for (size_t i = 0; i < sizeof(good) - 1; i++) {
		int changed = (good[i] ^ playing->wire.at[i]) & 0xff;
		ck_assert(changed == 0 || (i >= from && i < to));
		count += (unsigned)__builtin_popcount((unsigned)changed);
	}
	return count;
}

enum { HEAD_BYTES = 17 + 20 + 32 + 19 + 2, ANSWER_BYTES = HEAD_BYTES + 17 };

static const struct {
	const char *params;
	size_t from, to;
	unsigned bits;
} corruptions[] = {
	{"", 0, HEAD_BYTES, 1},
	{"in=body", HEAD_BYTES, ANSWER_BYTES, 1},
	{"bits=64", 0, HEAD_BYTES, 64},
	{"in=body;bits=64", HEAD_BYTES, ANSWER_BYTES, 64},
	{"offset=9", 9, 10, 1},
	{"offset=9;bits=8", 9, 10, 8},
	{"offset=9;bits=9", 9, 11, 9},
	{"in=body;offset=16", ANSWER_BYTES - 1, ANSWER_BYTES, 1},
	{"in=body;offset=9;bits=64", HEAD_BYTES + 9, ANSWER_BYTES, 64},
};

/* Goal: exactly as many bits flip as asked, where asked, for every event; the claim about the
 * answer is what a strict client makes of the flipped bytes; the effect was before. */
START_TEST(test_corrupt)
{
	struct playing playing;
	unsigned whole = 0;

	playing_init(&playing, "corrupt-bytes");
	ck_assert_int_eq(playing.part.row->effect, BEHAVIOUR_EFFECT_ALWAYS);
	playing_set(&playing, corruptions[_i].params);
	for (playing.c.identity = 0; playing.c.identity < 2000; playing.c.identity++) {
		playing_play(&playing);
		ck_assert_uint_eq(flips(&playing, corruptions[_i].from, corruptions[_i].to),
				  corruptions[_i].bits);
		ck_assert(playing.script.whole == playing_reads_whole(&playing));
		if (playing.script.whole)
			ck_assert_int_eq(playing.script.status, playing.status);
		whole += playing.script.whole;
	}
	if (corruptions[_i].from >= HEAD_BYTES) /* no client can see it */
		ck_assert_uint_eq(whole, 2000);
	else
		ck_assert_uint_lt(whole, 2000);
	playing_fini(&playing);
}
END_TEST

/* Goal: the same key flips the same bits, and every bit of the region is hit some time. */
START_TEST(test_corrupt_key)
{
	struct playing first, other;
	unsigned char hit[ANSWER_BYTES] = {0};

	playing_init(&first, "corrupt-bytes");
	playing_init(&other, "corrupt-bytes");
	playing_play(&first);
	playing_play(&other);
	ck_assert(hp_view_equal(hp_buf_view(&first.wire), hp_buf_view(&other.wire)));
	other.c.seed = 2;
	playing_play(&other);
	ck_assert(!hp_view_equal(hp_buf_view(&first.wire), hp_buf_view(&other.wire)));
	playing_set(&other, "bits=64");
	for (other.c.identity = 0; other.c.identity < 400; other.c.identity++) {
		playing_set(&first, "in=body");
		playing_play(&first); /* its head is the good one */
		playing_play(&other);
		for (int i = 0; i < HEAD_BYTES; i++)
			hit[i] |= (unsigned char)(first.wire.at[i] ^ other.wire.at[i]);
	}
	for (int i = 0; i < HEAD_BYTES; i++)
		ck_assert_uint_eq(hit[i], 0xff);
	playing_fini(&first);
	playing_fini(&other);
}
END_TEST

/* Goal: what is to be hit must be there. */
START_TEST(test_check)
{
	static const struct {
		const char *slug, *params;
		bool allowed;
	} checks[] = {
		{"corrupt-bytes", "in=body;offset=16", true},
		{"corrupt-bytes", "in=body;offset=17", false},
		{"corrupt-bytes", "in=body;offset=16;bits=9", false},
		{"corrupt-bytes", "in=body;offset=15;bits=9", true},
		{"corrupt-bytes", "offset=89", true},
		{"corrupt-bytes", "offset=90", false},
		{"corrupt-bytes", "code=204", false},
		{"gzip-broken", "code=204", false},
		{"gzip-bomb", "code=304", false},
		{"body-hostile", "code=204", false},
		{"body-endless", "code=204", false},
	};
	struct playing playing;

	for (int i = 0; i < COUNT(checks); i++) {
		playing_init(&playing, checks[i].slug);
		playing_set(&playing, checks[i].params);
		ck_assert_msg(playing_is_allowed(&playing) == checks[i].allowed, "%s %s",
			      checks[i].slug, checks[i].params);
		playing_fini(&playing);
	}
}
END_TEST

Suite *suite_rows_body(void);

Suite *suite_rows_body(void)
{
	Suite *suite = suite_create("rows_body");
	TCase *tcase = tcase_create("rows_body");

	tcase_add_loop_test(tcase, test_rows, 0, COUNT(rows));
	tcase_add_loop_test(tcase, test_bomb, 0, COUNT(bombs));
	tcase_add_loop_test(tcase, test_endless, 0, COUNT(endless));
	tcase_add_loop_test(tcase, test_corrupt, 0, COUNT(corruptions));
	tcase_add_test(tcase, test_corrupt_key);
	tcase_add_test(tcase, test_check);
	suite_add_tcase(suite, tcase);
	return suite;
}
