#include "engine/content.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/record.h"

_Static_assert(CONTENT_INDEX_BYTES % 2 == 0, "write_index() writes pairs");

enum {
	SLOTS_MAX = PROFILE_SLOTS_MAX + 1, /* of one template, and the filler */
	FILLER_KEYED_BYTES = 16, /* the part of a larger body that differs from event to event */
};

enum slot_kind { SLOT_INDEX, SLOT_FILLER };

struct slot {
	enum slot_kind kind;
	size_t offset;
};

/* A template rendered once for one event type; only its slots differ from event to event. */
struct sheet {
	struct hp_buf text;
	struct slot slots[SLOTS_MAX];
	unsigned slot_count;
};

struct type_sheets {
	struct sheet body;
	struct sheet headers[PROFILE_HEADERS_MAX];
};

struct content {
	const struct plan *plan;
	char tag[CONTENT_TAG_BYTES];
	uint64_t weight_total;
	uint64_t weight_up_to[PLAN_TYPES_MAX]; /* cumulated: that type is drawn below it */
	size_t body_bytes_max;
	struct type_sheets types[PLAN_TYPES_MAX];
};

static const char message_prefix[] = "msg";

/* Crockford's alphabet: no two characters that a person confuses. */
static void write_tag(uint64_t seed, char *out)
{
	static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
	struct hp_key key = {.seed = seed, .stream = HP_STREAM_RUN};
	uint64_t bits = hp_random_bits(&key);

	for (size_t i = 0; i < CONTENT_TAG_BYTES; i++)
		out[i] = alphabet[bits >> (5 * i) & 31];
}

/* Two digits at a time: a division is the dearest thing here. */
static void write_index(uint64_t event_index, char *out)
{
	for (size_t i = CONTENT_INDEX_BYTES; i > 0; i -= 2, event_index /= 100) {
		unsigned pair = (unsigned)(event_index % 100);

		out[i - 2] = (char)('0' + pair / 10);
		out[i - 1] = (char)('0' + pair % 10);
	}
}

/* "<prefix>_<tag><k>" */
static size_t write_id(const struct content *content, struct hp_view prefix, uint64_t event_index,
		       char *out)
{
	size_t at = prefix.bytes;

	memcpy(out, prefix.at, prefix.bytes);
	out[at++] = '_';
	memcpy(out + at, content->tag, CONTENT_TAG_BYTES);
	write_index(event_index, out + at + CONTENT_TAG_BYTES);
	return at + CONTENT_TAG_BYTES + CONTENT_INDEX_BYTES;
}

static void add_slot(struct sheet *sheet, enum slot_kind kind, size_t bytes)
{
	assert(sheet->slot_count < SLOTS_MAX);
	sheet->slots[sheet->slot_count++] = (struct slot){kind, sheet->text.bytes};
	for (size_t i = 0; i < bytes; i++)
		hp_buf_add_text(&sheet->text, "0");
}

/* "<prefix>_<tag>", and a slot for <k>. */
static void add_id(struct sheet *sheet, const char *tag, const char *prefix)
{
	hp_buf_add_text(&sheet->text, prefix);
	hp_buf_add_text(&sheet->text, "_");
	hp_buf_add(&sheet->text, (struct hp_view){tag, CONTENT_TAG_BYTES});
	add_slot(sheet, SLOT_INDEX, CONTENT_INDEX_BYTES);
}

/* Places one placeholder, if one stands at `at`. Returns the bytes of its name, 0 if none does. */
static size_t place(struct sheet *sheet, const char *tag, const struct plan_type *type,
		    const char *at)
{
	const struct {
		const char *name, *prefix;
	} ids[] = {{"{resource}", type->prefix}, {"{key}", message_prefix}};

	if (strncmp(at, "{type}", 6) == 0) {
		hp_buf_add_text(&sheet->text, type->name);
		return 6;
	}
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		size_t bytes = strlen(ids[i].name);

		if (strncmp(at, ids[i].name, bytes) != 0)
			continue;
		add_id(sheet, tag, ids[i].prefix);
		return bytes;
	}
	return 0;
}

static void sheet_make(struct sheet *sheet, const char *tag, const char *template,
		       const struct plan_type *type, size_t bytes_max)
{
	hp_buf_init(&sheet->text, bytes_max);
	for (const char *at = template; *at;) {
		size_t taken = place(sheet, tag, type, at);

		if (taken == 0) {
			hp_buf_add(&sheet->text, (struct hp_view){at, 1});
			taken = 1;
		}
		at += taken;
	}
	assert(!sheet->text.cut); /* the loader bounds templates, types and slots */
}

/* Grows a thin JSON object to `bytes` with a member before its closing brace. */
static void sheet_fill(struct sheet *sheet, uint64_t bytes)
{
	static const char open[] = ",\"filler\":\"", shut[] = "\"}";
	size_t thin = sheet->text.bytes;
	size_t least = thin - 1 + strlen(open) + FILLER_KEYED_BYTES + strlen(shut);

	if (bytes <= least || thin == 0 || sheet->text.at[thin - 1] != '}')
		return;
	sheet->text.bytes--;
	hp_buf_add_text(&sheet->text, open);
	add_slot(sheet, SLOT_FILLER, FILLER_KEYED_BYTES);
	for (uint64_t i = least; i < bytes; i++)
		hp_buf_add(&sheet->text, (struct hp_view){&"abcdefghijklmnop"[i % 16], 1});
	hp_buf_add_text(&sheet->text, shut);
}

static void make_type(struct content *content, unsigned index)
{
	const struct plan *plan = content->plan;
	const struct plan_type *type = &plan->types[index];
	struct type_sheets *sheets = &content->types[index];

	content->weight_total += type->weight;
	content->weight_up_to[index] = content->weight_total;
	sheet_make(&sheets->body, content->tag, plan->profile.body, type,
		   PLAN_BODY_BYTES_MAX + 1024);
	if (plan->body_bytes)
		sheet_fill(&sheets->body, plan->body_bytes);
	if (sheets->body.text.bytes > content->body_bytes_max)
		content->body_bytes_max = sheets->body.text.bytes;
	for (unsigned i = 0; i < plan->profile.header_count; i++)
		sheet_make(&sheets->headers[i], content->tag, plan->profile.headers[i].value, type,
			   CONTENT_HEADER_BYTES_MAX);
}

struct content *content_new(const struct plan *plan)
{
	struct content *content = hp_xcalloc(1, sizeof(*content));

	content->plan = plan;
	write_tag(plan->seed, content->tag);
	for (unsigned i = 0; i < plan->type_count; i++)
		make_type(content, i);
	return content;
}

void content_free(struct content *content)
{
	if (!content)
		return;
	for (unsigned i = 0; i < content->plan->type_count; i++) {
		hp_buf_fini(&content->types[i].body.text);
		for (unsigned j = 0; j < content->plan->profile.header_count; j++)
			hp_buf_fini(&content->types[i].headers[j].text);
	}
	free(content);
}

unsigned content_type_index(const struct content *content, uint64_t event_index)
{
	struct hp_key key = {.seed = content->plan->seed, .stream = HP_STREAM_TYPE,
			     .event = event_index};
	uint64_t drawn = hp_random_below(&key, content->weight_total);
	unsigned index = 0;

	while (drawn >= content->weight_up_to[index])
		index++;
	return index;
}

size_t content_resource(const struct content *content, uint64_t event_index, char *out)
{
	const struct plan_type *type =
		&content->plan->types[content_type_index(content, event_index)];

	return write_id(content, hp_view_of(type->prefix), event_index, out);
}

size_t content_message_id(const struct content *content, uint64_t event_index, char *out)
{
	return write_id(content, hp_view_of(message_prefix), event_index, out);
}

static void write_filler(const struct content *content, uint64_t event_index, char *out)
{
	struct hp_key key = {.seed = content->plan->seed, .stream = HP_STREAM_BODY,
			     .event = event_index};
	uint64_t bits = hp_random_bits(&key);

	for (size_t i = 0; i < FILLER_KEYED_BYTES; i++)
		out[i] = "0123456789abcdef"[bits >> (4 * i) & 15];
}

static size_t render(const struct content *content, const struct sheet *sheet,
		     uint64_t event_index, char *out)
{
	if (sheet->text.bytes)
		memcpy(out, sheet->text.at, sheet->text.bytes);
	for (unsigned i = 0; i < sheet->slot_count; i++) {
		char *at = out + sheet->slots[i].offset;

		if (sheet->slots[i].kind == SLOT_INDEX)
			write_index(event_index, at);
		else
			write_filler(content, event_index, at);
	}
	return sheet->text.bytes;
}

size_t content_body(const struct content *content, uint64_t event_index, unsigned type_index,
		    char *out)
{
	return render(content, &content->types[type_index].body, event_index, out);
}

size_t content_body_bytes(const struct content *content, unsigned type_index)
{
	return content->types[type_index].body.text.bytes;
}

size_t content_body_bytes_max(const struct content *content)
{
	return content->body_bytes_max;
}

size_t content_header(const struct content *content, uint64_t event_index, unsigned type_index,
		      unsigned header_index, char *out)
{
	return render(content, &content->types[type_index].headers[header_index], event_index,
		      out);
}

uint64_t content_event_index(uint64_t seed, struct hp_view id)
{
	char tag[CONTENT_TAG_BYTES];
	const char *at = id.bytes ? memchr(id.at, '_', id.bytes) : NULL;
	uint64_t event_index = 0;

	if (!at || (size_t)(id.at + id.bytes - at) != 1 + CONTENT_TAG_BYTES + CONTENT_INDEX_BYTES)
		return RECORD_NO_EVENT;
	write_tag(seed, tag);
	if (memcmp(at + 1, tag, CONTENT_TAG_BYTES) != 0)
		return RECORD_NO_EVENT;
	at += 1 + CONTENT_TAG_BYTES;
	for (size_t i = 0; i < CONTENT_INDEX_BYTES; i++) {
		if (at[i] < '0' || at[i] > '9')
			return RECORD_NO_EVENT;
		event_index = event_index * 10 + (uint64_t)(at[i] - '0');
	}
	return event_index;
}
