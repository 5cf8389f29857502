#include "base/nearest.h"

#include "base/err.h"
#include "base/span.h"

/* Optimal string alignment: Levenshtein's distance with swaps of neighbours. Three rows of its
 * table are kept; row i holds the distances from a's first i letters to each beginning of b. */
static size_t distance(struct hp_view a, struct hp_view b)
{
	size_t rows[3][HP_NEAREST_BYTES_MAX + 1];

	assert(a.bytes <= HP_NEAREST_BYTES_MAX && b.bytes <= HP_NEAREST_BYTES_MAX);
	for (size_t k = 0; k <= b.bytes; k++)
		rows[0][k] = k;
	for (size_t i = 1; i <= a.bytes; i++) {
		size_t *row = rows[i % 3], *last = rows[(i + 2) % 3], *older = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t k = 1; k <= b.bytes; k++) {
			size_t changed = last[k - 1] + (a.at[i - 1] != b.at[k - 1]);

			row[k] = hp_min(changed, hp_min(last[k], row[k - 1]) + 1);
			if (i > 1 && k > 1 && a.at[i - 1] == b.at[k - 2] &&
			    a.at[i - 2] == b.at[k - 1])
				row[k] = hp_min(row[k], older[k - 2] + 1);
		}
	}
	return rows[a.bytes % 3][b.bytes];
}

const char *hp_nearest(struct hp_view word, const char *const names[])
{
	const char *nearest = NULL;
	size_t bound = word.bytes / 3 > 1 ? word.bytes / 3 : 1;

	if (word.bytes > HP_NEAREST_BYTES_MAX)
		return NULL;
	for (; *names; names++) {
		struct hp_view name = hp_view_of(*names);
		size_t edits;

		if (name.bytes > HP_NEAREST_BYTES_MAX)
			continue;
		edits = distance(word, name);
		if (edits > bound || edits >= name.bytes)
			continue;
		nearest = *names;
		bound = edits ? edits - 1 : 0;
		if (edits == 0)
			break;
	}
	return nearest;
}
