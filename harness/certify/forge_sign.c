/* Signatures: of the right content under the right key, and of what a step puts in their place. */
#include <stdio.h>
#include <stdlib.h>

#include "base/secret.h"
#include "certify/fill.h"
#include "certify/forge_inside.h"
#include "wire/compact.h"

enum { CONTENT_BYTES_MAX = FORGE_BODY_BYTES_MAX + 4096 };

/* What one digest is made of. */
struct ingredients {
	struct hp_view key, body, timestamp;
	const struct scheme *scheme; /* whose content is meant */
	enum mac_hash hash;
	enum suite_how how;
};

/* ---- the signed bytes ---- */

static void add_body(enum scheme_body_form form, struct hp_view body, struct hp_buf *out)
{
	struct hp_view run;

	if (form == SCHEME_BODY_RAW) {
		hp_buf_add(out, body);
		return;
	}
	while ((run = compact_next(&body)).bytes)
		hp_buf_add(out, run);
}

static void add_content(const struct forge_work *work, const struct ingredients *of,
			struct hp_buf *out)
{
	const struct scheme_content *content = &of->scheme->content;

	for (unsigned i = 0; i < content->piece_count; i++) {
		const struct scheme_piece *piece = &content->pieces[i];
		struct hp_view views[SCHEME_SLOT_COUNT] = {
			[SCHEME_CONSTANT] = {piece->constant, piece->bytes},
			[SCHEME_TIMESTAMP] = of->timestamp,
			[SCHEME_ID] = hp_view_of(work->names.message_id),
			[SCHEME_URL] = hp_view_of(work->forge->config.url),
		};

		if (piece->slot == SCHEME_BODY)
			add_body(of->scheme->body_form, of->body, out);
		else
			hp_buf_add(out, views[piece->slot]);
	}
}

/* ---- digests ---- */

static size_t hmac(enum mac_hash hash, struct hp_view key, struct hp_view content, uint8_t *out)
{
	struct mac_key *ready = mac_key_new(hash, key);
	size_t bytes = mac_digest_bytes(ready);
	struct mac mac;

	mac_begin(&mac, ready);
	mac_add(&mac, content);
	mac_end(&mac, out);
	mac_key_free(ready);
	return bytes;
}

/* The hash of the key's bytes and the content in a row, in one order or the other, or of the
 * content alone. */
static size_t plain(const struct ingredients *of, struct hp_view content, uint8_t *out)
{
	struct hp_buf row;
	size_t bytes;

	hp_buf_init(&row, CONTENT_BYTES_MAX + FORGE_SECRET_BYTES_MAX);
	if (of->how == SUITE_SECRET_CONTENT)
		hp_buf_add(&row, of->key);
	hp_buf_add(&row, content);
	if (of->how == SUITE_CONTENT_SECRET)
		hp_buf_add(&row, of->key);
	bytes = mac_plain(of->hash, hp_buf_view(&row), out);
	if (row.at != NULL)
		explicit_bzero(row.at, row.room);
	hp_buf_fini(&row);
	return bytes;
}

static size_t make_digest(const struct forge_work *work, const struct ingredients *of,
			  uint8_t out[MAC_BYTES_MAX])
{
	struct hp_buf content;
	size_t bytes;

	hp_buf_init(&content, CONTENT_BYTES_MAX);
	add_content(work, of, &content);
	bytes = of->how == SUITE_HMAC_OF ? hmac(of->hash, of->key, hp_buf_view(&content), out)
					 : plain(of, hp_buf_view(&content), out);
	hp_buf_fini(&content);
	return bytes;
}

/* ---- what a step puts in their place ---- */

/* The key's bytes that a step signs with. False when its text cannot be read so. */
static bool read_key(const struct forge_work *work, struct hp_buf *out)
{
	static const enum scheme_key_format formats[] = {
		[SUITE_READ_HEX] = SCHEME_KEY_HEX, [SUITE_READ_BASE64] = SCHEME_KEY_BASE64,
		 [SUITE_READ_WHSEC] = SCHEME_KEY_WHSEC};
	const struct forge_config *config = &work->forge->config;
	const struct suite_sign *sign = &work->order->step->sign;
	const struct fill_slot slots[] = {
		{"{secret}", config->secret},
		{"{old}", config->old_secret},
		{"{other}", hp_secret_view(work->forge->other)},
		{"{known}", config->known_secret},
	};
	struct hp_buf text;
	ssize_t bytes;

	hp_buf_init(&text, 2 * FORGE_SECRET_BYTES_MAX);
	fill_template(hp_view_of(sign->key), slots, sizeof(slots) / sizeof(slots[0]), &text);
	(void)hp_buf_text(&text);
	hp_buf_add(out, hp_buf_view(&text));
	(void)hp_buf_text(out);
	bytes = (ssize_t)text.bytes; /* as they stand, and that may be none */
	if (sign->reading != SUITE_READ_TEXT)
		bytes = scheme_key_bytes(sign->reading == SUITE_READ_PROFILE
						 ? config->profile->scheme.key_format
						 : formats[sign->reading],
					 hp_buf_view(&text), (uint8_t *)out->at);
	if (text.at != NULL) /* an empty key takes no memory */
		explicit_bzero(text.at, text.room);
	hp_buf_fini(&text);
	if (bytes >= 0)
		out->bytes = (size_t)bytes;
	return bytes >= 0;
}

/* The timestamp that a step signs, where it is not the one that it sends. */
static void sign_timestamp(const struct forge_work *work, struct hp_buf *out)
{
	const struct suite_sign *sign = &work->order->step->sign;
	char moment[32];
	const struct fill_slot slot = {"{t}", {moment, 0}};
	struct fill_slot slots[] = {slot};

	forge_moment(work, sign->has_timestamp ? &work->order->step->shift : &sign->shift, moment);
	slots[0].value = hp_view_of(moment);
	fill_template(hp_view_of(sign->has_timestamp ? sign->timestamp : "{t}"), slots, 1, out);
}

struct changed { /* what a step's own digest is made of; owned */
	struct hp_buf key, body, timestamp;
	struct scheme scheme;
};

/* Puts what the step changes into `of`. False: it cannot be made. */
static bool change(struct forge_work *work, struct changed *changed, struct ingredients *of)
{
	const struct suite_sign *sign = &work->order->step->sign;
	const struct forge_config *config = &work->forge->config;
	struct hp_err err;

	if (sign->has_key && !read_key(work, &changed->key))
		return false;
	if (sign->has_key)
		of->key = hp_buf_view(&changed->key);
	if (*sign->body) {
		forge_body(config->profile, suite_body(config->suite, sign->body), &work->names,
			   &changed->body);
		of->body = hp_buf_view(&changed->body);
	}
	if (sign->has_timestamp || sign->shift.by_s || sign->shift.edge) {
		sign_timestamp(work, &changed->timestamp);
		of->timestamp = hp_buf_view(&changed->timestamp);
	}
	if (*sign->content) {
		if (scheme_set_content(&changed->scheme, hp_view_of(sign->content), &err) < 0)
			return false;
		of->scheme = &changed->scheme;
	}
	if (sign->hash)
		of->hash = (enum mac_hash)(sign->hash - 1);
	of->how = sign->how;
	return true;
}

static bool deviates(const struct suite_sign *sign)
{
	return sign->has_key || sign->hash || sign->how || *sign->content || *sign->body;
}

/* The step's digest. Returns its bytes; 0: it cannot be made, or is the right one after all. */
static size_t step_digest(struct forge_work *work, const struct ingredients *right,
			  struct hp_view right_digest, uint8_t out[MAC_BYTES_MAX])
{
	struct changed changed = {.scheme = *right->scheme};
	struct ingredients of = *right;
	size_t bytes = 0;

	hp_buf_init(&changed.key, 3 * FORGE_SECRET_BYTES_MAX);
	hp_buf_init(&changed.body, FORGE_BODY_BYTES_MAX);
	hp_buf_init(&changed.timestamp, SUITE_LINE_BYTES);
	if (change(work, &changed, &of))
		bytes = make_digest(work, &of, out);
	if (bytes && deviates(&work->order->step->sign) &&
	    hp_view_equal((struct hp_view){(char *)out, bytes}, right_digest))
		bytes = 0;
	if (changed.key.at)
		explicit_bzero(changed.key.at, changed.key.room);
	hp_buf_fini(&changed.key);
	hp_buf_fini(&changed.body);
	hp_buf_fini(&changed.timestamp);
	if (work->order->step->sign.cut && bytes > right_digest.bytes)
		bytes = right_digest.bytes;
	return bytes;
}

/* ---- the header's value ---- */

/* Appends the entry of one signature, with the tag of an unknown version when asked. */
static void add_entry(const char *tag, enum suite_entry entry, const struct forge_work *work,
		      struct hp_buf *out)
{
	for (; *tag; tag++) {
		char c = entry == SUITE_UNKNOWN && *tag >= '0' && *tag <= '9' ? '9' : *tag;

		hp_buf_add(out, (struct hp_view){&c, 1});
	}
	hp_buf_add(out, hp_buf_view(entry == SUITE_GOOD ? &work->signature : &work->bad));
}

static void make_value(struct forge_work *work)
{
	const struct scheme_value *form = &work->forge->config.profile->scheme.value;
	const struct suite_sign *sign = &work->order->step->sign;
	struct hp_buf given;

	hp_buf_add(&work->value, hp_buf_view(&work->time_part));
	if (sign->list_count == 0)
		add_entry(form->name, SUITE_GOOD, work, &work->value);
	for (uint32_t i = 0; i < sign->list_count; i++)
		add_entry(i == 0 ? form->name : form->more, (enum suite_entry)sign->list[i], work,
			  &work->value);
	hp_buf_add(&work->bad_value, hp_buf_view(&work->time_part));
	add_entry(form->name, SUITE_BAD, work, &work->bad_value);
	if (!sign->has_value)
		return;
	hp_buf_init(&given, FORGE_HEAD_BYTES_MAX);
	forge_fill(work, sign->value, &given);
	hp_buf_fini(&work->value);
	work->value = given;
}

/* Signatures of older schemes, over the body alone, in hex. */
static void make_older(struct forge_work *work, struct hp_view key)
{
	const struct {
		enum mac_hash hash;
		struct hp_buf *out;
	} rows[] = {{MAC_SHA256, &work->body_signature}, {MAC_SHA1, &work->sha1_signature}};
	char text[2 * MAC_BYTES_MAX];
	uint8_t digest[MAC_BYTES_MAX];

	for (size_t i = 0; i < 2; i++) {
		size_t bytes = hmac(rows[i].hash, key, hp_buf_view(&work->body), digest);

		bytes = encoding_write(ENCODING_HEX, digest, bytes, text);
		hp_buf_add(rows[i].out, (struct hp_view){text, bytes});
	}
}

bool forge_sign(struct forge_work *work, struct forged *out)
{
	const struct scheme *scheme = &work->forge->config.profile->scheme;
	enum suite_spelling spelling = work->order->step->sign.spelling;
	struct ingredients right = {
		.key = hp_buf_view(&work->forge->key),
		.body = hp_buf_view(&work->body),
		.timestamp = hp_view_of(work->timestamp),
		.scheme = scheme,
		.hash = scheme_hash(scheme->algorithm),
	};
	uint8_t right_digest[MAC_BYTES_MAX], digest[MAC_BYTES_MAX];
	struct hp_view whole = {(char *)right_digest, make_digest(work, &right, right_digest)};
	size_t bytes = step_digest(work, &right, whole, digest);

	out->right[encoding_write(ENCODING_HEX, right_digest, whole.bytes, out->right)] = '\0';
	forge_spell(SUITE_AS_IT_IS, scheme->encoding, whole, &work->right);
	forge_spell(SUITE_OTHER_DIGEST, scheme->encoding, whole, &work->bad);
	if (work->order->spoiled)
		spelling = SUITE_ALTER_LAST;
	if (bytes == 0 || !forge_spell(spelling, scheme->encoding,
				       (struct hp_view){(char *)digest, bytes}, &work->signature))
		return false;
	make_older(work, right.key);
	make_value(work);
	return true;
}
