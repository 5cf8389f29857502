#include "engine/retry.h"

#include "base/err.h"

#define RETRY_AFTER_MAX_NS (24 * 3600 * HP_S_NS) /* nobody is made to wait longer than a day */

static uint64_t capped(const struct retry_policy *policy, double delay_ns)
{
	double cap = policy->cap_ns ? (double)policy->cap_ns : 0x1p62;

	return (uint64_t)((delay_ns < cap ? delay_ns : cap) + 0.5);
}

static uint64_t exponential_ns(const struct retry_policy *policy, unsigned number)
{
	double delay_ns = (double)policy->base_ns;

	for (unsigned i = 1; i < number && delay_ns < 0x1p62; i++)
		delay_ns *= policy->factor;
	return capped(policy, delay_ns);
}

static uint64_t listed_ns(const struct retry_policy *policy, unsigned number)
{
	if (policy->list_count == 0)
		return 0;
	return policy->list_ns[(number <= policy->list_count ? number : policy->list_count) - 1];
}

static uint64_t nominal_ns(const struct retry_policy *policy, unsigned number)
{
	assert(number >= 1);
	switch (policy->law) {
	case RETRY_EXPONENTIAL:
		return exponential_ns(policy, number);
	case RETRY_LINEAR:
		return policy->base_ns;
	case RETRY_LIST:
		return listed_ns(policy, number);
	}
	assert(false && "a retry law without its rule");
}

/* What Retry-After makes of the slot's own wait; the same when the policy ignores it. */
static uint64_t asked_ns(const struct retry_policy *policy, unsigned number, uint64_t after_ns)
{
	uint64_t slot_ns = nominal_ns(policy, number);

	switch (policy->after) {
	case RETRY_AFTER_IGNORE:
		return slot_ns;
	case RETRY_AFTER_NEXT_SLOT:
		return hp_max(slot_ns, hp_min(after_ns, nominal_ns(policy, number + 1)));
	case RETRY_AFTER_DOUBLE:
		return hp_max(slot_ns, hp_min(after_ns, 2 * slot_ns));
	case RETRY_AFTER_HONOUR:
		return hp_max(slot_ns, hp_min(after_ns, RETRY_AFTER_MAX_NS));
	}
	assert(false && "a Retry-After rule without its meaning");
}

static struct retry_window spread(const struct retry_policy *policy, uint64_t nominal)
{
	struct retry_window window = {nominal, nominal, nominal};
	uint64_t part = (uint64_t)((double)nominal * policy->jitter_fraction + 0.5);

	switch (policy->jitter) {
	case RETRY_JITTER_NONE:
		break;
	case RETRY_JITTER_FRACTION:
		window.lo_ns = nominal - hp_min(part, nominal);
		window.hi_ns = nominal + part;
		break;
	case RETRY_JITTER_FULL:
		window.lo_ns = 0;
		break;
	case RETRY_JITTER_ADDED:
		window.hi_ns = nominal + policy->jitter_added_ns;
		break;
	}
	return window;
}

struct retry_window retry_window(const struct retry_policy *policy, unsigned number,
				 uint64_t retry_after_ns)
{
	uint64_t slot_ns = nominal_ns(policy, number);
	uint64_t wait_ns;

	if (retry_after_ns == HP_NEVER)
		return spread(policy, slot_ns);
	wait_ns = asked_ns(policy, number, retry_after_ns);
	if (wait_ns == slot_ns) /* it asked for no more than the slot gives anyway */
		return spread(policy, slot_ns);
	return (struct retry_window){wait_ns, wait_ns, wait_ns};
}

uint64_t retry_delay_ns(const struct retry_policy *policy, unsigned number, uint64_t retry_after_ns,
			const struct hp_key *key)
{
	struct retry_window window = retry_window(policy, number, retry_after_ns);
	struct hp_key own = *key;

	own.stream = HP_STREAM_JITTER;
	own.attempt = number;
	if (window.hi_ns == window.lo_ns)
		return window.lo_ns;
	return window.lo_ns + hp_random_below(&own, window.hi_ns - window.lo_ns + 1);
}

struct retry_policy retry_scaled(const struct retry_policy *policy, double scale)
{
	struct retry_policy scaled = *policy;

	if (scale == 1.0)
		return scaled;
	scaled.base_ns = hp_span_scale(policy->base_ns, scale);
	scaled.cap_ns = policy->cap_ns ? hp_max(hp_span_scale(policy->cap_ns, scale), 1) : 0;
	scaled.jitter_added_ns = hp_span_scale(policy->jitter_added_ns, scale);
	scaled.poll_ns = hp_span_scale(policy->poll_ns, scale);
	for (unsigned i = 0; i < policy->list_count; i++)
		scaled.list_ns[i] = hp_span_scale(policy->list_ns[i], scale);
	return scaled;
}

uint64_t retry_horizon_ns(const struct retry_policy *policy)
{
	uint64_t sum_ns = 0;

	for (unsigned number = 1; number < policy->attempts_max; number++)
		sum_ns += nominal_ns(policy, number);
	return sum_ns;
}
