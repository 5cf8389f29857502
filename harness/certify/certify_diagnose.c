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

/* The first accepted recipe of a dimension, or NULL. */
static const struct recipe *find(struct search *search, enum recipe_dimension dimension)
{
	for (size_t i = 0; i < RECIPE_COUNT; i++) {
		const struct recipe *recipe = recipe_at(i);
		bool more = recipe_dimension(recipe) == dimension;

		for (unsigned form = 0; more; form++)
			if (is_accepted(search, recipe, form, &more))
				return recipe;
	}
	return NULL;
}

void certify_diagnose(struct certify *certify, const char *check, const struct suite_step *step,
		      char diagnosis[VERDICT_REASON_BYTES])
{
	struct search search = {.certify = certify, .check = check, .step = step,
				.event_number = EVENTS_FROM,
				.until_ns = clock_mono_ns() + DIAGNOSE_NS};
	const struct recipe *recipe = NULL;

	certify->diagnoses_left--;
	for (size_t i = 0; i < DIMENSION_COUNT && !recipe; i++)
		recipe = find(&search, dimensions[i]);
	if (recipe)
		snprintf(diagnosis, VERDICT_REASON_BYTES, "The receiver expects a signature made "
			 "from %s (%s).", recipe_words(recipe), recipe_slug(recipe));
	else
		snprintf(diagnosis, VERDICT_REASON_BYTES, "No known recipe explains the refusal%s.",
			 clock_mono_ns() < search.until_ns ? "" : "; time ran out before all of "
								 "them were tried");
}
