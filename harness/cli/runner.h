/* The runner: wires one run together and takes it from the scenario to the exit code.
 * Scenario -> plan -> run file, simulated receivers, generator -> history -> judge -> reports.
 * `run`, `load`, `simulate` and `receive` are the same path in different worlds.
 * Not here: what the command line says (cmd_*.c). */
#ifndef HP_CLI_RUNNER_H
#define HP_CLI_RUNNER_H
#include "base/secret.h"
#include "reports/report.h"
#include "scenarios/scenario.h"

enum runner_world {
	RUNNER_SOCKETS,  /* run, load: real sockets, real or scaled time */
	RUNNER_VIRTUAL,  /* simulate: virtual time and network */
	RUNNER_RECEIVING, /* receive: the simulated receivers alone, for any sender */
};

struct runner_report { /* --report FORMAT[=PATH] */
	const struct report_format *format;
	const char *path; /* NULL: the format's default */
};

#define RUNNER_FOLDER "hookproof-out" /* below it lies each run that --out does not place */

enum { RUNNER_REPORTS_MAX = 8, RUNNER_HOSTS_MAX = 16, RUNNER_SETS_MAX = 64 };

struct runner_request { /* borrowed for the call; zero and NULL are the defaults */
	enum runner_world world;
	const char *command;         /* "run", "load", … for reports */
	const char *repeat;          /* the line that repeats it, without secrets */
	const char *scenario;        /* shipped name or path, as typed */
	struct hp_view text;         /* the document itself, when it was made from options */
	const struct hp_secret *secret; /* from --secret-file or --secret: of every endpoint that
					 * names none of its own; never stored */
	struct scenario_overrides overrides;
	const char *out;    /* folder; NULL: hookproof-out/<run id> */
	const char *run_id; /* NULL: made from the wall clock and the scenario's name */
	struct runner_report reports[RUNNER_REPORTS_MAX];
	size_t report_count;
	const char *const *allow_hosts;
	size_t allow_host_count;
	uint64_t for_ns;   /* receive: how long; 0: until stopped */
	uint64_t count;    /* receive: until that many deliveries; 0: no limit */
	const struct port_address *control;    /* receive: of the control endpoint; NULL: none */
	const struct hp_secret *control_token; /* with it; never stored */
	bool json, quiet, verbose, colour, utf8;
	unsigned columns;
};

/* Runs it. Returns the exit code of the verdict, or -1 with *err when it could not go on. */
int runner_run(const struct runner_request *request, struct hp_err *err)
	__attribute__((warn_unused_result));
#endif
