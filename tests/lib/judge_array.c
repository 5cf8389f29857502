#include "tests/lib/judge_array.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "judge/judge_inside.h"

struct key { /* where a record stands in the order that the judge wants */
	struct judge_pair pair;
	uint64_t identity; /* of an event that is not ours; else 0 */
	uint32_t kind;
	uint64_t number, at_ns;
	size_t index; /* in the history: equal ones stay in order */
};

struct group { /* the records of one delivery */
	struct record_attempt *attempts;
	struct record_receipt *receipts;
	struct record_fault *faults;
	struct record_unacked *unacked;
	size_t attempt_count, receipt_count, fault_count, unacked_count;
	const struct record_ended *ended;
};

static uint64_t foreign(uint64_t event_index, uint64_t identity)
{
	return event_index == RECORD_NO_EVENT ? identity : 0;
}

/* Without the index and the kind. */
static struct key place_of(const struct record *record)
{
	const struct record_attempt *attempt = &record->attempt;
	const struct record_receipt *receipt = &record->receipt;
	const struct record_ended *ended = &record->ended;
	const struct record_fault *fault = &record->fault;
	const struct record_unacked *unacked = &record->unacked;

	switch (record->kind) {
	case RECORD_ATTEMPT:
		return (struct key){.pair = {attempt->event_index, attempt->endpoint_index},
				    .number = attempt->number, .at_ns = attempt->sent_ns};
	case RECORD_RECEIPT:
		return (struct key){.pair = {receipt->event_index, receipt->endpoint_index},
				    .identity = foreign(receipt->event_index, receipt->identity),
				    .at_ns = receipt->arrived_ns};
	case RECORD_ENDED:
		return (struct key){.pair = {ended->event_index, ended->endpoint_index},
				    .at_ns = ended->at_ns};
	case RECORD_FAULT:
		return (struct key){.pair = {fault->event_index, fault->endpoint_index},
				    .identity = foreign(fault->event_index, fault->identity),
				    .number = fault->ordinal, .at_ns = fault->planned_ns};
	case RECORD_UNACKED:
		return (struct key){.pair = {unacked->event_index, unacked->endpoint_index},
				    .identity = foreign(unacked->event_index, unacked->identity),
				    .number = unacked->ordinal, .at_ns = unacked->at_ns};
	default:
		assert(false && "a record of no delivery");
	}
}

static struct key key_of(const struct record *record, size_t index)
{
	struct key key = place_of(record);

	key.kind = record->kind;
	key.index = index;
	return key;
}

static bool is_of_delivery(const struct record *record)
{
	return record->kind == RECORD_ATTEMPT || record->kind == RECORD_RECEIPT ||
	       record->kind == RECORD_ENDED || record->kind == RECORD_UNACKED ||
	       (record->kind == RECORD_FAULT && record->fault.identity != 0);
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))
static int by_key(const void *left, const void *right)
{
	const struct key *a = left, *b = right;
	int order = ORDER(a->pair.event_index, b->pair.event_index);

	order = order ? order : ORDER(a->pair.endpoint_index, b->pair.endpoint_index);
	order = order ? order : ORDER(a->identity, b->identity);
	order = order ? order : ORDER(a->kind, b->kind);
	order = order ? order : ORDER(a->number, b->number);
	order = order ? order : ORDER(a->at_ns, b->at_ns);
	return order ? order : ORDER(a->index, b->index);
}

/* Feeds what is of no delivery; returns new keys of the rest, sorted. */
static struct key *sorted(struct judge *judge, const struct judge_records *records, size_t *count)
{
	struct key *keys = hp_xcalloc(records->count ? records->count : 1, sizeof(*keys));

	*count = 0;
	for (size_t i = 0; i < records->count; i++) {
		if (is_of_delivery(&records->at[i]))
			keys[(*count)++] = key_of(&records->at[i], i);
		else
			judge_other(judge, &records->at[i]);
	}
	qsort(keys, *count, sizeof(*keys), by_key);
	return keys;
}

static void take(struct group *group, const struct record *record)
{
	if (record->kind == RECORD_ATTEMPT)
		group->attempts[group->attempt_count++] = record->attempt;
	else if (record->kind == RECORD_RECEIPT)
		group->receipts[group->receipt_count++] = record->receipt;
	else if (record->kind == RECORD_FAULT)
		group->faults[group->fault_count++] = record->fault;
	else if (record->kind == RECORD_UNACKED)
		group->unacked[group->unacked_count++] = record->unacked;
	else
		group->ended = &record->ended;
}

static bool same(const struct key *a, const struct key *b)
{
	return a->pair.event_index == b->pair.event_index &&
	       a->pair.endpoint_index == b->pair.endpoint_index && a->identity == b->identity;
}

/* The number of keys from the first on that are of one delivery. */
static size_t run_length(const struct key *keys, size_t count)
{
	size_t length = 1;

	while (length < count && same(&keys[length], &keys[0]))
		length++;
	return length;
}

static struct record_delivery delivery_of(const struct group *group, const struct key *key)
{
	return (struct record_delivery){
		.event_index = key->pair.event_index,
		.identity = key->identity,
		.endpoint_index = key->pair.endpoint_index,
		.attempts = group->attempts,
		.attempt_count = group->attempt_count,
		.receipts = group->receipts,
		.receipt_count = group->receipt_count,
		.ended = group->ended,
		.faults = group->faults,
		.fault_count = group->fault_count,
		.unacked = group->unacked,
		.unacked_count = group->unacked_count,
	};
}

static void feed(struct judge *judge, const struct judge_records *records, const struct key *keys,
		 size_t count)
{
	struct group group = {
		.attempts = hp_xcalloc(count, sizeof(*group.attempts)),
		.receipts = hp_xcalloc(count, sizeof(*group.receipts)),
		.faults = hp_xcalloc(count, sizeof(*group.faults)),
		.unacked = hp_xcalloc(count, sizeof(*group.unacked)),
	};
	struct record_delivery delivery;

	for (size_t i = 0; i < count; i++)
		take(&group, &records->at[keys[i].index]);
	delivery = delivery_of(&group, keys);
	judge_delivery(judge, &delivery);
	free(group.attempts);
	free(group.receipts);
	free(group.faults);
	free(group.unacked);
}

void judge_array(const struct plan *plan, const struct judge_facts *facts,
		 const struct metrics *metrics, const struct judge_records *records,
		 struct judgement *out)
{
	struct judge *judge = judge_new(plan, facts);
	size_t count;
	struct key *keys = sorted(judge, records, &count);

	for (size_t at = 0; at < count;) {
		size_t length = run_length(keys + at, count - at);

		feed(judge, records, keys + at, length);
		at += length;
	}
	judge_finish(judge, metrics, out);
	judge_free(judge);
	free(keys);
}
