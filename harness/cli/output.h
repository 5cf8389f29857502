/* Where reports go: --report FORMAT[=PATH], files that appear only when they are whole, and paths
 * that cannot be written found before the run starts. Not here: what a report says (reports/). */
#ifndef HP_CLI_OUTPUT_H
#define HP_CLI_OUTPUT_H
#include "cli/runner.h"

struct output { /* borrowed */
	const struct runner_report *reports;
	size_t report_count;
	const char *folder; /* of the run: a report without a path goes there */
	bool json;          /* standard output carries the JSON report and nothing else */
};

/* Reads the texts of --report into out, which holds RUNNER_REPORTS_MAX. Borrows the texts.
 * HP_EUSAGE: an unknown format, too many, two for standard output. "-" is standard output, where
 * only JSON may go when json is set. */
int output_read_reports(const char *const texts[], size_t count, bool json,
			struct runner_report out[], struct hp_err *err)
	__attribute__((warn_unused_result));

/* Makes sure that every file can be made: HP_EENV with the path and the reason. The run's folder
 * must be there. Leaves nothing behind. */
int output_check(const struct output *output, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Writes all of them, files first; standard output gets the summary (or the JSON) unless a report
 * goes there by itself. A failed one is warned about and does not stop the others.
 * Returns how many failed. */
size_t output_write(const struct output *output, const struct result *result,
		    const struct report_style *style);

/* The same for files alone, for who writes to standard output himself. */
size_t output_write_files(const struct output *output, const struct result *result);

/* Whether standard output gets the summary for people. */
bool output_is_text(const struct output *output);
#endif
