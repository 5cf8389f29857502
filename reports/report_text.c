/* The summary for people: the verdict first, then why, then the figures, evidence at the end, and
 * last what to type next. */
#include "reports/report_text.h"

#include <string.h>

static const struct {
	const char *word, *mark, *mark_utf8;
	enum text_paint paint;
} verdicts[] = {
	[RUN_PASS] = {"PASS", "ok", "\u2713", TEXT_GREEN},
	[RUN_FAIL] = {"FAIL", "x", "\u2717", TEXT_RED},
	[RUN_UNDECIDED] = {"UNDECIDED", "?", "?", TEXT_VIOLET},
	[RUN_INVALID] = {"INVALID", "!", "!", TEXT_AMBER},
};

void report_text_heading(const struct report_text *text, const char *heading)
{
	fputc('\n', text->out);
	text_paint(text->out, text->style, TEXT_BOLD, heading);
	fputc('\n', text->out);
}

/* "2 fail, 9 pass, 1 warn, 4 not applicable": what decided comes first, nothing that is zero. */
static void counts_text(const struct judgement *judgement, char *out, size_t out_bytes)
{
	static const struct {
		enum verdict verdict;
		const char *words;
	} order[] = {
		{VERDICT_FAIL, "fail"},
		{VERDICT_ERROR, "error"},
		{VERDICT_INCONCLUSIVE, "inconclusive"},
		{VERDICT_PASS, "pass"},
		{VERDICT_WARN, "warn"},
		{VERDICT_UNOBSERVED, "unobserved"},
		{VERDICT_NOT_APPLICABLE, "not applicable"},
	};
	size_t at = 0;

	_Static_assert(sizeof(order) / sizeof(order[0]) == VERDICT_COUNT,
		       "each verdict has a word");
	for (size_t i = 0; i < VERDICT_COUNT && at < out_bytes; i++) {
		unsigned count = judgement->counts[order[i].verdict];

		if (count)
			at += (size_t)snprintf(out + at, out_bytes - at, "%s%u %s", at ? ", " : "",
					       count, order[i].words);
	}
	if (at == 0)
		snprintf(out, out_bytes, "nothing was checked");
}

void report_text_verdict(const struct report_text *text)
{
	const struct judgement *judgement = text->result->judgement;
	char counts[160], word[32];
	unsigned v = judgement->verdict;

	counts_text(judgement, counts, sizeof(counts));
	snprintf(word, sizeof(word), "%s %s",
		 text->style->utf8 ? verdicts[v].mark_utf8 : verdicts[v].mark, verdicts[v].word);
	text_paint(text->out, text->style, verdicts[v].paint, word);
	fprintf(text->out, "  %s\n", counts);
}

/* A line of the head: what a reader of the verdict must know as well. */
static void print_remark(const struct report_text *text, const char *remark)
{
	char shown[TEXT_FOREIGN_BYTES];

	text_paint(text->out, text->style, TEXT_AMBER, "! ");
	text_wrap(text->out, text->style, 2, text_foreign(text->style, remark, shown));
}

static void print_remarks(const struct report_text *text)
{
	const struct result *result = text->result;
	char remark[VERDICT_REASON_BYTES + 64];

	if (result->interrupted)
		print_remark(text, "interrupted: judged and shown is what was seen until then");
	if (result->incomplete)
		print_remark(text, "the run file was not closed: judged from what it holds");
	if (result->judgement->untrusted) {
		snprintf(remark, sizeof(remark), "the measurement cannot be trusted: %s",
			 result->judgement->untrusted_reason);
		print_remark(text, remark);
	}
}

/* "real time", "scaled time x 0.001", "virtual time". */
static void time_text(const struct report_text *text, char *out, size_t out_bytes)
{
	const char *times = text->style->utf8 ? "\u00d7" : "x";
	double scale = text->result->plan->time_scale;

	if (text->result->time_mode == RESULT_VIRTUAL)
		snprintf(out, out_bytes, "virtual time");
	else if (text->result->time_mode == RESULT_SCALED)
		snprintf(out, out_bytes, "scaled time %s %g", times, scale);
	else
		snprintf(out, out_bytes, "real time");
}

static void print_subject(const struct report_text *text)
{
	const struct result *result = text->result;
	char scenario[TEXT_FOREIGN_BYTES], profile[TEXT_FOREIGN_BYTES], mode[64];
	char line[2 * TEXT_FOREIGN_BYTES + 200];

	time_text(text, mode, sizeof(mode));
	snprintf(line, sizeof(line), "%s %s, profile %s, seed %llu, %s", result->command,
		 text_foreign(text->style, result->scenario, scenario),
		 text_foreign(text->style, result->plan->judged.name, profile),
		 (unsigned long long)result->plan->seed, mode);
	text_wrap(text->out, text->style, 0, line);
}

void report_text_head(const struct report_text *text)
{
	report_text_verdict(text);
	if (!text->style->quiet)
		print_subject(text);
	print_remarks(text);
}

static void print_last(const struct report_text *text, const char *label, const char *value)
{
	char shown[TEXT_FOREIGN_BYTES];

	if (!value || !*value)
		return;
	text_paint(text->out, text->style, TEXT_DIM, label);
	fprintf(text->out, "%*s%s\n", 10 - (int)strlen(label), "",
		text_foreign(text->style, value, shown));
}

/* Paths and commands are never wrapped: they are there to be copied. */
static void print_tail(const struct report_text *text)
{
	fputc('\n', text->out);
	for (size_t i = 0; i < text->style->file_count; i++)
		print_last(text, "report:", text->style->files[i].path);
	print_last(text, "run file:", text->result->run_file);
	print_last(text, "repeat:", text->result->repeat);
}

int report_text_write(FILE *out, const struct result *result, const struct report_style *style)
{
	const struct report_text text = {out, result, style};

	report_text_head(&text);
	if (style->quiet)
		return ferror(out) ? -1 : 0;
	report_text_failed(&text);
	report_text_thresholds(&text);
	report_text_checks(&text);
	report_text_accounting(&text);
	if (result->metrics->attempts) {
		report_text_latencies(&text);
		report_text_endpoints(&text);
		report_text_attempts(&text);
		report_text_schedule(&text);
	}
	report_text_faults(&text);
	report_text_run(&text);
	report_text_failures(&text);
	print_tail(&text);
	return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
