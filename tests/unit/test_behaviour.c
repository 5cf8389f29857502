/* Behaviours: the tables are whole, lists compose, guards hold what they can, and a decision is a
 * function of its key. What single rows do: test_rows_*.c. */
#include "receivers/behaviour.h"

#include <check.h>

#include "tests/lib/behaving.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { LIST_MAX = 6 };

static struct fixture {
	struct behaviour behaviours[LIST_MAX];
	struct behaviour_part faults[LIST_MAX];
	struct behaviour_list list;
} f;

static void setup(void)
{
	f = (struct fixture){.list = {.at = f.behaviours}};
}

/* Adds a behaviour to the list; its fault, if any, is faults[] of the same index. */
static struct behaviour *add(const char *slug)
{
	size_t index = f.list.count++;

	behave(&f.behaviours[index], &f.faults[index], slug);
	return &f.behaviours[index];
}

/* The same with a fault of one's own. */
static struct behaviour_part *add_holding(const char *slug, const char *fault)
{
	struct behaviour *behaviour = add(slug);

	behaviour_part_init(behaviour->faults, behaviour_find(hp_view_of(fault)));
	return behaviour->faults;
}

static const char *who(const struct behaviour_decision *decision)
{
	return decision->part ? decision->part->row->slug : "nobody";
}

/* ---- the tables ---- */

static void check_param(const struct behaviour_param *param)
{
	uint64_t words = 0;

	ck_assert_uint_gt(strlen(param->help), 4);
	ck_assert_ptr_nonnull(behaviour_unit_word(param->unit));
	ck_assert((param->words != NULL) == (param->unit == BEHAVIOUR_WORD));
	while (param->words && param->words[words])
		words++;
	if (param->unit == BEHAVIOUR_WORD)
		ck_assert_msg(param->standard < words, "%s", param->name);
	else if (!param->optional)
		ck_assert_msg(param->min <= param->standard && param->standard <= param->max, "%s",
			      param->name);
	if (param->standard_text)
		ck_assert_uint_lt(strlen(param->standard_text), BEHAVIOUR_TEXT_BYTES);
}

static bool does_something(const struct behaviour_row *row)
{
	return row->play || row->delay_ns || row->shake || row->resolve || row->clock_ns ||
	       row->idle_ns || row->closing || row->station != BEHAVIOUR_SERVES || row->fault_key;
}

static void check_guard(const struct behaviour_row *row)
{
	const struct behaviour_row *fault;

	ck_assert_ptr_nonnull(row->holds);
	ck_assert_msg(row->by_plan == (row->fault_standard == NULL), "%s", row->slug);
	if (row->by_plan)
		return;
	fault = behaviour_find(hp_view_of(row->fault_standard));
	ck_assert(fault != NULL && behaviour_is_fault(fault));
}

/* Goal: every row explains itself, says how it is proved, has parameters whose defaults lie in
 * their ranges, and does something. */
START_TEST(test_rows_are_whole)
{
	const struct behaviour_row *row;

	for (size_t i = 0; (row = behaviour_row_at(i)); i++) {
		ck_assert_uint_ne(row->number, 0);
		ck_assert_ptr_eq(behaviour_by_number(row->number), row);
		ck_assert_ptr_eq(behaviour_find(hp_view_of(row->slug)), row);
		ck_assert_msg(row->help && strlen(row->help) > 10, "%s", row->slug);
		ck_assert_msg(row->proof && strlen(row->proof) > 10, "%s", row->slug);
		ck_assert_ptr_nonnull(behaviour_layer_word(row->layer));
		ck_assert_msg(does_something(row), "%s", row->slug);
		for (int k = 0; row->params[k].name; k++) {
			check_param(&row->params[k]);
			ck_assert_int_eq(
				behaviour_param_index(row, hp_view_of(row->params[k].name)), k);
		}
		if (row->fault_key)
			check_guard(row);
	}
	ck_assert_uint_ge(behaviour_row_count(), 50);
	ck_assert_ptr_null(behaviour_find(HP_LITERAL("nonsense")));
	ck_assert_ptr_null(behaviour_by_number(0));
}
END_TEST

/* Goal: other names lead to rows that are there. */
START_TEST(test_aliases)
{
	for (size_t i = 0; behaviour_aliases[i].name; i++) {
		const struct behaviour_alias *alias = &behaviour_aliases[i];

		ck_assert_msg(behaviour_find(hp_view_of(alias->slug)) != NULL, "%s", alias->slug);
		ck_assert_ptr_eq(behaviour_find(hp_view_of(alias->name)),
				 behaviour_find(hp_view_of(alias->slug)));
	}
}
END_TEST

static bool reads_file(const struct behaviour_row *row)
{
	return row->params[0].name && row->params[0].unit == BEHAVIOUR_FILE;
}

/* Goal: with its defaults each row passes its own check, but for those that need a pattern or a
 * file. */
START_TEST(test_defaults_pass)
{
	const struct behaviour_row *row;
	struct hp_err err;

	for (size_t i = 0; (row = behaviour_row_at(i)); i++) {
		setup();
		const struct behaviour *behaviour = add(row->slug);
		int result = behaviour_check(behaviour, &err);

		bool needy = strcmp(row->slug, "match") == 0 || reads_file(row);

		ck_assert_msg((result == 0) != needy, "%s: %s", row->slug,
			      result < 0 ? err.msg : "passed");
	}
}
END_TEST

/* What a script must keep to whoever performs it. */
static void check_script(const struct behaviour_row *row, const struct script *script)
{
	ck_assert_uint_le(script->count, SCRIPT_STEPS_MAX);
	ck_assert_msg(!script->text.cut, "%s", row->slug);
	for (unsigned i = 0; i < script->count; i++) {
		const struct script_step *step = &script->steps[i];
		bool last = step->verb == SCRIPT_CLOSE || step->verb == SCRIPT_RESET;

		ck_assert_msg(!last || i + 1 == script->count, "%s goes on behind its end",
			      row->slug);
		if (step->verb != SCRIPT_WRITE)
			continue;
		ck_assert_uint_ge(step->times, 1);
		ck_assert_uint_le((uint64_t)step->from + step->bytes, script->text.bytes);
	}
}

/* Plays the part, if its values are legal, for a connection that stays and for one that ends. */
static void check_part(const struct behaviour_part *part)
{
	const struct behaviour_case c = {.seed = 5, .identity = 6, .ordinal = 1};
	struct script script;
	struct hp_err err;

	if (!part->row->play || (part->row->check && part->row->check(part, &err) < 0))
		return;
	for (int closing = 0; closing < 2; closing++) {
		const struct behaviour_request request = {
			.c = &c, .head_bytes = 300, .body_bytes = 45, .success_status = 204,
			.timeout_ns = 5 * HP_S_NS, .wall_ns = UINT64_C(1700000000) * HP_S_NS,
			.url = "http://127.0.0.1:80/hooks", .closing = closing != 0,
		};

		script_init(&script);
		part->row->play(part, &request, &script);
		check_script(part->row, &script);
		script_fini(&script);
	}
}

/* The greatest value of a parameter that has a range; of a word its last one. */
static uint64_t greatest(const struct behaviour_param *param)
{
	uint64_t words = 0;

	while (param->words && param->words[words])
		words++;
	return words ? words - 1 : param->max;
}

/* Goal: with its defaults, and with each parameter at either end of its range, each row that plays
 * writes a script that can be performed. */
START_TEST(test_scripts)
{
	const struct behaviour_row *row;

	for (size_t i = 0; (row = behaviour_row_at(i)); i++) {
		struct behaviour_part part;

		behaviour_part_init(&part, row);
		check_part(&part);
		for (const struct behaviour_param *param = row->params; param->name; param++) {
			if (param->unit >= BEHAVIOUR_TEXT)
				continue;
			behaviour_part_init(&part, row);
			behave_set(&part, param->name, param->words ? 0 : param->min);
			check_part(&part);
			behave_set(&part, param->name, greatest(param));
			check_part(&part);
		}
	}
}
END_TEST

/* ---- composition ---- */

/* Goal: the first that strikes and plays decides, the rest decides nothing, every delay adds. */
START_TEST(test_first_decides)
{
	struct behaviour_case c = {.ordinal = 1};
	struct behaviour_decision decision;

	behave_set(&add("latency")->own, "delay", 5 * HP_US_NS);
	add_holding("first-n", "answer-never");
	behave_set(&f.behaviours[1].own, "n", 1);
	add("status");
	behave_set(&add("latency")->own, "delay", 7 * HP_US_NS);
	behave_set(add_holding("first-n", "latency"), "delay", 11 * HP_US_NS);
	decision = behaviour_decide(f.list, &c);
	ck_assert_uint_eq(decision.index, 1);
	ck_assert_str_eq(who(&decision), "answer-never");
	ck_assert_uint_eq(decision.delay_ns, 23 * HP_US_NS);
	c.ordinal = 3;
	decision = behaviour_decide(f.list, &c);
	ck_assert_uint_eq(decision.index, 2);
	ck_assert_str_eq(who(&decision), "status");
	ck_assert_uint_eq(decision.delay_ns, 12 * HP_US_NS);
	f.list.count = 2;
	decision = behaviour_decide(f.list, &c);
	ck_assert_uint_eq(decision.index, f.list.count);
	ck_assert_str_eq(who(&decision), "nobody");
}
END_TEST

/* Goal: a plan is by the ordinal of the attempt, each with a fault and values of its own; the last
 * one repeats. */
START_TEST(test_plan)
{
	static const char *const slugs[] = {"status", "reset-after-request", "latency", "status"};
	static const char *const wanted[] = {"status", "reset-after-request", "nobody",
					     "status", "status",              "status"};
	struct behaviour *plan = add("plan");
	struct behaviour_part faults[COUNT(slugs)];

	for (int i = 0; i < COUNT(slugs); i++)
		behaviour_part_init(&faults[i], behaviour_find(hp_view_of(slugs[i])));
	behave_set(&faults[2], "delay", 40 * HP_MS_NS);
	behave_set(&faults[3], "code", 204);
	plan->faults = faults;
	plan->fault_count = COUNT(slugs);
	for (uint32_t i = 0; i < COUNT(wanted); i++) {
		const struct behaviour_case c = {.ordinal = i + 1};
		struct behaviour_decision decision = behaviour_decide(f.list, &c);

		ck_assert_str_eq(who(&decision), wanted[i]);
		ck_assert_uint_eq(decision.delay_ns, i == 2 ? 40 * HP_MS_NS : 0);
		if (i >= 3)
			ck_assert_ptr_eq(decision.part, &faults[3]);
	}
}
END_TEST

/* Goal: rows of connections decide connections and nothing else; a window in which nobody listens
 * resets the request that slipped in, unless open connections may go on. */
START_TEST(test_stages)
{
	const struct behaviour_case c = {.ordinal = 1};
	struct behaviour_decision decision;

	add("tls-alert");
	add_holding("outage", "tls-slow");
	ck_assert(behaviour_any(f.list, BEHAVIOUR_ON_CONNECT));
	ck_assert(!behaviour_any((struct behaviour_list){f.list.at + 1, 0}, BEHAVIOUR_ON_CONNECT));
	ck_assert(!behaviour_any(f.list, BEHAVIOUR_IN_REQUEST));
	decision = behaviour_decide(f.list, &c);
	ck_assert_str_eq(who(&decision), "nobody");
	add("outage");
	add("status");
	decision = behaviour_decide(f.list, &c);
	ck_assert_str_eq(who(&decision), "reset");
	ck_assert_uint_eq(decision.index, 2);
	behave_set(&f.behaviours[2].own, "open_connections", BEHAVIOUR_OPEN_DRAIN);
	decision = behaviour_decide(f.list, &c);
	ck_assert_str_eq(who(&decision), "status");
	ck_assert_uint_eq(decision.index, 3);
}
END_TEST

/* Goal: of two rows the later changes the handshake last, both are heard, and the handshake says
 * whose it is, in the order of the list. */
START_TEST(test_shake)
{
	const struct behaviour_case c = {.ordinal = 1, .now_ns = HP_S_NS};
	struct handshake handshake = {.certificate = HANDSHAKE_GOOD};

	add("cert-self-signed");
	behave_set(add_holding("outage", "tls-slow"), "delay", HP_MS_NS);
	behaviour_shake(f.list, &c, &handshake);
	ck_assert_int_eq(handshake.certificate, HANDSHAKE_SELF_SIGNED);
	ck_assert_uint_eq(handshake.delay_ns, HP_MS_NS);
	ck_assert_uint_eq(handshake.struck_count, 2);
	ck_assert_str_eq(behaviour_by_number(handshake.struck[1].behaviour)->slug, "outage");
	ck_assert_str_eq(behaviour_by_number(handshake.struck[1].fault)->slug, "tls-slow");
	behave_set(&f.behaviours[1].own, "to", HP_MS_NS);
	handshake = (struct handshake){.certificate = HANDSHAKE_GOOD};
	behaviour_shake(f.list, &c, &handshake);
	ck_assert_uint_eq(handshake.delay_ns, 0);
	ck_assert_uint_eq(handshake.struck_count, 1);
	ck_assert_str_eq(behaviour_by_number(handshake.struck[0].behaviour)->slug,
			 "cert-self-signed");
}
END_TEST

/* Goal: of several windows the first that holds is named, and the answer is good until the next
 * edge of any. */
START_TEST(test_holding)
{
	static const struct {
		uint64_t now_ns, until_ns;
		size_t index;
	} rows[] = {{0, 5, 2}, {5, 10, 1}, {10, 20, 0}, {20, 30, 1}, {30, HP_NEVER, 2}};

	add("outage");
	behave_set(&f.behaviours[0].own, "from", 10);
	behave_set(&f.behaviours[0].own, "to", 20);
	add("outage");
	behave_set(&f.behaviours[1].own, "from", 5);
	behave_set(&f.behaviours[1].own, "to", 30);
	for (int i = 0; i < COUNT(rows); i++) {
		const struct behaviour_case c = {.now_ns = rows[i].now_ns};
		uint64_t until_ns;

		ck_assert_uint_eq(behaviour_holding(f.list, BEHAVIOUR_REFUSES, &c, &until_ns),
				  rows[i].index);
		ck_assert_uint_eq(until_ns, rows[i].until_ns);
		ck_assert_uint_eq(behaviour_holding(f.list, BEHAVIOUR_FREEZES, &c, &until_ns), 2);
	}
}
END_TEST

/* ---- what guards can hold ---- */

struct held_row {
	const char *guard, *fault;
	const char *name; /* of the guard's parameters; NULL: defaults */
	uint64_t value;
	bool good;
};

static const struct held_row held_rows[] = {
	{"first-n", "reset-after-request", NULL, 0, true},
	{"first-n", "latency", NULL, 0, true},
	{"first-n", "connect-refused", NULL, 0, false},
	{"first-n", "tls-stall", NULL, 0, false},
	{"first-n", "clock-skew", NULL, 0, false},
	{"first-n", "throttle", NULL, 0, false},
	{"share", "outage", NULL, 0, false},
	{"share", "plan", NULL, 0, false},
	{"share", "tls-stall", NULL, 0, false},
	{"share", "tls-stall", "scope", 0, false},
	{"share", "tls-stall", "scope", 2, true},
	{"share", "status", "scope", 2, false},
	{"share", "connect-refused", "scope", 2, false},
	{"plan", "slow-ramp", NULL, 0, true},
	{"plan", "cert-expired", NULL, 0, false},
	{"outage", "answer-never", NULL, 0, true},
	{"outage", "tls-stall", NULL, 0, true},
	{"outage", "freeze", NULL, 0, false},
	{"outage", "cert-changes", NULL, 0, false},
	{"outage", "connect-refused", "open_connections", BEHAVIOUR_OPEN_DRAIN, true},
	{"outage", "status", "open_connections", BEHAVIOUR_OPEN_DRAIN, false},
	{"flapping", "connect-refused", "open_connections", BEHAVIOUR_OPEN_KEEP, true},
	{"flapping", "status", "open_connections", BEHAVIOUR_OPEN_KEEP, false},
	{"flapping", "restart", NULL, 0, false},
};

/* Goal: a guard refuses what it cannot hold, and takes the rest. */
START_TEST(test_held)
{
	const struct held_row *row = &held_rows[_i];
	struct hp_err err;
	int result;

	add_holding(row->guard, row->fault);
	if (row->name)
		behave_set(&f.behaviours[0].own, row->name, row->value);
	result = behaviour_check(&f.behaviours[0], &err);
	ck_assert_msg((result == 0) == row->good, "%s of %s: %s", row->guard, row->fault,
		      result < 0 ? err.msg : "passed");
}
END_TEST

/* Goal: values of a held fault that contradict each other are refused too. */
START_TEST(test_held_values)
{
	struct behaviour_part *fault = add_holding("first-n", "latency");
	struct hp_err err;

	behave_set(fault, "p50", HP_MS_NS);
	ck_assert_int_eq(behaviour_check(&f.behaviours[0], &err), -1);
	behave_set(fault, "p99", 2 * HP_MS_NS);
	ck_assert_int_eq(behaviour_check(&f.behaviours[0], &err), 0);
}
END_TEST

/* Goal: what depends on the load is known, and nothing else is said to. */
START_TEST(test_load_dependent)
{
	static const struct {
		const char *slug, *fault;
		bool dependent;
	} rows[] = {
		{"throttle", NULL, true},      {"cert-changes", NULL, true},
		{"tls-stall", NULL, false},    {"share", "status", false},
		{"share", "tls-stall", true},  {"outage", "tls-stall", false},
		{"slow-ramp", NULL, false},    {"flapping", "connect-refused", false},
	};

	for (int i = 0; i < COUNT(rows); i++) {
		setup();
		if (rows[i].fault)
			add_holding(rows[i].slug, rows[i].fault);
		else
			add(rows[i].slug);
		ck_assert_msg(behaviour_load_dependent(&f.behaviours[0]) == rows[i].dependent,
			      "%s", rows[i].slug);
	}
}
END_TEST

/* ---- the key ---- */

/* Two cases that differ in all that is no part of a key by event. */
static const struct behaviour_case key_here = {
	.seed = 9, .endpoint_index = 1, .identity = 77, .key = {"inv_1:a.b", 9}, .type = {"a.b", 3},
	.ordinal = 2, .now_ns = 5, .in_flight = 1,
};
static const struct behaviour_case key_there = {
	.seed = 9, .endpoint_index = 1, .identity = 77, .key = {"inv_1:a.b", 9}, .type = {"a.b", 3},
	.ordinal = 2, .now_ns = 50 * HP_S_NS, .in_flight = 500,
};

/* Goal: whatever is in flight and whenever it comes, the same event, attempt and place in the list
 * get the same: of every row that is no matter of time and not marked as load-dependent. */
START_TEST(test_keyed_by_event)
{
	const struct behaviour_row *row;

	for (size_t i = 0; (row = behaviour_row_at(i)); i++) {
		struct behaviour_decision here, there;

		setup();
		add(row->slug);
		if (row->load_dependent || row->layer == BEHAVIOUR_TIME || row->by_time ||
		    reads_file(row))
			continue;
		here = behaviour_decide(f.list, &key_here);
		there = behaviour_decide(f.list, &key_there);
		ck_assert_msg(here.part == there.part && here.delay_ns == there.delay_ns, "%s",
			      row->slug);
	}
}
END_TEST

/* Goal: what is a matter of time is the same for every event, attempt and load. */
START_TEST(test_keyed_by_time)
{
	const struct behaviour_row *row;

	for (size_t i = 0; (row = behaviour_row_at(i)); i++) {
		struct behaviour_case c = key_there;
		struct behaviour_decision here, there;
		uint64_t until_ns;

		setup();
		add(row->slug);
		if (row->load_dependent || row->layer != BEHAVIOUR_TIME)
			continue;
		c.identity++;
		c.ordinal++;
		c.in_flight++;
		here = behaviour_decide(f.list, &key_there);
		there = behaviour_decide(f.list, &c);
		ck_assert_msg(here.part == there.part && here.delay_ns == there.delay_ns, "%s",
			      row->slug);
		for (int station = BEHAVIOUR_REFUSES; station <= BEHAVIOUR_FREEZES; station++)
			ck_assert_uint_eq(behaviour_holding(f.list, (enum behaviour_station)station,
							    &key_there, &until_ns),
					  behaviour_holding(f.list, (enum behaviour_station)station,
							    &c, &until_ns));
	}
}
END_TEST

Suite *suite_behaviour(void);

Suite *suite_behaviour(void)
{
	Suite *suite = suite_create("behaviour");
	TCase *tcase = tcase_create("behaviour");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_rows_are_whole);
	tcase_add_test(tcase, test_aliases);
	tcase_add_test(tcase, test_defaults_pass);
	tcase_add_test(tcase, test_scripts);
	tcase_add_test(tcase, test_first_decides);
	tcase_add_test(tcase, test_plan);
	tcase_add_test(tcase, test_stages);
	tcase_add_test(tcase, test_shake);
	tcase_add_test(tcase, test_holding);
	tcase_add_loop_test(tcase, test_held, 0, COUNT(held_rows));
	tcase_add_test(tcase, test_held_values);
	tcase_add_test(tcase, test_load_dependent);
	tcase_add_test(tcase, test_keyed_by_event);
	tcase_add_test(tcase, test_keyed_by_time);
	suite_add_tcase(suite, tcase);
	return suite;
}
