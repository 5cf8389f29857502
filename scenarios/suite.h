/* A suite: checks as data. Each check says what it requires, of whom, and in steps what is sent and
 * what must come back; harness/certify/ interprets the steps, so that a new check is usually data
 * only. Documents are JSON, in suites/; its README shows the format.
 * Not here: sending, signing and judging (harness/certify/). Policy only: no socket, no clock. */
#ifndef HP_SCENARIOS_SUITE_H
#define HP_SCENARIOS_SUITE_H
#include "base/buf.h"
#include "engine/profile.h"
#include "engine/verdict.h"

enum {
	SUITE_NAME_BYTES = 48,
	SUITE_WORD_BYTES = 48,  /* of a slug, a group, the name of a body */
	SUITE_TEXT_BYTES = 320, /* of a requirement, a remedy, a reason */
	SUITE_TEMPLATE_BYTES = 256,
	SUITE_LINE_BYTES = 192, /* of a header line, a value, a target */
	SUITE_CHECKS_MAX = 200,
	SUITE_STEPS_MAX = 48, /* of one check */
	SUITE_BODIES_MAX = 96,
	SUITE_EDITS_MAX = 6,
	SUITE_ALSO_MAX = 8,
	SUITE_CHUNKS_MAX = 4,
	SUITE_LIST_MAX = 4,
	SUITE_COPIES_MAX = 500,
	SUITE_PROFILES_MAX = 12,
	SUITE_NO_EFFECT_SAID = -1,
};

/* What a profile or the command line must have for a check or a step; the sentence is said when it
 * has not: "not applicable: the profile signs no timestamp". */
#define SUITE_TRAITS(X) /* name, word, what is said where it is missing */                        \
	X(SUITE_TIMED, "timed", "the profile signs no timestamp")                                 \
	X(SUITE_UNTIMED, "untimed", "the profile signs a timestamp")                              \
	X(SUITE_LIST, "list", "the profile carries one signature only")                           \
	X(SUITE_SINGLE, "single", "the profile carries several signatures")                       \
	X(SUITE_NOT_BY_COMMA, "not-by-comma", "the profile's list is separated by commas, as "    \
	  "headers that stand twice are")                                                         \
	X(SUITE_TAGGED, "tagged", "the profile's value has no tag")                               \
	X(SUITE_ID, "id", "the profile delivers no message id")                                   \
	X(SUITE_HMAC, "hmac", "the profile signs with a key pair")                                \
	X(SUITE_HEX, "hex", "the profile does not spell signatures in hex")                       \
	X(SUITE_BASE64, "base64", "the profile does not spell signatures in base64")              \
	X(SUITE_PADDED, "padded", "the profile's signatures have no padding")                     \
	X(SUITE_TEXT_KEY, "text-key", "the profile decodes its secrets")                          \
	X(SUITE_CODED_KEY, "coded-key", "the profile uses its secrets as they stand")             \
	X(SUITE_RAW_BODY, "raw-body", "the profile's sender signs another form of the body")      \
	X(SUITE_TYPED, "typed", "the profile's body does not say the event's type")               \
	X(SUITE_PAST, "past", "the profile has no tolerance for the past")                        \
	X(SUITE_FUTURE, "future", "the profile has no tolerance for the future")                  \
	X(SUITE_HTTPS, "https", "the target is not https")                                        \
	X(SUITE_OLD_SECRET, "old-secret", "no --old-secret-env was given")                        \
	X(SUITE_KNOWN_SECRET, "known-secret", "no --other-secret-env was given")                  \
	X(SUITE_ROTATE, "rotate", "no --rotate-command was given")                                \
	X(SUITE_RESTART, "restart", "no --restart-command was given")                             \
	X(SUITE_CLOCK, "clock", "no --clock-command was given")

enum suite_trait {
#define X(name, word, missing) name,
	SUITE_TRAITS(X)
#undef X
	SUITE_TRAIT_COUNT
};
#define SUITE_BIT(trait) (UINT32_C(1) << (trait))

/* ---- bodies ---- */

enum suite_layout { SUITE_COMPACT, SUITE_SPACES, SUITE_PRETTY, SUITE_CRLF };

/* A body is the profile's thin body, laid out and with members of its own; or a text of its own.
 * Texts are templates over {resource} {type} {key} and {byte:ff}. */
struct suite_body {
	char name[SUITE_WORD_BYTES];
	enum suite_layout layout;
	char text[SUITE_TEMPLATE_BYTES];   /* in place of the thin body, when given */
	bool has_text;
	char first[SUITE_TEMPLATE_BYTES];  /* members before the others */
	char last[SUITE_TEMPLATE_BYTES];   /* members behind the others */
	char id_json[SUITE_WORD_BYTES];    /* JSON in place of "{resource}", its quotes too */
	char type_json[SUITE_WORD_BYTES];  /* the same of "{type}" */
	char before[16], after[16];        /* bytes around the whole */
	uint64_t bytes;                    /* grown to that size by a member of filler */
	uint32_t nested;                   /* a member of arrays in arrays, that deep */
};

/* ---- steps ---- */

#define SUITE_HOWS(X) /* name, word: what the signature is made of */ \
	X(SUITE_HMAC_OF, "hmac")                                      \
	X(SUITE_SECRET_CONTENT, "secret-content")                     \
	X(SUITE_CONTENT_SECRET, "content-secret")                     \
	X(SUITE_PLAIN_HASH, "plain")
enum suite_how {
#define X(name, word) name,
	SUITE_HOWS(X)
#undef X
};

#define SUITE_SPELLINGS(X) /* name, word: what is done to the signature's text */                  \
	X(SUITE_AS_IT_IS, "as-it-is")                                                              \
	X(SUITE_OTHER_DIGEST, "other-digest")   /* right length and alphabet, of other bytes */    \
	X(SUITE_ALTER_LAST, "alter-last")       /* the last character that carries bits */         \
	X(SUITE_ONE, "one")                     /* its first character alone */                    \
	X(SUITE_SHORTER, "shorter")             /* without the last character */                   \
	X(SUITE_LONGER, "longer")               /* with one more */                                \
	X(SUITE_DOUBLED, "doubled")                                                                \
	X(SUITE_LONG, "long")                   /* 8192 characters */                              \
	X(SUITE_ALL_Z, "all-z")                                                                    \
	X(SUITE_HIGH_BYTES, "high-bytes")       /* bytes 0xE9 */                                   \
	X(SUITE_TWO_BYTES, "two-bytes")         /* half as many characters of two bytes */         \
	X(SUITE_NUL_INSIDE, "nul-inside")                                                          \
	X(SUITE_UPPER, "upper")                                                                    \
	X(SUITE_OTHER_ENCODING, "other-encoding")                                                  \
	X(SUITE_UNPADDED, "unpadded")                                                              \
	X(SUITE_URL_ALPHABET, "url-alphabet")                                                      \
	X(SUITE_SPACE_INSIDE, "space-inside")                                                      \
	X(SUITE_UNUSED_BITS, "unused-bits")     /* base64: the same bytes by another last letter */
enum suite_spelling {
#define X(name, word) name,
	SUITE_SPELLINGS(X)
#undef X
};

#define SUITE_ENTRIES(X) /* name, word: one of several signatures in the header */ \
	X(SUITE_GOOD, "good")                                                      \
	X(SUITE_BAD, "bad")                                                        \
	X(SUITE_UNKNOWN, "unknown") /* of a version that nobody knows */
enum suite_entry {
#define X(name, word) name,
	SUITE_ENTRIES(X)
#undef X
};

enum suite_key_reading { SUITE_READ_PROFILE, SUITE_READ_TEXT, SUITE_READ_HEX, SUITE_READ_BASE64,
			 SUITE_READ_WHSEC };

/* A moment beside now: "past - 2s" is two seconds inside the tolerance for the past, "+ 1d" is
 * tomorrow; the horizon is the whole retry schedule. */
enum suite_edge { SUITE_NOW, SUITE_EDGE_PAST, SUITE_EDGE_FUTURE, SUITE_EDGE_HORIZON };
struct suite_shift {
	enum suite_edge edge;
	int64_t by_s; /* of an edge: outwards */
};

struct suite_sign { /* how the signature differs from the right one; all zero: it is right */
	char recipe[SUITE_WORD_BYTES];    /* of forensics, alone; "key-*": all such */
	char body[SUITE_WORD_BYTES];      /* that body was signed, not the one that is sent */
	char key[SUITE_LINE_BYTES];       /* the secret's text: {secret} {old} {other} {known} */
	bool has_key;
	enum suite_key_reading reading;
	uint32_t hash;                    /* 0: the profile's; else enum mac_hash + 1 */
	enum suite_how how;
	bool cut;                         /* the digest, to the length of the right one */
	char content[SUITE_LINE_BYTES];   /* of the signed bytes; "": the profile's */
	char timestamp[SUITE_LINE_BYTES]; /* that was signed; as the step's own */
	bool has_timestamp;
	struct suite_shift shift;
	enum suite_spelling spelling;
	char value[SUITE_LINE_BYTES];     /* of the whole header */
	bool has_value;
	uint32_t list_count;              /* 0: one signature */
	uint32_t list[SUITE_LIST_MAX];    /* enum suite_entry */
};

enum suite_edit_kind { SUITE_REMOVE, SUITE_ADD, SUITE_SET, SUITE_CASE };
struct suite_edit { /* of the header lines, in order */
	enum suite_edit_kind kind;
	char text[SUITE_LINE_BYTES]; /* a name, a line, or lower, upper, mixed */
	uint32_t times;              /* of add */
};

enum suite_stop { SUITE_WHOLE, SUITE_HALF, SUITE_RESET };
struct suite_framing { /* how the bytes travel; all zero: in one write, with their length */
	uint32_t chunk_count;
	uint32_t chunks[SUITE_CHUNKS_MAX]; /* sizes of the first chunks; the rest is one more */
	bool chunked;
	char trailer[SUITE_LINE_BYTES];
	uint64_t flood_bytes; /* more body behind it, as long as it is taken; never ended */
	uint32_t piece_bytes; /* the body in pieces of this size */
	uint64_t gap_ns;      /* between them */
	bool expects_continue;
	enum suite_stop stop; /* half of the body and our FIN; or a reset instead of reading */
	uint64_t linger_ns;   /* before that, unless an answer begins to come */
};

#define SUITE_EXPECTATIONS(X) /* name, word, in words */                                           \
	X(SUITE_ACCEPT, "accept", "a 2xx within the sender's timeout")                             \
	X(SUITE_REJECT, "reject", "a refusal that the profile knows")                              \
	X(SUITE_REFUSE, "refuse", "a 4xx")                                                         \
	X(SUITE_ANSWER, "answer", "an answer that is neither 3xx nor 5xx")                         \
	X(SUITE_ANY, "any", "anything, and a receiver that lives on")
enum suite_expectation {
#define X(name, word, text) name,
	SUITE_EXPECTATIONS(X)
#undef X
};

/* A command of the user's that does something to the receiver. */
enum suite_command { SUITE_NO_COMMAND, SUITE_RUN_RESTART, SUITE_RUN_ROTATE, SUITE_RUN_CLOCK,
		     SUITE_COMMANDS };

struct suite_step {
	char say[SUITE_LINE_BYTES]; /* what this one is, in findings */
	uint32_t when;              /* SUITE_BIT()s; without one of them the step is left out */
	char body[SUITE_WORD_BYTES];
	char type[SUITE_WORD_BYTES];
	uint32_t event;             /* the check's event of that number; 0: a fresh one */
	char timestamp[SUITE_LINE_BYTES]; /* as it is sent, over {t} and {separator} */
	bool untimed;               /* no timestamp is sent */
	struct suite_shift shift;
	struct suite_sign sign;
	uint32_t edit_count;
	struct suite_edit edits[SUITE_EDITS_MAX];
	struct suite_framing framing;
	char method[SUITE_WORD_BYTES];
	char target[SUITE_LINE_BYTES]; /* over {target} and the slots of header lines */
	bool copy;                  /* the bytes of the step before once more */
	struct suite_shift wait;    /* before it; an edge: as long as that and so */
	bool late;                  /* at the end of the run */
	enum suite_command run;     /* before it */
	struct suite_shift clock;   /* what the clock command is told, beside the true time */
	uint32_t copies;            /* how many are sent; 1 */
	bool together;              /* each on its connection, the last bytes at one moment */
	bool one_connection;        /* one after the other on one connection */
	uint32_t connections;       /* over which they are spread; 0: each has its own */
	uint32_t repeat_every;      /* each n-th repeats an event of another connection */
	uint32_t spoil_every;       /* of those, each n-th has a bad signature */
	enum suite_expectation expect;
	bool may_close;             /* a closed connection will do */
	uint32_t also_count;
	int also[SUITE_ALSO_MAX];   /* statuses that will do */
	int32_t effect;             /* how often its event took effect then */
};

/* ---- checks ---- */

/* What the effect probe is to a check. */
enum suite_probe { SUITE_PROBE_NONE, SUITE_PROBE_CONFIRMS, SUITE_PROBE_NEEDED };

struct suite_level { /* a profile that holds its receivers to another level */
	char profile[PROFILE_NAME_BYTES];
	enum check_level level;
};

struct suite_check {
	struct check check; /* points at the texts below */
	char id[SUITE_WORD_BYTES], group[SUITE_WORD_BYTES], clause[SUITE_WORD_BYTES];
	char requirement[SUITE_TEXT_BYTES], remedy[SUITE_TEXT_BYTES];
	enum check_level level;
	uint32_t level_count;
	struct suite_level levels[SUITE_PROFILES_MAX];
	uint32_t needs;         /* SUITE_BIT()s */
	uint32_t profile_count; /* 0: all of them */
	char profiles[SUITE_PROFILES_MAX][PROFILE_NAME_BYTES];
	enum suite_probe probe;
	bool alike;             /* all its steps must be answered in the same way */
	char reads[SUITE_WORD_BYTES]; /* judged by what came back in the whole run */
	char unseen[SUITE_TEXT_BYTES]; /* why nothing here can see it; "" with steps */
	size_t step_count;
	struct suite_step *steps; /* owned */
};

struct suite {
	char name[SUITE_NAME_BYTES];
	char description[SUITE_TEXT_BYTES];
	size_t body_count;
	struct suite_body *bodies; /* owned */
	size_t check_count;
	struct suite_check *checks; /* owned */
};

/* Loads a document. Borrows json; `name` is what errors call it. Refuses what it does not know,
 * with file:line:column and the nearest known name. -1 with HP_EINPUT, and nothing to free. */
int suite_load(struct suite *out, struct hp_view json, const char *name, struct hp_err *err)
	__attribute__((warn_unused_result));
void suite_fini(struct suite *suite);

/* A plain delivery: what a step is before its document says anything. */
void suite_step_init(struct suite_step *step);

/* The body of that name: the loader has seen to it that there is one. */
const struct suite_body *suite_body(const struct suite *suite, const char *name);

/* The check of that slug, or NULL. */
const struct suite_check *suite_find(const struct suite *suite, const char *id);

/* The level that a profile holds its receivers to. */
enum check_level suite_level(const struct suite_check *check, const char *profile);

/* Why a check does not apply, one line: NULL when it does. traits: what there is. */
const char *suite_excludes(const struct suite_check *check, uint32_t traits, const char *profile);

const char *suite_expectation_text(enum suite_expectation expectation);
#endif
