/* Rows of well-formed answers: their exact bytes, steps and status, and what a strict client makes
 * of them; values that contradict each other are refused. */
#include <check.h>

#include "tests/lib/playing.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define BODY "{\"received\":true}"
#define JSON "Content-Type: application/json\r\n"

static const struct playing_row rows[] = {
	{"status", "",
	 HP_LITERAL("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
	 "write", "done", 503, false},
	{"status", "code=200;retry_after=7;reason=Fine, thanks;headers=X-A: b\nX-C:d\n;body={}",
	 HP_LITERAL("HTTP/1.1 200 Fine, thanks\r\nRetry-After: 7\r\nX-A: b\r\nX-C:d\r\n"
		    "Content-Length: 2\r\n" JSON "Connection: close\r\n\r\n{}"),
	 "write close", "done", 200, true},
	{"status", "code=204;body=none of it",
	 HP_LITERAL("HTTP/1.1 204 No Content\r\n\r\n"), "write", "done", 204, false},
	{"gone", "", HP_LITERAL("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"),
	 "write", "done", 410, false},
	{"auth-refused", "",
	 HP_LITERAL("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n"
		    "Content-Length: 0\r\n\r\n"),
	 "write", "done", 401, false},
	{"auth-refused", "code=403",
	 HP_LITERAL("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
	 "write close", "done", 403, true},
	{"answer-never", "", HP_LITERAL(""), "hold never close", "more", 0, false},
	{"answer-never", "hold=5000000", HP_LITERAL(""), "hold 5ms close", "more", 0, false},
	{"http10", "", HP_LITERAL("HTTP/1.0 200 OK\r\nContent-Length: 17\r\n" JSON "\r\n" BODY),
	 "write close", "done", 200, false},
	{"http10", "code=500;framing=close",
	 HP_LITERAL("HTTP/1.0 500 Internal Server Error\r\n" JSON "\r\n" BODY),
	 "write close", "until-close", 500, false},
	{"trailers", "",
	 HP_LITERAL("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "11\r\n" BODY "\r\n0\r\nX-Trailer-1: late\r\n\r\n"),
	 "write", "done", 200, false},
	{"trailers", "code=202;count=2",
	 HP_LITERAL("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
		    "\r\n11\r\n" BODY "\r\n0\r\nX-Trailer-1: late\r\nX-Trailer-2: late\r\n\r\n"),
	 "write close", "done", 202, true},
	{"body-on-204", "",
	 HP_LITERAL("HTTP/1.1 204 No Content\r\nContent-Length: 17\r\nConnection: close\r\n\r\n"
		    BODY),
	 "write close", "done+17", 204, false},
	{"body-on-204", "code=304",
	 HP_LITERAL("HTTP/1.1 304 Not Modified\r\nContent-Length: 17\r\nConnection: close\r\n\r\n"
		    BODY),
	 "write close", "done+17", 304, false},
	{"expect-refused", "",
	 HP_LITERAL("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n"
		    "Connection: close\r\n\r\n"),
	 "write close", "done", 417, false},
	{"expect-refused", "how=silent",
	 HP_LITERAL("HTTP/1.1 204 No Content\r\n\r\n"), "write", "done", 204, false},
};

/* Goal: each row puts exactly its bytes on the wire, and claims no more than they are. */
START_TEST(test_rows)
{
	playing_expect(&rows[_i]);
}
END_TEST

/* Goal: an Expect is refused before the body is read; without any 100 the whole request is waited
 * for, as far as its length is known. */
START_TEST(test_expect)
{
	struct playing playing;

	playing_init(&playing, "expect-refused");
	ck_assert_int_eq(playing.part.row->stage, BEHAVIOUR_IN_REQUEST);
	playing_play(&playing);
	ck_assert_uint_eq(playing.script.read_bytes, 100);
	playing_set(&playing, "how=silent");
	playing_play(&playing);
	ck_assert_uint_eq(playing.script.read_bytes, 300);
	playing.request.body_bytes = HP_NEVER;
	playing_play(&playing);
	ck_assert(playing.script.read_bytes == HP_NEVER);
	playing_fini(&playing);
}
END_TEST

/* Goal: keepalive-off ends the connection and leaves the answer to others. */
START_TEST(test_keepalive_off)
{
	const struct behaviour_row *row = behaviour_find(HP_LITERAL("keepalive-off"));
	struct behaviour list[] = {{.own.row = row}, {.fault_count = 0}};
	const struct behaviour_case c = {.ordinal = 1};
	struct behaviour_decision decision;

	behaviour_part_init(&list[1].own, behaviour_find(HP_LITERAL("status")));
	decision = behaviour_decide((struct behaviour_list){list, 2}, &c);
	ck_assert(decision.closing);
	ck_assert_uint_eq(decision.index, 1);
	decision = behaviour_decide((struct behaviour_list){list, 1}, &c);
	ck_assert(decision.closing);
	ck_assert_ptr_null(decision.part);
}
END_TEST

static const struct {
	const char *slug, *params;
	bool allowed;
} check_rows[] = {
	{"status", "headers=X-A: b\nX-B: c", true},
	{"status", "headers=X-A: b\r\nX-B: c\r\n", true},
	{"status", "headers=no colon", false},
	{"status", "headers=X-A: b\n\nbody", false},
	{"status", "headers=X-A : b", false},
	{"status", "headers=X-A: \x1b[0m", false},
	{"status", "headers=Content-Length: 1", false},
	{"status", "headers=Transfer-Encoding: chunked", false},
	{"status", "code=204;headers=Transfer-Encoding: chunked", false},
	{"status", "headers=Connection: close", false},
	{"status", "reason=Fine", true},
	{"status", "reason=\x07", false},
	{"status", "reason=OK\r\nX-A: b", false},
	{"status", "code=999;body=x", true},
	{"auth-refused", "code=402", false},
	{"http10", "code=204", false},
	{"trailers", "code=304", false},
	{"body-on-204", "code=205", false},
};

/* Goal: what would make a well-formed row lie is refused when it is read. */
START_TEST(test_check)
{
	struct playing playing;

	playing_init(&playing, check_rows[_i].slug);
	playing_set(&playing, check_rows[_i].params);
	ck_assert_msg(playing_is_allowed(&playing) == check_rows[_i].allowed, "%s %s",
		      check_rows[_i].slug, check_rows[_i].params);
	playing_fini(&playing);
}
END_TEST

Suite *suite_rows_http(void);

Suite *suite_rows_http(void)
{
	Suite *suite = suite_create("rows_http");
	TCase *tcase = tcase_create("rows_http");

	tcase_add_loop_test(tcase, test_rows, 0, COUNT(rows));
	tcase_add_test(tcase, test_expect);
	tcase_add_test(tcase, test_keepalive_off);
	tcase_add_loop_test(tcase, test_check, 0, COUNT(check_rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
