#include "tests/mutants/mutant_event.h"
#include <ctype.h>
#include <string.h>
#include "tests/mutants/mutant_defects.h"
#include "tests/mutants/mutant_json.h"

void event_init(struct mutant_event *event)
{
	*event = (struct mutant_event){
		.key.max = 2 * EVENT_WORD_BYTES_MAX + 1,
		.resource.max = EVENT_WORD_BYTES_MAX,
		.type.max = EVENT_WORD_BYTES_MAX,
		.twin.max = 2 * EVENT_WORD_BYTES_MAX + 1,
	};
}

void event_fini(struct mutant_event *event)
{
	bytes_free(&event->key);
	bytes_free(&event->resource);
	bytes_free(&event->type);
	bytes_free(&event->twin);
}

/* Ids and types go into keys and paths: a letter or digit first, nothing that means anything. */
static bool is_word(struct view text)
{
	for (size_t i = 0; i < text.bytes; i++)
		if (!isalnum((unsigned char)text.at[i]) &&
		    (i == 0 || !text.at[i] || !strchr("_-.:", text.at[i])))
			return false;
	return text.bytes != 0;
}

static bool is_known(struct view type)
{
	static const char *const words[] = {"invoice", "payment", "customer", "verification",
					    "order", "charge", "subscription", "transfer"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t bytes = strlen(words[i]);

		if (type.bytes > bytes && memcmp(type.at, words[i], bytes) == 0 &&
		    (type.at[bytes] == '.' || type.at[bytes] == 's' || type.at[bytes] == '_'))
			return true;
	}
	return false;
}

/* A query that was put together from text breaks at these. */
static bool breaks_query(struct view text)
{
	for (size_t i = 0; i < text.bytes; i++)
		if (!text.at[i] || strchr("'\"{ %", text.at[i]))
			return true;
	return false;
}

/* A word at a path of the body or, when the place is no path, in a header. 0 or a status. */
static int find_word(const struct http_request *r, struct view body, const char *place,
		     struct bytes *word)
{
	const struct http_header *header = *place == '/' ? NULL : http_find(r, place, NULL);
	bool throws = defect_is(DEFECT_THROWS_ON_ODD_TYPES);

	if (*place != '/' && (!header || !is_word(header->value)))
		return 400;
	if (*place != '/')
		return bytes_add_view(word, header->value) ? 0 : 400;
	switch (json_find(body, place, word)) {
	case JSON_TWICE:
		if (!defect_is(DEFECT_LAST_KEY_WINS))
			return 400;
		break;
	case JSON_OTHER:
	case JSON_ABSENT:
		return throws ? 500 : 400;
	case JSON_STRING:
		break;
	}
	if (is_word(bytes_view(word)))
		return 0;
	return defect_is(DEFECT_PASTES_ID) && breaks_query(bytes_view(word)) ? 500 : 400;
}

static struct view without_mark(struct view body)
{
	if (body.bytes > 2 && memcmp(body.at, "\xef\xbb\xbf", 3) == 0)
		return (struct view){body.at + 3, body.bytes - 3};
	return body;
}

/* What the pattern  "name" : "value"  finds first in the text. */
static struct view search(struct view text, const char *quoted_name)
{
	const char *at = memmem(text.at, text.bytes, quoted_name, strlen(quoted_name));
	const char *end = text.at + text.bytes, *quote;

	if (!at)
		return view_of(NULL);
	for (at += strlen(quoted_name); at < end && *at && strchr(" \t\r\n:", *at);)
		at++;
	if (at == end || *at++ != '"')
		return view_of(NULL);
	quote = memchr(at, '"', (size_t)(end - at));
	return (struct view){at, (size_t)((quote ? quote : end) - at)};
}

void event_guess_resource(struct view half, struct bytes *resource)
{
	bytes_add_view(resource, search(half, "\"id\""));
}

static int make_key(const struct mutant_profile *p, const struct http_request *r, struct view body,
		    struct mutant_event *event)
{
	struct view first;

	if (p->key)
		return find_word(r, body, p->key, &event->key);
	bytes_add_view(&event->key, bytes_view(&event->resource));
	bytes_add_text(&event->key, ":");
	bytes_add_view(&event->key, bytes_view(&event->type));
	first = search(body, "\"event\"");
	if (!defect_is(DEFECT_LAST_KEY_WINS) || view_is(first, bytes_text(&event->type)))
		return 0;
	bytes_add_view(&event->twin, bytes_view(&event->resource));
	bytes_add_text(&event->twin, ":");
	bytes_add_view(&event->twin, first);
	return 0;
}

int event_parse(const struct mutant *mutant, const struct http_request *request,
		struct mutant_event *event)
{
	const struct mutant_profile *p = mutant->profile;
	struct view body = without_mark(bytes_view(&request->body));
	int refusal;

	if (body.bytes == 0)
		return defect_is(DEFECT_THROWS_ON_EMPTY_BODY) ? 500 : 400;
	if (!json_valid(body))
		return defect_is(DEFECT_THROWS_ON_BAD_JSON) ? 500 : 400;
	if (defect_is(DEFECT_STRICT_SCHEMA) && json_is_nested(body))
		return 400;
	refusal = find_word(request, body, p->resource, &event->resource);
	if (refusal == 0)
		refusal = find_word(request, body, p->type, &event->type);
	if (refusal == 0)
		refusal = make_key(p, request, body, event);
	event->known = refusal == 0 && is_known(bytes_view(&event->type));
	return refusal;
}
