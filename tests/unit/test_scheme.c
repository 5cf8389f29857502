#include "wire/scheme.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>

#include "tests/lib/guard.h"

enum { LINES_MAX = 6 };

static struct fixture {
	struct scheme scheme;
	struct hp_err err;
	const struct scheme_key *keys[SCHEME_KEYS_MAX];
	size_t key_count;
} f;

static void set(const char *content, const char *value)
{
	ck_assert_int_eq(scheme_set_content(&f.scheme, hp_view_of(content), &f.err), 0);
	ck_assert_int_eq(scheme_set_value(&f.scheme, hp_view_of(value), &f.err), 0);
}

static void name_headers(const char *signature, const char *timestamp, const char *id)
{
	struct scheme_family *family = &f.scheme.families[0];

	snprintf(family->signature, sizeof(family->signature), "%s", signature);
	snprintf(family->timestamp, sizeof(family->timestamp), "%s", timestamp);
	snprintf(family->id, sizeof(family->id), "%s", id);
}

static void add_key(const char *secret)
{
	struct scheme_key *key = scheme_key_new(&f.scheme, hp_view_of(secret), &f.err);

	ck_assert_msg(key != NULL, "%s", f.err.msg);
	f.keys[f.key_count++] = key;
}

static void setup(void)
{
	f = (struct fixture){0};
	scheme_init(&f.scheme);
	name_headers("X-Sig", "", "");
}

/* The keys of a test end here: a failed test leaves them to its own process. */
static void free_keys(void)
{
	for (size_t i = 0; i < f.key_count; i++)
		scheme_key_free((struct scheme_key *)(uintptr_t)f.keys[i]);
	f.key_count = 0;
}

/* Goal: templates that say something are taken, and printed as they were written. */
START_TEST(test_templates)
{
	static const char *const rows[][2] = {
		{"{body}", "{signature}"},
		{"v0:{timestamp}:{body}", "v0={signature}"},
		{"{id}.{timestamp}.{body}", "{version},{signature}[ {version},{signature}]"},
		{"{url}{body}", "v0={signature}[,{signature}]"},
		{"{timestamp}{body}", "t={timestamp},v1={signature}[,v1={signature}]"},
		{"{body}}", "ts={timestamp};h1={signature}"},
	};

	set(rows[_i][0], rows[_i][1]);
	ck_assert_str_eq(f.scheme.content.text, rows[_i][0]);
	ck_assert_str_eq(f.scheme.value.text, rows[_i][1]);
}
END_TEST

#define LONG31 "0123456789012345678901234567890"

/* Goal: a content that cannot be meant is refused, and the scheme keeps the one it had. */
START_TEST(test_bad_contents)
{
	static const char *const rows[] = {
		"{bodY}", "{body", "{", "{signature}.{body}", LONG31 "1{body}",
		"{body}{body}{body}{body}{body}{body}{body}{body}{body}{body}{body}{body}{body}",
		LONG31 "{body}" LONG31 "{body}" LONG31 "{body}" LONG31 "{body}",
	};

	ck_assert_int_eq(scheme_set_content(&f.scheme, hp_view_of(rows[_i]), &f.err), -1);
	ck_assert_int_eq(f.err.code, HP_EUSAGE);
	ck_assert_str_eq(f.scheme.content.text, "{body}");
}
END_TEST

/* Goal: the same for a value. */
START_TEST(test_bad_values)
{
	static const char *const rows[] = {
		"",
		"v1=",
		"{signature} ",
		"{signature}{signature}",
		"{body}{signature}",
		"{timestamp},v1={signature}",
		"t={timestamp}{signature}",
		"t={timestamp},{signature}",
		"v1={signature},t={timestamp}",
		"v1={signature}[]",
		"v1={signature}[,v1={signature}",
		"v1={signature}[,v2={signature}]",
		"v1={signature}[{signature}]",
		"t={timestamp},v1={signature}[;v1={signature}]",
		"t={timestamp},v1={signature}[,{signature}]",
		(LONG31 "1{signature}"),
		" {signature}",
		"a\n{signature}",
		"{signature}[={signature}]",
		"v={timestamp},v1={signature}[,v1={signature}]x",
		"v={timestamp},v={signature}",
		"a,b={signature}[,a,b={signature}]",
	};

	ck_assert_int_eq(scheme_set_value(&f.scheme, hp_view_of(rows[_i]), &f.err), -1);
	ck_assert_int_eq(f.err.code, HP_EUSAGE);
	ck_assert_str_eq(f.scheme.value.text, "{signature}");
}
END_TEST

static void without_header(void)
{
	name_headers("", "", "");
}

static void with_bad_header(void)
{
	name_headers("X-Sig:", "", "");
}

static void with_lost_timestamp(void)
{
	set("{timestamp}.{body}", "{signature}");
}

static void with_lost_id(void)
{
	set("{id}.{body}", "{signature}");
}

static void without_body(void)
{
	set("{url}", "{signature}");
}

static void with_text_pair(void)
{
	ck_assert_int_eq(scheme_set_algorithm(&f.scheme, SCHEME_ED25519, &f.err), 0);
}

static void with_whsk_mac(void)
{
	f.scheme.key_format = SCHEME_KEY_WHSK;
}

/* Goal: parts that do not fit together make no scheme and no key. */
START_TEST(test_misfits)
{
	static void (*const breaks[])(void) = {
		without_header, with_bad_header, with_lost_timestamp, with_lost_id,
		without_body,   with_text_pair,  with_whsk_mac,
	};

	ck_assert_int_eq(scheme_check(&f.scheme, &f.err), 0);
	breaks[_i]();
	ck_assert_int_eq(scheme_check(&f.scheme, &f.err), -1);
	ck_assert_ptr_null(scheme_key_new(&f.scheme, HP_LITERAL("secret"), &f.err));
}
END_TEST

/* Goal: a secret that is no key of its format is refused, and the message does not show it. */
START_TEST(test_bad_secrets)
{
	static const struct {
		enum scheme_key_format format;
		const char *secret;
	} rows[] = {
		{SCHEME_KEY_TEXT, ""},           {SCHEME_KEY_HEX, "0g0g"},
		{SCHEME_KEY_HEX, "abc"},         {SCHEME_KEY_BASE64, "hushhush="},
		{SCHEME_KEY_WHSEC, "whsec_"},    {SCHEME_KEY_WHSEC, "whsec_!hush"},
		{SCHEME_KEY_WHSK, "whsk_hush"},  {SCHEME_KEY_WHSK, "whpk_hush"},
		/* a seed with a public half that is not its own */
		{SCHEME_KEY_WHSK, "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKki"
				  "oLlX0dRqSKJp4AJ6p9lMicMFs6KvA=="},
	};
	struct hp_view secret = hp_view_of(rows[_i].secret);

	f.scheme.key_format = rows[_i].format;
	if (rows[_i].format == SCHEME_KEY_WHSK)
		with_text_pair();
	ck_assert_ptr_null(scheme_key_new(&f.scheme, secret, &f.err));
	ck_assert_int_eq(f.err.code, HP_EUSAGE);
	ck_assert(!strstr(f.err.msg, "hush"));
}
END_TEST

static const struct scheme_message message = {
	.body = {"{}", 2}, .id = {"msg_1", 5}, .timestamp = {"1700000000", 10}};

static size_t sign(char *out, size_t out_bytes)
{
	return scheme_sign(&f.scheme, (struct scheme_keys){f.keys, f.key_count}, &message, out,
			   out_bytes);
}

/* Goal: one signature per key, newest first, where the value has a list, else of the first key;
 * the lines hold exactly what the templates say. */
START_TEST(test_several_keys)
{
	static const struct {
		const char *value, *form; /* # stands for a signature */
	} rows[] = {
		{"{signature}", "X-Sig: #\r\n"},
		{"v0={signature}[,{signature}]", "X-Sig: v0=#,#\r\n"},
		{"{version},{signature}[ {version},{signature}]", "X-Sig: v1,# v1,#\r\n"},
		{"t={timestamp};h={signature}[;h={signature}]", "X-Sig: t=1700000000;h=#;h=#\r\n"},
	};
	/* printf '{}' | openssl dgst -sha256 -hmac new, and old */
	static const char *const signatures[] = {
		"56fde440898b2046eee6f58816ea81c5780d6bd5d34d1ce41b99d54edacbc4b8",
		"419f84c3dfb1dabfe377f5a34859584b8faa83144c2a3b2b72a8c4ded4e293a6",
	};
	char out[SCHEME_LINES_BYTES_MAX + 1] = "", wanted[512] = "";
	unsigned count = 0;

	set("{body}", rows[_i].value);
	add_key("new");
	add_key("old");
	for (const char *at = rows[_i].form; *at; at++) {
		size_t bytes = strlen(wanted);

		if (*at == '#')
			snprintf(wanted + bytes, sizeof(wanted) - bytes, "%s",
				 signatures[count++ % 2]);
		else
			snprintf(wanted + bytes, sizeof(wanted) - bytes, "%c", *at);
	}
	ck_assert_uint_eq(sign(out, sizeof(out)), strlen(wanted));
	ck_assert_str_eq(out, wanted);
	free_keys();
}
END_TEST

/* Goal: with any less room than it needs signing answers 0 and stays inside it. */
START_TEST(test_room)
{
	char out[SCHEME_LINES_BYTES_MAX], *tight;
	size_t bytes;

	name_headers("X-Sig", "X-Time", "X-Id");
	set("{id}.{timestamp}.{body}", "{signature}");
	add_key("secret");
	bytes = sign(out, sizeof(out));
	ck_assert_uint_gt(bytes, 64);
	for (size_t room = 0; room <= bytes; room++) {
		tight = guard_copy(out, room);
		ck_assert_uint_eq(sign(tight, room), room == bytes ? bytes : 0);
		guard_free(tight);
	}
	free_keys();
}
END_TEST

/* Goal: an id or a timestamp from outside cannot begin a header of its own. */
START_TEST(test_no_injection)
{
	static const struct hp_view rows[] = {{"a\rb", 3}, {"a\nb", 3}, {"a\0b", 3}};
	struct scheme_message bad[] = {message, message};
	char out[SCHEME_LINES_BYTES_MAX];

	name_headers("X-Sig", "X-Time", "X-Id");
	add_key("secret");
	bad[0].id = rows[_i];
	bad[1].timestamp = rows[_i];
	for (int i = 0; i < 2; i++)
		ck_assert_uint_eq(scheme_sign(&f.scheme, (struct scheme_keys){f.keys, 1}, &bad[i],
					      out, sizeof(out)),
				  0);
	free_keys();
}
END_TEST

/* Goal: a compacting scheme signs what it would send compacted, and verifies what arrived. */
START_TEST(test_body_forms)
{
	struct scheme_message spaced = {.body = {"{ }", 3}}, tight = {.body = {"{}", 2}};
	char a[SCHEME_LINES_BYTES_MAX], b[SCHEME_LINES_BYTES_MAX];
	size_t bytes;

	f.scheme.body_form = SCHEME_BODY_COMPACT;
	add_key("secret");
	bytes = scheme_sign(&f.scheme, (struct scheme_keys){f.keys, 1}, &spaced, a, sizeof(a));
	ck_assert_uint_eq(
		scheme_sign(&f.scheme, (struct scheme_keys){f.keys, 1}, &tight, b, sizeof(b)),
		bytes);
	ck_assert_mem_eq(a, b, bytes);
	free_keys();
}
END_TEST

/* Goal: a public key verifies and does not sign. */
START_TEST(test_public_key)
{
	char out[SCHEME_LINES_BYTES_MAX];

	with_text_pair();
	f.scheme.key_format = SCHEME_KEY_WHSK;
	add_key("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=");
	ck_assert(!scheme_key_signs(f.keys[0]));
	ck_assert_uint_eq(sign(out, sizeof(out)), 0);
	free_keys();
}
END_TEST

/* What arrives is given as lines; # is the right signature, ~ a well-formed wrong one. */
static enum scheme_verdict verify(const char *const lines[LINES_MAX], uint64_t at_s)
{
	struct scheme_received received = {.body = message.body, .at_s = at_s};
	struct http1_header headers[LINES_MAX];
	char *copies[LINES_MAX], right[SCHEME_LINES_BYTES_MAX], *digest;
	enum scheme_verdict verdict;
	size_t bytes = sign(right, sizeof(right));

	digest = right + bytes - 66;
	for (size_t i = 0; i < LINES_MAX && lines[i]; i++) {
		char line[1024];
		size_t at = 0;

		for (const char *c = lines[i]; *c; c++) {
			if (*c != '#' && *c != '~') {
				line[at++] = *c;
				continue;
			}
			memcpy(line + at, digest, 64);
			if (*c == '~')
				line[at + 63] = line[at + 63] == '0' ? '1' : '0';
			at += 64;
		}
		copies[i] = guard_copy(line, at);
		ck_assert(scheme_split_line((struct hp_view){copies[i], at}, &headers[i]));
		received.header_count++;
	}
	received.headers = headers;
	verdict = scheme_verify(&f.scheme, (struct scheme_keys){f.keys, f.key_count}, &received);
	for (size_t i = 0; i < received.header_count; i++)
		guard_free(copies[i]);
	return verdict;
}

#define AT UINT64_C(1700000000)

enum { VERDICT_ROWS = 24 };

/* Goal: each way of being wrong has its verdict, and each freedom of the strict reading is one. */
START_TEST(test_verdicts)
{
	static const struct {
		enum scheme_verdict verdict;
		uint64_t at_s;
		const char *lines[LINES_MAX];
	} rows[VERDICT_ROWS] = {
		{SCHEME_VALID, AT, {"X-Id: msg_1", "X-Time: 1700000000", "X-Sig: v1=#"}},
		{SCHEME_VALID, AT, {"x-SIG:\t v1=# \t", "x-time:1700000000", "X-ID: msg_1"}},
		{SCHEME_VALID, AT, {"X-Id: msg_1", "X-Time: 1700000000", "X-Sig: v9=a,,v1=~,v1=#"}},
		{SCHEME_VALID, AT + 300, {"X-Id: msg_1", "X-Time: 1700000000", "X-Sig: v1=#"}},
		{SCHEME_VALID, AT - 60, {"X-Id: msg_1", "X-Time: 1700000000", "X-Sig: v1=#"}},
		{SCHEME_STALE, AT + 301, {"X-Id: msg_1", "X-Time: 1700000000", "X-Sig: v1=#"}},
		{SCHEME_FUTURE, AT - 61, {"X-Id: msg_1", "X-Time: 1700000000", "X-Sig: v1=#"}},
		{SCHEME_NO_SIGNATURE, AT, {"X-Id: msg_1", "X-Time: 1700000000"}},
		{SCHEME_NO_TIMESTAMP, AT, {"X-Id: msg_1", "X-Sig: v1=#"}},
		{SCHEME_NO_ID, AT, {"X-Time: 1700000000", "X-Sig: v1=#"}},
		{SCHEME_NO_ID, AT, {"X-Id:", "X-Time: 1700000000", "X-Sig: v1=#"}},
		{SCHEME_BAD_ID, AT, {"X-Id: msg.1", "X-Time: 1700000000", "X-Sig: v1=#"}},
		{SCHEME_BAD_TIMESTAMP, AT, {"X-Id: msg_1", "X-Time:", "X-Sig: v1=#"}},
		{SCHEME_BAD_TIMESTAMP, AT, {"X-Id: msg_1", "X-Time: 1e9", "X-Sig: v1=#"}},
		{SCHEME_BAD_TIMESTAMP, AT, {"X-Id: a", "X-Time: 1700000000000", "X-Sig: v1=#"}},
		{SCHEME_DOUBLED, AT, {"X-Id: a", "X-Time: 1", "X-Sig: v1=#", "x-sig: v1=#"}},
		{SCHEME_DOUBLED, AT, {"X-Id: a", "X-Time: 1", "X-Time: 1", "X-Sig: v1=#"}},
		{SCHEME_DOUBLED, AT, {"X-Id: a", "X-Id: a", "X-Time: 1", "X-Sig: v1=#"}},
		{SCHEME_MALFORMED, AT, {"X-Id: a", "X-Time: 1700000000", "X-Sig:"}},
		{SCHEME_MALFORMED, AT, {"X-Id: a", "X-Time: 1700000000", "X-Sig: v1="}},
		{SCHEME_MALFORMED, AT, {"X-Id: a", "X-Time: 1700000000", "X-Sig: v2=#"}},
		{SCHEME_MALFORMED, AT, {"X-Id: a", "X-Time: 1700000000", "X-Sig: v1=# v1=#"}},
		{SCHEME_MISMATCH, AT, {"X-Id: msg_1", "X-Time: 1700000000", "X-Sig: v1=~"}},
		{SCHEME_MISMATCH, AT, {"X-Id: msg_2", "X-Time: 1700000000", "X-Sig: v1=#"}},
	};

	name_headers("X-Sig", "X-Time", "X-Id");
	set("{id}.{timestamp}.{body}", "v1={signature}[,v1={signature}]");
	f.scheme.past_s = 300;
	f.scheme.future_s = 60;
	add_key("secret");
	ck_assert_str_eq(scheme_verdict_word(verify(rows[_i].lines, rows[_i].at_s)),
			 scheme_verdict_word(rows[_i].verdict));
	free_keys();
}
END_TEST

/* Goal: during rotation a receiver that holds both secrets takes either signature. */
START_TEST(test_rotation)
{
	static const char *const lines[LINES_MAX] = {"X-Sig: #"};
	const struct scheme_key *newer;
	struct scheme_received received = {.body = message.body, .header_count = 1};
	char out[SCHEME_LINES_BYTES_MAX];
	struct http1_header header;
	size_t bytes;

	add_key("new");
	ck_assert_int_eq(verify(lines, 0), SCHEME_VALID);
	bytes = sign(out, sizeof(out));
	ck_assert(scheme_split_line((struct hp_view){out, bytes - 2}, &header));
	received.headers = &header;
	add_key("old");
	newer = f.keys[0];
	f.keys[0] = f.keys[1];
	f.keys[1] = newer;
	ck_assert_int_eq(scheme_verify(&f.scheme, (struct scheme_keys){f.keys, 2}, &received),
			 SCHEME_VALID);
	ck_assert_int_eq(scheme_verify(&f.scheme, (struct scheme_keys){f.keys, 1}, &received),
			 SCHEME_MISMATCH);
	free_keys();
}
END_TEST

/* Goal: a second family is accepted whole; families are never mixed, and the first one counts. */
START_TEST(test_families)
{
	static const struct {
		enum scheme_verdict verdict;
		const char *lines[LINES_MAX];
	} rows[] = {
		{SCHEME_VALID, {"X-Sig: #", "X-Id: msg_1"}},
		{SCHEME_VALID, {"Y-Sig: #", "Y-Id: msg_1"}},
		{SCHEME_NO_ID, {"Y-Sig: #", "X-Id: msg_1"}},
		{SCHEME_NO_ID, {"X-Sig: #", "Y-Id: msg_1"}},
		{SCHEME_MISMATCH, {"Y-Sig: #", "Y-Id: msg_1", "X-Sig: ~", "X-Id: msg_1"}},
		{SCHEME_DOUBLED, {"Y-Sig: #", "Y-Sig: #", "Y-Id: msg_1"}},
	};

	name_headers("X-Sig", "", "X-Id");
	f.scheme.families[1] = (struct scheme_family){.signature = "Y-Sig", .id = "Y-Id"};
	f.scheme.family_count = 2;
	set("{id}.{body}", "{signature}");
	add_key("secret");
	ck_assert_str_eq(scheme_verdict_word(verify(rows[_i].lines, 0)),
			 scheme_verdict_word(rows[_i].verdict));
	free_keys();
}
END_TEST

/* Goal: a header of endless signatures is bounded: the 32nd still counts, a 33rd spoils it. */
START_TEST(test_signature_limit)
{
	char value[SCHEME_SIGNATURES_MAX * 2 + 80] = "", out[SCHEME_LINES_BYTES_MAX];
	struct scheme_received received = {.body = message.body, .header_count = 1};
	struct http1_header header = {.name = HP_LITERAL("X-Sig")};
	size_t bytes, at = 0;

	set("{body}", "{signature}[,{signature}]");
	add_key("secret");
	bytes = sign(out, sizeof(out));
	for (int i = 0; i < SCHEME_SIGNATURES_MAX - 1 + _i; i++) {
		memcpy(value + at, "x,", 2);
		at += 2;
	}
	memcpy(value + at, out + bytes - 66, 64);
	header.value = (struct hp_view){value, at + 64};
	received.headers = &header;
	ck_assert_int_eq(scheme_verify(&f.scheme, (struct scheme_keys){f.keys, 1}, &received),
			 _i ? SCHEME_MALFORMED : SCHEME_VALID);
	free_keys();
}
END_TEST

/* Goal: signing with no key is our bug, not an answer. */
START_TEST(test_no_key_is_a_bug)
{
	char out[8];

	sign(out, sizeof(out));
}
END_TEST

Suite *suite_scheme(void);

Suite *suite_scheme(void)
{
	Suite *suite = suite_create("scheme");
	TCase *tcase = tcase_create("scheme");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, test_templates, 0, 6);
	tcase_add_loop_test(tcase, test_bad_contents, 0, 7);
	tcase_add_loop_test(tcase, test_bad_values, 0, 22);
	tcase_add_loop_test(tcase, test_misfits, 0, 7);
	tcase_add_loop_test(tcase, test_bad_secrets, 0, 9);
	tcase_add_loop_test(tcase, test_several_keys, 0, 4);
	tcase_add_test(tcase, test_room);
	tcase_add_loop_test(tcase, test_no_injection, 0, 3);
	tcase_add_test(tcase, test_body_forms);
	tcase_add_test(tcase, test_public_key);
	tcase_add_loop_test(tcase, test_verdicts, 0, VERDICT_ROWS);
	tcase_add_test(tcase, test_rotation);
	tcase_add_loop_test(tcase, test_families, 0, 6);
	tcase_add_loop_test(tcase, test_signature_limit, 0, 2);
	tcase_add_test_raise_signal(tcase, test_no_key_is_a_bug, SIGABRT);
	suite_add_tcase(suite, tcase);
	return suite;
}
