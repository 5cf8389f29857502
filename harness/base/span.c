#include "base/span.h"

#include <math.h>
#include <stdio.h>

#include "base/err.h"

enum { FRACTION_DIGITS = 9, WHOLE_DIGITS_MAX = 15 };

#define FRACTION_ONE UINT64_C(1000000000) /* 10^FRACTION_DIGITS */
#define DAY_NS (UINT64_C(86400) * HP_S_NS)
#define SPAN_NS_MAX (366 * DAY_NS)              /* span.h */
#define RATE_MICRO_MAX UINT64_C(10000000000000) /* 10 million a second */
#define SIZE_BYTES_MAX (UINT64_C(1) << 40)      /* 1 TiB */

/* A decimal number without sign or exponent: whole + fraction / 10^9. */
struct decimal {
	uint64_t whole, fraction;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes the digits at the front of text. False when there are none, or more than digits_max. */
static bool take_digits(struct hp_view *text, unsigned digits_max, uint64_t *value, unsigned *count)
{
	*value = 0;
	for (*count = 0; text->bytes && is_digit(*text->at); (*count)++) {
		if (*count == digits_max)
			return false;
		*value = *value * 10 + (uint64_t)(*text->at++ - '0');
		text->bytes--;
	}
	return *count > 0;
}

/* Takes "12" or "1.5" from the front of text; what follows stays. */
static bool take_decimal(struct hp_view *text, struct decimal *out)
{
	unsigned count;

	*out = (struct decimal){0};
	if (!take_digits(text, WHOLE_DIGITS_MAX, &out->whole, &count))
		return false;
	if (!text->bytes || *text->at != '.')
		return true;
	text->at++;
	text->bytes--;
	if (!take_digits(text, FRACTION_DIGITS, &out->fraction, &count))
		return false;
	for (; count < FRACTION_DIGITS; count++)
		out->fraction *= 10;
	return true;
}

struct unit {
	struct hp_view name;
	uint64_t factor;
};

/* Reads a whole text "1.5s": the number times its unit's factor, at most `most`. False when the
 * unit is not in the table or the result is no whole number. */
static bool parse_quantity(struct hp_view text, const struct unit *units, uint64_t most,
			   uint64_t *out)
{
	struct decimal number;
	unsigned __int128 exact;

	if (!take_decimal(&text, &number))
		return false;
	while (units->factor && !hp_view_equal(text, units->name))
		units++;
	exact = ((unsigned __int128)number.whole * FRACTION_ONE + number.fraction) * units->factor;
	if (!units->factor || exact % FRACTION_ONE || exact / FRACTION_ONE > most)
		return false;
	*out = (uint64_t)(exact / FRACTION_ONE);
	return true;
}

bool hp_span_parse(struct hp_view text, uint64_t *span_ns)
{
	static const struct unit units[] = {
		{HP_LITERAL("ns"), 1},
		{HP_LITERAL("us"), HP_US_NS},
		{HP_LITERAL("ms"), HP_MS_NS},
		{HP_LITERAL("s"), HP_S_NS},
		{HP_LITERAL("m"), 60 * HP_S_NS},
		{HP_LITERAL("h"), 3600 * HP_S_NS},
		{HP_LITERAL("d"), DAY_NS},
		{{NULL, 0}, 0},
	};

	return parse_quantity(text, units, SPAN_NS_MAX, span_ns);
}

bool hp_size_parse(struct hp_view text, uint64_t *bytes)
{
	static const struct unit units[] = {
		{{"", 0}, 1},
		{HP_LITERAL("B"), 1},
		{HP_LITERAL("kB"), 1000},
		{HP_LITERAL("MB"), 1000000},
		{HP_LITERAL("GB"), 1000000000},
		{HP_LITERAL("KiB"), UINT64_C(1) << 10},
		{HP_LITERAL("MiB"), UINT64_C(1) << 20},
		{HP_LITERAL("GiB"), UINT64_C(1) << 30},
		{HP_LITERAL("TiB"), UINT64_C(1) << 40},
		{{NULL, 0}, 0},
	};

	return parse_quantity(text, units, SIZE_BYTES_MAX, bytes);
}

/* Events per span: 1e6 times the number, over the seconds of the unit. A rate by the minute or the
 * hour need not come out even; it is rounded to the nearest millionth. */
bool hp_rate_parse(struct hp_view text, uint64_t *rate_micro_per_s)
{
	static const struct unit units[] = {
		{HP_LITERAL("/s"), 1},
		{HP_LITERAL("/m"), 60},
		{HP_LITERAL("/h"), 3600},
		{{NULL, 0}, 0},
	};
	const struct unit *unit = units;
	struct decimal number;
	uint64_t micro, rate;

	if (!take_decimal(&text, &number) || number.fraction % 1000)
		return false;
	while (unit->factor && !hp_view_equal(text, unit->name))
		unit++;
	if (!unit->factor || number.whole > RATE_MICRO_MAX)
		return false;
	micro = number.whole * 1000000 + number.fraction / 1000;
	rate = (micro + unit->factor / 2) / unit->factor;
	if (rate == 0 || rate > RATE_MICRO_MAX)
		return false;
	*rate_micro_per_s = rate;
	return true;
}

static uint64_t rounded(uint64_t span_ns, uint64_t unit_ns)
{
	return span_ns / unit_ns + (span_ns % unit_ns >= unit_ns / 2);
}

/* Two units side by side ("17 h 03 min") for spans that people read on a clock. */
static const char *pair_text(uint64_t small, unsigned per_large, const char *units[2], char *out)
{
	snprintf(out, HP_SPAN_TEXT_BYTES, "%u %s %02u %s", (unsigned)(small / per_large), units[0],
		 (unsigned)(small % per_large), units[1]);
	return out;
}

/* One decimal below 10 of the unit, whole numbers above; an even number without ".0". */
static const char *scaled_text(uint64_t span_ns, uint64_t unit_ns, const char *unit, char *out)
{
	uint64_t tenths = rounded(span_ns, unit_ns / 10);

	if (tenths < 100 && tenths % 10)
		snprintf(out, HP_SPAN_TEXT_BYTES, "%u.%u %s", (unsigned)(tenths / 10),
			 (unsigned)(tenths % 10), unit);
	else
		snprintf(out, HP_SPAN_TEXT_BYTES, "%u %s", (unsigned)rounded(span_ns, unit_ns),
			 unit);
	return out;
}

/* A row covers the spans that, rounded to it, stay below its limit. */
const char *hp_span_text(uint64_t span_ns, char *out)
{
	const uint64_t second = HP_S_NS, minute = 60 * second, hour = 60 * minute;

	if (span_ns == HP_NEVER)
		snprintf(out, HP_SPAN_TEXT_BYTES, "never");
	else if (span_ns < HP_US_NS)
		snprintf(out, HP_SPAN_TEXT_BYTES, "%u ns", (unsigned)span_ns);
	else if (span_ns < HP_MS_NS - HP_US_NS / 2)
		scaled_text(span_ns, HP_US_NS, "us", out);
	else if (span_ns < HP_S_NS - HP_MS_NS / 2)
		scaled_text(span_ns, HP_MS_NS, "ms", out);
	else if (span_ns < minute - second / 2)
		scaled_text(span_ns, HP_S_NS, "s", out);
	else if (span_ns < hour - second / 2)
		pair_text(rounded(span_ns, second), 60, (const char *[]){"min", "s"}, out);
	else if (span_ns < 2 * DAY_NS)
		pair_text(rounded(span_ns, minute), 60, (const char *[]){"h", "min"}, out);
	else
		pair_text(rounded(span_ns, hour), 24, (const char *[]){"d", "h"}, out);
	return out;
}

uint64_t hp_span_scale(uint64_t span_ns, double factor)
{
	double scaled = round((double)span_ns * factor);

	assert(factor >= 0);
	if (span_ns == 0 || factor == 0)
		return 0;
	if (scaled >= 0x1.0p64)
		return HP_NEVER - 1;
	return factor == 1 ? span_ns : (uint64_t)scaled;
}
