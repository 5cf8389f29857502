/* Unicode normalisation of text in the scripts that payloads are written in: Latin, Greek, Cyrillic
 * and all else below U+3100, and Hangul. Code points beyond stay as they are, and so do bytes that
 * are no UTF-8.
 * Not here: compatibility forms, singletons (the Kelvin sign and the like). */
#ifndef HP_CERTIFY_NORMAL_H
#define HP_CERTIFY_NORMAL_H
#include "base/buf.h"

enum normal_form { NORMAL_NFC, NORMAL_NFD };

/* Appends the text in the form. False when that changes nothing, or does not fit. */
bool normal_write(struct hp_view text, enum normal_form form, struct hp_buf *out);
#endif
