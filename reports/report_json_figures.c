#include "reports/report_json.h"

#include <stdio.h>

#include "reports/figures.h"

static void write_accounting(struct hp_json_writer *writer, const struct metrics *metrics)
{
	report_json_object(writer, "accounting");
	report_json_u64(writer, "planned", metrics->planned);
	report_json_u64(writer, "sent", metrics->sent);
	report_json_u64(writer, "delivered", metrics->delivered);
	report_json_u64(writer, "exhausted", metrics->exhausted);
	report_json_u64(writer, "pending", metrics->pending);
	report_json_u64(writer, "dropped", metrics->dropped);
	report_json_u64(writer, "not_sent", metrics->not_sent);
	report_json_bool(writer, "closes", metrics_closes(metrics));
	report_json_u64(writer, "events", metrics->events);
	report_json_u64(writer, "unsubscribed", metrics->unsubscribed);
	hp_json_write_end(writer);
}

static void write_statuses(struct hp_json_writer *writer, const struct metrics *metrics)
{
	char status[16];

	report_json_object(writer, "by_status");
	for (int i = 1; i < METRICS_STATUS_MAX; i++) {
		if (metrics->by_status[i] == 0)
			continue;
		snprintf(status, sizeof(status), "%d", i);
		report_json_u64(writer, status, metrics->by_status[i]);
	}
	hp_json_write_end(writer);
}

static void write_attempts(struct hp_json_writer *writer, const struct metrics *metrics)
{
	report_json_object(writer, "attempts");
	report_json_u64(writer, "total", metrics->attempts);
	report_json_u64(writer, "retries", metrics->retries);
	report_json_u64(writer, "warmup", metrics->warmup);
	report_json_u64(writer, "connections", metrics->connections);
	report_json_u64(writer, "bytes_sent", metrics->bytes_sent);
	report_json_object(writer, "by_outcome");
	for (int i = 0; i < OUTCOME_COUNT; i++)
		report_json_u64(writer, outcome_word((enum outcome)i), metrics->by_outcome[i]);
	hp_json_write_end(writer);
	write_statuses(writer, metrics);
	hp_json_write_end(writer);
}

static void write_rate(struct hp_json_writer *writer, const struct result *result)
{
	double planned = figures_planned_per_s(result);

	report_json_object(writer, "rate");
	if (planned > 0)
		report_json_decimal(writer, "planned", planned, 3);
	else
		report_json_text(writer, "planned", NULL);
	report_json_decimal(writer, "achieved", metrics_achieved_per_s(result->metrics), 3);
	hp_json_write_end(writer);
}

/* A value of some samples; null when there were too few. */
static void write_sample(struct hp_json_writer *writer, const char *key, uint64_t value_us,
			 bool known)
{
	if (known)
		report_json_u64(writer, key, value_us);
	else
		report_json_text(writer, key, NULL);
}

static void write_latency(struct hp_json_writer *writer, const struct figures_latency *latency)
{
	report_json_object(writer, latency->name);
	for (unsigned i = 0; i < FIGURES_PERCENTILE_COUNT; i++)
		write_sample(writer, figures_percentile_key(i), latency->percentile_us[i],
			     latency->percentile_us[i] != FIGURES_NONE);
	write_sample(writer, "max", latency->max_us, latency->count > 0);
	write_sample(writer, "min", latency->min_us, latency->count > 0);
	report_json_u64(writer, "count", latency->count);
	report_json_u64(writer, "overflow", latency->overflow);
	hp_json_write_end(writer);
}

static void write_latencies(struct hp_json_writer *writer, const struct metrics *metrics)
{
	struct figures_latency latencies[FIGURES_LATENCY_COUNT];

	figures_latencies(metrics, latencies);
	report_json_object(writer, "latency_us");
	for (unsigned i = 0; i < FIGURES_LATENCY_COUNT; i++)
		if (figures_latency_shown(latencies, i))
			write_latency(writer, &latencies[i]);
	hp_json_write_end(writer);
}

static void write_tls(struct hp_json_writer *writer, const struct metrics *metrics)
{
	if (!figures_tls_used(metrics))
		return;
	report_json_object(writer, "tls");
	report_json_u64(writer, "handshakes", metrics->handshakes);
	report_json_u64(writer, "resumed", metrics->handshakes_resumed);
	report_json_u64(writer, "failed", metrics->handshakes_failed);
	report_json_u64(writer, "closed_without_close_notify", metrics->tls_cut);
	hp_json_write_end(writer);
}

static void write_endpoint_tls(struct hp_json_writer *writer, const struct plan_tls *tls)
{
	if (!tls->used)
		return;
	report_json_object(writer, "tls");
	report_json_bool(writer, "verify", !tls->insecure);
	report_json_bool(writer, "resume", !tls->full);
	hp_json_write_end(writer);
}

static void write_receivers(struct hp_json_writer *writer, const struct metrics *metrics)
{
	report_json_object(writer, "receivers");
	report_json_u64(writer, "receipts", metrics->receipts);
	report_json_u64(writer, "effects", metrics->effects);
	report_json_u64(writer, "duplicates", metrics->duplicates);
	report_json_u64(writer, "refused_signatures", metrics->refused_signatures);
	hp_json_write_end(writer);
}

static void write_fault(struct hp_json_writer *writer, const struct figures_fault *fault)
{
	hp_json_write_object(writer);
	report_json_text(writer, "fault", fault->slug);
	report_json_text(writer, "layer", fault->layer);
	report_json_u64(writer, "planned", fault->planned);
	report_json_u64(writer, "applied", fault->applied);
	report_json_u64(writer, "verified", fault->verified);
	report_json_u64(writer, "preempted", fault->preempted);
	report_json_u64(writer, "failed", fault->failed);
	hp_json_write_end(writer);
}

static void write_faults(struct hp_json_writer *writer, const struct metrics *metrics)
{
	struct figures_fault faults[METRICS_FAULT_ROWS];
	size_t count = figures_faults(metrics, faults);

	report_json_array(writer, "faults");
	for (size_t i = 0; i < count; i++)
		write_fault(writer, &faults[i]);
	hp_json_write_end(writer);
}

static void write_service(struct hp_json_writer *writer, const struct metrics_endpoint *figures)
{
	report_json_object(writer, "service_us");
	if (figures->attempts)
		report_json_decimal(writer, "mean",
				    figures->service_us_sum / (double)figures->attempts, 1);
	else
		report_json_text(writer, "mean", NULL);
	write_sample(writer, "max", figures->service_us_max, figures->attempts > 0);
	hp_json_write_end(writer);
}

static void write_endpoint(struct hp_json_writer *writer, const struct plan_endpoint *endpoint,
			   const struct metrics_endpoint *figures)
{
	hp_json_write_object(writer);
	report_json_text(writer, "name", endpoint->name);
	report_json_text(writer, "url", endpoint->url);
	report_json_u64(writer, "planned", figures->planned);
	report_json_u64(writer, "delivered", figures->delivered);
	report_json_u64(writer, "exhausted", figures->exhausted);
	report_json_u64(writer, "pending", figures->pending);
	report_json_u64(writer, "dropped", figures->dropped);
	report_json_u64(writer, "not_sent", figures->not_sent);
	report_json_u64(writer, "attempts", figures->attempts);
	report_json_u64(writer, "retries", figures->retries);
	report_json_u64(writer, "failed", figures->failed);
	report_json_u64(writer, "receipts", figures->receipts);
	report_json_u64(writer, "effects", figures->effects);
	report_json_u64(writer, "duplicates", figures->duplicates);
	write_service(writer, figures);
	write_endpoint_tls(writer, &endpoint->tls);
	hp_json_write_end(writer);
}

static void write_endpoints(struct hp_json_writer *writer, const struct result *result)
{
	const struct metrics *metrics = result->metrics;

	report_json_array(writer, "endpoints");
	for (size_t i = 0; i < metrics->endpoint_count && i < result->plan->endpoint_count; i++)
		write_endpoint(writer, &result->plan->endpoints[i], &metrics->endpoints[i]);
	hp_json_write_end(writer);
}

static void write_wait(struct hp_json_writer *writer, const char *key, uint64_t wait_ns, bool seen)
{
	if (seen)
		report_json_ns(writer, key, wait_ns);
	else
		report_json_text(writer, key, NULL);
}

static void write_slot(struct hp_json_writer *writer, const struct figures_slot *slot)
{
	hp_json_write_object(writer);
	report_json_u64(writer, "number", slot->number);
	report_json_ns(writer, "nominal_ns", slot->window.nominal_ns);
	report_json_ns(writer, "lo_ns", slot->window.lo_ns);
	report_json_ns(writer, "hi_ns", slot->window.hi_ns);
	report_json_ns(writer, "unscaled_nominal_ns", slot->unscaled.nominal_ns);
	report_json_u64(writer, "count", slot->count);
	write_wait(writer, "min_ns", slot->min_ns, slot->count > 0);
	write_wait(writer, "mean_ns", slot->mean_ns, slot->count > 0);
	write_wait(writer, "max_ns", slot->max_ns, slot->count > 0);
	hp_json_write_end(writer);
}

static void write_slots(struct hp_json_writer *writer, const struct result *result)
{
	struct figures_slot slots[RETRY_ATTEMPTS_MAX];
	size_t count = figures_slots(result, slots);

	report_json_array(writer, "retry_slots");
	for (size_t i = 0; i < count; i++)
		write_slot(writer, &slots[i]);
	hp_json_write_end(writer);
}

static void write_trust(struct hp_json_writer *writer, const struct result *result)
{
	const struct judgement *judgement = result->judgement;
	const struct metrics *metrics = result->metrics;
	struct figures_latency latencies[FIGURES_LATENCY_COUNT];
	const struct figures_latency *lag = &latencies[FIGURES_LAG];

	figures_latencies(metrics, latencies);
	report_json_object(writer, "trust");
	report_json_bool(writer, "trusted", !judgement->untrusted);
	report_json_text(writer, "reason",
			 judgement->untrusted ? judgement->untrusted_reason : NULL);
	write_sample(writer, "lag_p99_us", lag->percentile_us[FIGURES_p99], lag->count > 0);
	report_json_u64(writer, "late_sends", metrics->late_releases);
	report_json_u64(writer, "records_lost", metrics->records_lost);
	report_json_ns(writer, "cpu_ns", metrics->cpu_ns);
	if (result->duration_ns)
		report_json_decimal(writer, "cpu_share",
				    (double)metrics->cpu_ns / (double)result->duration_ns, 3);
	else
		report_json_text(writer, "cpu_share", NULL);
	hp_json_write_end(writer);
}

void report_json_figures(struct hp_json_writer *writer, const struct result *result)
{
	write_accounting(writer, result->metrics);
	write_attempts(writer, result->metrics);
	write_rate(writer, result);
	write_latencies(writer, result->metrics);
	write_tls(writer, result->metrics);
	write_receivers(writer, result->metrics);
	report_json_u64(writer, "answers_unacked", result->metrics->answers_unacked);
	write_faults(writer, result->metrics);
	write_endpoints(writer, result);
	write_slots(writer, result);
	write_trust(writer, result);
}
