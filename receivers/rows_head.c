/* Heads that no server should write: bad first lines, none at all, too much, hostile bytes, noise.
 * All of them close. What our own strict reader takes (wire/http1.h) counts as a whole answer,
 * nothing else does. See behaviour.h. */
#include "receivers/rows.h"

#include "base/random.h"
#include "wire/http1.h"

enum {
	HEAD_LINE_BYTES_MAX = 64 * 1024 * 1024,
	HEAD_LINES_MAX = 1000 * 1000,
	HEAD_LINES_APART = 1000, /* names that differ; then they come again */
	NOISE_BYTES_MAX = 32 * 1024,
	NOISE_WORDS_MAX = NOISE_BYTES_MAX / sizeof(uint64_t),
};

/* Two lines and the body that follow each status line here. */
#define HEAD_LINES ROWS_BODY_LENGTH "Connection: close\r\n"

/* status-line-bad */

struct line_form {
	struct hp_view line;
	int status; /* that a lenient reader finds in it */
	bool whole;
};

enum line_forms {
	LINE_NO_DIGITS, LINE_TWO_DIGITS, LINE_FOUR_DIGITS, LINE_000, LINE_999, LINE_NUL, LINE_HTTP9,
	LINE_HTTP99, LINE_HTTP12, LINE_LOWER_CASE, LINE_NO_VERSION, LINE_TWO_SPACES, LINE_BARE_LF,
};

static const char *const line_words[] = {
	[LINE_NO_DIGITS] = "no-digits", [LINE_TWO_DIGITS] = "two-digits",
	[LINE_FOUR_DIGITS] = "four-digits", [LINE_000] = "000", [LINE_999] = "999",
	[LINE_NUL] = "nul", [LINE_HTTP9] = "http-9", [LINE_HTTP99] = "http-9.9",
	[LINE_HTTP12] = "http-1.2", [LINE_LOWER_CASE] = "lower-case",
	[LINE_NO_VERSION] = "no-version", [LINE_TWO_SPACES] = "two-spaces",
	[LINE_BARE_LF] = "bare-lf", NULL,
};

static const struct line_form line_forms[] = {
	[LINE_NO_DIGITS] = {HP_LITERAL("HTTP/1.1 OK\r\n"), 0, false},
	[LINE_TWO_DIGITS] = {HP_LITERAL("HTTP/1.1 20 OK\r\n"), 0, false},
	[LINE_FOUR_DIGITS] = {HP_LITERAL("HTTP/1.1 2000 OK\r\n"), 200, false},
	[LINE_000] = {HP_LITERAL("HTTP/1.1 000 Status\r\n"), 0, false},
	[LINE_999] = {HP_LITERAL("HTTP/1.1 999 Status\r\n"), 999, true},
	[LINE_NUL] = {HP_LITERAL("HTTP/1.1 200 O\0K\r\n"), 200, false},
	[LINE_HTTP9] = {HP_LITERAL("HTTP/9 200 OK\r\n"), 200, false},
	[LINE_HTTP99] = {HP_LITERAL("HTTP/9.9 200 OK\r\n"), 200, false},
	[LINE_HTTP12] = {HP_LITERAL("HTTP/1.2 200 OK\r\n"), 200, false},
	[LINE_LOWER_CASE] = {HP_LITERAL("http/1.1 200 OK\r\n"), 200, false},
	[LINE_NO_VERSION] = {HP_LITERAL("200 OK\r\n"), 200, false},
	[LINE_TWO_SPACES] = {HP_LITERAL("HTTP/1.1  200 OK\r\n"), 200, false},
	[LINE_BARE_LF] = {HP_LITERAL("HTTP/1.1 200 OK\n"), 200, false},
};

enum line_param { LINE_FORM };

static void play_line(const struct behaviour_part *part, const struct behaviour_request *request,
		      struct script *out)
{
	const struct line_form *form = &line_forms[part->values[LINE_FORM]];

	(void)request;
	out->status = form->status;
	out->whole = form->whole;
	hp_buf_add(&out->text, form->line);
	hp_buf_add_text(&out->text, HEAD_LINES "\r\n" ROWS_BODY);
	rows_write_and_close(out);
}

/* http09 */

enum http09_param { HTTP09_BODY };

static void play_http09(const struct behaviour_part *part, const struct behaviour_request *request,
			struct script *out)
{
	(void)request;
	hp_buf_add_text(&out->text, behaviour_text(part, HTTP09_BODY));
	rows_write_and_close(out);
}

static int check_http09(const struct behaviour_part *part, struct hp_err *err)
{
	const char *body = behaviour_text(part, HTTP09_BODY);

	if (body[0] == '\0' || strncmp(body, "HTTP/", 5) == 0)
		return hp_err_set(err, HP_EINPUT, "\"body\": want a text that is no status line");
	return 0;
}

/* head-huge, head-many */

static void begin_head(struct script *out)
{
	out->status = 200;
	script_say(out, HP_LITERAL("HTTP/1.1 200 OK\r\n" HEAD_LINES));
}

/* The limits are ours (wire/http1.h): within them each client should take the answer. */
static void end_head(struct script *out, uint64_t more_bytes, uint64_t more_lines)
{
	const size_t begun_bytes = strlen("HTTP/1.1 200 OK\r\n" HEAD_LINES "\r\n");

	out->whole = more_bytes <= HTTP1_HEAD_BYTES_MAX - begun_bytes &&
		     more_lines <= HTTP1_HEADERS_MAX - 2;
	script_say(out, HP_LITERAL("\r\n" ROWS_BODY));
	script_close(out);
}

enum huge_param { HUGE_BYTES };

static void play_huge(const struct behaviour_part *part, const struct behaviour_request *request,
		      struct script *out)
{
	uint64_t bytes = part->values[HUGE_BYTES];

	(void)request;
	begin_head(out);
	script_say(out, HP_LITERAL("X-Huge: "));
	rows_repeat(out, HP_LITERAL("h"), bytes);
	script_say(out, HP_LITERAL("\r\n"));
	end_head(out, bytes + strlen("X-Huge: \r\n"), 1);
}

enum many_param { MANY_COUNT };

static void play_many(const struct behaviour_part *part, const struct behaviour_request *request,
		      struct script *out)
{
	const size_t line_bytes = strlen("X-Many-0001: x\r\n");
	uint64_t count = part->values[MANY_COUNT];
	uint64_t apart = count < HEAD_LINES_APART ? count : HEAD_LINES_APART;

	(void)request;
	assert(count != 0); /* its range */
	begin_head(out);
	size_t from = out->text.bytes;
	for (unsigned i = 0; i < apart; i++)
		hp_buf_add_format(&out->text, "X-Many-%04u: x\r\n", i);
	script_write(out, from, out->text.bytes, (struct script_pace){.times = count / apart});
	script_write(out, from, from + (size_t)(count % apart) * line_bytes,
		     (struct script_pace){.times = 1});
	end_head(out, count * line_bytes, count);
}

/* head-hostile */

struct hostile_head {
	struct hp_view reason, line;
	bool whole;
};

enum hostile_set {
	HOSTILE_OBS_FOLD, HOSTILE_NUL, HOSTILE_ESCAPE, HOSTILE_WORKFLOW, HOSTILE_CDATA,
	HOSTILE_HTML, HOSTILE_FORMAT, HOSTILE_LATIN1, HOSTILE_BARE_CR, HOSTILE_BARE_LF,
	HOSTILE_SPACE_COLON, HOSTILE_NO_COLON, HOSTILE_NO_NAME,
};

static const char *const hostile_words[] = {
	[HOSTILE_OBS_FOLD] = "obs-fold", [HOSTILE_NUL] = "nul", [HOSTILE_ESCAPE] = "escape",
	[HOSTILE_WORKFLOW] = "workflow", [HOSTILE_CDATA] = "cdata", [HOSTILE_HTML] = "html",
	[HOSTILE_FORMAT] = "format", [HOSTILE_LATIN1] = "latin1", [HOSTILE_BARE_CR] = "bare-cr",
	[HOSTILE_BARE_LF] = "bare-lf", [HOSTILE_SPACE_COLON] = "space-colon",
	[HOSTILE_NO_COLON] = "no-colon", [HOSTILE_NO_NAME] = "no-name", NULL,
};

#define HOSTILE_BOTH(text) HP_LITERAL(text), HP_LITERAL("X-Hostile: " text)
#define HOSTILE_LINE(text) HP_LITERAL("OK"), HP_LITERAL(text)

static const struct hostile_head hostile_heads[] = {
	[HOSTILE_OBS_FOLD] = {HOSTILE_LINE("X-Hostile: one\r\n two"), false},
	[HOSTILE_NUL] = {HOSTILE_BOTH("nul\0behind"), false},
	[HOSTILE_ESCAPE] = {HOSTILE_BOTH("\x1b[31mred\x1b]0;title\x07"), false},
	[HOSTILE_WORKFLOW] = {HOSTILE_BOTH("::error file=a.c,line=1::owned"), true},
	[HOSTILE_CDATA] = {HOSTILE_BOTH("]]></failure><testcase name=\"owned\"/>"), true},
	[HOSTILE_HTML] = {HOSTILE_BOTH("<script>alert(1)</script>"), true},
	[HOSTILE_FORMAT] = {HOSTILE_BOTH("%s%n%x${jndi:ldap://127.0.0.1/a}"), true},
	[HOSTILE_LATIN1] = {HOSTILE_BOTH("caf\xe9 \xff\xfe"), true},
	[HOSTILE_BARE_CR] = {HOSTILE_LINE("X-Hostile: one\rX-Two: two"), false},
	[HOSTILE_BARE_LF] = {HOSTILE_LINE("X-Hostile: one\nX-Two: two"), false},
	[HOSTILE_SPACE_COLON] = {HOSTILE_LINE("X-Hostile : one"), false},
	[HOSTILE_NO_COLON] = {HOSTILE_LINE("X-Hostile one"), false},
	[HOSTILE_NO_NAME] = {HOSTILE_LINE(": one"), false},
};

enum hostile_param { HOSTILE_SET };

static void play_hostile(const struct behaviour_part *part,
			 const struct behaviour_request *request, struct script *out)
{
	const struct hostile_head *head = &hostile_heads[part->values[HOSTILE_SET]];

	(void)request;
	out->status = 200;
	out->whole = head->whole;
	hp_buf_add_text(&out->text, "HTTP/1.1 200 ");
	hp_buf_add(&out->text, head->reason);
	hp_buf_add_text(&out->text, "\r\n");
	hp_buf_add(&out->text, head->line);
	hp_buf_add_text(&out->text, "\r\n" HEAD_LINES "\r\n" ROWS_BODY);
	rows_write_and_close(out);
}

/* garbage */

enum garbage_param { GARBAGE_BYTES };

static void play_garbage(const struct behaviour_part *part,
			 const struct behaviour_request *request, struct script *out)
{
	const struct behaviour_case *c = request->c;
	struct hp_key key = {
		.seed = c->seed, .stream = HP_STREAM_GARBAGE, .endpoint = c->endpoint_index,
		.event = c->identity, .attempt = c->ordinal, .draw = c->draw * NOISE_WORDS_MAX,
	};
	char noise[sizeof(uint64_t)];

	for (uint64_t left = part->values[GARBAGE_BYTES], step; left != 0; left -= step) {
		uint64_t bits = hp_random_bits(&key);
		for (unsigned i = 0; i < sizeof(noise); i++, bits >>= 8)
			noise[i] = (char)(bits & 0xff);
		step = left < sizeof(noise) ? left : sizeof(noise);
		hp_buf_add(&out->text, (struct hp_view){noise, (size_t)step});
		key.draw++;
	}
	rows_write_and_close(out);
}

#define HEAD_PROOF "the peer's kernel acknowledged all of it, then our FIN"

const struct behaviour_row rows_head[] = {
	{
		.number = 40, .slug = "status-line-bad", .layer = BEHAVIOUR_HTTP,
		.help = "answers with a first line that is no proper status line",
		.proof = HEAD_PROOF,
		.params = {[LINE_FORM] = {"form", BEHAVIOUR_WORD, LINE_NO_DIGITS, LINE_NO_DIGITS,
					  LINE_BARE_LF, .words = line_words,
					  .help = "what is wrong with it; 999 is well-formed"}},
		.play = play_line,
	},
	{
		.number = 41, .slug = "http09", .layer = BEHAVIOUR_HTTP,
		.help = "answers with a body and no head, as HTTP/0.9 did",
		.proof = HEAD_PROOF,
		.params = {[HTTP09_BODY] = {"body", BEHAVIOUR_TEXT,
					    .standard_text = "<html>received</html>\n",
					    .help = "all that is sent"}},
		.play = play_http09,
		.check = check_http09,
	},
	{
		.number = 42, .slug = "head-huge", .layer = BEHAVIOUR_HTTP,
		.help = "answers 200 with one enormous header line; whole if the head has at most "
			"16 KiB",
		.proof = "all of it acknowledged by the peer's kernel, or the moment the peer left",
		.params = {[HUGE_BYTES] = {"bytes", BEHAVIOUR_BYTES, 1024 * 1024, 1,
					   HEAD_LINE_BYTES_MAX, .help = "of the line's value"}},
		.play = play_huge,
	},
	{
		.number = 43, .slug = "head-many", .layer = BEHAVIOUR_HTTP,
		.help = "answers 200 with a great many header lines; whole up to 98",
		.proof = "all of it acknowledged by the peer's kernel, or the moment the peer left",
		.params = {[MANY_COUNT] = {"count", BEHAVIOUR_COUNT, 10000, 1, HEAD_LINES_MAX,
					   .help = "how many lines; 1000 names in turn"}},
		.play = play_many,
	},
	{
		.number = 44, .slug = "head-hostile", .layer = BEHAVIOUR_HTTP,
		.help = "answers 200 with a head that attacks parsers, terminals, logs and reports",
		.proof = HEAD_PROOF,
		.params = {[HOSTILE_SET] = {"set", BEHAVIOUR_WORD, HOSTILE_OBS_FOLD,
					    HOSTILE_OBS_FOLD, HOSTILE_NO_NAME,
					    .words = hostile_words,
					    .help = "what stands in it; workflow, cdata, html, "
						    "format and latin1 are well-formed"}},
		.play = play_hostile,
	},
	{
		.number = 45, .slug = "garbage", .layer = BEHAVIOUR_HTTP, .varies = true,
		.help = "answers with random bytes, drawn for each event and attempt",
		.proof = HEAD_PROOF,
		.params = {[GARBAGE_BYTES] = {"bytes", BEHAVIOUR_BYTES, 512, 1, NOISE_BYTES_MAX,
					      .help = "how many"}},
		.play = play_garbage,
	},
	{.number = 0},
};
