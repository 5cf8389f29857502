/* Whether a request comes from the sender: its signature, and where it is signed its time. */
#ifndef HP_TESTS_MUTANTS_VERIFY_H
#define HP_TESTS_MUTANTS_VERIFY_H
#include "tests/mutants/mutant.h"
#include "tests/mutants/mutant_http.h"

enum verify_answer { VERIFY_GOOD, VERIFY_BAD, VERIFY_THROWS };

/* Adds what the refusal says to *said. */
enum verify_answer verify_request(const struct mutant *mutant, const struct http_request *request,
				  struct bytes *said);

/* The signature header's value, or the empty view. */
struct view verify_signature(const struct mutant *mutant, const struct http_request *request);

/* The key that a secret's text stands for. */
void verify_key(const struct mutant_profile *profile, const char *secret, struct bytes *key);
#endif
