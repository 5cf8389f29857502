/* Sessions: the same bytes give the same answers and receipts however they are cut; pipelining,
 * interim answers, limits and every way in which a delivery can end. Virtual time throughout. */
#include "receivers/session.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/guard.h"
#include "tests/lib/receiving.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct receiving r;
static struct session session;
static struct session_clock now;
static struct hp_buf written;
static enum session_action over; /* CLOSE or RESET; READ: the connection stands */

static void setup(void)
{
	receiving_init(&r);
	hp_buf_init(&written, 1024 * 1024);
}

static void teardown(void)
{
	hp_buf_fini(&written);
	receiving_fini(&r);
}

/* Carries steps out at their moments, as a server would. */
static void carry(struct session_step *step)
{
	while (step->action != SESSION_READ && step->action != SESSION_RESET) {
		if (step->at_ns > now.now_ns)
			now.now_ns = step->at_ns;
		ck_assert(hp_buf_add(&written, step->bytes));
		if (step->action == SESSION_CLOSE)
			over = SESSION_CLOSE;
		session_acted(&session, &now, step);
	}
	if (step->action == SESSION_RESET)
		over = step->action;
}

static void begin(void)
{
	struct session_step step;

	receiving_start(&r);
	now = (struct session_clock){.now_ns = 1000, .wall_ns = UINT64_C(1700000000) * HP_S_NS};
	over = SESSION_READ;
	session_init(&session, r.receiver, &now, &step);
	carry(&step);
}

/* Feeds bytes that end at a guard page. */
static void feed(const char *text, size_t bytes)
{
	struct session_step step;
	char *copy = guard_copy(text, bytes);

	if (over == SESSION_READ) {
		session_feed(&session, (struct hp_view){copy, bytes}, &now, &step);
		carry(&step);
	}
	guard_free(copy);
}

static void end(enum record_end how)
{
	session_end(&session, &(struct session_evidence){
		.end = how, .now_ns = now.now_ns, .written_bytes = session.written_bytes,
		.peer = how == RECORD_END_CLOSED ? RECORD_PEER_FIN : RECORD_PEER_STAYED,
	});
	ck_assert_ptr_null(session.in.at);
}

struct talk_row {
	const char *text;    /* %s: a signed request */
	const char *answers; /* the statuses in order */
	enum session_action over;
};

#define POST "POST /hooks HTTP/1.1\r\nHost: a\r\n"

static const struct talk_row talk_rows[] = {
	{"%s", "204", SESSION_READ},
	{"%s%s%s", "204 204 204", SESSION_READ},
	{POST "\r\n%s", "401 204", SESSION_READ},
	{POST "Content-Length: 2\r\n\r\n{}%s", "401 204", SESSION_READ},
	{POST "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n%s", "401 204", SESSION_READ},
	{POST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}%s", "401 204", SESSION_READ},
	{"GET /hooks HTTP/1.1\r\nHost: a\r\n\r\n%s", "405 204", SESSION_READ},
	{"POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx%s", "404 204",
	 SESSION_READ},
	{POST "Connection: close\r\n\r\n%s", "401", SESSION_CLOSE},
	{"POST /hooks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n%s", "401", SESSION_CLOSE},
	{"%sGARBAGE\r\n", "204 400", SESSION_CLOSE},
	{"POST /hooks HTTP/1.1\r\n\r\n", "400", SESSION_CLOSE},
	{POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", "400", SESSION_CLOSE},
	{POST "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400", SESSION_CLOSE},
	{POST "Content-Length: 101\r\n\r\n", "413", SESSION_CLOSE},
	{POST "Content-Length: 18446744073709551615\r\n\r\n", "400", SESSION_CLOSE},
	{POST "Transfer-Encoding: chunked\r\n\r\n40\r\n"
	 "0123456789012345678901234567890123456789012345678901234567890123\r\n25\r\n"
	 "0123456789012345678901234567890123456\r\n", "413", SESSION_CLOSE},
};

/* The statuses of what was written, interim ones left out. */
static const char *statuses(void)
{
	static char out[256];
	const char *at = hp_buf_text(&written);

	out[0] = '\0';
	while ((at = strstr(at, "HTTP/1.1 ")) != NULL) {
		at += 9;
		if (*at < '2' || *at > '5') /* interim, or words of a body */
			continue;
		size_t bytes = strlen(out);
		snprintf(out + bytes, sizeof(out) - bytes, "%s%.3s", bytes != 0 ? " " : "", at);
	}
	return out;
}

/* Puts the post in place of each "%s". */
static void expand(const char *text, const char *post, char *out, size_t out_bytes)
{
	size_t bytes = 0;

	while (*text != '\0') {
		bool slot = strncmp(text, "%s", 2) == 0;
		int count = snprintf(out + bytes, out_bytes - bytes, "%.*s",
				     slot ? (int)strlen(post) : 1, slot ? post : text);
		bytes += (size_t)count;
		text += slot ? 2 : 1;
	}
	ck_assert_uint_lt(bytes, out_bytes);
}

static void forget(void)
{
	receiver_free(r.receiver);
	r.receiver = NULL;
	r.record_count = 0;
	hp_buf_clear(&written);
}

/* Goal: whole, cut in two at each byte, or byte by byte: the same answers, the same end and the
 * same receipts. */
START_TEST(test_splitting)
{
	const struct talk_row *row = &talk_rows[_i];
	static char text[4 * RECEIVING_TEXT_BYTES];
	char body[RECEIVING_TEXT_BYTES], post[RECEIVING_TEXT_BYTES];
	size_t receipts = 0;

	r.config.body_bytes_max = 100;
	receiving_request(&r, receiving_body(1, body), "", post);
	expand(row->text, post, text, sizeof(text));
	for (size_t cut = 0; cut <= strlen(text) + 1; cut++) {
		begin();
		if (cut <= strlen(text)) {
			feed(text, cut);
			feed(text + cut, strlen(text) - cut);
		}
		for (size_t i = 0; cut > strlen(text) && i < strlen(text); i++)
			feed(text + i, 1);
		ck_assert_msg(strcmp(statuses(), row->answers) == 0, "cut at %zu: %s, not %s", cut,
			      statuses(), row->answers);
		ck_assert_int_eq(over, row->over);
		end(RECORD_END_CLOSED);
		if (cut == 0)
			receipts = receiving_receipts(&r);
		ck_assert_uint_eq(receiving_receipts(&r), receipts);
		forget();
	}
}
END_TEST

/* Goal: a whole request in one read allocates nothing; one in pieces gives its memory back. */
START_TEST(test_memory)
{
	char body[RECEIVING_TEXT_BYTES], text[RECEIVING_TEXT_BYTES];

	begin();
	receiving_request(&r, receiving_body(1, body), "", text);
	feed(text, strlen(text));
	ck_assert_ptr_null(session.in.at);
	feed(text, 10);
	ck_assert_ptr_nonnull(session.in.at);
	feed(text + 10, strlen(text) - 10);
	ck_assert_ptr_null(session.in.at);
	ck_assert_str_eq(statuses(), "204 204");
	end(RECORD_END_CLOSED);
}
END_TEST

/* Goal: the receipt of an answered delivery carries its moments, status and end. */
START_TEST(test_receipt)
{
	char body[RECEIVING_TEXT_BYTES], text[RECEIVING_TEXT_BYTES];

	receiving_behave(&r, "latency");
	begin();
	receiving_request(&r, receiving_body(1, body), "", text);
	feed(text, strlen(text));
	const struct record_receipt *receipt = receiving_receipt(&r, 0);
	ck_assert_uint_eq(receipt->arrived_ns, 1000);
	ck_assert_uint_eq(receipt->answered_ns, 1000 + 20 * HP_MS_NS);
	ck_assert_uint_eq(receipt->status, 204);
	ck_assert_int_eq(receipt->end, RECORD_END_ANSWERED);
	ck_assert_uint_eq(receipt->ordinal, 1);
	end(RECORD_END_CLOSED);
	ck_assert_uint_eq(receiving_receipts(&r), 1);
}
END_TEST

struct end_row {
	const char *slug;
	enum session_action action;
	enum record_end end; /* after the owner has ended the session as the action says */
};

static const struct end_row end_rows[] = {
	{"reset", SESSION_RESET, RECORD_END_RESET},
	{"reset-after-request", SESSION_RESET, RECORD_END_RESET},
	{"answer-never", SESSION_READ, RECORD_END_SILENT},
	{"latency", SESSION_WRITE, RECORD_END_CLOSED},
};

/* Goal: a delivery without an answer has exactly one receipt, with how it ended and no status. */
START_TEST(test_unanswered)
{
	const struct end_row *row = &end_rows[_i];
	char body[RECEIVING_TEXT_BYTES], text[RECEIVING_TEXT_BYTES];
	struct session_step step;

	receiving_behave(&r, row->slug);
	begin();
	receiving_request(&r, receiving_body(1, body), "", text);
	session_feed(&session, hp_view_of(text), &now, &step);
	ck_assert_int_eq(step.action, row->action);
	session_feed(&session, hp_view_of(text), &now, &step);
	ck_assert_int_eq(step.action, SESSION_READ);
	end(row->action == SESSION_RESET ? RECORD_END_RESET : RECORD_END_CLOSED);
	ck_assert_uint_eq(receiving_receipts(&r), 1);
	ck_assert_int_eq(receiving_receipt(&r, 0)->end, row->end);
	ck_assert_uint_eq(receiving_receipt(&r, 0)->status, 0);
	ck_assert(receiving_receipt(&r, 0)->answered_ns == HP_NEVER);
}
END_TEST

/* Goal: the interim answer goes out once, before the body and only when the body is not there. */
START_TEST(test_expect)
{
	static const char head[] = POST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n";

	begin();
	feed(head, sizeof(head) - 1);
	ck_assert_str_eq(hp_buf_text(&written), "HTTP/1.1 100 Continue\r\n\r\n");
	feed("{", 1);
	feed("}", 1);
	ck_assert_str_eq(statuses(), "401");
	ck_assert_uint_eq(written.bytes - strlen("HTTP/1.1 100 Continue\r\n\r\n"),
			  r.receiver->fixed[RECEIVER_UNAUTHORIZED].open.text.bytes);
	end(RECORD_END_CLOSED);
}
END_TEST

/* Goal: a head beyond the limit answers 431, and endless bytes never grow the buffer further. */
START_TEST(test_head_limit)
{
	static char text[HTTP1_HEAD_BYTES_MAX];

	begin();
	memset(text, 'a', sizeof(text));
	memcpy(text, POST "X: ", sizeof(POST "X: ") - 1);
	feed(text, sizeof(text) - 1);
	ck_assert_str_eq(statuses(), "");
	feed("a", 1);
	ck_assert_str_eq(statuses(), "431");
	ck_assert_int_eq(over, SESSION_CLOSE);
	end(RECORD_END_CLOSED);
	ck_assert_uint_eq(r.receiver->counters.other, 1);
}
END_TEST

/* Goal: a body of exactly the limit is read, plain and in chunks of one byte. */
START_TEST(test_body_limit)
{
	enum { BYTES = 5000 };
	static char text[BYTES * 6 + 200];
	size_t bytes;

	r.config.body_bytes_max = BYTES;
	r.config.verify = false;
	begin();
	bytes = (size_t)snprintf(text, sizeof(text), POST "Content-Length: %d\r\n\r\n", BYTES);
	memset(text + bytes, 'x', BYTES);
	feed(text, bytes + BYTES);
	bytes = (size_t)snprintf(text, sizeof(text), POST "Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < BYTES; i++)
		bytes += (size_t)snprintf(text + bytes, 7, "1\r\nx\r\n");
	bytes += (size_t)snprintf(text + bytes, 6, "0\r\n\r\n");
	feed(text, bytes);
	ck_assert_str_eq(statuses(), "204 204");
	ck_assert_uint_eq(receiving_receipt(&r, 0)->identity, receiving_receipt(&r, 1)->identity);
	ck_assert_uint_eq(receiving_receipt(&r, 1)->ordinal, 2);
	end(RECORD_END_CLOSED);
}
END_TEST

/* Goal: while an answer is due, bytes are kept up to a limit; beyond it the connection ends after
 * the answer. */
START_TEST(test_impatient_peer)
{
	static char flood[SESSION_READ_BYTES_MAX];
	char body[RECEIVING_TEXT_BYTES], text[RECEIVING_TEXT_BYTES];
	struct session_step step, ignored;

	r.config.body_bytes_max = 1000;
	receiving_behave(&r, "latency");
	begin();
	receiving_request(&r, receiving_body(1, body), "", text);
	session_feed(&session, hp_view_of(text), &now, &step);
	ck_assert_int_eq(step.action, SESSION_WRITE);
	for (int i = 0; i < 100; i++)
		session_feed(&session, (struct hp_view){flood, sizeof(flood)}, &now, &ignored);
	ck_assert_uint_le(session.in.room, session.in.bytes_max + 1);
	carry(&step);
	ck_assert_str_eq(statuses(), "204");
	ck_assert_int_eq(over, SESSION_CLOSE);
	end(RECORD_END_CLOSED);
}
END_TEST

Suite *suite_session(void);

Suite *suite_session(void)
{
	Suite *suite = suite_create("session");
	TCase *tcase = tcase_create("session");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_splitting, 0, COUNT(talk_rows));
	tcase_add_test(tcase, test_memory);
	tcase_add_test(tcase, test_receipt);
	tcase_add_loop_test(tcase, test_unanswered, 0, COUNT(end_rows));
	tcase_add_test(tcase, test_expect);
	tcase_add_test(tcase, test_head_limit);
	tcase_add_test(tcase, test_body_limit);
	tcase_add_test(tcase, test_impatient_peer);
	suite_add_tcase(suite, tcase);
	return suite;
}
