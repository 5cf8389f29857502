/* HMACs and their spellings; the one place that knows libcrypto's hashes. */
#ifndef HP_TESTS_MUTANTS_MAC_H
#define HP_TESTS_MUTANTS_MAC_H
#include "tests/mutants/mutant_bytes.h"

enum mac_hash { MAC_SHA256, MAC_SHA1, MAC_SHA512, MAC_MD5 };

struct mac_input {
	enum mac_hash hash;
	struct view key, content;
};

/* Adds the HMAC in lower-case hex, or in padded base64. */
void mac_add_text(struct mac_input input, bool base64, struct bytes *out);

/* Adds what the text is in base64; characters that are none end it. */
void mac_add_decoded(struct view text, struct bytes *out);
#endif
