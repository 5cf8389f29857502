/* What rows of several tables share: see rows.h. */
#include "receivers/rows.h"

int rows_check_code(const struct behaviour_part *part, struct hp_err *err)
{
	uint64_t code = part->values[ROWS_CODE];

	if (code == 204 || code == 304) /* RFC 9110 6.4.1: they have no content */
		return hp_err_set(err, HP_EINPUT, "\"code\": %ju has no body to go wrong; want 200",
				  (uintmax_t)code);
	return 0;
}

void rows_put_head(struct script *script, int status, const char *lines)
{
	script->status = status;
	hp_buf_add_format(&script->text, "HTTP/1.1 %d %s\r\n%s\r\n", status, script_reason(status),
			  lines);
	assert(!script->text.cut);
}

void rows_write_and_close(struct script *script)
{
	script_write(script, 0, script->text.bytes, (struct script_pace){.times = 1});
	script_close(script);
}

void rows_repeat(struct script *script, struct hp_view unit, uint64_t count)
{
	size_t from = script->text.bytes;
	uint64_t copies = ROWS_BLOCK_BYTES / unit.bytes;

	assert(copies != 0);
	if (count == 0)
		return;
	if (copies > count)
		copies = count;
	for (uint64_t i = 0; i < copies; i++)
		hp_buf_add(&script->text, unit);
	assert(!script->text.cut);
	script_write(script, from, script->text.bytes,
		     (struct script_pace){.times = count / copies});
	script_write(script, from, from + (size_t)(count % copies) * unit.bytes,
		     (struct script_pace){.times = 1});
}

/* The least that a chunked body can be: "0" and two empty lines (RFC 9112 7.1). */
enum { CHUNKED_BYTES_MIN = 5 };

static struct script_layout put_success(struct script *script,
					const struct behaviour_request *request, int status,
					struct hp_view body)
{
	return script_put_answer(script, &(struct script_answer){
		.status = status, .body = body, .closing = request->closing,
	});
}

struct script_layout rows_put_success(struct script *script,
				      const struct behaviour_request *request)
{
	return put_success(script, request, request->success_status, HP_LITERAL(""));
}

struct script_layout rows_put_success_body(struct script *script,
					   const struct behaviour_request *request)
{
	int status = request->success_status;

	if (status == 204 || status == 205) /* RFC 9110 15.3.5, 15.3.6 */
		status = 200;
	return put_success(script, request, status, HP_LITERAL(ROWS_BODY));
}

size_t rows_half_body(const struct script_layout *layout)
{
	return layout->head_end + (layout->end - layout->head_end) / 2;
}

uint64_t rows_inside(const struct behaviour_request *request, uint64_t bytes)
{
	uint64_t body_bytes = request->body_bytes != HP_NEVER ? request->body_bytes
							      : CHUNKED_BYTES_MIN;
	uint64_t bytes_max = request->head_bytes + body_bytes - 1;

	return bytes < bytes_max ? bytes : bytes_max;
}
