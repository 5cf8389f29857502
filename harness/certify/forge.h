/* The forge: one delivery of a check as bytes, wrong in exactly what its step says. Bodies are made
 * once, signed as bytes and sent as bytes. A function of the key seed, the check, the number of the
 * event and the instant: knows no clock and no socket.
 * Not here: what steps mean together (trial.h), how bytes travel (net/courier.h). */
#ifndef HP_CERTIFY_FORGE_H
#define HP_CERTIFY_FORGE_H
#include "base/buf.h"
#include "certify/recipe.h"
#include "scenarios/suite.h"

enum {
	FORGE_ID_BYTES = 64,
	FORGE_KEY_BYTES = 2 * FORGE_ID_BYTES,
	FORGE_BODY_BYTES_MAX = 64 * 1024 * 1024,
	FORGE_HEAD_BYTES_MAX = 512 * 1024,
	FORGE_SECRET_BYTES_MAX = 16 * 1024,
	FORGE_SUMMARY_BYTES = 400,
};

struct forge;

struct forge_config { /* borrowed until the forge is freed */
	const struct suite *suite;
	const struct profile *profile; /* of HMAC; another one is HP_EUSAGE */
	struct hp_view secret;
	const char *secret_name;   /* of its variable, or NULL */
	struct hp_view old_secret; /* before a rotation; empty: none */
	struct hp_view known_secret; /* of another endpoint of the same receiver; empty: none */
	const char *url, *host, *target; /* as signed; of the Host header; of the request line */
	uint64_t key_seed;         /* all ids come from it */
};

/* Returns new, or NULL with HP_EUSAGE when the secret is no key of the profile. */
struct forge *forge_new(const struct forge_config *config, struct hp_err *err)
	__attribute__((warn_unused_result));
void forge_free(struct forge *forge);

struct forge_order { /* borrowed for the call */
	const char *check;             /* its slug: the ids are its own */
	const struct suite_step *step;
	uint32_t event_number;         /* of the check; the same number is the same event */
	uint64_t wall_ns;              /* now, since 1970 */
	bool spoiled;                  /* a bad signature, whatever the step says */
	const struct recipe *recipe;   /* signed under that one; NULL: as the step says */
	unsigned form;
};

enum forge_result {
	FORGE_MADE,
	FORGE_MOOT, /* under this profile and secret it would be the right delivery, or none */
	FORGE_END,  /* the recipe has no such form */
};

struct forged {
	struct hp_buf bytes; /* of the request */
	size_t head_bytes, body_bytes;
	char key[FORGE_KEY_BYTES];     /* what the profile calls the event's identity */
	char resource[FORGE_ID_BYTES];
	char right[2 * SCHEME_DIGEST_BYTES_MAX + 1]; /* the right digest of it in hex */
	char summary[FORGE_SUMMARY_BYTES]; /* for findings: what was sent, in one line */
};

/* Fills *out, which forged_fini() frees whatever the result is. */
enum forge_result forge_make(struct forge *forge, const struct forge_order *order,
			     struct forged *out);
void forged_fini(struct forged *forged);

/* What the profile and the secrets have of what checks need: SUITE_BIT()s. */
uint32_t forge_traits(const struct forge_config *config);

/* ---- forge_body.c ---- */

struct forge_names { /* of one event */
	const char *resource, *type, *message_id;
};

/* Appends a body of the suite for an event. */
void forge_body(const struct profile *profile, const struct suite_body *body,
		const struct forge_names *names, struct hp_buf *out);
#endif
