/* The published and computed answers of tests/vectors/signatures.json against the shipped
 * profiles. The file is read once, before Check forks. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "scenarios/profile_document.h"
#include "tests/lib/guard.h"
#include "wire/scheme.h"

enum { VECTOR_COUNT = 318, VALID_COUNT = 114, HEADERS_MAX = 8, BYTES_MAX = 1024 * 1024 };

static struct hp_json *document;

static struct vector {
	const struct hp_json_node *node;
	struct profile profile;
	struct scheme_key *key;
	char *body; /* a guard copy */
	struct scheme_message message;
	bool valid, verify_only;
} f;

static void read_document(void)
{
	struct hp_err err;

	document = hp_json_read("tests/vectors/signatures.json", BYTES_MAX, &err);
	if (!document)
		fprintf(stderr, "%s\n", err.msg);
}

static void free_document(void)
{
	hp_json_free(document);
}

/* A text member of the vector, or an empty view. */
static struct hp_view text_of(const struct hp_json_node *object, const char *name)
{
	const struct hp_json_node *node = hp_json_member(object, name);

	return node ? hp_json_string(node) : (struct hp_view){"", 0};
}

static void set(const char *key, struct hp_view value)
{
	char assignment[512];
	struct hp_err err;

	snprintf(assignment, sizeof(assignment), "scheme.%s=%.*s", key, (int)value.bytes, value.at);
	ck_assert_msg(profile_set(&f.profile, assignment, &err) == 0, "%s: %s", assignment,
		      err.msg);
}

static void set_tolerance(const struct hp_json_node *node)
{
	char span[32];

	snprintf(span, sizeof(span), "%.*ss", (int)hp_json_raw(node).bytes, hp_json_raw(node).at);
	set("tolerance_past", hp_view_of(span));
	set("tolerance_future", hp_view_of(span));
}

static void load_profile(const char *name)
{
	char path[128];
	struct hp_buf text;
	struct hp_err err;

	if (strcmp(name, "custom") == 0) {
		profile_init(&f.profile);
		return;
	}
	snprintf(path, sizeof(path), "scenarios/profiles/%s.json", name);
	hp_buf_init(&text, PROFILE_DOCUMENT_BYTES_MAX);
	ck_assert_msg(hp_json_slurp(path, &text, &err) == 0, "%s", err.msg);
	ck_assert_msg(profile_load(&f.profile, hp_buf_view(&text), path, &err) == 0, "%u: %s",
		      err.at.line, err.msg);
	hp_buf_fini(&text);
}

static void apply_set(const struct hp_json_node *changes)
{
	const struct hp_json_node *node = changes ? hp_json_first(changes) : NULL;

	for (; node; node = hp_json_next(node)) {
		if (hp_view_equal(hp_json_key(node), HP_LITERAL("tolerance_s")))
			set_tolerance(node);
		else
			set(hp_json_key(node).at, hp_json_string(node));
	}
}

static void load_body(struct hp_view hex)
{
	uint8_t *bytes = malloc(hex.bytes / 2 + 1);
	ssize_t count = encoding_read(ENCODING_HEX, hex, bytes, hex.bytes / 2);

	ck_assert_int_ge(count, 0);
	f.body = guard_copy(bytes, (size_t)count);
	f.message.body = (struct hp_view){f.body, (size_t)count};
	free(bytes);
}

static void load_vector(int index)
{
	const struct hp_json_node *only;
	struct hp_err err;

	ck_assert_ptr_nonnull(document);
	f.node = hp_json_first(hp_json_root(document));
	for (int i = 0; i < index; i++)
		f.node = hp_json_next(f.node);
	load_profile(text_of(f.node, "profile").at);
	set("key_format", text_of(f.node, "key_format"));
	apply_set(hp_json_member(f.node, "set"));
	f.key = scheme_key_new(&f.profile.scheme, text_of(f.node, "secret"), &err);
	ck_assert_msg(f.key != NULL, "%s: %s", text_of(f.node, "id").at, err.msg);
	load_body(text_of(f.node, "body_hex"));
	f.message.url = text_of(f.node, "url");
	f.message.id = text_of(f.node, "message_id");
	f.message.timestamp = text_of(f.node, "timestamp");
	f.valid = hp_view_equal(text_of(f.node, "verdict"), HP_LITERAL("valid"));
	only = hp_json_member(f.node, "verify_only");
	f.verify_only = only && hp_json_kind(only) == HP_JSON_TRUE;
}

static void free_vector(void)
{
	scheme_key_free(f.key);
	guard_free(f.body);
}

/* Goal: each vector gets the verdict that it states, from the profile as it is shipped. */
START_TEST(test_verdict)
{
	struct http1_header headers[HEADERS_MAX];
	struct scheme_received received = {.headers = headers};
	const struct scheme_key *keys[1];
	const struct hp_json_node *line;
	enum scheme_verdict verdict;

	load_vector(_i);
	keys[0] = f.key;
	line = hp_json_first(hp_json_member(f.node, "headers"));
	for (; line; line = hp_json_next(line))
		ck_assert(scheme_split_line(hp_json_string(line),
					    &headers[received.header_count++]));
	received.body = f.message.body;
	received.url = f.message.url;
	if (hp_json_member(f.node, "at"))
		received.at_s = strtoull(hp_json_raw(hp_json_member(f.node, "at")).at, NULL, 10);
	verdict = scheme_verify(&f.profile.scheme, (struct scheme_keys){keys, 1}, &received);
	ck_assert_msg((verdict == SCHEME_VALID) == f.valid, "%s: %s", text_of(f.node, "id").at,
		      scheme_verdict_word(verdict));
	free_vector();
}
END_TEST

/* Goal: signing prints the header lines of each valid vector byte for byte, in whatever order. */
START_TEST(test_signing)
{
	const struct hp_json_node *line;
	const struct scheme_key *keys[1];
	char out[SCHEME_LINES_BYTES_MAX];
	size_t bytes, expected = 0;

	load_vector(_i);
	keys[0] = f.key;
	if (!f.valid || f.verify_only) {
		free_vector();
		return;
	}
	bytes = scheme_sign(&f.profile.scheme, (struct scheme_keys){keys, 1}, &f.message, out,
			    sizeof(out));
	line = hp_json_first(hp_json_member(f.node, "headers"));
	for (; line; line = hp_json_next(line)) {
		char wanted[1024];
		size_t wanted_bytes = (size_t)snprintf(wanted, sizeof(wanted), "%s\r\n",
						       hp_json_string(line).at);

		ck_assert_msg(memmem(out, bytes, wanted, wanted_bytes) != NULL, "%s: %.*s",
			      text_of(f.node, "id").at, (int)bytes, out);
		expected += wanted_bytes;
	}
	ck_assert_uint_eq(bytes, expected);
	free_vector();
}
END_TEST

/* Goal: the file is the one that the loops are written for; a vector that is lost is seen. */
START_TEST(test_counts)
{
	const struct hp_json_node *node;
	int valid = 0;

	ck_assert_ptr_nonnull(document);
	ck_assert_uint_eq(hp_json_count(hp_json_root(document)), VECTOR_COUNT);
	node = hp_json_first(hp_json_root(document));
	for (; node; node = hp_json_next(node))
		valid += hp_view_equal(text_of(node, "verdict"), HP_LITERAL("valid"));
	ck_assert_int_eq(valid, VALID_COUNT);
}
END_TEST

/* Goal: the answers that svix publishes for bodies of up to 1 MiB, which are not in the file. */
START_TEST(test_large_bodies)
{
	static const struct {
		size_t bytes;
		const char *signature;
	} answers[] = {
		{262143, "v1,NTItnqyWMoFhk2Bbe5V/BMdcFRWgcSQaTgqLHX7FC7c="},
		{262144, "v1,Mw4Pe2WgApuT7NSqnSq0PQPV9gbLdggCl9B865x5Xh0="},
		{1048576, "v1,txpEUxqWZJ5nteTnymUVa+7C4NHpBeXJ6CsBAW0c3/A="},
	};
	char out[SCHEME_LINES_BYTES_MAX], *body = malloc(answers[_i].bytes);
	const struct scheme_key *keys[1];
	size_t bytes;

	for (int i = 0; !f.node || !hp_view_equal(text_of(f.node, "id"),
						  HP_LITERAL("svix-reference")); i++) {
		if (f.node)
			free_vector();
		load_vector(i);
	}
	keys[0] = f.key;
	f.message.body = (struct hp_view){memset(body, 'a', answers[_i].bytes), answers[_i].bytes};
	bytes = scheme_sign(&f.profile.scheme, (struct scheme_keys){keys, 1}, &f.message, out,
			    sizeof(out));
	ck_assert_ptr_nonnull(memmem(out, bytes, answers[_i].signature,
				     strlen(answers[_i].signature)));
	free(body);
	free_vector();
}
END_TEST

Suite *suite_vectors(void);

Suite *suite_vectors(void)
{
	Suite *suite = suite_create("vectors");
	TCase *tcase = tcase_create("vectors");

	tcase_add_unchecked_fixture(tcase, read_document, free_document);
	tcase_add_test(tcase, test_counts);
	tcase_add_loop_test(tcase, test_verdict, 0, VECTOR_COUNT);
	tcase_add_loop_test(tcase, test_signing, 0, VECTOR_COUNT);
	tcase_add_loop_test(tcase, test_large_bodies, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}
