/* What the plan demands: each event of this shard at each endpoint that subscribes to its type,
 * in the order of the history. Computed again from the plan, not taken from the generator. */
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

static uint64_t planned_events(const struct plan *plan)
{
	struct arrivals_walk walk;
	uint64_t count;

	arrivals_walk_init(&walk, &plan->arrivals, plan->seed);
	count = walk.count;
	/* A fraction of an event at the end of steps is counted and has no instant. */
	while (count > 0 && count <= CONTENT_EVENTS_MAX && plan->arrivals.kind != ARRIVALS_CLOSED &&
	       arrivals_planned_ns(&walk, count - 1) == HP_NEVER)
		count--;
	arrivals_walk_fini(&walk);
	return count;
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

void judge_expected_init(struct judge_expected *expected, const struct plan *plan,
			 const struct judge_facts *facts)
{
	assert(plan->shard_index < plan->shard_count);
	*expected = (struct judge_expected){.plan = plan, .content = content_new(plan)};
	for (unsigned i = 0; i < plan->type_count; i++)
		fill_fan(&expected->fans[i], plan, i);
	expected->first = first_of_shard(plan, facts->event_first);
	expected->end = facts->event_end ? facts->event_end : planned_events(plan);
	expected->endless = expected->end > CONTENT_EVENTS_MAX;
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
