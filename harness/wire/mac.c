/* The hash structs of libcrypto's older interface, since only they can be copied by value: EVP
 * allocates twice for each HMAC and takes half as long again. This file alone uses them. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "wire/mac.h"

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

union hash_state {
	MD5_CTX md5;
	SHA_CTX sha1;
	SHA256_CTX sha256;
	SHA512_CTX sha512;
};

_Static_assert(sizeof(union hash_state) <= MAC_STATE_WORDS * sizeof(uint64_t),
	       "struct mac holds every hash");

enum { BLOCK_BYTES_MAX = SHA512_CBLOCK };

struct hash {
	size_t digest_bytes, block_bytes, state_bytes;
	void (*begin)(void *state);
	void (*add)(void *state, const void *bytes, size_t count);
	void (*end)(void *state, uint8_t *digest);
};

#define HASHES(X) /* name, libcrypto's prefix, its struct, digest and block bytes (FIPS 180-4) */ \
	X(MAC_MD5, MD5, MD5_CTX, 16, 64)                                                          \
	X(MAC_SHA1, SHA1, SHA_CTX, 20, 64)                                                        \
	X(MAC_SHA224, SHA224, SHA256_CTX, 28, 64)                                                 \
	X(MAC_SHA256, SHA256, SHA256_CTX, 32, 64)                                                 \
	X(MAC_SHA384, SHA384, SHA512_CTX, 48, 128)                                                \
	X(MAC_SHA512, SHA512, SHA512_CTX, 64, 128)

#define X(name, prefix, type, digest, block)                                    \
	static void prefix##_begin(void *state)                                 \
	{                                                                       \
		prefix##_Init(state);                                           \
	}                                                                       \
	static void prefix##_add(void *state, const void *bytes, size_t count)  \
	{                                                                       \
		prefix##_Update(state, bytes, count);                           \
	}                                                                       \
	static void prefix##_end(void *state, uint8_t *out)                     \
	{                                                                       \
		prefix##_Final(out, state);                                     \
	}
HASHES(X)
#undef X

static const struct hash hashes[] = {
#define X(name, prefix, type, digest, block) \
	[name] = {digest, block, sizeof(type), prefix##_begin, prefix##_add, prefix##_end},
	HASHES(X)
#undef X
};

struct mac_key {
	const struct hash *hash;
	union hash_state inner, outer; /* after the block of the key xor ipad, xor opad */
};

/* The hash's state after one block of the key, padded with zeros and masked (RFC 2104 2). */
static void absorb_key(const struct hash *hash, const uint8_t *block, uint8_t mask, void *state)
{
	uint8_t masked[BLOCK_BYTES_MAX];

	for (size_t i = 0; i < hash->block_bytes; i++)
		masked[i] = block[i] ^ mask;
	hash->begin(state);
	hash->add(state, masked, hash->block_bytes);
	OPENSSL_cleanse(masked, sizeof(masked));
}

/* The key as one block: a longer one is hashed first. */
static void key_block(const struct hash *hash, struct hp_view secret, uint8_t *block)
{
	union hash_state state;

	memset(block, 0, BLOCK_BYTES_MAX);
	if (secret.bytes <= hash->block_bytes) {
		if (secret.bytes)
			memcpy(block, secret.at, secret.bytes);
		return;
	}
	hash->begin(&state);
	hash->add(&state, secret.at, secret.bytes);
	hash->end(&state, block);
	OPENSSL_cleanse(&state, sizeof(state));
}

struct mac_key *mac_key_new(enum mac_hash hash, struct hp_view secret)
{
	struct mac_key *key = hp_xcalloc(1, sizeof(*key));
	uint8_t block[BLOCK_BYTES_MAX];

	key->hash = &hashes[hash];
	key_block(key->hash, secret, block);
	absorb_key(key->hash, block, 0x36, &key->inner);
	absorb_key(key->hash, block, 0x5c, &key->outer);
	OPENSSL_cleanse(block, sizeof(block));
	return key;
}

void mac_key_free(struct mac_key *key)
{
	if (!key)
		return;
	OPENSSL_cleanse(key, sizeof(*key));
	free(key);
}

size_t mac_digest_bytes(const struct mac_key *key)
{
	return key->hash->digest_bytes;
}

void mac_begin(struct mac *mac, const struct mac_key *key)
{
	mac->key = key;
	memcpy(mac->state, &key->inner, key->hash->state_bytes);
}

void mac_add(struct mac *mac, struct hp_view bytes)
{
	if (bytes.bytes)
		mac->key->hash->add(mac->state, bytes.at, bytes.bytes);
}

void mac_end(struct mac *mac, uint8_t *out)
{
	const struct mac_key *key = mac->key;
	const struct hash *hash = key->hash;
	uint8_t digest[MAC_BYTES_MAX];

	hash->end(mac->state, digest);
	memcpy(mac->state, &key->outer, hash->state_bytes);
	hash->add(mac->state, digest, hash->digest_bytes);
	hash->end(mac->state, out);
	OPENSSL_cleanse(mac->state, hash->state_bytes);
}

size_t mac_plain(enum mac_hash hash, struct hp_view bytes, uint8_t *out)
{
	union hash_state state;

	hashes[hash].begin(&state);
	if (bytes.bytes)
		hashes[hash].add(&state, bytes.at, bytes.bytes);
	hashes[hash].end(&state, out);
	OPENSSL_cleanse(&state, sizeof(state));
	return hashes[hash].digest_bytes;
}

bool mac_equal(const void *a, const void *b, size_t count)
{
	return CRYPTO_memcmp(a, b, count) == 0;
}
