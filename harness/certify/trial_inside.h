/* What the files of a trial share. For them alone: callers use certify_inside.h. */
#ifndef HP_CERTIFY_TRIAL_INSIDE_H
#define HP_CERTIFY_TRIAL_INSIDE_H
#include "certify/certify_inside.h"

struct trial {
	struct certify *certify;
	const struct suite_check *check;
	struct finding *finding;
	size_t next_step;
	uint32_t fresh; /* events so far */
	struct forged last; /* the delivery before, for copies */
	bool has_last;
	enum verdict worst;
	bool noted, stopped; /* stopped: the rest of the steps proves nothing more */
	unsigned wrong;
	int alike; /* how the first one was answered, for checks whose answers are alike; 0: none */
};

/* The worst note stands, the first of several. */
void trial_note(struct trial *trial, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void trial_evidence(struct trial *trial, const char *label, const char *text);

/* The order of a step's next delivery. */
struct forge_order trial_order(struct trial *trial, const struct suite_step *step);

/* Rules on one answer and notes what is wrong. Returns what was expected of it. */
enum suite_expectation trial_rule(struct trial *trial, const struct forge_order *order,
				  const struct forged *forged,
				  const struct courier_answer *answer, struct ruling *ruling);

/* Whether the receiver still takes valid deliveries. later: the key of the one that it took. */
void trial_check_life(struct trial *trial, const char *after, char later[FORGE_KEY_BYTES]);

/* ---- trial_batch.c ---- */

/* Plays a step of several deliveries. */
void trial_batch(struct trial *trial, const struct suite_step *step);
#endif
