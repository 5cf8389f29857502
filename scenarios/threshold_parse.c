/* Thresholds as people write them: FIGURE[.PERCENTILE] OP VALUE, without spaces. */
#include <stdio.h>

#include "base/nearest.h"
#include "base/span.h"
#include "scenarios/scenario.h"

enum { NAME_BYTES = 16, FRACTION_DIGITS_MAX = 6, WHOLE_DIGITS_MAX = 15 };

enum share { SHARE_NEVER, SHARE_MAY, SHARE_MUST }; /* a figure's value in % */

static const struct figure {
	const char *name;
	bool percentile;
	enum threshold_unit unit; /* of a value without % */
	enum share share;
} figures[] = {
	[THRESHOLD_RESPONSE] = {"response", true, THRESHOLD_NS, SHARE_NEVER},
	[THRESHOLD_SERVICE] = {"service", true, THRESHOLD_NS, SHARE_NEVER},
	[THRESHOLD_QUEUE] = {"queue", true, THRESHOLD_NS, SHARE_NEVER},
	[THRESHOLD_LAG] = {"lag", true, THRESHOLD_NS, SHARE_NEVER},
	[THRESHOLD_DELIVERY] = {"delivery", true, THRESHOLD_NS, SHARE_NEVER},
	[THRESHOLD_ERRORS] = {"errors", false, THRESHOLD_SHARE, SHARE_MUST},
	[THRESHOLD_ACHIEVED] = {"achieved", false, THRESHOLD_SHARE, SHARE_MUST},
	[THRESHOLD_RATE] = {"rate", false, THRESHOLD_PER_S, SHARE_NEVER},
	[THRESHOLD_DELIVERED] = {"delivered", false, THRESHOLD_COUNT, SHARE_MAY},
	[THRESHOLD_EXHAUSTED] = {"exhausted", false, THRESHOLD_COUNT, SHARE_NEVER},
	[THRESHOLD_PENDING] = {"pending", false, THRESHOLD_COUNT, SHARE_NEVER},
	[THRESHOLD_DROPPED] = {"dropped", false, THRESHOLD_COUNT, SHARE_NEVER},
	[THRESHOLD_DUPLICATES] = {"duplicates", false, THRESHOLD_COUNT, SHARE_NEVER},
	[THRESHOLD_HANDSHAKE] = {"handshake", true, THRESHOLD_NS, SHARE_NEVER},
};

enum { FIGURE_COUNT = sizeof(figures) / sizeof(figures[0]) };

static bool take(struct hp_view *rest, struct hp_view prefix)
{
	if (rest->bytes < prefix.bytes || memcmp(rest->at, prefix.at, prefix.bytes) != 0)
		return false;
	rest->at += prefix.bytes;
	rest->bytes -= prefix.bytes;
	return true;
}

/* The letters that the text begins with. */
static struct hp_view take_name(struct hp_view *rest)
{
	struct hp_view name = {rest->at, 0};

	while (name.bytes < rest->bytes && name.at[name.bytes] >= 'a' && name.at[name.bytes] <= 'z')
		name.bytes++;
	rest->at += name.bytes;
	rest->bytes -= name.bytes;
	return name;
}

static double power_of_ten(size_t exponent)
{
	double power = 1;

	for (; exponent > 0; exponent--)
		power *= 10;
	return power;
}

/* Digits; *count of them, at least one and at most WHOLE_DIGITS_MAX, so that a double is exact. */
static bool take_digits(struct hp_view *rest, double *value, size_t *count)
{
	*value = 0;
	for (*count = 0; rest->bytes > 0 && *rest->at >= '0' && *rest->at <= '9'; ++*count) {
		*value = *value * 10 + (*rest->at - '0');
		rest->at++;
		rest->bytes--;
	}
	return *count > 0 && *count <= WHOLE_DIGITS_MAX;
}

static bool take_decimal(struct hp_view *rest, double *value)
{
	double fraction;
	size_t count;

	if (!take_digits(rest, value, &count))
		return false;
	if (!take(rest, HP_LITERAL(".")))
		return true;
	if (!take_digits(rest, &fraction, &count) || count > FRACTION_DIGITS_MAX)
		return false;
	*value += fraction / power_of_ten(count);
	return true;
}

/* "p50", "p99.9", "p999" (99.9), "max". */
static bool take_percentile(struct hp_view *rest, double *percentile)
{
	double digits;
	size_t count;

	if (take(rest, HP_LITERAL("max"))) {
		*percentile = 100;
		return true;
	}
	if (!take(rest, HP_LITERAL("p")) || !take_digits(rest, &digits, &count))
		return false;
	*percentile = digits;
	if (count > 2 && digits >= 9 * power_of_ten(count - 1))
		*percentile /= power_of_ten(count - 2);
	if (take(rest, HP_LITERAL("."))) {
		if (count > 2 || !take_digits(rest, &digits, &count) || count > FRACTION_DIGITS_MAX)
			return false;
		*percentile += digits / power_of_ten(count);
	}
	return *percentile <= 100;
}

static bool take_op(struct hp_view *rest, enum threshold_op *op)
{
	static const struct {
		struct hp_view text;
		enum threshold_op op;
	} ops[] = {
		/* the longer ones first */
		{HP_LITERAL("<="), THRESHOLD_LE},
		{HP_LITERAL(">="), THRESHOLD_GE},
		{HP_LITERAL("<"), THRESHOLD_LT},
		{HP_LITERAL(">"), THRESHOLD_GT},
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		*op = ops[i].op;
		if (take(rest, ops[i].text))
			return true;
	}
	return false;
}

/* The value in the figure's unit; the whole rest. */
static bool read_value(const struct figure *figure, struct hp_view rest, struct threshold *out)
{
	uint64_t whole;

	out->unit = figure->unit;
	if (figure->unit == THRESHOLD_NS) {
		if (!hp_span_parse(rest, &whole))
			return false;
		out->limit = (double)whole;
		return true;
	}
	if (!take_decimal(&rest, &out->limit))
		return false;
	if (figure->unit == THRESHOLD_PER_S)
		return take(&rest, HP_LITERAL("/s")) && rest.bytes == 0;
	if (figure->share != SHARE_NEVER && take(&rest, HP_LITERAL("%"))) {
		out->unit = THRESHOLD_SHARE;
		out->limit /= 100;
		return rest.bytes == 0 && out->limit <= 1;
	}
	return figure->share != SHARE_MUST && rest.bytes == 0;
}

static int unknown_figure(struct hp_view name, struct hp_err *err)
{
	const char *names[FIGURE_COUNT + 1], *nearest;
	char list[FIGURE_COUNT * NAME_BYTES] = "";
	size_t used = 0;

	for (size_t i = 0; i < FIGURE_COUNT; i++) {
		names[i] = figures[i].name;
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "",
					 names[i]);
	}
	names[FIGURE_COUNT] = NULL;
	nearest = hp_nearest(name, names);
	return hp_err_set(err, HP_EUSAGE, "want a threshold on one of %s%s%s%s", list,
			  nearest ? ": did you mean \"" : "", nearest ? nearest : "",
			  nearest ? "\"?" : "");
}

static const char *wanted(const struct figure *figure)
{
	if (figure->percentile)
		return "a percentile and a duration, like .p99<50ms or .max<1s";
	if (figure->unit == THRESHOLD_PER_S)
		return "a rate, like >=450/s";
	if (figure->share == SHARE_MUST)
		return "a share of at most 100%, like <0.1%";
	return figure->share == SHARE_MAY ? "a count or a share, like >=100 or >=99.9%"
					  : "a count, like <=0";
}

/* What stands behind the figure's name. */
static bool read_rest(const struct figure *figure, struct hp_view rest, struct threshold *out)
{
	if (figure->percentile &&
	    !(take(&rest, HP_LITERAL(".")) && take_percentile(&rest, &out->percentile)))
		return false;
	return take_op(&rest, &out->op) && read_value(figure, rest, out);
}

int threshold_parse(struct threshold *out, const char *text, struct hp_err *err)
{
	struct hp_view rest = hp_view_of(text);
	struct threshold read = {.percentile = 0};
	struct hp_view name;
	size_t index = 0;

	if (rest.bytes >= THRESHOLD_TEXT_BYTES)
		return hp_err_set(err, HP_EUSAGE, "want a threshold of at most %d bytes",
				  THRESHOLD_TEXT_BYTES - 1);
	memcpy(read.text, text, rest.bytes + 1);
	name = take_name(&rest);
	while (index < FIGURE_COUNT && !hp_view_equal(name, hp_view_of(figures[index].name)))
		index++;
	if (index == FIGURE_COUNT)
		return unknown_figure(name, err);
	read.figure = (enum threshold_figure)index;
	if (!read_rest(&figures[index], rest, &read))
		return hp_err_set(err, HP_EUSAGE, "want %s after \"%s\", found \"%s\"",
				  wanted(&figures[index]), figures[index].name, text);
	*out = read;
	return 0;
}
