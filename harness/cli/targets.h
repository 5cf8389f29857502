/* The endpoints of a plan that are no receivers of ours: found, and refused where they may not be
 * sent to, before anything runs. Not here: who that is (safety.h), receivers of ours (stage.c). */
#ifndef HP_CLI_TARGETS_H
#define HP_CLI_TARGETS_H
#include "cli/runner.h"

/* Resolves them in the plan. -1 with HP_EUSAGE (not to be sent to, or virtual time) or
 * HP_EUNREACHABLE (no address). Asks a resolver, which may take its time. */
int targets_resolve(struct plan *plan, const struct runner_request *request, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Tries them: HP_EUNREACHABLE when none takes a connection. An endpoint of ours counts as one that
 * does. Blocks. */
int targets_probe(const struct plan *plan, struct hp_err *err) __attribute__((warn_unused_result));
#endif
