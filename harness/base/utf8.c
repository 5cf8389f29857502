#include "base/utf8.h"

#include "base/err.h"

/* Well-formed sequences of more than one byte: RFC 3629 4, one row per line of its grammar. */
static const struct {
	unsigned char lead_min, lead_max;
	unsigned char second_min, second_max;
	unsigned char bytes;
} forms[] = {
	{0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
	{0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
	{0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static size_t long_form_bytes(const unsigned char *at, size_t bytes)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (at[0] < forms[i].lead_min || at[0] > forms[i].lead_max)
			continue;
		if (bytes < forms[i].bytes)
			return 0;
		if (at[1] < forms[i].second_min || at[1] > forms[i].second_max)
			return 0;
		for (size_t k = 2; k < forms[i].bytes; k++)
			if ((at[k] & 0xC0) != 0x80)
				return 0;
		return forms[i].bytes;
	}
	return 0;
}

size_t hp_utf8_bytes(struct hp_view text)
{
	const unsigned char *at = (const unsigned char *)text.at;

	if (text.bytes == 0)
		return 0;
	return at[0] < 0x80 ? 1 : long_form_bytes(at, text.bytes);
}

static char continuation(uint32_t bits)
{
	return (char)(0x80 | (bits & 0x3F));
}

size_t hp_utf8_put(uint32_t code_point, char out[HP_UTF8_BYTES_MAX])
{
	assert(code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF));
	if (code_point < 0x80) {
		out[0] = (char)code_point;
		return 1;
	}
	if (code_point < 0x800) {
		out[0] = (char)(0xC0 | code_point >> 6);
		out[1] = continuation(code_point);
		return 2;
	}
	if (code_point < 0x10000) {
		out[0] = (char)(0xE0 | code_point >> 12);
		out[1] = continuation(code_point >> 6);
		out[2] = continuation(code_point);
		return 3;
	}
	out[0] = (char)(0xF0 | code_point >> 18);
	out[1] = continuation(code_point >> 12);
	out[2] = continuation(code_point >> 6);
	out[3] = continuation(code_point);
	return 4;
}
