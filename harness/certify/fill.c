#include "certify/fill.h"

enum { FILLER_BYTES_MAX = 16 * 1024 * 1024, HEX_DIGITS = 2 };

static bool starts(struct hp_view text, struct hp_view word)
{
	return text.bytes >= word.bytes && memcmp(text.at, word.at, word.bytes) == 0;
}

/* The value of a digit, or -1. */
static int digit_of(char c, int base)
{
	int value = -1;

	if (c >= '0' && c <= '9')
		value = c - '0';
	else if (c >= 'a' && c <= 'f')
		value = c - 'a' + 10;
	return value < base ? value : -1;
}

/* Reads "{word:N}" at the front. Returns its bytes, 0 when something else stands there. */
static size_t read_number(struct hp_view text, struct hp_view word, int base, size_t *number)
{
	size_t at = word.bytes;

	if (!starts(text, word))
		return 0;
	*number = 0;
	while (at < text.bytes && digit_of(text.at[at], base) >= 0 && *number < FILLER_BYTES_MAX)
		*number = *number * (size_t)base + (size_t)digit_of(text.at[at++], base);
	return at > word.bytes && at < text.bytes && text.at[at] == '}' ? at + 1 : 0;
}

static size_t fill_own(struct hp_view text, struct hp_buf *out)
{
	size_t number, bytes = read_number(text, HP_LITERAL("{byte:"), 16, &number);

	if (bytes == sizeof("{byte:}") - 1 + HEX_DIGITS) {
		char byte = (char)(unsigned char)number;

		hp_buf_add(out, (struct hp_view){&byte, 1});
		return bytes;
	}
	bytes = read_number(text, HP_LITERAL("{filler:"), 10, &number);
	for (size_t i = 0; bytes && i < number; i++)
		hp_buf_add(out, HP_LITERAL("x"));
	return bytes;
}

/* Fills the slot at the front. Returns its bytes, 0 when none stands there. */
static size_t fill_slot(struct hp_view text, const struct fill_slot slots[], size_t count,
			struct hp_buf *out)
{
	if (text.at[0] != '{')
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct hp_view name = hp_view_of(slots[i].name);

		if (!starts(text, name))
			continue;
		hp_buf_add(out, slots[i].value);
		return name.bytes;
	}
	return fill_own(text, out);
}

void fill_template(struct hp_view text, const struct fill_slot slots[], size_t count,
		   struct hp_buf *out)
{
	while (text.bytes) {
		size_t taken = fill_slot(text, slots, count, out);

		if (taken == 0) {
			hp_buf_add(out, (struct hp_view){text.at, 1});
			taken = 1;
		}
		text = (struct hp_view){text.at + taken, text.bytes - taken};
	}
}
