#include "tests/lib/guard.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The mapping, from its start: one page that begins with its size, the bytes, the guard page. */
struct mapping {
	size_t bytes;
};

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static void end_if(int failed)
{
	if (!failed)
		return;
	perror("guard page");
	abort();
}

char *guard_copy(const void *bytes, size_t count)
{
	size_t page = page_bytes(), room = (count + page - 1) / page * page;
	struct mapping *map = mmap(NULL, page + room + page, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *guard;

	end_if(map == MAP_FAILED);
	map->bytes = page + room + page;
	guard = (char *)map + page + room;
	end_if(mprotect(guard, page, PROT_NONE));
	if (count)
		memcpy(guard - count, bytes, count);
	return guard - count;
}

/* The first page is found from the copy's address: it lies one page before the page of the copy. */
void guard_free(char *copy)
{
	size_t page = page_bytes();
	struct mapping *map;

	if (!copy)
		return;
	map = (struct mapping *)(((uintptr_t)copy & ~(uintptr_t)(page - 1)) - page);
	end_if(munmap(map, map->bytes));
}
