/* A trial: one check, step by step. Its happy path: each delivery comes back as expected, behind
 * each one that was not accepted a sentinel shows that the receiver lives, and effects are as many
 * as they must be. What differs is noted; the worst note is the verdict. A late step waits for the
 * end of the run: the trial is kept until then. */
#include "certify/trial_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/span.h"
#include "net/clock.h"

enum {
	FRESH_FIRST = 100, /* numbers of fresh events begin above those that documents name */
	WAIT_S_MAX = 30,   /* ours: a longer wait is not worth the user's time */
	WRONG_MAX = 3,     /* evidence of so many deliveries; each has up to two lines */
	DIAGNOSE_BYTES_MAX = 64 * 1024,
};

/* ---- notes ---- */

void trial_note(struct trial *trial, enum verdict verdict, const char *format, ...)
{
	va_list arguments;

	if (trial->noted && verdict <= trial->worst)
		return;
	trial->noted = true;
	trial->worst = verdict;
	va_start(arguments, format);
	vsnprintf(trial->finding->reason, sizeof(trial->finding->reason), format, arguments);
	va_end(arguments);
}

void trial_evidence(struct trial *trial, const char *label, const char *text)
{
	struct finding *finding = trial->finding;

	if (finding->evidence_count == VERDICT_EVIDENCE_MAX)
		return;
	snprintf(finding->evidence[finding->evidence_count++], VERDICT_EVIDENCE_BYTES, "%s: %.240s",
		 label, text);
}

/* What a delivery is called in findings. */
static const char *name_of(const struct suite_step *step, const struct forge_order *order)
{
	if (order->recipe)
		return recipe_words(order->recipe);
	return *step->say ? step->say : "the delivery";
}

static void note_wrong(struct trial *trial, const struct forge_order *order,
		       const struct forged *forged, const char *seen,
		       enum suite_expectation expect)
{
	char wanted[RULING_TEXT_BYTES];

	ruling_wanted(order->step, expect, trial->certify->config.forge.profile, wanted);
	trial_note(trial, VERDICT_FAIL, "%.100s: %.60s; expected %.80s",
		   name_of(order->step, order),
		   seen, wanted);
	trial->finding->failed++;
	if (trial->wrong++ >= WRONG_MAX)
		return;
	trial_evidence(trial, "sent", forged->summary);
	trial_evidence(trial, "came back", seen);
}

/* ---- effects ---- */

/* How often the event of a delivery must have taken effect by now; -1: nobody said. */
static int wanted_effect(const struct trial *trial, const struct suite_step *step,
			 enum suite_expectation expect)
{
	if (step->effect != SUITE_NO_EFFECT_SAID)
		return step->effect;
	return expect == SUITE_REJECT && trial->check->probe != SUITE_PROBE_NONE ? 0 : -1;
}

static void check_effect(struct trial *trial, const struct forge_order *order,
			 const struct forged *forged, int wanted, const char *later)
{
	char why[PROBE_WHY_BYTES];
	uint64_t count;
	bool known;

	if (wanted == 0 && *later)
		known = certify_no_effect(trial->certify, forged->key, later, &count, why);
	else
		known = certify_effect(trial->certify, forged->key, &count, why);
	if (!known) {
		trial_note(trial, VERDICT_ERROR, "probe-broken: %s", why);
		return;
	}
	if (count == (uint64_t)wanted)
		return;
	trial_note(trial, VERDICT_FAIL, "%.120s: %llu effects, expected %d",
		   name_of(order->step, order),
		   (unsigned long long)count, wanted);
	trial->finding->failed++;
	trial_evidence(trial, "sent", forged->summary);
	trial_evidence(trial, "event", forged->key);
}

static void observe_effect(struct trial *trial, const struct forge_order *order,
			   const struct forged *forged, enum suite_expectation expect,
			   const char *later)
{
	int wanted = wanted_effect(trial, order->step, expect);

	if (wanted >= 0 && trial->certify->probe_works)
		check_effect(trial, order, forged, wanted, later);
}

/* ---- life ---- */

void trial_check_life(struct trial *trial, const char *after, char later[FORGE_KEY_BYTES])
{
	struct certify *certify = trial->certify;
	char seen[RULING_TEXT_BYTES];
	enum certify_life life = certify_sentinel(certify, seen, later);

	if (life == CERTIFY_ALIVE || courier_stopped(certify->courier))
		return;
	trial->finding->failed++;
	if (life == CERTIFY_REFUSES)
		trial_note(trial, VERDICT_FAIL, "a valid delivery was not accepted after %.80s: "
			   "%.60s",
			   after, seen);
	else
		trial_note(trial, VERDICT_FAIL, "died or hung after %.100s%s", after,
			   life == CERTIFY_CAME_BACK ? ", and came back" : "");
	trial_evidence(trial, "a valid delivery behind it", seen);
	if (life != CERTIFY_GONE)
		return;
	certify->dead = trial->stopped = true;
	snprintf(certify->killer, sizeof(certify->killer), "%s", trial->check->id);
}

/* ---- deliveries ---- */

/* How an answer is told from another where all must be alike. */
static int manner_of(const struct ruling *ruling, const struct courier_answer *answer)
{
	return ruling->answered ? answer->status / 100 : 100 + (int)answer->end;
}

static void check_alike(struct trial *trial, const struct forge_order *order,
			const struct forged *forged, const struct ruling *ruling,
			const struct courier_answer *answer)
{
	int manner = manner_of(ruling, answer);

	if (!trial->check->alike)
		return;
	if (trial->alike && trial->alike != manner) {
		trial_note(trial, VERDICT_FAIL, "%.100s: %.60s; another one like it was answered "
			   "otherwise", name_of(order->step, order), ruling->seen);
		trial->finding->failed++;
		trial_evidence(trial, "sent", forged->summary);
		trial_evidence(trial, "came back", ruling->seen);
	}
	trial->alike = manner;
}

/* A refusal that a wrong recipe could explain: of the delivery itself, not of its size or type. */
static bool is_explicable(const struct trial *trial, enum suite_expectation expect,
			  const struct courier_answer *answer, const struct forged *forged)
{
	int status = answer->status;

	return expect == SUITE_ACCEPT && status >= 400 && status < 500 && status != 404 &&
	       status != 405 && status != 413 && status != 415 && !*trial->finding->diagnosis &&
	       forged->body_bytes <= DIAGNOSE_BYTES_MAX && trial->certify->diagnoses_left > 0;
}

/* The largest that the sender sends: more may be refused, in order. */
static enum suite_expectation expectation_of(const struct trial *trial,
					     const struct forge_order *order,
					     const struct forged *forged)
{
	const struct certify_config *config = &trial->certify->config;
	uint64_t bytes_max = config->body_bytes_max ? config->body_bytes_max
						    : config->forge.profile->body_bytes_max;

	if (order->spoiled)
		return SUITE_REJECT;
	if (order->step->expect == SUITE_ACCEPT && forged->body_bytes > bytes_max)
		return SUITE_ANSWER;
	return order->step->expect;
}

enum suite_expectation trial_rule(struct trial *trial, const struct forge_order *order,
				  const struct forged *forged,
				  const struct courier_answer *answer, struct ruling *ruling)
{
	struct certify *certify = trial->certify;
	enum suite_expectation expect = expectation_of(trial, order, forged);

	ruling_make(ruling, order->step, expect, certify->config.forge.profile, answer);
	trial->finding->total++;
	if (ruling->ours) {
		bool stopped = courier_stopped(certify->courier);

		trial_note(trial, stopped ? VERDICT_INCONCLUSIVE : VERDICT_ERROR, "%s: %.120s",
			   stopped ? "interrupted" : "resources", ruling->seen);
		trial->stopped = true;
		return expect;
	}
	trial->finding->decided++;
	certify_read_answer(certify, forged, expect, answer);
	if (!ruling->right) {
		note_wrong(trial, order, forged, ruling->seen, expect);
		if (expect == SUITE_REJECT && ruling->acked && !*trial->finding->diagnosis)
			snprintf(trial->finding->diagnosis, sizeof(trial->finding->diagnosis),
				 "What got through is wrong in one respect: %.120s.",
				 name_of(order->step, order));
		if (is_explicable(trial, expect, answer, forged))
			certify_diagnose(certify, trial->check->id, order->step,
					 trial->finding->diagnosis);
	}
	if (expect == SUITE_REJECT && ruling->acked && ruling->right && !certify->probe_works)
		trial_note(trial, VERDICT_UNOBSERVED, "the profile lets a refusal be a 2xx: only "
			   "the effect decides, and it is not observed");
	check_alike(trial, order, forged, ruling, answer);
	return expect;
}

/* What follows a delivery: a sentinel where it was not accepted, and the effects. */
static void settle(struct trial *trial, const struct forge_order *order,
		   const struct forged *forged, enum suite_expectation expect,
		   const struct ruling *ruling)
{
	char later[FORGE_KEY_BYTES] = "";

	if (!ruling->ours && !(expect == SUITE_ACCEPT && ruling->right))
		trial_check_life(trial, name_of(order->step, order), later);
	if (!ruling->ours && !trial->certify->dead)
		observe_effect(trial, order, forged, expect, later);
}

static void deliver(struct trial *trial, const struct forge_order *order,
		    const struct forged *forged)
{
	struct courier_answer answer;
	enum suite_expectation expect;
	struct ruling ruling;

	certify_send(trial->certify, order->step, forged, &answer);
	expect = trial_rule(trial, order, forged, &answer, &ruling);
	settle(trial, order, forged, expect, &ruling);
	courier_answer_fini(&answer);
}

struct forge_order trial_order(struct trial *trial, const struct suite_step *step)
{
	return (struct forge_order){
		.check = trial->check->id,
		.step = step,
		.event_number = step->event ? step->event : FRESH_FIRST + trial->fresh++,
		.wall_ns = certify_wall_ns(trial->certify),
	};
}

static void keep_last(struct trial *trial, struct forged *forged)
{
	if (trial->has_last)
		forged_fini(&trial->last);
	trial->last = *forged;
	trial->has_last = true;
}

/* Makes and sends one. False: the recipe has no such form. */
static bool play_one(struct trial *trial, const struct forge_order *order)
{
	struct forged forged;
	enum forge_result made;

	if (order->step->copy && trial->has_last) {
		deliver(trial, order, &trial->last);
		return true;
	}
	made = forge_make(trial->certify->forge, order, &forged);
	if (made == FORGE_MADE)
		deliver(trial, order, &forged);
	keep_last(trial, &forged);
	return made != FORGE_END;
}

/* ---- under all recipes of a kind ---- */

/* Whether a slug is the pattern, or begins as "key-*" says. */
static bool is_meant(const char *pattern, const char *slug)
{
	size_t bytes = strcspn(pattern, "*");

	return pattern[bytes] ? strncmp(pattern, slug, bytes) == 0 : strcmp(pattern, slug) == 0;
}

static void play_recipes(struct trial *trial, const struct suite_step *step)
{
	for (size_t i = 0; i < RECIPE_COUNT && !trial->stopped; i++) {
		struct forge_order order;
		bool more = true;

		if (!is_meant(step->sign.recipe, recipe_slug(recipe_at(i))))
			continue;
		for (unsigned form = 0; more && !trial->stopped; form++) {
			order = trial_order(trial, step);
			order.recipe = recipe_at(i);
			order.form = form;
			more = play_one(trial, &order);
		}
	}
}

/* ---- steps ---- */

/* The span that a step names. */
static int64_t span_s(const struct trial *trial, const struct suite_shift *shift)
{
	const struct profile *profile = trial->certify->config.forge.profile;

	if (shift->edge == SUITE_EDGE_PAST)
		return (int64_t)profile->scheme.past_s + shift->by_s;
	if (shift->edge == SUITE_EDGE_HORIZON)
		return (int64_t)(retry_horizon_ns(&profile->retry) / HP_S_NS) + shift->by_s;
	return shift->by_s;
}

/* Runs a command. False: it did not end well, and the check proves nothing. */
static bool run_command(struct trial *trial, enum suite_command command, int64_t shift_s)
{
	char why[COMMAND_LINE_WHY_BYTES];

	if (certify_command(trial->certify, command, shift_s, why))
		return true;
	trial_note(trial, VERDICT_ERROR, "driver-failed: %s", why);
	trial->stopped = true;
	return false;
}

/* Lets the time of a step pass. False: it is longer than anybody waits here. */
static bool wait_for(struct trial *trial, const struct suite_shift *wait)
{
	int64_t wait_s = span_s(trial, wait);

	if (wait_s > WAIT_S_MAX && trial->certify->traits & SUITE_BIT(SUITE_CLOCK))
		return run_command(trial, SUITE_RUN_CLOCK, wait_s);
	if (wait_s > WAIT_S_MAX) {
		trial_note(trial, VERDICT_UNOBSERVED, "needed to wait %lld s, waits at most %d s: "
			   "--clock-command would do it",
			   (long long)wait_s, WAIT_S_MAX);
		trial->stopped = true;
		return false;
	}
	if (wait_s > 0)
		courier_wait(trial->certify->courier, (uint64_t)wait_s * HP_S_NS);
	return true;
}

static void play_step(struct trial *trial, const struct suite_step *step)
{
	struct forge_order order;

	if (step->when & ~trial->certify->traits || !wait_for(trial, &step->wait))
		return;
	if (step->run && !run_command(trial, step->run, span_s(trial, &step->clock)))
		return;
	if (*step->sign.recipe) {
		play_recipes(trial, step);
	} else if (step->copies > 1) {
		trial_batch(trial, step);
	} else {
		order = trial_order(trial, step);
		play_one(trial, &order);
	}
	if (courier_stopped(trial->certify->courier)) {
		trial_note(trial, VERDICT_INCONCLUSIVE, "interrupted");
		trial->stopped = true;
	}
}

/* ---- the verdict ---- */

static void conclude(struct trial *trial)
{
	struct finding *finding = trial->finding;
	bool blind = !trial->certify->probe_works && trial->check->probe == SUITE_PROBE_CONFIRMS;

	if (!trial->noted && finding->decided == 0)
		trial_note(trial, VERDICT_NOT_APPLICABLE,
			   "nothing of it differs under this profile and secret");
	if (!trial->noted)
		trial_note(trial, VERDICT_PASS, "%llu of %llu as expected%s",
			   (unsigned long long)finding->decided, (unsigned long long)finding->total,
			   blind ? "; effect not observed" : "");
	if (trial->certify->clock_s) /* back to the true time */
		run_command(trial, SUITE_RUN_CLOCK, 0);
	finding->verdict = trial->worst;
	if (finding->verdict == VERDICT_FAIL && finding->check->level != CHECK_MUST)
		finding->verdict = VERDICT_WARN;
	if (trial->has_last)
		forged_fini(&trial->last);
	free(trial);
}

/* Goes on until the end or a late step. True at the end. */
static bool play(struct trial *trial, bool late)
{
	for (; trial->next_step < trial->check->step_count && !trial->stopped; trial->next_step++) {
		const struct suite_step *step = &trial->check->steps[trial->next_step];

		if (step->late && !late && !(step->when & ~trial->certify->traits))
			return false;
		play_step(trial, step);
	}
	return true;
}

struct trial *trial_run(struct certify *certify, const struct suite_check *check,
			struct finding *finding)
{
	struct trial *trial = hp_xcalloc(1, sizeof(*trial));

	*trial = (struct trial){.certify = certify, .check = check, .finding = finding};
	if (!play(trial, false))
		return trial;
	conclude(trial);
	return NULL;
}

void trial_finish(struct trial *trial)
{
	play(trial, true);
	conclude(trial);
}
