/* Receivers: what one delivery is taken for, remembered as and answered with. */
#include "receivers/receiver.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "engine/content.h"
#include "tests/lib/receiving.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct receiving r;
static struct script *owned; /* of the last decision */

static void drop_owned(void)
{
	if (owned != NULL)
		script_fini(owned);
	free(owned);
	owned = NULL;
}

static void setup(void)
{
	receiving_init(&r);
}

static void teardown(void)
{
	drop_owned();
	receiving_fini(&r);
}

/* Decides one request, given as text, at a moment. */
static struct receiver_decision decide_text(const char *text, uint64_t now_ns)
{
	static struct http1_head head;
	struct receiver_decision decision;

	ck_assert_int_eq(http1_parse_request(text, strlen(text), &head), HTTP1_DONE);
	ck_assert_ptr_null(receiver_turns_away(r.receiver, &head));
	receiver_decide(r.receiver, &(struct receiver_delivery){
		.head = &head, .body = hp_view_of(text + head.head_bytes), .now_ns = now_ns,
		.wall_ns = UINT64_C(1700000000) * HP_S_NS,
	}, &decision);
	drop_owned();
	owned = decision.owned;
	return decision;
}

/* Decides a signed delivery of the thin body with that number. */
static struct receiver_decision decide_event(int number, uint64_t now_ns)
{
	char body[RECEIVING_TEXT_BYTES], text[RECEIVING_TEXT_BYTES];

	receiving_request(&r, receiving_body(number, body), "", text);
	return decide_text(text, now_ns);
}

/* Goal: a signed delivery is accepted once, its duplicates have no further effect. */
START_TEST(test_idempotent)
{
	receiving_start(&r);
	for (unsigned i = 1; i <= 3; i++) {
		struct receiver_decision decision = decide_event(1, i);
		ck_assert_ptr_null(decision.part);
		ck_assert_int_eq(decision.script->status, 204);
		ck_assert_uint_eq(decision.receipt.ordinal, i);
		ck_assert_uint_eq(decision.receipt.effects, 1);
		ck_assert_int_eq(decision.receipt.signature, SCHEME_VALID);
		ck_assert_str_eq(decision.receipt.key, "inv_1:invoice.paid");
	}
	ck_assert_uint_eq(decide_event(2, 9).receipt.ordinal, 1);
	ck_assert_uint_eq(r.receiver->counters.deliveries, 4);
	ck_assert_uint_eq(r.receiver->counters.duplicates, 2);
	ck_assert_uint_eq(r.receiver->counters.effects, 2);
}
END_TEST

/* Goal: a receiver told not to be idempotent takes effect each time. */
START_TEST(test_not_idempotent)
{
	r.config.idempotent = false;
	receiving_start(&r);
	for (unsigned i = 1; i <= 3; i++)
		ck_assert_uint_eq(decide_event(1, i).receipt.effects, i);
}
END_TEST

/* Goal: a wrong or missing signature answers 401, has no effect and is not remembered. */
START_TEST(test_refuses_signature)
{
	char body[RECEIVING_TEXT_BYTES], text[RECEIVING_TEXT_BYTES];
	struct receiver_decision decision;

	receiving_start(&r);
	receiving_request(&r, receiving_body(1, body), "", text);
	*strstr(text, "inv_1") = 'I';
	decision = decide_text(text, 0);
	ck_assert_int_eq(decision.script->status, 401);
	ck_assert_int_eq(decision.receipt.signature, SCHEME_MISMATCH);
	decision = decide_text("POST /hooks HTTP/1.1\r\nHost: a\r\n\r\n{}", 0);
	ck_assert_int_eq(decision.script->status, 401);
	ck_assert_int_eq(decision.receipt.signature, SCHEME_NO_SIGNATURE);
	ck_assert_uint_eq(decision.receipt.ordinal, 1);
	ck_assert_uint_eq(r.receiver->seen.count, 0);
	ck_assert_uint_eq(r.receiver->counters.unverified, 2);
	ck_assert_uint_eq(r.receiver->counters.effects, 0);
}
END_TEST

/* Goal: a receiver that skips verification accepts anything and says that it did not look. */
START_TEST(test_skips_verification)
{
	r.config.verify = false;
	receiving_start(&r);
	struct receiver_decision decision =
		decide_text("POST /hooks?x=y HTTP/1.1\r\nHost: a\r\n\r\nnot json", 0);
	ck_assert_int_eq(decision.script->status, 204);
	ck_assert_int_eq(decision.receipt.signature, RECORD_UNVERIFIED);
	ck_assert_uint_eq(decision.receipt.effects, 1);
}
END_TEST

struct key_row {
	const char *headers, *body, *key; /* key NULL: of the body's digest */
};

static const struct key_row key_rows[] = {
	{"", "{\"id\":\"inv_1\",\"event\":\"invoice.paid\"}", "inv_1:invoice.paid"},
	{"", " { \"event\" : \"a.b\" , \"id\" : \"x\\u0031\" } ", "x1:a.b"},
	{"X-Id: msg_7\r\n", "{\"id\":\"inv_1\",\"event\":\"invoice.paid\"}", "msg_7"},
	{"X-Id:\r\n", "{\"id\":\"inv_1\",\"event\":\"invoice.paid\"}", "inv_1:invoice.paid"},
	{"", "{\"id\":\"inv_1\"}", NULL},
	{"", "{\"id\":1,\"event\":\"invoice.paid\"}", NULL},
	{"", "{\"id\":\"a\",\"event\":\"b\",}", NULL},
	{"", "nonsense", NULL},
	{"", "", NULL},
};

/* Goal: identity is the id header, else id and type, else the body's bytes. */
START_TEST(test_identity)
{
	const struct key_row *row = &key_rows[_i];
	char text[RECEIVING_TEXT_BYTES];
	struct record_receipt receipt;

	r.config.verify = false;
	snprintf(r.profile.id_header, sizeof(r.profile.id_header), "X-Id");
	receiving_start(&r);
	snprintf(text, sizeof(text), "POST /hooks HTTP/1.1\r\nHost: a\r\n%s\r\n%s", row->headers,
		 row->body);
	receipt = decide_text(text, 0).receipt;
	ck_assert_uint_eq(receipt.body_digest, hp_digest(hp_view_of(row->body)));
	ck_assert_uint_eq(receipt.identity, hp_digest(hp_view_of(receipt.key)));
	if (row->key != NULL)
		ck_assert_str_eq(receipt.key, row->key);
	else
		ck_assert_int_eq(strncmp(receipt.key, "body:", 5), 0);
	ck_assert(receipt.event_index == RECORD_NO_EVENT);
}
END_TEST

/* Goal: an event of this run is known by its index, and its key is not repeated. */
START_TEST(test_our_own_event)
{
	static struct plan plan;
	char body[RECEIVING_TEXT_BYTES], text[RECEIVING_TEXT_BYTES], id[CONTENT_RESOURCE_BYTES_MAX];

	plan.seed = 42;
	plan.type_count = 1;
	plan.types[0] = (struct plan_type){"invoice.paid", "inv", 1};
	struct content *content = content_new(&plan);
	int bytes = (int)content_resource(content, 77, id);
	snprintf(body, sizeof(body), "{\"id\":\"%.*s\",\"event\":\"invoice.paid\"}", bytes, id);
	content_free(content);
	receiving_start(&r);
	struct record_receipt receipt =
		decide_text(receiving_request(&r, body, "", text), 0).receipt;
	ck_assert_uint_eq(receipt.event_index, 77);
	ck_assert_str_eq(receipt.key, "");
}
END_TEST

/* Goal: a type outside the subscription is accepted and marked. */
START_TEST(test_wanted)
{
	r.config.events.count = 1;
	snprintf(r.config.events.pattern[0], PLAN_PATTERN_BYTES, "customer.*");
	receiving_start(&r);
	ck_assert_uint_eq(decide_event(1, 0).receipt.wanted, 0);
	snprintf(r.config.events.pattern[0], PLAN_PATTERN_BYTES, "invoice.*");
	ck_assert_uint_eq(decide_event(1, 0).receipt.wanted, 1);
}
END_TEST

struct effect_row {
	const char *slug;
	uint64_t code; /* of status; 0: its default */
	unsigned effects;
};

static const struct effect_row effect_rows[] = {
	{"status", 0, 0}, {"status", 200, 1}, {"status", 301, 0}, {"retry-after", 0, 0},
	{"reset", 0, 0},  {"reset-after-request", 0, 1}, {"answer-never", 0, 1}, {"latency", 0, 1},
};

/* Goal: failures that the sender can see leave no effect, those that leave it in doubt do. */
START_TEST(test_effects_of_faults)
{
	const struct effect_row *row = &effect_rows[_i];
	struct behaviour *behaviour = receiving_behave(&r, row->slug);

	if (row->code != 0)
		behaviour->own.values[0] = row->code;
	receiving_start(&r);
	struct receiver_decision decision = decide_event(1, 5);
	ck_assert_uint_eq(decision.receipt.effects, row->effects);
	ck_assert_uint_eq(r.receiver->counters.effects, row->effects);
	if (row->code == 0 && decision.part != NULL)
		ck_assert_uint_eq(decision.receipt.behaviour, behaviour->own.row->number);
}
END_TEST

/* Goal: the same seed gives the same decisions whatever the order of arrival, and duplicates in
 * between do not shift other events. */
START_TEST(test_order_does_not_matter)
{
	enum { EVENTS = 400 };
	uint64_t due_ns[EVENTS];
	const struct behaviour_part *parts[EVENTS];
	struct behaviour *share, *latency;

	latency = receiving_behave(&r, "latency");
	latency->own.values[3] = 20 * HP_MS_NS;
	latency->own.values[4] = 200 * HP_MS_NS;
	latency->own.given |= 1u << 3 | 1u << 4;
	share = receiving_behave(&r, "share");
	share->own.values[0] = BEHAVIOUR_MICRO / 2;
	receiving_start(&r);
	for (int i = 0; i < EVENTS; i++) {
		struct receiver_decision decision = decide_event(i, 0);
		due_ns[i] = decision.at_ns;
		parts[i] = decision.part;
	}
	receiver_free(r.receiver);
	receiving_start(&r);
	for (int i = EVENTS - 1; i >= 0; i--) {
		struct receiver_decision decision = decide_event(i, 0);
		decide_event(i, 0);
		ck_assert_uint_eq(due_ns[i], decision.at_ns);
		ck_assert_ptr_eq(parts[i], decision.part);
	}
}
END_TEST

/* Goal: a store that is full refuses new events without effect and serves the old ones. */
START_TEST(test_full)
{
	r.config.events_max = 1;
	receiving_start(&r);
	ck_assert_int_eq(decide_event(1, 0).script->status, 204);
	ck_assert_int_eq(decide_event(2, 0).script->status, 503);
	ck_assert_int_eq(decide_event(1, 0).script->status, 204);
	ck_assert_uint_eq(r.receiver->counters.effects, 1);
}
END_TEST

/* Goal: other paths and methods are no deliveries. */
START_TEST(test_turns_away)
{
	static const struct {
		const char *text;
		int status; /* 0: a delivery */
	} rows[] = {
		{"POST /hooks HTTP/1.1\r\nHost: a\r\n\r\n", 0},
		{"POST /hooks?a=b HTTP/1.1\r\nHost: a\r\n\r\n", 0},
		{"POST /hook HTTP/1.1\r\nHost: a\r\n\r\n", 404},
		{"POST /hooks/ HTTP/1.1\r\nHost: a\r\n\r\n", 404},
		{"GET /hooks HTTP/1.1\r\nHost: a\r\n\r\n", 405},
		{"post /hooks HTTP/1.1\r\nHost: a\r\n\r\n", 405},
	};
	static struct http1_head head;

	receiving_start(&r);
	for (int i = 0; i < COUNT(rows); i++) {
		http1_parse_request(rows[i].text, strlen(rows[i].text), &head);
		const struct receiver_scripts *turned = receiver_turns_away(r.receiver, &head);
		ck_assert_int_eq(turned != NULL ? turned->open.status : 0, rows[i].status);
	}
}
END_TEST

/* Goal: refused and frozen windows are told apart, with the number of what caused them. */
START_TEST(test_gaps)
{
	uint64_t until_ns;

	receiving_behave(&r, "outage")->own.values[1] = 10;
	receiving_behave(&r, "freeze")->own.values[0] = 20;
	receiving_start(&r);
	ck_assert(!receiver_listening(r.receiver, 9, &until_ns));
	ck_assert_uint_eq(until_ns, 10);
	ck_assert_uint_eq(receiver_gap_behaviour(r.receiver, 9), 6);
	ck_assert(receiver_listening(r.receiver, 10, &until_ns));
	ck_assert(receiver_listening(r.receiver, HP_NEVER, &until_ns));
	ck_assert(!receiver_frozen(r.receiver, 19, &until_ns));
	ck_assert_uint_eq(until_ns, 20);
	ck_assert(receiver_frozen(r.receiver, 20, &until_ns));
	ck_assert_uint_eq(receiver_gap_behaviour(r.receiver, 20), 11);
	ck_assert_uint_eq(receiver_gap_behaviour(r.receiver, 15), 0);
}
END_TEST

static const struct shaken_row {
	uint64_t written_bytes, unacked_bytes;
	enum record_fault_state state;
} shaken_rows[] = {
	{512, 0, RECORD_FAULT_VERIFIED},
	{512, 511, RECORD_FAULT_VERIFIED}, /* it did not want to read the rest */
	{512, 512, RECORD_FAULT_PREEMPTED},
	{512, HP_NEVER, RECORD_FAULT_PREEMPTED},
};

/* Goal: random bytes that a peer cuts off have struck it as soon as one of them arrived. */
START_TEST(test_garbage_cut_off)
{
	const struct shaken_row *row = &shaken_rows[_i];
	const struct handshake_seen seen = {
		.written_bytes = row->written_bytes, .unacked_bytes = row->unacked_bytes,
		.peer = RECORD_PEER_RST, .over = true, .garbage_out = true,
	};
	struct handshake handshake;

	receiving_behave(&r, "tls-garbage");
	receiving_start(&r);
	receiver_shake(r.receiver, 1, &handshake);
	receiver_shaken(r.receiver, &handshake, &seen);
	ck_assert_uint_eq(r.record_count, 1);
	ck_assert_int_eq(r.records[0].kind, RECORD_FAULT);
	ck_assert_int_eq(r.records[0].fault.state, row->state);
}
END_TEST

Suite *suite_receiver(void);

Suite *suite_receiver(void)
{
	Suite *suite = suite_create("receiver");
	TCase *tcase = tcase_create("receiver");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_idempotent);
	tcase_add_test(tcase, test_not_idempotent);
	tcase_add_test(tcase, test_refuses_signature);
	tcase_add_test(tcase, test_skips_verification);
	tcase_add_loop_test(tcase, test_identity, 0, COUNT(key_rows));
	tcase_add_test(tcase, test_our_own_event);
	tcase_add_test(tcase, test_wanted);
	tcase_add_loop_test(tcase, test_effects_of_faults, 0, COUNT(effect_rows));
	tcase_add_test(tcase, test_order_does_not_matter);
	tcase_add_test(tcase, test_full);
	tcase_add_test(tcase, test_turns_away);
	tcase_add_test(tcase, test_gaps);
	tcase_add_loop_test(tcase, test_garbage_cut_off, 0, COUNT(shaken_rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
