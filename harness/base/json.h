/* Our own JSON documents (scenarios, profiles, suites, cases): read whole, then asked by type. A
 * node knows where it stands, so that every complaint carries file:line:column, the path, what was
 * expected and what was found. Strict as json_scan.h is, and a key that stands twice is refused.
 * The tree is ours (a third-party one has no places, keeps duplicates and rounds numbers).
 * Not here: payloads on the hot path (json_scan.h), writing (json_write.h). */
#ifndef HP_BASE_JSON_H
#define HP_BASE_JSON_H
#include "base/buf.h"
#include "base/err.h"
#include "base/json_scan.h"

enum { HP_JSON_PATH_BYTES = 160 };

#define HP_JSON_INTEGER_MAX ((UINT64_C(1) << 53) - 1) /* RFC 7493 2.2: exact in every reader */
#define HP_JSON_MICRO INT64_C(1000000)

struct hp_json; /* one document; owns its nodes and its copy of the text */
struct hp_json_node;

/* Returns new, or NULL with *err: HP_EINPUT at the first place that is not JSON, or at the first
 * byte beyond bytes_max. Takes time and memory in proportion to the text. Copies text; `name` is
 * what places call the document, usually its path. */
struct hp_json *hp_json_parse(const char *name, struct hp_view text, size_t bytes_max,
			      struct hp_err *err) __attribute__((warn_unused_result));

/* The same from a file; one that cannot be read is HP_EINPUT too, with the reason. */
struct hp_json *hp_json_read(const char *path, size_t bytes_max, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Appends a file to out; more than out's maximum is refused. -1 with HP_EINPUT. */
int hp_json_slurp(const char *path, struct hp_buf *out, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Frees the document and with it all nodes and their texts; NULL is fine. */
void hp_json_free(struct hp_json *doc);

/* Walking. Nodes live as long as their document; "no node" is NULL. */
const struct hp_json_node *hp_json_root(const struct hp_json *doc);
const struct hp_json_node *hp_json_first(const struct hp_json_node *container);
const struct hp_json_node *hp_json_next(const struct hp_json_node *child);
const struct hp_json_node *hp_json_parent(const struct hp_json_node *child);
const struct hp_json_node *hp_json_member(const struct hp_json_node *object, const char *key);
enum hp_json_kind hp_json_kind(const struct hp_json_node *node);
size_t hp_json_count(const struct hp_json_node *container);    /* children */
size_t hp_json_index(const struct hp_json_node *child);        /* within its parent; the root: 0 */
struct hp_view hp_json_key(const struct hp_json_node *member); /* unescaped, NUL behind it */
struct hp_view hp_json_string(const struct hp_json_node *string); /* the same of a string */
struct hp_view hp_json_raw(const struct hp_json_node *node);      /* as it stands in the text */

/* Where a node stands: "endpoints[2].url", "document" for the root. Returns out, which holds
 * HP_JSON_PATH_BYTES; cut when longer. */
const char *hp_json_path(const struct hp_json_node *node, char *out);
void hp_json_node_place(const struct hp_json_node *node, struct hp_place *place);

/* Complains about a node: "endpoints[2].url: …" at its place. Returns -1. */
int hp_json_fail(const struct hp_json_node *node, struct hp_err *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Complains that a node is not what was expected: "rate: want a rate like 500/s, found 0". A value
 * that may be a secret must not come here. Returns -1. */
int hp_json_want(const struct hp_json_node *node, const char *wanted, struct hp_err *err);

/* The member, which must be there: else NULL with *err ("endpoints[2]: missing key \"url\""). */
const struct hp_json_node *hp_json_need(const struct hp_json_node *object, const char *key,
					struct hp_err *err);

/* Typed reading. Each returns 0, or -1 with *err; *out is written only on 0. */
int hp_json_expect(const struct hp_json_node *node, enum hp_json_kind kind, struct hp_err *err);
int hp_json_read_bool(const struct hp_json_node *node, bool *out, struct hp_err *err);

/* A string, unescaped, with a NUL behind it; the view lives as long as the document. One that holds
 * a NUL itself is refused. */
int hp_json_read_text(const struct hp_json_node *node, struct hp_view *out, struct hp_err *err);

/* A whole number without fraction or exponent, within the bounds; up to HP_JSON_INTEGER_MAX. */
struct hp_json_range {
	uint64_t min, max;
};
int hp_json_read_u64(const struct hp_json_node *node, struct hp_json_range range, uint64_t *out,
		     struct hp_err *err);

/* A decimal number times 1e6, exact: at most six decimals, no exponent, within the bounds. */
struct hp_json_micro_range {
	int64_t min, max; /* within ± 1e15 */
};
int hp_json_read_micro(const struct hp_json_node *node, struct hp_json_micro_range range,
		       int64_t *out, struct hp_err *err);

/* A string that is one of the words of a list that ends with NULL; *index is its place there. */
int hp_json_read_word(const struct hp_json_node *node, const char *const words[], size_t *index,
		      struct hp_err *err);
#endif
