/* A behaviour with its defaults, for tests that set up receivers by hand. */
#ifndef HP_TESTS_LIB_BEHAVING_H
#define HP_TESTS_LIB_BEHAVING_H
#include "receivers/behaviour.h"

/* Fills out with the row of that slug; of a guard also `fault`, which it then borrows. Fails the
 * test when there is no such row. */
void behave(struct behaviour *out, struct behaviour_part *fault, const char *slug);

/* Gives a parameter of a part its value, or its text. Fails the test when it has none of that
 * name. */
void behave_set(struct behaviour_part *part, const char *name, uint64_t value);
void behave_say(struct behaviour_part *part, const char *name, const char *text);
#endif
