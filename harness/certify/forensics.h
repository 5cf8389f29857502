/* Forensics: what was this signature made from? First every single deviation from the profile, then
 * pairs across two dimensions, then triples; the first depth with an answer ends the search, and
 * every recipe of that depth that gives the same bytes is named. And the other way round: the
 * header lines of a delivery that is signed under one recipe, to be sent to a receiver.
 * Pure: no clock, no file, no socket; the caller gives the instant. Inputs are foreign bytes:
 * memory and work have limits, and a search that met one says so. Not here: the recipes (recipe.h),
 * whether a signature is valid (wire/scheme.h). */
#ifndef HP_CERTIFY_FORENSICS_H
#define HP_CERTIFY_FORENSICS_H
#include "base/buf.h"
#include "certify/recipe.h"
#include "engine/profile.h"

enum {
	FORENSICS_BODY_BYTES_MAX =
		1024 * 1024, /* of a captured body; a longer one is not searched */
	FORENSICS_CANDIDATES_MAX = 200 * 1000,   /* digests of one search */
	FORENSICS_HASHED_BYTES_MAX = 1 << 29,    /* of all of them: a second or two for 1 MiB */
	FORENSICS_SECRETS_MAX = SCHEME_KEYS_MAX, /* old ones, and of other endpoints */
	FORENSICS_SECRET_BYTES_MAX = 16 * 1024,  /* of one */
	FORENSICS_MATCHES_MAX = 16,
	FORENSICS_DEPTH_MAX = 3,
};

/* A delivery and all that the run knows around it. Views are borrowed for the call; an empty one is
 * not known. Secrets are text, as the user has them. */
struct forensics_case {
	const struct profile *profile;

	struct hp_view secret;     /* in the profile's key format */
	const char *secret_name;   /* of the variable that holds it, or NULL */
	const struct hp_view *old; /* secrets before a rotation, at most FORENSICS_SECRETS_MAX */
	size_t old_count;
	const struct hp_view *others; /* secrets of other endpoints, the same */
	size_t other_count;
	struct hp_view endpoint_id; /* or an API token: what is taken for the secret */

	struct hp_view body;            /* as captured */
	struct hp_view url, method;     /* empty method: POST */
	struct hp_view id, timestamp;   /* text, as forensics_read() finds them in the headers */
	struct hp_view first_timestamp; /* of the first attempt, when this is a retry */
	const struct http1_header *headers; /* of the request; may be none */
	size_t header_count;
	uint64_t at_s; /* when it was received, Unix seconds; 0: not known */

	struct hp_view signature; /* the value of the signature header, as it arrived */
};

/* Reads signature, timestamp and id out of the headers by the profile's names, leniently; leaves
 * alone what is filled already. An untimed profile takes a timestamp from any header whose name
 * says so, and from the value. False when no signature is there. */
bool forensics_read(struct forensics_case *given);

/* One answer: deviations that together give the signature. Each group holds the recipes of one
 * dimension that cannot be told apart, since they give the same bytes. */
struct forensics_match {
	unsigned depth; /* groups: 1 to FORENSICS_DEPTH_MAX */
	struct recipe_set groups[FORENSICS_DEPTH_MAX];
};

struct forensics_result {
	bool genuine;   /* the profile itself gives this signature: nothing deviates */
	unsigned depth; /* of all matches; 0: no known recipe, or genuine */
	unsigned match_count;
	struct forensics_match matches[FORENSICS_MATCHES_MAX];
	unsigned candidates; /* digests that were made */
	bool cut;            /* a limit ended the search: "no known recipe" is then not proven */
};

/* Searches. -1 with HP_EUSAGE when the secret is no key of the profile or is too long, a body is
 * too long, or the profile's algorithm needs a private key that the secret is not. */
int forensics_search(const struct forensics_case *given, struct forensics_result *result,
		     struct hp_err *err) __attribute__((warn_unused_result));

enum forensics_answer {
	FORENSICS_MADE,
	FORENSICS_SAME, /* this form does not apply here, or gives what the profile gives */
	FORENSICS_END,  /* there is no such form */
};

/* Appends the header lines "Name: value\r\n" of the delivery with its signature made under one
 * recipe, form after form from 0, everything else as the profile has it: what is sent stays what
 * it was, only the signature is another. Appends nothing unless it says FORENSICS_MADE. A secret
 * that is no key of the profile is our bug: check it first with scheme_key_new(). */
enum forensics_answer forensics_sign(const struct forensics_case *given,
				     const struct recipe *recipe, unsigned form,
				     struct hp_buf *out);
#endif
