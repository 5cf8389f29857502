/* Golden files: what a printer wrote, compared with what is kept in tests/unit/golden/.
 * GOLDEN=write in the environment keeps the new text instead; then read the difference. */
#ifndef HP_TESTS_LIB_GOLDEN_H
#define HP_TESTS_LIB_GOLDEN_H
#include <stdbool.h>

/* Whether the file `name` holds this text; shows the first line that differs on stderr. The names
 * are relative to the top folder, where `make` runs the tests. */
bool golden_same(const char *name, const char *text);
#endif
