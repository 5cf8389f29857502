/* Bodies: the profile's thin body, laid out and with members of its own, or another text. */
#include <stdio.h>

#include "certify/fill.h"
#include "certify/forge.h"

enum { THIN_BYTES_MAX = 64 * 1024, INDENT = 2 };

static void add(struct hp_buf *out, const char *text)
{
	hp_buf_add_text(out, text);
}

/* Members of a suite have slots of their own, like {byte:ff}. */
static void add_template(struct hp_buf *out, const char *text)
{
	fill_template(hp_view_of(text), NULL, 0, out);
}

/* ---- members ---- */

/* Members that make the object larger: filler, and arrays in arrays. */
static void add_bulk(const struct suite_body *body, size_t bytes_so_far, struct hp_buf *out)
{
	static const char opening[] = ",\"filler\":\"", closing[] = "\"";
	size_t bytes = bytes_so_far + sizeof(opening) - 1 + sizeof(closing) - 1;

	if (body->bytes > bytes) {
		add(out, opening);
		for (; bytes < body->bytes; bytes++)
			add(out, "x");
		add(out, closing);
	}
	if (!body->nested)
		return;
	add(out, ",\"nested\":");
	for (uint32_t i = 0; i < body->nested; i++)
		add(out, "[");
	for (uint32_t i = 0; i < body->nested; i++)
		add(out, "]");
}

/* The text of the object with members before and behind its own. One that is no object stays. */
static void add_members(const struct suite_body *body, struct hp_view thin, struct hp_buf *out)
{
	bool is_object = thin.bytes >= 2 && thin.at[0] == '{' && thin.at[thin.bytes - 1] == '}';
	bool is_empty = thin.bytes == 2;

	if (!is_object) {
		hp_buf_add(out, thin);
		return;
	}
	add(out, "{");
	add_template(out, body->first);
	if (*body->first && !is_empty)
		add(out, ",");
	hp_buf_add(out, (struct hp_view){thin.at + 1, thin.bytes - 2});
	if (*body->last)
		add(out, ",");
	add_template(out, body->last);
	add_bulk(body, out->bytes + 1, out);
	add(out, "}");
}

/* ---- layout ---- */

static void new_line(enum suite_layout layout, unsigned depth, struct hp_buf *out)
{
	add(out, layout == SUITE_CRLF ? "\r\n" : "\n");
	for (unsigned i = 0; i < depth * INDENT; i++)
		add(out, " ");
}

static void add_pretty(enum suite_layout layout, char c, unsigned *depth, struct hp_buf *out)
{
	struct hp_view one = {&c, 1};

	if (c == '}' || c == ']')
		new_line(layout, --*depth, out);
	hp_buf_add(out, one);
	if (c == '{' || c == '[')
		new_line(layout, ++*depth, out);
	else if (c == ',')
		new_line(layout, *depth, out);
	else if (c == ':')
		add(out, " ");
}

/* Lays compact JSON out; strings stay as they are. */
static void lay_out(enum suite_layout layout, struct hp_view text, struct hp_buf *out)
{
	bool inside = false;
	unsigned depth = 0;

	for (size_t i = 0; i < text.bytes; i++) {
		char c = text.at[i];
		struct hp_view one = {&text.at[i], 1};

		if (inside && c == '\\' && i + 1 < text.bytes) {
			hp_buf_add(out, (struct hp_view){&text.at[i++], 2});
			continue;
		}
		if (c == '"')
			inside = !inside;
		if (inside || c == '"') {
			hp_buf_add(out, one);
		} else if (layout == SUITE_SPACES) {
			hp_buf_add(out, one);
			if (c == ':' || c == ',')
				add(out, " ");
		} else {
			add_pretty(layout, c, &depth, out);
		}
	}
}

/* ---- the whole ---- */

static bool starts(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

/* Fills the slots of a text, and what stands in the place of quoted ones. */
static void fill(const struct suite_body *body, const char *text, const struct forge_names *names,
		 struct hp_buf *out)
{
	const struct fill_slot all[] = {
		{"\"{resource}\"", hp_view_of(body->id_json)},
		{"\"{type}\"", hp_view_of(body->type_json)},
	};
	const struct fill_slot slots[] = {
		{"{resource}", hp_view_of(names->resource)},
		{"{type}", hp_view_of(names->type)},
		{"{key}", hp_view_of(names->message_id)},
	};

	for (const char *at = text; *at;) {
		size_t i = 0, bytes = 0;

		for (; i < 2 && !bytes; i++)
			if (all[i].value.bytes && starts(at, all[i].name))
				bytes = strlen(all[i].name);
		if (bytes) {
			hp_buf_add(out, all[i - 1].value);
		} else {
			const char *quote = strchr(at + 1, '"');

			bytes = quote ? (size_t)(quote - at) : strlen(at);
			fill_template((struct hp_view){at, bytes}, slots, 3, out);
		}
		at += bytes;
	}
}

void forge_body(const struct profile *profile, const struct suite_body *body,
		const struct forge_names *names, struct hp_buf *out)
{
	struct hp_buf thin, whole;

	hp_buf_init(&thin, THIN_BYTES_MAX);
	hp_buf_init(&whole, FORGE_BODY_BYTES_MAX);
	fill(body, body->has_text ? body->text : profile->body, names, &thin);
	if (body->has_text)
		hp_buf_add(&whole, hp_buf_view(&thin));
	else
		add_members(body, hp_buf_view(&thin), &whole);
	add(out, body->before);
	if (body->layout == SUITE_COMPACT)
		hp_buf_add(out, hp_buf_view(&whole));
	else
		lay_out(body->layout, hp_buf_view(&whole), out);
	add(out, body->after);
	hp_buf_fini(&thin);
	hp_buf_fini(&whole);
}
