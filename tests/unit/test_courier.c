#include "net/courier.h"

#include <check.h>
#include <stdio.h>

#include "base/span.h"
#include "net/clock.h"
#include "tests/lib/endpoint.h"

#define HEAD "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n"
static const char request[] = HEAD "hello";

static struct hp_err err;
static struct courier *courier;

static void start(struct port_address address, uint64_t limit_ns)
{
	const struct courier_config config = {.address = address, .connect_ns = limit_ns,
					      .first_byte_ns = limit_ns, .total_ns = limit_ns};

	courier = courier_new(&config, &err);
	ck_assert_msg(courier != NULL, "%s", err.msg);
}

static struct courier_parcel parcel_of(const char *text)
{
	return (struct courier_parcel){.bytes = hp_view_of(text), .head_bytes = strlen(HEAD)};
}

static struct {
	unsigned requests, connections;
	char body[64];
	uint64_t at_ns[64];
} seen;

/* Says 204, remembers what came. */
static void note(void *arg, const struct endpoint_request *request_in, struct hp_buf *out)
{
	(void)arg;
	snprintf(seen.body, sizeof(seen.body), "%.*s", (int)request_in->body.bytes,
		 request_in->body.bytes ? request_in->body.at : "");
	seen.at_ns[seen.requests % 64] = clock_mono_ns();
	seen.requests = request_in->number;
	seen.connections = request_in->connection_number;
	endpoint_status(out, 204);
}

/* What an endpoint says as it stands in arg. */
static void say(void *arg, const struct endpoint_request *request_in, struct hp_buf *out)
{
	(void)request_in;
	hp_buf_add_text(out, arg);
}

/* Goal: a request goes out byte for byte, in one piece or in many, and its answer comes back. */
START_TEST(test_pieces)
{
	static const uint32_t pieces[] = {0, 1, 2, 100};
	struct courier_parcel parcel = parcel_of(request);

	start(endpoint_start(note, NULL), 10 * HP_S_NS);
	parcel.piece_bytes = pieces[_i];
	courier_take(courier, &parcel, 1);
	ck_assert_int_eq(parcel.answer.end, COURIER_ANSWERED);
	ck_assert_int_eq(parcel.answer.status, 204);
	ck_assert_str_eq(seen.body, "hello");
	ck_assert_uint_eq(parcel.answer.bytes_out, strlen(request));
	ck_assert(parcel.answer.fresh && parcel.answer.connected_ns <= parcel.answer.sent_ns);
	ck_assert(parcel.answer.first_byte_ns <= parcel.answer.done_ns);
	courier_answer_fini(&parcel.answer);
	courier_free(courier);
}
END_TEST

static const struct {
	const char *said, *body;
	enum courier_end end;
	int status;
	unsigned interim;
} answers[] = {
	{"HTTP/1.1 401 No\r\nContent-Length: 3\r\n\r\nbad", "bad", COURIER_ANSWERED, 401, 0},
	{"HTTP/1.1 200 Y\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
	 "abc", COURIER_ANSWERED, 200, 0},
	{"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 H\r\n\r\nHTTP/1.1 204 N\r\n\r\n", "",
	 COURIER_ANSWERED, 204, 2},
	{"", "", COURIER_CLOSED, 0, 0},
	{"HTTP/1.1 200", "", COURIER_SILENT, 0, 0}, /* its end comes with the limit, or before */
	{"nonsense\r\n\r\n", "", COURIER_MALFORMED, 0, 0},
};

/* Goal: what comes back is told as it is: status, body without framing, and how it ended. */
START_TEST(test_answers)
{
	struct courier_parcel parcel = parcel_of(request);
	static char text[512];

	snprintf(text, sizeof(text), "%s", answers[_i].said);
	start(endpoint_start(say, text), answers[_i].end == COURIER_SILENT ? 50 * HP_MS_NS
									   : 10 * HP_S_NS);
	courier_take(courier, &parcel, 1);
	if (answers[_i].end == COURIER_SILENT)
		ck_assert_int_ne(parcel.answer.end, COURIER_ANSWERED);
	else
		ck_assert_int_eq(parcel.answer.end, answers[_i].end);
	ck_assert_int_eq(parcel.answer.status, answers[_i].status);
	ck_assert_uint_eq(parcel.answer.interim, answers[_i].interim);
	ck_assert_str_eq(hp_buf_text(&parcel.answer.body), answers[_i].body);
	courier_answer_fini(&parcel.answer);
	courier_free(courier);
}
END_TEST

/* Goal: parcels of one connection go over it one after the other, each with its answer. */
START_TEST(test_one_connection)
{
	struct courier_parcel parcels[20];

	start(endpoint_start(note, NULL), 10 * HP_S_NS);
	for (unsigned i = 0; i < 20; i++) {
		parcels[i] = parcel_of(request);
		parcels[i].same_connection = i > 0;
	}
	courier_take(courier, parcels, 20);
	for (unsigned i = 0; i < 20; i++) {
		ck_assert_int_eq(parcels[i].answer.status, 204);
		ck_assert(parcels[i].answer.fresh == (i == 0));
		courier_answer_fini(&parcels[i].answer);
	}
	ck_assert_uint_eq(seen.requests, 20);
	ck_assert_uint_eq(seen.connections, 1);
	courier_free(courier);
}
END_TEST

/* Goal: held parcels reach the other side together: none of them before all but the last bytes of
 * each have gone out. */
START_TEST(test_barrier)
{
	struct courier_parcel parcels[50];
	uint64_t released_ns = 0;

	start(endpoint_start(note, NULL), 10 * HP_S_NS);
	for (unsigned i = 0; i < 50; i++) {
		parcels[i] = parcel_of(request);
		parcels[i].held = true;
	}
	courier_take(courier, parcels, 50);
	for (unsigned i = 0; i < 50; i++) {
		ck_assert_int_eq(parcels[i].answer.status, 204);
		if (parcels[i].answer.connected_ns > released_ns)
			released_ns = parcels[i].answer.connected_ns;
	}
	for (unsigned i = 0; i < 50; i++) {
		ck_assert(parcels[i].answer.sent_ns >= released_ns);
		ck_assert(seen.at_ns[i] >= released_ns);
		courier_answer_fini(&parcels[i].answer);
	}
	courier_free(courier);
}
END_TEST

/* Goal: leaving and aborting are ours: no answer is waited for, and nobody hangs. */
START_TEST(test_leaving)
{
	struct courier_parcel parcels[2] = {parcel_of(request), parcel_of(request)};

	start(endpoint_start(note, NULL), 10 * HP_S_NS);
	parcels[0].after = COURIER_LEAVE;
	parcels[0].bytes.bytes -= 3;
	parcels[1].after = COURIER_ABORT;
	parcels[1].linger_ns = 10 * HP_S_NS; /* its answer comes first */
	courier_take(courier, parcels, 2);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(parcels[i].answer.end, COURIER_LEFT);
		ck_assert_int_eq(parcels[i].answer.status, 0);
		courier_answer_fini(&parcels[i].answer);
	}
	ck_assert_uint_eq(seen.requests, 1);
	courier_free(courier);
}
END_TEST

/* Goal: a port that nobody listens on refuses, also for a chain of parcels; a stop ends all. */
START_TEST(test_refused_and_stopped)
{
	struct courier_parcel parcels[3] = {parcel_of(request), parcel_of(request),
					    parcel_of(request)};
	struct port_address address = endpoint_start(note, NULL);

	parcels[1].same_connection = true;
	endpoint_stop();
	start(address, 10 * HP_S_NS);
	courier_take(courier, parcels, 3);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_int_eq(parcels[i].answer.end, COURIER_REFUSED);
		courier_answer_fini(&parcels[i].answer);
	}
	courier_stop(courier);
	courier_wait(courier, 3600 * HP_S_NS);
	ck_assert(courier_stopped(courier));
	courier_take(courier, parcels, 1);
	ck_assert_int_eq(parcels[0].answer.end, COURIER_LEFT);
	courier_answer_fini(&parcels[0].answer);
	courier_free(courier);
}
END_TEST

/* Goal: filler goes out for as long as it is read, and what ends it is told. */
START_TEST(test_flood)
{
	static const char head[] = "POST / HTTP/1.1\r\nHost: h\r\n"
				   "Content-Length: 999999999\r\n\r\n";
	struct courier_parcel parcel = {.bytes = hp_view_of(head), .head_bytes = strlen(head),
					.filler = HP_LITERAL("filler"),
					.filler_bytes_max = UINT64_C(1) << 30};

	start(endpoint_start(note, NULL), 10 * HP_S_NS);
	courier_take(courier, &parcel, 1);
	ck_assert(parcel.answer.end == COURIER_ANSWERED || parcel.answer.end == COURIER_RESET);
	ck_assert(parcel.answer.status == 0 || parcel.answer.status == 400);
	ck_assert_uint_gt(parcel.answer.bytes_out, 1024 * 1024); /* the endpoint's limit is 4 MiB */
	ck_assert_uint_lt(parcel.answer.bytes_out, UINT64_C(1) << 30);
	courier_answer_fini(&parcel.answer);
	courier_free(courier);
}
END_TEST

/* Goal: an answer without end is kept as far as its limit and no further. */
START_TEST(test_large_answer)
{
	static char text[COURIER_KEPT_BYTES * 2 + 256];
	struct courier_parcel parcel = parcel_of(request);
	int at = snprintf(text, sizeof(text), "HTTP/1.1 200 Y\r\nContent-Length: %d\r\n\r\n",
			  COURIER_KEPT_BYTES * 2);

	memset(text + at, 'x', COURIER_KEPT_BYTES * 2);
	start(endpoint_start(say, text), 10 * HP_S_NS);
	courier_take(courier, &parcel, 1);
	ck_assert_int_eq(parcel.answer.status, 200);
	ck_assert_uint_eq(parcel.answer.body.bytes, COURIER_KEPT_BYTES);
	ck_assert_uint_eq(parcel.answer.bytes_in, strlen(text));
	courier_answer_fini(&parcel.answer);
	courier_free(courier);
}
END_TEST

Suite *suite_courier(void);
Suite *suite_courier(void)
{
	Suite *s = suite_create("courier");
	TCase *tc = tcase_create("courier");

	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, test_pieces, 0, 4);
	tcase_add_loop_test(tc, test_answers, 0, sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(tc, test_one_connection);
	tcase_add_test(tc, test_barrier);
	tcase_add_test(tc, test_leaving);
	tcase_add_test(tc, test_refused_and_stopped);
	tcase_add_test(tc, test_flood);
	tcase_add_test(tc, test_large_answer);
	suite_add_tcase(s, tc);
	return s;
}
