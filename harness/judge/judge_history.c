/* A whole history in memory: sorts the records, groups them by delivery, and feeds the judge. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "judge/judge_inside.h"

struct key { /* where a record stands in the order that the judge wants */
	struct judge_pair pair;
	uint32_t kind;
	uint64_t number, at_ns;
	size_t index; /* in the history: equal ones stay in order */
};

struct group { /* the records of one delivery */
	struct record_attempt *attempts;
	struct record_receipt *receipts;
	size_t attempt_count, receipt_count;
	const struct record_ended *ended;
};

static struct key key_of(const struct record *record, size_t index)
{
	switch (record->kind) {
	case RECORD_ATTEMPT:
		return (struct key){{record->attempt.event_index, record->attempt.endpoint_index},
				    RECORD_ATTEMPT,
				    record->attempt.number,
				    record->attempt.sent_ns,
				    index};
	case RECORD_RECEIPT:
		return (struct key){{record->receipt.event_index, record->receipt.endpoint_index},
				    RECORD_RECEIPT,
				    0,
				    record->receipt.arrived_ns,
				    index};
	case RECORD_ENDED:
		return (struct key){{record->ended.event_index, record->ended.endpoint_index},
				    RECORD_ENDED,
				    0,
				    record->ended.at_ns,
				    index};
	default:
		assert(false && "a record of no delivery");
	}
}

static bool is_of_delivery(const struct record *record)
{
	return record->kind == RECORD_ATTEMPT || record->kind == RECORD_RECEIPT ||
	       record->kind == RECORD_ENDED;
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))
static int by_key(const void *left, const void *right)
{
	const struct key *a = left, *b = right;
	int order = ORDER(a->pair.event_index, b->pair.event_index);

	order = order ? order : ORDER(a->pair.endpoint_index, b->pair.endpoint_index);
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
	else
		group->ended = &record->ended;
}

static bool same(const struct judge_pair *a, const struct judge_pair *b)
{
	return a->event_index == b->event_index && a->endpoint_index == b->endpoint_index;
}

/* The number of keys from the first on that are of one delivery. */
static size_t run_length(const struct key *keys, size_t count)
{
	size_t length = 1;

	while (length < count && same(&keys[length].pair, &keys[0].pair))
		length++;
	return length;
}

static void feed(struct judge *judge, const struct judge_records *records, const struct key *keys,
		 size_t count)
{
	struct group group = {
		.attempts = hp_xcalloc(count, sizeof(*group.attempts)),
		.receipts = hp_xcalloc(count, sizeof(*group.receipts)),
	};
	struct record_delivery delivery = {.event_index = keys->pair.event_index,
					  .endpoint_index = keys->pair.endpoint_index};

	for (size_t i = 0; i < count; i++)
		take(&group, &records->at[keys[i].index]);
	delivery.attempts = group.attempts;
	delivery.attempt_count = group.attempt_count;
	delivery.receipts = group.receipts;
	delivery.receipt_count = group.receipt_count;
	delivery.ended = group.ended;
	judge_delivery(judge, &delivery);
	free(group.attempts);
	free(group.receipts);
}

void judge_history(const struct plan *plan, const struct judge_facts *facts,
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
