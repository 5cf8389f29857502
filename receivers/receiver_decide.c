/* What becomes of one delivery or connection: the signature, the identity, the store, the
 * behaviours. See receiver.h. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/random.h"
#include "receivers/identity.h"
#include "receivers/receiver_inside.h"

const struct receiver_scripts *receiver_turns_away(const struct receiver *receiver,
						   const struct http1_head *head)
{
	const char *path = receiver->config->path;
	const char *query = memchr(head->target.at, '?', head->target.bytes);
	struct hp_view asked = head->target;

	if (query != NULL)
		asked.bytes = (size_t)(query - asked.at);
	if (path[0] != '\0' && !hp_view_equal(asked, hp_view_of(path)))
		return &receiver->fixed[RECEIVER_NOT_FOUND];
	if (!hp_view_equal(head->method, HP_LITERAL("POST")))
		return &receiver->fixed[RECEIVER_NOT_POST];
	return NULL;
}

static uint8_t verify(const struct receiver *receiver, const struct receiver_delivery *delivery)
{
	const struct receiver_config *config = receiver->config;

	if (!config->verify)
		return RECORD_UNVERIFIED;
	const struct scheme_received received = {
		.headers = delivery->head->headers,
		.header_count = delivery->head->header_count,
		.body = delivery->body,
		.url = {config->url, strlen(config->url)},
		.at_s = (uint64_t)((int64_t)delivery->wall_ns + receiver->clock_ns) / HP_S_NS,
	};
	struct scheme_keys keys = {(const struct scheme_key *const *)receiver->keys,
				   config->secret_count};

	return (uint8_t)scheme_verify(&config->profile->scheme, keys, &received);
}

/* What is known of a delivery before anything is decided, but for its signature. */
static void begin_receipt(const struct receiver *receiver,
			  const struct receiver_delivery *delivery, struct identity *identity,
			  struct record_receipt *out)
{
	const struct receiver_config *config = receiver->config;
	uint64_t body_digest = hp_digest(delivery->body);

	identity_read(identity, &(struct identity_source){
		.profile = config->profile, .seed = config->seed, .head = delivery->head,
		.body = delivery->body, .body_digest = body_digest,
	});
	*out = (struct record_receipt){
		.event_index = identity->event_index,
		.identity = identity->digest,
		.arrived_ns = delivery->now_ns,
		.answered_ns = HP_NEVER,
		.body_digest = body_digest,
		.endpoint_index = config->endpoint_index,
		.signature = RECORD_UNVERIFIED,
		.wanted = plan_wants(&config->events,
				     (struct hp_view){identity->type, identity->type_bytes}),
		.lag_ns = receiver->lag_ns,
	};
	if (out->event_index != RECORD_NO_EVENT)
		return;
	size_t bytes = identity->key_bytes < RECORD_KEY_BYTES ? identity->key_bytes
							      : RECORD_KEY_BYTES - 1;
	memcpy(out->key, identity->key, bytes);
}

/* Refused for its signature or for want of room: not remembered, no effect. */
static void refuse(struct receiver *receiver, enum receiver_fixed why, bool closing,
		   struct receiver_decision *out)
{
	const struct seen_slot *slot = seen_find(&receiver->seen, out->receipt.identity);
	unsigned arrivals = slot != NULL ? slot->arrivals : 0;

	out->receipt.ordinal = (uint16_t)(arrivals < SEEN_COUNT_MAX ? arrivals + 1 : arrivals);
	out->receipt.effects = slot != NULL ? slot->effects : 0;
	out->script = receiver_script(&receiver->fixed[why], closing);
}

static bool takes_effect(const struct receiver_decision *decision)
{
	if (decision->part != NULL && decision->part->row->effect != BEHAVIOUR_EFFECT_BY_STATUS)
		return decision->part->row->effect == BEHAVIOUR_EFFECT_ALWAYS;
	return decision->script->status >= 200 && decision->script->status <= 299;
}

static void count_effect(struct receiver *receiver, struct seen_slot *slot)
{
	if (slot->effects != 0 && receiver->config->idempotent)
		return;
	receiver->counters.effects++;
	if (slot->effects < SEEN_COUNT_MAX)
		slot->effects++;
}

static void count_arrival(struct receiver *receiver, struct seen_slot *slot)
{
	receiver->counters.accepted++;
	receiver->counters.duplicates += slot->effects != 0;
	if (slot->arrivals < SEEN_COUNT_MAX)
		slot->arrivals++;
}

/* The ready scripts of a part; NULL when there are none: it varies, or it is the reset at the edge
 * of a window. */
static const struct receiver_scripts *ready_scripts(const struct receiver *receiver, size_t index,
						    const struct behaviour_part *part)
{
	const struct behaviour *behaviour = &receiver->config->behaviours[index];

	if (part->row->varies)
		return NULL;
	if (part == &behaviour->own)
		return &receiver->scripts[index][0];
	for (size_t k = 0; k < behaviour->fault_count; k++)
		if (part == &behaviour->faults[k])
			return &receiver->scripts[index][1 + k];
	return NULL;
}

/* A ready script, or one that is written now and owned by the decision. */
static void take_script(const struct receiver *receiver, const struct behaviour_request *request,
			size_t index, struct receiver_decision *out)
{
	const struct receiver_scripts *ready = ready_scripts(receiver, index, out->part);

	if (ready != NULL) {
		out->script = receiver_script(ready, request->closing);
		return;
	}
	out->owned = hp_xcalloc(1, sizeof(*out->owned));
	script_init(out->owned);
	out->part->row->play(out->part, request, out->owned);
	out->script = out->owned;
}

/* Writes who plays, what, and when the first step is due. */
static void take_decision(const struct receiver *receiver, struct behaviour_request *request,
			  const struct behaviour_decision *decision, struct receiver_decision *out)
{
	const struct receiver_config *config = receiver->config;

	out->at_ns += decision->delay_ns;
	out->closing = decision->closing;
	out->receipt.delay_ns = decision->delay_ns;
	out->part = decision->part;
	out->noted = decision->noted;
	request->closing |= decision->closing;
	if (decision->part == NULL) {
		if (decision->noted != NULL)
			out->receipt.behaviour = decision->noted->row->number;
		out->script = receiver_script(&receiver->fixed[RECEIVER_SUCCESS],
					      request->closing);
		return;
	}
	out->behaviour = &config->behaviours[decision->index];
	out->receipt.behaviour = out->behaviour->own.row->number;
	take_script(receiver, request, decision->index, out);
}

static struct behaviour_case case_of(const struct receiver *receiver,
				     const struct record_receipt *receipt,
				     const struct identity *identity)
{
	return (struct behaviour_case){
		.seed = receiver->config->seed,
		.endpoint_index = receiver->config->endpoint_index,
		.identity = receipt->identity,
		.key = {identity->key, identity->key_bytes},
		.type = {identity->type, identity->type_bytes},
		.ordinal = receipt->ordinal,
		.now_ns = receipt->arrived_ns,
		.in_flight = receiver->in_flight + 1,
		.states = receiver->states,
	};
}

static void apply_behaviours(struct receiver *receiver, const struct receiver_delivery *delivery,
			     const struct identity *identity, struct receiver_decision *out)
{
	struct behaviour_case c = case_of(receiver, &out->receipt, identity);
	struct behaviour_request request = receiver_request(receiver, &c, delivery->closing);
	struct behaviour_decision decision = behaviour_decide(receiver_behaviours(receiver), &c);

	c.draw = (uint32_t)decision.index;
	request.head_bytes = delivery->head->head_bytes;
	request.body_bytes = delivery->body.bytes;
	request.wall_ns = delivery->wall_ns;
	take_decision(receiver, &request, &decision, out);
	behaviour_settle(receiver_behaviours(receiver), &c, receiver->states);
	out->late = out->part != NULL && out->part->row->stage == BEHAVIOUR_IN_REQUEST;
}

static void accept_delivery(struct receiver *receiver, const struct receiver_delivery *delivery,
			    const struct identity *identity, struct receiver_decision *out)
{
	struct seen_slot *slot = seen_take(&receiver->seen, out->receipt.identity);

	if (slot == NULL) {
		refuse(receiver, RECEIVER_FULL, delivery->closing, out);
		return;
	}
	count_arrival(receiver, slot);
	out->receipt.ordinal = slot->arrivals;
	apply_behaviours(receiver, delivery, identity, out);
	if (takes_effect(out))
		count_effect(receiver, slot);
	out->receipt.effects = slot->effects;
}

static bool is_trusted(const struct record_receipt *receipt)
{
	return receipt->signature == SCHEME_VALID || receipt->signature == RECORD_UNVERIFIED;
}

void receiver_decide(struct receiver *receiver, const struct receiver_delivery *delivery,
		     struct receiver_decision *out)
{
	struct identity identity;

	*out = (struct receiver_decision){.at_ns = delivery->now_ns};
	begin_receipt(receiver, delivery, &identity, &out->receipt);
	out->receipt.signature = verify(receiver, delivery);
	receiver->counters.deliveries++;
	if (is_trusted(&out->receipt)) {
		accept_delivery(receiver, delivery, &identity, out);
		return;
	}
	receiver->counters.unverified++;
	refuse(receiver, RECEIVER_UNAUTHORIZED, delivery->closing, out);
}

/* ---- before a request is read ---- */

static struct behaviour_case case_of_connection(const struct receiver *receiver, uint64_t now_ns)
{
	return (struct behaviour_case){
		.seed = receiver->config->seed,
		.endpoint_index = receiver->config->endpoint_index,
		.ordinal = (uint32_t)receiver->connections,
		.now_ns = now_ns,
	};
}

bool receiver_meet(struct receiver *receiver, const struct receiver_delivery *moment,
		   struct receiver_decision *out)
{
	struct behaviour_decision decision;

	receiver->connections++;
	if (!receiver->meets)
		return false;
	struct behaviour_case c = case_of_connection(receiver, moment->now_ns);
	struct behaviour_request request = receiver_request(receiver, &c, true);
	decision = behaviour_meet(receiver_behaviours(receiver), &c);
	if (decision.part == NULL)
		return false;
	*out = (struct receiver_decision){
		.at_ns = moment->now_ns,
		.receipt = {
			.event_index = RECORD_NO_EVENT,
			.arrived_ns = moment->now_ns,
			.endpoint_index = receiver->config->endpoint_index,
			.ordinal = (uint16_t)receiver->connections,
		},
	};
	request.wall_ns = moment->wall_ns;
	take_decision(receiver, &request, &decision, out);
	return true;
}

void receiver_shake(const struct receiver *receiver, uint64_t now_ns, struct handshake *out)
{
	struct behaviour_case c = case_of_connection(receiver, now_ns);

	*out = (struct handshake){
		.certificate = HANDSHAKE_GOOD, .planned_ns = now_ns,
		.connection = receiver->connections,
	};
	behaviour_shake(receiver_behaviours(receiver), &c, out);
}

/* Of random bytes the first are enough: a peer that knows what they are leaves the rest. */
static bool has_arrived(const struct handshake_seen *seen)
{
	return seen->unacked_bytes == 0 ||
	       (seen->garbage_out && seen->unacked_bytes < seen->written_bytes);
}

/* What the peer says after a fault proves that it came; else its kernel does. */
static enum record_fault_state shaken_state(bool done, const struct handshake_seen *seen)
{
	if (seen->failed)
		return RECORD_FAULT_FAILED;
	if (!done)
		return RECORD_FAULT_PREEMPTED;
	if (seen->ready || seen->alert_in || has_arrived(seen))
		return RECORD_FAULT_VERIFIED;
	return seen->peer != RECORD_PEER_STAYED ? RECORD_FAULT_PREEMPTED : RECORD_FAULT_APPLIED;
}

static uint64_t acked_bytes(const struct handshake_seen *seen)
{
	return seen->unacked_bytes == HP_NEVER ? HP_NEVER
					       : seen->written_bytes - seen->unacked_bytes;
}

static void put_shaken(struct receiver *receiver, const struct handshake *handshake,
		       struct handshake_struck struck, const struct handshake_seen *seen, bool done)
{
	struct record record = {
		.kind = RECORD_FAULT,
		.fault = {
			.event_index = RECORD_NO_EVENT,
			.planned_ns = handshake->planned_ns,
			.applied_ns = done ? seen->acted_ns : HP_NEVER,
			.peer_ns = seen->peer != RECORD_PEER_STAYED ? seen->now_ns : HP_NEVER,
			.read_bytes = seen->read_bytes,
			.written_bytes = seen->written_bytes,
			.acked_bytes = acked_bytes(seen),
			.endpoint_index = receiver->config->endpoint_index,
			.ordinal = (uint16_t)handshake->connection,
			.behaviour = struck.behaviour, .fault = struck.fault,
			.state = (uint8_t)shaken_state(done, seen),
			.peer = seen->peer,
		},
	};

	history_put(receiver->history, &record);
}

void receiver_shaken(struct receiver *receiver, struct handshake *handshake,
		     const struct handshake_seen *seen)
{
	unsigned left = 0;

	for (unsigned i = 0; i < handshake->struck_count; i++) {
		struct handshake_struck struck = handshake->struck[i];
		const struct behaviour_row *row = behaviour_by_number(struck.fault);
		bool done = row->shook(row, handshake, seen);

		if (done || seen->over)
			put_shaken(receiver, handshake, struck, seen, done);
		else
			handshake->struck[left++] = struck;
	}
	handshake->struck_count = left;
}

/* Whether the script lets the request be read in the end. */
static bool goes_on(const struct script *script)
{
	enum script_verb last = script->count != 0 ? script->steps[script->count - 1].verb
						   : SCRIPT_WAIT;

	return last != SCRIPT_CLOSE && last != SCRIPT_RESET && last != SCRIPT_HOLD;
}

/* The ordinal that the request would have; counted when it will never be read. */
static void number_arrival(struct receiver *receiver, struct record_receipt *receipt)
{
	const struct seen_slot *slot = seen_find(&receiver->seen, receipt->identity);
	unsigned arrivals = slot != NULL ? slot->arrivals : 0;

	receipt->ordinal = (uint16_t)(arrivals < SEEN_COUNT_MAX ? arrivals + 1 : arrivals);
}

void receiver_count_cut(struct receiver *receiver, uint64_t identity)
{
	struct seen_slot *slot = identity != 0 ? seen_take(&receiver->seen, identity) : NULL;

	if (slot != NULL && slot->arrivals < SEEN_COUNT_MAX)
		slot->arrivals++;
}

/* Of a row that acts before the request is read. */
static void act_on_sight(struct receiver *receiver, const struct receiver_delivery *delivery,
			 struct behaviour_case *c, const struct behaviour_decision *decision,
			 struct receiver_decision *out)
{
	const struct http1_head *head = delivery->head;

	c->draw = (uint32_t)decision->index;
	struct behaviour_request request = receiver_request(receiver, c, delivery->closing);
	request.head_bytes = head->head_bytes;
	request.body_bytes = head->framing == HTTP1_CHUNKED ? HP_NEVER : head->body_bytes;
	request.wall_ns = delivery->wall_ns;
	take_decision(receiver, &request, decision, out);
}

static bool acts_early(const struct behaviour_decision *decision)
{
	return decision->part != NULL && decision->part->row->stage == BEHAVIOUR_IN_REQUEST;
}

/* A sender that waits for a 100 sends no body before it, and the event may be named there alone:
 * what acts whatever the event is acts without it. */
static enum receiver_sight look_blindly(struct receiver *receiver,
					const struct receiver_delivery *delivery,
					struct receiver_decision *out)
{
	const struct behaviour *behaviours = receiver->config->behaviours;

	*out = (struct receiver_decision){
		.at_ns = delivery->now_ns,
		.receipt = {
			.event_index = RECORD_NO_EVENT, .arrived_ns = delivery->now_ns,
			.endpoint_index = receiver->config->endpoint_index,
		},
	};
	struct behaviour_case c = case_of_connection(receiver, delivery->now_ns);
	struct behaviour_decision decision = behaviour_decide(receiver_behaviours(receiver), &c);
	if (!acts_early(&decision))
		return RECEIVER_SEES_MORE;
	for (size_t i = 0; i <= decision.index; i++)
		if (behaviours[i].own.row->fault_key != NULL && !behaviours[i].own.row->by_time)
			return RECEIVER_SEES_MORE;
	act_on_sight(receiver, delivery, &c, &decision, out);
	return RECEIVER_SEES_FAULT;
}

enum receiver_sight receiver_look(struct receiver *receiver,
				  const struct receiver_delivery *delivery, bool whole,
				  struct receiver_decision *out)
{
	struct identity identity;

	if (!whole && http1_find(delivery->head,
				 hp_view_of(receiver->config->profile->id_header)).bytes == 0)
		return delivery->head->expect_continue ? look_blindly(receiver, delivery, out)
						       : RECEIVER_SEES_MORE;
	*out = (struct receiver_decision){.at_ns = delivery->now_ns};
	begin_receipt(receiver, delivery, &identity, &out->receipt);
	number_arrival(receiver, &out->receipt);
	struct behaviour_case c = case_of(receiver, &out->receipt, &identity);
	struct behaviour_decision decision = behaviour_decide(receiver_behaviours(receiver), &c);

	if (!acts_early(&decision))
		return RECEIVER_SEES_PLAIN;
	if (whole) /* dear, and needed of the few that are struck alone */
		out->receipt.signature = verify(receiver, delivery);
	if (!is_trusted(&out->receipt))
		return RECEIVER_SEES_PLAIN;
	act_on_sight(receiver, delivery, &c, &decision, out);
	if (!goes_on(out->script))
		receiver_count_cut(receiver, out->receipt.identity);
	return RECEIVER_SEES_FAULT;
}
