#include "base/json_write.h"

#include <inttypes.h>

#include "base/err.h"
#include "base/utf8.h"

enum { DECIMALS_MAX = 9 };

void hp_json_write_init(struct hp_json_writer *writer, struct hp_buf *out, unsigned indent)
{
	*writer = (struct hp_json_writer){.out = out, .indent = indent};
}

static uint64_t level_bit(const struct hp_json_writer *writer)
{
	assert(writer->depth > 0);
	return UINT64_C(1) << (writer->depth - 1);
}

static void new_line(struct hp_json_writer *writer)
{
	if (writer->indent == 0)
		return;
	hp_buf_add(writer->out, HP_LITERAL("\n"));
	for (unsigned i = 0; i < writer->depth * writer->indent; i++)
		hp_buf_add(writer->out, HP_LITERAL(" "));
}

/* What stands before the next key or item of the innermost container. */
static void separate(struct hp_json_writer *writer)
{
	uint64_t bit = level_bit(writer);

	if (writer->filled & bit)
		hp_buf_add(writer->out, HP_LITERAL(","));
	writer->filled |= bit;
	new_line(writer);
}

static void before_value(struct hp_json_writer *writer)
{
	if (writer->keyed) {
		writer->keyed = false;
		return;
	}
	if (writer->depth == 0)
		return;
	assert(!(writer->objects & level_bit(writer)));
	separate(writer);
}

static void open_container(struct hp_json_writer *writer, bool object)
{
	uint64_t bit;

	before_value(writer);
	assert(writer->depth < HP_JSON_DEPTH_MAX);
	writer->depth++;
	bit = level_bit(writer);
	writer->filled &= ~bit;
	writer->objects = object ? writer->objects | bit : writer->objects & ~bit;
	hp_buf_add_text(writer->out, object ? "{" : "[");
}

void hp_json_write_object(struct hp_json_writer *writer)
{
	open_container(writer, true);
}

void hp_json_write_array(struct hp_json_writer *writer)
{
	open_container(writer, false);
}

void hp_json_write_end(struct hp_json_writer *writer)
{
	uint64_t bit = level_bit(writer);

	assert(!writer->keyed);
	writer->depth--;
	if (writer->filled & bit)
		new_line(writer);
	hp_buf_add_text(writer->out, writer->objects & bit ? "}" : "]");
}

/* Escapes that have a letter (RFC 8259 7); the other control characters are \u00XX. */
static const char *short_escape(unsigned char c)
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\b':
		return "\\b";
	case '\f':
		return "\\f";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	}
	return NULL;
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static void add_ascii_escape(struct hp_buf *out, unsigned char c)
{
	const char *letter = short_escape(c);

	if (letter)
		hp_buf_add_text(out, letter);
	else
		hp_buf_add_format(out, "\\u%04x", c);
}

/* Line separators end a line in old JavaScript: U+2028 and U+2029. */
static bool is_separator(const char *at, size_t bytes)
{
	return bytes == 3 && memcmp(at, "\xE2\x80", 2) == 0 && (at[2] == '\xA8' || at[2] == '\xA9');
}

/* One character that is not plain. Returns its bytes. */
static size_t add_special(struct hp_buf *out, struct hp_view rest)
{
	size_t bytes = hp_utf8_bytes(rest);

	if (bytes == 0) {
		hp_buf_add_text(out, "\\ufffd");
		return 1;
	}
	if (bytes == 1)
		add_ascii_escape(out, (unsigned char)rest.at[0]);
	else if (is_separator(rest.at, bytes))
		hp_buf_add_text(out, rest.at[2] == '\xA8' ? "\\u2028" : "\\u2029");
	else
		hp_buf_add(out, (struct hp_view){rest.at, bytes});
	return bytes;
}

static void add_string(struct hp_buf *out, struct hp_view text)
{
	size_t at = 0;

	hp_buf_add(out, HP_LITERAL("\""));
	while (at < text.bytes) {
		size_t begin = at;

		while (at < text.bytes && is_plain((unsigned char)text.at[at]))
			at++;
		if (at > begin)
			hp_buf_add(out, (struct hp_view){text.at + begin, at - begin});
		if (at < text.bytes)
			at += add_special(out, (struct hp_view){text.at + at, text.bytes - at});
	}
	hp_buf_add(out, HP_LITERAL("\""));
}

void hp_json_write_key(struct hp_json_writer *writer, const char *key)
{
	assert(!writer->keyed && (writer->objects & level_bit(writer)));
	separate(writer);
	add_string(writer->out, hp_view_of(key));
	hp_buf_add_text(writer->out, writer->indent ? ": " : ":");
	writer->keyed = true;
}

void hp_json_write_string(struct hp_json_writer *writer, struct hp_view bytes)
{
	before_value(writer);
	add_string(writer->out, bytes);
}

void hp_json_write_text(struct hp_json_writer *writer, const char *text)
{
	if (text)
		hp_json_write_string(writer, hp_view_of(text));
	else
		hp_json_write_null(writer);
}

void hp_json_write_bool(struct hp_json_writer *writer, bool value)
{
	hp_json_write_raw(writer, value ? HP_LITERAL("true") : HP_LITERAL("false"));
}

void hp_json_write_null(struct hp_json_writer *writer)
{
	hp_json_write_raw(writer, HP_LITERAL("null"));
}

void hp_json_write_u64(struct hp_json_writer *writer, uint64_t value)
{
	before_value(writer);
	hp_buf_add_format(writer->out, "%" PRIu64, value);
}

void hp_json_write_i64(struct hp_json_writer *writer, int64_t value)
{
	before_value(writer);
	hp_buf_add_format(writer->out, "%" PRId64, value);
}

void hp_json_write_u64_string(struct hp_json_writer *writer, uint64_t value)
{
	before_value(writer);
	hp_buf_add_format(writer->out, "\"%" PRIu64 "\"", value);
}

void hp_json_write_fixed(struct hp_json_writer *writer, int64_t value, unsigned decimals)
{
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint64_t one = 1;

	assert(decimals <= DECIMALS_MAX);
	for (unsigned i = 0; i < decimals; i++)
		one *= 10;
	before_value(writer);
	hp_buf_add_format(writer->out, "%s%" PRIu64, value < 0 ? "-" : "", size / one);
	if (decimals > 0)
		hp_buf_add_format(writer->out, ".%0*" PRIu64, (int)decimals, size % one);
}

void hp_json_write_raw(struct hp_json_writer *writer, struct hp_view json)
{
	before_value(writer);
	hp_buf_add(writer->out, json);
}
