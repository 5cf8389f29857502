#include "tests/lib/past.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/content.h"
#include "tests/lib/judge_array.h"

#define EVERY_NS (100 * HP_MS_NS)
#define SERVICE_NS (5 * HP_MS_NS)
#define END_NS (60 * HP_S_NS)

enum { ATTEMPTS_MAX = 4, FAULT_STATUS = 1 };

/* ---- the plan ---- */

static void put(char *out, size_t bytes, const char *text)
{
	ck_assert_uint_lt((size_t)snprintf(out, bytes, "%s", text), bytes);
}
#define PUT(array, text) put(array, sizeof(array), text)

static void fill_profile(struct profile *profile)
{
	PUT(profile->name, "by-hand");
	PUT(profile->id_pointer, "/id");
	PUT(profile->body, "{\"id\":\"{resource}\",\"event\":\"{type}\"}");
	profile->success_min = 200;
	profile->success_max = 299;
	profile->timeout_ns = 5 * HP_S_NS;
	profile->retry = (struct retry_policy){
		.attempts_max = ATTEMPTS_MAX,
		.law = RETRY_EXPONENTIAL,
		.base_ns = 2 * HP_S_NS,
		.factor = 2,
		.jitter = RETRY_JITTER_FRACTION,
		.jitter_fraction = 0.2,
		.after = RETRY_AFTER_NEXT_SLOT,
		.poll_ns = HP_S_NS,
	};
}

static void fill_plan(struct plan *plan)
{
	plan_init(plan);
	plan->seed = 7;
	fill_profile(&plan->profile);
	plan->judged = plan->profile;
	plan->type_count = 2;
	plan->types[0] = (struct plan_type){"invoice.paid", "inv", 1};
	plan->types[1] = (struct plan_type){"customer.created", "cus", 1};
	plan->arrivals = (struct arrivals){.kind = ARRIVALS_CONSTANT,
					   .rate_micro_per_s = UINT64_C(10000000),
					   .span_ns = PAST_EVENTS * EVERY_NS};
	plan->endpoint_count = 2;
	plan->endpoints = hp_xcalloc(2, sizeof(*plan->endpoints));
	PUT(plan->endpoints[PAST_BILLING].name, "billing");
	PUT(plan->endpoints[PAST_AUDIT].name, "audit");
	plan->endpoints[PAST_BILLING].events = (struct plan_patterns){1, {"invoice.*"}};
	plan->endpoints[PAST_AUDIT].receiver_index = 1;
}

/* ---- the history ---- */

void past_add(struct past *past, const struct record *record)
{
	if (past->count == past->room) {
		past->room = past->room ? 2 * past->room : 64;
		past->records = hp_xgrow(past->records, past->room, sizeof(*past->records));
	}
	past->records[past->count++] = *record;
}

static uint64_t body_of(uint64_t event_index)
{
	return 1000003 * (event_index + 1);
}

static void add_fault(struct past *past, const struct record_receipt *receipt)
{
	struct record record = {
		.kind = RECORD_FAULT,
		.fault =
			{
				.event_index = receipt->event_index,
				.identity = ~receipt->body_digest,
				.endpoint_index = receipt->endpoint_index,
				.planned_ns = receipt->arrived_ns,
				.applied_ns = receipt->answered_ns,
				.peer_ns = HP_NEVER,
				.written_bytes = 40,
				.acked_bytes = 40,
				.ordinal = receipt->ordinal,
				.behaviour = FAULT_STATUS,
				.fault = FAULT_STATUS,
				.state = RECORD_FAULT_VERIFIED,
			},
	};

	past_add(past, &record);
}

static void add_receipt(struct past *past, const struct record_attempt *attempt)
{
	bool ok = attempt->outcome == OUTCOME_OK;
	struct record record = {
		.kind = RECORD_RECEIPT,
		.receipt =
			{
				.event_index = attempt->event_index,
				.endpoint_index = attempt->endpoint_index,
				.arrived_ns = attempt->sent_ns + HP_MS_NS,
				.answered_ns = attempt->sent_ns + 2 * HP_MS_NS,
				.body_digest = attempt->body_digest,
				.effects = ok,
				.ordinal = attempt->number,
				.status = attempt->status,
				.signature = SCHEME_VALID,
				.wanted = 1,
				.end = RECORD_END_ANSWERED,
				.behaviour = ok ? 0 : FAULT_STATUS,
			},
	};

	past_add(past, &record);
}

/* Behind all else, so that an attempt and its receipt stand side by side. */
static void add_faults(struct past *past)
{
	size_t count = past->count;

	for (size_t i = 0; i < count; i++) {
		struct record record = past->records[i];

		if (record.kind == RECORD_RECEIPT && record.receipt.behaviour)
			add_fault(past, &record.receipt);
	}
}

struct script {            /* what becomes of one delivery */
	unsigned failures; /* before its success; ATTEMPTS_MAX: it is given up */
	uint64_t retry_after_ns;
	bool waits; /* the run ends after the first failure */
};

static struct script script_of(uint64_t event_index, uint32_t endpoint_index)
{
	struct script script = {.retry_after_ns = HP_NEVER};

	if (endpoint_index != PAST_AUDIT || event_index % 5 < 2)
		return script;
	script.failures = event_index % 5 == 2 ? 2 : event_index % 5 == 3 ? ATTEMPTS_MAX : 1;
	if (event_index % 5 == 4)
		script.retry_after_ns = 3 * HP_S_NS;
	script.waits = event_index == PAST_EVENTS - 1;
	return script;
}

static enum delivery_state state_after(const struct script *script, unsigned number)
{
	if (number > script->failures)
		return DELIVERY_DELIVERED;
	return number == ATTEMPTS_MAX ? DELIVERY_EXHAUSTED : DELIVERY_PENDING;
}

static struct record_attempt attempt_of(const struct plan *plan, const struct script *script,
					unsigned number, uint64_t due_ns)
{
	enum delivery_state state = state_after(script, number);
	bool ok = state == DELIVERY_DELIVERED;
	struct retry_policy policy = plan_policy_judged(plan);
	uint64_t after_ns = ok ? HP_NEVER : script->retry_after_ns;
	uint64_t done_ns = due_ns + SERVICE_NS;
	struct retry_window window = retry_window(&policy, number, after_ns);

	return (struct record_attempt){
		.due_ns = due_ns,
		.released_ns = due_ns + 10 * HP_US_NS,
		.sent_ns = due_ns + 20 * HP_US_NS,
		.done_ns = done_ns,
		.next_due_ns = state == DELIVERY_PENDING ? done_ns + window.nominal_ns : HP_NEVER,
		.retry_after_ns = after_ns,
		.number = (uint16_t)number,
		.status = ok ? 204 : 503,
		.outcome = ok ? OUTCOME_OK : OUTCOME_STATUS,
		.state = (uint8_t)state,
	};
}

static void add_waiting(struct past *past, const struct record_attempt *last)
{
	struct record record = {
		.kind = RECORD_ENDED,
		.ended = {.event_index = last->event_index,
			  .endpoint_index = last->endpoint_index,
			  .at_ns = last->done_ns + HP_S_NS,
			  .next_due_ns = last->next_due_ns,
			  .attempts = last->number,
			  .state = DELIVERY_PENDING},
	};

	past_add(past, &record);
}

static void add_delivery(struct past *past, uint64_t event_index, uint32_t endpoint_index)
{
	struct script script = script_of(event_index, endpoint_index);
	uint64_t due_ns = event_index * EVERY_NS + EVERY_NS / 2;
	struct record record = {.kind = RECORD_ATTEMPT};

	for (unsigned number = 1; due_ns != HP_NEVER; number++) {
		record.attempt = attempt_of(&past->plan, &script, number, due_ns);
		record.attempt.event_index = event_index;
		record.attempt.endpoint_index = endpoint_index;
		record.attempt.body_digest = body_of(event_index);
		past_add(past, &record);
		add_receipt(past, &record.attempt);
		due_ns = record.attempt.next_due_ns;
		if (!script.waits)
			continue;
		add_waiting(past, &record.attempt);
		break;
	}
}

static bool is_planned(const struct past *past, const struct content *content, uint64_t event_index,
		       uint32_t endpoint_index)
{
	const struct plan *plan = &past->plan;
	unsigned type_index = content_type_index(content, event_index);

	return plan_wants(&plan->endpoints[endpoint_index].events,
			  hp_view_of(plan->types[type_index].name));
}

void past_init(struct past *past)
{
	struct content *content;

	*past = (struct past){.facts = {.receivers = true}};
	fill_plan(&past->plan);
	content = content_new(&past->plan);
	for (uint64_t event_index = 0; event_index < PAST_EVENTS; event_index++)
		for (uint32_t endpoint_index = 0; endpoint_index < 2; endpoint_index++)
			if (is_planned(past, content, event_index, endpoint_index))
				add_delivery(past, event_index, endpoint_index);
	content_free(content);
	add_faults(past);
	past_figures(past);
}

void past_fini(struct past *past)
{
	judgement_fini(&past->judgement);
	metrics_free(past->metrics);
	plan_fini(&past->plan);
	free(past->records);
}

/* ---- the figures, counted as the generator would ---- */

static void count_state(struct metrics *metrics, uint32_t endpoint_index, enum delivery_state state)
{
	struct metrics_endpoint *endpoint = &metrics->endpoints[endpoint_index];

#define COUNT(STATE, name)                                                                         \
	if (state == STATE) {                                                                      \
		metrics->name++, endpoint->name++;                                                 \
	}
	COUNT(DELIVERY_DELIVERED, delivered)
	COUNT(DELIVERY_EXHAUSTED, exhausted)
	COUNT(DELIVERY_PENDING, pending)
	COUNT(DELIVERY_DROPPED, dropped)
	COUNT(DELIVERY_NOT_SENT, not_sent)
#undef COUNT
}

static void count_attempt(struct metrics *metrics, const struct record_attempt *attempt)
{
	struct metrics_endpoint *endpoint = &metrics->endpoints[attempt->endpoint_index];

	metrics->attempts++, endpoint->attempts++;
	metrics->by_outcome[attempt->outcome]++;
	if (attempt->number > 1)
		metrics->retries++, endpoint->retries++;
	if (attempt->state != DELIVERY_PENDING)
		count_state(metrics, attempt->endpoint_index, attempt->state);
	if (attempt->number != 1)
		return;
	metrics->sent++;
	metrics->first_attempts_sent++;
	if (attempt->sent_ns < metrics->first_sent_ns)
		metrics->first_sent_ns = attempt->sent_ns;
	if (attempt->sent_ns > metrics->last_sent_ns)
		metrics->last_sent_ns = attempt->sent_ns;
	hp_hist_record(&metrics->response, (attempt->done_ns - attempt->due_ns) / HP_US_NS);
	hp_hist_record(&metrics->lag, (attempt->released_ns - attempt->due_ns) / HP_US_NS);
}

static void count_receipt(struct metrics *metrics, const struct record_receipt *receipt)
{
	metrics->receipts++;
	if (receipt->endpoint_index < metrics->endpoint_count)
		metrics->endpoints[receipt->endpoint_index].receipts++;
}

void past_figures(struct past *past)
{
	struct metrics *metrics = metrics_new(2);

	metrics_free(past->metrics);
	past->metrics = metrics;
	metrics->events = PAST_EVENTS;
	metrics->connections = 2;
	metrics->ended_ns = END_NS;
	for (size_t i = 0; i < past->count; i++) {
		const struct record *record = &past->records[i];

		if (record->kind == RECORD_ATTEMPT)
			count_attempt(metrics, &record->attempt);
		if (record->kind == RECORD_ENDED)
			count_state(metrics, record->ended.endpoint_index, record->ended.state);
		if (record->kind == RECORD_RECEIPT)
			count_receipt(metrics, &record->receipt);
		if (record->kind == RECORD_FAULT)
			metrics_faults_count(&metrics->faults, &record->fault);
		metrics->answers_unacked += record->kind == RECORD_UNACKED;
	}
	for (size_t i = 0; i < 2; i++) {
		struct metrics_endpoint *endpoint = &metrics->endpoints[i];

		endpoint->planned = endpoint->delivered + endpoint->exhausted + endpoint->pending +
				    endpoint->dropped + endpoint->not_sent;
		metrics->planned += endpoint->planned;
	}
}

/* ---- changing it ---- */

struct record_attempt *past_attempt(struct past *past, struct record_attempt like)
{
	for (size_t i = 0; i < past->count; i++) {
		struct record_attempt *attempt = &past->records[i].attempt;

		if (past->records[i].kind == RECORD_ATTEMPT && attempt->number == like.number &&
		    attempt->event_index == like.event_index &&
		    attempt->endpoint_index == like.endpoint_index)
			return attempt;
	}
	ck_abort_msg("no such attempt");
	return NULL;
}

struct record_receipt *past_receipt(struct past *past, struct record_receipt like)
{
	for (size_t i = 0; i < past->count; i++) {
		struct record_receipt *receipt = &past->records[i].receipt;

		if (past->records[i].kind == RECORD_RECEIPT && receipt->ordinal == like.ordinal &&
		    receipt->event_index == like.event_index &&
		    receipt->endpoint_index == like.endpoint_index)
			return receipt;
	}
	ck_abort_msg("no such receipt");
	return NULL;
}

struct record_fault *past_fault(struct past *past, uint64_t event_index, uint16_t ordinal)
{
	for (size_t i = 0; i < past->count; i++)
		if (past->records[i].kind == RECORD_FAULT &&
		    past->records[i].fault.event_index == event_index &&
		    past->records[i].fault.endpoint_index == PAST_AUDIT &&
		    past->records[i].fault.ordinal == ordinal)
			return &past->records[i].fault;
	ck_abort_msg("no such fault");
	return NULL;
}

struct record_ended *past_ended(struct past *past, uint64_t event_index, uint32_t endpoint_index)
{
	for (size_t i = 0; i < past->count; i++)
		if (past->records[i].kind == RECORD_ENDED &&
		    past->records[i].ended.event_index == event_index &&
		    past->records[i].ended.endpoint_index == endpoint_index)
			return &past->records[i].ended;
	ck_abort_msg("no such end");
	return NULL;
}

struct record_attempt *past_try(struct past *past, uint64_t event_index, uint16_t number)
{
	return past_attempt(past, (struct record_attempt){.event_index = event_index,
							  .endpoint_index = PAST_AUDIT,
							  .number = number});
}

struct record_receipt *past_arrival(struct past *past, uint64_t event_index, uint16_t ordinal)
{
	return past_receipt(past, (struct record_receipt){.event_index = event_index,
							  .endpoint_index = PAST_AUDIT,
							  .ordinal = ordinal});
}

static bool is_of(const struct record *record, uint64_t event_index, uint32_t endpoint_index)
{
	if (record->kind == RECORD_ATTEMPT)
		return record->attempt.event_index == event_index &&
		       record->attempt.endpoint_index == endpoint_index;
	if (record->kind == RECORD_RECEIPT)
		return record->receipt.event_index == event_index &&
		       record->receipt.endpoint_index == endpoint_index;
	if (record->kind == RECORD_FAULT)
		return record->fault.event_index == event_index &&
		       record->fault.endpoint_index == endpoint_index;
	return record->kind == RECORD_ENDED && record->ended.event_index == event_index &&
	       record->ended.endpoint_index == endpoint_index;
}

bool past_has(const struct past *past, uint64_t event_index, uint32_t endpoint_index)
{
	for (size_t i = 0; i < past->count; i++)
		if (is_of(&past->records[i], event_index, endpoint_index))
			return true;
	return false;
}

void past_repeat(struct past *past, uint64_t event_index)
{
	struct record attempt = {.kind = RECORD_ATTEMPT,
				 .attempt = *past_try(past, event_index, 1)};
	struct record receipt = {.kind = RECORD_RECEIPT,
				 .receipt = *past_arrival(past, event_index, 1)};

	past_try(past, event_index, 1)->state = DELIVERY_PENDING;
	attempt.attempt.number = receipt.receipt.ordinal = 2;
	attempt.attempt.sent_ns += 2 * HP_S_NS;
	attempt.attempt.done_ns += 2 * HP_S_NS;
	receipt.receipt.arrived_ns += 2 * HP_S_NS;
	past_add(past, &attempt);
	past_add(past, &receipt);
	past_figures(past);
}

void past_drop(struct past *past, uint64_t event_index, uint32_t endpoint_index)
{
	size_t kept = 0;

	for (size_t i = 0; i < past->count; i++)
		if (!is_of(&past->records[i], event_index, endpoint_index))
			past->records[kept++] = past->records[i];
	ck_assert_uint_lt(kept, past->count);
	past->count = kept;
}

void past_clear(struct past *past)
{
	past->count = 0;
}

/* ---- judging it ---- */

void past_judge(struct past *past)
{
	struct judge_records records = {past->records, past->count};

	judgement_fini(&past->judgement);
	judge_array(&past->plan, &past->facts, past->metrics, &records, &past->judgement);
}

const struct finding *past_finding(const struct past *past, const char *id)
{
	for (size_t i = 0; i < past->judgement.finding_count; i++)
		if (strcmp(past->judgement.findings[i].check->id, id) == 0)
			return &past->judgement.findings[i];
	ck_abort_msg("no finding %s", id);
	return NULL;
}

/* Whether the word stands in a list of words with one space between them. */
static bool is_listed(const char *list, const char *word)
{
	size_t bytes = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += bytes)
		if ((at == list || at[-1] == ' ') && (at[bytes] == ' ' || at[bytes] == '\0'))
			return true;
	return false;
}

void past_expect_broken(struct past *past, const char *ids)
{
	past_judge(past);
	for (size_t i = 0; i < past->judgement.finding_count; i++) {
		const struct finding *finding = &past->judgement.findings[i];
		bool broken = finding->verdict == VERDICT_FAIL || finding->verdict == VERDICT_ERROR;

		ck_assert_msg(broken == is_listed(ids, finding->check->id) &&
				      (broken || finding->verdict == VERDICT_PASS),
			      "%s is %s: %s", finding->check->id, verdict_word(finding->verdict),
			      finding->reason);
	}
}
