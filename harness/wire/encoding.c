#include "wire/encoding.h"

#include <string.h>

/* Both digits of every byte at once: "000102…feff". */
#define HEX_ROW(high)                                                                             \
	#high "0" #high "1" #high "2" #high "3" #high "4" #high "5" #high "6" #high "7"           \
	#high "8" #high "9" #high "a" #high "b" #high "c" #high "d" #high "e" #high "f"
static const char hex_pairs[] = HEX_ROW(0) HEX_ROW(1) HEX_ROW(2) HEX_ROW(3) HEX_ROW(4) HEX_ROW(5)
	HEX_ROW(6) HEX_ROW(7) HEX_ROW(8) HEX_ROW(9) HEX_ROW(a) HEX_ROW(b) HEX_ROW(c) HEX_ROW(d)
		HEX_ROW(e) HEX_ROW(f);
static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t encoding_chars(enum encoding encoding, size_t count)
{
	return encoding == ENCODING_HEX ? 2 * count : (count + 2) / 3 * 4;
}

static void write_hex(const uint8_t *bytes, size_t count, char *out)
{
	for (size_t i = 0; i < count; i++)
		memcpy(out + 2 * i, hex_pairs + 2 * (size_t)bytes[i], 2);
}

/* Four digits of the 24 bits in group. */
static void write_group(uint32_t group, char *out)
{
	out[0] = base64_digits[group >> 18];
	out[1] = base64_digits[group >> 12 & 63];
	out[2] = base64_digits[group >> 6 & 63];
	out[3] = base64_digits[group & 63];
}

static void write_base64(const uint8_t *bytes, size_t count, char *out)
{
	for (; count >= 3; count -= 3, bytes += 3, out += 4)
		write_group((uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2], out);
	if (!count)
		return;
	write_group((uint32_t)bytes[0] << 16 | (count == 2 ? (uint32_t)bytes[1] << 8 : 0), out);
	out[3] = '=';
	if (count == 1)
		out[2] = '=';
}

size_t encoding_write(enum encoding encoding, const uint8_t *bytes, size_t count, char *out)
{
	if (encoding == ENCODING_HEX)
		write_hex(bytes, count, out);
	else
		write_base64(bytes, count, out);
	return encoding_chars(encoding, count);
}

/* The value of a digit, or -1. */
static int hex_value(char digit)
{
	switch (digit) {
	case '0' ... '9':
		return digit - '0';
	case 'a' ... 'f':
		return digit - 'a' + 10;
	default:
		return -1;
	}
}

static int hex_value_nocase(char digit)
{
	return hex_value(digit >= 'A' && digit <= 'F' ? (char)(digit + 'a' - 'A') : digit);
}

static int base64_value(char digit)
{
	switch (digit) {
	case 'A' ... 'Z':
		return digit - 'A';
	case 'a' ... 'z':
		return digit - 'a' + 26;
	case '0' ... '9':
		return digit - '0' + 52;
	case '+':
		return 62;
	case '/':
		return 63;
	default:
		return -1;
	}
}

static ssize_t read_hex(struct hp_view text, int (*value)(char), uint8_t *out, size_t out_bytes_max)
{
	size_t count = text.bytes / 2;

	if (text.bytes % 2 || count > out_bytes_max)
		return -1;
	for (size_t i = 0; i < count; i++) {
		int high = value(text.at[2 * i]), low = value(text.at[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return (ssize_t)count;
}

/* Reads a group of four of which the last `padding` are '='. False unless its unused bits are 0. */
static bool read_group(const char *text, size_t padding, uint8_t *out)
{
	uint32_t group = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i < 4 - padding ? base64_value(text[i]) : 0;

		if (value < 0)
			return false;
		group = group << 6 | (uint32_t)value;
	}
	if (group & ((1u << 8 * padding) - 1))
		return false;
	for (size_t i = 0; i < 3 - padding; i++)
		out[i] = (uint8_t)(group >> (16 - 8 * i));
	return true;
}

static ssize_t read_base64(struct hp_view text, uint8_t *out, size_t out_bytes_max)
{
	size_t padding = 0, count;

	if (text.bytes % 4)
		return -1;
	while (padding < 2 && padding < text.bytes && text.at[text.bytes - 1 - padding] == '=')
		padding++;
	count = text.bytes / 4 * 3 - padding;
	if (count > out_bytes_max)
		return -1;
	for (size_t i = 0; i < text.bytes; i += 4, out += 3) {
		if (!read_group(text.at + i, i + 4 == text.bytes ? padding : 0, out))
			return -1;
	}
	return (ssize_t)count;
}

ssize_t encoding_read(enum encoding encoding, struct hp_view text, uint8_t *out,
		      size_t out_bytes_max)
{
	if (encoding == ENCODING_HEX)
		return read_hex(text, hex_value, out, out_bytes_max);
	return read_base64(text, out, out_bytes_max);
}

ssize_t encoding_read_hex_key(struct hp_view text, uint8_t *out, size_t out_bytes_max)
{
	return read_hex(text, hex_value_nocase, out, out_bytes_max);
}
