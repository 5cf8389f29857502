/* Signatures as texts, wrong in one respect each: a row for each spelling. */
#include <ctype.h>

#include "certify/forge_inside.h"

enum { LONG_CHARS = 8192 };

struct spell { /* what a spelling looks at */
	struct hp_view text;   /* the right spelling */
	struct hp_view digest; /* its bytes */
	enum encoding encoding;
};

static bool repeat(struct hp_buf *out, const char *piece, size_t count)
{
	for (size_t i = 0; i < count; i++)
		hp_buf_add_text(out, piece);
	return count > 0;
}

static bool as_it_is(const struct spell *spell, struct hp_buf *out)
{
	return hp_buf_add(out, spell->text);
}

/* The digest of other bytes: every bit is another one. */
static bool other_digest(const struct spell *spell, struct hp_buf *out)
{
	char text[4 * SCHEME_DIGEST_BYTES_MAX];
	uint8_t bytes[SCHEME_DIGEST_BYTES_MAX];

	for (size_t i = 0; i < spell->digest.bytes; i++)
		bytes[i] = (uint8_t)~(unsigned char)spell->digest.at[i];
	return hp_buf_add(out, (struct hp_view){text, encoding_write(spell->encoding, bytes,
								     spell->digest.bytes, text)});
}

/* The last character that carries nothing but bits of the digest: not the last of base64, which has
 * unused ones. */
static bool alter_last(const struct spell *spell, struct hp_buf *out)
{
	size_t at = spell->text.bytes - (spell->encoding == ENCODING_BASE64 ? 4 : 1);
	char changed = spell->text.at[at] == '0' ? '1' : '0';

	hp_buf_add(out, (struct hp_view){spell->text.at, at});
	hp_buf_add(out, (struct hp_view){&changed, 1});
	return hp_buf_add(out, (struct hp_view){spell->text.at + at + 1,
						spell->text.bytes - at - 1});
}

static bool one(const struct spell *spell, struct hp_buf *out)
{
	return hp_buf_add(out, (struct hp_view){spell->text.at, 1});
}

static bool shorter(const struct spell *spell, struct hp_buf *out)
{
	return hp_buf_add(out, (struct hp_view){spell->text.at, spell->text.bytes - 1});
}

static bool longer(const struct spell *spell, struct hp_buf *out)
{
	return hp_buf_add(out, spell->text) && hp_buf_add_text(out, "0");
}

static bool doubled(const struct spell *spell, struct hp_buf *out)
{
	return hp_buf_add(out, spell->text) && hp_buf_add(out, spell->text);
}

static bool long_one(const struct spell *spell, struct hp_buf *out)
{
	(void)spell;
	return repeat(out, "a", LONG_CHARS);
}

static bool all_z(const struct spell *spell, struct hp_buf *out)
{
	return repeat(out, "z", spell->text.bytes);
}

static bool high_bytes(const struct spell *spell, struct hp_buf *out)
{
	return repeat(out, "\xe9", spell->text.bytes);
}

static bool two_bytes(const struct spell *spell, struct hp_buf *out)
{
	return repeat(out, "\u00e9", spell->text.bytes / 2);
}

static bool nul_inside(const struct spell *spell, struct hp_buf *out)
{
	size_t half = spell->text.bytes / 2;

	hp_buf_add(out, (struct hp_view){spell->text.at, half});
	hp_buf_add(out, (struct hp_view){"", 1});
	return hp_buf_add(out, (struct hp_view){spell->text.at + half + 1,
						spell->text.bytes - half - 1});
}

static bool upper(const struct spell *spell, struct hp_buf *out)
{
	bool changed = false;

	for (size_t i = 0; i < spell->text.bytes; i++) {
		char c = (char)toupper((unsigned char)spell->text.at[i]);

		changed |= c != spell->text.at[i];
		hp_buf_add(out, (struct hp_view){&c, 1});
	}
	return changed;
}

static bool other_encoding(const struct spell *spell, struct hp_buf *out)
{
	enum encoding other = spell->encoding == ENCODING_HEX ? ENCODING_BASE64 : ENCODING_HEX;
	char text[4 * SCHEME_DIGEST_BYTES_MAX];
	size_t bytes = encoding_write(other, (const uint8_t *)spell->digest.at,
				      spell->digest.bytes, text);

	return hp_buf_add(out, (struct hp_view){text, bytes});
}

static bool unpadded(const struct spell *spell, struct hp_buf *out)
{
	size_t bytes = spell->text.bytes;

	while (bytes > 0 && spell->text.at[bytes - 1] == '=')
		bytes--;
	return hp_buf_add(out, (struct hp_view){spell->text.at, bytes}) &&
	       bytes < spell->text.bytes;
}

static bool url_alphabet(const struct spell *spell, struct hp_buf *out)
{
	bool changed = false;

	for (size_t i = 0; i < spell->text.bytes; i++) {
		char c = spell->text.at[i];

		changed |= c == '+' || c == '/';
		c = c == '+' ? '-' : c == '/' ? '_' : c;
		hp_buf_add(out, (struct hp_view){&c, 1});
	}
	return changed;
}

static bool space_inside(const struct spell *spell, struct hp_buf *out)
{
	size_t half = spell->text.bytes / 2;

	hp_buf_add(out, (struct hp_view){spell->text.at, half});
	hp_buf_add_text(out, " ");
	return hp_buf_add(out, (struct hp_view){spell->text.at + half, spell->text.bytes - half});
}

/* The last letter before the padding carries bits that no byte has: the next letter of the alphabet
 * stands for the same bytes. */
static bool unused_bits(const struct spell *spell, struct hp_buf *out)
{
	size_t at = spell->text.bytes;
	char next;

	while (at > 0 && spell->text.at[at - 1] == '=')
		at--;
	if (at == 0 || at == spell->text.bytes)
		return false;
	next = (char)(spell->text.at[at - 1] + 1); /* A, Q, g, w, … 8: each has its successor */
	hp_buf_add(out, (struct hp_view){spell->text.at, at - 1});
	hp_buf_add(out, (struct hp_view){&next, 1});
	return hp_buf_add(out, (struct hp_view){spell->text.at + at, spell->text.bytes - at});
}

typedef bool spelling_write(const struct spell *spell, struct hp_buf *out);

static spelling_write *const rows[] = {
	[SUITE_AS_IT_IS] = as_it_is,
	[SUITE_OTHER_DIGEST] = other_digest,
	[SUITE_ALTER_LAST] = alter_last,
	[SUITE_ONE] = one,
	[SUITE_SHORTER] = shorter,
	[SUITE_LONGER] = longer,
	[SUITE_DOUBLED] = doubled,
	[SUITE_LONG] = long_one,
	[SUITE_ALL_Z] = all_z,
	[SUITE_HIGH_BYTES] = high_bytes,
	[SUITE_TWO_BYTES] = two_bytes,
	[SUITE_NUL_INSIDE] = nul_inside,
	[SUITE_UPPER] = upper,
	[SUITE_OTHER_ENCODING] = other_encoding,
	[SUITE_UNPADDED] = unpadded,
	[SUITE_URL_ALPHABET] = url_alphabet,
	[SUITE_SPACE_INSIDE] = space_inside,
	[SUITE_UNUSED_BITS] = unused_bits,
};

bool forge_spell(enum suite_spelling spelling, enum encoding encoding, struct hp_view digest,
		 struct hp_buf *out)
{
	char text[4 * SCHEME_DIGEST_BYTES_MAX];
	struct spell spell = {.digest = digest, .encoding = encoding};

	spell.text = (struct hp_view){
		text, encoding_write(encoding, (const uint8_t *)digest.at, digest.bytes, text)};
	return rows[spelling](&spell, out);
}
