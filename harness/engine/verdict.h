/* Verdicts: what a check says, how they add up, and what the process exits with.
 * A check that proved nothing never passes; a proven failure is never masked. */
#ifndef HP_ENGINE_VERDICT_H
#define HP_ENGINE_VERDICT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VERDICT_REASON_BYTES = 256,
	VERDICT_EVIDENCE_MAX = 8,
	VERDICT_EVIDENCE_BYTES = 256,
};

/* Ordered from the mildest to the worst: rolling up takes the larger. */
#define VERDICTS(X) /* name, word in JSON, mark */                                                \
	X(VERDICT_NOT_APPLICABLE, "not-applicable", "-")                                          \
	X(VERDICT_PASS, "pass", "ok")                                                             \
	X(VERDICT_WARN, "warn", "!")                                                              \
	X(VERDICT_UNOBSERVED, "unobserved", "o")                                                  \
	X(VERDICT_INCONCLUSIVE, "inconclusive", "?")                                              \
	X(VERDICT_ERROR, "error", "E")                                                            \
	X(VERDICT_FAIL, "fail", "x")

enum verdict {
#define X(name, word, mark) name,
	VERDICTS(X)
#undef X
	VERDICT_COUNT
};

enum check_level { CHECK_MUST, CHECK_SHOULD, CHECK_INFO };

/* What a check is, without how it is judged: a constant row. */
struct check {
	const char *id, *group;
	enum check_level level;
	const char *clause;      /* of the profile, or "history": a law of any delivery */
	const char *requirement; /* one sentence */
	const char *remedy;      /* in the reader's words */
};

/* What a check said about one run. Plain values; the texts hold no secret. */
struct finding {
	const struct check *check;
	unsigned threshold_number; /* of the plan's thresholds, from 1; 0: it is about none */
	double observed;           /* the threshold's figure, in its unit; else 0 */
	enum verdict verdict;
	char reason[VERDICT_REASON_BYTES]; /* one line: expected, seen */
	char diagnosis[VERDICT_REASON_BYTES]; /* what the other side does instead; "": not known */
	uint64_t decided, total, failed;   /* instances */
	size_t evidence_count;             /* the records that prove it, worst first */
	char evidence[VERDICT_EVIDENCE_MAX][VERDICT_EVIDENCE_BYTES];
};

/* How the reason of a VERDICT_ERROR begins when the error is hookproof's own (exit 70). */
#define VERDICT_OURS "ours: "

/* The words of a whole run. */
enum run_verdict { RUN_PASS, RUN_FAIL, RUN_UNDECIDED, RUN_INVALID };

struct judgement {
	struct finding *findings; /* owned */
	size_t finding_count;
	unsigned counts[VERDICT_COUNT]; /* INFO checks are not counted */
	enum run_verdict verdict;
	bool untrusted;          /* the measurement cannot carry the verdicts */
	char untrusted_reason[VERDICT_REASON_BYTES];
	int exit; /* of the process; the README has the table */
};

const char *verdict_word(enum verdict verdict);
const char *verdict_mark(enum verdict verdict);
const char *check_level_word(enum check_level level);
const char *run_verdict_word(enum run_verdict verdict);

/* Rolls the findings up into counts, verdict and exit code. `interrupted`: by a signal;
 * `unreachable`: no connection ever succeeded. */
void judgement_close(struct judgement *judgement, bool interrupted, bool unreachable);
void judgement_fini(struct judgement *judgement);
#endif
