/* What explain found, for people and as JSON. Not here: the search (certify/forensics.h). */
#ifndef HP_CLI_EXPLAIN_TEXT_H
#define HP_CLI_EXPLAIN_TEXT_H
#include "certify/forensics.h"

struct explanation { /* borrowed */
	const char *profile;
	enum scheme_verdict verdict;
	uint64_t at_s;
	const struct forensics_result
		*result; /* of an invalid signature; untouched of a valid one */
};

/* Prints to standard output. No secret stands in it: recipes are words. */
void explain_text_print(const struct explanation *explanation);
void explain_text_json(const struct explanation *explanation);
#endif
