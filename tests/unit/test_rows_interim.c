/* Rows of interim answers: their exact bytes and steps; floods are short texts many times over. */
#include <check.h>

#include "tests/lib/playing.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define HINTS "HTTP/1.1 103 Early Hints\r\n\r\n"
#define ANSWER                                                                                    \
	"Content-Length: 17\r\nContent-Type: application/json\r\n\r\n{\"received\":true}"

static const struct playing_row rows[] = {
	{"interim-then-final", "", HP_LITERAL(HINTS "HTTP/1.1 200 OK\r\n" ANSWER),
	 "write wait 200ms write", "done", 200, false},
	{"interim-then-final", "interim=100;count=3;gap=0;code=500",
	 HP_LITERAL("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
		    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 Internal Server Error\r\n"
		    "Content-Length: 17\r\nContent-Type: application/json\r\n"
		    "Connection: close\r\n\r\n{\"received\":true}"),
	 "write write close", "done", 500, true},
	{"interim-then-die", "", HP_LITERAL("HTTP/1.1 100 Continue\r\n\r\n"),
	 "write close", "more", 100, false},
	{"interim-then-die", "interim=199;how=reset", HP_LITERAL("HTTP/1.1 199 Status\r\n\r\n"),
	 "write reset", "more", 199, false},
	{"interim-flood", "count=2", HP_LITERAL(HINTS HINTS), "write close", "more", 103, false},
	{"upgrade", "",
	 HP_LITERAL("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
		    "Upgrade: websocket\r\n\r\n"),
	 "write hold 120000ms close", "done", 101, false},
	{"upgrade", "hold=1000000",
	 HP_LITERAL("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
		    "Upgrade: websocket\r\n\r\n"),
	 "write hold 1ms close", "done", 101, false},
};

/* Goal: each row puts exactly its bytes on the wire, and claims no more than they are. */
START_TEST(test_rows)
{
	playing_expect(&rows[_i]);
}
END_TEST

/* Goal: a flood has exactly as many answers as asked, whether or not they fill whole blocks. */
START_TEST(test_flood)
{
	static const char *const counts[] = {"count=1", "count=1170", "count=1171", "count=10000"};
	static const size_t numbers[] = {1, 1170, 1171, 10000};
	struct playing playing;

	playing_init(&playing, "interim-flood");
	playing_set(&playing, counts[_i]);
	playing_play(&playing);
	ck_assert_uint_eq(playing.wire.bytes, numbers[_i] * strlen(HINTS));
	for (size_t i = 0; i < numbers[_i]; i++)
		ck_assert_int_eq(memcmp(playing.wire.at + i * strlen(HINTS), HINTS, strlen(HINTS)),
				 0);
	ck_assert_str_eq(playing.read, "more");
	ck_assert(!playing.script.whole);
	playing_fini(&playing);
}
END_TEST

/* Goal: 101 is no interim answer. */
START_TEST(test_check)
{
	static const char *const slugs[] = {
		"interim-then-final", "interim-then-die", "interim-flood",
	};
	struct playing playing;

	playing_init(&playing, slugs[_i]);
	playing_set(&playing, "interim=102");
	ck_assert(playing_is_allowed(&playing));
	playing_set(&playing, "interim=101");
	ck_assert(!playing_is_allowed(&playing));
	playing_fini(&playing);
}
END_TEST

Suite *suite_rows_interim(void);

Suite *suite_rows_interim(void)
{
	Suite *suite = suite_create("rows_interim");
	TCase *tcase = tcase_create("rows_interim");

	tcase_add_loop_test(tcase, test_rows, 0, COUNT(rows));
	tcase_add_loop_test(tcase, test_flood, 0, 4);
	tcase_add_loop_test(tcase, test_check, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}
