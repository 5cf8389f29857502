/* The history out of a run file: three cursors, of attempts, receipts and ends, each in the order
 * of deliveries, are merged into one delivery at a time. */
#include <stdlib.h>

#include "base/mem.h"
#include "store/run_reader_inside.h"

enum { ATTEMPTS, RECEIPTS, ENDS, CURSORS };

struct cursor {
	sqlite3_stmt *stmt;
	enum record_kind kind;
	struct record record; /* the next one; good when more */
	bool more;
};

struct key {
	uint64_t event_index;
	uint32_t endpoint_index;
};

struct merge {
	struct run_reader *reader;
	struct cursor cursors[CURSORS];
	struct record_attempt *attempts;
	struct record_receipt *receipts;
	size_t attempt_count, receipt_count, attempt_room, receipt_room;
	struct record_ended ended;
	bool has_ended;
};

/* Moves on to the next row, if there is one. */
static int advance(struct merge *merge, struct cursor *cursor, struct hp_err *err)
{
	const struct run_table *table = &run_history[cursor->kind];
	int result = sqlite3_step(cursor->stmt);

	cursor->more = result == SQLITE_ROW;
	if (result != SQLITE_ROW && result != SQLITE_DONE)
		return run_sql_unread(merge->reader->db, err);
	cursor->record.kind = cursor->kind;
	if (cursor->more && !run_row_read(cursor->stmt, table, &cursor->record))
		return hp_err_set(err, HP_EINPUT, "table %s: a row is damaged", table->name);
	return 0;
}

static struct key key_of(const struct record *record)
{
	switch (record->kind) {
	case RECORD_ATTEMPT:
		return (struct key){record->attempt.event_index, record->attempt.endpoint_index};
	case RECORD_RECEIPT:
		return (struct key){record->receipt.event_index, record->receipt.endpoint_index};
	default:
		return (struct key){record->ended.event_index, record->ended.endpoint_index};
	}
}

static bool is_before(struct key a, struct key b)
{
	if (a.event_index != b.event_index)
		return a.event_index < b.event_index;
	return a.endpoint_index < b.endpoint_index;
}

static bool is_same(struct key a, struct key b)
{
	return !is_before(a, b) && !is_before(b, a);
}

/* The least key of the three. False when all are at their end. */
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

/* Makes room for one more, by doubling. */
static void *grow(void *array, size_t count, size_t *room, size_t bytes)
{
	if (count < *room)
		return array;
	*room = *room ? *room * 2 : 16;
	return hp_xgrow(array, *room, bytes);
}

static void keep(struct merge *merge, const struct record *record)
{
	if (record->kind == RECORD_ATTEMPT) {
		merge->attempts = grow(merge->attempts, merge->attempt_count, &merge->attempt_room,
				       sizeof(*merge->attempts));
		merge->attempts[merge->attempt_count++] = record->attempt;
	} else if (record->kind == RECORD_RECEIPT) {
		merge->receipts = grow(merge->receipts, merge->receipt_count, &merge->receipt_room,
				       sizeof(*merge->receipts));
		merge->receipts[merge->receipt_count++] = record->receipt;
	} else {
		merge->ended = record->ended;
		merge->has_ended = true;
	}
}

static bool is_full(const struct merge *merge)
{
	return merge->attempt_count >= RUN_DELIVERY_RECORDS_MAX ||
	       merge->receipt_count >= RUN_DELIVERY_RECORDS_MAX;
}

/* Takes the rows of one key from one cursor. Too many of one of our events is damage; of unknown
 * events they are cut into portions. */
static int take(struct merge *merge, struct cursor *cursor, struct key key, struct hp_err *err)
{
	while (cursor->more && is_same(key_of(&cursor->record), key)) {
		if (is_full(merge) && key.event_index == RECORD_NO_EVENT)
			return 0;
		if (is_full(merge))
			return hp_err_set(err, HP_EINPUT, "event %llu: more than %d records",
					  (unsigned long long)key.event_index,
					  RUN_DELIVERY_RECORDS_MAX);
		keep(merge, &cursor->record);
		if (advance(merge, cursor, err) < 0)
			return -1;
	}
	return 0;
}

static int take_delivery(struct merge *merge, struct key key, struct hp_err *err)
{
	merge->attempt_count = merge->receipt_count = 0;
	merge->has_ended = false;
	for (int i = 0; i < CURSORS; i++)
		if (take(merge, &merge->cursors[i], key, err) < 0)
			return -1;
	return 0;
}

/* NULL, which stands for RECORD_NO_EVENT, comes last, as UINT64_MAX does here. */
static int merge_open(struct merge *merge, struct hp_err *err)
{
	static const struct {
		enum record_kind kind;
		const char *order;
	} rows[CURSORS] = {
		{RECORD_ATTEMPT, "ORDER BY event IS NULL, event, endpoint, number, sent_ns, rowid"},
		{RECORD_RECEIPT, "ORDER BY event IS NULL, event, endpoint, arrived_ns, rowid"},
		{RECORD_ENDED, "ORDER BY event IS NULL, event, endpoint, rowid"},
	};

	for (int i = 0; i < CURSORS; i++) {
		struct cursor *cursor = &merge->cursors[i];

		cursor->kind = rows[i].kind;
		if (run_row_select(merge->reader->db, &run_history[cursor->kind], rows[i].order,
				   &cursor->stmt) < 0)
			return run_sql_unread(merge->reader->db, err);
		if (advance(merge, cursor, err) < 0)
			return -1;
	}
	return 0;
}

static void merge_close(struct merge *merge)
{
	for (int i = 0; i < CURSORS; i++)
		sqlite3_finalize(merge->cursors[i].stmt);
	free(merge->attempts);
	free(merge->receipts);
}

static struct record_delivery delivery_of(const struct merge *merge, struct key key)
{
	return (struct record_delivery){
		.event_index = key.event_index,
		.endpoint_index = key.endpoint_index,
		.attempts = merge->attempts,
		.attempt_count = merge->attempt_count,
		.receipts = merge->receipts,
		.receipt_count = merge->receipt_count,
		.ended = merge->has_ended ? &merge->ended : NULL,
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
	static const enum record_kind kinds[] = {RECORD_TICK, RECORD_LAG, RECORD_GAP, RECORD_NOTE};
	struct others others = {on_record, arg};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct record record = {.kind = kinds[i]};
		struct run_query query = {
			&run_history[kinds[i]], "ORDER BY rowid", &record, on_other, &others};

		if (run_row_each(reader->db, &query, err) < 0)
			return hp_err_wrap(err, "%s", reader->path);
	}
	return 0;
}
