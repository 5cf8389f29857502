#include "engine/ledger.h"

#include <stdio.h>

#include "base/err.h"
#include "base/random.h"
#include "engine/recording.h"

static uint64_t to_us(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? (to_ns - from_ns + HP_US_NS / 2) / HP_US_NS : 0;
}

static void put(struct ledger *ledger, const struct record *record)
{
	if (recording_keeps(ledger->plan->recording, record))
		history_put(ledger->history, record);
}

void ledger_planned(struct ledger *ledger, const struct delivery *delivery)
{
	ledger->metrics->planned++;
	ledger->metrics->endpoints[delivery->endpoint_index].planned++;
}

static void count_lag(struct ledger *ledger, const struct delivery *delivery)
{
	uint64_t lag_ns = delivery->released_ns - delivery->due_ns;

	if (delivery->released_ns < delivery->due_ns)
		lag_ns = 0;
	if (lag_ns > ledger->lag_ns_max)
		ledger->lag_ns_max = lag_ns;
	if (lag_ns > ledger->plan->limits.lag_ns_max)
		ledger->metrics->late_releases++;
}

/* The four clocks of a first attempt; warm-up is counted and kept out of the figures. */
static void count_first(struct ledger *ledger, const struct ledger_attempt *attempt)
{
	const struct delivery *delivery = attempt->delivery;
	struct metrics *metrics = ledger->metrics;

	if (attempt->sent_ns != HP_NEVER) {
		metrics->sent++;
		metrics->first_attempts_sent++;
		if (metrics->first_sent_ns == HP_NEVER)
			metrics->first_sent_ns = attempt->sent_ns;
		metrics->last_sent_ns = attempt->sent_ns;
	}
	count_lag(ledger, delivery);
	if (delivery->planned_ns < ledger->plan->warmup_ns) {
		metrics->warmup++;
		return;
	}
	hp_hist_record(&metrics->lag, to_us(delivery->planned_ns, delivery->released_ns));
	hp_hist_record(&metrics->response, to_us(delivery->planned_ns, attempt->done_ns));
	if (attempt->sent_ns == HP_NEVER)
		return;
	hp_hist_record(&metrics->queue, to_us(delivery->released_ns, attempt->sent_ns));
	hp_hist_record(&metrics->service, to_us(attempt->sent_ns, attempt->done_ns));
}

/* The wait that this retry ended, for the schedule expected against observed. */
static void count_retry(struct ledger *ledger, const struct ledger_attempt *attempt)
{
	const struct delivery *delivery = attempt->delivery;
	struct metrics_slot *slot = &ledger->metrics->slots[delivery->number - 2];
	uint64_t began_ns =
		attempt->sent_ns != HP_NEVER ? attempt->sent_ns : delivery->released_ns;
	uint64_t wait_ns = began_ns - delivery->failed_ns;

	ledger->metrics->retries++;
	ledger->metrics->endpoints[delivery->endpoint_index].retries++;
	if (slot->count == 0 || wait_ns < slot->min_ns)
		slot->min_ns = wait_ns;
	if (wait_ns > slot->max_ns)
		slot->max_ns = wait_ns;
	slot->sum_ns += (double)wait_ns;
	slot->count++;
}

static void count_endpoint(struct metrics_endpoint *endpoint, const struct ledger_attempt *attempt)
{
	uint64_t service_us;

	endpoint->attempts++;
	if (outcome_class(attempt->outcome) != OUTCOME_CLASS_OK)
		endpoint->failed++;
	if (attempt->sent_ns == HP_NEVER)
		return;
	service_us = to_us(attempt->sent_ns, attempt->done_ns);
	endpoint->service_us_sum += (double)service_us;
	if (service_us > endpoint->service_us_max)
		endpoint->service_us_max = service_us;
}

static void count_state(struct ledger *ledger, const struct ledger_attempt *attempt)
{
	const struct delivery *delivery = attempt->delivery;
	struct metrics_endpoint *endpoint = &ledger->metrics->endpoints[delivery->endpoint_index];

	switch ((enum delivery_state)delivery->state) {
	case DELIVERY_DELIVERED:
		ledger->metrics->delivered++;
		endpoint->delivered++;
		if (delivery->planned_ns >= ledger->plan->warmup_ns)
			hp_hist_record(&ledger->metrics->delivery,
				       to_us(delivery->planned_ns, attempt->done_ns));
		return;
	case DELIVERY_EXHAUSTED:
		ledger->metrics->exhausted++;
		endpoint->exhausted++;
		return;
	case DELIVERY_PENDING: /* counted when the run ends, if it still is */
		return;
	default:
		assert(false && "an attempt ends delivered, exhausted or pending");
	}
}

static void put_attempt(struct ledger *ledger, const struct ledger_attempt *attempt)
{
	const struct delivery *delivery = attempt->delivery;

	if (ledger->plan->recording == PLAN_RECORD_SUMMARY) /* keeps none: do not even fill it */
		return;
	struct record record = {
		.kind = RECORD_ATTEMPT,
		.attempt = {
			.event_index = delivery->event_index,
			.due_ns = delivery->due_ns,
			.released_ns = delivery->released_ns,
			.sent_ns = attempt->sent_ns,
			.done_ns = attempt->done_ns,
			.next_due_ns = attempt->next_due_ns,
			.retry_after_ns = attempt->retry_after_ns,
			.body_digest = attempt->body_digest,
			.endpoint_index = delivery->endpoint_index,
			.number = delivery->number,
			.status = (uint16_t)attempt->status,
			.outcome = (uint8_t)attempt->outcome,
			.state = delivery->state,
		},
	};

	put(ledger, &record);
}

void ledger_attempt(struct ledger *ledger, const struct ledger_attempt *attempt)
{
	const struct delivery *delivery = attempt->delivery;
	struct metrics *metrics = ledger->metrics;

	metrics->attempts++;
	metrics->by_outcome[attempt->outcome]++;
	if (attempt->status > 0 && attempt->status < METRICS_STATUS_MAX)
		metrics->by_status[attempt->status]++;
	if (delivery->number == 1)
		count_first(ledger, attempt);
	else
		count_retry(ledger, attempt);
	count_endpoint(&metrics->endpoints[delivery->endpoint_index], attempt);
	count_state(ledger, attempt);
	put_attempt(ledger, attempt);
}

static void count_ended(struct metrics *metrics, const struct delivery *delivery)
{
	struct metrics_endpoint *endpoint = &metrics->endpoints[delivery->endpoint_index];

	switch ((enum delivery_state)delivery->state) {
	case DELIVERY_PENDING:
		metrics->pending++;
		endpoint->pending++;
		return;
	case DELIVERY_DROPPED:
		metrics->dropped++;
		endpoint->dropped++;
		return;
	case DELIVERY_NOT_SENT:
		metrics->not_sent++;
		endpoint->not_sent++;
		return;
	default:
		assert(false && "only these end without an attempt");
	}
}

void ledger_ended(struct ledger *ledger, const struct delivery *delivery, uint64_t at_ns)
{
	bool waits = delivery->state == DELIVERY_PENDING;
	struct record record = {
		.kind = RECORD_ENDED,
		.ended = {
			.event_index = delivery->event_index,
			.at_ns = at_ns,
			.next_due_ns = waits ? delivery->due_ns : HP_NEVER,
			.endpoint_index = delivery->endpoint_index,
			.attempts = (uint16_t)(delivery->number - 1),
			.state = delivery->state,
		},
	};

	count_ended(ledger->metrics, delivery);
	put(ledger, &record);
}

/* "tls-failed billing: certificate has expired" */
static void note_failure(struct ledger *ledger, size_t endpoint_index, const char *reason,
			 uint64_t now_ns)
{
	struct record record = {.kind = RECORD_NOTE, .note = {.at_ns = now_ns}};
	char *text = record.note.text;
	uint64_t digest;

	snprintf(text, sizeof(record.note.text), "tls-failed %.*s: %s", PLAN_NAME_BYTES,
		 ledger->plan->endpoints[endpoint_index].name, reason);
	digest = hp_digest(hp_view_of(text));
	if (digest == ledger->reason || ledger->notes == LEDGER_NOTES_MAX)
		return;
	ledger->reason = digest;
	ledger->notes++;
	put(ledger, &record);
}

void ledger_handshake(struct ledger *ledger, size_t endpoint_index,
		      const struct port_handshake *handshake, uint64_t now_ns)
{
	struct metrics *metrics = ledger->metrics;

	if (handshake->failed) {
		metrics->handshakes_failed++;
		note_failure(ledger, endpoint_index, handshake->failed, now_ns);
		return;
	}
	metrics->handshakes++;
	metrics->handshakes_resumed += handshake->resumed;
	if (now_ns >= ledger->plan->warmup_ns)
		hp_hist_record(&metrics->handshake, to_us(0, handshake->took_ns));
}

void ledger_tick(struct ledger *ledger, const struct ledger_now *now)
{
	const struct metrics *metrics = ledger->metrics;
	struct record record = {
		.kind = RECORD_TICK,
		.tick = {
			.at_ns = now->at_ns,
			.planned = metrics->planned,
			.sent = metrics->sent,
			.delivered = metrics->delivered,
			.exhausted = metrics->exhausted,
			.retries = metrics->retries,
			.failed = metrics->attempts - metrics->by_outcome[OUTCOME_OK],
			.pending = now->pending,
			.in_flight = now->in_flight,
			.queued = now->queued,
			.lag_ns_max = ledger->lag_ns_max,
		},
	};

	put(ledger, &record);
	if (ledger->lag_ns_max > ledger->plan->limits.lag_ns_max) {
		record = (struct record){.kind = RECORD_LAG,
					 .lag = {.at_ns = now->at_ns,
						 .late_ns = ledger->lag_ns_max}};
		put(ledger, &record);
	}
	ledger->lag_ns_max = 0;
}
