/* Scripts on a connection: each row of each table, with its defaults, is played to its end in
 * virtual time, leaves one record, and is seen to take effect. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "receivers/session.h"
#include "tests/lib/receiving.h"

enum { STEPS_MAX = 200 * 1000, ROWS = 128 };

static struct receiving r;
static struct session session;
static struct session_clock now;
static struct session_step pending;
static struct hp_buf written, unread;
static enum session_action over; /* CLOSE or RESET by us; READ: the connection stands */
static bool left;                /* the peer has */

static void setup(void)
{
	receiving_init(&r);
	hp_buf_init(&written, 8 * 1024 * 1024);
	hp_buf_init(&unread, 1024 * 1024);
	over = SESSION_READ;
	left = false;
}

static void teardown(void)
{
	hp_buf_fini(&written);
	hp_buf_fini(&unread);
	receiving_fini(&r);
}

/* Carries out what is due; like a server, but nothing is ever late. */
static void carry(struct session_step step)
{
	for (int i = 0; i < STEPS_MAX && step.action != SESSION_READ; i++) {
		if (step.at_ns > now.now_ns)
			now.now_ns = step.at_ns;
		if (step.action == SESSION_RESET) {
			over = SESSION_RESET;
			return;
		}
		if (step.action == SESSION_CLOSE)
			over = SESSION_CLOSE;
		if (step.action == SESSION_WRITE && written.bytes < written.bytes_max / 2)
			hp_buf_add(&written, step.bytes);
		session_acted(&session, &now, &step);
	}
	pending = step;
}

/* Shows or feeds what lies there, as far as the session takes it. */
static void pump(void)
{
	struct session_step step;

	while (unread.bytes != 0 && over == SESSION_READ) {
		struct hp_view bytes = hp_buf_view(&unread);
		bool looks = session.look;

		if (looks) {
			session_look(&session, bytes, true, &now, &step);
		} else {
			if (session.read_bytes_max == 0)
				return;
			if (bytes.bytes > session.read_bytes_max)
				bytes.bytes = session.read_bytes_max;
			session_feed(&session, bytes, &now, &step);
			hp_buf_drop(&unread, bytes.bytes);
		}
		carry(step);
		if (looks && session.look)
			return;
	}
}

static void connect_again(void)
{
	struct session_step step;

	over = SESSION_READ;
	left = false;
	hp_buf_clear(&unread);
	session_init(&session, r.receiver, &now, &step);
	carry(step);
}

static void begin(void)
{
	receiving_start(&r);
	now = (struct session_clock){.now_ns = HP_MS_NS, .wall_ns = UINT64_C(1700000000) * HP_S_NS};
	connect_again();
}

static void send_text(const char *text)
{
	ck_assert(hp_buf_add(&unread, hp_view_of(text)));
	pump();
}

static void send_request(int number)
{
	char body[RECEIVING_TEXT_BYTES], text[RECEIVING_TEXT_BYTES];

	send_text(receiving_request(&r, receiving_body(number, body), "", text));
}

/* Lets time pass until nothing happens by itself, an hour at most. */
static void wait_out(void)
{
	struct session_step step;

	for (int i = 0; i < STEPS_MAX && over == SESSION_READ; i++) {
		if (pending.action != SESSION_READ || pending.at_ns > now.now_ns + 3600 * HP_S_NS)
			return;
		if (pending.at_ns > now.now_ns)
			now.now_ns = pending.at_ns;
		session_due(&session, &now, &step);
		carry(step);
		pump();
	}
}

static void end(uint64_t unacked_bytes)
{
	enum record_peer peer = left ? RECORD_PEER_FIN : RECORD_PEER_STAYED;

	session_end(&session, &(struct session_evidence){
		.end = over == SESSION_RESET ? RECORD_END_RESET : RECORD_END_CLOSED,
		.peer = peer, .now_ns = now.now_ns, .written_bytes = session.written_bytes,
		.unacked_bytes = unacked_bytes,
	});
}

static const struct record_fault *only_fault(void)
{
	const struct record_fault *fault = NULL;

	for (size_t i = 0; i < r.record_count; i++) {
		if (r.records[i].kind != RECORD_FAULT)
			continue;
		ck_assert_ptr_null(fault);
		fault = &r.records[i].fault;
	}
	return fault;
}

/* Goal: a row that plays is performed to its end, leaves exactly one record and is verified; a
 * receipt, if there is one, agrees with the script. */
START_TEST(test_each_row)
{
	const struct behaviour_row *row = behaviour_row_at((size_t)_i);

	if (row == NULL || row->play == NULL || row->strikes != NULL || row->shake != NULL)
		return;
	receiving_behave(&r, row->slug);
	begin();
	send_request(1);
	wait_out();
	if (session.look && session.state == SESSION_PLAYING) /* for the next request */
		send_request(2);
	left = over == SESSION_READ;
	end(0);
	const struct record_fault *fault = only_fault();
	ck_assert_msg(fault != NULL, "%s: no record", row->slug);
	ck_assert_msg(fault->state == RECORD_FAULT_VERIFIED, "%s: state %d", row->slug,
		      fault->state);
	ck_assert_uint_eq(fault->fault, row->number);
	ck_assert_uint_eq(fault->behaviour, row->number);
	ck_assert_uint_le(receiving_receipts(&r), 1);
	ck_assert_uint_eq(r.receiver->in_flight, 0);
	ck_assert_ptr_null(session.in.at);
}
END_TEST

/* Goal: a peer that left before a fault could act makes it pre-empted, and one that lost the answer
 * makes it so too; who stayed without acknowledging leaves it unproved. */
START_TEST(test_states)
{
	static const struct {
		const char *slug;
		bool leaves;
		uint64_t unacked_bytes;
		enum record_fault_state state;
	} rows[] = {
		{"status", true, 0, RECORD_FAULT_VERIFIED},
		{"status", true, 1, RECORD_FAULT_PREEMPTED},
		{"status", false, 1, RECORD_FAULT_APPLIED},
		{"answer-never", true, 0, RECORD_FAULT_VERIFIED},
		{"reset", false, 0, RECORD_FAULT_VERIFIED},
	};

	receiving_behave(&r, rows[_i].slug);
	begin();
	send_request(1);
	left = rows[_i].leaves;
	end(rows[_i].unacked_bytes);
	ck_assert_int_eq(only_fault()->state, rows[_i].state);
}
END_TEST

/* Goal: a sender that leaves in the run's very first instant is known to have left then. */
START_TEST(test_over_at_once)
{
	receiving_behave(&r, "answer-never");
	begin();
	now.now_ns = 0;
	send_request(1);
	left = true;
	end(0);
	ck_assert_int_ne(receiving_receipt(&r, 0)->end, RECORD_END_ANSWERED);
	ck_assert_uint_eq(receiving_receipt(&r, 0)->over_ns, 1);
}
END_TEST

/* Goal: a request that is read slowly has begun when its first byte was there. */
START_TEST(test_read_slowly)
{
	receiving_behave(&r, "read-slow");
	begin();
	send_request(1);
	wait_out();
	end(0);
	ck_assert_uint_eq(only_fault()->planned_ns, HP_MS_NS);
	ck_assert_uint_gt(receiving_receipt(&r, 0)->arrived_ns, 101 * HP_MS_NS);
	ck_assert_uint_ge(only_fault()->applied_ns, receiving_receipt(&r, 0)->arrived_ns);
}
END_TEST

/* Goal: who leaves while he is read slowly was struck, and it was an attempt. */
START_TEST(test_left_while_read)
{
	receiving_behave(&r, "read-slow");
	begin();
	send_request(1);
	left = true;
	end(0);
	ck_assert_int_eq(only_fault()->state, RECORD_FAULT_VERIFIED);
	ck_assert_str_eq(only_fault()->key, "inv_1:invoice.paid");
	ck_assert_uint_eq(only_fault()->ordinal, 1);
	ck_assert_uint_eq(receiving_receipts(&r), 0);
	connect_again();
	send_request(1);
	wait_out();
	end(0);
	ck_assert_uint_eq(receiving_receipt(&r, 0)->ordinal, 2);
}
END_TEST

#define CHUNKED "POST /hooks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
#define CHUNKS "e\r\n{\"id\":\"inv_1\",\r\ne\r\n\"event\":\"a.b\"}\r\n0\r\n\r\n"

/* Goal: what acts on a request before it is read acts on one in chunks too, and knows its event. */
START_TEST(test_chunked)
{
	static const char *const slugs[] = {"reset-mid-request", "read-slow", "answer-early",
					    "expect-refused"};
	struct behaviour *behaviour = receiving_behave(&r, slugs[_i]);

	if (_i == 3)
		behaviour->own.values[0] = 1; /* silent */
	r.config.verify = false;
	begin();
	send_text(CHUNKED CHUNKS);
	wait_out();
	end(0);
	ck_assert_int_eq(only_fault()->state, RECORD_FAULT_VERIFIED);
	ck_assert_str_eq(only_fault()->key, "inv_1:a.b");
	ck_assert_ptr_null(strstr(hp_buf_text(&written), "100 Continue"));
}
END_TEST

/* Goal: a request that could not be shown whole was read as any other, which no record hides. */
START_TEST(test_not_shown)
{
	receiving_behave(&r, _i ? "read-slow" : "reset-mid-request");
	r.config.verify = false;
	begin();
	send_text("POST /hooks HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
	send_text("cd");
	wait_out();
	end(0);
	ck_assert_int_eq(only_fault()->state, RECORD_FAULT_FAILED);
}
END_TEST

/* Goal: who begins a request that is only looked at and does not end it is told so in time. */
START_TEST(test_shown_too_slowly)
{
	struct session_step step;

	receiving_behave(&r, "reset-mid-request");
	begin();
	session_look(&session, HP_LITERAL("POST /hooks"), false, &now, &step);
	ck_assert_int_eq(step.action, SESSION_READ);
	now.now_ns = step.at_ns;
	session_due(&session, &now, &step);
	ck_assert_int_eq(step.action, SESSION_WRITE);
	ck_assert(memcmp(step.bytes.at, "HTTP/1.1 408", 12) == 0);
	end(0);
}
END_TEST

/* Goal: the next request proves what was answered before it, and nothing is said to be lost. */
START_TEST(test_next_request_proves)
{
	receiving_behave(&r, "status");
	begin();
	send_request(1);
	ck_assert_ptr_null(only_fault());
	send_request(2);
	ck_assert_int_eq(only_fault()->state, RECORD_FAULT_VERIFIED);
	end(0);
}
END_TEST

/* Goal: a success whose bytes the peer's kernel never had is said to be ambiguous, once, and only
 * the last one on a connection can be. */
START_TEST(test_unacked)
{
	size_t unacked = 0;

	begin();
	send_request(1);
	send_request(2);
	left = true;
	end(10);
	for (size_t i = 0; i < r.record_count; i++) {
		if (r.records[i].kind != RECORD_UNACKED)
			continue;
		unacked++;
		ck_assert_str_eq(r.records[i].unacked.key, "inv_2:invoice.paid");
		ck_assert_uint_eq(r.records[i].unacked.status, 204);
	}
	ck_assert_uint_eq(unacked, 1);
	ck_assert_uint_eq(receiving_receipts(&r), 2);
}
END_TEST

/* Sends the head of a request that asks for a 100 and names its event in the body. */
static size_t send_head(char *text, const char **body)
{
	static char event[RECEIVING_TEXT_BYTES];

	*body = receiving_body(1, event);
	receiving_request(&r, *body, "Expect: 100-continue\r\n", text);
	size_t bytes = strlen(text) - strlen(*body);
	hp_buf_add(&unread, (struct hp_view){text, bytes});
	pump();
	return bytes;
}

/* Goal: a sender that waits for a 100 and names its event in the body is refused before it sends
 * that; no event is known then. */
START_TEST(test_expect_refused)
{
	char text[RECEIVING_TEXT_BYTES];
	const char *body;

	receiving_behave(&r, "expect-refused");
	begin();
	size_t head_bytes = send_head(text, &body);
	ck_assert_mem_eq(written.at, "HTTP/1.1 417 ", 13);
	ck_assert_int_eq(over, SESSION_CLOSE);
	end(0);
	ck_assert_int_eq(only_fault()->state, RECORD_FAULT_VERIFIED);
	ck_assert_uint_eq(only_fault()->read_bytes, head_bytes);
	ck_assert_uint_eq(only_fault()->identity, 0);
}
END_TEST

/* Goal: one that hears no 100 and sends the body all the same is answered; then the event is known,
 * to the fault too. */
START_TEST(test_expect_silent)
{
	char text[RECEIVING_TEXT_BYTES];
	const char *body;

	receiving_behave(&r, "expect-refused")->own.values[0] = 1;
	begin();
	send_head(text, &body);
	ck_assert_uint_eq(written.bytes, 0);
	hp_buf_add(&unread, hp_view_of(body));
	pump();
	ck_assert_mem_eq(written.at, "HTTP/1.1 204 ", 13);
	left = true;
	end(0);
	ck_assert_int_eq(only_fault()->state, RECORD_FAULT_VERIFIED);
	ck_assert_uint_eq(only_fault()->identity, receiving_receipt(&r, 0)->identity);
	ck_assert_str_eq(only_fault()->key, "inv_1:invoice.paid");
}
END_TEST

/* Goal: what is answered before it is read is known by name in the end, and the request that lies
 * right behind it is looked at too. */
START_TEST(test_early_in_a_row)
{
	char body[RECEIVING_TEXT_BYTES], text[RECEIVING_TEXT_BYTES];
	size_t faults = 0;

	receiving_behave(&r, "answer-early");
	begin();
	for (int number = 1; number <= 3; number++) {
		receiving_request(&r, receiving_body(number, body), "", text);
		hp_buf_add(&unread, hp_view_of(text));
	}
	pump();
	left = true;
	end(0);
	for (size_t i = 0; i < r.record_count; i++) {
		if (r.records[i].kind != RECORD_FAULT)
			continue;
		faults++;
		ck_assert_int_eq(r.records[i].fault.state, RECORD_FAULT_VERIFIED);
		ck_assert_uint_ne(r.records[i].fault.identity, 0);
	}
	ck_assert_uint_eq(faults, 3);
	ck_assert_uint_eq(receiving_receipts(&r), 3);
}
END_TEST

/* Goal: a request whose signature is wrong is refused as ever: what would act before it is read
 * acts on deliveries only. */
START_TEST(test_early_unsigned)
{
	char body[RECEIVING_TEXT_BYTES], text[RECEIVING_TEXT_BYTES];

	receiving_behave(&r, "reset-mid-request");
	begin();
	receiving_request(&r, receiving_body(1, body), "", text);
	text[strlen(text) - 1] ^= 1;
	hp_buf_add(&unread, hp_view_of(text));
	pump();
	ck_assert_int_eq(over, SESSION_READ);
	ck_assert_mem_eq(written.at, "HTTP/1.1 401 ", 13);
	left = true;
	end(0);
	ck_assert_ptr_null(only_fault());
	ck_assert_uint_eq(receiving_receipts(&r), 1);
}
END_TEST

Suite *suite_session_play(void);

Suite *suite_session_play(void)
{
	Suite *suite = suite_create("session_play");
	TCase *tcase = tcase_create("session_play");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_each_row, 0, ROWS);
	tcase_add_loop_test(tcase, test_states, 0, 5);
	tcase_add_test(tcase, test_next_request_proves);
	tcase_add_test(tcase, test_over_at_once);
	tcase_add_test(tcase, test_read_slowly);
	tcase_add_test(tcase, test_left_while_read);
	tcase_add_loop_test(tcase, test_chunked, 0, 4);
	tcase_add_loop_test(tcase, test_not_shown, 0, 2);
	tcase_add_test(tcase, test_shown_too_slowly);
	tcase_add_test(tcase, test_unacked);
	tcase_add_test(tcase, test_expect_refused);
	tcase_add_test(tcase, test_expect_silent);
	tcase_add_test(tcase, test_early_in_a_row);
	tcase_add_test(tcase, test_early_unsigned);
	suite_add_tcase(suite, tcase);
	return suite;
}
