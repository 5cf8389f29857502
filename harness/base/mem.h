/* Memory that is there or ends the process (exit 4): our own structures only.
 * What a peer or a file says never decides a size here: see buf.h. */
#ifndef HP_BASE_MEM_H
#define HP_BASE_MEM_H
#include <stddef.h>

/* Returns new zeroed memory for count things of bytes each. Never NULL. */
void *hp_xcalloc(size_t count, size_t bytes) __attribute__((malloc, returns_nonnull));

/* Returns new zeroed memory at a multiple of `alignment`, a power of two, of which bytes is a
 * multiple. Freed by free(). */
void *hp_xaligned(size_t alignment, size_t bytes) __attribute__((malloc, returns_nonnull));

/* Returns memory of count things of bytes each that begins with what old held; takes old. */
void *hp_xgrow(void *old, size_t count, size_t bytes) __attribute__((returns_nonnull));

/* Returns a new copy of a C string. */
char *hp_xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
#endif
