/* hookproof certify receiver URL: the receiver suite against one endpoint. */
#include "cli/command.h"

#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/span.h"
#include "base/version.h"
#include "certify/certify.h"
#include "cli/output.h"
#include "cli/safety.h"
#include "cli/secrets.h"
#include "cli/signing.h"
#include "cli/terminal.h"
#include "cli/trust.h"
#include "net/address.h"
#include "net/clock.h"
#include "reports/report_suite.h"
#include "scenarios/profile_document.h"
#include "scenarios/scenario.h"
#include "scenarios/shipped.h"

enum { REPEAT_BYTES_MAX = 16 * 1024, PROFILE_TEXT_BYTES_MAX = 256 * 1024 };
#define PICK_NS (2 * HP_S_NS)

struct place { /* a URL that was resolved and may be sent to */
	struct plan_endpoint endpoint;
	char tls_host[PLAN_HOST_BYTES];
};

struct session { /* one run of the command; owned */
	const struct options *options;
	struct suite suite;
	struct profile profile;
	struct secrets secrets;
	struct hp_secret *old, *known;
	struct command_line *commands[SUITE_COMMANDS];
	struct place target, effects;
	struct probe *probe;
	struct certify *certify;
	struct runner_report reports[RUNNER_REPORTS_MAX];
	size_t report_count;
	uint64_t seed, key_seed, started_wall_ns;
	struct terminal_progress progress;
};

/* ---- what the options say ---- */

static int resolve(struct place *out, const char *url, const struct options *options,
		   struct hp_err *err)
{
	struct safety safety;
	struct address_list addresses;

	safety.hosts = options_texts(options, OPT_ALLOW_HOST, &safety.count);
	if (!scenario_parse_url(hp_view_of(url), &out->endpoint))
		return hp_err_set(err, HP_EUSAGE, "'%s': want a URL like "
				  "http://127.0.0.1:8080/hooks", url);
	if (safety_check_url(&safety, url, err) < 0)
		return -1;
	trust_host(&out->endpoint, out->tls_host);
	if (address_resolve(out->tls_host, out->endpoint.address.number, &addresses, err) < 0)
		return -1;
	for (size_t i = 0; i < addresses.count; i++)
		if (safety_check_address(&safety, out->tls_host, &addresses.at[i], err) < 0)
			return -1;
	out->endpoint.address = *address_pick(&addresses, PICK_NS);
	return 0;
}

static struct tls_client_config trust_of(const struct options *options)
{
	return (struct tls_client_config){
		.ca_file = options_text(options, OPT_CA, NULL),
		.insecure = options_given(options, OPT_INSECURE),
	};
}

/* "http://…?key={key}#/pointer" */
static int open_url_probe(struct session *session, const char *text, struct hp_err *err)
{
	const char *pointer = strchr(text, '#');
	char url[PLAN_URL_BYTES];
	struct probe_target target = {.pointer = pointer ? pointer + 1 : ""};

	snprintf(url, sizeof(url), "%.*s", (int)strcspn(text, "#"), text);
	if (!strstr(url, "{key}") || (*target.pointer && *target.pointer != '/'))
		return hp_err_set(err, HP_EUSAGE, "--effect-url: want a URL with {key} in it, and "
				  "behind a # a JSON pointer that begins with /");
	if (resolve(&session->effects, url, session->options, err) < 0)
		return hp_err_wrap(err, "--effect-url");
	target.address = session->effects.endpoint.address;
	target.host = session->effects.endpoint.host;
	target.target = session->effects.endpoint.target;
	if (session->effects.endpoint.tls.used)
		target.tls_host = session->effects.tls_host;
	target.tls = trust_of(session->options);
	session->probe = probe_url_new(&target, err);
	return session->probe ? 0 : -1;
}

static int open_probe(struct session *session, struct hp_err *err)
{
	const char *url = options_text(session->options, OPT_EFFECT_URL, NULL);
	const char *command = options_text(session->options, OPT_EFFECT_COMMAND, NULL);

	if (url && command)
		return hp_err_set(err, HP_EUSAGE, "either --effect-url or --effect-command");
	if (url)
		return open_url_probe(session, url, err);
	if (!command)
		return 0;
	session->probe = probe_command_new(command, "", err);
	return session->probe ? 0 : -1;
}

static int open_commands(struct session *session, struct hp_err *err)
{
	static const enum option_id ids[] = {[SUITE_RUN_RESTART] = OPT_RESTART_COMMAND,
					     [SUITE_RUN_ROTATE] = OPT_ROTATE_COMMAND,
					     [SUITE_RUN_CLOCK] = OPT_CLOCK_COMMAND};

	for (unsigned i = SUITE_RUN_RESTART; i < SUITE_COMMANDS; i++) {
		const char *text = options_text(session->options, ids[i], NULL);

		if (text && !(session->commands[i] = command_line_new(text, err)))
			return -1;
	}
	return 0;
}

/* The one secret that an option's variable holds; NULL: the option was not given. */
static int read_variable(const struct options *options, enum option_id id, struct hp_secret **out,
			 struct hp_err *err)
{
	size_t count;
	const char *const *names = options_texts(options, id, &count), *text;

	if (count == 0)
		return 0;
	text = getenv(names[0]);
	if (count > 1 || !text || !*text)
		return hp_err_set(err, HP_EUSAGE, "%s: want one variable with a secret in it",
				  names[0]);
	*out = hp_secret_new(hp_view_of(text));
	return 0;
}

static int read_secrets(struct session *session, struct hp_err *err)
{
	if (secrets_read(&session->secrets, session->options, err) < 0)
		return -1;
	if (session->secrets.count != 1)
		return hp_err_set(err, HP_EUSAGE, session->secrets.count
				  ? "one secret: --old-secret-env takes the one before a rotation"
				  : "which secret? --secret-env NAME says where it is");
	if (read_variable(session->options, OPT_OLD_SECRET_ENV, &session->old, err) < 0)
		return -1;
	return read_variable(session->options, OPT_OTHER_SECRET_ENV, &session->known, err);
}

static int load_suite(struct session *session, const char *name, struct hp_err *err)
{
	const struct shipped *shipped = shipped_find("suite", name);

	if (!shipped)
		return hp_err_set(err, HP_EUSAGE, "certify: want receiver, found '%s'", name);
	return suite_load(&session->suite, shipped->text, name, err);
}

/* The key seed differs from run to run, so that no run repeats the events of another one. */
static void draw_seeds(struct session *session)
{
	struct hp_key key = {.seed = clock_wall_ns(), .stream = HP_STREAM_RUN};

	session->seed = options_integer(session->options, OPT_SEED,
					hp_random_below(&key, HP_JSON_INTEGER_MAX));
	key.endpoint = 1;
	key.event = session->seed;
	session->key_seed = hp_random_below(&key, HP_JSON_INTEGER_MAX);
}

static enum check_level level_of(const struct options *options)
{
	const char *word = options_text(options, OPT_LEVEL, "all");

	if (strcmp(word, "must") == 0)
		return CHECK_MUST;
	return strcmp(word, "should") == 0 ? CHECK_SHOULD : CHECK_INFO;
}

/* Only JUnit goes to files: the JSON object is what --json prints. */
static int read_reports(struct session *session, struct hp_err *err)
{
	const char *const *texts = options_texts(session->options, OPT_REPORT,
						 &session->report_count);
	bool json = options_given(session->options, OPT_JSON);

	if (output_read_reports(texts, session->report_count, json, session->reports, err) < 0)
		return -1;
	for (size_t i = 0; i < session->report_count; i++)
		if (strncmp(session->reports[i].format->name, "junit", 5) != 0 ||
		    !session->reports[i].path)
			return hp_err_set(err, HP_EUSAGE, "--report: certify writes junit=PATH and "
					  "junit-strict=PATH; --json prints the JSON object");
	return 0;
}

/* ---- progress and Ctrl-C ---- */

static _Atomic(struct certify *) running;

static void on_signal(int number)
{
	struct certify *certify = atomic_exchange(&running, NULL);

	if (!certify)
		_Exit(128 + number);
	certify_stop(certify);
}

static void watch_signals(struct certify *certify)
{
	struct sigaction action = {.sa_handler = certify ? on_signal : SIG_DFL};

	atomic_store(&running, certify);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void on_check(void *arg, const char *id, size_t index, size_t count)
{
	struct session *session = arg;
	char text[160];

	snprintf(text, sizeof(text), "%zu of %zu: %s", index + 1, count, id);
	terminal_progress_show(&session->progress, text, clock_mono_ns());
}

/* ---- the run ---- */

static struct certify_config config_of(struct session *session)
{
	const struct options *options = session->options;
	size_t count;
	const char *const *names = options_texts(options, OPT_SECRET_ENV, &count);
	struct plan_endpoint *endpoint = &session->target.endpoint;
	struct certify_config config = {
		.forge = {
			.suite = &session->suite,
			.profile = &session->profile,
			.secret = hp_secret_view(session->secrets.at[0]),
			.secret_name = count ? names[0] : NULL,
			.old_secret = hp_secret_view(session->old),
			.known_secret = hp_secret_view(session->known),
			.url = endpoint->url,
			.host = endpoint->host,
			.target = endpoint->target,
			.key_seed = session->key_seed,
		},
		.courier = {
			.address = endpoint->address,
			.host = endpoint->tls.used ? session->target.tls_host : NULL,
			.tls = trust_of(options),
		},
		.probe = session->probe,
		.timeout_ns = options_span_ns(options, OPT_TIMEOUT, 0),
		.body_bytes_max = options_size_bytes(options, OPT_MAX_BODY, 0),
		.level = level_of(options),
		.on_check = on_check,
		.arg = session,
	};

	memcpy(config.commands, session->commands, sizeof(config.commands));
	config.only = options_texts(options, OPT_ONLY, &config.only_count);
	config.skip = options_texts(options, OPT_SKIP, &config.skip_count);
	return config;
}

static int prepare(struct session *session, struct hp_err *err)
{
	struct certify_config config;

	if (load_suite(session, options_word(session->options, 0), err) < 0 ||
	    signing_load_profile(&session->profile, session->options, err) < 0 ||
	    read_secrets(session, err) < 0 || read_reports(session, err) < 0 ||
	    resolve(&session->target, options_word(session->options, 1), session->options, err) <
		    0 ||
	    open_probe(session, err) < 0 || open_commands(session, err) < 0)
		return -1;
	draw_seeds(session);
	session->started_wall_ns = clock_wall_ns();
	config = config_of(session);
	session->certify = certify_new(&config, err);
	return session->certify ? 0 : -1;
}

static void close_session(struct session *session)
{
	certify_free(session->certify);
	probe_free(session->probe);
	secrets_fini(&session->secrets);
	hp_secret_free(session->old);
	hp_secret_free(session->known);
	for (unsigned i = 0; i < SUITE_COMMANDS; i++)
		command_line_free(session->commands[i]);
	suite_fini(&session->suite);
}

/* ---- what it says ---- */

static void print_result(struct session *session, const struct report_suite *suite)
{
	const struct options *options = session->options;
	struct terminal terminal =
		terminal_of(stdout, terminal_wish_of(options_text(options, OPT_COLOUR, "auto")));
	struct report_style style = {
		.colour = terminal.colour,
		.utf8 = terminal.utf8,
		.columns = terminal.columns,
		.quiet = options_given(options, OPT_QUIET),
		.verbose = options_given(options, OPT_VERBOSE),
	};

	if (options_given(options, OPT_JSON))
		report_suite_json(stdout, suite);
	else
		report_suite_text(stdout, suite, &style);
}

/* JUnit takes a result of a run: the suite's findings in it. Returns how many files failed. */
static size_t write_files(const struct session *session, const struct report_suite *suite,
			  const struct judgement *judgement)
{
	static struct plan plan; /* large: profiles stand in it */
	struct output output = {.reports = session->reports, .report_count = session->report_count,
				.folder = "."};
	struct result result = {
		.tool_version = suite->tool_version,
		.command = "certify",
		.run_id = "",
		.run_file = "",
		.scenario = suite->suite,
		.repeat = suite->repeat,
		.plan = &plan,
		.judgement = judgement,
		.started_wall_ns = session->started_wall_ns,
		.duration_ns = suite->duration_ns,
		.interrupted = suite->interrupted,
	};

	plan_init(&plan);
	plan.seed = session->seed;
	plan.judged = session->profile;
	snprintf(plan.name, sizeof(plan.name), "%s", suite->suite);
	return output_write_files(&output, &result);
}

static int show(struct session *session, const struct certify_result *result)
{
	struct hp_buf repeat, profile;
	struct report_suite suite = {
		.tool_version = hp_version,
		.suite = session->suite.name,
		.profile = session->profile.name,
		.target = session->target.endpoint.url,
		.effects = result->effects,
		.clock = result->clock,
		.judgement = &result->judgement,
		.seed = session->seed,
		.key_seed = session->key_seed,
		.deliveries = result->deliveries,
		.duration_ns = result->duration_ns,
		.interrupted = result->interrupted,
		.unreachable = result->unreachable,
	};
	int exit = result->judgement.exit;

	hp_buf_init(&repeat, REPEAT_BYTES_MAX);
	hp_buf_init(&profile, PROFILE_TEXT_BYTES_MAX);
	options_repeat(session->options, "certify", &repeat);
	if (!options_given(session->options, OPT_SEED))
		hp_buf_add_format(&repeat, " --seed %" PRIu64, session->seed);
	profile_print(&session->profile, &profile);
	suite.repeat = hp_buf_text(&repeat);
	suite.profile_json = hp_buf_text(&profile);
	print_result(session, &suite);
	if (write_files(session, &suite, &result->judgement) > 0 && exit == 0)
		exit = hp_err_exit(HP_EENV);
	hp_buf_fini(&repeat);
	hp_buf_fini(&profile);
	return exit;
}

static int certify(struct session *session)
{
	struct certify_result result;
	int exit;

	terminal_progress_init(&session->progress, stderr,
			       options_given(session->options, OPT_QUIET) ||
				       options_given(session->options, OPT_JSON));
	watch_signals(session->certify);
	certify_run(session->certify, &result);
	watch_signals(NULL);
	terminal_progress_clear(&session->progress);
	exit = show(session, &result);
	certify_result_fini(&result);
	return exit;
}

/* ---- --list ---- */

static int list_checks(struct session *session, struct hp_err *err)
{
	if (load_suite(session, options_word(session->options, 0), err) < 0)
		return -1;
	for (size_t i = 0; i < session->suite.check_count; i++) {
		const struct suite_check *check = &session->suite.checks[i];

		printf("%-8s %-6s %s\n", check->group, check_level_word(check->level), check->id);
	}
	return 0;
}

static int run_certify(const struct options *options, struct hp_err *err)
{
	static struct session session; /* large: a profile and two endpoints stand in it */
	int exit = -1;

	session = (struct session){.options = options};
	if (options_given(options, OPT_LIST))
		exit = list_checks(&session, err);
	else if (options_word_count(options) < 2)
		exit = hp_err_set(err, HP_EUSAGE, "certify receiver URL: which URL?");
	else if (prepare(&session, err) == 0)
		exit = certify(&session);
	close_session(&session);
	return exit;
}

static const unsigned char takes[] = {
	OPT_SECRET_ENV,      OPT_SECRET_FILE,    OPT_SECRET,        OPT_OLD_SECRET_ENV,
	OPT_OTHER_SECRET_ENV, OPT_PROFILE,       OPT_SET,           OPT_EFFECT_URL,
	OPT_EFFECT_COMMAND,  OPT_RESTART_COMMAND, OPT_ROTATE_COMMAND, OPT_CLOCK_COMMAND,
	OPT_ONLY,            OPT_SKIP,           OPT_LEVEL,         OPT_TIMEOUT,
	OPT_MAX_BODY,        OPT_SEED,           OPT_LIST,          OPT_REPORT,
	OPT_CA,              OPT_INSECURE,       OPT_ALLOW_HOST,    OPT_JSON,
	OPT_COLOUR,          OPT_QUIET,          OPT_VERBOSE,       OPT_END,
};

const struct command cmd_certify = {
	.name = "certify",
	.words = "receiver URL",
	.summary = "find the mistakes of an endpoint that receives signed deliveries",
	.details =
		"Sends the checks of a suite to one endpoint and says of each what it proved: what "
		"was sent, what came back, why it matters and what to do. The plain valid "
		"delivery comes first; when that is refused, nothing else is judged and the "
		"diagnosis says what the receiver computes instead.\n"
		"How often an event took effect is seen by --effect-url or --effect-command; "
		"without one, checks of idempotency are unobserved, never passed.\n"
		"Exit codes: 0 every MUST held, 1 one is proven broken, 4 undecided, 5 the "
		"endpoint could not be reached.\n",
	.examples = "  hookproof certify receiver http://127.0.0.1:8080/hook \\\n"
		    "    --secret-env HOOK_SECRET\n"
		    "  hookproof certify receiver http://127.0.0.1:8080/hook \\\n"
		    "    --secret-env HOOK_SECRET \\\n"
		    "    --effect-url 'http://127.0.0.1:8080/effects?key={key}'\n"
		    "  hookproof certify receiver https://api.example.com/hook \\\n"
		    "    --profile stripe \\\n"
		    "    --secret-env STRIPE_SECRET --allow-host api.example.com --json\n",
	.takes = takes,
	.words_min = 1,
	.words_max = 2,
	.run = run_certify,
};
