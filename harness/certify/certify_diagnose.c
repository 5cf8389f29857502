/* Why a right signature was refused: the delivery again, each time fresh and signed under one wrong
 * recipe. Reference: receiver checks, section 6: one at a time, never pairs over the wire. */
#include <stdio.h>

#include "base/span.h"
#include "certify/certify_inside.h"
#include "net/clock.h"

enum { EVENTS_FROM = 10000 };           /* above those of a check's own steps */
#define DIAGNOSE_NS (5 * HP_S_NS)       /* ours: a slow receiver is not asked for ever */

static const enum recipe_dimension dimensions[] = {
	RECIPE_BODY, RECIPE_KEY,       RECIPE_ENCODING, RECIPE_CONTENT,
	RECIPE_HASH, RECIPE_TIMESTAMP, RECIPE_ID,       RECIPE_URL,
};
enum { DIMENSION_COUNT = sizeof(dimensions) / sizeof(dimensions[0]) };

struct search {
	struct certify *certify;
	const char *check;
	const struct suite_step *step;
	uint32_t event_number;
	uint64_t until_ns;
};

/* Whether the receiver accepts one form. *more: whether there may be another. */
static bool is_accepted(struct search *search, const struct recipe *recipe, unsigned form,
			bool *more)
{
	struct certify *certify = search->certify;
	struct forge_order order = {.check = search->check, .step = search->step,
				    .event_number = search->event_number++,
				    .wall_ns = certify_wall_ns(certify), .recipe = recipe,
				    .form = form};
	struct courier_answer answer;
	struct ruling ruling = {.right = false};
	struct forged forged;
	enum forge_result made = forge_make(certify->forge, &order, &forged);

	if (made == FORGE_MADE) {
		certify_send(certify, search->step, &forged, &answer);
		ruling_make(&ruling, search->step, SUITE_ACCEPT, certify->config.forge.profile,
			    &answer);
		courier_answer_fini(&answer);
	}
	forged_fini(&forged);
	*more = made != FORGE_END && clock_mono_ns() < search->until_ns &&
		!courier_stopped(certify->courier);
	return ruling.right;
}

/* Whether the receiver accepts any form of a recipe. */
static bool explains(struct search *search, const struct recipe *recipe)
{
	bool more = true;

	for (unsigned form = 0; more; form++)
		if (is_accepted(search, recipe, form, &more))
			return true;
	return false;
}

/* Fills *found with the accepted recipes of a dimension: several of them may give the same bytes
 * here. Returns the first, or NULL. */
static const struct recipe *find(struct search *search, enum recipe_dimension dimension,
				 struct recipe_set *found)
{
	const struct recipe *first = NULL;

	for (size_t i = 0; i < RECIPE_COUNT; i++) {
		const struct recipe *recipe = recipe_at(i);

		if (recipe_dimension(recipe) != dimension || !explains(search, recipe))
			continue;
		recipe_set_add(found, i);
		first = first ? first : recipe;
	}
	return first;
}

/* "The receiver expects a signature made from ... (body-trimmed; here the same as body-node)." */
static void say(const struct recipe *first, const struct recipe_set *found,
		char diagnosis[VERDICT_REASON_BYTES])
{
	const char *before = "; here the same as ";
	int at = snprintf(diagnosis, VERDICT_REASON_BYTES,
			  "The receiver expects a signature made from %s (%s", recipe_words(first),
			  recipe_slug(first));

	for (size_t i = 0; i < RECIPE_COUNT; i++) {
		const char *slug = recipe_slug(recipe_at(i));

		if (!recipe_set_has(found, i) || recipe_at(i) == first ||
		    at + (int)(strlen(before) + strlen(slug)) + 3 > VERDICT_REASON_BYTES)
			continue;
		at += snprintf(diagnosis + at, (size_t)(VERDICT_REASON_BYTES - at), "%s%s", before,
			       slug);
		before = ", ";
	}
	snprintf(diagnosis + at, (size_t)(VERDICT_REASON_BYTES - at), ").");
}

void certify_diagnose(struct certify *certify, const char *check, const struct suite_step *step,
		      char diagnosis[VERDICT_REASON_BYTES])
{
	struct search search = {.certify = certify, .check = check, .step = step,
				.event_number = EVENTS_FROM,
				.until_ns = clock_mono_ns() + DIAGNOSE_NS};
	struct recipe_set found = {{0}};
	const struct recipe *first = NULL;

	certify->diagnoses_left--;
	for (size_t i = 0; i < DIMENSION_COUNT && !first; i++)
		first = find(&search, dimensions[i], &found);
	if (first)
		say(first, &found, diagnosis);
	else
		snprintf(diagnosis, VERDICT_REASON_BYTES, "No known recipe explains the refusal%s.",
			 clock_mono_ns() < search.until_ns ? "" : "; time ran out before all of "
								 "them were tried");
}
