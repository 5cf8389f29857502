#include "certify/recipe.h"

#include "certify/recipe_inside.h"

static const struct recipe_table *const tables[] = {
	&recipe_encodings, &recipe_keys,     &recipe_bodies,
	&recipe_hashes,    &recipe_contents, &recipe_places,
};

enum { TABLE_COUNT = sizeof(tables) / sizeof(tables[0]) };

const struct recipe *recipe_at(size_t index)
{
	for (size_t i = 0;; i++) {
		assert(i < TABLE_COUNT); /* index is below RECIPE_COUNT */
		if (index < tables[i]->count)
			return &tables[i]->rows[index];
		index -= tables[i]->count;
	}
}

size_t recipe_index(const struct recipe *recipe)
{
	size_t before = 0;

	for (size_t i = 0;; i++) {
		const struct recipe *rows;

		assert(i < TABLE_COUNT); /* the row is of a table */
		rows = tables[i]->rows;
		if (recipe >= rows && recipe < rows + tables[i]->count)
			return before + (size_t)(recipe - rows);
		before += tables[i]->count;
	}
}

const struct recipe *recipe_find(const char *slug)
{
	for (size_t i = 0; i < RECIPE_COUNT; i++) {
		if (strcmp(recipe_at(i)->slug, slug) == 0)
			return recipe_at(i);
	}
	return NULL;
}

const char *recipe_slug(const struct recipe *recipe)
{
	return recipe->slug;
}

enum recipe_dimension recipe_dimension(const struct recipe *recipe)
{
	return recipe->dimension;
}

const char *recipe_dimension_word(enum recipe_dimension dimension)
{
	static const char *const words[] = {
#define X(name, word, remedy) [name] = word,
		RECIPE_DIMENSIONS(X)
#undef X
	};

	return words[dimension];
}

const char *recipe_words(const struct recipe *recipe)
{
	return recipe->words;
}

const char *recipe_remedy(const struct recipe *recipe)
{
	static const char *const remedies[] = {
#define X(name, word, remedy) [name] = remedy,
		RECIPE_DIMENSIONS(X)
#undef X
	};

	return recipe->remedy ? recipe->remedy : remedies[recipe->dimension];
}

unsigned recipe_forms(const struct recipe *recipe)
{
	return recipe->forms;
}

bool recipe_set_has(const struct recipe_set *set, size_t index)
{
	return set->bits[index / 64] >> index % 64 & 1;
}

void recipe_set_add(struct recipe_set *set, size_t index)
{
	set->bits[index / 64] |= UINT64_C(1) << index % 64;
}

void recipe_set_join(struct recipe_set *set, const struct recipe_set *more)
{
	for (size_t i = 0; i < sizeof(set->bits) / sizeof(set->bits[0]); i++)
		set->bits[i] |= more->bits[i];
}

size_t recipe_set_count(const struct recipe_set *set)
{
	size_t count = 0;

	for (size_t i = 0; i < RECIPE_COUNT; i++)
		count += recipe_set_has(set, i);
	return count;
}

bool recipe_write(const struct recipe *recipe, const struct recipe_base *base, unsigned form,
		  struct hp_buf *out)
{
	hp_buf_clear(out);
	return recipe->write(recipe, base, form, out) && !out->cut;
}
