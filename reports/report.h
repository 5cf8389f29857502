/* Reports: how a finished run is shown. A format is a row and a file of its own; each is a fold
 * over struct result and writes to the stream it is given.
 * Not here: files and where they go (cli/), the live line (progress.h), verdicts (judge/). */
#ifndef HP_REPORTS_REPORT_H
#define HP_REPORTS_REPORT_H
#include <stdio.h>

#include "engine/result.h"

enum { REPORT_COLUMNS = 80, REPORT_SCHEMA = 1 }; /* REPORT_SCHEMA rises on an incompatible change */

struct report_file { /* a report that was already written, for the last lines of the summary */
	const char *path;
};

/* How people see it; machine formats look at none of it. All zero: plain ASCII, 80 columns. */
struct report_style {
	bool colour;
	bool utf8;
	bool quiet;       /* the verdict line only */
	bool verbose;     /* every check and endpoint in full, not applicable ones too */
	unsigned columns; /* of the terminal; 0: REPORT_COLUMNS, and never less than that */
	const struct report_file *files;
	size_t file_count;
};

struct report_format {
	const char *name;         /* "junit" */
	const char *default_file; /* within the run's folder; "" is stdout */
	const char *help;         /* one line for --help and `hookproof list` */

	/* Writes the report. Borrows all. -1 when the stream took no more; its errno says why. */
	int (*write)(FILE *out, const struct result *result, const struct report_style *style);
};

/* Every format, in the order in which help shows them; ends with a row without a name. */
extern const struct report_format report_formats[];

/* The row of that name, or NULL. */
const struct report_format *report_find(const char *name);

/* The writers, for the table only. */
#define REPORT_WRITERS(X) X(text) X(json) X(junit) X(junit_strict)
#define X(name)                                                                                    \
	int report_##name##_write(FILE *out, const struct result *result,                          \
				  const struct report_style *style);
REPORT_WRITERS(X)
#undef X
#endif
