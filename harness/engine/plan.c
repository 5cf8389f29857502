#include "engine/plan.h"

#include <stdlib.h>

#include "base/err.h"

void plan_init(struct plan *plan)
{
	*plan = (struct plan){
		.seed = 1,
		.time_scale = 1.0,
		.limits = {
			.in_flight_max = 10000,
			.queue_ns_max = HP_NEVER,
			.drain_ns_max = 60 * HP_S_NS,
			.lag_ns_max = HP_MS_NS,
			.answer_bytes_max = 64 * 1024,
		},
		.shard_count = 1,
	};
}

void plan_fini(struct plan *plan)
{
	for (size_t i = 0; i < plan->endpoint_count; i++)
		hp_secret_free(plan->endpoints[i].secret);
	free(plan->endpoints);
	free(plan->arrivals.recorded_ns);
	plan_init(plan);
}

void plan_unhurry(struct plan *plan)
{
	plan->time_scale = 1.0;
	plan->limits.drain_ns_max = HP_NEVER;
}

struct retry_policy plan_policy(const struct plan *plan)
{
	return retry_scaled(&plan->profile.retry, plan->time_scale);
}

struct retry_policy plan_policy_judged(const struct plan *plan)
{
	return retry_scaled(&plan->judged.retry, plan->time_scale);
}

static bool matches(struct hp_view pattern, struct hp_view type)
{
	const char *star = pattern.bytes ? memchr(pattern.at, '*', pattern.bytes) : NULL;
	size_t before;

	if (!star)
		return hp_view_equal(pattern, type);
	before = (size_t)(star - pattern.at);
	assert(before + 1 == pattern.bytes); /* the loader lets `*` stand only at the end */
	return type.bytes >= before && memcmp(type.at, pattern.at, before) == 0;
}

bool plan_wants(const struct plan_patterns *patterns, struct hp_view type)
{
	for (unsigned i = 0; i < patterns->count; i++)
		if (matches(hp_view_of(patterns->pattern[i]), type))
			return true;
	return patterns->count == 0;
}

const char *const plan_recording_words[] = {
	[PLAN_RECORD_ALL] = "all",
	[PLAN_RECORD_FAILURES] = "failures",
	[PLAN_RECORD_SUMMARY] = "summary",
	NULL,
};

const char *plan_recording_word(enum plan_recording recording)
{
	return plan_recording_words[recording];
}
