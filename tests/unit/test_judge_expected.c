#include <check.h>

#include "judge/judge_inside.h"
#include "tests/lib/past.h"

static const struct judge_pair everything = {RECORD_NO_EVENT, UINT32_MAX};
static struct past f;

static void setup(void)
{
	past_init(&f);
}

static void teardown(void)
{
	past_fini(&f);
}

/* Goal: the walk gives the pairs of the good past, each once, in order, and counts the events. */
START_TEST(test_walk_gives_the_plan)
{
	struct judge_expected expected;
	struct judge_pair pair, last = {0, 0};
	size_t count = 0;

	judge_expected_init(&expected, &f.plan, &f.facts);
	while (judge_expected_next(&expected, &everything, &pair)) {
		if (count++)
			ck_assert(pair.event_index > last.event_index ||
				  pair.endpoint_index > last.endpoint_index);
		past_attempt(&f, (struct record_attempt){.event_index = pair.event_index,
							 .endpoint_index = pair.endpoint_index,
							 .number = 1});
		last = pair;
	}
	ck_assert_uint_eq(count, f.metrics->planned);
	ck_assert_uint_eq(expected.events, PAST_EVENTS);
	judge_expected_fini(&expected);
}
END_TEST

/* Goal: the walk stops before what lies behind `until`, and goes on from there. */
START_TEST(test_walk_stops)
{
	struct judge_expected expected;
	struct judge_pair pair, until = {5, PAST_BILLING};

	judge_expected_init(&expected, &f.plan, &f.facts);
	while (judge_expected_next(&expected, &until, &pair))
		ck_assert(pair.event_index < 5 || pair.endpoint_index == PAST_BILLING);
	until.endpoint_index = PAST_AUDIT;
	ck_assert(judge_expected_next(&expected, &until, &pair));
	ck_assert_uint_eq(pair.event_index, 5);
	ck_assert_uint_eq(pair.endpoint_index, PAST_AUDIT);
	ck_assert(!judge_expected_next(&expected, &until, &pair));
	judge_expected_fini(&expected);
}
END_TEST

/* Goal: the shards of a plan hold each of its pairs exactly once. */
START_TEST(test_shards_are_the_whole)
{
	uint64_t pairs = 0, events = 0;

	f.plan.shard_count = 3;
	for (f.plan.shard_index = 0; f.plan.shard_index < 3; f.plan.shard_index++) {
		struct judge_expected expected;
		struct judge_pair pair;

		judge_expected_init(&expected, &f.plan, &f.facts);
		while (judge_expected_next(&expected, &everything, &pair)) {
			ck_assert_uint_eq(pair.event_index % 3, f.plan.shard_index);
			ck_assert(judge_expected_has(&expected, pair.event_index));
			ck_assert(!judge_expected_has(&expected, pair.event_index + 1));
			pairs++;
		}
		events += expected.events;
		judge_expected_fini(&expected);
	}
	ck_assert_uint_eq(pairs, f.metrics->planned);
	ck_assert_uint_eq(events, PAST_EVENTS);
	f.plan.shard_index = 0;
}
END_TEST

/* Goal: a walk that is cut ends there; one without an end of its own takes no lie for an event. */
START_TEST(test_cut)
{
	struct judge_expected expected;
	struct judge_pair pair;

	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_CLOSED, .concurrency = 1};
	judge_expected_init(&expected, &f.plan, &f.facts);
	ck_assert(judge_expected_has(&expected, 1000));
	ck_assert(!judge_expected_has(&expected, UINT64_C(1) << 40));
	judge_expected_cut(&expected, 4);
	ck_assert(!judge_expected_has(&expected, 4));
	while (judge_expected_next(&expected, &everything, &pair))
		ck_assert_uint_lt(pair.event_index, 4);
	ck_assert_uint_eq(expected.events, 4);
	judge_expected_fini(&expected);
}
END_TEST

/* Goal: facts may name a part of the plan's events. */
START_TEST(test_part_of_the_plan)
{
	struct judge_expected expected;
	struct judge_pair pair;

	f.facts.event_first = 5;
	f.facts.event_end = 9;
	judge_expected_init(&expected, &f.plan, &f.facts);
	while (judge_expected_next(&expected, &everything, &pair))
		ck_assert(pair.event_index >= 5 && pair.event_index < 9);
	ck_assert_uint_eq(expected.events, 4);
	judge_expected_fini(&expected);
}
END_TEST

/* Goal: a Poisson plan of years that was cut is not drawn: its end is open, its size is about
 * known. */
START_TEST(test_long_poisson_that_was_cut)
{
	struct judge_expected expected;

	f.plan.arrivals = (struct arrivals){.kind = ARRIVALS_POISSON,
					    .rate_micro_per_s = UINT64_C(5000000000),
					    .span_ns = 1000 * 86400 * HP_S_NS};
	f.facts.interrupted = _i == 0;
	f.facts.incomplete = _i == 1;
	judge_expected_init(&expected, &f.plan, &f.facts);
	ck_assert(expected.endless);
	ck_assert_double_eq(expected.per_s, 5000);
	ck_assert_double_gt(expected.events_max, 432e9);
	ck_assert_double_lt(expected.events_max, 432.01e9);
	judge_expected_fini(&expected);
}
END_TEST

/* Goal: the end of steps with half an event left over is where the generator finds it. */
START_TEST(test_steps_with_a_fraction)
{
	struct judge_expected expected;
	struct arrivals_walk walk;

	f.plan.arrivals = (struct arrivals){
		.kind = ARRIVALS_STEPS,
		.step_count = 1,
		.steps = {{.rate_micro_per_s = UINT64_C(10500000), .span_ns = HP_S_NS}},
	};
	judge_expected_init(&expected, &f.plan, &f.facts);
	arrivals_walk_init(&walk, &f.plan.arrivals, f.plan.seed);
	ck_assert_uint_ne(arrivals_planned_ns(&walk, expected.end - 1), HP_NEVER);
	ck_assert_uint_eq(arrivals_planned_ns(&walk, expected.end), HP_NEVER);
	arrivals_walk_fini(&walk);
	judge_expected_fini(&expected);
}
END_TEST

Suite *suite_judge_expected(void);

Suite *suite_judge_expected(void)
{
	Suite *suite = suite_create("judge_expected");
	TCase *tcase = tcase_create("judge_expected");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_walk_gives_the_plan);
	tcase_add_test(tcase, test_walk_stops);
	tcase_add_test(tcase, test_shards_are_the_whole);
	tcase_add_test(tcase, test_cut);
	tcase_add_test(tcase, test_part_of_the_plan);
	tcase_add_loop_test(tcase, test_long_poisson_that_was_cut, 0, 2);
	tcase_add_test(tcase, test_steps_with_a_fraction);
	suite_add_tcase(suite, tcase);
	return suite;
}
