/* The digest is right, its dress is wrong: rows that write the entry of the signature header. */
#include "certify/recipe_inside.h"

const char *const recipe_tags[] = {
	"sha256=", "sha1=", "sha512=", "v0=", "v1=", "v1,", "v2=", "hmac-sha256 ", NULL,
};

void recipe_encode(enum encoding encoding, struct hp_view bytes, struct hp_buf *out)
{
	char text[4 * RECIPE_DIGEST_BYTES_MAX];
	size_t step = 3 * 16; /* whole groups of base64 */

	for (size_t at = 0; at < bytes.bytes; at += step) {
		size_t count = bytes.bytes - at < step ? bytes.bytes - at : step;

		count = encoding_write(encoding, (const uint8_t *)bytes.at + at, count, text);
		hp_buf_add(out, (struct hp_view){text, count});
	}
}

static struct hp_view tag_of(const struct scheme *scheme)
{
	return hp_view_of(scheme->value.name);
}

void recipe_dress(const struct scheme *scheme, struct hp_view digest, struct hp_buf *out)
{
	hp_buf_add(out, tag_of(scheme));
	recipe_encode(scheme->encoding, digest, out);
}

/* What an encoding function needs, under one name each. */
#define MAKE(name)                                                                                 \
	static bool make_##name(const struct recipe *recipe, const struct recipe_base *base,       \
				unsigned form, const struct recipe_input *input,                   \
				struct hp_buf *out)

/* The digest's text in the profile's encoding, without its tag. */
static struct hp_view own_text(const struct recipe_base *base, const struct recipe_input *input,
			       struct hp_buf *room)
{
	recipe_encode(base->scheme->encoding, input->digest, room);
	return hp_buf_view(room);
}

MAKE(hex_upper)
{
	size_t start;

	(void)recipe, (void)form;
	hp_buf_add(out, tag_of(base->scheme));
	start = out->bytes;
	recipe_encode(ENCODING_HEX, input->digest, out);
	for (size_t i = start; i < out->bytes; i++) {
		if (out->at[i] >= 'a')
			out->at[i] = (char)(out->at[i] - 'a' + 'A');
	}
	return true;
}

/* The encoding that the row's data names. */
MAKE(plain)
{
	const enum encoding *encoding = recipe->data;

	(void)form;
	hp_buf_add(out, tag_of(base->scheme));
	recipe_encode(*encoding, input->digest, out);
	return true;
}

static void drop_padding(struct hp_buf *out)
{
	while (out->bytes && out->at[out->bytes - 1] == '=')
		out->bytes--;
}

MAKE(unpadded)
{
	(void)recipe, (void)form;
	hp_buf_add(out, tag_of(base->scheme));
	recipe_encode(ENCODING_BASE64, input->digest, out);
	if (out->bytes && out->at[out->bytes - 1] != '=')
		return false;
	drop_padding(out);
	return true;
}

MAKE(base64url) /* padded, or not */
{
	size_t start;

	(void)recipe;
	hp_buf_add(out, tag_of(base->scheme));
	start = out->bytes;
	recipe_encode(ENCODING_BASE64, input->digest, out);
	for (size_t i = start; i < out->bytes; i++)
		out->at[i] = out->at[i] == '+' ? '-' : out->at[i] == '/' ? '_' : out->at[i];
	if (form == 1)
		drop_padding(out);
	return true;
}

/* One encoding's text in the other: base64 of hex, or the reverse, as the row's data says. */
MAKE(nested)
{
	const enum encoding *outer = recipe->data;
	struct hp_buf inner;

	(void)form;
	hp_buf_init(&inner, 4 * RECIPE_DIGEST_BYTES_MAX);
	recipe_encode(*outer == ENCODING_HEX ? ENCODING_BASE64 : ENCODING_HEX, input->digest,
		      &inner);
	hp_buf_add(out, tag_of(base->scheme));
	recipe_encode(*outer, hp_buf_view(&inner), out);
	hp_buf_fini(&inner);
	return true;
}

MAKE(prefix_missing)
{
	(void)recipe, (void)form;
	recipe_encode(base->scheme->encoding, input->digest, out);
	return tag_of(base->scheme).bytes;
}

MAKE(prefix_extra) /* in place of the profile's tag */
{
	(void)recipe;
	if (hp_view_equal(hp_view_of(recipe_tags[form]), tag_of(base->scheme)))
		return false;
	hp_buf_add_text(out, recipe_tags[form]);
	recipe_encode(base->scheme->encoding, input->digest, out);
	return true;
}

MAKE(quoted) /* the digest, or all of it; "…" or '…' */
{
	const char *quote = form & 1 ? "'" : "\"";
	struct hp_view tag = tag_of(base->scheme);

	(void)recipe;
	if (form < 2)
		hp_buf_add(out, tag);
	hp_buf_add_text(out, quote);
	if (form >= 2)
		hp_buf_add(out, tag);
	recipe_encode(base->scheme->encoding, input->digest, out);
	hp_buf_add_text(out, quote);
	return form < 2 || tag.bytes;
}

static const char *const spaces[] = {" ", "\t", "%0A", "\\n", "\n", "\r\n"};

enum { SPACES = 4, SPACES_DROPPED = sizeof(spaces) / sizeof(spaces[0]) }; /* written; read */

/* A space or tab at either end of a header's value is no part of it (RFC 9110 5.5). */
static bool is_outer(const struct recipe_base *base, unsigned form)
{
	bool blank = form % SPACES < 2, behind = form / SPACES == 0, before = form / SPACES == 1;
	bool opened = tag_of(base->scheme).bytes || *base->scheme->value.time_name;

	return blank && (behind || (before && !opened));
}

MAKE(whitespace) /* behind, before, or in the middle of the digest; a line end is no header's */
{
	struct hp_buf room;
	struct hp_view text;
	size_t middle;

	(void)recipe;
	if (is_outer(base, form))
		return false;
	hp_buf_init(&room, 4 * RECIPE_DIGEST_BYTES_MAX);
	text = own_text(base, input, &room);
	middle = form / SPACES == 0 ? text.bytes : form / SPACES == 1 ? 0 : text.bytes / 2;
	hp_buf_add(out, tag_of(base->scheme));
	hp_buf_add(out, (struct hp_view){text.at, middle});
	hp_buf_add_text(out, spaces[form % SPACES]);
	hp_buf_add(out, (struct hp_view){text.at + middle, text.bytes - middle});
	hp_buf_fini(&room);
	return true;
}

static size_t space_at(struct hp_view text)
{
	for (size_t i = 0; i < SPACES_DROPPED; i++) {
		size_t bytes = strlen(spaces[i]);

		if (text.bytes >= bytes && !memcmp(text.at, spaces[i], bytes))
			return bytes;
	}
	return 0;
}

bool recipe_drop_space(struct hp_view text, struct hp_buf *out)
{
	bool dropped = false;

	while (text.bytes) {
		size_t bytes = space_at(text);

		if (!bytes)
			hp_buf_add(out, (struct hp_view){text.at, 1});
		dropped = dropped || bytes;
		bytes = bytes ? bytes : 1;
		text.at += bytes;
		text.bytes -= bytes;
	}
	return dropped;
}

static const struct cut { /* characters of the text, or bytes of the digest before it is encoded */
	size_t characters, bytes;
} cuts[] = {{8, 0}, {16, 0}, {20, 0}, {32, 0}, {40, 0}, {0, 16}, {0, 20}};

MAKE(truncated)
{
	const struct cut *cut = &cuts[form];
	struct hp_view digest = input->digest;
	size_t whole;

	(void)recipe;
	if (cut->bytes >= digest.bytes)
		return false;
	if (cut->bytes)
		digest.bytes = cut->bytes;
	recipe_dress(base->scheme, digest, out);
	whole = out->bytes - tag_of(base->scheme).bytes;
	if (cut->characters >= whole)
		return false;
	if (cut->characters)
		out->bytes -= whole - cut->characters;
	return true;
}

MAKE(decimal_bytes) /* "135,31", "135, 31", and both in brackets */
{
	(void)recipe;
	hp_buf_add(out, tag_of(base->scheme));
	hp_buf_add_text(out, form >= 2 ? "[" : "");
	for (size_t i = 0; i < input->digest.bytes; i++)
		hp_buf_add_format(out, "%s%u",
				  !i         ? ""
				  : form & 1 ? ", "
					     : ",",
				  (unsigned char)input->digest.at[i]);
	hp_buf_add_text(out, form >= 2 ? "]" : "");
	return true;
}

static const enum encoding hex = ENCODING_HEX, base64 = ENCODING_BASE64;

#define ROW(slug_, words_, forms_, function, ...)                                                  \
	{                                                                                          \
		.slug = slug_, .words = words_, .dimension = RECIPE_ENCODING, .forms = forms_,     \
		.make = make_##function, __VA_ARGS__                                               \
	}

static const struct recipe rows[] = {
	ROW("enc-hex-upper", "the digest in upper-case hex", 1, hex_upper),
	ROW("enc-hex", "the digest in hex, where the profile says base64", 1, plain, .data = &hex),
	ROW("enc-base64", "the digest in base64, where the profile says hex", 1, plain,
	    .data = &base64),
	ROW("enc-base64-unpadded", "the digest in base64 without its padding", 1, unpadded),
	ROW("enc-base64url", "the digest in base64url, with - and _ for + and /", 2, base64url),
	ROW("enc-base64-of-hex", "base64 of the digest's hex text", 1, nested, .data = &base64,
	    .remedy = "Encode the digest's bytes, not the hex text that the library returns."),
	ROW("enc-hex-of-base64", "hex of the digest's base64 text", 1, nested, .data = &hex,
	    .remedy = "Encode the digest's bytes, not the base64 text that the library returns."),
	ROW("enc-prefix-missing", "the digest without the tag before it", 1, prefix_missing),
	ROW("enc-prefix-extra", "the digest behind a tag of another scheme", 8, prefix_extra),
	ROW("enc-quoted", "the digest in quotes", 4, quoted),
	ROW("enc-whitespace", "white space around the digest or inside of it", 3 * SPACES,
	    whitespace),
	ROW("enc-truncated", "a part of the digest only", 7, truncated,
	    .remedy = "Send and compare the whole digest."),
	ROW("enc-decimal-bytes", "the digest's bytes as decimal numbers", 4, decimal_bytes),
};

const struct recipe_table recipe_encodings = {rows, sizeof(rows) / sizeof(rows[0])};
