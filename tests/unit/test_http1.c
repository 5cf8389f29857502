/* HTTP/1.1 heads and bodies: what is read, what is refused, and that neither the place where the
 * bytes end nor the way they were cut makes a difference. */
#include "wire/http1.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/guard.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

struct head_row {
	const char *text;
	enum http1_framing framing;
	uint64_t body_bytes;
	int status, minor;
	bool keep_alive;
	size_t header_count;
};

static const struct head_row good_responses[] = {
	{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", HTTP1_LENGTH, 5, 200, 1, true, 1},
	{"HTTP/1.1 200 OK\r\nContent-Length:5\r\n\r\n", HTTP1_LENGTH, 5, 200, 1, true, 1},
	{"HTTP/1.1 200 OK\r\ncontent-LENGTH: \t 5 \t\r\n\r\n", HTTP1_LENGTH, 5, 200, 1, true, 1},
	{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", HTTP1_LENGTH, 5, 200,
	 1, true, 2},
	{"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551609\r\n\r\n", HTTP1_LENGTH,
	 UINT64_C(18446744073709551609), 200, 1, true, 1},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", HTTP1_CHUNKED, 0, 200, 1, true,
	 1},
	{"HTTP/1.1 200 OK\r\n\r\n", HTTP1_UNTIL_CLOSE, 0, 200, 1, false, 0},
	{"HTTP/1.1 200 \r\n\r\n", HTTP1_UNTIL_CLOSE, 0, 200, 1, false, 0},
	{"HTTP/1.1 200\r\n\r\n", HTTP1_UNTIL_CLOSE, 0, 200, 1, false, 0},
	{"HTTP/1.1 204 No Content\r\n\r\n", HTTP1_NO_BODY, 0, 204, 1, true, 0},
	{"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", HTTP1_NO_BODY, 0, 304, 1, true,
	 1},
	{"HTTP/1.1 100 Continue\r\n\r\n", HTTP1_NO_BODY, 0, 100, 1, true, 0},
	{"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", HTTP1_LENGTH, 0, 999, 1, true, 1},
	{"HTTP/1.1 200 \xc3\xa9\t!\r\nX: \xff\xfe\r\nContent-Length: 0\r\n\r\n", HTTP1_LENGTH, 0,
	 200, 1, true, 2},
	{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", HTTP1_LENGTH, 0, 200,
	 1, false, 2},
	{"HTTP/1.1 200 OK\r\nConnection: x, CLOSE ,y\r\nContent-Length: 0\r\n\r\n", HTTP1_LENGTH, 0,
	 200, 1, false, 2},
	{"HTTP/1.1 200 OK\r\nConnection: closed\r\nContent-Length: 0\r\n\r\n", HTTP1_LENGTH, 0, 200,
	 1, true, 2},
	{"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", HTTP1_LENGTH, 0, 200, 0, false, 1},
	{"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", HTTP1_LENGTH, 0,
	 200, 0, true, 2},
	{"HTTP/1.1 200 OK\r\nX-Empty:\r\nX-Blank:   \r\nContent-Length: 0\r\n\r\n", HTTP1_LENGTH, 0,
	 200, 1, true, 3},
};

static const char *const bad_responses[] = {
	"HTTP/2.0 200 OK\r\n\r\n",
	"HTTP/1.2 200 OK\r\n\r\n",
	"http/1.1 200 OK\r\n\r\n",
	"ICY 200 OK\r\n\r\n",
	"\r\nHTTP/1.1 200 OK\r\n\r\n",
	"HTTP/1.1  200 OK\r\n\r\n",
	"HTTP/1.1 20 OK\r\n\r\n",
	"HTTP/1.1 2000 OK\r\n\r\n",
	"HTTP/1.1 099 OK\r\n\r\n",
	"HTTP/1.1 2x0 OK\r\n\r\n",
	"HTTP/1.1 200\tOK\r\n\r\n",
	"HTTP/1.1 200 OK\n\n",
	"HTTP/1.1 200 OK\r\nA: b\n\r\n",
	"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
	"HTTP/1.1 200 OK\r\nA: b\r\r\n\r\n",
	"HTTP/1.1 200 O\x01K\r\n\r\n",
	"HTTP/1.1 200 OK\r\nA: b\x7f\r\n\r\n",
	"HTTP/1.1 200 OK\r\nA: 0123456\x1b\r\n\r\n",
	"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
	"HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
	"HTTP/1.1 200 OK\r\n: b\r\n\r\n",
	"HTTP/1.1 200 OK\r\nA\r\n\r\n",
	"HTTP/1.1 200 OK\r\nA(: b\r\n\r\n",
	"HTTP/1.1 200 OK\r\n\xc3\xa9: b\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 5 5\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n",
	"HTTP/1.1 204 OK\r\nContent-Length: x\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: \vchunked\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
	"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
};

static const struct head_row good_requests[] = {
	{"POST /hooks HTTP/1.1\r\nHost: a\r\nContent-Length: 42\r\n\r\n", HTTP1_LENGTH, 42, 0, 1,
	 true, 2},
	{"GET / HTTP/1.1\r\nhost:\r\n\r\n", HTTP1_NO_BODY, 0, 0, 1, true, 1},
	{"GET * HTTP/1.0\r\n\r\n", HTTP1_NO_BODY, 0, 0, 0, false, 0},
	{"M-SEARCH http://a/?q=%20 HTTP/1.1\r\nHost: a\r\n\r\n", HTTP1_NO_BODY, 0, 0, 1, true, 1},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP1_CHUNKED, 0, 0, 1,
	 true, 2},
	{"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", HTTP1_NO_BODY, 0, 0, 1,
	 false, 2},
};

static const char *const bad_requests[] = {
	"POST / HTTP/1.1\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
	"POST / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\n Transfer-Encoding: chunked\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\nX: y\r\n\r\n",
	"POST  / HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST /  HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST / HTTP/1.1 \r\nHost: a\r\n\r\n",
	"POST /a b HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST\t/ HTTP/1.1\r\nHost: a\r\n\r\n",
	" POST / HTTP/1.1\r\nHost: a\r\n\r\n",
	"P@ST / HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST / HTTP/1.1x\r\nHost: a\r\n\r\n",
	"POST /\r\n\r\n",
	"\r\nPOST / HTTP/1.1\r\nHost: a\r\n\r\n",
	"\x16\x03\x01\x02",
};

typedef enum http1_result parse_fn(const char *buf, size_t bytes, struct http1_head *out);

/* Parses the first bytes of text, which end at a guard page. */
static enum http1_result parse_cut(parse_fn *parse, const char *text, size_t bytes,
				   struct http1_head *out)
{
	char *copy = guard_copy(text, bytes);
	enum http1_result result = parse(copy, bytes, out);

	guard_free(copy);
	return result;
}

static void check_row(parse_fn *parse, const struct head_row *row)
{
	struct http1_head head;
	size_t bytes = strlen(row->text);

	for (size_t cut = 0; cut < bytes; cut++)
		ck_assert_msg(parse_cut(parse, row->text, cut, &head) == HTTP1_MORE, "at %zu: %s",
			      cut, row->text);
	ck_assert_msg(parse_cut(parse, row->text, bytes, &head) == HTTP1_DONE, "%s", row->text);
	ck_assert_uint_eq(head.head_bytes, bytes);
	ck_assert_int_eq(head.framing, row->framing);
	ck_assert_uint_eq(head.body_bytes, row->body_bytes);
	ck_assert_int_eq(head.status, row->status);
	ck_assert_int_eq(head.minor, row->minor);
	ck_assert_msg(head.keep_alive == row->keep_alive, "keep_alive: %s", row->text);
	ck_assert_uint_eq(head.header_count, row->header_count);
}

/* Once bad, bad for ever; never done on the way. */
static void check_bad(parse_fn *parse, const char *text)
{
	struct http1_head head;
	size_t bytes = strlen(text);
	bool bad = false;

	for (size_t cut = 0; cut <= bytes; cut++) {
		enum http1_result result = parse_cut(parse, text, cut, &head);
		ck_assert_msg(result == HTTP1_BAD || (result == HTTP1_MORE && !bad), "at %zu: %s",
			      cut, text);
		bad = result == HTTP1_BAD;
	}
	ck_assert_msg(bad, "accepted: %s", text);
}

/* Goal: good responses are read, from their last byte on and not before. */
START_TEST(test_reads_responses)
{
	check_row(http1_parse_response, &good_responses[_i]);
}
END_TEST

/* Goal: each malformed response is refused, whatever has come of it. */
START_TEST(test_refuses_responses)
{
	check_bad(http1_parse_response, bad_responses[_i]);
}
END_TEST

/* Goal: the same of requests. */
START_TEST(test_reads_requests)
{
	check_row(http1_parse_request, &good_requests[_i]);
}
END_TEST

/* Goal: smuggling forms and malformed requests are refused. */
START_TEST(test_refuses_requests)
{
	check_bad(http1_parse_request, bad_requests[_i]);
}
END_TEST

/* Goal: method, target and headers are views of exactly their bytes; bytes behind do not matter. */
START_TEST(test_views)
{
	static const char text[] = "POST /a?b=c HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\n"
				   "X-Sig:  a b \r\nx-sig: second\r\n\r\nrest";
	struct http1_head head;

	ck_assert_int_eq(http1_parse_request(text, sizeof(text) - 1, &head), HTTP1_DONE);
	ck_assert(hp_view_equal(head.method, HP_LITERAL("POST")));
	ck_assert(hp_view_equal(head.target, HP_LITERAL("/a?b=c")));
	ck_assert(head.expect_continue);
	ck_assert_uint_eq(head.head_bytes, sizeof(text) - 1 - 4);
	ck_assert(hp_view_equal(http1_find(&head, HP_LITERAL("X-SIG")), HP_LITERAL("a b")));
	ck_assert_ptr_null(http1_find(&head, HP_LITERAL("X-Si")).at);
}
END_TEST

/* Goal: a head of exactly the limit is read, one byte more is refused, complete or not. */
START_TEST(test_head_limit)
{
	static const char first[] = "HTTP/1.1 204 x\r\nA: ";
	static char text[HTTP1_HEAD_BYTES_MAX + 1];
	struct http1_head head;

	for (size_t bytes = HTTP1_HEAD_BYTES_MAX; bytes <= HTTP1_HEAD_BYTES_MAX + 1; bytes++) {
		memset(text, 'a', sizeof(text));
		memcpy(text, first, sizeof(first) - 1);
		memcpy(text + bytes - 4, "\r\n\r\n", 4);
		bool fits = bytes == HTTP1_HEAD_BYTES_MAX;
		ck_assert_int_eq(parse_cut(http1_parse_response, text, bytes, &head),
				 fits ? HTTP1_DONE : HTTP1_BAD);
		ck_assert_int_eq(parse_cut(http1_parse_response, text, bytes - 1, &head),
				 fits ? HTTP1_MORE : HTTP1_BAD);
	}
}
END_TEST

/* Goal: the limit of headers on both sides. */
START_TEST(test_header_limit)
{
	for (int count = HTTP1_HEADERS_MAX; count <= HTTP1_HEADERS_MAX + 1; count++) {
		char text[HTTP1_HEAD_BYTES_MAX] = "HTTP/1.1 204 x\r\n";
		size_t bytes = strlen(text);
		struct http1_head head;
		for (int i = 0; i < count; i++)
			bytes += (size_t)snprintf(text + bytes, 16, "H%d: x\r\n", i);
		memcpy(text + bytes, "\r\n", 2);
		ck_assert_int_eq(http1_parse_response(text, bytes + 2, &head),
				 count == HTTP1_HEADERS_MAX ? HTTP1_DONE : HTTP1_BAD);
	}
}
END_TEST

struct body_row {
	const char *text;
	const char *data; /* NULL: bad */
	size_t used;      /* of text, when done */
};

static const struct body_row chunked_rows[] = {
	{"0\r\n\r\n", "", 5},
	{"5\r\nhello\r\n0\r\n\r\nHTTP", "hello", 15},
	{"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "hello", 20},
	{"A;x=y\r\n0123456789\r\n0;last\r\n\r\n", "0123456789", 29},
	{"a \t;x\r\n0123456789\r\n00\r\nT: v\r\nU:\r\n\r\n", "0123456789", 35},
	{"0000000000000000000000000005\r\nhello\r\n0\r\n\r\n", "hello", 42},
	{"\r\n", NULL, 0},
	{"g\r\n", NULL, 0},
	{"-5\r\nhello\r\n", NULL, 0},
	{"0x5\r\nhello\r\n", NULL, 0},
	{"5\nhello\r\n", NULL, 0},
	{"5 \r\nhello\r\n", NULL, 0},
	{"5\r\nhello0\r\n\r\n", NULL, 0},
	{"5\r\nhello\n0\r\n\r\n", NULL, 0},
	{"5\r\nhelloxx0\r\n", NULL, 0},
	{"5;a\nb\r\nhello\r\n", NULL, 0},
	{"5;a\rb\r\nhello\r\n", NULL, 0},
	{"5;a\x01\r\nhello\r\n", NULL, 0},
	{"10000000000000000\r\n", NULL, 0},
	{"0\r\n folded: x\r\n\r\n", NULL, 0},
	{"0\r\nT: v\n\r\n", NULL, 0},
	{"0\r\n\rx", NULL, 0},
};

struct decoded {
	enum http1_result result;
	size_t used, bytes;
	char data[64];
};

/* Feeds one piece to its end or to the result. */
static void feed_piece(struct http1_body *body, const char *piece, size_t bytes,
		       struct decoded *out)
{
	size_t at = 0, taken;
	struct hp_view data;

	do {
		out->result = http1_body_step(body, piece + at, bytes - at, &taken, &data);
		ck_assert_uint_le(out->bytes + data.bytes, sizeof(out->data));
		memcpy(out->data + out->bytes, data.at, data.bytes);
		out->bytes += data.bytes;
		at += taken;
		ck_assert(taken != 0 || out->result != HTTP1_MORE || at == bytes);
	} while (out->result == HTTP1_MORE && at < bytes);
	out->used += at;
}

/* Decodes a text that comes in two pieces, each before a guard page. */
static struct decoded decode(const struct http1_head *head, const char *text, size_t cut)
{
	struct decoded out = {.result = HTTP1_MORE};
	struct http1_body body;
	size_t bytes = strlen(text);
	char *first = guard_copy(text, cut), *second = guard_copy(text + cut, bytes - cut);

	http1_body_init(&body, head);
	feed_piece(&body, first, cut, &out);
	if (out.result == HTTP1_MORE)
		feed_piece(&body, second, bytes - cut, &out);
	guard_free(first);
	guard_free(second);
	return out;
}

/* Goal: chunked bodies decode to the same bytes and the same end wherever they are cut; bad framing
 * is refused wherever it is cut. */
START_TEST(test_chunked)
{
	const struct body_row *row = &chunked_rows[_i];
	const struct http1_head head = {.framing = HTTP1_CHUNKED};

	for (size_t cut = 0; cut <= strlen(row->text); cut++) {
		struct decoded out = decode(&head, row->text, cut);
		if (row->data == NULL) {
			ck_assert_msg(out.result == HTTP1_BAD, "cut at %zu: %s", cut, row->text);
			continue;
		}
		ck_assert_msg(out.result == HTTP1_DONE, "cut at %zu: %s", cut, row->text);
		ck_assert_uint_eq(out.used, row->used);
		ck_assert_uint_eq(out.bytes, strlen(row->data));
		ck_assert_int_eq(memcmp(out.data, row->data, out.bytes), 0);
	}
}
END_TEST

/* Goal: a counted body takes its bytes and leaves the next message alone, cut anywhere. */
START_TEST(test_length)
{
	const struct http1_head head = {.framing = HTTP1_LENGTH, .body_bytes = 5};

	for (size_t cut = 0; cut <= 9; cut++) {
		struct decoded out = decode(&head, "helloHTTP", cut);
		ck_assert_int_eq(out.result, HTTP1_DONE);
		ck_assert_uint_eq(out.used, 5);
		ck_assert_int_eq(memcmp(out.data, "hello", 5), 0);
	}
}
END_TEST

/* Goal: no body is over at once; a body until the close never is. */
START_TEST(test_other_framings)
{
	const struct http1_head none = {.framing = HTTP1_NO_BODY};
	const struct http1_head open = {.framing = HTTP1_UNTIL_CLOSE};
	struct decoded out = decode(&none, "HTTP", 0);

	ck_assert_int_eq(out.result, HTTP1_DONE);
	ck_assert_uint_eq(out.used, 0);
	out = decode(&open, "hello", 2);
	ck_assert_int_eq(out.result, HTTP1_MORE);
	ck_assert_uint_eq(out.bytes, 5);
}
END_TEST

/* Feeds the same text again and again. Returns how many bytes were taken before it was refused, or
 * bytes_max. */
static uint64_t feed_repeated(const char *first, const char *text, uint64_t bytes_max)
{
	const struct http1_head head = {.framing = HTTP1_CHUNKED};
	struct http1_body body;
	struct decoded out = {.result = HTTP1_MORE};
	uint64_t fed = strlen(first);

	http1_body_init(&body, &head);
	feed_piece(&body, first, strlen(first), &out);
	for (; out.result == HTTP1_MORE && fed < bytes_max; fed += strlen(text)) {
		out.bytes = 0;
		feed_piece(&body, text, strlen(text), &out);
	}
	return out.result == HTTP1_MORE ? bytes_max : fed;
}

/* Goal: endless extensions and trailers are refused at the limit; a long body of one-byte chunks
 * is not. */
START_TEST(test_framing_limit)
{
	const uint64_t limit = HTTP1_HEAD_BYTES_MAX;

	ck_assert_uint_eq(feed_repeated("5;", "x", 10 * limit), limit + 1);
	ck_assert_uint_eq(feed_repeated("0\r\n", "T: x\r\n", 10 * limit) / 16, (limit + 6) / 16);
	ck_assert_uint_eq(feed_repeated("", "1;eeeeeeeee\r\nx\r\n", 10 * limit), 10 * limit);
	ck_assert_uint_lt(feed_repeated("", "1;eeeeeeeeeeeeeeeeeeeeeeeeeee\r\nx\r\n", 10 * limit),
			  10 * limit);
}
END_TEST

Suite *suite_http1(void);

Suite *suite_http1(void)
{
	Suite *suite = suite_create("http1");
	TCase *tcase = tcase_create("http1");

	tcase_add_loop_test(tcase, test_reads_responses, 0, COUNT(good_responses));
	tcase_add_loop_test(tcase, test_refuses_responses, 0, COUNT(bad_responses));
	tcase_add_loop_test(tcase, test_reads_requests, 0, COUNT(good_requests));
	tcase_add_loop_test(tcase, test_refuses_requests, 0, COUNT(bad_requests));
	tcase_add_test(tcase, test_views);
	tcase_add_test(tcase, test_head_limit);
	tcase_add_test(tcase, test_header_limit);
	tcase_add_loop_test(tcase, test_chunked, 0, COUNT(chunked_rows));
	tcase_add_test(tcase, test_length);
	tcase_add_test(tcase, test_other_framings);
	tcase_add_test(tcase, test_framing_limit);
	suite_add_tcase(suite, tcase);
	return suite;
}
