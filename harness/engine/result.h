/* The result of a run: all that a report may show. Assembled in cli/, stored in the run file,
 * rendered by reports/. Borrows everything; plain values else. */
#ifndef HP_ENGINE_RESULT_H
#define HP_ENGINE_RESULT_H
#include "engine/metrics.h"
#include "engine/plan.h"
#include "engine/verdict.h"

enum { RESULT_TEXT_BYTES = 256 };

enum result_time { RESULT_REAL, RESULT_SCALED, RESULT_VIRTUAL };

struct result {
	const char *tool_version;
	const char *command;     /* "run", "simulate", "load", "check" */
	const char *run_id;
	const char *run_file;    /* path; "" when there is none */
	const char *scenario;    /* name or path as given */
	const char *repeat;      /* the line that repeats it */
	const char *profile_json; /* plan->profile, as profile_print() wrote it; NULL: not shown */
	const char *judged_json;  /* the same of plan->judged */
	const struct plan *plan;
	const struct metrics *metrics;
	const struct judgement *judgement;
	enum result_time time_mode;
	uint64_t started_wall_ns; /* since 1970 */
	uint64_t duration_ns;
	bool interrupted;
	bool incomplete; /* the run file was not closed: judged from what is there */
	unsigned cpus;
	char kernel[RESULT_TEXT_BYTES];
};

const char *result_time_word(enum result_time mode);
#endif
