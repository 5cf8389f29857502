/* The native document, what --json prints and report.json holds: every other format is a rendering
 * of it, so a field exists here first. Keys are only added; report.schema.json says what they
 * mean. Counts are numbers, and whatever ends in _ns is a string. */
#include "reports/report_json.h"

#include <math.h>

#include "reports/figures.h"
#include "reports/report.h"

/* Ours: PLAN_ENDPOINTS_MAX endpoints of 2 KiB and a thousand findings of 8 KiB are a fifth. */
enum { DOCUMENT_BYTES_MAX = 64 * 1024 * 1024 };

void report_json_u64(struct hp_json_writer *writer, const char *key, uint64_t value)
{
	hp_json_write_key(writer, key);
	hp_json_write_u64(writer, value);
}

void report_json_ns(struct hp_json_writer *writer, const char *key, uint64_t value_ns)
{
	hp_json_write_key(writer, key);
	hp_json_write_u64_string(writer, value_ns);
}

void report_json_text(struct hp_json_writer *writer, const char *key, const char *value)
{
	hp_json_write_key(writer, key);
	hp_json_write_text(writer, value);
}

void report_json_bool(struct hp_json_writer *writer, const char *key, bool value)
{
	hp_json_write_key(writer, key);
	hp_json_write_bool(writer, value);
}

void report_json_object(struct hp_json_writer *writer, const char *key)
{
	hp_json_write_key(writer, key);
	hp_json_write_object(writer);
}

void report_json_array(struct hp_json_writer *writer, const char *key)
{
	hp_json_write_key(writer, key);
	hp_json_write_array(writer);
}

void report_json_decimal(struct hp_json_writer *writer, const char *key, double value,
			 unsigned decimals)
{
	double places = value * pow(10, decimals);

	hp_json_write_key(writer, key);
	if (isfinite(places) && fabs(places) < 0x1p53)
		hp_json_write_fixed(writer, llround(places), decimals);
	else
		hp_json_write_null(writer);
}

static void write_tool(struct hp_json_writer *writer, const struct result *result)
{
	report_json_object(writer, "tool");
	report_json_text(writer, "name", "hookproof");
	report_json_text(writer, "version", result->tool_version);
	hp_json_write_end(writer);
}

static void write_host(struct hp_json_writer *writer, const struct result *result)
{
	report_json_object(writer, "host");
	report_json_u64(writer, "cpus", result->cpus);
	report_json_text(writer, "kernel", result->kernel);
	hp_json_write_end(writer);
}

static void write_shards(struct hp_json_writer *writer, const struct plan *plan)
{
	report_json_object(writer, "shards");
	report_json_u64(writer, "count", plan->shard_count);
	report_json_u64(writer, "index", plan->shard_index);
	hp_json_write_end(writer);
}

static void write_run(struct hp_json_writer *writer, const struct result *result)
{
	char moment[FIGURES_MOMENT_BYTES];

	report_json_object(writer, "run");
	report_json_text(writer, "id", result->run_id);
	report_json_text(writer, "command", result->command);
	report_json_text(writer, "repeat", result->repeat);
	report_json_u64(writer, "random", HP_RANDOM_VERSION);
	report_json_text(writer, "time_mode", result_time_word(result->time_mode));
	report_json_decimal(writer, "time_scale", result->plan->time_scale, 9);
	report_json_bool(writer, "interrupted", result->interrupted);
	report_json_bool(writer, "incomplete", result->incomplete);
	report_json_text(writer, "started_at", figures_moment(result->started_wall_ns, moment));
	report_json_ns(writer, "duration_ns", result->duration_ns);
	write_shards(writer, result->plan);
	write_host(writer, result);
	hp_json_write_end(writer);
}

static void write_named(struct hp_json_writer *writer, const char *key, const char *name,
			const char *source)
{
	report_json_object(writer, key);
	report_json_text(writer, "name", name);
	report_json_text(writer, "source", source);
	hp_json_write_end(writer);
}

/* What cli printed of a profile, as it stands; null when it printed nothing. */
static void write_values(struct hp_json_writer *writer, const char *key, const char *json)
{
	hp_json_write_key(writer, key);
	if (json)
		hp_json_write_raw(writer, hp_view_of(json));
	else
		hp_json_write_null(writer);
}

static void write_subject(struct hp_json_writer *writer, const struct result *result)
{
	const struct plan *plan = result->plan;

	write_named(writer, "scenario", plan->name, result->scenario);
	write_named(writer, "profile", plan->profile.name, plan->profile.source);
	write_named(writer, "judged_profile", plan->judged.name, plan->judged.source);
	write_values(writer, "profile_values", result->profile_json);
	write_values(writer, "judged_values", result->judged_json);
}

static void write_counts(struct hp_json_writer *writer, const struct judgement *judgement)
{
	report_json_object(writer, "counts");
	for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
		report_json_u64(writer, verdict_word((enum verdict)verdict),
				judgement->counts[verdict]);
	hp_json_write_end(writer);
}

/* A limit or figure: spans in microseconds, the rest in its own unit. */
static void write_figure(struct hp_json_writer *writer, const char *key, double value,
			 enum threshold_unit unit)
{
	if (unit == THRESHOLD_NS)
		report_json_decimal(writer, key, value / 1e3, 3);
	else
		report_json_decimal(writer, key, value, unit == THRESHOLD_COUNT ? 0 : 6);
}

static const char *unit_word(enum threshold_unit unit)
{
	static const char *const words[] = {
		[THRESHOLD_NS] = "us",
		[THRESHOLD_SHARE] = "share",
		[THRESHOLD_COUNT] = "count",
		[THRESHOLD_PER_S] = "per_s",
	};

	return words[unit];
}

static bool is_decided(const struct finding *finding)
{
	return finding && (finding->verdict == VERDICT_PASS || finding->verdict == VERDICT_FAIL ||
			   finding->verdict == VERDICT_WARN);
}

static void write_threshold(struct hp_json_writer *writer, const struct threshold *threshold,
			    const struct finding *finding)
{
	hp_json_write_object(writer);
	report_json_text(writer, "expr", threshold->text);
	if (is_decided(finding)) {
		report_json_bool(writer, "ok", finding->verdict == VERDICT_PASS);
		write_figure(writer, "observed", finding->observed, threshold->unit);
	} else {
		report_json_text(writer, "ok", NULL);
		report_json_text(writer, "observed", NULL);
	}
	write_figure(writer, "limit", threshold->limit, threshold->unit);
	report_json_text(writer, "unit", unit_word(threshold->unit));
	hp_json_write_end(writer);
}

static void write_thresholds(struct hp_json_writer *writer, const struct result *result)
{
	report_json_array(writer, "thresholds");
	for (unsigned number = 1; number <= result->plan->threshold_count; number++)
		write_threshold(writer, &result->plan->thresholds[number - 1],
				figures_threshold(result->judgement, number));
	hp_json_write_end(writer);
}

static void write_evidence(struct hp_json_writer *writer, const struct finding *finding)
{
	report_json_array(writer, "evidence");
	for (size_t i = 0; i < finding->evidence_count && i < VERDICT_EVIDENCE_MAX; i++)
		hp_json_write_text(writer, finding->evidence[i]);
	hp_json_write_end(writer);
}

static void write_check(struct hp_json_writer *writer, const struct plan *plan,
			const struct finding *finding)
{
	const struct threshold *threshold = figures_threshold_of(plan, finding);
	const struct check *check = finding->check;

	hp_json_write_object(writer);
	report_json_text(writer, "id", check->id);
	report_json_text(writer, "group", check->group);
	report_json_text(writer, "level", check_level_word(check->level));
	report_json_text(writer, "verdict", verdict_word(finding->verdict));
	if (threshold)
		report_json_text(writer, "threshold", threshold->text);
	report_json_text(writer, "reason", finding->reason);
	report_json_text(writer, "requirement", check->requirement);
	report_json_text(writer, "clause", check->clause);
	report_json_text(writer, "remedy", check->remedy);
	report_json_u64(writer, "decided", finding->decided);
	report_json_u64(writer, "total", finding->total);
	report_json_u64(writer, "failed", finding->failed);
	write_evidence(writer, finding);
	hp_json_write_end(writer);
}

static void write_checks(struct hp_json_writer *writer, const struct result *result)
{
	report_json_array(writer, "checks");
	for (size_t i = 0; i < result->judgement->finding_count; i++)
		write_check(writer, result->plan, &result->judgement->findings[i]);
	hp_json_write_end(writer);
}

static void write_document(struct hp_json_writer *writer, const struct result *result)
{
	const struct judgement *judgement = result->judgement;

	hp_json_write_object(writer);
	report_json_text(writer, "verdict", run_verdict_word(judgement->verdict));
	report_json_u64(writer, "exit", (uint64_t)judgement->exit);
	report_json_u64(writer, "seed", result->plan->seed);
	report_json_text(writer, "run_file", *result->run_file ? result->run_file : NULL);
	report_json_u64(writer, "schema", REPORT_SCHEMA);
	write_tool(writer, result);
	write_run(writer, result);
	write_counts(writer, judgement);
	write_thresholds(writer, result);
	report_json_figures(writer, result);
	write_checks(writer, result);
	write_subject(writer, result);
	hp_json_write_end(writer);
}

int report_json_write(FILE *out, const struct result *result, const struct report_style *style)
{
	struct hp_json_writer writer;
	struct hp_buf buf;
	bool written;

	(void)style;
	hp_buf_init(&buf, DOCUMENT_BYTES_MAX);
	hp_json_write_init(&writer, &buf, 2);
	write_document(&writer, result);
	hp_buf_add_text(&buf, "\n");
	assert(!buf.cut);
	written = fwrite(buf.at, 1, buf.bytes, out) == buf.bytes && fflush(out) == 0;
	hp_buf_fini(&buf);
	return written ? 0 : -1;
}
