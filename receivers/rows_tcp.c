/* What happens to the connection itself: nobody takes it, nobody reads it, it is cut at a byte of
 * the request or of the answer, it ends in one direction or late. See behaviour.h.
 * Not here: answers that are whole and slow (rows_flow.c). */
#include "receivers/rows.h"

enum {
	REQUEST_BYTES_MAX = 64 * 1024 * 1024, /* ours: a place inside a request */
	RESPONSE_BYTES_MAX = 64 * 1024,       /* ours: a place inside an answer */
	RATE_MAX = 1024 * 1024 * 1024,
};

static const struct script_pace at_once = {.times = 1};

/* on accept */

enum accept_param { ACCEPT_DELAY, ACCEPT_HOLD = ACCEPT_DELAY };

static void play_accept_slow(const struct behaviour_part *part,
			     const struct behaviour_request *request, struct script *out)
{
	(void)request;
	out->read_bytes = 0;
	script_wait(out, part->values[ACCEPT_DELAY]);
}

static void play_accept_silence(const struct behaviour_part *part,
				const struct behaviour_request *request, struct script *out)
{
	(void)request;
	out->read_bytes = 0;
	script_hold(out, part->values[ACCEPT_HOLD]);
	script_close(out);
}

static void play_close_on_accept(const struct behaviour_part *part,
				 const struct behaviour_request *request, struct script *out)
{
	(void)part, (void)request;
	out->read_bytes = 0;
	script_close(out);
}

static void play_reset_on_accept(const struct behaviour_part *part,
				 const struct behaviour_request *request, struct script *out)
{
	(void)part, (void)request;
	out->read_bytes = 0;
	script_reset(out);
}

/* inside the request */

enum request_param { REQUEST_AFTER, STALL_HOLD, REQUEST_RATE = REQUEST_AFTER };

static void play_reset_mid_head(const struct behaviour_part *part,
				const struct behaviour_request *request, struct script *out)
{
	uint64_t bytes_max = request->head_bytes - 1;

	out->read_bytes = part->values[REQUEST_AFTER];
	if (out->read_bytes > bytes_max)
		out->read_bytes = bytes_max;
	script_reset(out);
}

static void play_reset_mid_request(const struct behaviour_part *part,
				   const struct behaviour_request *request, struct script *out)
{
	uint64_t body_bytes = request->body_bytes != HP_NEVER ? request->body_bytes / 2 : 1;

	if (behaviour_given(part, REQUEST_AFTER))
		body_bytes = part->values[REQUEST_AFTER];
	out->read_bytes = rows_inside(request, request->head_bytes + body_bytes);
	script_reset(out);
}

static void play_read_stall(const struct behaviour_part *part,
			    const struct behaviour_request *request, struct script *out)
{
	out->read_bytes = rows_inside(request, part->values[REQUEST_AFTER]);
	script_hold(out, part->values[STALL_HOLD]);
	script_close(out);
}

static void play_read_slow(const struct behaviour_part *part,
			   const struct behaviour_request *request, struct script *out)
{
	out->read_bytes_per_s = (uint32_t)part->values[REQUEST_RATE];
	script_answer(out, &(struct script_answer){
		.status = request->success_status, .closing = request->closing,
	});
}

/* behind the request, instead of the answer */

enum behind_param { BEHIND_DELAY };

static void play_reset(const struct behaviour_part *part, const struct behaviour_request *request,
		       struct script *out)
{
	(void)part, (void)request;
	script_reset(out);
}

static void play_reset_after(const struct behaviour_part *part,
			     const struct behaviour_request *request, struct script *out)
{
	(void)request;
	if (part->values[BEHIND_DELAY] != 0)
		script_wait(out, part->values[BEHIND_DELAY]);
	script_reset(out);
}

static void play_close_after(const struct behaviour_part *part,
			     const struct behaviour_request *request, struct script *out)
{
	(void)part, (void)request;
	script_close(out);
}

/* inside the answer */

enum response_param { RESPONSE_AFTER, RESPONSE_HOLD };

/* Writes the first bytes of an answer. What of it a sender can read is the script's status. */
static void write_first(struct script *out, const struct script_layout *layout, uint64_t bytes)
{
	size_t to = bytes < layout->end ? (size_t)bytes : layout->end;

	if (to < layout->status_line_end)
		out->status = 0;
	out->whole = to == layout->end;
	script_write(out, 0, to, at_once);
}

/* The same, without the last byte at the most: the answer is cut. */
static void write_cut(struct script *out, const struct script_layout *layout, uint64_t bytes)
{
	write_first(out, layout, bytes < layout->end ? bytes : layout->end - 1);
}

static void play_reset_mid_response(const struct behaviour_part *part,
				    const struct behaviour_request *request, struct script *out)
{
	enum { BEHIND_STATUS_LINE_BYTES = 5 };
	struct script_layout layout = rows_put_success_body(out, request);

	write_cut(out, &layout, behaviour_given(part, RESPONSE_AFTER)
					? part->values[RESPONSE_AFTER]
					: layout.status_line_end + BEHIND_STATUS_LINE_BYTES);
	script_reset(out);
}

static void play_close_mid_response(const struct behaviour_part *part,
				    const struct behaviour_request *request, struct script *out)
{
	struct script_layout layout = rows_put_success_body(out, request);

	write_cut(out, &layout, behaviour_given(part, RESPONSE_AFTER)
					? part->values[RESPONSE_AFTER]
					: rows_half_body(&layout));
	script_close(out);
}

static void play_half_close(const struct behaviour_part *part,
			    const struct behaviour_request *request, struct script *out)
{
	struct script_layout layout = rows_put_success_body(out, request);

	write_first(out, &layout, part->values[RESPONSE_AFTER]);
	script_shut(out);
	script_hold(out, part->values[RESPONSE_HOLD]);
	script_close(out);
}

/* behind the answer */

static void play_slow_close(const struct behaviour_part *part,
			    const struct behaviour_request *request, struct script *out)
{
	struct behaviour_request ending = *request;

	ending.closing = true;
	struct script_layout layout = rows_put_success(out, &ending);
	write_first(out, &layout, layout.end);
	script_wait(out, part->values[BEHIND_DELAY]);
	script_close(out);
}

#define HOLD_PARAM                                                                                \
	{"hold", BEHAVIOUR_SPAN, ROWS_HOLD_NS, HP_MS_NS, ROWS_SPAN_NS_MAX,                        \
	 .help = "for the peer to leave; then the connection is closed"}

#define DELAY_PARAM(standard, row_help)                                                           \
	{"delay", BEHAVIOUR_SPAN, standard, 0, ROWS_SPAN_NS_MAX, .help = row_help}

#define AFTER_PARAM(row_help)                                                                     \
	{"after", BEHAVIOUR_BYTES, 0, 1, RESPONSE_BYTES_MAX, .optional = true, .help = row_help}

const struct behaviour_row rows_tcp[] = {
	[ROWS_TCP_RESET] = {
		.number = 8, .slug = "reset", .layer = BEHAVIOUR_TCP,
		.effect = BEHAVIOUR_EFFECT_NEVER,
		.help = "reads the request and resets the connection; nothing was done with it",
		.proof = "no byte written, RST sent before the peer left",
		.play = play_reset,
	},
	{
		.number = 7, .slug = "connect-refused", .layer = BEHAVIOUR_TCP, .by_time = true,
		.help = "nobody listens: connections are refused, open ones reset",
		.proof = "a record of the window; the listener is closed in it",
		.station = BEHAVIOUR_REFUSES,
	},
	{
		.number = 100, .slug = "connect-blackhole", .layer = BEHAVIOUR_TCP, .by_time = true,
		.help = "the listener's queue is full: nobody answers the peer's SYN, open "
			"connections are reset",
		.proof = "a record of the window; the queue is full in it",
		.station = BEHAVIOUR_DROPS,
	},
	{
		.number = 101, .slug = "accept-slow", .layer = BEHAVIOUR_TCP,
		.stage = BEHAVIOUR_ON_CONNECT,
		.help = "takes the connection late, then serves it; the kernel has shaken hands: "
			"the peer sees a slow first byte",
		.proof = "the moments of the accept and of the first read",
		.params = {[ACCEPT_DELAY] = DELAY_PARAM(HP_S_NS, "before the first byte is read")},
		.play = play_accept_slow,
	},
	{
		.number = 102, .slug = "accept-silence", .layer = BEHAVIOUR_TCP,
		.stage = BEHAVIOUR_ON_CONNECT, .effect = BEHAVIOUR_EFFECT_NEVER,
		.help = "takes the connection, never reads and never answers",
		.proof = "no byte read or written; the moment of the peer's FIN",
		.params = {[ACCEPT_HOLD] = HOLD_PARAM},
		.play = play_accept_silence,
	},
	{
		.number = 103, .slug = "close-on-accept", .layer = BEHAVIOUR_TCP,
		.stage = BEHAVIOUR_ON_CONNECT, .effect = BEHAVIOUR_EFFECT_NEVER,
		.help = "takes the connection and closes it at once",
		.proof = "no byte written, our FIN before the peer's; what came was drained",
		.play = play_close_on_accept,
	},
	{
		.number = 104, .slug = "reset-on-accept", .layer = BEHAVIOUR_TCP,
		.stage = BEHAVIOUR_ON_CONNECT, .effect = BEHAVIOUR_EFFECT_NEVER,
		.help = "takes the connection and resets it at once",
		.proof = "no byte read or written, RST sent before the peer left",
		.play = play_reset_on_accept,
	},
	{
		.number = 105, .slug = "reset-mid-head", .layer = BEHAVIOUR_TCP, .varies = true,
		.stage = BEHAVIOUR_IN_REQUEST, .effect = BEHAVIOUR_EFFECT_NEVER,
		.help = "reads a part of the request's head and resets the connection",
		.proof = "the bytes read, fewer than the head has; RST sent before the peer left",
		.params = {[REQUEST_AFTER] = {"after", BEHAVIOUR_BYTES, 20, 0, REQUEST_BYTES_MAX,
					      .help = "bytes read; at most all of the head but "
						      "one"}},
		.play = play_reset_mid_head,
	},
	{
		.number = 106, .slug = "reset-mid-request", .layer = BEHAVIOUR_TCP, .varies = true,
		.stage = BEHAVIOUR_IN_REQUEST, .effect = BEHAVIOUR_EFFECT_NEVER,
		.help = "reads the head and a part of the body and resets the connection",
		.proof = "the bytes read, fewer than the request has; RST before the peer left",
		.params = {[REQUEST_AFTER] = {"after_body", BEHAVIOUR_BYTES, 0, 0,
					      REQUEST_BYTES_MAX, .optional = true,
					      .help = "bytes of the body read (half of it; of a "
						      "chunked one 1); at most all but one, of a "
						      "chunked one 4"}},
		.play = play_reset_mid_request,
	},
	{
		.number = 107, .slug = "read-stall", .layer = BEHAVIOUR_TCP, .varies = true,
		.stage = BEHAVIOUR_IN_REQUEST, .effect = BEHAVIOUR_EFFECT_NEVER,
		.help = "stops reading inside the request: a long one fills the window, and no "
			"answer comes",
		.proof = "the bytes read, fewer than the request has; the moment of the peer's FIN",
		.params = {
			[REQUEST_AFTER] = {"after", BEHAVIOUR_BYTES, 1024, 0, REQUEST_BYTES_MAX,
					   .help = "bytes read; at most all but one"},
			[STALL_HOLD] = HOLD_PARAM,
		},
		.play = play_read_stall,
	},
	{
		.number = 108, .slug = "read-slow", .layer = BEHAVIOUR_TCP,
		.stage = BEHAVIOUR_IN_REQUEST,
		.help = "reads the request slowly, then answers as it would",
		.proof = "the moments of the first and of the last byte read",
		.params = {[REQUEST_RATE] = {"rate", BEHAVIOUR_RATE, 1024, 1, RATE_MAX,
					     .help = "of reading"}},
		.play = play_read_slow,
	},
	{
		.number = 9, .slug = "reset-after-request", .layer = BEHAVIOUR_TCP,
		.effect = BEHAVIOUR_EFFECT_ALWAYS,
		.help = "resets the connection instead of answering, after the effect: the sender "
			"cannot know, and a second attempt is a duplicate",
		.proof = "the body's digest, no byte written, RST sent before the peer left",
		.params = {[BEHIND_DELAY] = DELAY_PARAM(0, "between the request and the RST")},
		.play = play_reset_after,
	},
	{
		.number = 109, .slug = "close-after-request", .layer = BEHAVIOUR_TCP,
		.effect = BEHAVIOUR_EFFECT_ALWAYS,
		.help = "closes the connection instead of answering, after the effect: a second "
			"attempt is a duplicate",
		.proof = "the body's digest, no byte written, our FIN before the peer's",
		.play = play_close_after,
	},
	{
		.number = 110, .slug = "reset-mid-response", .layer = BEHAVIOUR_TCP,
		.effect = BEHAVIOUR_EFFECT_ALWAYS,
		.help = "resets the connection inside the answer (200 with a small body where a "
			"success has none), after the effect",
		.proof = "the peer's kernel acknowledged what was written, then our RST",
		.params = {[RESPONSE_AFTER] = AFTER_PARAM("bytes written (the status line and 5); "
							  "at most all but one")},
		.play = play_reset_mid_response,
	},
	{
		.number = 111, .slug = "close-mid-response", .layer = BEHAVIOUR_TCP,
		.effect = BEHAVIOUR_EFFECT_ALWAYS,
		.help = "closes the connection inside the answer (200 with a small body where a "
			"success has none), after the effect",
		.proof = "the peer's kernel acknowledged what was written, then our FIN",
		.params = {[RESPONSE_AFTER] = AFTER_PARAM("bytes written (up to half of the body); "
							  "at most all but one")},
		.play = play_close_mid_response,
	},
	{
		.number = 112, .slug = "half-close", .layer = BEHAVIOUR_TCP,
		.effect = BEHAVIOUR_EFFECT_ALWAYS,
		.help = "says nothing more at a byte of the answer (200 with a small body where a "
			"success has none) and keeps reading, after the effect",
		.proof = "the peer's kernel acknowledged what was written, then our FIN; the "
			 "moment of the peer's",
		.params = {
			[RESPONSE_AFTER] = {"after", BEHAVIOUR_BYTES, 0, 0, RESPONSE_BYTES_MAX,
					    .help = "bytes written; at most all of the answer"},
			[RESPONSE_HOLD] = HOLD_PARAM,
		},
		.play = play_half_close,
	},
	{
		.number = 113, .slug = "slow-close", .layer = BEHAVIOUR_TCP,
		.help = "answers with \"Connection: close\" and closes late",
		.proof = "the moments of the answer and of our FIN",
		.params = {[BEHIND_DELAY] = DELAY_PARAM(2 * HP_S_NS,
							"between the answer and the FIN")},
		.play = play_slow_close,
	},
	{.number = 0},
};
