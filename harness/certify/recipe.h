/* The wrong recipes: one row for each thing that a signature gets made from by mistake, each one
 * deviation from the profile in one dimension. A row has a slug that is never reused, the words for
 * the report, what to do, and one or more *forms*: `enc-truncated` is the first 8, 16, 20, ...
 * characters. The rows stand in recipe_<dimension>.c.
 * Not here: which of them a given signature was made from (forensics.h). */
#ifndef HP_CERTIFY_RECIPE_H
#define HP_CERTIFY_RECIPE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECIPE_DIMENSIONS(X) /* name, word in JSON, what to do unless the row says otherwise */    \
	X(RECIPE_ENCODING, "encoding",                                                             \
	  "Spell the digest exactly as the profile says: its encoding, its tag, all of it.")       \
	X(RECIPE_KEY, "key", "Read the secret exactly as the profile says, to the last byte.")     \
	X(RECIPE_BODY, "body",                                                                     \
	  "Keep the raw bytes of the body as they arrive, verify over them, and only then parse.") \
	X(RECIPE_HASH, "hash",                                                                     \
	  "Compute the profile's HMAC, keyed with the secret, over the content and nothing else.") \
	X(RECIPE_CONTENT, "content",                                                               \
	  "Join exactly the parts that the profile signs, in its order, with its separators.")     \
	X(RECIPE_TIMESTAMP, "timestamp",                                                           \
	  "Sign the timestamp's text as it stands in the request, without reading it first.")      \
	X(RECIPE_ID, "id", "Sign the message id's text as it stands in its header.")               \
	X(RECIPE_URL, "url",                                                                       \
	  "Sign the URL as it was given to the sender, not as a proxy or a framework sees it.")

enum recipe_dimension {
#define X(name, word, remedy) name,
	RECIPE_DIMENSIONS(X)
#undef X
		RECIPE_DIMENSION_COUNT
};

enum { RECIPE_COUNT = 121 }; /* reference: receiver checks, section 6 */

struct recipe; /* a constant row */

/* The rows in the order of the catalogue: index 0 to RECIPE_COUNT - 1. */
const struct recipe *recipe_at(size_t index);
size_t recipe_index(const struct recipe *recipe);

/* NULL: there is none. */
const struct recipe *recipe_find(const char *slug);

const char *recipe_slug(const struct recipe *recipe);
enum recipe_dimension recipe_dimension(const struct recipe *recipe);
const char *recipe_dimension_word(enum recipe_dimension dimension);

/* What the signature was made from, to stand behind "made from": "the secret and a line feed". */
const char *recipe_words(const struct recipe *recipe);

/* What to do about it: a sentence or two. */
const char *recipe_remedy(const struct recipe *recipe);

/* How many forms it has; some of them may not apply to a given delivery. At least 1. */
unsigned recipe_forms(const struct recipe *recipe);

/* Recipes that give the same bytes. Plain value; all zero is empty. */
struct recipe_set {
	uint64_t bits[(RECIPE_COUNT + 63) / 64];
};

bool recipe_set_has(const struct recipe_set *set, size_t index);
void recipe_set_add(struct recipe_set *set, size_t index);
void recipe_set_join(struct recipe_set *set, const struct recipe_set *more);
size_t recipe_set_count(const struct recipe_set *set);
#endif
