/* Writing scripts: see script.h. */
#include "receivers/script.h"

#include "base/err.h"

const char *script_reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = { /* RFC 9110 15, RFC 6585 */
		{100, "Continue"}, {101, "Switching Protocols"}, {103, "Early Hints"},
		{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"},
		{300, "Multiple Choices"}, {301, "Moved Permanently"}, {302, "Found"},
		{303, "See Other"}, {304, "Not Modified"}, {307, "Temporary Redirect"},
		{308, "Permanent Redirect"}, {400, "Bad Request"}, {401, "Unauthorized"},
		{403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
		{408, "Request Timeout"},
		{410, "Gone"}, {413, "Content Too Large"}, {417, "Expectation Failed"},
		{429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"}, {502, "Bad Gateway"},
		{503, "Service Unavailable"}, {504, "Gateway Timeout"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Status";
}

void script_init(struct script *script)
{
	*script = (struct script){.read_bytes = HP_NEVER};
	hp_buf_init(&script->text, SCRIPT_TEXT_BYTES_MAX);
}

void script_fini(struct script *script)
{
	hp_buf_fini(&script->text);
}

static void add(struct script *script, struct script_step step)
{
	assert(script->count < SCRIPT_STEPS_MAX);
	script->steps[script->count++] = step;
}

void script_wait(struct script *script, uint64_t span_ns)
{
	add(script, (struct script_step){.verb = SCRIPT_WAIT, .span_ns = span_ns});
}

void script_shut(struct script *script)
{
	add(script, (struct script_step){.verb = SCRIPT_SHUT});
}

void script_hold(struct script *script, uint64_t span_ns)
{
	add(script, (struct script_step){.verb = SCRIPT_HOLD, .span_ns = span_ns});
}

void script_await(struct script *script)
{
	add(script, (struct script_step){.verb = SCRIPT_AWAIT});
}

void script_close(struct script *script)
{
	add(script, (struct script_step){.verb = SCRIPT_CLOSE});
}

void script_reset(struct script *script)
{
	add(script, (struct script_step){.verb = SCRIPT_RESET});
}

void script_write(struct script *script, size_t from, size_t to, struct script_pace pace)
{
	assert(from <= to && to <= script->text.bytes);
	if (from == to)
		return;
	add(script, (struct script_step){
		.verb = SCRIPT_WRITE, .span_ns = pace.pause_ns,
		.from = (uint32_t)from, .bytes = (uint32_t)(to - from),
		.piece_bytes = pace.piece_bytes, .times = pace.times != 0 ? pace.times : 1,
	});
}

size_t script_say(struct script *script, struct hp_view text)
{
	size_t from = script->text.bytes;

	hp_buf_add(&script->text, text);
	assert(!script->text.cut);
	script_write(script, from, script->text.bytes, (struct script_pace){.times = 1});
	return from;
}

struct script_layout script_put_answer(struct script *script, const struct script_answer *answer)
{
	const char *reason = answer->reason != NULL ? answer->reason
						    : script_reason(answer->status);
	bool bodiless = answer->status == 204 || answer->status == 304; /* RFC 9110 8.6 */
	struct hp_buf *text = &script->text;
	struct script_layout layout;

	script->status = answer->status;
	hp_buf_add_format(text, "HTTP/1.1 %d %s\r\n", answer->status, reason);
	layout.status_line_end = text->bytes;
	hp_buf_add_text(text, answer->headers != NULL ? answer->headers : "");
	if (!bodiless)
		hp_buf_add_format(text, "Content-Length: %zu\r\n", answer->body.bytes);
	if (!bodiless && answer->body.bytes != 0 && answer->body.at[0] == '{')
		hp_buf_add_text(text, "Content-Type: application/json\r\n");
	if (answer->closing)
		hp_buf_add_text(text, "Connection: close\r\n");
	hp_buf_add_text(text, "\r\n");
	layout.head_end = text->bytes;
	if (!bodiless)
		hp_buf_add(text, answer->body);
	layout.end = text->bytes;
	assert(!text->cut);
	return layout;
}

void script_answer(struct script *script, const struct script_answer *answer)
{
	size_t from = script->text.bytes;
	struct script_layout layout = script_put_answer(script, answer);

	script->whole = true;
	script_write(script, from, layout.end, (struct script_pace){.times = 1});
	if (answer->closing)
		script_close(script);
}
