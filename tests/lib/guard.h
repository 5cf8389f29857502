/* Guard pages: a copy of test input that ends where memory ends, so that reading one byte too far
 * crashes instead of going unnoticed. One copy per call; the caller frees it. */
#ifndef HP_TESTS_LIB_GUARD_H
#define HP_TESTS_LIB_GUARD_H
#include <stddef.h>

/* Returns new: a writable copy of count bytes whose last byte stands before an unreadable page.
 * Zero bytes give an address that must not be read. Ends the process when memory is not there. */
char *guard_copy(const void *bytes, size_t count);

/* Takes a copy from guard_copy(); NULL is fine. */
void guard_free(char *copy);
#endif
