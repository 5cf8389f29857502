#include "wire/scheme.h"

#include <stdlib.h>

#include "wire/scheme_inside.h"

const char *scheme_verdict_word(enum scheme_verdict verdict)
{
	static const char *const words[] = {
#define X(name, word, sentence) [name] = word,
		SCHEME_VERDICTS(X)
#undef X
	};

	return words[verdict];
}

const char *scheme_verdict_sentence(enum scheme_verdict verdict)
{
	static const char *const sentences[] = {
#define X(name, word, sentence) [name] = sentence,
		SCHEME_VERDICTS(X)
#undef X
	};

	return sentences[verdict];
}

bool scheme_skip(struct hp_view *view, struct hp_view prefix)
{
	if (view->bytes < prefix.bytes || memcmp(view->at, prefix.at, prefix.bytes) != 0)
		return false;
	view->at += prefix.bytes;
	view->bytes -= prefix.bytes;
	return true;
}

/* The header lines while they are written. */
struct lines {
	char *at, *end;
	bool failed; /* no room, or something that no header line may hold */
};

static void put(struct lines *lines, struct hp_view text)
{
	if (lines->failed || text.bytes > (size_t)(lines->end - lines->at)) {
		lines->failed = true;
		return;
	}
	if (text.bytes)
		memcpy(lines->at, text.at, text.bytes);
	lines->at += text.bytes;
}

static void put_text(struct lines *lines, const char *text)
{
	put(lines, hp_view_of(text));
}

/* Puts what came from outside: a line break in it would begin a header of its own. */
static void put_foreign(struct lines *lines, struct hp_view text)
{
	for (size_t i = 0; i < text.bytes; i++) {
		if (text.at[i] == '\r' || text.at[i] == '\n' || text.at[i] == '\0')
			lines->failed = true;
	}
	put(lines, text);
}

static void put_header(struct lines *lines, const char *name, struct hp_view value)
{
	if (!*name)
		return;
	put_text(lines, name);
	put_text(lines, ": ");
	put_foreign(lines, value);
	put_text(lines, "\r\n");
}

/* Writes the bytes of the signature to out. Returns how many; 0 when the key cannot sign. */
static size_t make_signature(const struct scheme *scheme, const struct scheme_key *key,
			     const struct scheme_message *message, uint8_t *out)
{
	size_t content_bytes;
	char *content;
	bool done;

	if (key->mac)
		return scheme_mac(scheme, key->mac, message, scheme->body_form, out);
	if (!key->signer)
		return 0;
	content = scheme_gather(scheme, message, scheme->body_form, &content_bytes);
	done = ed25519_sign(key->signer, (struct hp_view){content, content_bytes}, out);
	free(content);
	return done ? ED25519_SIGNATURE_BYTES : 0;
}

static void put_signature(struct lines *lines, const struct scheme *scheme,
			  const struct scheme_key *key, const struct scheme_message *message)
{
	uint8_t bytes[SCHEME_DIGEST_BYTES_MAX];
	size_t count = make_signature(scheme, key, message, bytes);

	if (!count || encoding_chars(scheme->encoding, count) > (size_t)(lines->end - lines->at))
		lines->failed = true;
	else
		lines->at += encoding_write(scheme->encoding, bytes, count, lines->at);
}

static size_t lines_bytes(const struct lines *lines, const char *out)
{
	return lines->failed ? 0 : (size_t)(lines->at - out);
}

size_t scheme_sign_opening(const struct scheme *scheme, const struct scheme_message *message,
			   char *out, size_t out_bytes)
{
	const struct scheme_family *family = &scheme->families[0];
	const struct scheme_value *value = &scheme->value;
	struct lines lines = {.at = out, .end = out + out_bytes};

	put_header(&lines, family->id, message->id);
	put_header(&lines, family->timestamp, message->timestamp);
	put_text(&lines, family->signature);
	put_text(&lines, ": ");
	if (*value->time_name) {
		put_text(&lines, value->time_name);
		put_foreign(&lines, message->timestamp);
		put(&lines, (struct hp_view){&value->separator, 1});
	}
	put_text(&lines, value->name);
	return lines_bytes(&lines, out);
}

size_t scheme_sign_rest(const struct scheme *scheme, struct scheme_keys keys,
			const struct scheme_message *message, char *out, size_t out_bytes)
{
	struct lines lines = {.at = out, .end = out + out_bytes};

	assert(keys.count >= 1 && keys.count <= SCHEME_KEYS_MAX);
	put_signature(&lines, scheme, keys.at[0], message);
	for (size_t i = 1; i < keys.count && *scheme->value.more; i++) {
		put_text(&lines, scheme->value.more);
		put_signature(&lines, scheme, keys.at[i], message);
	}
	put(&lines, HP_LITERAL("\r\n"));
	return lines_bytes(&lines, out);
}

size_t scheme_sign(const struct scheme *scheme, struct scheme_keys keys,
		   const struct scheme_message *message, char *out, size_t out_bytes)
{
	size_t opening = scheme_sign_opening(scheme, message, out, out_bytes), rest;

	if (!opening)
		return 0;
	rest = scheme_sign_rest(scheme, keys, message, out + opening, out_bytes - opening);
	return rest ? opening + rest : 0;
}
