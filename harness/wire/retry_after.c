#include "wire/retry_after.h"

#include <time.h>

enum { DIGITS_MAX = 18, DATE_BYTES = 29 }; /* "Sun, 06 Nov 1994 08:49:37 GMT" */

static bool parse_seconds(struct hp_view value, uint64_t *seconds)
{
	uint64_t number = 0;

	for (size_t i = 0; i < value.bytes; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			return false;
		if (i < DIGITS_MAX)
			number = number * 10 + (uint64_t)(value.at[i] - '0');
		else
			number = RETRY_AFTER_SECONDS_MAX;
	}
	*seconds = number < RETRY_AFTER_SECONDS_MAX ? number : RETRY_AFTER_SECONDS_MAX;
	return value.bytes > 0;
}

/* The one date form that senders may write (RFC 9110 5.6.7, IMF-fixdate). */
static bool parse_date(struct hp_view value, uint64_t now_s, uint64_t *seconds)
{
	char text[DATE_BYTES + 1];
	struct tm date = {.tm_isdst = 0};
	const char *end;
	time_t at_s;

	if (value.bytes != DATE_BYTES)
		return false;
	memcpy(text, value.at, DATE_BYTES);
	text[DATE_BYTES] = '\0';
	end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &date);
	if (!end || *end)
		return false;
	at_s = timegm(&date);
	*seconds = at_s > 0 && (uint64_t)at_s > now_s ? (uint64_t)at_s - now_s : 0;
	if (*seconds > RETRY_AFTER_SECONDS_MAX)
		*seconds = RETRY_AFTER_SECONDS_MAX;
	return true;
}

bool retry_after_parse(struct hp_view value, uint64_t now_s, uint64_t *seconds)
{
	return parse_seconds(value, seconds) || parse_date(value, now_s, seconds);
}
