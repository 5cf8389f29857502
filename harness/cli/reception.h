/* What `hookproof receive` says besides its lines: where its receivers listen, and in the end what
 * they counted beside the verdict. With --json that is the last line of the stream, one object:
 *   verdict, exit, seed, run_file   as every report has them
 *   receivers   name, deliveries, accepted, refused_signatures, duplicates, effects of each
 *   lines       deliveries that were printed, and that were dropped because the reader was slower
 *   report      the JSON report of the run (reports/report.schema.json)
 * Not here: judging, and reports in files (runner.c, output.h). */
#ifndef HP_CLI_RECEPTION_H
#define HP_CLI_RECEPTION_H
#include "cli/lines.h"
#include "cli/stage.h"

struct reception { /* borrowed for the call */
	struct stage *stage;
	const struct scenario *scenario;
	const char *folder; /* of the run */
	struct lines_count lines;
};

/* On standard error, before anything is received: who listens where, and what to trust. */
void reception_announce(const struct reception *reception);

/* The file of the authority that signed for receivers that speak TLS; nothing when none does. */
void reception_name_ca(const struct reception *reception);

/* The result on standard output: counts for people, which the report follows; or the last line of
 * the JSON stream. */
void reception_print(const struct reception *reception);
void reception_print_json(const struct reception *reception, const struct result *result);
#endif
