/* What the plan demands: each event of this shard at each endpoint that subscribes to its type,
 * in the order of the history. Computed again from the plan, not taken from the generator. */
#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "judge/judge_inside.h"

/* Without a planned end, an event this far beyond the last one is no event of the run: bounds the
 * walk when a file lies. */
#define JUMP_MAX UINT64_C(1000000)

static void fill_fan(struct judge_fan *fan, const struct plan *plan, unsigned type_index)
{
	struct hp_view type = hp_view_of(plan->types[type_index].name);

	fan->endpoint_index = hp_xcalloc(plan->endpoint_count, sizeof(*fan->endpoint_index));
	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (plan_wants(&plan->endpoints[i].events, type))
			fan->endpoint_index[fan->count++] = (uint32_t)i;
}

/* More than a Poisson variable of this mean ever is: six deviations. INFINITY when it is none. */
static double most_of(double mean)
{
	return mean > 0 ? mean + 6 * sqrt(mean) + 1 : INFINITY;
}

/* Fills in rate and end. Poisson events that a cut run never came to are not drawn: their plan has
 * no end that is known, and about as many events as its rate says. */
static void count_plan(struct judge_expected *expected, const struct judge_facts *facts)
{
	const struct arrivals *arrivals = &expected->plan->arrivals;
	struct arrivals_walk walk;

	arrivals_walk_init(&walk, arrivals, expected->plan->seed);
	if (!facts->interrupted && !facts->incomplete)
		arrivals_count(&walk);
	if (arrivals->kind != ARRIVALS_CLOSED)
		expected->per_s =
			arrivals_mean_per_s(&walk) / (double)expected->plan->shard_count;
	expected->end = walk.count;
	expected->events_max = (double)walk.count;
	if (walk.count == UINT64_MAX)
		expected->events_max = most_of((double)arrivals_span_ns(&walk) / 1e9 *
					       (double)arrivals->rate_micro_per_s / 1e6);
	arrivals_walk_fini(&walk);
}

static void enter_event(struct judge_expected *expected, uint64_t event_index)
{
	expected->event_index = event_index;
	expected->at = 0;
	expected->fan = NULL;
	if (event_index < expected->end && expected->plan->type_count > 0)
		expected->fan = &expected->fans[content_type_index(expected->content, event_index)];
}

/* The first event of this shard from `from` on. */
static uint64_t first_of_shard(const struct plan *plan, uint64_t from)
{
	uint64_t behind = (from + plan->shard_count - plan->shard_index) % plan->shard_count;

	return behind ? from + plan->shard_count - behind : from;
}

/* As if each event were of the type with the most endpoints. */
static double deliveries_max(const struct judge_expected *expected)
{
	double events = expected->events_max - (double)expected->first;
	size_t most = 0;

	for (unsigned i = 0; i < expected->plan->type_count; i++)
		if (expected->fans[i].count > most)
			most = expected->fans[i].count;
	if (events <= 0 || most == 0)
		return 0;
	return (double)most * ceil(events / (double)expected->plan->shard_count);
}

void judge_expected_init(struct judge_expected *expected, const struct plan *plan,
			 const struct judge_facts *facts)
{
	assert(plan->shard_index < plan->shard_count);
	*expected = (struct judge_expected){.plan = plan, .content = content_new(plan)};
	for (unsigned i = 0; i < plan->type_count; i++)
		fill_fan(&expected->fans[i], plan, i);
	expected->first = first_of_shard(plan, facts->event_first);
	count_plan(expected, facts);
	if (facts->event_end) {
		expected->end = facts->event_end;
		expected->events_max = (double)facts->event_end;
	}
	expected->endless = expected->end > CONTENT_EVENTS_MAX;
	expected->deliveries_max = deliveries_max(expected);
	if (expected->endless)
		expected->end = CONTENT_EVENTS_MAX;
	enter_event(expected, expected->first);
}

void judge_expected_fini(struct judge_expected *expected)
{
	for (unsigned i = 0; i < PLAN_TYPES_MAX; i++)
		free(expected->fans[i].endpoint_index);
	content_free(expected->content);
	*expected = (struct judge_expected){.plan = NULL};
}

static void next_event(struct judge_expected *expected)
{
	uint64_t left = expected->end - expected->event_index;

	expected->events++;
	enter_event(expected, left > expected->plan->shard_count
				      ? expected->event_index + expected->plan->shard_count
				      : expected->end);
}

static bool is_behind(const struct judge_pair *pair, const struct judge_pair *until)
{
	if (pair->event_index != until->event_index)
		return pair->event_index > until->event_index;
	return pair->endpoint_index > until->endpoint_index;
}

bool judge_expected_next(struct judge_expected *expected, const struct judge_pair *until,
			 struct judge_pair *pair)
{
	while (expected->event_index < expected->end &&
	       expected->event_index <= until->event_index &&
	       (!expected->fan || expected->at >= expected->fan->count))
		next_event(expected);
	if (expected->event_index >= expected->end || expected->event_index > until->event_index)
		return false;
	*pair = (struct judge_pair){expected->event_index,
				    expected->fan->endpoint_index[expected->at]};
	if (is_behind(pair, until))
		return false;
	expected->at++;
	return true;
}

void judge_expected_cut(struct judge_expected *expected, uint64_t event_end)
{
	if (event_end < expected->end)
		expected->end = event_end;
	expected->endless = false;
}

bool judge_expected_has(const struct judge_expected *expected, uint64_t event_index)
{
	if (expected->endless && event_index > expected->event_index &&
	    event_index - expected->event_index > JUMP_MAX)
		return false;
	return event_index >= expected->first && event_index < expected->end &&
	       event_index % expected->plan->shard_count == expected->plan->shard_index;
}
