/* Asking a document: paths, complaints, typed reading. */
#include <stdio.h>

#include "base/json.h"
#include "base/nearest.h"

enum { SHOWN_BYTES = 40 }; /* of a key or a scalar in a message */

static const char *const kind_words[] = {
	[HP_JSON_NULL] = "null",          [HP_JSON_FALSE] = "true or false",
	[HP_JSON_TRUE] = "true or false", [HP_JSON_NUMBER] = "a number",
	[HP_JSON_STRING] = "a string",    [HP_JSON_ARRAY] = "an array",
	[HP_JSON_OBJECT] = "an object",
};

/* The beginning of text that a terminal can bear. Returns out. */
static const char *show(struct hp_view text, char out[SHOWN_BYTES + 4])
{
	size_t shown = text.bytes < SHOWN_BYTES ? text.bytes : SHOWN_BYTES;

	for (size_t i = 0; i < shown; i++)
		out[i] = text.at[i] >= 0x20 && text.at[i] < 0x7F ? text.at[i] : '?';
	memcpy(out + shown, shown < text.bytes ? "..." : "", shown < text.bytes ? 4 : 1);
	return out;
}

static bool is_plain_key(struct hp_view key)
{
	for (size_t i = 0; i < key.bytes; i++)
		if (key.at[i] == '.' || key.at[i] == '[' || key.at[i] == ' ')
			return false;
	return key.bytes > 0;
}

/* Writes one step of a path at out + used. Returns what is used then: less than the room. */
static size_t add_step(const struct hp_json_node *node, char *out, size_t used)
{
	struct hp_view key = hp_json_key(node);
	size_t room = HP_JSON_PATH_BYTES - used;
	char shown[SHOWN_BYTES + 4];
	int bytes;

	if (!key.at)
		bytes = snprintf(out + used, room, "[%zu]", hp_json_index(node));
	else if (is_plain_key(key))
		bytes = snprintf(out + used, room, "%s%s", used ? "." : "", show(key, shown));
	else
		bytes = snprintf(out + used, room, "[\"%s\"]", show(key, shown));
	used += (size_t)bytes;
	return used < HP_JSON_PATH_BYTES ? used : HP_JSON_PATH_BYTES - 1;
}

const char *hp_json_path(const struct hp_json_node *node, char *out)
{
	const struct hp_json_node *way[HP_JSON_DEPTH_MAX + 1];
	size_t steps = 0, used = 0;

	for (; hp_json_parent(node); node = hp_json_parent(node))
		way[steps++] = node;
	snprintf(out, HP_JSON_PATH_BYTES, "document");
	while (steps > 0)
		used = add_step(way[--steps], out, used);
	return out;
}

int hp_json_fail(const struct hp_json_node *node, struct hp_err *err, const char *format, ...)
{
	char path[HP_JSON_PATH_BYTES], text[HP_ERR_MSG_BYTES - HP_JSON_PATH_BYTES - 2];
	struct hp_place place;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7F)
			*c = '?'; /* the document's own bytes may be in it */
	hp_json_node_place(node, &place);
	return hp_err_at(err, &place, "%s: %s", hp_json_path(node, path), text);
}

int hp_json_want(const struct hp_json_node *node, const char *wanted, struct hp_err *err)
{
	enum hp_json_kind kind = hp_json_kind(node);
	char shown[SHOWN_BYTES + 4];

	if (kind == HP_JSON_ARRAY || kind == HP_JSON_OBJECT)
		return hp_json_fail(node, err, "want %s, found %s", wanted, kind_words[kind]);
	return hp_json_fail(node, err, "want %s, found %s", wanted, show(hp_json_raw(node), shown));
}

const struct hp_json_node *hp_json_need(const struct hp_json_node *object, const char *key,
					struct hp_err *err)
{
	const struct hp_json_node *member;

	if (hp_json_expect(object, HP_JSON_OBJECT, err) < 0)
		return NULL;
	member = hp_json_member(object, key);
	if (!member)
		hp_json_fail(object, err, "missing key \"%s\"", key);
	return member;
}

int hp_json_expect(const struct hp_json_node *node, enum hp_json_kind kind, struct hp_err *err)
{
	if (hp_json_kind(node) == kind)
		return 0;
	return hp_json_want(node, kind_words[kind], err);
}

int hp_json_read_bool(const struct hp_json_node *node, bool *out, struct hp_err *err)
{
	enum hp_json_kind kind = hp_json_kind(node);

	if (kind != HP_JSON_TRUE && kind != HP_JSON_FALSE)
		return hp_json_want(node, kind_words[HP_JSON_TRUE], err);
	*out = kind == HP_JSON_TRUE;
	return 0;
}

int hp_json_read_text(const struct hp_json_node *node, struct hp_view *out, struct hp_err *err)
{
	struct hp_view text;

	if (hp_json_expect(node, HP_JSON_STRING, err) < 0)
		return -1;
	text = hp_json_string(node);
	if (memchr(text.at, '\0', text.bytes))
		return hp_json_fail(node, err, "want a string without \\u0000");
	*out = text;
	return 0;
}

/* Digits, and nothing else. False beyond UINT64_MAX. */
static bool read_digits(struct hp_view digits, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < digits.bytes; i++)
		if (digits.at[i] < '0' || digits.at[i] > '9' ||
		    __builtin_mul_overflow(*out, 10, out) ||
		    __builtin_add_overflow(*out, (uint64_t)(digits.at[i] - '0'), out))
			return false;
	return digits.bytes > 0;
}

int hp_json_read_u64(const struct hp_json_node *node, struct hp_json_range range, uint64_t *out,
		     struct hp_err *err)
{
	char wanted[80];
	uint64_t number;

	assert(range.min <= range.max && range.max <= HP_JSON_INTEGER_MAX);
	if (hp_json_kind(node) == HP_JSON_NUMBER && read_digits(hp_json_raw(node), &number) &&
	    number >= range.min && number <= range.max) {
		*out = number;
		return 0;
	}
	snprintf(wanted, sizeof(wanted), "a whole number from %llu to %llu",
		 (unsigned long long)range.min, (unsigned long long)range.max);
	return hp_json_want(node, wanted, err);
}

/* "-12.5" as -12500000. False for an exponent, more than six decimals, or beyond 1e15. */
static bool read_decimal(struct hp_view raw, int64_t *micro)
{
	bool negative = raw.bytes > 0 && raw.at[0] == '-';
	struct hp_view whole = {raw.at + negative, raw.bytes - negative};
	const char *dot = memchr(whole.at, '.', whole.bytes);
	uint64_t number, decimals = 0;
	size_t count = 0;

	if (dot) {
		count = (size_t)(whole.at + whole.bytes - dot) - 1;
		whole.bytes = (size_t)(dot - whole.at);
		if (count > 6 || !read_digits((struct hp_view){dot + 1, count}, &decimals))
			return false;
	}
	if (!read_digits(whole, &number) || number > UINT64_C(1000000000))
		return false;
	for (; count < 6; count++)
		decimals *= 10;
	*micro = (int64_t)(number * HP_JSON_MICRO + decimals);
	if (negative)
		*micro = -*micro;
	return true;
}

/* Writes millionths as a decimal without trailing zeros. Returns out. */
static const char *micro_text(int64_t micro, char out[32])
{
	uint64_t size = micro < 0 ? 0 - (uint64_t)micro : (uint64_t)micro;
	size_t bytes = (size_t)snprintf(out, 32, "%s%llu.%06llu", micro < 0 ? "-" : "",
					(unsigned long long)(size / HP_JSON_MICRO),
					(unsigned long long)(size % HP_JSON_MICRO));

	while (out[bytes - 1] == '0')
		out[--bytes] = '\0';
	if (out[bytes - 1] == '.')
		out[bytes - 1] = '\0';
	return out;
}

int hp_json_read_micro(const struct hp_json_node *node, struct hp_json_micro_range range,
		       int64_t *out, struct hp_err *err)
{
	char wanted[128], min[32], max[32];
	int64_t micro;

	if (hp_json_kind(node) == HP_JSON_NUMBER && read_decimal(hp_json_raw(node), &micro) &&
	    micro >= range.min && micro <= range.max) {
		*out = micro;
		return 0;
	}
	snprintf(wanted, sizeof(wanted), "a number from %s to %s with at most six decimals",
		 micro_text(range.min, min), micro_text(range.max, max));
	return hp_json_want(node, wanted, err);
}

/* "one of a, b, c", for lists that a message can hold. Returns out. */
static const char *list_words(const char *const words[], char *out, size_t out_bytes)
{
	size_t used = (size_t)snprintf(out, out_bytes, "one of ");

	for (size_t i = 0; words[i] && used < out_bytes; i++)
		used += (size_t)snprintf(out + used, out_bytes - used, "%s%s", i ? ", " : "",
					 words[i]);
	return out;
}

int hp_json_read_word(const struct hp_json_node *node, const char *const words[], size_t *index,
		      struct hp_err *err)
{
	char wanted[200], shown[SHOWN_BYTES + 4];
	const char *nearest;
	struct hp_view text;

	list_words(words, wanted, sizeof(wanted));
	if (hp_json_kind(node) != HP_JSON_STRING)
		return hp_json_want(node, wanted, err);
	text = hp_json_string(node);
	for (size_t i = 0; words[i]; i++) {
		if (!hp_view_equal(text, hp_view_of(words[i])))
			continue;
		*index = i;
		return 0;
	}
	nearest = hp_nearest(text, words);
	if (!nearest)
		return hp_json_want(node, wanted, err);
	return hp_json_fail(node, err, "want %s, found \"%s\": did you mean \"%s\"?", wanted,
			    show(text, shown), nearest);
}
