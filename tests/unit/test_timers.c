#include "engine/timers.h"

#include <check.h>
#include <stdlib.h>

#include "base/random.h"
#include "base/span.h"

/* Goal: whatever the order in which moments are added, they come out rising, each once, and none
 * before it is due. */
START_TEST(test_comes_out_rising)
{
	enum { COUNT = 5000 };
	struct timers timers;
	struct timer timer;
	uint64_t sum_in = 0, sum_out = 0, last_ns = 0, taken = 0;

	timers_init(&timers);
	for (uint64_t i = 0; i < COUNT; i++) {
		struct hp_key key = {.seed = 3, .event = i};

		timer = (struct timer){hp_random_below(&key, 1000), NULL, i};
		sum_in += i;
		timers_add(&timers, &timer);
	}
	while (timers_take(&timers, 499, &timer)) {
		ck_assert_uint_ge(timer.at_ns, last_ns);
		last_ns = timer.at_ns;
		sum_out += timer.cookie;
		taken++;
	}
	ck_assert_uint_ge(timers_next_ns(&timers), 500);
	while (timers_take(&timers, HP_NEVER - 1, &timer)) {
		ck_assert_uint_ge(timer.at_ns, last_ns);
		last_ns = timer.at_ns;
		sum_out += timer.cookie;
	}
	ck_assert_uint_gt(taken, COUNT / 3);
	ck_assert_uint_eq(sum_in, sum_out);
	ck_assert_uint_eq(timers_next_ns(&timers), HP_NEVER);
	timers_fini(&timers);
}
END_TEST

Suite *suite_timers(void);

Suite *suite_timers(void)
{
	Suite *suite = suite_create("timers");
	TCase *tcase = tcase_create("timers");

	tcase_add_test(tcase, test_comes_out_rising);
	suite_add_tcase(suite, tcase);
	return suite;
}
