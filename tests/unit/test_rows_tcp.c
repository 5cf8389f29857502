/* Rows of the connection itself: their exact bytes and steps, how much of a request they read, and
 * what they do to the delivery and to the receiver. */
#include "receivers/rows.h"

#include <check.h>

#include "tests/lib/playing.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define STATUS_LINE "HTTP/1.1 200 OK\r\n"
#define LENGTH "Content-Length: 17\r\nContent-Type: application/json\r\n"
#define HEAD STATUS_LINE LENGTH "\r\n"
#define HALF HEAD "{\"receiv"
#define ANSWER HEAD "{\"received\":true}"
#define SUCCESS "HTTP/1.1 204 No Content\r\n\r\n"
#define NONE {"", 0}

static const struct playing_row rows[] = {
	{"reset", "", NONE, "reset", "more", 0, false},
	{"accept-slow", "", NONE, "wait 1000ms", "more", 0, true},
	{"accept-slow", "delay=5000000", NONE, "wait 5ms", "more", 0, true},
	{"accept-silence", "", NONE, "hold 120000ms close", "more", 0, true},
	{"accept-silence", "hold=7000000", NONE, "hold 7ms close", "more", 0, true},
	{"close-on-accept", "", NONE, "close", "more", 0, true},
	{"reset-on-accept", "", NONE, "reset", "more", 0, true},
	{"reset-mid-head", "", NONE, "reset", "more", 0, false},
	{"reset-mid-request", "", NONE, "reset", "more", 0, false},
	{"read-stall", "", NONE, "hold 120000ms close", "more", 0, false},
	{"read-stall", "hold=7000000", NONE, "hold 7ms close", "more", 0, false},
	{"read-slow", "", HP_LITERAL(SUCCESS), "write", "done", 204, false},
	{"read-slow", "", HP_LITERAL("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
	 "write close", "done", 204, true},
	{"reset-after-request", "", NONE, "reset", "more", 0, false},
	{"reset-after-request", "delay=7000000", NONE, "wait 7ms reset", "more", 0, false},
	{"close-after-request", "", NONE, "close", "more", 0, false},
	{"reset-mid-response", "", HP_LITERAL(STATUS_LINE "Conte"), "write reset", "more", 200,
	 false},
	{"reset-mid-response", "after=16", HP_LITERAL("HTTP/1.1 200 OK\r"), "write reset", "more",
	 0, false},
	{"reset-mid-response", "after=17", HP_LITERAL(STATUS_LINE), "write reset", "more", 200,
	 false},
	{"reset-mid-response", "after=88", HP_LITERAL(HEAD "{\"received\":true"), "write reset",
	 "more", 200, false},
	{"close-mid-response", "", HP_LITERAL(HALF), "write close", "more", 200, false},
	{"close-mid-response", "after=1", HP_LITERAL("H"), "write close", "more", 0, false},
	{"close-mid-response", "after=87", HP_LITERAL(HEAD "{\"received\":true"), "write close",
	 "more", 200, false},
	{"close-mid-response", "after=65536", HP_LITERAL(HEAD "{\"received\":true"), "write close",
	 "more", 200, false},
	{"close-mid-response", "",
	 HP_LITERAL(STATUS_LINE LENGTH "Connection: close\r\n\r\n{\"receiv"), "write close", "more",
	 200, true},
	{"half-close", "", NONE, "shut hold 120000ms close", "more", 0, false},
	{"half-close", "after=17", HP_LITERAL(STATUS_LINE), "write shut hold 120000ms close",
	 "more", 200, false},
	{"half-close", "after=88;hold=7000000", HP_LITERAL(ANSWER), "write shut hold 7ms close",
	 "done", 200, false},
	{"slow-close", "", HP_LITERAL("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
	 "write wait 2000ms close", "done", 204, false},
	{"slow-close", "delay=7000000",
	 HP_LITERAL("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"), "write wait 7ms close",
	 "done", 204, true},
};

/* Goal: each row puts exactly its bytes on the wire in exactly its steps, and claims no more. */
START_TEST(test_rows)
{
	playing_expect(&rows[_i]);
}
END_TEST

/* Goal: the success that is cut is the receiver's own where that has a body. */
START_TEST(test_status)
{
	static const int statuses[][2] = {{204, 200}, {205, 200}, {200, 200}, {202, 202}};
	struct playing playing;

	playing_init(&playing, "close-mid-response");
	playing.request.success_status = statuses[_i][0];
	playing_play(&playing);
	ck_assert_int_eq(playing.script.status, statuses[_i][1]);
	ck_assert_str_eq(playing.read, "more");
	playing_fini(&playing);
}
END_TEST

struct reading {
	const char *slug, *params;
	uint64_t head_bytes, body_bytes; /* of the request */
	uint64_t read_bytes;             /* of it, at most */
	uint32_t bytes_per_s;
};

static const struct reading readings[] = {
	{"accept-slow", "", HP_NEVER, HP_NEVER, 0, 0},
	{"accept-silence", "", HP_NEVER, HP_NEVER, 0, 0},
	{"close-on-accept", "", HP_NEVER, HP_NEVER, 0, 0},
	{"reset-on-accept", "", HP_NEVER, HP_NEVER, 0, 0},
	{"reset-mid-head", "", 100, 200, 20, 0},
	{"reset-mid-head", "after=0", 100, 200, 0, 0},
	{"reset-mid-head", "after=99", 100, 200, 99, 0},
	{"reset-mid-head", "after=100", 100, 200, 99, 0},
	{"reset-mid-head", "after=1000", 100, HP_NEVER, 99, 0},
	{"reset-mid-request", "", 100, 201, 200, 0},
	{"reset-mid-request", "", 100, 1, 100, 0},
	{"reset-mid-request", "", 100, 0, 99, 0},
	{"reset-mid-request", "", 100, HP_NEVER, 101, 0},
	{"reset-mid-request", "after_body=0", 100, 200, 100, 0},
	{"reset-mid-request", "after_body=199", 100, 200, 299, 0},
	{"reset-mid-request", "after_body=200", 100, 200, 299, 0},
	{"reset-mid-request", "after_body=200", 100, HP_NEVER, 104, 0},
	{"read-stall", "", 100, 5000, 1024, 0},
	{"read-stall", "", 100, 200, 299, 0},
	{"read-stall", "", 100, HP_NEVER, 104, 0},
	{"read-stall", "after=0", 100, 200, 0, 0},
	{"read-slow", "", 100, 200, HP_NEVER, 1024},
	{"read-slow", "rate=1", 100, 200, HP_NEVER, 1},
	{"reset-after-request", "", 100, 200, HP_NEVER, 0},
	{"close-after-request", "", 100, 200, HP_NEVER, 0},
	{"half-close", "", 100, 200, HP_NEVER, 0},
	{"slow-close", "", 100, 200, HP_NEVER, 0},
};

/* Goal: a row reads as much of a request as it says, and one that cuts it never all of it. */
START_TEST(test_reading)
{
	const struct reading *reading = &readings[_i];
	struct playing playing;

	playing_init(&playing, reading->slug);
	playing.request.head_bytes = reading->head_bytes;
	playing.request.body_bytes = reading->body_bytes;
	playing_set(&playing, reading->params);
	playing_play(&playing);
	ck_assert_msg(playing.script.read_bytes == reading->read_bytes, "%s %s: %ju",
		      reading->slug, reading->params, (uintmax_t)playing.script.read_bytes);
	ck_assert_uint_eq(playing.script.read_bytes_per_s, reading->bytes_per_s);
	playing_fini(&playing);
}
END_TEST

struct nature {
	const char *slug;
	enum behaviour_stage stage;
	enum behaviour_effect effect;
};

static const struct nature natures[] = {
	{"reset", BEHAVIOUR_ON_REQUEST, BEHAVIOUR_EFFECT_NEVER},
	{"accept-slow", BEHAVIOUR_ON_CONNECT, BEHAVIOUR_EFFECT_BY_STATUS},
	{"accept-silence", BEHAVIOUR_ON_CONNECT, BEHAVIOUR_EFFECT_NEVER},
	{"close-on-accept", BEHAVIOUR_ON_CONNECT, BEHAVIOUR_EFFECT_NEVER},
	{"reset-on-accept", BEHAVIOUR_ON_CONNECT, BEHAVIOUR_EFFECT_NEVER},
	{"reset-mid-head", BEHAVIOUR_IN_REQUEST, BEHAVIOUR_EFFECT_NEVER},
	{"reset-mid-request", BEHAVIOUR_IN_REQUEST, BEHAVIOUR_EFFECT_NEVER},
	{"read-stall", BEHAVIOUR_IN_REQUEST, BEHAVIOUR_EFFECT_NEVER},
	{"read-slow", BEHAVIOUR_IN_REQUEST, BEHAVIOUR_EFFECT_BY_STATUS},
	{"reset-after-request", BEHAVIOUR_ON_REQUEST, BEHAVIOUR_EFFECT_ALWAYS},
	{"close-after-request", BEHAVIOUR_ON_REQUEST, BEHAVIOUR_EFFECT_ALWAYS},
	{"reset-mid-response", BEHAVIOUR_ON_REQUEST, BEHAVIOUR_EFFECT_ALWAYS},
	{"close-mid-response", BEHAVIOUR_ON_REQUEST, BEHAVIOUR_EFFECT_ALWAYS},
	{"half-close", BEHAVIOUR_ON_REQUEST, BEHAVIOUR_EFFECT_ALWAYS},
	{"slow-close", BEHAVIOUR_ON_REQUEST, BEHAVIOUR_EFFECT_BY_STATUS},
};

/* Goal: each row acts at its stage, and leaves an effect behind exactly when the receiver had the
 * whole request. A row that knows the request's size is written for each, and no other one is. */
START_TEST(test_natures)
{
	const struct nature *nature = &natures[_i];
	const struct behaviour_row *row = behaviour_find(hp_view_of(nature->slug));
	struct playing playing;

	ck_assert_int_eq(row->stage, nature->stage);
	ck_assert_int_eq(row->effect, nature->effect);
	ck_assert_int_eq(row->layer, BEHAVIOUR_TCP);
	playing_init(&playing, nature->slug);
	playing_play(&playing);
	uint64_t read_bytes = playing.script.read_bytes;
	playing.request.head_bytes = playing.request.body_bytes = 5;
	playing_play(&playing);
	ck_assert(row->varies == (playing.script.read_bytes != read_bytes));
	playing_fini(&playing);
}
END_TEST

/* Goal: every row of the table that plays stands in the table of this test. */
START_TEST(test_all)
{
	for (const struct behaviour_row *row = rows_tcp; row->number != 0; row++) {
		int found = row->play == NULL;
		for (int i = 0; i < COUNT(natures); i++)
			found += strcmp(row->slug, natures[i].slug) == 0;
		ck_assert_msg(found == 1, "%s", row->slug);
	}
}
END_TEST

struct station {
	const char *slug;
	enum behaviour_station station;
};

static const struct station stations[] = {
	{"connect-refused", BEHAVIOUR_REFUSES},
	{"connect-blackhole", BEHAVIOUR_DROPS},
	{"blackhole", BEHAVIOUR_DROPS},
};

/* Goal: rows of the listener hold the whole receiver, for ever when they stand alone. */
START_TEST(test_stations)
{
	const struct behaviour_row *row = behaviour_find(hp_view_of(stations[_i].slug));
	struct behaviour behaviour = {.fault_count = 0};
	const struct behaviour_case c = {.now_ns = 0};
	uint64_t until_ns;

	ck_assert_ptr_nonnull(row);
	ck_assert(row->by_time && behaviour_is_fault(row));
	behaviour_part_init(&behaviour.own, row);
	ck_assert_uint_eq(behaviour_holding((struct behaviour_list){&behaviour, 1},
					    stations[_i].station, &c, &until_ns), 0);
	ck_assert_uint_eq(until_ns, HP_NEVER);
}
END_TEST

Suite *suite_rows_tcp(void);

Suite *suite_rows_tcp(void)
{
	Suite *suite = suite_create("rows_tcp");
	TCase *tcase = tcase_create("rows_tcp");

	tcase_add_loop_test(tcase, test_rows, 0, COUNT(rows));
	tcase_add_loop_test(tcase, test_status, 0, 4);
	tcase_add_loop_test(tcase, test_reading, 0, COUNT(readings));
	tcase_add_loop_test(tcase, test_natures, 0, COUNT(natures));
	tcase_add_test(tcase, test_all);
	tcase_add_loop_test(tcase, test_stations, 0, COUNT(stations));
	suite_add_tcase(suite, tcase);
	return suite;
}
