/* Well-formed answers: any status, old and rare forms of HTTP, and none at all. See behaviour.h.
 * Not here: answers that send the sender elsewhere or away for a while (rows_again.c). */
#include "receivers/rows.h"

#include "wire/http1.h"

enum { LINES_BYTES_MAX = 512, TRAILERS_MAX = 500 };

/* status */

enum status_param { STATUS_CODE, STATUS_RETRY_AFTER, STATUS_BODY, STATUS_REASON, STATUS_HEADERS };

/* The lines of a text, each with CRLF. */
static void put_lines(struct hp_buf *out, const char *text)
{
	while (*text != '\0') {
		size_t bytes = strcspn(text, "\r\n");
		hp_buf_add(out, (struct hp_view){text, bytes});
		hp_buf_add_text(out, "\r\n");
		text += bytes;
		text += *text == '\r';
		text += *text == '\n';
	}
}

static void play_status(const struct behaviour_part *part, const struct behaviour_request *request,
			struct script *out)
{
	const char *reason = behaviour_text(part, STATUS_REASON);
	struct hp_buf lines;

	hp_buf_init(&lines, LINES_BYTES_MAX);
	if (behaviour_given(part, STATUS_RETRY_AFTER))
		hp_buf_add_format(&lines, "Retry-After: %ju\r\n",
				  (uintmax_t)part->values[STATUS_RETRY_AFTER]);
	put_lines(&lines, behaviour_text(part, STATUS_HEADERS));
	assert(!lines.cut);
	script_answer(out, &(struct script_answer){
		.status = (int)part->values[STATUS_CODE],
		.reason = reason[0] != '\0' ? reason : NULL,
		.headers = hp_buf_text(&lines),
		.body = hp_view_of(behaviour_text(part, STATUS_BODY)),
		.closing = request->closing,
	});
	hp_buf_fini(&lines);
}

/* Whether reason and headers leave a well-formed answer, with the framing that we wrote. */
static bool answer_is_sound(const struct script *script)
{
	struct http1_head head;
	const struct hp_buf *text = &script->text;

	return http1_parse_response(text->at, text->bytes, &head) == HTTP1_DONE &&
	       head.head_bytes + head.body_bytes == text->bytes && head.keep_alive &&
	       head.framing != HTTP1_CHUNKED &&
	       http1_find(&head, HP_LITERAL("Transfer-Encoding")).at == NULL;
}

static int check_status(const struct behaviour_part *part, struct hp_err *err)
{
	const struct behaviour_request request = {.c = NULL};
	struct script script;
	bool sound = strpbrk(behaviour_text(part, STATUS_REASON), "\r\n") == NULL;

	script_init(&script);
	play_status(part, &request, &script);
	sound = sound && answer_is_sound(&script);
	script_fini(&script);
	if (!sound)
		return hp_err_set(err, HP_EINPUT,
				  "want \"reason\" on one line, and \"headers\" like \"X-A: b\", "
				  "one a line, that say nothing of lengths or of the connection");
	return 0;
}

/* gone, auth-refused */

static void play_refusal(const struct behaviour_part *part,
			 const struct behaviour_request *request, struct script *out)
{
	int status = (int)part->values[ROWS_CODE]; /* a 401 names its challenge (RFC 9110 15.5.2) */

	script_answer(out, &(struct script_answer){
		.status = status,
		.headers = status == 401 ? "WWW-Authenticate: Bearer\r\n" : "",
		.closing = request->closing,
	});
}

static int check_auth(const struct behaviour_part *part, struct hp_err *err)
{
	if (part->values[ROWS_CODE] == 402)
		return hp_err_set(err, HP_EINPUT, "\"code\": want 401 or 403, found 402");
	return 0;
}

static void play_gone(const struct behaviour_part *part, const struct behaviour_request *request,
		      struct script *out)
{
	(void)part;
	script_answer(out, &(struct script_answer){.status = 410, .closing = request->closing});
}

/* answer-never */

enum never_param { NEVER_HOLD };

static void play_never(const struct behaviour_part *part, const struct behaviour_request *request,
		       struct script *out)
{
	(void)request;
	script_hold(out, part->values[NEVER_HOLD]);
	script_close(out);
}

/* http10: the connection ends after the answer, which is its end where no length is given. */

enum http10_param { HTTP10_CODE, HTTP10_FRAMING };

enum http10_framing { HTTP10_LENGTH, HTTP10_CLOSE };
static const char *const http10_words[] = {
	[HTTP10_LENGTH] = "length", [HTTP10_CLOSE] = "close", NULL,
};

static void play_http10(const struct behaviour_part *part, const struct behaviour_request *request,
			struct script *out)
{
	(void)request;
	out->status = (int)part->values[HTTP10_CODE];
	out->whole = true;
	hp_buf_add_format(&out->text, "HTTP/1.0 %d %s\r\n", out->status,
			  script_reason(out->status));
	if (part->values[HTTP10_FRAMING] == HTTP10_LENGTH)
		hp_buf_add_text(&out->text, ROWS_BODY_LENGTH);
	hp_buf_add_text(&out->text, "Content-Type: application/json\r\n\r\n" ROWS_BODY);
	rows_write_and_close(out);
}

/* trailers */

enum trailers_param { TRAILERS_CODE, TRAILERS_COUNT };

static void play_trailers(const struct behaviour_part *part,
			  const struct behaviour_request *request, struct script *out)
{
	rows_put_head(out, (int)part->values[TRAILERS_CODE],
		      request->closing ? "Transfer-Encoding: chunked\r\nConnection: close\r\n"
				       : "Transfer-Encoding: chunked\r\n");
	hp_buf_add_text(&out->text, ROWS_CHUNK "0\r\n");
	for (unsigned i = 1; i <= part->values[TRAILERS_COUNT]; i++)
		hp_buf_add_format(&out->text, "X-Trailer-%u: late\r\n", i);
	hp_buf_add_text(&out->text, "\r\n");
	assert(!out->text.cut);
	out->whole = true;
	script_write(out, 0, out->text.bytes, (struct script_pace){.times = 1});
	if (request->closing)
		script_close(out);
}

/* body-on-204: the answer ends with its head; the body behind it belongs to nothing. */

static void play_body_on_204(const struct behaviour_part *part,
			     const struct behaviour_request *request, struct script *out)
{
	(void)request;
	rows_put_head(out, (int)part->values[ROWS_CODE],
		      ROWS_BODY_LENGTH "Connection: close\r\n");
	hp_buf_add_text(&out->text, ROWS_BODY);
	out->whole = true;
	rows_write_and_close(out);
}

static int check_body_on_204(const struct behaviour_part *part, struct hp_err *err)
{
	uint64_t code = part->values[ROWS_CODE];

	if (code != 204 && code != 304)
		return hp_err_set(err, HP_EINPUT, "\"code\": want 204 or 304, found %ju",
				  (uintmax_t)code);
	return 0;
}

/* expect-refused */

enum expect_param { EXPECT_HOW };

enum expect_how { EXPECT_417, EXPECT_SILENT };
static const char *const expect_words[] = {
	[EXPECT_417] = "417", [EXPECT_SILENT] = "silent", NULL,
};

static void play_expect(const struct behaviour_part *part, const struct behaviour_request *request,
			struct script *out)
{
	bool refuses = part->values[EXPECT_HOW] == EXPECT_417;

	out->read_bytes = request->head_bytes;
	if (!refuses) /* a body of unknown length gets its 100 after all */
		out->read_bytes = request->head_bytes == HP_NEVER || request->body_bytes == HP_NEVER
					  ? HP_NEVER
					  : request->head_bytes + request->body_bytes;
	script_answer(out, &(struct script_answer){
		.status = refuses ? 417 : request->success_status,
		.closing = refuses || request->closing,
	});
}

const struct behaviour_row rows_http[] = {
	{
		.number = 1, .slug = "status", .layer = BEHAVIOUR_HTTP,
		.help = "answers with a status; one outside 2xx leaves no effect behind",
		.proof = "the peer's kernel acknowledged the whole answer",
		.params = {
			[STATUS_CODE] = {"code", BEHAVIOUR_STATUS, 503, 200, 999,
					 .help = "the status answered"},
			[STATUS_RETRY_AFTER] = {"retry_after", BEHAVIOUR_SECONDS, 0, 0,
						ROWS_RETRY_AFTER_S_MAX, .optional = true,
						.help = "seconds in a Retry-After header"},
			[STATUS_BODY] = {"body", BEHAVIOUR_TEXT,
					 .help = "the answer's body, as it stands"},
			[STATUS_REASON] = {"reason", BEHAVIOUR_TEXT,
					   .help = "instead of the registered phrase"},
			[STATUS_HEADERS] = {"headers", BEHAVIOUR_TEXT,
					    .help = "more headers like \"X-A: b\", one a line"},
		},
		.play = play_status,
		.check = check_status,
	},
	{
		.number = 12, .slug = "gone", .layer = BEHAVIOUR_HTTP,
		.help = "answers 410: the endpoint is gone for good",
		.proof = "the peer's kernel acknowledged the whole answer",
		.play = play_gone,
	},
	{
		.number = 13, .slug = "auth-refused", .layer = BEHAVIOUR_HTTP,
		.help = "answers 401 with a challenge, or 403",
		.proof = "the peer's kernel acknowledged the whole answer",
		.params = {[ROWS_CODE] = {"code", BEHAVIOUR_STATUS, 401, 401, 403,
					  .help = "401 or 403"}},
		.play = play_refusal,
		.check = check_auth,
	},
	{
		.number = 10, .slug = "answer-never", .layer = BEHAVIOUR_HTTP,
		.effect = BEHAVIOUR_EFFECT_ALWAYS,
		.help = "reads the request and never answers, after the effect: the sender's "
			"timeout decides, and a second attempt is a duplicate",
		.proof = "no byte written; the moment of the peer's FIN",
		.params = {[NEVER_HOLD] = {"hold", BEHAVIOUR_SPAN, HP_NEVER, HP_MS_NS, HP_NEVER,
					   .help = "then the connection is closed"}},
		.play = play_never,
	},
	{
		.number = 14, .slug = "keepalive-off", .layer = BEHAVIOUR_HTTP, .closing = true,
		.help = "ends the connection after each answer and says so; answers as it would",
		.proof = "the peer's kernel acknowledged the whole answer, then our FIN",
	},
	{
		.number = 15, .slug = "http10", .layer = BEHAVIOUR_HTTP,
		.help = "answers in HTTP/1.0, without keep-alive",
		.proof = "the peer's kernel acknowledged the whole answer, then our FIN",
		.params = {
			ROWS_CODE_PARAM,
			[HTTP10_FRAMING] = {"framing", BEHAVIOUR_WORD, HTTP10_LENGTH,
					    HTTP10_LENGTH, HTTP10_CLOSE, .words = http10_words,
					    .help = "what ends the body"},
		},
		.play = play_http10,
		.check = rows_check_code,
	},
	{
		.number = 16, .slug = "trailers", .layer = BEHAVIOUR_HTTP,
		.help = "answers in chunks, with header lines behind the body",
		.proof = "the peer's kernel acknowledged the whole answer",
		.params = {
			ROWS_CODE_PARAM,
			[TRAILERS_COUNT] = {"count", BEHAVIOUR_COUNT, 1, 1, TRAILERS_MAX,
					    .help = "how many trailer lines"},
		},
		.play = play_trailers,
		.check = rows_check_code,
	},
	{
		.number = 17, .slug = "body-on-204", .layer = BEHAVIOUR_HTTP,
		.help = "answers 204 or 304 and sends a body that must not be there, then closes",
		.proof = "the peer's kernel acknowledged the whole answer, then our FIN",
		.params = {[ROWS_CODE] = {"code", BEHAVIOUR_STATUS, 204, 204, 304,
					  .help = "204 or 304"}},
		.play = play_body_on_204,
		.check = check_body_on_204,
	},
	{
		.number = 18, .slug = "expect-refused", .layer = BEHAVIOUR_HTTP,
		.stage = BEHAVIOUR_IN_REQUEST, .varies = true,
		.help = "answers 417, also to who expects no 100, and does not read the body; or "
			"never says 100, and answers when the body comes all the same",
		.proof = "the peer's kernel acknowledged the whole answer; no 100 was written",
		.params = {[EXPECT_HOW] = {"how", BEHAVIOUR_WORD, EXPECT_417, EXPECT_417,
					   EXPECT_SILENT, .words = expect_words,
					   .help = "417 at once, or silent: no 100 at all"}},
		.play = play_expect,
	},
	{.number = 0},
};
