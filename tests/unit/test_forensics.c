/* Forensics both ways: what is signed under a recipe is found to be made by it, and what nobody
 * signed is found to be made by nothing. */
#include "certify/forensics.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "scenarios/profile_document.h"
#include "tests/lib/vector.h"

#define GZIP_BODY                                                                                  \
	"\x1F\x8B\x08\x00\x00\x00\x00\x00\x02\x03\xAB\x56\xCA\x4C\x51\xB2\x52\xCA\xCC\x2B"         \
	"\x8B\x37\x54\xAA\x05\x00\xF9\xE9\x5F\xDC\x0E\x00\x00\x00"

/* Bodies that between them give each recipe something to change. */
static const struct hp_view bodies[] = {
	HP_LITERAL("{\"id\":\"inv_123456\",\"event\":\"invoice.paid\"}"),
	HP_LITERAL("{\r\n  \"id\": \"inv_1\", \"event\": \"a/b\", \"b\": 1.0, \"2\": 1e2,\r\n"
		   "  \"data\": {\"id\": \"r_1\", \"note\": \"caf\\u00e9 <\xC3\xA9> & \\/ "
		   "it's\"}\r\n}\n"),
	HP_LITERAL("\xEF\xBB\xBF{\"id\":\"inv_\xFF\",\"n\":\"e\xCC\x81\"}\0tail"),
	HP_LITERAL(GZIP_BODY),
	HP_LITERAL("token=a%2Bb&payload=%7B%22a%22%3A1%7D&text=hello+world"),
	HP_LITERAL("[\n  1,\n  {\"a\": 2}\n]\n"),
};

enum { BODIES = sizeof(bodies) / sizeof(bodies[0]) };

/* A profile with a secret in its format, and one value that differs from the shipped profile. */
static const struct subject {
	const char *profile, *secret, *set;
} subjects[] = {
	{"paisr-v1", "ey7bTCm6tur63CR6mzbuq23r", NULL},
	{"paisr-v1", "whsec_a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2", NULL},
	{"paisr-v1", "cl\xC3\xA9-secr\xC3\xA8te-0001", NULL},
	{"paisr-v1", "11223344D785FBAE710E7F943F307971BB61B21281C98C9129", "scheme.key_format=hex"},
	{"paisr-v2", "ey7bTCm6tur63CR6mzbuq23r", NULL},
	{"paisr-v2", "ey7bTCm6tur63CR6mzbuq23r", "scheme.timestamp_unit=ms"},
	{"standard-webhooks", "whsec_plJ3nmyCDGBKInavdOK15jsl", NULL},
	{"svix", "whsec_plJ3nmyCDGBKInavdOK15jsl", NULL},
	{"stripe", "whsec_hookproof0001abcdefghijklmnop", NULL},
	{"github", "It's another Secret", NULL},
	{"slack", "8f742231b10e8888abcd99yyyzzz0000", NULL},
	{"shopify", "shpss_hookproof0001abcdefghijklm", NULL},
	{"square", "sq_hookproof_0001", NULL},
	{"paddle", "pdl_ntfset_hookproof0001", NULL},
	{"standard-webhooks", "whsec_plJ3nmyCDGBKInavdOK15jsl",
	 "scheme.content={id}:{timestamp}:{body}"},
	{"convoy", "hookproof-convoy-0001", "scheme.algorithm=hmac-sha512"},
};

enum { SUBJECTS = sizeof(subjects) / sizeof(subjects[0]), LINES_MAX = 8 };

static const struct http1_header request_headers[] = {
	{HP_LITERAL("Host"), HP_LITERAL("inner.example.test:8080")},
	{HP_LITERAL("X-Forwarded-Host"), HP_LITERAL("outer.example.test")},
	{HP_LITERAL("Date"), HP_LITERAL("Tue, 14 Nov 2023 22:13:25 GMT")},
	{HP_LITERAL("X-Request-Id"), HP_LITERAL("req_77")},
};

enum { REQUEST_HEADERS = sizeof(request_headers) / sizeof(request_headers[0]) };

static const struct hp_view old_secrets[] = {HP_LITERAL("b2xkLXNlY3JldC0wMDAx")};
static const struct hp_view other_secrets[] = {HP_LITERAL("b3RoZXItc2VjcmV0LTAx")};
static const struct hp_view old_hex[] = {HP_LITERAL("00112233445566778899")};
static const struct hp_view other_hex[] = {HP_LITERAL("99887766554433221100")};

static struct fixture {
	struct profile profile;
	struct forensics_case given;
	struct hp_buf lines;
	struct http1_header headers[REQUEST_HEADERS + LINES_MAX]; /* the request's, then ours */
	size_t header_count;
	struct forensics_result result;
} f;

static void load_subject(const struct subject *subject, struct hp_view body)
{
	bool hex = subject->set && strstr(subject->set, "hex");
	struct hp_err err;

	vector_profile(&f.profile, subject->profile);
	if (subject->set)
		ck_assert_msg(profile_set(&f.profile, subject->set, &err) == 0, "%s", err.msg);
	memcpy(f.headers, request_headers, sizeof(request_headers));
	f.given = (struct forensics_case){
		.profile = &f.profile,
		.secret = hp_view_of(subject->secret),
		.secret_name = "HOOK_SECRET",
		.old = hex ? old_hex : old_secrets,
		.old_count = 1,
		.others = hex ? other_hex : other_secrets,
		.other_count = 1,
		.endpoint_id = HP_LITERAL("whk_0123456789"),
		.body = body,
		.url = HP_LITERAL("https://Hooks.example.test:8443/a%20b/?shop=1"),
		.first_timestamp = HP_LITERAL("1699990000"),
		.headers = f.headers,
		.header_count = REQUEST_HEADERS,
		.at_s = 1700000001,
	};
	if (f.profile.scheme.content.has_id)
		f.given.id = HP_LITERAL("msg_0001");
	if (f.profile.scheme.content.has_timestamp)
		f.given.timestamp = f.profile.scheme.unit == SCHEME_MILLISECONDS
					    ? HP_LITERAL("1700000000123")
					    : HP_LITERAL("1700000000");
	hp_buf_init(&f.lines, 64 * 1024);
}

/* What arrives: the request's headers with the signed lines behind them. */
static void receive(void)
{
	struct hp_view rest = hp_buf_view(&f.lines);

	f.given.header_count = REQUEST_HEADERS;
	f.given.signature = f.given.timestamp = f.given.id = (struct hp_view){0};
	while (rest.bytes) {
		const char *end = memmem(rest.at, rest.bytes, "\r\n", 2);
		struct hp_view line = {rest.at, (size_t)(end - rest.at)};

		ck_assert_uint_lt(f.given.header_count, REQUEST_HEADERS + LINES_MAX);
		ck_assert(scheme_split_line(line, &f.headers[f.given.header_count++]));
		rest = (struct hp_view){end + 2, rest.bytes - line.bytes - 2};
	}
	ck_assert(forensics_read(&f.given));
}

static void search(void)
{
	struct hp_err err;

	ck_assert_msg(forensics_search(&f.given, &f.result, &err) == 0, "%s", err.msg);
	ck_assert_uint_le(f.result.candidates, FORENSICS_CANDIDATES_MAX);
	ck_assert(!f.result.cut);
}

/* Whether a match is by these recipes, one of each group; NULL ends them. */
static bool is_found(const char *const *slugs)
{
	for (unsigned i = 0; i < f.result.match_count; i++) {
		const struct forensics_match *match = &f.result.matches[i];
		unsigned count = 0;

		ck_assert_uint_eq(match->depth, f.result.depth);
		while (slugs[count] && count < match->depth &&
		       recipe_set_has(&match->groups[count],
				      recipe_index(recipe_find(slugs[count]))))
			count++;
		if (!slugs[count] && count == match->depth)
			return true;
	}
	return false;
}

/* Signs one form and expects to find its recipe, alone. Returns whether the form applies. */
static bool sign_and_find(const struct subject *subject, struct hp_view body,
			  const struct recipe *recipe, unsigned form)
{
	const char *const slugs[] = {recipe_slug(recipe), NULL};
	enum forensics_answer answer;

	load_subject(subject, body);
	answer = forensics_sign(&f.given, recipe, form, &f.lines);
	ck_assert_int_ne(answer, FORENSICS_END);
	ck_assert((answer == FORENSICS_MADE) == (f.lines.bytes > 0));
	if (answer == FORENSICS_MADE) {
		receive();
		search();
		ck_assert_msg(!f.result.genuine && f.result.depth == 1 && is_found(slugs),
			      "%s under %s, form %u: depth %u", slugs[0], subject->profile, form,
			      f.result.depth);
	}
	hp_buf_fini(&f.lines);
	return answer == FORENSICS_MADE;
}

/* Goal: whatever recipe a delivery is signed under, the search names it, at depth 1, under each
 * profile and for each body that the recipe changes; behind the last form there is none. */
START_TEST(test_each_recipe)
{
	const struct recipe *recipe = recipe_at((size_t)_i);
	unsigned made = 0;

	for (size_t subject = 0; subject < SUBJECTS; subject++) {
		for (unsigned form = 0; form < recipe_forms(recipe); form++) {
			bool body = recipe_dimension(recipe) == RECIPE_BODY && subject == 0;

			for (size_t i = 0; i < (body ? BODIES : 1); i++)
				made += sign_and_find(&subjects[subject],
						      bodies[body ? i : subject % 2], recipe, form);
		}
		load_subject(&subjects[subject], bodies[0]);
		ck_assert_int_eq(forensics_sign(&f.given, recipe, recipe_forms(recipe), &f.lines),
				 FORENSICS_END);
		hp_buf_fini(&f.lines);
	}
	ck_assert_msg(made > 0 || strcmp(recipe_slug(recipe), "key-public") == 0 ||
			      strcmp(recipe_slug(recipe), "body-truncated") == 0,
		      "%s was never tried", recipe_slug(recipe));
}
END_TEST

/* Goal: bodies that are cut at each of the usual limits. */
START_TEST(test_truncated)
{
	const struct recipe *recipe = recipe_find("body-truncated");
	struct hp_view body = {NULL, 128 * 1024};
	char *bytes = malloc(body.bytes);

	memset(bytes, 'a', body.bytes);
	body.at = bytes;
	for (unsigned form = 0; form < recipe_forms(recipe); form++)
		ck_assert(sign_and_find(&subjects[0], body, recipe, form));
	free(bytes);
}
END_TEST

/* Computed with Python's hmac from the same deviations; no slug: nothing that is looked for. */
static const struct combination {
	const char *slugs[FORENSICS_DEPTH_MAX + 1];
	const char *value;
} combinations[] = {
	{{"key-trailing-lf", "body-minified", NULL},
	 "37c58b1a2b8703579a451fdff7dd810d4d1e70c56c7260e342021984c6f9655f"},
	{{"key-hashed", "content-body-only", NULL},
	 "008aae7cf6ea0e97aa842de9deea593fe91526cdcce87ccb6dbc8c6d7d9cabc9"},
	{{"body-minified", "content-timestamp-colon-body", NULL},
	 "4f62ce650db04dd92166170ebf71bff325d20501bfc7688dae885531f79d4282"},
	{{"hash-sha512", "enc-base64", NULL},
	 "6aepiDZzvX8JVyiJXh6vUW47e5febqioQuH3PKt+tVHkKqxndRiVuQQ2sIIueDhY"
	 "nktzYOt+0rJj1K4jSXGheA=="},
	{{"timestamp-milliseconds", "enc-hex-upper", NULL},
	 "460DB816E7E08963AF1AD6853116776C3DE3B0712BCBB0B554B656B1074F622A"},
	{{"key-trailing-lf", "body-minified", "enc-base64", NULL},
	 "N8WLGiuHA1eaRR/f992BDU0ecMVscmDjQgIZhMb5ZV8="},
	{{"body-minified", "content-body-only", "enc-prefix-extra", NULL},
	 "sha256=871fdf3310c1e54fc43f4412f372bd950778a10ef2fd5fb48a14e2467"
	 "bc98b00"},
	{{"key-empty", "content-slack", "enc-truncated", NULL},
	 "728efbabaf70377ba93d015ffc97d7dc3d2a63b0"},
	{{NULL}, "5dcc27d19ed6a33125e7c4dca84155ca5fd10610"},
	{{NULL}, "36c9499373ff4354af72f5d28776c027aaa65cfbe953e904a5316aff4d02aa5b"},
};

enum { COMBINATIONS = sizeof(combinations) / sizeof(combinations[0]), PAISR_V2 = 4 };

/* Goal: pairs across two dimensions and triples with an encoding are named as such; three that are
 * no pair with an encoding, and a forgery, are not. */
START_TEST(test_combinations)
{
	const struct combination *one = &combinations[_i];
	unsigned depth = 0;

	while (one->slugs[depth])
		depth++;
	load_subject(&subjects[PAISR_V2],
		     HP_LITERAL("{\"id\": \"inv_123456\", \"event\": \"invoice.paid\"}"));
	f.given.signature = hp_view_of(one->value);
	search();
	ck_assert(!f.result.genuine);
	ck_assert_uint_eq(f.result.depth, depth);
	ck_assert(depth ? is_found(one->slugs) : f.result.match_count == 0);
	hp_buf_fini(&f.lines);
}
END_TEST

/* Goal: the profile's own signature is genuine, under each profile, and nothing deviates. */
START_TEST(test_genuine)
{
	const struct scheme_key *keys[1];
	char lines[SCHEME_LINES_BYTES_MAX];
	struct scheme_message message;
	struct scheme_key *key;
	struct hp_err err;

	load_subject(&subjects[_i], bodies[0]);
	key = scheme_key_new(&f.profile.scheme, f.given.secret, &err);
	ck_assert_msg(key != NULL, "%s", err.msg);
	keys[0] = key;
	message = (struct scheme_message){.body = f.given.body,
					  .url = f.given.url,
					  .id = f.given.id,
					  .timestamp = f.given.timestamp};
	hp_buf_add(&f.lines, (struct hp_view){lines, scheme_sign(&f.profile.scheme,
								 (struct scheme_keys){keys, 1},
								 &message, lines, sizeof(lines))});
	receive();
	search();
	ck_assert(f.result.genuine);
	ck_assert_uint_eq(f.result.depth, 0);
	ck_assert_uint_eq(f.result.match_count, 0);
	scheme_key_free(key);
	hp_buf_fini(&f.lines);
}
END_TEST

static uint64_t noise_at(uint64_t index)
{
	return hp_digest((struct hp_view){(const char *)&index, sizeof(index)}) % 16;
}

/* Goal: noise is found to be made by nothing, under each profile, in a bounded number of digests.
 */
START_TEST(test_noise)
{
	char value[64];

	load_subject(&subjects[_i], bodies[_i % BODIES]);
	for (uint64_t seed = 0; seed < 3; seed++) {
		for (size_t i = 0; i < sizeof(value); i++)
			value[i] = "0123456789abcdef"[noise_at(seed * 64 + i)];
		f.given.signature = (struct hp_view){value, sizeof(value)};
		search();
		ck_assert(!f.result.genuine && f.result.depth == 0 && !f.result.match_count);
		ck_assert_uint_gt(f.result.candidates, 500);
		ck_assert_uint_lt(f.result.candidates, 20000);
	}
	hp_buf_fini(&f.lines);
}
END_TEST

/* Goal: values that hold anything at all, and many entries, are read and are no match. */
START_TEST(test_strange_values)
{
	static const char *const values[] = {
		" ",
		"=",
		",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,",
		"v1=",
		"sha256=\"",
		"\xFF\xFE",
		"[1,2,3",
		"%0A%0A%0A%0A",
		"t=,v1=,t=",
		"========",
		"zzzzzzzz",
		"999,999,999,999,999",
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		load_subject(&subjects[_i], bodies[0]);
		f.given.signature = hp_view_of(values[i]);
		search();
		ck_assert_msg(f.result.depth == 0 && !f.result.genuine, "%s", values[i]);
		hp_buf_fini(&f.lines);
	}
}
END_TEST

/* Goal: a body of the largest size is searched within the limits and says that it was cut short; a
 * longer one is refused; one that grows when it is printed again takes no more than its share. */
START_TEST(test_limits)
{
	struct hp_view body = {NULL, FORENSICS_BODY_BYTES_MAX};
	char *bytes = malloc(body.bytes + 1);
	struct hp_err err;

	memset(bytes, '"', body.bytes + 1);
	body.at = bytes;
	load_subject(&subjects[0], body);
	f.given.signature = HP_LITERAL("0123456789abcdef0123456789abcdef");
	ck_assert(forensics_search(&f.given, &f.result, &err) == 0);
	ck_assert(f.result.cut);
	ck_assert_uint_eq(f.result.depth, 0);
	ck_assert_uint_gt(f.result.candidates, RECIPE_COUNT);
	f.given.body.bytes++;
	ck_assert(forensics_search(&f.given, &f.result, &err) < 0);
	ck_assert_int_eq(err.code, HP_EUSAGE);
	hp_buf_fini(&f.lines);
	free(bytes);
}
END_TEST

/* Goal: a secret that is no key of the profile is refused, and is not in the message. */
START_TEST(test_bad_secret)
{
	struct hp_err err;

	load_subject(&subjects[6], bodies[0]);
	f.given.secret = HP_LITERAL("whsec_not!base64");
	f.given.signature = HP_LITERAL("v1,abcd");
	ck_assert(forensics_search(&f.given, &f.result, &err) < 0);
	ck_assert_int_eq(err.code, HP_EUSAGE);
	ck_assert_ptr_null(strstr(err.msg, "not!"));
	hp_buf_fini(&f.lines);
}
END_TEST

/* Goal: each vector that states a recipe is explained by it, among those that give the same bytes;
 * each valid one is genuine; and no search goes beyond its depths. */
START_TEST(test_vectors)
{
	struct vector vector;
	struct hp_view wanted;
	struct hp_err err;
	bool named = false;

	vector_load(&vector, _i);
	f.given = (struct forensics_case){
		.profile = &vector.profile,
		.secret = vector.secret,
		.body = vector.message.body,
		.url = vector.message.url,
		.headers = vector.headers,
		.header_count = vector.header_count,
		.at_s = vector.at_s,
	};
	wanted = vector_text(&vector, "recipe");
	if (!forensics_read(&f.given)) {
		ck_assert(!vector.valid && !wanted.bytes);
		vector_free(&vector);
		return;
	}
	ck_assert_msg(forensics_search(&f.given, &f.result, &err) == 0, "%s: %s", vector.id,
		      err.msg);
	for (unsigned i = 0; wanted.bytes && i < f.result.match_count; i++) {
		for (unsigned k = 0; k < f.result.matches[i].depth; k++)
			named = named || recipe_set_has(&f.result.matches[i].groups[k],
							recipe_index(recipe_find(wanted.at)));
	}
	ck_assert_msg(!wanted.bytes || named, "%s: want %s, depth %u", vector.id, wanted.at,
		      f.result.depth);
	ck_assert_msg(!vector.valid || f.result.genuine, "%s", vector.id);
	vector_free(&vector);
}
END_TEST

Suite *suite_forensics(void);

Suite *suite_forensics(void)
{
	Suite *suite = suite_create("forensics");
	TCase *tcase = tcase_create("forensics");

	tcase_add_unchecked_fixture(tcase, vector_open, vector_close);
	tcase_add_loop_test(tcase, test_each_recipe, 0, RECIPE_COUNT);
	tcase_add_test(tcase, test_truncated);
	tcase_add_loop_test(tcase, test_combinations, 0, COMBINATIONS);
	tcase_add_loop_test(tcase, test_genuine, 0, SUBJECTS);
	tcase_add_loop_test(tcase, test_noise, 0, SUBJECTS);
	tcase_add_loop_test(tcase, test_strange_values, 0, SUBJECTS);
	tcase_add_test(tcase, test_limits);
	tcase_add_test(tcase, test_bad_secret);
	tcase_add_loop_test(tcase, test_vectors, 0, VECTOR_COUNT);
	suite_add_tcase(suite, tcase);
	return suite;
}
