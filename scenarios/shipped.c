#include "scenarios/shipped.h"

#include "base/err.h"

/* Made by embed.sh, which writes the four members as machine words. */
extern const struct shipped shipped_table[];
extern const size_t shipped_table_count;

_Static_assert(sizeof(struct shipped) == 4 * sizeof(void *), "a row is four words");
_Static_assert(sizeof(void *) == 8, "embed.sh writes words of 8 bytes");

size_t shipped_count(void)
{
	return shipped_table_count;
}

const struct shipped *shipped_at(size_t index)
{
	assert(index < shipped_table_count);
	return &shipped_table[index];
}

const struct shipped *shipped_find(const char *kind, const char *name)
{
	for (size_t i = 0; i < shipped_table_count; i++) {
		const struct shipped *row = &shipped_table[i];

		if (strcmp(row->kind, kind) == 0 && strcmp(row->name, name) == 0)
			return row;
	}
	return NULL;
}
