#include "reports/escape.h"

#include <stdint.h>

#include "base/utf8.h"

struct range {
	uint32_t first, last;
};

/* XML 1.0 2.2 Char, without the control characters that are legal and unreadable. */
static const struct range xml_shown[] = {
	{0x09, 0x0a},   {0x0d, 0x0d},     {0x20, 0x7e},
	{0xa0, 0xd7ff}, {0xe000, 0xfffd}, {0x10000, 0x10ffff},
};

/* What a terminal prints and leaves where it is: no controls, nothing without a width of its own,
 * no marks of direction (Unicode 9.0, UAX 9 2), no line separators. */
static const struct range terminal_shown[] = {
	{0x20, 0x7e},     {0xa0, 0xac},     {0xae, 0x2ff},    {0x370, 0x61b},     {0x61d, 0x180d},
	{0x180f, 0x200a}, {0x2010, 0x2027}, {0x202f, 0x205f}, {0x2070, 0xd7ff},   {0xf900, 0xfdff},
	{0xfe10, 0xfefe}, {0xff00, 0xffef}, {0xfffd, 0xfffd}, {0x10000, 0x1ffff},
};

static bool in_ranges(uint32_t code, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

#define IN(code, ranges) in_ranges(code, ranges, sizeof(ranges) / sizeof((ranges)[0]))

/* The code point of a well-formed sequence. */
static uint32_t code_point(struct hp_view c)
{
	static const uint8_t lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t code = (uint8_t)c.at[0] & lead[c.bytes];

	for (size_t i = 1; i < c.bytes; i++)
		code = code << 6 | ((uint8_t)c.at[i] & 0x3f);
	return code;
}

/* The next character; *valid is false for one byte that begins none. text is not empty. */
static struct hp_view next_character(struct hp_view text, bool *valid)
{
	size_t bytes = hp_utf8_bytes(text);

	*valid = bytes > 0;
	return (struct hp_view){text.at, bytes ? bytes : 1};
}

static struct hp_view after(struct hp_view text, size_t bytes)
{
	return (struct hp_view){text.at + bytes, text.bytes - bytes};
}

/* Each byte as \x1b: four columns that nobody mistakes for text. */
static void add_bytes_shown(struct hp_buf *out, struct hp_view bytes)
{
	static const char hex[] = "0123456789abcdef";
	char shown[4 * HP_UTF8_BYTES_MAX];

	for (size_t i = 0; i < bytes.bytes; i++) {
		uint8_t byte = (uint8_t)bytes.at[i];

		memcpy(shown + 4 * i, (char[]){'\\', 'x', hex[byte >> 4], hex[byte & 15]}, 4);
	}
	hp_buf_add(out, (struct hp_view){shown, 4 * bytes.bytes});
}

/* The entity of a character that markup reserves, or that an attribute's normalisation (XML 1.0
 * 3.3.3) would turn into a space; NULL: it stands as it is. */
static const char *xml_entity(uint32_t code, enum escape_place place)
{
	bool attribute = place == ESCAPE_XML_ATTRIBUTE;

	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&apos;";
	case '\r':
		return "&#13;";
	case '\t':
		return attribute ? "&#9;" : NULL;
	case '\n':
		return attribute ? "&#10;" : NULL;
	default:
		return NULL;
	}
}

static void add_xml(struct hp_buf *out, struct hp_view c, enum escape_place place)
{
	uint32_t code = code_point(c);
	const char *entity = xml_entity(code, place);

	if (entity)
		hp_buf_add_text(out, entity);
	else if (IN(code, xml_shown))
		hp_buf_add(out, c);
	else if (code >= 0x7f && code <= 0x9f)
		hp_buf_add_format(out, "\\u%04x", code);
	else
		add_bytes_shown(out, c);
}

void escape_xml(struct hp_buf *out, struct hp_view text, enum escape_place place)
{
	bool valid;

	while (text.bytes && !out->cut) {
		struct hp_view c = next_character(text, &valid);

		text = after(text, c.bytes);
		if (!valid)
			add_bytes_shown(out, c);
		else if (*c.at != '\r' || place == ESCAPE_XML_ATTRIBUTE || !text.bytes ||
			 *text.at != '\n')
			add_xml(out, c, place); /* in content the CR of a CR LF goes */
	}
}

void escape_terminal(struct hp_buf *out, struct hp_view text, bool utf8)
{
	bool valid;

	while (text.bytes && !out->cut) {
		struct hp_view c = next_character(text, &valid);

		text = after(text, c.bytes);
		if (valid && (utf8 || c.bytes == 1) && IN(code_point(c), terminal_shown))
			hp_buf_add(out, c);
		else
			add_bytes_shown(out, c);
	}
}
