/* A view: bytes that somebody else owns, borrowed for as long as the comment at the use says.
 * Bodies, header values and secrets are byte strings: a view may hold any byte, NUL too.
 * Not here: bytes that grow (buf.h). */
#ifndef HP_BASE_VIEW_H
#define HP_BASE_VIEW_H
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct hp_view {
	const char *at; /* may be NULL when bytes is 0 */
	size_t bytes;
};

/* A view of a string literal, without its NUL. */
#define HP_LITERAL(text) ((struct hp_view){(text), sizeof(text) - 1})

/* A view of a C string, without its NUL. Borrows text. */
static inline struct hp_view hp_view_of(const char *text)
{
	return (struct hp_view){text, strlen(text)};
}

static inline bool hp_view_equal(struct hp_view a, struct hp_view b)
{
	return a.bytes == b.bytes && (a.bytes == 0 || memcmp(a.at, b.at, a.bytes) == 0);
}

/* Equality of ASCII letters without case, as header names need it (RFC 9110 5.1). */
bool hp_view_equal_nocase(struct hp_view a, struct hp_view b);

/* The view without leading and trailing spaces and tabs (RFC 9110 5.5, OWS). */
struct hp_view hp_view_trim(struct hp_view view);
#endif
