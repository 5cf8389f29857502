/* Rows by the clock: windows, their edges, what they leave behind; and rates, ramps, clocks. */
#include <check.h>

#include "receivers/rows.h"
#include "tests/lib/behaving.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct behaviour behaviour;
static struct behaviour_part fault;

static struct behaviour_list only(void)
{
	return (struct behaviour_list){&behaviour, 1};
}

/* Whether it holds for the station at that moment. */
static bool holds(enum behaviour_station station, const struct behaviour_case *c,
		  uint64_t *until_ns)
{
	return behaviour_holding(only(), station, c, until_ns) == 0;
}

/* ---- windows ---- */

static const struct window_row {
	const char *slug;
	enum behaviour_station station;
	const char *names[2];
	uint64_t values[2];
} window_rows[] = { /* all from 100 ms to 200 ms */
	{"outage", BEHAVIOUR_REFUSES, {"from", "to"}, {100 * HP_MS_NS, 200 * HP_MS_NS}},
	{"freeze", BEHAVIOUR_FREEZES, {"from", "for"}, {100 * HP_MS_NS, 100 * HP_MS_NS}},
	{"restart", BEHAVIOUR_REFUSES, {"at", "down"}, {100 * HP_MS_NS, 100 * HP_MS_NS}},
};

/* Goal: windows are half-open, say when they change, and have not begun before the start. */
START_TEST(test_windows)
{
	static const struct {
		uint64_t now_ns, until_ns;
		bool holds;
	} moments[] = {
		{0, 100 * HP_MS_NS, false},
		{100 * HP_MS_NS - 1, 100 * HP_MS_NS, false},
		{100 * HP_MS_NS, 200 * HP_MS_NS, true},
		{200 * HP_MS_NS - 1, 200 * HP_MS_NS, true},
		{200 * HP_MS_NS, HP_NEVER, false},
		{HP_NEVER, HP_NEVER, false},
	};
	const struct window_row *row = &window_rows[_i];
	uint64_t until_ns;

	behave(&behaviour, &fault, row->slug);
	for (int i = 0; i < 2; i++)
		behave_set(&behaviour.own, row->names[i], row->values[i]);
	for (int i = 0; i < COUNT(moments); i++) {
		const struct behaviour_case c = {.now_ns = moments[i].now_ns};

		ck_assert(holds(row->station, &c, &until_ns) == moments[i].holds);
		ck_assert_uint_eq(until_ns, moments[i].until_ns);
	}
}
END_TEST

/* Goal: an outage can hold a fault of deliveries, which strikes in the window alone. */
START_TEST(test_outage_of_deliveries)
{
	struct behaviour_case c = {.ordinal = 1};
	uint64_t until_ns;

	behave(&behaviour, &fault, "outage");
	behaviour_part_init(&fault, behaviour_find(HP_LITERAL("status")));
	behave_set(&behaviour.own, "from", 100);
	behave_set(&behaviour.own, "to", 200);
	ck_assert_ptr_null(behaviour_decide(only(), &c).part);
	c.now_ns = 150;
	ck_assert_ptr_eq(behaviour_decide(only(), &c).part, &fault);
	ck_assert(!holds(BEHAVIOUR_REFUSES, &c, &until_ns));
	ck_assert_uint_eq(until_ns, HP_NEVER);
}
END_TEST

/* Goal: a window that ends before it begins is refused. */
START_TEST(test_outage_check)
{
	struct hp_err err;

	behave(&behaviour, &fault, "outage");
	behave_set(&behaviour.own, "from", 5);
	behave_set(&behaviour.own, "to", 6);
	ck_assert_int_eq(behaviour_check(&behaviour, &err), 0);
	behave_set(&behaviour.own, "to", 5);
	ck_assert_int_eq(behaviour_check(&behaviour, &err), -1);
}
END_TEST

/* Goal: what becomes of open connections, and of what was seen, is as declared; else they are
 * reset and nothing is forgotten. */
START_TEST(test_edges)
{
	static const struct {
		const char *slug, *name;
		uint64_t value;
		struct behaviour_edge wanted;
	} rows[] = {
		{"outage", NULL, 0, {BEHAVIOUR_OPEN_RESET, false}},
		{"outage", "open_connections", 1, {BEHAVIOUR_OPEN_DRAIN, false}},
		{"flapping", "open_connections", 2, {BEHAVIOUR_OPEN_KEEP, false}},
		{"connect-refused", NULL, 0, {BEHAVIOUR_OPEN_RESET, false}},
		{"restart", NULL, 0, {BEHAVIOUR_OPEN_RESET, false}},
		{"restart", "keep", false, {BEHAVIOUR_OPEN_RESET, true}},
	};

	for (int i = 0; i < COUNT(rows); i++) {
		struct behaviour_edge edge;

		behave(&behaviour, &fault, rows[i].slug);
		if (rows[i].name)
			behave_set(&behaviour.own, rows[i].name, rows[i].value);
		edge = behaviour_edge(&behaviour);
		ck_assert_int_eq(edge.open, rows[i].wanted.open);
		ck_assert(edge.forgets == rows[i].wanted.forgets);
	}
}
END_TEST

/* ---- flapping ---- */

static void flap(uint64_t up_ns, uint64_t down_ns)
{
	behave(&behaviour, &fault, "flapping");
	behave_set(&behaviour.own, "up", up_ns);
	behave_set(&behaviour.own, "down", down_ns);
}

/* Goal: with a phase, cycle after cycle the receiver is up, then down, to the nanosecond. */
START_TEST(test_flapping)
{
	static const struct {
		uint64_t phase_ns, now_ns, until_ns;
		bool down;
	} rows[] = {
		{0, 0, 30, false},   {0, 29, 30, false},  {0, 30, 40, true},     {0, 39, 40, true},
		{0, 40, 70, false},  {0, 70, 80, true},   {0, 4000, 4030, false},
		{25, 0, 5, false},   {25, 4, 5, false},   {25, 5, 15, true},
		{25, 14, 15, true},  {25, 15, 45, false}, {30, 0, 10, true},
		{65, 0, 5, false}, /* a phase beyond the period */
	};

	for (int i = 0; i < COUNT(rows); i++) {
		const struct behaviour_case c = {.now_ns = rows[i].now_ns * HP_MS_NS};
		uint64_t until_ns;

		flap(30 * HP_MS_NS, 10 * HP_MS_NS);
		behave_set(&behaviour.own, "phase", rows[i].phase_ns * HP_MS_NS);
		ck_assert(holds(BEHAVIOUR_REFUSES, &c, &until_ns) == rows[i].down);
		ck_assert_uint_eq(until_ns, rows[i].until_ns * HP_MS_NS);
	}
}
END_TEST

/* Goal: nothing has begun before the start. */
START_TEST(test_flapping_before_the_start)
{
	const struct behaviour_case c = {.now_ns = HP_NEVER};
	uint64_t until_ns;

	flap(HP_MS_NS, HP_MS_NS);
	ck_assert(!holds(BEHAVIOUR_REFUSES, &c, &until_ns));
	ck_assert_uint_eq(until_ns, HP_NEVER);
}
END_TEST

/* Goal: without a phase endpoints do not beat together, and under the same seed they are down at
 * the same moments again: to those who ask for deliveries as to those who hold the listener. */
START_TEST(test_flapping_phases)
{
	enum { ENDPOINTS = 1000 };
	struct behaviour_list pair;
	struct behaviour list[2];
	uint64_t until_ns;
	int down = 0;

	flap(30 * HP_MS_NS, 10 * HP_MS_NS);
	behave(&list[0], NULL, "latency");
	list[1] = behaviour;
	pair = (struct behaviour_list){list, 2};
	for (uint32_t i = 0; i < ENDPOINTS; i++) {
		const struct behaviour_case c = {.seed = 4, .endpoint_index = i, .now_ns = HP_S_NS};
		bool held = behaviour_holding(pair, BEHAVIOUR_REFUSES, &c, &until_ns) == 1;

		ck_assert(held == (behaviour_decide(pair, &c).part != NULL));
		down += held;
	}
	ck_assert_int_gt(down, ENDPOINTS / 4 - 5 * 14); /* five standard deviations */
	ck_assert_int_lt(down, ENDPOINTS / 4 + 5 * 14);
}
END_TEST

/* Goal: with all the jitter there is, the receiver is up and down in turns, what it says holds
 * until the moment that it says, and no edge is off by more than half the shorter state. */
START_TEST(test_flapping_jitter)
{
	enum { EDGES = 2000 };
	uint64_t now_ns = 0, until_ns, wanted_ns, moved = 0;

	flap(30 * HP_MS_NS, 10 * HP_MS_NS);
	behave_set(&behaviour.own, "phase", 0);
	behave_set(&behaviour.own, "jitter", BEHAVIOUR_MICRO);
	for (uint64_t i = 0; i < EDGES; i++, now_ns = until_ns) {
		struct behaviour_case c = {.seed = 4, .now_ns = now_ns};
		uint64_t same_ns;

		ck_assert(holds(BEHAVIOUR_REFUSES, &c, &until_ns) == (i % 2 == 1));
		ck_assert_uint_gt(until_ns, now_ns);
		c.now_ns = until_ns - 1;
		ck_assert(holds(BEHAVIOUR_REFUSES, &c, &same_ns) == (i % 2 == 1));
		ck_assert_uint_eq(same_ns, until_ns);
		wanted_ns = (i / 2 * 40 + (i % 2 == 0 ? 30 : 40)) * HP_MS_NS;
		ck_assert_uint_le(wanted_ns, until_ns + 5 * HP_MS_NS);
		ck_assert_uint_le(until_ns, wanted_ns + 5 * HP_MS_NS);
		moved += until_ns != wanted_ns;
	}
	ck_assert_uint_gt(moved, EDGES / 2);
}
END_TEST

/* ---- throttle ---- */

/* How many of `count` requests are let in that come every gap_ns from now_ns on. */
static unsigned let_in(struct behaviour_state *state, uint64_t now_ns, uint64_t gap_ns,
		       unsigned count)
{
	unsigned in = 0;

	for (unsigned i = 0; i < count; i++) {
		const struct behaviour_case c = {.now_ns = now_ns + i * gap_ns, .states = state};

		in += behaviour_decide(only(), &c).part == NULL;
		behaviour_settle(only(), &c, state);
	}
	return in;
}

/* Goal: a burst is let in at once, then the rate and no more, and time fills the bucket again. */
START_TEST(test_throttle)
{
	struct behaviour_state state = {0, 0};

	behave(&behaviour, NULL, "throttle");
	behave_set(&behaviour.own, "rate", 100);
	behave_set(&behaviour.own, "burst", 20);
	ck_assert_uint_eq(let_in(&state, 0, 0, 50), 20);
	ck_assert_uint_eq(let_in(&state, 10 * HP_MS_NS, HP_MS_NS, 1000), 100);
	ck_assert_uint_eq(let_in(&state, 10 * HP_S_NS, 0, 50), 20);
	ck_assert_uint_eq(let_in(&state, 20 * HP_S_NS, 10 * HP_MS_NS, 500), 500);
	ck_assert_uint_eq(let_in(&state, 30 * HP_S_NS, HP_MS_NS, 10000), 1019);
}
END_TEST

/* Goal: looking at a request does not count it, a receiver without states lets everything in, and
 * what is above the rate is told to come again. */
START_TEST(test_throttle_looks)
{
	struct behaviour_state state = {0, 0};
	struct behaviour_case c = {.now_ns = 5, .states = &state};
	struct behaviour_request request = {.c = &c};
	struct script script;

	behave(&behaviour, NULL, "throttle");
	behave_set(&behaviour.own, "burst", 1);
	for (int i = 0; i < 10; i++)
		ck_assert_ptr_null(behaviour_decide(only(), &c).part);
	behaviour_settle(only(), &c, &state);
	ck_assert_ptr_nonnull(behaviour_decide(only(), &c).part);
	c.states = NULL;
	ck_assert_ptr_null(behaviour_decide(only(), &c).part);
	script_init(&script);
	behaviour.own.row->play(&behaviour.own, &request, &script);
	ck_assert_int_eq(script.status, 429);
	ck_assert_ptr_nonnull(strstr(hp_buf_text(&script.text), "\r\nRetry-After: 1\r\n"));
	script_fini(&script);
}
END_TEST

/* ---- ramps and clocks ---- */

/* Goal: the delay goes from the one to the other in a straight line, either way, in whole
 * microseconds, and stays there. */
START_TEST(test_ramp)
{
	static const struct {
		uint64_t from_ns, to_ns, now_ns, delay_ns;
	} rows[] = {
		{0, HP_S_NS, 0, 0},
		{0, HP_S_NS, HP_NEVER, 0},
		{0, HP_S_NS, 5 * HP_S_NS, 500 * HP_MS_NS},
		{0, HP_S_NS, 10 * HP_S_NS, HP_S_NS},
		{0, HP_S_NS, 100 * HP_S_NS, HP_S_NS},
		{200 * HP_MS_NS, 100 * HP_MS_NS, 5 * HP_S_NS, 150 * HP_MS_NS},
		{200 * HP_MS_NS, 100 * HP_MS_NS, 10 * HP_S_NS, 100 * HP_MS_NS},
		{0, HP_US_NS, 9 * HP_S_NS, 0},
		{HP_MS_NS, HP_MS_NS, 3 * HP_S_NS, HP_MS_NS},
	};

	behave(&behaviour, NULL, "slow-ramp");
	behave_set(&behaviour.own, "for", 10 * HP_S_NS);
	for (int i = 0; i < COUNT(rows); i++) {
		const struct behaviour_case c = {.now_ns = rows[i].now_ns};

		behave_set(&behaviour.own, "from", rows[i].from_ns);
		behave_set(&behaviour.own, "to", rows[i].to_ns);
		ck_assert_uint_eq(behaviour_decide(only(), &c).delay_ns, rows[i].delay_ns);
	}
}
END_TEST

/* Goal: a clock that is wrong is wrong by so much, either way. */
START_TEST(test_clock_skew)
{
	const struct behaviour_part *own = &behaviour.own;

	behave(&behaviour, NULL, "clock-skew");
	ck_assert_int_eq(own->row->clock_ns(own), 600 * (int64_t)HP_S_NS);
	behave_set(&behaviour.own, "by", 5);
	behave_set(&behaviour.own, "direction", 1);
	ck_assert_int_eq(own->row->clock_ns(own), -5);
}
END_TEST

Suite *suite_rows_time(void);

Suite *suite_rows_time(void)
{
	Suite *suite = suite_create("rows_time");
	TCase *tcase = tcase_create("rows_time");

	tcase_add_loop_test(tcase, test_windows, 0, COUNT(window_rows));
	tcase_add_test(tcase, test_outage_of_deliveries);
	tcase_add_test(tcase, test_outage_check);
	tcase_add_test(tcase, test_edges);
	tcase_add_test(tcase, test_flapping);
	tcase_add_test(tcase, test_flapping_before_the_start);
	tcase_add_test(tcase, test_flapping_phases);
	tcase_add_test(tcase, test_flapping_jitter);
	tcase_add_test(tcase, test_throttle);
	tcase_add_test(tcase, test_throttle_looks);
	tcase_add_test(tcase, test_ramp);
	tcase_add_test(tcase, test_clock_skew);
	suite_add_tcase(suite, tcase);
	return suite;
}
