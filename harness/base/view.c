#include "base/view.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool hp_view_equal_nocase(struct hp_view a, struct hp_view b)
{
	if (a.bytes != b.bytes)
		return false;
	for (size_t i = 0; i < a.bytes; i++)
		if (lower(a.at[i]) != lower(b.at[i]))
			return false;
	return true;
}

static bool is_ows(char c)
{
	return c == ' ' || c == '\t';
}

struct hp_view hp_view_trim(struct hp_view view)
{
	while (view.bytes > 0 && is_ows(view.at[0])) {
		view.at++;
		view.bytes--;
	}
	while (view.bytes > 0 && is_ows(view.at[view.bytes - 1]))
		view.bytes--;
	return view;
}
