/* Secrets of endpoints and receivers: from a variable, as they stand, or made from the seed. No
 * message shows one, nor what was found in its place. */
#include <stdlib.h>

#include "base/random.h"
#include "scenarios/scenario_inside.h"

enum {
	SECRET_BYTES_MAX = 4096, /* ours; no scheme knows longer ones */
	HIDDEN = '*',            /* what stands for each byte of a hidden secret */
	MADE_BYTES = 32,         /* RFC 2104 3: at least the digest's; an ed25519 seed has it too */
	MADE_CHARS_MAX = 128,
};

static bool is_variable(struct hp_view name)
{
	for (size_t i = 0; i < name.bytes; i++) {
		switch (name.at[i]) {
		case 'a' ... 'z':
		case 'A' ... 'Z':
		case '_':
			continue;
		case '0' ... '9':
			if (i > 0)
				continue;
		}
		return false;
	}
	return name.bytes > 0;
}

/* The first byte of the string behind a "secret" key, or NULL when this is no such key. */
static char *find_value(char *after_key)
{
	static const char blank[] = " \t\r\n";
	char *at = after_key + strspn(after_key, blank);

	if (*at++ != ':')
		return NULL;
	at += strspn(at, blank);
	return *at == '"' ? at + 1 : NULL;
}

void scenario_hide_secrets(char *text)
{
	static const char key[] = "\"secret\"";

	while ((text = strstr(text, key))) {
		char *at;

		text += strlen(key);
		for (at = find_value(text); at && *at && *at != '"'; at++) {
			if (*at == '\\' && at[1])
				*at++ = HIDDEN;
			*at = HIDDEN;
		}
	}
}

static bool is_hidden(struct hp_view secret)
{
	for (size_t i = 0; i < secret.bytes; i++) {
		if (secret.at[i] != HIDDEN)
			return false;
	}
	return true;
}

/* Bad surroundings rather than a bad file: exit 2, with the place of the name all the same. */
static int unset(const struct hp_json_node *node, const char *name, struct hp_err *err)
{
	hp_json_fail(node, err,
		     "the environment variable %s is not set: export it, or name another", name);
	err->code = HP_EUSAGE;
	return -1;
}

/* *out stays empty when the variable is not set and need not be. */
static int read_variable(const struct scenario_draft *draft, const struct hp_json_node *node,
			 struct hp_view *out, struct hp_err *err)
{
	struct hp_view name;
	const char *value;

	if (hp_json_read_text(node, &name, err) < 0)
		return -1;
	if (!is_variable(name))
		return hp_json_want(node, "the name of an environment variable", err);
	value = getenv(name.at);
	if (value && *value) {
		*out = hp_view_of(value);
		return 0;
	}
	if (draft->source->secrets_needed)
		return unset(node, name.at, err);
	scenario_warn(draft, node, "the environment variable %s is not set", name.at);
	return 0;
}

/* *out stays empty for a secret that the run file hides. */
static int read_literal(const struct scenario_draft *draft, const struct hp_json_node *node,
			struct hp_view *out, struct hp_err *err)
{
	if (hp_json_kind(node) != HP_JSON_STRING)
		return hp_json_fail(node, err, "want a string");
	*out = hp_json_string(node);
	if (out->bytes == 0 || out->bytes > SECRET_BYTES_MAX)
		return hp_json_fail(node, err, "want 1 to %d bytes, found %zu", SECRET_BYTES_MAX,
				    out->bytes);
	scenario_warn(draft, node, "a secret stands in the document; \"secret_env\" keeps it out");
	if (!draft->source->secrets_needed && is_hidden(*out))
		out->bytes = 0;
	return 0;
}

static int check_key(const struct scenario_draft *draft, struct hp_view secret,
		     const struct hp_json_node *node, struct hp_err *err)
{
	struct hp_err why;
	struct scheme_key *key = scheme_key_new(&draft->scenario.plan.profile.scheme, secret, &why);

	if (!key)
		return hp_json_fail(node, err, "%s", why.msg);
	scheme_key_free(key);
	return 0;
}

int scenario_read_secret(const struct scenario_draft *draft, struct scenario_secret_keys keys,
			 struct hp_secret **out, struct hp_err *err)
{
	const struct hp_json_node *node = keys.secret ? keys.secret : keys.secret_env;
	struct hp_view text = {NULL, 0};
	int result;

	*out = NULL;
	if (!node)
		return 0;
	if (keys.secret && keys.secret_env)
		return hp_json_fail(keys.secret_env, err,
				    "want one of \"secret\" and \"secret_env\"");
	result = keys.secret ? read_literal(draft, node, &text, err)
			     : read_variable(draft, node, &text, err);
	if (result < 0 || text.bytes == 0)
		return result;
	if (check_key(draft, text, node, err) < 0)
		return -1;
	*out = hp_secret_new(text);
	return 0;
}

static void draw_bytes(const struct plan *plan, uint32_t endpoint_index, uint8_t out[MADE_BYTES])
{
	struct hp_key key = {
		.seed = plan->seed, .stream = HP_STREAM_SECRET, .endpoint = endpoint_index};

	for (; key.draw < MADE_BYTES / 8; key.draw++) {
		uint64_t bits = hp_random_bits(&key);

		for (unsigned i = 0; i < 8; i++)
			out[key.draw * 8 + i] = (uint8_t)(bits >> (8 * i));
	}
}

/* A text of as many letters, where the key is the text itself. */
static size_t write_letters(const uint8_t bytes[MADE_BYTES], char *out)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648 6 */

	for (size_t i = 0; i < MADE_BYTES; i++)
		out[i] = letters[bytes[i] % 32];
	return MADE_BYTES;
}

struct hp_secret *scenario_make_secret(const struct plan *plan, uint32_t endpoint_index)
{
	static const struct {
		const char *prefix;
		enum encoding encoding;
	} formats[] = {
		[SCHEME_KEY_TEXT] = {NULL, ENCODING_HEX}, /* by letters */
		[SCHEME_KEY_HEX] = {"", ENCODING_HEX},
		[SCHEME_KEY_BASE64] = {"", ENCODING_BASE64},
		[SCHEME_KEY_WHSEC] = {"whsec_", ENCODING_BASE64},
		[SCHEME_KEY_WHSK] = {"whsk_", ENCODING_BASE64},
	};
	const char *prefix = formats[plan->profile.scheme.key_format].prefix;
	char text[MADE_CHARS_MAX];
	uint8_t bytes[MADE_BYTES];
	size_t used;

	draw_bytes(plan, endpoint_index, bytes);
	if (!prefix)
		return hp_secret_new((struct hp_view){text, write_letters(bytes, text)});
	used = strlen(prefix);
	memcpy(text, prefix, used);
	used += encoding_write(formats[plan->profile.scheme.key_format].encoding, bytes, MADE_BYTES,
			       text + used);
	return hp_secret_new((struct hp_view){text, used});
}
