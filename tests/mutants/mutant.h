/* The receiver as it was started, shared by all threads; only the atomics change. */
#ifndef HP_TESTS_MUTANTS_MUTANT_H
#define HP_TESTS_MUTANTS_MUTANT_H
#include <stdatomic.h>
#include "tests/mutants/mutant_bytes.h"
#include "tests/mutants/mutant_profile.h"

struct store;

struct mutant {
	const struct mutant_profile *profile;
	struct bytes secret, old_secret, other_secret; /* as keys; empty: none */
	const char *secret_text;                       /* as the environment holds it */
	char url[256];                                 /* that was registered */
	struct store *store;
	long long tolerance_s;
	int listener;
	char **argv; /* with which it starts again */
	atomic_bool overlap_over;
	atomic_llong clock_shift_s;
};

/* Wall clock in Unix seconds, as this receiver has it. */
long long mutant_now_s(const struct mutant *mutant);

/* Begins again as a new process image: the port, the store and one connection stay, and on that
 * one the new image says 200. Returns only when that failed. */
void mutant_restart(const struct mutant *mutant, int answer_to);
#endif
