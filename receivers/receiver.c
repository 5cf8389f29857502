/* A receiver's life: its ready scripts, its windows, its store. See receiver.h. */
#include "receivers/receiver.h"

#include <stdlib.h>

#include "base/mem.h"
#include "receivers/receiver_inside.h"

struct receiver_retired {
	struct receiver_retired *next;
	const struct receiver_config *config;
	struct receiver_scripts *scripts[RECEIVER_BEHAVIOURS_MAX];
};

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
	[RECEIVER_TOO_SLOW] = {408, "", "{\"error\":\"the request did not come in time\"}"},
	[RECEIVER_FULL] = {503, "", "{\"error\":\"no room to remember one more event\"}"},
};

static void write_wording(struct script *out, const struct wording *wording, bool closing)
{
	script_init(out);
	script_answer(out, &(struct script_answer){
		.status = wording->status, .headers = wording->headers,
		.body = hp_view_of(wording->body), .closing = closing,
	});
}

static void write_fixed(struct receiver *receiver)
{
	for (int i = 0; i < RECEIVER_FIXED_COUNT; i++) {
		struct wording wording = wordings[i];
		if (i == RECEIVER_SUCCESS)
			wording.status = receiver->config->status;
		write_wording(&receiver->fixed[i].open, &wording, false);
		write_wording(&receiver->fixed[i].closing, &wording, true);
	}
}

static void write_part(const struct receiver *receiver, const struct behaviour_part *part,
		       struct receiver_scripts *out)
{
	const struct behaviour_case nothing = {.now_ns = 0};

	script_init(&out->open);
	script_init(&out->closing);
	if (part->row->play == NULL || part->row->varies)
		return;
	struct behaviour_request request = receiver_request(receiver, &nothing, false);
	part->row->play(part, &request, &out->open);
	request.closing = true;
	part->row->play(part, &request, &out->closing);
}

/* Of the behaviour itself, then of each fault that it holds. */
static void write_behaviour(struct receiver *receiver, unsigned index)
{
	const struct behaviour *behaviour = &receiver->config->behaviours[index];
	struct receiver_scripts *scripts;

	scripts = hp_xcalloc(1 + behaviour->fault_count, sizeof(*scripts));
	write_part(receiver, &behaviour->own, &scripts[0]);
	for (size_t k = 0; k < behaviour->fault_count; k++)
		write_part(receiver, &behaviour->faults[k], &scripts[1 + k]);
	receiver->scripts[index] = scripts;
}

/* What single rows do to the receiver as a whole. */
static void heed(struct receiver *receiver, const struct behaviour *behaviour)
{
	const struct behaviour_row *row = behaviour->own.row;

	if (row->clock_ns != NULL)
		receiver->clock_ns += row->clock_ns(&behaviour->own);
	if (row->idle_ns == NULL || row->idle_ns(&behaviour->own) >= receiver->idle_ns)
		return;
	receiver->idle_ns = row->idle_ns(&behaviour->own);
	receiver->idle = behaviour;
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

/* Makes the behaviours of the config the receiver's. */
static void adopt(struct receiver *receiver)
{
	const struct receiver_config *config = receiver->config;

	receiver->idle_ns = HP_NEVER;
	receiver->clock_ns = 0;
	memset(receiver->states, 0, sizeof(receiver->states));
	for (unsigned i = 0; i < config->behaviour_count; i++) {
		write_behaviour(receiver, i);
		heed(receiver, &config->behaviours[i]);
	}
	receiver->meets = behaviour_any(receiver_behaviours(receiver), BEHAVIOUR_ON_CONNECT);
	receiver->looks = behaviour_any(receiver_behaviours(receiver), BEHAVIOUR_IN_REQUEST);
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
	write_fixed(receiver);
	adopt(receiver);
	if (make_keys(receiver, err) < 0) {
		receiver_free(receiver);
		return NULL;
	}
	return receiver;
}

static void scripts_fini(struct receiver_scripts *scripts)
{
	script_fini(&scripts->open);
	script_fini(&scripts->closing);
}

static void free_behaviours(const struct receiver_config *config,
			    struct receiver_scripts *const *scripts)
{
	for (unsigned i = 0; i < config->behaviour_count; i++) {
		for (size_t k = 0; scripts[i] && k <= config->behaviours[i].fault_count; k++)
			scripts_fini(&scripts[i][k]);
		free(scripts[i]);
	}
}

void receiver_replace(struct receiver *receiver, const struct receiver_config *config)
{
	struct receiver_retired *retired = hp_xcalloc(1, sizeof(*retired));

	retired->next = receiver->retired;
	retired->config = receiver->config;
	memcpy(retired->scripts, receiver->scripts, sizeof(retired->scripts));
	receiver->retired = retired;
	memset(receiver->scripts, 0, sizeof(receiver->scripts));
	receiver->config = config;
	adopt(receiver);
}

static void free_retired(struct receiver_retired *retired)
{
	while (retired != NULL) {
		struct receiver_retired *next = retired->next;

		free_behaviours(retired->config, retired->scripts);
		free(retired);
		retired = next;
	}
}

void receiver_free(struct receiver *receiver)
{
	if (receiver == NULL)
		return;
	for (int i = 0; i < RECEIVER_FIXED_COUNT; i++)
		scripts_fini(&receiver->fixed[i]);
	free_behaviours(receiver->config, receiver->scripts);
	free_retired(receiver->retired);
	for (unsigned i = 0; i < SCHEME_KEYS_MAX; i++)
		scheme_key_free(receiver->keys[i]);
	seen_fini(&receiver->seen);
	free(receiver);
}

static size_t holding(const struct receiver *receiver, enum behaviour_station station,
		      uint64_t now_ns, uint64_t *until_ns)
{
	const struct behaviour_case c = {
		.seed = receiver->config->seed,
		.endpoint_index = receiver->config->endpoint_index,
		.now_ns = now_ns,
	};
	return behaviour_holding(receiver_behaviours(receiver), station, &c, until_ns);
}

bool receiver_listening(const struct receiver *receiver, uint64_t now_ns, uint64_t *until_ns)
{
	return holding(receiver, BEHAVIOUR_REFUSES, now_ns, until_ns) ==
	       receiver->config->behaviour_count;
}

bool receiver_dropping(const struct receiver *receiver, uint64_t now_ns, uint64_t *until_ns)
{
	return holding(receiver, BEHAVIOUR_DROPS, now_ns, until_ns) <
	       receiver->config->behaviour_count;
}

bool receiver_frozen(const struct receiver *receiver, uint64_t now_ns, uint64_t *until_ns)
{
	return holding(receiver, BEHAVIOUR_FREEZES, now_ns, until_ns) <
	       receiver->config->behaviour_count;
}

static const struct behaviour *closing_behaviour(const struct receiver *receiver, uint64_t now_ns)
{
	uint64_t until_ns;
	size_t index = holding(receiver, BEHAVIOUR_REFUSES, now_ns, &until_ns);

	if (index == receiver->config->behaviour_count)
		index = holding(receiver, BEHAVIOUR_DROPS, now_ns, &until_ns);
	return index < receiver->config->behaviour_count ? &receiver->config->behaviours[index]
							 : NULL;
}

enum behaviour_open receiver_window_begins(struct receiver *receiver, uint64_t now_ns)
{
	const struct behaviour *behaviour = closing_behaviour(receiver, now_ns);

	if (behaviour == NULL)
		return BEHAVIOUR_OPEN_KEEP;
	struct behaviour_edge edge = behaviour_edge(behaviour);
	if (edge.forgets)
		receiver_forget(receiver);
	return edge.open;
}

void receiver_forget(struct receiver *receiver)
{
	seen_fini(&receiver->seen);
	seen_init(&receiver->seen, receiver->config->events_max);
}

uint8_t receiver_gap_behaviour(const struct receiver *receiver, uint64_t now_ns)
{
	static const enum behaviour_station stations[] = {
		BEHAVIOUR_REFUSES, BEHAVIOUR_DROPS, BEHAVIOUR_FREEZES,
	};
	uint64_t until_ns;

	for (size_t i = 0; i < sizeof(stations) / sizeof(stations[0]); i++) {
		size_t index = holding(receiver, stations[i], now_ns, &until_ns);
		if (index < receiver->config->behaviour_count)
			return receiver->config->behaviours[index].own.row->number;
	}
	return 0;
}
