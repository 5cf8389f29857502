/* What sign and verify share: the profile, its keys and the body, as the command line names them.
 * Not here: signing itself (wire/scheme.h). */
#ifndef HP_CLI_SIGNING_H
#define HP_CLI_SIGNING_H
#include "base/buf.h"
#include "cli/options.h"
#include "engine/profile.h"

enum { SIGNING_BODY_BYTES_MAX = 64 * 1024 * 1024 }; /* ours; github sends up to 25 MB */

struct signing {
	struct profile profile;
	struct scheme_key *keys[SCHEME_KEYS_MAX]; /* owned */
	size_t key_count;                         /* at least 1 */
	struct hp_buf body;                       /* exactly as it was read */
};

/* Loads the profile of --profile, a shipped name or a path, and applies --set in order. */
int signing_load_profile(struct profile *out, const struct options *options, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Reads all of it. Returns new, or NULL with *err. */
struct signing *signing_new(const struct options *options, struct hp_err *err)
	__attribute__((warn_unused_result));
void signing_free(struct signing *signing);

/* The keys as scheme_sign() and scheme_verify() take them. */
struct scheme_keys signing_keys(const struct signing *signing);
#endif
