/* Random bytes through the escapes of reports/escape.h: what comes out is well-formed XML, drives
 * no terminal, and a full buffer cuts it between characters. */
#include "reports/escape.h"

#include "base/err.h"
#include "base/utf8.h"

enum { ROOM_BYTES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static bool begins(struct hp_view text, const char *with)
{
	size_t bytes = strlen(with);

	return text.bytes >= bytes && memcmp(text.at, with, bytes) == 0;
}

/* Bytes of what text begins with: a known reference, or one character that may stand in XML 1.0
 * content and in a quoted value alike. 0 for anything else. */
static size_t unit_bytes(struct hp_view text)
{
	static const char *const references[] = {"&amp;",  "&lt;", "&gt;",  "&quot;",
						 "&apos;", "&#9;", "&#10;", "&#13;"};
	unsigned char first = (unsigned char)*text.at;

	for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++)
		if (begins(text, references[i]))
			return strlen(references[i]);
	if (strchr("&<>\"'", first) || (first < 0x20 && first != '\t' && first != '\n'))
		return 0;
	if (begins(text, "\xef\xbf\xbe") || begins(text, "\xef\xbf\xbf"))
		return 0;
	return hp_utf8_bytes(text);
}

static void check_units(struct hp_view text)
{
	while (text.bytes) {
		size_t bytes = unit_bytes(text);

		assert(bytes > 0);
		text = (struct hp_view){text.at + bytes, text.bytes - bytes};
	}
}

/* Escapes into a buffer that holds everything and into one that does not: the second is the
 * beginning of the first. */
static void check_xml(struct hp_view text, enum escape_place place)
{
	struct hp_buf whole, cut;

	hp_buf_init(&whole, text.bytes * 8 + 1);
	hp_buf_init(&cut, ROOM_BYTES);
	escape_xml(&whole, text, place);
	escape_xml(&cut, text, place);
	assert(!whole.cut && cut.bytes <= ROOM_BYTES);
	assert(cut.cut == (whole.bytes > ROOM_BYTES));
	assert(cut.bytes == 0 || memcmp(cut.at, whole.at, cut.bytes) == 0);
	check_units(hp_buf_view(&whole));
	check_units(hp_buf_view(&cut));
	if (place == ESCAPE_XML_ATTRIBUTE)
		assert(!whole.bytes || !memchr(whole.at, '\n', whole.bytes));
	hp_buf_fini(&whole);
	hp_buf_fini(&cut);
}

static void check_terminal(struct hp_view text, bool utf8)
{
	struct hp_buf out;

	hp_buf_init(&out, text.bytes * 4 + 1);
	escape_terminal(&out, text, utf8);
	assert(!out.cut);
	for (size_t i = 0; i < out.bytes; i++) {
		unsigned char byte = (unsigned char)out.at[i];

		assert(byte >= 0x20 && byte != 0x7f && (utf8 || byte < 0x80));
		assert(byte != 0xc2 || (unsigned char)out.at[i + 1] >= 0xa0); /* no C1 controls */
	}
	hp_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct hp_view text = {(const char *)data, bytes};

	check_xml(text, ESCAPE_XML_CONTENT);
	check_xml(text, ESCAPE_XML_ATTRIBUTE);
	check_terminal(text, true);
	check_terminal(text, false);
	return 0;
}
