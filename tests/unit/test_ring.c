#include "engine/ring.h"

#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "base/err.h"

static struct record numbered(uint64_t number)
{
	return (struct record){.kind = RECORD_LAG, .lag = {.at_ns = number, .late_ns = ~number}};
}

static void put(struct ring *ring, uint64_t number)
{
	struct record record = numbered(number);

	history_put(ring_history(ring), &record);
}

/* Goal: a ring holds what it was asked for, rounded up to a power of two, and counts the rest. */
START_TEST(test_full_counts_lost)
{
	static const struct {
		size_t asked, holds;
	} rows[] = {{1, 1}, {2, 2}, {3, 4}, {100, 128}, {1024, 1024}};
	struct ring *ring = ring_new(rows[_i].asked);
	const struct record *records;

	for (size_t i = 0; i < rows[_i].holds + 7; i++)
		put(ring, i);
	ck_assert_uint_eq(ring_lost(ring), 7);
	ck_assert_uint_eq(ring_peek(ring, &records, SIZE_MAX), rows[_i].holds);
	for (size_t i = 0; i < rows[_i].holds; i++)
		ck_assert_uint_eq(records[i].lag.at_ns, i);
	ring_free(ring);
}
END_TEST

/* Goal: peeking takes nothing; taken places are the producer's again, across the wrap too. */
START_TEST(test_wraps)
{
	struct ring *ring = ring_new(8);
	const struct record *records;
	uint64_t in = 0, out = 0;

	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < 5; i++)
			put(ring, in++);
		while (ring_peek(ring, &records, 3) > 0) {
			size_t count = ring_peek(ring, &records, 3);

			for (size_t i = 0; i < count; i++)
				ck_assert_uint_eq(records[i].lag.at_ns, out++);
			ring_taken(ring, count);
		}
		ck_assert_uint_eq(in, out);
	}
	ck_assert_uint_eq(ring_lost(ring), 0);
	ring_free(ring);
}
END_TEST

/* Goal: an empty ring gives nothing, and giving back more than was there is our bug. */
START_TEST(test_taken_more_than_there)
{
	struct ring *ring = ring_new(8);
	const struct record *records;

	ck_assert_uint_eq(ring_peek(ring, &records, 1), 0);
	ring_taken(ring, 1);
}
END_TEST

enum { RECORDS = 300000 };

static void *produce(void *arg)
{
	for (uint64_t i = 0; i < RECORDS; i++)
		put(arg, i);
	return NULL;
}

/* Checks that numbers only grow and no record is torn. Returns how many there were. */
static size_t consume(struct ring *ring, uint64_t *next)
{
	const struct record *records;
	size_t count = ring_peek(ring, &records, 64);

	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_ge(records[i].lag.at_ns, *next);
		ck_assert_uint_eq(records[i].lag.late_ns, ~records[i].lag.at_ns);
		*next = records[i].lag.at_ns + 1;
	}
	ring_taken(ring, count);
	return count;
}

/* Goal: between two threads every record arrives whole, in order, or is counted as lost. */
START_TEST(test_two_threads)
{
	struct ring *ring = ring_new(1024);
	uint64_t next = 0, got = 0;
	pthread_t producer;

	ck_assert_int_eq(pthread_create(&producer, NULL, produce, ring), 0);
	while (got + ring_lost(ring) < RECORDS) {
		size_t count = consume(ring, &next);

		got += count;
		if (count == 0)
			sched_yield();
	}
	pthread_join(producer, NULL);
	ck_assert_uint_eq(consume(ring, &next), 0);
	ck_assert_uint_eq(got + ring_lost(ring), RECORDS);
	ck_assert_uint_gt(got, 0);
	ring_free(ring);
}
END_TEST

Suite *suite_ring(void);

Suite *suite_ring(void)
{
	Suite *suite = suite_create("ring");
	TCase *tcase = tcase_create("ring"), *deaths = tcase_create("deaths");

	tcase_add_loop_test(tcase, test_full_counts_lost, 0, 5);
	tcase_add_test(tcase, test_wraps);
	tcase_add_test(tcase, test_two_threads);
	tcase_add_test_raise_signal(deaths, test_taken_more_than_there, SIGABRT);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, deaths);
	return suite;
}
