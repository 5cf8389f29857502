#include "reports/report_text.h"

#include <string.h>

#include "reports/figures.h"

static const struct {
	const char *mark_utf8;
	enum text_paint paint;
} looks[VERDICT_COUNT] = {
	[VERDICT_NOT_APPLICABLE] = {"\u2013", TEXT_DIM},
	[VERDICT_PASS] = {"\u2713", TEXT_GREEN},
	[VERDICT_WARN] = {"!", TEXT_AMBER},
	[VERDICT_UNOBSERVED] = {"\u25cb", TEXT_DIM},
	[VERDICT_INCONCLUSIVE] = {"?", TEXT_VIOLET},
	[VERDICT_ERROR] = {"E", TEXT_VIOLET},
	[VERDICT_FAIL] = {"\u2717", TEXT_RED},
};

const char *report_text_mark(const struct report_style *style, enum verdict verdict)
{
	return style->utf8 ? looks[verdict].mark_utf8 : verdict_mark(verdict);
}

enum text_paint report_text_paint(enum verdict verdict)
{
	return looks[verdict].paint;
}

/* What a finding is called: its threshold as it was written, or its check's slug. */
static const char *name_of(const struct report_text *text, const struct finding *finding,
			   char out[TEXT_FOREIGN_BYTES])
{
	const struct threshold *threshold = figures_threshold_of(text->result->plan, finding);

	return text_foreign(text->style, threshold ? threshold->text : finding->check->id, out);
}

/* What was seen: the figure of a threshold, whose name says the limit; else the check's reason. */
static const char *said(const struct report_text *text, const struct finding *finding,
			char out[TEXT_FOREIGN_BYTES])
{
	const struct threshold *threshold = figures_threshold_of(text->result->plan, finding);

	if (threshold && finding->verdict == VERDICT_FAIL)
		return figures_text(finding->observed, threshold->unit, out);
	return text_foreign(text->style, finding->reason, out);
}

static void add_mark(struct table *table, const struct report_text *text, enum verdict verdict)
{
	table_cell(table, report_text_paint(verdict), "  %s",
		   report_text_mark(text->style, verdict));
}

static bool is_failed(const struct finding *finding)
{
	return finding->verdict == VERDICT_FAIL || finding->verdict == VERDICT_ERROR;
}

/* Failed thresholds (pass 0), then failed checks from MUST to INFO (passes 1 to 3). */
static bool in_pass(const struct finding *finding, unsigned pass)
{
	if (finding->threshold_number)
		return pass == 0;
	return pass == 1 + (unsigned)finding->check->level;
}

void report_text_failed(const struct report_text *text)
{
	const struct judgement *judgement = text->result->judgement;
	char name[TEXT_FOREIGN_BYTES], reason[TEXT_FOREIGN_BYTES];
	struct table table;

	table_init(&table, text->style, "llf");
	for (unsigned pass = 0; pass < 4; pass++) {
		for (size_t i = 0; i < judgement->finding_count; i++) {
			const struct finding *finding = &judgement->findings[i];

			if (!is_failed(finding) || !in_pass(finding, pass))
				continue;
			add_mark(&table, text, finding->verdict);
			table_cell(&table, TEXT_BOLD, "%s", name_of(text, finding, name));
			table_cell(&table, TEXT_PLAIN, "%s", said(text, finding, reason));
		}
	}
	if (table.cell_count)
		report_text_heading(text, "Failed");
	table_print(&table, text->out);
	table_fini(&table);
}

static void add_threshold(struct table *table, const struct report_text *text, unsigned number)
{
	const struct threshold *threshold = &text->result->plan->thresholds[number - 1];
	const struct finding *finding = figures_threshold(text->result->judgement, number);
	char name[TEXT_FOREIGN_BYTES], figure[FIGURES_TEXT_BYTES];
	bool seen =
		finding && (finding->verdict == VERDICT_PASS || finding->verdict == VERDICT_FAIL ||
			    finding->verdict == VERDICT_WARN);

	add_mark(table, text, finding ? finding->verdict : VERDICT_UNOBSERVED);
	table_cell(table, TEXT_PLAIN, "%s", text_foreign(text->style, threshold->text, name));
	if (seen)
		table_cell(table, TEXT_PLAIN, "%s",
			   figures_text(finding->observed, threshold->unit, figure));
	else
		table_nothing(table);
	if (finding && !seen)
		table_cell(table, report_text_paint(finding->verdict), "%s: %s",
			   verdict_word(finding->verdict), said(text, finding, name));
	else
		table_cell(table, TEXT_DIM, "%s", finding ? "" : "not judged");
}

void report_text_thresholds(const struct report_text *text)
{
	struct table table;

	if (text->result->plan->threshold_count == 0)
		return;
	report_text_heading(text, "Thresholds");
	table_init(&table, text->style, "llrf");
	for (unsigned number = 1; number <= text->result->plan->threshold_count; number++)
		add_threshold(&table, text, number);
	table_print(&table, text->out);
	table_fini(&table);
}

static void add_check(struct table *table, const struct report_text *text,
		      const struct finding *finding)
{
	char shown[TEXT_FOREIGN_BYTES];
	bool pass = finding->verdict == VERDICT_PASS;

	add_mark(table, text, finding->verdict);
	table_cell(table, TEXT_PLAIN, "%s", name_of(text, finding, shown));
	table_cell(table, TEXT_DIM, "%s", check_level_word(finding->check->level));
	if (pass)
		table_cell(table, TEXT_DIM, "%s", said(text, finding, shown));
	else
		table_cell(table, report_text_paint(finding->verdict), "%s: %s",
			   verdict_word(finding->verdict), said(text, finding, shown));
}

/* One line per check, in the order of judging; what the profile excludes is only counted, unless
 * asked for. */
void report_text_checks(const struct report_text *text)
{
	const struct judgement *judgement = text->result->judgement;
	unsigned excluded = 0;
	struct table table;

	table_init(&table, text->style, "lllf");
	for (size_t i = 0; i < judgement->finding_count; i++) {
		const struct finding *finding = &judgement->findings[i];

		if (finding->threshold_number)
			continue;
		if (finding->verdict == VERDICT_NOT_APPLICABLE && !text->style->verbose)
			excluded++;
		else
			add_check(&table, text, finding);
	}
	if (table.cell_count || excluded)
		report_text_heading(text, "Checks");
	table_print(&table, text->out);
	table_fini(&table);
	if (excluded)
		fprintf(text->out, "  %s  %u not applicable (--verbose names them)\n",
			report_text_mark(text->style, VERDICT_NOT_APPLICABLE), excluded);
}

enum { LABEL_COLUMNS = 15, LABEL_INDENT = 4 };

static void print_labelled(const struct report_text *text, const char *label, const char *sentence)
{
	char shown[TEXT_FOREIGN_BYTES];

	if (!sentence || !*sentence)
		return;
	fprintf(text->out, "%*s", LABEL_INDENT, "");
	text_paint(text->out, text->style, TEXT_DIM, label);
	fprintf(text->out, "%*s", LABEL_COLUMNS - LABEL_INDENT - (int)strlen(label), "");
	text_wrap(text->out, text->style, LABEL_COLUMNS,
		  text_foreign(text->style, sentence, shown));
}

/* Requirement, clause, records, remedy: in the order of a reader's questions. */
static void print_failure(const struct report_text *text, const struct finding *finding)
{
	char name[TEXT_FOREIGN_BYTES], head[TEXT_FOREIGN_BYTES + 16];

	snprintf(head, sizeof(head), "\n  %s %s", report_text_mark(text->style, finding->verdict),
		 name_of(text, finding, name));
	text_paint(text->out, text->style, report_text_paint(finding->verdict), head);
	fprintf(text->out, "  %s, %s\n", check_level_word(finding->check->level),
		verdict_word(finding->verdict));
	print_labelled(text, "required", finding->check->requirement);
	print_labelled(text, "clause", finding->check->clause);
	print_labelled(text, "seen", said(text, finding, name));
	for (size_t i = 0; i < finding->evidence_count && i < VERDICT_EVIDENCE_MAX; i++)
		print_labelled(text, i == 0 ? "evidence" : "", finding->evidence[i]);
	print_labelled(text, "remedy", finding->check->remedy);
}

static bool needs_words(const struct finding *finding)
{
	return is_failed(finding) || finding->verdict == VERDICT_WARN ||
	       (finding->verdict == VERDICT_INCONCLUSIVE && finding->check->level == CHECK_MUST) ||
	       (finding->check->level == CHECK_INFO && finding->evidence_count > 0);
}

void report_text_failures(const struct report_text *text)
{
	const struct judgement *judgement = text->result->judgement;
	static const enum verdict order[] = {VERDICT_FAIL, VERDICT_ERROR, VERDICT_INCONCLUSIVE,
					     VERDICT_WARN, VERDICT_PASS};
	bool any = false;

	for (size_t v = 0; v < sizeof(order) / sizeof(order[0]); v++) {
		for (size_t i = 0; i < judgement->finding_count; i++) {
			const struct finding *finding = &judgement->findings[i];

			if (finding->verdict != order[v] || !needs_words(finding))
				continue;
			if (!any)
				report_text_heading(text, "Why");
			any = true;
			print_failure(text, finding);
		}
	}
}
