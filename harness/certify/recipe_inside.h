/* What the files of recipes and forensics share. For them alone: callers use recipe.h, forensics.h.
 */
#ifndef HP_CERTIFY_RECIPE_INSIDE_H
#define HP_CERTIFY_RECIPE_INSIDE_H
#include "certify/forensics.h"
#include "certify/json_tree.h"
#include "wire/ed25519.h"

enum {
	RECIPE_BYTES_MAX = 8 * 1024 * 1024, /* of what one form makes out of a body */
	RECIPE_DIGEST_BYTES_MAX = SCHEME_DIGEST_BYTES_MAX,
};

/* A delivery made ready for the recipes: what all of them look at. */
struct recipe_base {
	const struct forensics_case *given; /* borrowed */
	const struct scheme *scheme;        /* of its profile */
	struct hp_buf key;                  /* the key that the profile reads; wiped */
	struct json_tree *tree;             /* of the body; NULL: it is no JSON */
};

/* What a recipe for hashes or encodings works on. */
struct recipe_input {
	struct hp_view key, content; /* of hashes */
	struct hp_view digest;       /* of encodings: the right one */
};

/* One row. The function of its dimension writes one form to out, which is empty; false: the form
 * does not apply to this delivery. */
struct recipe {
	const char *slug, *words;
	const char *remedy; /* NULL: the dimension's */
	enum recipe_dimension dimension;
	unsigned forms;
	const void *data; /* what the function knows: a list of templates, of styles, ... */

	/* Key, body, content, timestamp, id, URL: the bytes in the place of the profile's. */
	bool (*write)(const struct recipe *recipe, const struct recipe_base *base, unsigned form,
		      struct hp_buf *out);
	/* Hash: the digest. Encoding: the entry of the signature header's value. */
	bool (*make)(const struct recipe *recipe, const struct recipe_base *base, unsigned form,
		     const struct recipe_input *input, struct hp_buf *out);
	bool swaps;  /* the content is the key and the key is the content */
	bool public; /* the bytes are an HMAC key also where the profile signs with a pair */
};

struct recipe_table {
	const struct recipe *rows;
	size_t count;
};

extern const struct recipe_table recipe_encodings, recipe_keys, recipe_bodies, recipe_hashes,
	recipe_contents, recipe_places;

/* Calls the row's function for one form into out, which is emptied first. False: does not apply, or
 * did not fit. */
bool recipe_write(const struct recipe *recipe, const struct recipe_base *base, unsigned form,
		  struct hp_buf *out);

/* Prepares and frees what recipes look at. -1 with HP_EUSAGE as forensics_search() says. */
int recipe_base_init(struct recipe_base *base, const struct forensics_case *given,
		     struct hp_err *err) __attribute__((warn_unused_result));
void recipe_base_fini(struct recipe_base *base);

/* A header of the request by name, without case; an absent one is empty. */
struct hp_view recipe_header(const struct recipe_base *base, const char *name);

/* The slots of a content: the scheme's, and what wrong templates hold besides. */
struct recipe_parts {
	struct hp_view body, timestamp, id, url;
};

/* Appends a content template ("{timestamp}.{body}") with its slots filled. False when it names a
 * slot that the delivery has nothing for, or out is full. */
bool recipe_expand(const struct recipe_base *base, struct hp_view template,
		   const struct recipe_parts *parts, struct hp_buf *out);

/* Appends the profile's own entry of the signature header: its tag and the digest. */
void recipe_dress(const struct scheme *scheme, struct hp_view digest, struct hp_buf *out);

/* Appends bytes in hex or base64. */
void recipe_encode(enum encoding encoding, struct hp_view bytes, struct hp_buf *out);

/* The text of a received entry without the white space that proxies and shells put in: spaces,
 * tabs, line ends, %0A, a literal \n. Appends to out; true when there was any. */
bool recipe_drop_space(struct hp_view text, struct hp_buf *out);

/* The tags that senders write before a digest; NULL ends the list. */
extern const char *const recipe_tags[];
#endif
