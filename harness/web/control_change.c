/* PUT /v1/receivers/NAME/behaviours and POST /v1/reset: what a test changes while it runs. Each
 * leaves a note in the history, so that who reads the run file knows. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "scenarios/scenario.h"
#include "web/control_inside.h"

/* ---- behaviours ---- */

struct change_ask {
	struct control *control;
	struct receiver *receiver;
	const struct receiver_config *config;
};

static void put_note(struct receiver *receiver, uint64_t now_ns, struct hp_buf *text)
{
	struct record record = {.kind = RECORD_NOTE, .note = {.at_ns = now_ns}};

	snprintf(record.note.text, sizeof(record.note.text), "%s", hp_buf_text(text));
	history_put(receiver->history, &record);
}

/* "behaviours-changed receiver billing: first-n status, latency", cut where a note ends. */
static void note_change(const struct change_ask *ask, uint64_t now_ns)
{
	const struct receiver_config *config = ask->config;
	struct hp_buf text;

	hp_buf_init(&text, RECORD_NOTE_BYTES * 8);
	hp_buf_add_format(&text, "behaviours-changed receiver %.60s:%s", config->name,
			  config->behaviour_count ? "" : " none");
	for (unsigned i = 0; i < config->behaviour_count; i++) {
		const struct behaviour *behaviour = &config->behaviours[i];

		hp_buf_add_format(&text, "%s %s", i ? "," : "", behaviour->own.row->slug);
		if (behaviour->fault_count)
			hp_buf_add_format(&text, " %s", behaviour->faults[0].row->slug);
	}
	put_note(ask->receiver, now_ns, &text);
	hp_buf_fini(&text);
}

static void ask_change(void *arg, uint64_t now_ns)
{
	struct change_ask *ask = arg;

	receiver_replace(ask->receiver, ask->config);
	note_change(ask, now_ns);
	server_review(ask->control->config.server);
}

/* A config like the receiver's with the behaviours of the document; NULL: the answer says why. */
static struct receiver_config *read_change(const struct receiver_config *present,
					   struct hp_view json, struct web_answer *answer)
{
	struct receiver_config *config = hp_xcalloc(1, sizeof(*config));
	struct hp_err err;

	*config = *present;
	config->behaviour_count = 0;
	memset(config->behaviours, 0, sizeof(config->behaviours));
	if (scenario_load_behaviours(config, (struct scenario_text){"behaviours", json}, &err) == 0)
		return config;
	web_refuse_document(answer, &err);
	free(config);
	return NULL;
}

static void keep(struct control *control, struct receiver_config *config)
{
	if (!control->changes)
		control->changes = hp_xcalloc(CONTROL_CHANGES_MAX, sizeof(control->changes[0]));
	control->changes[control->change_count++] = config;
}

void control_behaviours(void *arg, const struct web_request *request, struct web_answer *answer)
{
	struct control *control = arg;
	struct change_ask ask = {.control = control};
	struct receiver_config *config;
	size_t index;

	if (!control_find(control, request->part, &index, answer))
		return;
	if (control->change_count == CONTROL_CHANGES_MAX) {
		web_refuse(answer, 409, "at most %d changes in a run", CONTROL_CHANGES_MAX);
		return;
	}
	ask.receiver = control->config.receivers.at[index];
	config = read_change(ask.receiver->config, request->body, answer);
	if (!config)
		return;
	keep(control, config);
	ask.config = config;
	server_call(control->config.server, ask_change, &ask);
	hp_buf_add_format(&answer->json, "{\"behaviours\":%u}", config->behaviour_count);
}

/* ---- forgetting ---- */

static void ask_reset(void *arg, uint64_t now_ns)
{
	struct control *control = arg;
	const struct server_receivers *receivers = &control->config.receivers;
	struct hp_buf text;

	hp_buf_init(&text, RECORD_NOTE_BYTES);
	hp_buf_add_text(&text, "events-forgotten of all receivers");
	for (size_t i = 0; i < receivers->count; i++) {
		receiver_forget(receivers->at[i]);
		control_known_clear(&control->known[i]);
	}
	put_note(receivers->at[0], now_ns, &text);
	hp_buf_fini(&text);
}

void control_reset(void *arg, const struct web_request *request, struct web_answer *answer)
{
	struct control *control = arg;

	(void)request;
	server_call(control->config.server, ask_reset, control);
	hp_buf_add_text(&answer->json, "{\"reset\":true}");
}
