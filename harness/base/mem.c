#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

static void *or_end(void *memory, size_t count, size_t bytes)
{
	if (memory)
		return memory;
	fprintf(stderr, "error: out of memory: %zu x %zu bytes\n", count, bytes);
	exit(hp_err_exit(HP_EENV));
}

void *hp_xcalloc(size_t count, size_t bytes)
{
	return or_end(calloc(count ? count : 1, bytes ? bytes : 1), count, bytes);
}

void *hp_xaligned(size_t alignment, size_t bytes)
{
	return memset(or_end(aligned_alloc(alignment, bytes), 1, bytes), 0, bytes);
}

void *hp_xgrow(void *old, size_t count, size_t bytes)
{
	return or_end(reallocarray(old, count ? count : 1, bytes ? bytes : 1), count, bytes);
}

char *hp_xstrdup(const char *text)
{
	size_t bytes = strlen(text) + 1;

	return memcpy(hp_xcalloc(1, bytes), text, bytes);
}
