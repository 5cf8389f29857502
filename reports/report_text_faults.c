/* The faults of the simulated receivers: what was planned, and how much of it the wire showed. */
#include "reports/figures.h"
#include "reports/report_text.h"

static void add_heads(struct table *table)
{
	static const char *const heads[] = {"layer",    "planned",    "applied",
					    "verified", "pre-empted", "failed"};

	table_cell(table, TEXT_BOLD, "Faults");
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		table_cell(table, TEXT_DIM, "%s", heads[i]);
}

static void add_fault(struct table *table, const struct figures_fault *fault)
{
	char failed[TEXT_NUMBER_BYTES];

	table_cell(table, TEXT_PLAIN, "  %s", fault->slug);
	table_cell(table, TEXT_DIM, "%s", fault->layer);
	table_count(table, fault->planned);
	table_count(table, fault->applied);
	table_count(table, fault->verified);
	table_count(table, fault->preempted);
	table_cell(table, fault->failed ? TEXT_RED : TEXT_PLAIN, "%s",
		   text_count(fault->failed, failed));
}

void report_text_faults(const struct report_text *text)
{
	struct figures_fault faults[METRICS_FAULT_ROWS];
	size_t count = figures_faults(text->result->metrics, faults);
	struct table table;

	if (count == 0)
		return;
	fputc('\n', text->out);
	table_init(&table, text->style, "flrrrrr");
	add_heads(&table);
	for (size_t i = 0; i < count; i++)
		add_fault(&table, &faults[i]);
	table_print(&table, text->out);
	table_fini(&table);
}
