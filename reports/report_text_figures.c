#include "reports/report_text.h"

#include <string.h>

#include "base/span.h"
#include "reports/figures.h"

/* Receivers that played for somebody else's sender: nothing was planned here. */
static bool only_received(const struct metrics *metrics)
{
	return metrics->events == 0 && metrics->receipts != 0;
}

struct bucket {
	const char *sign, *name;
	uint64_t count;
};

/* The last cell of the line that the buckets add up to. */
static void add_closing(struct table *table, const struct metrics *metrics)
{
	uint64_t sum = metrics->delivered + metrics->exhausted + metrics->pending +
		       metrics->dropped + metrics->not_sent;
	char text[TEXT_NUMBER_BYTES];

	if (metrics_closes(metrics))
		table_cell(table, TEXT_DIM, "the sum closes");
	else
		table_cell(table, TEXT_RED, "but they sum to %s: hookproof's own error",
			   text_count(sum, text));
}

void report_text_accounting(const struct report_text *text)
{
	const struct metrics *metrics = text->result->metrics;
	const struct bucket buckets[] = {
		{" ", "delivered", metrics->delivered}, {"+", "exhausted", metrics->exhausted},
		{"+", "pending", metrics->pending},     {"+", "dropped", metrics->dropped},
		{"+", "not sent", metrics->not_sent},
	};
	char share[TEXT_NUMBER_BYTES];
	struct table table;

	if (only_received(metrics))
		return;
	report_text_heading(text, "Deliveries");
	table_init(&table, text->style, "lrrl");
	for (size_t i = 0; i < sizeof(buckets) / sizeof(buckets[0]); i++) {
		table_cell(&table, TEXT_PLAIN, "  %s %s", buckets[i].sign, buckets[i].name);
		table_count(&table, buckets[i].count);
		table_cell(&table, TEXT_PLAIN, "%s",
			   text_share(buckets[i].count, metrics->planned, share));
		table_cell(&table, TEXT_PLAIN, "%s", "");
	}
	table_cell(&table, TEXT_BOLD, "  = planned");
	table_count(&table, metrics->planned);
	table_cell(&table, TEXT_PLAIN, "%s", "");
	add_closing(&table, metrics);
	table_print(&table, text->out);
	table_fini(&table);
}

static void add_latency(struct table *table, const struct report_text *text,
			const struct figures_latency *latency)
{
	char shown[TEXT_NUMBER_BYTES];

	table_cell(table, TEXT_PLAIN, "  %s", latency->name);
	table_count(table, latency->count);
	for (size_t i = 0; i < FIGURES_PERCENTILE_COUNT; i++) {
		if (latency->percentile_us[i] == FIGURES_NONE)
			table_nothing(table);
		else
			table_cell(table, TEXT_PLAIN, "%s",
				   text_latency(latency->percentile_us[i], text->style, shown));
	}
	if (latency->count)
		table_cell(table, TEXT_PLAIN, "%s",
			   text_latency(latency->max_us, text->style, shown));
	else
		table_nothing(table);
}

/* What each latency spans, for those who asked for more. */
static void print_meanings(const struct report_text *text)
{
#define X(name, meaning) "  " #name ": " meaning "\n"
	if (text->style->verbose)
		text_paint(text->out, text->style, TEXT_DIM, METRICS_HISTOGRAMS(X));
#undef X
}

void report_text_latencies(const struct report_text *text)
{
	struct figures_latency latencies[FIGURES_LATENCY_COUNT];
	uint64_t overflow = 0;
	struct table table;

	figures_latencies(text->result->metrics, latencies);
	fputc('\n', text->out);
	table_init(&table, text->style, "lrrrrrrr");
	table_cell(&table, TEXT_BOLD, "Latency");
	table_cell(&table, TEXT_DIM, "n");
	for (unsigned i = 0; i < FIGURES_PERCENTILE_COUNT; i++)
		table_cell(&table, TEXT_DIM, "%s", figures_percentile_head(i));
	table_cell(&table, TEXT_DIM, "max");
	for (unsigned i = 0; i < FIGURES_LATENCY_COUNT; i++) {
		if (figures_latency_shown(latencies, i))
			add_latency(&table, text, &latencies[i]);
		overflow += latencies[i].overflow;
	}
	table_print(&table, text->out);
	table_fini(&table);
	if (overflow)
		fprintf(text->out, "  %llu beyond the histogram's range: only max knows them\n",
			(unsigned long long)overflow);
	print_meanings(text);
}

/* The most frequent status that is no success and not taken yet; 0: none is left. */
static int next_status(const struct result *result, const bool taken[METRICS_STATUS_MAX])
{
	uint64_t most = 0;
	int best = 0;

	for (int status = 1; status < METRICS_STATUS_MAX; status++) {
		uint64_t count = result->metrics->by_status[status];

		if (count <= most || taken[status] ||
		    profile_is_success(&result->plan->profile, status))
			continue;
		most = count;
		best = status;
	}
	return best;
}

/* "503: 290, 500: 10, ...": what the answers said that were no success. */
static void statuses_text(const struct result *result, char *out, size_t out_bytes)
{
	enum { SHOWN_MAX = 4 };
	bool taken[METRICS_STATUS_MAX] = {false};
	char count[TEXT_NUMBER_BYTES];
	size_t at = 0;
	int status;

	out[0] = '\0';
	for (int shown = 0; shown < SHOWN_MAX; shown++) {
		status = next_status(result, taken);
		if (status == 0)
			return;
		taken[status] = true;
		at += (size_t)snprintf(out + at, out_bytes - at, "%s%d: %s", at ? ", " : "", status,
				       text_count(result->metrics->by_status[status], count));
	}
	if (next_status(result, taken))
		snprintf(out + at, out_bytes - at, ", ...");
}

static void add_outcome(struct table *table, const struct report_text *text, enum outcome outcome)
{
	uint64_t count = text->result->metrics->by_outcome[outcome];
	char share[TEXT_NUMBER_BYTES], statuses[4 * (TEXT_NUMBER_BYTES + 8)];

	table_cell(table, TEXT_PLAIN, "  %s", outcome_word(outcome));
	table_count(table, count);
	table_cell(table, TEXT_PLAIN, "%s",
		   text_share(count, text->result->metrics->attempts, share));
	statuses_text(text->result, statuses, sizeof(statuses));
	table_cell(table, TEXT_DIM, "%s",
		   outcome == OUTCOME_STATUS ? statuses : outcome_sentence(outcome));
}

void report_text_attempts(const struct report_text *text)
{
	const struct metrics *metrics = text->result->metrics;
	struct table table;

	fputc('\n', text->out);
	table_init(&table, text->style, "lrrf");
	table_cell(&table, TEXT_BOLD, "Attempts");
	table_count(&table, metrics->attempts);
	table_cell(&table, TEXT_PLAIN, "%s", "");
	table_cell(&table, TEXT_DIM, "%s", "");
	for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
		if (metrics->by_outcome[outcome])
			add_outcome(&table, text, (enum outcome)outcome);
	table_print(&table, text->out);
	table_fini(&table);
}

/* "48 ms - 72 ms", or one value where the window has no width. */
static void add_window(struct table *table, const struct retry_window *window, bool utf8)
{
	char lo[HP_SPAN_TEXT_BYTES], hi[HP_SPAN_TEXT_BYTES];

	if (window->lo_ns == window->hi_ns)
		table_cell(table, TEXT_PLAIN, "%s", hp_span_text(window->lo_ns, lo));
	else
		table_cell(table, TEXT_PLAIN, "%s %s %s", hp_span_text(window->lo_ns, lo),
			   utf8 ? "\u2013" : "-", hp_span_text(window->hi_ns, hi));
}

static void add_span(struct table *table, bool seen, uint64_t span_ns)
{
	char span[HP_SPAN_TEXT_BYTES];

	if (seen)
		table_cell(table, TEXT_PLAIN, "%s", hp_span_text(span_ns, span));
	else
		table_nothing(table);
}

static void add_slot(struct table *table, const struct figures_slot *slot, bool scaled)
{
	char span[HP_SPAN_TEXT_BYTES];

	table_cell(table, TEXT_PLAIN, "  %u", slot->number);
	if (scaled)
		table_cell(table, TEXT_DIM, "%s", hp_span_text(slot->unscaled.nominal_ns, span));
	add_window(table, &slot->window, table->style->utf8);
	add_span(table, slot->count > 0, slot->min_ns);
	add_span(table, slot->count > 0, slot->mean_ns);
	add_span(table, slot->count > 0, slot->max_ns);
	table_count(table, slot->count);
}

static void add_slot_heads(struct table *table, bool scaled)
{
	static const char *const heads[] = {"expected", "min", "mean", "max", "n"};

	table_cell(table, TEXT_BOLD, "Retry");
	if (scaled)
		table_cell(table, TEXT_DIM, "unscaled");
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		table_cell(table, TEXT_DIM, "%s", heads[i]);
}

/* The schedule ends after the last wait that was seen and one more; one that nothing came to is
 * not shown at all. */
static size_t slots_shown(const struct figures_slot *slots, size_t count, bool verbose)
{
	enum { BEYOND = 1 };
	size_t last = 0;

	for (size_t i = 0; i < count; i++)
		if (slots[i].count)
			last = i + 1;
	if (verbose)
		return count;
	if (last == 0)
		return 0;
	return last + BEYOND < count ? last + BEYOND : count;
}

static void print_idle_schedule(const struct report_text *text, size_t count)
{
	char horizon[HP_SPAN_TEXT_BYTES];

	text_paint(text->out, text->style, TEXT_BOLD, "Retry");
	fprintf(text->out, "  none fell due; the schedule has %zu waits, %s in all\n", count,
		hp_span_text(retry_horizon_ns(&text->result->plan->judged.retry), horizon));
}

void report_text_schedule(const struct report_text *text)
{
	const struct result *result = text->result;
	struct figures_slot slots[RETRY_ATTEMPTS_MAX];
	size_t count = figures_slots(result, slots);
	bool scaled = result->plan->time_scale != 1.0;
	size_t shown = slots_shown(slots, count, text->style->verbose);
	struct table table;

	if (count == 0)
		return;
	fputc('\n', text->out);
	if (shown == 0) {
		print_idle_schedule(text, count);
		return;
	}
	table_init(&table, text->style, scaled ? "lrrrrrr" : "lrrrrr");
	add_slot_heads(&table, scaled);
	for (size_t i = 0; i < shown; i++)
		add_slot(&table, &slots[i], scaled);
	table_print(&table, text->out);
	table_fini(&table);
	if (shown < count)
		fprintf(text->out,
			"  ... and %zu more that nothing came to (--verbose shows them)\n",
			count - shown);
}

enum { RUN_COLUMNS = 13 }; /* before what is said in the section "Run" */

static void print_when(const struct report_text *text)
{
	char moment[FIGURES_MOMENT_BYTES], kernel[TEXT_FOREIGN_BYTES], took[HP_SPAN_TEXT_BYTES];
	char line[FIGURES_MOMENT_BYTES + TEXT_FOREIGN_BYTES + HP_SPAN_TEXT_BYTES + 64];

	snprintf(line, sizeof(line), "%s, took %s, %u CPUs, %s",
		 figures_moment(text->result->started_wall_ns, moment),
		 hp_span_text(text->result->duration_ns, took), text->result->cpus,
		 text_foreign(text->style, text->result->kernel, kernel));
	fputs("  started    ", text->out);
	text_wrap(text->out, text->style, RUN_COLUMNS, line);
}

static void print_rate(const struct report_text *text)
{
	double planned = figures_planned_per_s(text->result);
	double achieved = metrics_achieved_per_s(text->result->metrics);
	char per_s[FIGURES_TEXT_BYTES], share[FIGURES_TEXT_BYTES];

	fprintf(text->out, "  rate       %s", figures_text(achieved, THRESHOLD_PER_S, per_s));
	if (planned > 0)
		fprintf(text->out, " of %s planned, %s",
			figures_text(planned, THRESHOLD_PER_S, per_s),
			figures_text(achieved / planned, THRESHOLD_SHARE, share));
	fputc('\n', text->out);
}

static void print_sender(const struct report_text *text)
{
	const struct metrics *metrics = text->result->metrics;
	char a[TEXT_NUMBER_BYTES], b[TEXT_NUMBER_BYTES], c[TEXT_NUMBER_BYTES];

	fprintf(text->out, "  sender     %s events, %s retries, %s connections\n",
		text_count(metrics->events, a), text_count(metrics->retries, b),
		text_count(metrics->connections, c));
	if (metrics->unsubscribed)
		fprintf(text->out, "             %s events that no endpoint wants\n",
			text_count(metrics->unsubscribed, a));
	if (metrics->late_releases || metrics->records_lost)
		fprintf(text->out, "  our fault  %s late releases, %s records lost\n",
			text_count(metrics->late_releases, a),
			text_count(metrics->records_lost, b));
}

static bool any_insecure(const struct plan *plan)
{
	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (plan->endpoints[i].tls.used && plan->endpoints[i].tls.insecure)
			return true;
	return false;
}

static void print_tls(const struct report_text *text)
{
	const struct metrics *metrics = text->result->metrics;
	char a[TEXT_NUMBER_BYTES], b[TEXT_NUMBER_BYTES], c[TEXT_NUMBER_BYTES];

	if (!figures_tls_used(metrics))
		return;
	fprintf(text->out, "  TLS        %s handshakes, %s resumed, %s failed\n",
		text_count(metrics->handshakes, a), text_count(metrics->handshakes_resumed, b),
		text_count(metrics->handshakes_failed, c));
	if (metrics->tls_cut)
		fprintf(text->out, "             %s connections closed without close_notify\n",
			text_count(metrics->tls_cut, a));
	if (any_insecure(text->result->plan))
		fprintf(text->out, "             not every certificate was verified: \"verify\" is "
				   "false\n");
}

static void print_cost(const struct report_text *text)
{
	const struct metrics *metrics = text->result->metrics;
	char cpu[HP_SPAN_TEXT_BYTES], each[HP_SPAN_TEXT_BYTES];

	if (metrics->attempts == 0 || metrics->cpu_ns == 0)
		return;
	fprintf(text->out, "  CPU        %s, %s an attempt\n", hp_span_text(metrics->cpu_ns, cpu),
		hp_span_text(metrics->cpu_ns / metrics->attempts, each));
}

static void print_receivers(const struct report_text *text)
{
	const struct metrics *metrics = text->result->metrics;
	char a[TEXT_NUMBER_BYTES], b[TEXT_NUMBER_BYTES], c[TEXT_NUMBER_BYTES], d[TEXT_NUMBER_BYTES];
	char line[4 * TEXT_NUMBER_BYTES + 64];

	if (metrics->receipts == 0)
		return;
	snprintf(line, sizeof(line), "%s receipts, %s effects, %s duplicates, %s bad signatures",
		 text_count(metrics->receipts, a), text_count(metrics->effects, b),
		 text_count(metrics->duplicates, c), text_count(metrics->refused_signatures, d));
	fputs("  receivers  ", text->out);
	text_wrap(text->out, text->style, RUN_COLUMNS, line);
	if (metrics->answers_unacked)
		fprintf(text->out, "  ambiguous  %s answers that may never have arrived\n",
			text_count(metrics->answers_unacked, a));
}

void report_text_run(const struct report_text *text)
{
	report_text_heading(text, "Run");
	print_when(text);
	if (!only_received(text->result->metrics)) {
		print_rate(text);
		print_sender(text);
	}
	print_tls(text);
	print_receivers(text);
	print_cost(text);
}
