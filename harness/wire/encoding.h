/* How digests and keys are spelled: hex and base64 (RFC 4648), written fast, read strictly.
 * Strictly: exactly one text stands for given bytes, so that no second spelling is accepted. */
#ifndef HP_WIRE_ENCODING_H
#define HP_WIRE_ENCODING_H
#include <stdint.h>
#include <sys/types.h>

#include "base/view.h"

#define ENCODINGS(X) /* name, word in profiles */ \
	X(ENCODING_HEX, "hex")                    \
	X(ENCODING_BASE64, "base64")

enum encoding {
#define X(name, word) name,
	ENCODINGS(X)
#undef X
};

/* The characters that count bytes take. */
size_t encoding_chars(enum encoding encoding, size_t count);

/* Writes count bytes to out, which holds encoding_chars(); no NUL. Returns the characters. */
size_t encoding_write(enum encoding encoding, const uint8_t *bytes, size_t count, char *out);

/* Reads the one spelling: hex in lower case; base64 in the standard alphabet, padded, unused bits
 * zero. Returns the bytes written to out; -1 for any other text and for more than out_bytes_max. */
ssize_t encoding_read(enum encoding encoding, struct hp_view text, uint8_t *out,
		      size_t out_bytes_max);

/* The same for a key in hex, which people also write in upper case. */
ssize_t encoding_read_hex_key(struct hp_view text, uint8_t *out, size_t out_bytes_max);
#endif
