/* Figures of a run file that was not finished: a fold over its deliveries, then its last tick,
 * which knows what the recording mode left out. */
#include "base/span.h"
#include "store/run_reader_inside.h"
#include "wire/scheme.h"

static void count_sent(struct metrics *metrics, const struct record_attempt *attempt)
{
	if (attempt->number != 1 || attempt->sent_ns == HP_NEVER)
		return;
	metrics->sent++;
	metrics->first_attempts_sent++;
	if (attempt->sent_ns < metrics->first_sent_ns)
		metrics->first_sent_ns = attempt->sent_ns;
	if (attempt->sent_ns > metrics->last_sent_ns)
		metrics->last_sent_ns = attempt->sent_ns;
}

static void count_attempt(struct metrics *metrics, struct metrics_endpoint *endpoint,
			  const struct record_attempt *attempt)
{
	metrics->attempts++;
	metrics->retries += attempt->number > 1;
	metrics->by_outcome[attempt->outcome]++;
	if (attempt->status < METRICS_STATUS_MAX)
		metrics->by_status[attempt->status]++;
	if (attempt->done_ns != HP_NEVER && attempt->done_ns > metrics->ended_ns)
		metrics->ended_ns = attempt->done_ns;
	count_sent(metrics, attempt);
	endpoint->attempts++;
	endpoint->retries += attempt->number > 1;
	endpoint->failed += attempt->outcome != OUTCOME_OK;
}

static void count_receipts(struct metrics *metrics, struct metrics_endpoint *endpoint,
			   const struct record_delivery *delivery)
{
	uint32_t effects = 0;

	for (size_t i = 0; i < delivery->receipt_count; i++) {
		const struct record_receipt *receipt = &delivery->receipts[i];

		effects = receipt->effects > effects ? receipt->effects : effects;
		metrics->refused_signatures += receipt->signature != SCHEME_VALID &&
					       receipt->signature != RECORD_UNVERIFIED;
	}
	metrics->receipts += delivery->receipt_count;
	metrics->effects += effects;
	endpoint->receipts += delivery->receipt_count;
	endpoint->effects += effects;
}

static void count_faults(struct metrics *metrics, const struct record_delivery *delivery)
{
	for (size_t i = 0; i < delivery->fault_count; i++)
		metrics_faults_count(&metrics->faults, &delivery->faults[i]);
	metrics->answers_unacked += delivery->unacked_count;
}

/* Where the delivery stands, as far as its records know. */
static enum delivery_state state_of(const struct record_delivery *delivery)
{
	if (delivery->ended)
		return delivery->ended->state;
	if (delivery->attempt_count == 0)
		return DELIVERY_PENDING;
	return delivery->attempts[delivery->attempt_count - 1].state;
}

static void count_state(struct metrics *metrics, struct metrics_endpoint *endpoint,
			enum delivery_state state)
{
	uint64_t *totals[DELIVERY_STATES] = {
		[DELIVERY_DELIVERED] = &metrics->delivered,
		[DELIVERY_EXHAUSTED] = &metrics->exhausted,
		[DELIVERY_DROPPED] = &metrics->dropped,
		[DELIVERY_NOT_SENT] = &metrics->not_sent,
	};
	uint64_t *shares[DELIVERY_STATES] = {
		[DELIVERY_DELIVERED] = &endpoint->delivered,
		[DELIVERY_EXHAUSTED] = &endpoint->exhausted,
		[DELIVERY_DROPPED] = &endpoint->dropped,
		[DELIVERY_NOT_SENT] = &endpoint->not_sent,
	};

	metrics->planned++;
	endpoint->planned++;
	(*(totals[state] ? totals[state] : &metrics->pending))++;
	(*(shares[state] ? shares[state] : &endpoint->pending))++;
}

static void on_delivery(void *arg, const struct record_delivery *delivery)
{
	struct metrics *metrics = arg;
	struct metrics_endpoint nobody = {.planned = 0}, *endpoint = &nobody;

	if (delivery->endpoint_index < metrics->endpoint_count)
		endpoint = &metrics->endpoints[delivery->endpoint_index];
	for (size_t i = 0; i < delivery->attempt_count; i++)
		count_attempt(metrics, endpoint, &delivery->attempts[i]);
	count_receipts(metrics, endpoint, delivery);
	count_faults(metrics, delivery);
	if (delivery->event_index != RECORD_NO_EVENT)
		count_state(metrics, endpoint, state_of(delivery));
}

struct others { /* what is of no delivery */
	struct metrics *metrics;
	struct record_tick last;
};

static void on_other(void *arg, const struct record *record)
{
	struct others *others = arg;

	if (record->kind == RECORD_TICK)
		others->last = record->tick;
	if (record->kind == RECORD_FAULT)
		metrics_faults_count(&others->metrics->faults, &record->fault);
}

static void lift(uint64_t *total, uint64_t at_least)
{
	if (*total < at_least)
		*total = at_least;
}

/* Ticks and records may each be ahead of the other; the sums close again through pending. */
static void add_tick(struct metrics *metrics, const struct record_tick *tick)
{
	uint64_t settled;

	lift(&metrics->planned, tick->planned);
	lift(&metrics->sent, tick->sent);
	lift(&metrics->delivered, tick->delivered);
	lift(&metrics->exhausted, tick->exhausted);
	lift(&metrics->retries, tick->retries);
	settled = metrics->delivered + metrics->exhausted + metrics->dropped + metrics->not_sent;
	lift(&metrics->planned, settled);
	metrics->pending = metrics->planned - settled;
}

int run_recount(struct run_reader *reader, struct metrics *metrics, struct hp_err *err)
{
	struct others others = {.metrics = metrics};

	if (run_reader_deliveries(reader, on_delivery, metrics, err) < 0 ||
	    run_reader_others(reader, on_other, &others, err) < 0)
		return -1;
	add_tick(metrics, &others.last);
	return 0;
}
