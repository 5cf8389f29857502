/* The event in a request: what it is about, and whether it is one. */
#ifndef HP_TESTS_MUTANTS_EVENT_H
#define HP_TESTS_MUTANTS_EVENT_H
#include "tests/mutants/mutant.h"
#include "tests/mutants/mutant_http.h"

enum { EVENT_WORD_BYTES_MAX = 128 };

struct mutant_event {
	struct bytes key, resource, type; /* words of letters, digits and _-.: */
	struct bytes twin; /* a second key, of a receiver that reads the body twice */
	bool known;        /* a type that this receiver acts on */
};

void event_init(struct mutant_event *event);
void event_fini(struct mutant_event *event);

/* 0, or the status with which the body is refused. */
int event_parse(const struct mutant *mutant, const struct http_request *request,
		struct mutant_event *event);

/* The resource of half a body, wherever it stands; empty when there is none. */
void event_guess_resource(struct view half, struct bytes *resource);
#endif
