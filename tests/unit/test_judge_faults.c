#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/past.h"

static struct past f;

static void setup(void)
{
	past_init(&f);
}

static void teardown(void)
{
	past_fini(&f);
}

static const char *word(uint8_t number)
{
	return number == 1 ? "status" : "reset";
}

/* On a connection, or, with its type, on a query of a name. */
static void add_connect_fault(enum record_fault_state state, const char *type)
{
	struct record record = {
		.kind = RECORD_FAULT,
		.fault = {.event_index = RECORD_NO_EVENT, .endpoint_index = PAST_AUDIT,
			  .ordinal = 7, .behaviour = 8, .fault = 8, .planned_ns = HP_S_NS,
			  .state = (uint8_t)state},
	};

	if (type)
		snprintf(record.fault.key, sizeof(record.fault.key), "%s", type);
	past_add(&f, &record);
	past_figures(&f);
}

/* ---- what each end of a fault does to the run ---- */

static const struct row {
	const char *name;
	enum record_fault_state state;
	bool connect, summary, interrupted;
	bool all; /* the faults end like this, not one of them */
	bool broken_too; /* a failure is proven beside it */
	enum verdict verdict;
	int exit;
	const char *reason; /* how it begins */
	const char *type;   /* of a query; NULL: of a connection */
} rows[] = {
	{"seen", RECORD_FAULT_VERIFIED, .verdict = VERDICT_PASS, .exit = 0, .reason = "28 faults"},
	{"not seen", RECORD_FAULT_APPLIED, .verdict = VERDICT_ERROR, .exit = 4,
	 .reason = "fault-not-verified: 1 of 28: status on event 2, arrival 1"},
	{"not done", RECORD_FAULT_FAILED, .verdict = VERDICT_ERROR, .exit = 4,
	 .reason = "fault-not-verified: 1 of 28: status on event 2, arrival 1"},
	{"one pre-empted", RECORD_FAULT_PREEMPTED, .verdict = VERDICT_PASS, .exit = 0,
	 .reason = "27 of 28 faults"},
	{"pre-empted", RECORD_FAULT_PREEMPTED, .all = true, .verdict = VERDICT_INCONCLUSIVE,
	 .exit = 4, .reason = "pre-empted: 0 of 28 faults decided"},
	{"not seen on a connection", RECORD_FAULT_APPLIED, .connect = true,
	 .verdict = VERDICT_ERROR, .exit = 4,
	 .reason = "fault-not-verified: 1 of 29: reset on connection 7 at audit, 1 s"},
	{"not done on a query", RECORD_FAULT_FAILED, .connect = true, .type = "AAAA",
	 .verdict = VERDICT_ERROR, .exit = 4,
	 .reason = "fault-not-verified: 1 of 29: reset on query 7 for AAAA at audit, 1 s"},
	{"seen on a connection", RECORD_FAULT_VERIFIED, .connect = true, .verdict = VERDICT_PASS,
	 .exit = 0, .reason = "29 faults"},
	{"not seen, by the figures", RECORD_FAULT_APPLIED, .summary = true,
	 .verdict = VERDICT_ERROR, .exit = 4,
	 .reason = "fault-not-verified: 1 of 28: status: 0 not done, 1 done without"},
	{"pre-empted, by the figures", RECORD_FAULT_PREEMPTED, .summary = true, .all = true,
	 .verdict = VERDICT_INCONCLUSIVE, .exit = 4, .reason = "pre-empted: 0 of 28"},
	{"seen, by the figures", RECORD_FAULT_VERIFIED, .summary = true, .verdict = VERDICT_PASS,
	 .exit = 0, .reason = "28 faults"},
	{"cut by the end", RECORD_FAULT_APPLIED, .interrupted = true, .all = true,
	 .verdict = VERDICT_INCONCLUSIVE, .exit = 130, .reason = "interrupted: 0 of 28"},
	{"not seen, and a failure", RECORD_FAULT_APPLIED, .broken_too = true,
	 .verdict = VERDICT_ERROR, .exit = 1, .reason = "fault-not-verified"},
};

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static void end_all(enum record_fault_state state)
{
	for (size_t i = 0; i < f.count; i++)
		if (f.records[i].kind == RECORD_FAULT)
			f.records[i].fault.state = (uint8_t)state;
}

/* Goal: a fault that nothing shows is an error of the run, one that came too late is open, neither
 * fails the sender, and neither hides what does. */
START_TEST(test_state)
{
	const struct row *row = &rows[_i];
	const struct finding *finding;

	f.facts.behaviour_word = word;
	if (row->connect)
		add_connect_fault(row->state, row->type);
	else if (row->all)
		end_all(row->state);
	else
		past_fault(&f, 2, 1)->state = (uint8_t)row->state;
	past_figures(&f);
	if (row->broken_too)
		past_arrival(&f, 0, 1)->signature = SCHEME_MISMATCH;
	f.facts.interrupted = row->interrupted;
	if (row->summary) {
		f.facts.recording = PLAN_RECORD_SUMMARY;
		past_clear(&f);
	}
	past_judge(&f);
	finding = past_finding(&f, "faults-took-effect");
	ck_assert_msg(finding->verdict == row->verdict, "%s: %s", row->name,
		      verdict_word(finding->verdict));
	ck_assert_msg(strncmp(finding->reason, row->reason, strlen(row->reason)) == 0, "%s: %s",
		      row->name, finding->reason);
	ck_assert_msg(f.judgement.exit == row->exit, "%s: exit %d", row->name, f.judgement.exit);
}
END_TEST

/* Goal: a run without faults is not held to them; a history with a hole does not say that there
 * were none. */
START_TEST(test_none)
{
	size_t kept = 0;

	for (size_t i = 0; i < f.count; i++)
		if (f.records[i].kind != RECORD_FAULT)
			f.records[kept++] = f.records[i];
	f.count = kept;
	f.facts.incomplete = _i == 1;
	f.facts.records_lost = _i == 2;
	past_figures(&f);
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "faults-took-effect")->verdict,
			 _i ? VERDICT_UNOBSERVED : VERDICT_NOT_APPLICABLE);
	ck_assert(_i || f.judgement.exit == 0);
}
END_TEST

/* Goal: figures that count other faults or unacknowledged answers than the records is our error. */
START_TEST(test_figures_disagree)
{
	if (_i)
		f.metrics->answers_unacked++;
	else
		f.metrics->faults.count[1][RECORD_FAULT_VERIFIED]++;
	past_expect_broken(&f, "accounting-closes");
	ck_assert_int_eq(f.judgement.exit, 70);
}
END_TEST

/* Goal: a success that was spoilt on purpose and that the sender took for one is nobody's proof:
 * delivering is right, trying again is right, an effect is allowed and none too. */
START_TEST(test_spoilt_success)
{
	past_arrival(&f, 0, 1)->end = RECORD_END_BROKEN;
	past_arrival(&f, 0, 1)->effects = (uint32_t)_i % 2;
	if (_i >= 2)
		past_repeat(&f, 0);
	past_judge(&f);
	ck_assert_int_eq(past_finding(&f, "no-loss")->verdict, VERDICT_PASS);
	ck_assert_int_eq(past_finding(&f, "stops-after-success")->verdict, VERDICT_PASS);
	ck_assert_int_eq(past_finding(&f, "effect-once")->verdict, VERDICT_PASS);
}
END_TEST

/* Goal: an attempt after one whose outcome its sender cannot know is legal, and told. */
START_TEST(test_recovered)
{
	past_try(&f, 2, 1)->outcome = OUTCOME_RESET;
	past_try(&f, 2, 1)->status = 0;
	past_figures(&f);
	past_expect_broken(&f, "");
	ck_assert_ptr_nonnull(strstr(past_finding(&f, "stops-after-success")->reason,
				     "recovered: 1 attempts"));
}
END_TEST

Suite *suite_judge_faults(void);

Suite *suite_judge_faults(void)
{
	Suite *suite = suite_create("judge_faults");
	TCase *tcase = tcase_create("judge_faults");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_state, 0, ROW_COUNT);
	tcase_add_loop_test(tcase, test_none, 0, 3);
	tcase_add_loop_test(tcase, test_figures_disagree, 0, 2);
	tcase_add_loop_test(tcase, test_spoilt_success, 0, 4);
	tcase_add_test(tcase, test_recovered);
	suite_add_tcase(suite, tcase);
	return suite;
}
