#include "scenarios/profile_document.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "tests/lib/guard.h"

enum { REFUSED_ROWS = 31, SET_ROWS = 18 };

static struct fixture {
	struct profile profile;
	struct hp_err err;
} f;

static void setup(void)
{
	profile_init(&f.profile);
}

static int load(const char *text)
{
	size_t bytes = strlen(text);
	char *copy = guard_copy(text, bytes);
	int result = profile_load(&f.profile, (struct hp_view){copy, bytes}, "p.json", &f.err);

	guard_free(copy);
	return result;
}

static void load_shipped(const char *name)
{
	char path[300];
	struct hp_buf text;

	snprintf(path, sizeof(path), "scenarios/profiles/%s", name);
	hp_buf_init(&text, PROFILE_DOCUMENT_BYTES_MAX);
	ck_assert_msg(hp_json_slurp(path, &text, &f.err) == 0, "%s", f.err.msg);
	ck_assert_msg(profile_load(&f.profile, hp_buf_view(&text), path, &f.err) == 0,
		      "%s:%u:%u: %s", path, f.err.at.line, f.err.at.column, f.err.msg);
	hp_buf_fini(&text);
}

/* Goal: every shipped profile loads, is named like its file, and reads back from what is printed
 * of it without a byte's difference. */
START_TEST(test_shipped)
{
	DIR *folder = opendir("scenarios/profiles");
	struct dirent *entry;
	int count = 0;

	ck_assert_ptr_nonnull(folder);
	while ((entry = readdir(folder))) {
		struct hp_buf first, second;
		char name[PROFILE_NAME_BYTES + 8];

		if (!strstr(entry->d_name, ".json"))
			continue;
		load_shipped(entry->d_name);
		snprintf(name, sizeof(name), "%s.json", f.profile.name);
		ck_assert_str_eq(name, entry->d_name);
		hp_buf_init(&first, PROFILE_DOCUMENT_BYTES_MAX);
		hp_buf_init(&second, PROFILE_DOCUMENT_BYTES_MAX);
		profile_print(&f.profile, &first);
		ck_assert_msg(load(hp_buf_text(&first)) == 0, "%s: %s", name, f.err.msg);
		profile_print(&f.profile, &second);
		ck_assert(!first.cut);
		ck_assert_str_eq(hp_buf_text(&first), hp_buf_text(&second));
		hp_buf_fini(&first);
		hp_buf_fini(&second);
		count++;
	}
	closedir(folder);
	ck_assert_int_ge(count, 15);
}
END_TEST

/* Goal: the default profile says what the Paisr contract says. */
START_TEST(test_paisr)
{
	load_shipped("paisr-v1.json");
	ck_assert_str_eq(f.profile.scheme.families[0].signature, "X-Paisr-Signature");
	ck_assert_uint_eq(f.profile.retry.attempts_max, 11);
	ck_assert_uint_eq(f.profile.retry.base_ns, 60 * HP_S_NS);
	ck_assert_double_eq(f.profile.retry.factor, 2);
	ck_assert_int_eq(f.profile.retry.jitter, RETRY_JITTER_FRACTION);
	ck_assert_double_eq(f.profile.retry.jitter_fraction, 0.2);
	ck_assert_int_eq(f.profile.retry.after, RETRY_AFTER_NEXT_SLOT);
	ck_assert_uint_eq(f.profile.timeout_ns, 15 * HP_S_NS);
	ck_assert_uint_eq(f.profile.connect_timeout_ns, 15 * HP_S_NS);
	ck_assert(profile_is_success(&f.profile, 204) && !profile_is_success(&f.profile, 301));
	ck_assert_int_eq(f.profile.rotation, PROFILE_ROTATE_GRACE);
	ck_assert_uint_eq(f.profile.header_count, 2);
	ck_assert_str_eq(f.profile.headers[0].value, "PCB Events");
	ck_assert_str_eq(f.profile.body, "{\"id\":\"{resource}\",\"event\":\"{type}\"}");
	ck_assert_uint_ne(f.profile.assumed, 0);
}
END_TEST

#define GOOD "\"name\":\"x\",\"source\":\"s\",\"date\":\"d\",\"scheme\":{\"header\":\"X-S\"}"

#define NINE(text) text text text text text text text text text

/* Goal: what a document must not hold is refused at its place, with what was wanted. */
START_TEST(test_refused)
{
	static const struct {
		const char *text, *part;
		unsigned line;
	} rows[] = {
		{"{" GOOD ",\n\"retry\":{\"bsae\":\"1s\"}}", "did you mean \"retry.base\"", 2},
		{"{" GOOD ",\n\"colour\":1}", "unknown key", 2},
		{"{" GOOD ",\n\"retry\":{\"base\":1}}", "a string", 2},
		{"{" GOOD ",\n\"retry\":{\"base\":\"1 parsec\"}}", "found \"1 parsec\"", 2},
		{"{" GOOD ",\n\"retry\":3}", "object", 2},
		{"{" GOOD ",\n\"retry\":{\"attempts_max\":0}}", "from 1 to 100", 2},
		{"{" GOOD ",\n\"retry\":{\"attempts_max\":101}}", "from 1 to 100", 2},
		{"{" GOOD ",\n\"retry\":{\"attempts_max\":1.5}}", "from 1 to 100", 2},
		{"{" GOOD ",\n\"retry\":{\"factor\":0.5}}", "from 1 to 1000", 2},
		{"{" GOOD ",\n\"retry\":{\"law\":\"magic\"}}", "exponential linear list", 2},
		{"{" GOOD ",\n\"retry\":{\"law\":\"list\",\"attempts_max\":2}}", "list is empty",
		 1},
		{"{" GOOD ",\n\"retry\":{\"jitter\":1.1}}", "none, full", 2},
		{"{" GOOD ",\n\"retry\":{\"list\":[\"1s\",\"x\"]}}", "found \"x\"", 2},
		{"{" GOOD ",\n\"timeout\":\"0s\"}", "not 0", 2},
		{"{" GOOD ",\n\"success\":\"299-200\"}", "2xx", 2},
		{"{" GOOD ",\n\"gone_stops\":\"yes\"}", "true or false", 2},
		{"{" GOOD ",\n\"reject_status\":[]}", "reject_may_ack", 1},
		{"{" GOOD ",\n\"reject_status\":[99]}", "100 to 599", 2},
		{"{" GOOD ",\n\"headers\":{\"X-A\":\"{id}\"}}", "{type} {resource} {key}", 2},
		{"{" GOOD ",\n\"headers\":{\"X-A\":\"" NINE("{key}") "\"}}", "at most 8", 1},
		{"{" GOOD ",\n\"body\":\"" NINE("{resource}") "\"}", "at most 8", 1},
		{"{" GOOD ",\n\"headers\":{\"X-A\":\"a\\r\\nb\"}}", "printable", 2},
		{"{" GOOD ",\n\"headers\":{\"X A\":\"a\"}}", "Name: value", 2},
		{"{" GOOD ",\n\"headers\":{\"X\\u0000A\":\"a\"}}", "name of a header", 2},
		{"{" GOOD ",\n\"name\\u0000\":\"a\"}", "unknown key", 2},
		{"{" GOOD ",\n\"assumed\":[\"retry.bose\"]}", "did you mean \"retry.base\"", 2},
		{"{" GOOD ",\n\"name\":\"y\"}", "name", 2},
		{"{" GOOD ",\n\"identity\":{\"id\":\"id\"}}", "begins with /", 1},
		{"{\"source\":\"s\",\"date\":\"d\",\"scheme\":{\"header\":\"X-S\"}}", "name", 1},
		{"{\"name\":\"x\",\"scheme\":{\"header\":\"X-S\"}}", "source", 1},
		{"{\"name\":\"x\",\"source\":\"s\",\"date\":\"d\"}", "no header", 1},
		{"[]", "object", 1},
		{"{", "", 1},
	};

	ck_assert_int_eq(load(rows[_i].text), -1);
	ck_assert_msg(strstr(f.err.msg, rows[_i].part) != NULL, "%s", f.err.msg);
	ck_assert_int_eq(f.err.code, HP_EINPUT);
	ck_assert_uint_eq(f.err.at.line, rows[_i].line);
	ck_assert_str_eq(f.err.at.file, "p.json");
	ck_assert_str_eq(f.profile.name, "");
}
END_TEST

/* Goal: --set reaches values of every kind, by whole and by short name. */
START_TEST(test_set)
{
	static const char *const rows[][2] = {
		{"retry.base=200ms", "\"base\": \"200ms\""},
		{"base=90s", "\"base\": \"90s\""},
		{"retry.factor=1.5", "\"factor\": 1.5"},
		{"retry.jitter=full", "\"jitter\": \"full\""},
		{"retry.jitter=+5s", "\"jitter\": \"+5s\""},
		{"retry.jitter=0.25", "\"jitter\": 0.25"},
		{"retry.list=1s,2h", "\"1s\""},
		{"attempts_max=3", "\"attempts_max\": 3"},
		{"encoding=base64", "\"encoding\": \"base64\""},
		{"scheme.algorithm=ed25519", "\"algorithm\": \"ed25519\""},
		{"tolerance_past=none", "\"tolerance_past\": \"none\""},
		{"tolerance_past=5m", "\"tolerance_past\": \"5m\""},
		{"success=200", "\"success\": \"200-200\""},
		{"gone_stops=true", "\"gone_stops\": true"},
		{"reject_status=400,404", "404"},
		{"headers=X-A: b={key}", "\"X-A\": \"b={key}\""},
		{"scheme.value=t={timestamp},v1={signature}", "\"t={timestamp},v1={signature}\""},
		{"body_bytes_max=1KiB", "\"body_bytes_max\": 1024"},
	};
	struct hp_buf out;

	ck_assert_msg(profile_set(&f.profile, rows[_i][0], &f.err) == 0, "%s", f.err.msg);
	hp_buf_init(&out, PROFILE_DOCUMENT_BYTES_MAX);
	profile_print(&f.profile, &out);
	ck_assert_msg(strstr(hp_buf_text(&out), rows[_i][1]) != NULL, "%s", hp_buf_text(&out));
	hp_buf_fini(&out);
}
END_TEST

/* Goal: a wrong --set says why and changes nothing. */
START_TEST(test_set_refused)
{
	static const char *const rows[][2] = {
		{"retry.base", "KEY=VALUE"},
		{"retry.bse=1s", "did you mean \"retry.base\""},
		{"header=X", "unknown key"}, /* three keys end so */
		{"retry.base=soon", "retry.base: want a span"},
		{"retry.list=1s,soon", "retry.list"},
		{"algorithm=rot13", "hmac-sha256"},
		{"scheme.header=a b", "name of a header"},
		{"=", "unknown key"},
	};
	struct profile before = f.profile;

	ck_assert_int_eq(profile_set(&f.profile, rows[_i][0], &f.err), -1);
	ck_assert_int_eq(f.err.code, HP_EUSAGE);
	ck_assert_msg(strstr(f.err.msg, rows[_i][1]) != NULL, "%s", f.err.msg);
	ck_assert_mem_eq(&f.profile, &before, sizeof(before));
}
END_TEST

/* Goal: a value that the user sets is no longer an assumption of ours. */
START_TEST(test_set_is_no_assumption)
{
	load_shipped("paisr-v1.json");
	uint64_t before = f.profile.assumed;

	ck_assert_int_eq(profile_set(&f.profile, "retry.base=60s", &f.err), 0);
	ck_assert_int_eq(__builtin_popcountll(before) - 1, __builtin_popcountll(f.profile.assumed));
}
END_TEST

/* Goal: lint is told of each value that no run heeds yet, at its place, and of no other. */
START_TEST(test_idle)
{
	static const char json[] = "{\"redirects\": \"follow\",\n\"timeout\": \"1s\", "
				   "\"reject_may_ack\": true, \"body_bytes_max\": 7}";
	struct hp_buf warnings;

	hp_buf_init(&warnings, 1024);
	profile_warn_idle(HP_LITERAL(json), "p.json", &warnings);
	ck_assert_str_eq(hp_buf_text(&warnings),
			 "p.json:1:15: redirects: no run heeds this value yet\n"
			 "p.json:2:36: reject_may_ack: no run heeds this value yet\n"
			 "p.json:2:60: body_bytes_max: no run heeds this value yet\n");
	hp_buf_clear(&warnings);
	profile_warn_idle(HP_LITERAL("{\"redirects\": \"fail\"}"), "p.json", &warnings);
	profile_warn_idle(HP_LITERAL("no document"), "p.json", &warnings);
	ck_assert_uint_eq(warnings.bytes, 0);
	hp_buf_fini(&warnings);
}
END_TEST

Suite *suite_profile(void);

Suite *suite_profile(void)
{
	Suite *suite = suite_create("profile");
	TCase *tcase = tcase_create("profile");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_shipped);
	tcase_add_test(tcase, test_paisr);
	tcase_add_loop_test(tcase, test_refused, 0, REFUSED_ROWS);
	tcase_add_loop_test(tcase, test_set, 0, SET_ROWS);
	tcase_add_loop_test(tcase, test_set_refused, 0, 8);
	tcase_add_test(tcase, test_set_is_no_assumption);
	tcase_add_test(tcase, test_idle);
	suite_add_tcase(suite, tcase);
	return suite;
}
