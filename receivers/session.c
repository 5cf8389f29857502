/* Sessions: see session.h. A request is either whole in what arrived (take_whole) or gathered in
 * `in` (session_take_gathered), where a chunked body is decoded in place behind its head. What is
 * done about it is a script, and session_play.c performs it. */
#include "receivers/session.h"

#include "receivers/session_inside.h"

static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";

void session_init(struct session *session, struct receiver *receiver,
		  const struct session_clock *clock, struct session_step *out)
{
	struct receiver_decision decision;
	struct receiver_delivery moment = {.now_ns = clock->now_ns, .wall_ns = clock->wall_ns};

	*session = (struct session){
		.receiver = receiver, .state = SESSION_IDLE, .since_ns = clock->now_ns,
		.read_bytes_max = SESSION_READ_BYTES_MAX, .look = receiver->looks,
	};
	hp_buf_init(&session->in, HTTP1_HEAD_BYTES_MAX + receiver->config->body_bytes_max +
				  SESSION_READ_BYTES_MAX);
	if (receiver_meet(receiver, &moment, &decision))
		session_cut(session, &decision, clock, out);
	else
		session_await(session, clock->now_ns, out);
}

void session_shaken(struct session *session, const struct session_clock *clock,
		    struct session_step *out)
{
	session->since_ns = clock->now_ns;
	session_await(session, clock->now_ns, out);
}

/* ---- requests ---- */

/* Answers what is no delivery of ours. */
static void turn_away(struct session *session, const struct receiver_scripts *scripts,
		      const struct session_clock *clock, struct session_step *out)
{
	session->receiver->counters.other++;
	session->at_ns = clock->now_ns;
	session_play(session, receiver_script(scripts, session->closing), clock, out);
}

/* Answers what is no usable request: where the next one would begin is not known. */
static void give_up(struct session *session, enum receiver_fixed why,
		    const struct session_clock *clock, struct session_step *out)
{
	session->closing = true;
	turn_away(session, &session->receiver->fixed[why], clock, out);
}

/* Only now is it known what a fault that came early was about. */
static void name_fault(struct record_fault *fault, const struct record_receipt *receipt)
{
	fault->event_index = receipt->event_index;
	fault->identity = receipt->identity;
	fault->ordinal = receipt->ordinal;
	memcpy(fault->key, receipt->key, sizeof(fault->key));
}

/* The answer is out already: what is left is to remember the delivery. */
static void settle(struct session *session, struct receiver_decision *decision)
{
	uint64_t answered_ns = session->receipt.answered_ns;
	uint16_t status = session->receipt.status;

	if (session->fault != NULL && session->fault->record.identity == 0)
		name_fault(&session->fault->record, &decision->receipt);
	if (decision->owned != NULL)
		session_free_script(decision->owned);
	session->receipt = decision->receipt;
	session->receipt.answered_ns = answered_ns;
	session->receipt.status = status;
	session->early = false;
	session->begun = true;
	session->receiver->in_flight++;
	session_put_receipt(session, RECORD_END_ANSWERED, 0);
}

static void decide(struct session *session, const struct receiver_delivery *delivery,
		   const struct session_clock *clock, struct session_step *out)
{
	struct receiver_decision decision;
	uint64_t planned_ns = clock->now_ns;

	receiver_decide(session->receiver, delivery, &decision);
	if (session_end_reading(session, &decision, &planned_ns))
		decision.late = false;
	if (session->early) {
		settle(session, &decision);
		session_begin_next(session);
		session_await(session, clock->now_ns, out);
		return;
	}
	session->receipt = decision.receipt;
	session->begun = true;
	session->closing |= decision.closing;
	session->receiver->in_flight++;
	if (decision.part != NULL || decision.noted != NULL)
		session_begin_fault(session, &decision, planned_ns);
	session->at_ns = decision.at_ns;
	session_play(session, decision.script, clock, out);
}

static void take_request(struct session *session, const struct http1_head *head,
			 struct hp_view body, const struct session_clock *clock,
			 struct session_step *out)
{
	const struct receiver_scripts *turned = receiver_turns_away(session->receiver, head);

	session->closing |= !head->keep_alive || head->minor == 0;
	session->since_ns = HP_NEVER;
	session->read_bytes_per_s = 0;
	if (turned != NULL) {
		turn_away(session, turned, clock, out);
		return;
	}
	decide(session, &(struct receiver_delivery){
		.head = head, .body = body, .closing = session->closing,
		.now_ns = clock->now_ns, .wall_ns = clock->wall_ns,
	}, clock, out);
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

/* More of a body must come. A receiver that looks ahead takes no byte of the next request. */
static void await_body(struct session *session, const struct http1_head *head,
		       const struct session_clock *clock, struct session_step *out)
{
	if (session->receiver->looks && head->framing == HTTP1_LENGTH &&
	    session->body.left < SESSION_READ_BYTES_MAX)
		session->read_bytes_max = (uint32_t)session->body.left;
	session_await(session, clock->now_ns, out);
}

static void take_body(struct session *session, const struct http1_head *head,
		      const struct session_clock *clock, struct session_step *out)
{
	bool too_large;
	enum http1_result result = decode_body(session, &too_large);

	if (result == HTTP1_BAD) {
		give_up(session, too_large ? RECEIVER_BODY_TOO_LARGE : RECEIVER_BAD_REQUEST, clock,
			out);
		return;
	}
	if (result == HTTP1_MORE) {
		await_body(session, head, clock, out);
		return;
	}
	struct hp_view body = {session->in.at + session->head_bytes, session->body_bytes};
	take_request(session, head, body, clock, out);
	drop_request(session);
}

void session_take_gathered(struct session *session, const struct session_clock *clock,
			   struct session_step *out)
{
	struct http1_head head;
	enum http1_result result = http1_parse_request(session->in.at, session->in.bytes, &head);

	if (session->since_ns == HP_NEVER)
		session->since_ns = clock->now_ns;
	if (result == HTTP1_MORE) {
		session_await(session, clock->now_ns, out);
		return;
	}
	if (result == HTTP1_BAD) {
		bool large = session->in.bytes >= HTTP1_HEAD_BYTES_MAX;
		give_up(session, large ? RECEIVER_HEAD_TOO_LARGE : RECEIVER_BAD_REQUEST, clock,
			out);
		return;
	}
	if (session->head_bytes == 0) {
		session->head_bytes = (uint32_t)head.head_bytes;
		http1_body_init(&session->body, &head);
	}
	if (head.body_bytes > session->receiver->config->body_bytes_max) {
		give_up(session, RECEIVER_BODY_TOO_LARGE, clock, out);
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

/* So many more bytes of a request that is read only in part. */
static void cut_more(struct session *session, struct hp_view buf,
		     const struct session_clock *clock, struct session_step *out)
{
	keep(session, buf);
	session->read_bytes += buf.bytes;
	session_cut_on(session, clock, out);
}

void session_feed(struct session *session, struct hp_view buf, const struct session_clock *clock,
		  struct session_step *out)
{
	assert(buf.bytes <= SESSION_READ_BYTES_MAX);
	*out = (struct session_step){.action = SESSION_READ, .at_ns = session->deadline_ns};
	if (session->state == SESSION_SILENT)
		return;
	if (session->state == SESSION_CUTTING) {
		cut_more(session, buf, clock, out);
		return;
	}
	if (session->state != SESSION_IDLE) {
		keep(session, buf);
		return;
	}
	session_proved(session);
	session->read_bytes += buf.bytes;
	size_t used = session->in.bytes == 0 ? take_whole(session, buf, clock, out) : 0;
	keep(session, (struct hp_view){buf.at + used, buf.bytes - used});
	if (used == 0 && session->in.bytes != 0)
		session_take_gathered(session, clock, out);
}

/* ---- looking ahead ---- */

/* Nothing acts before this request is read: of one that lies there whole just its bytes are taken,
 * so that the next one is looked at too. */
static void read_plainly(struct session *session, size_t bytes)
{
	session->look = false;
	session->read_bytes_max = bytes != 0 && bytes < SESSION_READ_BYTES_MAX
					  ? (uint32_t)bytes
					  : SESSION_READ_BYTES_MAX;
}

static void act_on_sight(struct session *session, struct receiver_decision *decision,
			 const struct session_clock *clock, struct session_step *out)
{
	session->look = false;
	session_proved(session);
	if (decision->script->read_bytes != HP_NEVER) {
		session_cut(session, decision, clock, out);
		return;
	}
	session->read_bytes = 0;
	session_begin_fault(session, decision, clock->now_ns);
	session->fault->reading = session->fault->flowing = true;
	session->read_bytes_per_s = decision->script->read_bytes_per_s;
	session->continued = session->read_bytes_per_s == 0; /* else there would be no fault */
	session_await(session, clock->now_ns, out);
}

/* What lies there of a request's body. HTTP1_DONE: all of it, decoded, and the bytes that it takes;
 * it stands in `chunks` when it came in chunks. */
static enum http1_result see_body(const struct http1_head *head, struct hp_view raw,
				  struct hp_buf *chunks, struct hp_view *body, size_t *raw_bytes)
{
	enum http1_result result;
	struct http1_body decoder;
	struct hp_view data;
	size_t taken;

	*raw_bytes = 0;
	*body = (struct hp_view){raw.at, (size_t)hp_min(head->body_bytes, raw.bytes)};
	if (head->framing != HTTP1_CHUNKED) {
		*raw_bytes = body->bytes;
		return head->body_bytes <= raw.bytes ? HTTP1_DONE : HTTP1_MORE;
	}
	http1_body_init(&decoder, head);
	do {
		result = http1_body_step(&decoder, raw.at + *raw_bytes, raw.bytes - *raw_bytes,
					 &taken, &data);
		*raw_bytes += taken;
		hp_buf_add(chunks, data);
	} while (result == HTTP1_MORE && *raw_bytes < raw.bytes);
	*body = hp_buf_view(chunks);
	return result;
}

/* The request that has come so far, when it is one; whole bytes or 0. */
static enum receiver_sight look_at(struct session *session, struct hp_view buf,
				   const struct session_clock *clock,
				   struct receiver_decision *decision, size_t *whole_bytes)
{
	enum receiver_sight sight = RECEIVER_SEES_PLAIN;
	struct receiver_delivery delivery = {.now_ns = clock->now_ns, .wall_ns = clock->wall_ns};
	struct http1_head head;
	enum http1_result result = http1_parse_request(buf.at, buf.bytes, &head);
	struct hp_buf chunks;

	*whole_bytes = 0;
	if (result == HTTP1_MORE)
		return RECEIVER_SEES_MORE;
	if (result == HTTP1_BAD || receiver_turns_away(session->receiver, &head) != NULL ||
	    head.body_bytes > session->receiver->config->body_bytes_max)
		return RECEIVER_SEES_PLAIN;
	hp_buf_init(&chunks, SESSION_READ_BYTES_MAX);
	delivery.head = &head;
	delivery.closing = !head.keep_alive || head.minor == 0;
	result = see_body(&head, (struct hp_view){buf.at + head.head_bytes,
						  buf.bytes - head.head_bytes},
			  &chunks, &delivery.body, whole_bytes);
	*whole_bytes = result == HTTP1_DONE ? head.head_bytes + *whole_bytes : 0;
	if (result != HTTP1_BAD)
		sight = receiver_look(session->receiver, &delivery, result == HTTP1_DONE, decision);
	hp_buf_fini(&chunks);
	return sight;
}

void session_look(struct session *session, struct hp_view buf, bool full,
		  const struct session_clock *clock, struct session_step *out)
{
	struct receiver_decision decision;
	size_t whole_bytes;

	*out = (struct session_step){.action = SESSION_READ, .at_ns = session->deadline_ns};
	if (session->state != SESSION_IDLE) {
		session_go_on(session, clock, out);
		return;
	}
	session->shown = true;
	if (session->since_ns == HP_NEVER)
		session->since_ns = clock->now_ns;
	enum receiver_sight sight = look_at(session, buf, clock, &decision, &whole_bytes);
	if (sight == RECEIVER_SEES_FAULT) {
		session->closing |= decision.closing;
		act_on_sight(session, &decision, clock, out);
		return;
	}
	if (sight == RECEIVER_SEES_PLAIN || full)
		read_plainly(session, sight == RECEIVER_SEES_PLAIN ? whole_bytes : 0);
	session_await(session, clock->now_ns, out);
}

void session_drain(struct session *session, struct session_step *out)
{
	*out = (struct session_step){.action = SESSION_READ, .at_ns = session->deadline_ns};
	session->closing = true;
	if (session->state != SESSION_IDLE || session->in.bytes != 0)
		return;
	session->state = SESSION_SILENT;
	out->action = SESSION_CLOSE;
	out->at_ns = 0;
}

/* ---- time ---- */

void session_due(struct session *session, const struct session_clock *clock,
		 struct session_step *out)
{
	if (session->read_bytes_per_s != 0 && session->state != SESSION_SILENT) {
		session_allow(session, out);
		return;
	}
	if (session->state == SESSION_IDLE && (session->in.bytes != 0 || session->shown)) {
		give_up(session, RECEIVER_TOO_SLOW, clock, out);
		return;
	}
	session_time_out(session, clock, out);
}
