/* What the files of the profile loader share. For them alone: callers use profile.h. */
#ifndef HP_SCENARIOS_PROFILE_INSIDE_H
#define HP_SCENARIOS_PROFILE_INSIDE_H
#include "base/json.h"
#include "base/json_write.h"
#include "scenarios/profile_document.h"

enum {
	PROFILE_KEYS_MAX = 64, /* one bit each in profile.assumed */
	PROFILE_SPAN_BYTES = 32,
};

struct profile_key;

/* How values of one kind are read and printed. The member stands at key->offset. */
struct profile_kind {
	enum hp_json_kind json; /* what a document holds; HP_JSON_TRUE stands for both booleans */
	bool or_number;         /* … or a number: "512" beside "64KiB" */
	int (*read)(const struct profile_key *key, struct profile *profile, struct hp_view text,
		    struct hp_err *err);
	void (*print)(const struct profile_key *key, const struct profile *profile,
		      struct hp_json_writer *writer);
};

struct profile_key {
	const char *path; /* "retry.base" */
	const struct profile_kind *kind;
	size_t offset;
	uint64_t min, max;        /* of numbers and spans; of texts: bytes, max with the NUL */
	const char *const *words; /* of an enum; NULL ends them */
};

/* The table, in the order of a printed document: keys of one group stand together. */
extern const struct profile_key profile_keys[];
extern const unsigned profile_key_count;

#define PROFILE_KINDS(X)                                                              \
	X(text) X(word) X(flag) X(count) X(span) X(size) X(factor) X(tolerance)       \
	X(algorithm) X(content) X(value) X(family_name)                               \
	X(jitter) X(spans) X(success) X(statuses) X(headers) X(assumed)

#define X(name) extern const struct profile_kind profile_kind_##name;
PROFILE_KINDS(X)
#undef X

/* A kind is its two functions and a line, KIND(span, …). */
#define KIND(name, json, or_number) \
	const struct profile_kind profile_kind_##name = {json, or_number, read_##name, print_##name}
#define READER(name)                                                                     \
	static int read_##name(const struct profile_key *key, struct profile *profile,   \
			       struct hp_view text, struct hp_err *err)
#define PRINTER(name)                                                                          \
	static void print_##name(const struct profile_key *key, const struct profile *profile, \
				 struct hp_json_writer *writer)

/* Complains: "want 2xx, found "abc"", cut where the text would fill the message. Returns -1. */
int profile_want(const char *wanted, struct hp_view text, struct hp_err *err);

/* Writes a span as hp_span_parse() reads it back, exactly, in the largest unit that is whole.
 * Returns out, which holds PROFILE_SPAN_BYTES. */
const char *profile_span_text(uint64_t span_ns, char *out);

/* Reads three digits, 100 to 599. */
bool profile_parse_status(struct hp_view text, int *status);

/* The index of a key by its whole path, or by its last part where one key alone ends so;
 * PROFILE_KEYS_MAX when there is none. */
unsigned profile_key_find(struct hp_view path);

/* Complains that no key has that path, naming the nearest one. Returns -1. */
int profile_key_unknown(struct hp_view path, struct hp_err *err);
#endif
