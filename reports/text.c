#include "reports/text.h"

#include <inttypes.h>
#include <string.h>

#include "base/span.h"
#include "reports/escape.h"

unsigned text_columns(const struct report_style *style)
{
	return style->columns > REPORT_COLUMNS ? style->columns : REPORT_COLUMNS;
}

static bool begins_character(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

size_t text_width(const char *text)
{
	size_t columns = 0;

	for (; *text; text++)
		columns += begins_character(*text);
	return columns;
}

size_t text_fit(const char *text, size_t columns)
{
	size_t bytes = 0;

	for (; text[bytes]; bytes++) {
		if (begins_character(text[bytes]) && columns-- == 0)
			break;
	}
	return bytes;
}

void text_paint(FILE *out, const struct report_style *style, enum text_paint paint,
		const char *text)
{
	static const char *const codes[TEXT_PAINTS] = {
		/* ECMA-48 8.3.117 */
		[TEXT_BOLD] = "1",   [TEXT_DIM] = "2",    [TEXT_RED] = "1;31",
		[TEXT_GREEN] = "32", [TEXT_AMBER] = "33", [TEXT_VIOLET] = "35",
	};

	if (style->colour && codes[paint] && *text)
		fprintf(out, "\x1b[%sm%s\x1b[0m", codes[paint], text);
	else
		fputs(text, out);
}

const char *text_foreign(const struct report_style *style, const char *text, char *out)
{
	struct hp_buf buf;

	hp_buf_init(&buf, TEXT_FOREIGN_BYTES - 1);
	escape_terminal(&buf, hp_view_of(text), style->utf8);
	memcpy(out, hp_buf_text(&buf), buf.bytes);
	out[buf.bytes] = '\0';
	hp_buf_fini(&buf);
	return out;
}

const char *text_count(uint64_t count, char *out)
{
	char digits[TEXT_NUMBER_BYTES];
	size_t bytes = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);
	size_t at = 0;

	for (size_t i = 0; i < bytes; i++) {
		if (i > 0 && (bytes - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

/* Three digits, whatever the size: 1.23, 12.3, 123. */
static const char *three_digits(double value, const char *unit, char *out)
{
	int decimals = (value < 9.995) + (value < 99.95);

	snprintf(out, TEXT_NUMBER_BYTES, "%.*f %s", decimals, value, unit);
	return out;
}

static const char *two_units(uint64_t parts, unsigned parts_per_unit, const char units[2],
			     char *out)
{
	snprintf(out, TEXT_NUMBER_BYTES, "%" PRIu64 "%c %02u%c", parts / parts_per_unit, units[0],
		 (unsigned)(parts % parts_per_unit), units[1]);
	return out;
}

const char *text_latency(uint64_t latency_us, const struct report_style *style, char *out)
{
	uint64_t s = latency_us / 1000000;

	if (latency_us < 1000) {
		snprintf(out, TEXT_NUMBER_BYTES, "%u %s", (unsigned)latency_us,
			 style->utf8 ? "\u00b5s" : "us");
		return out;
	}
	if (latency_us < 999500)
		return three_digits((double)latency_us / 1e3, "ms", out);
	if (s < 60)
		return three_digits((double)latency_us / 1e6, "s", out);
	if (s < 3600)
		return two_units(s, 60, "ms", out);
	if (s < 86400)
		return two_units(s / 60, 60, "hm", out);
	return two_units(s / 3600, 24, "dh", out);
}

const char *text_share(uint64_t part, uint64_t whole, char *out)
{
	double percent;

	out[0] = '\0';
	if (part == 0 || whole == 0)
		return out;
	percent = (double)part * 100 / (double)whole;
	if (part == whole)
		snprintf(out, TEXT_NUMBER_BYTES, "100 %%");
	else if (percent < 0.01)
		snprintf(out, TEXT_NUMBER_BYTES, "<0.01 %%");
	else if (percent > 99.99)
		snprintf(out, TEXT_NUMBER_BYTES, ">99.99 %%");
	else
		snprintf(out, TEXT_NUMBER_BYTES, "%.*f %%", percent < 1 || percent > 99 ? 2 : 1,
			 percent);
	return out;
}

/* Bytes of the next line: up to the last space that fits, or as many as fit. */
static size_t line_bytes(const char *sentence, size_t columns)
{
	size_t bytes = text_fit(sentence, columns);

	if (!sentence[bytes])
		return bytes;
	for (size_t at = bytes; at > 0; at--)
		if (sentence[at] == ' ')
			return at;
	return bytes;
}

void text_wrap(FILE *out, const struct report_style *style, unsigned indent, const char *sentence)
{
	size_t columns = text_columns(style) - indent;

	while (true) {
		size_t bytes = line_bytes(sentence, columns);

		fprintf(out, "%.*s\n", (int)bytes, sentence);
		sentence += bytes;
		while (*sentence == ' ')
			sentence++;
		if (!*sentence)
			return;
		fprintf(out, "%*s", (int)indent, "");
	}
}
