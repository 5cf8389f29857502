/* Documents that a user names: a path, or the name of one that is shipped with the program.
 * Not here: what they mean (scenarios/). */
#ifndef HP_CLI_DOCUMENT_H
#define HP_CLI_DOCUMENT_H
#include "base/buf.h"
#include "base/err.h"

enum { DOCUMENT_FOLDER_BYTES = 4096 };

struct document {
	struct hp_buf text; /* a NUL stands behind it */
	char folder[DOCUMENT_FOLDER_BYTES]; /* of the file; "" for a shipped one */
};

/* Reads the document. `kinds` are those of scenarios/shipped.h, ended with NULL, in the order in
 * which they are looked through. A name with a slash or ".json" is a path; another one is shipped,
 * or else a path. HP_EINPUT when it is neither, with the nearest shipped name.
 * Fills *out, which document_fini() frees; on -1 nothing is left to free. */
int document_read(struct document *out, const char *name, const char *const kinds[],
		  struct hp_err *err) __attribute__((warn_unused_result));
void document_fini(struct document *document);
#endif
