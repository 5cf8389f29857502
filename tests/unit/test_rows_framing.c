/* Rows of lengths and chunks that lie: exact bytes, and what a strict client makes of them. */
#include <check.h>

#include "tests/lib/playing.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define OK "HTTP/1.1 200 OK\r\n"
#define BODY "{\"received\":true}"
#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define END "\r\n0\r\n\r\n"
#define HUGE(form, length, read)                                                                  \
	{"length-huge", "form=" form, HP_LITERAL(OK "Content-Length: " length "\r\n\r\n" BODY),   \
	 "write close", read, 200, false}
#define CHUNK(form, text)                                                                         \
	{"chunk-bad", "form=" form, HP_LITERAL(OK CHUNKED "\r\n" text), "write close", "bad", 200, \
	 false}

static const struct playing_row rows[] = {
	{"length-long", "", HP_LITERAL(OK "Content-Length: 67\r\n\r\n" BODY),
	 "write close", "more", 200, false},
	{"length-long", "code=503;by=1",
	 HP_LITERAL("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 18\r\n\r\n" BODY),
	 "write close", "more", 503, true},
	{"length-short", "",
	 HP_LITERAL(OK "Content-Length: 17\r\nConnection: close\r\n\r\n" BODY X50),
	 "write close", "done+50", 200, false},
	{"length-short", "by=1",
	 HP_LITERAL(OK "Content-Length: 17\r\nConnection: close\r\n\r\n" BODY "x"),
	 "write close", "done+1", 200, false},
	{"length-none", "", HP_LITERAL(OK "\r\n" BODY), "write close", "until-close", 200, false},
	{"length-twice", "",
	 HP_LITERAL(OK "Content-Length: 17\r\nContent-Length: 67\r\n\r\n" BODY),
	 "write close", "bad", 200, false},
	{"length-twice", "by=1",
	 HP_LITERAL(OK "Content-Length: 17\r\nContent-Length: 18\r\n\r\n" BODY),
	 "write close", "bad", 200, false},
	{"length-negative", "", HP_LITERAL(OK "Content-Length: -17\r\n\r\n" BODY),
	 "write close", "bad", 200, false},
	HUGE("wraps", "18446744073709551633", "bad"),
	HUGE("int64", "9223372036854775808", "more"),
	HUGE("uint64", "18446744073709551615", "bad"),
	HUGE("digits", "9999999999999999999999999999999999999999", "bad"),
	{"length-and-chunked", "",
	 HP_LITERAL(OK "Content-Length: 17\r\n" CHUNKED "\r\n11\r\n" BODY END),
	 "write close", "bad", 200, false},
	CHUNK("text", "zz\r\n" BODY END),
	CHUNK("negative", "-11\r\n" BODY END),
	CHUNK("huge", "10000000000000011\r\n" BODY END),
	CHUNK("prefix", "0x11\r\n" BODY END),
	CHUNK("empty", "\r\n" BODY END),
	CHUNK("short", "10\r\n" BODY END),
	CHUNK("long", "12\r\n" BODY END),
	CHUNK("bare-lf", "11\n" BODY "\n0\n\n"),
	{"chunk-no-end", "", HP_LITERAL(OK CHUNKED "\r\n11\r\n" BODY "\r\n"),
	 "write close", "more", 200, false},
	{"chunk-trailing", "",
	 HP_LITERAL(OK CHUNKED "Connection: close\r\n\r\n11\r\n" BODY END X50),
	 "write close", "done+50", 200, false},
	{"chunk-trailing", "by=2;code=201",
	 HP_LITERAL("HTTP/1.1 201 Created\r\n" CHUNKED "Connection: close\r\n\r\n11\r\n" BODY END
		    "xx"),
	 "write close", "done+2", 201, true},
};

/* Goal: each row puts exactly its bytes on the wire, and claims no more than they are. */
START_TEST(test_rows)
{
	playing_expect(&rows[_i]);
}
END_TEST

/* Goal: the most that may be asked for fits; a status without a body has no framing to break. */
START_TEST(test_edges)
{
	static const char *const slugs[] = {"length-short", "chunk-trailing", "length-long"};
	struct playing playing;

	playing_init(&playing, slugs[_i]);
	playing_set(&playing, "by=32768");
	playing_play(&playing);
	ck_assert(!playing.script.text.cut);
	playing_set(&playing, "code=204");
	ck_assert(!playing_is_allowed(&playing));
	playing_set(&playing, "code=304");
	ck_assert(!playing_is_allowed(&playing));
	playing_fini(&playing);
}
END_TEST

Suite *suite_rows_framing(void);

Suite *suite_rows_framing(void)
{
	Suite *suite = suite_create("rows_framing");
	TCase *tcase = tcase_create("rows_framing");

	tcase_add_loop_test(tcase, test_rows, 0, COUNT(rows));
	tcase_add_loop_test(tcase, test_edges, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}
