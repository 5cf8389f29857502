#include "engine/evidence.h"

#include <check.h>

struct counter {
	struct history history;
	unsigned records;
};

static void count(struct history *history, const struct record *record)
{
	(void)record;
	((struct counter *)history)->records++;
}

/* Goal: faults are counted by row and end, lost answers are counted, everything is handed on, and
 * the figures get what was counted beside what they had. */
START_TEST(test_counts)
{
	static const struct record records[] = {
		{RECORD_FAULT, .fault = {.fault = 9, .state = RECORD_FAULT_VERIFIED}},
		{RECORD_FAULT, .fault = {.fault = 9, .state = RECORD_FAULT_VERIFIED}},
		{RECORD_FAULT, .fault = {.fault = 255, .state = RECORD_FAULT_PREEMPTED}},
		{RECORD_UNACKED, .unacked = {.ordinal = 1}},
		{RECORD_RECEIPT, .receipt = {.ordinal = 1}},
	};
	enum { COUNT = sizeof(records) / sizeof(records[0]) };
	struct counter counter = {.history = {count}};
	struct metrics *metrics = metrics_new(0);
	struct evidence evidence;

	evidence_init(&evidence, &counter.history);
	for (size_t i = 0; i < COUNT; i++)
		history_put(&evidence.history, &records[i]);
	ck_assert_uint_eq(counter.records, COUNT);
	metrics->answers_unacked = 10;
	metrics->faults.count[9][RECORD_FAULT_VERIFIED] = 5;
	evidence_add(&evidence, metrics);
	ck_assert_uint_eq(metrics->faults.count[9][RECORD_FAULT_VERIFIED], 7);
	ck_assert_uint_eq(metrics->faults.count[255][RECORD_FAULT_PREEMPTED], 1);
	ck_assert_uint_eq(metrics_faults_planned(&metrics->faults), 8);
	ck_assert_uint_eq(metrics->answers_unacked, 11);
	metrics_free(metrics);
}
END_TEST

Suite *suite_evidence(void);

Suite *suite_evidence(void)
{
	Suite *suite = suite_create("evidence");
	TCase *tcase = tcase_create("evidence");

	tcase_add_test(tcase, test_counts);
	suite_add_tcase(suite, tcase);
	return suite;
}
