#include "cli/intent.h"

#include <stdlib.h>

#include "base/log.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "scenarios/shipped.h"

enum { REPEAT_BYTES_MAX = 16 * 1024 };

static void fill_terminal(struct runner_request *runner, const struct options *options)
{
	const char *wish = options_text(options, OPT_COLOUR, "auto");
	struct terminal terminal = terminal_of(stdout, terminal_wish_of(wish));

	runner->colour = terminal.colour;
	runner->utf8 = terminal.utf8;
	runner->columns = terminal.columns;
	runner->json = options_given(options, OPT_JSON);
	runner->quiet = options_given(options, OPT_QUIET);
	runner->verbose = options_given(options, OPT_VERBOSE);
	if (runner->verbose)
		hp_log_level_set(HP_LOG_INFO);
}

static void fill_overrides(struct intent *intent, const struct options *options)
{
	struct scenario_overrides *overrides = &intent->runner.overrides;

	intent->seed = options_integer(options, OPT_SEED, 0);
	overrides->seed = options_given(options, OPT_SEED) ? &intent->seed : NULL;
	overrides->profile = options_text(options, OPT_PROFILE, NULL);
	/* A path is meant from here; the loader would begin at the scenario's folder. */
	if (overrides->profile && !shipped_find("profile", overrides->profile))
		intent->profile = realpath(overrides->profile, NULL);
	if (intent->profile)
		overrides->profile = intent->profile;
	overrides->set = options_texts(options, OPT_SET, &overrides->set_count);
	overrides->record = options_text(options, OPT_RECORD, NULL);
}

/* A run id names a folder and stands in reports: letters, digits, dot, dash and underscore. */
static int check_run_id(const char *id, struct hp_err *err)
{
	static const char legal[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	if (!id || (*id && *id != '.' && *id != '-' && strspn(id, legal) == strlen(id) &&
		    strlen(id) < PLAN_NAME_BYTES))
		return 0;
	return hp_err_set(err, HP_EUSAGE,
			  "--run-id '%s': want letters, digits, '.', '-' and '_', a "
			  "letter or digit first, at most %d",
			  id, PLAN_NAME_BYTES - 1);
}

int intent_init(struct intent *out, const char *command, const struct options *options,
		struct hp_err *err)
{
	struct runner_request *runner = &out->runner;
	const char *const *reports;

	*out = (struct intent){.runner = {.command = command}};
	runner->out = options_text(options, OPT_OUT, NULL);
	runner->run_id = options_text(options, OPT_RUN_ID, NULL);
	runner->allow_hosts = options_texts(options, OPT_ALLOW_HOST, &runner->allow_host_count);
	reports = options_texts(options, OPT_REPORT, &runner->report_count);
	fill_terminal(runner, options);
	fill_overrides(out, options);
	hp_buf_init(&out->text, SCENARIO_BYTES_MAX);
	hp_buf_init(&out->repeat, REPEAT_BYTES_MAX);
	if (check_run_id(runner->run_id, err) < 0 ||
	    output_read_reports(reports, runner->report_count, runner->json, runner->reports, err) <
		    0) {
		intent_fini(out);
		return -1;
	}
	options_repeat(options, command, &out->repeat);
	runner->repeat = hp_buf_text(&out->repeat);
	return 0;
}

void intent_fini(struct intent *intent)
{
	secrets_fini(&intent->secrets);
	free(intent->profile);
	hp_buf_fini(&intent->repeat);
	hp_buf_fini(&intent->text);
}

int intent_write_secret(struct intent *intent, const struct options *options,
			struct hp_json_writer *writer, struct hp_err *err)
{
	size_t count;
	const char *const *names = options_texts(options, OPT_SECRET_ENV, &count);

	if (secrets_read(&intent->secrets, options, err) < 0)
		return -1;
	if (intent->secrets.count > 1)
		return hp_err_set(err, HP_EUSAGE, "one secret is enough: %zu are given",
				  intent->secrets.count);
	if (count) {
		hp_json_write_key(writer, "secret_env");
		hp_json_write_text(writer, names[0]);
	} else if (intent->secrets.count) {
		intent->runner.secret = intent->secrets.at[0];
		intent->runner.overrides.secret = intent->secrets.at[0];
	}
	return 0;
}

void intent_take_text(struct intent *intent)
{
	intent->runner.text = hp_view_of(hp_buf_text(&intent->text));
}

int intent_run(struct intent *intent, struct hp_err *err)
{
	int exit = runner_run(&intent->runner, err);
	bool made = intent->runner.text.at != NULL;

	if (exit < 0 && made && err->code == HP_EINPUT &&
	    strcmp(err->at.file, intent->runner.scenario) == 0) {
		err->code = HP_EUSAGE;
		err->at.line = 0;
	}
	return exit;
}

void intent_write_given(struct hp_json_writer *writer, const char *key,
			const struct options *options, enum option_id id)
{
	const char *text = options_text(options, id, NULL);

	if (!text)
		return;
	hp_json_write_key(writer, key);
	hp_json_write_text(writer, text);
}
