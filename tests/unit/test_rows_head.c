/* Rows of heads that no server should write: their exact bytes, and that nothing counts as whole
 * that a strict client does not take. */
#include <check.h>
#include <stdlib.h>

#include "tests/lib/playing.h"
#include "wire/http1.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define LINES "Content-Length: 17\r\nConnection: close\r\n"
#define BODY "{\"received\":true}"
#define REST LINES "\r\n" BODY
#define LINE(form, line, read, status)                                                            \
	{"status-line-bad", "form=" form, HP_LITERAL(line REST), "write close", read, status, false}
#define BOTH(set, text, read)                                                                     \
	{"head-hostile", "set=" set,                                                              \
	 HP_LITERAL("HTTP/1.1 200 " text "\r\nX-Hostile: " text "\r\n" REST), "write close",      \
	 read, 200, false}
#define ONE(set, line)                                                                            \
	{"head-hostile", "set=" set, HP_LITERAL("HTTP/1.1 200 OK\r\n" line "\r\n" REST),          \
	 "write close", "bad", 200, false}

static const struct playing_row rows[] = {
	LINE("no-digits", "HTTP/1.1 OK\r\n", "bad", 0),
	LINE("two-digits", "HTTP/1.1 20 OK\r\n", "bad", 0),
	LINE("four-digits", "HTTP/1.1 2000 OK\r\n", "bad", 200),
	LINE("000", "HTTP/1.1 000 Status\r\n", "bad", 0),
	LINE("999", "HTTP/1.1 999 Status\r\n", "done", 999),
	LINE("nul", "HTTP/1.1 200 O\0K\r\n", "bad", 200),
	LINE("http-9", "HTTP/9 200 OK\r\n", "bad", 200),
	LINE("http-9.9", "HTTP/9.9 200 OK\r\n", "bad", 200),
	LINE("http-1.2", "HTTP/1.2 200 OK\r\n", "bad", 200),
	LINE("lower-case", "http/1.1 200 OK\r\n", "bad", 200),
	LINE("no-version", "200 OK\r\n", "bad", 200),
	LINE("two-spaces", "HTTP/1.1  200 OK\r\n", "bad", 200),
	LINE("bare-lf", "HTTP/1.1 200 OK\n", "bad", 200),
	{"http09", "", HP_LITERAL("<html>received</html>\n"), "write close", "bad", 0, false},
	{"http09", "body=OK", HP_LITERAL("OK"), "write close", "more", 0, false},
	{"head-huge", "bytes=3", HP_LITERAL("HTTP/1.1 200 OK\r\n" LINES "X-Huge: hhh\r\n\r\n" BODY),
	 "write write write write write close", "done", 200, false},
	{"head-many", "count=2",
	 HP_LITERAL("HTTP/1.1 200 OK\r\n" LINES "X-Many-0000: x\r\nX-Many-0001: x\r\n\r\n" BODY),
	 "write write write close", "done", 200, false},
	ONE("obs-fold", "X-Hostile: one\r\n two"),
	BOTH("nul", "nul\0behind", "bad"),
	BOTH("escape", "\x1b[31mred\x1b]0;title\x07", "bad"),
	BOTH("workflow", "::error file=a.c,line=1::owned", "done"),
	BOTH("cdata", "]]></failure><testcase name=\"owned\"/>", "done"),
	BOTH("html", "<script>alert(1)</script>", "done"),
	BOTH("format", "%s%n%x${jndi:ldap://127.0.0.1/a}", "done"),
	BOTH("latin1", "caf\xe9 \xff\xfe", "done"),
	ONE("bare-cr", "X-Hostile: one\rX-Two: two"),
	ONE("bare-lf", "X-Hostile: one\nX-Two: two"),
	ONE("space-colon", "X-Hostile : one"),
	ONE("no-colon", "X-Hostile one"),
	ONE("no-name", ": one"),
};

/* Goal: each row puts exactly its bytes on the wire, and claims no more than they are. */
START_TEST(test_rows)
{
	playing_expect(&rows[_i]);
}
END_TEST

#define HUGE_LEAST ((uint64_t)strlen("HTTP/1.1 200 OK\r\n" LINES "X-Huge: \r\n\r\n"))

/* Goal: a huge head has exactly the bytes asked for, by a short text many times over, and is whole
 * up to our limit and not one byte beyond. */
START_TEST(test_huge)
{
	const uint64_t sizes[] = {1, HTTP1_HEAD_BYTES_MAX - HUGE_LEAST,
				  HTTP1_HEAD_BYTES_MAX - HUGE_LEAST + 1, 32768, 40000, 1048576};
	uint64_t size = sizes[_i];
	struct playing playing;

	playing_init(&playing, "head-huge");
	if (_i == COUNT(sizes) - 1)
		ck_assert_uint_eq(playing.part.values[0], size); /* the default */
	playing.part.values[0] = size;
	playing_play(&playing);
	ck_assert_uint_eq(playing.wire.bytes, HUGE_LEAST + size + strlen(BODY));
	ck_assert(playing.script.whole == (_i < 2));
	ck_assert(playing_reads_whole(&playing) == (_i < 2));
	playing_fini(&playing);
}
END_TEST

/* Goal: many lines are as many as asked, with names that differ within a thousand, whole up to our
 * limit of lines or bytes and not one line beyond. */
START_TEST(test_many)
{
	static const unsigned counts[] = {1, 98, 99, 1000, 1001, 2500, 10000};
	unsigned count = counts[_i], seen = 0, number;
	struct playing playing;
	const char *at;

	playing_init(&playing, "head-many");
	playing.part.values[0] = count;
	playing_play(&playing);
	for (at = hp_buf_text(&playing.wire); (at = strstr(at, "X-Many-")) != NULL; at++) {
		number = (unsigned)strtoul(at + strlen("X-Many-"), NULL, 10);
		ck_assert_uint_eq(number, seen++ % 1000);
	}
	ck_assert_uint_eq(seen, count);
	ck_assert(playing.script.whole == (count <= 98));
	ck_assert(playing_reads_whole(&playing) == (count <= 98));
	playing_fini(&playing);
}
END_TEST

/* Goal: garbage repeats under its key, and no part of the key is without effect. */
START_TEST(test_garbage)
{
	struct playing first, other;

	playing_init(&first, "garbage");
	playing_init(&other, "garbage");
	playing_play(&first);
	ck_assert_uint_eq(first.wire.bytes, 512);
	ck_assert_str_eq(first.steps, "write close");
	ck_assert_int_eq(first.script.status, 0);
	ck_assert(!first.script.whole);
	for (int i = 0; i < 6; i++) {
		struct behaviour_case c = first.c;
		c.seed += i == 1;
		c.endpoint_index += i == 2;
		c.identity += i == 3;
		c.ordinal += i == 4;
		c.draw += i == 5;
		other.c = c;
		playing_play(&other);
		ck_assert(hp_view_equal(hp_buf_view(&first.wire), hp_buf_view(&other.wire)) ==
			  (i == 0));
	}
	playing_set(&other, "bytes=13");
	playing_play(&other);
	ck_assert_uint_eq(other.wire.bytes, 13);
	playing_fini(&first);
	playing_fini(&other);
}
END_TEST

/* Goal: a body without a head is one. */
START_TEST(test_check)
{
	struct playing playing;

	playing_init(&playing, "http09");
	playing_set(&playing, "body=");
	ck_assert(!playing_is_allowed(&playing));
	playing_set(&playing, "body=HTTP/1.1 200 OK");
	ck_assert(!playing_is_allowed(&playing));
	playing_fini(&playing);
}
END_TEST

Suite *suite_rows_head(void);

Suite *suite_rows_head(void)
{
	Suite *suite = suite_create("rows_head");
	TCase *tcase = tcase_create("rows_head");

	tcase_add_loop_test(tcase, test_rows, 0, COUNT(rows));
	tcase_add_loop_test(tcase, test_huge, 0, 6);
	tcase_add_loop_test(tcase, test_many, 0, 7);
	tcase_add_test(tcase, test_garbage);
	tcase_add_test(tcase, test_check);
	suite_add_tcase(suite, tcase);
	return suite;
}
