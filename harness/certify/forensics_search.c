/* The search: each single deviation as it is written, then pairs of those that were kept. A digest
 * is compared in every dress at once, so that what deviates in its encoding too costs nothing:
 * singles find depth 1 and 2, pairs find depth 2 and 3. The lowest depth wins. */
#include <stdlib.h>

#include "base/mem.h"
#include "certify/forensics_inside.h"

enum {
	KEPT_MAX = 512,                           /* different bytes of one dimension */
	KEPT_BYTES_MAX = 64 * 1024 * 1024,        /* of all of them: bodies grow large */
	CONTENT_BYTES_MAX = 2 * RECIPE_BYTES_MAX, /* body and headers */
};

/* Bytes that stand in the profile's place, and the recipes that all write them. */
struct kept {
	struct hp_buf bytes;
	struct forensics_key key; /* of keys alone */
	struct recipe_set from;
};

struct kept_list {
	struct kept *at;
	size_t count;
};

struct search {
	struct recipe_base base;
	struct forensics_compare compare;
	struct forensics_key own_key;
	struct kept_list keys, bodies, contents;
	size_t kept_bytes;
	uint64_t hashed_bytes;
	struct hp_buf content, changed;
	bool stopped; /* by a limit */
	struct forensics_result *result;
};

/* Deviations of one candidate, but its encoding. */
struct groups {
	struct recipe_set at[FORENSICS_DEPTH_MAX];
	unsigned count;
};

/* -- answers -- */

/* Of a group, which has recipes, all of one dimension. */
static enum recipe_dimension dimension_of(const struct recipe_set *set)
{
	size_t index = 0;

	while (!recipe_set_has(set, index))
		index++;
	return recipe_dimension(recipe_at(index));
}

static bool is_like(const struct forensics_match *match, const struct groups *groups)
{
	for (unsigned i = 0; i < groups->count; i++) {
		if (dimension_of(&match->groups[i]) != dimension_of(&groups->at[i]))
			return false;
	}
	return true;
}

/* A match in the same dimensions as an earlier one gives the same bytes: its recipes join it. */
static void add_match(struct forensics_result *result, const struct groups *groups)
{
	struct forensics_match *match = result->matches;

	if (result->depth && groups->count > result->depth)
		return;
	if (groups->count < result->depth)
		result->match_count = 0;
	result->depth = groups->count;
	while (match < result->matches + result->match_count && !is_like(match, groups))
		match++;
	if (match == result->matches + FORENSICS_MATCHES_MAX)
		return;
	if (match == result->matches + result->match_count) {
		*match = (struct forensics_match){.depth = groups->count};
		result->match_count++;
	}
	for (unsigned i = 0; i < groups->count; i++)
		recipe_set_join(&match->groups[i], &groups->at[i]);
}

/* Compares one digest; what it was made from stands in groups. */
static void try_digest(struct search *search, struct hp_view digest, struct groups groups)
{
	struct recipe_set encodings;

	if (!forensics_compare_head(&search->compare, digest))
		return;
	switch (forensics_compare_digest(&search->compare, digest, &encodings)) {
	case COMPARE_OWN:
		if (groups.count)
			add_match(search->result, &groups);
		else
			search->result->genuine = true;
		return;
	case COMPARE_DRESSED:
		groups.at[groups.count++] = encodings;
		add_match(search->result, &groups);
		return;
	case COMPARE_NONE:
		return;
	}
}

/* -- candidates -- */

static bool may_go_on(struct search *search)
{
	struct forensics_result *result = search->result;

	search->hashed_bytes += search->content.bytes;
	if (result->candidates == FORENSICS_CANDIDATES_MAX ||
	    search->hashed_bytes > FORENSICS_HASHED_BYTES_MAX)
		search->stopped = result->cut = true;
	result->candidates += !search->stopped;
	return !search->stopped;
}

/* Puts the content together; false when the delivery lacks what the template wants. */
static bool make_content(struct search *search, struct hp_view template,
			 const struct recipe_parts *parts)
{
	hp_buf_clear(&search->content);
	return recipe_expand(&search->base, template, parts, &search->content);
}

static void try_key(struct search *search, const struct forensics_key *key, struct groups groups)
{
	uint8_t digest[RECIPE_DIGEST_BYTES_MAX];
	size_t bytes;

	if (!may_go_on(search))
		return;
	bytes = forensics_digest(key, search->base.scheme, hp_buf_view(&search->content), digest);
	try_digest(search, (struct hp_view){(const char *)digest, bytes}, groups);
}

/* -- single deviations -- */

static struct kept_list *list_of(struct search *search, enum recipe_dimension dimension)
{
	switch (dimension) {
	case RECIPE_KEY:
		return &search->keys;
	case RECIPE_BODY:
		return &search->bodies;
	case RECIPE_CONTENT:
		return &search->contents;
	default:
		return NULL;
	}
}

static struct hp_view own_bytes(const struct search *search, enum recipe_dimension dimension)
{
	const struct forensics_case *given = search->base.given;

	switch (dimension) {
	case RECIPE_KEY:
		return hp_buf_view(&search->base.key);
	case RECIPE_BODY:
		return given->body;
	case RECIPE_CONTENT:
		return forensics_template(search->base.scheme);
	case RECIPE_TIMESTAMP:
		return given->timestamp;
	case RECIPE_ID:
		return given->id;
	default:
		return given->url;
	}
}

/* Keeps what was changed for the pairs; bytes that are there already get one more recipe. */
static void keep(struct search *search, const struct recipe *recipe, struct kept_list *list)
{
	struct hp_view bytes = hp_buf_view(&search->changed);
	struct kept *kept = list->at;

	while (kept < list->at + list->count && (!hp_view_equal(hp_buf_view(&kept->bytes), bytes) ||
						 kept->key.swaps != recipe->swaps))
		kept++;
	if (kept < list->at + list->count) {
		recipe_set_add(&kept->from, recipe_index(recipe));
		return;
	}
	if (list->count == KEPT_MAX || search->kept_bytes + bytes.bytes > KEPT_BYTES_MAX) {
		search->result->cut = true;
		return;
	}
	hp_buf_init(&kept->bytes, bytes.bytes);
	hp_buf_add(&kept->bytes, bytes);
	recipe_set_add(&kept->from, recipe_index(recipe));
	if (list == &search->keys && !forensics_key_init(&kept->key, search->base.scheme, recipe,
							 hp_buf_view(&kept->bytes))) {
		hp_buf_fini(&kept->bytes);
		*kept = (struct kept){0};
		return;
	}
	search->kept_bytes += bytes.bytes;
	list->count++;
}

static struct groups group_of(const struct recipe *recipe)
{
	struct groups groups = {.count = 1};

	recipe_set_add(&groups.at[0], recipe_index(recipe));
	return groups;
}

/* Tries what is in search->changed in the place of the profile's. */
static void try_changed(struct search *search, const struct recipe *recipe)
{
	struct recipe_parts parts = forensics_parts(search->base.given);
	struct hp_view template = forensics_template(search->base.scheme);
	struct hp_view changed = hp_buf_view(&search->changed);
	struct forensics_key key = search->own_key;

	if (recipe->dimension == RECIPE_BODY)
		parts.body = changed;
	else if (recipe->dimension == RECIPE_CONTENT)
		template = changed;
	else
		forensics_place(&parts, recipe->dimension, changed);
	if (recipe->dimension == RECIPE_KEY &&
	    !forensics_key_init(&key, search->base.scheme, recipe, changed))
		return;
	if (make_content(search, template, &parts))
		try_key(search, &key, group_of(recipe));
	if (recipe->dimension == RECIPE_KEY)
		forensics_key_fini(&key);
}

static void try_form(struct search *search, const struct recipe *recipe, unsigned form)
{
	struct kept_list *list = list_of(search, recipe->dimension);
	struct hp_view own = own_bytes(search, recipe->dimension);

	if (!recipe_write(recipe, &search->base, form, &search->changed))
		return;
	if (hp_view_equal(hp_buf_view(&search->changed), own) && !recipe->swaps)
		return;
	if (list)
		keep(search, recipe, list);
	try_changed(search, recipe);
}

static void try_hash(struct search *search, const struct recipe *recipe, unsigned form)
{
	const struct recipe_parts parts = forensics_parts(search->base.given);
	struct recipe_input input = {.key = hp_buf_view(&search->base.key)};

	if (!make_content(search, forensics_template(search->base.scheme), &parts) ||
	    !may_go_on(search))
		return;
	input.content = hp_buf_view(&search->content);
	hp_buf_clear(&search->changed);
	if (recipe->make(recipe, &search->base, form, &input, &search->changed))
		try_digest(search, hp_buf_view(&search->changed), group_of(recipe));
}

static void try_recipe(struct search *search, const struct recipe *recipe)
{
	if (recipe->dimension == RECIPE_ENCODING ||
	    !forensics_applies(search->base.scheme, recipe->dimension))
		return;
	for (unsigned form = 0; form < recipe->forms && !search->stopped; form++) {
		if (recipe->dimension == RECIPE_HASH)
			try_hash(search, recipe, form);
		else
			try_form(search, recipe, form);
	}
}

/* The profile itself, and each recipe alone. */
static void try_singles(struct search *search)
{
	const struct recipe_parts parts = forensics_parts(search->base.given);

	if (make_content(search, forensics_template(search->base.scheme), &parts))
		try_key(search, &search->own_key, (struct groups){0});
	for (size_t i = 0; i < RECIPE_COUNT && !search->result->genuine; i++)
		try_recipe(search, recipe_at(i));
}

/* -- pairs -- */

static struct groups pair_of(const struct kept *one, const struct kept *other)
{
	return (struct groups){.at = {one->from, other->from}, .count = 2};
}

/* Every key over what search->content holds. */
static void try_keys(struct search *search, const struct kept *other)
{
	for (size_t i = 0; i < search->keys.count && !search->stopped; i++)
		try_key(search, &search->keys.at[i].key, pair_of(&search->keys.at[i], other));
}

static void try_keys_and_bodies(struct search *search)
{
	struct recipe_parts parts = forensics_parts(search->base.given);

	for (size_t i = 0; i < search->bodies.count && !search->stopped; i++) {
		parts.body = hp_buf_view(&search->bodies.at[i].bytes);
		if (make_content(search, forensics_template(search->base.scheme), &parts))
			try_keys(search, &search->bodies.at[i]);
	}
}

static void try_keys_and_contents(struct search *search)
{
	const struct recipe_parts parts = forensics_parts(search->base.given);

	for (size_t i = 0; i < search->contents.count && !search->stopped; i++) {
		if (make_content(search, hp_buf_view(&search->contents.at[i].bytes), &parts))
			try_keys(search, &search->contents.at[i]);
	}
}

static void try_bodies_with(struct search *search, const struct kept *content)
{
	struct recipe_parts parts = forensics_parts(search->base.given);

	for (size_t i = 0; i < search->bodies.count && !search->stopped; i++) {
		parts.body = hp_buf_view(&search->bodies.at[i].bytes);
		if (make_content(search, hp_buf_view(&content->bytes), &parts))
			try_key(search, &search->own_key, pair_of(&search->bodies.at[i], content));
	}
}

static void try_pairs(struct search *search)
{
	try_keys_and_bodies(search);
	try_keys_and_contents(search);
	for (size_t i = 0; i < search->contents.count && !search->stopped; i++)
		try_bodies_with(search, &search->contents.at[i]);
}

/* -- the whole -- */

static void list_init(struct kept_list *list)
{
	*list = (struct kept_list){.at = hp_xcalloc(KEPT_MAX, sizeof(*list->at))};
}

static void list_fini(struct kept_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		forensics_key_fini(&list->at[i].key);
		hp_buf_fini(&list->at[i].bytes);
	}
	free(list->at);
}

/* Keys are wiped before they are freed. */
static void keys_fini(struct kept_list *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->at[i].bytes.bytes)
			explicit_bzero(keys->at[i].bytes.at, keys->at[i].bytes.bytes);
	}
	list_fini(keys);
}

static int search_init(struct search *search, const struct forensics_case *given,
		       struct forensics_result *result, struct hp_err *err)
{
	memset(search, 0, sizeof(*search));
	memset(result, 0, sizeof(*result));
	search->result = result;
	list_init(&search->keys);
	list_init(&search->bodies);
	list_init(&search->contents);
	hp_buf_init(&search->content, CONTENT_BYTES_MAX);
	hp_buf_init(&search->changed, RECIPE_BYTES_MAX);
	if (recipe_base_init(&search->base, given, err) < 0)
		return -1;
	if (!forensics_key_init(&search->own_key, search->base.scheme, NULL,
				hp_buf_view(&search->base.key)))
		return hp_err_set(err, HP_EUSAGE,
				  "a signature of a pair is explained with its private key");
	forensics_compare_init(&search->compare, &search->base);
	return 0;
}

static void search_fini(struct search *search)
{
	keys_fini(&search->keys);
	list_fini(&search->bodies);
	list_fini(&search->contents);
	forensics_key_fini(&search->own_key);
	recipe_base_fini(&search->base);
	if (search->changed.at)
		explicit_bzero(search->changed.at, search->changed.room);
	hp_buf_fini(&search->content);
	hp_buf_fini(&search->changed);
}

int forensics_search(const struct forensics_case *given, struct forensics_result *result,
		     struct hp_err *err)
{
	struct search search;
	int prepared = search_init(&search, given, result, err);

	if (prepared == 0)
		try_singles(&search);
	if (prepared == 0 && !result->genuine && result->depth != 1)
		try_pairs(&search);
	search_fini(&search);
	return prepared;
}
