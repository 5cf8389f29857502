/* The vectors of tests/vectors/signatures.json, one at a time: the shipped profile with what the
 * vector changes in it, and the delivery as it arrived. A vector that cannot be read fails the
 * test.
 */
#ifndef HP_TESTS_LIB_VECTOR_H
#define HP_TESTS_LIB_VECTOR_H
#include "base/json.h"
#include "engine/profile.h"

enum { VECTOR_COUNT = 318, VECTOR_HEADERS_MAX = 8 };

/* Reads the file once, before Check forks; prints why when it cannot. */
void vector_open(void);
void vector_close(void);

/* The whole file; NULL: not read. */
const struct hp_json_node *vector_root(void);

struct vector {
	const struct hp_json_node *node;
	const char *id;
	struct profile profile;
	struct hp_view secret;
	char *body; /* a guard copy */
	struct scheme_message message;
	struct http1_header headers[VECTOR_HEADERS_MAX]; /* as they arrived */
	size_t header_count;
	uint64_t at_s; /* 0: the scheme has no time */
	bool valid, verify_only;
};

void vector_load(struct vector *vector, int index);
void vector_free(struct vector *vector);

/* A text member of the vector, or an empty view. */
struct hp_view vector_text(const struct vector *vector, const char *name);

/* Loads a shipped profile. */
void vector_profile(struct profile *profile, const char *name);
#endif
