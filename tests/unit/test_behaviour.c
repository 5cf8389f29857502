/* Behaviours: the table is whole, each row does what it says at its edges, decisions repeat in any
 * order, and lists compose. */
#include "receivers/behaviour.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "receivers/latency.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct behaviour make(const char *slug)
{
	struct behaviour behaviour;
	const struct behaviour_row *row = behaviour_find(hp_view_of(slug));

	ck_assert_msg(row != NULL, "no row %s", slug);
	behaviour_init(&behaviour, row);
	return behaviour;
}

/* Sets a parameter of the row itself or, where it has none of that name, of the fault it holds. */
static void set(struct behaviour *behaviour, const char *name, uint64_t value)
{
	struct behaviour_part *part = &behaviour->own;
	int index = behaviour_param_index(part->row, hp_view_of(name));

	if (index < 0) {
		part = &behaviour->fault;
		index = behaviour_param_index(part->row, hp_view_of(name));
	}
	ck_assert_msg(index >= 0, "no parameter %s", name);
	part->values[index] = value;
	part->given |= 1u << index;
}

static void hold(struct behaviour *guard, const char *slug)
{
	behaviour_part_init(&guard->fault, behaviour_find(hp_view_of(slug)));
}

static struct behaviour_decision decide_one(const struct behaviour *behaviour,
					    const struct behaviour_case *c)
{
	return behaviour_decide((struct behaviour_list){behaviour, 1}, c);
}

/* Goal: numbers and slugs are unique, every row and parameter explains itself, defaults lie in
 * their ranges and pass the row's own check. */
START_TEST(test_table)
{
	for (size_t i = 0; i < behaviour_row_count; i++) {
		const struct behaviour_row *row = &behaviour_rows[i];
		struct behaviour behaviour = make(row->slug);
		struct hp_err err;
		ck_assert_ptr_eq(behaviour_by_number(row->number), row);
		ck_assert_ptr_eq(behaviour_find(hp_view_of(row->slug)), row);
		ck_assert_uint_ne(row->number, 0);
		ck_assert_uint_gt(strlen(row->help), 10);
		ck_assert_int_eq(behaviour_check(&behaviour, &err), 0);
		for (const struct behaviour_param *p = row->params; p->name != NULL; p++) {
			ck_assert_ptr_nonnull(p->help);
			ck_assert_ptr_nonnull(behaviour_unit_word(p->unit));
			if (!p->optional)
				ck_assert(p->min <= p->standard && p->standard <= p->max);
		}
	}
	ck_assert_ptr_null(behaviour_find(HP_LITERAL("nonsense")));
	ck_assert_ptr_null(behaviour_by_number(0));
}
END_TEST

struct end_row {
	const char *slug;
	enum behaviour_end decided; /* for a delivery, with defaults, at ordinal 1 and time 0 */
	enum behaviour_end answer;
};

static const struct end_row end_rows[] = {
	{"status", BEHAVIOUR_ANSWERS, BEHAVIOUR_ANSWERS},
	{"retry-after", BEHAVIOUR_ANSWERS, BEHAVIOUR_ANSWERS},
	{"latency", BEHAVIOUR_PASSES, BEHAVIOUR_PASSES},
	{"first-n", BEHAVIOUR_ANSWERS, BEHAVIOUR_ANSWERS},
	{"outage", BEHAVIOUR_RESETS, BEHAVIOUR_REFUSES},
	{"refused", BEHAVIOUR_RESETS, BEHAVIOUR_REFUSES},
	{"reset", BEHAVIOUR_RESETS, BEHAVIOUR_RESETS},
	{"reset-after-request", BEHAVIOUR_RESETS_LATE, BEHAVIOUR_RESETS_LATE},
	{"silence", BEHAVIOUR_STAYS_SILENT, BEHAVIOUR_STAYS_SILENT},
	{"freeze", BEHAVIOUR_PASSES, BEHAVIOUR_FREEZES},
};

/* Goal: each row with its defaults ends a delivery as its help says. */
START_TEST(test_ends)
{
	const struct behaviour behaviour = make(end_rows[_i].slug);
	const struct behaviour_case c = {.ordinal = 1};

	ck_assert_int_eq(behaviour_answer(&behaviour).end, end_rows[_i].answer);
	ck_assert_int_eq(decide_one(&behaviour, &c).end, end_rows[_i].decided);
}
END_TEST

/* Goal: status and retry-after answer with their parameters; Retry-After only where given. */
START_TEST(test_answers)
{
	struct behaviour behaviour = make("status");

	ck_assert_int_eq(behaviour_answer(&behaviour).status, 503);
	ck_assert(behaviour_answer(&behaviour).retry_after_s == HP_NEVER);
	set(&behaviour, "code", 410);
	set(&behaviour, "retry_after", 0);
	ck_assert_int_eq(behaviour_answer(&behaviour).status, 410);
	ck_assert_uint_eq(behaviour_answer(&behaviour).retry_after_s, 0);
	behaviour = make("retry-after");
	ck_assert_int_eq(behaviour_answer(&behaviour).status, 429);
	ck_assert_uint_eq(behaviour_answer(&behaviour).retry_after_s, 1);
}
END_TEST

/* Goal: first-n fails attempts 1 to n of an event and no later one. */
START_TEST(test_first_n)
{
	struct behaviour behaviour = make("first-n");

	set(&behaviour, "n", 3);
	for (uint32_t ordinal = 1; ordinal <= 6; ordinal++) {
		const struct behaviour_case c = {.ordinal = ordinal};
		ck_assert_int_eq(decide_one(&behaviour, &c).end,
				 ordinal <= 3 ? BEHAVIOUR_ANSWERS : BEHAVIOUR_PASSES);
	}
}
END_TEST

/* Goal: windows are half-open, say when they change, and have not begun before the start. */
START_TEST(test_windows)
{
	static const struct {
		uint64_t now_ns, until_ns;
		bool holds;
	} rows[] = {
		{0, 100, false}, {99, 100, false}, {100, 200, true}, {199, 200, true},
		{200, HP_NEVER, false}, {HP_NEVER, HP_NEVER, false},
	};
	struct behaviour outage = make("outage"), freeze = make("freeze");
	uint64_t until_ns;

	set(&outage, "from", 100);
	set(&outage, "to", 200);
	set(&freeze, "from", 100);
	set(&freeze, "for", 100);
	for (int i = 0; i < COUNT(rows); i++) {
		const struct behaviour_case c = {.now_ns = rows[i].now_ns};
		struct behaviour_list list = {&outage, 1};
		ck_assert_uint_eq(behaviour_holding(list, BEHAVIOUR_REFUSES, &c, &until_ns),
				  rows[i].holds ? 0 : 1);
		ck_assert_uint_eq(until_ns, rows[i].until_ns);
		list.at = &freeze;
		ck_assert_uint_eq(behaviour_holding(list, BEHAVIOUR_FREEZES, &c, &until_ns),
				  rows[i].holds ? 0 : 1);
		ck_assert_uint_eq(until_ns, rows[i].until_ns);
	}
}
END_TEST

/* Goal: the first that strikes decides, the rest decides nothing, every latency adds. */
START_TEST(test_composition)
{
	struct behaviour list[] = {make("latency"), make("first-n"), make("status"),
				   make("latency"), make("first-n")};
	struct behaviour_case c = {.ordinal = 1};
	struct behaviour_decision decision;

	set(&list[0], "delay", 5);
	set(&list[1], "n", 1);
	hold(&list[1], "silence");
	set(&list[3], "delay", 7);
	hold(&list[4], "latency");
	set(&list[4], "delay", 11);
	decision = behaviour_decide((struct behaviour_list){list, 5}, &c);
	ck_assert_uint_eq(decision.index, 1);
	ck_assert_int_eq(decision.end, BEHAVIOUR_STAYS_SILENT);
	ck_assert_uint_eq(decision.delay_ns, 23);
	c.ordinal = 3;
	decision = behaviour_decide((struct behaviour_list){list, 5}, &c);
	ck_assert_uint_eq(decision.index, 2);
	ck_assert_uint_eq(decision.delay_ns, 12);
	decision = behaviour_decide((struct behaviour_list){list, 2}, &c);
	ck_assert_uint_eq(decision.index, 2);
	ck_assert_int_eq(decision.end, BEHAVIOUR_PASSES);
}
END_TEST

/* Goal: a share strikes about its share, the same cases each time whatever the order, other cases
 * under another seed, endpoint, attempt or place in the list. */
START_TEST(test_share)
{
	enum { CASES = 20000 };
	static bool forward[CASES];
	struct behaviour behaviour = make("share");
	struct behaviour_case c = {.seed = 7, .ordinal = 1};
	int struck = 0, same = 0;

	set(&behaviour, "share", BEHAVIOUR_MICRO / 4);
	for (uint64_t i = 0; i < CASES; i++) {
		c.identity = i;
		forward[i] = decide_one(&behaviour, &c).end == BEHAVIOUR_ANSWERS;
		struck += forward[i];
	}
	ck_assert_int_gt(struck, CASES / 4 - 5 * 61); /* five standard deviations */
	ck_assert_int_lt(struck, CASES / 4 + 5 * 61);
	for (uint64_t i = CASES; i-- > 0;) {
		c.identity = i;
		ck_assert(forward[i] == (decide_one(&behaviour, &c).end == BEHAVIOUR_ANSWERS));
	}
	c.seed = 8;
	for (uint64_t i = 0; i < CASES; i++) {
		c.identity = i;
		same += forward[i] == (decide_one(&behaviour, &c).end == BEHAVIOUR_ANSWERS);
	}
	ck_assert_int_lt(same, CASES * 3 / 4);
}
END_TEST

/* Goal: the extreme shares strike never and always. */
START_TEST(test_share_edges)
{
	struct behaviour behaviour = make("share");

	for (uint64_t i = 0; i < 1000; i++) {
		const struct behaviour_case c = {.identity = i, .ordinal = 1};
		set(&behaviour, "share", 0);
		ck_assert_int_eq(decide_one(&behaviour, &c).end, BEHAVIOUR_PASSES);
		set(&behaviour, "share", BEHAVIOUR_MICRO);
		ck_assert_int_eq(decide_one(&behaviour, &c).end, BEHAVIOUR_ANSWERS);
	}
}
END_TEST

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Goal: keyed lognormal draws have the named percentiles within 2 %, whole microseconds, none over
 * the cap, and the cap is no pile. */
START_TEST(test_lognormal)
{
	enum { DRAWS = 100000 };
	static uint64_t drawn[DRAWS];
	const uint64_t *p50 = &drawn[DRAWS / 2], *p99 = &drawn[DRAWS / 100 * 99];
	struct behaviour behaviour = make("latency");
	struct behaviour_case c = {.seed = 3, .ordinal = 1};

	set(&behaviour, "p50", 20 * HP_MS_NS);
	set(&behaviour, "p99", 200 * HP_MS_NS);
	for (uint64_t i = 0; i < DRAWS; i++) {
		c.identity = i;
		drawn[i] = decide_one(&behaviour, &c).delay_ns;
		ck_assert_uint_eq(drawn[i] % HP_US_NS, 0);
	}
	qsort(drawn, DRAWS, sizeof(drawn[0]), compare);
	ck_assert_double_eq_tol((double)*p50, 20e6, 0.4e6);
	ck_assert_double_eq_tol((double)*p99, 200e6, 200e6 * 0.04);
	ck_assert_uint_le(drawn[DRAWS - 1], 2000 * HP_MS_NS);
	ck_assert_uint_lt(drawn[DRAWS - 2], drawn[DRAWS - 1]);
}
END_TEST

/* Goal: the inverse CDF meets known values, never falls with u, and stays under its cap. */
START_TEST(test_inverse_cdf)
{
	const struct latency_lognormal wide = {20 * HP_MS_NS, 200 * HP_MS_NS, 3600 * HP_S_NS};
	const struct latency_lognormal capped = {20 * HP_MS_NS, 200 * HP_MS_NS, 200 * HP_MS_NS};
	uint64_t last_ns = 0;

	ck_assert_uint_eq(latency_lognormal_ns(0.5, &wide), 20 * HP_MS_NS);
	ck_assert_double_eq_tol((double)latency_lognormal_ns(0.99, &wide), 200e6, 2e3);
	ck_assert_double_eq_tol((double)latency_lognormal_ns(0.01, &wide), 2e6, 2e3);
	ck_assert_double_eq_tol((double)latency_lognormal_ns(0.8413447460685429, &wide),
				20e6 * exp(0.98979), 2e3);
	for (int i = 1; i < 10000; i++) {
		uint64_t now_ns = latency_lognormal_ns(i / 1e4, &capped);
		ck_assert_uint_ge(now_ns, last_ns);
		ck_assert_uint_lt(now_ns, 200 * HP_MS_NS);
		last_ns = now_ns;
	}
	ck_assert_uint_eq(latency_uniform_ns(0.5, HP_MS_NS, 3 * HP_MS_NS), 2 * HP_MS_NS);
	ck_assert_uint_eq(latency_uniform_ns(0.5, HP_MS_NS, HP_MS_NS), HP_MS_NS);
}
END_TEST

struct check_row {
	const char *slug, *fault;
	const char *names[4];
	uint64_t values[4];
	bool good;
};

static const struct check_row check_rows[] = {
	{"latency", NULL, {"delay"}, {5}, true},
	{"latency", NULL, {"min", "max"}, {5, 5}, true},
	{"latency", NULL, {"max"}, {5}, true},
	{"latency", NULL, {"min", "max"}, {6, 5}, false},
	{"latency", NULL, {"min"}, {6}, false},
	{"latency", NULL, {"delay", "max"}, {6, 7}, false},
	{"latency", NULL, {"p50", "p99"}, {1000, 2000}, true},
	{"latency", NULL, {"p50", "p99", "max"}, {1000, 2000, 2000}, true},
	{"latency", NULL, {"p50", "p99", "max"}, {1000, 2000, 1999}, false},
	{"latency", NULL, {"p50", "p99"}, {2000, 2000}, false},
	{"latency", NULL, {"p50"}, {2000}, false},
	{"latency", NULL, {"p99"}, {2000}, false},
	{"latency", NULL, {"p50", "p99", "min"}, {1000, 2000, 1}, false},
	{"outage", NULL, {"from", "to"}, {5, 6}, true},
	{"outage", NULL, {"from", "to"}, {5, 5}, false},
	{"outage", "silence", {"to"}, {5}, true},
	{"outage", "freeze", {"to"}, {5}, false},
	{"outage", "share", {"to"}, {5}, false},
	{"first-n", "reset-after-request", {NULL}, {0}, true},
	{"first-n", "latency", {"p50", "p99"}, {1000, 2000}, true},
	{"first-n", "latency", {"p50"}, {1000}, false},
	{"first-n", "refused", {NULL}, {0}, false},
	{"share", "outage", {NULL}, {0}, false},
};

/* Goal: values that contradict each other and faults that a guard cannot hold are refused. */
START_TEST(test_check)
{
	const struct check_row *row = &check_rows[_i];
	struct behaviour behaviour = make(row->slug);
	struct hp_err err;

	if (row->fault != NULL)
		hold(&behaviour, row->fault);
	for (int i = 0; i < 4 && row->names[i] != NULL; i++)
		set(&behaviour, row->names[i], row->values[i]);
	ck_assert_int_eq(behaviour_check(&behaviour, &err), row->good ? 0 : -1);
}
END_TEST

Suite *suite_behaviour(void);

Suite *suite_behaviour(void)
{
	Suite *suite = suite_create("behaviour");
	TCase *tcase = tcase_create("behaviour");

	tcase_add_test(tcase, test_table);
	tcase_add_loop_test(tcase, test_ends, 0, COUNT(end_rows));
	tcase_add_test(tcase, test_answers);
	tcase_add_test(tcase, test_first_n);
	tcase_add_test(tcase, test_windows);
	tcase_add_test(tcase, test_composition);
	tcase_add_test(tcase, test_share);
	tcase_add_test(tcase, test_share_edges);
	tcase_add_test(tcase, test_lognormal);
	tcase_add_test(tcase, test_inverse_cdf);
	tcase_add_loop_test(tcase, test_check, 0, COUNT(check_rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
