#include "engine/request.h"

#include <check.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "scenarios/shipped.h"
#include "tests/lib/guard.h"
#include "tests/lib/sim_fixture.h"

#define WALL_NS (UINT64_C(1700000000) * HP_S_NS)

static struct sim f;
static struct content *content;
static struct request_maker *maker;
static char *out;

static void setup(void)
{
	sim_init(&f);
	sim_endpoint(&f, NULL);
}

static void teardown(void)
{
	request_maker_free(maker);
	content_free(content);
	free(out);
	sim_fini(&f);
}

/* A secret in the form that the profile's scheme reads. */
static const char *secret_text(enum scheme_key_format format)
{
	switch (format) {
	case SCHEME_KEY_TEXT:
		return "ey7bTCm6tur63CR6mzbuq23r";
	case SCHEME_KEY_HEX:
		return "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	case SCHEME_KEY_BASE64:
	case SCHEME_KEY_WHSEC:
		return "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
	case SCHEME_KEY_WHSK:
		return "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
	}
	return NULL;
}

static void start(void)
{
	struct plan_endpoint *endpoint = &f.plan.endpoints[0];
	struct hp_err err;

	hp_secret_free(endpoint->secret);
	endpoint->secret =
		hp_secret_new(hp_view_of(secret_text(f.plan.profile.scheme.key_format)));
	content = content_new(&f.plan);
	maker = request_maker_new(&f.plan, content, 0, &err);
	ck_assert_msg(maker != NULL, "%s", err.msg);
	out = hp_xcalloc(1, request_bytes_max(maker) + 1);
}

static size_t render(uint64_t event_index)
{
	struct delivery delivery = {.event_index = event_index, .number = 1};
	uint64_t digest;
	size_t bytes;

	delivery.type_index = (uint8_t)content_type_index(content, event_index);
	bytes = request_render(maker, &delivery, WALL_NS, out, &digest);
	ck_assert_uint_le(bytes, request_bytes_max(maker));
	return bytes;
}

/* Goal: the bytes of a paisr-v1 request, one by one: line, Host, product headers, length,
 * signature, blank line, body. */
START_TEST(test_bytes)
{
	static const char *const wanted =
		"POST /hooks HTTP/1.1\r\n"
		"Host: 127.0.0.1:1025\r\n"
		"Content-Type: application/json\r\n"
		"User-Agent: PCB Events\r\n"
		"X-Powered-By: PAISR Technologies NV\r\n"
		"Content-Length: 52\r\n"
		"X-Paisr-Signature: ";
	size_t bytes;
	char id[CONTENT_RESOURCE_BYTES_MAX + 1] = "", body[128];

	start();
	bytes = render(7);
	content_resource(content, 7, id);
	snprintf(body, sizeof(body), "{\"id\":\"%s\",\"event\":\"invoice.paid\"}", id);
	out[bytes] = '\0';
	ck_assert_msg(strncmp(out, wanted, strlen(wanted)) == 0, "%s", out);
	ck_assert_uint_eq(bytes, strlen(wanted) + 64 + 4 + strlen(body));
	ck_assert_uint_eq(strspn(out + strlen(wanted), "0123456789abcdef"), 64);
	ck_assert_mem_eq(out + strlen(wanted) + 64, "\r\n\r\n", 4);
	ck_assert_str_eq(out + strlen(wanted) + 68, body);
}
END_TEST

static void check_valid(struct hp_view request)
{
	static struct http1_head head;
	struct plan_endpoint *endpoint = &f.plan.endpoints[0];
	struct scheme_received received;
	struct hp_err err;
	struct scheme_key *key = scheme_key_new(&f.plan.profile.scheme,
						hp_secret_view(endpoint->secret), &err);
	const struct scheme_key *keys[] = {key};

	ck_assert_int_eq(http1_parse_request(request.at, request.bytes, &head), HTTP1_DONE);
	ck_assert_int_eq(head.framing, HTTP1_LENGTH);
	ck_assert_uint_eq(head.body_bytes, request.bytes - head.head_bytes);
	ck_assert(hp_view_equal(head.method, HP_LITERAL("POST")));
	ck_assert(hp_view_equal(head.target, hp_view_of(endpoint->target)));
	ck_assert(head.keep_alive);
	received = (struct scheme_received){
		.headers = head.headers, .header_count = head.header_count,
		.body = {request.at + head.head_bytes, (size_t)head.body_bytes},
		.url = hp_view_of(endpoint->url), .at_s = WALL_NS / HP_S_NS};
	ck_assert_str_eq(scheme_verdict_word(scheme_verify(&f.plan.profile.scheme,
							   (struct scheme_keys){keys, 1},
							   &received)),
			 "valid");
	scheme_key_free(key);
}

/* Goal: with every shipped profile, thin and filled bodies, a request is one good HTTP message
 * whose length is right and whose signature verifies; it writes nothing beyond its maximum. */
START_TEST(test_profiles)
{
	const struct shipped *document = shipped_at((size_t)_i);

	if (strcmp(document->kind, "profile") != 0)
		return;
	sim_profile(&f, document->name);
	for (int filled = 0; filled < 2; filled++) {
		f.plan.body_bytes = filled ? 5000 : 0;
		start();
		for (uint64_t k = 0; k < 5; k++) {
			size_t bytes = render(k);
			char *copy = guard_copy(out, bytes);

			check_valid((struct hp_view){copy, bytes});
			guard_free(copy);
		}
		request_maker_free(maker);
		content_free(content);
		free(out);
		maker = NULL;
		content = NULL;
		out = NULL;
	}
}
END_TEST

/* Goal: attempts of one event have the same body; the digest is of the body, and 0 where no record
 * wants it. */
START_TEST(test_digest)
{
	struct delivery first = {.event_index = 3, .number = 1};
	struct delivery second = {.event_index = 3, .number = 2};
	uint64_t digests[2];
	char body[256];
	size_t bytes;

	f.plan.recording = _i ? PLAN_RECORD_SUMMARY : PLAN_RECORD_FAILURES;
	start();
	request_render(maker, &first, WALL_NS, out, &digests[0]);
	request_render(maker, &second, WALL_NS + HP_S_NS, out, &digests[1]);
	bytes = content_body(content, 3, 0, body);
	ck_assert_uint_eq(digests[0], _i ? 0 : hp_digest((struct hp_view){body, bytes}));
	ck_assert_uint_eq(digests[0], digests[1]);
}
END_TEST

/* Goal: a caller reads a wall clock only for schemes that put the time on the wire. */
START_TEST(test_wants_time)
{
	static const struct {
		const char *profile;
		bool wants;
	} rows[] = {{"paisr-v1", false}, {"paisr-v2", true}, {"stripe", true}, {"svix", true},
		    {"github", false}};

	sim_profile(&f, rows[_i].profile);
	start();
	ck_assert(request_wants_time(maker) == rows[_i].wants);
}
END_TEST

/* Goal: a secret that the scheme cannot read is refused, and the message does not show it. */
START_TEST(test_bad_secret)
{
	struct hp_err err;

	sim_profile(&f, "standard-webhooks");
	hp_secret_free(f.plan.endpoints[0].secret);
	f.plan.endpoints[0].secret = hp_secret_new(HP_LITERAL("whsec_not*base64"));
	content = content_new(&f.plan);
	maker = request_maker_new(&f.plan, content, 0, &err);
	ck_assert_ptr_null(maker);
	ck_assert_int_eq(err.code, HP_EUSAGE);
	ck_assert_ptr_nonnull(strstr(err.msg, "endpoint-0"));
	ck_assert_ptr_null(strstr(err.msg, "not*base64"));
}
END_TEST

/* Goal: rendering allocates nothing that stays, and is the same the thousandth time.
 * mallinfo2() counts what is in use; what libcrypto takes and gives back does not show. */
START_TEST(test_keeps_no_memory)
{
	size_t before, bytes;

	start();
	bytes = render(0);
	before = mallinfo2().uordblks;
	for (uint64_t k = 0; k < 1000; k++)
		ck_assert_uint_eq(render(k), bytes);
	ck_assert_uint_eq(mallinfo2().uordblks, before);
}
END_TEST

Suite *suite_request(void);

Suite *suite_request(void)
{
	Suite *suite = suite_create("request");
	TCase *tcase = tcase_create("request");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_bytes);
	tcase_add_loop_test(tcase, test_profiles, 0, (int)shipped_count());
	tcase_add_loop_test(tcase, test_digest, 0, 2);
	tcase_add_loop_test(tcase, test_wants_time, 0, 5);
	tcase_add_test(tcase, test_bad_secret);
	tcase_add_test(tcase, test_keeps_no_memory);
	suite_add_tcase(suite, tcase);
	return suite;
}
