/* Ed25519 signatures (RFC 8032) through libcrypto's EVP, which allocates inside.
 * Not here: how keys and signatures are spelled (scheme_key.c, encoding.h). */
#ifndef HP_WIRE_ED25519_H
#define HP_WIRE_ED25519_H
#include <stdint.h>

#include "base/view.h"

enum { ED25519_KEY_BYTES = 32, ED25519_SIGNATURE_BYTES = 64 }; /* RFC 8032 5.1.5, 5.1.6 */

/* One key: a private one signs and verifies, a public one verifies. Wiped when freed. */
struct ed25519_key;

/* Returns new, or NULL when libcrypto refuses. Borrows ED25519_KEY_BYTES for the call. */
struct ed25519_key *ed25519_key_private(const uint8_t *seed);
struct ed25519_key *ed25519_key_public(const uint8_t *point);
void ed25519_key_free(struct ed25519_key *key);

/* Writes the public half to out, which holds ED25519_KEY_BYTES. False when libcrypto refuses. */
bool ed25519_public_half(const struct ed25519_key *key, uint8_t *out);

/* Writes ED25519_SIGNATURE_BYTES to out. False for a public key. */
bool ed25519_sign(const struct ed25519_key *key, struct hp_view message, uint8_t *out);

/* True when the signature, ED25519_SIGNATURE_BYTES long, is the key's over the message. */
bool ed25519_verify(const struct ed25519_key *key, struct hp_view message,
		    const uint8_t *signature);
#endif
