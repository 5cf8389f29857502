#include <check.h>

#include "judge/judge_inside.h"

#define MS(count) ((count) * HP_MS_NS)

static const struct profile profile = {
	.success_min = 200, .success_max = 299, .timeout_ns = 5 * HP_S_NS};

#define ANSWERED(code) .arrived_ns = MS(100), .answered_ns = MS(110), .status = (code), .ordinal = 1
#define CUT(how) .arrived_ns = MS(100), .answered_ns = HP_NEVER, .ordinal = 1, .end = (how)

static const struct row {
	const char *name;
	struct record_receipt receipt;
	enum outcome_class class;
	struct record_fault fault; /* ordinal 0: none */
	bool unacked;
	uint16_t other_status; /* the unacknowledged answer was of another arrival */
	struct judge_span end; /* of the attempt, as its sender saw it; without lag */
} rows[] = {
	{"success", {ANSWERED(204)}, OUTCOME_CLASS_OK, .end = {MS(110), MS(110)}},
	{"failure", {ANSWERED(503)}, OUTCOME_CLASS_FAIL, .end = {MS(110), MS(110)}},
	{"redirect", {ANSWERED(302)}, OUTCOME_CLASS_FAIL, .end = {MS(110), MS(110)}},
	{"unacknowledged success", {ANSWERED(204)}, OUTCOME_CLASS_INFO, .unacked = true,
	 .end = {MS(100), MS(5100)}},
	{"another arrival's answer did not arrive", {ANSWERED(204)}, OUTCOME_CLASS_OK,
	 .unacked = true, .other_status = 401, .end = {MS(110), MS(110)}},
	{"unacknowledged failure", {ANSWERED(503)}, OUTCOME_CLASS_FAIL, .unacked = true,
	 .end = {MS(100), MS(5100)}},
	{"spoilt success", {ANSWERED(204), .end = RECORD_END_BROKEN}, OUTCOME_CLASS_INFO,
	 .end = {MS(100), MS(5100)}},
	{"success behind the timeout",
	 {.arrived_ns = MS(100), .answered_ns = MS(5200), .status = 204, .ordinal = 1},
	 OUTCOME_CLASS_INFO, .end = {MS(100), MS(5200)}},
	{"success just before the timeout, which the sender may have seen first",
	 {.arrived_ns = MS(100), .answered_ns = MS(5060), .status = 204, .ordinal = 1},
	 OUTCOME_CLASS_INFO, .end = {MS(100), MS(5100)}},
	{"success well before the timeout",
	 {.arrived_ns = MS(100), .answered_ns = MS(5040), .status = 204, .ordinal = 1},
	 OUTCOME_CLASS_OK, .end = {MS(5040), MS(5040)}},
	{"slow success", {ANSWERED(204), .behaviour = 1}, OUTCOME_CLASS_OK,
	 .fault = {.ordinal = 1, .planned_ns = MS(100), .applied_ns = MS(400)},
	 .end = {MS(110), MS(400)}},
	{"success after the peer left", {ANSWERED(204), .behaviour = 1}, OUTCOME_CLASS_INFO,
	 .fault = {.ordinal = 1, .planned_ns = MS(100), .applied_ns = MS(110),
		   .peer = RECORD_PEER_FIN, .peer_ns = MS(105)},
	 .end = {MS(105), MS(105)}},
	{"success, and the peer closed later", {ANSWERED(204), .behaviour = 1}, OUTCOME_CLASS_OK,
	 .fault = {.ordinal = 1, .planned_ns = MS(100), .applied_ns = MS(110),
		   .peer = RECORD_PEER_FIN, .peer_ns = MS(120)},
	 .end = {MS(110), MS(110)}},
	{"reset after the request", {CUT(RECORD_END_RESET), .behaviour = 1}, OUTCOME_CLASS_INFO,
	 .fault = {.ordinal = 1, .planned_ns = MS(100), .applied_ns = MS(130)},
	 .end = {MS(130), MS(130)}},
	{"close after the request", {CUT(RECORD_END_CLOSED), .behaviour = 1}, OUTCOME_CLASS_INFO,
	 .fault = {.ordinal = 1, .planned_ns = MS(100), .applied_ns = MS(130)},
	 .end = {MS(130), MS(130)}},
	{"reset by nobody knows what", {CUT(RECORD_END_RESET)}, OUTCOME_CLASS_INFO,
	 .end = {MS(100), MS(5100)}},
	{"silence until the peer left", {CUT(RECORD_END_SILENT), .behaviour = 1},
	 OUTCOME_CLASS_INFO,
	 .fault = {.ordinal = 1, .planned_ns = MS(100), .applied_ns = MS(100),
		   .peer = RECORD_PEER_RST, .peer_ns = MS(3000)},
	 .end = {MS(3000), MS(3000)}},
	{"silence until it was over", {CUT(RECORD_END_SILENT), .over_ns = MS(2000)},
	 OUTCOME_CLASS_INFO, .end = {MS(2000), MS(2000)}},
	{"the peer left before its answer was due",
	 {CUT(RECORD_END_CLOSED), .over_ns = MS(2100), .delay_ns = MS(9000)}, OUTCOME_CLASS_INFO,
	 .end = {MS(2100), MS(2100)}},
	{"silence, and nobody saw it leave", {CUT(RECORD_END_SILENT)}, OUTCOME_CLASS_INFO,
	 .end = {MS(100), MS(5100)}},
	{"a request that never was whole",
	 {.arrived_ns = HP_NEVER, .answered_ns = HP_NEVER, .ordinal = 1, .end = RECORD_END_RESET},
	 OUTCOME_CLASS_FAIL, .end = {0, 0}},
	{"another arrival's fault is not its own", {ANSWERED(204), .behaviour = 1},
	 OUTCOME_CLASS_OK,
	 .fault = {.ordinal = 2, .planned_ns = MS(100), .applied_ns = MS(400)},
	 .end = {MS(110), MS(110)}},
	{"a refused arrival's twin has the fault", {ANSWERED(401)}, OUTCOME_CLASS_FAIL,
	 .fault = {.ordinal = 1, .planned_ns = MS(90), .applied_ns = MS(400)},
	 .end = {MS(110), MS(110)}},
};

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

/* Goal: what is known of an attempt follows from its records as the table says, and so does when
 * its sender knew. */
START_TEST(test_outcome)
{
	const struct row *row = &rows[_i];
	struct record_fault fault = row->fault;
	struct record_unacked unacked = {
		.ordinal = 1,
		.status = row->other_status ? row->other_status : row->receipt.status};
	struct record_delivery delivery = {
		.receipts = &row->receipt, .receipt_count = 1, .faults = &fault,
		.fault_count = fault.ordinal > 0, .unacked = &unacked,
		.unacked_count = row->unacked,
	};
	struct plan plan = {.judged = profile};
	struct judge judge = {.plan = &plan};
	struct judge_evidence evidence = judge_evidence_of(&delivery, 0);
	struct judge_span end;

	judge_lag_init(&judge.lag);
	ck_assert_msg(judge_outcome(&profile, &evidence, 0) == row->class, "%s: %s", row->name,
		      outcome_class_word(judge_outcome(&profile, &evidence, 0)));
	end = judge_ended_within(&judge, &evidence);
	if (row->end.hi_ns > 0)
		ck_assert_msg(end.lo_ns == row->end.lo_ns && end.hi_ns == row->end.hi_ns,
			      "%s: %ju .. %ju ms", row->name, (uintmax_t)(end.lo_ns / HP_MS_NS),
			      (uintmax_t)(end.hi_ns / HP_MS_NS));
	judge_lag_fini(&judge.lag);
}
END_TEST

/* Goal: our own lag makes a success doubtful near the timeout, and every moment wider. */
START_TEST(test_lag)
{
	struct record_receipt receipt = {.arrived_ns = MS(1000), .answered_ns = MS(5000),
					 .status = 204, .lag_ns = MS(300)};
	struct record_delivery delivery = {.receipts = &receipt, .receipt_count = 1};
	struct judge_evidence evidence = judge_evidence_of(&delivery, 0);
	struct record_lag late = {.at_ns = MS(5000), .late_ns = MS(300), .worker = 1};
	struct plan plan = {.judged = profile};
	struct judge judge = {.plan = &plan};
	struct judge_span began = judge_began_within(&evidence), end;

	ck_assert_uint_eq(began.lo_ns, MS(700));
	ck_assert_uint_eq(began.hi_ns, MS(1000));
	ck_assert_int_eq(judge_outcome(&profile, &evidence, 0), OUTCOME_CLASS_OK);
	ck_assert_int_eq(judge_outcome(&profile, &evidence, MS(700)), OUTCOME_CLASS_INFO);
	judge_lag_init(&judge.lag);
	judge_lag_add(&judge.lag, &late);
	end = judge_ended_within(&judge, &evidence);
	ck_assert_uint_eq(end.lo_ns, MS(5000));
	ck_assert_uint_eq(end.hi_ns, MS(5300));
	judge_lag_fini(&judge.lag);
}
END_TEST

/* Goal: each arrival among many finds its own records. */
START_TEST(test_many)
{
	enum { COUNT = 100 };
	struct record_receipt receipts[COUNT] = {{.status = 0}};
	struct record_fault faults[COUNT / 2] = {{.state = 0}};
	struct record_unacked unacked[COUNT / 4] = {{.status = 0}};
	struct record_delivery delivery = {
		.receipts = receipts, .receipt_count = COUNT, .faults = faults,
		.fault_count = COUNT / 2, .unacked = unacked, .unacked_count = COUNT / 4};

	for (uint16_t i = 0; i < COUNT; i++)
		receipts[i] = (struct record_receipt){.ordinal = i + 1, .behaviour = 1,
						      .status = 204};
	for (uint16_t i = 0; i < COUNT / 2; i++)
		faults[i].ordinal = (uint16_t)(2 * i + 1);
	for (uint16_t i = 0; i < COUNT / 4; i++)
		unacked[i] = (struct record_unacked){.ordinal = (uint16_t)(4 * i + 1),
						       .status = 204};
	for (size_t i = 0; i < COUNT; i++) {
		struct judge_evidence evidence = judge_evidence_of(&delivery, i);

		ck_assert_ptr_eq(evidence.fault, i % 2 ? NULL : &faults[i / 2]);
		ck_assert_ptr_eq(evidence.unacked, i % 4 ? NULL : &unacked[i / 4]);
	}
}
END_TEST

Suite *suite_judge_outcome(void);

Suite *suite_judge_outcome(void)
{
	Suite *suite = suite_create("judge_outcome");
	TCase *tcase = tcase_create("judge_outcome");

	tcase_add_loop_test(tcase, test_outcome, 0, ROW_COUNT);
	tcase_add_test(tcase, test_lag);
	tcase_add_test(tcase, test_many);
	suite_add_tcase(suite, tcase);
	return suite;
}
