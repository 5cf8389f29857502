#include "reports/line.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/json_write.h"
#include "base/span.h"
#include "reports/escape.h"
#include "wire/scheme.h"

enum { MOMENT_BYTES = 48, DAY_BYTES = 11, CLOCK_BYTES = 12 }; /* of "…T12:01:07.482Z" */

/* Writes "2026-11-24T12:01:07.482Z", the arrival. Returns out. */
static const char *moment_text(const struct line *line, char out[MOMENT_BYTES])
{
	uint64_t wall_ns = line->started_wall_ns + line->receipt->arrived_ns;
	time_t seconds = (time_t)(wall_ns / HP_S_NS);
	char whole[MOMENT_BYTES - sizeof(".000Z")];
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(out, MOMENT_BYTES, "%s.%03uZ", whole, (unsigned)(wall_ns / HP_MS_NS % 1000));
	return out;
}

static const char *signature_word(const struct record_receipt *receipt)
{
	if (receipt->signature == RECORD_UNVERIFIED)
		return "unverified";
	return scheme_verdict_word((enum scheme_verdict)receipt->signature);
}

static const char *end_word(const struct record_receipt *receipt)
{
	static const char *const words[RECORD_ENDS] = {
		[RECORD_END_ANSWERED] = "answered", [RECORD_END_RESET] = "reset",
		[RECORD_END_CLOSED] = "closed",     [RECORD_END_SILENT] = "silent",
		[RECORD_END_BROKEN] = "broken",
	};

	assert(receipt->end < RECORD_ENDS);
	return words[receipt->end];
}

/* ---- for people ---- */

static void add_event(const struct record_receipt *receipt, bool utf8, struct hp_buf *out)
{
	if (receipt->event_index != RECORD_NO_EVENT)
		hp_buf_add_format(out, "event %" PRIu64, receipt->event_index);
	else
		escape_terminal(out, hp_view_of(receipt->key), utf8);
}

/* "503", or how it ended otherwise; both when an answer did not go out as it should. */
static void add_end(const struct line *line, struct hp_buf *out)
{
	const struct record_receipt *receipt = line->receipt;
	bool answered = receipt->end == RECORD_END_ANSWERED;

	if (receipt->status)
		hp_buf_add_format(out, "  %u", receipt->status);
	if (!answered || !receipt->status)
		hp_buf_add_format(out, "%s%s", receipt->status ? " " : "  ", end_word(receipt));
	if (line->behaviour)
		hp_buf_add_format(out, " by %s", line->behaviour);
	if (receipt->delay_ns)
		hp_buf_add_format(out, " after %.1f ms", (double)receipt->delay_ns / HP_MS_NS);
}

void line_text(const struct line *line, bool utf8, struct hp_buf *out)
{
	const struct record_receipt *receipt = line->receipt;
	char moment[MOMENT_BYTES];

	hp_buf_add_format(out, "%.*s  %s  ", CLOCK_BYTES, moment_text(line, moment) + DAY_BYTES,
			  line->endpoint);
	add_event(receipt, utf8, out);
	hp_buf_add_format(out, "  #%u  %s", receipt->ordinal, signature_word(receipt));
	add_end(line, out);
	if (receipt->effects)
		hp_buf_add_format(out, "  %u effect%s", receipt->effects,
				  receipt->effects == 1 ? "" : "s");
	else
		hp_buf_add_text(out, "  no effect");
	hp_buf_add_text(out, receipt->wanted ? "\n" : "  not subscribed\n");
}

/* ---- for programs ---- */

static void write_text(struct hp_json_writer *writer, const char *key, const char *text)
{
	hp_json_write_key(writer, key);
	hp_json_write_text(writer, text);
}

static void write_event(struct hp_json_writer *writer, const struct record_receipt *receipt)
{
	write_text(writer, "key", *receipt->key ? receipt->key : NULL);
	hp_json_write_key(writer, "event");
	if (receipt->event_index == RECORD_NO_EVENT)
		hp_json_write_null(writer);
	else
		hp_json_write_u64(writer, receipt->event_index);
	hp_json_write_key(writer, "attempt");
	hp_json_write_u64(writer, receipt->ordinal);
}

static void write_end(struct hp_json_writer *writer, const struct line *line)
{
	const struct record_receipt *receipt = line->receipt;

	write_text(writer, "signature", signature_word(receipt));
	write_text(writer, "behaviour", line->behaviour);
	hp_json_write_key(writer, "status");
	if (receipt->status)
		hp_json_write_u64(writer, receipt->status);
	else
		hp_json_write_null(writer);
	write_text(writer, "end", end_word(receipt));
	hp_json_write_key(writer, "delay_ms");
	hp_json_write_fixed(writer, (int64_t)(receipt->delay_ns / HP_US_NS), 3);
	hp_json_write_key(writer, "effects");
	hp_json_write_u64(writer, receipt->effects);
	hp_json_write_key(writer, "wanted");
	hp_json_write_bool(writer, receipt->wanted);
}

void line_json(const struct line *line, struct hp_buf *out)
{
	struct hp_json_writer writer;
	char moment[MOMENT_BYTES];

	hp_json_write_init(&writer, out, 0);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "delivery");
	hp_json_write_object(&writer);
	write_text(&writer, "time", moment_text(line, moment));
	hp_json_write_key(&writer, "at_ns");
	hp_json_write_u64_string(&writer, line->receipt->arrived_ns);
	write_text(&writer, "endpoint", line->endpoint);
	write_event(&writer, line->receipt);
	write_end(&writer, line);
	hp_json_write_end(&writer);
	hp_json_write_end(&writer);
	hp_buf_add_text(out, "\n");
}
