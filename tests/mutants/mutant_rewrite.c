#include "tests/mutants/mutant_rewrite.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/mutants/mutant_defects.h"
#include "tests/mutants/mutant_json.h"

enum { MEMBERS_MAX = 64 }; /* of one object that is put in another order; more are dropped */

/* How a printer treats the three kinds of token that printers differ in. */
struct printer {
	void (*space)(struct view token, struct bytes *out);
	void (*string)(struct view token, struct bytes *out);
	void (*number)(struct view token, struct bytes *out);
};

static void as_is(struct view token, struct bytes *out)
{
	bytes_add_view(out, token);
}

static void dropped(struct view token, struct bytes *out)
{
	(void)token;
	(void)out;
}

static size_t span_of(struct view rest, const char *of)
{
	size_t i = 0;

	while (i < rest.bytes && rest.at[i] && strchr(of, rest.at[i]))
		i++;
	return i;
}

static void print(struct view body, const struct printer *printer, struct bytes *out)
{
	for (size_t i = 0, bytes; i < body.bytes; i += bytes) {
		struct view rest = {body.at + i, body.bytes - i};
		void (*how)(struct view, struct bytes *) = as_is;

		if ((bytes = span_of(rest, " \t\r\n")) != 0) {
			how = printer->space;
		} else if ((bytes = span_of(rest, "+-.0123456789eE")) != 0 && *rest.at != 'e') {
			how = printer->number;
		} else if (*rest.at == '"') {
			bytes = json_span(rest);
			how = printer->string;
		} else {
			bytes = 1;
		}
		how((struct view){rest.at, bytes}, out);
	}
}

/* The shortest digits that give the same double, as JavaScript prints it. */
static void as_double(struct view token, struct bytes *out)
{
	char text[64] = {0}, shortest[64];
	double value;

	memcpy(text, token.at, token.bytes < sizeof(text) ? token.bytes : sizeof(text) - 1);
	value = strtod(text, NULL);
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(shortest, sizeof(shortest), "%.*g", digits, value);
		if (strtod(shortest, NULL) >= value && strtod(shortest, NULL) <= value)
			break;
	}
	if (strchr(shortest, 'e') && value < 1e21 && value > -1e21)
		snprintf(shortest, sizeof(shortest), "%.0f", value);
	bytes_add_text(out, value >= 0 && value <= 0 ? "0" : shortest);
}

/* Adds the \u escape at rest as a printer that keeps characters would; false when it keeps the
 * escape. *bytes is what was read: 6, or 12 for a pair. */
static bool print_character(struct view rest, unsigned code, size_t *bytes, struct bytes *out)
{
	unsigned low;

	*bytes = 6;
	if (code >= 0xd800 && code < 0xdc00 &&
	    json_code((struct view){rest.at + 6, rest.bytes - 6}, &low) && low >= 0xdc00 &&
	    low < 0xe000) {
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		*bytes = 12;
	} else if (code < ' ' || code == '"' || code == '\\' || (code >= 0xd800 && code < 0xe000)) {
		return false;
	}
	json_add_code(out, code);
	return true;
}

/* Calls each escape of a string; other bytes are copied. */
static void print_string(struct view token, struct bytes *out, bool characters, bool spelling)
{
	for (size_t i = 0, bytes; i < token.bytes; i += bytes) {
		struct view rest = {token.at + i, token.bytes - i};
		char lower[8];
		unsigned code;

		bytes = *rest.at == '\\' && rest.bytes > 1 ? 2 : 1;
		if (spelling && bytes == 2 && rest.at[1] == '/') {
			bytes_add_text(out, "/");
		} else if (!json_code(rest, &code)) {
			bytes_add(out, rest.at, bytes);
		} else if (characters && print_character(rest, code, &bytes, out)) {
			continue;
		} else {
			bytes = 6;
			snprintf(lower, sizeof(lower), "\\u%04x", code & 0xffff);
			bytes_add(out, spelling ? lower : rest.at, bytes);
		}
	}
}

static void as_node(struct view token, struct bytes *out)
{
	print_string(token, out, true, true);
}

static void as_characters(struct view token, struct bytes *out)
{
	print_string(token, out, true, false);
}

static void as_spelled(struct view token, struct bytes *out)
{
	print_string(token, out, false, true);
}

static void reserialise(struct view body, struct bytes *out)
{
	static const struct printer node = {dropped, as_node, as_double};

	print(body, &node, out);
}

static void unescape(struct view body, struct bytes *out)
{
	static const struct printer spelled = {as_is, as_spelled, as_is};

	print(body, &spelled, out);
}

static void print_escapes(struct view body, struct bytes *out)
{
	static const struct printer characters = {as_is, as_characters, as_is};

	print(body, &characters, out);
}

static void print_doubles(struct view body, struct bytes *out)
{
	static const struct printer doubles = {as_is, as_is, as_double};

	print(body, &doubles, out);
}

void rewrite_compact(struct view body, struct bytes *out)
{
	static const struct printer compact = {dropped, as_is, as_is};

	print(body, &compact, out);
}

static void trim(struct view body, struct bytes *out)
{
	bytes_add_view(out, view_trimmed(body, " \t\r\n"));
}

static void join_lines(struct view body, struct bytes *out)
{
	for (size_t i = 0; i < body.bytes; i++)
		if (body.at[i] != '\r' || i + 1 == body.bytes || body.at[i + 1] != '\n')
			bytes_add(out, body.at + i, 1);
}

static void decode_ascii(struct view body, struct bytes *out)
{
	for (size_t i = 0; i < body.bytes; i++)
		bytes_add(out, body.at[i] & 0x80 ? "?" : body.at + i, 1);
}

static void decode_latin1(struct view body, struct bytes *out)
{
	for (size_t i = 0; i < body.bytes; i++)
		json_add_code(out, (unsigned char)body.at[i]);
}

static void strip_bom(struct view body, struct bytes *out)
{
	size_t mark = body.bytes > 2 && memcmp(body.at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	bytes_add(out, body.at + mark, body.bytes - mark);
}

/* How many bytes of valid UTF-8 begin here; 0 for none. */
static size_t character_bytes(struct view rest)
{
	unsigned char first = (unsigned char)*rest.at;
	size_t bytes = first < 0x80 ? 1
		       : first >= 0xc2 && first < 0xe0 ? 2
		       : first >= 0xe0 && first < 0xf0 ? 3
		       : first >= 0xf0 && first < 0xf5 ? 4 : 0;

	if (bytes > rest.bytes)
		return 0;
	for (size_t i = 1; i < bytes; i++)
		if ((rest.at[i] & 0xc0) != 0x80)
			return 0;
	return bytes;
}

void rewrite_utf8(struct view body, struct bytes *out)
{
	for (size_t i = 0, bytes; i < body.bytes; i += bytes ? bytes : 1) {
		struct view rest = {body.at + i, body.bytes - i};

		bytes = character_bytes(rest);
		bytes_add(out, bytes ? rest.at : "\xef\xbf\xbd", bytes ? bytes : 3);
	}
}

struct member {
	struct view name, value;
	long order; /* the integer that the name is, or more than any */
};

static long order_of(struct view name)
{
	char *end, text[16] = {0};
	long order;

	if (name.bytes < 3 || name.bytes > sizeof(text) || !isdigit((unsigned char)name.at[1]))
		return 1L << 40;
	memcpy(text, name.at + 1, name.bytes - 2);
	order = strtol(text, &end, 10);
	return *end || (text[0] == '0' && text[1]) ? 1L << 40 : order;
}

/* Cuts compact text of an object into its members, in the order in which JavaScript keeps them. */
static size_t members_in_order(struct view object, struct member *members)
{
	struct view rest = {object.at + 1, object.bytes - 1};
	size_t count = 0, place;

	while (count < MEMBERS_MAX && rest.bytes > 1 && *rest.at == '"') {
		size_t name = json_span(rest);
		struct view value = {rest.at + name + 1, rest.bytes - name - 1};
		struct member new = {.name = {rest.at, name},
				     .value = {value.at, json_span(value)}};

		new.order = order_of(new.name);
		for (place = count++; place > 0 && members[place - 1].order > new.order; place--)
			members[place] = members[place - 1];
		members[place] = new;
		rest = (struct view){value.at + new.value.bytes, value.bytes - new.value.bytes};
		if (rest.bytes != 0 && *rest.at == ',')
			rest = (struct view){rest.at + 1, rest.bytes - 1};
	}
	return count;
}

static void print_in_order(struct view value, unsigned depth, struct bytes *out)
{
	struct member members[MEMBERS_MAX];
	size_t count;

	if (value.bytes == 0 || *value.at != '{' || depth > 8) {
		bytes_add_view(out, value);
		return;
	}
	count = members_in_order(value, members);
	bytes_add_text(out, "{");
	for (size_t i = 0; i < count; i++) {
		bytes_add_text(out, i ? "," : "");
		bytes_add_view(out, members[i].name);
		bytes_add_text(out, ":");
		print_in_order(members[i].value, depth + 1, out);
	}
	bytes_add_text(out, "}");
}

/* White space is kept unless a member moves, so that this is the one thing that is wrong. */
static void sort_keys(struct view body, struct bytes *out)
{
	struct bytes compact = {.max = out->max}, ordered = {.max = out->max};

	rewrite_compact(body, &compact);
	print_in_order(bytes_view(&compact), 0, &ordered);
	if (ordered.bytes == compact.bytes &&
	    memcmp(bytes_text(&ordered), bytes_text(&compact), compact.bytes) != 0)
		bytes_add_view(out, bytes_view(&ordered));
	else
		bytes_add_view(out, body);
	bytes_free(&compact);
	bytes_free(&ordered);
}

static const struct {
	enum defect defect;
	void (*rewrite)(struct view body, struct bytes *out);
} rewrites[] = {
	{DEFECT_VERIFIES_RESERIALISED, reserialise},
	{DEFECT_TRIMS_BODY, trim},
	{DEFECT_READS_LINES, join_lines},
	{DEFECT_UNESCAPES, unescape},
	{DEFECT_PRINTS_ESCAPES, print_escapes},
	{DEFECT_ASCII_BODY, decode_ascii},
	{DEFECT_LATIN1_BODY, decode_latin1},
	{DEFECT_DOUBLES, print_doubles},
	{DEFECT_SORTS_KEYS, sort_keys},
	{DEFECT_UTF8_REPAIR, rewrite_utf8},
	{DEFECT_STRIPS_BOM, strip_bom},
};

void rewrite_body(struct view body, struct bytes *out)
{
	for (size_t i = 0; i < sizeof(rewrites) / sizeof(*rewrites); i++)
		if (defect_is(rewrites[i].defect)) {
			rewrites[i].rewrite(body, out);
			return;
		}
	bytes_add_view(out, body);
}
