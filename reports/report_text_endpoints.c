#include "reports/report_text.h"

#include <stdlib.h>

#include "base/mem.h"

enum { ENDPOINTS_SHOWN = 20 };

struct ranked {
	const struct metrics_endpoint *figures;
	size_t index;
};

static uint64_t undelivered(const struct metrics_endpoint *figures)
{
	return figures->planned - figures->delivered;
}

/* Who needs a look comes first: most undelivered, then most failed attempts, then as planned. */
static int compare_ranked(const void *a_, const void *b_)
{
	const struct ranked *a = a_, *b = b_;

	if (undelivered(a->figures) != undelivered(b->figures))
		return undelivered(a->figures) > undelivered(b->figures) ? -1 : 1;
	if (a->figures->failed != b->figures->failed)
		return a->figures->failed > b->figures->failed ? -1 : 1;
	return a->index < b->index ? -1 : 1;
}

static struct ranked *rank_new(const struct metrics *metrics, bool sorted)
{
	struct ranked *ranks = hp_xcalloc(metrics->endpoint_count, sizeof(*ranks));

	for (size_t i = 0; i < metrics->endpoint_count; i++)
		ranks[i] = (struct ranked){&metrics->endpoints[i], i};
	if (sorted)
		qsort(ranks, metrics->endpoint_count, sizeof(*ranks), compare_ranked);
	return ranks;
}

static void add_heads(struct table *table)
{
	static const char *const heads[] = {"planned", "delivered", "exhausted",
					    "pending", "retries",   "mean"};

	table_cell(table, TEXT_BOLD, "Endpoints");
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		table_cell(table, TEXT_DIM, "%s", heads[i]);
}

static void add_endpoint(struct table *table, const struct report_text *text,
			 const struct ranked *rank)
{
	const struct metrics_endpoint *figures = rank->figures;
	const struct plan *plan = text->result->plan;
	const char *name =
		rank->index < plan->endpoint_count ? plan->endpoints[rank->index].name : "?";
	char shown[TEXT_FOREIGN_BYTES], mean[TEXT_NUMBER_BYTES];
	double attempts = (double)figures->attempts;

	table_cell(table, TEXT_PLAIN, "  %s", text_foreign(text->style, name, shown));
	table_count(table, figures->planned);
	table_count(table, figures->delivered);
	table_count(table, figures->exhausted);
	table_count(table, figures->pending);
	table_count(table, figures->retries);
	if (figures->attempts)
		table_cell(table, TEXT_PLAIN, "%s",
			   text_latency((uint64_t)(figures->service_us_sum / attempts), text->style,
					mean));
	else
		table_nothing(table);
}

/* All in the plan's order while they are few; else those that need a look. */
void report_text_endpoints(const struct report_text *text)
{
	const struct metrics *metrics = text->result->metrics;
	bool all = text->style->verbose || metrics->endpoint_count <= ENDPOINTS_SHOWN;
	size_t shown = all ? metrics->endpoint_count : ENDPOINTS_SHOWN;
	struct ranked *ranks;
	struct table table;

	if (shown == 0)
		return;
	ranks = rank_new(metrics, !all);
	fputc('\n', text->out);
	table_init(&table, text->style, "frrrrrr");
	add_heads(&table);
	for (size_t i = 0; i < shown; i++)
		add_endpoint(&table, text, &ranks[i]);
	table_print(&table, text->out);
	table_fini(&table);
	free(ranks);
	if (!all)
		fprintf(text->out, "  ... and %zu more with less trouble (--verbose shows them)\n",
			metrics->endpoint_count - shown);
}
