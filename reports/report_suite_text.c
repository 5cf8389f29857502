/* One suite's result for people: the verdict, what could not be seen, a grid by group, then each
 * finding with what was sent, what came back, why it matters and what to do. */
#include <string.h>

#include "base/span.h"
#include "reports/report_suite.h"
#include "reports/report_text.h"

enum { GROUP_COLUMNS = 12, LABEL_COLUMNS = 15, LABEL_INDENT = 4, GROUPS_MAX = 16 };

static void print_head(FILE *out, const struct report_suite *suite,
		       const struct report_style *style)
{
	const struct result result = {.judgement = suite->judgement};
	const struct report_text text = {out, &result, style};
	char line[2 * TEXT_FOREIGN_BYTES + 200], target[TEXT_FOREIGN_BYTES];
	char profile[TEXT_FOREIGN_BYTES];

	report_text_verdict(&text);
	snprintf(line, sizeof(line), "effects: %s", suite->effects);
	text_wrap(out, style, 0, line);
	if (*suite->clock)
		text_wrap(out, style, 0, suite->clock);
	if (suite->unreachable)
		text_wrap(out, style, 0, "the receiver could not be reached: nothing was judged");
	if (suite->interrupted)
		text_wrap(out, style, 0, "interrupted: shown is what was seen until then");
	if (style->quiet)
		return;
	snprintf(line, sizeof(line), "suite %s, profile %s, seed %llu, %s", suite->suite,
		 text_foreign(style, suite->profile, profile), (unsigned long long)suite->seed,
		 text_foreign(style, suite->target, target));
	text_wrap(out, style, 0, line);
}

/* ---- the grid ---- */

static bool is_of(const struct finding *finding, const char *group)
{
	return strcmp(finding->check->group, group) == 0;
}

/* "19 pass, 1 fail, 1 not applicable" */
static void print_group_counts(FILE *out, const struct judgement *judgement, const char *group)
{
	bool first = true;

	for (unsigned verdict = VERDICT_COUNT; verdict-- > 0;) {
		unsigned count = 0;

		for (size_t i = 0; i < judgement->finding_count; i++)
			count += is_of(&judgement->findings[i], group) &&
				 judgement->findings[i].verdict == (enum verdict)verdict;
		if (count == 0)
			continue;
		fprintf(out, "%s%u %s", first ? "  " : ", ", count,
			verdict_word((enum verdict)verdict));
		first = false;
	}
	fputc('\n', out);
}

static void print_group(FILE *out, const struct report_suite *suite,
			const struct report_style *style, const char *group)
{
	const struct judgement *judgement = suite->judgement;

	fprintf(out, "  %-*s", GROUP_COLUMNS - 2, group);
	for (size_t i = 0; i < judgement->finding_count; i++) {
		enum verdict verdict = judgement->findings[i].verdict;
		const char *mark = verdict == VERDICT_PASS && !style->utf8
					   ? "."
					   : report_text_mark(style, verdict);

		if (is_of(&judgement->findings[i], group))
			text_paint(out, style, report_text_paint(verdict), mark);
	}
	print_group_counts(out, judgement, group);
}

/* Whether a finding is the first of its group. */
static bool opens_group(const struct judgement *judgement, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (is_of(&judgement->findings[i], judgement->findings[index].check->group))
			return false;
	return true;
}

static void print_grid(FILE *out, const struct report_suite *suite,
		       const struct report_style *style)
{
	const struct judgement *judgement = suite->judgement;

	fputc('\n', out);
	for (size_t i = 0; i < judgement->finding_count; i++)
		if (opens_group(judgement, i))
			print_group(out, suite, style, judgement->findings[i].check->group);
}

/* ---- findings ---- */

static void print_labelled(FILE *out, const struct report_style *style, const char *label,
			   const char *sentence)
{
	char shown[TEXT_FOREIGN_BYTES];

	if (!*sentence)
		return;
	fprintf(out, "%*s", LABEL_INDENT, "");
	text_paint(out, style, TEXT_DIM, label);
	fprintf(out, "%*s", LABEL_COLUMNS - LABEL_INDENT - (int)strlen(label), "");
	text_wrap(out, style, LABEL_COLUMNS, text_foreign(style, sentence, shown));
}

static void print_finding(FILE *out, const struct report_style *style,
			  const struct finding *finding)
{
	char head[160];

	snprintf(head, sizeof(head), "\n  %s %s", report_text_mark(style, finding->verdict),
		 finding->check->id);
	text_paint(out, style, report_text_paint(finding->verdict), head);
	fprintf(out, "  %s, %s\n", check_level_word(finding->check->level),
		verdict_word(finding->verdict));
	print_labelled(out, style, "required", finding->check->requirement);
	print_labelled(out, style, "seen", finding->reason);
	print_labelled(out, style, "diagnosis", finding->diagnosis);
	for (size_t i = 0; i < finding->evidence_count; i++)
		print_labelled(out, style, i == 0 ? "evidence" : "", finding->evidence[i]);
	print_labelled(out, style, "remedy", finding->check->remedy);
}

static bool needs_words(const struct finding *finding)
{
	return finding->verdict == VERDICT_FAIL || finding->verdict == VERDICT_WARN ||
	       finding->verdict == VERDICT_ERROR;
}

/* What was not decided, a line each: a reader must not take it for passed. */
static void print_open(FILE *out, const struct report_suite *suite,
		       const struct report_style *style)
{
	const struct judgement *judgement = suite->judgement;
	char reason[TEXT_FOREIGN_BYTES];
	struct table table;

	table_init(&table, style, "lllf");
	for (size_t i = 0; i < judgement->finding_count; i++) {
		const struct finding *finding = &judgement->findings[i];
		bool open = finding->verdict == VERDICT_INCONCLUSIVE ||
			    finding->verdict == VERDICT_UNOBSERVED;

		if (!open && !(style->verbose && !needs_words(finding)))
			continue;
		table_cell(&table, report_text_paint(finding->verdict), "  %s",
			   report_text_mark(style, finding->verdict));
		table_cell(&table, TEXT_PLAIN, "%s", finding->check->id);
		table_cell(&table, TEXT_DIM, "%s", check_level_word(finding->check->level));
		table_cell(&table, TEXT_DIM, "%s: %s", verdict_word(finding->verdict),
			   text_foreign(style, finding->reason, reason));
	}
	if (table.cell_count) {
		fputc('\n', out);
		text_paint(out, style, TEXT_BOLD, style->verbose ? "Other checks" : "Not decided");
		fputc('\n', out);
	}
	table_print(&table, out);
	table_fini(&table);
}

int report_suite_text(FILE *out, const struct report_suite *suite, const struct report_style *style)
{
	char span[HP_SPAN_TEXT_BYTES];

	print_head(out, suite, style);
	if (style->quiet)
		return ferror(out) ? -1 : 0;
	print_grid(out, suite, style);
	for (enum check_level level = CHECK_MUST; level <= CHECK_INFO; level++)
		for (size_t i = 0; i < suite->judgement->finding_count; i++) {
			const struct finding *finding = &suite->judgement->findings[i];

			if (needs_words(finding) && finding->check->level == level)
				print_finding(out, style, finding);
		}
	print_open(out, suite, style);
	fprintf(out, "\n%llu deliveries in %s\nrepeat:   %s\n",
		(unsigned long long)suite->deliveries, hp_span_text(suite->duration_ns, span),
		suite->repeat);
	return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
