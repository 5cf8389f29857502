/* Receivers: ready answers, the decision about one delivery, the store. See receiver.h. */
#include "receivers/receiver.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/random.h"
#include "receivers/identity.h"

enum { ANSWER_BYTES_MAX = 1024 };

struct wording { /* of an answer that needs no behaviour */
	int status;
	const char *headers, *body;
};

static const struct wording wordings[RECEIVER_FIXED_COUNT] = {
	[RECEIVER_SUCCESS] = {0, "", ""}, /* its status is the configured one */
	[RECEIVER_UNAUTHORIZED] = {401, "", "{\"error\":\"the signature is not valid\"}"},
	[RECEIVER_NOT_FOUND] = {404, "", "{\"error\":\"no endpoint at this path\"}"},
	[RECEIVER_NOT_POST] = {405, "Allow: POST\r\n", "{\"error\":\"deliveries are POSTs\"}"},
	[RECEIVER_BAD_REQUEST] = {400, "", "{\"error\":\"this is no HTTP/1.1 request\"}"},
	[RECEIVER_HEAD_TOO_LARGE] = {431, "", "{\"error\":\"the head is too large\"}"},
	[RECEIVER_BODY_TOO_LARGE] = {413, "", "{\"error\":\"the body is too large\"}"},
	[RECEIVER_FULL] = {503, "", "{\"error\":\"no room to remember one more event\"}"},
};

static const char *reason_of(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = { /* RFC 9110 15 */
		{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"},
		{301, "Moved Permanently"}, {302, "Found"}, {400, "Bad Request"},
		{401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
		{405, "Method Not Allowed"}, {410, "Gone"}, {413, "Content Too Large"},
		{429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"}, {502, "Bad Gateway"},
		{503, "Service Unavailable"}, {504, "Gateway Timeout"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Status";
}

static void render_one(struct hp_buf *out, const struct wording *wording, bool closing)
{
	bool bodiless = wording->status == 204 || wording->status == 304; /* RFC 9110 8.6 */

	hp_buf_init(out, ANSWER_BYTES_MAX);
	hp_buf_add_format(out, "HTTP/1.1 %d %s\r\n%s", wording->status, reason_of(wording->status),
			  wording->headers);
	if (!bodiless)
		hp_buf_add_format(out, "Content-Length: %zu\r\n", strlen(wording->body));
	if (!bodiless && wording->body[0] == '{')
		hp_buf_add_text(out, "Content-Type: application/json\r\n");
	if (closing)
		hp_buf_add_text(out, "Connection: close\r\n");
	hp_buf_add_text(out, "\r\n");
	if (!bodiless)
		hp_buf_add_text(out, wording->body);
	assert(!out->cut);
}

static void render(struct receiver_answer *out, const struct wording *wording)
{
	out->status = wording->status;
	render_one(&out->open, wording, false);
	render_one(&out->closing, wording, true);
}

static void render_fixed(struct receiver *receiver)
{
	for (int i = 0; i < RECEIVER_FIXED_COUNT; i++) {
		struct wording wording = wordings[i];
		if (i == RECEIVER_SUCCESS)
			wording.status = receiver->config->status;
		render(&receiver->fixed[i], &wording);
	}
}

static void render_behaviour(struct receiver *receiver, unsigned index)
{
	struct behaviour_answer answer = behaviour_answer(&receiver->config->behaviours[index]);
	struct hp_buf headers;

	if (answer.end != BEHAVIOUR_ANSWERS)
		return;
	hp_buf_init(&headers, ANSWER_BYTES_MAX);
	if (answer.retry_after_s != HP_NEVER)
		hp_buf_add_format(&headers, "Retry-After: %ju\r\n",
				  (uintmax_t)answer.retry_after_s);
	render(&receiver->behaviours[index], &(struct wording){
		.status = answer.status, .headers = hp_buf_text(&headers), .body = answer.body,
	});
	hp_buf_fini(&headers);
}

void receiver_config_init(struct receiver_config *config)
{
	*config = (struct receiver_config){
		.verify = true,
		.idempotent = true,
		.status = RECEIVER_STATUS,
		.body_bytes_max = RECEIVER_BODY_BYTES_MAX,
		.events_max = RECEIVER_EVENTS_MAX,
	};
}

static int make_keys(struct receiver *receiver, struct hp_err *err)
{
	const struct receiver_config *config = receiver->config;

	for (unsigned i = 0; config->verify && i < config->secret_count; i++) {
		receiver->keys[i] = scheme_key_new(&config->profile->scheme,
						   hp_secret_view(config->secrets[i]), err);
		if (receiver->keys[i] == NULL)
			return -1;
	}
	return 0;
}

struct receiver *receiver_new(const struct receiver_config *config, struct history *history,
			      struct hp_err *err)
{
	struct receiver *receiver = hp_xcalloc(1, sizeof(*receiver));

	assert(config->profile != NULL && config->behaviour_count <= RECEIVER_BEHAVIOURS_MAX);
	assert(config->secret_count <= SCHEME_KEYS_MAX);
	assert(config->secret_count > 0 || !config->verify);
	receiver->config = config;
	receiver->history = history;
	seen_init(&receiver->seen, config->events_max);
	render_fixed(receiver);
	for (unsigned i = 0; i < config->behaviour_count; i++)
		render_behaviour(receiver, i);
	if (make_keys(receiver, err) < 0) {
		receiver_free(receiver);
		return NULL;
	}
	return receiver;
}

static void answer_fini(struct receiver_answer *answer)
{
	hp_buf_fini(&answer->open);
	hp_buf_fini(&answer->closing);
}

void receiver_free(struct receiver *receiver)
{
	if (receiver == NULL)
		return;
	for (int i = 0; i < RECEIVER_FIXED_COUNT; i++)
		answer_fini(&receiver->fixed[i]);
	for (unsigned i = 0; i < receiver->config->behaviour_count; i++)
		answer_fini(&receiver->behaviours[i]);
	for (unsigned i = 0; i < SCHEME_KEYS_MAX; i++)
		scheme_key_free(receiver->keys[i]);
	seen_fini(&receiver->seen);
	free(receiver);
}

static struct behaviour_list behaviours_of(const struct receiver *receiver)
{
	return (struct behaviour_list){
		receiver->config->behaviours, receiver->config->behaviour_count,
	};
}

static size_t holding(const struct receiver *receiver, enum behaviour_end end, uint64_t now_ns,
		      uint64_t *until_ns)
{
	const struct behaviour_case c = {
		.seed = receiver->config->seed,
		.endpoint_index = receiver->config->endpoint_index,
		.now_ns = now_ns,
	};
	return behaviour_holding(behaviours_of(receiver), end, &c, until_ns);
}

bool receiver_listening(const struct receiver *receiver, uint64_t now_ns, uint64_t *until_ns)
{
	return holding(receiver, BEHAVIOUR_REFUSES, now_ns, until_ns) ==
	       receiver->config->behaviour_count;
}

bool receiver_frozen(const struct receiver *receiver, uint64_t now_ns, uint64_t *until_ns)
{
	return holding(receiver, BEHAVIOUR_FREEZES, now_ns, until_ns) <
	       receiver->config->behaviour_count;
}

uint8_t receiver_gap_behaviour(const struct receiver *receiver, uint64_t now_ns)
{
	uint64_t until_ns;
	size_t index = holding(receiver, BEHAVIOUR_REFUSES, now_ns, &until_ns);

	if (index == receiver->config->behaviour_count)
		index = holding(receiver, BEHAVIOUR_FREEZES, now_ns, &until_ns);
	if (index == receiver->config->behaviour_count)
		return 0;
	return receiver->config->behaviours[index].own.row->number;
}

const struct receiver_answer *receiver_turns_away(const struct receiver *receiver,
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
		.at_s = delivery->wall_ns / HP_S_NS,
	};
	struct scheme_keys keys = {(const struct scheme_key *const *)receiver->keys,
				   config->secret_count};

	return (uint8_t)scheme_verify(&config->profile->scheme, keys, &received);
}

/* What is known of a delivery before anything is decided. */
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
		.signature = verify(receiver, delivery),
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
static void refuse(struct receiver *receiver, enum receiver_fixed why,
		   struct receiver_decision *out)
{
	const struct seen_slot *slot = seen_find(&receiver->seen, out->receipt.identity);
	unsigned arrivals = slot != NULL ? slot->arrivals : 0;

	out->receipt.ordinal = (uint16_t)(arrivals < SEEN_COUNT_MAX ? arrivals + 1 : arrivals);
	out->receipt.effects = slot != NULL ? slot->effects : 0;
	out->end = BEHAVIOUR_ANSWERS;
	out->answer = &receiver->fixed[why];
}

static bool takes_effect(const struct receiver_decision *decision)
{
	if (decision->end == BEHAVIOUR_RESETS)
		return false;
	if (decision->end != BEHAVIOUR_ANSWERS)
		return true;
	return decision->answer->status >= 200 && decision->answer->status <= 299;
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

/* Writes who decides, and when the answer is due. */
static void apply_behaviours(struct receiver *receiver, uint64_t now_ns,
			     struct receiver_decision *out)
{
	const struct receiver_config *config = receiver->config;
	const struct behaviour_case c = {
		.seed = config->seed,
		.endpoint_index = config->endpoint_index,
		.identity = out->receipt.identity,
		.ordinal = out->receipt.ordinal,
		.now_ns = now_ns,
	};
	struct behaviour_decision decision = behaviour_decide(behaviours_of(receiver), &c);

	out->end = decision.end;
	out->at_ns += decision.delay_ns;
	out->answer = &receiver->fixed[RECEIVER_SUCCESS];
	if (decision.index == config->behaviour_count)
		return;
	out->answer = &receiver->behaviours[decision.index];
	out->receipt.behaviour = config->behaviours[decision.index].own.row->number;
}

static void accept_delivery(struct receiver *receiver, struct receiver_decision *out)
{
	struct seen_slot *slot = seen_take(&receiver->seen, out->receipt.identity);

	if (slot == NULL) {
		refuse(receiver, RECEIVER_FULL, out);
		return;
	}
	count_arrival(receiver, slot);
	out->receipt.ordinal = slot->arrivals;
	apply_behaviours(receiver, out->receipt.arrived_ns, out);
	if (takes_effect(out))
		count_effect(receiver, slot);
	out->receipt.effects = slot->effects;
}

void receiver_decide(struct receiver *receiver, const struct receiver_delivery *delivery,
		     struct receiver_decision *out)
{
	struct identity identity;

	out->at_ns = delivery->now_ns;
	begin_receipt(receiver, delivery, &identity, &out->receipt);
	receiver->counters.deliveries++;
	if (out->receipt.signature == SCHEME_VALID ||
	    out->receipt.signature == RECORD_UNVERIFIED) {
		accept_delivery(receiver, out);
		return;
	}
	receiver->counters.unverified++;
	refuse(receiver, RECEIVER_UNAUTHORIZED, out);
}
