/* What the files of the runner share. For them and their tests alone: callers use certify.h. */
#ifndef HP_CERTIFY_CERTIFY_INSIDE_H
#define HP_CERTIFY_CERTIFY_INSIDE_H
#include "certify/certify.h"
#include "certify/ruling.h"

enum { CERTIFY_LATE_MAX = 16, CERTIFY_DIAGNOSES_MAX = 8 };

struct certify_read { /* what a check that reads all answers has found */
	uint64_t looked, found;
	char what[VERDICT_REASON_BYTES];
	char evidence[VERDICT_EVIDENCE_BYTES];
};

struct certify {
	struct certify_config config;
	struct courier *courier;
	struct forge *forge;
	struct certify_result *result; /* while it runs */
	uint32_t traits;
	int64_t skew_s;          /* of the receiver's clock, taken off our timestamps */
	int64_t clock_s;         /* that the clock command has moved it by; in skew_s */
	bool skewed;             /* by more than half of the tolerance */
	uint32_t sentinel_count;
	bool dead;               /* it takes no deliveries any more */
	char killer[SUITE_WORD_BYTES]; /* the check after which that was so */
	bool probe_works;
	char probe_why[PROBE_WHY_BYTES]; /* why it does not */
	unsigned diagnoses_left;
	struct certify_read leaks, answers;
};

/* ---- trial.c: one check ---- */

struct trial;

/* Runs a check into its finding, as far as its first late step. Returns what is left to do at the
 * end of the run, or NULL when it is done. */
struct trial *trial_run(struct certify *certify, const struct suite_check *check,
			struct finding *finding);
void trial_finish(struct trial *trial); /* takes it */

/* ---- certify_send.c: deliveries beside a check's own ---- */

/* Sends one forged delivery in the way its step says. Fills *answer, which courier_answer_fini()
 * frees. */
void certify_send(struct certify *certify, const struct suite_step *step,
		  const struct forged *forged, struct courier_answer *answer);

/* Fills a parcel for a forged delivery. */
void certify_pack(const struct suite_step *step, const struct forged *forged,
		  struct courier_parcel *out);

enum certify_life { CERTIFY_ALIVE, CERTIFY_CAME_BACK, CERTIFY_REFUSES, CERTIFY_GONE };

/* Sends a valid delivery on a new connection. seen: RULING_TEXT_BYTES, what came back where it is
 * not alive. key: FORGE_KEY_BYTES, of the delivery that was accepted. */
enum certify_life certify_sentinel(struct certify *certify, char *seen, char *key);

/* Runs a command of the user's; the clock's moves the receiver's time to so many seconds beside the
 * true one, and ours with it. False, and why, when it did not end well. */
bool certify_command(struct certify *certify, enum suite_command command, int64_t shift_s,
		     char why[COMMAND_LINE_WHY_BYTES]);

/* The instant to sign, in the receiver's time. */
uint64_t certify_wall_ns(const struct certify *certify);

/* ---- certify_effects.c ---- */

/* The A/A control: whether unique events take effect once each. Sets probe_works or probe_why.
 * False when the receiver itself loses or doubles them: *what says so. */
bool certify_control_effects(struct certify *certify, char what[VERDICT_REASON_BYTES]);

/* Waits until the count of a key stands still. False, and why, when the probe fails. */
bool certify_effect(struct certify *certify, const char *key, uint64_t *count,
		    char why[PROBE_WHY_BYTES]);

/* The count of a key, once a later event's effect shows, which bounds the wait for "none". */
bool certify_no_effect(struct certify *certify, const char *key, const char *later,
		       uint64_t *count, char why[PROBE_WHY_BYTES]);

/* ---- certify_diagnose.c ---- */

/* A right signature was refused: sends the step's delivery under one wrong recipe after the other;
 * the first that is accepted is what the receiver computes. Writes the diagnosis. */
void certify_diagnose(struct certify *certify, const char *check, const struct suite_step *step,
		      char diagnosis[VERDICT_REASON_BYTES]);

/* ---- certify_reads.c ---- */

/* Shows an answer to the checks that read all of them. */
void certify_read_answer(struct certify *certify, const struct forged *forged,
			 enum suite_expectation expect, const struct courier_answer *answer);

/* Judges such a check. */
void certify_read_finding(const struct certify *certify, const struct suite_check *check,
			  struct finding *finding);
bool certify_reads(const char *word); /* whether there is such a reader */
#endif
