/* Errors of the second kind: hookproof cannot go on (usage, a bad file, the environment).
 * Our own bugs are asserts; what the other side did wrong is data, an outcome in the history. */
#ifndef HP_BASE_ERR_H
#define HP_BASE_ERR_H
#include <stdarg.h>

/* name, word in JSON, exit code; 0, 1 and 6 come from verdicts only */
#define HP_CODES(X)                            \
	X(HP_EUSAGE, "usage", 2)               \
	X(HP_EINPUT, "input", 3)               \
	X(HP_EENV, "environment", 4)           \
	X(HP_EUNREACHABLE, "unreachable", 5)

enum hp_code {
#define X(name, word, exit) name,
	HP_CODES(X)
#undef X
};

enum { HP_PLACE_FILE_BYTES = 200, HP_ERR_MSG_BYTES = 512 };

struct hp_place { /* where bad input stands; line 0: no place */
	char file[HP_PLACE_FILE_BYTES];
	unsigned line, column; /* from 1, in bytes */
};

struct hp_err {
	enum hp_code code;
	struct hp_place at;
	char msg[HP_ERR_MSG_BYTES]; /* one line, outermost context first; no secret in it */
};

/* Fills *err and returns -1, so that `return hp_err_set(…)` reads as one sentence.
 * The message says what was expected and what to do. Clears the place. */
int hp_err_set(struct hp_err *err, enum hp_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for bad input at a place: HP_EINPUT. Copies the place. */
int hp_err_at(struct hp_err *err, const struct hp_place *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts context in front of an error that is already set ("shard 3: …"). Returns -1. */
int hp_err_wrap(struct hp_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The word for JSON and the exit code of a class of error. */
const char *hp_err_word(enum hp_code code);
int hp_err_exit(enum hp_code code);

/* What to do after a call that failed with this errno for a shortage of this machine; NULL: it was
 * none. The other side is never to blame for one. */
#define HP_RAISE_OPEN_FILES "raise the limit of open files"
const char *hp_err_shortage(int error);

/* Asserts about our own data; a failed one ends the process through SIGABRT in every build. */
#undef NDEBUG
#include <assert.h>
#endif
