/* hookproof check and report: a recorded run, judged again or shown again. */
#include "cli/command.h"
#include "cli/output.h"
#include "cli/recorded.h"
#include "cli/terminal.h"

enum { EXIT_ENVIRONMENT = 4 };

/* ---- showing it ---- */

struct showing { /* where, and how */
	struct runner_report reports[RUNNER_REPORTS_MAX];
	struct output output;
	struct report_style style;
};

static int showing_init(struct showing *out, const struct options *options, const char *folder,
			struct hp_err *err)
{
	struct terminal terminal =
		terminal_of(stdout, terminal_wish_of(options_text(options, OPT_COLOUR, "auto")));
	size_t count;
	const char *const *texts = options_texts(options, OPT_REPORT, &count);

	*out = (struct showing){
		.output =
			{
				.report_count = count,
				.folder = folder,
				.json = options_given(options, OPT_JSON),
			},
		.style =
			{
				.colour = terminal.colour,
				.utf8 = terminal.utf8,
				.columns = terminal.columns,
				.quiet = options_given(options, OPT_QUIET),
				.verbose = options_given(options, OPT_VERBOSE),
			},
	};
	out->output.reports = out->reports;
	return output_read_reports(texts, count, out->output.json, out->reports, err);
}

enum verdicts { STORED, AGAIN };

/* Takes or makes the verdicts and writes all reports. *failed: how many were not written. Returns
 * the verdict's exit code, or -1 with *err. */
static int show(const struct options *options, enum verdicts verdicts, size_t *failed,
		struct hp_err *err)
{
	struct recorded *recorded = recorded_open(options_word(options, 0), err);
	struct showing showing;
	const struct result *result;
	int exit = -1;

	if (!recorded)
		return -1;
	if (!recorded_judged(recorded))
		verdicts = AGAIN; /* it was cut off, or its judge was */
	if (showing_init(&showing, options, recorded_folder(recorded), err) == 0 &&
	    output_check(&showing.output, err) == 0 &&
	    (verdicts == AGAIN ? recorded_judge(recorded, err)
			       : recorded_take_verdicts(recorded, err)) == 0) {
		result = recorded_result(recorded, verdicts == AGAIN ? "check" : NULL);
		*failed = output_write(&showing.output, result, &showing.style);
		exit = result->judgement->exit;
	}
	recorded_close(recorded);
	return exit;
}

/* ---- check ---- */

static int run_check(const struct options *options, struct hp_err *err)
{
	size_t failed = 0;
	int exit = show(options, AGAIN, &failed, err);

	return exit == 0 && failed ? EXIT_ENVIRONMENT : exit;
}

static const unsigned char takes[] = {
	OPT_REPORT, OPT_JSON, OPT_QUIET, OPT_COLOUR, OPT_VERBOSE, OPT_END,
};

const struct command cmd_check = {
	.name = "check",
	.words = "RUN",
	.summary = "judge a recorded run again",
	.details =
		"RUN is a run's folder, its run.db, or its id below hookproof-out/.\n"
		"Judging is a function of the history: the same file gives the same verdicts and "
		"exit code on any machine. A file that was cut off is judged by what is there.\n",
	.examples = "  hookproof check hookproof-out/20261124-080000-first-run\n"
		    "  hookproof check run.db --json\n",
	.takes = takes,
	.words_min = 1,
	.words_max = 1,
	.run = run_check,
};

/* ---- report ---- */

/* Showing is not judging: the exit code says whether it could be shown. */
static int run_report(const struct options *options, struct hp_err *err)
{
	size_t failed = 0;

	if (show(options, STORED, &failed, err) < 0)
		return -1;
	return failed ? EXIT_ENVIRONMENT : 0;
}

const struct command cmd_report = {
	.name = "report",
	.words = "RUN",
	.summary = "show a recorded run, in any format",
	.details =
		"RUN is a run's folder, its run.db, or its id below hookproof-out/.\n"
		"Shows the verdicts that are stored; a run that was cut off is judged by what is "
		"there. Exit 0 when it could be shown, whatever the verdict: check has its exit "
		"code.\n",
	.examples =
		"  hookproof report hookproof-out/20261124-080000-first-run\n"
		"  hookproof report run.db --report junit=junit.xml --report json=report.json\n",
	.takes = takes,
	.words_min = 1,
	.words_max = 1,
	.run = run_report,
};
