/* Rows of the layer name: what each makes of the answer to a query, who may hold them, and the
 * records that they leave. */
#include <check.h>
#include <stdio.h>

#include "receivers/rows.h"
#include "tests/lib/behaving.h"
#include "tests/lib/receiving.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct port_address on_v4 = {.family = 4, .number = 80, .ip = {127, 0, 0, 1}};
static const struct port_address on_v6 = {.family = 6, .number = 80, .ip = {[15] = 1}};

static struct receiving r;

static void setup(void)
{
	receiving_init(&r);
}

static void teardown(void)
{
	receiving_fini(&r);
}

static void ask(enum lookup_type type, const struct port_address *own, struct lookup *out)
{
	*out = (struct lookup){.planned_ns = 5, .type = type, .own = own};
	receiver_resolve(r.receiver, out);
}

static void add_addresses(struct hp_buf *text, const struct lookup *lookup)
{
	for (unsigned i = 0; i < lookup->address_count; i++) {
		const uint8_t *ip = lookup->addresses[i];
		const char *gap = i == 0 ? "" : "+";

		if (lookup->type == LOOKUP_A)
			hp_buf_add_format(text, "%s%u.%u.%u.%u", gap, ip[0], ip[1], ip[2], ip[3]);
		else if (ip[10] == 0xFF && ip[11] == 0xFF)
			hp_buf_add_format(text, "%smapped.%u", gap, ip[15]);
		else
			hp_buf_add_format(text, "%s::%u", gap, ip[15]);
	}
}

/* "127.0.0.1", "mapped.1", "none", "nxdomain", "servfail" or "silent"; " +9ms", " ttl 9". */
static void add_lookup(struct hp_buf *text, const struct lookup *lookup)
{
	if (lookup->silent)
		hp_buf_add_format(text, "silent");
	else if (lookup->outcome != LOOKUP_FOUND)
		hp_buf_add_text(text, lookup->outcome == LOOKUP_NO_SUCH_NAME ? "nxdomain"
									     : "servfail");
	else if (lookup->address_count == 0)
		hp_buf_add_text(text, "none");
	add_addresses(text, lookup);
	if (lookup->delay_ns != 0)
		hp_buf_add_format(text, " +%jums", (uintmax_t)(lookup->delay_ns / HP_MS_NS));
	if (lookup->ttl_s != 0)
		hp_buf_add_format(text, " ttl %u", lookup->ttl_s);
}

/* The first queries of a type, with a comma between. */
static const char *asked(enum lookup_type type, const struct port_address *own, int count)
{
	static char out[512];
	struct lookup lookup;
	struct hp_buf text;

	hp_buf_init(&text, sizeof(out) - 1);
	for (int i = 0; i < count; i++) {
		hp_buf_add_text(&text, i == 0 ? "" : ", ");
		ask(type, own, &lookup);
		add_lookup(&text, &lookup);
	}
	snprintf(out, sizeof(out), "%s", hp_buf_text(&text));
	hp_buf_fini(&text);
	return out;
}

static const struct row {
	const char *slug, *name; /* a parameter that is set; NULL: defaults */
	uint64_t value;
	const char *text; /* of an address list, which is the first parameter; NULL: its default */
	enum lookup_type type;
	bool six;
	const char *wanted; /* of the first three queries */
} rows[] = {
	{"name-nxdomain", NULL, 0, NULL, LOOKUP_A, false, "nxdomain, 127.0.0.1, 127.0.0.1"},
	{"name-nxdomain", "queries", 2, NULL, LOOKUP_AAAA, true, "nxdomain, nxdomain, ::1"},
	{"name-nxdomain", NULL, 0, NULL, LOOKUP_OTHER, false, "nxdomain, none, none"},
	{"name-servfail", NULL, 0, NULL, LOOKUP_A, false, "servfail, 127.0.0.1, 127.0.0.1"},
	{"name-servfail", "queries", 9, NULL, LOOKUP_A, false, "servfail, servfail, servfail"},
	{"name-silent", "hold", HP_S_NS, NULL, LOOKUP_A, false,
	 "silent127.0.0.1 +1000ms, silent127.0.0.1 +1000ms, silent127.0.0.1 +1000ms"},
	{"name-slow", "delay", 7 * HP_MS_NS, NULL, LOOKUP_A, false,
	 "127.0.0.1 +7ms, 127.0.0.1 +7ms, 127.0.0.1 +7ms"},
	{"name-slow", NULL, 0, NULL, LOOKUP_AAAA, false,
	 "none +2000ms, none +2000ms, none +2000ms"},
	{"name-flip", NULL, 0, NULL, LOOKUP_A, false, "127.0.0.1, 127.0.0.2, 127.0.0.1"},
	{"name-flip", "ttl", 9, "127.0.0.7 127.9.9.9", LOOKUP_A, false,
	 "127.0.0.1 ttl 9, 127.0.0.7 ttl 9, 127.9.9.9 ttl 9"},
	{"name-flip", NULL, 0, NULL, LOOKUP_AAAA, true, "::1, ::1, ::1"},
	{"name-rebind", NULL, 0, NULL, LOOKUP_A, false, "127.0.0.1, 127.0.0.2, 127.0.0.2"},
	{"name-rebind", "own", 0, "127.0.0.8 127.0.0.9", LOOKUP_A, false,
	 "127.0.0.8+127.0.0.9, 127.0.0.8+127.0.0.9, 127.0.0.8+127.0.0.9"},
	{"name-rebind", NULL, 0, NULL, LOOKUP_A, true, "none, none, none"},
	{"name-mixed", "dead_share", 0, "127.0.0.3 127.0.0.4", LOOKUP_A, false,
	 "127.0.0.1+127.0.0.3+127.0.0.4, 127.0.0.1+127.0.0.3+127.0.0.4, "
	 "127.0.0.1+127.0.0.3+127.0.0.4"},
	{"name-mixed", "dead_share", BEHAVIOUR_MICRO, NULL, LOOKUP_A, false,
	 "127.0.0.2+127.0.0.1, 127.0.0.2+127.0.0.1, 127.0.0.2+127.0.0.1"},
	{"name-v6-only", NULL, 0, NULL, LOOKUP_A, false, "none, none, none"},
	{"name-v6-only", NULL, 0, NULL, LOOKUP_AAAA, false, "mapped.1, mapped.1, mapped.1"},
	{"name-v6-only", NULL, 0, NULL, LOOKUP_AAAA, true, "::1, ::1, ::1"},
};

/* Goal: each row changes the answers that it says, by the number of the query of that type, and no
 * others. */
START_TEST(test_rows)
{
	const struct row *row = &rows[_i];
	struct behaviour_part *own = &receiving_behave(&r, row->slug)->own;

	if (row->name)
		behave_set(own, row->name, row->value);
	if (row->text)
		behave_say(own, own->row->params[0].name, row->text);
	receiving_start(&r);
	ck_assert_str_eq(asked(row->type, row->six ? &on_v6 : &on_v4, 3), row->wanted);
}
END_TEST

/* Goal: without a row a name has the receiver's own address and nothing else. */
START_TEST(test_plain)
{
	receiving_start(&r);
	ck_assert_str_eq(asked(LOOKUP_A, &on_v4, 1), "127.0.0.1");
	ck_assert_str_eq(asked(LOOKUP_AAAA, &on_v4, 1), "none");
	ck_assert_str_eq(asked(LOOKUP_A, &on_v6, 1), "none");
	ck_assert_str_eq(asked(LOOKUP_AAAA, &on_v6, 1), "::1");
	ck_assert_str_eq(asked(LOOKUP_OTHER, &on_v6, 1), "none");
}
END_TEST

/* Goal: every row of the layer is in the table above, acts on queries, and warns whoever lints. */
START_TEST(test_all_rows)
{
	for (const struct behaviour_row *row = rows_name; row->number != 0; row++) {
		bool found = false;

		for (int i = 0; i < COUNT(rows); i++)
			found = found || strcmp(rows[i].slug, row->slug) == 0;
		ck_assert_msg(found, "%s", row->slug);
		ck_assert_uint_ge(row->number, 220);
		ck_assert_int_eq(row->layer, BEHAVIOUR_NAME);
		ck_assert_int_eq(row->stage, BEHAVIOUR_ON_QUERY);
		ck_assert((row->resolve != NULL) != (row->delay_ns != NULL));
		ck_assert_ptr_nonnull(row->remark(NULL));
	}
}
END_TEST

/* Goal: the first that decides a query decides it, every delay adds, and only those that had a say
 * are said to have struck; A and AAAA are counted apart. */
START_TEST(test_together)
{
	struct lookup lookup;

	receiving_behave(&r, "name-nxdomain");
	behave_set(&receiving_behave(&r, "name-slow")->own, "delay", HP_MS_NS);
	receiving_behave(&r, "name-servfail");
	receiving_behave(&r, "name-flip");
	behave_set(&receiving_behave(&r, "name-slow")->own, "delay", 2 * HP_MS_NS);
	receiving_start(&r);
	ask(LOOKUP_A, &on_v4, &lookup);
	ck_assert_int_eq(lookup.outcome, LOOKUP_NO_SUCH_NAME);
	ck_assert_uint_eq(lookup.delay_ns, 3 * HP_MS_NS);
	ck_assert_uint_eq(lookup.struck_count, 3);
	ck_assert_str_eq(behaviour_by_number(lookup.struck[0].fault)->slug, "name-nxdomain");
	ck_assert_str_eq(behaviour_by_number(lookup.struck[1].fault)->slug, "name-slow");
	ask(LOOKUP_A, &on_v4, &lookup);
	ck_assert_uint_eq(lookup.addresses[0][3], 2);
	ck_assert_uint_eq(lookup.struck_count, 3);
	ck_assert_str_eq(behaviour_by_number(lookup.struck[1].fault)->slug, "name-flip");
	ask(LOOKUP_AAAA, &on_v4, &lookup);
	ck_assert_uint_eq(lookup.number, 1);
	ck_assert_int_eq(lookup.outcome, LOOKUP_NO_SUCH_NAME);
}
END_TEST

/* Goal: queries decide no delivery and no connection, and the other way round. */
START_TEST(test_stages)
{
	const struct behaviour_case c = {.seed = 1, .ordinal = 1};
	struct behaviour list[3];
	struct lookup lookup = {.own = &on_v4};

	behave(&list[0], NULL, "name-slow");
	behave(&list[1], NULL, "status");
	behave(&list[2], NULL, "close-on-accept");
	ck_assert_uint_eq(behaviour_decide((struct behaviour_list){list, 3}, &c).delay_ns, 0);
	ck_assert_ptr_eq(behaviour_decide((struct behaviour_list){list, 3}, &c).part, &list[1].own);
	ck_assert_ptr_eq(behaviour_meet((struct behaviour_list){list, 3}, &c).part, &list[2].own);
	behaviour_resolve((struct behaviour_list){list, 3}, &c, &lookup);
	ck_assert_uint_eq(lookup.struck_count, 1);
}
END_TEST

static const struct held {
	const char *guard, *fault, *scope_of; /* of share: index of its scope, as a digit */
	bool good;
} held[] = {
	{"first-n", "name-slow", NULL, false}, {"match", "name-slow", NULL, false},
	{"plan", "name-nxdomain", NULL, false},
	{"share", "name-slow", "0", false}, {"share", "name-slow", "1", false},
	{"share", "name-slow", "2", false}, {"share", "name-slow", "3", true},
	{"share", "name-nxdomain", "3", true}, {"share", "status", "3", false},
	{"share", "tls-slow", "3", false}, {"share", "tls-slow", "2", true},
	{"outage", "name-servfail", NULL, true}, {"flapping", "name-silent", NULL, true},
};

/* Goal: no guard by event holds a row of names; a share of queries and a window do. */
START_TEST(test_guards)
{
	const struct held *row = &held[_i];
	struct behaviour_part fault;
	struct behaviour guard;
	struct hp_err err;

	behave(&guard, &fault, row->guard);
	behaviour_part_init(&fault, behaviour_find(hp_view_of(row->fault)));
	if (strcmp(row->guard, "match") == 0)
		behave_say(&guard.own, "ids", "inv_1");
	if (row->scope_of)
		behave_set(&guard.own, "scope", (uint64_t)(row->scope_of[0] - '0'));
	ck_assert_msg((behaviour_check(&guard, &err) == 0) == row->good, "%s holds %s: %s",
		      row->guard, row->fault, row->good ? err.msg : "taken");
	if (row->good && row->scope_of)
		ck_assert(behaviour_load_dependent(&guard));
}
END_TEST

/* Goal: a share of the queries is about its share, the same again, and another one for AAAA. */
START_TEST(test_share)
{
	enum { QUERIES = 4000, HALF = QUERIES / 2, FIVE_DEVIATIONS = 5 * 32 };
	int struck = 0, same = 0;
	struct lookup a, aaaa;

	behave_set(&receiving_behave(&r, "share")->own, "scope", 3);
	behave_set(&r.config.behaviours[0].own, "share", BEHAVIOUR_MICRO / 2);
	behaviour_part_init(r.config.behaviours[0].faults, behaviour_find(HP_LITERAL("name-slow")));
	receiving_start(&r);
	for (int i = 0; i < QUERIES; i++) {
		ask(LOOKUP_A, &on_v4, &a);
		ask(LOOKUP_AAAA, &on_v4, &aaaa);
		struck += a.struck_count != 0;
		same += a.struck_count == aaaa.struck_count;
	}
	ck_assert_int_gt(struck, HALF - FIVE_DEVIATIONS);
	ck_assert_int_lt(struck, HALF + FIVE_DEVIATIONS);
	ck_assert_int_lt(same, HALF + FIVE_DEVIATIONS);
}
END_TEST

/* Goal: lists of addresses are bounded, and hold addresses of this machine alone. */
START_TEST(test_addresses)
{
	static const struct {
		const char *text;
		bool good;
	} texts[] = {
		{"127.0.0.1", true}, {"127.255.255.255", true}, {"128.0.0.1", false},
		{"10.0.0.1", false}, {"127.1", false}, {"0x7f000001", false}, {"::1", false},
		{"", false}, {"127.0.0.1x", false}, {"localhost", false}, {"0127.0.0.1", false},
	};
	uint8_t ip[4];
	struct behaviour behaviour;
	struct hp_err err;

	for (int i = 0; i < COUNT(texts); i++)
		ck_assert_msg(lookup_parse(hp_view_of(texts[i].text), ip) == texts[i].good, "%s",
			      texts[i].text);
	behave(&behaviour, NULL, "name-rebind");
	behave_say(&behaviour.own, "to", "127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.5 127.0.0.6 "
					 "127.0.0.7 127.0.0.8");
	ck_assert_int_eq(behaviour_check(&behaviour, &err), 0);
	behave_say(&behaviour.own, "to", "127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.5 127.0.0.6 "
					 "127.0.0.7 127.0.0.8 127.0.0.9");
	ck_assert_int_eq(behaviour_check(&behaviour, &err), -1);
	behave_say(&behaviour.own, "to", "");
	ck_assert_int_eq(behaviour_check(&behaviour, &err), -1);
}
END_TEST

static const struct {
	enum lookup_end end;
	enum record_fault_state state;
	bool applied;
	uint64_t written_bytes;
} ends[] = {
	{LOOKUP_ANSWERED, RECORD_FAULT_VERIFIED, true, 57},
	{LOOKUP_SILENT, RECORD_FAULT_VERIFIED, true, 0},
	{LOOKUP_CUT_OFF, RECORD_FAULT_PREEMPTED, false, 0},
	{LOOKUP_UNSENT, RECORD_FAULT_FAILED, false, 0},
};

/* Goal: each row that struck leaves a record that says what is known of it. */
START_TEST(test_records)
{
	const struct record_fault *fault = &r.records[1].fault;
	struct lookup lookup;

	r.config.endpoint_index = 3;
	receiving_behave(&r, "name-flip");
	receiving_behave(&r, "name-slow");
	receiving_start(&r);
	ask(LOOKUP_A, &on_v4, &lookup);
	ask(LOOKUP_A, &on_v4, &lookup);
	receiver_resolved(r.receiver, &lookup, &(struct lookup_seen){
		.now_ns = 9, .query_bytes = 41, .answer_bytes = 57, .end = ends[_i].end});
	ck_assert_uint_eq(r.record_count, 2);
	ck_assert_int_eq(r.records[1].kind, RECORD_FAULT);
	ck_assert_str_eq(behaviour_by_number(r.records[0].fault.fault)->slug, "name-flip");
	ck_assert_str_eq(behaviour_by_number(fault->fault)->slug, "name-slow");
	ck_assert_int_eq(fault->state, ends[_i].state);
	ck_assert_uint_eq(fault->planned_ns, 5);
	ck_assert_uint_eq(fault->applied_ns, ends[_i].applied ? 9 : HP_NEVER);
	ck_assert_uint_eq(fault->read_bytes, 41);
	ck_assert_uint_eq(fault->written_bytes, ends[_i].written_bytes);
	ck_assert_uint_eq(fault->acked_bytes, HP_NEVER);
	ck_assert_uint_eq(fault->ordinal, 2);
	ck_assert_uint_eq(fault->endpoint_index, 3);
	ck_assert_uint_eq(fault->event_index, RECORD_NO_EVENT);
	ck_assert_str_eq(fault->key, "A");
}
END_TEST

Suite *suite_rows_name(void);

Suite *suite_rows_name(void)
{
	Suite *suite = suite_create("rows_name");
	TCase *tcase = tcase_create("rows_name");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_rows, 0, COUNT(rows));
	tcase_add_test(tcase, test_plain);
	tcase_add_test(tcase, test_all_rows);
	tcase_add_test(tcase, test_together);
	tcase_add_test(tcase, test_stages);
	tcase_add_loop_test(tcase, test_guards, 0, COUNT(held));
	tcase_add_test(tcase, test_share);
	tcase_add_test(tcase, test_addresses);
	tcase_add_loop_test(tcase, test_records, 0, COUNT(ends));
	suite_add_tcase(suite, tcase);
	return suite;
}
