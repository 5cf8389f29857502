#include "engine/delivery.h"

#include <check.h>
#include <signal.h>

static struct delivery_slab slab;

/* Goal: the happy path and a retry are legal, and a delivery taken again starts anew. */
START_TEST(test_legal_moves)
{
	struct delivery *delivery = delivery_take(&slab);

	delivery_move(delivery, DELIVERY_IN_FLIGHT);
	delivery_move(delivery, DELIVERY_PENDING);
	delivery_move(delivery, DELIVERY_IN_FLIGHT);
	delivery_move(delivery, DELIVERY_DELIVERED);
	delivery_give(&slab, delivery);
	ck_assert_uint_eq(slab.live, 0);
	delivery = delivery_take(&slab);
	ck_assert_int_eq(delivery->state, DELIVERY_PLANNED);
	ck_assert_uint_eq(delivery->number, 1);
	delivery_slab_fini(&slab);
}
END_TEST

/* Goal: a move that the table does not hold ends the process: an attempt after success, a drop
 * after the first attempt, a delivery without an attempt. */
START_TEST(test_illegal_moves)
{
	static const struct {
		uint8_t from;
		enum delivery_state to;
	} rows[] = {
		{DELIVERY_DELIVERED, DELIVERY_IN_FLIGHT}, {DELIVERY_EXHAUSTED, DELIVERY_IN_FLIGHT},
		{DELIVERY_PENDING, DELIVERY_DROPPED},     {DELIVERY_PLANNED, DELIVERY_DELIVERED},
		{DELIVERY_PENDING, DELIVERY_DELIVERED},   {DELIVERY_NOT_SENT, DELIVERY_IN_FLIGHT},
	};
	struct delivery delivery = {.state = rows[_i].from};

	delivery_move(&delivery, rows[_i].to);
}
END_TEST

/* Goal: deliveries that live together are different ones, over many pages. */
START_TEST(test_slab_hands_out_each_once)
{
	enum { COUNT = 3000 };
	static struct delivery *taken[COUNT];

	for (uint64_t i = 0; i < COUNT; i++) {
		taken[i] = delivery_take(&slab);
		taken[i]->event_index = i;
	}
	for (uint64_t i = 0; i < COUNT; i++)
		ck_assert_uint_eq(taken[i]->event_index, i);
	ck_assert_uint_eq(slab.live, COUNT);
	delivery_slab_fini(&slab);
}
END_TEST

Suite *suite_delivery(void);

Suite *suite_delivery(void)
{
	Suite *suite = suite_create("delivery");
	TCase *tcase = tcase_create("delivery");
	TCase *death = tcase_create("death");

	tcase_add_test(tcase, test_legal_moves);
	tcase_add_test(tcase, test_slab_hands_out_each_once);
	tcase_add_loop_test_raise_signal(death, test_illegal_moves, SIGABRT, 0, 6);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, death);
	return suite;
}
