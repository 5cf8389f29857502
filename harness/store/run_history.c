/* The history out of a run file: cursors over the tables that know of deliveries, each in the order
 * of deliveries, are merged into one delivery at a time. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/run_reader_inside.h"

enum { ATTEMPTS, RECEIPTS, ENDS, FAULTS, UNACKED, CURSORS };

/* NULL, which stands for RECORD_NO_EVENT, comes last, as UINT64_MAX does here. Records of such
 * events stand together by what the receiver knew them by. */
#define BY_EVENT "ORDER BY event IS NULL, event, endpoint, "
#define BY_DELIVERY BY_EVENT "CASE WHEN event IS NULL THEN identity END, "

/* A kind of record that is of a delivery, and its order within one. */
static const struct source {
	enum record_kind kind;
	const char *order;
	size_t bytes; /* of its struct */
} sources[CURSORS] = {
	[ATTEMPTS] = {RECORD_ATTEMPT, BY_EVENT "number, sent_ns, rowid",
		      sizeof(struct record_attempt)},
	[RECEIPTS] = {RECORD_RECEIPT, BY_DELIVERY "arrived_ns, rowid",
		      sizeof(struct record_receipt)},
	[ENDS] = {RECORD_ENDED, BY_EVENT "rowid", sizeof(struct record_ended)},
	[FAULTS] = {RECORD_FAULT, "WHERE identity <> 0 " BY_DELIVERY "ordinal, planned_ns, rowid",
		    sizeof(struct record_fault)},
	[UNACKED] = {RECORD_UNACKED, BY_DELIVERY "ordinal, at_ns, rowid",
		     sizeof(struct record_unacked)},
};

struct cursor {
	const struct source *source;
	sqlite3_stmt *stmt;
	struct record record; /* the next one; good when more */
	bool more;
	char *rows; /* owned; those of the delivery that is being merged */
	size_t count, room;
};

struct key {
	uint64_t event_index;
	uint32_t endpoint_index;
	int64_t identity; /* of an event that is not ours, as SQL orders it; else 0 */
};

struct merge {
	struct run_reader *reader;
	struct cursor cursors[CURSORS];
};

/* Moves on to the next row, if there is one. */
static int advance(struct merge *merge, struct cursor *cursor, struct hp_err *err)
{
	const struct run_table *table = &run_history[cursor->source->kind];
	int result = sqlite3_step(cursor->stmt);

	cursor->more = result == SQLITE_ROW;
	if (result != SQLITE_ROW && result != SQLITE_DONE)
		return run_sql_unread(merge->reader->db, err);
	cursor->record.kind = cursor->source->kind;
	if (cursor->more && !run_row_read(cursor->stmt, table, &cursor->record))
		return hp_err_set(err, HP_EINPUT, "table %s: a row is damaged", table->name);
	return 0;
}

static struct key key_for(uint64_t event_index, uint32_t endpoint_index, uint64_t identity)
{
	return (struct key){event_index, endpoint_index,
			    event_index == RECORD_NO_EVENT ? (int64_t)identity : 0};
}

static struct key key_of(const struct record *record)
{
	const struct record_receipt *receipt = &record->receipt;
	const struct record_fault *fault = &record->fault;
	const struct record_unacked *unacked = &record->unacked;

	switch (record->kind) {
	case RECORD_ATTEMPT:
		return key_for(record->attempt.event_index, record->attempt.endpoint_index, 0);
	case RECORD_RECEIPT:
		return key_for(receipt->event_index, receipt->endpoint_index, receipt->identity);
	case RECORD_FAULT:
		return key_for(fault->event_index, fault->endpoint_index, fault->identity);
	case RECORD_UNACKED:
		return key_for(unacked->event_index, unacked->endpoint_index, unacked->identity);
	default:
		return key_for(record->ended.event_index, record->ended.endpoint_index, 0);
	}
}

static bool is_before(struct key a, struct key b)
{
	if (a.event_index != b.event_index)
		return a.event_index < b.event_index;
	if (a.endpoint_index != b.endpoint_index)
		return a.endpoint_index < b.endpoint_index;
	return a.identity < b.identity;
}

static bool is_same(struct key a, struct key b)
{
	return !is_before(a, b) && !is_before(b, a);
}

/* The least key of them all. False when all are at their end. */
static bool next_key(const struct merge *merge, struct key *key)
{
	bool any = false;

	for (int i = 0; i < CURSORS; i++) {
		struct key mine = key_of(&merge->cursors[i].record);

		if (!merge->cursors[i].more || (any && !is_before(mine, *key)))
			continue;
		*key = mine;
		any = true;
	}
	return any;
}

/* Keeps the record that the cursor stands on; room grows by doubling. */
static void keep(struct cursor *cursor)
{
	size_t bytes = cursor->source->bytes;

	if (cursor->count == cursor->room) {
		cursor->room = cursor->room ? cursor->room * 2 : 16;
		cursor->rows = hp_xgrow(cursor->rows, cursor->room, bytes);
	}
	/* Every kind stands at the same place, that of the union. */
	memcpy(cursor->rows + cursor->count++ * bytes, &cursor->record.attempt, bytes);
}

/* Takes the rows of one key from one cursor. Too many of one of our events is damage; of another
 * event they are cut into portions. */
static int take(struct merge *merge, struct cursor *cursor, struct key key, struct hp_err *err)
{
	while (cursor->more && is_same(key_of(&cursor->record), key)) {
		if (cursor->count >= RUN_DELIVERY_RECORDS_MAX && key.event_index == RECORD_NO_EVENT)
			return 0;
		if (cursor->count >= RUN_DELIVERY_RECORDS_MAX)
			return hp_err_set(err, HP_EINPUT, "event %llu: more than %d records",
					  (unsigned long long)key.event_index,
					  RUN_DELIVERY_RECORDS_MAX);
		keep(cursor);
		if (advance(merge, cursor, err) < 0)
			return -1;
	}
	return 0;
}

static int take_delivery(struct merge *merge, struct key key, struct hp_err *err)
{
	for (int i = 0; i < CURSORS; i++) {
		merge->cursors[i].count = 0;
		if (take(merge, &merge->cursors[i], key, err) < 0)
			return -1;
	}
	return 0;
}

static int merge_open(struct merge *merge, struct hp_err *err)
{
	for (int i = 0; i < CURSORS; i++) {
		struct cursor *cursor = &merge->cursors[i];

		cursor->source = &sources[i];
		if (run_row_select(merge->reader->db, &run_history[sources[i].kind],
				   sources[i].order, &cursor->stmt) < 0)
			return run_sql_unread(merge->reader->db, err);
		if (advance(merge, cursor, err) < 0)
			return -1;
	}
	return 0;
}

static void merge_close(struct merge *merge)
{
	for (int i = 0; i < CURSORS; i++) {
		sqlite3_finalize(merge->cursors[i].stmt);
		free(merge->cursors[i].rows);
	}
}

static struct record_delivery delivery_of(const struct merge *merge, struct key key)
{
	const struct cursor *cursors = merge->cursors;
	const struct record_ended *ends = (const void *)cursors[ENDS].rows;

	return (struct record_delivery){
		.event_index = key.event_index,
		.identity = (uint64_t)key.identity,
		.endpoint_index = key.endpoint_index,
		.attempts = (const void *)cursors[ATTEMPTS].rows,
		.attempt_count = cursors[ATTEMPTS].count,
		.receipts = (const void *)cursors[RECEIPTS].rows,
		.receipt_count = cursors[RECEIPTS].count,
		.ended = cursors[ENDS].count ? &ends[cursors[ENDS].count - 1] : NULL,
		.faults = (const void *)cursors[FAULTS].rows,
		.fault_count = cursors[FAULTS].count,
		.unacked = (const void *)cursors[UNACKED].rows,
		.unacked_count = cursors[UNACKED].count,
	};
}

int run_reader_deliveries(struct run_reader *reader,
			  void (*on_delivery)(void *arg, const struct record_delivery *delivery),
			  void *arg, struct hp_err *err)
{
	struct merge merge = {.reader = reader};
	struct record_delivery delivery;
	struct key key = {.event_index = 0};
	int result = merge_open(&merge, err);

	while (result == 0 && next_key(&merge, &key)) {
		result = take_delivery(&merge, key, err);
		if (result < 0)
			break;
		delivery = delivery_of(&merge, key);
		on_delivery(arg, &delivery);
	}
	merge_close(&merge);
	return result < 0 ? hp_err_wrap(err, "%s", reader->path) : 0;
}

struct others {
	void (*on_record)(void *arg, const struct record *record);
	void *arg;
};

static bool on_other(void *arg, const void *row)
{
	const struct others *others = arg;

	others->on_record(others->arg, row);
	return true;
}

int run_reader_others(struct run_reader *reader,
		      void (*on_record)(void *arg, const struct record *record), void *arg,
		      struct hp_err *err)
{
	static const struct {
		enum record_kind kind;
		const char *tail;
	} kinds[] = {
		{RECORD_TICK, "ORDER BY rowid"},
		{RECORD_LAG, "ORDER BY rowid"},
		{RECORD_GAP, "ORDER BY rowid"},
		{RECORD_NOTE, "ORDER BY rowid"},
		{RECORD_FAULT, "WHERE identity = 0 ORDER BY rowid"},
	};
	struct others others = {on_record, arg};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct record record = {.kind = kinds[i].kind};
		struct run_query query = {&run_history[kinds[i].kind], kinds[i].tail, &record,
					  on_other, &others};

		if (run_row_each(reader->db, &query, err) < 0)
			return hp_err_wrap(err, "%s", reader->path);
	}
	return 0;
}
