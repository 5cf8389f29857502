#include "engine/outcome.h"

#include <check.h>
#include <signal.h>
#include <string.h>

/* Goal: every outcome has a word of its own, a sentence and a class. */
START_TEST(test_rows_are_whole)
{
	enum outcome outcome = (enum outcome)_i;

	ck_assert_uint_gt(strlen(outcome_word(outcome)), 0);
	ck_assert_uint_gt(strlen(outcome_sentence(outcome)), 0);
	ck_assert_uint_gt(strlen(outcome_class_word(outcome_class(outcome))), 0);
	for (int other = 0; other < _i; other++)
		ck_assert_str_ne(outcome_word(outcome), outcome_word((enum outcome)other));
}
END_TEST

/* Goal: only a read success is ok; what surely did not happen is fail; the rest is unknown. */
START_TEST(test_classes)
{
	static const struct {
		enum outcome outcome;
		enum outcome_class class;
	} rows[] = {
		{OUTCOME_OK, OUTCOME_CLASS_OK},
		{OUTCOME_STATUS, OUTCOME_CLASS_FAIL},
		{OUTCOME_REFUSED, OUTCOME_CLASS_FAIL},
		{OUTCOME_CONNECT_TIMEOUT, OUTCOME_CLASS_FAIL},
		{OUTCOME_TIMEOUT, OUTCOME_CLASS_INFO},
		{OUTCOME_RESET, OUTCOME_CLASS_INFO},
		{OUTCOME_TLS_FAILED, OUTCOME_CLASS_FAIL},
		{OUTCOME_TRUNCATED, OUTCOME_CLASS_INFO},
		{OUTCOME_ABANDONED, OUTCOME_CLASS_INFO},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_int_eq(outcome_class(rows[i].outcome), rows[i].class);
	ck_assert_str_eq(outcome_class_word(OUTCOME_CLASS_INFO), "info");
}
END_TEST

/* Goal: every state has a word of its own. */
START_TEST(test_states)
{
	for (int state = 0; state < DELIVERY_STATES; state++)
		for (int other = 0; other < state; other++)
			ck_assert_str_ne(delivery_state_word((enum delivery_state)state),
					 delivery_state_word((enum delivery_state)other));
	ck_assert_str_eq(delivery_state_word(DELIVERY_NOT_SENT), "not-sent");
}
END_TEST

/* Goal: an outcome beyond the list is our bug and ends the process. */
START_TEST(test_no_word_beyond)
{
	outcome_word(OUTCOME_COUNT);
}
END_TEST

Suite *suite_outcome(void);

Suite *suite_outcome(void)
{
	Suite *suite = suite_create("outcome");
	TCase *tcase = tcase_create("outcome");

	tcase_add_loop_test(tcase, test_rows_are_whole, 0, OUTCOME_COUNT);
	tcase_add_test(tcase, test_classes);
	tcase_add_test(tcase, test_states);
	tcase_add_test_raise_signal(tcase, test_no_word_beyond, SIGABRT);
	suite_add_tcase(suite, tcase);
	return suite;
}
