/* The parts of the terminal summary, in the order in which they stand. For report_text*.c alone. */
#ifndef HP_REPORTS_REPORT_TEXT_H
#define HP_REPORTS_REPORT_TEXT_H
#include "reports/table.h"

struct report_text { /* what every part is handed; all borrowed */
	FILE *out;
	const struct result *result;
	const struct report_style *style;
};

/* A heading with an empty line above. */
void report_text_heading(const struct report_text *text, const char *heading);

/* How a verdict is marked and painted: "✓" or "ok". */
const char *report_text_mark(const struct report_style *style, enum verdict verdict);
enum text_paint report_text_paint(enum verdict verdict);

/* The verdict and the counts, one line; looks at the judgement alone. */
void report_text_verdict(const struct report_text *text);

/* The head: the verdict and what it is about (report_text.c). */
void report_text_head(const struct report_text *text);

/* Verdicts (report_text_checks.c): what failed in short, thresholds, checks, and the failures with
 * their evidence. Each prints nothing when there is nothing of it. */
void report_text_failed(const struct report_text *text);
void report_text_thresholds(const struct report_text *text);
void report_text_checks(const struct report_text *text);
void report_text_failures(const struct report_text *text);

/* Figures (report_text_figures.c). */
void report_text_accounting(const struct report_text *text);
void report_text_latencies(const struct report_text *text);
void report_text_attempts(const struct report_text *text);
void report_text_schedule(const struct report_text *text);
void report_text_run(const struct report_text *text);

/* What simulated receivers did wrong on purpose (report_text_faults.c). */
void report_text_faults(const struct report_text *text);

/* The endpoints (report_text_endpoints.c). */
void report_text_endpoints(const struct report_text *text);
#endif
