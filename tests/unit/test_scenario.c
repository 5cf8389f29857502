#include "scenarios/scenario.h"

#include <check.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/span.h"
#include "receivers/receiver.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

/* A small good document, as the beginning and the end around what a row adds. */
#define ARRIVALS "\"arrivals\":{\"kind\":\"constant\",\"rate\":\"10/s\",\"for\":\"1s\"},"
#define ENDPOINTS "\"endpoints\":[{\"name\":\"a\",\"receiver\":\"r\"}],"
#define RECEIVERS "\"receivers\":[{\"name\":\"r\"}]"
#define GOOD(more) "{" more ARRIVALS ENDPOINTS RECEIVERS "}"
#define WITH_ARRIVALS(arrivals) "{\"arrivals\":" arrivals "," ENDPOINTS RECEIVERS "}"
#define WITH_ENDPOINT(endpoint) "{" ARRIVALS "\"endpoints\":[" endpoint "]," RECEIVERS "}"
#define WITH_RECEIVERS(receivers) "{" ARRIVALS ENDPOINTS "\"receivers\":[" receivers "]}"

/* Profiles come from the program; recorded arrivals are what the test says. */
static const char *recorded;

static int read_document(const struct scenario_source *source, const char *kind, const char *name,
			 struct hp_buf *out, struct hp_err *err)
{
	struct scenario_source disk = scenario_source_disk("");

	(void)source;
	if (strcmp(kind, "recorded") != 0)
		return disk.read(&disk, kind, name, out, err);
	hp_buf_add_text(out, recorded);
	return 0;
}

static int load(struct scenario *out, const char *text, const struct scenario_overrides *overrides,
		struct hp_err *err)
{
	struct scenario_source source = {
		.read = read_document, .folder = "", .secrets_needed = true};

	*err = (struct hp_err){.msg = ""};
	return scenario_load(out, (struct scenario_text){"dir/s.json", hp_view_of(text)}, &source,
			     overrides, err);
}

static void load_good(struct scenario *out, const char *text)
{
	struct hp_err err;

	ck_assert_msg(load(out, text, NULL, &err) == 0, "%s", err.msg);
}

/* Goal: a document that says little gets the defaults that the format promises. */
START_TEST(test_defaults)
{
	static struct scenario s;
	const struct plan_endpoint *endpoint;

	load_good(&s, GOOD(""));
	endpoint = &s.plan.endpoints[0];
	ck_assert_str_eq(s.plan.name, "s");
	ck_assert(s.plan.seed == 1 && s.plan.time_scale >= 1 && s.plan.time_scale <= 1);
	ck_assert_str_eq(s.plan.profile.name, "paisr-v1");
	ck_assert_uint_eq(s.plan.type_count, 5);
	ck_assert_uint_eq(s.plan.body_bytes, 0);
	ck_assert_uint_eq(s.plan.arrivals.rate_micro_per_s, 10000000);
	ck_assert_uint_eq(s.plan.arrivals.span_ns, HP_S_NS);
	ck_assert_uint_eq(endpoint->connections_max, 64);
	ck_assert_int_eq(endpoint->receiver_index, 0);
	ck_assert_str_eq(endpoint->url, "http://127.0.0.1:0/hooks");
	ck_assert_str_eq(endpoint->target, "/hooks");
	ck_assert_ptr_nonnull(endpoint->secret);
	ck_assert_uint_eq(s.receiver_count, 1);
	ck_assert_ptr_eq(s.receivers[0].secrets[0], endpoint->secret);
	ck_assert_ptr_eq(s.receivers[0].profile, &s.plan.profile);
	ck_assert(s.receivers[0].verify && s.receivers[0].idempotent);
	ck_assert_int_eq(s.receivers[0].status, 204);
	scenario_fini(&s);
}
END_TEST

static const char everything[] =
	"{\"name\":\"all-of.it_2\",\"description\":\"d\",\"seed\":9007199254740991,"
	"\"profile\":\"paisr-v2\",\"set\":{\"retry.base\":\"200ms\",\"retry.attempts_max\":3},"
	"\"time_scale\":0.001,\"events\":{\"types\":[{\"type\":\"invoice.paid\"},"
	"{\"type\":\"x.y\",\"weight\":3,\"resource\":\"res\"}],\"body\":\"4KiB\"},"
	"\"arrivals\":{\"kind\":\"burst\",\"size\":50,\"every\":\"1s\",\"gap\":\"10us\","
	"\"count\":100},\"warmup\":\"2s\",\"endpoints\":[{\"name\":\"a\",\"receiver\":\"r\","
	"\"events\":[\"invoice.*\",\"*\"],\"secret\":\"key\",\"connections\":7},"
	"{\"name\":\"b\",\"url\":\"http://[::1]:81/p?q=1\",\"secret\":\"other\"},"
	"{\"name\":\"c\",\"url\":\"http://example.test\",\"secret\":\"other\"}],"
	"\"receivers\":[{\"name\":\"r\",\"listen\":\"127.0.0.2:8080\",\"path\":\"/p\","
	"\"verify\":false,\"idempotent\":false,\"events\":[\"x.y\"],\"secret\":\"mine\","
	"\"status\":200,\"behaviours\":[{\"behaviour\":\"first-n\",\"n\":2,"
	"\"fault\":\"status\",\"code\":500,\"retry_after\":7},{\"behaviour\":\"outage\","
	"\"to\":\"never\"},{\"behaviour\":\"share\",\"share\":0.25}]}],"
	"\"network\":{\"latency\":\"1ms\",\"loss\":0.01},\"limits\":{\"in_flight\":5,"
	"\"queue\":\"1s\",\"drain\":\"2s\",\"lag\":\"3ms\",\"answer\":\"1KiB\"},"
	"\"record\":\"failures\",\"thresholds\":[\"response.p99<50ms\"],"
	"\"judge\":{\"set\":{\"retry.base\":\"60s\"}},"
	"\"must_fail\":[\"never-early\",\"threshold:response.p99<50ms\"]}";

/* Goal: every key arrives where the plan has it. */
START_TEST(test_plan)
{
	static struct scenario s;

	load_good(&s, everything);
	ck_assert_str_eq(s.plan.name, "all-of.it_2");
	ck_assert_str_eq(s.description, "d");
	ck_assert_uint_eq(s.plan.seed, HP_JSON_INTEGER_MAX);
	ck_assert_uint_eq(s.plan.profile.retry.base_ns, 200 * HP_MS_NS);
	ck_assert_uint_eq(s.plan.profile.retry.attempts_max, 3);
	ck_assert_uint_eq(s.plan.judged.retry.base_ns, 60 * HP_S_NS);
	ck_assert_uint_eq(s.plan.judged.retry.attempts_max, 3);
	ck_assert(s.plan.time_scale > 0.0009 && s.plan.time_scale < 0.0011);
	ck_assert_uint_eq(s.plan.type_count, 2);
	ck_assert_str_eq(s.plan.types[0].prefix, "inv");
	ck_assert_uint_eq(s.plan.types[1].weight, 3);
	ck_assert_uint_eq(s.plan.body_bytes, 4096);
	ck_assert_int_eq((int)s.plan.arrivals.kind, ARRIVALS_BURST);
	ck_assert_uint_eq(s.plan.arrivals.burst_gap_ns, 10 * HP_US_NS);
	ck_assert_uint_eq(s.plan.arrivals.count_max, 100);
	ck_assert_uint_eq(s.plan.warmup_ns, 2 * HP_S_NS);
	ck_assert_uint_eq(s.network.latency_ns, HP_MS_NS);
	ck_assert_uint_eq(s.plan.limits.in_flight_max, 5);
	ck_assert_uint_eq(s.plan.limits.queue_ns_max, HP_S_NS);
	ck_assert_uint_eq(s.plan.limits.answer_bytes_max, 1024);
	ck_assert_int_eq((int)s.plan.recording, PLAN_RECORD_FAILURES);
	ck_assert_uint_eq(s.plan.threshold_count, 1);
	ck_assert_uint_eq(s.must_fail_count, 2);
	scenario_fini(&s);
}
END_TEST

/* Goal: endpoints are taken apart into what a request needs. */
START_TEST(test_endpoints)
{
	static struct scenario s;

	load_good(&s, everything);
	ck_assert_uint_eq(s.plan.endpoint_count, 3);
	ck_assert_str_eq(s.plan.endpoints[0].url, "http://127.0.0.2:8080/p");
	ck_assert_str_eq(s.plan.endpoints[0].host, "127.0.0.2:8080");
	ck_assert_uint_eq(s.plan.endpoints[0].events.count, 2);
	ck_assert_uint_eq(s.plan.endpoints[0].connections_max, 7);
	ck_assert_str_eq(s.plan.endpoints[1].host, "[::1]:81");
	ck_assert_str_eq(s.plan.endpoints[1].target, "/p?q=1");
	ck_assert_uint_eq(s.plan.endpoints[1].address.family, 6);
	ck_assert_int_eq(s.plan.endpoints[1].receiver_index, PLAN_NO_RECEIVER);
	ck_assert_str_eq(s.plan.endpoints[2].host, "example.test");
	ck_assert_str_eq(s.plan.endpoints[2].target, "/");
	ck_assert_uint_eq(s.plan.endpoints[2].address.family, 0);
	ck_assert_uint_eq(s.plan.endpoints[2].address.number, 80);
	scenario_fini(&s);
}
END_TEST

/* Goal: receivers get their own secret and their behaviours. */
START_TEST(test_receivers)
{
	static struct scenario s;

	load_good(&s, everything);
	ck_assert_uint_eq(s.receivers[0].behaviour_count, 3);
	ck_assert(!s.receivers[0].verify && !s.receivers[0].idempotent && !s.receivers[0].tls);
	ck_assert_int_eq(s.receivers[0].status, 200);
	ck_assert(hp_view_equal(hp_secret_view(s.receivers[0].secrets[0]), HP_LITERAL("mine")));
	scenario_fini(&s);
}
END_TEST

static const struct bad {
	const char *text;
	const char *msg;
} bad[] = {
	{"{", "not JSON: want a key or '}', found the end"},
	{"[]", "document: want an object, found an array"},
	{"{}", "document: missing key \"arrivals\""},
	{"{" ARRIVALS RECEIVERS "}", "document: missing key \"endpoints\""},
	{GOOD("\"arivals\":1,"), "arivals: unknown key, did you mean \"arrivals\"?"},
	{GOOD("\"seed\":1,\"seed\":2,"), "seed: this key stands twice, first in line 1, column 9"},
	{GOOD("\"seed\":9007199254740992,"),
	 "seed: want a whole number from 0 to 9007199254740991, found 9007199254740992"},
	{GOOD("\"name\":\"A\","),
	 "name: want lower case letters, digits, '-', '_' and '.', found \"A\""},
	{GOOD("\"time_scale\":0,"),
	 "time_scale: want a number from 0.000001 to 1000 with at most six decimals, found 0"},
	{GOOD("\"warmup\":\"-1s\","),
	 "warmup: want a duration like \"250ms\", \"30s\" or \"2h\", found \"-1s\""},
	{GOOD("\"record\":\"al\","),
	 "record: want one of all, failures, summary, found \"al\": did "
	 "you mean \"all\"?"},
	{GOOD("\"profile\":\"paisr-v3\","),
	 "profile: no profile is called \"paisr-v3\", did you mean \"paisr-v1\"?"},
	{GOOD("\"profile\":7,"), "profile: want a string, found 7"},
	{GOOD("\"profile\":\"./no-such.json\","),
	 "profile: ./no-such.json: No such file or directory"},
	{GOOD("\"set\":{\"retry.bose\":\"1s\"},"),
	 "set[\"retry.bose\"]: unknown key \"retry.bose\"; did you mean \"retry.base\"?"},
	{GOOD("\"set\":{\"retry.base\":[]},"),
	 "set[\"retry.base\"]: want a string, a number, true or false, found an array"},
	{GOOD("\"network\":{\"loss\":1.1},"),
	 "network.loss: want a number from 0 to 1 with at most six decimals, found 1.1"},
	{GOOD("\"limits\":{\"in_flight\":0},"),
	 "limits.in_flight: want a whole number from 1 to 1000000, found 0"},
	{GOOD("\"judge\":{\"sets\":{}},"), "judge.sets: unknown key, did you mean \"set\"?"},
	{GOOD("\"thresholds\":[\"respnse.p99<1ms\"],"),
	 "thresholds[0]: want a threshold on one of response, service, queue, lag, delivery, "
	 "errors, "
	 "achieved, rate, delivered, exhausted, pending, dropped, duplicates, handshake: did "
	 "you mean \"response\"?"},
	{GOOD("\"must_fail\":[\"threshold:errors<1%\"],"),
	 "must_fail[0]: want one of \"thresholds\" after \"threshold:\", found "
	 "\"threshold:errors<1%\""},

	{GOOD("\"events\":{\"types\":[]},"), "events.types: want 1 to 64 event types, found 0"},
	{GOOD("\"events\":{\"types\":[{\"type\":\"a\"},{\"type\":\"a\"}]},"),
	 "events.types[1]: the event type \"a\" stands twice"},
	{GOOD("\"events\":{\"types\":[{\"weight\":1}]},"), "events.types[0]: missing key \"type\""},
	{GOOD("\"events\":{\"body\":\"2MiB\"},"),
	 "events.body: want a size like \"64KiB\" from 1 to 1048576 bytes, found \"2MiB\""},
	{GOOD("\"events\":{\"body\":true},"),
	 "events.body: want \"thin\" or a size like \"4KiB\", found true"},

	{WITH_ARRIVALS("{\"rate\":\"1/s\"}"), "arrivals: missing key \"kind\""},
	{WITH_ARRIVALS("{\"kind\":\"poison\"}"), "arrivals.kind: want one of constant, ramp, "
						 "steps, burst, poisson, recorded, closed, found "
						 "\"poison\": did you mean \"poisson\"?"},
	{WITH_ARRIVALS("{\"kind\":\"constant\",\"rate\":\"0/s\",\"for\":\"1s\"}"),
	 "arrivals.rate: want a rate above 0, like \"500/s\" or \"30/m\", found \"0/s\""},
	{WITH_ARRIVALS("{\"kind\":\"constant\",\"rate\":500,\"for\":\"1s\"}"),
	 "arrivals.rate: want a rate above 0, like \"500/s\" or \"30/m\", found 500"},
	{WITH_ARRIVALS("{\"kind\":\"constant\",\"rate\":\"1/s\"}"),
	 "arrivals: want \"for\", \"count\" or both, found neither"},
	{WITH_ARRIVALS("{\"kind\":\"constant\",\"rate\":\"1/s\",\"for\":\"0s\"}"),
	 "arrivals.for: want a duration from 1 ns to 366 d 00 h, found \"0s\""},
	{WITH_ARRIVALS("{\"kind\":\"constant\",\"rate\":\"1000000/s\",\"for\":\"10d\"}"),
	 "arrivals: want at most 10000000000 events, found about 8.64e+11"},
	{WITH_ARRIVALS("{\"kind\":\"constant\",\"rate\":\"1/s\",\"size\":1}"),
	 "arrivals.size: unknown key"},
	{WITH_ARRIVALS("{\"kind\":\"steps\",\"steps\":[]}"),
	 "arrivals.steps: want 1 to 64 steps, found 0"},
	{WITH_ARRIVALS("{\"kind\":\"steps\",\"steps\":[{\"rate\":\"1/s\"}]}"),
	 "arrivals.steps[0]: missing key \"for\""},
	{WITH_ARRIVALS("{\"kind\":\"burst\",\"size\":11,\"every\":\"1s\",\"gap\":\"100ms\","
		       "\"for\":\"5s\"}"),
	 "arrivals: want a burst that ends before the next: (size - 1) times \"gap\" below "
	 "\"every\""},
	{WITH_ARRIVALS("{\"kind\":\"closed\",\"concurrency\":0,\"for\":\"1s\"}"),
	 "arrivals.concurrency: want a whole number from 1 to 1000000, found 0"},

	{WITH_ENDPOINT("{\"name\":\"a\"}"),
	 "endpoints[0]: this endpoint points nowhere: want \"receiver\" or \"url\""},
	{"{" ARRIVALS "\"endpoints\":[]}", "endpoints: want 1 to 1024 endpoints, found 0"},
	{"{" ARRIVALS "\"endpoints\":[{\"name\":\"a\",\"receiver\":\"biling\"}],"
	 "\"receivers\":[{\"name\":\"billing\"}]}",
	 "endpoints[0].receiver: no receiver has this name, did you mean \"billing\"?"},
	{WITH_ENDPOINT("{\"name\":\"a\",\"receiver\":\"zebra\"}"),
	 "endpoints[0].receiver: want the name of one of \"receivers\", found \"zebra\""},
	{WITH_ENDPOINT("{\"name\":\"a\",\"receiver\":\"r\",\"url\":\"http://h/\"}"),
	 "endpoints[0].url: want one of \"receiver\" and \"url\""},
	{WITH_ENDPOINT("{\"name\":\"a\",\"url\":\"ftp://h/\"}"),
	 "endpoints[0].url: want a URL like \"http://127.0.0.1:8080/hooks\", found \"ftp://h/\""},
	{WITH_ENDPOINT("{\"name\":\"a\",\"url\":\"http://u:p@h/\"}"),
	 "endpoints[0].url: want a URL like \"http://127.0.0.1:8080/hooks\", found "
	 "\"http://u:p@h/\""},
	{WITH_ENDPOINT("{\"name\":\"a\",\"url\":\"http://h:0/\"}"),
	 "endpoints[0].url: want a URL like \"http://127.0.0.1:8080/hooks\", found "
	 "\"http://h:0/\""},
	{WITH_ENDPOINT("{\"name\":\"a\",\"receiver\":\"r\"},{\"name\":\"a\",\"receiver\":\"r\"}"),
	 "endpoints[1]: endpoints[0] is called \"a\" already"},
	{WITH_ENDPOINT("{\"name\":\"a\",\"receiver\":\"r\"},{\"name\":\"b\",\"receiver\":\"r\"}"),
	 "endpoints[1].receiver: this receiver already plays endpoints[0]"},
	{WITH_ENDPOINT("{\"name\":\"a\",\"receiver\":\"r\",\"events\":[\"invoice.piad\"]}"),
	 "endpoints[0].events[0]: no event type matches \"invoice.piad\", did you mean "
	 "\"invoice.paid\"?"},
	{WITH_ENDPOINT("{\"name\":\"a\",\"receiver\":\"r\",\"events\":[\"zebra.*\"]}"),
	 "endpoints[0].events[0]: want a pattern that matches an event type of \"events\", found "
	 "\"zebra.*\""},
	{WITH_ENDPOINT("{\"name\":\"a\",\"receiver\":\"r\",\"events\":[\"*.paid\"]}"),
	 "endpoints[0].events[0]: want an event type, or its beginning and a * at the end, found "
	 "\"*.paid\""},
	{WITH_ENDPOINT("{\"name\":\"a\",\"url\":\"http://h/\"}"),
	 "endpoints[0]: this endpoint has no secret: want \"secret_env\", or --secret-env on the "
	 "command line"},
	{WITH_ENDPOINT("{\"name\":\"a\",\"receiver\":\"r\",\"secret\":12345}"),
	 "endpoints[0].secret: want a string"},
	{WITH_ENDPOINT("{\"name\":\"a\",\"receiver\":\"r\",\"secret_env\":\"$X\"}"),
	 "endpoints[0].secret_env: want the name of an environment variable, found \"$X\""},
	{WITH_ENDPOINT("{\"name\":\"a\",\"receiver\":\"r\",\"secret\":\"x\",\"secret_env\":\"X\"}"),
	 "endpoints[0].secret_env: want one of \"secret\" and \"secret_env\""},

	{WITH_RECEIVERS("{\"name\":\"r\"},{\"name\":\"r\"}"),
	 "receivers[1]: receivers[0] is called \"r\" already"},
	{WITH_RECEIVERS("{\"name\":\"r\"},{\"name\":\"s\"}"),
	 "receivers[1]: no endpoint names this receiver"},
	{WITH_RECEIVERS("{\"name\":\"r\",\"listen\":\"127.0.0.1:81\"},{\"name\":\"s\","
			"\"listen\":\"0.0.0.0:81\"}"),
	 "receivers[1].listen: receivers[0] listens on port 81 already"},
	{WITH_RECEIVERS("{\"name\":\"r\",\"listen\":\"localhost:81\"}"),
	 "receivers[0].listen: want an address and a port like \"127.0.0.1:0\", found "
	 "\"localhost:81\""},
	{WITH_RECEIVERS("{\"name\":\"r\",\"path\":\"hooks\"}"),
	 "receivers[0].path: want a path like \"/hooks\", found \"hooks\""},
	{WITH_RECEIVERS("{\"name\":\"r\",\"status\":503}"),
	 "receivers[0].status: want a whole number from 200 to 299, found 503"},
};

/* Goal: each wrong document is refused with exactly the sentence that helps. */
START_TEST(test_bad)
{
	static struct scenario s;
	struct hp_err err;

	ck_assert_msg(load(&s, bad[_i].text, NULL, &err) == -1, "%s: accepted", bad[_i].text);
	ck_assert_str_eq(err.msg, bad[_i].msg);
	ck_assert_str_eq(err.at.file, "dir/s.json");
	ck_assert_uint_eq(err.at.line, 1);
	ck_assert_int_eq((int)err.code, HP_EINPUT);
}
END_TEST

#define SECRET_ENV                                                                                 \
	WITH_ENDPOINT("{\"name\":\"a\",\"receiver\":\"r\",\"secret_env\":\"HP_TEST_KEY\"}")

/* Goal: a secret's variable that is not set is exit 2 with its place, and read when it is set. */
START_TEST(test_secret_env)
{
	static struct scenario s;
	struct hp_err err;

	unsetenv("HP_TEST_KEY");
	ck_assert_int_eq(load(&s, SECRET_ENV, NULL, &err), -1);
	ck_assert_int_eq((int)err.code, HP_EUSAGE);
	ck_assert_str_eq(err.msg,
			 "endpoints[0].secret_env: the environment variable HP_TEST_KEY is "
			 "not set: export it, or name another");
	setenv("HP_TEST_KEY", "from outside", 1);
	load_good(&s, SECRET_ENV);
	ck_assert(hp_view_equal(hp_secret_view(s.plan.endpoints[0].secret),
				HP_LITERAL("from outside")));
	scenario_fini(&s);
}
END_TEST

/* Goal: lint and check do without the variable, and lint says so in one line. */
START_TEST(test_secret_warning)
{
	struct scenario_source source = {.read = read_document, .folder = ""};
	static struct scenario s;
	struct hp_buf warnings;
	struct hp_err err;

	unsetenv("HP_TEST_KEY");
	hp_buf_init(&warnings, 4096);
	source.warnings = &warnings;
	ck_assert_int_eq(scenario_load(&s, (struct scenario_text){"s.json", hp_view_of(SECRET_ENV)},
				       &source, NULL, &err),
			 0);
	ck_assert_str_eq(hp_buf_text(&warnings),
			 "s.json:1:111: endpoints[0].secret_env: the environment variable "
			 "HP_TEST_KEY is not set\n");
	ck_assert_ptr_null(s.plan.endpoints[0].secret);
	scenario_fini(&s);
	hp_buf_fini(&warnings);
}
END_TEST

/* Goal: a secret that is no key of the profile is refused, and not shown. */
START_TEST(test_secret_format)
{
	static struct scenario s;
	struct hp_err err;

	ck_assert_int_eq(load(&s,
			      "{\"profile\":\"standard-webhooks\"," ARRIVALS
			      "\"endpoints\":[{\"name\":\"a\",\"receiver\":\"r\",\"secret\":"
			      "\"p@ssw0rd\"}]," RECEIVERS "}",
			      NULL, &err),
			 -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "endpoints[0].secret: the secret is no key"));
	ck_assert_ptr_null(strstr(err.msg, "p@ssw0rd"));
}
END_TEST

static const struct {
	const char *text, *hidden;
} hidings[] = {
	{"{\"secret\":\"key\"}", "{\"secret\":\"***\"}"},
	{"\"secret\" :\n\t\"a\\\"b\", \"x\": \"y\"", "\"secret\" :\n\t\"****\", \"x\": \"y\""},
	{"\"secret\":\"a\",\"secret\":\"b\"", "\"secret\":\"*\",\"secret\":\"*\""},
	{"\"secret\":\"cut off", "\"secret\":\"*******"},
	{"\"secret\":\"cut\\", "\"secret\":\"****"},
	{"\"secret\":", "\"secret\":"},
	{"\"secret\"", "\"secret\""},
	{"\"secret\":7,\"a\":\"b\"", "\"secret\":7,\"a\":\"b\""},
	{"[\"secret\",\"a\"]", "[\"secret\",\"a\"]"},
	{"\"secret_env\":\"HOOK\"", "\"secret_env\":\"HOOK\""},
	{"\"a\":\"\\\"secret\\\":\\\"b\\\"\"", "\"a\":\"\\\"secret\\\":\\\"b\\\"\""},
};

/* Goal: a secret is hidden in a whole document and in a cut one, and nothing else is. */
START_TEST(test_hide_secrets)
{
	char *text = strdup(hidings[_i].text);

	scenario_hide_secrets(text);
	ck_assert_str_eq(text, hidings[_i].hidden);
	free(text);
}
END_TEST

/* Goal: check loads a document whose secrets are hidden, whatever keys the profile wants. */
START_TEST(test_hidden_secret)
{
	struct scenario_source source = {.read = read_document, .folder = ""};
	const char *text = "{\"profile\":\"standard-webhooks\"," ARRIVALS
			   "\"endpoints\":[{\"name\":\"a\",\"url\":\"http://127.0.0.1:1/\","
			   "\"secret\":\"****\"}]}";
	static struct scenario s;
	struct hp_err err;

	ck_assert_int_eq(load(&s, text, NULL, &err), -1);
	ck_assert_int_eq(scenario_load(&s, (struct scenario_text){"s", hp_view_of(text)}, &source,
				       NULL, &err),
			 0);
	ck_assert_ptr_null(s.plan.endpoints[0].secret);
	scenario_fini(&s);
}
END_TEST

static const char *const profiles[] = {
	"paisr-v1", "paisr-v2", "standard-webhooks", "svix",   "stripe",
	"github",   "slack",    "shopify",           "square", "paddle",
	"outpost",  "convoy",
};

/* Goal: made secrets fit every profile, repeat with the seed, and differ by endpoint and seed. */
START_TEST(test_made_secrets)
{
	static const char two[] =
		"{" ARRIVALS "\"endpoints\":[{\"name\":\"a\",\"receiver\":\"r\"},{\"name\":\"b\","
		"\"receiver\":\"s\"}],\"receivers\":[{\"name\":\"r\"},"
		"{\"name\":\"s\"}]}";
	const uint64_t seeds[] = {1, 1, 2};
	static struct scenario s[3];
	struct hp_view secrets[4];
	struct scheme_key *key;
	struct hp_err err;

	for (int i = 0; i < 3; i++) {
		struct scenario_overrides overrides = {.seed = &seeds[i], .profile = profiles[_i]};

		ck_assert_msg(load(&s[i], two, &overrides, &err) == 0, "%s", err.msg);
		secrets[i] = hp_secret_view(s[i].plan.endpoints[0].secret);
		key = scheme_key_new(&s[i].plan.profile.scheme, secrets[i], &err);
		ck_assert_msg(key != NULL, "%s: %s", profiles[_i], err.msg);
		scheme_key_free(key);
	}
	secrets[3] = hp_secret_view(s[0].plan.endpoints[1].secret);
	ck_assert(hp_view_equal(secrets[0], secrets[1]));
	ck_assert(!hp_view_equal(secrets[0], secrets[2]));
	ck_assert(!hp_view_equal(secrets[0], secrets[3]));
	for (int i = 0; i < 3; i++)
		scenario_fini(&s[i]);
}
END_TEST

/* Goal: the command line wins over the document. */
START_TEST(test_overrides)
{
	static const char *const set[] = {"retry.base=1s", "retry.factor=3"};
	const uint64_t seed = 77;
	struct hp_secret *secret = hp_secret_new(HP_LITERAL("given"));
	struct scenario_overrides overrides = {.seed = &seed,
					       .profile = "paisr-v2",
					       .set = set,
					       .set_count = 2,
					       .record = "summary",
					       .secret = secret};
	static struct scenario s;
	struct hp_err err;

	ck_assert_msg(load(&s, GOOD("\"seed\":1,\"set\":{\"retry.base\":\"9s\"},"), &overrides,
			   &err) == 0,
		      "%s", err.msg);
	hp_secret_free(secret);
	ck_assert_uint_eq(s.plan.seed, 77);
	ck_assert_uint_eq(s.receivers[0].seed, 77);
	ck_assert_str_eq(s.plan.profile.name, "paisr-v2");
	ck_assert_uint_eq(s.plan.profile.retry.base_ns, HP_S_NS);
	ck_assert_int_eq((int)s.plan.recording, PLAN_RECORD_SUMMARY);
	ck_assert(hp_view_equal(hp_secret_view(s.plan.endpoints[0].secret), HP_LITERAL("given")));
	scenario_fini(&s);
	overrides = (struct scenario_overrides){.make_secrets = true};
	ck_assert_int_eq(load(&s,
			      WITH_ENDPOINT("{\"name\":\"a\",\"url\":\"http://h/\"},"
					    "{\"name\":\"b\",\"receiver\":\"r\"}"),
			      &overrides, &err),
			 0);
	ck_assert_ptr_nonnull(s.plan.endpoints[0].secret);
	scenario_fini(&s);
	overrides = (struct scenario_overrides){.record = "some"};
	ck_assert_int_eq(load(&s, GOOD(""), &overrides, &err), -1);
	ck_assert_int_eq((int)err.code, HP_EUSAGE);
	overrides = (struct scenario_overrides){.set = (const char *const[]){"nonsense"},
						.set_count = 1};
	ck_assert_int_eq(load(&s, GOOD(""), &overrides, &err), -1);
	ck_assert_int_eq((int)err.code, HP_EUSAGE);
}
END_TEST

static const struct recording {
	const char *text;
	size_t count;
	const char *msg; /* NULL: good */
	unsigned line;
} recordings[] = {
	{"0s\n1ms\r\n\n 1ms\n2s", 4, NULL, 0},
	{"1ms\nx\n", 0, "want a time from the start like \"1.5ms\"", 2},
	{"2ms\n\n1ms\n", 0, "want times that do not go back", 3},
	{"\n", 0, "arrivals.file: want at least one time in the file", 1},
};

/* Goal: recorded times are read line by line, scaled, and refused with their line. */
START_TEST(test_recorded)
{
	const struct recording *row = &recordings[_i];
	static struct scenario s;
	struct hp_err err;
	int result;

	recorded = row->text;
	result = load(&s, WITH_ARRIVALS("{\"kind\":\"recorded\",\"file\":\"t.txt\",\"scale\":0.5}"),
		      NULL, &err);
	if (row->msg) {
		ck_assert_int_eq(result, -1);
		ck_assert_str_eq(err.msg, row->msg);
		ck_assert_uint_eq(err.at.line, row->line);
		return;
	}
	ck_assert_msg(result == 0, "%s", err.msg);
	ck_assert_uint_eq(s.plan.arrivals.recorded_count, row->count);
	ck_assert_uint_eq(s.plan.arrivals.recorded_ns[row->count - 1], HP_S_NS);
	scenario_fini(&s);
}
END_TEST

Suite *suite_scenario(void);

Suite *suite_scenario(void)
{
	Suite *suite = suite_create("scenario");
	TCase *tcase = tcase_create("scenario");

	tcase_add_test(tcase, test_defaults);
	tcase_add_test(tcase, test_plan);
	tcase_add_test(tcase, test_endpoints);
	tcase_add_test(tcase, test_receivers);
	tcase_add_loop_test(tcase, test_bad, 0, COUNT(bad));
	tcase_add_test(tcase, test_secret_env);
	tcase_add_test(tcase, test_secret_warning);
	tcase_add_test(tcase, test_secret_format);
	tcase_add_loop_test(tcase, test_hide_secrets, 0, COUNT(hidings));
	tcase_add_test(tcase, test_hidden_secret);
	tcase_add_loop_test(tcase, test_made_secrets, 0, COUNT(profiles));
	tcase_add_test(tcase, test_overrides);
	tcase_add_loop_test(tcase, test_recorded, 0, COUNT(recordings));
	suite_add_tcase(suite, tcase);
	return suite;
}
