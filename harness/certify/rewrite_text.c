/* Bodies read as text in one way and written in another: escapes, encodings of characters, forms.
 */
#include "base/utf8.h"
#include "certify/normal.h"
#include "certify/rewrite.h"

static bool put(struct hp_buf *out, const char *at, size_t bytes)
{
	return hp_buf_add(out, (struct hp_view){at, bytes});
}

/* A character at the front of a text. */
struct character {
	struct hp_view bytes;
	uint32_t code;
	bool valid; /* UTF-8; else one stray byte, and its value for the code */
};

static struct character take(struct hp_view *rest)
{
	size_t count = hp_utf8_bytes(*rest);
	struct character one = {{rest->at, count ? count : 1}, (unsigned char)rest->at[0], count};

	if (count > 1)
		one.code &= 0x7Fu >> count;
	for (size_t i = 1; i < count; i++)
		one.code = one.code << 6 | ((unsigned char)rest->at[i] & 0x3F);
	rest->at += one.bytes.bytes;
	rest->bytes -= one.bytes.bytes;
	return one;
}

/* Added to each '/', or taken from each '\/'. */
bool rewrite_slash_escaped(struct hp_view body, unsigned form, struct hp_buf *out)
{
	size_t start = out->bytes;

	for (size_t i = 0; i < body.bytes; i++) {
		bool pair = body.at[i] == '\\' && i + 1 < body.bytes;

		if (form == 0 && body.at[i] == '/')
			hp_buf_add_text(out, "\\");
		if (pair && !(form == 1 && body.at[i + 1] == '/'))
			put(out, body.at + i, 1);
		i += pair;
		put(out, body.at + i, 1);
	}
	return out->bytes - start != body.bytes;
}

static void put_unit(uint32_t unit, bool upper, struct hp_buf *out)
{
	hp_buf_add_format(out, upper ? "\\u%04X" : "\\u%04x", unit);
}

/* Hex digits in lower case, in upper case. */
bool rewrite_ascii_escaped(struct hp_view body, unsigned form, struct hp_buf *out)
{
	bool other = false;

	while (body.bytes) {
		struct character one = take(&body);

		if (one.code < 0x80) {
			hp_buf_add(out, one.bytes);
			continue;
		}
		other = true;
		if (one.code >= 0x10000) {
			put_unit(0xD800 + ((one.code - 0x10000) >> 10), form, out);
			one.code = 0xDC00 + (one.code & 0x3FF);
		}
		put_unit(one.code, form, out);
	}
	return other;
}

static int hex_value(char digit)
{
	switch (digit) {
	case '0' ... '9':
		return digit - '0';
	case 'a' ... 'f':
		return digit - 'a' + 10;
	case 'A' ... 'F':
		return digit - 'A' + 10;
	}
	return -1;
}

/* The unit of the \uXXXX that the text begins with, or -1. */
static int32_t unit_at(struct hp_view text)
{
	int32_t unit = 0;

	if (text.bytes < 6 || text.at[0] != '\\' || text.at[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		if (hex_value(text.at[i]) < 0)
			return -1;
		unit = unit << 4 | hex_value(text.at[i]);
	}
	return unit;
}

/* Writes the character that the escape at the front stands for; returns the bytes it took, or 0:
 * half a pair, or no such escape. */
static size_t put_unescaped(struct hp_view text, struct hp_buf *out)
{
	struct hp_view behind = {text.at + 6, text.bytes >= 6 ? text.bytes - 6 : 0};
	int32_t unit = unit_at(text), low;
	char bytes[HP_UTF8_BYTES_MAX];
	size_t taken = 6;

	if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
		return 0;
	if (unit >= 0xD800 && unit <= 0xDBFF) {
		low = unit_at(behind);
		if (low < 0xDC00 || low > 0xDFFF)
			return 0;
		unit = 0x10000 + ((unit & 0x3FF) << 10 | (low & 0x3FF));
		taken = 12;
	}
	put(out, bytes, hp_utf8_put((uint32_t)unit, bytes));
	return taken;
}

/* The character of a short escape; quote and backslash only where `all`. 0: left as it is. */
static char short_escape(char letter, bool all)
{
	static const char from[] = "/bfnrt\"\\", into[] = "/\b\f\n\r\t\"\\";
	const char *at = letter ? strchr(from, letter) : NULL;

	if (!at || (!all && at - from >= 6))
		return 0;
	return into[at - from];
}

/* \uXXXX alone; the short ones too, but \" and \\; all of them. */
bool rewrite_unescaped(struct hp_view body, unsigned form, struct hp_buf *out)
{
	size_t start = out->bytes, all = body.bytes;

	while (body.bytes) {
		size_t taken = put_unescaped(body, out);
		bool pair = *body.at == '\\' && body.bytes > 1;
		char byte = !taken && pair && form ? short_escape(body.at[1], form == 2) : 0;

		if (byte)
			put(out, &byte, 1);
		else if (!taken)
			put(out, body.at, pair ? 2 : 1);
		taken = taken ? taken : pair ? 2 : 1;
		body.at += taken;
		body.bytes -= taken;
	}
	return out->bytes - start != all;
}

/* PHP's htmlspecialchars, Python's html.escape, without single quotes, & < > alone. */
bool rewrite_html_escaped(struct hp_view body, unsigned form, struct hp_buf *out)
{
	static const char *const single[] = {"&#039;", "&#x27;", NULL, NULL};
	size_t start = out->bytes;

	for (size_t i = 0; i < body.bytes; i++) {
		const char *text = NULL;

		switch (body.at[i]) {
		case '&':
			text = "&amp;";
			break;
		case '<':
			text = "&lt;";
			break;
		case '>':
			text = "&gt;";
			break;
		case '"':
			text = form == 3 ? NULL : "&quot;";
			break;
		case '\'':
			text = single[form];
		}
		if (text)
			hp_buf_add_text(out, text);
		else
			put(out, body.at + i, 1);
	}
	return out->bytes - start != body.bytes;
}

bool rewrite_latin1(struct hp_view body, unsigned form, struct hp_buf *out)
{
	bool other = false;

	(void)form;
	for (size_t i = 0; i < body.bytes; i++) {
		char bytes[HP_UTF8_BYTES_MAX];

		other = other || (unsigned char)body.at[i] >= 0x80;
		put(out, bytes, hp_utf8_put((unsigned char)body.at[i], bytes));
	}
	return other;
}

/* Dropped; "?" for each character; "?" for each UTF-16 unit. */
bool rewrite_ascii(struct hp_view body, unsigned form, struct hp_buf *out)
{
	bool other = false;

	while (body.bytes) {
		struct character one = take(&body);

		if (one.code < 0x80) {
			hp_buf_add(out, one.bytes);
			continue;
		}
		other = true;
		if (form)
			hp_buf_add_text(out, form == 2 && one.code >= 0x10000 ? "??" : "?");
	}
	return other;
}

static void put_utf16(uint32_t unit, bool big, struct hp_buf *out)
{
	const char bytes[] = {(char)unit, (char)(unit >> 8), (char)unit};

	put(out, big ? bytes + 1 : bytes, 2);
}

/* Little-endian, big-endian; each with a byte order mark. */
bool rewrite_utf16(struct hp_view body, unsigned form, struct hp_buf *out)
{
	bool big = form & 1;

	if (form >= 2)
		put_utf16(0xFEFF, big, out);
	while (body.bytes) {
		struct character one = take(&body);

		if (one.code >= 0x10000) {
			put_utf16(0xD800 + ((one.code - 0x10000) >> 10), big, out);
			one.code = 0xDC00 + (one.code & 0x3FF);
		}
		put_utf16(one.code, big, out);
	}
	return true;
}

/* The range of a second byte in UTF-8 (RFC 3629 4), for what the first byte allows. */
static bool may_follow(unsigned char first, unsigned char second)
{
	unsigned char min = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
	unsigned char max = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;

	return second >= min && second <= max;
}

/* Bytes of the longest beginning of a character, where none is whole: at least 1 (Unicode 3.9, the
 * practice of maximal subparts, which decoders on the web follow). */
static size_t subpart(struct hp_view text)
{
	unsigned char first = (unsigned char)text.at[0];
	size_t wanted = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1, count = 1;

	if (first < 0xC2 || first > 0xF4 || text.bytes < 2 ||
	    !may_follow(first, (unsigned char)text.at[1]))
		return 1;
	for (count = 2; count < wanted && count < text.bytes; count++) {
		if (((unsigned char)text.at[count] & 0xC0) != 0x80)
			break;
	}
	return count > wanted ? wanted : count;
}

/* One U+FFFD for each maximal subpart; for each byte. */
bool rewrite_ufffd(struct hp_view body, unsigned form, struct hp_buf *out)
{
	bool replaced = false;

	while (body.bytes) {
		size_t count = hp_utf8_bytes(body);

		if (count) {
			put(out, body.at, count);
		} else {
			replaced = true;
			count = form ? 1 : subpart(body);
			hp_buf_add_text(out, "\xEF\xBF\xBD");
		}
		body.at += count;
		body.bytes -= count;
	}
	return replaced;
}

/* NFC, NFD. */
bool rewrite_normalised(struct hp_view body, unsigned form, struct hp_buf *out)
{
	return normal_write(body, form ? NORMAL_NFD : NORMAL_NFC, out);
}

static bool is_unreserved(char byte, bool uri)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= 'a' && byte <= 'z') || (byte && strchr(uri ? "-_.!~*'()" : "-_.*", byte));
}

/* encodeURIComponent; a form's field (WHATWG URL 5.2); each behind "payload=". */
bool rewrite_form_encoded(struct hp_view body, unsigned form, struct hp_buf *out)
{
	bool uri = !(form & 1);

	if (form >= 2)
		hp_buf_add_text(out, "payload=");
	for (size_t i = 0; i < body.bytes; i++) {
		if (is_unreserved(body.at[i], uri))
			put(out, body.at + i, 1);
		else if (!uri && body.at[i] == ' ')
			hp_buf_add_text(out, "+");
		else
			hp_buf_add_format(out, "%%%02X", (unsigned char)body.at[i]);
	}
	return true;
}

static void put_decoded(struct hp_view text, bool plus, struct hp_buf *out)
{
	for (size_t i = 0; i < text.bytes; i++) {
		char byte = text.at[i];
		bool escape = byte == '%' && i + 2 < text.bytes && hex_value(text.at[i + 1]) >= 0 &&
			      hex_value(text.at[i + 2]) >= 0;

		if (escape)
			byte = (char)(hex_value(text.at[i + 1]) << 4 | hex_value(text.at[i + 2]));
		else if (plus && byte == '+')
			byte = ' ';
		i += escape ? 2 : 0;
		put(out, &byte, 1);
	}
}

/* Escapes alone; "+" too; the field "payload" alone. */
bool rewrite_form_decoded(struct hp_view body, unsigned form, struct hp_buf *out)
{
	static const char field[] = "payload=";
	const size_t bytes = sizeof(field) - 1;
	const char *end;

	if (form < 2) {
		put_decoded(body, form, out);
		return !hp_view_equal(hp_buf_view(out), body);
	}
	if (body.bytes < bytes || memcmp(body.at, field, bytes) != 0)
		return false;
	body = (struct hp_view){body.at + bytes, body.bytes - bytes};
	end = body.bytes ? memchr(body.at, '&', body.bytes) : NULL;
	if (end)
		body.bytes = (size_t)(end - body.at);
	put_decoded(body, true, out);
	return true;
}
