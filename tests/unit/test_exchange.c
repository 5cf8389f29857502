#include "engine/exchange.h"

#include <check.h>

#include "base/span.h"
#include "tests/lib/guard.h"

static struct exchange exchange;
static struct exchange_known known;

static const struct row {
	const char *answer;
	enum exchange_result result; /* after all of it */
	int status;
	bool keep_alive;
	enum outcome at_end; /* what a FIN after it means */
} rows[] = {
	{"HTTP/1.1 204 No Content\r\n\r\n", EXCHANGE_DONE, 204, true, OUTCOME_OK},
	{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", EXCHANGE_DONE, 200, true, OUTCOME_OK},
	{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokX", EXCHANGE_DONE, 200, false, OUTCOME_OK},
	{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", EXCHANGE_DONE, 200,
	 false, OUTCOME_OK},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", EXCHANGE_DONE,
	 200, true, OUTCOME_OK},
	{"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 100 Go\r\n\r\nHTTP/1.1 503 No\r\nContent-Length: "
	 "0\r\n\r\n",
	 EXCHANGE_DONE, 503, true, OUTCOME_OK},
	{"HTTP/1.0 200 OK\r\n\r\nuntil the end", EXCHANGE_MORE, 200, false, OUTCOME_OK},
	{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", EXCHANGE_MORE, 200, true,
	 OUTCOME_TRUNCATED},
	{"HTTP/1.1 20", EXCHANGE_MORE, 0, false, OUTCOME_TRUNCATED},
	{"SSH-2.0-OpenSSH_9.2\r\n\r\n", EXCHANGE_GARBAGE, 0, false, OUTCOME_TRUNCATED},
	{"HTTP/1.1 101 Switching\r\n\r\n", EXCHANGE_GARBAGE, 0, false, OUTCOME_TRUNCATED},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", EXCHANGE_GARBAGE, 200, true,
	 OUTCOME_TRUNCATED},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static enum exchange_result feed(const char *bytes, size_t count)
{
	char *copy = guard_copy(bytes, count);
	enum exchange_result result =
		exchange_feed(&exchange, (struct hp_view){copy, count}, 784111777);

	guard_free(copy);
	return result;
}

static void setup(void)
{
	known.bytes = 0;
	exchange_init(&exchange, &known, 1000);
}

static void teardown(void)
{
	exchange_fini(&exchange);
}

/* Goal: a whole answer in one read gives its result, status and whether the connection stays. */
START_TEST(test_whole)
{
	const struct row *row = &rows[_i];

	ck_assert_int_eq(feed(row->answer, strlen(row->answer)), row->result);
	ck_assert_int_eq(exchange.status, row->status);
	if (row->result == EXCHANGE_DONE)
		ck_assert_int_eq(exchange.keep_alive, row->keep_alive);
	if (row->result == EXCHANGE_MORE)
		ck_assert_int_eq(exchange_end(&exchange), row->at_end);
}
END_TEST

/* Goal: an answer that came before means the same again, also on another connection; one of as many
 * bytes that differs in the last of them is read anew. */
START_TEST(test_known)
{
	const struct row *row = &rows[_i];
	size_t bytes = strlen(row->answer);
	struct exchange other;
	char *changed = guard_copy(row->answer, bytes);

	exchange_init(&other, &known, 1000);
	for (int i = 0; i < 3; i++) {
		exchange_reset(&exchange);
		exchange_feed(&other, (struct hp_view){row->answer, bytes}, 784111777);
		exchange_reset(&other);
		ck_assert_int_eq(feed(row->answer, bytes), row->result);
		ck_assert_int_eq(exchange.status, row->status);
		if (row->result == EXCHANGE_DONE)
			ck_assert_int_eq(exchange.keep_alive, row->keep_alive);
	}
	exchange_reset(&exchange);
	changed[bytes - 1] = '\1';
	if (row->result == EXCHANGE_DONE && row->status == 204)
		ck_assert_int_eq(feed(changed, bytes), EXCHANGE_GARBAGE);
	guard_free(changed);
	exchange_fini(&other);
}
END_TEST

/* Goal: a Retry-After is read each time, since it counts from the moment at which it comes. */
START_TEST(test_known_but_for_retry_after)
{
	static const char asks[] =
		"HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";

	for (int i = 0; i < 2; i++) {
		exchange_reset(&exchange);
		ck_assert_int_eq(feed(asks, strlen(asks)), EXCHANGE_DONE);
		ck_assert_uint_eq(exchange.retry_after_ns, 7 * HP_S_NS);
	}
}
END_TEST

/* Goal: an answer is known by its first bytes only: the same bytes inside a body are no answer. */
START_TEST(test_known_in_a_body)
{
	struct hp_view answer = HP_LITERAL("HTTP/1.1 204 No Content\r\n\r\n");

	ck_assert_int_eq(feed(answer.at, answer.bytes), EXCHANGE_DONE);
	exchange_reset(&exchange);
	ck_assert_int_eq(feed("HTTP/1.0 200 OK\r\n\r\n", 19), EXCHANGE_MORE);
	ck_assert_int_eq(feed(answer.at, answer.bytes), EXCHANGE_MORE);
	ck_assert_int_eq(exchange.status, 200);
	ck_assert_uint_eq(exchange.body_seen, answer.bytes);
}
END_TEST

/* Goal: the same answer cut in two at any byte gives the same result. A connection that says too
 * much can only be told when the surplus comes with the end. */
START_TEST(test_split_anywhere)
{
	const struct row *row = &rows[_i];
	size_t bytes = strlen(row->answer);

	for (size_t cut = 1; cut < bytes; cut++) {
		enum exchange_result result;

		exchange_reset(&exchange);
		result = feed(row->answer, cut);
		if (result == EXCHANGE_MORE)
			result = feed(row->answer + cut, bytes - cut);
		ck_assert_msg(result == row->result, "cut at %zu", cut);
		ck_assert_int_eq(exchange.status, row->status);
	}
}
END_TEST

/* Goal: byte by byte is no different, and leaves nothing in memory. */
START_TEST(test_byte_by_byte)
{
	const char *answer = rows[5].answer;
	enum exchange_result result = EXCHANGE_MORE;

	for (size_t i = 0; i < strlen(answer); i++) {
		ck_assert_int_eq(result, EXCHANGE_MORE);
		result = feed(answer + i, 1);
	}
	ck_assert_int_eq(result, EXCHANGE_DONE);
	ck_assert_int_eq(exchange.status, 503);
	exchange_reset(&exchange);
	ck_assert_ptr_null(exchange.head.at);
}
END_TEST

/* Goal: limits hold on both sides: the body's, the head's, the number of interim heads. */
START_TEST(test_limits)
{
	char body[1200], head[HTTP1_HEAD_BYTES_MAX + 2];
	enum exchange_result result = EXCHANGE_MORE;

	memset(body, 'x', sizeof(body));
	ck_assert_int_eq(feed("HTTP/1.0 200 OK\r\n\r\n", 19), EXCHANGE_MORE);
	ck_assert_int_eq(feed(body, 1000), EXCHANGE_MORE);
	ck_assert_int_eq(feed(body, 1), EXCHANGE_TOO_LARGE);

	exchange_reset(&exchange);
	memset(head, 'x', sizeof(head));
	memcpy(head, "HTTP/1.1 200 OK\r\nx: ", 20);
	for (size_t at = 0; result == EXCHANGE_MORE && at + 1024 <= sizeof(head); at += 1024)
		result = feed(head + at, 1024);
	if (result == EXCHANGE_MORE)
		result = feed("xx", 2);
	ck_assert_int_ne(result, EXCHANGE_MORE);
	ck_assert_int_ne(result, EXCHANGE_DONE);

	exchange_reset(&exchange);
	for (int i = 0; i < EXCHANGE_INTERIM_MAX; i++)
		ck_assert_int_eq(feed("HTTP/1.1 103 E\r\n\r\n", 18), EXCHANGE_MORE);
	ck_assert_int_eq(feed("HTTP/1.1 103 E\r\n\r\n", 18), EXCHANGE_TOO_LARGE);
}
END_TEST

/* Goal: Retry-After is kept in ns for answers that are no success, and only when readable. */
START_TEST(test_retry_after_is_kept)
{
	static const char asks[] =
		"HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
	static const char mumbles[] =
		"HTTP/1.1 503 No\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n";

	ck_assert_int_eq(feed(asks, sizeof(asks) - 1), EXCHANGE_DONE);
	ck_assert_uint_eq(exchange.retry_after_ns, 7 * HP_S_NS);
	exchange_reset(&exchange);
	ck_assert_int_eq(feed(mumbles, sizeof(mumbles) - 1), EXCHANGE_DONE);
	ck_assert_uint_eq(exchange.retry_after_ns, HP_NEVER);
}
END_TEST

Suite *suite_exchange(void);

Suite *suite_exchange(void)
{
	Suite *suite = suite_create("exchange");
	TCase *tcase = tcase_create("exchange");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_whole, 0, ROWS);
	tcase_add_loop_test(tcase, test_known, 0, ROWS);
	tcase_add_test(tcase, test_known_but_for_retry_after);
	tcase_add_test(tcase, test_known_in_a_body);
	tcase_add_loop_test(tcase, test_split_anywhere, 0, ROWS);
	tcase_add_test(tcase, test_byte_by_byte);
	tcase_add_test(tcase, test_limits);
	tcase_add_test(tcase, test_retry_after_is_kept);
	suite_add_tcase(suite, tcase);
	return suite;
}
