/* The one thing that is wrong with this receiver, or nothing. Chosen once, before threads start. */
#ifndef HP_TESTS_MUTANTS_DEFECTS_H
#define HP_TESTS_MUTANTS_DEFECTS_H
#include <stdbool.h>
#include <stdio.h>

enum defect {
	DEFECT_NONE,
#define X(name, ...) DEFECT_##name,
#include "tests/mutants/mutant_rows.h"
#undef X
	DEFECTS
};

/* False when no row has that slug; "none" is the good receiver. */
bool defect_choose(const char *slug);

bool defect_is(enum defect which);

/* The table for people, and the rows for scripts: slug, level, profile, needs, kills, also and
 * words, separated by tabs ("-" for an empty field). */
void defect_list(FILE *to);
void defect_rows(FILE *to);
#endif
