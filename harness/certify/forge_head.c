/* Heads and framing: the request line, the header lines as the profile has them, and what a step
 * does to them. */
#include <ctype.h>
#include <stdio.h>

#include "certify/fill.h"
#include "certify/forge_inside.h"

static const struct scheme_family *family_of(const struct forge_work *work)
{
	return &work->forge->config.profile->scheme.families[0];
}

/* What stands between the timestamp and what follows it in the signed bytes. */
static struct hp_view separator_of(const struct scheme_content *content)
{
	for (unsigned i = 0; i + 1 < content->piece_count; i++)
		if (content->pieces[i].slot == SCHEME_TIMESTAMP &&
		    content->pieces[i + 1].slot == SCHEME_CONSTANT)
			return (struct hp_view){content->pieces[i + 1].constant, 1};
	return HP_LITERAL(".");
}

void forge_fill(const struct forge_work *work, const char *text, struct hp_buf *out)
{
	const struct scheme_family *family = family_of(work);
	const struct fill_slot slots[] = {
		{"{signature_header}", hp_view_of(family->signature)},
		{"{timestamp_header}", hp_view_of(family->timestamp)},
		{"{id_header}", hp_view_of(family->id)},
		{"{signature}", hp_buf_view(&work->signature)},
		{"{value}", hp_buf_view(&work->value)},
		{"{right}", hp_buf_view(&work->right)},
		{"{bad}", hp_buf_view(&work->bad)},
		{"{bad_value}", hp_buf_view(&work->bad_value)},
		{"{time}", hp_buf_view(&work->time_part)},
		{"{timestamp}", hp_view_of(work->timestamp)},
		{"{body_signature}", hp_buf_view(&work->body_signature)},
		{"{sha1_signature}", hp_buf_view(&work->sha1_signature)},
		{"{separator}", separator_of(&work->forge->config.profile->scheme.content)},
		{"{target}", hp_view_of(work->forge->config.target)},
	};

	fill_template(hp_view_of(text), slots, sizeof(slots) / sizeof(slots[0]), out);
}

/* ---- lines ---- */

/* Appends "Name: value" and its end. */
static void add_line(struct hp_buf *out, const char *name, struct hp_view value)
{
	if (!*name)
		return;
	hp_buf_add_text(out, name);
	hp_buf_add_text(out, ": ");
	hp_buf_add(out, value);
	hp_buf_add_text(out, "\r\n");
}

static void add_profile_lines(const struct forge_work *work, struct hp_buf *out)
{
	const struct profile *profile = work->forge->config.profile;
	const struct fill_slot slots[] = {
		{"{resource}", hp_view_of(work->names.resource)},
		{"{type}", hp_view_of(work->names.type)},
		{"{key}", hp_view_of(work->names.message_id)},
	};
	struct hp_buf value;

	for (unsigned i = 0; i < profile->header_count; i++) {
		hp_buf_init(&value, FORGE_HEAD_BYTES_MAX);
		fill_template(hp_view_of(profile->headers[i].value), slots, 3, &value);
		add_line(out, profile->headers[i].name, hp_buf_view(&value));
		hp_buf_fini(&value);
	}
}

static void add_scheme_lines(const struct forge_work *work, struct hp_buf *out)
{
	const struct scheme_family *family = family_of(work);

	if (work->signed_lines.bytes) {
		hp_buf_add(out, hp_buf_view(&work->signed_lines));
		return;
	}
	add_line(out, family->id, hp_view_of(work->names.message_id));
	if (!work->order->step->untimed)
		add_line(out, family->timestamp, hp_view_of(work->timestamp));
	add_line(out, family->signature, hp_buf_view(&work->value));
}

static void add_lines(const struct forge_work *work, struct hp_buf *out)
{
	const struct suite_framing *framing = &work->order->step->framing;

	add_line(out, "Host", hp_view_of(work->forge->config.host));
	add_line(out, "Content-Type", HP_LITERAL("application/json"));
	if (framing->chunked)
		add_line(out, "Transfer-Encoding", HP_LITERAL("chunked"));
	else
		hp_buf_add_format(out, "Content-Length: %zu\r\n", work->body.bytes);
	if (framing->expects_continue)
		add_line(out, "Expect", HP_LITERAL("100-continue"));
	add_profile_lines(work, out);
	add_scheme_lines(work, out);
}

/* ---- edits ---- */

/* Takes the next line, its end too, from the front. Empty: there is none. */
static struct hp_view next_line(struct hp_view *rest)
{
	const char *end = rest->bytes ? memchr(rest->at, '\n', rest->bytes) : NULL;
	struct hp_view line = *rest;

	if (end)
		line.bytes = (size_t)(end - rest->at) + 1;
	*rest = (struct hp_view){line.at + line.bytes, rest->bytes - line.bytes};
	return line;
}

static struct hp_view name_of(struct hp_view line)
{
	const char *colon = line.bytes ? memchr(line.at, ':', line.bytes) : NULL;

	return (struct hp_view){line.at, colon ? (size_t)(colon - line.at) : 0};
}

/* Drops the lines of that name. */
static void remove_lines(struct hp_buf *lines, struct hp_view name)
{
	struct hp_view rest = hp_buf_view(lines), line;
	struct hp_buf kept;

	hp_buf_init(&kept, lines->bytes_max);
	while ((line = next_line(&rest)).bytes)
		if (!hp_view_equal_nocase(name_of(line), name))
			hp_buf_add(&kept, line);
	hp_buf_fini(lines);
	*lines = kept;
}

static bool is_of_profile(const struct forge_work *work, struct hp_view name)
{
	const struct profile *profile = work->forge->config.profile;
	const struct scheme_family *family = family_of(work);

	for (unsigned i = 0; i < profile->header_count; i++)
		if (hp_view_equal_nocase(name, hp_view_of(profile->headers[i].name)))
			return true;
	return name.bytes && (hp_view_equal_nocase(name, hp_view_of(family->signature)) ||
			      hp_view_equal_nocase(name, hp_view_of(family->timestamp)) ||
			      hp_view_equal_nocase(name, hp_view_of(family->id)));
}

/* Writes the names of the profile's headers in another case. */
static void change_case(const struct forge_work *work, const char *how, struct hp_buf *lines)
{
	struct hp_view rest = hp_buf_view(lines), line;

	while ((line = next_line(&rest)).bytes) {
		struct hp_view name = name_of(line);
		char *at = lines->at + (line.at - lines->at);

		if (!is_of_profile(work, name))
			continue;
		for (size_t i = 0; i < name.bytes; i++) {
			bool upper = *how == 'u' || (*how == 'm' && i % 2 == 0);

			at[i] = (char)(upper ? toupper((unsigned char)at[i])
					     : tolower((unsigned char)at[i]));
		}
	}
}

static void edit(const struct forge_work *work, const struct suite_edit *edit, struct hp_buf *lines)
{
	struct hp_buf text;

	if (edit->kind == SUITE_CASE) {
		change_case(work, edit->text, lines);
		return;
	}
	hp_buf_init(&text, FORGE_HEAD_BYTES_MAX);
	forge_fill(work, edit->text, &text);
	if (edit->kind == SUITE_REMOVE)
		remove_lines(lines, hp_buf_view(&text));
	if (edit->kind == SUITE_SET)
		remove_lines(lines, name_of(hp_buf_view(&text)));
	for (uint32_t i = 0; edit->kind != SUITE_REMOVE && i < edit->times; i++) {
		hp_buf_add(lines, hp_buf_view(&text));
		hp_buf_add_text(lines, "\r\n");
	}
	hp_buf_fini(&text);
}

/* ---- the whole ---- */

void forge_head(struct forge_work *work, struct hp_buf *out)
{
	const struct suite_step *step = work->order->step;
	struct hp_buf lines;

	hp_buf_init(&lines, FORGE_HEAD_BYTES_MAX);
	add_lines(work, &lines);
	for (uint32_t i = 0; i < step->edit_count; i++)
		edit(work, &step->edits[i], &lines);
	hp_buf_add_text(out, step->method);
	hp_buf_add_text(out, " ");
	forge_fill(work, step->target, out);
	hp_buf_add_text(out, " HTTP/1.1\r\n");
	hp_buf_add(out, hp_buf_view(&lines));
	hp_buf_add_text(out, "\r\n");
	hp_buf_fini(&lines);
}

static void add_chunk(struct hp_buf *out, struct hp_view *rest, size_t bytes)
{
	if (bytes > rest->bytes)
		bytes = rest->bytes;
	if (bytes == 0) /* it would be the last one */
		return;
	hp_buf_add_format(out, "%zx\r\n", bytes);
	hp_buf_add(out, (struct hp_view){rest->at, bytes});
	hp_buf_add_text(out, "\r\n");
	*rest = (struct hp_view){rest->at + bytes, rest->bytes - bytes};
}

void forge_chunks(struct forge_work *work, struct hp_buf *out)
{
	const struct suite_framing *framing = &work->order->step->framing;
	struct hp_view rest = hp_buf_view(&work->body);

	for (uint32_t i = 0; i < framing->chunk_count; i++)
		add_chunk(out, &rest, framing->chunks[i]);
	add_chunk(out, &rest, rest.bytes);
	if (framing->flood_bytes) /* goes on */
		return;
	hp_buf_add_text(out, "0\r\n");
	if (*framing->trailer) {
		forge_fill(work, framing->trailer, out);
		hp_buf_add_text(out, "\r\n");
	}
	hp_buf_add_text(out, "\r\n");
}
