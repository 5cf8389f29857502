#include "base/json_scan.h"

#include <stdio.h>

#include "base/err.h"
#include "base/utf8.h"

enum state { WANT_VALUE, WANT_FIRST_VALUE, WANT_KEY, WANT_FIRST_KEY, WANT_NEXT, WANT_DONE };

/* Bytes that a string may hold as they are and that are a character of their own. */
static const bool is_plain[256] = {
	[0x20 ... '"' - 1] = true,
	['"' + 1 ... '\\' - 1] = true,
	['\\' + 1 ... 0x7F] = true,
};

void hp_json_scan_init(struct hp_json_scan *scan, struct hp_view doc)
{
	*scan = (struct hp_json_scan){.state = WANT_VALUE};
	scan->begin = scan->at = doc.at;
	scan->end = doc.bytes ? doc.at + doc.bytes : doc.at;
}

static int peek(const struct hp_json_scan *scan)
{
	return scan->at < scan->end ? (unsigned char)*scan->at : -1;
}

static bool fail(struct hp_json_scan *scan, const char *wanted)
{
	scan->wanted = wanted;
	return false;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static int hex_digit(int c)
{
	switch (c) {
	case '0' ... '9':
		return c - '0';
	case 'a' ... 'f':
		return c - 'a' + 10;
	case 'A' ... 'F':
		return c - 'A' + 10;
	}
	return -1;
}

static void skip_space(struct hp_json_scan *scan)
{
	while (scan->at < scan->end &&
	       (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\t' || *scan->at == '\r'))
		scan->at++;
}

static bool skip_four_hex(struct hp_json_scan *scan, uint32_t *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(peek(scan));

		if (digit < 0)
			return fail(scan, "a hexadecimal digit");
		*unit = *unit << 4 | (uint32_t)digit;
		scan->at++;
	}
	return true;
}

static bool is_high(uint32_t unit)
{
	return (unit & 0xFC00) == 0xD800;
}

static bool is_low(uint32_t unit)
{
	return (unit & 0xFC00) == 0xDC00;
}

/* From the four digits of \uXXXX on; a pair of surrogates is one escape. */
static bool skip_unicode_escape(struct hp_json_scan *scan)
{
	const char *begin = scan->at;
	uint32_t unit;

	if (!skip_four_hex(scan, &unit))
		return false;
	if (!is_high(unit) && !is_low(unit))
		return true;
	if (is_high(unit) && scan->end - scan->at >= 2 && scan->at[0] == '\\' &&
	    scan->at[1] == 'u') {
		scan->at += 2;
		if (!skip_four_hex(scan, &unit))
			return false;
		if (is_low(unit))
			return true;
	}
	scan->at = begin;
	return fail(scan, "a surrogate only as one of a pair");
}

static bool skip_escape(struct hp_json_scan *scan)
{
	scan->at++;
	switch (peek(scan)) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		scan->at++;
		return true;
	case 'u':
		scan->at++;
		return skip_unicode_escape(scan);
	}
	return fail(scan, "one of \"\\/bfnrtu after a backslash");
}

static bool skip_special(struct hp_json_scan *scan)
{
	size_t bytes;

	if (*scan->at == '\\')
		return skip_escape(scan);
	if ((unsigned char)*scan->at < 0x20)
		return fail(scan, "control characters written as escapes");
	bytes = hp_utf8_bytes((struct hp_view){scan->at, (size_t)(scan->end - scan->at)});
	if (bytes == 0)
		return fail(scan, "UTF-8");
	scan->at += bytes;
	return true;
}

static bool skip_string(struct hp_json_scan *scan)
{
	const char *at = scan->at + 1;
	const char *end = scan->end;

	for (;;) {
		while (at < end && is_plain[(unsigned char)*at])
			at++;
		scan->at = at;
		if (at == end)
			return fail(scan, "a closing '\"'");
		if (*at == '"')
			break;
		if (!skip_special(scan))
			return false;
		at = scan->at;
	}
	scan->at++;
	return true;
}

static bool skip_digits(struct hp_json_scan *scan)
{
	if (!is_digit(peek(scan)))
		return fail(scan, "a digit");
	while (is_digit(peek(scan)))
		scan->at++;
	return true;
}

static bool skip_number(struct hp_json_scan *scan)
{
	if (peek(scan) == '-')
		scan->at++;
	if (peek(scan) == '0') {
		scan->at++;
		if (is_digit(peek(scan)))
			return fail(scan, "a number without a leading zero");
	} else if (!skip_digits(scan)) {
		return false;
	}
	if (peek(scan) == '.') {
		scan->at++;
		if (!skip_digits(scan))
			return false;
	}
	if (peek(scan) != 'e' && peek(scan) != 'E')
		return true;
	scan->at++;
	if (peek(scan) == '+' || peek(scan) == '-')
		scan->at++;
	return skip_digits(scan);
}

static bool skip_word(struct hp_json_scan *scan, const char *word)
{
	size_t bytes = strlen(word);

	if ((size_t)(scan->end - scan->at) < bytes || memcmp(scan->at, word, bytes) != 0)
		return fail(scan, "a value");
	scan->at += bytes;
	return true;
}

static bool skip_scalar(struct hp_json_scan *scan)
{
	switch (peek(scan)) {
	case '"':
		scan->value.kind = HP_JSON_STRING;
		return skip_string(scan);
	case '-':
	case '0' ... '9':
		scan->value.kind = HP_JSON_NUMBER;
		return skip_number(scan);
	case 't':
		scan->value.kind = HP_JSON_TRUE;
		return skip_word(scan, "true");
	case 'f':
		scan->value.kind = HP_JSON_FALSE;
		return skip_word(scan, "false");
	case 'n':
		scan->value.kind = HP_JSON_NULL;
		return skip_word(scan, "null");
	}
	return fail(scan, scan->state == WANT_FIRST_VALUE ? "a value or ']'" : "a value");
}

static bool in_object(const struct hp_json_scan *scan)
{
	return scan->depth > 0 && (scan->objects >> (scan->depth - 1) & 1);
}

static void after_value(struct hp_json_scan *scan)
{
	scan->state = scan->depth ? WANT_NEXT : WANT_DONE;
}

static enum hp_json_token take_scalar(struct hp_json_scan *scan)
{
	const char *begin = scan->at;

	if (!skip_scalar(scan))
		return HP_JSON_BAD;
	scan->value.raw = (struct hp_view){begin, (size_t)(scan->at - begin)};
	after_value(scan);
	return HP_JSON_SCALAR;
}

static enum hp_json_token take_open(struct hp_json_scan *scan)
{
	bool object = *scan->at == '{';
	uint64_t bit;

	if (scan->depth == HP_JSON_DEPTH_MAX) {
		fail(scan, "at most 64 levels of nesting");
		return HP_JSON_BAD;
	}
	bit = UINT64_C(1) << scan->depth++;
	scan->objects = object ? scan->objects | bit : scan->objects & ~bit;
	scan->value.kind = object ? HP_JSON_OBJECT : HP_JSON_ARRAY;
	scan->value.raw = (struct hp_view){scan->at++, 1};
	scan->state = object ? WANT_FIRST_KEY : WANT_FIRST_VALUE;
	return HP_JSON_OPEN;
}

static enum hp_json_token take_close(struct hp_json_scan *scan)
{
	scan->value.kind = in_object(scan) ? HP_JSON_OBJECT : HP_JSON_ARRAY;
	scan->value.raw = (struct hp_view){scan->at++, 1};
	scan->depth--;
	after_value(scan);
	return HP_JSON_CLOSE;
}

static enum hp_json_token take_key(struct hp_json_scan *scan)
{
	const char *begin = scan->at;

	if (peek(scan) != '"') {
		fail(scan, scan->state == WANT_KEY ? "a key" : "a key or '}'");
		return HP_JSON_BAD;
	}
	if (!skip_string(scan))
		return HP_JSON_BAD;
	scan->value.kind = HP_JSON_STRING;
	scan->value.raw = (struct hp_view){begin, (size_t)(scan->at - begin)};
	skip_space(scan);
	if (peek(scan) != ':') {
		fail(scan, "':'");
		return HP_JSON_BAD;
	}
	scan->at++;
	scan->state = WANT_VALUE;
	return HP_JSON_KEY;
}

static enum hp_json_token take_end(struct hp_json_scan *scan)
{
	if (scan->at == scan->end)
		return HP_JSON_DONE;
	fail(scan, "the end");
	return HP_JSON_BAD;
}

/* Between two values of a container: takes the comma. */
static bool take_comma(struct hp_json_scan *scan)
{
	bool object = in_object(scan);

	if (peek(scan) != ',')
		return fail(scan, object ? "',' or '}'" : "',' or ']'");
	scan->at++;
	skip_space(scan);
	scan->state = object ? WANT_KEY : WANT_VALUE;
	return true;
}

static bool may_close(const struct hp_json_scan *scan)
{
	if (scan->state == WANT_FIRST_VALUE || scan->state == WANT_FIRST_KEY ||
	    scan->state == WANT_NEXT)
		return peek(scan) == (in_object(scan) ? '}' : ']');
	return false;
}

enum hp_json_token hp_json_scan_next(struct hp_json_scan *scan)
{
	if (scan->wanted)
		return HP_JSON_BAD;
	skip_space(scan);
	if (may_close(scan))
		return take_close(scan);
	if (scan->state == WANT_DONE)
		return take_end(scan);
	if (scan->state == WANT_NEXT && !take_comma(scan))
		return HP_JSON_BAD;
	if (scan->state == WANT_KEY || scan->state == WANT_FIRST_KEY)
		return take_key(scan);
	if (peek(scan) == '{' || peek(scan) == '[')
		return take_open(scan);
	return take_scalar(scan);
}

static uint32_t read_unit(const char *at)
{
	uint32_t unit = 0;

	for (int i = 0; i < 4; i++)
		unit = unit << 4 | (uint32_t)hex_digit((unsigned char)at[i]);
	return unit;
}

/* From the four digits of \uXXXX on. */
static size_t unicode_char(const char **at, char out[4])
{
	uint32_t unit = read_unit(*at);

	*at += 4;
	if (!is_high(unit))
		return hp_utf8_put(unit, out);
	unit = 0x10000 + ((unit & 0x3FF) << 10 | (read_unit(*at + 2) & 0x3FF));
	*at += 6;
	return hp_utf8_put(unit, out);
}

size_t hp_json_char(const char **at, char out[4])
{
	static const char plain[256] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
					['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};

	if (**at != '\\') {
		out[0] = *(*at)++;
		return 1;
	}
	*at += 2;
	if ((*at)[-1] == 'u')
		return unicode_char(at, out);
	out[0] = plain[(unsigned char)(*at)[-1]];
	return 1;
}

bool hp_json_text(const struct hp_json_value *value, char *out, size_t out_bytes, size_t *bytes)
{
	const char *at = value->raw.at + 1;
	const char *end = value->raw.at + value->raw.bytes - 1;

	*bytes = 0;
	if (value->kind != HP_JSON_STRING)
		return false;
	while (at < end) {
		char one[4];
		size_t count = hp_json_char(&at, one);

		if (*bytes + count <= out_bytes)
			memcpy(out + *bytes, one, count);
		*bytes += count;
	}
	return *bytes <= out_bytes;
}

void hp_json_place(struct hp_view doc, const char *at, unsigned *line, unsigned *column)
{
	const char *line_begin = doc.at;

	*line = 1;
	for (const char *p = doc.at; p < at; p++) {
		if (*p != '\n')
			continue;
		++*line;
		line_begin = p + 1;
	}
	*column = (unsigned)(at - line_begin) + 1;
}

const char *hp_json_found(struct hp_view doc, const char *at, char *out)
{
	unsigned char c;

	if (doc.bytes == 0 || at >= doc.at + doc.bytes)
		return "the end";
	c = (unsigned char)*at;
	if (c >= 0x20 && c < 0x7F)
		snprintf(out, HP_JSON_FOUND_BYTES, "'%c'", c);
	else
		snprintf(out, HP_JSON_FOUND_BYTES, "byte 0x%02X", c);
	return out;
}
