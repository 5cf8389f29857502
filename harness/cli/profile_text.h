/* The profiles of a plan as reports print them: every value that the run used. */
#ifndef HP_CLI_PROFILE_TEXT_H
#define HP_CLI_PROFILE_TEXT_H
#include "base/buf.h"
#include "engine/result.h"

struct profile_text { /* zero: nothing is in it */
	struct hp_buf sender, judged;
};

/* Prints both profiles of result->plan and points the result at them; profile_text_fini() ends
 * that. Once. */
void profile_text_show(struct profile_text *text, struct result *result);
void profile_text_fini(struct profile_text *text);
#endif
