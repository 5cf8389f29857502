/* hookproof run and simulate: a scenario, on real sockets or in virtual time. */
#include "cli/command.h"
#include "cli/intent.h"

static int run_in(enum runner_world world, const char *command, const struct options *options,
		  struct hp_err *err)
{
	struct intent intent;
	int exit;

	if (intent_init(&intent, command, options, err) < 0)
		return -1;
	intent.runner.world = world;
	intent.runner.scenario = options_word(options, 0);
	exit = intent_run(&intent, err);
	intent_fini(&intent);
	return exit;
}

static int run_run(const struct options *options, struct hp_err *err)
{
	return run_in(RUNNER_SOCKETS, "run", options, err);
}

static int run_simulate(const struct options *options, struct hp_err *err)
{
	return run_in(RUNNER_VIRTUAL, "simulate", options, err);
}

static const unsigned char takes[] = {
	OPT_SEED, OPT_PROFILE,    OPT_SET,   OPT_RECORD, OPT_OUT,     OPT_RUN_ID, OPT_REPORT,
	OPT_JSON, OPT_ALLOW_HOST, OPT_QUIET, OPT_COLOUR, OPT_VERBOSE, OPT_END,
};

const struct command cmd_run = {
	.name = "run",
	.words = "SCENARIO",
	.summary = "run a scenario: generate, deliver, observe, judge, report",
	.details = "SCENARIO is a JSON file, or the name of a shipped one (hookproof list "
		   "scenarios).\n"
		   "Ctrl-C ends the run cleanly, judges what was seen and reports it.\n"
		   "Exit: 0 passed, 1 failed, 2 usage, 3 bad scenario, 4 undecided, 5 target "
		   "unreachable, 6 the measurement cannot be trusted.\n",
	.examples = "  hookproof run first-run\n"
		    "  hookproof run outage.json --seed 7 --report junit=out/junit.xml\n"
		    "  hookproof run steady-load --set retry.base=200ms --json\n",
	.takes = takes,
	.words_min = 1,
	.words_max = 1,
	.run = run_run,
};

static const unsigned char simulate_takes[] = {
	OPT_SEED,   OPT_PROFILE, OPT_SET,   OPT_RECORD, OPT_OUT,     OPT_RUN_ID,
	OPT_REPORT, OPT_JSON,    OPT_QUIET, OPT_COLOUR, OPT_VERBOSE, OPT_END,
};

const struct command cmd_simulate = {
	.name = "simulate",
	.words = "SCENARIO",
	.summary = "run a scenario in virtual time, without a network",
	.details =
		"The same plan, receivers, judge and reports as run, with a clock that jumps from "
		"one event to the next: 17 hours of retries take less than a second.\n"
		"The network is the scenario's \"network\": latency and loss.\n",
	.examples = "  hookproof simulate retry-to-exhaustion\n"
		    "  hookproof simulate outage.json --seed 7 --json\n",
	.takes = simulate_takes,
	.words_min = 1,
	.words_max = 1,
	.run = run_simulate,
};
