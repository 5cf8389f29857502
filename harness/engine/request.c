#include "engine/request.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

enum {
	PREFIX_BYTES_MAX = 8 * 1024, /* method, target, Host and the constant product headers */
	NUMBER_BYTES = 20,           /* a 64-bit number in decimal */
	LENGTH_BYTES_MAX = sizeof("Content-Length: \r\n") + NUMBER_BYTES,
	OPENING_BYTES_MAX = SCHEME_NAME_BYTES + SCHEME_LITERAL_BYTES, /* "X-Signature: v1=" */
	PART_BYTES_MAX = SCHEME_LINES_BYTES_MAX / 2, /* of the lines, up to the signature or on */
};

/* Between product headers and signature: the body's length, which the type alone decides, and the
 * opening of the signature's lines where it is the same for every message. */
struct middle {
	size_t bytes;
	char text[LENGTH_BYTES_MAX + OPENING_BYTES_MAX];
};

struct request_maker {
	const struct plan *plan;
	const struct content *content;
	const struct plan_endpoint *endpoint;
	struct hp_view url;
	struct scheme_key *key;
	struct hp_buf prefix;
	struct middle *middles; /* by type */
	unsigned varying[PROFILE_HEADERS_MAX]; /* product headers that differ by event */
	unsigned varying_count;
	bool wants_time, wants_id;
	bool digests; /* a record may want to know what was sent */
};

static bool varies(const struct profile_header *header)
{
	return strchr(header->value, '{') != NULL;
}

static bool names_content_type(const struct profile *profile)
{
	for (unsigned i = 0; i < profile->header_count; i++)
		if (hp_view_equal_nocase(hp_view_of(profile->headers[i].name),
					 HP_LITERAL("Content-Type")))
			return true;
	return false;
}

static void make_prefix(struct request_maker *maker)
{
	const struct profile *profile = &maker->plan->profile;
	struct hp_buf *out = &maker->prefix;

	hp_buf_init(out, PREFIX_BYTES_MAX);
	hp_buf_add_format(out, "POST %s HTTP/1.1\r\nHost: %s\r\n", maker->endpoint->target,
			  maker->endpoint->host);
	if (!names_content_type(profile)) /* bodies are JSON; frameworks parse nothing untyped */
		hp_buf_add_text(out, "Content-Type: application/json\r\n");
	for (unsigned i = 0; i < profile->header_count; i++) {
		const struct profile_header *header = &profile->headers[i];

		if (varies(header))
			maker->varying[maker->varying_count++] = i;
		else
			hp_buf_add_format(out, "%s: %s\r\n", header->name, header->value);
	}
	assert(!out->cut); /* the loader bounds every part of it */
}

static bool opening_varies(const struct request_maker *maker)
{
	return maker->wants_time || maker->wants_id;
}

static void make_middle(const struct request_maker *maker, unsigned type_index,
			struct middle *middle)
{
	const struct scheme_message none = {.body = {.at = NULL}};
	size_t opening;

	middle->bytes = (size_t)snprintf(middle->text, LENGTH_BYTES_MAX, "Content-Length: %zu\r\n",
					 content_body_bytes(maker->content, type_index));
	if (opening_varies(maker))
		return;
	opening = scheme_sign_opening(&maker->plan->profile.scheme, &none,
				      middle->text + middle->bytes, OPENING_BYTES_MAX);
	assert(opening > 0); /* a name, ": " and a literal, two of them with a NUL */
	middle->bytes += opening;
}

static void make_middles(struct request_maker *maker)
{
	unsigned count = maker->plan->type_count;

	maker->middles = hp_xcalloc(count, sizeof(*maker->middles));
	for (unsigned i = 0; i < count; i++)
		make_middle(maker, i, &maker->middles[i]);
}

struct request_maker *request_maker_new(const struct plan *plan, const struct content *content,
					size_t endpoint_index, struct hp_err *err)
{
	const struct scheme *scheme = &plan->profile.scheme;
	struct request_maker *maker = hp_xcalloc(1, sizeof(*maker));

	maker->plan = plan;
	maker->content = content;
	maker->endpoint = &plan->endpoints[endpoint_index];
	maker->digests = plan->recording != PLAN_RECORD_SUMMARY;
	maker->url = hp_view_of(maker->endpoint->url);
	maker->wants_time = scheme->content.has_timestamp || scheme->value.time_name[0] ||
			    scheme->families[0].timestamp[0];
	maker->wants_id = scheme->content.has_id || scheme->families[0].id[0];
	maker->key = scheme_key_new(scheme, hp_secret_view(maker->endpoint->secret), err);
	if (!maker->key) {
		hp_err_wrap(err, "endpoint %s", maker->endpoint->name);
		free(maker);
		return NULL;
	}
	make_prefix(maker);
	make_middles(maker);
	return maker;
}

void request_maker_free(struct request_maker *maker)
{
	if (!maker)
		return;
	scheme_key_free(maker->key);
	hp_buf_fini(&maker->prefix);
	free(maker->middles);
	free(maker);
}

size_t request_bytes_max(const struct request_maker *maker)
{
	size_t header_bytes = SCHEME_NAME_BYTES + CONTENT_HEADER_BYTES_MAX + sizeof(": \r\n");

	return maker->prefix.bytes + maker->varying_count * header_bytes + LENGTH_BYTES_MAX +
	       SCHEME_LINES_BYTES_MAX + 2 + content_body_bytes_max(maker->content);
}

bool request_wants_time(const struct request_maker *maker)
{
	return maker->wants_time;
}

static char *copy(char *out, const void *bytes, size_t count)
{
	memcpy(out, bytes, count);
	return out + count;
}

static size_t write_number(uint64_t number, char *out)
{
	char digits[NUMBER_BYTES];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	memcpy(out, digits + at, sizeof(digits) - at);
	return sizeof(digits) - at;
}

static char *add_varying(const struct request_maker *maker, const struct delivery *delivery,
			 char *out)
{
	for (unsigned i = 0; i < maker->varying_count; i++) {
		unsigned index = maker->varying[i];
		const char *name = maker->plan->profile.headers[index].name;

		out = copy(out, name, strlen(name));
		out = copy(out, ": ", 2);
		out += content_header(maker->content, delivery->event_index,
				      delivery->type_index, index, out);
		out = copy(out, "\r\n", 2);
	}
	return out;
}

static char *add_signature(const struct request_maker *maker, const struct delivery *delivery,
			   uint64_t wall_ns, struct hp_view body, char *out)
{
	const struct scheme *scheme = &maker->plan->profile.scheme;
	const struct scheme_key *keys[] = {maker->key};
	char id[CONTENT_RESOURCE_BYTES_MAX], stamp[NUMBER_BYTES];
	struct scheme_message message = {.body = body, .url = maker->url};
	size_t bytes;

	if (maker->wants_id)
		message.id = (struct hp_view){
			id, content_message_id(maker->content, delivery->event_index, id)};
	if (maker->wants_time) {
		uint64_t unit_ns = scheme->unit == SCHEME_SECONDS ? HP_S_NS : HP_MS_NS;

		message.timestamp =
			(struct hp_view){stamp, write_number(wall_ns / unit_ns, stamp)};
	}
	if (opening_varies(maker)) {
		bytes = scheme_sign_opening(scheme, &message, out, PART_BYTES_MAX);
		assert(bytes > 0); /* ids and stamps are ours */
		out += bytes;
	}
	bytes = scheme_sign_rest(scheme, (struct scheme_keys){keys, 1}, &message, out,
				 PART_BYTES_MAX);
	assert(bytes > 0); /* the key was checked */
	return out + bytes;
}

/* The body is rendered where the largest head would end, signed there, and moved to the head. */
size_t request_render(const struct request_maker *maker, const struct delivery *delivery,
		      uint64_t wall_ns, char *out, uint64_t *body_digest)
{
	char *body = out + request_bytes_max(maker) - content_body_bytes_max(maker->content);
	size_t body_bytes =
		content_body(maker->content, delivery->event_index, delivery->type_index, body);
	struct hp_view view = {body, body_bytes};
	const struct middle *middle = &maker->middles[delivery->type_index];
	char *end = copy(out, maker->prefix.at, maker->prefix.bytes);

	*body_digest = maker->digests ? hp_digest(view) : 0;
	end = add_varying(maker, delivery, end);
	end = copy(end, middle->text, middle->bytes);
	end = add_signature(maker, delivery, wall_ns, view, end);
	end = copy(end, "\r\n", 2);
	memmove(end, body, body_bytes);
	return (size_t)(end - out) + body_bytes;
}
