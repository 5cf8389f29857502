/* The documents that travel inside the program: scenarios, profiles, suites, and the variants that
 * must fail. embed.sh puts them there at build time, byte for byte; the table is sorted by kind,
 * then name. Not here: documents on disk, and what the bytes mean (scenario.h, profile.h). */
#ifndef HP_SCENARIOS_SHIPPED_H
#define HP_SCENARIOS_SHIPPED_H
#include <stddef.h>

#include "base/view.h"

struct shipped {
	const char *kind;    /* "scenario", "profile", "must-fail", "suite" */
	const char *name;    /* of the file, without .json */
	struct hp_view text; /* lives as long as the program */
};

/* The document of that kind and name, or NULL. */
const struct shipped *shipped_find(const char *kind, const char *name);

/* All of them: index is less than shipped_count(). */
size_t shipped_count(void);
const struct shipped *shipped_at(size_t index);
#endif
