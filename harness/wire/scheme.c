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
	char *at;
	size_t bytes, bytes_max;
	bool failed; /* no room, or something that no header line may hold */
};

static void put(struct lines *lines, struct hp_view text)
{
	if (lines->failed || text.bytes > lines->bytes_max - lines->bytes) {
		lines->failed = true;
		return;
	}
	if (text.bytes)
		memcpy(lines->at + lines->bytes, text.at, text.bytes);
	lines->bytes += text.bytes;
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
	char text[2 * SCHEME_DIGEST_BYTES_MAX];
	size_t count = make_signature(scheme, key, message, bytes);

	if (!count)
		lines->failed = true;
	put(lines, (struct hp_view){text, encoding_write(scheme->encoding, bytes, count, text)});
}

/* Puts what stands before the first signature: "t=1700000000,v1=". */
static void put_opening(struct lines *lines, const struct scheme_value *value,
			struct hp_view timestamp)
{
	if (*value->time_name) {
		put_text(lines, value->time_name);
		put_foreign(lines, timestamp);
		put(lines, (struct hp_view){&value->separator, 1});
	}
	put_text(lines, value->name);
}

size_t scheme_sign(const struct scheme *scheme, struct scheme_keys keys,
		   const struct scheme_message *message, char *out,
		   size_t out_bytes)
{
	const struct scheme_family *family = &scheme->families[0];
	struct lines lines = {.at = out, .bytes_max = out_bytes};

	assert(keys.count >= 1 && keys.count <= SCHEME_KEYS_MAX);
	put_header(&lines, family->id, message->id);
	put_header(&lines, family->timestamp, message->timestamp);
	put_text(&lines, family->signature);
	put_text(&lines, ": ");
	put_opening(&lines, &scheme->value, message->timestamp);
	put_signature(&lines, scheme, keys.at[0], message);
	for (size_t i = 1; i < keys.count && *scheme->value.more; i++) {
		put_text(&lines, scheme->value.more);
		put_signature(&lines, scheme, keys.at[i], message);
	}
	put_text(&lines, "\r\n");
	return lines.failed ? 0 : lines.bytes;
}
