#include "engine/content.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_scan.h"
#include "base/mem.h"
#include "engine/record.h"
#include "receivers/identity.h"
#include "scenarios/shipped.h"
#include "tests/lib/sim_fixture.h"

static struct sim f;
static struct content *content;
static char *out;

static void setup(void)
{
	sim_init(&f);
	f.plan.types[0] = (struct plan_type){"invoice.paid", "inv", 6};
	f.plan.types[1] = (struct plan_type){"customer.created", "cus", 3};
	f.plan.types[2] = (struct plan_type){"verification.status.changed", "ver", 1};
	f.plan.type_count = 3;
	out = hp_xcalloc(1, PLAN_BODY_BYTES_MAX + 1);
}

static void teardown(void)
{
	content_free(content);
	content = NULL;
	free(out);
	sim_fini(&f);
}

static void start(void)
{
	content_free(content);
	content = content_new(&f.plan);
}

static const uint64_t indexes[] = {0, 1, 9, 10, 99, 100, 4095, 123456789, CONTENT_EVENTS_MAX - 1};
enum { INDEX_COUNT = sizeof(indexes) / sizeof(indexes[0]) };

/* Goal: an id is "<prefix>_<tag><ten digits>", as long for every k, and k can be read back. */
START_TEST(test_ids)
{
	uint64_t k = indexes[_i];
	unsigned type;
	size_t bytes;
	char digits[CONTENT_INDEX_BYTES + 1];

	start();
	type = content_type_index(content, k);
	bytes = content_resource(content, k, out);
	ck_assert_uint_eq(bytes, 3 + 1 + CONTENT_TAG_BYTES + CONTENT_INDEX_BYTES);
	ck_assert_mem_eq(out, f.plan.types[type].prefix, 3);
	ck_assert_int_eq(out[3], '_');
	snprintf(digits, sizeof(digits), "%010llu", (unsigned long long)k);
	ck_assert_mem_eq(out + 4 + CONTENT_TAG_BYTES, digits, CONTENT_INDEX_BYTES);
	ck_assert_uint_eq(content_event_index(42, (struct hp_view){out, bytes}), k);
	bytes = content_message_id(content, k, out);
	ck_assert_mem_eq(out, "msg_", 4);
	ck_assert_uint_eq(content_event_index(42, (struct hp_view){out, bytes}), k);
}
END_TEST

/* Goal: ids of another run, and near misses of an own one, are nobody's event. */
START_TEST(test_foreign_ids)
{
	size_t bytes;

	start();
	bytes = content_resource(content, 7, out);
	for (uint64_t seed = 0; seed < 1000; seed++)
		if (seed != 42)
			ck_assert_uint_eq(content_event_index(seed, (struct hp_view){out, bytes}),
					  RECORD_NO_EVENT);
	for (size_t i = 0; i < bytes; i++)
		ck_assert_uint_eq(content_event_index(42, (struct hp_view){out, i}),
				  RECORD_NO_EVENT);
	ck_assert_uint_eq(content_event_index(42, (struct hp_view){NULL, 0}), RECORD_NO_EVENT);
	out[bytes] = '0'; /* one digit too many */
	ck_assert_uint_eq(content_event_index(42, (struct hp_view){out, bytes + 1}),
			  RECORD_NO_EVENT);
	out[bytes - 1] = 'x';
	ck_assert_uint_eq(content_event_index(42, (struct hp_view){out, bytes}), RECORD_NO_EVENT);
}
END_TEST

/* Goal: types come in the shares that their weights say. */
START_TEST(test_weights)
{
	enum { EVENTS = 100000 };
	unsigned counts[3] = {0};

	start();
	for (uint64_t k = 0; k < EVENTS; k++)
		counts[content_type_index(content, k)]++;
	for (unsigned i = 0; i < 3; i++) /* three sigma of the widest are 0.5 % */
		ck_assert_uint_le((unsigned)abs((int)(counts[i] * 10 / (EVENTS / 1000)) -
						(int)f.plan.types[i].weight * 1000), 50);
}
END_TEST

static void check_text(const char *pointer, struct hp_view body, struct hp_view wanted)
{
	struct hp_json_value value;
	char text[256];
	size_t bytes;

	ck_assert_int_eq(hp_json_find(body, pointer, &value), HP_JSON_FOUND);
	ck_assert(hp_json_text(&value, text, sizeof(text), &bytes));
	ck_assert(hp_view_equal((struct hp_view){text, bytes}, wanted));
}

static void check_json(struct hp_view body)
{
	struct hp_json_value value;

	ck_assert_int_eq(hp_json_find(body, "", &value), HP_JSON_FOUND);
	ck_assert_int_eq(value.kind, HP_JSON_OBJECT);
}

/* The event of a request with this body and id header, as a receiver reads it. */
static uint64_t event_read(const char *id, size_t id_bytes, struct hp_view body)
{
	static struct http1_head head;
	static struct identity identity;
	struct identity_source source = {.profile = &f.plan.profile, .seed = 42, .head = &head,
					 .body = body};

	head.header_count = 1;
	head.headers[0] = (struct http1_header){hp_view_of(f.plan.profile.id_header),
						{id, id_bytes}};
	identity_read(&identity, &source);
	return identity.event_index;
}

/* Goal: with every shipped profile a body is JSON, carries type and id where the profile says they
 * are, and a receiver reads k back from the delivery. */
START_TEST(test_profiles)
{
	const struct shipped *document = shipped_at((size_t)_i);
	char id[CONTENT_RESOURCE_BYTES_MAX];

	if (strcmp(document->kind, "profile") != 0)
		return;
	sim_profile(&f, document->name);
	start();
	for (uint64_t k = 0; k < 20; k++) {
		const struct profile *profile = &f.plan.profile;
		unsigned type = content_type_index(content, k);
		struct hp_view body = {out, content_body(content, k, type, out)};
		size_t id_bytes = content_message_id(content, k, id);

		check_json(body);
		ck_assert_uint_le(body.bytes, content_body_bytes_max(content));
		ck_assert_msg(event_read(id, id_bytes, body) == k, "%s", document->name);
		if (profile->type_pointer[0])
			check_text(profile->type_pointer, body,
				   hp_view_of(f.plan.types[type].name));
	}
}
END_TEST

static const uint64_t sizes[] = {128, 129, 1000, 4096, 65536, PLAN_BODY_BYTES_MAX};
enum { SIZE_COUNT = sizeof(sizes) / sizeof(sizes[0]) };

/* Goal: a larger body has exactly the size that was asked for, is JSON, keeps its identity, and
 * differs from event to event. */
START_TEST(test_sizes)
{
	uint64_t digests[2];

	f.plan.body_bytes = sizes[_i];
	start();
	ck_assert_uint_eq(content_body_bytes_max(content), sizes[_i]);
	for (uint64_t k = 0; k < 2; k++) {
		unsigned type = content_type_index(content, k);
		struct hp_view body = {out, content_body(content, k, type, out)};
		char id[CONTENT_RESOURCE_BYTES_MAX];
		size_t id_bytes = content_resource(content, k, id);

		ck_assert_uint_eq(body.bytes, sizes[_i]);
		check_json(body);
		check_text("/id", body, (struct hp_view){id, id_bytes});
		digests[k] = hp_digest(body);
	}
	ck_assert_uint_ne(digests[0], digests[1]);
}
END_TEST

/* Goal: a size below the thin body's, or just above, leaves good JSON of one size per type. */
START_TEST(test_small_sizes)
{
	unsigned type;
	size_t thin;

	f.plan.body_bytes = 0;
	start();
	type = content_type_index(content, 0);
	thin = content_body(content, 0, type, out);
	f.plan.body_bytes = thin - 10 + (uint64_t)_i;
	start();
	check_json((struct hp_view){out, content_body(content, 0, type, out)});
	ck_assert_uint_ge(content_body(content, 0, type, out), thin);
}
END_TEST

/* Goal: the bytes of event k are a function of seed and k: the same from another content, in
 * another order; others with another seed. */
START_TEST(test_function_of_seed_and_index)
{
	struct content *other;
	char bytes[1024], again[1024];
	struct plan plan;

	f.plan.body_bytes = 300;
	start();
	plan = f.plan;
	other = content_new(&plan);
	for (uint64_t k = 100; k-- > 0;) {
		unsigned type = content_type_index(content, k);

		ck_assert_uint_eq(content_type_index(other, k), type);
		ck_assert_uint_eq(content_body(content, k, type, bytes),
				  content_body(other, k, type, again));
		ck_assert_mem_eq(bytes, again, 300);
	}
	content_free(other);
	plan.seed++;
	other = content_new(&plan);
	content_body(content, 3, 0, bytes);
	content_body(other, 3, 0, again);
	ck_assert_mem_ne(bytes, again, 300);
	content_free(other);
}
END_TEST

Suite *suite_content(void);

Suite *suite_content(void)
{
	Suite *suite = suite_create("content");
	TCase *tcase = tcase_create("content");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_ids, 0, INDEX_COUNT);
	tcase_add_test(tcase, test_foreign_ids);
	tcase_add_test(tcase, test_weights);
	tcase_add_loop_test(tcase, test_profiles, 0, (int)shipped_count());
	tcase_add_loop_test(tcase, test_sizes, 0, SIZE_COUNT);
	tcase_add_loop_test(tcase, test_small_sizes, 0, 60);
	tcase_add_test(tcase, test_function_of_seed_and_index);
	suite_add_tcase(suite, tcase);
	return suite;
}
