/* Behaviours in scenario documents: every parameter of every row by its unit, what guards hold,
 * plans, and what is refused or remarked on. */
#include <check.h>
#include <stdio.h>

#include "base/span.h"
#include "receivers/latency.h"
#include "scenarios/scenario_inside.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

enum { TEXT_BYTES = 16 * 1024 };

static struct fixture {
	struct scenario scenario;
	struct hp_buf warnings;
	struct hp_err err;
	const char *top; /* keys of the document beside its receiver */
	char text[TEXT_BYTES];
} f;

#define DNS "\"dns\":\"127.0.0.1:0\","

static void setup(void)
{
	f = (struct fixture){.top = ""};
	hp_buf_init(&f.warnings, TEXT_BYTES);
}

/* Profiles come from the program; delays are what the test says. */
static const char *delays = "1\n2.5\n";

static int read_document(const struct scenario_source *source, const char *kind, const char *name,
			 struct hp_buf *out, struct hp_err *err)
{
	struct scenario_source disk = scenario_source_disk("");

	(void)source;
	if (strcmp(kind, "delays") != 0)
		return disk.read(&disk, kind, name, out, err);
	hp_buf_add_text(out, delays);
	return 0;
}

/* Loads a document whose receiver has these keys. */
static int load(const char *keys)
{
	const struct scenario_source source = {
		.read = read_document, .folder = "", .warnings = &f.warnings,
	};

	snprintf(f.text, sizeof(f.text),
		 "{\"arrivals\":{\"kind\":\"constant\",\"rate\":\"10/s\",\"for\":\"1s\"},%s"
		 "\"endpoints\":[{\"name\":\"a\",\"receiver\":\"r\"}],"
		 "\"receivers\":[{\"name\":\"r\",%s}]}", f.top, keys);
	return scenario_load(&f.scenario, (struct scenario_text){"s.json", hp_view_of(f.text)},
			     &source, NULL, &f.err);
}

/* Loads one behaviour, that stands. Freed by unload(). */
static const struct behaviour *load_one(const char *behaviour)
{
	char keys[TEXT_BYTES / 2];

	snprintf(keys, sizeof(keys), "\"tls\":true,\"behaviours\":[%s]", behaviour);
	ck_assert_msg(load(keys) == 0, "%s", f.err.msg);
	ck_assert_uint_eq(f.scenario.receivers[0].behaviour_count, 1);
	return &f.scenario.receivers[0].behaviours[0];
}

static void unload(void)
{
	scenario_fini(&f.scenario);
}

static uint64_t value(const struct behaviour_part *part, const char *name)
{
	int index = behaviour_param_index(part->row, hp_view_of(name));

	ck_assert_msg(index >= 0, "no parameter %s", name);
	ck_assert(behaviour_given(part, (unsigned)index));
	return part->values[index];
}

static const char *text(const struct behaviour_part *part, const char *name)
{
	return part->texts[value(part, name)];
}

/* ---- every row ---- */

#define ADDRESS "127.0.0.9"

/* A parameter with the least value that it can have, as a document writes it. */
static void add_least(struct hp_buf *out, const struct behaviour_param *param)
{
	hp_buf_add_format(out, ",\"%s\":", param->name);
	switch (param->unit) {
	case BEHAVIOUR_SPAN:
		hp_buf_add_format(out, "\"%juns\"", (uintmax_t)param->min);
		break;
	case BEHAVIOUR_BOOL:
		hp_buf_add_text(out, "false");
		break;
	case BEHAVIOUR_WORD:
		hp_buf_add_format(out, "\"%s\"", param->words[0]);
		break;
	case BEHAVIOUR_TEXT:
	case BEHAVIOUR_PATTERNS:
	case BEHAVIOUR_FILE:
		hp_buf_add_text(out, "\"x\"");
		break;
	case BEHAVIOUR_ADDRESSES:
		hp_buf_add_text(out, "\"" ADDRESS "\"");
		break;
	case BEHAVIOUR_SHARE:
		hp_buf_add_format(out, "%ju.%06ju", (uintmax_t)(param->min / BEHAVIOUR_MICRO),
				  (uintmax_t)(param->min % BEHAVIOUR_MICRO));
		break;
	default:
		hp_buf_add_format(out, "%ju", (uintmax_t)param->min);
	}
}

static void check_least(const struct behaviour_part *part, int index)
{
	const struct behaviour_param *param = &part->row->params[index];

	ck_assert(behaviour_given(part, (unsigned)index));
	if (param->unit >= BEHAVIOUR_TEXT)
		ck_assert_str_eq(behaviour_text(part, (unsigned)index),
				 param->unit == BEHAVIOUR_ADDRESSES ? ADDRESS : "x");
	else if (param->unit >= BEHAVIOUR_BOOL)
		ck_assert_uint_eq(part->values[index], 0);
	else
		ck_assert_msg(part->values[index] == param->min, "%s.%s", part->row->slug,
			      param->name);
}

/* Whether the loader took the document, or refused it for a rule between values: not for a key, a
 * unit or a range. */
static bool is_understood(int result)
{
	return result == 0 || (strstr(f.err.msg, "unknown key") == NULL &&
			       strstr(f.err.msg, "number from") == NULL &&
			       strstr(f.err.msg, "found") == NULL);
}

/* Goal: each parameter of each row can be written in a document by its unit, down to its least
 * value, and arrives where the row has it. */
START_TEST(test_every_parameter)
{
	const struct behaviour_row *row;
	struct hp_buf keys;

	f.top = DNS;
	hp_buf_init(&keys, TEXT_BYTES / 2);
	for (size_t i = 0; (row = behaviour_row_at(i)); i++) {
		for (int k = 0; row->params[k].name; k++) {
			int result;

			hp_buf_clear(&keys);
			hp_buf_add_format(&keys, "\"tls\":true,\"behaviours\":[{"
						 "\"behaviour\":\"%s\"", row->slug);
			if (row->by_plan)
				hp_buf_add_format(&keys, ",\"%s\":[{\"status\":204}]",
						  row->fault_key);
			add_least(&keys, &row->params[k]);
			hp_buf_add_text(&keys, "}]");
			result = load(hp_buf_text(&keys));
			ck_assert_msg(is_understood(result), "%s", f.err.msg);
			if (result < 0)
				continue;
			check_least(&f.scenario.receivers[0].behaviours[0].own, k);
			unload();
		}
	}
	hp_buf_fini(&keys);
}
END_TEST

/* ---- values ---- */

/* Goal: sizes, rates, words, switches, patterns and spans are read as people write them. */
START_TEST(test_units)
{
	const struct behaviour *b = load_one("{\"behaviour\":\"tls-garbage\",\"bytes\":\"4KiB\"}");

	ck_assert_uint_eq(value(&b->own, "bytes"), 4096);
	unload();
	b = load_one("{\"behaviour\":\"tls-stall\",\"at\":\"finished\",\"hold\":\"never\"}");
	ck_assert_uint_eq(value(&b->own, "at"), 2);
	ck_assert(value(&b->own, "hold") == HP_NEVER);
	unload();
	b = load_one("{\"behaviour\":\"restart\",\"at\":\"2s\",\"keep\":false}");
	ck_assert_uint_eq(value(&b->own, "at"), 2 * HP_S_NS);
	ck_assert_uint_eq(value(&b->own, "keep"), 0);
	unload();
	b = load_one("{\"behaviour\":\"flapping\",\"jitter\":0.25}");
	ck_assert_uint_eq(value(&b->own, "jitter"), 250000);
	ck_assert(!behaviour_given(&b->own, 2)); /* no phase: a meaning of its own */
	unload();
	b = load_one("{\"behaviour\":\"tls-cipher\",\"cipher\":\"AES128-SHA\"}");
	ck_assert_str_eq(text(&b->own, "cipher"), "AES128-SHA");
	unload();
}
END_TEST

/* Goal: patterns are one text or a list of them, each in its own place of the part. */
START_TEST(test_patterns)
{
	const struct behaviour *b = load_one("{\"behaviour\":\"match\",\"ids\":[\"inv_1\","
					     "\"inv_2*\"],\"events\":\"invoice.*\"}");

	ck_assert_str_eq(text(&b->own, "ids"), "inv_1 inv_2*");
	ck_assert_str_eq(text(&b->own, "events"), "invoice.*");
	ck_assert_str_eq(b->faults[0].row->slug, "status");
	unload();
}
END_TEST

/* Goal: the delays in a file belong to the part that names it, and a wrong line is shown where it
 * stands. */
START_TEST(test_delays)
{
	const struct behaviour *b = load_one("{\"behaviour\":\"first-n\",\"fault\":"
					     "\"latency-replay\",\"file\":\"d.txt\"}");

	ck_assert_uint_eq(b->faults[0].samples->count, 2);
	ck_assert_uint_eq(b->faults[0].samples->sorted_ns[1], 2500 * HP_US_NS);
	unload();
	delays = "1\nx\n";
	ck_assert_int_eq(load("\"behaviours\":[{\"behaviour\":\"latency-replay\",\"file\":"
			      "\"d.txt\"}]"), -1);
	ck_assert_str_eq(f.err.at.file, "d.txt");
	ck_assert_uint_eq(f.err.at.line, 2);
}
END_TEST

/* ---- what guards hold ---- */

/* Goal: a fault's parameters stand flat beside those of its guard; without one it is the guard's
 * own choice. */
START_TEST(test_flat)
{
	const struct behaviour *b = load_one("{\"behaviour\":\"first-n\",\"n\":3,\"fault\":"
					     "\"status\",\"code\":500,\"retry_after\":7}");

	ck_assert_uint_eq(value(&b->own, "n"), 3);
	ck_assert_uint_eq(b->fault_count, 1);
	ck_assert_uint_eq(value(&b->faults[0], "code"), 500);
	ck_assert_uint_eq(value(&b->faults[0], "retry_after"), 7);
	unload();
	b = load_one("{\"behaviour\":\"outage\",\"to\":\"1s\"}");
	ck_assert_str_eq(b->faults[0].row->slug, "connect-refused");
	unload();
	b = load_one("{\"behaviour\":\"outage\",\"mode\":\"refused\"}");
	ck_assert_str_eq(b->faults[0].row->slug, "connect-refused");
	unload();
}
END_TEST

/* Goal: as an object of its own a fault has all its parameters, also those whose names its guard
 * has too. */
START_TEST(test_nested)
{
	const struct behaviour *b =
		load_one("{\"behaviour\":\"outage\",\"from\":\"1s\",\"mode\":"
			 "{\"fault\":\"slow-ramp\",\"from\":\"3ms\",\"for\":\"5s\"}}");

	ck_assert_uint_eq(value(&b->own, "from"), HP_S_NS);
	ck_assert_uint_eq(value(&b->faults[0], "from"), 3 * HP_MS_NS);
	unload();
}
END_TEST

/* Goal: a plan has a fault with values of its own for each attempt, in order. */
START_TEST(test_plan)
{
	const struct behaviour *b = load_one(
		"{\"behaviour\":\"plan\",\"attempts\":[{\"fault\":\"status\",\"code\":503,"
		"\"retry_after\":1},{\"fault\":\"reset-after-request\"},{\"fault\":\"latency\","
		"\"delay\":\"40ms\"},{\"status\":204},{\"status\":410,\"body\":\"gone\"}]}");

	ck_assert_uint_eq(b->fault_count, 5);
	ck_assert_uint_eq(value(&b->faults[0], "code"), 503);
	ck_assert_str_eq(b->faults[1].row->slug, "reset-after-request");
	ck_assert_uint_eq(value(&b->faults[2], "delay"), 40 * HP_MS_NS);
	ck_assert_uint_eq(value(&b->faults[3], "code"), 204);
	ck_assert_uint_eq(value(&b->faults[4], "code"), 410);
	ck_assert_str_eq(text(&b->faults[4], "body"), "gone");
	unload();
}
END_TEST

/* Goal: a plan holds as many attempts as it promises, and not one more. */
START_TEST(test_plan_bounds)
{
	struct hp_buf keys;

	hp_buf_init(&keys, TEXT_BYTES / 2);
	for (int extra = 0; extra < 2; extra++) {
		hp_buf_clear(&keys);
		hp_buf_add_text(&keys, "\"behaviours\":[{\"behaviour\":\"plan\",\"attempts\":[");
		for (int i = 0; i < BEHAVIOUR_FAULTS_MAX + extra; i++)
			hp_buf_add_format(&keys, "%s{\"status\":%d}", i == 0 ? "" : ",", 200 + i);
		hp_buf_add_text(&keys, "]}]");
		ck_assert_int_eq(load(hp_buf_text(&keys)), extra == 0 ? 0 : -1);
		if (extra == 0)
			unload();
	}
	ck_assert_str_eq(f.err.msg, "receivers[0].behaviours[0].attempts: want 1 to 100 attempts, "
				    "found 101");
	hp_buf_fini(&keys);
}
END_TEST

/* ---- what is refused ---- */

#define WITH(behaviour) "\"behaviours\":[" behaviour "]"
#define SIXTY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define AT "receivers[0].behaviours[0]"

static const struct bad {
	const char *keys, *msg;
} bad[] = {
	{WITH("{}"), AT ": missing key \"behaviour\""},
	{WITH("{\"behaviour\":\"outrage\"}"),
	 AT ".behaviour: unknown behaviour, did you mean \"outage\"?"},
	{WITH("{\"behaviour\":\"zzzzzzzzzz\"}"),
	 AT ".behaviour: want a behaviour that \"hookproof list faults\" shows, found "
	    "\"zzzzzzzzzz\""},
	{WITH("{\"behaviour\":\"status\",\"cod\":503}"),
	 AT ".cod: unknown key, did you mean \"code\"?"},
	{WITH("{\"behaviour\":\"share\",\"share\":0.1,\"fault\":\"reset\",\"code\":503}"),
	 AT ".code: unknown key, the behaviour \"share\" has share, scope, fault"},
	{WITH("{\"behaviour\":\"reset\",\"code\":503}"),
	 AT ".code: unknown key, the behaviour \"reset\" has none"},
	{WITH("{\"behaviour\":\"share\",\"share\":1.1}"),
	 AT ".share: want a number from 0 to 1 with at most six decimals, found 1.1"},
	{WITH("{\"behaviour\":\"share\",\"scope\":\"evnt\"}"),
	 AT ".scope: want one of event, attempt, connection, query, found \"evnt\": did you mean "
	    "\"event\"?"},
	{WITH("{\"behaviour\":\"outage\",\"from\":\"2s\",\"to\":\"1s\"}"),
	 AT ": want \"from\" before \"to\""},
	{WITH("{\"behaviour\":\"outage\",\"mode\":\"freeze\"}"),
	 AT ": mode: \"freeze\" says itself when it strikes; let it stand alone"},
	{WITH("{\"behaviour\":\"first-n\",\"fault\":\"connect-refused\"}"),
	 AT ": fault: \"connect-refused\" happens before an event is known; let it stand alone, or "
	    "in an \"outage\""},
	{WITH("{\"behaviour\":\"first-n\",\"fault\":7}"),
	 AT ".fault: want a string, found 7"},
	{WITH("{\"behaviour\":\"first-n\",\"fault\":{\"code\":503}}"),
	 AT ".fault: missing key \"fault\""},
	{WITH("{\"behaviour\":\"first-n\",\"fault\":{\"fault\":\"status\"},\"code\":503}"),
	 AT ".code: unknown key, the behaviour \"first-n\" has n, fault"},
	{WITH("{\"behaviour\":\"match\"}"), AT ": want \"events\", \"ids\", or both"},
	{WITH("{\"behaviour\":\"match\",\"events\":\"in*voice\"}"),
	 AT ".events: want a pattern like \"invoice.*\", found \"in*voice\""},
	{WITH("{\"behaviour\":\"match\",\"ids\":[\"\"]}"),
	 AT ".ids[0]: want a pattern like \"invoice.*\", found \"\""},
	{WITH("{\"behaviour\":\"match\",\"ids\":[\"" SIXTY "\",\"" SIXTY "\",\"abcdef\"]}"),
	 AT ".ids[2]: want at most 127 bytes in all"},
	{WITH("{\"behaviour\":\"restart\",\"keep\":1}"), AT ".keep: want true or false, found 1"},
	{WITH("{\"behaviour\":\"plan\"}"), AT ": missing key \"attempts\""},
	{WITH("{\"behaviour\":\"plan\",\"attempts\":[]}"),
	 AT ".attempts: want 1 to 100 attempts, found 0"},
	{WITH("{\"behaviour\":\"plan\",\"attempts\":[{\"status\":204},{\"statu\":503}]}"),
	 AT ".attempts[1]: missing key \"fault\""},
	{WITH("{\"behaviour\":\"plan\",\"attempts\":[{\"fault\":\"rest\"}]}"),
	 AT ".attempts[0].fault: unknown behaviour, did you mean \"reset\"?"},
	{WITH("{\"behaviour\":\"plan\",\"attempts\":[{\"status\":204,\"n\":1}]}"),
	 AT ".attempts[0].n: unknown key, the behaviour \"status\" has"},
	{WITH("{\"behaviour\":\"plan\",\"attempts\":[{\"status\":204},{\"fault\":\"share\"}]}"),
	 AT ": attempts: \"share\" says itself when it strikes; let it stand alone"},
	{WITH("{\"behaviour\":\"cert-expired\"}"),
	 AT ": \"cert-expired\" is a matter of TLS, and this receiver speaks none: want \"tls\": "
	    "true"},
	{WITH("{\"behaviour\":\"outage\",\"mode\":\"tls-stall\"}"),
	 AT ": \"tls-stall\" is a matter of TLS, and this receiver speaks none: want \"tls\": "
	    "true"},
	{WITH("{\"behaviour\":\"name-slow\"}"),
	 AT ": \"name-slow\" is a matter of names, and nobody can ask for this receiver's: want "
	    "\"dns\": \"127.0.0.1:0\" in the scenario, or --dns"},
	{WITH("{\"behaviour\":\"outage\",\"mode\":\"name-silent\"}"),
	 AT ": \"name-silent\" is a matter of names"},
};

/* Goal: each wrong behaviour is refused with the sentence that helps, and nothing stays behind. */
START_TEST(test_bad)
{
	ck_assert_msg(load(bad[_i].keys) == -1, "%s: accepted", bad[_i].keys);
	ck_assert_msg(strncmp(f.err.msg, bad[_i].msg, strlen(bad[_i].msg)) == 0, "%s", f.err.msg);
	ck_assert_uint_eq(f.err.at.line, 1);
	ck_assert_int_eq((int)f.err.code, HP_EINPUT);
}
END_TEST

static const struct {
	const char *top, *keys, *msg; /* msg "": it stands */
} named[] = {
	{DNS, WITH("{\"behaviour\":\"name-silent\"}"), ""},
	{DNS, WITH("{\"behaviour\":\"outage\",\"mode\":\"name-servfail\",\"queries\":9}"), ""},
	{DNS, WITH("{\"behaviour\":\"share\",\"scope\":\"query\",\"fault\":\"name-slow\"}"), ""},
	{DNS, WITH("{\"behaviour\":\"name-flip\",\"addresses\":[\"127.0.0.2\",\"127.1.2.3\"]}"),
	 ""},
	{DNS, "\"listen\":\"0.0.0.0:0\"", ""},
	{DNS, "\"listen\":\"[::1]:0\"", ""},
	{"", "\"listen\":\"10.0.0.1:0\"", ""},
	{"\"dns\":\"[::1]:53\",", "\"verify\":true", ""},
	{DNS, "\"listen\":\"10.0.0.1:0\"", "receivers[0].listen: want an address of this machine: "
		"\"dns\" answers with no other, found \"10.0.0.1:0\""},
	{"\"dns\":\"0.0.0.0:53\",", "\"verify\":true",
	 "dns: want an address of this machine and a port like \"127.0.0.1:0\", found "
	 "\"0.0.0.0:53\""},
	{"\"dns\":\"10.0.0.1:53\",", "\"verify\":true", "dns: want an address of this machine"},
	{"\"dns\":true,", "\"verify\":true", "dns: want an address of this machine"},
	{DNS, WITH("{\"behaviour\":\"name-rebind\",\"to\":\"10.0.0.1\"}"),
	 AT ".to: want an address of 127.0.0.0/8 like \"127.0.0.2\", found \"10.0.0.1\""},
	{DNS, WITH("{\"behaviour\":\"name-mixed\",\"dead\":[\"127.0.0.2\",\"localhost\"]}"),
	 AT ".dead[1]: want an address of 127.0.0.0/8"},
	{DNS, WITH("{\"behaviour\":\"name-flip\",\"addresses\":[]}"),
	 AT ": \"addresses\": want 1 to 7 addresses, found 0"},
	{DNS, WITH("{\"behaviour\":\"first-n\",\"fault\":\"name-silent\"}"),
	 AT ": fault: \"name-silent\" happens before an event is known"},
	{DNS, WITH("{\"behaviour\":\"share\",\"scope\":\"connection\",\"fault\":\"name-slow\"}"),
	 AT ": fault: \"name-slow\" is a matter of queries; want \"scope\": \"query\""},
};

/* Goal: where names of receivers are asked for, rows of names are taken, and no address but those
 * of this machine, by whatever key. */
START_TEST(test_named)
{
	int result;

	f.top = named[_i].top;
	result = load(named[_i].keys);
	ck_assert_msg((result == 0) == (*named[_i].msg == '\0'), "%s: %s", named[_i].keys,
		      result == 0 ? "accepted" : f.err.msg);
	if (result == 0)
		ck_assert(f.scenario.receivers[0].named == (*f.top != '\0'));
	else
		ck_assert_msg(strncmp(f.err.msg, named[_i].msg, strlen(named[_i].msg)) == 0, "%s",
			      f.err.msg);
	if (result == 0)
		unload();
}
END_TEST

/* Goal: where there is a resolver, a receiver's name can be one of a host. */
START_TEST(test_host_names)
{
	static const struct {
		const char *name;
		bool good;
	} names[] = {{"a", true}, {"a.b_c", true}, {"a.", false}, {".a", false}, {"a..b", false}};
	const struct scenario_source source = {.read = read_document, .folder = ""};

	for (int i = 0; i < COUNT(names); i++) {
		int result;

		snprintf(f.text, sizeof(f.text),
			 "{" DNS "\"arrivals\":{\"kind\":\"constant\",\"rate\":\"10/s\","
			 "\"for\":\"1s\"},\"endpoints\":[{\"name\":\"a\",\"receiver\":\"%s\"}],"
			 "\"receivers\":[{\"name\":\"%s\"}]}", names[i].name, names[i].name);
		result = scenario_load(&f.scenario, (struct scenario_text){"s.json",
				       hp_view_of(f.text)}, &source, NULL, &f.err);
		ck_assert_msg((result == 0) == names[i].good, "%s", names[i].name);
		if (result == 0)
			unload();
		else
			ck_assert_ptr_nonnull(strstr(f.err.msg, "receivers[0].name: with \"dns\""));
	}
}
END_TEST

/* Goal: a receiver that speaks TLS takes rows of that layer, and says so. */
START_TEST(test_tls)
{
	ck_assert_int_eq(load("\"behaviours\":[{\"behaviour\":\"outage\",\"mode\":\"tls-stall\"}],"
			      "\"tls\":true"), 0);
	ck_assert(f.scenario.receivers[0].tls);
	unload();
}
END_TEST

/* Goal: lint is told what depends on the load, and nothing of what does not. */
START_TEST(test_remarks)
{
	static const struct {
		const char *behaviour, *remark;
	} rows[] = {
		{"{\"behaviour\":\"throttle\"}", "\"throttle\" depends on the load"},
		{"{\"behaviour\":\"cert-changes\"}", "\"cert-changes\" depends on the load"},
		{"{\"behaviour\":\"share\",\"scope\":\"connection\",\"fault\":\"tls-stall\"}",
		 "\"share\" depends on the load"},
		{"{\"behaviour\":\"latency-pareto\",\"p50\":\"1ms\",\"p99\":\"50ms\"}", "mean"},
		{"{\"behaviour\":\"latency-pareto\"}", NULL},
		{"{\"behaviour\":\"share\"}", NULL},
		{"{\"behaviour\":\"outage\",\"mode\":\"tls-stall\"}", NULL},
		{"{\"behaviour\":\"latency\",\"p50\":\"1ms\",\"p99\":\"60ms\"}", NULL},
	};

	for (int i = 0; i < COUNT(rows); i++) {
		hp_buf_clear(&f.warnings);
		load_one(rows[i].behaviour);
		if (rows[i].remark)
			ck_assert_ptr_nonnull(strstr(hp_buf_text(&f.warnings), rows[i].remark));
		else
			ck_assert_str_eq(hp_buf_text(&f.warnings), "");
		unload();
	}
}
END_TEST

Suite *suite_scenario_behaviours(void);

Suite *suite_scenario_behaviours(void)
{
	Suite *suite = suite_create("scenario_behaviours");
	TCase *tcase = tcase_create("scenario_behaviours");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_every_parameter);
	tcase_add_test(tcase, test_units);
	tcase_add_test(tcase, test_patterns);
	tcase_add_test(tcase, test_delays);
	tcase_add_test(tcase, test_flat);
	tcase_add_test(tcase, test_nested);
	tcase_add_test(tcase, test_plan);
	tcase_add_test(tcase, test_plan_bounds);
	tcase_add_loop_test(tcase, test_bad, 0, COUNT(bad));
	tcase_add_loop_test(tcase, test_named, 0, COUNT(named));
	tcase_add_test(tcase, test_host_names);
	tcase_add_test(tcase, test_tls);
	tcase_add_test(tcase, test_remarks);
	suite_add_tcase(suite, tcase);
	return suite;
}
