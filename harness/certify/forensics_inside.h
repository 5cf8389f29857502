/* What the files of forensics share. For them alone: callers use forensics.h. */
#ifndef HP_CERTIFY_FORENSICS_INSIDE_H
#define HP_CERTIFY_FORENSICS_INSIDE_H
#include "certify/recipe_inside.h"

enum {
	COMPARE_TEXTS_MAX = 2 + 16, /* the whole value, all behind the time, the first entries */
	COMPARE_HEADS_MAX = 128,
	COMPARE_HEAD_BYTES = 4, /* that a digest is looked up by: the shortest cut has as many */
};

/* The signature that arrived, made ready to be compared with many digests. */
struct forensics_compare {
	const struct recipe_base *base; /* borrowed */
	struct compare_text {
		struct hp_view at; /* of the value that arrived */
		bool bare;         /* a further entry that the profile writes without its tag */
	} texts[COMPARE_TEXTS_MAX];
	size_t text_count;
	uint32_t heads[COMPARE_HEADS_MAX]; /* what a digest that could match begins with */
	size_t head_count;
};

void forensics_compare_init(struct forensics_compare *compare, const struct recipe_base *base);

/* Whether a digest could match in some dress: fast, and wrong once in 2^32 / COMPARE_HEADS_MAX. */
bool forensics_compare_head(const struct forensics_compare *compare, struct hp_view digest);

enum compare_answer { COMPARE_NONE, COMPARE_OWN, COMPARE_DRESSED };

/* Whether the signature is this digest: in the profile's own dress, or in that of encoding recipes,
 * which are then in *encodings. */
enum compare_answer forensics_compare_digest(const struct forensics_compare *compare,
					     struct hp_view digest, struct recipe_set *encodings);

/* A key made ready for many digests: an HMAC's, or of a pair. */
struct forensics_key {
	struct mac_key *mac;
	struct ed25519_key *signer;
	struct hp_view bytes; /* borrowed */
	bool swaps;
};

/* False when the bytes make no key of the scheme. `recipe` is NULL for the profile's own. */
bool forensics_key_init(struct forensics_key *key, const struct scheme *scheme,
			const struct recipe *recipe, struct hp_view bytes);
void forensics_key_fini(struct forensics_key *key);

/* Writes the digest of the content, or the signature, to out, which holds RECIPE_DIGEST_BYTES_MAX.
 * Returns its bytes; 0 when libcrypto refuses. */
size_t forensics_digest(const struct forensics_key *key, const struct scheme *scheme,
			struct hp_view content, uint8_t *out);

/* What the profile puts into the slots. */
struct recipe_parts forensics_parts(const struct forensics_case *given);

/* The profile's own template. */
struct hp_view forensics_template(const struct scheme *scheme);

/* Whether the profile signs what a recipe of this dimension changes. */
bool forensics_applies(const struct scheme *scheme, enum recipe_dimension dimension);

/* Puts the bytes of a recipe of timestamp, id or URL where they belong. */
void forensics_place(struct recipe_parts *parts, enum recipe_dimension dimension,
		     struct hp_view bytes);
#endif
