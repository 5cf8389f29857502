/* JSON without the white space between its tokens, as Go's json.Compact leaves it: what convoy
 * signs. Bytes in, runs of the same bytes out; nothing is copied.
 * Not a JSON reader: what is no JSON passes through by the same rule. */
#ifndef HP_WIRE_COMPACT_H
#define HP_WIRE_COMPACT_H
#include "base/view.h"

/* Takes the next run from the front of *rest: the longest piece without white space outside of
 * strings. An empty run means that nothing is left. */
struct hp_view compact_next(struct hp_view *rest);
#endif
