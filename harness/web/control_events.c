/* GET /v1/events and /v1/events/KEY: what the receivers know of single events. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/random.h"
#include "web/control_inside.h"
#include "web/web_path.h"

enum { PAGE_EVENTS = 100, QUERY_BYTES_MAX = 256, IDENTITY_BYTES = 17 };

/* ---- the query ---- */

/* False: the answer is an error. */
static bool read_text(const struct web_request *request, const char *name, struct hp_buf *out,
		      struct web_answer *answer)
{
	if (web_path_query(request->query, name, out) != WEB_PATH_BAD)
		return true;
	web_refuse(answer, 400, "%s: want text of at most %d bytes", name, QUERY_BYTES_MAX);
	return false;
}

/* A whole number up to 9 digits; *out stays as it is when it is not given. */
static bool read_number(const struct web_request *request, const char *name, size_t *out,
			struct web_answer *answer)
{
	struct hp_buf text;
	const char *digits;
	bool good;

	hp_buf_init(&text, QUERY_BYTES_MAX);
	good = read_text(request, name, &text, answer);
	digits = hp_buf_text(&text);
	if (good && (text.bytes > 9 || strspn(digits, "0123456789") != text.bytes)) {
		web_refuse(answer, 400, "%s: want a whole number", name);
		good = false;
	}
	if (good && text.bytes > 0)
		*out = strtoul(digits, NULL, 10);
	hp_buf_fini(&text);
	return good;
}

static bool read_receiver(const struct control *control, const struct web_request *request,
			  size_t *index, struct web_answer *answer)
{
	struct hp_buf name;
	bool good;

	hp_buf_init(&name, QUERY_BYTES_MAX);
	good = read_text(request, "receiver", &name, answer);
	if (good && name.bytes == 0 && control->config.receivers.count == 1) {
		*index = 0;
	} else if (good && name.bytes == 0) {
		web_refuse(answer, 400, "which receiver? ?receiver=NAME");
		good = false;
	} else if (good) {
		good = control_find(control, hp_buf_view(&name), index, answer);
	}
	hp_buf_fini(&name);
	return good;
}

/* ---- one event ---- */

struct event_state {
	struct control_event event;
	uint64_t arrivals, effects;
};

static void fill(const struct receiver *receiver, struct event_state *state)
{
	const struct seen_slot *slot = seen_find(&receiver->seen, state->event.identity);

	state->arrivals = slot ? slot->arrivals : 0;
	state->effects = slot ? slot->effects : 0;
}

static void write_counts(struct hp_json_writer *writer, const struct event_state *state)
{
	char identity[IDENTITY_BYTES];

	snprintf(identity, sizeof(identity), "%016" PRIx64, state->event.identity);
	hp_json_write_key(writer, "identity");
	hp_json_write_text(writer, identity);
	hp_json_write_key(writer, "arrivals");
	hp_json_write_u64(writer, state->arrivals);
	hp_json_write_key(writer, "effects");
	hp_json_write_u64(writer, state->effects);
	hp_json_write_end(writer);
}

struct event_ask {
	const struct receiver *receiver;
	struct event_state state;
};

static void ask_event(void *arg, uint64_t now_ns)
{
	struct event_ask *ask = arg;

	(void)now_ns;
	fill(ask->receiver, &ask->state);
}

void control_event(void *arg, const struct web_request *request, struct web_answer *answer)
{
	struct control *control = arg;
	struct event_ask ask = {.state.event.identity = hp_digest(request->part)};
	struct hp_json_writer writer;
	size_t index;

	if (!read_receiver(control, request, &index, answer))
		return;
	ask.receiver = control->config.receivers.at[index];
	server_call(control->config.server, ask_event, &ask);
	if (ask.state.arrivals == 0) {
		web_refuse(answer, 404, "no event \"%.*s\" has come", (int)request->part.bytes,
			   request->part.at);
		return;
	}
	hp_json_write_init(&writer, &answer->json, 0);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "key");
	hp_json_write_string(&writer, request->part);
	write_counts(&writer, &ask.state);
}

/* ---- pages of events ---- */

struct page_ask {
	const struct control *control;
	size_t index;              /* of the receiver */
	size_t from, limit, count; /* count: found */
	size_t listed;             /* in all */
	uint64_t events;           /* that the receiver remembers, listed or not */
	struct event_state *states;
};

static void ask_page(void *arg, uint64_t now_ns)
{
	struct page_ask *ask = arg;
	const struct control_known *known = &ask->control->known[ask->index];
	const struct receiver *receiver = ask->control->config.receivers.at[ask->index];

	(void)now_ns;
	ask->listed = known->count;
	ask->events = receiver->seen.count;
	while (ask->count < ask->limit && ask->from + ask->count < known->count) {
		struct event_state *state = &ask->states[ask->count];

		state->event = known->at[ask->from + ask->count++];
		fill(receiver, state);
	}
}

static void write_event(struct hp_json_writer *writer, const struct event_state *state)
{
	hp_json_write_object(writer);
	hp_json_write_key(writer, "key");
	hp_json_write_text(writer, *state->event.key ? state->event.key : NULL);
	hp_json_write_key(writer, "event");
	if (state->event.event_index == RECORD_NO_EVENT)
		hp_json_write_null(writer);
	else
		hp_json_write_u64(writer, state->event.event_index);
	write_counts(writer, state);
}

static void write_page(struct hp_json_writer *writer, const struct page_ask *ask)
{
	size_t next = ask->from + ask->count;

	hp_json_write_object(writer);
	hp_json_write_key(writer, "receiver");
	hp_json_write_text(writer, ask->control->config.receivers.at[ask->index]->config->name);
	hp_json_write_key(writer, "remembered");
	hp_json_write_u64(writer, ask->events);
	hp_json_write_key(writer, "listed");
	hp_json_write_u64(writer, ask->listed);
	hp_json_write_key(writer, "next");
	if (ask->count > 0 && next < ask->listed)
		hp_json_write_u64(writer, next);
	else
		hp_json_write_null(writer);
	hp_json_write_key(writer, "events");
	hp_json_write_array(writer);
	for (size_t i = 0; i < ask->count; i++)
		write_event(writer, &ask->states[i]);
	hp_json_write_end(writer);
	hp_json_write_end(writer);
}

void control_events(void *arg, const struct web_request *request, struct web_answer *answer)
{
	struct control *control = arg;
	struct page_ask ask = {.control = control, .limit = PAGE_EVENTS};
	struct hp_json_writer writer;

	if (!read_receiver(control, request, &ask.index, answer) ||
	    !read_number(request, "from", &ask.from, answer) ||
	    !read_number(request, "limit", &ask.limit, answer))
		return;
	if (ask.limit < 1 || ask.limit > CONTROL_PAGE_MAX) {
		web_refuse(answer, 400, "limit: want 1 to %d", CONTROL_PAGE_MAX);
		return;
	}
	ask.states = hp_xcalloc(ask.limit, sizeof(ask.states[0]));
	server_call(control->config.server, ask_page, &ask);
	hp_json_write_init(&writer, &answer->json, 0);
	write_page(&writer, &ask);
	free(ask.states);
}
