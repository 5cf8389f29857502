/* Strict JSON: scanner, pointer, document and writer against each other, and against cJSON, which
 * is laxer: whatever we accept it must accept too, and then agree on every string and kind. */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/json_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

enum { BYTES_MAX = 1024 * 1024 };

static bool scan_accepts(struct hp_view text)
{
	struct hp_json_scan scan;
	enum hp_json_token token;
	const char *last = text.at;

	hp_json_scan_init(&scan, text);
	do {
		token = hp_json_scan_next(&scan);
		assert(scan.at >= last && scan.at <= text.at + text.bytes);
		assert(scan.depth <= HP_JSON_DEPTH_MAX);
		last = scan.at;
	} while (token != HP_JSON_DONE && token != HP_JSON_BAD);
	assert((token == HP_JSON_BAD) == (scan.wanted != NULL));
	return token == HP_JSON_DONE;
}

static bool same_kind(const struct hp_json_node *node, const cJSON *other)
{
	switch (hp_json_kind(node)) {
	case HP_JSON_NULL:
		return cJSON_IsNull(other);
	case HP_JSON_FALSE:
		return cJSON_IsFalse(other);
	case HP_JSON_TRUE:
		return cJSON_IsTrue(other);
	case HP_JSON_NUMBER:
		return cJSON_IsNumber(other);
	case HP_JSON_STRING:
		return cJSON_IsString(other);
	case HP_JSON_ARRAY:
		return cJSON_IsArray(other);
	case HP_JSON_OBJECT:
		return cJSON_IsObject(other);
	}
	return false;
}

static void compare(const struct hp_json_node *node, const cJSON *other)
{
	const struct hp_json_node *child;
	const cJSON *their = other->child;

	assert(same_kind(node, other));
	if (hp_json_kind(node) == HP_JSON_STRING)
		assert(strcmp(hp_json_string(node).at, other->valuestring) == 0);
	if (hp_json_kind(node) != HP_JSON_ARRAY && hp_json_kind(node) != HP_JSON_OBJECT)
		return;
	for (child = hp_json_first(node); child; child = hp_json_next(child), their = their->next) {
		assert(their);
		if (hp_json_key(child).at)
			assert(strcmp(hp_json_key(child).at, their->string) == 0);
		compare(child, their);
	}
	assert(!their);
}

/* cJSON ends texts at NUL escapes and reads numbers in 64 bytes: those are beyond the oracle. */
static bool is_beyond_oracle(struct hp_view text)
{
	size_t digits = 0;

	if (memmem(text.at, text.bytes, "\\u0000", 6))
		return true;
	for (size_t i = 0; i < text.bytes; i++) {
		digits = strchr("0123456789+-.eE", text.at[i]) ? digits + 1 : 0;
		if (digits > 60)
			return true;
	}
	return false;
}

static void check_against_oracle(const struct hp_json *doc, struct hp_view text)
{
	cJSON *other;

	if (is_beyond_oracle(text))
		return;
	other = cJSON_ParseWithLength(text.at, text.bytes);
	assert(other);
	compare(hp_json_root(doc), other);
	cJSON_Delete(other);
}

static void write_node(struct hp_json_writer *writer, const struct hp_json_node *node)
{
	const struct hp_json_node *child;

	if (hp_json_kind(node) == HP_JSON_STRING) {
		hp_json_write_string(writer, hp_json_string(node));
		return;
	}
	if (hp_json_kind(node) != HP_JSON_ARRAY && hp_json_kind(node) != HP_JSON_OBJECT) {
		hp_json_write_raw(writer, hp_json_raw(node));
		return;
	}
	if (hp_json_kind(node) == HP_JSON_ARRAY)
		hp_json_write_array(writer);
	else
		hp_json_write_object(writer);
	for (child = hp_json_first(node); child; child = hp_json_next(child)) {
		if (hp_json_key(child).at)
			hp_json_write_key(writer, hp_json_key(child).at);
		write_node(writer, child);
	}
	hp_json_write_end(writer);
}

/* What is written parses, and is written the same again. Keys are C strings in the writer: those
 * that hold a NUL may collide, so they are left out. */
static void check_round_trip(const struct hp_json *doc, struct hp_view text)
{
	struct hp_buf first, second;
	struct hp_json_writer writer;
	struct hp_json *again;
	struct hp_err err;

	if (memmem(text.at, text.bytes, "\\u0000", 6))
		return;
	hp_buf_init(&first, 8 * BYTES_MAX);
	hp_buf_init(&second, 8 * BYTES_MAX);
	hp_json_write_init(&writer, &first, 0);
	write_node(&writer, hp_json_root(doc));
	again = hp_json_parse("again", hp_buf_view(&first), first.bytes_max, &err);
	assert(again);
	hp_json_write_init(&writer, &second, 0);
	write_node(&writer, hp_json_root(again));
	assert(hp_view_equal(hp_buf_view(&first), hp_buf_view(&second)));
	hp_json_free(again);
	hp_buf_fini(&first);
	hp_buf_fini(&second);
}

static void check_find(struct hp_view text, bool accepted)
{
	static const char *const pointers[] = {"", "/id", "/data/id", "/0", "/a~1b/0/c", "//"};

	for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
		struct hp_json_value value;
		enum hp_json_answer answer = hp_json_find(text, pointers[i], &value);

		if (answer == HP_JSON_INVALID)
			continue;
		assert(accepted);
		if (answer == HP_JSON_FOUND) {
			assert(value.raw.at >= text.at);
			assert(value.raw.at + value.raw.bytes <= text.at + text.bytes);
			assert(scan_accepts(value.raw));
		}
	}
}

/* Any bytes at all become a string that parses. */
static void check_string(struct hp_view bytes)
{
	struct hp_json_writer writer;
	struct hp_buf out;

	hp_buf_init(&out, 8 * BYTES_MAX);
	hp_json_write_init(&writer, &out, 0);
	hp_json_write_string(&writer, bytes);
	assert(scan_accepts(hp_buf_view(&out)));
	hp_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	char *copy = malloc(count ? count : 1);
	struct hp_view text = {copy, count};
	struct hp_json *doc;
	struct hp_err err = {.at.line = 0};
	bool accepted;

	if (count)
		memcpy(copy, bytes, count);
	accepted = scan_accepts(text);
	check_find(text, accepted);
	check_string(text);
	doc = hp_json_parse("fuzz", text, BYTES_MAX, &err);
	assert(doc || err.at.line > 0 || count > BYTES_MAX);
	assert(accepted || !doc);
	if (doc) {
		check_against_oracle(doc, text);
		check_round_trip(doc, text);
	}
	hp_json_free(doc);
	free(copy);
	return 0;
}
