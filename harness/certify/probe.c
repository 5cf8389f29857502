#include "certify/probe.h"

#include <stdio.h>

#include "base/json_scan.h"

enum { DIGITS_MAX = 15 };

void probe_free(struct probe *probe)
{
	if (probe)
		probe->free(probe);
}

static bool parse_count(struct hp_view text, uint64_t *count)
{
	if (text.bytes == 0 || text.bytes > DIGITS_MAX)
		return false;
	*count = 0;
	for (size_t i = 0; i < text.bytes; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		*count = *count * 10 + (uint64_t)(text.at[i] - '0');
	}
	return true;
}

static struct hp_view trim(struct hp_view text)
{
	while (text.bytes && strchr(" \t\r\n", text.at[text.bytes - 1]))
		text.bytes--;
	while (text.bytes && strchr(" \t\r\n", text.at[0]))
		text = (struct hp_view){text.at + 1, text.bytes - 1};
	return text;
}

bool probe_count(struct hp_view answer, const char *pointer, uint64_t *count,
		 char why[PROBE_WHY_BYTES])
{
	struct hp_view text = trim(answer);
	struct hp_json_value value;

	if (!*pointer && parse_count(text, count))
		return true;
	if (hp_json_find(text, *pointer ? pointer : "/count", &value) == HP_JSON_FOUND &&
	    value.kind == HP_JSON_NUMBER && parse_count(value.raw, count))
		return true;
	snprintf(why, PROBE_WHY_BYTES, "the answer has no count%s%s: %.*s", *pointer ? " at " : "",
		 pointer, (int)(text.bytes < 60 ? text.bytes : 60), text.bytes ? text.at : "");
	return false;
}
