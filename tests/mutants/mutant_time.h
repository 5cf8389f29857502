/* Whether a signed time is a time, and fresh. */
#ifndef HP_TESTS_MUTANTS_TIME_H
#define HP_TESTS_MUTANTS_TIME_H
#include "tests/mutants/mutant.h"

/* text.at is NULL when there is none. */
bool time_is_fresh(const struct mutant *mutant, struct view text);

/* The seconds as digits in the caller's buffer. */
struct view time_text(long long seconds, char buffer[24]);
#endif
