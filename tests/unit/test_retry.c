#include "engine/retry.h"

#include <check.h>

#include "base/err.h"

static const struct retry_policy paisr = {
	.attempts_max = 11,
	.law = RETRY_EXPONENTIAL,
	.base_ns = 60 * HP_S_NS,
	.factor = 2,
	.jitter = RETRY_JITTER_FRACTION,
	.jitter_fraction = 0.2,
	.after = RETRY_AFTER_NEXT_SLOT,
};

/* Goal: Paisr's ten waits are 60 s doubling, and their sum is the 17 h 03 min of the contract. */
START_TEST(test_paisr_schedule)
{
	for (unsigned number = 1; number <= 10; number++) {
		struct retry_window window = retry_window(&paisr, number, HP_NEVER);
		uint64_t nominal_ns = 60 * HP_S_NS << (number - 1);

		ck_assert_uint_eq(window.nominal_ns, nominal_ns);
		ck_assert_uint_eq(window.lo_ns, nominal_ns * 8 / 10);
		ck_assert_uint_eq(window.hi_ns, nominal_ns * 12 / 10);
	}
	ck_assert_uint_eq(retry_horizon_ns(&paisr), 61380 * HP_S_NS);
}
END_TEST

/* Goal: every drawn wait lies in its window, and the draws fill it. */
START_TEST(test_draws_fill_the_window)
{
	static const enum retry_jitter kinds[] = {RETRY_JITTER_NONE, RETRY_JITTER_FRACTION,
						  RETRY_JITTER_FULL, RETRY_JITTER_ADDED};
	struct retry_policy policy = paisr;
	struct retry_window window;
	uint64_t least = HP_NEVER, most = 0;

	policy.jitter = kinds[_i];
	policy.jitter_added_ns = 5 * HP_S_NS;
	window = retry_window(&policy, 3, HP_NEVER);
	for (uint64_t k = 0; k < 2000; k++) {
		struct hp_key key = {.seed = 7, .event = k};
		uint64_t wait = retry_delay_ns(&policy, 3, HP_NEVER, &key);

		least = wait < least ? wait : least;
		most = wait > most ? wait : most;
	}
	ck_assert_uint_ge(least, window.lo_ns);
	ck_assert_uint_le(most, window.hi_ns);
	ck_assert_uint_ge(most - least, (window.hi_ns - window.lo_ns) / 100 * 98);
}
END_TEST

/* Goal: a draw is a function of its key: the same twice, another for another event or attempt. */
START_TEST(test_draw_is_keyed)
{
	struct hp_key key = {.seed = 1, .event = 5, .endpoint = 2};
	uint64_t first = retry_delay_ns(&paisr, 4, HP_NEVER, &key);

	ck_assert_uint_eq(retry_delay_ns(&paisr, 4, HP_NEVER, &key), first);
	key.event = 6;
	ck_assert_uint_ne(retry_delay_ns(&paisr, 4, HP_NEVER, &key), first);
}
END_TEST

/* Goal: Retry-After does what the profile's switch says, never less than the slot. */
START_TEST(test_retry_after)
{
	static const struct {
		enum retry_after rule;
		uint64_t asked_s, want_s; /* slot 1: 60 s, slot 2: 120 s */
	} rows[] = {
		{RETRY_AFTER_IGNORE, 90, 60},     {RETRY_AFTER_NEXT_SLOT, 90, 90},
		{RETRY_AFTER_NEXT_SLOT, 10, 60},  {RETRY_AFTER_NEXT_SLOT, 9999, 120},
		{RETRY_AFTER_DOUBLE, 110, 110},   {RETRY_AFTER_DOUBLE, 9999, 120},
		{RETRY_AFTER_HONOUR, 7200, 7200}, {RETRY_AFTER_HONOUR, 1000000000, 86400},
		{RETRY_AFTER_HONOUR, 0, 60},
	};
	struct retry_policy policy = paisr;
	struct retry_window window;

	policy.after = rows[_i].rule;
	window = retry_window(&policy, 1, rows[_i].asked_s * HP_S_NS);
	ck_assert_uint_eq(window.nominal_ns, rows[_i].want_s * HP_S_NS);
	if (rows[_i].want_s != 60) /* a wait that was asked for has no jitter */
		ck_assert_uint_eq(window.lo_ns, window.hi_ns);
	else
		ck_assert_uint_eq(window.lo_ns, 48 * HP_S_NS);
}
END_TEST

/* Goal: a list repeats its last delay, a cap holds, a linear law does not grow. */
START_TEST(test_other_laws)
{
	struct retry_policy list = {.attempts_max = 5, .law = RETRY_LIST, .list_count = 2,
				    .list_ns = {HP_S_NS, 5 * HP_S_NS}};
	struct retry_policy capped = paisr;
	struct retry_policy linear = {.attempts_max = 10, .law = RETRY_LINEAR,
				      .base_ns = 100 * HP_S_NS};

	ck_assert_uint_eq(retry_window(&list, 1, HP_NEVER).nominal_ns, HP_S_NS);
	ck_assert_uint_eq(retry_window(&list, 2, HP_NEVER).nominal_ns, 5 * HP_S_NS);
	ck_assert_uint_eq(retry_window(&list, 4, HP_NEVER).nominal_ns, 5 * HP_S_NS);
	capped.cap_ns = 100 * HP_S_NS;
	ck_assert_uint_eq(retry_window(&capped, 1, HP_NEVER).nominal_ns, 60 * HP_S_NS);
	ck_assert_uint_eq(retry_window(&capped, 9, HP_NEVER).nominal_ns, 100 * HP_S_NS);
	ck_assert_uint_eq(retry_window(&linear, 7, HP_NEVER).nominal_ns, 100 * HP_S_NS);
}
END_TEST

/* Goal: scaling multiplies every delay and nothing else; huge factors do not overflow. */
START_TEST(test_scaled)
{
	struct retry_policy scaled = retry_scaled(&paisr, 0.001);
	struct retry_policy wild = paisr;

	ck_assert_uint_eq(retry_window(&scaled, 1, HP_NEVER).nominal_ns, 60 * HP_MS_NS);
	ck_assert_uint_eq(retry_window(&scaled, 10, HP_NEVER).nominal_ns, 30720 * HP_MS_NS);
	ck_assert_uint_eq(scaled.attempts_max, 11);
	wild.factor = 1e9;
	ck_assert_uint_lt(retry_window(&wild, 99, HP_NEVER).nominal_ns, HP_NEVER);
}
END_TEST

Suite *suite_retry(void);

Suite *suite_retry(void)
{
	Suite *suite = suite_create("retry");
	TCase *tcase = tcase_create("retry");

	tcase_add_test(tcase, test_paisr_schedule);
	tcase_add_loop_test(tcase, test_draws_fill_the_window, 0, 4);
	tcase_add_test(tcase, test_draw_is_keyed);
	tcase_add_loop_test(tcase, test_retry_after, 0, 9);
	tcase_add_test(tcase, test_other_laws);
	tcase_add_test(tcase, test_scaled);
	suite_add_tcase(suite, tcase);
	return suite;
}
