/* gzip (RFC 1952) undone, for captured bodies that are compressed: small, not fast. The bytes are a
 * stranger's; out's maximum bounds what a bomb can do.
 * Not here: compressing. */
#ifndef HP_CERTIFY_INFLATE_H
#define HP_CERTIFY_INFLATE_H
#include "base/buf.h"

/* Appends the first member of a gzip file, decoded. False when the text is none, or does not fit;
 * what out holds then means nothing. The checksum is not looked at. */
bool inflate_gzip(struct hp_view text, struct hp_buf *out);
#endif
