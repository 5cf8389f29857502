/* The secret is read wrongly: rows that write the bytes of an HMAC key. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "certify/recipe_inside.h"

#define WRITE(name)                                                                                \
	static bool write_##name(const struct recipe *recipe, const struct recipe_base *base,      \
				 unsigned form, struct hp_buf *out)

/* -- readings of a secret's text -- */

/* The value of a base64 digit; url: also of - and _, as Node takes them. -1: no digit. */
static int digit_value(char digit, bool url)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	const char *at = digit ? strchr(digits, digit) : NULL;

	if (at)
		return (int)(at - digits);
	if (digit == '+' || (url && digit == '-'))
		return 62;
	return digit == '/' || (url && digit == '_') ? 63 : -1;
}

/* Decodes as most libraries do: what is no digit is passed over, "=" ends it. */
static bool put_loose_base64(struct hp_view text, bool url, struct hp_buf *out)
{
	uint32_t group = 0;
	int bits = 0;

	for (size_t i = 0; i < text.bytes && text.at[i] != '='; i++) {
		int value = digit_value(text.at[i], url);
		char byte;

		if (value < 0)
			continue;
		group = (group << 6 | (uint32_t)value) & 0xFFFF;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		byte = (char)(group >> bits);
		hp_buf_add(out, (struct hp_view){&byte, 1});
	}
	return out->bytes;
}

/* A text read strictly in a format. */
static bool put_format(enum scheme_key_format format, struct hp_view text, struct hp_buf *out)
{
	uint8_t *bytes;
	ssize_t count;

	if (!text.bytes || text.bytes > FORENSICS_SECRET_BYTES_MAX)
		return false;
	bytes = hp_xcalloc(text.bytes, 1);
	count = scheme_key_bytes(format, text, bytes);
	if (count > 0)
		hp_buf_add(out, (struct hp_view){(char *)bytes, (size_t)count});
	explicit_bzero(bytes, text.bytes);
	free(bytes);
	return count > 0;
}

static bool is_text(const struct recipe_base *base)
{
	return base->scheme->key_format == SCHEME_KEY_TEXT;
}

static bool is_base64(const struct recipe_base *base)
{
	return !is_text(base) && base->scheme->key_format != SCHEME_KEY_HEX;
}

/* What stands behind the first or the last '_' of the secret; empty without one. */
static struct hp_view behind_prefix(struct hp_view secret, bool last)
{
	const char *at = NULL;

	if (secret.bytes)
		at = last ? memrchr(secret.at, '_', secret.bytes)
			  : memchr(secret.at, '_', secret.bytes);
	if (!at)
		return (struct hp_view){0};
	return (struct hp_view){at + 1, secret.bytes - (size_t)(at + 1 - secret.at)};
}

static bool put_all(struct hp_buf *out, struct hp_view a, struct hp_view b, struct hp_view c)
{
	return hp_buf_add(out, a) && hp_buf_add(out, b) && hp_buf_add(out, c);
}

/* -- rows -- */

WRITE(empty)
{
	(void)recipe, (void)base, (void)form, (void)out;
	return true;
}

static const char *const placeholders[] = {
	"secret",
	"changeme",
	"test",
	"webhook_secret",
	"your-webhook-secret",
	"whsec_test",
	"undefined",
	"null",
	"None",
	"nil",
	"development",
	"your_webhook_secret",
	"YOUR_WEBHOOK_SECRET",
	"whsec_your_webhook_secret",
	"whsec_test_secret",
	"my-secret",
	"ey7bTCm6tur63CR6mzbuq23r",               /* Paisr's documentation */
	"It's a Secret to Everybody",             /* GitHub's */
	"8f742231b10e8888abcd99yyyzzz85a5",       /* Slack's */
	"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", /* Standard Webhooks', Svix's */
	"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
};

enum { PLACEHOLDERS = sizeof(placeholders) / sizeof(placeholders[0]) };

WRITE(placeholder) /* in the profile's format, then as it stands */
{
	struct hp_view text = hp_view_of(placeholders[form % PLACEHOLDERS]);

	(void)recipe;
	if (form < PLACEHOLDERS)
		return put_format(base->scheme->key_format, text, out);
	return !is_text(base) && hp_buf_add(out, text);
}

/* The secret's text between what the row's data says. */
WRITE(around)
{
	const char *const *pairs = recipe->data;

	return put_all(out, hp_view_of(pairs[2 * form]), base->given->secret,
		       hp_view_of(pairs[2 * form + 1]));
}

WRITE(variable_name)
{
	static const char *const before[] = {"", "$", "${", "process.env.", "ENV_"};
	static const char *const behind[] = {"", "", "}", "", ""};

	(void)recipe;
	if (!base->given->secret_name)
		return false;
	return put_all(out, hp_view_of(before[form]), hp_view_of(base->given->secret_name),
		       hp_view_of(behind[form]));
}

WRITE(prefix_stripped)
{
	struct hp_view rest = behind_prefix(base->given->secret, form == 1);

	(void)recipe;
	return rest.bytes && hp_buf_add(out, rest);
}

static bool has_prefix(const struct recipe_base *base)
{
	struct hp_view rest = behind_prefix(base->given->secret, false);

	return rest.bytes;
}

WRITE(prefix_kept)
{
	(void)recipe, (void)form;
	return !is_text(base) && has_prefix(base) && hp_buf_add(out, base->given->secret);
}

WRITE(prefix_doubled) /* "v1,whsec_…", "whsec_whsec_…"; as text, or decoded */
{
	struct hp_view secret = base->given->secret, rest = behind_prefix(secret, false);
	struct hp_view before = HP_LITERAL("v1,");
	struct hp_buf text;
	bool done;

	(void)recipe;
	if (!rest.bytes)
		return false;
	if (form & 1)
		before = (struct hp_view){secret.at, secret.bytes - rest.bytes};
	if (form < 2)
		return put_all(out, before, secret, (struct hp_view){0});
	hp_buf_init(&text, 2 * FORENSICS_SECRET_BYTES_MAX + 8);
	put_all(&text, before, secret, (struct hp_view){0});
	done = put_loose_base64(hp_buf_view(&text), form >= 4, out);
	explicit_bzero(text.at, text.bytes);
	hp_buf_fini(&text);
	return done;
}

WRITE(whsec_decoded) /* as Node decodes, or as what drops - and _ */
{
	struct hp_view rest = behind_prefix(base->given->secret, false);

	(void)recipe;
	return is_text(base) && rest.bytes && put_loose_base64(rest, form == 0, out);
}

WRITE(base64_decoded)
{
	(void)recipe;
	return is_text(base) && put_loose_base64(base->given->secret, form == 0, out);
}

WRITE(base64_literal)
{
	struct hp_view secret = base->given->secret, rest = behind_prefix(secret, false);

	(void)recipe, (void)form;
	return is_base64(base) && hp_buf_add(out, rest.bytes ? rest : secret);
}

WRITE(base64_lenient) /* the prefix's letters are taken for base64 too */
{
	(void)recipe;
	return is_base64(base) && put_loose_base64(base->given->secret, form == 0, out);
}

WRITE(hex_decoded) /* all of it, or behind its prefix */
{
	struct hp_view secret = base->given->secret;

	(void)recipe;
	if (form == 1)
		secret = behind_prefix(secret, false);
	return base->scheme->key_format != SCHEME_KEY_HEX &&
	       put_format(SCHEME_KEY_HEX, secret, out);
}

WRITE(hex_literal)
{
	(void)recipe, (void)form;
	return base->scheme->key_format == SCHEME_KEY_HEX && hp_buf_add(out, base->given->secret);
}

WRITE(base64_encoded) /* of the key, or of the secret's text */
{
	(void)recipe;
	recipe_encode(ENCODING_BASE64, form ? base->given->secret : hp_buf_view(&base->key), out);
	return true;
}

WRITE(hashed) /* SHA-256 of the key: bytes, hex; of the secret's text: bytes, hex */
{
	uint8_t digest[MAC_BYTES_MAX];
	struct hp_view bytes = {(const char *)digest, 0};

	(void)recipe;
	bytes.bytes = mac_plain(MAC_SHA256,
				form < 2 ? hp_buf_view(&base->key) : base->given->secret, digest);
	if (form & 1)
		recipe_encode(ENCODING_HEX, bytes, out);
	else
		hp_buf_add(out, bytes);
	return true;
}

static char to_case(char byte, bool upper)
{
	if (upper)
		return byte >= 'a' && byte <= 'z' ? (char)(byte - 'a' + 'A') : byte;
	return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

WRITE(case) /* in lower case, in upper case; then read as the profile reads */
{
	struct hp_view secret = base->given->secret;
	char *text = hp_xcalloc(secret.bytes, 1);
	bool done;

	(void)recipe;
	for (size_t i = 0; i < secret.bytes; i++)
		text[i] = to_case(secret.at[i], form == 1);
	done = put_format(base->scheme->key_format, (struct hp_view){text, secret.bytes}, out);
	explicit_bzero(text, secret.bytes);
	free(text);
	return done;
}

/* The code point at the front; a byte that is no UTF-8 counts as itself. Moves on. */
static uint32_t take_code(struct hp_view *rest)
{
	size_t bytes = hp_utf8_bytes(*rest);
	uint32_t code = (unsigned char)rest->at[0];

	if (bytes > 1)
		code &= 0x7Fu >> bytes;
	for (size_t i = 1; i < bytes; i++)
		code = code << 6 | ((unsigned char)rest->at[i] & 0x3F);
	rest->at += bytes ? bytes : 1;
	rest->bytes -= bytes ? bytes : 1;
	return code;
}

static void put_utf16(uint32_t unit, bool big, struct hp_buf *out)
{
	char low = (char)unit, high = (char)(unit >> 8);

	hp_buf_add(out, (struct hp_view){
				big ? (const char[]){high, low} : (const char[]){low, high}, 2});
}

WRITE(utf16) /* little-endian, big-endian */
{
	struct hp_view rest = base->given->secret;

	(void)recipe;
	while (rest.bytes) {
		uint32_t code = take_code(&rest);

		if (code >= 0x10000) {
			put_utf16(0xD800 + ((code - 0x10000) >> 10), form == 1, out);
			code = 0xDC00 + (code & 0x3FF);
		}
		put_utf16(code, form == 1, out);
	}
	return true;
}

WRITE(latin1)
{
	struct hp_view rest = base->given->secret;
	bool other = false;

	(void)recipe, (void)form;
	while (rest.bytes) {
		uint32_t code = take_code(&rest);
		char byte = code < 0x100 ? (char)code : '?';

		other = other || code >= 0x80;
		hp_buf_add(out, (struct hp_view){&byte, 1});
	}
	return other;
}

WRITE(truncated)
{
	static const size_t bytes[] = {16, 24, 32};

	(void)recipe;
	return base->key.bytes > bytes[form] &&
	       hp_buf_add(out, (struct hp_view){base->key.at, bytes[form]});
}

WRITE(old)
{
	const struct forensics_case *given = base->given;

	(void)recipe;
	return form < given->old_count &&
	       put_format(base->scheme->key_format, given->old[form], out);
}

WRITE(other_endpoint)
{
	const struct forensics_case *given = base->given;

	(void)recipe;
	return form < given->other_count &&
	       put_format(base->scheme->key_format, given->others[form], out);
}

static bool ends_with_id(struct hp_view name)
{
	return name.bytes > 3 && hp_view_equal_nocase((struct hp_view){name.at + name.bytes - 3, 3},
						      HP_LITERAL("-id"));
}

WRITE(id) /* the endpoint's, or one that a header carries */
{
	const struct forensics_case *given = base->given;

	(void)recipe;
	if (form == 0)
		return given->endpoint_id.bytes && hp_buf_add(out, given->endpoint_id);
	return form <= given->header_count && ends_with_id(given->headers[form - 1].name) &&
	       given->headers[form - 1].value.bytes &&
	       hp_buf_add(out, given->headers[form - 1].value);
}

static bool put_public_half(const struct recipe_base *base, struct hp_buf *out)
{
	uint8_t half[ED25519_KEY_BYTES];
	struct ed25519_key *key = NULL;
	bool done;

	if (base->key.bytes >= ED25519_KEY_BYTES)
		key = ed25519_key_private((const uint8_t *)base->key.at);
	done = key && ed25519_public_half(key, half);
	ed25519_key_free(key);
	return done && hp_buf_add(out, (struct hp_view){(const char *)half, sizeof(half)});
}

WRITE(public) /* the public half of the pair: its bytes; as the profile writes it down */
{
	struct hp_view written = hp_view_of(base->scheme->public_key);

	(void)recipe;
	if (base->scheme->algorithm != SCHEME_ED25519)
		return false;
	if (form == 1)
		return written.bytes && hp_buf_add(out, written);
	if (written.bytes)
		return put_format(base->scheme->key_format, written, out);
	return put_public_half(base, out);
}

WRITE(own)
{
	(void)recipe, (void)form;
	return base->scheme->algorithm != SCHEME_ED25519 &&
	       hp_buf_add(out, hp_buf_view(&base->key));
}

#define PAIRS(...)                                                                                 \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define ROW(slug_, words_, forms_, function, ...)                                                  \
	{                                                                                          \
		.slug = slug_, .words = words_, .dimension = RECIPE_KEY, .forms = forms_,          \
		.write = write_##function, __VA_ARGS__                                             \
	}
#define STRIP "Strip white space and quotes when the secret is read from a file or a variable."

static const struct recipe rows[] = {
	ROW("key-empty", "the empty key", 1, empty,
	    .remedy = "Set the secret, and refuse to start without one."),
	ROW("key-placeholder", "a default secret, or one out of documentation", 2 * PLACEHOLDERS,
	    placeholder,
	    .remedy = "Set the endpoint's own secret, and drop the default from the code."),
	ROW("key-trailing-lf", "the secret with a line feed at its end", 1, around,
	    .data = PAIRS("", "\n"), .remedy = STRIP),
	ROW("key-trailing-crlf", "the secret with CR and LF at its end", 1, around,
	    .data = PAIRS("", "\r\n"), .remedy = STRIP),
	ROW("key-trailing-space", "the secret with a space at its end", 1, around,
	    .data = PAIRS("", " "), .remedy = STRIP),
	ROW("key-leading-space", "the secret with a space before it", 1, around,
	    .data = PAIRS(" ", ""), .remedy = STRIP),
	ROW("key-quoted", "the secret with the quotes of a configuration file", 2, around,
	    .data = PAIRS("\"", "\"", "'", "'"), .remedy = STRIP),
	ROW("key-variable-name", "the name of the variable in place of the secret in it", 5,
	    variable_name, .remedy = "Read the variable's value; its name was taken for it."),
	ROW("key-prefix-stripped", "the secret without its prefix, the rest as text", 2,
	    prefix_stripped),
	ROW("key-prefix-kept", "the whole secret as text, prefix and all, where it is base64", 1,
	    prefix_kept, .remedy = "Drop the prefix and decode the rest from base64."),
	ROW("key-prefix-doubled", "the secret with a second prefix before it", 6, prefix_doubled),
	ROW("key-whsec-decoded", "the secret without its prefix, decoded from base64", 2,
	    whsec_decoded, .remedy = "Take the whole secret, prefix and all, as text."),
	ROW("key-base64-decoded", "the secret decoded from base64, where it is text", 2,
	    base64_decoded, .remedy = "Take the secret as text: this platform does not encode it."),
	ROW("key-base64-literal", "the secret's base64 text as it stands, without decoding it", 1,
	    base64_literal, .remedy = "Decode the secret from base64."),
	ROW("key-base64-lenient", "the secret decoded by a lenient reader, its prefix too", 2,
	    base64_lenient, .remedy = "Drop the prefix before you decode, and decode strictly."),
	ROW("key-hex-decoded", "the secret decoded from hex, where it is something else", 2,
	    hex_decoded),
	ROW("key-hex-literal", "the secret's hex text as it stands, without decoding it", 1,
	    hex_literal, .remedy = "Decode the secret from hex."),
	ROW("key-base64-encoded", "base64 of the secret", 2, base64_encoded),
	ROW("key-hashed", "SHA-256 of the secret", 4, hashed),
	ROW("key-case", "the secret in lower or upper case", 2, case),
	ROW("key-utf16", "the secret as UTF-16", 2, utf16,
	    .remedy = "Encode the secret as UTF-8 before it becomes a key."),
	ROW("key-latin1", "the secret as Latin-1", 1, latin1,
	    .remedy = "Encode the secret as UTF-8 before it becomes a key."),
	ROW("key-truncated", "the first bytes of the secret only", 3, truncated),
	ROW("key-old", "the secret from before the rotation", FORENSICS_SECRETS_MAX, old,
	    .remedy = "Load the new secret; accept both until the overlap ends."),
	ROW("key-other-endpoint", "the secret of another endpoint", FORENSICS_SECRETS_MAX,
	    other_endpoint, .remedy = "Use the secret of this endpoint and this mode."),
	ROW("key-id", "an id or token in place of the secret", 1 + HTTP1_HEADERS_MAX, id),
	ROW("key-public", "the public key as the key of an HMAC", 2, public, .public = true,
	    .remedy = "Verify the ed25519 signature; never let the request choose the algorithm."),
	ROW("key-message-swapped", "secret and content exchanged: the content is the key", 1, own,
	    .swaps = true, .remedy = "Pass the key as the key and the content as the message."),
};

const struct recipe_table recipe_keys = {rows, sizeof(rows) / sizeof(rows[0])};
