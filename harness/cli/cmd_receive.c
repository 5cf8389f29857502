/* hookproof receive: simulated receivers for any sender, from a scenario or from options, which
 * become a scenario document around one receiver. */
#include "cli/command.h"

#include <stdlib.h>

#include "cli/intent.h"
#include "cli/receive_document.h"
#include "scenarios/scenario.h"
#include "web/control.h"

/* ---- options ---- */

static const unsigned char inline_only[] = {
	/* what a scenario says by itself */
	OPT_LISTEN,  OPT_STATUS,    OPT_NO_VERIFY,  OPT_NOT_IDEMPOTENT, OPT_TLS,
	OPT_LATENCY, OPT_BEHAVIOUR, OPT_SECRET_ENV, OPT_SECRET_FILE,    OPT_SECRET,
	OPT_DNS,
};

static int check_options(const struct options *options, struct hp_err *err)
{
	bool inlined = false;

	for (size_t i = 0; i < sizeof(inline_only); i++)
		inlined = inlined || options_given(options, (enum option_id)inline_only[i]);
	if (inlined && options_word_count(options))
		return hp_err_set(err, HP_EUSAGE,
				  "either a scenario, which says all about its receivers, "
				  "or options like --listen");
	if (options_given(options, OPT_NO_VERIFY) || options_word_count(options) ||
	    options_given(options, OPT_SECRET_ENV) || options_given(options, OPT_SECRET_FILE) ||
	    options_given(options, OPT_SECRET))
		return 0;
	return hp_err_set(err, HP_EUSAGE,
			  "signatures under which secret? --secret-env NAME, or "
			  "--no-verify");
}

/* ---- the control endpoint ---- */

enum { TOKEN_BYTES_MIN = 16, TOKEN_BYTES_MAX = 256 };

struct control_wish {
	struct port_address address;
	struct hp_secret *token; /* owned; NULL: no endpoint is wanted */
};

/* One that is made here is shown here and nowhere else. */
static struct hp_secret *make_token(void)
{
	char token[CONTROL_TOKEN_BYTES];

	control_token(token);
	fprintf(stderr, "control token: %s\n", token);
	return hp_secret_new(hp_view_of(token));
}

static struct hp_secret *read_token(const char *name, struct hp_err *err)
{
	const char *value = getenv(name);
	size_t bytes = value ? strlen(value) : 0;

	for (size_t i = 0; i < bytes; i++)
		if (value[i] <= ' ' || value[i] > '~')
			bytes = 0;
	if (bytes >= TOKEN_BYTES_MIN && bytes <= TOKEN_BYTES_MAX)
		return hp_secret_new(hp_view_of(value));
	hp_err_set(err, HP_EUSAGE, "--control-token-env %s: want %d to %d visible characters of "
		   "ASCII in that variable", name, TOKEN_BYTES_MIN, TOKEN_BYTES_MAX);
	return NULL;
}

static int read_control(struct control_wish *out, const struct options *options,
			struct hp_err *err)
{
	const char *listen = options_text(options, OPT_CONTROL, NULL);
	const char *name = options_text(options, OPT_CONTROL_TOKEN_ENV, NULL);

	*out = (struct control_wish){.token = NULL};
	if (!listen && name)
		return hp_err_set(err, HP_EUSAGE, "--control-token-env goes with --control");
	if (!listen)
		return 0;
	if (!scenario_parse_listen(hp_view_of(listen), &out->address))
		return hp_err_set(err, HP_EUSAGE, "--control: want an address and a port like "
				  "127.0.0.1:0, found '%s'", listen);
	out->token = name ? read_token(name, err) : make_token();
	return out->token ? 0 : -1;
}

/* ---- the command ---- */

static int receive(struct intent *intent, const struct options *options, struct hp_err *err)
{
	intent->runner.world = RUNNER_RECEIVING;
	intent->runner.for_ns = options_span_ns(options, OPT_FOR, 0);
	intent->runner.count = options_integer(options, OPT_COUNT, 0);
	intent->runner.scenario = "receive";
	if (options_word_count(options))
		intent->runner.scenario = options_word(options, 0);
	else if (receive_document_write(intent, options, err) < 0)
		return -1;
	return intent_run(intent, err);
}

static int run_receive(const struct options *options, struct hp_err *err)
{
	struct control_wish control;
	struct intent intent;
	int exit = -1;

	if (check_options(options, err) < 0 || intent_init(&intent, "receive", options, err) < 0)
		return -1;
	if (read_control(&control, options, err) == 0) {
		if (control.token)
			intent.runner.control = &control.address;
		intent.runner.control_token = control.token;
		exit = receive(&intent, options, err);
	}
	hp_secret_free(control.token);
	intent_fini(&intent);
	return exit;
}

static const unsigned char takes[] = {
	OPT_LISTEN, OPT_SECRET_ENV, OPT_SECRET_FILE, OPT_SECRET, OPT_NO_VERIFY, OPT_PROFILE,
	OPT_SET, OPT_TLS, OPT_DNS, OPT_STATUS, OPT_LATENCY, OPT_BEHAVIOUR, OPT_FOR, OPT_COUNT,
	OPT_NOT_IDEMPOTENT, OPT_SEED, OPT_RECORD, OPT_OUT, OPT_RUN_ID, OPT_REPORT, OPT_JSON,
	OPT_QUIET, OPT_COLOUR, OPT_VERBOSE, OPT_CONTROL, OPT_CONTROL_TOKEN_ENV, OPT_END,
};

const struct command cmd_receive = {
	.name = "receive",
	.words = "[SCENARIO]",
	.summary = "play simulated receivers until stopped",
	.details =
		"Takes deliveries of any sender, verifies them, counts effects and duplicates, and "
		"misbehaves as it is told: one receiver from the options, or those of a scenario.\n"
		"hookproof list faults shows the behaviours. Each delivery is a line on standard "
		"output; --for, --count or Ctrl-C ends it, and then what was seen is judged.\n"
		"With --json each delivery is one object in one line, {\"delivery\": {...}}, and "
		"the last line is the result: verdict, exit, seed, run_file, receivers, lines "
		"(printed and dropped) and report. A reader that is slower than the deliveries "
		"loses lines, which are counted, and no record of the run file.\n"
		"--dns plays the resolver for senders that can be told to ask it: "
		"receiver.hookproof.test, or NAME.hookproof.test of a scenario's receivers, with "
		"the faults name-*.\n"
		"--control serves tests in other languages, with Authorization: Bearer TOKEN:\n"
		"  GET  /v1/receivers                  names, URLs, counters, behaviours\n"
		"  GET  /v1/events?receiver=NAME       arrivals and effects of each event\n"
		"  GET  /v1/events/KEY?receiver=NAME   the same of one event\n"
		"  PUT  /v1/receivers/NAME/behaviours  a JSON array as in a scenario, from now on\n"
		"  POST /v1/reset                      forget all events\n"
		"  POST /v1/shutdown                   end like Ctrl-C\n",
	.examples = "  hookproof receive --listen 127.0.0.1:8080 --secret-env HOOK_SECRET\n"
		    "  hookproof receive --no-verify --status 503 --latency lognormal:5ms,80ms\n"
		    "  hookproof receive --listen 127.0.0.1:8080 --no-verify \\\n"
		    "    --behaviour share:share=0.1,fault=status,code=503 \\\n"
		    "    --behaviour 'plan:attempts=[{\"status\":503},{\"status\":204}]'\n"
		    "  hookproof receive outage-and-recovery --for 5m\n"
		    "  hookproof receive --secret-env HOOK_SECRET --control 127.0.0.1:0 --json\n",
	.takes = takes,
	.words_max = 1,
	.run = run_receive,
};
