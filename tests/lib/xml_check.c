#include "tests/lib/xml_check.h"

#include <stdint.h>
#include <stdio.h>

#include "base/utf8.h"

enum { DEPTH_MAX = 16 };

struct walk {
	struct hp_view rest;
	struct hp_view open[DEPTH_MAX];
	unsigned depth, roots;
};

static bool starts(struct hp_view text, const char *with)
{
	size_t bytes = strlen(with);

	return text.bytes >= bytes && memcmp(text.at, with, bytes) == 0;
}

static struct hp_view skip(struct hp_view text, size_t bytes)
{
	return (struct hp_view){text.at + bytes, text.bytes - bytes};
}

static size_t reference_bytes(struct hp_view text)
{
	static const char *const known[] = {"&amp;",  "&lt;", "&gt;",  "&quot;",
					    "&apos;", "&#9;", "&#10;", "&#13;"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (starts(text, known[i]))
			return strlen(known[i]);
	return 0;
}

/* Bytes of one legal character; 0 for another one (XML 1.0 2.2). */
static size_t legal_bytes(struct hp_view text)
{
	size_t bytes = hp_utf8_bytes(text);
	unsigned char first = (unsigned char)*text.at;

	if (bytes == 1 && first < 0x20 && first != '\t' && first != '\n' && first != '\r')
		return 0;
	if (starts(text, "\xef\xbf\xbe") || starts(text, "\xef\xbf\xbf"))
		return 0;
	return bytes;
}

bool xml_check_text(struct hp_view text)
{
	while (text.bytes) {
		size_t bytes = *text.at == '&' ? reference_bytes(text) : legal_bytes(text);

		if (bytes == 0 || *text.at == '<' || *text.at == '>' || *text.at == '"')
			return false;
		text = skip(text, bytes);
	}
	return true;
}

/* The bytes before the first of `stops`; all when there is none. */
static struct hp_view until(struct hp_view text, const char *stops)
{
	size_t bytes = 0;

	while (bytes < text.bytes && !strchr(stops, text.at[bytes]))
		bytes++;
	return (struct hp_view){text.at, bytes};
}

/* ` name="value"`, moved over. */
static bool take_attribute(struct walk *walk)
{
	struct hp_view name, value;

	if (!starts(walk->rest, " "))
		return false;
	name = until(skip(walk->rest, 1), "= <>/\"");
	walk->rest = skip(walk->rest, 1 + name.bytes);
	if (name.bytes == 0 || !starts(walk->rest, "=\""))
		return false;
	value = until(skip(walk->rest, 2), "\"");
	walk->rest = skip(walk->rest, 2 + value.bytes);
	if (!starts(walk->rest, "\""))
		return false;
	walk->rest = skip(walk->rest, 1);
	return xml_check_text(value) && !memchr(value.at, '\n', value.bytes);
}

static bool take_close(struct walk *walk)
{
	struct hp_view name = until(skip(walk->rest, 2), ">");

	if (walk->depth == 0 || !hp_view_equal(walk->open[walk->depth - 1], name) ||
	    walk->rest.bytes == name.bytes + 2)
		return false;
	walk->depth--;
	walk->rest = skip(walk->rest, name.bytes + 3);
	return true;
}

static bool take_open(struct walk *walk)
{
	struct hp_view name = until(skip(walk->rest, 1), " />");

	walk->roots += walk->depth == 0;
	walk->rest = skip(walk->rest, 1 + name.bytes);
	while (starts(walk->rest, " "))
		if (!take_attribute(walk))
			return false;
	if (starts(walk->rest, "/>")) {
		walk->rest = skip(walk->rest, 2);
		return name.bytes > 0;
	}
	if (name.bytes == 0 || walk->depth == DEPTH_MAX || !starts(walk->rest, ">"))
		return false;
	walk->open[walk->depth++] = name;
	walk->rest = skip(walk->rest, 1);
	return true;
}

static bool take_text(struct walk *walk)
{
	struct hp_view text = until(walk->rest, "<");

	walk->rest = skip(walk->rest, text.bytes);
	if (walk->depth == 0)
		return hp_view_trim(text).bytes == 0 || hp_view_equal(text, HP_LITERAL("\n"));
	return xml_check_text(text);
}

bool xml_check_document(struct hp_view document)
{
	static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
	struct walk walk = {.rest = document};
	bool good = starts(document, head);

	if (good)
		walk.rest = skip(document, strlen(head));
	while (good && walk.rest.bytes) {
		if (*walk.rest.at != '<')
			good = take_text(&walk);
		else
			good = starts(walk.rest, "</") ? take_close(&walk) : take_open(&walk);
	}
	return good && walk.depth == 0 && walk.roots == 1;
}
