/* What the files of the forge share. For them alone: callers use forge.h. */
#ifndef HP_CERTIFY_FORGE_INSIDE_H
#define HP_CERTIFY_FORGE_INSIDE_H
#include "certify/forge.h"

enum { FORGE_TEXTS = 8 };

struct forge {
	struct forge_config config;
	struct hp_buf key;       /* the secret's bytes as the profile reads it; wiped */
	struct hp_secret *other; /* of no endpoint, in the profile's form */
};

/* One delivery while it is made. Texts of signatures as they stand in headers. */
struct forge_work {
	struct forge *forge;
	const struct forge_order *order;
	struct forge_names names;
	struct hp_buf body;
	char timestamp[SUITE_LINE_BYTES];   /* as it is sent */
	struct hp_buf signed_lines; /* of a recipe, in place of what follows; empty: none */
	union {
		struct hp_buf texts[FORGE_TEXTS];
		struct {
			struct hp_buf signature, value; /* as the step wants them */
			struct hp_buf right, bad;       /* the right text, another digest's */
			struct hp_buf bad_value;        /* the header of the latter */
			struct hp_buf time_part;        /* "t=1700000000," */
			/* Of older schemes, over the body alone. */
			struct hp_buf body_signature, sha1_signature;
		};
	};
};

/* ---- forge.c ---- */

/* Writes the instant of the order, shifted, in the unit of the profile. out holds 32 bytes. */
void forge_moment(const struct forge_work *work, const struct suite_shift *shift, char *out);

/* ---- forge_sign.c ---- */

/* Fills the texts of the signatures. False: the step's would be the right one, or none. */
bool forge_sign(struct forge_work *work, struct forged *out);

/* ---- forge_spell.c ---- */

/* Appends the signature's text under a spelling. digest: the bytes it is made of, in hex or base64
 * as `encoding` says. False when the spelling does not apply to it. */
bool forge_spell(enum suite_spelling spelling, enum encoding encoding, struct hp_view digest,
		 struct hp_buf *out);

/* ---- forge_head.c ---- */

/* Appends the request line, the header lines and the blank one. */
void forge_head(struct forge_work *work, struct hp_buf *out);

/* Appends the body in chunks, with its trailer. */
void forge_chunks(struct forge_work *work, struct hp_buf *out);

/* Fills a template over the slots of header lines. */
void forge_fill(const struct forge_work *work, const char *text, struct hp_buf *out);
#endif
