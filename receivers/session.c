/* Sessions: see session.h. A request is either whole in what arrived (take_whole) or gathered in
 * `in` (take_gathered), where a chunked body is decoded in place behind its head. */
#include "receivers/session.h"

static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";

void session_init(struct session *session, struct receiver *receiver)
{
	*session = (struct session){.receiver = receiver, .state = SESSION_IDLE};
	hp_buf_init(&session->in, HTTP1_HEAD_BYTES_MAX + receiver->config->body_bytes_max +
				  SESSION_READ_BYTES_MAX);
}

static void put_receipt(struct session *session, enum record_end end)
{
	struct record record = {.kind = RECORD_RECEIPT, .receipt = session->receipt};

	record.receipt.end = (uint8_t)end;
	history_put(session->receiver->history, &record);
}

static void step_read(struct session_step *out)
{
	*out = (struct session_step){.action = SESSION_READ};
}

static void write_answer(struct session *session, const struct receiver_answer *answer,
			 uint64_t at_ns, struct session_step *out)
{
	session->answer = answer;
	*out = (struct session_step){
		.action = SESSION_WRITE,
		.at_ns = at_ns,
		.bytes = hp_buf_view(session->closing ? &answer->closing : &answer->open),
	};
}

/* Answers what is no delivery of ours. */
static void turn_away(struct session *session, const struct receiver_answer *answer,
		      struct session_step *out)
{
	session->receiver->counters.other++;
	session->state = SESSION_REFUSAL;
	write_answer(session, answer, 0, out);
}

/* Answers what is no usable request: where the next one would begin is not known. */
static void give_up(struct session *session, enum receiver_fixed why, struct session_step *out)
{
	session->closing = true;
	turn_away(session, &session->receiver->fixed[why], out);
}

static void fall_silent(struct session *session, struct session_step *out)
{
	put_receipt(session, RECORD_END_SILENT);
	session->state = SESSION_SILENT;
	*out = (struct session_step){.action = SESSION_HOLD};
}

static void decide(struct session *session, const struct receiver_delivery *delivery,
		   struct session_step *out)
{
	struct receiver_decision decision;

	receiver_decide(session->receiver, delivery, &decision);
	session->receipt = decision.receipt;
	session->state = SESSION_PENDING;
	if (decision.end == BEHAVIOUR_STAYS_SILENT)
		fall_silent(session, out);
	else if (decision.end == BEHAVIOUR_RESETS || decision.end == BEHAVIOUR_RESETS_LATE)
		*out = (struct session_step){.action = SESSION_RESET, .at_ns = decision.at_ns};
	else
		write_answer(session, decision.answer, decision.at_ns, out);
}

static void take_request(struct session *session, const struct http1_head *head,
			 struct hp_view body, const struct session_clock *clock,
			 struct session_step *out)
{
	const struct receiver_answer *turned = receiver_turns_away(session->receiver, head);

	session->closing |= !head->keep_alive || head->minor == 0;
	if (turned != NULL) {
		turn_away(session, turned, out);
		return;
	}
	decide(session, &(struct receiver_delivery){
		.head = head, .body = body,
		.now_ns = clock->now_ns, .wall_ns = clock->wall_ns,
	}, out);
}

/* Decodes what has come of the body, in place: decoded bytes follow the head, raw ones follow
 * those. HTTP1_BAD: bad framing; *too_large tells. */
static enum http1_result decode_body(struct session *session, bool *too_large)
{
	char *at = session->in.at;
	size_t from = session->head_bytes + session->body_bytes, to = from, taken;
	size_t limit = session->head_bytes + session->receiver->config->body_bytes_max;
	enum http1_result result;
	struct hp_view data;

	do {
		result = http1_body_step(&session->body, at + from, session->in.bytes - from,
					 &taken, &data);
		*too_large = data.bytes > limit - to;
		if (result == HTTP1_BAD || *too_large)
			return HTTP1_BAD;
		if (data.bytes != 0 && data.at != at + to)
			memmove(at + to, data.at, data.bytes);
		to += data.bytes;
		from += taken;
	} while (result == HTTP1_MORE && from < session->in.bytes);
	if (to != from)
		memmove(at + to, at + from, session->in.bytes - from);
	session->in.bytes -= from - to;
	session->body_bytes = (uint32_t)(to - session->head_bytes);
	return result;
}

/* Forgets the request at the front of `in`, and the memory when nothing follows. */
static void drop_request(struct session *session)
{
	hp_buf_drop(&session->in, session->head_bytes + session->body_bytes);
	session->head_bytes = session->body_bytes = 0;
	session->continued = false;
	if (session->in.bytes == 0) {
		size_t bytes_max = session->in.bytes_max;
		hp_buf_fini(&session->in);
		hp_buf_init(&session->in, bytes_max);
	}
}

static bool wants_continue(const struct session *session, const struct http1_head *head)
{
	return head->expect_continue && head->framing != HTTP1_NO_BODY && !session->continued &&
	       session->in.bytes == session->head_bytes;
}

static void take_body(struct session *session, const struct http1_head *head,
		      const struct session_clock *clock, struct session_step *out)
{
	bool too_large;
	enum http1_result result = decode_body(session, &too_large);

	if (result == HTTP1_BAD) {
		give_up(session, too_large ? RECEIVER_BODY_TOO_LARGE : RECEIVER_BAD_REQUEST, out);
		return;
	}
	if (result == HTTP1_MORE) {
		step_read(out);
		return;
	}
	struct hp_view body = {session->in.at + session->head_bytes, session->body_bytes};
	take_request(session, head, body, clock, out);
	drop_request(session);
}

/* The next step from what is gathered in `in`. */
static void take_gathered(struct session *session, const struct session_clock *clock,
			  struct session_step *out)
{
	struct http1_head head;
	enum http1_result result = http1_parse_request(session->in.at, session->in.bytes, &head);

	if (result == HTTP1_MORE) {
		step_read(out);
		return;
	}
	if (result == HTTP1_BAD) {
		bool large = session->in.bytes >= HTTP1_HEAD_BYTES_MAX;
		give_up(session, large ? RECEIVER_HEAD_TOO_LARGE : RECEIVER_BAD_REQUEST, out);
		return;
	}
	if (session->head_bytes == 0) {
		session->head_bytes = (uint32_t)head.head_bytes;
		http1_body_init(&session->body, &head);
	}
	if (head.body_bytes > session->receiver->config->body_bytes_max) {
		give_up(session, RECEIVER_BODY_TOO_LARGE, out);
		return;
	}
	if (wants_continue(session, &head)) {
		session->continued = true;
		session->state = SESSION_INTERIM;
		*out = (struct session_step){.action = SESSION_WRITE,
					     .bytes = {interim, sizeof(interim) - 1}};
		return;
	}
	take_body(session, &head, clock, out);
}

/* The common case: one whole request without chunks. Returns the bytes used; 0: gather. */
static size_t take_whole(struct session *session, struct hp_view buf,
			 const struct session_clock *clock, struct session_step *out)
{
	struct http1_head head;

	if (http1_parse_request(buf.at, buf.bytes, &head) != HTTP1_DONE ||
	    head.framing == HTTP1_CHUNKED || head.body_bytes > buf.bytes - head.head_bytes ||
	    head.body_bytes > session->receiver->config->body_bytes_max)
		return 0;
	struct hp_view body = {buf.at + head.head_bytes, (size_t)head.body_bytes};
	take_request(session, &head, body, clock, out);
	return head.head_bytes + body.bytes;
}

/* Bytes that do not fit cannot be served: the connection ends after this answer. */
static void keep(struct session *session, struct hp_view bytes)
{
	if (bytes.bytes != 0 && !hp_buf_add(&session->in, bytes))
		session->closing = true;
}

void session_feed(struct session *session, struct hp_view buf, const struct session_clock *clock,
		  struct session_step *out)
{
	assert(buf.bytes <= SESSION_READ_BYTES_MAX);
	step_read(out);
	if (session->state == SESSION_SILENT)
		return;
	if (session->state != SESSION_IDLE) {
		keep(session, buf);
		return;
	}
	size_t used = session->in.bytes == 0 ? take_whole(session, buf, clock, out) : 0;
	keep(session, (struct hp_view){buf.at + used, buf.bytes - used});
	if (used == 0 && session->in.bytes != 0)
		take_gathered(session, clock, out);
}

static void finish(struct session *session, uint64_t now_ns)
{
	if (session->state != SESSION_PENDING)
		return;
	session->receipt.answered_ns = now_ns;
	session->receipt.status = (uint16_t)session->answer->status;
	put_receipt(session, RECORD_END_ANSWERED);
}

void session_acted(struct session *session, const struct session_clock *clock,
		   struct session_step *out)
{
	assert(session->state != SESSION_IDLE && session->state != SESSION_SILENT);
	finish(session, clock->now_ns);
	session->answer = NULL;
	step_read(out);
	if (session->closing && session->state != SESSION_INTERIM) {
		session->state = SESSION_SILENT;
		out->action = SESSION_CLOSE;
		return;
	}
	session->state = SESSION_IDLE;
	if (session->in.bytes != 0)
		take_gathered(session, clock, out);
}

void session_end(struct session *session, enum record_end end)
{
	if (session->state == SESSION_PENDING)
		put_receipt(session, end);
	session->state = SESSION_SILENT;
	hp_buf_fini(&session->in);
}
