/* UTF-8 (RFC 3629): how many bytes a code point takes, in both directions.
 * Allocates nothing. Not here: what a string in JSON or XML may hold. */
#ifndef HP_BASE_UTF8_H
#define HP_BASE_UTF8_H
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

enum { HP_UTF8_BYTES_MAX = 4 }; /* RFC 3629 3 */

/* Bytes of the well-formed sequence that text begins with: 1 to 4. 0 when it is empty or begins
 * with something else: a stray or missing continuation, an overlong form, a surrogate, a code
 * point beyond U+10FFFF. */
size_t hp_utf8_bytes(struct hp_view text);

/* Writes a code point (not a surrogate, at most U+10FFFF); returns its bytes, 1 to 4. */
size_t hp_utf8_put(uint32_t code_point, char out[HP_UTF8_BYTES_MAX]);
#endif
