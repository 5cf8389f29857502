/* The published and computed answers of tests/vectors/signatures.json against the shipped
 * profiles. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/vector.h"
#include "wire/scheme.h"

enum { VALID_COUNT = 114 };

static struct fixture {
	struct vector vector;
	struct scheme_key *key;
} f;

static void load_vector(int index)
{
	struct hp_err err;

	vector_load(&f.vector, index);
	f.key = scheme_key_new(&f.vector.profile.scheme, f.vector.secret, &err);
	ck_assert_msg(f.key != NULL, "%s: %s", f.vector.id, err.msg);
}

static void free_vector(void)
{
	scheme_key_free(f.key);
	vector_free(&f.vector);
}

/* Goal: each vector gets the verdict that it states, from the profile as it is shipped. */
START_TEST(test_verdict)
{
	const struct scheme_key *keys[1];
	struct scheme_received received;
	enum scheme_verdict verdict;

	load_vector(_i);
	keys[0] = f.key;
	received = (struct scheme_received){
		.headers = f.vector.headers,
		.header_count = f.vector.header_count,
		.body = f.vector.message.body,
		.url = f.vector.message.url,
		.at_s = f.vector.at_s,
	};
	verdict = scheme_verify(&f.vector.profile.scheme, (struct scheme_keys){keys, 1}, &received);
	ck_assert_msg((verdict == SCHEME_VALID) == f.vector.valid, "%s: %s", f.vector.id,
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
	if (!f.vector.valid || f.vector.verify_only) {
		free_vector();
		return;
	}
	bytes = scheme_sign(&f.vector.profile.scheme, (struct scheme_keys){keys, 1},
			    &f.vector.message, out, sizeof(out));
	line = hp_json_first(hp_json_member(f.vector.node, "headers"));
	for (; line; line = hp_json_next(line)) {
		char wanted[1024];
		size_t wanted_bytes =
			(size_t)snprintf(wanted, sizeof(wanted), "%s\r\n", hp_json_string(line).at);

		ck_assert_msg(memmem(out, bytes, wanted, wanted_bytes) != NULL, "%s: %.*s",
			      f.vector.id, (int)bytes, out);
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

	ck_assert_ptr_nonnull(vector_root());
	ck_assert_uint_eq(hp_json_count(vector_root()), VECTOR_COUNT);
	node = hp_json_first(vector_root());
	for (; node; node = hp_json_next(node))
		valid += hp_view_equal(hp_json_string(hp_json_member(node, "verdict")),
				       HP_LITERAL("valid"));
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

	for (int i = 0; !f.vector.node || strcmp(f.vector.id, "svix-reference") != 0; i++) {
		if (f.vector.node)
			free_vector();
		load_vector(i);
	}
	keys[0] = f.key;
	f.vector.message.body =
		(struct hp_view){memset(body, 'a', answers[_i].bytes), answers[_i].bytes};
	bytes = scheme_sign(&f.vector.profile.scheme, (struct scheme_keys){keys, 1},
			    &f.vector.message, out, sizeof(out));
	ck_assert_ptr_nonnull(
		memmem(out, bytes, answers[_i].signature, strlen(answers[_i].signature)));
	free(body);
	free_vector();
}
END_TEST

Suite *suite_vectors(void);

Suite *suite_vectors(void)
{
	Suite *suite = suite_create("vectors");
	TCase *tcase = tcase_create("vectors");

	tcase_add_unchecked_fixture(tcase, vector_open, vector_close);
	tcase_add_test(tcase, test_counts);
	tcase_add_loop_test(tcase, test_verdict, 0, VECTOR_COUNT);
	tcase_add_loop_test(tcase, test_signing, 0, VECTOR_COUNT);
	tcase_add_loop_test(tcase, test_large_bodies, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}
