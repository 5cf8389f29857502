#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "reports/report.h"
#include "tests/lib/golden.h"
#include "tests/lib/result_fixture.h"

static struct fixture {
	struct result_fixture run;
	char *text;
	size_t bytes;
} f;

static void render(enum result_fixture_kind kind)
{
	static const struct report_style style;
	FILE *out = open_memstream(&f.text, &f.bytes);

	result_fixture_init(&f.run, kind);
	ck_assert_int_eq(report_json_write(out, &f.run.result, &style), 0);
	fclose(out);
}

static void done(void)
{
	result_fixture_fini(&f.run);
	free(f.text);
}

/* The raw JSON at a pointer, or "absent". */
static struct hp_view at(const char *pointer)
{
	struct hp_json_value value;

	if (hp_json_find((struct hp_view){f.text, f.bytes}, pointer, &value) != HP_JSON_FOUND)
		return HP_LITERAL("absent");
	return value.raw;
}

/* Goal: the document stays as it was agreed for each kind of run. */
START_TEST(test_matches_its_golden_file)
{
	char name[64];

	render((enum result_fixture_kind)_i);
	snprintf(name, sizeof(name), "json_%s.json",
		 result_fixture_name((enum result_fixture_kind)_i));
	ck_assert(golden_same(name, f.text));
	done();
}
END_TEST

/* Goal: every document is strict JSON without a key that stands twice, hostile names included. */
START_TEST(test_is_strict_json)
{
	struct hp_json *doc;
	struct hp_err err;

	render((enum result_fixture_kind)_i);
	doc = hp_json_parse("report", (struct hp_view){f.text, f.bytes}, 1 << 20, &err);
	ck_assert_msg(doc != NULL, "%s", doc ? "" : err.msg);
	hp_json_free(doc);
	done();
}
END_TEST

static const struct {
	const char *pointer, *raw;
} wanted[] = {
	/* of the run that fails */
	{"/verdict", "\"fail\""},
	{"/exit", "1"},
	{"/seed", "42"},
	{"/run_file", "\"hookproof-out/20261124-080000-outage/run.db\""},
	{"/accounting/planned", "1000"},
	{"/accounting/not_sent", "10"},
	{"/attempts/total", "1690"},
	{"/attempts/by_outcome/connect-timeout", "0"},
	{"/attempts/by_status/503", "600"},
	{"/rate/planned", "200.000"},
	{"/latency_us/response/p9999", "null"},
	{"/latency_us/response/count", "1000"},
	{"/thresholds/0/ok", "false"},
	{"/thresholds/0/limit", "1000.000"},
	{"/checks/1/id", "\"never-early\""},
	{"/checks/1/level", "\"MUST\""},
	{"/checks/1/evidence/1", "\"event 23 at crm \\u001b[2J]]> <b>: answer \\\"503 \\ufffd & "
				 "out\\\"\""},
	{"/endpoints/0/name", "\"billing\""},
	{"/retry_slots/0/nominal_ns", "\"60000000\""},
	{"/retry_slots/0/unscaled_nominal_ns", "\"60000000000\""},
	{"/retry_slots/9/min_ns", "null"},
	{"/run/duration_ns", "\"5012000000\""},
	{"/trust/trusted", "true"},
	{"/profile_values/name", "\"paisr-v1\""},
};

/* Goal: the keys that scripts rely on are there with their value and type: nanoseconds as strings,
 * percentiles of too few samples as null. */
START_TEST(test_keys_that_scripts_rely_on)
{
	struct hp_view raw;

	render(RESULT_FIXTURE_fail);
	raw = at(wanted[_i].pointer);
	ck_assert_msg(hp_view_equal(raw, hp_view_of(wanted[_i].raw)), "%s is %.*s, want %s",
		      wanted[_i].pointer, (int)raw.bytes, raw.at, wanted[_i].raw);
	done();
}
END_TEST

/* Goal: p999 is said from 1000 samples on and not from 999; p9999 from 10000 on. */
START_TEST(test_percentiles_need_samples)
{
	static const struct {
		unsigned count;
		const char *pointer;
		bool said;
	} rows[] = {
		{0, "p50", false},    {1, "p50", true},       {999, "p999", false},
		{1000, "p999", true}, {9999, "p9999", false}, {10000, "p9999", true},
	};
	static const struct report_style style;
	struct result_fixture *run = &f.run;
	char pointer[64];
	FILE *out;

	result_fixture_init(run, RESULT_FIXTURE_nothing);
	for (unsigned i = 0; i < rows[_i].count; i++)
		hp_hist_record(&run->metrics->service, 100);
	out = open_memstream(&f.text, &f.bytes);
	ck_assert_int_eq(report_json_write(out, &run->result, &style), 0);
	fclose(out);
	snprintf(pointer, sizeof(pointer), "/latency_us/service/%s", rows[_i].pointer);
	ck_assert_int_eq(hp_view_equal(at(pointer), HP_LITERAL("100")), rows[_i].said);
	ck_assert_int_eq(hp_view_equal(at(pointer), HP_LITERAL("null")), !rows[_i].said);
	done();
}
END_TEST

/* Goal: TLS has figures of its own where it was used, and is not spoken of elsewhere. */
START_TEST(test_tls)
{
	static const struct report_style style;
	struct result_fixture *run = &f.run;
	FILE *out;

	result_fixture_init(run, RESULT_FIXTURE_pass);
	if (_i) {
		run->plan.endpoints[0].tls = (struct plan_tls){.used = true, .insecure = true};
		run->metrics->handshakes = 3;
		run->metrics->handshakes_resumed = 1;
		hp_hist_record(&run->metrics->handshake, 700);
	}
	out = open_memstream(&f.text, &f.bytes);
	ck_assert_int_eq(report_json_write(out, &run->result, &style), 0);
	fclose(out);
	ck_assert(hp_view_equal(at("/latency_us/handshake/p50"), HP_LITERAL("700")) == _i);
	ck_assert(hp_view_equal(at("/tls/handshakes"), HP_LITERAL("3")) == _i);
	ck_assert(hp_view_equal(at("/tls/resumed"), HP_LITERAL("1")) == _i);
	ck_assert(hp_view_equal(at("/endpoints/0/tls/verify"), HP_LITERAL("false")) == _i);
	ck_assert(hp_view_equal(at("/endpoints/0/tls/resume"), HP_LITERAL("true")) == _i);
	done();
}
END_TEST

Suite *suite_report_json(void);

Suite *suite_report_json(void)
{
	Suite *suite = suite_create("report_json");
	TCase *tcase = tcase_create("report_json");

	tcase_add_loop_test(tcase, test_matches_its_golden_file, 0, RESULT_FIXTURE_COUNT);
	tcase_add_loop_test(tcase, test_is_strict_json, 0, RESULT_FIXTURE_COUNT);
	tcase_add_loop_test(tcase, test_keys_that_scripts_rely_on, 0,
			    sizeof(wanted) / sizeof(wanted[0]));
	tcase_add_loop_test(tcase, test_percentiles_need_samples, 0, 6);
	tcase_add_loop_test(tcase, test_tls, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
