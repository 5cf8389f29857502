#include "reports/line.h"

#include <check.h>
#include <stdio.h>

#include "base/json.h"
#include "base/span.h"
#include "wire/scheme.h"

#define STARTED_NS (UINT64_C(1795521667) * HP_S_NS) /* 2026-11-24T12:01:07Z */

static struct record_receipt receipt;
static struct line line;
static struct hp_buf out;

static void setup(void)
{
	receipt = (struct record_receipt){
		.event_index = RECORD_NO_EVENT,
		.arrived_ns = 482 * HP_MS_NS + 999,
		.ordinal = 2, .status = 204, .effects = 1, .wanted = 1,
		.signature = SCHEME_VALID, .end = RECORD_END_ANSWERED,
		.key = "inv_123456:invoice.paid",
	};
	line = (struct line){.receipt = &receipt, .endpoint = "billing",
			     .started_wall_ns = STARTED_NS};
	hp_buf_init(&out, LINE_BYTES_MAX);
}

static void teardown(void)
{
	hp_buf_fini(&out);
}

#define HEAD "12:01:07.482  billing  inv_123456:invoice.paid  #2  "

static const struct {
	uint16_t status;
	uint8_t signature, end, wanted;
	uint32_t effects;
	uint64_t delay_ns;
	const char *behaviour, *text;
} rows[] = {
	{204, SCHEME_VALID, RECORD_END_ANSWERED, 1, 1, 0, NULL, "valid  204  1 effect\n"},
	{401, SCHEME_MISMATCH, RECORD_END_ANSWERED, 1, 0, 0, NULL, "mismatch  401  no effect\n"},
	{503, SCHEME_VALID, RECORD_END_ANSWERED, 1, 0, 20 * HP_MS_NS, "first-n",
	 "valid  503 by first-n after 20.0 ms  no effect\n"},
	{0, RECORD_UNVERIFIED, RECORD_END_SILENT, 1, 3, 0, "silence",
	 "unverified  silent by silence  3 effects\n"},
	{200, SCHEME_VALID, RECORD_END_BROKEN, 0, 1, 0, "bad-chunk",
	 "valid  200 broken by bad-chunk  1 effect  not subscribed\n"},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

/* Goal: a person sees when, where, which event, and how it ended. */
START_TEST(test_text)
{
	char wanted[256];

	receipt.status = rows[_i].status;
	receipt.signature = rows[_i].signature;
	receipt.end = rows[_i].end;
	receipt.wanted = rows[_i].wanted;
	receipt.effects = rows[_i].effects;
	receipt.delay_ns = rows[_i].delay_ns;
	line.behaviour = rows[_i].behaviour;
	line_text(&line, true, &out);
	snprintf(wanted, sizeof(wanted), HEAD "%s", rows[_i].text);
	ck_assert_str_eq(hp_buf_text(&out), wanted);
}
END_TEST

/* Goal: an event of the run with this seed has no key in its record: its number stands there. */
START_TEST(test_own_event)
{
	receipt.event_index = 17;
	receipt.key[0] = '\0';
	line_text(&line, true, &out);
	ck_assert_ptr_nonnull(strstr(hp_buf_text(&out), "  event 17  #2"));
	hp_buf_clear(&out);
	line_json(&line, &out);
	ck_assert_ptr_nonnull(strstr(hp_buf_text(&out), "\"key\":null,\"event\":17,"));
}
END_TEST

/* Goal: what a sender says neither begins a line, drives a terminal nor breaks the JSON, and the
 * longest fits. */
START_TEST(test_hostile_key)
{
	struct hp_err err;
	struct hp_json *doc;

	memset(receipt.key, '\x1b', sizeof(receipt.key) - 1);
	receipt.key[3] = '\n';
	receipt.key[4] = '"';
	line_text(&line, false, &out);
	ck_assert(!out.cut);
	ck_assert_ptr_eq(strchr(hp_buf_text(&out), '\n'), out.at + out.bytes - 1);
	ck_assert_ptr_null(memchr(out.at, '\x1b', out.bytes));
	hp_buf_clear(&out);
	line_json(&line, &out);
	ck_assert(!out.cut);
	ck_assert_ptr_eq(strchr(hp_buf_text(&out), '\n'), out.at + out.bytes - 1);
	doc = hp_json_parse("line", hp_buf_view(&out), LINE_BYTES_MAX, &err);
	ck_assert_msg(doc != NULL, "%s", err.msg);
	hp_json_free(doc);
}
END_TEST

/* Goal: the JSON line, byte for byte: scripts rely on its keys. */
START_TEST(test_json)
{
	receipt.delay_ns = 1500 * HP_US_NS;
	line.behaviour = "latency";
	line_json(&line, &out);
	ck_assert_str_eq(hp_buf_text(&out),
			 "{\"delivery\":{\"time\":\"2026-11-24T12:01:07.482Z\","
			 "\"at_ns\":\"482000999\",\"endpoint\":\"billing\","
			 "\"key\":\"inv_123456:invoice.paid\",\"event\":null,\"attempt\":2,"
			 "\"signature\":\"valid\",\"behaviour\":\"latency\",\"status\":204,"
			 "\"end\":\"answered\",\"delay_ms\":1.500,\"effects\":1,"
			 "\"wanted\":true}}\n");
}
END_TEST

/* Goal: without an answer there is no status, and no behaviour is null. */
START_TEST(test_json_nulls)
{
	receipt.status = 0;
	receipt.end = RECORD_END_RESET;
	line_json(&line, &out);
	ck_assert_ptr_nonnull(strstr(hp_buf_text(&out), "\"behaviour\":null,\"status\":null,"
					"\"end\":\"reset\""));
}
END_TEST

Suite *suite_line(void);
Suite *suite_line(void)
{
	Suite *suite = suite_create("line");
	TCase *lines = tcase_create("lines");

	tcase_add_checked_fixture(lines, setup, teardown);
	tcase_add_loop_test(lines, test_text, 0, ROW_COUNT);
	tcase_add_test(lines, test_own_event);
	tcase_add_test(lines, test_hostile_key);
	tcase_add_test(lines, test_json);
	tcase_add_test(lines, test_json_nulls);
	suite_add_tcase(suite, lines);
	return suite;
}
