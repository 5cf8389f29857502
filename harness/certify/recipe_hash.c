/* The wrong function over the right key and content. */
#include "certify/recipe_inside.h"

#define MAKE(name)                                                                                 \
	static bool make_##name(const struct recipe *recipe, const struct recipe_base *base,       \
				unsigned form, const struct recipe_input *input,                   \
				struct hp_buf *out)

struct digest {
	uint8_t at[MAC_BYTES_MAX];
	size_t bytes;
};

static struct hp_view view_of(const struct digest *digest)
{
	return (struct hp_view){(const char *)digest->at, digest->bytes};
}

static struct digest hmac(enum mac_hash hash, struct hp_view key, struct hp_view content)
{
	struct mac_key *made = mac_key_new(hash, key);
	struct digest digest = {.bytes = mac_digest_bytes(made)};
	struct mac mac;

	mac_begin(&mac, made);
	mac_add(&mac, content);
	mac_end(&mac, digest.at);
	mac_key_free(made);
	return digest;
}

static struct digest plain(enum mac_hash hash, struct hp_view content)
{
	struct digest digest;

	digest.bytes = mac_plain(hash, content, digest.at);
	return digest;
}

static bool put(const struct digest *digest, struct hp_buf *out)
{
	return hp_buf_add(out, view_of(digest));
}

/* The profile's own hash; its pair of keys leaves nothing here to do wrong. */
static bool own_hash(const struct recipe_base *base, enum mac_hash *hash)
{
	if (base->scheme->algorithm == SCHEME_ED25519)
		return false;
	*hash = scheme_hash(base->scheme->algorithm);
	return true;
}

MAKE(other) /* HMAC with the hash that the row's data names */
{
	const enum mac_hash *hash = recipe->data;
	enum mac_hash own;
	struct digest digest;

	(void)form;
	if (!own_hash(base, &own) || own == *hash)
		return false;
	digest = hmac(*hash, input->key, input->content);
	return put(&digest, out);
}

MAKE(plain)
{
	enum mac_hash own;
	struct digest digest;

	(void)recipe, (void)form;
	if (!own_hash(base, &own))
		return false;
	digest = plain(own, input->content);
	return put(&digest, out);
}

/* Hash of the two in a row, with what stands between. */
MAKE(joined)
{
	static const char *const between[] = {"", ".", ":", "\n"};
	const bool *secret_first = recipe->data;
	struct digest digest;
	enum mac_hash own;
	struct hp_buf row;

	if (!own_hash(base, &own))
		return false;
	hp_buf_init(&row, RECIPE_BYTES_MAX + FORENSICS_SECRET_BYTES_MAX);
	hp_buf_add(&row, *secret_first ? input->key : input->content);
	hp_buf_add_text(&row, between[form]);
	hp_buf_add(&row, *secret_first ? input->content : input->key);
	digest = plain(own, hp_buf_view(&row));
	explicit_bzero(row.at, row.bytes);
	hp_buf_fini(&row);
	return put(&digest, out);
}

MAKE(twice) /* hash, or HMAC, of the HMAC; of its bytes, or its hex text */
{
	char text[2 * MAC_BYTES_MAX];
	struct digest digest;
	struct hp_view inner;
	enum mac_hash own;

	(void)recipe;
	if (!own_hash(base, &own))
		return false;
	digest = hmac(own, input->key, input->content);
	inner = view_of(&digest);
	if (form & 1)
		inner = (struct hp_view){
			text, encoding_write(ENCODING_HEX, digest.at, digest.bytes, text)};
	digest = form < 2 ? plain(own, inner) : hmac(own, input->key, inner);
	return put(&digest, out);
}

MAKE(of_digest) /* HMAC of the content's hash: its bytes, hex, or base64 */
{
	char text[2 * MAC_BYTES_MAX];
	struct digest digest;
	struct hp_view inner;
	enum mac_hash own;

	(void)recipe;
	if (!own_hash(base, &own))
		return false;
	digest = plain(own, input->content);
	inner = view_of(&digest);
	if (form)
		inner = (struct hp_view){text,
					 encoding_write(form == 1 ? ENCODING_HEX : ENCODING_BASE64,
							digest.at, digest.bytes, text)};
	digest = hmac(own, input->key, inner);
	return put(&digest, out);
}

/* ISO 3309, as gzip and zlib have it (RFC 1952 8). */
static uint32_t crc32_of(struct hp_view bytes)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < bytes.bytes; i++) {
		crc ^= (unsigned char)bytes.at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
	}
	return ~crc;
}

MAKE(crc) /* big-endian, which is how its hex is printed */
{
	uint32_t crc = crc32_of(input->content);
	const unsigned char bytes[] = {(unsigned char)(crc >> 24), (unsigned char)(crc >> 16),
				       (unsigned char)(crc >> 8), (unsigned char)crc};

	(void)recipe, (void)base, (void)form;
	return hp_buf_add(out, (struct hp_view){(const char *)bytes, sizeof(bytes)});
}

static const enum mac_hash md5 = MAC_MD5, sha1 = MAC_SHA1, sha224 = MAC_SHA224, sha256 = MAC_SHA256,
			   sha384 = MAC_SHA384, sha512 = MAC_SHA512;
static const bool yes = true, no = false;

#define ROW(slug_, words_, forms_, function, ...)                                                  \
	{                                                                                          \
		.slug = slug_, .words = words_, .dimension = RECIPE_HASH, .forms = forms_,         \
		.make = make_##function, __VA_ARGS__                                               \
	}

static const struct recipe rows[] = {
	ROW("hash-sha1", "HMAC-SHA1, where the profile has another hash", 1, other, .data = &sha1),
	ROW("hash-md5", "HMAC-MD5, where the profile has another hash", 1, other, .data = &md5),
	ROW("hash-sha224", "HMAC-SHA224, where the profile has another hash", 1, other,
	    .data = &sha224),
	ROW("hash-sha256", "HMAC-SHA256, where the profile has another hash", 1, other,
	    .data = &sha256),
	ROW("hash-sha384", "HMAC-SHA384, where the profile has another hash", 1, other,
	    .data = &sha384),
	ROW("hash-sha512", "HMAC-SHA512, where the profile has another hash", 1, other,
	    .data = &sha512),
	ROW("hash-plain", "a plain hash of the content, without the secret", 1, plain),
	ROW("hash-secret-body", "a plain hash of secret and content in a row", 4, joined,
	    .data = &yes),
	ROW("hash-body-secret", "a plain hash of content and secret in a row", 4, joined,
	    .data = &no),
	ROW("hash-double", "a hash or HMAC of the HMAC", 4, twice),
	ROW("hash-of-digest", "the HMAC of the content's hash in place of the content", 3,
	    of_digest),
	ROW("hash-crc", "the content's CRC-32", 1, crc),
};

const struct recipe_table recipe_hashes = {rows, sizeof(rows) / sizeof(rows[0])};
