/* The endpoint's life, and what it says of receivers. Events and changes: files of their own. */
#include "web/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "scenarios/scenario.h"
#include "web/control_inside.h"

/* ---- receivers ---- */

struct receivers_ask {
	const struct control *control;
	struct receiver_state {
		struct receiver_counters counters;
		const struct receiver_config *config;
		uint64_t connections, events;
	} *at;
};

static void ask_receivers(void *arg, uint64_t now_ns)
{
	struct receivers_ask *ask = arg;
	const struct server_receivers *receivers = &ask->control->config.receivers;

	(void)now_ns;
	for (size_t i = 0; i < receivers->count; i++)
		ask->at[i] = (struct receiver_state){
			.counters = receivers->at[i]->counters,
			.config = receivers->at[i]->config,
			.connections = receivers->at[i]->connections,
			.events = receivers->at[i]->seen.count,
		};
}

static void write_behaviours(struct hp_json_writer *writer, const struct receiver_config *config)
{
	hp_json_write_key(writer, "behaviours");
	hp_json_write_array(writer);
	for (unsigned i = 0; i < config->behaviour_count; i++)
		hp_json_write_text(writer, config->behaviours[i].own.row->slug);
	hp_json_write_end(writer);
}

static void write_receiver(struct hp_json_writer *writer, const struct receiver_state *state)
{
	const struct receiver_counters *counters = &state->counters;
	const struct {
		const char *key;
		uint64_t count;
	} members[] = {
		{"deliveries", counters->deliveries}, {"accepted", counters->accepted},
		{"refused_signatures", counters->unverified},
		{"duplicates", counters->duplicates}, {"effects", counters->effects},
		{"other", counters->other},           {"connections", state->connections},
		{"events", state->events},
	};

	hp_json_write_object(writer);
	hp_json_write_key(writer, "name");
	hp_json_write_text(writer, state->config->name);
	hp_json_write_key(writer, "url");
	hp_json_write_text(writer, state->config->url);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		hp_json_write_key(writer, members[i].key);
		hp_json_write_u64(writer, members[i].count);
	}
	write_behaviours(writer, state->config);
	hp_json_write_end(writer);
}

static void answer_receivers(void *arg, const struct web_request *request,
			     struct web_answer *answer)
{
	struct control *control = arg;
	size_t count = control->config.receivers.count;
	struct receivers_ask ask = {control, hp_xcalloc(count, sizeof(*ask.at))};
	struct hp_json_writer writer;

	(void)request;
	server_call(control->config.server, ask_receivers, &ask);
	hp_json_write_init(&writer, &answer->json, 0);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "receivers");
	hp_json_write_array(&writer);
	for (size_t i = 0; i < count; i++)
		write_receiver(&writer, &ask.at[i]);
	hp_json_write_end(&writer);
	hp_json_write_end(&writer);
	free(ask.at);
}

bool control_find(const struct control *control, struct hp_view name, size_t *index,
		  struct web_answer *answer)
{
	const struct server_receivers *receivers = &control->config.receivers;

	for (size_t i = 0; i < receivers->count; i++) {
		*index = i;
		if (hp_view_equal(name, hp_view_of(receivers->at[i]->config->name)))
			return true;
	}
	web_refuse(answer, 404, "no receiver is called \"%.*s\": GET /v1/receivers lists them",
		   (int)name.bytes, name.at);
	return false;
}

/* ---- the end ---- */

static void on_shutdown(void *arg)
{
	struct control *control = arg;

	control->config.shutdown(control->config.arg);
}

static void answer_shutdown(void *arg, const struct web_request *request,
			    struct web_answer *answer)
{
	(void)arg, (void)request;
	hp_buf_add_text(&answer->json, "{\"stopping\":true}");
	answer->sent = on_shutdown;
}

/* ---- life ---- */

static const struct web_route routes[] = {
	{"GET", "/v1/receivers", answer_receivers},
	{"PUT", "/v1/receivers/*/behaviours", control_behaviours},
	{"GET", "/v1/events", control_events},
	{"GET", "/v1/events/*", control_event},
	{"POST", "/v1/reset", control_reset},
	{"POST", "/v1/shutdown", answer_shutdown},
	{NULL, NULL, NULL},
};

struct control *control_open(const struct control_config *config, struct hp_err *err)
{
	struct control *control = hp_xcalloc(1, sizeof(*control));
	struct web_config web = {
		.loop = config->loop, .listen = config->listen, .token = config->token,
		.routes = routes, .arg = control,
	};

	control->config = *config;
	control->known = hp_xcalloc(config->receivers.count, sizeof(control->known[0]));
	for (size_t i = 0; i < config->receivers.count; i++)
		control_known_init(&control->known[i]);
	control->web = web_new(&web, err);
	if (control->web)
		return control;
	control_close(control);
	return NULL;
}

void control_close(struct control *control)
{
	if (!control)
		return;
	web_free(control->web);
	for (size_t i = 0; i < control->config.receivers.count; i++)
		control_known_fini(&control->known[i]);
	for (size_t i = 0; i < control->change_count; i++) {
		scenario_free_behaviours(control->changes[i]);
		free(control->changes[i]);
	}
	free(control->changes);
	free(control->known);
	free(control);
}

const struct port_address *control_address(const struct control *control)
{
	return web_address(control->web);
}

void control_see(struct control *control, const struct record_receipt *receipt)
{
	const struct server_receivers *receivers = &control->config.receivers;

	for (size_t i = 0; i < receivers->count; i++) {
		if (receivers->at[i]->config->endpoint_index != receipt->endpoint_index)
			continue;
		control_known_add(&control->known[i], receipt);
		return;
	}
}

void control_token(char out[CONTROL_TOKEN_BYTES])
{
	unsigned char bits[(CONTROL_TOKEN_BYTES - 1) / 2];
	ssize_t filled = getrandom(bits, sizeof(bits), 0);

	assert(filled == (ssize_t)sizeof(bits)); /* up to 256 bytes come whole: getrandom(2) */
	for (size_t i = 0; i < sizeof(bits); i++)
		snprintf(out + 2 * i, 3, "%02x", bits[i]);
}
