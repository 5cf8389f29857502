/* The eight senders that this receiver knows, as their documentation describes them. */
#ifndef HP_TESTS_MUTANTS_PROFILE_H
#define HP_TESTS_MUTANTS_PROFILE_H
#include <stdbool.h>

enum profile_form {
	FORM_PLAIN, /* the digest */
	FORM_TAG,   /* a tag, then the digest */
	FORM_PARTS, /* t=TIME,v1=DIGEST[,v1=DIGEST] */
	FORM_LIST,  /* v1,DIGEST[ v1,DIGEST] */
};

struct mutant_profile {
	const char *name;
	const char *signature; /* header names */
	const char *timestamp; /* NULL: none, or in the signature header */
	const char *message_id;
	enum profile_form form;
	const char *tag; /* what stands before a digest that counts */
	bool base64;     /* else hex */
	bool whsec;      /* the key is base64 behind a prefix */
	bool timed, future; /* a signed time; one in the future can be too far off */
	/* What is signed: letters for i(d), t(ime), u(rl) and b(ody), the rest is itself. */
	const char *content;
	/* Where the event's identity, its resource and its type stand: a path in the body, or a
	 * header's name. NULL for the key: resource and type, joined by a colon. */
	const char *key, *resource, *type;
};

/* NULL: there is none of that name. */
const struct mutant_profile *profile_find(const char *name);
#endif
