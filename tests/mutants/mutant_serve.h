/* One connection from its first request to its end: the hook, and what a test asks beside it. */
#ifndef HP_TESTS_MUTANTS_SERVE_H
#define HP_TESTS_MUTANTS_SERVE_H
#include "tests/mutants/mutant.h"

/* Takes fd. Blocks until the connection is over. */
void serve_connection(struct mutant *mutant, int fd);
#endif
