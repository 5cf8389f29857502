/* Signature schemes: one engine, driven by data. A scheme says which headers are written, what is
 * signed, under which reading of the secret, and how the answer is spelled; no platform's name
 * decides anything in C. Profiles (scenarios/profiles/) fill struct scheme.
 * Signing and verifying take no clock: the caller gives the instant. HMAC schemes allocate nothing;
 * ed25519 gathers the signed content in heap memory, once per message.
 * Not here: the words of a profile document (scenarios/profile_document.h). */
#ifndef HP_WIRE_SCHEME_H
#define HP_WIRE_SCHEME_H
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "wire/encoding.h"
#include "wire/http1.h"
#include "wire/mac.h"

enum {
	SCHEME_NAME_BYTES = 64,    /* of a header name, with NUL */
	SCHEME_PIECES_MAX = 12,    /* of a content template */
	SCHEME_LITERAL_BYTES = 32, /* of one constant in a template, with NUL */
	SCHEME_TEXT_BYTES = 128,   /* of a template as written, and of a public key; with NUL */
	SCHEME_FAMILIES_MAX = 2,   /* svix: svix-* and webhook-* */
	SCHEME_KEYS_MAX = 11,      /* live secrets at once: 1 + svix's 10 old ones */
	SCHEME_SIGNATURES_MAX = 32, /* ours, in one header; more is SCHEME_MALFORMED */
	SCHEME_DIGEST_BYTES_MAX = 64,  /* SHA-512's, and an ed25519 signature */
	SCHEME_LINES_BYTES_MAX = 4096, /* of all header lines that one signing writes */
};

#define SCHEME_NO_TOLERANCE UINT64_MAX /* that direction of time is not checked */

/* name, word, {version}: the tags of Standard Webhooks 1.0.0, "v1" symmetric, "v1a" asymmetric */
#define SCHEME_ALGORITHMS(X)                             \
	X(SCHEME_HMAC_MD5, "hmac-md5", "v1")             \
	X(SCHEME_HMAC_SHA1, "hmac-sha1", "v1")           \
	X(SCHEME_HMAC_SHA256, "hmac-sha256", "v1")       \
	X(SCHEME_HMAC_SHA384, "hmac-sha384", "v1")       \
	X(SCHEME_HMAC_SHA512, "hmac-sha512", "v1")       \
	X(SCHEME_ED25519, "ed25519", "v1a")

#define SCHEME_KEY_FORMATS(X) /* name, word: how a secret's text becomes the key's bytes */   \
	X(SCHEME_KEY_TEXT, "text")   /* its own bytes, a prefix included */                   \
	X(SCHEME_KEY_HEX, "hex")     /* either case */                                        \
	X(SCHEME_KEY_BASE64, "base64")                                                        \
	X(SCHEME_KEY_WHSEC, "whsec") /* base64 after an optional whsec_ */                    \
	X(SCHEME_KEY_WHSK, "whsk")   /* base64 after whsk_, or after whpk_ to verify only */

#define SCHEME_UNITS(X) /* name, word, digits at most */ \
	X(SCHEME_SECONDS, "s", 12)                       \
	X(SCHEME_MILLISECONDS, "ms", 13)

#define SCHEME_BODY_FORMS(X) /* name, word: what {body} means to the signer */ \
	X(SCHEME_BODY_RAW, "raw")                                              \
	X(SCHEME_BODY_COMPACT, "compact") /* JSON without white space between tokens */

#define SCHEME_SLOTS(X) /* name, word in a content template */ \
	X(SCHEME_BODY, "{body}")                               \
	X(SCHEME_TIMESTAMP, "{timestamp}")                     \
	X(SCHEME_ID, "{id}")                                   \
	X(SCHEME_URL, "{url}")

enum scheme_algorithm {
#define X(name, word, version) name,
	SCHEME_ALGORITHMS(X)
#undef X
};
enum scheme_key_format {
#define X(name, word) name,
	SCHEME_KEY_FORMATS(X)
#undef X
};
enum scheme_unit {
#define X(name, word, digits) name,
	SCHEME_UNITS(X)
#undef X
};
enum scheme_body_form {
#define X(name, word) name,
	SCHEME_BODY_FORMS(X)
#undef X
};
enum scheme_slot {
	SCHEME_CONSTANT,
#define X(name, word) name,
	SCHEME_SLOTS(X)
#undef X
	SCHEME_SLOT_COUNT
};

struct scheme_piece {
	enum scheme_slot slot;
	size_t bytes; /* of the constant; 0 for another slot */
	char constant[SCHEME_LITERAL_BYTES];
};

/* What is signed: "{id}.{timestamp}.{body}". */
struct scheme_content {
	char text[SCHEME_TEXT_BYTES]; /* as it was written */
	unsigned piece_count;
	struct scheme_piece pieces[SCHEME_PIECES_MAX];
	bool has_timestamp, has_id, has_body;
	char after_id; /* the constant's byte that ends the id, so no id may hold it; 0: none */
};

/* How the signature header's value is spelled. What stands in brackets is repeated for each
 * further signature, and its first byte separates the entries of the list:
 *   "{signature}"   "sha256={signature}"   "v0={signature}[,{signature}]"
 *   "{version},{signature}[ {version},{signature}]"
 *   "t={timestamp},v1={signature}[,v1={signature}]"
 * A value with a timestamp is read as parts by name in any order, with or without brackets. */
struct scheme_value {
	char text[SCHEME_TEXT_BYTES];         /* as it was written */
	char time_name[SCHEME_LITERAL_BYTES]; /* "t="; empty: no timestamp in the value */
	char name[SCHEME_LITERAL_BYTES];      /* "v1=": stands before the first signature */
	char more[SCHEME_LITERAL_BYTES];      /* ",v1=": before each further one; empty: one only */
	char separator;                       /* between entries; 0: the value is one entry */
};

/* The headers that belong together; an empty name: the scheme has no such header. */
struct scheme_family {
	char signature[SCHEME_NAME_BYTES];
	char timestamp[SCHEME_NAME_BYTES];
	char id[SCHEME_NAME_BYTES];
};

/* Plain values, copied freely; scheme_init() first, templates and algorithm through their setters,
 * all else written directly; scheme_check() at the end. */
struct scheme {
	enum scheme_algorithm algorithm;
	enum encoding encoding;
	enum scheme_key_format key_format;
	enum scheme_unit unit;
	enum scheme_body_form body_form;
	struct scheme_content content;
	struct scheme_value value;
	struct scheme_family families[SCHEME_FAMILIES_MAX]; /* the first one is written */
	unsigned family_count;
	uint64_t past_s, future_s; /* tolerance; SCHEME_NO_TOLERANCE */
	char public_key[SCHEME_TEXT_BYTES]; /* of ed25519, in key_format; empty: the secret's own */
};

/* HMAC-SHA256 in hex of the body under a key as text, one header without a name, no tolerance. */
void scheme_init(struct scheme *scheme);

/* Compile a template. Borrow text. -1 with HP_EUSAGE, which says what is wrong in it. */
int scheme_set_content(struct scheme *scheme, struct hp_view text, struct hp_err *err)
	__attribute__((warn_unused_result));
int scheme_set_value(struct scheme *scheme, struct hp_view text, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Sets the algorithm, and {version} in the value with it. -1 when the value then breaks a limit. */
int scheme_set_algorithm(struct scheme *scheme, enum scheme_algorithm algorithm,
			 struct hp_err *err) __attribute__((warn_unused_result));

/* Whether a text may stand as a header's name: a token (RFC 9110 5.6.2), not empty. */
bool scheme_is_header_name(struct hp_view text);

/* Whether the parts fit together: a content with a timestamp needs a place that carries it, and so
 * on. -1 with HP_EUSAGE. */
int scheme_check(const struct scheme *scheme, struct hp_err *err)
	__attribute__((warn_unused_result));

/* A secret made ready for one scheme: keyed MAC state. Opaque; prints nowhere; wiped when freed. */
struct scheme_key;

/* Returns new, or NULL with *err filled (HP_EUSAGE, the message never shows the secret) when the
 * secret is empty or not in the scheme's key format, or the scheme fails scheme_check(). Borrows
 * both for the call. The key serves every scheme of the same algorithm and key format. */
struct scheme_key *scheme_key_new(const struct scheme *scheme, struct hp_view secret,
				  struct hp_err *err) __attribute__((warn_unused_result));
void scheme_key_free(struct scheme_key *key);

/* The bytes of the key that a secret's text stands for in a key format, for who asks what a wrong
 * signature was made from. Writes to out, which holds secret.bytes and is the caller's to wipe.
 * Returns how many; -1 when the text is not in the format. */
ssize_t scheme_key_bytes(enum scheme_key_format format, struct hp_view secret, uint8_t *out)
	__attribute__((warn_unused_result));

/* The hash under an HMAC algorithm. Not for ed25519. */
enum mac_hash scheme_hash(enum scheme_algorithm algorithm);

/* False for a public key, which only verifies. */
bool scheme_key_signs(const struct scheme_key *key);

struct scheme_keys { /* that are live: 1 to SCHEME_KEYS_MAX, newest first; borrowed */
	const struct scheme_key *const *at;
	size_t count;
};

/* What is signed. Views that the scheme does not use may be empty. Borrowed for the call. */
struct scheme_message {
	struct hp_view body;
	struct hp_view url;       /* as the sender knows it (square) */
	struct hp_view id;        /* message id */
	struct hp_view timestamp; /* text as sent, in the scheme's unit */
};

/* Writes the header lines "Name: value\r\n" that carry the signature, the id and the timestamp,
 * one signature per key (newest first) where the scheme has lists, of the first key otherwise.
 * Returns the bytes written; 0 when out_bytes does not hold them
 * (SCHEME_LINES_BYTES_MAX does, with an id and a timestamp of at most 1 KiB together), when the id
 * or the timestamp holds CR, LF or NUL, or when a key cannot sign. */
size_t scheme_sign(const struct scheme *scheme, struct scheme_keys keys,
		   const struct scheme_message *message, char *out, size_t out_bytes);

/* The same in two parts: up to the first signature, and from there. The first part is a function of
 * the id and the timestamp alone, so that a scheme without them has it once for all messages. */
size_t scheme_sign_opening(const struct scheme *scheme, const struct scheme_message *message,
			   char *out, size_t out_bytes);
size_t scheme_sign_rest(const struct scheme *scheme, struct scheme_keys keys,
			const struct scheme_message *message, char *out, size_t out_bytes);

#define SCHEME_VERDICTS(X) /* name, word in JSON, sentence */                                     \
	X(SCHEME_VALID, "valid", "the signature is valid")                                        \
	X(SCHEME_NO_SIGNATURE, "no-signature", "the signature header is missing")                 \
	X(SCHEME_DOUBLED, "doubled", "a header that must stand once stands more than once")       \
	X(SCHEME_MALFORMED, "malformed", "the signature header is not in the scheme's form")      \
	X(SCHEME_NO_TIMESTAMP, "no-timestamp", "the timestamp is missing")                        \
	X(SCHEME_BAD_TIMESTAMP, "bad-timestamp", "the timestamp is not a plain number")           \
	X(SCHEME_STALE, "stale", "the timestamp is older than the tolerance")                     \
	X(SCHEME_FUTURE, "future", "the timestamp lies further ahead than the tolerance")         \
	X(SCHEME_NO_ID, "no-id", "the message id is missing")                                     \
	X(SCHEME_BAD_ID, "bad-id", "the message id holds a character that it must not")           \
	X(SCHEME_MISMATCH, "mismatch", "no signature matches these bytes under this secret")

enum scheme_verdict {
#define X(name, word, sentence) name,
	SCHEME_VERDICTS(X)
#undef X
	SCHEME_VERDICT_COUNT
};

const char *scheme_verdict_word(enum scheme_verdict verdict);
const char *scheme_verdict_sentence(enum scheme_verdict verdict);

/* What arrived, as it arrived. Borrowed for the call. */
struct scheme_received {
	const struct http1_header *headers;
	size_t header_count;
	struct hp_view body;
	struct hp_view url;
	uint64_t at_s; /* the instant of verification, Unix seconds */
};

/* Splits "Name: value" as a person gives it; views into line. False without a name or a colon. */
bool scheme_split_line(struct hp_view line, struct http1_header *out)
	__attribute__((warn_unused_result));

/* The strict reading: header names without case, the signature header exactly once, outer spaces
 * and tabs dropped and nothing else; digests in their one canonical spelling, compared in constant
 * time after the length check; the edge of the tolerance lies inside; {body} is the bytes that
 * arrived, whatever the signer's body form. Time is judged before the signature is. One match of
 * any signature under any key is enough.
 * Of several families the first one whose signature header is there counts, alone. */
enum scheme_verdict scheme_verify(const struct scheme *scheme, struct scheme_keys keys,
				  const struct scheme_received *received);
#endif
