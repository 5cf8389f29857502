#include "tests/mutants/mutant_time.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/mutants/mutant_defects.h"

enum {
	DIGITS_MAX = 12,        /* of seconds */
	DIGITS_GUESSED_MAX = 16, /* of microseconds */
};

struct view time_text(long long seconds, char buffer[24])
{
	int bytes = snprintf(buffer, 24, "%lld", seconds);

	return (struct view){buffer, (size_t)bytes};
}

static size_t count_digits(struct view text)
{
	size_t i = 0;

	while (i < text.bytes && text.at[i] >= '0' && text.at[i] <= '9')
		i++;
	return i;
}

/* Reads digits and nothing else; what a defect lets stand around them is ignored. */
static bool parse(struct view text, long long *seconds)
{
	size_t digits_max = defect_is(DEFECT_GUESSES_UNIT) ? DIGITS_GUESSED_MAX : DIGITS_MAX;
	char copy[24] = {0};
	size_t digits, rest;

	if (defect_is(DEFECT_LOOSE_TIMESTAMP) && text.bytes != 0 && *text.at == '+')
		text = (struct view){text.at + 1, text.bytes - 1};
	digits = count_digits(text);
	rest = text.bytes - digits;
	if (digits == 0 || digits > digits_max)
		return false;
	memcpy(copy, text.at, digits);
	*seconds = strtoll(copy, NULL, 10);
	if (defect_is(DEFECT_TIMESTAMP_AS_TEXT) && rest != 0 && text.at[digits] == '.')
		return true;
	if (defect_is(DEFECT_LOOSE_TIMESTAMP) && digits > 2)
		return !memchr(text.at, '{', text.bytes);
	return rest == 0;
}

static long long in_seconds(long long guessed)
{
	if (guessed > 100LL * 1000 * 1000 * 1000 * 1000)
		return guessed / 1000000;
	return guessed > 100LL * 1000 * 1000 * 1000 ? guessed / 1000 : guessed;
}

bool time_is_fresh(const struct mutant *mutant, struct view text)
{
	long long seconds, age_s, tolerance_s = mutant->tolerance_s;

	if (defect_is(DEFECT_IGNORES_TIMESTAMP))
		return true;
	if (!text.at || text.bytes == 0)
		return defect_is(DEFECT_MISSING_IS_FRESH);
	if (!parse(text, &seconds))
		return defect_is(DEFECT_NAN_IS_FRESH);
	if (defect_is(DEFECT_GUESSES_UNIT))
		seconds = in_seconds(seconds);
	if (defect_is(DEFECT_TOLERANCE_NARROW))
		tolerance_s /= 10;
	if (defect_is(DEFECT_TOLERANCE_X60))
		tolerance_s *= 60;
	age_s = mutant_now_s(mutant) - seconds;
	if (age_s < 0 && (!mutant->profile->future || defect_is(DEFECT_PAST_ONLY)))
		return true;
	return age_s <= tolerance_s && -age_s <= tolerance_s;
}
