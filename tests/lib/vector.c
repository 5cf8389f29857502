#include "tests/lib/vector.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "scenarios/profile_document.h"
#include "tests/lib/guard.h"

enum { BYTES_MAX = 1024 * 1024 };

static struct hp_json *document;

void vector_open(void)
{
	struct hp_err err;

	document = hp_json_read("tests/vectors/signatures.json", BYTES_MAX, &err);
	if (!document)
		fprintf(stderr, "%s\n", err.msg);
}

void vector_close(void)
{
	hp_json_free(document);
	document = NULL;
}

const struct hp_json_node *vector_root(void)
{
	return document ? hp_json_root(document) : NULL;
}

struct hp_view vector_text(const struct vector *vector, const char *name)
{
	const struct hp_json_node *node = hp_json_member(vector->node, name);

	return node ? hp_json_string(node) : (struct hp_view){"", 0};
}

void vector_profile(struct profile *profile, const char *name)
{
	char path[128];
	struct hp_buf text;
	struct hp_err err;

	snprintf(path, sizeof(path), "scenarios/profiles/%s.json", name);
	hp_buf_init(&text, PROFILE_DOCUMENT_BYTES_MAX);
	ck_assert_msg(hp_json_slurp(path, &text, &err) == 0, "%s", err.msg);
	ck_assert_msg(profile_load(profile, hp_buf_view(&text), path, &err) == 0, "%u: %s",
		      err.at.line, err.msg);
	hp_buf_fini(&text);
}

static void set(struct vector *vector, const char *key, struct hp_view value)
{
	char assignment[512];
	struct hp_err err;

	snprintf(assignment, sizeof(assignment), "scheme.%s=%.*s", key, (int)value.bytes, value.at);
	ck_assert_msg(profile_set(&vector->profile, assignment, &err) == 0, "%s: %s", assignment,
		      err.msg);
}

static void set_tolerance(struct vector *vector, const struct hp_json_node *node)
{
	char span[32];

	snprintf(span, sizeof(span), "%.*ss", (int)hp_json_raw(node).bytes, hp_json_raw(node).at);
	set(vector, "tolerance_past", hp_view_of(span));
	set(vector, "tolerance_future", hp_view_of(span));
}

static void load_profile(struct vector *vector)
{
	const struct hp_json_node *changes = hp_json_member(vector->node, "set");
	struct hp_view name = vector_text(vector, "profile");

	if (hp_view_equal(name, HP_LITERAL("custom")))
		profile_init(&vector->profile);
	else
		vector_profile(&vector->profile, name.at);
	set(vector, "key_format", vector_text(vector, "key_format"));
	for (changes = changes ? hp_json_first(changes) : NULL; changes;
	     changes = hp_json_next(changes)) {
		if (hp_view_equal(hp_json_key(changes), HP_LITERAL("tolerance_s")))
			set_tolerance(vector, changes);
		else
			set(vector, hp_json_key(changes).at, hp_json_string(changes));
	}
}

static void load_body(struct vector *vector)
{
	struct hp_view hex = vector_text(vector, "body_hex");
	uint8_t *bytes = malloc(hex.bytes / 2 + 1);
	ssize_t count = encoding_read(ENCODING_HEX, hex, bytes, hex.bytes / 2);

	ck_assert_int_ge(count, 0);
	vector->body = guard_copy(bytes, (size_t)count);
	vector->message.body = (struct hp_view){vector->body, (size_t)count};
	free(bytes);
}

static void load_headers(struct vector *vector)
{
	const struct hp_json_node *line = hp_json_first(hp_json_member(vector->node, "headers"));

	for (; line; line = hp_json_next(line)) {
		ck_assert_uint_lt(vector->header_count, VECTOR_HEADERS_MAX);
		ck_assert(scheme_split_line(hp_json_string(line),
					    &vector->headers[vector->header_count++]));
	}
}

void vector_load(struct vector *vector, int index)
{
	const struct hp_json_node *node;

	ck_assert_ptr_nonnull(document);
	memset(vector, 0, sizeof(*vector));
	vector->node = hp_json_first(hp_json_root(document));
	for (int i = 0; i < index; i++)
		vector->node = hp_json_next(vector->node);
	vector->id = vector_text(vector, "id").at;
	vector->secret = vector_text(vector, "secret");
	load_profile(vector);
	load_body(vector);
	load_headers(vector);
	vector->message.url = vector_text(vector, "url");
	vector->message.id = vector_text(vector, "message_id");
	vector->message.timestamp = vector_text(vector, "timestamp");
	vector->valid = hp_view_equal(vector_text(vector, "verdict"), HP_LITERAL("valid"));
	node = hp_json_member(vector->node, "verify_only");
	vector->verify_only = node && hp_json_kind(node) == HP_JSON_TRUE;
	node = hp_json_member(vector->node, "at");
	vector->at_s = node ? strtoull(hp_json_raw(node).at, NULL, 10) : 0;
}

void vector_free(struct vector *vector)
{
	guard_free(vector->body);
	vector->body = NULL;
}
