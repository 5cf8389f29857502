#include "store/run_figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char run_figures_histogram[] = "us, 1 to 604800000000, 3 digits";

/* Every number of struct metrics that stands alone. */
static const struct {
	const char *name;
	size_t offset;
} figures[] = {
#define X(name, meaning) {#name, offsetof(struct metrics, name)},
	METRICS_COUNTERS(X)
	X(first_sent_ns, "") X(last_sent_ns, "") X(ended_ns, "") X(planned_until_ns, "")
	X(last_released_ns, "") X(first_attempts_sent, "") X(cpu_ns, "")
#undef X
};

static const struct {
	const char *name;
	size_t offset;
} hists[] = {
#define X(name, meaning) {#name, offsetof(struct metrics, name)},
	METRICS_HISTOGRAMS(X)
#undef X
};

enum {
	FIGURE_COUNT = sizeof(figures) / sizeof(figures[0]),
	HIST_COUNT = sizeof(hists) / sizeof(hists[0]),
};

static const uint64_t *figure_of(const struct metrics *metrics, size_t index)
{
	return (const uint64_t *)(const void *)((const char *)metrics + figures[index].offset);
}

static const struct hp_hist *hist_of(const struct metrics *metrics, size_t index)
{
	return (const struct hp_hist *)(const void *)((const char *)metrics + hists[index].offset);
}

static int put_counters(sqlite3 *db, const struct metrics *metrics, struct hp_err *err)
{
	struct run_counter rows[FIGURE_COUNT] = {{.value = 0}};

	for (size_t i = 0; i < FIGURE_COUNT; i++) {
		snprintf(rows[i].name, sizeof(rows[i].name), "%s", figures[i].name);
		rows[i].value = *figure_of(metrics, i);
	}
	return run_schema_rows(db, &run_table_counters, &RUN_ROWS(rows), err);
}

/* The counts that are not 0, with their places as ids. */
static int put_tally(sqlite3 *db, const struct run_table *table, const struct run_rows *counts,
		     struct hp_err *err)
{
	const uint64_t *count = counts->at;

	for (size_t i = 0; i < counts->count; i++) {
		struct run_tally row = {i, count[i]};

		if (count[i] && run_schema_rows(db, table, &RUN_ROWS_OF(&row, 1), err) < 0)
			return -1;
	}
	return 0;
}

/* The rows that any fault was planned of. */
static int put_faults(sqlite3 *db, const struct metrics_faults *faults, struct hp_err *err)
{
	static const uint64_t none[RECORD_FAULT_STATES];

	for (size_t i = 0; i < METRICS_FAULT_ROWS; i++) {
		struct run_fault row = {.fault = i};

		memcpy(row.count, faults->count[i], sizeof(row.count));
		if (memcmp(row.count, none, sizeof(none)) != 0 &&
		    run_schema_rows(db, &run_table_fault_figures, &RUN_ROWS_OF(&row, 1), err) < 0)
			return -1;
	}
	return 0;
}

static int put_hist(sqlite3 *db, const char *name, const struct hp_hist *hist, struct hp_err *err)
{
	struct run_histogram row = {
		.count = hist->count, .min_us = hist->min_us, .max_us = hist->max_us,
		.overflow = hist->overflow, .sum_us = hist->sum_us,
	};
	struct hp_buf bins;
	bool fits;
	int result;

	hp_buf_init(&bins, HP_HIST_PACKED_BYTES_MAX);
	snprintf(row.name, sizeof(row.name), "%s", name);
	fits = hp_hist_pack(hist, &bins);
	assert(fits);
	row.bins = hp_buf_view(&bins);
	result = run_schema_rows(db, &run_table_histograms, &RUN_ROWS_OF(&row, 1), err);
	hp_buf_fini(&bins);
	return result;
}

static int put_hists(sqlite3 *db, const struct metrics *metrics, struct hp_err *err)
{
	for (size_t i = 0; i < HIST_COUNT; i++)
		if (put_hist(db, hists[i].name, hist_of(metrics, i), err) < 0)
			return -1;
	return 0;
}

static int put_slots(sqlite3 *db, const struct metrics *metrics, struct hp_err *err)
{
	for (size_t i = 0; i < RETRY_ATTEMPTS_MAX; i++) {
		struct run_slot row = {i + 1, metrics->slots[i]};

		if (row.slot.count &&
		    run_schema_rows(db, &run_table_slots, &RUN_ROWS_OF(&row, 1), err) < 0)
			return -1;
	}
	return 0;
}

static int put_shares(sqlite3 *db, const struct metrics *metrics, struct hp_err *err)
{
	const struct run_table *table = &run_table_endpoint_figures;

	for (size_t i = 0; i < metrics->endpoint_count; i++) {
		struct run_share row = {i, metrics->endpoints[i]};

		if (run_schema_rows(db, table, &RUN_ROWS_OF(&row, 1), err) < 0)
			return -1;
	}
	return 0;
}

int run_figures_put_metrics(sqlite3 *db, const struct metrics *metrics, struct hp_err *err)
{
	struct run_rows outcomes, statuses;

	if (!metrics)
		return 0;
	outcomes = RUN_ROWS(metrics->by_outcome);
	statuses = RUN_ROWS(metrics->by_status);
	if (put_counters(db, metrics, err) < 0 ||
	    put_tally(db, &run_table_by_outcome, &outcomes, err) < 0 ||
	    put_tally(db, &run_table_by_status, &statuses, err) < 0 ||
	    put_faults(db, &metrics->faults, err) < 0 || put_hists(db, metrics, err) < 0 ||
	    put_slots(db, metrics, err) < 0)
		return -1;
	return put_shares(db, metrics, err);
}

static bool on_counter(void *arg, const void *row)
{
	const struct run_counter *counter = row;
	struct metrics *metrics = arg;

	for (size_t i = 0; i < FIGURE_COUNT; i++)
		if (strcmp(figures[i].name, counter->name) == 0)
			memcpy((char *)metrics + figures[i].offset, &counter->value,
			       sizeof(counter->value));
	return true; /* an unknown one is of a later version that only adds */
}

static bool on_outcome(void *arg, const void *row)
{
	const struct run_tally *tally = row;

	((struct metrics *)arg)->by_outcome[tally->id] = tally->count;
	return true;
}

static bool on_status(void *arg, const void *row)
{
	const struct run_tally *tally = row;

	((struct metrics *)arg)->by_status[tally->id] = tally->count;
	return true;
}

static bool on_fault(void *arg, const void *row)
{
	const struct run_fault *fault = row;
	struct metrics *metrics = arg;

	memcpy(metrics->faults.count[fault->fault], fault->count, sizeof(fault->count));
	return true;
}

static bool fill_hist(struct hp_hist *hist, const struct run_histogram *row)
{
	struct hp_err err;

	if (hp_hist_unpack(hist, row->bins, &err) < 0 || row->overflow > row->count ||
	    hist->count != row->count - row->overflow)
		return false;
	hist->count = row->count;
	hist->overflow = row->overflow;
	hist->min_us = row->min_us;
	hist->max_us = row->max_us;
	hist->sum_us = row->sum_us;
	return true;
}

static bool on_histogram(void *arg, const void *row)
{
	const struct run_histogram *histogram = row;

	for (size_t i = 0; i < HIST_COUNT; i++)
		if (strcmp(hists[i].name, histogram->name) == 0)
			return fill_hist((void *)((char *)arg + hists[i].offset), histogram);
	return true;
}

static bool on_slot(void *arg, const void *row)
{
	const struct run_slot *slot = row;

	if (slot->after_attempt == 0)
		return false;
	((struct metrics *)arg)->slots[slot->after_attempt - 1] = slot->slot;
	return true;
}

static bool on_share(void *arg, const void *row)
{
	const struct run_share *share = row;
	struct metrics *metrics = arg;

	if (share->endpoint >= metrics->endpoint_count)
		return false;
	metrics->endpoints[share->endpoint] = share->figures;
	return true;
}

int run_figures_get_metrics(sqlite3 *db, struct metrics *metrics, struct hp_err *err)
{
	union {
		struct run_counter counter;
		struct run_tally tally;
		struct run_fault fault;
		struct run_histogram histogram;
		struct run_slot slot;
		struct run_share share;
	} row;
	const struct run_query queries[] = {
		{&run_table_counters, "", &row, on_counter, metrics},
		{&run_table_by_outcome, "", &row, on_outcome, metrics},
		{&run_table_by_status, "", &row, on_status, metrics},
		{&run_table_fault_figures, "", &row, on_fault, metrics},
		{&run_table_histograms, "", &row, on_histogram, metrics},
		{&run_table_slots, "", &row, on_slot, metrics},
		{&run_table_endpoint_figures, "", &row, on_share, metrics},
	};

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		if (run_row_each(db, &queries[i], err) < 0)
			return -1;
	return 0;
}

static int put_evidence(sqlite3 *db, uint64_t number, const struct finding *finding,
			struct hp_err *err)
{
	struct run_evidence row = {.finding = number};

	for (size_t i = 0; i < finding->evidence_count; i++) {
		snprintf(row.text, sizeof(row.text), "%s", finding->evidence[i]);
		if (run_schema_rows(db, &run_table_evidence, &RUN_ROWS_OF(&row, 1), err) < 0)
			return -1;
	}
	return 0;
}

static int put_finding(sqlite3 *db, const struct finding *finding, struct hp_err *err)
{
	const struct check *check = finding->check;
	struct run_finding row = {.level = check->level, .finding = *finding};

	snprintf(row.id, sizeof(row.id), "%s", check->id);
	snprintf(row.check_group, sizeof(row.check_group), "%s", check->group);
	snprintf(row.clause, sizeof(row.clause), "%s", check->clause ? check->clause : "");
	snprintf(row.requirement, sizeof(row.requirement), "%s", check->requirement);
	snprintf(row.remedy, sizeof(row.remedy), "%s", check->remedy ? check->remedy : "");
	return run_schema_rows(db, &run_table_findings, &RUN_ROWS_OF(&row, 1), err);
}

int run_figures_put_findings(sqlite3 *db, const struct judgement *judgement, struct hp_err *err)
{
	if (!judgement)
		return 0;
	for (size_t i = 0; i < judgement->finding_count; i++) {
		const struct finding *finding = &judgement->findings[i];

		if (put_finding(db, finding, err) < 0 || put_evidence(db, i + 1, finding, err) < 0)
			return -1;
	}
	return 0;
}

struct found { /* findings as they are read */
	struct run_finding *rows;
	size_t count;
};

static bool on_finding(void *arg, const void *row)
{
	struct found *found = arg;

	if (found->count == RUN_FINDINGS_MAX)
		return false;
	found->rows = hp_xgrow(found->rows, found->count + 1, sizeof(*found->rows));
	found->rows[found->count++] = *(const struct run_finding *)row;
	return true;
}

static bool on_evidence(void *arg, const void *row)
{
	const struct run_evidence *evidence = row;
	struct found *found = arg;
	struct finding *finding;

	if (evidence->finding == 0 || evidence->finding > found->count)
		return false;
	finding = &found->rows[evidence->finding - 1].finding;
	if (finding->evidence_count == VERDICT_EVIDENCE_MAX)
		return false;
	memcpy(finding->evidence[finding->evidence_count], evidence->text, sizeof(evidence->text));
	finding->evidence_count++;
	return true;
}

/* The checks of the rows, now that the rows stay where they are. */
static void link_checks(const struct found *found)
{
	for (size_t i = 0; i < found->count; i++) {
		struct run_finding *row = &found->rows[i];

		row->check = (struct check){
			.id = row->id,
			.group = row->check_group,
			.level = row->level,
			.clause = row->clause,
			.requirement = row->requirement,
			.remedy = row->remedy,
		};
		row->finding.check = &row->check;
	}
}

int run_figures_get_findings(sqlite3 *db, struct run_finding **rows, size_t *count,
			     struct hp_err *err)
{
	struct run_finding finding = {.level = CHECK_MUST};
	struct run_evidence evidence;
	struct found found = {.rows = NULL};
	const struct run_query findings = {
		&run_table_findings, "ORDER BY rowid", &finding, on_finding, &found};
	const struct run_query proofs = {
		&run_table_evidence, "ORDER BY rowid", &evidence, on_evidence, &found};

	if (run_row_each(db, &findings, err) < 0 || run_row_each(db, &proofs, err) < 0) {
		free(found.rows);
		return -1;
	}
	link_checks(&found);
	*rows = found.rows;
	*count = found.count;
	return 0;
}
