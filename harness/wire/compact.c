#include "wire/compact.h"

static bool is_white(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r'; /* RFC 8259 2 */
}

/* The end of the string that begins at index start, or the end of the text. */
static size_t string_end(struct hp_view text, size_t start)
{
	for (size_t i = start + 1; i < text.bytes; i++) {
		if (text.at[i] == '\\')
			i++;
		else if (text.at[i] == '"')
			return i + 1;
	}
	return text.bytes;
}

struct hp_view compact_next(struct hp_view *rest)
{
	struct hp_view run;
	size_t start = 0, end;

	if (!rest->bytes)
		return *rest;
	while (start < rest->bytes && is_white(rest->at[start]))
		start++;
	/* A run begins outside of strings, since only white space there ends one. */
	for (end = start; end < rest->bytes && !is_white(rest->at[end]);)
		end = rest->at[end] == '"' ? string_end(*rest, end) : end + 1;
	run = (struct hp_view){rest->at + start, end - start};
	*rest = (struct hp_view){rest->at + end, rest->bytes - end};
	return run;
}
