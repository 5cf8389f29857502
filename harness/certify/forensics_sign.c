/* The other way round: a delivery whose signature is made under one recipe. */
#include "certify/forensics_inside.h"

/* Buffers of one signing. */
struct signing {
	struct recipe_base base;
	struct recipe_parts parts;
	struct hp_view template;
	struct forensics_key key;
	struct hp_buf changed; /* what the recipe puts in the profile's place; may be a key */
	struct hp_buf content, digest, own, entry;
};

static void signing_init(struct signing *signing, const struct forensics_case *given)
{
	struct hp_err err;
	int prepared;

	memset(signing, 0, sizeof(*signing));
	prepared = recipe_base_init(&signing->base, given, &err);
	assert(prepared == 0);
	signing->parts = forensics_parts(given);
	signing->template = forensics_template(signing->base.scheme);
	hp_buf_init(&signing->changed, RECIPE_BYTES_MAX);
	hp_buf_init(&signing->content, 2 * RECIPE_BYTES_MAX);
	hp_buf_init(&signing->digest, RECIPE_DIGEST_BYTES_MAX);
	hp_buf_init(&signing->own, 8 * RECIPE_DIGEST_BYTES_MAX);
	hp_buf_init(&signing->entry, 8 * RECIPE_DIGEST_BYTES_MAX);
}

static void signing_fini(struct signing *signing)
{
	forensics_key_fini(&signing->key);
	recipe_base_fini(&signing->base);
	if (signing->changed.at)
		explicit_bzero(signing->changed.at, signing->changed.room);
	hp_buf_fini(&signing->changed);
	hp_buf_fini(&signing->content);
	hp_buf_fini(&signing->digest);
	hp_buf_fini(&signing->own);
	hp_buf_fini(&signing->entry);
}

/* Makes the digest of what is in template and parts, under a key's bytes. */
static bool make_digest(struct signing *signing, const struct recipe *recipe, struct hp_view key)
{
	const struct scheme *scheme = signing->base.scheme;
	uint8_t digest[RECIPE_DIGEST_BYTES_MAX];
	size_t bytes = 0;

	hp_buf_clear(&signing->content);
	hp_buf_clear(&signing->digest);
	forensics_key_fini(&signing->key);
	if (!recipe_expand(&signing->base, signing->template, &signing->parts, &signing->content))
		return false;
	if (forensics_key_init(&signing->key, scheme, recipe, key))
		bytes = forensics_digest(&signing->key, scheme, hp_buf_view(&signing->content),
					 digest);
	return bytes && hp_buf_add(&signing->digest, (struct hp_view){(char *)digest, bytes});
}

/* A recipe that writes bytes: they take the profile's place, and all is made again. */
static bool make_changed(struct signing *signing, const struct recipe *recipe, unsigned form)
{
	struct hp_view key = hp_buf_view(&signing->base.key), changed;

	if (!forensics_applies(signing->base.scheme, recipe->dimension) ||
	    !recipe_write(recipe, &signing->base, form, &signing->changed))
		return false;
	changed = hp_buf_view(&signing->changed);
	if (recipe->dimension == RECIPE_BODY)
		signing->parts.body = changed;
	else if (recipe->dimension == RECIPE_CONTENT)
		signing->template = changed;
	else
		forensics_place(&signing->parts, recipe->dimension, changed);
	if (recipe->dimension == RECIPE_KEY)
		return make_digest(signing, recipe, changed);
	return make_digest(signing, NULL, key);
}

/* A recipe for hashes or encodings: over the right content, or the right digest. */
static bool make_other(struct signing *signing, const struct recipe *recipe, unsigned form)
{
	struct hp_buf *out = recipe->dimension == RECIPE_HASH ? &signing->digest : &signing->entry;
	uint8_t digest[RECIPE_DIGEST_BYTES_MAX];
	struct recipe_input input = {
		.key = hp_buf_view(&signing->base.key),
		.content = hp_buf_view(&signing->content),
		.digest = {(const char *)digest, signing->digest.bytes},
	};

	memcpy(digest, signing->digest.at, signing->digest.bytes);
	hp_buf_clear(out);
	return recipe->make(recipe, &signing->base, form, &input, out) && !out->cut;
}

/* Whether a receiver still finds the right digest in the entry, as one of a list: a tag that ends
 * with the separator of entries leaves it as good as it was. */
static bool is_right_still(const struct signing *signing)
{
	struct forensics_case given = *signing->base.given;
	struct recipe_base base = signing->base;
	struct forensics_compare compare;
	struct recipe_set encodings;

	given.signature = hp_buf_view(&signing->entry);
	base.given = &given;
	forensics_compare_init(&compare, &base);
	return forensics_compare_digest(&compare, hp_buf_view(&signing->digest), &encodings) ==
	       COMPARE_OWN;
}

/* Fills entry with the deviating entry of the header's value. */
static bool make_entry(struct signing *signing, const struct recipe *recipe, unsigned form)
{
	bool made = recipe->make ? make_other(signing, recipe, form)
				 : make_changed(signing, recipe, form);

	if (made && recipe->dimension == RECIPE_ENCODING)
		return !is_right_still(signing);
	if (made)
		recipe_dress(signing->base.scheme, hp_buf_view(&signing->digest), &signing->entry);
	return made && !hp_view_equal(hp_buf_view(&signing->entry), hp_buf_view(&signing->own));
}

static void put_header(const char *name, struct hp_view value, struct hp_buf *out)
{
	if (!*name)
		return;
	hp_buf_add_text(out, name);
	hp_buf_add_text(out, ": ");
	hp_buf_add(out, value);
	hp_buf_add_text(out, "\r\n");
}

static void put_lines(const struct signing *signing, struct hp_buf *out)
{
	const struct scheme_value *value = &signing->base.scheme->value;
	const struct scheme_family *family = &signing->base.scheme->families[0];
	const struct forensics_case *given = signing->base.given;

	put_header(family->id, given->id, out);
	put_header(family->timestamp, given->timestamp, out);
	hp_buf_add_text(out, family->signature);
	hp_buf_add_text(out, ": ");
	if (*value->time_name) {
		hp_buf_add_text(out, value->time_name);
		hp_buf_add(out, given->timestamp);
		hp_buf_add(out, (struct hp_view){&value->separator, 1});
	}
	hp_buf_add(out, hp_buf_view(&signing->entry));
	hp_buf_add_text(out, "\r\n");
}

enum forensics_answer forensics_sign(const struct forensics_case *given,
				     const struct recipe *recipe, unsigned form, struct hp_buf *out)
{
	enum forensics_answer answer = FORENSICS_SAME;
	struct signing signing;

	if (form >= recipe->forms)
		return FORENSICS_END;
	signing_init(&signing, given);
	if (make_digest(&signing, NULL, hp_buf_view(&signing.base.key))) {
		recipe_dress(signing.base.scheme, hp_buf_view(&signing.digest), &signing.own);
		if (make_entry(&signing, recipe, form))
			answer = FORENSICS_MADE;
	}
	if (answer == FORENSICS_MADE)
		put_lines(&signing, out);
	signing_fini(&signing);
	return answer;
}
