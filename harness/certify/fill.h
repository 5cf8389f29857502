/* Templates of suites: text in which slots like {signature} are filled in. What stands in braces
 * and is no slot stays as it is, so that JSON may be a template. Two slots are always there:
 * {byte:ff} is that byte, {filler:500} so many letters. */
#ifndef HP_CERTIFY_FILL_H
#define HP_CERTIFY_FILL_H
#include "base/buf.h"

struct fill_slot {
	const char *name; /* with its braces */
	struct hp_view value;
};

/* Appends the text with its slots filled. Borrows all for the call. What does not fit is left out,
 * and out is cut. */
void fill_template(struct hp_view text, const struct fill_slot slots[], size_t count,
		   struct hp_buf *out);
#endif
