/* HMAC (RFC 2104) under a key that was prepared once: the states of both hashes after their keyed
 * block are copied by value, so that one MAC costs its hashing and allocates nothing. And the bare
 * hashes, which no scheme signs with but which forensics looks for.
 * Not here: key formats (scheme_key.c), how a digest is spelled (encoding.h). */
#ifndef HP_WIRE_MAC_H
#define HP_WIRE_MAC_H
#include <stdint.h>

#include "base/view.h"

enum mac_hash { MAC_MD5, MAC_SHA1, MAC_SHA224, MAC_SHA256, MAC_SHA384, MAC_SHA512 };

enum {
	MAC_BYTES_MAX = 64,   /* the longest digest, SHA-512's */
	MAC_STATE_WORDS = 27, /* of 64 bits: the largest hash state, SHA-512's 216 bytes */
};

/* A key made ready. Opaque; prints nowhere; wiped when freed. */
struct mac_key;

/* Returns new; keeps no copy of the secret itself. Any length, 0 too, is a key. */
struct mac_key *mac_key_new(enum mac_hash hash, struct hp_view secret);
void mac_key_free(struct mac_key *key);

/* The bytes of a digest: 16, 20, 28, 32, 48 or 64. */
size_t mac_digest_bytes(const struct mac_key *key);

/* A MAC in the making, in the caller's memory. mac_end() wipes it. */
struct mac {
	const struct mac_key *key; /* borrowed until mac_end() */
	uint64_t state[MAC_STATE_WORDS];
};

void mac_begin(struct mac *mac, const struct mac_key *key);
void mac_add(struct mac *mac, struct hp_view bytes);

/* Writes mac_digest_bytes() to out, which holds MAC_BYTES_MAX. */
void mac_end(struct mac *mac, uint8_t *out);

/* Writes the hash of the bytes, without a key, to out, which holds MAC_BYTES_MAX. Returns the bytes
 * of the digest. */
size_t mac_plain(enum mac_hash hash, struct hp_view bytes, uint8_t *out);

/* Compares in a time that depends on count alone. */
bool mac_equal(const void *a, const void *b, size_t count);
#endif
