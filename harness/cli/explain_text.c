#include "cli/explain_text.h"

#include <stdio.h>

#include "base/json_write.h"

enum { PRINTED_BYTES_MAX = 256 * 1024 };

/* -- for people -- */

static size_t first_of(const struct recipe_set *set)
{
	size_t index = 0;

	while (!recipe_set_has(set, index))
		index++;
	return index;
}

/* "  the body without …  (body-minified)", and on lines of their own what gives the same bytes. */
static void print_group(const struct recipe_set *group, const char *opening)
{
	for (size_t i = 0; i < RECIPE_COUNT; i++) {
		if (!recipe_set_has(group, i))
			continue;
		printf("  %s %s (%s)\n", opening, recipe_words(recipe_at(i)),
		       recipe_slug(recipe_at(i)));
		opening = "  or";
	}
}

static void print_match(const struct forensics_match *match)
{
	for (unsigned i = 0; i < match->depth; i++)
		print_group(&match->groups[i], i ? "with" : "from");
	for (unsigned i = 0; i < match->depth; i++)
		printf("  %s %s\n", i ? "           " : "what to do:",
		       recipe_remedy(recipe_at(first_of(&match->groups[i]))));
}

static void print_matches(const struct explanation *explanation)
{
	const struct forensics_result *result = explanation->result;

	printf("this signature was made by %u deviation%s from %s:\n", result->depth,
	       result->depth == 1 ? "" : "s", explanation->profile);
	for (unsigned i = 0; i < result->match_count; i++) {
		if (i)
			puts("  or, with the same result:");
		print_match(&result->matches[i]);
	}
}

static void print_unknown(const struct forensics_result *result)
{
	printf("no known recipe gives this signature (%u were tried%s)\n", result->candidates,
	       result->cut ? ", and not all of them, for the body is large" : "");
	puts("  Is it the secret of this endpoint, and are these the bytes that arrived? "
	     "--old-secret-env and\n"
	     "  --other-secret-env name further secrets to try.");
}

void explain_text_print(const struct explanation *explanation)
{
	enum scheme_verdict verdict = explanation->verdict;
	const struct forensics_result *result = explanation->result;

	if (verdict == SCHEME_VALID) {
		printf("valid: %s\n", scheme_verdict_sentence(verdict));
		return;
	}
	printf("invalid: %s (%s)\n", scheme_verdict_sentence(verdict),
	       scheme_verdict_word(verdict));
	if (result->genuine)
		printf("the signature itself is what %s makes of this delivery\n",
		       explanation->profile);
	else if (result->depth)
		print_matches(explanation);
	else
		print_unknown(result);
}

/* -- as JSON -- */

static void write_text(struct hp_json_writer *writer, const char *key, const char *value)
{
	hp_json_write_key(writer, key);
	hp_json_write_text(writer, value);
}

static void write_recipe(struct hp_json_writer *writer, const struct recipe *recipe)
{
	hp_json_write_object(writer);
	write_text(writer, "id", recipe_slug(recipe));
	write_text(writer, "words", recipe_words(recipe));
	write_text(writer, "remedy", recipe_remedy(recipe));
	hp_json_write_end(writer);
}

static void write_group(struct hp_json_writer *writer, const struct recipe_set *group)
{
	const struct recipe *first = recipe_at(first_of(group));

	hp_json_write_object(writer);
	write_text(writer, "dimension", recipe_dimension_word(recipe_dimension(first)));
	hp_json_write_key(writer, "recipes");
	hp_json_write_array(writer);
	for (size_t i = 0; i < RECIPE_COUNT; i++) {
		if (recipe_set_has(group, i))
			write_recipe(writer, recipe_at(i));
	}
	hp_json_write_end(writer);
	hp_json_write_end(writer);
}

static void write_matches(struct hp_json_writer *writer, const struct forensics_result *result)
{
	hp_json_write_key(writer, "explanations");
	hp_json_write_array(writer);
	for (unsigned i = 0; i < result->match_count; i++) {
		const struct forensics_match *match = &result->matches[i];

		hp_json_write_object(writer);
		hp_json_write_key(writer, "deviations");
		hp_json_write_array(writer);
		for (unsigned k = 0; k < match->depth; k++)
			write_group(writer, &match->groups[k]);
		hp_json_write_end(writer);
		hp_json_write_end(writer);
	}
	hp_json_write_end(writer);
}

static void write_result(struct hp_json_writer *writer, const struct forensics_result *result)
{
	hp_json_write_key(writer, "genuine");
	hp_json_write_bool(writer, result->genuine);
	hp_json_write_key(writer, "depth");
	hp_json_write_u64(writer, result->depth);
	write_matches(writer, result);
	hp_json_write_key(writer, "candidates");
	hp_json_write_u64(writer, result->candidates);
	hp_json_write_key(writer, "complete");
	hp_json_write_bool(writer, !result->cut);
}

void explain_text_json(const struct explanation *explanation)
{
	enum scheme_verdict verdict = explanation->verdict;
	struct hp_json_writer writer;
	struct hp_buf text;

	hp_buf_init(&text, PRINTED_BYTES_MAX);
	hp_json_write_init(&writer, &text, 0);
	hp_json_write_object(&writer);
	write_text(&writer, "verdict", verdict == SCHEME_VALID ? "valid" : "invalid");
	write_text(&writer, "code", scheme_verdict_word(verdict));
	write_text(&writer, "reason", scheme_verdict_sentence(verdict));
	write_text(&writer, "profile", explanation->profile);
	hp_json_write_key(&writer, "at");
	hp_json_write_u64(&writer, explanation->at_s);
	if (verdict != SCHEME_VALID)
		write_result(&writer, explanation->result);
	hp_json_write_end(&writer);
	puts(hp_buf_text(&text));
	hp_buf_fini(&text);
}
