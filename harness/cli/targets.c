#include "cli/targets.h"

#include "cli/safety.h"
#include "cli/trust.h"
#include "net/address.h"

#define PROBE_NS (2 * HP_S_NS)
enum { REMOTE_RATE_MAX = 50 };

static bool is_ours(const struct plan_endpoint *endpoint)
{
	return endpoint->receiver_index != PLAN_NO_RECEIVER;
}

/* Load on a host that is not this machine must be small: nothing here can prove yet that whoever
 * types may load it. */
static int check_rate(const struct plan *plan, const struct plan_endpoint *endpoint,
		      struct hp_err *err)
{
	struct arrivals_walk walk;
	double rate_per_s;

	if (address_is_loopback(&endpoint->address))
		return 0;
	arrivals_walk_init(&walk, &plan->arrivals, plan->seed);
	rate_per_s = arrivals_mean_per_s(&walk);
	arrivals_walk_fini(&walk);
	if (plan->arrivals.kind != ARRIVALS_CLOSED && rate_per_s <= REMOTE_RATE_MAX)
		return 0;
	return hp_err_set(err, HP_EUSAGE, "endpoint %s is another host: at most %d events a second "
			  "and no closed loop there, for nothing proves that it is yours to load",
			  endpoint->name, REMOTE_RATE_MAX);
}

static int resolve(const struct plan *plan, struct plan_endpoint *endpoint,
		   const struct runner_request *request, struct hp_err *err)
{
	struct safety safety = {request->allow_hosts, request->allow_host_count};
	struct address_list addresses;
	char host[PLAN_HOST_BYTES];

	if (safety_check_url(&safety, endpoint->url, err) < 0)
		return -1;
	trust_host(endpoint, host);
	if (address_resolve(host, endpoint->address.number, &addresses, err) < 0)
		return hp_err_wrap(err, "endpoint %s", endpoint->name);
	for (size_t i = 0; i < addresses.count; i++) /* all of them, before one is tried */
		if (safety_check_address(&safety, host, &addresses.at[i], err) < 0)
			return -1;
	endpoint->address = *address_pick(&addresses, PROBE_NS);
	return check_rate(plan, endpoint, err);
}

int targets_resolve(struct plan *plan, const struct runner_request *request, struct hp_err *err)
{
	for (size_t i = 0; i < plan->endpoint_count; i++) {
		if (is_ours(&plan->endpoints[i]))
			continue;
		if (request->world == RUNNER_VIRTUAL)
			return hp_err_set(err, HP_EUSAGE, "endpoint %s is a URL: simulate plays "
					  "endpoints with a \"receiver\" only",
					  plan->endpoints[i].name);
		if (resolve(plan, &plan->endpoints[i], request, err) < 0)
			return -1;
	}
	return 0;
}

int targets_probe(const struct plan *plan, struct hp_err *err)
{
	for (size_t i = 0; i < plan->endpoint_count; i++) {
		if (is_ours(&plan->endpoints[i]) ||
		    address_probe(&plan->endpoints[i].address, PROBE_NS, err) == 0)
			return 0;
		hp_err_wrap(err, "%s", plan->endpoints[i].url);
	}
	return plan->endpoint_count ? -1 : 0;
}
