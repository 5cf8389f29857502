/* The receiver suite: runs the checks of a suite against one endpoint and says what each proved.
 * Order, control, sentinels and what a dead receiver means stand in README.md. Blocks; one thread.
 * Not here: one check (trial.h), forensics by hand (forensics.h), how results are shown (reports/).
 */
#ifndef HP_CERTIFY_CERTIFY_H
#define HP_CERTIFY_CERTIFY_H
#include "certify/command_line.h"
#include "certify/forge.h"
#include "certify/probe.h"
#include "engine/verdict.h"
#include "net/courier.h"

struct certify_config { /* borrowed until freed */
	struct forge_config forge; /* suite, profile, secrets, target */
	struct courier_config courier; /* address, TLS; its limits are filled in from the profile */
	struct probe *probe;       /* NULL: effects are not observed */
	/* By enum suite_command; NULL: none was given. In the clock's, {shift} is by how many
	 * seconds to move it from where it is, {offset} how far it then is from the true time. */
	struct command_line *commands[SUITE_COMMANDS];
	uint64_t timeout_ns;       /* of each delivery; 0: the profile's */
	uint64_t body_bytes_max;   /* that must be accepted; 0: the profile's */
	const char *const *only;   /* slugs or groups; none: all */
	size_t only_count;
	const char *const *skip;
	size_t skip_count;
	enum check_level level;    /* the least that is run: CHECK_INFO is all */

	/* What is going on, for a progress line; may be NULL. */
	void (*on_check)(void *arg, const char *id, size_t index, size_t count);
	void *arg;
};

struct certify;

/* Returns new, or NULL with *err: a secret that is no key, an unknown word in only or skip. */
struct certify *certify_new(const struct certify_config *config, struct hp_err *err)
	__attribute__((warn_unused_result));
void certify_free(struct certify *certify);

/* Ends the run after what is under way: from any thread and signal handler. */
void certify_stop(struct certify *certify);

struct certify_result {
	struct judgement judgement; /* findings in the order of the suite */
	struct check *checks;       /* owned: the findings point here; the profile's levels */
	bool interrupted, unreachable;
	char effects[VERDICT_REASON_BYTES]; /* how effects were observed, or that they were not */
	char clock[VERDICT_REASON_BYTES];   /* what its Date header says; "": nothing */
	uint64_t deliveries;        /* sent, sentinels too */
	uint64_t duration_ns;
};

/* Runs all and fills *out, which certify_result_fini() frees. */
void certify_run(struct certify *certify, struct certify_result *out);
void certify_result_fini(struct certify_result *result);
#endif
