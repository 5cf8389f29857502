#include "certify/forensics.h"

#include "certify/forensics_inside.h"

/* -- reading what arrived -- */

static struct hp_view find_header(const struct forensics_case *given, const char *name)
{
	for (size_t i = 0; *name && i < given->header_count; i++) {
		if (hp_view_equal_nocase(given->headers[i].name, hp_view_of(name)))
			return hp_view_trim(given->headers[i].value);
	}
	return (struct hp_view){0};
}

static const struct scheme_family *find_family(const struct forensics_case *given)
{
	const struct scheme *scheme = &given->profile->scheme;

	for (unsigned i = 0; i < scheme->family_count; i++) {
		if (find_header(given, scheme->families[i].signature).bytes)
			return &scheme->families[i];
	}
	return &scheme->families[0];
}

/* What stands behind a name in the value, up to the separator: "1700000000" of "t=1700000000,…". */
static struct hp_view find_part(struct hp_view value, const char *name, char separator)
{
	size_t bytes = strlen(name);

	while (bytes && value.bytes > bytes) {
		const char *end = memchr(value.at, separator, value.bytes);
		size_t entry = end ? (size_t)(end - value.at) : value.bytes;

		if (entry > bytes && !memcmp(value.at, name, bytes))
			return (struct hp_view){value.at + bytes, entry - bytes};
		entry += end != NULL;
		value.at += entry;
		value.bytes -= entry;
	}
	return (struct hp_view){0};
}

static bool ends_with(struct hp_view name, const char *end)
{
	size_t bytes = strlen(end);

	return name.bytes >= bytes &&
	       hp_view_equal_nocase((struct hp_view){name.at + name.bytes - bytes, bytes},
				    hp_view_of(end));
}

static struct hp_view find_ending(const struct forensics_case *given, const char *end)
{
	for (size_t i = 0; i < given->header_count; i++) {
		if (ends_with(given->headers[i].name, end))
			return hp_view_trim(given->headers[i].value);
	}
	return (struct hp_view){0};
}

/* The first of them that is not empty. */
static struct hp_view first_of(struct hp_view a, struct hp_view b)
{
	return a.bytes ? a : b;
}

static struct hp_view find_timestamp(const struct forensics_case *given,
				     const struct scheme_family *family)
{
	const struct scheme_value *value = &given->profile->scheme.value;
	struct hp_view found = find_part(given->signature, value->time_name, value->separator);

	found = first_of(found, find_header(given, family->timestamp));
	if (given->profile->scheme.content.has_timestamp)
		return found;
	found = first_of(found, find_ending(given, "timestamp"));
	return first_of(found, find_part(given->signature, "t=", ','));
}

bool forensics_read(struct forensics_case *given)
{
	const struct scheme_family *family = find_family(given);

	given->signature = first_of(given->signature, find_header(given, family->signature));
	given->timestamp = first_of(given->timestamp, find_timestamp(given, family));
	given->id = first_of(given->id, find_header(given, family->id));
	given->id = first_of(given->id, find_header(given, given->profile->id_header));
	if (!given->profile->scheme.content.has_id)
		given->id = first_of(given->id, find_ending(given, "-id"));
	return given->signature.bytes;
}

/* -- keys and digests -- */

bool forensics_key_init(struct forensics_key *key, const struct scheme *scheme,
			const struct recipe *recipe, struct hp_view bytes)
{
	enum mac_hash hash = MAC_SHA256;

	*key = (struct forensics_key){.bytes = bytes, .swaps = recipe && recipe->swaps};
	if (scheme->algorithm == SCHEME_ED25519 && !(recipe && recipe->public)) {
		if (bytes.bytes == ED25519_KEY_BYTES || bytes.bytes == 2 * ED25519_KEY_BYTES)
			key->signer = ed25519_key_private((const uint8_t *)bytes.at);
		return key->signer;
	}
	if (scheme->algorithm != SCHEME_ED25519)
		hash = scheme_hash(scheme->algorithm);
	key->mac = mac_key_new(hash, bytes);
	return true;
}

void forensics_key_fini(struct forensics_key *key)
{
	mac_key_free(key->mac);
	ed25519_key_free(key->signer);
	*key = (struct forensics_key){0};
}

static size_t hmac(const struct mac_key *key, struct hp_view message, uint8_t *out)
{
	struct mac mac;

	mac_begin(&mac, key);
	mac_add(&mac, message);
	mac_end(&mac, out);
	return mac_digest_bytes(key);
}

size_t forensics_digest(const struct forensics_key *key, const struct scheme *scheme,
			struct hp_view content, uint8_t *out)
{
	struct mac_key *swapped;
	size_t bytes;

	if (key->signer)
		return ed25519_sign(key->signer, content, out) ? ED25519_SIGNATURE_BYTES : 0;
	if (!key->swaps)
		return hmac(key->mac, content, out);
	swapped = mac_key_new(scheme_hash(scheme->algorithm), content);
	bytes = hmac(swapped, key->bytes, out);
	mac_key_free(swapped);
	return bytes;
}

struct recipe_parts forensics_parts(const struct forensics_case *given)
{
	return (struct recipe_parts){
		.body = given->body,
		.timestamp = given->timestamp,
		.id = given->id,
		.url = given->url,
	};
}

struct hp_view forensics_template(const struct scheme *scheme)
{
	return hp_view_of(scheme->content.text);
}

static bool has_slot(const struct scheme *scheme, enum scheme_slot slot)
{
	for (unsigned i = 0; i < scheme->content.piece_count; i++) {
		if (scheme->content.pieces[i].slot == slot)
			return true;
	}
	return false;
}

bool forensics_applies(const struct scheme *scheme, enum recipe_dimension dimension)
{
	switch (dimension) {
	case RECIPE_TIMESTAMP:
		return has_slot(scheme, SCHEME_TIMESTAMP);
	case RECIPE_ID:
		return has_slot(scheme, SCHEME_ID);
	case RECIPE_URL:
		return has_slot(scheme, SCHEME_URL);
	default:
		return true;
	}
}

void forensics_place(struct recipe_parts *parts, enum recipe_dimension dimension,
		     struct hp_view bytes)
{
	if (dimension == RECIPE_TIMESTAMP)
		parts->timestamp = bytes;
	else if (dimension == RECIPE_ID)
		parts->id = bytes;
	else if (dimension == RECIPE_URL)
		parts->url = bytes;
}
