#include "tests/mutants/mutant_mac.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

static const EVP_MD *hash_of(enum mac_hash hash)
{
	if (hash == MAC_SHA1)
		return EVP_sha1();
	if (hash == MAC_SHA512)
		return EVP_sha512();
	return hash == MAC_MD5 ? EVP_md5() : EVP_sha256();
}

void mac_add_text(struct mac_input input, bool base64, struct bytes *out)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char text[2 * EVP_MAX_MD_SIZE];
	unsigned bytes = 0;

	if (!HMAC(hash_of(input.hash), input.key.at, (int)input.key.bytes,
		  (const unsigned char *)input.content.at, input.content.bytes, digest, &bytes))
		abort();
	if (base64) {
		bytes_add(out, (char *)text, (size_t)EVP_EncodeBlock(text, digest, (int)bytes));
		return;
	}
	for (unsigned i = 0; i < bytes; i++) {
		bytes_add(out, hex + (digest[i] >> 4), 1);
		bytes_add(out, hex + (digest[i] & 15), 1);
	}
}

void mac_add_decoded(struct view text, struct bytes *out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	unsigned pool = 0, bits = 0;

	for (size_t i = 0; i < text.bytes; i++) {
		const char *at = text.at[i] ? strchr(alphabet, text.at[i]) : NULL;
		char byte;

		if (!at)
			return;
		pool = (pool << 6 | (unsigned)(at - alphabet)) & 0xffff;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		byte = (char)(pool >> bits);
		bytes_add(out, &byte, 1);
	}
}
