/* Views of bytes, and buffers that are born with their maximum. */
#ifndef HP_TESTS_MUTANTS_BYTES_H
#define HP_TESTS_MUTANTS_BYTES_H
#include <stdbool.h>
#include <stddef.h>

struct view {
	const char *at; /* borrowed; not terminated */
	size_t bytes;
};

struct bytes {
	char *at; /* NULL while empty */
	size_t bytes, room;
	size_t max; /* never holds more */
};

struct view view_of(const char *text); /* NULL gives the empty view */
bool view_is(struct view view, const char *text);
struct view view_trimmed(struct view view, const char *blanks);

/* False, and nothing added, when it would be more than the maximum. Memory that is not there ends
 * the process. */
bool bytes_add(struct bytes *to, const char *from, size_t bytes);
bool bytes_add_text(struct bytes *to, const char *text);
bool bytes_add_view(struct bytes *to, struct view view);

/* The bytes as text: a NUL stands behind them and does not count. */
const char *bytes_text(struct bytes *of);
struct view bytes_view(const struct bytes *of);
void bytes_free(struct bytes *of); /* empty again; the maximum stays */

/* Decodes %XX; what is no escape stays. */
void bytes_add_unescaped(struct bytes *to, struct view query);
#endif
