/* Rows of the TLS layer: each changes the handshake in what it says, and in nothing else. */
#include <check.h>

#include "receivers/rows.h"
#include "tests/lib/behaving.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct behaviour behaviour;

static struct handshake shake(uint32_t connection)
{
	const struct behaviour_case c = {.seed = 1, .ordinal = connection};
	struct handshake handshake = {.certificate = HANDSHAKE_GOOD};

	behaviour_shake((struct behaviour_list){&behaviour, 1}, &c, &handshake);
	return handshake;
}

enum { DAY_S = 86400 };

static const struct row {
	const char *slug, *name; /* a parameter that is set; NULL: defaults */
	uint64_t value;
	struct handshake wanted;
} rows[] = {
	{"tls-stall", NULL, 0, {.stall = HANDSHAKE_AT_HELLO, .stall_ns = 60 * HP_S_NS}},
	{"tls-stall", "at", 1, {.stall = HANDSHAKE_AT_CERTIFICATE, .stall_ns = 60 * HP_S_NS}},
	{"tls-stall", "hold", HP_NEVER, {.stall = HANDSHAKE_AT_HELLO, .stall_ns = HP_NEVER}},
	{"tls-slow", NULL, 0, {.delay_ns = 500 * HP_MS_NS}},
	{"tls-reset", NULL, 0, {.reset = HANDSHAKE_AT_HELLO}},
	{"tls-reset", "at", 2, {.reset = HANDSHAKE_AT_FINISHED}},
	{"tls-alert", NULL, 0, {.alert = 40}},
	{"tls-alert", "code", 255, {.alert = 255}},
	{"tls-garbage", NULL, 0, {.garbage_bytes = 512}},
	{"tls-plain", NULL, 0, {.plain = true}},
	{"cert-expired", NULL, 0,
	 {.certificate = HANDSHAKE_EXPIRED, .by_s = DAY_S, .no_resume = true}},
	{"cert-expired", "by", 2 * HP_S_NS,
	 {.certificate = HANDSHAKE_EXPIRED, .by_s = 2, .no_resume = true}},
	{"cert-not-yet-valid", NULL, 0,
	 {.certificate = HANDSHAKE_NOT_YET_VALID, .by_s = DAY_S, .no_resume = true}},
	{"cert-wrong-name", NULL, 0, {.certificate = HANDSHAKE_WRONG_NAME, .no_resume = true}},
	{"cert-no-san", NULL, 0, {.certificate = HANDSHAKE_NO_SAN, .no_resume = true}},
	{"cert-nul-name", NULL, 0, {.certificate = HANDSHAKE_NUL_NAME, .no_resume = true}},
	{"cert-self-signed", NULL, 0, {.certificate = HANDSHAKE_SELF_SIGNED, .no_resume = true}},
	{"cert-unknown-root", NULL, 0,
	 {.certificate = HANDSHAKE_UNKNOWN_ROOT, .no_resume = true}},
	{"cert-no-intermediate", NULL, 0,
	 {.certificate = HANDSHAKE_NO_INTERMEDIATE, .no_resume = true}},
	{"cert-client-eku", NULL, 0, {.certificate = HANDSHAKE_CLIENT_EKU, .no_resume = true}},
	{"tls-no-close-notify", NULL, 0, {.no_close_notify = true}},
	{"tls-client-cert", NULL, 0,
	 {.client_certificate_asked = true, .client_certificate_required = true}},
	{"tls-client-cert", "require", 0, {.client_certificate_asked = true}},
	{"tls-old", NULL, 0, {.version_min = 0x0301, .version_max = 0x0302}},
	{"tls-only13", NULL, 0, {.version_min = 0x0304, .version_max = 0x0304}},
	{"tls-cipher", NULL, 0, {.cipher = "ECDHE-ECDSA-AES128-GCM-SHA256"}},
	{"tls-two-names", NULL, 0, {.second_name = "second.test"}},
	{"tls-no-resume", NULL, 0, {.no_resume = true}},
};

static bool same_text(const char *a, const char *b)
{
	return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

/* Goal: each row changes the handshake in what it says and in nothing else, on any connection. */
START_TEST(test_rows)
{
	const struct row *row = &rows[_i];
	const struct handshake *w = &row->wanted;
	struct handshake h;

	behave(&behaviour, NULL, row->slug);
	if (row->name)
		behave_set(&behaviour.own, row->name, row->value);
	h = shake(3);
	ck_assert_int_eq(h.certificate, w->certificate);
	ck_assert_uint_eq(h.by_s, w->by_s);
	ck_assert(h.stall == w->stall && h.stall_ns == w->stall_ns && h.reset == w->reset);
	ck_assert(h.delay_ns == w->delay_ns && h.alert == w->alert);
	ck_assert(h.garbage_bytes == w->garbage_bytes && h.plain == w->plain);
	ck_assert(h.no_close_notify == w->no_close_notify && h.no_resume == w->no_resume);
	ck_assert(h.client_certificate_asked == w->client_certificate_asked);
	ck_assert(h.client_certificate_required == w->client_certificate_required);
	ck_assert(h.version_min == w->version_min && h.version_max == w->version_max);
	ck_assert(same_text(h.cipher, w->cipher) && same_text(h.second_name, w->second_name));
	ck_assert_uint_eq(h.struck_count, 1);
	ck_assert_uint_eq(h.struck[0].behaviour, behaviour.own.row->number);
	ck_assert_uint_eq(h.struck[0].fault, behaviour.own.row->number);
}
END_TEST

/* Goal: every row of the layer is in the table above, and acts on connect. */
START_TEST(test_all_rows)
{
	for (const struct behaviour_row *row = rows_tls; row->number != 0; row++) {
		bool found = strcmp(row->slug, "cert-changes") == 0;

		for (int i = 0; i < COUNT(rows); i++)
			found = found || strcmp(rows[i].slug, row->slug) == 0;
		ck_assert_msg(found, "%s", row->slug);
		ck_assert_int_eq(row->layer, BEHAVIOUR_TLS);
		ck_assert_int_eq(row->stage, BEHAVIOUR_ON_CONNECT);
		ck_assert_ptr_nonnull(row->shake);
		ck_assert_ptr_nonnull(row->shook);
	}
}
END_TEST

/* Goal: a row has the name that its certificate has in handshake.h. */
START_TEST(test_certificates)
{
	static const char *const slugs[] = {
#define X(name, slug, what) [HANDSHAKE_##name] = slug,
		HANDSHAKE_CERTIFICATES(X)
#undef X
	};

	for (int i = HANDSHAKE_GOOD + 1; i < HANDSHAKE_CERTIFICATE_COUNT; i++) {
		behave(&behaviour, NULL, slugs[i]);
		ck_assert_int_eq(shake(1).certificate, i);
	}
}
END_TEST

/* Goal: a certificate that changes is good before the connection of that number, and another one
 * from it on, shown to clients who would resume too. */
START_TEST(test_changes)
{
	behave(&behaviour, NULL, "cert-changes");
	behave_set(&behaviour.own, "from_connection", 3);
	for (uint32_t connection = 1; connection <= 5; connection++) {
		struct handshake handshake = shake(connection);
		bool changed = connection >= 3;

		ck_assert_int_eq(handshake.certificate,
				 changed ? HANDSHAKE_EXPIRED : HANDSHAKE_GOOD);
		ck_assert(handshake.no_resume == changed);
		ck_assert_uint_eq(handshake.by_s, changed ? DAY_S : 0);
		ck_assert((handshake.struck_count != 0) == changed);
	}
	behave_set(&behaviour.own, "to", HANDSHAKE_WRONG_NAME);
	ck_assert_int_eq(shake(3).certificate, HANDSHAKE_WRONG_NAME);
}
END_TEST

/* Goal: texts that name nothing are refused. */
START_TEST(test_empty_texts)
{
	static const char *const names[][2] = {{"tls-cipher", "cipher"}, {"tls-two-names", "name"}};
	struct hp_err err;

	for (int i = 0; i < COUNT(names); i++) {
		behave(&behaviour, NULL, names[i][0]);
		behave_say(&behaviour.own, names[i][1], "");
		ck_assert_int_eq(behaviour_check(&behaviour, &err), -1);
	}
}
END_TEST

Suite *suite_rows_tls(void);

Suite *suite_rows_tls(void)
{
	Suite *suite = suite_create("rows_tls");
	TCase *tcase = tcase_create("rows_tls");

	tcase_add_loop_test(tcase, test_rows, 0, COUNT(rows));
	tcase_add_test(tcase, test_all_rows);
	tcase_add_test(tcase, test_certificates);
	tcase_add_test(tcase, test_changes);
	tcase_add_test(tcase, test_empty_texts);
	suite_add_tcase(suite, tcase);
	return suite;
}
