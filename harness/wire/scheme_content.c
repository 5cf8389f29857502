/* What is signed: the pieces of a content template, one after the other. */
#include "base/mem.h"
#include "wire/compact.h"
#include "wire/scheme_inside.h"

static struct hp_view piece_view(const struct scheme_piece *piece,
				 const struct scheme_message *message)
{
	switch (piece->slot) {
	case SCHEME_BODY:
		return message->body;
	case SCHEME_TIMESTAMP:
		return message->timestamp;
	case SCHEME_ID:
		return message->id;
	case SCHEME_URL:
		return message->url;
	default:
		return (struct hp_view){piece->constant, piece->bytes};
	}
}

/* The next run of a piece: all of it, or what stands up to white space in a compacted body. */
static struct hp_view next_run(const struct scheme_piece *piece, enum scheme_body_form form,
			       struct hp_view *rest)
{
	struct hp_view run = *rest;

	if (piece->slot == SCHEME_BODY && form == SCHEME_BODY_COMPACT)
		return compact_next(rest);
	*rest = (struct hp_view){0};
	return run;
}

size_t scheme_mac(const struct scheme *scheme, const struct mac_key *key,
		  const struct scheme_message *message, enum scheme_body_form form, uint8_t *out)
{
	struct mac mac;

	mac_begin(&mac, key);
	for (unsigned i = 0; i < scheme->content.piece_count; i++) {
		const struct scheme_piece *piece = &scheme->content.pieces[i];
		struct hp_view rest = piece_view(piece, message), run;

		while ((run = next_run(piece, form, &rest)).bytes)
			mac_add(&mac, run);
	}
	mac_end(&mac, out);
	return mac_digest_bytes(key);
}

char *scheme_gather(const struct scheme *scheme, const struct scheme_message *message,
		    enum scheme_body_form form, size_t *bytes)
{
	const struct scheme_content *content = &scheme->content;
	size_t bytes_max = 1;
	char *at;

	*bytes = 0;
	for (unsigned i = 0; i < content->piece_count; i++)
		bytes_max += piece_view(&content->pieces[i], message).bytes;
	at = hp_xcalloc(bytes_max, 1);
	for (unsigned i = 0; i < content->piece_count; i++) {
		struct hp_view rest = piece_view(&content->pieces[i], message), run;

		while ((run = next_run(&content->pieces[i], form, &rest)).bytes) {
			memcpy(at + *bytes, run.at, run.bytes);
			*bytes += run.bytes;
		}
	}
	return at;
}
