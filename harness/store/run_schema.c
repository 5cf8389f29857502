#include "store/run_schema.h"

#include <stdlib.h>
#include <string.h>

#include "store/run_pair.h"
#include "wire/scheme.h"

/* Columns of the history. A person reads these tables too, so moments stay whole numbers of ns
 * from the run's start; what is rare is NULL or 0, which cost no byte. */
#define A(name, field, ...) RUN_COLUMN_AS(#name, struct record, attempt.field, __VA_ARGS__)
#define R(name, field, ...) RUN_COLUMN_AS(#name, struct record, receipt.field, __VA_ARGS__)
#define E(name, field, ...) RUN_COLUMN_AS(#name, struct record, ended.field, __VA_ARGS__)
#define F(name, field, ...) RUN_COLUMN_AS(#name, struct record, fault.field, __VA_ARGS__)
#define U(name, field, ...) RUN_COLUMN_AS(#name, struct record, unacked.field, __VA_ARGS__)
#define T(name) RUN_COLUMN_AS(#name, struct record, tick.name, RUN_COUNT, RUN_ANY)
#define MOMENT RUN_MAYBE, RUN_ANY
#define NUMBER RUN_COUNT, RUN_ANY
#define EVENT RUN_MAYBE, INT64_MAX

static const struct run_column attempts[] = {
	A(event, event_index, EVENT),
	A(endpoint, endpoint_index, NUMBER),
	A(number, number, NUMBER),
	A(due_ns, due_ns, MOMENT),
	A(released_ns, released_ns, MOMENT),
	A(sent_ns, sent_ns, MOMENT),
	A(done_ns, done_ns, MOMENT),
	A(outcome, outcome, RUN_COUNT, OUTCOME_COUNT - 1),
	A(status, status, NUMBER),
	A(state, state, RUN_COUNT, DELIVERY_STATES - 1),
	A(next_due_ns, next_due_ns, MOMENT),
	A(retry_after_ns, retry_after_ns, MOMENT),
	A(body_digest, body_digest, RUN_BITS, RUN_ANY),
};

static const struct run_column receipts[] = {
	R(event, event_index, EVENT),
	R(endpoint, endpoint_index, NUMBER),
	R(ordinal, ordinal, NUMBER),
	R(arrived_ns, arrived_ns, MOMENT),
	R(answered_ns, answered_ns, MOMENT),
	R(status, status, NUMBER),
	R(effects, effects, NUMBER),
	R(signature, signature, RUN_MAYBE, SCHEME_VERDICT_COUNT - 1),
	R(behaviour, behaviour, NUMBER),
	R(wanted, wanted, RUN_COUNT, 1),
	R(ended, end, RUN_COUNT, RECORD_ENDS - 1),
	R(lag_ns, lag_ns, NUMBER),
	R(delay_ns, delay_ns, NUMBER),
	R(retry_after_ns, retry_after_ns, NUMBER),
	R(over_ns, over_ns, NUMBER),
	R(identity, identity, RUN_BITS, RUN_ANY),
	R(body_digest, body_digest, RUN_BITS, RUN_ANY),
	R(key, key, RUN_TEXT, 0),
};

static const struct run_column ended[] = {
	E(event, event_index, EVENT),
	E(endpoint, endpoint_index, NUMBER),
	E(at_ns, at_ns, MOMENT),
	E(attempts, attempts, NUMBER),
	E(state, state, RUN_COUNT, DELIVERY_STATES - 1),
	E(next_due_ns, next_due_ns, MOMENT),
};

static const struct run_column ticks[] = {
	T(at_ns), T(planned), T(sent), T(delivered), T(exhausted), T(retries),
	T(failed), T(pending), T(in_flight), T(queued), T(lag_ns_max),
};

static const struct run_column lags[] = {
	RUN_COLUMN_AS("at_ns", struct record, lag.at_ns, NUMBER),
	RUN_COLUMN_AS("late_ns", struct record, lag.late_ns, NUMBER),
	RUN_COLUMN_AS("worker", struct record, lag.worker, NUMBER),
};

static const struct run_column gaps[] = {
	RUN_COLUMN_AS("endpoint", struct record, gap.endpoint_index, NUMBER),
	RUN_COLUMN_AS("from_ns", struct record, gap.from_ns, MOMENT),
	RUN_COLUMN_AS("to_ns", struct record, gap.to_ns, MOMENT),
	RUN_COLUMN_AS("behaviour", struct record, gap.behaviour, NUMBER),
};

static const struct run_column notes[] = {
	RUN_COLUMN_AS("at_ns", struct record, note.at_ns, NUMBER),
	RUN_COLUMN_AS("text", struct record, note.text, RUN_TEXT, 0),
};

static const struct run_column faults[] = {
	F(event, event_index, EVENT),
	F(endpoint, endpoint_index, NUMBER),
	F(ordinal, ordinal, NUMBER),
	F(behaviour, behaviour, NUMBER),
	F(fault, fault, NUMBER),
	F(state, state, RUN_COUNT, RECORD_FAULT_STATES - 1),
	F(planned_ns, planned_ns, MOMENT),
	F(applied_ns, applied_ns, MOMENT),
	F(peer, peer, RUN_COUNT, RECORD_PEERS - 1),
	F(peer_ns, peer_ns, MOMENT),
	F(read_bytes, read_bytes, NUMBER),
	F(written_bytes, written_bytes, NUMBER),
	F(acked_bytes, acked_bytes, MOMENT),
	F(in_flight, in_flight, NUMBER),
	F(identity, identity, RUN_BITS, RUN_ANY),
	F(key, key, RUN_TEXT, 0),
};

static const struct run_column unacked[] = {
	U(event, event_index, EVENT),
	U(endpoint, endpoint_index, NUMBER),
	U(ordinal, ordinal, NUMBER),
	U(status, status, NUMBER),
	U(answered_ns, answered_ns, MOMENT),
	U(at_ns, at_ns, MOMENT),
	U(written_bytes, written_bytes, NUMBER),
	U(acked_bytes, acked_bytes, MOMENT),
	U(identity, identity, RUN_BITS, RUN_ANY),
	U(key, key, RUN_TEXT, 0),
};

const struct run_table run_history[RUN_HISTORY_KINDS] = {
#define X(kind, table) [kind] = RUN_TABLE(#table, table),
	RUN_HISTORY_TABLES(X)
#undef X
};

static const struct run_column meta[] = {
	RUN_COLUMN(struct run_pair, key, RUN_STRING, 0),
	RUN_COLUMN(struct run_pair, value, RUN_STRING, 0),
};

static const struct run_column endpoints[] = {
	RUN_COLUMN_AS("endpoint", struct run_endpoint, index, NUMBER),
	RUN_COLUMN(struct run_endpoint, name, RUN_STRING, 0),
	RUN_COLUMN(struct run_endpoint, url, RUN_STRING, 0),
};

static const struct run_column words[] = {
	RUN_COLUMN(struct run_word, id, NUMBER),
	RUN_COLUMN(struct run_word, word, RUN_STRING, 0),
	RUN_COLUMN(struct run_word, meaning, RUN_STRING, 0),
};

static const struct run_column counters[] = {
	RUN_COLUMN(struct run_counter, name, RUN_TEXT, 0),
	RUN_COLUMN(struct run_counter, value, MOMENT),
};

static const struct run_column by_outcome[] = {
	RUN_COLUMN_AS("outcome", struct run_tally, id, RUN_COUNT, OUTCOME_COUNT - 1),
	RUN_COLUMN_AS("attempts", struct run_tally, count, NUMBER),
};

static const struct run_column by_status[] = {
	RUN_COLUMN_AS("status", struct run_tally, id, RUN_COUNT, METRICS_STATUS_MAX - 1),
	RUN_COLUMN_AS("attempts", struct run_tally, count, NUMBER),
};

static const struct run_column fault_figures[] = {
	RUN_COLUMN(struct run_fault, fault, RUN_COUNT, METRICS_FAULT_ROWS - 1),
	RUN_COLUMN_AS("preempted", struct run_fault, count[RECORD_FAULT_PREEMPTED], NUMBER),
	RUN_COLUMN_AS("applied_only", struct run_fault, count[RECORD_FAULT_APPLIED], NUMBER),
	RUN_COLUMN_AS("verified", struct run_fault, count[RECORD_FAULT_VERIFIED], NUMBER),
	RUN_COLUMN_AS("failed", struct run_fault, count[RECORD_FAULT_FAILED], NUMBER),
};

static const struct run_column histograms[] = {
	RUN_COLUMN(struct run_histogram, name, RUN_TEXT, 0),
	RUN_COLUMN(struct run_histogram, count, NUMBER),
	RUN_COLUMN(struct run_histogram, min_us, MOMENT),
	RUN_COLUMN(struct run_histogram, max_us, NUMBER),
	RUN_COLUMN(struct run_histogram, overflow, NUMBER),
	RUN_COLUMN(struct run_histogram, sum_us, RUN_REAL, 0),
	RUN_COLUMN(struct run_histogram, bins, RUN_BYTES, 0),
};

static const struct run_column slots[] = {
	RUN_COLUMN(struct run_slot, after_attempt, RUN_COUNT, RETRY_ATTEMPTS_MAX),
	RUN_COLUMN_AS("waits", struct run_slot, slot.count, NUMBER),
	RUN_COLUMN_AS("min_ns", struct run_slot, slot.min_ns, NUMBER),
	RUN_COLUMN_AS("max_ns", struct run_slot, slot.max_ns, NUMBER),
	RUN_COLUMN_AS("sum_ns", struct run_slot, slot.sum_ns, RUN_REAL, 0),
};

#define S(name) RUN_COLUMN_AS(#name, struct run_share, figures.name, NUMBER)
static const struct run_column endpoint_figures[] = {
	RUN_COLUMN(struct run_share, endpoint, RUN_COUNT, UINT32_MAX),
	S(planned), S(delivered), S(exhausted), S(pending), S(dropped), S(not_sent),
	S(attempts), S(retries), S(failed), S(service_us_max),
	RUN_COLUMN_AS("service_us_sum", struct run_share, figures.service_us_sum, RUN_REAL, 0),
	S(receipts), S(effects), S(duplicates),
};

#define G(name, field, ...) RUN_COLUMN_AS(#name, struct run_finding, field, __VA_ARGS__)
static const struct run_column findings[] = {
	G(id, id, RUN_TEXT, 0),
	G(check_group, check_group, RUN_TEXT, 0),
	G(level, level, RUN_COUNT, CHECK_INFO),
	G(verdict, finding.verdict, RUN_COUNT, VERDICT_COUNT - 1),
	G(reason, finding.reason, RUN_TEXT, 0),
	G(threshold_number, finding.threshold_number, NUMBER),
	G(observed, finding.observed, RUN_REAL, 0),
	G(decided, finding.decided, NUMBER),
	G(total, finding.total, NUMBER),
	G(failed, finding.failed, NUMBER),
	G(clause, clause, RUN_TEXT, 0),
	G(requirement, requirement, RUN_TEXT, 0),
	G(remedy, remedy, RUN_TEXT, 0),
};

static const struct run_column evidence[] = {
	RUN_COLUMN(struct run_evidence, finding, NUMBER),
	RUN_COLUMN(struct run_evidence, text, RUN_TEXT, 0),
};

#define X(columns, name) const struct run_table run_table_##name = RUN_TABLE(#name, columns);
RUN_OTHER_TABLES(X)
#undef X

static const struct run_table *const tables[] = {
#define X(kind, name) &run_history[kind],
	RUN_HISTORY_TABLES(X)
#undef X
#define X(columns, name) &run_table_##name,
	RUN_OTHER_TABLES(X)
#undef X
};

enum { TABLE_COUNT = sizeof(tables) / sizeof(tables[0]) };

static const char *const views[] = {
	"CREATE VIEW attempts_view AS SELECT event, e.name AS endpoint, number,"
	" round(due_ns / 1e6, 3) AS due_ms, round((released_ns - due_ns) / 1e6, 3) AS lag_ms,"
	" round((sent_ns - released_ns) / 1e6, 3) AS queue_ms,"
	" round((done_ns - sent_ns) / 1e6, 3) AS service_ms,"
	" round((done_ns - due_ns) / 1e6, 3) AS response_ms, nullif(status, 0) AS status,"
	" o.word AS outcome, s.word AS state, round(next_due_ns / 1e6, 3) AS next_due_ms,"
	" round(retry_after_ns / 1e6, 3) AS retry_after_ms"
	" FROM attempts a LEFT JOIN endpoints e ON e.endpoint = a.endpoint"
	" LEFT JOIN outcomes o ON o.id = outcome LEFT JOIN states s ON s.id = state",

	"CREATE VIEW failures AS SELECT * FROM attempts_view WHERE outcome <> 'ok'",

	"CREATE VIEW receipts_view AS SELECT event, key, e.name AS endpoint, ordinal,"
	" round(arrived_ns / 1e6, 3) AS arrived_ms,"
	" round((answered_ns - arrived_ns) / 1e6, 3) AS answer_ms, nullif(status, 0) AS status,"
	" d.word AS ended_by, coalesce(g.word, 'unverified') AS signature, b.word AS behaviour,"
	" wanted, effects, round(lag_ns / 1e6, 3) AS lag_ms,"
	" round(delay_ns / 1e6, 3) AS delay_ms"
	" FROM receipts r LEFT JOIN endpoints e ON e.endpoint = r.endpoint"
	" LEFT JOIN ends d ON d.id = ended LEFT JOIN signatures g ON g.id = signature"
	" LEFT JOIN behaviours b ON b.id = behaviour",

	/* The attempt that a fault struck was on its way when the fault was decided, from its
	 * release on: a receiver may read it before the write that sent it has returned. */
	"CREATE VIEW faults_view AS SELECT f.event AS event, f.key AS key, e.name AS endpoint,"
	" f.ordinal AS ordinal, b.word AS behaviour, w.word AS fault, s.word AS state,"
	" round(planned_ns / 1e6, 3) AS planned_ms,"
	" round((applied_ns - planned_ns) / 1e6, 3) AS applied_after_ms, p.word AS peer,"
	" round((peer_ns - planned_ns) / 1e6, 3) AS peer_after_ms, read_bytes, written_bytes,"
	" acked_bytes, a.number AS attempt, o.word AS outcome"
	" FROM faults f LEFT JOIN endpoints e ON e.endpoint = f.endpoint"
	" LEFT JOIN behaviours b ON b.id = f.behaviour"
	" LEFT JOIN behaviours w ON w.id = f.fault"
	" LEFT JOIN fault_states s ON s.id = f.state LEFT JOIN peers p ON p.id = f.peer"
	" LEFT JOIN attempts a ON a.event = f.event AND a.endpoint = f.endpoint"
	" AND f.planned_ns BETWEEN a.released_ns AND a.done_ns"
	" LEFT JOIN outcomes o ON o.id = a.outcome",

	/* SQLite takes the other columns of a lone max() from the row that has it. */
	"CREATE VIEW deliveries AS SELECT event, e.name AS endpoint, attempts, s.word AS state,"
	" nullif(status, 0) AS status, o.word AS outcome, round(first_due_ns / 1e6, 3) AS due_ms,"
	" round(done_ns / 1e6, 3) AS done_ms,"
	" round((done_ns - first_due_ns) / 1e6, 3) AS took_ms"
	" FROM (SELECT event, endpoint, max(number) AS attempts, state, status, outcome, done_ns,"
	" sum(CASE number WHEN 1 THEN due_ns END) AS first_due_ns"
	" FROM attempts GROUP BY event, endpoint) a"
	" LEFT JOIN endpoints e ON e.endpoint = a.endpoint"
	" LEFT JOIN outcomes o ON o.id = outcome LEFT JOIN states s ON s.id = state",

	"CREATE VIEW summary AS"
	" SELECT key AS name, value FROM meta WHERE key IN"
	" ('run_id', 'seed', 'scenario', 'profile', 'recording', 'state', 'verdict', 'exit')"
	" UNION ALL SELECT name, value FROM counters"
	" UNION ALL SELECT 'outcome ' || word, attempts"
	" FROM by_outcome JOIN outcomes ON id = outcome",
};

/* Words in the order of their numbers. */
static const struct run_word outcomes[] = {
#define X(name, word, class, sentence) {name, word, sentence},
	OUTCOMES(X)
#undef X
};

static const struct run_word states[] = {
#define X(name, word) {name, word, ""},
	DELIVERY_STATES_X(X)
#undef X
};

static const struct run_word signatures[] = {
#define X(name, word, sentence) {name, word, sentence},
	SCHEME_VERDICTS(X)
#undef X
};

static const struct run_word ends[] = {
	{RECORD_END_ANSWERED, "answered", "an answer was sent"},
	{RECORD_END_RESET, "reset", "the receiver reset the connection"},
	{RECORD_END_CLOSED, "closed", "the receiver closed without an answer"},
	{RECORD_END_SILENT, "silent", "the receiver said nothing"},
	{RECORD_END_BROKEN, "broken", "an answer that was spoilt on purpose was sent"},
};

static const struct run_word fault_states[] = {
	{RECORD_FAULT_PREEMPTED, "preempted", "the peer left before it could act"},
	{RECORD_FAULT_APPLIED, "applied", "done, and nothing shows that the wire carried it"},
	{RECORD_FAULT_VERIFIED, "verified", "done, and seen to take effect"},
	{RECORD_FAULT_FAILED, "failed", "could not be done as declared"},
};

static const struct run_word peers[] = {
	{RECORD_PEER_STAYED, "stayed", "the peer was there until we were done"},
	{RECORD_PEER_FIN, "fin", "the peer closed"},
	{RECORD_PEER_RST, "rst", "the peer reset the connection"},
};

static int make_table(sqlite3 *db, const struct run_table *table, struct hp_err *err)
{
	char *sql = run_row_schema(table);
	int result = run_sql(db, sql, err);

	free(sql);
	return result;
}

int run_schema_rows(sqlite3 *db, const struct run_table *table, const struct run_rows *rows,
		    struct hp_err *err)
{
	sqlite3_stmt *stmt;
	bool good = true;

	if (run_row_insert(db, table, &stmt, err) < 0)
		return -1;
	for (size_t i = 0; i < rows->count && good; i++)
		good = run_row_put(stmt, table, (const char *)rows->at + i * rows->bytes);
	if (!good)
		run_sql_failed(db, err);
	sqlite3_finalize(stmt);
	return good ? 0 : -1;
}

static int fill_behaviours(sqlite3 *db, const char *const behaviours[], size_t count,
			   struct hp_err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct run_word word = {i, behaviours[i], ""};

		if (run_schema_rows(db, &run_table_behaviours, &RUN_ROWS_OF(&word, 1), err) < 0)
			return -1;
	}
	return 0;
}

static int fill_words(sqlite3 *db, struct hp_err *err)
{
	const struct {
		const struct run_table *table;
		struct run_rows rows;
	} filled[] = {
		{&run_table_outcomes, RUN_ROWS(outcomes)},
		{&run_table_states, RUN_ROWS(states)},
		{&run_table_signatures, RUN_ROWS(signatures)},
		{&run_table_ends, RUN_ROWS(ends)},
		{&run_table_fault_states, RUN_ROWS(fault_states)},
		{&run_table_peers, RUN_ROWS(peers)},
	};

	for (size_t i = 0; i < sizeof(filled) / sizeof(filled[0]); i++)
		if (run_schema_rows(db, filled[i].table, &filled[i].rows, err) < 0)
			return -1;
	return 0;
}

int run_schema_make(sqlite3 *db, const char *const behaviours[], size_t count, struct hp_err *err)
{
	for (size_t i = 0; i < TABLE_COUNT; i++)
		if (make_table(db, tables[i], err) < 0)
			return -1;
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		if (run_sql(db, views[i], err) < 0)
			return -1;
	if (fill_words(db, err) < 0)
		return -1;
	return fill_behaviours(db, behaviours, count, err);
}

static bool table_matches(sqlite3 *db, const struct run_table *table)
{
	char *sql = run_row_schema(table);
	sqlite3_stmt *stmt;
	bool same = false;

	if (sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
				   " AND sql = ?", -1, &stmt, NULL) == SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, table->name, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 2, sql, -1, SQLITE_STATIC);
		same = sqlite3_step(stmt) == SQLITE_ROW;
		sqlite3_finalize(stmt);
	}
	free(sql);
	return same;
}

bool run_schema_matches(sqlite3 *db)
{
	for (size_t i = 0; i < TABLE_COUNT; i++)
		if (!table_matches(db, tables[i]))
			return false;
	return true;
}
