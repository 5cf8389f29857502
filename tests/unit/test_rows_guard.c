/* Guards by event: when a fault strikes, for which events and attempts. */
#include <check.h>

#include "receivers/rows.h"
#include "tests/lib/behaving.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct behaviour guard;
static struct behaviour_part fault;

static bool strikes(const struct behaviour_case *c)
{
	return behaviour_decide((struct behaviour_list){&guard, 1}, c).part != NULL;
}

/* Goal: first-n fails attempts 1 to n of an event and no later one. */
START_TEST(test_first_n)
{
	behave(&guard, &fault, "first-n");
	behave_set(&guard.own, "n", 3);
	for (uint32_t ordinal = 1; ordinal <= 6; ordinal++) {
		const struct behaviour_case c = {.ordinal = ordinal};
		ck_assert(strikes(&c) == (ordinal <= 3));
	}
}
END_TEST

/* ---- share ---- */

enum { SCOPE_EVENT, SCOPE_ATTEMPT, SCOPE_CONNECTION };
enum { CASES = 20000, FIVE_DEVIATIONS = 5 * 61 }; /* of 20000 draws of a quarter */

static void draw(const struct behaviour_case *from, bool out[CASES])
{
	struct behaviour_case c = *from;

	for (uint64_t i = 0; i < CASES; i++) {
		c.identity = i;
		out[i] = strikes(&c);
	}
}

static int count_same(const bool a[CASES], const bool b[CASES])
{
	int same = 0;

	for (int i = 0; i < CASES; i++)
		same += a[i] == b[i];
	return same;
}

/* Goal: a share strikes about its share, and the same cases again whatever the order. */
START_TEST(test_share_repeats)
{
	static bool drawn[CASES];
	struct behaviour_case c = {.seed = 7, .ordinal = 1};
	int struck = 0;

	behave(&guard, &fault, "share");
	behave_set(&guard.own, "share", BEHAVIOUR_MICRO / 4);
	draw(&c, drawn);
	for (uint64_t i = CASES; i-- > 0;) {
		c.identity = i;
		ck_assert(drawn[i] == strikes(&c));
		struck += drawn[i];
	}
	ck_assert_int_gt(struck, CASES / 4 - FIVE_DEVIATIONS);
	ck_assert_int_lt(struck, CASES / 4 + FIVE_DEVIATIONS);
}
END_TEST

/* Goal: another seed, endpoint or attempt is another draw; but for the attempts of an event when
 * the scope is the event. */
START_TEST(test_share_key)
{
	static bool first[CASES], second[CASES];
	static const struct {
		uint64_t scope;
		struct behaviour_case c;
		bool same;
	} rows[] = {
		{SCOPE_ATTEMPT, {.seed = 7, .ordinal = 1}, true},
		{SCOPE_ATTEMPT, {.seed = 8, .ordinal = 1}, false},
		{SCOPE_ATTEMPT, {.seed = 7, .ordinal = 2}, false},
		{SCOPE_ATTEMPT, {.seed = 7, .ordinal = 1, .endpoint_index = 1}, false},
		{SCOPE_ATTEMPT, {.seed = 7, .ordinal = 1, .now_ns = 9, .in_flight = 9}, true},
		{SCOPE_EVENT, {.seed = 7, .ordinal = 2}, true},
		{SCOPE_EVENT, {.seed = 7, .ordinal = 11}, true},
		{SCOPE_EVENT, {.seed = 8, .ordinal = 1}, false},
	};

	for (int i = 0; i < COUNT(rows); i++) {
		int same;

		behave(&guard, &fault, "share");
		behave_set(&guard.own, "share", BEHAVIOUR_MICRO / 4);
		behave_set(&guard.own, "scope", rows[i].scope);
		draw(&(struct behaviour_case){.seed = 7, .ordinal = 1}, first);
		draw(&rows[i].c, second);
		same = count_same(first, second);
		if (rows[i].same)
			ck_assert_int_eq(same, CASES);
		else /* 5/8 of two independent draws of a quarter are the same */
			ck_assert_int_lt(same, CASES * 3 / 4);
	}
}
END_TEST

/* Goal: two shares in one list do not strike the same cases. */
START_TEST(test_share_place)
{
	struct behaviour list[2];
	struct behaviour_part faults[2];
	int both = 0;

	for (int i = 0; i < 2; i++) {
		behave(&list[i], &faults[i], "share");
		behave_set(&list[i].own, "share", BEHAVIOUR_MICRO / 2);
		behaviour_part_init(&faults[i], behaviour_find(HP_LITERAL("latency")));
		behave_set(&faults[i], "delay", HP_US_NS);
	}
	for (uint64_t i = 0; i < CASES; i++) {
		const struct behaviour_case c = {.identity = i, .ordinal = 1};
		struct behaviour_list pair = {list, 2};
		both += behaviour_decide(pair, &c).delay_ns == 2 * HP_US_NS;
	}
	ck_assert_int_gt(both, CASES / 4 - FIVE_DEVIATIONS);
	ck_assert_int_lt(both, CASES / 4 + FIVE_DEVIATIONS);
}
END_TEST

/* Goal: the extreme shares strike never and always. */
START_TEST(test_share_edges)
{
	behave(&guard, &fault, "share");
	for (uint64_t i = 0; i < 1000; i++) {
		const struct behaviour_case c = {.identity = i, .ordinal = 1};
		behave_set(&guard.own, "share", 0);
		ck_assert(!strikes(&c));
		behave_set(&guard.own, "share", BEHAVIOUR_MICRO);
		ck_assert(strikes(&c));
	}
}
END_TEST

/* Goal: by connection, a share of the handshakes is spoilt, by the number of the connection. */
START_TEST(test_share_of_connections)
{
	struct behaviour_list list = {&guard, 1};
	int spoilt = 0;

	behave(&guard, &fault, "share");
	behave_set(&guard.own, "share", BEHAVIOUR_MICRO / 4);
	behave_set(&guard.own, "scope", SCOPE_CONNECTION);
	behaviour_part_init(&fault, behaviour_find(HP_LITERAL("cert-expired")));
	for (uint32_t number = 1; number <= CASES; number++) {
		const struct behaviour_case c = {.seed = 3, .ordinal = number};
		struct handshake once = {.stall_ns = 0}, again = {.stall_ns = 0};

		behaviour_shake(list, &c, &once);
		behaviour_shake(list, &c, &again);
		ck_assert_int_eq(once.certificate, again.certificate);
		spoilt += once.certificate == HANDSHAKE_EXPIRED;
		ck_assert(!strikes(&c)); /* deliveries on it are well */
	}
	ck_assert_int_gt(spoilt, CASES / 4 - FIVE_DEVIATIONS);
	ck_assert_int_lt(spoilt, CASES / 4 + FIVE_DEVIATIONS);
}
END_TEST

/* ---- match ---- */

static const struct match_row {
	const char *events, *ids, *type, *key;
	bool strikes;
} match_rows[] = {
	{"invoice.paid", "", "invoice.paid", "inv_1:invoice.paid", true},
	{"invoice.paid", "", "invoice.paid2", "inv_1:invoice.paid2", false},
	{"invoice.paid", "", "invoice", "inv_1:invoice", false},
	{"invoice.*", "", "invoice.paid", "inv_1:invoice.paid", true},
	{"invoice.*", "", "order.paid", "ord_1:order.paid", false},
	{"order.* invoice.*", "", "invoice.paid", "inv_1:invoice.paid", true},
	{"order.*  invoice.* ", "", "invoice.paid", "inv_1:invoice.paid", true},
	{"*", "", "invoice.paid", "inv_1:invoice.paid", true},
	{"invoice.*", "", "", "msg_1", false}, /* a type that nobody knows */
	{"*", "", "", "msg_1", false},
	{"", "inv_1", "invoice.paid", "inv_1:invoice.paid", true},
	{"", "inv_1", "invoice.paid", "inv_12:invoice.paid", false},
	{"", "inv_1*", "invoice.paid", "inv_12:invoice.paid", true},
	{"", "inv_3 inv_2", "invoice.paid", "inv_2:invoice.paid", true},
	{"", "inv_2:invoice.paid", "invoice.paid", "inv_2:invoice.paid", true},
	{"", "inv_2:invoice.sent", "invoice.paid", "inv_2:invoice.paid", false},
	{"", "msg_7", "", "msg_7", true},
	{"", "msg_7", "", "", false}, /* on connect */
	{"invoice.*", "inv_1", "invoice.paid", "inv_1:invoice.paid", true},
	{"invoice.*", "inv_1", "invoice.paid", "inv_2:invoice.paid", false},
	{"invoice.*", "inv_1", "order.paid", "inv_1:order.paid", false},
};

/* Goal: match strikes events of the types, and with the ids, that are given: of both when both
 * are. */
START_TEST(test_match)
{
	const struct match_row *row = &match_rows[_i];
	const struct behaviour_case c = {
		.key = hp_view_of(row->key), .type = hp_view_of(row->type), .ordinal = 1,
	};

	behave(&guard, &fault, "match");
	behave_say(&guard.own, "events", row->events);
	behave_say(&guard.own, "ids", row->ids);
	ck_assert(strikes(&c) == row->strikes);
}
END_TEST

/* Goal: a match without a pattern would be no match at all: it is refused. */
START_TEST(test_match_needs_a_pattern)
{
	struct hp_err err;

	behave(&guard, &fault, "match");
	ck_assert_int_eq(behaviour_check(&guard, &err), -1);
	behave_say(&guard.own, "ids", "x");
	ck_assert_int_eq(behaviour_check(&guard, &err), 0);
}
END_TEST

Suite *suite_rows_guard(void);

Suite *suite_rows_guard(void)
{
	Suite *suite = suite_create("rows_guard");
	TCase *tcase = tcase_create("rows_guard");

	tcase_add_test(tcase, test_first_n);
	tcase_add_test(tcase, test_share_repeats);
	tcase_add_test(tcase, test_share_key);
	tcase_add_test(tcase, test_share_place);
	tcase_add_test(tcase, test_share_edges);
	tcase_add_test(tcase, test_share_of_connections);
	tcase_add_loop_test(tcase, test_match, 0, COUNT(match_rows));
	tcase_add_test(tcase, test_match_needs_a_pattern);
	suite_add_tcase(suite, tcase);
	return suite;
}
