/* Profile documents: the rules of one sender as JSON, read into the engine's struct profile.
 * One table of keys drives the loader, --set, the printer and the list of what is known; README.md
 * in profiles/ shows a document. Not here: where documents come from (scenario.h). */
#ifndef HP_SCENARIOS_PROFILE_DOCUMENT_H
#define HP_SCENARIOS_PROFILE_DOCUMENT_H
#include "base/buf.h"
#include "engine/profile.h"

enum { PROFILE_DOCUMENT_BYTES_MAX = 256 * 1024 }; /* ours; the shipped ones have 2 KiB */

/* What holds where a document is silent: the switches that are the same for all senders. It is no
 * profile yet, for it has no name and no signature header. */
void profile_init(struct profile *profile);

/* Loads a document. Borrows json; `name` is what errors call it: the path. Refuses what it does not
 * know, with file:line:column and the nearest known key, and what does not fit together.
 * -1 with HP_EINPUT; *out is written only on 0. */
int profile_load(struct profile *out, struct hp_view json, const char *name, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Sets one value: "retry.base=200ms", "scheme.encoding=base64"; the group may be left out where
 * only one key ends so. A list is given with commas; "headers=Name: value" adds or replaces one.
 * -1 with HP_EUSAGE and the profile unchanged. Values are checked one by one: profile_check() says
 * whether they fit together. */
int profile_set(struct profile *profile, const char *assignment, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Whether the values fit together. -1 with HP_EUSAGE. */
int profile_check(const struct profile *profile, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Whether a value is read, printed and kept, and no run heeds it yet: its key by its whole path,
 * the value as text. */
bool profile_is_idle(struct hp_view path, struct hp_view value);

/* Appends a line for lint for each such value of a document: "file:line:column: key: …". Nothing
 * where the document is none. */
void profile_warn_idle(struct hp_view json, const char *name, struct hp_buf *warnings);
#define PROFILE_IDLE "no run heeds this value yet"

/* Appends every value as a document that profile_load() reads back into the same profile. */
void profile_print(const struct profile *profile, struct hp_buf *out);
#endif
