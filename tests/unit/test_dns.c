/* DNS messages: what is read of a query, what is refused, and the bytes of answers. The messages
 * are written by hand, after RFC 1035 4. */
#include "wire/dns.h"

#include <check.h>
#include <stdio.h>

#include "tests/lib/guard.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

#define HEAD "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" /* one question, recursion asked */
#define HEAD_MORE "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x01" /* and one record behind it */
#define NAME "\x01" "a" "\x09" "hookproof" "\x04" "test" "\x00"
#define IN_A "\x00\x01\x00\x01"
#define IN_AAAA "\x00\x1c\x00\x01"
#define OPT "\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00" /* RFC 6891 6.1.2, without options */

static enum dns_result result;
static struct dns_query query;
static char *copy;

static enum dns_result parse(struct hp_view message)
{
	guard_free(copy);
	copy = guard_copy(message.at, message.bytes);
	result = dns_parse_query(copy, message.bytes, &query);
	return result;
}

static void teardown(void)
{
	guard_free(copy);
	copy = NULL;
}

static const struct good {
	struct hp_view message;
	unsigned type;
} good[] = {
	{HP_LITERAL(HEAD NAME IN_A), DNS_A},
	{HP_LITERAL(HEAD NAME IN_AAAA), DNS_AAAA},
	{HP_LITERAL(HEAD NAME "\x00\xff\x00\x01"), 255},
	{HP_LITERAL(HEAD_MORE NAME IN_A OPT), DNS_A},
	/* the name of the record behind points to itself: nobody follows it */
	{HP_LITERAL(HEAD_MORE NAME IN_A "\xc0\x22" "\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00"),
	 DNS_A},
	{HP_LITERAL(HEAD_MORE NAME IN_A "\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x03" "abc"),
	 DNS_A},
};

/* Goal: a query is read; no shorter piece of it is one, and none reads beyond its end. */
START_TEST(test_good)
{
	const struct good *row = &good[_i];

	ck_assert_int_eq(parse(row->message), DNS_DONE);
	ck_assert_uint_eq(query.id, 0x1234);
	ck_assert_uint_eq(query.type, row->type);
	ck_assert(query.recursion_desired);
	ck_assert(dns_name_is(query.name, "a.hookproof.test"));
	ck_assert_uint_eq(query.question.bytes, query.name.bytes + 4);
	for (size_t bytes = 0; bytes < row->message.bytes; bytes++)
		ck_assert_int_eq(parse((struct hp_view){row->message.at, bytes}),
				 bytes < 12 ? DNS_MUTE : DNS_BAD);
}
END_TEST

#define LABEL_63 "\x3f" "123456789012345678901234567890123456789012345678901234567890123"

static const struct bad {
	const char *what;
	struct hp_view message;
	enum dns_result result;
	enum dns_rcode complaint;
} bad[] = {
	{"an answer", HP_LITERAL("\x12\x34\x81\x00\x00\x01\x00\x00\x00\x00\x00\x00" NAME IN_A),
	 DNS_MUTE, DNS_NOERROR},
	{"a status request",
	 HP_LITERAL("\x12\x34\x10\x00\x00\x01\x00\x00\x00\x00\x00\x00" NAME IN_A),
	 DNS_BAD, DNS_NOTIMP},
	{"truncated", HP_LITERAL("\x12\x34\x02\x00\x00\x01\x00\x00\x00\x00\x00\x00" NAME IN_A),
	 DNS_BAD, DNS_FORMERR},
	{"no question", HP_LITERAL("\x12\x34\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
	 DNS_BAD, DNS_FORMERR},
	{"two", HP_LITERAL("\x12\x34\x01\x00\x00\x02\x00\x00\x00\x00\x00\x00" NAME IN_A NAME IN_A),
	 DNS_BAD, DNS_FORMERR},
	{"with an answer",
	 HP_LITERAL("\x12\x34\x01\x00\x00\x01\x00\x01\x00\x00\x00\x00" NAME IN_A OPT),
	 DNS_BAD, DNS_FORMERR},
	{"of an authority",
	 HP_LITERAL("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x01\x00\x00" NAME IN_A OPT),
	 DNS_BAD, DNS_FORMERR},
	{"a byte behind", HP_LITERAL(HEAD NAME IN_A "x"), DNS_BAD, DNS_FORMERR},
	{"a record behind", HP_LITERAL(HEAD NAME IN_A OPT), DNS_BAD, DNS_FORMERR},
	{"a pointer to itself", HP_LITERAL(HEAD "\xc0\x0c" IN_A), DNS_BAD, DNS_FORMERR},
	{"a pointer behind a label", HP_LITERAL(HEAD "\x01" "a" "\xc0\x0c" IN_A),
	 DNS_BAD, DNS_FORMERR},
	{"a label of 64", HP_LITERAL(HEAD "\x40" "1234567890123456789012345678901234567890123456789"
				     "012345678901234" "\x00" IN_A), DNS_BAD, DNS_FORMERR},
	{"a name of 257", HP_LITERAL(HEAD LABEL_63 LABEL_63 LABEL_63 LABEL_63 "\x00" IN_A),
	 DNS_BAD, DNS_FORMERR},
	{"data that is not there", HP_LITERAL(HEAD_MORE NAME IN_A
					      "\x00\x00\x29\x04\xd0\x00\x00\x00\x00\xff\xff"),
	 DNS_BAD, DNS_FORMERR},
	{"of class CH", HP_LITERAL(HEAD NAME "\x00\x01\x00\x03"), DNS_BAD, DNS_REFUSED},
};

/* Goal: what is no query of one name is refused as the RFC says, and an answer gets none. */
START_TEST(test_bad)
{
	const struct bad *row = &bad[_i];

	ck_assert_msg(parse(row->message) == row->result, "%s", row->what);
	ck_assert_msg(query.complaint == row->complaint, "%s: %d", row->what, query.complaint);
}
END_TEST

/* Goal: the longest name is taken, a longer message is not, whatever stands in it. */
START_TEST(test_limits)
{
	static char message[DNS_QUERY_BYTES_MAX + 1];
	static const struct hp_view head = HP_LITERAL(HEAD_MORE NAME IN_A
						      "\x00\x00\x29\x04\xd0\x00\x00\x00\x00");

	ck_assert_int_eq(parse(HP_LITERAL(HEAD LABEL_63 LABEL_63 LABEL_63 "\x3d"
		"1234567890123456789012345678901234567890123456789012345678901" "\x00" IN_A)),
		DNS_DONE);
	ck_assert_uint_eq(query.name.bytes, DNS_NAME_BYTES_MAX);
	for (size_t bytes = sizeof(message) - 1; bytes <= sizeof(message); bytes++) {
		size_t data_bytes = bytes - head.bytes - 2;

		memcpy(message, head.at, head.bytes);
		message[head.bytes] = (char)(data_bytes >> 8);
		message[head.bytes + 1] = (char)data_bytes;
		ck_assert_int_eq(parse((struct hp_view){message, bytes}),
				 bytes <= DNS_QUERY_BYTES_MAX ? DNS_DONE : DNS_BAD);
	}
}
END_TEST

/* Goal: names are compared label by label, and case does not matter. */
START_TEST(test_names)
{
	static const struct {
		struct hp_view name;
		const char *host;
		bool same;
	} rows[] = {
		{HP_LITERAL(NAME), "a.hookproof.test", true},
		{HP_LITERAL("\x01" "A" "\x09" "hOOkproof" "\x04" "TEST" "\x00"), "a.hookproof.test",
		 true},
		{HP_LITERAL(NAME), "a.hookproof", false},
		{HP_LITERAL(NAME), "a.hookproof.test.x", false},
		{HP_LITERAL(NAME), "hookproof.test", false},
		{HP_LITERAL("\x0b" "a.hookproof" "\x04" "test" "\x00"), "a.hookproof.test", false},
		{HP_LITERAL("\x00"), "a", false},
		{HP_LITERAL("\x00"), "", true},
	};
	static const struct {
		const char *host;
		bool good;
	} hosts[] = {
		{"a.hookproof.test", true}, {"a", true}, {"", false}, {".a", false}, {"a.", false},
		{"a..b", false},
		{"123456789012345678901234567890123456789012345678901234567890123.b", true},
		{"1234567890123456789012345678901234567890123456789012345678901234.b", false},
	};

	for (int i = 0; i < COUNT(rows); i++)
		ck_assert_msg(dns_name_is(rows[i].name, rows[i].host) == rows[i].same, "%s",
			      rows[i].host);
	for (int i = 0; i < COUNT(hosts); i++)
		ck_assert_msg(dns_is_host(hosts[i].host) == hosts[i].good, "%s", hosts[i].host);
}
END_TEST

static void expect_answer(const struct dns_answer *answer, struct hp_view wanted)
{
	char *out = guard_copy((char[DNS_ANSWER_BYTES_MAX]){0}, DNS_ANSWER_BYTES_MAX);
	size_t bytes = dns_write_answer(&query, answer, out);

	ck_assert_uint_eq(bytes, wanted.bytes);
	ck_assert_int_eq(memcmp(out, wanted.at, bytes), 0);
	guard_free(out);
}

/* Goal: answers are what the RFC writes, byte for byte. */
START_TEST(test_answers)
{
	static const uint8_t four[2][16] = {{127, 0, 0, 1}, {127, 0, 0, 2}};
	static const uint8_t six[1][16] = {{[15] = 1}};

	parse(good[0].message);
	expect_answer(&(struct dns_answer){DNS_NOERROR, 0x01020304, 2, four},
		      HP_LITERAL("\x12\x34\x85\x00\x00\x01\x00\x02\x00\x00\x00\x00" NAME IN_A
				 "\xc0\x0c" IN_A "\x01\x02\x03\x04\x00\x04\x7f\x00\x00\x01"
				 "\xc0\x0c" IN_A "\x01\x02\x03\x04\x00\x04\x7f\x00\x00\x02"));
	expect_answer(&(struct dns_answer){.rcode = DNS_NXDOMAIN},
		      HP_LITERAL("\x12\x34\x85\x03\x00\x01\x00\x00\x00\x00\x00\x00" NAME IN_A));
	parse(good[1].message);
	expect_answer(&(struct dns_answer){DNS_NOERROR, 0, 1, six},
		      HP_LITERAL("\x12\x34\x85\x00\x00\x01\x00\x01\x00\x00\x00\x00" NAME IN_AAAA
				 "\xc0\x0c" IN_AAAA "\x00\x00\x00\x00\x00\x10\0\0\0\0\0\0\0\0\0\0\0"
				 "\0\0\0\0\x01"));
	parse(bad[1].message);
	expect_answer(&(struct dns_answer){.rcode = query.complaint},
		      HP_LITERAL("\x12\x34\x94\x04\x00\x00\x00\x00\x00\x00\x00\x00"));
}
END_TEST

/* Goal: the longest name with the most addresses still fits a datagram. */
START_TEST(test_longest_answer)
{
	static const uint8_t six[DNS_ADDRESSES_MAX][16];
	char *out = guard_copy((char[DNS_ANSWER_BYTES_MAX]){0}, DNS_ANSWER_BYTES_MAX);

	parse(HP_LITERAL(HEAD LABEL_63 LABEL_63 LABEL_63 "\x3d"
		"1234567890123456789012345678901234567890123456789012345678901" "\x00" IN_AAAA));
	ck_assert_uint_eq(dns_write_answer(&query, &(struct dns_answer){
		.address_count = DNS_ADDRESSES_MAX, .addresses = six}, out), 12 + 259 + 8 * 28);
	guard_free(out);
}
END_TEST

Suite *suite_dns(void);

Suite *suite_dns(void)
{
	Suite *suite = suite_create("dns");
	TCase *tcase = tcase_create("dns");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_loop_test(tcase, test_good, 0, COUNT(good));
	tcase_add_loop_test(tcase, test_bad, 0, COUNT(bad));
	tcase_add_test(tcase, test_limits);
	tcase_add_test(tcase, test_names);
	tcase_add_test(tcase, test_answers);
	tcase_add_test(tcase, test_longest_answer);
	suite_add_tcase(suite, tcase);
	return suite;
}
