#include "web/web_path.h"

static int digit_of(char c)
{
	switch (c) {
	case '0' ... '9':
		return c - '0';
	case 'a' ... 'f':
		return c - 'a' + 10;
	case 'A' ... 'F':
		return c - 'A' + 10;
	default:
		return -1;
	}
}

/* The byte of the escape at the view's beginning; 0: it is none. */
static char unescape(struct hp_view text)
{
	int high = text.bytes > 2 ? digit_of(text.at[1]) : -1;
	int low = text.bytes > 2 ? digit_of(text.at[2]) : -1;

	if (high < 0 || low < 0)
		return '\0';
	return (char)(high * 16 + low);
}

static bool decode(struct hp_view text, bool form, struct hp_buf *out)
{
	hp_buf_clear(out);
	for (size_t i = 0; i < text.bytes; i++) {
		char c = text.at[i];

		if (c == '+' && form)
			c = ' ';
		if (c == '%') {
			c = unescape((struct hp_view){text.at + i, text.bytes - i});
			i += 2;
		}
		if (c == '\0' || !hp_buf_add(out, (struct hp_view){&c, 1}))
			return false;
	}
	return true;
}

enum web_path_result web_path_match(const char *route, struct hp_view path, struct hp_buf *part)
{
	size_t before = strcspn(route, "*");
	struct hp_view tail, star;

	hp_buf_clear(part);
	if (route[before] == '\0')
		return hp_view_equal(path, hp_view_of(route)) ? WEB_PATH_YES : WEB_PATH_NO;
	tail = hp_view_of(route + before + 1);
	if (path.bytes <= before + tail.bytes || memcmp(path.at, route, before) != 0)
		return WEB_PATH_NO;
	star = (struct hp_view){path.at + before, path.bytes - before - tail.bytes};
	if (memcmp(star.at + star.bytes, tail.at, tail.bytes) != 0 ||
	    memchr(star.at, '/', star.bytes))
		return WEB_PATH_NO;
	return decode(star, false, part) ? WEB_PATH_YES : WEB_PATH_BAD;
}

enum web_path_result web_path_query(struct hp_view query, const char *name, struct hp_buf *value)
{
	size_t bytes = strlen(name);

	hp_buf_clear(value);
	while (query.bytes > 0) {
		const char *end = memchr(query.at, '&', query.bytes);
		size_t taken = end ? (size_t)(end - query.at) : query.bytes;

		if (taken > bytes && query.at[bytes] == '=' && memcmp(query.at, name, bytes) == 0)
			return decode((struct hp_view){query.at + bytes + 1, taken - bytes - 1},
				      true, value)
				       ? WEB_PATH_YES
				       : WEB_PATH_BAD;
		query.at += taken + (end != NULL);
		query.bytes -= taken + (end != NULL);
	}
	return WEB_PATH_NO;
}
