#include "engine/recording.h"

#include <check.h>

#include "wire/scheme.h"

#define OK_ATTEMPT .outcome = OUTCOME_OK, .number = 1, .status = 204
#define OK_RECEIPT                                                                                \
	.signature = SCHEME_VALID, .status = 204, .wanted = 1, .ordinal = 1, .effects = 1

static const struct row {
	const char *name;
	struct record record;
	bool failures, summary; /* kept; all keeps everything */
} rows[] = {
	{"a first attempt that went well", {RECORD_ATTEMPT, .attempt = {OK_ATTEMPT}}, false, false},
	{"a retry that went well",
	 {RECORD_ATTEMPT, .attempt = {.outcome = OUTCOME_OK, .number = 2}}, true, false},
	{"a failed attempt",
	 {RECORD_ATTEMPT, .attempt = {.outcome = OUTCOME_STATUS, .number = 1}}, true, false},
	{"a receipt that went well", {RECORD_RECEIPT, .receipt = {OK_RECEIPT}}, false, false},
	{"an unverified receipt",
	 {RECORD_RECEIPT, .receipt = {.signature = RECORD_UNVERIFIED, .status = 200, .wanted = 1,
				      .ordinal = 1, .effects = 1}}, false, false},
	{"a refused signature",
	 {RECORD_RECEIPT, .receipt = {.signature = SCHEME_MISMATCH, .status = 200, .wanted = 1,
				      .ordinal = 1, .effects = 1}}, true, false},
	{"a duplicate",
	 {RECORD_RECEIPT, .receipt = {.status = 204, .wanted = 1, .ordinal = 2, .effects = 1}},
	 true, false},
	{"a second effect",
	 {RECORD_RECEIPT, .receipt = {.status = 204, .wanted = 1, .ordinal = 1, .effects = 2}},
	 true, false},
	{"a fault's answer",
	 {RECORD_RECEIPT, .receipt = {.status = 503, .wanted = 1, .ordinal = 1, .effects = 1}},
	 true, false},
	{"a reset",
	 {RECORD_RECEIPT, .receipt = {.status = 204, .wanted = 1, .ordinal = 1, .effects = 1,
				      .end = RECORD_END_RESET}}, true, false},
	{"an event that was not asked for",
	 {RECORD_RECEIPT, .receipt = {.status = 204, .ordinal = 1, .effects = 1}}, true, false},
	{"a foreign event",
	 {RECORD_RECEIPT, .receipt = {.event_index = RECORD_NO_EVENT, .status = 204, .wanted = 1,
				      .ordinal = 1, .effects = 1}}, true, false},
	{"a broken answer",
	 {RECORD_RECEIPT, .receipt = {.status = 204, .wanted = 1, .ordinal = 1, .effects = 1,
				      .end = RECORD_END_BROKEN}}, true, false},
	{"a fault", {.kind = RECORD_FAULT}, true, false},
	{"an answer that never arrived", {.kind = RECORD_UNACKED}, true, false},
	{"an end", {.kind = RECORD_ENDED}, true, true},
	{"a tick", {.kind = RECORD_TICK}, true, true},
	{"a lag", {.kind = RECORD_LAG}, true, true},
	{"a gap", {.kind = RECORD_GAP}, true, true},
	{"a note", {.kind = RECORD_NOTE}, true, true},
};

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

/* Goal: each mode keeps what its promise says, and nothing that just went well. */
START_TEST(test_keeps)
{
	const struct row *row = &rows[_i];

	ck_assert_msg(recording_keeps(PLAN_RECORD_ALL, &row->record), "%s: all", row->name);
	ck_assert_msg(recording_keeps(PLAN_RECORD_FAILURES, &row->record) == row->failures,
		      "%s: failures", row->name);
	ck_assert_msg(recording_keeps(PLAN_RECORD_SUMMARY, &row->record) == row->summary,
		      "%s: summary", row->name);
}
END_TEST

Suite *suite_recording(void);

Suite *suite_recording(void)
{
	Suite *suite = suite_create("recording");
	TCase *tcase = tcase_create("recording");

	tcase_add_loop_test(tcase, test_keeps, 0, ROW_COUNT);
	suite_add_tcase(suite, tcase);
	return suite;
}
