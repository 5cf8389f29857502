/* One suite's result as one JSON object. Keys are only added, never renamed. */
#include "base/err.h"
#include "base/json_write.h"
#include "base/span.h"
#include "reports/report_suite.h"

enum { SUITE_JSON_BYTES_MAX = 8 * 1024 * 1024 };

static void put_text(struct hp_json_writer *writer, const char *key, const char *text)
{
	hp_json_write_key(writer, key);
	hp_json_write_text(writer, text);
}

static void put_u64(struct hp_json_writer *writer, const char *key, uint64_t number)
{
	hp_json_write_key(writer, key);
	hp_json_write_u64(writer, number);
}

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static void put_counts(struct hp_json_writer *writer, const struct judgement *judgement)
{
	hp_json_write_key(writer, "counts");
	hp_json_write_object(writer);
	for (unsigned verdict = 0; verdict < VERDICT_COUNT; verdict++)
		put_u64(writer, verdict_word((enum verdict)verdict), judgement->counts[verdict]);
	hp_json_write_end(writer);
}

static void put_check(struct hp_json_writer *writer, const struct finding *finding)
{
	const struct check *check = finding->check;

	hp_json_write_object(writer);
	put_text(writer, "id", check->id);
	put_text(writer, "group", check->group);
	put_text(writer, "level", check_level_word(check->level));
	put_text(writer, "verdict", verdict_word(finding->verdict));
	put_text(writer, "requirement", check->requirement);
	put_text(writer, "clause", check->clause);
	put_text(writer, "reason", finding->reason);
	put_text(writer, "remedy", check->remedy);
	put_text(writer, "diagnosis", or_null(finding->diagnosis));
	put_u64(writer, "total", finding->total);
	put_u64(writer, "decided", finding->decided);
	put_u64(writer, "failed", finding->failed);
	hp_json_write_key(writer, "evidence");
	hp_json_write_array(writer);
	for (size_t i = 0; i < finding->evidence_count; i++)
		hp_json_write_text(writer, finding->evidence[i]);
	hp_json_write_end(writer);
	hp_json_write_end(writer);
}

static void put_suite(struct hp_json_writer *writer, const struct report_suite *suite)
{
	const struct judgement *judgement = suite->judgement;

	hp_json_write_object(writer);
	put_text(writer, "suite", suite->suite);
	put_text(writer, "profile", suite->profile);
	put_text(writer, "target", suite->target);
	put_u64(writer, "seed", suite->seed);
	put_u64(writer, "key_seed", suite->key_seed);
	put_text(writer, "verdict", run_verdict_word(judgement->verdict));
	put_u64(writer, "exit", (uint64_t)judgement->exit);
	put_counts(writer, judgement);
	put_text(writer, "effects", suite->effects);
	put_text(writer, "clock", or_null(suite->clock));
	hp_json_write_key(writer, "interrupted");
	hp_json_write_bool(writer, suite->interrupted);
	put_u64(writer, "deliveries", suite->deliveries);
	put_u64(writer, "duration_ms", suite->duration_ns / HP_MS_NS);
	put_text(writer, "tool_version", suite->tool_version);
	put_text(writer, "repeat", suite->repeat);
	hp_json_write_key(writer, "checks");
	hp_json_write_array(writer);
	for (size_t i = 0; i < judgement->finding_count; i++)
		put_check(writer, &judgement->findings[i]);
	hp_json_write_end(writer);
	hp_json_write_key(writer, "profile_values");
	hp_json_write_raw(writer, hp_view_of(suite->profile_json));
	hp_json_write_end(writer);
}

int report_suite_json(FILE *out, const struct report_suite *suite)
{
	struct hp_json_writer writer;
	struct hp_buf buf;
	bool written;

	hp_buf_init(&buf, SUITE_JSON_BYTES_MAX);
	hp_json_write_init(&writer, &buf, 2);
	put_suite(&writer, suite);
	hp_buf_add_text(&buf, "\n");
	assert(!buf.cut);
	written = fwrite(buf.at, 1, buf.bytes, out) == buf.bytes && fflush(out) == 0;
	hp_buf_fini(&buf);
	return written ? 0 : -1;
}
