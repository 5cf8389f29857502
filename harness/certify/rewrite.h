/* Bodies as careless software rewrites them, without reading them as documents: trimmed, decoded
 * and encoded again, cut, wrapped. Each function appends one form of the body to out, forms from 0
 * on; false: the form does not apply to this body. Borrows the body for the call. Bodies are
 * strangers' bytes: any bytes do, and out has its maximum. Not here: JSON that is parsed and
 * printed again (json_tree.h). */
#ifndef HP_CERTIFY_REWRITE_H
#define HP_CERTIFY_REWRITE_H
#include "base/buf.h"

#define REWRITES(X) /* name, forms: which they are stands at the function */                       \
	X(trimmed, 3)                                                                              \
	X(extra_lf, 2)                                                                             \
	X(crlf_to_lf, 1)                                                                           \
	X(lf_to_crlf, 1)                                                                           \
	X(slash_escaped, 2)                                                                        \
	X(ascii_escaped, 2)                                                                        \
	X(unescaped, 3)                                                                            \
	X(html_escaped, 4)                                                                         \
	X(latin1, 1)                                                                               \
	X(ascii, 3)                                                                                \
	X(utf16, 4)                                                                                \
	X(ufffd, 2)                                                                                \
	X(bom_stripped, 1)                                                                         \
	X(bom_added, 1)                                                                            \
	X(normalised, 2)                                                                           \
	X(nul_cut, 1)                                                                              \
	X(empty, 1)                                                                                \
	X(object_text, 4)                                                                          \
	X(json_string, 2)                                                                          \
	X(base64, 1)                                                                               \
	X(form_encoded, 4)                                                                         \
	X(form_decoded, 3)                                                                         \
	X(truncated, 7)                                                                            \
	X(chunk_framing, 3)                                                                        \
	X(compressed, 1)                                                                           \
	X(twice, 1)

#define X(name, forms) bool rewrite_##name(struct hp_view body, unsigned form, struct hp_buf *out);
REWRITES(X)
#undef X

enum { /* how many forms each has */
#define X(name, forms) REWRITE_FORMS_##name = forms,
       REWRITES(X)
#undef X
};
#endif
