/* The runner against receivers that the test plays: correct, or wrong in one respect. And the forge
 * that it is made of. */
#include "certify/certify.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_scan.h"
#include "base/span.h"
#include "certify/forge.h"
#include "certify/ruling.h"
#include "net/clock.h"
#include "scenarios/profile_document.h"
#include "scenarios/shipped.h"
#include "tests/lib/endpoint.h"

#define SECRET "ey7bTCm6tur63CR6mzbuq23r"
enum { EVENTS_MAX = 4096, IDS_BYTES = 64 };

enum fault { GOOD, NO_VERIFY, REFUSES_ALL, TRIMS, FORGETS, LEAKS, DIES, GROWLS };

/* What the receiver of a test is. */
static struct {
	enum fault fault;
	struct profile profile;
	struct scheme_key *key;
	struct {
		char id[IDS_BYTES];
		unsigned count;
	} events[EVENTS_MAX];
	size_t event_count;
	unsigned deaths;
} self;

static struct suite suite;
static struct hp_err err;
static struct certify_result result;

/* ---- the receiver ---- */

static unsigned *effect_of(const char *id)
{
	for (size_t i = 0; i < self.event_count; i++)
		if (strcmp(self.events[i].id, id) == 0)
			return &self.events[i].count;
	ck_assert_uint_lt(self.event_count, EVENTS_MAX);
	snprintf(self.events[self.event_count].id, IDS_BYTES, "%s", id);
	return &self.events[self.event_count++].count;
}

/* Reads a member of a body as text. */
static bool member(struct hp_view body, const char *pointer, char *out)
{
	struct hp_json_value value;
	size_t bytes;

	if (hp_json_find(body, pointer, &value) != HP_JSON_FOUND ||
	    !hp_json_text(&value, out, IDS_BYTES / 2 - 1, &bytes))
		return false;
	out[bytes] = '\0';
	return true;
}

static void act(struct hp_view body, struct hp_buf *out)
{
	char id[IDS_BYTES / 2], type[IDS_BYTES / 2], key[IDS_BYTES];
	unsigned *count;

	if (!member(body, "/id", id) || !member(body, "/event", type)) {
		endpoint_status(out, 400);
		return;
	}
	snprintf(key, sizeof(key), "%s:%s", id, type);
	count = effect_of(key);
	if (strcmp(type, "hookproof.unknown") != 0 && (*count == 0 || self.fault == FORGETS))
		++*count;
	endpoint_status(out, 204);
}

static enum scheme_verdict verify(const struct http1_head *head, struct hp_view body)
{
	const struct scheme_key *keys[] = {self.key};
	struct scheme_received received = {head->headers, head->header_count, body,
					   {NULL, 0}, clock_wall_ns() / HP_S_NS};

	while (self.fault == TRIMS && body.bytes && strchr(" \r\n", body.at[body.bytes - 1]))
		received.body.bytes = --body.bytes;
	return scheme_verify(&self.profile.scheme, (struct scheme_keys){keys, 1}, &received);
}

static void receive(void *arg, const struct endpoint_request *request, struct hp_buf *out)
{
	enum scheme_verdict verdict = verify(request->head, request->body);

	(void)arg;
	if (!hp_view_equal(request->head->method, HP_LITERAL("POST")))
		endpoint_status(out, 405);
	else if (self.fault == DIES && self.deaths)
		return;
	else if (self.fault == NO_VERIFY || (verdict == SCHEME_VALID && self.fault != REFUSES_ALL))
		act(request->body, out);
	else if (self.fault == DIES)
		self.deaths++;
	else if (self.fault == LEAKS)
		hp_buf_add_text(out, "HTTP/1.1 401 No\r\nContent-Length: 24\r\n\r\n" SECRET);
	else if (self.fault == GROWLS)
		endpoint_status(out, 500);
	else
		endpoint_status(out, 401);
}

static bool read_effect(struct probe *probe, const char *key, uint64_t *count,
			char why[PROBE_WHY_BYTES])
{
	(void)probe, (void)why;
	*count = *effect_of(key);
	return true;
}

static struct probe effects = {.kind = "test", .read = read_effect};

/* ---- the fixture ---- */

static void load(const char *profile)
{
	const struct shipped *text = shipped_find("profile", profile);

	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(profile_load(&self.profile, text->text, profile, &err), 0);
	self.key = scheme_key_new(&self.profile.scheme, HP_LITERAL(SECRET), &err);
	ck_assert_int_eq(suite_load(&suite, shipped_find("suite", "receiver")->text, "s", &err), 0);
}

static struct forge_config forge_config(void)
{
	return (struct forge_config){.suite = &suite, .profile = &self.profile,
				     .secret = HP_LITERAL(SECRET), .url = "http://h/hook",
				     .host = "h", .target = "/hook", .key_seed = 7};
}

/* Runs some checks against a receiver with a fault. */
static void run(enum fault fault, struct probe *probe, const char *const only[], size_t count)
{
	struct certify_config config = {.forge = forge_config(), .probe = probe,
					.timeout_ns = 10 * HP_S_NS, .only = only,
					.only_count = count, .level = CHECK_INFO};
	struct certify *certify;

	self.fault = fault;
	config.courier.address = endpoint_start(receive, NULL);
	certify = certify_new(&config, &err);
	ck_assert_msg(certify != NULL, "%s", err.msg);
	certify_run(certify, &result);
	certify_free(certify);
}

static const struct finding *finding(const char *id)
{
	for (size_t i = 0; i < result.judgement.finding_count; i++)
		if (strcmp(result.judgement.findings[i].check->id, id) == 0)
			return &result.judgement.findings[i];
	ck_abort_msg("no finding of %s", id);
	return NULL;
}

static void expect(const char *id, enum verdict verdict)
{
	const struct finding *found = finding(id);

	ck_assert_msg(found->verdict == verdict, "%s: %s: %s", id, verdict_word(found->verdict),
		      found->reason);
}

/* ---- the forge ---- */

static enum forge_result make(const char *document, struct forged *out)
{
	static const char frame[] =
		"{\"name\":\"s\",\"bodies\":{\"compact\":{},\"spaces\":{\"layout\":\"spaces\"},"
		"\"big\":{\"bytes\":5000},\"deep\":{\"nested\":3},\"odd\":{\"id_json\":\"null\"},"
		"\"lf\":{\"layout\":\"pretty\",\"after\":\"\\n\",\"last\":\"\\\"a\\\":[1]\"}},"
		"\"checks\":[{\"id\":\"a\",\"group\":\"g\",\"level\":\"MUST\",\"clause\":\"c\","
		"\"requirement\":\"r\",\"remedy\":\"m\",\"steps\":[%s]}]}";
	struct forge_config config = forge_config();
	struct forge *forge;
	enum forge_result made;
	static char text[4096];

	suite_fini(&suite);
	snprintf(text, sizeof(text), frame, document);
	ck_assert_msg(suite_load(&suite, hp_view_of(text), "s", &err) == 0, "%s", err.msg);
	forge = forge_new(&config, &err);
	ck_assert_msg(forge != NULL, "%s", err.msg);
	made = forge_make(forge, &(struct forge_order){.check = "a",
						       .step = &suite.checks[0].steps[0],
						       .event_number = 1,
						       .wall_ns = 1700000000 * HP_S_NS}, out);
	forge_free(forge);
	return made;
}

static enum scheme_verdict verdict_of(const struct forged *forged)
{
	const struct scheme_key *keys[] = {self.key};
	struct hp_view all = hp_buf_view(&forged->bytes);
	struct http1_head head;

	ck_assert_int_eq(http1_parse_request(all.at, all.bytes, &head), HTTP1_DONE);
	ck_assert_uint_eq(head.head_bytes, forged->head_bytes);
	return scheme_verify(
		&self.profile.scheme, (struct scheme_keys){keys, 1},
		&(struct scheme_received){head.headers,
					  head.header_count,
					  {all.at + head.head_bytes, forged->body_bytes},
					  {NULL, 0}, 1700000000});
}

static const struct {
	const char *profile, *step;
	enum scheme_verdict verdict;
} forgeries[] = {
	{"paisr-v1", "{}", SCHEME_VALID},
	{"paisr-v2", "{}", SCHEME_VALID},
	{"stripe", "{}", SCHEME_VALID},
	{"square", "{\"method\":\"POST\"}", SCHEME_MISMATCH}, /* no URL is known to verify with */
	{"paisr-v1", "{\"body\":\"spaces\"}", SCHEME_VALID},
	{"paisr-v1", "{\"body\":\"lf\"}", SCHEME_VALID},
	{"paisr-v1", "{\"body\":\"spaces\",\"sign\":{\"body\":\"compact\"}}", SCHEME_MISMATCH},
	{"paisr-v1", "{\"sign\":{\"spelling\":\"other-digest\"}}", SCHEME_MISMATCH},
	{"paisr-v1", "{\"sign\":{\"spelling\":\"upper\"}}", SCHEME_MALFORMED},
	{"paisr-v1", "{\"sign\":{\"spelling\":\"shorter\"}}", SCHEME_MALFORMED},
	{"paisr-v1", "{\"sign\":{\"hash\":\"sha512\",\"cut\":true}}", SCHEME_MISMATCH},
	{"paisr-v1", "{\"sign\":{\"how\":\"secret-content\"}}", SCHEME_MISMATCH},
	{"paisr-v1", "{\"sign\":{\"key\":\"\",\"reading\":\"text\"}}", SCHEME_MISMATCH},
	{"paisr-v1", "{\"headers\":[{\"remove\":\"{signature_header}\"}]}", SCHEME_NO_SIGNATURE},
	{"paisr-v1", "{\"headers\":[{\"add\":\"{signature_header}: {value}\"}]}", SCHEME_DOUBLED},
	{"paisr-v1", "{\"headers\":[{\"case\":\"upper\"}]}", SCHEME_VALID},
	{"paisr-v2", "{\"shift\":\"past - 2s\"}", SCHEME_VALID},
	{"paisr-v2", "{\"shift\":\"past + 5s\"}", SCHEME_STALE},
	{"paisr-v2", "{\"shift\":\"future + 5s\"}", SCHEME_FUTURE},
	{"paisr-v2", "{\"sign\":{\"shift\":\"- 1h\"}}", SCHEME_MISMATCH},
	{"paisr-v2", "{\"untimed\":true}", SCHEME_NO_TIMESTAMP},
	{"paisr-v2", "{\"timestamp\":\"{t}.9\"}", SCHEME_BAD_TIMESTAMP},
	{"paisr-v2", "{\"timestamp\":\"+{t}\",\"sign\":{\"timestamp\":\"{t}\"}}",
	 SCHEME_BAD_TIMESTAMP},
	{"stripe", "{\"sign\":{\"list\":[\"bad\",\"good\"]}}", SCHEME_VALID},
	{"stripe", "{\"sign\":{\"list\":[\"unknown\",\"bad\"]}}", SCHEME_MISMATCH},
};

/* Goal: a step is wrong in exactly what it says, as the strict verifier reads it. */
START_TEST(test_forgeries)
{
	struct forged forged;

	load(forgeries[_i].profile);
	ck_assert_int_eq(make(forgeries[_i].step, &forged), FORGE_MADE);
	ck_assert_str_eq(scheme_verdict_word(verdict_of(&forged)),
			 scheme_verdict_word(forgeries[_i].verdict));
	forged_fini(&forged);
}
END_TEST

static const struct {
	const char *step, *text;
	size_t bytes; /* of the body; 0: not said */
} bodies[] = {
	{"{}", "{\"id\":\"inv_", 0},
	{"{\"body\":\"spaces\"}", "\", \"event\": \"invoice.paid\"}", 0},
	{"{\"body\":\"big\"}", ",\"filler\":\"xxx", 5000},
	{"{\"body\":\"deep\"}", ",\"nested\":[[[]]]}", 0},
	{"{\"body\":\"odd\"}", "{\"id\":null,\"event\"", 0},
	{"{\"body\":\"lf\"}", "\n  \"a\": [\n    1\n  ]\n}\n", 0},
	{"{\"framing\":{\"chunks\":[1,7]}}", "\r\n\r\n1\r\n{\r\n7\r\n", 0},
	{"{\"method\":\"PUT\",\"target\":\"{target}?a={signature}\"}", "PUT /hook?a=", 0},
	{"{\"headers\":[{\"add\":\"X: {filler:5}\",\"times\":2}]}", "X: xxxxx\r\nX: xxxxx\r\n", 0},
};

/* Goal: bodies, framing and header lines are what the step says, byte for byte. */
START_TEST(test_bytes)
{
	struct forged forged;

	load("paisr-v1");
	ck_assert_int_eq(make(bodies[_i].step, &forged), FORGE_MADE);
	ck_assert_msg(strstr(hp_buf_text(&forged.bytes), bodies[_i].text) != NULL, "%s",
		      hp_buf_text(&forged.bytes));
	if (bodies[_i].bytes)
		ck_assert_uint_eq(forged.body_bytes, bodies[_i].bytes);
	ck_assert_ptr_nonnull(strstr(forged.key, ":invoice.paid"));
	forged_fini(&forged);
}
END_TEST

/* Goal: what would be the right delivery after all proves nothing, and is not sent. */
START_TEST(test_moot)
{
	static const char *const steps[] = {
		"{\"sign\":{\"key\":\"" SECRET "\",\"reading\":\"text\"}}",
		"{\"sign\":{\"body\":\"compact\"}}",
		"{\"sign\":{\"hash\":\"sha256\"}}",
		"{\"sign\":{\"spelling\":\"unpadded\"}}",
		"{\"sign\":{\"key\":\"no hex\",\"reading\":\"hex\"}}",
	};
	struct forged forged;

	load("paisr-v1");
	ck_assert_int_eq(make(steps[_i], &forged), FORGE_MOOT);
	forged_fini(&forged);
}
END_TEST

/* ---- the runner ---- */

/* Goal: a correct receiver passes all that can be seen; what cannot is never a pass. */
START_TEST(test_good)
{
	load("paisr-v1");
	run(GOOD, NULL, NULL, 0);
	for (size_t i = 0; i < result.judgement.finding_count; i++) {
		enum verdict verdict = result.judgement.findings[i].verdict;

		ck_assert_msg(verdict == VERDICT_PASS || verdict == VERDICT_UNOBSERVED ||
				      verdict == VERDICT_NOT_APPLICABLE, "%s: %s",
			      result.judgement.findings[i].check->id,
			      result.judgement.findings[i].reason);
	}
	ck_assert_int_eq(result.judgement.exit, 0);
	expect("once-in-sequence", VERDICT_UNOBSERVED);
	expect("time-rejects-stale", VERDICT_NOT_APPLICABLE);
	ck_assert_ptr_nonnull(strstr(result.effects, "not observed"));
	certify_result_fini(&result);
}
END_TEST

/* Goal: with a probe, effects decide: one of each event, whatever comes again. */
START_TEST(test_effects)
{
	static const char *const only[] = {"once-in-sequence", "once-in-parallel",
					   "once-not-poisoned-by-forgery", "time"};

	load("paisr-v1");
	run(_i ? FORGETS : GOOD, &effects, only, 4);
	expect("once-in-sequence", _i ? VERDICT_FAIL : VERDICT_PASS);
	expect("once-in-parallel", _i ? VERDICT_FAIL : VERDICT_PASS);
	expect("time-late-replay-has-one-effect", _i ? VERDICT_FAIL : VERDICT_PASS);
	expect("once-not-poisoned-by-forgery", VERDICT_PASS);
	ck_assert_int_eq(result.judgement.exit, _i ? 1 : 0);
	certify_result_fini(&result);
}
END_TEST

/* Goal: the defect is named by its own check, and the others stay silent. */
START_TEST(test_defects)
{
	static const struct {
		enum fault fault;
		const char *fails, *passes;
	} rows[] = {
		{NO_VERIFY, "sig-rejects-wrong-digest", "sig-accepts-spaces"},
		{TRIMS, "sig-accepts-pretty-newlines", "sig-rejects-wrong-digest"},
		{LEAKS, "sig-rejection-leaks-nothing", "sig-rejects-wrong-digest"},
		{GROWLS, "sig-rejects-wrong-length", "sig-accepts-spaces"},
	};
	static const char *const only[] = {"accept", "reject"};

	load("paisr-v1");
	run(rows[_i].fault, NULL, only, 2);
	expect(rows[_i].fails, VERDICT_FAIL);
	expect(rows[_i].passes, VERDICT_PASS);
	ck_assert_uint_gt(finding(rows[_i].fails)->evidence_count, 0);
	ck_assert_int_eq(result.judgement.exit, 1);
	if (rows[_i].fault == TRIMS)
		ck_assert_ptr_nonnull(strstr(finding(rows[_i].fails)->diagnosis, "body-trimmed"));
	certify_result_fini(&result);
}
END_TEST

/* Goal: when the plain delivery is refused, that is the finding, and nothing else is judged. */
START_TEST(test_control)
{
	static const char *const only[] = {"accept"};

	load("paisr-v1");
	run(REFUSES_ALL, NULL, only, 1);
	expect("sig-accepts-compact", VERDICT_FAIL);
	expect("sig-accepts-spaces", VERDICT_INCONCLUSIVE);
	ck_assert_ptr_nonnull(strstr(finding("sig-accepts-compact")->diagnosis, "No known recipe"));
	ck_assert_int_eq(result.judgement.exit, 1);
	certify_result_fini(&result);
}
END_TEST

/* Goal: a receiver that dies is a finding of the check that killed it; the rest is undecided. */
START_TEST(test_death)
{
	static const char *const only[] = {"sig-rejects-missing-header", "sig-rejects-flipped-bit",
					   "sig-accepts-spaces"};

	load("paisr-v1");
	run(DIES, NULL, only, 3);
	expect("sig-accepts-spaces", VERDICT_PASS);
	expect("sig-rejects-missing-header", VERDICT_FAIL);
	expect("sig-rejects-flipped-bit", VERDICT_INCONCLUSIVE);
	ck_assert_ptr_nonnull(strstr(finding("sig-rejects-flipped-bit")->reason,
				     "gone after sig-rejects-missing-header"));
	certify_result_fini(&result);
}
END_TEST

/* Goal: a receiver that is down fails nothing: exit 5. */
START_TEST(test_down)
{
	struct certify_config config = {.level = CHECK_INFO};
	struct certify *certify;

	load("paisr-v1");
	config.forge = forge_config();
	config.courier.address = endpoint_start(receive, NULL);
	endpoint_stop();
	certify = certify_new(&config, &err);
	certify_run(certify, &result);
	ck_assert(result.unreachable);
	ck_assert_int_eq(result.judgement.exit, 5);
	ck_assert_uint_eq(result.judgement.counts[VERDICT_FAIL], 0);
	certify_result_fini(&result);
	certify_free(certify);
}
END_TEST

/* Goal: a name that is none is refused, with the nearest; so is a secret that is no key. */
START_TEST(test_usage)
{
	static const char *const only[] = {"sig-accepts-compat"};
	struct certify_config config = {.only = only, .only_count = 1};

	load("paisr-v1");
	config.forge = forge_config();
	ck_assert_ptr_null(certify_new(&config, &err));
	ck_assert_int_eq(err.code, HP_EUSAGE);
	ck_assert_ptr_nonnull(strstr(err.msg, "did you mean sig-accepts-compact?"));
	config.only_count = 0;
	config.forge.secret = HP_LITERAL("");
	ck_assert_ptr_null(certify_new(&config, &err));
	ck_assert_int_eq(err.code, HP_EUSAGE);
}
END_TEST

Suite *suite_certify(void);
Suite *suite_certify(void)
{
	Suite *s = suite_create("certify");
	TCase *tc = tcase_create("certify");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_forgeries, 0, sizeof(forgeries) / sizeof(forgeries[0]));
	tcase_add_loop_test(tc, test_bytes, 0, sizeof(bodies) / sizeof(bodies[0]));
	tcase_add_loop_test(tc, test_moot, 0, 5);
	tcase_add_test(tc, test_good);
	tcase_add_loop_test(tc, test_effects, 0, 2);
	tcase_add_loop_test(tc, test_defects, 0, 4);
	tcase_add_test(tc, test_control);
	tcase_add_test(tc, test_death);
	tcase_add_test(tc, test_down);
	tcase_add_test(tc, test_usage);
	suite_add_tcase(s, tc);
	return s;
}
