/* Identity of deliveries: see identity.h. */
#include "receivers/identity.h"

#include "base/json_scan.h"
#include "base/random.h"
#include "engine/content.h"

/* Reads a string of the body into out, which holds IDENTITY_TEXT_BYTES. Returns its bytes; 0 when
 * there is no such string or it does not fit. */
static size_t read_member(struct hp_view body, const char *pointer, char *out)
{
	struct hp_json_value value;
	size_t bytes = 0;

	if (pointer[0] == '\0' || hp_json_find(body, pointer, &value) != HP_JSON_FOUND)
		return 0;
	return hp_json_text(&value, out, IDENTITY_TEXT_BYTES, &bytes) ? bytes : 0;
}

static void append(struct identity *out, const char *at, size_t bytes)
{
	memcpy(out->key + out->key_bytes, at, bytes);
	out->key_bytes += bytes;
}

static void write_body_key(struct identity *out, uint64_t digest)
{
	append(out, "body:", 5);
	for (int shift = 60; shift >= 0; shift -= 4)
		append(out, &"0123456789abcdef"[digest >> shift & 15], 1);
}

static struct hp_view header_id(const struct identity_source *source)
{
	const struct profile *profile = source->profile;
	struct hp_view none = {NULL, 0};

	if (profile->id_header[0] == '\0')
		return none;
	struct hp_view id = http1_find(source->head, hp_view_of(profile->id_header));
	return id.bytes <= IDENTITY_TEXT_BYTES ? id : none;
}

void identity_read(struct identity *out, const struct identity_source *source)
{
	const struct profile *profile = source->profile;
	struct hp_view message_id = header_id(source);
	char resource[IDENTITY_TEXT_BYTES];
	size_t resource_bytes = read_member(source->body, profile->id_pointer, resource);

	out->key_bytes = 0;
	out->type_bytes = read_member(source->body, profile->type_pointer, out->type);
	if (message_id.bytes != 0) {
		append(out, message_id.at, message_id.bytes);
	} else if (resource_bytes != 0 && out->type_bytes != 0) {
		append(out, resource, resource_bytes);
		append(out, ":", 1);
		append(out, out->type, out->type_bytes);
	} else {
		write_body_key(out, source->body_digest);
	}
	out->digest = hp_digest((struct hp_view){out->key, out->key_bytes});
	struct hp_view id = {resource, resource_bytes};
	out->event_index = content_event_index(source->seed, id.bytes != 0 ? id : message_id);
}
