#include "tests/mutants/mutant_bytes.h"
#include <stdlib.h>
#include <string.h>

struct view view_of(const char *text)
{
	return (struct view){.at = text ? text : "", .bytes = text ? strlen(text) : 0};
}

bool view_is(struct view view, const char *text)
{
	return view.bytes == strlen(text) && memcmp(view.at, text, view.bytes) == 0;
}

static bool is_blank(char byte, const char *blanks)
{
	return byte && strchr(blanks, byte);
}

struct view view_trimmed(struct view view, const char *blanks)
{
	while (view.bytes != 0 && is_blank(*view.at, blanks)) {
		view.at++;
		view.bytes--;
	}
	while (view.bytes != 0 && is_blank(view.at[view.bytes - 1], blanks))
		view.bytes--;
	return view;
}

/* Room for so many more and a NUL. */
static void make_room(struct bytes *to, size_t bytes)
{
	if (to->bytes + bytes < to->room)
		return;
	to->room = (to->bytes + bytes + 64) * 2;
	to->at = realloc(to->at, to->room);
	if (!to->at)
		abort();
}

bool bytes_add(struct bytes *to, const char *from, size_t bytes)
{
	if (bytes > to->max - to->bytes)
		return false;
	make_room(to, bytes);
	if (bytes != 0)
		memcpy(to->at + to->bytes, from, bytes);
	to->bytes += bytes;
	return true;
}

bool bytes_add_text(struct bytes *to, const char *text)
{
	return bytes_add(to, text, strlen(text));
}

bool bytes_add_view(struct bytes *to, struct view view)
{
	return bytes_add(to, view.at, view.bytes);
}

const char *bytes_text(struct bytes *of)
{
	make_room(of, 0);
	of->at[of->bytes] = '\0';
	return of->at;
}

struct view bytes_view(const struct bytes *of)
{
	return (struct view){.at = of->at ? of->at : "", .bytes = of->bytes};
}

void bytes_free(struct bytes *of)
{
	free(of->at);
	*of = (struct bytes){.max = of->max};
}

void bytes_add_unescaped(struct bytes *to, struct view query)
{
	for (size_t i = 0; i < query.bytes; i++) {
		char hex[3] = {0}, *end = hex, byte = query.at[i];

		if (byte == '%' && query.bytes - i > 2) {
			memcpy(hex, query.at + i + 1, 2);
			byte = (char)strtoul(hex, &end, 16);
		}
		if (end == hex + 2)
			i += 2;
		else
			byte = query.at[i];
		bytes_add(to, &byte, 1);
	}
}
