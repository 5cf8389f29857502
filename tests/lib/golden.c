#include "tests/lib/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GOLDEN_BYTES_MAX = 256 * 1024 };

static bool keep(const char *path, const char *text, size_t bytes)
{
	FILE *file = fopen(path, "w");
	bool written;

	if (!file)
		return false;
	written = fwrite(text, 1, bytes, file) == bytes;
	return fclose(file) == 0 && written;
}

/* Bytes of the file; 0 when there is none. */
static size_t slurp(const char *path, char *out)
{
	FILE *file = fopen(path, "r");
	size_t bytes;

	if (!file)
		return 0;
	bytes = fread(out, 1, GOLDEN_BYTES_MAX, file);
	fclose(file);
	return bytes;
}

/* Both texts end in a NUL, which differs from every byte of the other. */
static void show_difference(const char *path, const char *wanted, const char *text)
{
	size_t at = 0, begin = 0;
	int line = 1;

	for (; text[at] && wanted[at] == text[at]; at++) {
		if (text[at] != '\n')
			continue;
		begin = at + 1;
		line++;
	}
	fprintf(stderr, "%s:%d: want \"%.*s\", got \"%.*s\"; GOLDEN=write keeps what it got\n",
		path, line, (int)strcspn(wanted + begin, "\n"), wanted + begin,
		(int)strcspn(text + begin, "\n"), text + begin);
}

bool golden_same(const char *name, const char *text)
{
	const char *wish = getenv("GOLDEN");
	char path[256];
	char *wanted;
	bool same;

	snprintf(path, sizeof(path), "tests/unit/golden/%s", name);
	if (wish && strcmp(wish, "write") == 0)
		return keep(path, text, strlen(text));
	wanted = calloc(1, GOLDEN_BYTES_MAX + 1);
	if (!wanted)
		return false;
	slurp(path, wanted);
	same = strcmp(wanted, text) == 0;
	if (!same)
		show_difference(path, wanted, text);
	free(wanted);
	return same;
}
