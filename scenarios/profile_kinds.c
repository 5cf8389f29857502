/* Reading and printing of the plain kinds of values: texts, words, numbers, spans. */
#include <stdio.h>

#include "scenarios/profile_inside.h"

_Static_assert(sizeof(enum encoding) == sizeof(unsigned), "a word is stored as an unsigned");

static void *member_of(const struct profile_key *key, struct profile *profile)
{
	return (char *)profile + key->offset;
}

static const void *value_of(const struct profile_key *key, const struct profile *profile)
{
	return (const char *)profile + key->offset;
}

int profile_want(const char *wanted, struct hp_view text, struct hp_err *err)
{
	return hp_err_set(err, HP_EUSAGE, "want %s, found \"%.*s\"", wanted,
			  (int)(text.bytes < 80 ? text.bytes : 80), text.bytes ? text.at : "");
}

READER(text)
{
	char *out = member_of(key, profile);

	if (text.bytes >= key->max)
		return hp_err_set(err, HP_EUSAGE, "want at most %u bytes, found %zu",
				  (unsigned)key->max - 1, text.bytes);
	memcpy(out, text.at, text.bytes);
	out[text.bytes] = '\0';
	return 0;
}

PRINTER(text)
{
	hp_json_write_text(writer, value_of(key, profile));
}

KIND(text, HP_JSON_STRING, false);

/* Finds a word in a list. False when it is not there. */
static bool find_word(const char *const words[], struct hp_view text, unsigned *index)
{
	for (*index = 0; words[*index]; ++*index) {
		if (hp_view_equal(hp_view_of(words[*index]), text))
			return true;
	}
	return false;
}

static int want_word(const char *const words[], struct hp_view text, struct hp_err *err)
{
	char list[160] = "one of";
	size_t bytes = strlen(list);

	for (unsigned i = 0; words[i] && bytes < sizeof(list); i++)
		bytes += (size_t)snprintf(list + bytes, sizeof(list) - bytes, " %s", words[i]);
	return profile_want(list, text, err);
}

READER(word)
{
	unsigned index;

	if (!find_word(key->words, text, &index))
		return want_word(key->words, text, err);
	memcpy(member_of(key, profile), &index, sizeof(index));
	return 0;
}

PRINTER(word)
{
	unsigned index;

	memcpy(&index, value_of(key, profile), sizeof(index));
	hp_json_write_text(writer, key->words[index]);
}

KIND(word, HP_JSON_STRING, false);

READER(algorithm)
{
	unsigned index;

	if (!find_word(key->words, text, &index))
		return want_word(key->words, text, err);
	return scheme_set_algorithm(&profile->scheme, (enum scheme_algorithm)index, err);
}

#define print_algorithm print_word
KIND(algorithm, HP_JSON_STRING, false);

READER(flag)
{
	bool *out = member_of(key, profile);

	*out = hp_view_equal(text, HP_LITERAL("true"));
	if (!*out && !hp_view_equal(text, HP_LITERAL("false")))
		return profile_want("true or false", text, err);
	return 0;
}

PRINTER(flag)
{
	const bool *flag = value_of(key, profile);

	hp_json_write_bool(writer, *flag);
}

KIND(flag, HP_JSON_TRUE, false);

/* A decimal with at most six places, as millionths. False for anything else and above 1e12. */
static bool parse_micro(struct hp_view text, uint64_t *micro)
{
	uint64_t number = 0, place = 0; /* place: what one digit behind the point is worth */
	bool digits = false;

	for (size_t i = 0; i < text.bytes; i++) {
		if (text.at[i] == '.' && digits && !place) {
			place = 1000000;
			continue;
		}
		if (text.at[i] < '0' || text.at[i] > '9' || place == 1 || number > 1000000000000)
			return false;
		digits = true;
		if (place)
			number += (uint64_t)(text.at[i] - '0') * (place /= 10);
		else
			number = number * 10 + (uint64_t)(text.at[i] - '0') * 1000000;
	}
	*micro = number;
	return digits && text.at[text.bytes - 1] != '.';
}

static int want_range(const struct profile_key *key, uint64_t unit, struct hp_view text,
		      struct hp_err *err)
{
	char wanted[80];

	snprintf(wanted, sizeof(wanted), "a number from %llu to %llu",
		 (unsigned long long)(key->min / unit), (unsigned long long)(key->max / unit));
	return profile_want(wanted, text, err);
}

READER(count)
{
	unsigned *out = member_of(key, profile);
	uint64_t micro;

	if (!parse_micro(text, &micro) || micro % 1000000 || micro / 1000000 < key->min ||
	    micro / 1000000 > key->max)
		return want_range(key, 1, text, err);
	*out = (unsigned)(micro / 1000000);
	return 0;
}

PRINTER(count)
{
	const unsigned *count = value_of(key, profile);

	hp_json_write_u64(writer, *count);
}

KIND(count, HP_JSON_NUMBER, false);

READER(factor)
{
	double *out = member_of(key, profile);
	uint64_t micro;

	if (!parse_micro(text, &micro) || micro < key->min || micro > key->max)
		return want_range(key, 1000000, text, err);
	*out = (double)micro / 1e6;
	return 0;
}

/* Prints a decimal with as many places as it has. */
static void print_decimal(double value, struct hp_json_writer *writer)
{
	int64_t number = (int64_t)(value * 1e6 + 0.5);
	unsigned decimals = 6;

	for (; decimals > 0 && number % 10 == 0; decimals--)
		number /= 10;
	hp_json_write_fixed(writer, number, decimals);
}

PRINTER(factor)
{
	const double *factor = value_of(key, profile);

	print_decimal(*factor, writer);
}

KIND(factor, HP_JSON_NUMBER, false);

READER(span)
{
	uint64_t *out = member_of(key, profile), span_ns;

	if (!hp_span_parse(text, &span_ns) || span_ns < key->min || span_ns > key->max)
		return profile_want(key->min ? "a span like 250ms, 30s or 2h, not 0"
				     : "a span like 250ms, 30s or 2h", text, err);
	*out = span_ns;
	return 0;
}

const char *profile_span_text(uint64_t span_ns, char *out)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {{"h", 3600 * HP_S_NS}, {"m", 60 * HP_S_NS}, {"s", HP_S_NS},
		     {"ms", HP_MS_NS},      {"us", HP_US_NS},    {"ns", 1}};
	size_t i = span_ns ? 0 : 2;

	while (span_ns % units[i].ns)
		i++;
	snprintf(out, PROFILE_SPAN_BYTES, "%llu%s", (unsigned long long)(span_ns / units[i].ns),
		 units[i].name);
	return out;
}

PRINTER(span)
{
	const uint64_t *span_ns = value_of(key, profile);
	char text[PROFILE_SPAN_BYTES];

	hp_json_write_text(writer, profile_span_text(*span_ns, text));
}

KIND(span, HP_JSON_STRING, false);

READER(size)
{
	uint64_t *out = member_of(key, profile), bytes;

	if (!hp_size_parse(text, &bytes) || bytes < key->min || bytes > key->max)
		return profile_want("a size from 1 to 1GiB, like 64KiB", text, err);
	*out = bytes;
	return 0;
}

PRINTER(size)
{
	const uint64_t *bytes = value_of(key, profile);

	hp_json_write_u64(writer, *bytes);
}

KIND(size, HP_JSON_STRING, true);

READER(tolerance)
{
	uint64_t *out = member_of(key, profile), span_ns;

	if (hp_view_equal(text, HP_LITERAL("none"))) {
		*out = SCHEME_NO_TOLERANCE;
		return 0;
	}
	if (!hp_span_parse(text, &span_ns) || span_ns % HP_S_NS)
		return profile_want("none or whole seconds like 300s", text, err);
	*out = span_ns / HP_S_NS;
	return 0;
}

PRINTER(tolerance)
{
	const uint64_t *seconds = value_of(key, profile);
	char text[PROFILE_SPAN_BYTES];

	if (*seconds == SCHEME_NO_TOLERANCE)
		hp_json_write_text(writer, "none");
	else
		hp_json_write_text(writer, profile_span_text(*seconds * HP_S_NS, text));
}

KIND(tolerance, HP_JSON_STRING, false);

static bool take_plus(struct hp_view *text)
{
	if (!text->bytes || text->at[0] != '+')
		return false;
	text->at++;
	text->bytes--;
	return true;
}

/* Jitter is one value in a document and three members: none, full, a fraction, or +span. */
READER(jitter)
{
	struct retry_policy *retry = &profile->retry;
	struct hp_view rest = text;
	uint64_t number;

	(void)key;
	if (hp_view_equal(text, HP_LITERAL("none"))) {
		retry->jitter = RETRY_JITTER_NONE;
	} else if (hp_view_equal(text, HP_LITERAL("full"))) {
		retry->jitter = RETRY_JITTER_FULL;
	} else if (take_plus(&rest) && hp_span_parse(rest, &number)) {
		retry->jitter = RETRY_JITTER_ADDED;
		retry->jitter_added_ns = number;
	} else if (parse_micro(text, &number) && number <= 1000000) {
		retry->jitter = RETRY_JITTER_FRACTION;
		retry->jitter_fraction = (double)number / 1e6;
	} else {
		return profile_want("none, full, a fraction like 0.2 or an added span like +5s",
				    text, err);
	}
	return 0;
}

PRINTER(jitter)
{
	const struct retry_policy *retry = &profile->retry;
	char text[PROFILE_SPAN_BYTES + 1] = "+";

	(void)key;
	switch (retry->jitter) {
	case RETRY_JITTER_NONE:
		hp_json_write_text(writer, "none");
		break;
	case RETRY_JITTER_FULL:
		hp_json_write_text(writer, "full");
		break;
	case RETRY_JITTER_ADDED:
		profile_span_text(retry->jitter_added_ns, text + 1);
		hp_json_write_text(writer, text);
		break;
	case RETRY_JITTER_FRACTION:
		print_decimal(retry->jitter_fraction, writer);
		break;
	}
}

KIND(jitter, HP_JSON_STRING, true);

bool profile_parse_status(struct hp_view text, int *status)
{
	uint64_t micro;

	if (text.bytes != 3 || !parse_micro(text, &micro) || micro % 1000000)
		return false;
	*status = (int)(micro / 1000000);
	return *status >= 100 && *status <= 599;
}

READER(success)
{
	struct hp_view low = text, high = text;
	int min = 200, max = 299;

	(void)key;
	if (text.bytes == 7 && text.at[3] == '-') {
		low.bytes = 3;
		high = (struct hp_view){text.at + 4, 3};
	}
	if (!hp_view_equal(text, HP_LITERAL("2xx")) &&
	    (!profile_parse_status(low, &min) || !profile_parse_status(high, &max) || min > max))
		return profile_want("2xx, one status like 200 or a range like 200-399", text, err);
	profile->success_min = min;
	profile->success_max = max;
	return 0;
}

PRINTER(success)
{
	char text[16];

	(void)key;
	snprintf(text, sizeof(text), "%d-%d", profile->success_min, profile->success_max);
	hp_json_write_text(writer, text);
}

KIND(success, HP_JSON_STRING, true);

READER(content)
{
	(void)key;
	return scheme_set_content(&profile->scheme, text, err);
}

PRINTER(content)
{
	(void)key;
	hp_json_write_text(writer, profile->scheme.content.text);
}

KIND(content, HP_JSON_STRING, false);

READER(value)
{
	(void)key;
	return scheme_set_value(&profile->scheme, text, err);
}

PRINTER(value)
{
	(void)key;
	hp_json_write_text(writer, profile->scheme.value.text);
}

KIND(value, HP_JSON_STRING, false);

READER(family_name)
{
	struct scheme *scheme = &profile->scheme;

	if (text.bytes && !scheme_is_header_name(text))
		return profile_want("the name of a header", text, err);
	if (read_text(key, profile, text, err) < 0)
		return -1;
	scheme->family_count = *scheme->families[1].signature ? 2 : 1;
	return 0;
}

#define print_family_name print_text
KIND(family_name, HP_JSON_STRING, false);
