#include "certify/forge.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/span.h"
#include "certify/fill.h"
#include "certify/forensics.h"
#include "certify/forge_inside.h"

enum { OTHER_BYTES = 24, OTHER_TEXT_BYTES = 64, TAG_CHARS = 12, PREFIX_CHARS = 3 };

/* ---- keys ---- */

/* Another endpoint's secret, in the profile's form, from the seed. */
static struct hp_secret *make_other(const struct forge_config *config)
{
	enum scheme_key_format format = config->profile->scheme.key_format;
	enum encoding encoding = format == SCHEME_KEY_TEXT || format == SCHEME_KEY_HEX
					 ? ENCODING_HEX
					 : ENCODING_BASE64;
	char text[OTHER_TEXT_BYTES] = "whsec_";
	size_t prefix = format == SCHEME_KEY_WHSEC ? strlen(text) : 0;
	uint8_t bytes[OTHER_BYTES];

	for (uint32_t i = 0; i < OTHER_BYTES; i++) {
		struct hp_key key = {.seed = config->key_seed, .stream = HP_STREAM_CHECK,
				     .event = UINT64_MAX, .draw = i};

		bytes[i] = (uint8_t)hp_random_below(&key, 256);
	}
	return hp_secret_new((struct hp_view){
		text, prefix + encoding_write(encoding, bytes, OTHER_BYTES, text + prefix)});
}

/* Whether the secret is a key of the profile. Reads its bytes. */
static int read_secret(struct forge *forge, struct hp_err *err)
{
	const struct scheme *scheme = &forge->config.profile->scheme;
	struct hp_view secret = forge->config.secret;
	struct scheme_key *key;
	ssize_t bytes;

	if (scheme->algorithm == SCHEME_ED25519)
		return hp_err_set(err, HP_EUSAGE, "the profile signs with a key pair: the receiver "
				  "suite knows HMAC only so far");
	if (secret.bytes > FORGE_SECRET_BYTES_MAX)
		return hp_err_set(err, HP_EUSAGE, "a secret has at most %d bytes",
				  FORGE_SECRET_BYTES_MAX);
	key = scheme_key_new(scheme, secret, err);
	scheme_key_free(key);
	if (!key)
		return -1;
	hp_buf_init(&forge->key, secret.bytes + 1);
	hp_buf_add(&forge->key, secret);
	(void)hp_buf_text(&forge->key);
	bytes = scheme_key_bytes(scheme->key_format, secret, (uint8_t *)forge->key.at);
	assert(bytes >= 0);
	forge->key.bytes = (size_t)bytes;
	return 0;
}

struct forge *forge_new(const struct forge_config *config, struct hp_err *err)
{
	struct forge *forge = hp_xcalloc(1, sizeof(*forge));

	forge->config = *config;
	if (read_secret(forge, err) < 0) {
		forge_free(forge);
		return NULL;
	}
	forge->other = make_other(config);
	return forge;
}

void forge_free(struct forge *forge)
{
	if (!forge)
		return;
	if (forge->key.at)
		explicit_bzero(forge->key.at, forge->key.room);
	hp_buf_fini(&forge->key);
	hp_secret_free(forge->other);
	free(forge);
}

/* ---- traits ---- */

static bool is_tagged(const struct scheme_value *value)
{
	return *value->name != '\0';
}

/* Whether an id of the message travels: in a header, or in the body. */
static bool has_id(const struct profile *profile)
{
	return *profile->id_header || *profile->scheme.families[0].id ||
	       strstr(profile->body, "{key}");
}

uint32_t forge_traits(const struct forge_config *config)
{
	const struct scheme *scheme = &config->profile->scheme;
	bool text_key = scheme->key_format == SCHEME_KEY_TEXT;
	bool is_list = *scheme->value.more != '\0';
	bool has[SUITE_TRAIT_COUNT] = {
		[SUITE_TIMED] = scheme->content.has_timestamp,
		[SUITE_UNTIMED] = !scheme->content.has_timestamp,
		[SUITE_LIST] = is_list,
		[SUITE_SINGLE] = !is_list,
		[SUITE_NOT_BY_COMMA] = !is_list || scheme->value.separator != ',',
		[SUITE_TAGGED] = is_tagged(&scheme->value),
		[SUITE_ID] = has_id(config->profile),
		[SUITE_HMAC] = scheme->algorithm != SCHEME_ED25519,
		[SUITE_HEX] = scheme->encoding == ENCODING_HEX,
		[SUITE_BASE64] = scheme->encoding == ENCODING_BASE64,
		[SUITE_PADDED] = scheme->encoding == ENCODING_BASE64,
		[SUITE_TEXT_KEY] = text_key,
		[SUITE_CODED_KEY] = !text_key,
		[SUITE_RAW_BODY] = scheme->body_form == SCHEME_BODY_RAW,
		[SUITE_TYPED] = strstr(config->profile->body, "{type}") != NULL,
		[SUITE_PAST] = scheme->past_s != SCHEME_NO_TOLERANCE,
		[SUITE_FUTURE] = scheme->future_s != SCHEME_NO_TOLERANCE,
		[SUITE_HTTPS] = strncmp(config->url, "https:", 6) == 0,
		[SUITE_OLD_SECRET] = config->old_secret.bytes > 0,
		[SUITE_KNOWN_SECRET] = config->known_secret.bytes > 0,
	};
	uint32_t traits = 0;

	for (unsigned i = 0; i < SUITE_TRAIT_COUNT; i++)
		traits |= has[i] ? SUITE_BIT(i) : 0;
	return traits;
}

/* ---- ids ---- */

/* "<prefix>_" and characters from the seed, the check, the event and `draw`. */
static void write_id(const struct forge_work *work, const char *prefix, uint32_t draw, char *out)
{
	static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
	struct hp_key key = {
		.seed = work->forge->config.key_seed,
		.stream = HP_STREAM_CHECK,
		.endpoint = (uint32_t)hp_digest(hp_view_of(work->order->check)),
		.event = work->order->event_number,
		.draw = draw,
	};
	uint64_t bits = hp_random_bits(&key);
	int at = snprintf(out, FORGE_ID_BYTES, "%.*s_", PREFIX_CHARS, prefix);

	for (int i = 0; i < TAG_CHARS; i++)
		out[at++] = alphabet[bits >> (5 * i) & 31];
	out[at] = '\0';
}

static void write_key(const struct forge_work *work, struct forged *out)
{
	const struct profile *profile = work->forge->config.profile;

	if (has_id(profile))
		snprintf(out->key, sizeof(out->key), "%s", work->names.message_id);
	else if (strstr(profile->body, "{type}"))
		snprintf(out->key, sizeof(out->key), "%s:%s", work->names.resource,
			 work->names.type);
	else
		snprintf(out->key, sizeof(out->key), "%s", work->names.resource);
}

/* ---- moments ---- */

void forge_moment(const struct forge_work *work, const struct suite_shift *shift, char *out)
{
	const struct scheme *scheme = &work->forge->config.profile->scheme;
	int64_t seconds = (int64_t)(work->order->wall_ns / HP_S_NS), by_s = shift->by_s;

	if (shift->edge == SUITE_EDGE_PAST)
		by_s = -((int64_t)scheme->past_s + by_s);
	else if (shift->edge == SUITE_EDGE_FUTURE)
		by_s = (int64_t)scheme->future_s + by_s;
	seconds += by_s;
	if (scheme->unit == SCHEME_MILLISECONDS)
		snprintf(out, 32, "%lld000", (long long)seconds);
	else
		snprintf(out, 32, "%lld", (long long)seconds);
}

static void write_timestamp(struct forge_work *work)
{
	const struct scheme_value *value = &work->forge->config.profile->scheme.value;
	const struct suite_step *step = work->order->step;
	struct hp_buf with_time, text;
	char moment[32];

	if (step->untimed)
		return;
	forge_moment(work, &step->shift, moment);
	hp_buf_init(&with_time, SUITE_LINE_BYTES);
	hp_buf_init(&text, sizeof(work->timestamp) - 1);
	fill_template(hp_view_of(step->timestamp), &(struct fill_slot){"{t}", hp_view_of(moment)},
		      1, &with_time);
	forge_fill(work, hp_buf_text(&with_time), &text);
	snprintf(work->timestamp, sizeof(work->timestamp), "%s", hp_buf_text(&text));
	hp_buf_fini(&text);
	hp_buf_fini(&with_time);
	if (!*value->time_name)
		return;
	hp_buf_add_text(&work->time_part, value->time_name);
	hp_buf_add_text(&work->time_part, work->timestamp);
	hp_buf_add(&work->time_part, (struct hp_view){&value->separator, 1});
}

/* ---- the whole ---- */

/* Signs under a recipe of forensics: its header lines take the place of ours. */
static enum forge_result sign_recipe(struct forge_work *work)
{
	const struct forge_config *config = &work->forge->config;
	struct forensics_case given = {
		.profile = config->profile,
		.secret = config->secret,
		.secret_name = config->secret_name,
		.body = hp_buf_view(&work->body),
		.url = hp_view_of(config->url),
		.id = hp_view_of(work->names.message_id),
		.timestamp = hp_view_of(work->timestamp),
		.at_s = work->order->wall_ns / HP_S_NS,
	};

	switch (forensics_sign(&given, work->order->recipe, work->order->form,
			       &work->signed_lines)) {
	case FORENSICS_MADE:
		return FORGE_MADE;
	case FORENSICS_SAME:
		return FORGE_MOOT;
	default:
		return FORGE_END;
	}
}

/* What was sent, in one line; lengths are cut, never bytes of the request. */
static void summarise(struct forge_work *work, struct forged *out)
{
	const char *value = work->signed_lines.bytes ? "by a recipe" : hp_buf_text(&work->value);
	const char *header = work->forge->config.profile->scheme.families[0].signature;
	const char *body = hp_buf_text(&work->body);

	snprintf(out->summary, sizeof(out->summary), "%s %.60s, %s: %.72s%s, %zu bytes of body: "
		 "%.60s%s", work->order->step->method, work->forge->config.target, header, value,
		 strlen(value) > 72 ? "..." : "", work->body.bytes, body,
		 strlen(body) > 60 ? "..." : "");
}

static void render(struct forge_work *work, struct forged *out)
{
	hp_buf_init(&out->bytes, FORGE_BODY_BYTES_MAX + FORGE_HEAD_BYTES_MAX);
	forge_head(work, &out->bytes);
	out->head_bytes = out->bytes.bytes;
	out->body_bytes = work->body.bytes;
	if (work->order->step->framing.chunked)
		forge_chunks(work, &out->bytes);
	else
		hp_buf_add(&out->bytes, hp_buf_view(&work->body));
	assert(!out->bytes.cut);
	summarise(work, out);
}

static void work_init(struct forge_work *work, struct forge *forge, const struct forge_order *order)
{
	*work = (struct forge_work){.forge = forge, .order = order};
	hp_buf_init(&work->body, FORGE_BODY_BYTES_MAX);
	hp_buf_init(&work->signed_lines, FORGE_HEAD_BYTES_MAX);
	for (size_t i = 0; i < FORGE_TEXTS; i++)
		hp_buf_init(&work->texts[i], FORGE_HEAD_BYTES_MAX);
}

static void work_fini(struct forge_work *work)
{
	hp_buf_fini(&work->body);
	hp_buf_fini(&work->signed_lines);
	for (size_t i = 0; i < FORGE_TEXTS; i++)
		hp_buf_fini(&work->texts[i]);
}

enum forge_result forge_make(struct forge *forge, const struct forge_order *order,
			     struct forged *out)
{
	char resource[FORGE_ID_BYTES], message_id[FORGE_ID_BYTES];
	enum forge_result result = FORGE_MADE;
	struct forge_work work;

	*out = (struct forged){.head_bytes = 0};
	work_init(&work, forge, order);
	work.names = (struct forge_names){resource, order->step->type, message_id};
	write_id(&work, order->step->type, 0, resource);
	write_id(&work, "msg", (uint32_t)hp_digest(hp_view_of(order->step->type)) | 1, message_id);
	snprintf(out->resource, sizeof(out->resource), "%s", resource);
	write_key(&work, out);
	forge_body(forge->config.profile, suite_body(forge->config.suite, order->step->body),
		   &work.names, &work.body);
	write_timestamp(&work);
	if (!forge_sign(&work, out))
		result = FORGE_MOOT;
	else if (order->recipe)
		result = sign_recipe(&work);
	if (result == FORGE_MADE)
		render(&work, out);
	work_fini(&work);
	return result;
}

void forged_fini(struct forged *forged)
{
	hp_buf_fini(&forged->bytes);
}
