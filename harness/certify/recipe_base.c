/* What all recipes look at, and the templates of what is signed. */
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "certify/recipe_inside.h"

static int check_limits(const struct forensics_case *given, struct hp_err *err)
{
	if (given->body.bytes > FORENSICS_BODY_BYTES_MAX)
		return hp_err_set(err, HP_EUSAGE, "a body of at most %d bytes can be explained",
				  FORENSICS_BODY_BYTES_MAX);
	if (given->secret.bytes > FORENSICS_SECRET_BYTES_MAX)
		return hp_err_set(err, HP_EUSAGE, "a secret of at most %d bytes can be explained",
				  FORENSICS_SECRET_BYTES_MAX);
	assert(given->old_count <= FORENSICS_SECRETS_MAX);
	assert(given->other_count <= FORENSICS_SECRETS_MAX);
	return 0;
}

static int read_key(struct recipe_base *base, struct hp_err *err)
{
	struct hp_view secret = base->given->secret;
	uint8_t *bytes = hp_xcalloc(secret.bytes + 1, 1);
	ssize_t count = scheme_key_bytes(base->scheme->key_format, secret, bytes);

	if (count > 0)
		hp_buf_add(&base->key, (struct hp_view){(char *)bytes, (size_t)count});
	explicit_bzero(bytes, secret.bytes);
	free(bytes);
	if (count > 0)
		return 0;
	return hp_err_set(err, HP_EUSAGE, "the secret is no key of the profile %s",
			  base->given->profile->name);
}

int recipe_base_init(struct recipe_base *base, const struct forensics_case *given,
		     struct hp_err *err)
{
	*base = (struct recipe_base){.given = given, .scheme = &given->profile->scheme};
	hp_buf_init(&base->key, FORENSICS_SECRET_BYTES_MAX);
	if (check_limits(given, err) < 0)
		return -1;
	if (read_key(base, err) < 0)
		return -1;
	base->tree = json_tree_new(given->body);
	return 0;
}

void recipe_base_fini(struct recipe_base *base)
{
	if (base->key.at)
		explicit_bzero(base->key.at, base->key.room);
	hp_buf_fini(&base->key);
	json_tree_free(base->tree);
	base->tree = NULL;
}

struct hp_view recipe_header(const struct recipe_base *base, const char *name)
{
	for (size_t i = 0; i < base->given->header_count; i++) {
		if (hp_view_equal_nocase(base->given->headers[i].name, hp_view_of(name)))
			return base->given->headers[i].value;
	}
	return (struct hp_view){0};
}

/* -- slots beyond the scheme's -- */

static bool put_given(struct hp_view view, struct hp_buf *out)
{
	return view.bytes && hp_buf_add(out, view);
}

static bool put_method(const struct recipe_base *base, struct hp_buf *out)
{
	struct hp_view method = base->given->method;

	return hp_buf_add(out, method.bytes ? method : HP_LITERAL("POST"));
}

/* The path and query of the URL. */
static bool put_path(const struct recipe_base *base, struct hp_buf *out)
{
	struct hp_view url = base->given->url;
	const char *host = url.bytes ? memmem(url.at, url.bytes, "://", 3) : NULL;
	const char *end, *path;

	if (!host)
		return false;
	end = url.at + url.bytes;
	host += 3;
	path = host < end ? memchr(host, '/', (size_t)(end - host)) : NULL;
	if (!path)
		return hp_buf_add_text(out, "/");
	return hp_buf_add(out, (struct hp_view){path, (size_t)(end - path)});
}

/* Whether a header is the scheme's own: it is written when the content is signed already. */
static bool is_own_header(const struct recipe_base *base, struct hp_view name)
{
	for (unsigned i = 0; i < base->scheme->family_count; i++) {
		const struct scheme_family *family = &base->scheme->families[i];

		if (hp_view_equal_nocase(name, hp_view_of(family->signature)) ||
		    hp_view_equal_nocase(name, hp_view_of(family->timestamp)) ||
		    hp_view_equal_nocase(name, hp_view_of(family->id)))
			return true;
	}
	return false;
}

static int by_name(const void *a, const void *b, void *headers)
{
	const struct http1_header *at = headers;
	struct hp_view one = at[*(const size_t *)a].name, other = at[*(const size_t *)b].name;
	size_t bytes = one.bytes < other.bytes ? one.bytes : other.bytes;
	int order = bytes ? strncasecmp(one.at, other.at, bytes) : 0;

	return order ? order : (one.bytes > other.bytes) - (one.bytes < other.bytes);
}

static void put_header(const struct http1_header *header, struct hp_buf *out)
{
	size_t start = out->bytes;

	hp_buf_add(out, header->name);
	for (size_t i = start; i < out->bytes; i++) {
		if (out->at[i] >= 'A' && out->at[i] <= 'Z')
			out->at[i] = (char)(out->at[i] - 'A' + 'a');
	}
	hp_buf_add_text(out, ":");
	hp_buf_add(out, header->value);
	hp_buf_add_text(out, "\n");
}

/* "name:value\n" of each header but the scheme's own, names in lower case, sorted. */
static bool put_headers(const struct recipe_base *base, struct hp_buf *out)
{
	const struct forensics_case *given = base->given;
	size_t *order = hp_xcalloc(given->header_count + 1, sizeof(*order)), count = 0;
	struct http1_header *headers = hp_xcalloc(given->header_count + 1, sizeof(*headers));

	for (size_t i = 0; i < given->header_count; i++) {
		headers[i] = given->headers[i];
		if (!is_own_header(base, headers[i].name))
			order[count++] = i;
	}
	qsort_r(order, count, sizeof(*order), by_name, headers);
	for (size_t i = 0; i < count; i++)
		put_header(&headers[order[i]], out);
	free(headers);
	free(order);
	return count > 0;
}

/* Scalar values in the order of the document, joined; deep: those of inner containers too. */
static bool put_fields(const struct recipe_base *base, char joint, bool deep, struct hp_buf *out)
{
	const struct json_tree *tree = base->tree;
	size_t count = 0;

	if (!tree || tree->nodes[0].kind != HP_JSON_OBJECT)
		return false;
	for (unsigned i = deep ? 1 : tree->nodes[0].first; i && i < tree->count && !out->cut;
	     i = deep ? i + 1 : tree->nodes[i].next) {
		const struct json_node *node = &tree->nodes[i];
		struct hp_view raw = node->raw;

		if (node->kind == HP_JSON_OBJECT || node->kind == HP_JSON_ARRAY)
			continue;
		if (node->kind == HP_JSON_STRING)
			raw = (struct hp_view){raw.at + 1, raw.bytes - 2};
		if (count++)
			hp_buf_add(out, (struct hp_view){&joint, 1});
		hp_buf_add(out, raw);
	}
	return count > 1;
}

static bool slot_body(const struct recipe_base *base, const struct recipe_parts *parts,
		      struct hp_buf *out)
{
	(void)base;
	return hp_buf_add(out, parts->body);
}

static bool slot_timestamp(const struct recipe_base *base, const struct recipe_parts *parts,
			   struct hp_buf *out)
{
	(void)base;
	return put_given(parts->timestamp, out);
}

static bool slot_id(const struct recipe_base *base, const struct recipe_parts *parts,
		    struct hp_buf *out)
{
	(void)base;
	return put_given(parts->id, out);
}

static bool slot_url(const struct recipe_base *base, const struct recipe_parts *parts,
		     struct hp_buf *out)
{
	(void)base;
	return put_given(parts->url, out);
}

#define SLOT(name, call)                                                                           \
	static bool slot_##name(const struct recipe_base *base, const struct recipe_parts *parts,  \
				struct hp_buf *out)                                                \
	{                                                                                          \
		(void)parts;                                                                       \
		return call;                                                                       \
	}
SLOT(method, put_method(base, out))
SLOT(path, put_path(base, out))
SLOT(headers, put_headers(base, out))
SLOT(fields_colon, put_fields(base, ':', false, out))
SLOT(fields_dot, put_fields(base, '.', false, out))
SLOT(deep_colon, put_fields(base, ':', true, out))
SLOT(deep_dot, put_fields(base, '.', true, out))
#undef SLOT

static const struct slot {
	const char *word;
	bool (*put)(const struct recipe_base *base, const struct recipe_parts *parts,
		    struct hp_buf *out);
} slots[] = {
	{"{body}", slot_body},
	{"{timestamp}", slot_timestamp},
	{"{id}", slot_id},
	{"{url}", slot_url},
	{"{method}", slot_method},
	{"{path}", slot_path},
	{"{headers}", slot_headers},
	{"{fields:}", slot_fields_colon},
	{"{fields.}", slot_fields_dot},
	{"{deep:}", slot_deep_colon},
	{"{deep.}", slot_deep_dot},
};

static const struct slot *slot_at(struct hp_view text)
{
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		size_t bytes = strlen(slots[i].word);

		if (text.bytes >= bytes && !memcmp(text.at, slots[i].word, bytes))
			return &slots[i];
	}
	return NULL;
}

bool recipe_expand(const struct recipe_base *base, struct hp_view template,
		   const struct recipe_parts *parts, struct hp_buf *out)
{
	while (template.bytes) {
		const struct slot *slot = slot_at(template);
		size_t taken = slot ? strlen(slot->word) : 1;
		const struct hp_view constant = {template.at, 1};

		if (slot ? !slot->put(base, parts, out) : !hp_buf_add(out, constant))
			return false;
		template.at += taken;
		template.bytes -= taken;
	}
	return true;
}
