/* Rows of answers that are slow, sliced, early, stalled or timed: their exact bytes, steps and
 * pace, and what is drawn for them. */
#include "receivers/rows.h"

#include <check.h>

#include "tests/lib/playing.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define STATUS_LINE "HTTP/1.1 200 OK\r\n"
#define LENGTH "Content-Length: 17\r\nContent-Type: application/json\r\n"
#define HEAD STATUS_LINE LENGTH "\r\n"
#define HALF HEAD "{\"receiv"
#define ANSWER HEAD "{\"received\":true}"
#define ENDING STATUS_LINE LENGTH "Connection: close\r\n\r\n{\"received\":true}"
#define SUCCESS "HTTP/1.1 204 No Content\r\n\r\n"
#define LAST "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
#define DRIP STATUS_LINE "Content-Type: text/plain\r\nContent-Length: 3\r\n"

static const struct playing_row rows[] = {
	{"write-slow", "rate=1000;chunk=20", HP_LITERAL(ANSWER), "write/20@20ms", "done", 200,
	 false},
	{"write-slow", "rate=1;chunk=1", HP_LITERAL(ENDING), "write/1@1000ms close", "done", 200,
	 true},
	{"write-sliced", "gap=2000000", HP_LITERAL(SUCCESS), "write/1@2ms", "done", 204, false},
	{"write-sliced", "bytes=7;gap=0", HP_LITERAL(LAST), "write/7@0ms close", "done", 204, true},
	{"head-slow", "", HP_LITERAL(ANSWER), "write/1@1000ms write", "done", 200, false},
	{"head-slow", "rate=1000", HP_LITERAL(ENDING), "write/1@1ms write close", "done", 200,
	 true},
	{"body-drip", "bytes=3", HP_LITERAL(DRIP "\r\n..."), "write write*3", "done", 200, false},
	{"body-drip", "bytes=3", HP_LITERAL(DRIP "Connection: close\r\n\r\n..."),
	 "write write*3 close", "done", 200, true},
	{"answer-early", "", HP_LITERAL(SUCCESS), "write", "done", 204, false},
	{"answer-early", "", HP_LITERAL(LAST), "write close", "done", 204, true},
	{"answer-stall", "", HP_LITERAL(STATUS_LINE), "write hold 120000ms close", "more", 200,
	 false},
	{"answer-stall", "after=head", HP_LITERAL(HEAD), "write hold 120000ms close", "more", 200,
	 false},
	{"answer-stall", "after=half-body;hold=7000000", HP_LITERAL(HALF), "write hold 7ms close",
	 "more", 200, false},
	{"answer-at", "", HP_LITERAL(SUCCESS), "wait 27000ms write", "done", 204, false},
	{"answer-at", "factor=900000", HP_LITERAL(LAST), "wait 27000ms write close", "done", 204,
	 true},
	{"answer-at", "factor=1100000", HP_LITERAL(SUCCESS), "wait 33000ms write", "done", 204,
	 false},
	{"pause-at-byte", "", HP_LITERAL(ANSWER), "write wait 1000ms write", "done", 200, false},
	{"pause-at-byte", "at=0;hold=7000000", HP_LITERAL(ENDING), "wait 7ms write close", "done",
	 200, true},
	{"keepalive-stale", "", HP_LITERAL(SUCCESS), "write await close", "done", 204, false},
	{"keepalive-stale", "how=reset", HP_LITERAL(SUCCESS), "write await reset", "done", 204,
	 false},
	{"keepalive-stale", "how=reset", HP_LITERAL(LAST), "write close", "done", 204, true},
};

/* Goal: each row puts exactly its bytes on the wire in exactly its steps, and claims no more. */
START_TEST(test_rows)
{
	playing_expect(&rows[_i]);
}
END_TEST

struct pace {
	const char *slug, *params;
	unsigned step;
	uint32_t from, bytes; /* of the text */
	uint32_t piece_bytes;
	uint64_t pause_ns, times;
};

static const struct pace paces[] = {
	{"write-slow", "", 0, 0, 88, 16, 15625 * HP_US_NS, 1},
	{"write-slow", "rate=3;chunk=1", 0, 0, 88, 1, 333333333, 1},
	{"write-sliced", "", 0, 0, 27, 1, 200 * HP_US_NS, 1},
	{"head-slow", "", 0, 0, 71, 1, HP_S_NS, 1},
	{"head-slow", "", 1, 71, 17, 0, 0, 1},
	{"body-drip", "", 1, 67, 1, 0, HP_S_NS, 3600},
	{"body-drip", "period=5000000;bytes=10", 1, 65, 1, 0, 5 * HP_MS_NS, 10},
	{"pause-at-byte", "", 0, 0, 79, 0, 0, 1},
	{"pause-at-byte", "at=12", 0, 0, 12, 0, 0, 1},
	{"pause-at-byte", "at=12", 2, 12, 76, 0, 0, 1},
	{"pause-at-byte", "at=88", 0, 0, 87, 0, 0, 1},
};

/* Goal: what is paced is paced as asked, from the first byte to the last. */
START_TEST(test_paces)
{
	const struct pace *pace = &paces[_i];
	struct playing playing;

	playing_init(&playing, pace->slug);
	playing_set(&playing, pace->params);
	playing_play(&playing);
	ck_assert_uint_lt(pace->step, playing.script.count);
	const struct script_step *step = &playing.script.steps[pace->step];
	ck_assert_int_eq(step->verb, SCRIPT_WRITE);
	ck_assert_uint_eq(step->from, pace->from);
	ck_assert_uint_eq(step->bytes, pace->bytes);
	ck_assert_uint_eq(step->piece_bytes, pace->piece_bytes);
	ck_assert_uint_eq(step->span_ns, pace->pause_ns);
	ck_assert_uint_eq(step->times, pace->times);
	playing_fini(&playing);
}
END_TEST

static uint32_t slice_bytes(struct playing *playing)
{
	playing_play(playing);
	return playing->script.steps[0].piece_bytes;
}

/* Goal: slices of a jitter are drawn within it, all sizes of it, the same for the same key and
 * not for another seed, event, attempt, endpoint or place in the list. */
START_TEST(test_slices)
{
	enum { CASES = 1000, LEAST = 7, MOST = 13 };
	static uint32_t drawn[CASES];
	unsigned counts[MOST + 1] = {0};
	struct playing playing;
	int same[4] = {0};

	playing_init(&playing, "write-sliced");
	playing_set(&playing, "bytes=10;jitter=3");
	for (unsigned i = 0; i < CASES; i++) {
		playing.c.identity = i;
		drawn[i] = slice_bytes(&playing);
		ck_assert(LEAST <= drawn[i] && drawn[i] <= MOST);
		counts[drawn[i]]++;
	}
	for (unsigned bytes = LEAST; bytes <= MOST; bytes++)
		ck_assert_uint_gt(counts[bytes], CASES / 7 / 2);
	for (unsigned i = CASES; i-- > 0;) {
		struct behaviour_case c = {.seed = 1, .identity = i, .ordinal = 1};
		struct behaviour_case others[] = {c, c, c, c};
		others[0].seed++;
		others[1].ordinal++;
		others[2].endpoint_index++;
		others[3].draw++;
		playing.c = c;
		ck_assert_uint_eq(slice_bytes(&playing), drawn[i]);
		for (int k = 0; k < 4; k++) {
			playing.c = others[k];
			same[k] += slice_bytes(&playing) == drawn[i];
		}
	}
	for (int k = 0; k < 4; k++)
		ck_assert_int_lt(same[k], CASES / 3);
	playing_fini(&playing);
}
END_TEST

/* Goal: a jitter as large as the slice leaves at least one byte. */
START_TEST(test_small_slices)
{
	struct playing playing;

	playing_init(&playing, "write-sliced");
	playing_set(&playing, "bytes=2;jitter=9");
	for (unsigned i = 0; i < 1000; i++) {
		playing.c.identity = i;
		uint32_t bytes = slice_bytes(&playing);
		ck_assert(1 <= bytes && bytes <= 11);
	}
	playing_fini(&playing);
}
END_TEST

/* Goal: answer-at follows the profile's timeout, to the microsecond. */
START_TEST(test_answer_at)
{
	static const struct {
		uint64_t timeout_ns;
		const char *params;
		uint64_t wait_ns;
	} cases[] = {
		{10 * HP_S_NS, "factor=900000", 9 * HP_S_NS},
		{10 * HP_S_NS, "factor=1100000", 11 * HP_S_NS},
		{1500 * HP_US_NS, "factor=900000", 1350 * HP_US_NS},
		{10 * HP_S_NS, "factor=0", 0},
		{10 * HP_S_NS, "factor=10000000", 100 * HP_S_NS},
	};
	struct playing playing;

	playing_init(&playing, "answer-at");
	playing.request.timeout_ns = cases[_i].timeout_ns;
	playing_set(&playing, cases[_i].params);
	playing_play(&playing);
	ck_assert_int_eq(playing.script.steps[0].verb, SCRIPT_WAIT);
	ck_assert_uint_eq(playing.script.steps[0].span_ns, cases[_i].wait_ns);
	playing_fini(&playing);
}
END_TEST

/* Goal: answer-early reads the head, and never the whole request. */
START_TEST(test_answer_early)
{
	static const struct {
		uint64_t body_bytes;
		const char *params;
		uint64_t read_bytes;
	} cases[] = {
		{200, "", 100}, {200, "after=10", 110}, {200, "after=200", 299},
		{HP_NEVER, "", 100}, {HP_NEVER, "after=10", 104},
	};
	struct playing playing;

	playing_init(&playing, "answer-early");
	playing.request.body_bytes = cases[_i].body_bytes;
	playing_set(&playing, cases[_i].params);
	playing_play(&playing);
	ck_assert_uint_eq(playing.script.read_bytes, cases[_i].read_bytes);
	ck_assert_int_eq(playing.part.row->stage, BEHAVIOUR_IN_REQUEST);
	playing_fini(&playing);
}
END_TEST

/* Goal: a stalled answer has its effect; one that arrives has it by its status. */
START_TEST(test_effects)
{
	for (const struct behaviour_row *row = rows_flow; row->number != 0; row++)
		ck_assert_int_eq(row->effect, strcmp(row->slug, "answer-stall") == 0
						      ? BEHAVIOUR_EFFECT_ALWAYS
						      : BEHAVIOUR_EFFECT_BY_STATUS);
}
END_TEST

/* Goal: keepalive-idle says how long, decides no answer and stands under no guard. */
START_TEST(test_idle)
{
	struct playing playing;

	playing_init(&playing, "keepalive-idle");
	ck_assert_ptr_null(playing.part.row->play);
	ck_assert(!behaviour_is_fault(playing.part.row));
	ck_assert_uint_eq(playing.part.row->idle_ns(&playing.part), 500 * HP_MS_NS);
	playing_set(&playing, "idle=7000000");
	ck_assert_uint_eq(playing.part.row->idle_ns(&playing.part), 7 * HP_MS_NS);
	playing_fini(&playing);
}
END_TEST

/* Goal: a drip of more than an hour is refused. */
START_TEST(test_drip_bounds)
{
	struct playing playing;

	playing_init(&playing, "body-drip");
	ck_assert(playing_is_allowed(&playing));
	playing_set(&playing, "bytes=3601");
	ck_assert(!playing_is_allowed(&playing));
	playing_set(&playing, "period=1000000;bytes=3600000");
	ck_assert(playing_is_allowed(&playing));
	playing_fini(&playing);
}
END_TEST

Suite *suite_rows_flow(void);

Suite *suite_rows_flow(void)
{
	Suite *suite = suite_create("rows_flow");
	TCase *tcase = tcase_create("rows_flow");

	tcase_add_loop_test(tcase, test_rows, 0, COUNT(rows));
	tcase_add_loop_test(tcase, test_paces, 0, COUNT(paces));
	tcase_add_test(tcase, test_slices);
	tcase_add_test(tcase, test_small_slices);
	tcase_add_loop_test(tcase, test_answer_at, 0, 5);
	tcase_add_loop_test(tcase, test_answer_early, 0, 5);
	tcase_add_test(tcase, test_effects);
	tcase_add_test(tcase, test_idle);
	tcase_add_test(tcase, test_drip_bounds);
	suite_add_tcase(suite, tcase);
	return suite;
}
