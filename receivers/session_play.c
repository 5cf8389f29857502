/* Performing scripts, and the records of what came of it. See session.h. */
#include <stdlib.h>

#include "base/mem.h"
#include "receivers/session_inside.h"
#include "wire/retry_after.h"

enum { PIECES_A_SECOND = 20 }; /* ours: of a request that is read at a rate */

static uint64_t later(uint64_t at_ns, uint64_t span_ns)
{
	return span_ns < HP_NEVER - at_ns ? at_ns + span_ns : HP_NEVER;
}

static void read_until(struct session *session, uint64_t deadline_ns, struct session_step *out)
{
	session->deadline_ns = deadline_ns;
	*out = (struct session_step){.action = SESSION_READ, .at_ns = deadline_ns};
}

void session_free_script(struct script *script)
{
	if (script == NULL)
		return;
	script_fini(script);
	free(script);
}

/* ---- records ---- */

void session_put_receipt(struct session *session, enum record_end end, uint64_t now_ns)
{
	struct record record = {.kind = RECORD_RECEIPT, .receipt = session->receipt};

	if (!session->begun)
		return;
	record.receipt.end = (uint8_t)end;
	if (end != RECORD_END_ANSWERED) /* 0 would say that it is not known when */
		record.receipt.over_ns = hp_max(now_ns, 1);
	history_put(session->receiver->history, &record);
	session->begun = false;
	session->proving = end == RECORD_END_ANSWERED;
	session->receiver->in_flight--;
}

static void put_fault(struct session *session, enum record_fault_state state)
{
	struct session_fault *fault = session->fault;
	struct record record = {.kind = RECORD_FAULT, .fault = fault->record};

	if (record.fault.state != RECORD_FAULT_FAILED)
		record.fault.state = (uint8_t)state;
	history_put(session->receiver->history, &record);
	session_free_script(fault->owned);
	free(fault);
	session->fault = NULL;
}

void session_proved(struct session *session)
{
	session->proving = false;
	if (session->fault == NULL || !session->fault->done)
		return;
	session->fault->record.acked_bytes = session->fault->record.written_bytes;
	put_fault(session, RECORD_FAULT_VERIFIED);
}

bool session_end_reading(struct session *session, const struct receiver_decision *decision,
			 uint64_t *planned_ns)
{
	struct session_fault *fault = session->fault;

	if (fault == NULL || !fault->reading)
		return false;
	if (decision->part == NULL || decision->part->row->number != fault->record.fault) {
		fault->record.applied_ns = *planned_ns;
		put_fault(session, RECORD_FAULT_VERIFIED);
		return false;
	}
	*planned_ns = fault->record.planned_ns;
	session_free_script(fault->owned);
	free(fault);
	session->fault = NULL;
	return true;
}

void session_begin_fault(struct session *session, const struct receiver_decision *decision,
			 uint64_t now_ns)
{
	const struct record_receipt *receipt = &decision->receipt;
	const struct behaviour_part *part = decision->part ? decision->part : decision->noted;
	bool loaded = part->row->load_dependent ||
		      (decision->noted != NULL && decision->noted->row->load_dependent);
	struct session_fault *fault = hp_xcalloc(1, sizeof(*fault));

	if (session->fault != NULL) /* requests in a row: nothing shows that the answer came */
		put_fault(session, RECORD_FAULT_APPLIED);
	session->fault = fault;
	fault->owned = decision->owned;
	fault->written_from = session->written_bytes;
	fault->record = (struct record_fault){
		.event_index = receipt->event_index, .identity = receipt->identity,
		.planned_ns = now_ns, .applied_ns = HP_NEVER, .peer_ns = HP_NEVER,
		.read_bytes = session->read_bytes, .acked_bytes = HP_NEVER,
		.in_flight = loaded ? session->receiver->in_flight : 0,
		.endpoint_index = receipt->endpoint_index, .ordinal = receipt->ordinal,
		.behaviour = receipt->behaviour, .fault = part->row->number,
		.state = decision->late ? RECORD_FAULT_FAILED : RECORD_FAULT_PREEMPTED,
	};
	memcpy(fault->record.key, receipt->key, sizeof(fault->record.key));
}

static void note_done(struct session *session, uint64_t now_ns)
{
	struct session_fault *fault = session->fault;

	if (fault == NULL || fault->done)
		return;
	fault->done = true;
	fault->record.applied_ns = now_ns;
	fault->record.written_bytes = session->written_bytes - fault->written_from;
}

/* ---- waiting ---- */

void session_begin_next(struct session *session)
{
	session->state = SESSION_IDLE;
	session->since_ns = HP_NEVER;
	session->read_bytes = 0;
	session->look = session->receiver->looks;
	session->shown = session->continued = false;
	session->read_bytes_max = SESSION_READ_BYTES_MAX;
}

/* From true to false it turns by itself: a look that sees nothing costs little. */
void session_review(struct session *session)
{
	if (session->state == SESSION_IDLE && session->in.bytes == 0 && session->receiver->looks)
		session->look = true;
}

void session_await(struct session *session, uint64_t now_ns, struct session_step *out)
{
	session->state = SESSION_IDLE;
	if (session->read_bytes_per_s != 0)
		session_slow_down(session, now_ns, out);
	else if (session->since_ns != HP_NEVER)
		read_until(session, later(session->since_ns, SESSION_REQUEST_NS), out);
	else
		read_until(session, later(now_ns, session->receiver->idle_ns), out);
}

static uint32_t piece_bytes(const struct session *session)
{
	uint32_t bytes = session->read_bytes_per_s / PIECES_A_SECOND;

	return bytes != 0 ? bytes : 1;
}

void session_slow_down(struct session *session, uint64_t now_ns, struct session_step *out)
{
	uint64_t span_ns = piece_bytes(session) * HP_S_NS / session->read_bytes_per_s;

	session->read_bytes_max = 0;
	read_until(session, later(now_ns, span_ns), out);
}

void session_allow(struct session *session, struct session_step *out)
{
	uint32_t bytes = piece_bytes(session);

	if (session->state == SESSION_CUTTING &&
	    session->script->read_bytes - session->read_bytes < bytes)
		bytes = (uint32_t)(session->script->read_bytes - session->read_bytes);
	session->read_bytes_max = bytes < SESSION_READ_BYTES_MAX ? bytes : SESSION_READ_BYTES_MAX;
	read_until(session, HP_NEVER, out);
}

/* ---- scripts ---- */

static const struct script_step *present(const struct session *session)
{
	return &session->script->steps[session->step];
}

static struct hp_view next_piece(const struct session *session)
{
	const struct script_step *step = present(session);
	size_t at = (size_t)(session->done_bytes % step->bytes);
	size_t bytes = step->bytes - at;

	if (step->piece_bytes != 0 && step->piece_bytes < bytes)
		bytes = step->piece_bytes;
	return (struct hp_view){session->script->text.at + step->from + at, bytes};
}

static bool writes_left(const struct session *session)
{
	for (unsigned i = session->step; i < session->script->count; i++)
		if (session->script->steps[i].verb == SCRIPT_WRITE)
			return true;
	return false;
}

static bool is_held(const struct session *session)
{
	return session->step < session->script->count && present(session)->verb == SCRIPT_HOLD;
}

/* How a delivery ends whose connection ends like that, or stays. */
static enum record_end end_of(const struct session *session, enum record_end otherwise)
{
	if (session->script_bytes == 0 && is_held(session))
		return RECORD_END_SILENT;
	if (session->script_bytes == 0 || otherwise == RECORD_END_RESET)
		return otherwise;
	return session->script->whole && !writes_left(session) ? RECORD_END_ANSWERED
							       : RECORD_END_BROKEN;
}

static void end_script(struct session *session, const struct session_clock *clock,
		       struct session_step *out)
{
	note_done(session, clock->now_ns);
	session_put_receipt(session, end_of(session, RECORD_END_CLOSED), clock->now_ns);
	session->script = NULL;
	if (session->closing) {
		session->state = SESSION_SILENT;
		*out = (struct session_step){.action = SESSION_CLOSE};
		return;
	}
	session_begin_next(session);
	session->look &= !session->early;
	if (session->in.bytes != 0)
		session_take_gathered(session, clock, out);
	else
		session_await(session, clock->now_ns, out);
}

/* The script is at its HOLD: what becomes of the delivery is known when that is over. */
static void hold(struct session *session, const struct session_clock *clock,
		 struct session_step *out)
{
	note_done(session, clock->now_ns);
	session->state = SESSION_SILENT;
	read_until(session, later(session->at_ns, present(session)->span_ns), out);
}

static void step_at(const struct session *session, enum session_action action,
		    struct session_step *out)
{
	*out = (struct session_step){.action = action, .at_ns = session->at_ns};
}

/* The next step that somebody else must do; false: the script goes on by itself. */
static bool next_step(struct session *session, const struct session_clock *clock,
		      struct session_step *out)
{
	const struct script_step *step = present(session);

	switch (step->verb) {
	case SCRIPT_WAIT:
		session->at_ns = later(session->at_ns, step->span_ns);
		return false;
	case SCRIPT_WRITE:
		step_at(session, SESSION_WRITE, out);
		out->bytes = next_piece(session);
		return true;
	case SCRIPT_SHUT:
		step_at(session, SESSION_SHUT, out);
		return true;
	case SCRIPT_HOLD:
		hold(session, clock, out);
		return true;
	case SCRIPT_AWAIT:
		session_put_receipt(session, end_of(session, RECORD_END_CLOSED), clock->now_ns);
		session->look = true;
		read_until(session, HP_NEVER, out);
		return true;
	case SCRIPT_CLOSE:
		step_at(session, SESSION_CLOSE, out);
		return true;
	case SCRIPT_RESET:
		step_at(session, SESSION_RESET, out);
		return true;
	}
	return false;
}

static void perform(struct session *session, const struct session_clock *clock,
		    struct session_step *out)
{
	for (; session->step < session->script->count; session->step++)
		if (next_step(session, clock, out))
			return;
	if (session->at_ns > clock->now_ns) /* a wait at the very end */
		read_until(session, session->at_ns, out);
	else
		end_script(session, clock, out);
}

void session_play(struct session *session, const struct script *script,
		  const struct session_clock *clock, struct session_step *out)
{
	session->script = script;
	session->state = SESSION_PLAYING;
	session->step = 0;
	session->done_bytes = session->script_bytes = 0;
	session->read_bytes_per_s = 0;
	if (session->receiver->looks)
		session->read_bytes_max = 0;
	session->deadline_ns = HP_NEVER;
	perform(session, clock, out);
}

void session_go_on(struct session *session, const struct session_clock *clock,
		   struct session_step *out)
{
	session->look = false;
	session->step++;
	session->at_ns = clock->now_ns;
	perform(session, clock, out);
}

/* What a fault's answer asks its sender to wait for; 0: nothing that can be read. */
static uint64_t asked_wait_ns(const struct session *session, uint64_t wall_ns)
{
	const struct hp_buf *text = &session->script->text;
	struct http1_head head;
	uint64_t seconds;

	if (session->fault == NULL || !session->script->whole ||
	    http1_parse_response(text->at, text->bytes, &head) != HTTP1_DONE)
		return 0;
	struct hp_view value = http1_find(&head, HP_LITERAL("Retry-After"));
	if (value.at == NULL || !retry_after_parse(value, wall_ns / HP_S_NS, &seconds))
		return 0;
	return seconds * HP_S_NS;
}

/* A piece of a WRITE went out. */
static void wrote(struct session *session, const struct session_clock *clock,
		  struct session_step *out)
{
	const struct script_step *step = present(session);
	size_t bytes = next_piece(session).bytes;

	if (session->script_bytes == 0) {
		session->receipt.answered_ns = clock->now_ns;
		session->receipt.status = (uint16_t)session->script->status;
		session->receipt.retry_after_ns = asked_wait_ns(session, clock->wall_ns);
	}
	session->written_bytes += bytes;
	session->script_bytes += bytes;
	session->done_bytes += bytes;
	if (session->fault != NULL)
		session->fault->flowing |= step->times > 1 || step->piece_bytes != 0;
	if (session->done_bytes < step->bytes * step->times) {
		session->at_ns = later(clock->now_ns, step->span_ns);
		perform(session, clock, out);
		return;
	}
	session->done_bytes = 0;
	session_go_on(session, clock, out);
}

void session_acted(struct session *session, const struct session_clock *clock,
		   struct session_step *out)
{
	read_until(session, HP_NEVER, out);
	if (session->state == SESSION_INTERIM) {
		session->state = SESSION_IDLE;
		session_take_gathered(session, clock, out);
		return;
	}
	if (session->state != SESSION_PLAYING)
		return;
	if (present(session)->verb == SCRIPT_WRITE) {
		wrote(session, clock, out);
		return;
	}
	if (present(session)->verb == SCRIPT_SHUT) {
		session->read_bytes_max = SESSION_READ_BYTES_MAX;
		session_go_on(session, clock, out);
		return;
	}
	note_done(session, clock->now_ns);
	session_put_receipt(session, end_of(session, RECORD_END_CLOSED), clock->now_ns);
	session->state = SESSION_SILENT;
}

void session_time_out(struct session *session, const struct session_clock *clock,
		      struct session_step *out)
{
	struct receiver_decision decision = {.part = NULL};

	if (session->state == SESSION_PLAYING) {
		end_script(session, clock, out);
		return;
	}
	if (session->state == SESSION_IDLE && session->since_ns == HP_NEVER) {
		session_proved(session);
		decision.part = &session->receiver->idle->own;
		decision.receipt = (struct record_receipt){
			.event_index = RECORD_NO_EVENT,
			.endpoint_index = session->receiver->config->endpoint_index,
			.behaviour = decision.part->row->number,
		};
		session_begin_fault(session, &decision, clock->now_ns);
		note_done(session, clock->now_ns);
	}
	if (session->begun)
		session_put_receipt(session, end_of(session, RECORD_END_CLOSED), clock->now_ns);
	session->state = SESSION_SILENT;
	*out = (struct session_step){.action = SESSION_CLOSE};
}

/* ---- requests that are read in part ---- */

void session_cut(struct session *session, const struct receiver_decision *decision,
		 const struct session_clock *clock, struct session_step *out)
{
	session->receipt = decision->receipt;
	session->closing |= decision->closing;
	session->at_ns = decision->at_ns;
	session->script = decision->script;
	session->early = decision->part->row->stage == BEHAVIOUR_IN_REQUEST;
	session->look = false;
	session->read_bytes = 0;
	session->read_bytes_per_s = decision->script->read_bytes_per_s;
	session_begin_fault(session, decision, clock->now_ns);
	session->state = SESSION_CUTTING;
	session_cut_on(session, clock, out);
}

void session_cut_on(struct session *session, const struct session_clock *clock,
		    struct session_step *out)
{
	uint64_t left = session->script->read_bytes - session->read_bytes;

	if (left == 0) {
		session->fault->record.read_bytes = session->read_bytes;
		if (session->at_ns < clock->now_ns)
			session->at_ns = clock->now_ns;
		session_play(session, session->script, clock, out);
		if (session->state != SESSION_IDLE)
			session->read_bytes_max = 0;
		return;
	}
	if (session->read_bytes_per_s != 0) {
		session_slow_down(session, clock->now_ns, out);
		return;
	}
	session->read_bytes_max = left < SESSION_READ_BYTES_MAX ? (uint32_t)left
								: SESSION_READ_BYTES_MAX;
	read_until(session, HP_NEVER, out);
}

/* ---- the end ---- */

static enum record_fault_state outcome_of(const struct session_fault *fault,
					  const struct session_evidence *evidence)
{
	if (!fault->done)
		return fault->flowing && evidence->peer != RECORD_PEER_STAYED
			       ? RECORD_FAULT_VERIFIED
			       : RECORD_FAULT_PREEMPTED;
	if (evidence->unacked_bytes == 0 || fault->record.written_bytes == 0)
		return RECORD_FAULT_VERIFIED;
	bool cut_off = evidence->peer != RECORD_PEER_STAYED || evidence->end == RECORD_END_RESET;
	return cut_off ? RECORD_FAULT_PREEMPTED : RECORD_FAULT_APPLIED;
}

static void end_fault(struct session *session, const struct session_evidence *evidence)
{
	struct session_fault *fault = session->fault;
	struct record_fault *record = &fault->record;

	if (evidence->end == RECORD_END_RESET && session->state == SESSION_PLAYING &&
	    present(session)->verb == SCRIPT_RESET)
		note_done(session, evidence->now_ns);
	if (!fault->done)
		record->written_bytes = evidence->written_bytes - fault->written_from;
	if (fault->reading) { /* it never came to its end, and was an attempt all the same */
		record->read_bytes = session->read_bytes;
		receiver_count_cut(session->receiver, record->identity);
	}
	record->peer = (uint8_t)evidence->peer;
	record->peer_ns = evidence->peer != RECORD_PEER_STAYED ? evidence->now_ns : HP_NEVER;
	if (evidence->unacked_bytes != HP_NEVER)
		record->acked_bytes = record->written_bytes > evidence->unacked_bytes
					      ? record->written_bytes - evidence->unacked_bytes
					      : 0;
	put_fault(session, outcome_of(fault, evidence));
}

/* The answer is out and the peer's kernel never said that it has it. */
static void put_unacked(const struct session *session, const struct session_evidence *evidence)
{
	const struct record_receipt *receipt = &session->receipt;
	struct record record = {
		.kind = RECORD_UNACKED,
		.unacked = {
			.event_index = receipt->event_index, .identity = receipt->identity,
			.answered_ns = receipt->answered_ns, .at_ns = evidence->now_ns,
			.written_bytes = evidence->written_bytes,
			.acked_bytes = evidence->written_bytes - evidence->unacked_bytes,
			.endpoint_index = receipt->endpoint_index,
			.ordinal = receipt->ordinal, .status = receipt->status,
		},
	};

	memcpy(record.unacked.key, receipt->key, sizeof(record.unacked.key));
	history_put(session->receiver->history, &record);
}

void session_end(struct session *session, const struct session_evidence *evidence)
{
	if (session->begun)
		session_put_receipt(session, end_of(session, evidence->end), evidence->now_ns);
	if (session->fault != NULL)
		end_fault(session, evidence);
	if (session->proving && evidence->unacked_bytes != 0 && evidence->unacked_bytes != HP_NEVER)
		put_unacked(session, evidence);
	session->proving = false;
	session->state = SESSION_SILENT;
	hp_buf_fini(&session->in);
}
