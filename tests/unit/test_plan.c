#include "engine/plan.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>

#include "base/mem.h"
#include "tests/lib/guard.h"

static const struct row {
	const char *patterns[3];
	const char *type;
	bool wanted;
} rows[] = {
	{{NULL}, "invoice.paid", true}, /* none: everything */
	{{"*"}, "invoice.paid", true},
	{{"*"}, "", true},
	{{"invoice.paid"}, "invoice.paid", true},
	{{"invoice.paid"}, "invoice.paid2", false},
	{{"invoice.paid"}, "invoice.pai", false},
	{{"invoice.paid"}, "Invoice.paid", false},
	{{"invoice.*"}, "invoice.paid", true},
	{{"invoice.*"}, "invoice.line.added", true}, /* the rest, dots included */
	{{"invoice.*"}, "invoice.", true},
	{{"invoice.*"}, "invoice", false},
	{{"invoice.*"}, "invoices.paid", false},
	{{"invoice*"}, "invoices.paid", true},
	{{"customer.*", "invoice.paid"}, "invoice.paid", true},
	{{"customer.*", "invoice.paid"}, "invoice.sent", false},
	{{"", "x"}, "invoice.paid", false},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

/* Goal: a subscription takes what one of its patterns matches, and everything when it has none. */
START_TEST(test_wants)
{
	const struct row *row = &rows[_i];
	struct plan_patterns patterns = {.count = 0};
	char *type;

	for (int i = 0; i < 3 && row->patterns[i]; i++)
		snprintf(patterns.pattern[patterns.count++], PLAN_PATTERN_BYTES, "%s",
			 row->patterns[i]);
	type = guard_copy(row->type, strlen(row->type));
	ck_assert_msg(plan_wants(&patterns, (struct hp_view){type, strlen(row->type)}) ==
			      row->wanted,
		      "%s: %s", row->patterns[0] ? row->patterns[0] : "none", row->type);
	guard_free(type);
}
END_TEST

/* Goal: an asterisk in the middle is refused by the loader; here it is our bug. */
START_TEST(test_wants_star_inside)
{
	struct plan_patterns patterns = {.count = 1, .pattern = {"invoice.*.paid"}};

	plan_wants(&patterns, HP_LITERAL("invoice.paid"));
}
END_TEST

/* Goal: a new plan does nothing, waits without a bound for its turn, and is one shard of one. */
START_TEST(test_defaults)
{
	struct plan plan;

	plan_init(&plan);
	ck_assert_uint_eq(plan.endpoint_count, 0);
	ck_assert_uint_eq(plan.type_count, 0);
	ck_assert_uint_eq(plan.shard_count, 1);
	ck_assert_uint_eq(plan.shard_index, 0);
	ck_assert(plan.time_scale == 1.0);
	ck_assert_uint_eq(plan.limits.queue_ns_max, HP_NEVER);
	ck_assert_uint_eq(plan.limits.in_flight_max, 10000);
	ck_assert_int_eq(plan.recording, PLAN_RECORD_ALL);
	plan_fini(&plan);
}
END_TEST

/* Goal: the plan frees what it owns and is a new plan afterwards. */
START_TEST(test_fini)
{
	struct plan plan;

	plan_init(&plan);
	plan.endpoints = hp_xcalloc(2, sizeof(*plan.endpoints));
	plan.endpoint_count = 2;
	plan.endpoints[1].secret = hp_secret_new(HP_LITERAL("secret")); /* the first has none */
	plan.arrivals.recorded_ns = hp_xcalloc(3, sizeof(uint64_t));
	plan_fini(&plan);
	ck_assert_ptr_null(plan.endpoints);
	ck_assert_ptr_null(plan.arrivals.recorded_ns);
	ck_assert_uint_eq(plan.endpoint_count, 0);
}
END_TEST

/* Goal: the time scale multiplies the delays of sender and judge alike, and nothing else; in
 * virtual time it is 1 and no retry is cut off. */
START_TEST(test_scale)
{
	struct plan plan;

	plan_init(&plan);
	plan.time_scale = 0.001;
	plan.profile.retry = (struct retry_policy){.attempts_max = 11, .base_ns = 60 * HP_S_NS,
						   .factor = 2, .poll_ns = HP_S_NS};
	plan.judged.retry = plan.profile.retry;
	plan.judged.retry.attempts_max = 5;
	ck_assert_uint_eq(plan_policy(&plan).base_ns, 60 * HP_MS_NS);
	ck_assert_uint_eq(plan_policy(&plan).poll_ns, HP_MS_NS);
	ck_assert_uint_eq(plan_policy(&plan).attempts_max, 11);
	ck_assert_uint_eq(plan_policy_judged(&plan).base_ns, 60 * HP_MS_NS);
	ck_assert_uint_eq(plan_policy_judged(&plan).attempts_max, 5);
	plan_unhurry(&plan);
	ck_assert_uint_eq(plan_policy(&plan).base_ns, 60 * HP_S_NS);
	ck_assert_uint_eq(plan.limits.drain_ns_max, HP_NEVER);
	plan_fini(&plan);
}
END_TEST

/* Goal: the words stand in run files and options. */
START_TEST(test_words)
{
	ck_assert_str_eq(plan_recording_word(PLAN_RECORD_ALL), "all");
	ck_assert_str_eq(plan_recording_word(PLAN_RECORD_FAILURES), "failures");
	ck_assert_str_eq(plan_recording_word(PLAN_RECORD_SUMMARY), "summary");
}
END_TEST

Suite *suite_plan(void);

Suite *suite_plan(void)
{
	Suite *suite = suite_create("plan");
	TCase *tcase = tcase_create("plan");

	tcase_add_loop_test(tcase, test_wants, 0, ROW_COUNT);
	tcase_add_test_raise_signal(tcase, test_wants_star_inside, SIGABRT);
	tcase_add_test(tcase, test_defaults);
	tcase_add_test(tcase, test_fini);
	tcase_add_test(tcase, test_scale);
	tcase_add_test(tcase, test_words);
	suite_add_tcase(suite, tcase);
	return suite;
}
