/* The strict reading of a signed request: each step fills in what it read, or says what is wrong.
 * The order of the steps is the order of the verdicts: form, time, id, and the signature last. */
#include <stdlib.h>

#include "wire/scheme_inside.h"

struct reading {
	const struct scheme *scheme;
	struct scheme_keys keys;
	const struct scheme_received *received;
	const struct scheme_family *family;
	struct hp_view value, timestamp, id; /* at NULL: not there */
	unsigned signature_count;
	struct hp_view signatures[SCHEME_SIGNATURES_MAX];
};

bool scheme_split_line(struct hp_view line, struct http1_header *out)
{
	const char *colon = line.bytes ? memchr(line.at, ':', line.bytes) : NULL;
	size_t name_bytes = colon ? (size_t)(colon - line.at) : 0;

	if (!name_bytes)
		return false;
	out->name = (struct hp_view){line.at, name_bytes};
	out->value = (struct hp_view){colon + 1, line.bytes - name_bytes - 1};
	out->value = hp_view_trim(out->value);
	return true;
}

/* Finds a header that must stand once. An absent one, or one without a name, leaves at == NULL. */
static enum scheme_verdict find_once(const struct scheme_received *received, const char *name,
				     struct hp_view *value)
{
	struct hp_view wanted = hp_view_of(name);

	*value = (struct hp_view){0};
	for (size_t i = 0; wanted.bytes && i < received->header_count; i++) {
		if (!hp_view_equal_nocase(received->headers[i].name, wanted))
			continue;
		if (value->at)
			return SCHEME_DOUBLED;
		*value = hp_view_trim(received->headers[i].value);
		if (!value->at)
			value->at = "";
	}
	return SCHEME_VALID;
}

static enum scheme_verdict find_signature(struct reading *reading)
{
	for (unsigned i = 0; i < reading->scheme->family_count; i++) {
		const struct scheme_family *family = &reading->scheme->families[i];

		if (find_once(reading->received, family->signature, &reading->value))
			return SCHEME_DOUBLED;
		reading->family = family;
		if (reading->value.at)
			return SCHEME_VALID;
	}
	return SCHEME_NO_SIGNATURE;
}

static enum scheme_verdict find_companions(struct reading *reading)
{
	const struct scheme *scheme = reading->scheme;

	if (scheme->content.has_timestamp && !*scheme->value.time_name &&
	    find_once(reading->received, reading->family->timestamp, &reading->timestamp))
		return SCHEME_DOUBLED;
	if (!scheme->content.has_id)
		return SCHEME_VALID;
	return find_once(reading->received, reading->family->id, &reading->id);
}

static enum scheme_verdict add_signature(struct reading *reading, struct hp_view text)
{
	if (reading->signature_count == SCHEME_SIGNATURES_MAX)
		return SCHEME_MALFORMED;
	reading->signatures[reading->signature_count++] = text;
	return SCHEME_VALID;
}

/* One entry of the value; what is neither the time nor a signature of this name is passed over. */
static enum scheme_verdict read_entry(struct reading *reading, struct hp_view entry, bool first)
{
	const struct scheme_value *value = &reading->scheme->value;
	bool bare = !first && *value->more && !value->more[1];

	if (*value->time_name && scheme_skip(&entry, hp_view_of(value->time_name))) {
		if (reading->timestamp.at)
			return SCHEME_DOUBLED;
		reading->timestamp = entry;
		return SCHEME_VALID;
	}
	if (bare || scheme_skip(&entry, hp_view_of(value->name)))
		return add_signature(reading, entry);
	return SCHEME_VALID;
}

/* Takes the entry up to the separator from the front of *rest; *last when none follows it. */
static struct hp_view take_entry(struct hp_view *rest, char separator, bool *last)
{
	const char *end =
		separator && rest->bytes ? memchr(rest->at, separator, rest->bytes) : NULL;
	struct hp_view entry = *rest;

	*last = !end;
	if (!end)
		return entry;
	entry.bytes = (size_t)(end - rest->at);
	rest->at = end + 1;
	rest->bytes -= entry.bytes + 1;
	return entry;
}

static enum scheme_verdict read_value(struct reading *reading)
{
	const struct scheme_value *value = &reading->scheme->value;
	struct hp_view rest = reading->value;
	enum scheme_verdict verdict = SCHEME_VALID;

	for (bool first = true, last = false; !last && !verdict; first = false) {
		struct hp_view entry = take_entry(&rest, value->separator, &last);

		verdict = read_entry(reading, entry, first);
	}
	if (!verdict && !reading->signature_count)
		return SCHEME_MALFORMED;
	return verdict;
}

/* Reads 1 to digits_max decimal digits into Unix seconds; a part of a second is dropped. */
static bool read_timestamp(struct hp_view text, enum scheme_unit unit, uint64_t *seconds)
{
	static const unsigned digits_max[] = {
#define X(name, word, digits) [name] = digits,
		SCHEME_UNITS(X)
#undef X
	};
	uint64_t number = 0;

	if (!text.bytes || text.bytes > digits_max[unit])
		return false;
	for (size_t i = 0; i < text.bytes; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(text.at[i] - '0');
	}
	*seconds = unit == SCHEME_MILLISECONDS ? number / 1000 : number;
	return true;
}

static enum scheme_verdict check_time(struct reading *reading)
{
	const struct scheme *scheme = reading->scheme;
	uint64_t sent_s, at_s = reading->received->at_s;

	if (!scheme->content.has_timestamp)
		return SCHEME_VALID;
	if (!reading->timestamp.at)
		return SCHEME_NO_TIMESTAMP;
	if (!read_timestamp(reading->timestamp, scheme->unit, &sent_s))
		return SCHEME_BAD_TIMESTAMP;
	if (at_s > sent_s && at_s - sent_s > scheme->past_s)
		return SCHEME_STALE;
	if (sent_s > at_s && sent_s - at_s > scheme->future_s)
		return SCHEME_FUTURE;
	return SCHEME_VALID;
}

static enum scheme_verdict check_id(struct reading *reading)
{
	const struct scheme_content *content = &reading->scheme->content;

	if (!content->has_id)
		return SCHEME_VALID;
	if (!reading->id.bytes)
		return SCHEME_NO_ID;
	if (content->after_id && memchr(reading->id.at, content->after_id, reading->id.bytes))
		return SCHEME_BAD_ID;
	return SCHEME_VALID;
}

static struct scheme_message message_of(const struct reading *reading)
{
	return (struct scheme_message){
		.body = reading->received->body,
		.url = reading->received->url,
		.id = reading->id,
		.timestamp = reading->timestamp,
	};
}

static bool match_mac(const struct reading *reading, const struct mac_key *key)
{
	const struct scheme_message message = message_of(reading);
	uint8_t digest[SCHEME_DIGEST_BYTES_MAX];
	char text[2 * SCHEME_DIGEST_BYTES_MAX];
	size_t count;

	count = scheme_mac(reading->scheme, key, &message, SCHEME_BODY_RAW, digest);
	count = encoding_write(reading->scheme->encoding, digest, count, text);
	for (unsigned i = 0; i < reading->signature_count; i++) {
		const struct hp_view *signature = &reading->signatures[i];

		if (signature->bytes == count && mac_equal(signature->at, text, count))
			return true;
	}
	return false;
}

static bool match_pair(const struct reading *reading, const struct scheme_key *key)
{
	const struct ed25519_key *verifier = key->verifier ? key->verifier : key->signer;
	const struct scheme_message message = message_of(reading);
	struct hp_view content;
	uint8_t bytes[ED25519_SIGNATURE_BYTES];
	bool match = false;
	char *gathered;

	gathered = scheme_gather(reading->scheme, &message, SCHEME_BODY_RAW, &content.bytes);
	content.at = gathered;
	for (unsigned i = 0; i < reading->signature_count && !match; i++) {
		ssize_t count = encoding_read(reading->scheme->encoding, reading->signatures[i],
					      bytes, sizeof(bytes));

		match = count == sizeof(bytes) && ed25519_verify(verifier, content, bytes);
	}
	free(gathered);
	return match;
}

/* True when one of the signatures could be a digest: the right length in the right spelling. */
static bool is_well_formed(const struct reading *reading)
{
	const struct mac_key *mac = reading->keys.at[0]->mac;
	ssize_t want = mac ? (ssize_t)mac_digest_bytes(mac) : ED25519_SIGNATURE_BYTES;
	uint8_t bytes[SCHEME_DIGEST_BYTES_MAX];

	for (unsigned i = 0; i < reading->signature_count; i++) {
		if (encoding_read(reading->scheme->encoding, reading->signatures[i], bytes,
				  sizeof(bytes)) == want)
			return true;
	}
	return false;
}

static enum scheme_verdict match_any(struct reading *reading)
{
	for (size_t i = 0; i < reading->keys.count; i++) {
		const struct scheme_key *key = reading->keys.at[i];

		if (key->mac ? match_mac(reading, key->mac) : match_pair(reading, key))
			return SCHEME_VALID;
	}
	return is_well_formed(reading) ? SCHEME_MISMATCH : SCHEME_MALFORMED;
}

enum scheme_verdict scheme_verify(const struct scheme *scheme, struct scheme_keys keys,
				  const struct scheme_received *received)
{
	static enum scheme_verdict (*const steps[])(struct reading *) = {
		find_signature, find_companions, read_value, check_time, check_id, match_any,
	};
	struct reading reading;
	enum scheme_verdict verdict = SCHEME_VALID;

	assert(keys.count >= 1 && keys.count <= SCHEME_KEYS_MAX);
	reading.scheme = scheme;
	reading.keys = keys;
	reading.received = received;
	reading.timestamp = reading.id = (struct hp_view){0};
	reading.signature_count = 0; /* the array is filled as far as this counts */
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !verdict; i++)
		verdict = steps[i](&reading);
	return verdict;
}
