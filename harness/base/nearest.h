/* The nearest known name, for "did you mean". */
#ifndef HP_BASE_NEAREST_H
#define HP_BASE_NEAREST_H
#include "base/view.h"

enum { HP_NEAREST_BYTES_MAX = 64 }; /* longer words have no neighbour */

/* The name in a list that ends with NULL which differs least from word: at most a third of its
 * letters inserted, left out, changed or swapped with their neighbour (and always one). The first
 * of several; NULL when none is near. */
const char *hp_nearest(struct hp_view word, const char *const names[]);
#endif
