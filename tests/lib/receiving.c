/* Fixture of receiver tests: see receiving.h. */
#include "tests/lib/receiving.h"

#include <check.h>
#include <stdio.h>

#include "tests/lib/behaving.h"

static void put(struct history *history, const struct record *record)
{
	struct receiving *r = (struct receiving *)history;

	ck_assert_uint_lt(r->record_count, RECEIVING_RECORDS_MAX);
	r->records[r->record_count++] = *record;
}

static void set_text(char *out, size_t out_bytes, const char *text)
{
	snprintf(out, out_bytes, "%s", text);
}

void receiving_init(struct receiving *r)
{
	struct hp_err err;

	memset(r, 0, sizeof(*r));
	r->history.put = put;
	scheme_init(&r->profile.scheme);
	set_text(r->profile.scheme.families[0].signature, SCHEME_NAME_BYTES, "X-Paisr-Signature");
	r->profile.scheme.family_count = 1;
	set_text(r->profile.id_pointer, sizeof(r->profile.id_pointer), "/id");
	set_text(r->profile.type_pointer, sizeof(r->profile.type_pointer), "/event");
	receiver_config_init(&r->config);
	set_text(r->config.name, sizeof(r->config.name), "billing");
	set_text(r->config.path, sizeof(r->config.path), "/hooks");
	r->config.profile = &r->profile;
	r->config.seed = 42;
	r->secret = hp_secret_new(HP_LITERAL("ey7bTCm6tur63CR6mzbuq23r"));
	r->config.secrets[0] = r->secret;
	r->config.secret_count = 1;
	r->key = scheme_key_new(&r->profile.scheme, hp_secret_view(r->secret), &err);
	ck_assert_msg(r->key != NULL, "%s", err.msg);
}

void receiving_start(struct receiving *r)
{
	struct hp_err err;

	r->receiver = receiver_new(&r->config, &r->history, &err);
	ck_assert_msg(r->receiver != NULL, "%s", err.msg);
}

void receiving_fini(struct receiving *r)
{
	receiver_free(r->receiver);
	scheme_key_free(r->key);
	hp_secret_free(r->secret);
}

struct behaviour *receiving_behave(struct receiving *r, const char *slug)
{
	unsigned index = r->config.behaviour_count++;

	ck_assert_uint_lt(index, RECEIVER_BEHAVIOURS_MAX);
	behave(&r->config.behaviours[index], &r->faults[index], slug);
	return &r->config.behaviours[index];
}

const char *receiving_body(int number, char *out)
{
	snprintf(out, RECEIVING_TEXT_BYTES, "{\"id\":\"inv_%d\",\"event\":\"invoice.paid\"}",
		 number);
	return out;
}

const char *receiving_request(const struct receiving *r, const char *body, const char *extra,
			      char *out)
{
	const struct scheme_key *keys[] = {r->key};
	const struct scheme_message message = {.body = hp_view_of(body)};
	char lines[SCHEME_LINES_BYTES_MAX + 1];
	size_t bytes = scheme_sign(&r->profile.scheme, (struct scheme_keys){keys, 1}, &message,
				   lines, SCHEME_LINES_BYTES_MAX);

	ck_assert_uint_gt(bytes, 0);
	lines[bytes] = '\0';
	int count = snprintf(out, RECEIVING_TEXT_BYTES,
			     "POST /hooks HTTP/1.1\r\nHost: a\r\n%s%sContent-Length: %zu\r\n\r\n%s",
			     lines, extra, strlen(body), body);
	ck_assert_int_lt(count, RECEIVING_TEXT_BYTES);
	return out;
}

size_t receiving_receipts(const struct receiving *r)
{
	size_t count = 0;

	for (size_t i = 0; i < r->record_count; i++)
		count += r->records[i].kind == RECORD_RECEIPT;
	return count;
}

const struct record_receipt *receiving_receipt(const struct receiving *r, size_t index)
{
	for (size_t i = 0; i < r->record_count; i++)
		if (r->records[i].kind == RECORD_RECEIPT && index-- == 0)
			return &r->records[i].receipt;
	ck_abort_msg("no such receipt");
	return NULL;
}
