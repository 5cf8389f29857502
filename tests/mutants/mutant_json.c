#include "tests/mutants/mutant_json.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "tests/mutants/mutant_defects.h"

struct reader {
	const char *at, *end;
	unsigned depth_max;
};

static bool read_value(struct reader *r, unsigned depth);

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && *r->at && strchr(" \t\r\n", *r->at))
		r->at++;
}

static bool take(struct reader *r, char want)
{
	skip_blanks(r);
	if (r->at == r->end || *r->at != want)
		return false;
	r->at++;
	return true;
}

static bool read_escape(struct reader *r)
{
	unsigned code;

	if (r->end - r->at > 1 && r->at[1] && strchr("\"\\/bfnrt", r->at[1])) {
		r->at += 2;
		return true;
	}
	if (!json_code((struct view){r->at, (size_t)(r->end - r->at)}, &code))
		return false;
	r->at += 6;
	return true;
}

static bool read_string(struct reader *r)
{
	if (!take(r, '"'))
		return false;
	while (r->at < r->end && *r->at != '"') {
		if ((unsigned char)*r->at < ' ')
			return false;
		if (*r->at != '\\')
			r->at++;
		else if (!read_escape(r))
			return false;
	}
	return take(r, '"');
}

static size_t digits(struct reader *r)
{
	const char *from = r->at;

	while (r->at < r->end && isdigit((unsigned char)*r->at))
		r->at++;
	return (size_t)(r->at - from);
}

static bool read_number(struct reader *r)
{
	r->at += *r->at == '-';
	if (r->at < r->end && *r->at == '0')
		r->at++;
	else if (digits(r) == 0)
		return false;
	if (r->at < r->end && *r->at == '.') {
		r->at++;
		if (digits(r) == 0)
			return false;
	}
	if (r->at == r->end || (*r->at != 'e' && *r->at != 'E'))
		return true;
	r->at++;
	r->at += r->at < r->end && (*r->at == '+' || *r->at == '-');
	return digits(r) != 0;
}

static bool read_word(struct reader *r)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t bytes = strlen(words[i]);

		if ((size_t)(r->end - r->at) >= bytes && memcmp(r->at, words[i], bytes) == 0) {
			r->at += bytes;
			return true;
		}
	}
	return false;
}

/* Behind the opening bracket. */
static bool read_members(struct reader *r, unsigned depth, char close)
{
	if (take(r, close))
		return true;
	do {
		if (close == '}' && (!read_string(r) || !take(r, ':')))
			return false;
		if (!read_value(r, depth))
			return false;
	} while (take(r, ','));
	return take(r, close);
}

static bool read_value(struct reader *r, unsigned depth)
{
	volatile char frame[256] = {0}; /* what a parser keeps of each level of its stack */

	frame[depth % sizeof(frame)] = 1;
	skip_blanks(r);
	if (r->at == r->end || depth > r->depth_max)
		return false;
	if (*r->at == '"')
		return read_string(r);
	if (*r->at == '-' || isdigit((unsigned char)*r->at))
		return read_number(r);
	if (*r->at != '{' && *r->at != '[')
		return read_word(r);
	r->at++;
	return read_members(r, depth + 1, r->at[-1] == '{' ? '}' : ']');
}

bool json_valid(struct view text)
{
	struct reader r = {.at = text.at, .end = text.at + text.bytes, .depth_max = JSON_DEPTH_MAX};

	if (defect_is(DEFECT_RECURSIVE_PARSER))
		r.depth_max = ~0u;
	if (!read_value(&r, 0))
		return false;
	skip_blanks(&r);
	return r.at == r.end;
}

bool json_code(struct view text, unsigned *code)
{
	char hex[5] = {0};

	if (text.bytes < 6 || text.at[0] != '\\' || text.at[1] != 'u')
		return false;
	memcpy(hex, text.at + 2, 4);
	for (unsigned i = 0; i < 4; i++)
		if (!isxdigit((unsigned char)hex[i]))
			return false;
	*code = (unsigned)strtoul(hex, NULL, 16);
	return true;
}

void json_add_code(struct bytes *to, unsigned code)
{
	char utf8[4] = {(char)code};
	size_t bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = bytes - 1; bytes > 1 && i > 0; i--, code >>= 6)
		utf8[i] = (char)(0x80 | (code & 0x3f));
	if (bytes > 1)
		utf8[0] = (char)((0xf00 >> bytes) | code); /* 110…, 1110… and 11110… */
	bytes_add(to, utf8, bytes);
}

static size_t string_span(struct view text)
{
	size_t i = 1;

	while (i < text.bytes && text.at[i] != '"')
		i += text.at[i] == '\\' && i + 1 < text.bytes ? 2 : 1;
	return i < text.bytes ? i + 1 : text.bytes;
}

size_t json_span(struct view text)
{
	size_t i = 0, depth = 0;

	if (text.bytes == 0 || *text.at == '"')
		return text.bytes ? string_span(text) : 0;
	do {
		if (text.at[i] == '"') {
			i += string_span((struct view){text.at + i, text.bytes - i});
			continue;
		}
		depth += text.at[i] == '{' || text.at[i] == '[';
		if (depth == 0 && text.at[i] && strchr(" \t\r\n,:]}", text.at[i]))
			return i ? i : 1;
		depth -= text.at[i] == '}' || text.at[i] == ']';
		i++;
		if (depth == 0 && (text.at[i - 1] == '}' || text.at[i - 1] == ']'))
			return i;
	} while (i < text.bytes);
	return text.bytes;
}

static void decode(struct view string, struct bytes *out)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";

	for (size_t i = 1; i + 1 < string.bytes; i++) {
		struct view rest = {string.at + i, string.bytes - i};
		unsigned code;

		if (*rest.at != '\\') {
			bytes_add(out, rest.at, 1);
		} else if (json_code(rest, &code)) {
			json_add_code(out, code);
			i += 5;
		} else {
			const char *letter = strchr(letters, rest.at[1]);
			bytes_add(out, letter ? meant + (letter - letters) : rest.at + 1, 1);
			i++;
		}
	}
}

struct cursor {
	struct view rest; /* of an object, behind its brace */
	struct view name, value;
};

static void advance(struct view *view, size_t bytes)
{
	view->at += bytes;
	view->bytes -= bytes;
}

/* The next member of an object in valid JSON. */
static bool next_member(struct cursor *c)
{
	struct view *parts[] = {&c->name, &c->value};

	for (unsigned i = 0; i < 2; i++) {
		while (c->rest.bytes != 0 && *c->rest.at && strchr(" \t\r\n,:", *c->rest.at))
			advance(&c->rest, 1);
		if (c->rest.bytes == 0 || *c->rest.at == '}')
			return false;
		*parts[i] = (struct view){c->rest.at, json_span(c->rest)};
		advance(&c->rest, parts[i]->bytes);
	}
	return true;
}

static struct cursor members_of(struct view object)
{
	struct view rest = view_trimmed(object, " \t\r\n");

	if (rest.bytes == 0 || *rest.at != '{')
		return (struct cursor){.rest = {"", 0}};
	advance(&rest, 1);
	return (struct cursor){.rest = rest};
}

/* The member of one name; how often there is one. */
static unsigned find_member(struct view object, struct view name, struct view *value)
{
	unsigned count = 0;

	for (struct cursor c = members_of(object); next_member(&c);) {
		struct bytes text = {.max = 128};

		decode(c.name, &text);
		if (text.bytes == name.bytes &&
		    memcmp(bytes_text(&text), name.at, name.bytes) == 0) {
			*value = c.value; /* the last one counts, where two are allowed */
			count++;
		}
		bytes_free(&text);
	}
	return count;
}

enum json_kind json_find(struct view text, const char *path, struct bytes *out)
{
	struct view value = text;

	while (*path == '/') {
		struct view name = {path + 1, strcspn(path + 1, "/")}, found;
		unsigned count = find_member(value, name, &found);

		if (count == 0)
			return JSON_ABSENT;
		if (count > 1 && !defect_is(DEFECT_LAST_KEY_WINS))
			return JSON_TWICE;
		value = found;
		path = name.at + name.bytes;
	}
	if (value.bytes == 0 || *value.at != '"')
		return JSON_OTHER;
	decode(value, out);
	return JSON_STRING;
}

bool json_is_nested(struct view text)
{
	for (struct cursor c = members_of(text); next_member(&c);)
		if (*c.value.at == '{' || *c.value.at == '[')
			return true;
	return false;
}
