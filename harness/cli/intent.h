/* The request to the runner, filled from the options that run, simulate, load and receive share.
 * Not here: what only one of them takes (cmd_*.c), and running (runner.h). */
#ifndef HP_CLI_INTENT_H
#define HP_CLI_INTENT_H
#include "base/json_write.h"
#include "cli/options.h"
#include "cli/runner.h"
#include "cli/secrets.h"

struct intent {
	struct runner_request runner; /* borrows from below, and from the options */
	struct secrets secrets;
	struct hp_buf repeat;
	struct hp_buf text; /* a document that is made from options */
	char *profile;      /* the path of --profile, absolute: see intent.c */
	uint64_t seed;
};

/* Fills *out from the options of that command, which it borrows; intent_fini() frees it. Reads no
 * secrets. On -1 nothing is left to free. */
int intent_init(struct intent *out, const char *command, const struct options *options,
		struct hp_err *err) __attribute__((warn_unused_result));
void intent_fini(struct intent *intent);

/* Writes `"secret_env": NAME` when the options name a variable; a secret from a file or as it
 * stands goes beside the document, never into it. HP_EUSAGE: more than one, or not to be had. */
int intent_write_secret(struct intent *intent, const struct options *options,
			struct hp_json_writer *writer, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Makes the written text the scenario; a NUL stands behind it. */
void intent_take_text(struct intent *intent);

/* Runs it. What the loader finds wrong in a document that was made from options is a matter of the
 * options: HP_EUSAGE without a place. Returns like runner_run(). */
int intent_run(struct intent *intent, struct hp_err *err) __attribute__((warn_unused_result));

/* Writes `key: text` when the option is given; the loader reads the text. */
void intent_write_given(struct hp_json_writer *writer, const char *key,
			const struct options *options, enum option_id id);
#endif
