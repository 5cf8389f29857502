/* The de-duplication store: what goes in comes out, full is an answer, memory keeps its budget. */
#include "receivers/seen.h"

#include <check.h>

#include "base/random.h"

static uint64_t identity_of(uint64_t event)
{
	const struct hp_key key = {.seed = 1, .event = event};

	return hp_random_bits(&key);
}

/* Goal: every event keeps its own counts through all growing; unknown ones are not found. */
START_TEST(test_keeps_counts)
{
	enum { EVENTS = 50000 };
	struct seen seen;

	seen_init(&seen, EVENTS);
	for (uint64_t i = 0; i < EVENTS; i++)
		seen_take(&seen, identity_of(i))->arrivals = (uint16_t)(i % 1000);
	ck_assert_uint_eq(seen.count, EVENTS);
	for (uint64_t i = 0; i < EVENTS; i++) {
		const struct seen_slot *slot = seen_find(&seen, identity_of(i));
		ck_assert_ptr_nonnull(slot);
		ck_assert_uint_eq(slot->arrivals, i % 1000);
		ck_assert_ptr_eq(slot, seen_take(&seen, identity_of(i)));
		ck_assert_ptr_null(seen_find(&seen, identity_of(EVENTS + i)));
	}
	seen_fini(&seen);
}
END_TEST

/* Goal: digest 0 is an event like others, not a free slot; neighbours in one table stay apart. */
START_TEST(test_awkward_digests)
{
	struct seen seen;

	seen_init(&seen, 100);
	ck_assert_ptr_null(seen_find(&seen, 0));
	seen_take(&seen, 0)->arrivals = 7;
	for (uint64_t i = 2; i < 40; i++)
		seen_take(&seen, i << 32)->arrivals = (uint16_t)i;
	ck_assert_uint_eq(seen_find(&seen, 0)->arrivals, 7);
	for (uint64_t i = 2; i < 40; i++)
		ck_assert_uint_eq(seen_find(&seen, i << 32)->arrivals, i);
	seen_fini(&seen);
}
END_TEST

/* Goal: a full store refuses new events and still knows the old ones. */
START_TEST(test_full)
{
	struct seen seen;

	seen_init(&seen, 2);
	ck_assert_ptr_nonnull(seen_take(&seen, 11));
	ck_assert_ptr_nonnull(seen_take(&seen, 12));
	ck_assert_ptr_null(seen_take(&seen, 13));
	ck_assert_ptr_nonnull(seen_take(&seen, 11));
	ck_assert_uint_eq(seen.count, 2);
	seen_fini(&seen);
}
END_TEST

/* Goal: at most 28 bytes an event around two million events, the table that is just growing
 * counted twice. */
START_TEST(test_memory)
{
	enum { EVENTS = 2000000, LARGEST = 16384 * 12 };
	struct seen seen;

	seen_init(&seen, SIZE_MAX);
	for (uint64_t i = 0; i < EVENTS; i++) {
		seen_take(&seen, identity_of(i));
		if (i >= EVENTS - 200000 && i % 1000 == 0)
			ck_assert_uint_le(seen_bytes(&seen) + LARGEST, 28 * EVENTS);
	}
	seen_fini(&seen);
}
END_TEST

Suite *suite_seen(void);

Suite *suite_seen(void)
{
	Suite *suite = suite_create("seen");
	TCase *tcase = tcase_create("seen");

	tcase_add_test(tcase, test_keeps_counts);
	tcase_add_test(tcase, test_awkward_digests);
	tcase_add_test(tcase, test_full);
	tcase_add_test(tcase, test_memory);
	suite_add_tcase(suite, tcase);
	return suite;
}
