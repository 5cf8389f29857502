/* What the files of the scheme module share. For them alone: callers use scheme.h. */
#ifndef HP_WIRE_SCHEME_INSIDE_H
#define HP_WIRE_SCHEME_INSIDE_H
#include "wire/ed25519.h"
#include "wire/mac.h"
#include "wire/scheme.h"

struct scheme_key { /* either mac, or one or both of the others */
	struct mac_key *mac;
	struct ed25519_key *signer;   /* NULL: only verifies */
	struct ed25519_key *verifier; /* NULL: the signer does */
};

/* Writes the HMAC of the message's content to out, SCHEME_DIGEST_BYTES_MAX long. {body} is taken
 * in the given form. Returns the digest's bytes. */
size_t scheme_mac(const struct scheme *scheme, const struct mac_key *key,
		  const struct scheme_message *message, enum scheme_body_form form, uint8_t *out);

/* Returns new: the content in one piece, as ed25519 needs it. Fills *bytes. */
char *scheme_gather(const struct scheme *scheme, const struct scheme_message *message,
		    enum scheme_body_form form, size_t *bytes);

/* Drops a prefix from the front of *view. False, and nothing dropped, when it is not there. */
bool scheme_skip(struct hp_view *view, struct hp_view prefix);
#endif
