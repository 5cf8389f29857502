#include "tests/mutants/mutant_defects.h"
#include <string.h>

struct defect_row {
	const char *slug, *level, *profile, *needs, *kills, *also, *words;
};

static const struct defect_row rows[DEFECTS] = {
	[DEFECT_NONE] = {.slug = "none"},
#define X(name, s, l, p, n, k, a, w)                                                              \
	[DEFECT_##name] = {.slug = s, .level = #l, .profile = p, .needs = n, .kills = k,          \
			   .also = a, .words = w},
#include "tests/mutants/mutant_rows.h"
#undef X
};

static enum defect chosen = DEFECT_NONE;

bool defect_choose(const char *slug)
{
	for (unsigned i = 0; i < DEFECTS; i++)
		if (strcmp(rows[i].slug, slug) == 0) {
			chosen = (enum defect)i;
			return true;
		}
	return false;
}

bool defect_is(enum defect which)
{
	return chosen == which;
}

void defect_list(FILE *to)
{
	fprintf(to, "%-24s %-2s %-72s %s\n", "defect", "", "a receiver that", "is caught by");
	for (unsigned i = DEFECT_NONE + 1; i < DEFECTS; i++)
		fprintf(to, "%-24s %-2s %-72s %s\n", rows[i].slug,
			strcmp(rows[i].level, "SHOULD") == 0 ? "s" : "", rows[i].words,
			rows[i].kills);
}

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

void defect_rows(FILE *to)
{
	for (unsigned i = DEFECT_NONE + 1; i < DEFECTS; i++)
		fprintf(to, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", rows[i].slug, rows[i].level,
			rows[i].profile, or_dash(rows[i].needs), rows[i].kills,
			or_dash(rows[i].also), rows[i].words);
}
