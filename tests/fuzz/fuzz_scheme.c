/* Signature headers and templates from outside. The first byte chooses what the rest is:
 * below 128 header lines for one of the schemes below, else a content and a value template. */
#include <stdio.h>

#include "wire/scheme.h"

enum { LINES_MAX = 24 };

static const struct shape {
	const char *content, *value;
} shapes[] = {
	{"{body}", "{signature}"},
	{"v0:{timestamp}:{body}", "v0={signature}"},
	{"{id}.{timestamp}.{body}", "{version},{signature}[ {version},{signature}]"},
	{"{body}", "v0={signature}[,{signature}]"},
	{"{timestamp}.{body}", "t={timestamp},v1={signature}[,v1={signature}]"},
	{"{timestamp}:{body}", "ts={timestamp};h1={signature}"},
};

static const struct scheme_message message = {
	.body = {"{\"id\": \"inv_1\"}", 15},
	.url = {"http://127.0.0.1/", 17},
	.id = {"msg_1", 5},
	.timestamp = {"1700000000", 10},
};

static void name_headers(struct scheme *scheme)
{
	static const struct scheme_family families[] = {{"S", "T", "I"}, {"s2", "t2", "i2"}};

	memcpy(scheme->families, families, sizeof(families));
	scheme->family_count = 2;
	scheme->past_s = scheme->future_s = 300;
}

static struct scheme_key *make_key(const struct scheme *scheme)
{
	struct hp_err err;

	return scheme_key_new(scheme, HP_LITERAL("secret"), &err);
}

static struct hp_view take_line(struct hp_view *rest)
{
	const char *end = rest->bytes ? memchr(rest->at, '\n', rest->bytes) : NULL;
	struct hp_view line = {rest->at, end ? (size_t)(end - rest->at) : rest->bytes};
	size_t taken = line.bytes + (end != NULL);

	rest->at += taken;
	rest->bytes -= taken;
	return line;
}

static size_t split_lines(struct hp_view text, struct http1_header *headers)
{
	size_t count = 0;

	while (text.bytes && count < LINES_MAX) {
		if (scheme_split_line(take_line(&text), &headers[count]))
			count++;
	}
	return count;
}

/* Whether the text holds the digest of the body. True of contents with a time or an id, whose
 * digest the text decides. */
static bool holds_digest(struct hp_view text, const struct scheme *scheme,
			 const struct scheme_key *const keys[])
{
	char out[SCHEME_LINES_BYTES_MAX];
	size_t bytes =
		scheme_sign(scheme, (struct scheme_keys){keys, 1}, &message, out, sizeof(out));

	if (scheme->content.has_timestamp || scheme->content.has_id)
		return true;
	return memmem(text.at, text.bytes, out + bytes - 66, 64);
}

/* Whatever the lines say, they are valid only with our digest in them. */
static void fuzz_lines(struct hp_view text, const struct shape *shape)
{
	struct scheme scheme;
	struct http1_header headers[LINES_MAX];
	struct scheme_received received = {.headers = headers, .at_s = 1700000000};
	const struct scheme_key *keys[1];
	struct scheme_key *key;
	struct hp_err err;
	enum scheme_verdict verdict;

	scheme_init(&scheme);
	name_headers(&scheme);
	assert(scheme_set_content(&scheme, hp_view_of(shape->content), &err) == 0);
	assert(scheme_set_value(&scheme, hp_view_of(shape->value), &err) == 0);
	keys[0] = key = make_key(&scheme);
	assert(key);
	received.body = message.body;
	received.header_count = split_lines(text, headers);
	verdict = scheme_verify(&scheme, (struct scheme_keys){keys, 1}, &received);
	assert(verdict < SCHEME_VERDICT_COUNT && *scheme_verdict_word(verdict));
	assert(verdict != SCHEME_VALID || holds_digest(text, &scheme, keys));
	scheme_key_free(key);
}

/* A template that is accepted must be readable: what it signs, it verifies. */
static void fuzz_template(struct hp_view text, uint8_t choice)
{
	static const enum scheme_algorithm algorithms[] = {SCHEME_HMAC_SHA256, SCHEME_HMAC_SHA512};
	struct http1_header headers[LINES_MAX];
	struct scheme_received received = {.headers = headers, .at_s = 1700000000};
	char out[SCHEME_LINES_BYTES_MAX];
	const struct scheme_key *keys[2];
	struct scheme scheme;
	struct hp_err err;
	size_t bytes;

	scheme_init(&scheme);
	name_headers(&scheme);
	scheme.encoding = choice & 1 ? ENCODING_BASE64 : ENCODING_HEX;
	if (scheme_set_algorithm(&scheme, algorithms[choice >> 1 & 1], &err) < 0 ||
	    scheme_set_content(&scheme, take_line(&text), &err) < 0 ||
	    scheme_set_value(&scheme, take_line(&text), &err) < 0 ||
	    scheme_check(&scheme, &err) < 0)
		return;
	if (scheme.content.after_id && strchr("msg_1", scheme.content.after_id))
		return; /* our id does not suit this content */
	struct scheme_key *key = make_key(&scheme);

	assert(key);
	keys[0] = keys[1] = key;
	bytes = scheme_sign(&scheme, (struct scheme_keys){keys, 2}, &message, out, sizeof(out));
	assert(bytes > 0);
	received.header_count = split_lines((struct hp_view){out, bytes - 2}, headers);
	for (size_t i = 0; i < received.header_count; i++) {
		struct hp_view *value = &headers[i].value;

		if (value->bytes && value->at[value->bytes - 1] == '\r')
			value->bytes--;
	}
	received.body = message.body;
	received.url = message.url;
	assert(scheme_verify(&scheme, (struct scheme_keys){keys, 1}, &received) == SCHEME_VALID);
	scheme_key_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hp_view rest = {(const char *)data + 1, size - 1};

	if (!size)
		return 0;
	if (data[0] & 0x80)
		fuzz_template(rest, data[0]);
	else
		fuzz_lines(rest, &shapes[data[0] % (sizeof(shapes) / sizeof(shapes[0]))]);
	return 0;
}
