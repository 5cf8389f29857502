/* Answers that are well-formed and come slowly, in slices, before their time, at a moment, never to
 * an end, or on a connection that ends under the next request. See behaviour.h.
 * Not here: time before an ordinary answer (rows_latency.c); answers cut by FIN or RST
 * (rows_tcp.c). */
#include "receivers/rows.h"

#include "base/random.h"

enum {
	FLOW_BYTES_MAX = 64 * 1024, /* of a piece, or a place inside an answer */
	FLOW_RATE_MAX = 1024 * 1024 * 1024,
	HEAD_RATE_MAX = 1000, /* one byte at a time: a millisecond each at the least */
	FACTOR_MAX = 10,
};

/* The whole answer is out. */
static void finish(struct script *out, const struct behaviour_request *request)
{
	out->whole = true;
	if (request->closing)
		script_close(out);
}

static struct script_pace pace_of(uint64_t piece_bytes, uint64_t bytes_per_s)
{
	return (struct script_pace){
		.piece_bytes = (uint32_t)piece_bytes,
		.pause_ns = piece_bytes * HP_S_NS / bytes_per_s,
	};
}

static const struct script_pace at_once = {.times = 1};

/* write-slow */

enum slow_param { SLOW_RATE, SLOW_CHUNK };

static void play_write_slow(const struct behaviour_part *part,
			    const struct behaviour_request *request, struct script *out)
{
	struct script_layout layout = rows_put_success_body(out, request);

	script_write(out, 0, layout.end,
		     pace_of(part->values[SLOW_CHUNK], part->values[SLOW_RATE]));
	finish(out, request);
}

/* write-sliced: the pieces of one answer are of one size, which the key decides. */

enum sliced_param { SLICED_BYTES, SLICED_GAP, SLICED_JITTER };

static uint64_t slice_bytes(const struct behaviour_part *part, const struct behaviour_case *c)
{
	uint64_t bytes = part->values[SLICED_BYTES], jitter_bytes = part->values[SLICED_JITTER];
	uint64_t least_bytes = bytes > jitter_bytes ? bytes - jitter_bytes : 1;
	const struct hp_key key = {
		.seed = c->seed, .stream = HP_STREAM_SLICE, .endpoint = c->endpoint_index,
		.event = c->identity, .attempt = c->ordinal, .draw = c->draw,
	};

	return least_bytes + hp_random_below(&key, bytes + jitter_bytes - least_bytes + 1);
}

static void play_write_sliced(const struct behaviour_part *part,
			      const struct behaviour_request *request, struct script *out)
{
	struct script_layout layout = rows_put_success(out, request);

	script_write(out, 0, layout.end, (struct script_pace){
		.piece_bytes = (uint32_t)slice_bytes(part, request->c),
		.pause_ns = part->values[SLICED_GAP],
	});
	finish(out, request);
}

/* head-slow */

enum head_param { HEAD_RATE };

static void play_head_slow(const struct behaviour_part *part,
			   const struct behaviour_request *request, struct script *out)
{
	struct script_layout layout = rows_put_success_body(out, request);

	script_write(out, 0, layout.head_end, pace_of(1, part->values[HEAD_RATE]));
	script_write(out, layout.head_end, layout.end, at_once);
	finish(out, request);
}

/* body-drip: the body is one byte, many times over. */

enum drip_param { DRIP_PERIOD, DRIP_BYTES };

static void play_body_drip(const struct behaviour_part *part,
			   const struct behaviour_request *request, struct script *out)
{
	struct hp_buf lines;

	hp_buf_init(&lines, FLOW_BYTES_MAX);
	hp_buf_add_format(&lines, "Content-Type: text/plain\r\nContent-Length: %ju\r\n%s",
			  (uintmax_t)part->values[DRIP_BYTES],
			  request->closing ? "Connection: close\r\n" : "");
	rows_put_head(out, 200, hp_buf_text(&lines));
	hp_buf_fini(&lines);
	script_write(out, 0, out->text.bytes, at_once);
	hp_buf_add_text(&out->text, ".");
	script_write(out, out->text.bytes - 1, out->text.bytes, (struct script_pace){
		.pause_ns = part->values[DRIP_PERIOD], .times = part->values[DRIP_BYTES],
	});
	finish(out, request);
}

/* answer-early */

enum early_param { EARLY_AFTER };

static void play_answer_early(const struct behaviour_part *part,
			      const struct behaviour_request *request, struct script *out)
{
	out->read_bytes = rows_inside(request, request->head_bytes + part->values[EARLY_AFTER]);
	script_answer(out, &(struct script_answer){
		.status = request->success_status, .closing = request->closing,
	});
}

/* answer-stall */

enum stall_param { STALL_AFTER, STALL_HOLD };
enum stall_after { AFTER_STATUS_LINE, AFTER_HEAD, AFTER_HALF_BODY };
static const char *const stall_words[] = {
	[AFTER_STATUS_LINE] = "status-line", [AFTER_HEAD] = "head",
	[AFTER_HALF_BODY] = "half-body", NULL,
};

static void play_answer_stall(const struct behaviour_part *part,
			      const struct behaviour_request *request, struct script *out)
{
	struct script_layout layout = rows_put_success_body(out, request);
	const size_t ends[] = {
		[AFTER_STATUS_LINE] = layout.status_line_end,
		[AFTER_HEAD] = layout.head_end,
		[AFTER_HALF_BODY] = rows_half_body(&layout),
	};

	script_write(out, 0, ends[part->values[STALL_AFTER]], at_once);
	script_hold(out, part->values[STALL_HOLD]);
	script_close(out);
}

/* answer-at */

enum at_param { AT_FACTOR };

static void play_answer_at(const struct behaviour_part *part,
			   const struct behaviour_request *request, struct script *out)
{
	double factor = (double)part->values[AT_FACTOR] / (double)BEHAVIOUR_MICRO;

	script_wait(out, hp_span_scale(request->timeout_ns, factor));
	script_answer(out, &(struct script_answer){
		.status = request->success_status, .closing = request->closing,
	});
}

/* pause-at-byte */

enum pause_param { PAUSE_AT, PAUSE_HOLD };

static void play_pause_at_byte(const struct behaviour_part *part,
			       const struct behaviour_request *request, struct script *out)
{
	struct script_layout layout = rows_put_success_body(out, request);
	size_t at = rows_half_body(&layout);

	if (behaviour_given(part, PAUSE_AT))
		at = part->values[PAUSE_AT] < layout.end ? (size_t)part->values[PAUSE_AT]
							 : layout.end - 1;
	script_write(out, 0, at, at_once);
	script_wait(out, part->values[PAUSE_HOLD]);
	script_write(out, at, layout.end, at_once);
	finish(out, request);
}

/* keepalive-stale: our FIN or RST and the next request cross on the wire. Where the connection ends
 * with this exchange there is no next one, and the answer is an ordinary one. */

enum stale_param { STALE_HOW };
enum stale_how { STALE_FIN, STALE_RESET };
static const char *const stale_words[] = {[STALE_FIN] = "fin", [STALE_RESET] = "reset", NULL};

static void play_keepalive_stale(const struct behaviour_part *part,
				 const struct behaviour_request *request, struct script *out)
{
	script_answer(out, &(struct script_answer){
		.status = request->success_status, .closing = request->closing,
	});
	if (request->closing)
		return;
	script_await(out);
	if (part->values[STALE_HOW] == STALE_RESET)
		script_reset(out);
	else
		script_close(out);
}

/* keepalive-idle */

enum idle_param { IDLE_IDLE };

static uint64_t idle_ns(const struct behaviour_part *part)
{
	return part->values[IDLE_IDLE];
}

static int check_drip(const struct behaviour_part *part, struct hp_err *err)
{
	if (part->values[DRIP_PERIOD] * part->values[DRIP_BYTES] <= ROWS_SPAN_NS_MAX)
		return 0;
	return hp_err_set(err, HP_EINPUT, "want \"period\" times \"bytes\" at most 1h");
}

#define HOLD_PARAM(standard, row_help)                                                            \
	{"hold", BEHAVIOUR_SPAN, standard, HP_MS_NS, ROWS_SPAN_NS_MAX, .help = row_help}

const struct behaviour_row rows_flow[] = {
	{
		.number = 70, .slug = "write-slow", .layer = BEHAVIOUR_TCP,
		.help = "answers at a rate (200 with a small body where a success has none)",
		.proof = "the moments of the first and of the last byte, all of them acknowledged",
		.params = {
			[SLOW_RATE] = {"rate", BEHAVIOUR_RATE, 1024, 1, FLOW_RATE_MAX,
				       .help = "of writing"},
			[SLOW_CHUNK] = {"chunk", BEHAVIOUR_BYTES, 16, 1, FLOW_BYTES_MAX,
					.help = "written at a time"},
		},
		.play = play_write_slow,
	},
	{
		.number = 71, .slug = "write-sliced", .layer = BEHAVIOUR_TCP, .varies = true,
		.help = "answers in small writes, each a segment of its own",
		.proof = "the number of writes, all of them acknowledged",
		.params = {
			[SLICED_BYTES] = {"bytes", BEHAVIOUR_BYTES, 1, 1, FLOW_BYTES_MAX,
					  .help = "written at a time"},
			[SLICED_GAP] = {"gap", BEHAVIOUR_SPAN, 200 * HP_US_NS, 0, HP_S_NS,
					.help = "between two writes"},
			[SLICED_JITTER] = {"jitter", BEHAVIOUR_BYTES, 0, 0, FLOW_BYTES_MAX,
					   .help = "the size of an answer's writes is drawn so far "
						   "around \"bytes\""},
		},
		.play = play_write_sliced,
	},
	{
		.number = 72, .slug = "head-slow", .layer = BEHAVIOUR_HTTP,
		.help = "writes the head byte by byte, then the body at once (200 with a small "
			"body where a success has none)",
		.proof = "the moments of the first and the last byte, or when the peer left",
		.params = {[HEAD_RATE] = {"rate", BEHAVIOUR_RATE, 1, 1, HEAD_RATE_MAX,
					  .help = "of writing the head"}},
		.play = play_head_slow,
	},
	{
		.number = 73, .slug = "body-drip", .layer = BEHAVIOUR_HTTP,
		.help = "answers 200 with a body that comes byte by byte",
		.proof = "the moments of the first and the last byte, or when the peer left",
		.params = {
			[DRIP_PERIOD] = {"period", BEHAVIOUR_SPAN, HP_S_NS, HP_MS_NS, HP_S_NS,
					 .help = "between two bytes"},
			[DRIP_BYTES] = {"bytes", BEHAVIOUR_BYTES, 3600, 1, 3600 * 1000,
					.help = "of the body"},
		},
		.play = play_body_drip,
		.check = check_drip,
	},
	{
		.number = 74, .slug = "answer-early", .layer = BEHAVIOUR_HTTP, .varies = true,
		.stage = BEHAVIOUR_IN_REQUEST,
		.help = "answers before the body is read, then reads the rest",
		.proof = "the bytes read when the answer was written, fewer than the request has",
		.params = {[EARLY_AFTER] = {"after", BEHAVIOUR_BYTES, 0, 0, FLOW_BYTES_MAX,
					    .help = "bytes of the body read before; at most all "
						    "but one, of a chunked one 4"}},
		.play = play_answer_early,
	},
	{
		.number = 75, .slug = "answer-stall", .layer = BEHAVIOUR_HTTP,
		.effect = BEHAVIOUR_EFFECT_ALWAYS,
		.help = "begins an answer (200 with a small body where a success has none) and "
			"says no more, after the effect",
		.proof = "the peer's kernel acknowledged what was written; the moment of the "
			 "peer's FIN",
		.params = {
			[STALL_AFTER] = {"after", BEHAVIOUR_WORD, AFTER_STATUS_LINE,
					 AFTER_STATUS_LINE, AFTER_HALF_BODY, .words = stall_words,
					 .help = "what of the answer is written"},
			[STALL_HOLD] = HOLD_PARAM(ROWS_HOLD_NS, "for the peer to leave; then the "
								"connection is closed"),
		},
		.play = play_answer_stall,
	},
	{
		.number = 76, .slug = "answer-at", .layer = BEHAVIOUR_HTTP,
		.help = "answers as it would, at a multiple of the sender's timeout: just in time, "
			"or just too late",
		.proof = "the moment of the answer against that of the peer's FIN",
		.params = {[AT_FACTOR] = {"factor", BEHAVIOUR_SHARE, BEHAVIOUR_MICRO * 9 / 10, 0,
					  FACTOR_MAX * BEHAVIOUR_MICRO,
					  .help = "of the profile's timeout: 0.9 must succeed, 1.1 "
						  "must fail"}},
		.play = play_answer_at,
	},
	{
		.number = 77, .slug = "pause-at-byte", .layer = BEHAVIOUR_TCP,
		.help = "holds the answer (200 with a small body where a success has none) at a "
			"byte, then writes the rest",
		.proof = "the moments of the bytes before and behind the pause",
		.params = {
			[PAUSE_AT] = {"at", BEHAVIOUR_BYTES, 0, 0, FLOW_BYTES_MAX, .optional = true,
				      .help = "bytes written before (up to half of the body); at "
					      "most all but one"},
			[PAUSE_HOLD] = HOLD_PARAM(HP_S_NS, "the pause"),
		},
		.play = play_pause_at_byte,
	},
	{
		.number = 78, .slug = "keepalive-stale", .layer = BEHAVIOUR_HTTP,
		.help = "answers and keeps the connection, then ends it as the next request "
			"arrives, unread",
		.proof = "the moment of our FIN or RST, behind the first byte of the next request",
		.params = {[STALE_HOW] = {"how", BEHAVIOUR_WORD, STALE_FIN, STALE_FIN, STALE_RESET,
					  .words = stale_words, .help = "how the connection ends"}},
		.play = play_keepalive_stale,
	},
	{
		.number = 79, .slug = "keepalive-idle", .layer = BEHAVIOUR_HTTP,
		.help = "closes connections that are idle",
		.proof = "the moment of our FIN, so long behind the last answer",
		.params = {[IDLE_IDLE] = {"idle", BEHAVIOUR_SPAN, 500 * HP_MS_NS, HP_MS_NS,
					  ROWS_SPAN_NS_MAX, .help = "without a request"}},
		.idle_ns = idle_ns,
	},
	{.number = 0},
};
