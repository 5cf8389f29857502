/* How a suite's result is shown: a grid by group and the findings for people, one object as JSON.
 * Not here: JUnit, which takes the same findings in a struct result (report.h). */
#ifndef HP_REPORTS_REPORT_SUITE_H
#define HP_REPORTS_REPORT_SUITE_H
#include "reports/report.h"

struct report_suite { /* all borrowed */
	const char *tool_version;
	const char *suite, *profile, *target;
	const char *profile_json; /* every value that was used, as profile_print() wrote it */
	const char *repeat;       /* the line that repeats it */
	const char *effects;      /* how effects were observed, or that they were not */
	const char *clock;        /* a remark on the other side's clock; "": none */
	const struct judgement *judgement;
	uint64_t seed, key_seed;  /* key_seed: what --replay takes to make the same ids */
	uint64_t deliveries, duration_ns;
	bool interrupted, unreachable;
};

/* Write to the stream. -1 when it took no more; its errno says why. */
int report_suite_text(FILE *out, const struct report_suite *suite,
		      const struct report_style *style);
int report_suite_json(FILE *out, const struct report_suite *suite);
#endif
