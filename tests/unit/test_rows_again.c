/* Retry-After in each form, as our own parser reads it; redirects to each place. */
#include <check.h>

#include "tests/lib/playing.h"
#include "wire/http1.h"
#include "wire/retry_after.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define NOW_S UINT64_C(784111777)
#define HEAD "HTTP/1.1 429 Too Many Requests\r\n"
#define EMPTY "Content-Length: 0\r\n\r\n"

static const struct playing_row rows[] = {
	{"retry-after", "", HP_LITERAL(HEAD "Retry-After: 1\r\n" EMPTY),
	 "write", "done", 429, false},
	{"retry-after", "code=503;retry_after=1000000000000;body=later",
	 HP_LITERAL("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1000000000000\r\n"
		    "Content-Length: 5\r\nConnection: close\r\n\r\nlater"),
	 "write close", "done", 503, true},
	{"retry-after", "value=two;retry_after=2",
	 HP_LITERAL(HEAD "Retry-After: 2\r\nRetry-After: 86400\r\n" EMPTY),
	 "write", "done", 429, false},
	{"redirect", "",
	 HP_LITERAL("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:8080/hooks/canary\r\n"
		    EMPTY),
	 "write", "done", 302, false},
	{"redirect", "code=308;to=none",
	 HP_LITERAL("HTTP/1.1 308 Permanent Redirect\r\nContent-Length: 0\r\n"
		    "Connection: close\r\n\r\n"),
	 "write close", "done", 308, true},
	{"redirect", "code=304;to=same",
	 HP_LITERAL("HTTP/1.1 304 Not Modified\r\nLocation: /hooks/canary\r\n\r\n"),
	 "write", "done", 304, false},
};

/* Goal: each row puts exactly its bytes on the wire, and claims no more than they are. */
START_TEST(test_rows)
{
	playing_expect(&rows[_i]);
}
END_TEST

/* The value of a header of the answer, as text; NULL: there is none. */
static const char *header_of(struct playing *playing, const char *name)
{
	static char value[1024];
	struct http1_head head;
	struct hp_view text = hp_buf_view(&playing->wire), found;

	ck_assert_int_eq(http1_parse_response(text.at, text.bytes, &head), HTTP1_DONE);
	found = http1_find(&head, hp_view_of(name));
	if (found.at == NULL)
		return NULL;
	ck_assert_uint_lt(found.bytes, sizeof(value));
	memcpy(value, found.at, found.bytes);
	value[found.bytes] = '\0';
	return value;
}

static const struct {
	const char *params, *value;
	bool good;        /* our strict parser reads it */
	uint64_t seconds; /* from the moment of the answer */
} forms[] = {
	{"value=seconds;retry_after=0", "0", true, 0},
	{"value=seconds;retry_after=120", "120", true, 120},
	{"value=date;retry_after=60", "Sun, 06 Nov 1994 08:50:37 GMT", true, 60},
	{"value=date;retry_after=86400", "Mon, 07 Nov 1994 08:49:37 GMT", true, 86400},
	{"value=date;retry_after=167702400", "Tue, 29 Feb 2000 08:49:37 GMT", true, 167702400},
	{"value=date-rfc850;retry_after=60", "Sunday, 06-Nov-94 08:50:37 GMT", false, 0},
	{"value=date-asctime;retry_after=60", "Sun Nov  6 08:50:37 1994", false, 0},
	{"value=past", "Sun, 06 Nov 1994 08:49:37 GMT", true, 0},
	{"value=zero;retry_after=9", "0", true, 0},
	{"value=negative;retry_after=9", "-9", false, 0},
	{"value=huge", "1000000000000", true, RETRY_AFTER_SECONDS_MAX},
	{"value=fraction", "1.5", false, 0},
	{"value=signed", "+1", false, 0},
	{"value=garbage", "soon", false, 0},
	{"value=empty", "", false, 0},
};

/* Goal: each form is what its word says, and good to a strict parser where it is meant to be: of
 * dates it knows the one form that a sender may write. */
START_TEST(test_forms)
{
	struct playing playing;
	const char *value;
	uint64_t seconds = 0;

	playing_init(&playing, "retry-after");
	playing_set(&playing, forms[_i].params);
	playing_play(&playing);
	value = header_of(&playing, "Retry-After");
	ck_assert_str_eq(value, forms[_i].value);
	ck_assert(retry_after_parse(hp_view_of(value), NOW_S, &seconds) == forms[_i].good);
	ck_assert_uint_eq(seconds, forms[_i].seconds);
	playing_fini(&playing);
}
END_TEST

/* Goal: a date never comes earlier than was asked, also within a second. */
START_TEST(test_date_rounds_up)
{
	struct playing playing;

	playing_init(&playing, "retry-after");
	playing_set(&playing, "value=date;retry_after=1");
	playing.request.wall_ns += 1;
	playing_play(&playing);
	ck_assert_str_eq(header_of(&playing, "Retry-After"), "Sun, 06 Nov 1994 08:49:39 GMT");
	ck_assert(playing.part.row->varies);
	playing_set(&playing, "retry_after=1000000001");
	ck_assert(!playing_is_allowed(&playing));
	playing_set(&playing, "value=seconds");
	ck_assert(playing_is_allowed(&playing));
	playing_fini(&playing);
}
END_TEST

static const struct {
	const char *url, *to, *location;
} places[] = {
	{"http://127.0.0.1:8080/hooks", "canary", "http://127.0.0.1:8080/hooks/canary"},
	{"http://127.0.0.1:8080/hooks", "same", "/hooks/canary"},
	{"http://127.0.0.1:8080/hooks", "other-host", "http://localhost:8080/hooks/canary"},
	{"http://127.0.0.1:8080/hooks", "private", "http://[::ffff:127.0.0.1]:8080/hooks/canary"},
	{"http://127.0.0.1:8080/hooks", "loop", "http://127.0.0.1:8080/hooks"},
	{"http://127.0.0.1:8080/hooks", "downgrade", "http://127.0.0.1:8080/hooks/canary"},
	{"http://127.0.0.1:8080/hooks", "none", NULL},
	{"https://localhost:8443/a/b/?x=1#y", "canary", "https://localhost:8443/a/b/canary"},
	{"https://localhost:8443/a/b/?x=1", "downgrade", "http://localhost:8443/a/b/canary"},
	{"https://LocalHost/a", "other-host", "https://127.0.0.1/a/canary"},
	{"https://[::1]:8443/", "canary", "https://[::1]:8443/canary"},
	{"https://[::1]", "other-host", "https://localhost/canary"},
	{"https://[::1", "canary", "https://[::1/canary"},
	{"http://a.example?x", "canary", "http://a.example/canary"},
	{"http://a.example?x", "loop", "http://a.example?x"},
	{"", "canary", "/canary"},
	{"", "downgrade", "/canary"},
	{NULL, "other-host", "/canary"},
	{"http://", "private", "http://[::ffff:127.0.0.1]/canary"},
};

/* Goal: a sender that follows comes to a canary under the receiver's path, by every spelling. */
START_TEST(test_places)
{
	struct playing playing;
	const char *location;

	playing_init(&playing, "redirect");
	playing.request.url = places[_i].url;
	playing_set(&playing, "to=none");
	for (uint64_t i = 0; playing.part.row->params[1].words[i] != NULL; i++)
		if (strcmp(playing.part.row->params[1].words[i], places[_i].to) == 0)
			playing.part.values[1] = i;
	playing_play(&playing);
	location = header_of(&playing, "Location");
	if (places[_i].location == NULL)
		ck_assert_ptr_null(location);
	else
		ck_assert_str_eq(location, places[_i].location);
	ck_assert(playing.script.whole);
	playing_fini(&playing);
}
END_TEST

Suite *suite_rows_again(void);

Suite *suite_rows_again(void)
{
	Suite *suite = suite_create("rows_again");
	TCase *tcase = tcase_create("rows_again");

	tcase_add_loop_test(tcase, test_rows, 0, COUNT(rows));
	tcase_add_loop_test(tcase, test_forms, 0, COUNT(forms));
	tcase_add_test(tcase, test_date_rounds_up);
	tcase_add_loop_test(tcase, test_places, 0, COUNT(places));
	suite_add_tcase(suite, tcase);
	return suite;
}
