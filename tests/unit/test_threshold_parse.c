#include <check.h>
#include <math.h>

#include "scenarios/scenario.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static const struct good {
	const char *text;
	struct threshold want;
} good[] = {
	{"response.p99<50ms",
	 {.figure = THRESHOLD_RESPONSE,
	  .percentile = 99,
	  .op = THRESHOLD_LT,
	  .unit = THRESHOLD_NS,
	  .limit = 50e6}},
	{"service.p50<=1.5s",
	 {.figure = THRESHOLD_SERVICE,
	  .percentile = 50,
	  .op = THRESHOLD_LE,
	  .unit = THRESHOLD_NS,
	  .limit = 1.5e9}},
	{"queue.p999<1ms",
	 {.figure = THRESHOLD_QUEUE,
	  .percentile = 99.9,
	  .op = THRESHOLD_LT,
	  .unit = THRESHOLD_NS,
	  .limit = 1e6}},
	{"lag.p99.99<1ms",
	 {.figure = THRESHOLD_LAG,
	  .percentile = 99.99,
	  .op = THRESHOLD_LT,
	  .unit = THRESHOLD_NS,
	  .limit = 1e6}},
	{"delivery.max<2h",
	 {.figure = THRESHOLD_DELIVERY,
	  .percentile = 100,
	  .op = THRESHOLD_LT,
	  .unit = THRESHOLD_NS,
	  .limit = 7200e9}},
	{"response.p100>1ns",
	 {.figure = THRESHOLD_RESPONSE,
	  .percentile = 100,
	  .op = THRESHOLD_GT,
	  .unit = THRESHOLD_NS,
	  .limit = 1}},
	{"errors<0.1%",
	 {.figure = THRESHOLD_ERRORS, .op = THRESHOLD_LT, .unit = THRESHOLD_SHARE, .limit = 0.001}},
	{"achieved>=99%",
	 {.figure = THRESHOLD_ACHIEVED,
	  .op = THRESHOLD_GE,
	  .unit = THRESHOLD_SHARE,
	  .limit = 0.99}},
	{"rate>=450.5/s",
	 {.figure = THRESHOLD_RATE, .op = THRESHOLD_GE, .unit = THRESHOLD_PER_S, .limit = 450.5}},
	{"delivered>=100%",
	 {.figure = THRESHOLD_DELIVERED, .op = THRESHOLD_GE, .unit = THRESHOLD_SHARE, .limit = 1}},
	{"delivered<=0",
	 {.figure = THRESHOLD_DELIVERED, .op = THRESHOLD_LE, .unit = THRESHOLD_COUNT, .limit = 0}},
	{"exhausted<=0",
	 {.figure = THRESHOLD_EXHAUSTED, .op = THRESHOLD_LE, .unit = THRESHOLD_COUNT, .limit = 0}},
	{"duplicates>=50",
	 {.figure = THRESHOLD_DUPLICATES,
	  .op = THRESHOLD_GE,
	  .unit = THRESHOLD_COUNT,
	  .limit = 50}},
};

/* Goal: figure, percentile, operator, unit and limit are read, and the text is kept. */
START_TEST(test_good)
{
	const struct threshold *want = &good[_i].want;
	struct threshold got;
	struct hp_err err;

	ck_assert_msg(threshold_parse(&got, good[_i].text, &err) == 0, "%s", err.msg);
	ck_assert_str_eq(got.text, good[_i].text);
	ck_assert(got.figure == want->figure && got.op == want->op && got.unit == want->unit);
	ck_assert_double_eq_tol(got.percentile, want->percentile, 1e-9);
	ck_assert_double_eq_tol(got.limit, want->limit, 1e-9);
}
END_TEST

static const struct bad {
	const char *text, *msg;
} bad[] = {
	{"",
	 "want a threshold on one of response, service, queue, lag, delivery, errors, achieved, "
	 "rate, delivered, exhausted, pending, dropped, duplicates, handshake"},
	{"error<1%", "want a threshold on one of response, service, queue, lag, delivery, errors, "
		     "achieved, rate, delivered, exhausted, pending, dropped, duplicates, "
		     "handshake: did you mean \"errors\"?"},
	{"response<1ms", "want a percentile and a duration, like .p99<50ms or .max<1s after "
			 "\"response\", found \"response<1ms\""},
	{"response.p101<1ms", "want a percentile and a duration, like .p99<50ms or .max<1s after "
			      "\"response\", found \"response.p101<1ms\""},
	{"response.p99<50", "want a percentile and a duration, like .p99<50ms or .max<1s after "
			    "\"response\", found \"response.p99<50\""},
	{"response.p99=50ms", "want a percentile and a duration, like .p99<50ms or .max<1s after "
			      "\"response\", found \"response.p99=50ms\""},
	{"errors<5",
	 "want a share of at most 100%, like <0.1% after \"errors\", found \"errors<5\""},
	{"errors<101%",
	 "want a share of at most 100%, like <0.1% after \"errors\", found \"errors<101%\""},
	{"rate>5", "want a rate, like >=450/s after \"rate\", found \"rate>5\""},
	{"exhausted<1%", "want a count, like <=0 after \"exhausted\", found \"exhausted<1%\""},
	{"delivered>=1x",
	 "want a count or a share, like >=100 or >=99.9% after \"delivered\", found "
	 "\"delivered>=1x\""},
	{"pending<=-1", "want a count, like <=0 after \"pending\", found \"pending<=-1\""},
	{"errors<0.000000000000000000000000000000000000000000000000000001%",
	 "want a threshold of at most 63 bytes"},
};

/* Goal: what is no threshold is refused with an example of one. */
START_TEST(test_bad)
{
	struct threshold got;
	struct hp_err err;

	ck_assert_msg(threshold_parse(&got, bad[_i].text, &err) == -1, "%s", bad[_i].text);
	ck_assert_str_eq(err.msg, bad[_i].msg);
	ck_assert_int_eq((int)err.code, HP_EUSAGE);
}
END_TEST

Suite *suite_threshold_parse(void);

Suite *suite_threshold_parse(void)
{
	Suite *suite = suite_create("threshold_parse");
	TCase *tcase = tcase_create("threshold_parse");

	tcase_add_loop_test(tcase, test_good, 0, COUNT(good));
	tcase_add_loop_test(tcase, test_bad, 0, COUNT(bad));
	suite_add_tcase(suite, tcase);
	return suite;
}
