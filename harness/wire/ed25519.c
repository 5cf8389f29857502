#include "wire/ed25519.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/mem.h"

struct ed25519_key {
	EVP_PKEY *pkey;
	bool private;
};

static struct ed25519_key *key_new(EVP_PKEY *pkey, bool private)
{
	struct ed25519_key *key;

	if (!pkey) {
		ERR_clear_error();
		return NULL;
	}
	key = hp_xcalloc(1, sizeof(*key));
	key->pkey = pkey;
	key->private = private;
	return key;
}

struct ed25519_key *ed25519_key_private(const uint8_t *seed)
{
	return key_new(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
						    ED25519_KEY_BYTES), true);
}

struct ed25519_key *ed25519_key_public(const uint8_t *point)
{
	return key_new(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point,
						   ED25519_KEY_BYTES), false);
}

void ed25519_key_free(struct ed25519_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey); /* wipes the private half */
	free(key);
}

bool ed25519_public_half(const struct ed25519_key *key, uint8_t *out)
{
	size_t bytes = ED25519_KEY_BYTES;

	return EVP_PKEY_get_raw_public_key(key->pkey, out, &bytes) == 1;
}

static const unsigned char *bytes_of(struct hp_view view)
{
	return view.bytes ? (const unsigned char *)view.at : (const unsigned char *)"";
}

bool ed25519_sign(const struct ed25519_key *key, struct hp_view message, uint8_t *out)
{
	EVP_MD_CTX *ctx = key->private ? EVP_MD_CTX_new() : NULL;
	size_t bytes = ED25519_SIGNATURE_BYTES;
	bool done;

	if (!ctx)
		return false;
	done = EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
	       EVP_DigestSign(ctx, out, &bytes, bytes_of(message), message.bytes) == 1;
	EVP_MD_CTX_free(ctx);
	return done;
}

bool ed25519_verify(const struct ed25519_key *key, struct hp_view message,
		    const uint8_t *signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool valid;

	if (!ctx)
		return false;
	valid = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
		EVP_DigestVerify(ctx, signature, ED25519_SIGNATURE_BYTES, bytes_of(message),
				 message.bytes) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error(); /* a wrong signature is an answer; it leaves no error behind */
	return valid;
}
