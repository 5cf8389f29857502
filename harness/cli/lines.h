/* The lines of `hookproof receive`, one for each delivery on standard output as it ends: a copy of
 * each receipt goes into a bounded queue, which a thread of its own empties. The writer of records
 * never waits: when the reader of standard output is slower, lines are dropped and counted, and the
 * run file has every record all the same.
 * Not here: what stands in a line (reports/line.h). */
#ifndef HP_CLI_LINES_H
#define HP_CLI_LINES_H
#include <stdio.h>

#include "base/err.h"
#include "engine/plan.h"
#include "engine/record.h"

struct lines;

struct lines_config {
	FILE *out;             /* nobody else writes to it until lines_end() */
	const struct plan *plan; /* names of endpoints; borrowed until lines_free() */
	bool json, utf8;
};

/* Returns new; NULL with HP_EENV. */
struct lines *lines_new(const struct lines_config *config, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Begins to print; the moments of records count from started_wall_ns, ns since 1970. -1 with
 * HP_EENV. */
int lines_start(struct lines *lines, uint64_t started_wall_ns, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Stops what still runs. */
void lines_free(struct lines *lines);

/* Takes a receipt, on the one thread that writes receipts; never waits. */
void lines_see(struct lines *lines, const struct record *record);

struct lines_count {
	uint64_t printed, dropped; /* deliveries */
};

/* Nothing is seen any more: prints what waits, which takes as long as the reader of `out` does.
 * Returns what became of the lines in all; once. */
struct lines_count lines_end(struct lines *lines);
#endif
