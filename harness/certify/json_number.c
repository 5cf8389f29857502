/* Numbers as languages print them: the shortest digits that give the same double back, dressed by
 * each language's rule for the point and the exponent. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "certify/json_tree.h"

enum {
	DIGITS_MAX = 17, /* that a double needs (IEEE 754) */
	TOKEN_BYTES_MAX =
		512, /* of a number with a fraction or exponent; a longer one is refused */
};

/* A finite double in its shortest decimal form: d.ddd times 10 to the power. */
struct decimal {
	char digits[DIGITS_MAX + 1];
	int count; /* of digits; 0.0 has one */
	int power;
	bool negative, infinite;
};

static void put(struct hp_buf *out, const char *at, size_t bytes)
{
	hp_buf_add(out, (struct hp_view){at, bytes});
}

static void put_zeros(struct hp_buf *out, int count)
{
	for (int i = 0; i < count; i++)
		put(out, "0", 1);
}

/* Reads "%.*e" of the value into digits and power. */
static void split_digits(double value, int digits, struct decimal *out)
{
	char text[40];

	snprintf(text, sizeof(text), "%.*e", digits - 1, fabs(value));
	out->count = digits;
	out->digits[0] = text[0];
	if (digits > 1)
		memcpy(out->digits + 1, text + 2, (size_t)digits - 1);
	out->power = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	while (out->count > 1 && out->digits[out->count - 1] == '0')
		out->count--;
}

/* 15 digits always survive the way through a double, 17 always suffice (C11 5.2.4.2.2): so no form
 * with fewer digits than the first of these that comes back is missed. Subnormals hold fewer. */
static struct decimal shortest(double value)
{
	struct decimal decimal = {.negative = signbit(value), .infinite = isinf(value)};
	char text[40];
	int digits = fabs(value) < DBL_MIN && value != 0 ? 1 : 15;

	for (; !decimal.infinite && digits <= DIGITS_MAX; digits++) {
		snprintf(text, sizeof(text), "%.*e", digits - 1, value);
		if (digits < DIGITS_MAX && strtod(text, NULL) != value)
			continue;
		split_digits(value, digits, &decimal);
		break;
	}
	return decimal;
}

/* "1", "123000", "1.5", "0.00015" */
static void put_fixed(const struct decimal *decimal, struct hp_buf *out)
{
	int whole = decimal->power + 1;

	if (whole <= 0) {
		put(out, "0.", 2);
		put_zeros(out, -whole);
		put(out, decimal->digits, (size_t)decimal->count);
		return;
	}
	if (whole >= decimal->count) {
		put(out, decimal->digits, (size_t)decimal->count);
		put_zeros(out, whole - decimal->count);
		return;
	}
	put(out, decimal->digits, (size_t)whole);
	put(out, ".", 1);
	put(out, decimal->digits + whole, (size_t)(decimal->count - whole));
}

/* "1e+21", "1.5e-7"; alone: what stands behind a mantissa of one digit; width: of the power. */
static void put_power(const struct decimal *decimal, const char *alone, int width,
		      struct hp_buf *out)
{
	put(out, decimal->digits, 1);
	if (decimal->count == 1)
		hp_buf_add_text(out, alone);
	if (decimal->count > 1)
		put(out, ".", 1);
	put(out, decimal->digits + 1, (size_t)decimal->count - 1);
	hp_buf_add_format(out, "e%c%0*d", decimal->power < 0 ? '-' : '+', width,
			  abs(decimal->power));
}

static bool is_zero(const struct decimal *decimal)
{
	return decimal->digits[0] == '0';
}

static bool print_double(const struct decimal *decimal, bool exponent, struct hp_buf *out)
{
	if (exponent)
		put_power(decimal, "", 1, out);
	else
		put_fixed(decimal, out);
	return true;
}

/* ECMAScript Number::toString: fixed from 1e-6 up to below 1e21. */
static bool print_js(const struct decimal *decimal, struct hp_buf *out)
{
	if (decimal->infinite)
		return hp_buf_add_text(out, "null");
	if (decimal->negative && !is_zero(decimal))
		put(out, "-", 1);
	return print_double(decimal, decimal->power >= 21 || decimal->power < -6, out);
}

/* encoding/json, floatEncoder: the same bounds; -0 keeps its sign, beyond range is an error. */
static bool print_go(const struct decimal *decimal, struct hp_buf *out)
{
	if (decimal->infinite)
		return false;
	if (decimal->negative)
		put(out, "-", 1);
	return print_double(decimal, decimal->power >= 21 || decimal->power < -6, out);
}

/* float.__repr__: fixed from 1e-4 up to below 1e16, with a fraction always. */
static bool print_python(const struct decimal *decimal, struct hp_buf *out)
{
	if (decimal->negative)
		put(out, "-", 1);
	if (decimal->infinite)
		return hp_buf_add_text(out, "Infinity");
	if (decimal->power >= 16 || decimal->power < -4) {
		put_power(decimal, "", 2, out);
		return true;
	}
	put_fixed(decimal, out);
	return decimal->power + 1 < decimal->count || hp_buf_add_text(out, ".0");
}

/* main/snprintf.c, php_gcvt() with 17 digits: "1.0e+25". */
static bool print_php(const struct decimal *decimal, struct hp_buf *out)
{
	if (decimal->infinite)
		return false;
	if (decimal->negative)
		put(out, "-", 1);
	if (decimal->power >= 17 || decimal->power < -4)
		put_power(decimal, ".0", 1, out);
	else
		put_fixed(decimal, out);
	return true;
}

/* cJSON 1.7.15, print_number(). */
static bool print_cjson(double value, struct hp_buf *out)
{
	char text[40];
	double back;

	if (isinf(value))
		return hp_buf_add_text(out, "null");
	snprintf(text, sizeof(text), "%1.15g", value);
	back = strtod(text, NULL);
	if (fabs(back - value) > fmax(fabs(back), fabs(value)) * DBL_EPSILON)
		snprintf(text, sizeof(text), "%1.17g", value);
	return hp_buf_add_text(out, text);
}

static bool is_integer(struct hp_view token)
{
	for (size_t i = 0; i < token.bytes; i++) {
		if (token.at[i] == '.' || token.at[i] == 'e' || token.at[i] == 'E')
			return false;
	}
	return true;
}

/* An integer that every language prints as it stands: at most 15 digits, and not -0. */
static bool is_plain(struct hp_view token)
{
	return token.bytes <= 15 && is_integer(token) && token.at[0] != '-';
}

static bool fits_int64(const char *text)
{
	errno = 0;
	(void)strtoll(text, NULL, 10);
	return errno == 0;
}

static bool is_minus_zero(struct hp_view token)
{
	return hp_view_equal(token, HP_LITERAL("-0"));
}

/* Integers that a language keeps as they are, however it prints doubles. */
static bool keeps_integer(struct hp_view token, const char *text, enum json_numbers numbers)
{
	if (numbers == JSON_NUMBERS_PYTHON)
		return true;
	return numbers == JSON_NUMBERS_PHP && !is_minus_zero(token) && fits_int64(text);
}

static bool print_value(double value, enum json_numbers numbers, struct hp_buf *out)
{
	static bool (*const prints[])(const struct decimal *, struct hp_buf *) = {
		[JSON_NUMBERS_JS] = print_js,
		[JSON_NUMBERS_PYTHON] = print_python,
		[JSON_NUMBERS_GO] = print_go,
		[JSON_NUMBERS_PHP] = print_php,
	};
	struct decimal decimal;

	if (numbers == JSON_NUMBERS_CJSON)
		return print_cjson(value, out);
	decimal = shortest(value);
	return prints[numbers](&decimal, out);
}

bool json_number_print(struct hp_view token, enum json_numbers numbers, struct hp_buf *out)
{
	char text[TOKEN_BYTES_MAX + 1];

	if (numbers == JSON_NUMBERS_KEPT || is_plain(token))
		return hp_buf_add(out, token);
	if (is_minus_zero(token) && numbers == JSON_NUMBERS_PYTHON)
		return hp_buf_add_text(out, "0");
	if (token.bytes > TOKEN_BYTES_MAX)
		return false;
	memcpy(text, token.at, token.bytes);
	text[token.bytes] = '\0';
	if (is_integer(token) && keeps_integer(token, text, numbers))
		return hp_buf_add(out, token);
	return print_value(strtod(text, NULL), numbers, out);
}
