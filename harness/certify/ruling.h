/* A ruling: whether one answer is what its step expected. Pure.
 * Not here: effects, and what rulings add up to (trial.h). */
#ifndef HP_CERTIFY_RULING_H
#define HP_CERTIFY_RULING_H
#include "engine/profile.h"
#include "net/courier.h"
#include "scenarios/suite.h"

enum { RULING_TEXT_BYTES = 200 };

struct ruling {
	bool right;
	bool ours;     /* hookproof could not ask: out of ports, or stopped */
	bool answered; /* a whole answer came in time */
	bool acked;    /* it was a 2xx */
	char seen[RULING_TEXT_BYTES]; /* what came back, one line; foreign bytes in it */
};

/* `expect` stands in the place of the step's own. */
void ruling_make(struct ruling *out, const struct suite_step *step, enum suite_expectation expect,
		 const struct profile *profile, const struct courier_answer *answer);

/* What would have been right, one line. Returns out, which holds RULING_TEXT_BYTES. */
const char *ruling_wanted(const struct suite_step *step, enum suite_expectation expect,
			  const struct profile *profile, char *out);
#endif
