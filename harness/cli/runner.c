#include "cli/runner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/version.h"
#include "cli/complain.h"
#include "cli/document.h"
#include "cli/judging.h"
#include "cli/output.h"
#include "cli/profile_text.h"
#include "cli/reception.h"
#include "cli/sources.h"
#include "cli/stage.h"
#include "cli/terminal.h"
#include "net/clock.h"
#include "receivers/behaviour.h"
#include "reports/progress.h"
#include "store/run_file.h"

enum {
	NUMBER_BYTES = 24,
	META_MAX = 20,
	FOLDER_BYTES = 512,
	SETS_BYTES = 8192,
};

struct run {
	const struct runner_request *request;
	struct document document;
	struct sources sources;
	struct scenario scenario;
	bool loaded;

	char run_id[PLAN_NAME_BYTES + 64], folder[FOLDER_BYTES], path[FOLDER_BYTES + 8];
	struct hp_buf sets;
	uint64_t started_wall_ns;

	struct ring *rings[STAGE_RINGS];
	struct metrics *metrics;
	struct stage *stage;
	struct lines *lines; /* of receiving; NULL: none are wanted */
	struct lines_count lines_count;
	struct run_file *file;
	struct judgement judgement;

	struct terminal_progress progress;
	struct record_tick last_tick;
	uint64_t plan_end_ns;
};

/* ---- what to run ---- */

static int load(struct run *run, struct hp_err *err)
{
	static const char *const kinds[] = {"scenario", "must-fail", NULL};
	const struct runner_request *request = run->request;
	struct hp_view text = request->text;
	struct scenario_source source;

	if (!text.at) {
		if (document_read(&run->document, request->scenario, kinds, err) < 0)
			return -1;
		text = hp_buf_view(&run->document.text);
	}
	source = sources_keeping(&run->sources, scenario_source_disk(run->document.folder));
	if (scenario_load(&run->scenario, (struct scenario_text){request->scenario, text}, &source,
			  &request->overrides, err) < 0)
		return -1;
	run->loaded = true;
	if (!request->text.at) /* the run file keeps the text, and is shown to others */
		scenario_hide_secrets(run->document.text.at);
	if (request->world == RUNNER_VIRTUAL)
		plan_unhurry(&run->scenario.plan);
	return 0;
}

/* "20261124-083045-first-run-7": sorts by time, and two runs of one second differ by process. */
static void name_run(struct run *run)
{
	const struct runner_request *request = run->request;
	time_t wall_s = (time_t)(clock_wall_ns() / HP_S_NS);
	char stamp[32];
	struct tm utc;

	gmtime_r(&wall_s, &utc);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &utc);
	if (request->run_id)
		snprintf(run->run_id, sizeof(run->run_id), "%s", request->run_id);
	else
		snprintf(run->run_id, sizeof(run->run_id), "%s-%s-%d", stamp,
			 run->scenario.plan.name, (int)getpid());
	if (request->out)
		snprintf(run->folder, sizeof(run->folder), "%s", request->out);
	else
		snprintf(run->folder, sizeof(run->folder), RUNNER_FOLDER "/%s", run->run_id);
	snprintf(run->path, sizeof(run->path), "%s/run.db", run->folder);
}

static struct output output_of(const struct run *run)
{
	return (struct output){.reports = run->request->reports,
			       .report_count = run->request->report_count,
			       .folder = run->folder,
			       .json = run->request->json};
}

/* ---- the run file ---- */

static enum result_time time_mode(const struct run *run)
{
	if (run->request->world == RUNNER_VIRTUAL)
		return RESULT_VIRTUAL;
	return run->scenario.plan.time_scale == 1.0 ? RESULT_REAL : RESULT_SCALED;
}

static void on_tick(void *arg, const struct record_tick *tick)
{
	struct run *run = arg;
	char line[PROGRESS_BYTES];

	if (tick->planned == 0) /* nothing has happened yet */
		return;
	progress_format(tick, run->last_tick.at_ns ? &run->last_tick : NULL, run->plan_end_ns, line,
			sizeof(line));
	terminal_progress_show(&run->progress, line, clock_mono_ns());
	run->last_tick = *tick;
}

/* Check judges by what is stored: nothing of it may be cut off. */
static int join_sets(struct run *run, struct hp_err *err)
{
	const struct scenario_overrides *overrides = &run->request->overrides;

	hp_buf_init(&run->sets, SETS_BYTES);
	if (overrides->set_count > RUNNER_SETS_MAX)
		return hp_err_set(err, HP_EUSAGE, "--set: at most %d; write a profile of your own",
				  RUNNER_SETS_MAX);
	for (size_t i = 0; i < overrides->set_count; i++)
		if (!hp_buf_add_format(&run->sets, "%s%s", i ? "\n" : "", overrides->set[i]))
			return hp_err_set(err, HP_EUSAGE, "--set: at most %d bytes in all; write a "
					  "profile of your own", SETS_BYTES);
	return 0;
}

/* Everything that repeats the run, and that judges it again. */
static size_t fill_meta(struct run *run, struct run_pair meta[META_MAX], char seed[NUMBER_BYTES],
			char started[NUMBER_BYTES])
{
	const struct runner_request *request = run->request;
	const char *text = request->text.at ? request->text.at : run->document.text.at;
	size_t count = 0;

	snprintf(seed, NUMBER_BYTES, "%" PRIu64, run->scenario.plan.seed);
	snprintf(started, NUMBER_BYTES, "%" PRIu64, run->started_wall_ns);
	meta[count++] = (struct run_pair){run_meta_tool_version, hp_version};
	meta[count++] = (struct run_pair){run_meta_command, request->command};
	meta[count++] = (struct run_pair){run_meta_run_id, run->run_id};
	meta[count++] = (struct run_pair){run_meta_seed, seed};
	meta[count++] = (struct run_pair){run_meta_scenario, request->scenario};
	meta[count++] = (struct run_pair){run_meta_scenario_text, text};
	meta[count++] = (struct run_pair){run_meta_profile, run->scenario.plan.profile.name};
	meta[count++] = (struct run_pair){run_meta_overrides, hp_buf_text(&run->sets)};
	meta[count++] = (struct run_pair){run_meta_repeat, request->repeat ? request->repeat : ""};
	meta[count++] = (struct run_pair){run_meta_time_mode, result_time_word(time_mode(run))};
	meta[count++] = (struct run_pair){run_meta_clock, "CLOCK_MONOTONIC"};
	meta[count++] = (struct run_pair){run_meta_started_wall_ns, started};
	meta[count++] =
		(struct run_pair){run_meta_profile_text, hp_buf_text(&run->sources.profile)};
	if (run->sources.recorded.bytes)
		meta[count++] = (struct run_pair){run_meta_recorded_text,
						  hp_buf_text(&run->sources.recorded)};
	return count;
}

static size_t fill_behaviours(const char *words[UINT8_MAX + 1])
{
	size_t count = 1;

	words[0] = "none";
	for (size_t number = 1; number <= UINT8_MAX; number++) {
		const struct behaviour_row *row = behaviour_by_number((uint8_t)number);

		words[number] = row ? row->slug : "";
		if (row)
			count = number + 1;
	}
	return count;
}

static int open_file(struct run *run, struct hp_err *err)
{
	const struct plan *plan = &run->scenario.plan;
	struct run_endpoint *endpoints = hp_xcalloc(plan->endpoint_count, sizeof(*endpoints));
	const char *behaviours[UINT8_MAX + 1];
	char seed[NUMBER_BYTES], started[NUMBER_BYTES];
	struct run_pair meta[META_MAX];
	struct run_file_config config = {
		.folder = run->folder,
		.meta = meta,
		.meta_count = fill_meta(run, meta, seed, started),
		.endpoints = endpoints,
		.endpoint_count = plan->endpoint_count,
		.behaviours = behaviours,
		.behaviour_count = fill_behaviours(behaviours),
		.rings = run->rings,
		.ring_count = STAGE_RINGS,
		.recording = plan->recording,
		.on_tick = on_tick,
		.arg = run,
	};

	for (size_t i = 0; i < plan->endpoint_count; i++)
		endpoints[i] = (struct run_endpoint){(uint32_t)i, plan->endpoints[i].name,
						     plan->endpoints[i].url};
	run->file = run_file_open(&config, err);
	free(endpoints);
	return run->file ? 0 : -1;
}

/* ---- after the play ---- */

static bool is_receiving(const struct run *run)
{
	return run->request->world == RUNNER_RECEIVING;
}

/* Waits for the store. */
static void drain(struct run *run)
{
	run_file_drain(run->file);
	terminal_progress_clear(&run->progress); /* no tick comes any more */
	run->metrics->records_lost = run_file_lost(run->file);
}

static int judge(struct run *run, struct hp_err *err)
{
	struct judging judging = {
		.plan = &run->scenario.plan,
		.time_mode = time_mode(run),
		.receivers = run->scenario.receiver_count > 0,
		.foreign = is_receiving(run),
		.interrupted = stage_interrupted(run->stage),
		.finishing = true,
	};
	struct run_reader *reader;
	int result;

	reader = run_reader_open(run->path, err);
	if (!reader)
		return -1;
	result = judging_run(&judging, reader, run->metrics, &run->judgement, err);
	run_reader_close(reader);
	return result;
}

static struct run_file_end end_of(const struct run *run)
{
	return (struct run_file_end){
		.metrics = run->metrics,
		.judgement = &run->judgement,
		.interrupted = stage_interrupted(run->stage),
	};
}

/* Before the judge, who may take long: whoever ends him by Ctrl-C keeps a complete file. What
 * cannot be stored now is said by finish_file(). */
static void settle_file(struct run *run)
{
	struct run_file_end end = end_of(run);
	struct hp_err err;

	if (run_file_settle(run->file, &end, &err) < 0)
		hp_log_debug("%s", err.msg);
}

static int finish_file(struct run *run, struct hp_err *err)
{
	struct run_file_end end = end_of(run);
	struct run_file *file = run->file;

	run->file = NULL;
	return run_file_finish(file, &end, err);
}

static struct result result_of(const struct run *run)
{
	struct result result = {
		.tool_version = hp_version,
		.command = run->request->command,
		.run_id = run->run_id,
		.run_file = run->path,
		.scenario = run->request->scenario,
		.repeat = run->request->repeat ? run->request->repeat : "",
		.plan = &run->scenario.plan,
		.metrics = run->metrics,
		.judgement = &run->judgement,
		.time_mode = time_mode(run),
		.started_wall_ns = run->started_wall_ns,
		.duration_ns = run->metrics->ended_ns,
		.interrupted = stage_interrupted(run->stage),
		.cpus = (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
	};

	run_file_kernel(result.kernel, sizeof(result.kernel));
	return result;
}

static struct reception reception_of(const struct run *run)
{
	return (struct reception){.stage = run->stage, .scenario = &run->scenario,
				  .folder = run->folder, .lines = run->lines_count};
}

/* All that the run has to say. Returns how many reports could not be written. */
static size_t show(const struct run *run, const struct result *result,
		   const struct report_style *style)
{
	struct output output = output_of(run);
	struct reception reception = reception_of(run);
	size_t failed;

	if (is_receiving(run) && output.json) {
		failed = output_write_files(&output, result);
		reception_print_json(&reception, result);
		return failed;
	}
	if (is_receiving(run) && !style->quiet && output_is_text(&output))
		reception_print(&reception);
	return output_write(&output, result, style);
}

static int report(struct run *run)
{
	const struct runner_request *request = run->request;
	struct report_style style = {.colour = request->colour, .utf8 = request->utf8,
				     .quiet = request->quiet, .verbose = request->verbose,
				     .columns = request->columns};
	struct result result = result_of(run);
	struct profile_text profiles = {.sender = {.at = NULL}};
	size_t failed;

	profile_text_show(&profiles, &result);
	failed = show(run, &result, &style);
	profile_text_fini(&profiles);
	return failed && run->judgement.exit == 0 ? hp_err_exit(HP_EENV) : run->judgement.exit;
}

/* ---- the whole ---- */

/* Lines stand before the summary for people, or before the result in JSON; no other report has
 * standard output to share. */
static int open_lines(struct run *run, struct hp_err *err)
{
	const struct runner_request *request = run->request;
	struct output output = output_of(run);
	struct lines_config config = {.out = stdout, .plan = &run->scenario.plan,
				      .json = request->json, .utf8 = request->utf8};

	if (!is_receiving(run) || request->quiet || !(request->json || output_is_text(&output)))
		return 0;
	run->lines = lines_new(&config, err);
	return run->lines ? 0 : -1;
}

static int open_stage(struct run *run, struct hp_err *err)
{
	struct stage_config config = {
		.request = run->request,
		.scenario = &run->scenario,
		.rings = run->rings,
	};

	for (int i = 0; i < STAGE_RINGS; i++)
		run->rings[i] = ring_new(RUN_FILE_RING_RECORDS);
	run->metrics = metrics_new(run->scenario.plan.endpoint_count);
	config.metrics = run->metrics;
	if (open_lines(run, err) < 0)
		return -1;
	config.lines = run->lines;
	run->stage = stage_open(&config, err);
	if (!run->stage)
		return -1;
	return stage_probe(run->stage, err);
}

/* Everything that can refuse the run, before the load starts. */
static int prepare(struct run *run, struct hp_err *err)
{
	struct output output;

	if (load(run, err) < 0)
		return -1;
	name_run(run);
	if (join_sets(run, err) < 0 || run_file_check(run->folder, err) < 0)
		return -1;
	output = output_of(run);
	if (output_check(&output, err) < 0 || open_stage(run, err) < 0)
		return -1;
	run->plan_end_ns = run->scenario.plan.arrivals.span_ns;
	terminal_progress_init(&run->progress, stderr, run->request->quiet);
	run->started_wall_ns = stage_schedule(run->stage);
	return open_file(run, err) < 0 ? -1 : stage_save_ca(run->stage, run->folder, err);
}

static int announce(struct run *run, struct hp_err *err)
{
	struct reception reception = reception_of(run);

	if (!is_receiving(run)) {
		if (!run->request->quiet)
			reception_name_ca(&reception);
		return 0;
	}
	reception_announce(&reception);
	return run->lines ? lines_start(run->lines, run->started_wall_ns, err) : 0;
}

/* A run file that could not be completed hides nothing: the report comes all the same, and its
 * exit code stands unless it is 0. The reader of the lines is waited for only then. */
static int play(struct run *run, struct hp_err *err)
{
	int exit, stored;

	if (announce(run, err) < 0)
		return -1;
	if (stage_play(run->stage, err) < 0)
		return -1;
	drain(run);
	settle_file(run);
	if (judge(run, err) < 0)
		return -1;
	stored = finish_file(run, err);
	if (stored < 0)
		complain(err, false);
	if (run->lines)
		run->lines_count = lines_end(run->lines);
	exit = report(run);
	return stored < 0 && exit == 0 ? hp_err_exit(err->code) : exit;
}

static void clean_up(struct run *run)
{
	struct hp_err ignored;

	if (run->file &&
	    run_file_finish(run->file, &(struct run_file_end){.interrupted = true}, &ignored) < 0)
		hp_log_debug("%s", ignored.msg);
	stage_close(run->stage);
	lines_free(run->lines);
	judgement_fini(&run->judgement);
	metrics_free(run->metrics);
	for (int i = 0; i < STAGE_RINGS; i++)
		ring_free(run->rings[i]);
	if (run->loaded)
		scenario_fini(&run->scenario);
	sources_fini(&run->sources);
	document_fini(&run->document);
	hp_buf_fini(&run->sets);
}

int runner_run(const struct runner_request *request, struct hp_err *err)
{
	struct run *run =
		hp_xcalloc(1, sizeof(*run)); /* receivers borrow from the scenario in it */
	int result;

	run->request = request;
	result = prepare(run, err);
	if (result == 0)
		result = play(run, err);
	clean_up(run);
	free(run);
	return result;
}
