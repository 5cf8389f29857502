/* From the text of a secret to a key: one row per key format. */
#include <stdlib.h>

#include "base/mem.h"
#include "wire/scheme_inside.h"

/* The raw bytes of a key; wiped by raw_fini(). */
struct raw {
	uint8_t *at;
	ssize_t bytes; /* -1: the text is not in the key format */
};

static ssize_t read_text(struct hp_view text, uint8_t *out)
{
	memcpy(out, text.at, text.bytes);
	return (ssize_t)text.bytes;
}

static ssize_t read_hex(struct hp_view text, uint8_t *out)
{
	return encoding_read_hex_key(text, out, text.bytes);
}

static ssize_t read_base64(struct hp_view text, uint8_t *out)
{
	return encoding_read(ENCODING_BASE64, text, out, text.bytes);
}

/* Standard Webhooks 1.0.0 asks for 24 to 64 bytes; svix's own documentation signs with 18, so the
 * size is not held against a key. */
static ssize_t read_whsec(struct hp_view text, uint8_t *out)
{
	scheme_skip(&text, HP_LITERAL("whsec_"));
	return read_base64(text, out);
}

static ssize_t read_whsk(struct hp_view text, uint8_t *out)
{
	if (!scheme_skip(&text, HP_LITERAL("whpk_")))
		scheme_skip(&text, HP_LITERAL("whsk_"));
	return read_base64(text, out);
}

static const struct key_format {
	ssize_t (*read)(struct hp_view text, uint8_t *out); /* out holds text.bytes */
	const char *wanted;
} formats[] = {
	[SCHEME_KEY_TEXT] = {read_text, "text"},
	[SCHEME_KEY_HEX] = {read_hex, "an even number of hex digits"},
	[SCHEME_KEY_BASE64] = {read_base64, "padded base64 in the standard alphabet"},
	[SCHEME_KEY_WHSEC] = {read_whsec, "padded base64, whsec_ before it or not"},
	[SCHEME_KEY_WHSK] = {read_whsk, "whsk_ (or whpk_, to verify only) and padded base64"},
};

ssize_t scheme_key_bytes(enum scheme_key_format format, struct hp_view secret, uint8_t *out)
{
	return secret.bytes ? formats[format].read(secret, out) : -1;
}

static struct raw raw_read(const struct scheme *scheme, struct hp_view text)
{
	struct raw raw = {.at = hp_xcalloc(text.bytes + 1, 1)};

	raw.bytes = formats[scheme->key_format].read(text, raw.at);
	return raw;
}

static void raw_fini(struct raw *raw, struct hp_view text)
{
	explicit_bzero(raw->at, text.bytes);
	free(raw->at);
}

enum mac_hash scheme_hash(enum scheme_algorithm algorithm)
{
	static const enum mac_hash hashes[] = {
		[SCHEME_HMAC_MD5] = MAC_MD5,       [SCHEME_HMAC_SHA1] = MAC_SHA1,
		[SCHEME_HMAC_SHA256] = MAC_SHA256, [SCHEME_HMAC_SHA384] = MAC_SHA384,
		[SCHEME_HMAC_SHA512] = MAC_SHA512,
	};

	assert(algorithm != SCHEME_ED25519);
	return hashes[algorithm];
}

/* A private key: its seed, or its seed and its public half in a row. NULL when it is neither. */
static struct ed25519_key *private_key(const struct raw *raw)
{
	struct ed25519_key *key;
	uint8_t half[ED25519_KEY_BYTES];

	if (raw->bytes != ED25519_KEY_BYTES && raw->bytes != 2 * ED25519_KEY_BYTES)
		return NULL;
	key = ed25519_key_private(raw->at);
	if (!key || raw->bytes == ED25519_KEY_BYTES)
		return key;
	if (ed25519_public_half(key, half) &&
	    mac_equal(half, raw->at + ED25519_KEY_BYTES, sizeof(half)))
		return key;
	ed25519_key_free(key);
	return NULL;
}

static struct ed25519_key *public_key(const struct raw *raw)
{
	return raw->bytes == ED25519_KEY_BYTES ? ed25519_key_public(raw->at) : NULL;
}

static bool is_public(const struct scheme *scheme, struct hp_view text)
{
	return scheme->key_format == SCHEME_KEY_WHSK && scheme_skip(&text, HP_LITERAL("whpk_"));
}

/* Fills the key with what an ed25519 scheme needs. False when a text holds no such key. */
static bool read_pair(const struct scheme *scheme, struct hp_view secret, struct scheme_key *key)
{
	struct hp_view other = hp_view_of(scheme->public_key);
	struct raw raw = raw_read(scheme, secret);

	if (is_public(scheme, secret))
		key->verifier = public_key(&raw);
	else
		key->signer = private_key(&raw);
	raw_fini(&raw, secret);
	if (!key->verifier && !key->signer)
		return false;
	if (!other.bytes || key->verifier)
		return true;
	raw = raw_read(scheme, other);
	key->verifier = public_key(&raw);
	raw_fini(&raw, other);
	return key->verifier;
}

/* The same for an HMAC scheme. */
static bool read_mac(const struct scheme *scheme, struct hp_view secret, struct scheme_key *key)
{
	struct raw raw = raw_read(scheme, secret);

	if (raw.bytes > 0)
		key->mac = mac_key_new(scheme_hash(scheme->algorithm),
				       (struct hp_view){(char *)raw.at, (size_t)raw.bytes});
	raw_fini(&raw, secret);
	return key->mac;
}

struct scheme_key *scheme_key_new(const struct scheme *scheme, struct hp_view secret,
				  struct hp_err *err)
{
	struct scheme_key *key;
	bool done;

	if (scheme_check(scheme, err) < 0)
		return NULL;
	if (!secret.bytes) {
		hp_err_set(err, HP_EUSAGE, "the secret is empty");
		return NULL;
	}
	key = hp_xcalloc(1, sizeof(*key));
	done = scheme->algorithm == SCHEME_ED25519 ? read_pair(scheme, secret, key)
						   : read_mac(scheme, secret, key);
	if (done)
		return key;
	scheme_key_free(key);
	hp_err_set(err, HP_EUSAGE, "the secret is no key of this profile: want %s%s",
		   formats[scheme->key_format].wanted,
		   scheme->algorithm == SCHEME_ED25519 ? ", an ed25519 key" : "");
	return NULL;
}

void scheme_key_free(struct scheme_key *key)
{
	if (!key)
		return;
	mac_key_free(key->mac);
	ed25519_key_free(key->signer);
	ed25519_key_free(key->verifier);
	free(key);
}

bool scheme_key_signs(const struct scheme_key *key)
{
	return key->mac || key->signer;
}
