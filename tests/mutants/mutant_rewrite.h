/* What a receiver hashes in place of the bytes that it got. The good one hashes those bytes. */
#ifndef HP_TESTS_MUTANTS_REWRITE_H
#define HP_TESTS_MUTANTS_REWRITE_H
#include "tests/mutants/mutant_bytes.h"

/* Adds to *out the body as this receiver hashes it. */
void rewrite_body(struct view body, struct bytes *out);

/* The same body without white space between its tokens. */
void rewrite_compact(struct view body, struct bytes *out);

/* The bytes as UTF-8 in which what is not became U+FFFD. */
void rewrite_utf8(struct view body, struct bytes *out);
#endif
