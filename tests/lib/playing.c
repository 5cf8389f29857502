#include "tests/lib/playing.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/http1.h"

#define MOMENT_S UINT64_C(784111777) /* Sun, 06 Nov 1994 08:49:37 GMT, as in RFC 9110 5.6.7 */

void playing_init(struct playing *playing, const char *slug)
{
	const struct behaviour_row *row = behaviour_find(hp_view_of(slug));

	ck_assert_msg(row != NULL, "no row %s", slug);
	*playing = (struct playing){.c = {.seed = 1, .identity = 1, .ordinal = 1}};
	playing->request = (struct behaviour_request){
		.c = &playing->c, .head_bytes = 100, .body_bytes = 200, .success_status = 204,
		.timeout_ns = 30 * HP_S_NS, .wall_ns = MOMENT_S * HP_S_NS,
		.url = "http://127.0.0.1:8080/hooks",
	};
	behaviour_part_init(&playing->part, row);
	script_init(&playing->script);
	hp_buf_init(&playing->wire, PLAYING_WIRE_BYTES_MAX);
}

void playing_fini(struct playing *playing)
{
	script_fini(&playing->script);
	hp_buf_fini(&playing->wire);
}

static uint64_t word_index(const struct behaviour_param *param, const char *word)
{
	for (uint64_t i = 0; param->words[i] != NULL; i++)
		if (strcmp(param->words[i], word) == 0)
			return i;
	ck_abort_msg("%s has no word %s", param->name, word);
	return 0;
}

static void set_one(struct behaviour_part *part, struct hp_view name, const char *value)
{
	int index = behaviour_param_index(part->row, name);

	ck_assert_msg(index >= 0, "%s has no %.*s", part->row->slug, (int)name.bytes, name.at);
	const struct behaviour_param *param = &part->row->params[index];
	part->given |= 1u << index;
	if (param->unit == BEHAVIOUR_TEXT) {
		snprintf(part->texts[part->values[index]], BEHAVIOUR_TEXT_BYTES, "%s", value);
		return;
	}
	part->values[index] = param->unit == BEHAVIOUR_WORD ? word_index(param, value)
							    : strtoull(value, NULL, 10);
	ck_assert(param->min <= part->values[index] && part->values[index] <= param->max);
}

void playing_set(struct playing *playing, const char *params)
{
	char one[PLAYING_TEXT_BYTES];

	while (*params != '\0') {
		size_t bytes = strcspn(params, ";"), name = strcspn(params, "=");
		ck_assert(name < bytes && bytes < sizeof(one));
		memcpy(one, params, bytes);
		one[bytes] = '\0';
		set_one(&playing->part, (struct hp_view){one, name}, one + name + 1);
		params += bytes + (params[bytes] == ';');
	}
}

bool playing_is_allowed(const struct playing *playing)
{
	const struct behaviour behaviour = {.own = playing->part};
	struct hp_err err;

	return behaviour_check(&behaviour, &err) == 0;
}

static void render(struct playing *playing, const struct script_step *step)
{
	const struct hp_view part = {playing->script.text.at + step->from, step->bytes};

	ck_assert_uint_ge(step->times, 1);
	ck_assert_uint_le(step->from + step->bytes, playing->script.text.bytes);
	for (uint64_t i = 0; i < step->times && !playing->wire.cut; i++)
		hp_buf_add(&playing->wire, part);
}

static void span_text(char *out, size_t bytes, uint64_t span_ns)
{
	if (span_ns == HP_NEVER)
		snprintf(out, bytes, "never");
	else
		snprintf(out, bytes, "%jums", (uintmax_t)(span_ns / HP_MS_NS));
}

static void describe(const struct script_step *step, char *out, size_t bytes)
{
	static const char *const words[] = {
		[SCRIPT_WAIT] = "wait", [SCRIPT_WRITE] = "write", [SCRIPT_SHUT] = "shut",
		[SCRIPT_HOLD] = "hold", [SCRIPT_AWAIT] = "await", [SCRIPT_CLOSE] = "close",
		[SCRIPT_RESET] = "reset",
	};
	char span[32], pace[64] = "", times[32] = "";

	span_text(span, sizeof(span), step->span_ns);
	if (step->piece_bytes != 0)
		snprintf(pace, sizeof(pace), "/%u@%s", step->piece_bytes, span);
	if (step->verb == SCRIPT_WAIT || step->verb == SCRIPT_HOLD)
		snprintf(pace, sizeof(pace), " %s", span);
	if (step->times > 1)
		snprintf(times, sizeof(times), "*%ju", (uintmax_t)step->times);
	snprintf(out, bytes, "%s%s%s", words[step->verb], times, pace);
}

static void put_steps(struct playing *playing)
{
	playing->steps[0] = '\0';
	for (unsigned i = 0; i < playing->script.count; i++) {
		const struct script_step *step = &playing->script.steps[i];
		size_t used = strlen(playing->steps);
		if (step->verb == SCRIPT_WRITE)
			render(playing, step);
		if (used != 0)
			playing->steps[used++] = ' ';
		describe(step, playing->steps + used, sizeof(playing->steps) - used);
	}
}

/* Walks the body to its end; the bytes behind it. */
static void read_body(struct playing *playing, const struct http1_head *head, struct hp_view rest)
{
	struct http1_body body;
	struct hp_view data;
	enum http1_result result;
	size_t from = 0, taken;

	http1_body_init(&body, head);
	do {
		result = http1_body_step(&body, rest.at + from, rest.bytes - from, &taken, &data);
		from += taken;
	} while (result == HTTP1_MORE && from < rest.bytes);
	snprintf(playing->read, sizeof(playing->read), "%s",
		 result == HTTP1_BAD ? "bad"
		 : head->framing == HTTP1_UNTIL_CLOSE ? "until-close"
		 : result == HTTP1_MORE ? "more" : "done");
	if (result == HTTP1_DONE && from < rest.bytes)
		snprintf(playing->read, sizeof(playing->read), "done+%zu", rest.bytes - from);
}

static void read_wire(struct playing *playing)
{
	struct hp_view rest = {hp_buf_text(&playing->wire), playing->wire.bytes};
	struct http1_head head;
	enum http1_result result;

	playing->status = 0;
	while ((result = http1_parse_response(rest.at, rest.bytes, &head)) == HTTP1_DONE) {
		rest = (struct hp_view){rest.at + head.head_bytes, rest.bytes - head.head_bytes};
		if (head.status >= 200 || head.status == 101)
			break;
	}
	snprintf(playing->read, sizeof(playing->read), "%s",
		 result == HTTP1_BAD ? "bad" : "more");
	if (result != HTTP1_DONE)
		return;
	playing->status = head.status;
	playing->keep_alive = head.keep_alive;
	read_body(playing, &head, rest);
}

void playing_play(struct playing *playing)
{
	ck_assert_msg(playing_is_allowed(playing), "%s", playing->part.row->slug);
	script_fini(&playing->script);
	script_init(&playing->script);
	hp_buf_clear(&playing->wire);
	playing->part.row->play(&playing->part, &playing->request, &playing->script);
	put_steps(playing);
	read_wire(playing);
}

bool playing_reads_whole(const struct playing *playing)
{
	const struct script *script = &playing->script;
	bool ends = script->count != 0 && script->steps[script->count - 1].verb == SCRIPT_CLOSE;

	if (playing->status < 200 || playing->wire.cut)
		return false;
	if (strcmp(playing->read, "until-close") == 0)
		return ends;
	return strncmp(playing->read, "done", strlen("done")) == 0;
}

void playing_expect(const struct playing_row *row)
{
	struct playing playing;

	playing_init(&playing, row->slug);
	playing.request.closing = row->closing;
	playing_set(&playing, row->params);
	playing_play(&playing);
	ck_assert_str_eq(playing.steps, row->steps);
	ck_assert_msg(hp_view_equal(hp_buf_view(&playing.wire), row->wire), "%s %s: \"%s\"",
		      row->slug, row->params, hp_buf_text(&playing.wire));
	ck_assert_str_eq(playing.read, row->read);
	ck_assert_int_eq(playing.script.status, row->status);
	ck_assert(playing.script.whole == playing_reads_whole(&playing));
	playing_fini(&playing);
}
