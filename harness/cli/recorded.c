#include "cli/recorded.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "cli/judging.h"
#include "cli/profile_text.h"
#include "cli/runner.h"
#include "scenarios/scenario.h"

enum { PATH_BYTES = 4096 };

struct recorded {
	char path[PATH_BYTES], folder[PATH_BYTES];
	struct run_reader *reader;
	struct scenario scenario;
	bool loaded; /* the scenario is there */
	struct metrics *metrics;
	struct judgement judgement;
	struct result result;
	struct profile_text profiles;
};

/* ---- what the file says of its run ---- */

static const char *meta(const struct recorded *recorded, const char *key)
{
	const char *text = run_reader_meta(recorded->reader, key);

	return text ? text : "";
}

/* A decimal number; 0 when it is none, for the file is not trusted. */
static uint64_t meta_number(const struct recorded *recorded, const char *key)
{
	const char *text = meta(recorded, key);
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	return *text >= '0' && *text <= '9' && *end == '\0' ? value : 0;
}

static enum result_time time_mode(const struct recorded *recorded)
{
	static const enum result_time modes[] = {RESULT_REAL, RESULT_SCALED, RESULT_VIRTUAL};
	const char *word = meta(recorded, run_meta_time_mode);

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(result_time_word(modes[i]), word) == 0)
			return modes[i];
	}
	return RESULT_REAL;
}

/* hookproof receive: of a sender that is not ours. */
static bool is_foreign(const struct recorded *recorded)
{
	return strcmp(meta(recorded, run_meta_command), "receive") == 0;
}

static bool was_interrupted(const struct recorded *recorded)
{
	return strcmp(meta(recorded, run_meta_state), "interrupted") == 0;
}

/* ---- the plan, from the stored documents ---- */

/* The profile is the one of then, whatever it was called: what it is called today may differ. The
 * delays of receivers are not kept: nobody waits when a run is judged again. */
static int read_stored(const struct scenario_source *source, const char *kind, const char *name,
		       struct hp_buf *out, struct hp_err *err)
{
	const struct run_reader *reader = source->user;
	const char *text = "0";

	if (strcmp(kind, "delays") != 0)
		text = run_reader_meta(reader, strcmp(kind, "profile") == 0
						       ? run_meta_profile_text
						       : run_meta_recorded_text);
	if (!text)
		return hp_err_set(err, HP_EINPUT, "the run file lacks the %s '%s'", kind, name);
	if (!hp_buf_add_text(out, text))
		return hp_err_set(err, HP_EINPUT, "the stored %s is too long", kind);
	return 0;
}

/* Splits lines in place. Returns how many; more than RUNNER_SETS_MAX are left out. */
static size_t split_lines(char *text, const char *lines[RUNNER_SETS_MAX])
{
	size_t count = 0;
	char *line;

	while (count < RUNNER_SETS_MAX && (line = strsep(&text, "\n"))) {
		if (*line)
			lines[count++] = line;
	}
	return count;
}

static int load_plan(struct recorded *recorded, struct hp_err *err)
{
	const char *text = run_reader_meta(recorded->reader, run_meta_scenario_text);
	char *lines = hp_xstrdup(meta(recorded, run_meta_overrides));
	const char *sets[RUNNER_SETS_MAX];
	uint64_t seed = meta_number(recorded, run_meta_seed);
	struct scenario_source source = {
		.read = read_stored, .user = recorded->reader, .folder = ""};
	struct scenario_overrides overrides = {
		.seed = &seed,
		.set = sets,
		.set_count = split_lines(lines, sets),
		.record = meta(recorded, run_meta_recording),
	};
	int result;

	if (text)
		result = scenario_load(
			&recorded->scenario,
			(struct scenario_text){meta(recorded, run_meta_scenario), hp_view_of(text)},
			&source, &overrides, err);
	else
		result = hp_err_set(err, HP_EINPUT, "no scenario is in it: it was cut off early");
	free(lines);
	recorded->loaded = result == 0;
	if (result == 0 && time_mode(recorded) == RESULT_VIRTUAL)
		plan_unhurry(&recorded->scenario.plan);
	return result < 0 ? hp_err_wrap(err, "%s", recorded->path) : 0;
}

/* ---- opening and closing ---- */

static int read_figures(struct recorded *recorded, struct hp_err *err)
{
	size_t planned = recorded->scenario.plan.endpoint_count;

	if (run_reader_metrics(recorded->reader, &recorded->metrics, err) < 0)
		return -1;
	if (recorded->metrics->endpoint_count != planned)
		return hp_err_set(err, HP_EINPUT,
				  "the figures are of %zu endpoints, the scenario has "
				  "%zu",
				  recorded->metrics->endpoint_count, planned);
	return 0;
}

/* The scenario says port 0 where the run had one. */
static void read_urls(struct recorded *recorded)
{
	struct plan *plan = &recorded->scenario.plan;

	for (size_t i = 0; i < plan->endpoint_count; i++)
		run_reader_url(recorded->reader, i, plan->endpoints[i].url,
			       sizeof(plan->endpoints[i].url));
}

/* A name that is no path here may be a run below the default folder. */
static void find_path(struct recorded *recorded, const char *name)
{
	struct stat info;
	char *slash;

	snprintf(recorded->path, sizeof(recorded->path), "%s", name);
	if (stat(name, &info) < 0 && !strchr(name, '/'))
		snprintf(recorded->path, sizeof(recorded->path), RUNNER_FOLDER "/%s", name);
	snprintf(recorded->folder, sizeof(recorded->folder), "%s", recorded->path);
	if (stat(recorded->path, &info) == 0 && S_ISDIR(info.st_mode)) {
		snprintf(recorded->path, sizeof(recorded->path), "%.*s/run.db", PATH_BYTES - 16,
			 recorded->folder);
		return;
	}
	slash = strrchr(recorded->folder, '/');
	if (slash)
		slash[slash == recorded->folder] = '\0';
	else
		snprintf(recorded->folder, sizeof(recorded->folder), ".");
}

struct recorded *recorded_open(const char *name, struct hp_err *err)
{
	struct recorded *recorded = hp_xcalloc(1, sizeof(*recorded));

	find_path(recorded, name);
	recorded->reader = run_reader_open(recorded->path, err);
	if (!recorded->reader || load_plan(recorded, err) < 0 || read_figures(recorded, err) < 0) {
		recorded_close(recorded);
		return NULL;
	}
	read_urls(recorded);
	return recorded;
}

void recorded_close(struct recorded *recorded)
{
	judgement_fini(&recorded->judgement);
	profile_text_fini(&recorded->profiles);
	metrics_free(recorded->metrics);
	if (recorded->loaded)
		scenario_fini(&recorded->scenario);
	run_reader_close(recorded->reader);
	free(recorded);
}

bool recorded_complete(const struct recorded *recorded)
{
	return run_reader_complete(recorded->reader);
}

bool recorded_judged(const struct recorded *recorded)
{
	return recorded_complete(recorded) && *meta(recorded, run_meta_verdict);
}

const char *recorded_folder(const struct recorded *recorded)
{
	return recorded->folder;
}

/* ---- judging ---- */

int recorded_judge(struct recorded *recorded, struct hp_err *err)
{
	struct judging judging = {
		.plan = &recorded->scenario.plan,
		.time_mode = time_mode(recorded),
		.receivers = recorded->scenario.receiver_count > 0,
		.foreign = is_foreign(recorded),
		.interrupted = was_interrupted(recorded),
	};

	return judging_run(&judging, recorded->reader, recorded->metrics, &recorded->judgement,
			   err);
}

int recorded_take_verdicts(struct recorded *recorded, struct hp_err *err)
{
	return run_reader_judgement(recorded->reader, &recorded->judgement, err);
}

/* ---- the result ---- */

const struct result *recorded_result(struct recorded *recorded, const char *command)
{
	struct result *result = &recorded->result;

	*result = (struct result){
		.tool_version = meta(recorded, run_meta_tool_version),
		.command = command ? command : meta(recorded, run_meta_command),
		.run_id = meta(recorded, run_meta_run_id),
		.run_file = recorded->path,
		.scenario = meta(recorded, run_meta_scenario),
		.repeat = meta(recorded, run_meta_repeat),
		.plan = &recorded->scenario.plan,
		.metrics = recorded->metrics,
		.judgement = &recorded->judgement,
		.time_mode = time_mode(recorded),
		.started_wall_ns = meta_number(recorded, run_meta_started_wall_ns),
		.duration_ns = recorded->metrics->ended_ns,
		.interrupted = was_interrupted(recorded),
		.incomplete = !recorded_complete(recorded),
		.cpus = (unsigned)meta_number(recorded, run_meta_cpus),
	};
	snprintf(result->kernel, sizeof(result->kernel), "%s", meta(recorded, run_meta_kernel));
	profile_text_fini(&recorded->profiles);
	profile_text_show(&recorded->profiles, result);
	return result;
}
