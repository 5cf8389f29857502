/* How a scheme is put together: content and value templates, and whether its parts fit.
 * A template is text with slots in braces; there is no escape, since no known scheme needs one. */
#include <stdio.h>

#include "wire/scheme_inside.h"

#define SLOT_LIST "{body} {timestamp} {id} {url}"

void scheme_init(struct scheme *scheme)
{
	static const struct scheme plain = {
		.algorithm = SCHEME_HMAC_SHA256,
		.encoding = ENCODING_HEX,
		.key_format = SCHEME_KEY_TEXT,
		.content = {.text = "{body}",
			    .piece_count = 1,
			    .pieces = {{.slot = SCHEME_BODY}},
			    .has_body = true},
		.value = {.text = "{signature}"},
		.family_count = 1,
		.past_s = SCHEME_NO_TOLERANCE,
		.future_s = SCHEME_NO_TOLERANCE,
	};

	*scheme = plain;
}

/* Copies text into a field with its NUL. False when it does not fit, or holds a NUL of its own. */
static bool copy_text(char *out, size_t out_bytes, struct hp_view text)
{
	if (text.bytes >= out_bytes || memchr(text.at, '\0', text.bytes))
		return false;
	memcpy(out, text.at, text.bytes);
	out[text.bytes] = '\0';
	return true;
}

/* The bytes before the next slot: all of them when there is none. */
static size_t constant_bytes(struct hp_view text)
{
	const char *brace = text.bytes ? memchr(text.at, '{', text.bytes) : NULL;

	return brace ? (size_t)(brace - text.at) : text.bytes;
}

/* Takes a slot from the front of *rest, or SCHEME_CONSTANT when no known one stands there. */
static enum scheme_slot take_slot(struct hp_view *rest)
{
	static const struct hp_view words[] = {
#define X(name, word) [name] = {word, sizeof(word) - 1},
		SCHEME_SLOTS(X)
#undef X
	};

	for (unsigned slot = SCHEME_CONSTANT + 1; slot < SCHEME_SLOT_COUNT; slot++) {
		if (scheme_skip(rest, words[slot]))
			return (enum scheme_slot)slot;
	}
	return SCHEME_CONSTANT;
}

/* Takes a constant or a slot from the front of *rest, which is not empty. */
static int take_piece(struct hp_view *rest, struct scheme_piece *piece, struct hp_err *err)
{
	size_t bytes = constant_bytes(*rest);

	if (bytes >= SCHEME_LITERAL_BYTES)
		return hp_err_set(err, HP_EUSAGE, "a constant of a template has at most %d bytes",
				  SCHEME_LITERAL_BYTES - 1);
	*piece = (struct scheme_piece){.slot = SCHEME_CONSTANT, .bytes = bytes};
	memcpy(piece->constant, rest->at, bytes);
	rest->at += bytes;
	rest->bytes -= bytes;
	if (bytes)
		return 0;
	piece->slot = take_slot(rest);
	if (piece->slot == SCHEME_CONSTANT)
		return hp_err_set(err, HP_EUSAGE,
				  "unknown slot at \"%.*s\": want one of " SLOT_LIST,
				  (int)rest->bytes, rest->at);
	return 0;
}

/* Notes what the content holds; an id ends where the constant behind it begins. */
static void note_pieces(struct scheme_content *content)
{
	for (unsigned i = 0; i < content->piece_count; i++) {
		enum scheme_slot slot = content->pieces[i].slot;

		content->has_timestamp |= slot == SCHEME_TIMESTAMP;
		content->has_body |= slot == SCHEME_BODY;
		content->has_id |= slot == SCHEME_ID;
		if (slot == SCHEME_ID && i + 1 < content->piece_count)
			content->after_id = content->pieces[i + 1].constant[0];
	}
}

int scheme_set_content(struct scheme *scheme, struct hp_view text, struct hp_err *err)
{
	struct scheme_content content = {0};

	if (!copy_text(content.text, sizeof(content.text), text))
		return hp_err_set(err, HP_EUSAGE, "a template is text of at most %d bytes",
				  SCHEME_TEXT_BYTES - 1);
	for (struct hp_view rest = text; rest.bytes; content.piece_count++) {
		if (content.piece_count == SCHEME_PIECES_MAX)
			return hp_err_set(err, HP_EUSAGE, "a content has at most %d pieces",
					  SCHEME_PIECES_MAX);
		if (take_piece(&rest, &content.pieces[content.piece_count], err) < 0)
			return -1;
	}
	note_pieces(&content);
	scheme->content = content;
	return 0;
}

/* Takes the constant before a slot, and the slot, from the front of *rest. False when another
 * slot comes first or none, or when the constant does not fit. */
static bool take_until(struct hp_view *rest, struct hp_view slot, char *constant)
{
	struct hp_view left = *rest;
	size_t bytes = constant_bytes(left);

	left.at += bytes;
	left.bytes -= bytes;
	if (!scheme_skip(&left, slot))
		return false;
	if (!copy_text(constant, SCHEME_LITERAL_BYTES, (struct hp_view){rest->at, bytes}))
		return false;
	*rest = left;
	return true;
}

/* Reads "t={timestamp},v1=" up to the signature, which is optional but for the signature. */
static bool take_opening(struct hp_view *rest, struct scheme_value *value)
{
	char constant[SCHEME_LITERAL_BYTES];

	if (!take_until(rest, HP_LITERAL("{timestamp}"), value->time_name))
		return take_until(rest, HP_LITERAL("{signature}"), value->name);
	if (!*value->time_name || !take_until(rest, HP_LITERAL("{signature}"), constant))
		return false;
	value->separator = constant[0];
	memcpy(value->name, constant + 1, sizeof(constant) - 1);
	return strlen(constant) >= 2;
}

/* Reads "[,v1={signature}]": an entry that is spelled like the first one, or the bare signature. */
static bool take_more(struct hp_view *rest, struct scheme_value *value)
{
	if (!rest->bytes)
		return true;
	if (!scheme_skip(rest, HP_LITERAL("[")) ||
	    !take_until(rest, HP_LITERAL("{signature}"), value->more) || !*value->more ||
	    !scheme_skip(rest, HP_LITERAL("]")) || rest->bytes)
		return false;
	if (value->separator && value->separator != value->more[0])
		return false;
	value->separator = value->more[0];
	if (strcmp(value->more + 1, value->name) == 0)
		return true;
	return !value->more[1] && !*value->time_name;
}

/* The text with each {version} replaced, which never makes it longer. */
static struct hp_view expand_version(const char *text, enum scheme_algorithm algorithm, char *out)
{
	static const char *const versions[] = {
#define X(name, word, version) [name] = version,
		SCHEME_ALGORITHMS(X)
#undef X
	};
	struct hp_view rest = hp_view_of(text);
	size_t bytes = 0;

	while (rest.bytes) {
		if (scheme_skip(&rest, HP_LITERAL("{version}"))) {
			memcpy(out + bytes, versions[algorithm], strlen(versions[algorithm]));
			bytes += strlen(versions[algorithm]);
			continue;
		}
		out[bytes++] = *rest.at++;
		rest.bytes--;
	}
	return (struct hp_view){out, bytes};
}

/* What is written must be read back: no control byte, no space before the first name, and a
 * separator that stands in no name, number or signature. The time is looked for before a signature,
 * so its name must not begin the other. */
static bool is_readable(const struct scheme_value *value)
{
	static const char taken[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "+/=";
	const char *first = *value->time_name ? value->time_name : value->name;
	size_t time_bytes = strlen(value->time_name);

	for (const char *at = value->text; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return false;
	}
	if (*first == ' ' || (time_bytes && !strncmp(value->name, value->time_name, time_bytes)))
		return false;
	return !value->separator || !(strchr(taken, value->separator) ||
				      strchr(value->time_name, value->separator) ||
				      strchr(value->name, value->separator));
}

int scheme_set_value(struct scheme *scheme, struct hp_view text, struct hp_err *err)
{
	struct scheme_value value = {0};
	char expanded[SCHEME_TEXT_BYTES];
	struct hp_view rest;

	if (!copy_text(value.text, sizeof(value.text), text))
		return hp_err_set(err, HP_EUSAGE, "a template is text of at most %d bytes",
				  SCHEME_TEXT_BYTES - 1);
	rest = expand_version(value.text, scheme->algorithm, expanded);
	if (!take_opening(&rest, &value) || !take_more(&rest, &value) || !is_readable(&value))
		return hp_err_set(err, HP_EUSAGE,
				  "want a value like {signature}, v1={signature}, "
				  "{version},{signature}[ {version},{signature}] or "
				  "t={timestamp},v1={signature}[,v1={signature}], got \"%s\"",
				  value.text);
	scheme->value = value;
	return 0;
}

int scheme_set_algorithm(struct scheme *scheme, enum scheme_algorithm algorithm,
			 struct hp_err *err)
{
	struct scheme changed = *scheme;

	changed.algorithm = algorithm;
	if (scheme_set_value(&changed, hp_view_of(scheme->value.text), err) < 0)
		return -1;
	*scheme = changed;
	return 0;
}

bool scheme_is_header_name(struct hp_view text)
{
	static const char letters[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz";

	for (size_t i = 0; i < text.bytes; i++) {
		if (!memchr(letters, text.at[i], sizeof(letters) - 1))
			return false;
	}
	return text.bytes;
}

/* The scheme may do without this header, or names it rightly. */
static bool is_name_or_none(const char *name)
{
	return !*name || scheme_is_header_name(hp_view_of(name));
}

static int check_family(const struct scheme *scheme, const struct scheme_family *family,
			struct hp_err *err)
{
	bool timed = *scheme->value.time_name || *family->timestamp;

	if (!*family->signature)
		return hp_err_set(err, HP_EUSAGE, "the scheme names no header for the signature");
	if (!is_name_or_none(family->signature) || !is_name_or_none(family->timestamp) ||
	    !is_name_or_none(family->id))
		return hp_err_set(err, HP_EUSAGE, "a header name holds a character that none may");
	if (scheme->content.has_timestamp && !timed)
		return hp_err_set(err, HP_EUSAGE, "the content has a {timestamp} that neither the "
				  "value nor a timestamp header carries");
	if (scheme->content.has_id && !*family->id)
		return hp_err_set(err, HP_EUSAGE, "the content has an {id} that no header carries");
	return 0;
}

static int check_key_format(const struct scheme *scheme, struct hp_err *err)
{
	bool pair = scheme->algorithm == SCHEME_ED25519;

	if (pair && (scheme->key_format == SCHEME_KEY_TEXT ||
		     scheme->key_format == SCHEME_KEY_WHSEC))
		return hp_err_set(err, HP_EUSAGE, "ed25519 needs a key format whsk, hex or base64");
	if (!pair && scheme->key_format == SCHEME_KEY_WHSK)
		return hp_err_set(err, HP_EUSAGE, "the key format whsk is of ed25519 only");
	if (!pair && *scheme->public_key)
		return hp_err_set(err, HP_EUSAGE, "a public key is of ed25519 only");
	return 0;
}

int scheme_check(const struct scheme *scheme, struct hp_err *err)
{
	if (!scheme->content.has_body)
		return hp_err_set(err, HP_EUSAGE, "the content has no {body}");
	for (unsigned i = 0; i < scheme->family_count; i++) {
		if (check_family(scheme, &scheme->families[i], err) < 0)
			return -1;
	}
	return check_key_format(scheme, err);
}
