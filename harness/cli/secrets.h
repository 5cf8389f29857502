/* The secrets that the command line names: from the environment, a file, or as they stand.
 * None of them is ever printed or stored. */
#ifndef HP_CLI_SECRETS_H
#define HP_CLI_SECRETS_H
#include "base/secret.h"
#include "cli/options.h"
#include "wire/scheme.h"

struct secrets { /* in the order --secret-env, --secret-file, --secret, --public-key */
	struct hp_secret *at[SCHEME_KEYS_MAX]; /* owned */
	size_t count;
};

/* Reads them all; warns about --secret. HP_EUSAGE: a variable that is not set or empty, more than
 * SCHEME_KEYS_MAX; HP_EINPUT: a file that cannot be read. Nothing is left to free on -1. */
int secrets_read(struct secrets *out, const struct options *options, struct hp_err *err)
	__attribute__((warn_unused_result));

/* The same from the variables that one option names (--old-secret-env). None given is no error. */
int secrets_read_variables(struct secrets *out, const struct options *options, enum option_id id,
			   struct hp_err *err) __attribute__((warn_unused_result));
void secrets_fini(struct secrets *secrets);
#endif
