#include "wire/encoding.h"

#include <string.h>

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t encoding_chars(enum encoding encoding, size_t count)
{
	return encoding == ENCODING_HEX ? 2 * count : (count + 2) / 3 * 4;
}

typedef uint8_t bytes16 __attribute__((vector_size(16)));

static bytes16 hex_digits(bytes16 nibbles)
{
	return nibbles + '0' + ((bytes16)(nibbles > 9) & ('a' - '0' - 10));
}

/* Sixteen bytes at a time, in the machine's vectors or what the compiler makes of them. */
static void write_hex16(const uint8_t *bytes, char *out)
{
	bytes16 in, high, low, digits[2];

	memcpy(&in, bytes, sizeof(in));
	high = hex_digits(in >> 4);
	low = hex_digits(in & 15);
	digits[0] = __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6,
					    22, 7, 23);
	digits[1] = __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29,
					    14, 30, 15, 31);
	memcpy(out, digits, sizeof(digits));
}

static void write_hex(const uint8_t *bytes, size_t count, char *out)
{
	for (; count >= sizeof(bytes16); count -= sizeof(bytes16)) {
		write_hex16(bytes, out);
		bytes += sizeof(bytes16);
		out += 2 * sizeof(bytes16);
	}
	for (; count > 0; count--, bytes++) {
		*out++ = "0123456789abcdef"[*bytes >> 4];
		*out++ = "0123456789abcdef"[*bytes & 15];
	}
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
