#include "engine/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { /* the README has the table; 128 + SIGINT for an interruption, as shells have it */
       EXIT_PASS = 0,
       EXIT_FAIL = 1,
       EXIT_UNDECIDED = 4,
       EXIT_UNREACHABLE = 5,
       EXIT_INVALID = 6,
       EXIT_OURS = 70,
       EXIT_INTERRUPTED = 130,
};

struct tally {        /* what the findings add up to */
	bool failed;  /* a MUST is proven broken */
	bool ours;    /* an error of hookproof itself */
	bool open;    /* a MUST is inconclusive or in error */
	bool decided; /* a MUST has its verdict */
};

static const struct {
	const char *word, *mark;
} rows[] = {
#define X(name, word, mark) [name] = {word, mark},
	VERDICTS(X)
#undef X
};

const char *verdict_word(enum verdict verdict)
{
	assert(verdict < VERDICT_COUNT);
	return rows[verdict].word;
}

const char *verdict_mark(enum verdict verdict)
{
	assert(verdict < VERDICT_COUNT);
	return rows[verdict].mark;
}

const char *check_level_word(enum check_level level)
{
	static const char *const words[] = {
		[CHECK_MUST] = "MUST", [CHECK_SHOULD] = "SHOULD", [CHECK_INFO] = "INFO"};

	assert(level <= CHECK_INFO);
	return words[level];
}

const char *run_verdict_word(enum run_verdict verdict)
{
	static const char *const words[] = {[RUN_PASS] = "pass",
					    [RUN_FAIL] = "fail",
					    [RUN_UNDECIDED] = "undecided",
					    [RUN_INVALID] = "invalid"};

	assert(verdict <= RUN_INVALID);
	return words[verdict];
}

static bool is_ours(const struct finding *finding)
{
	return finding->verdict == VERDICT_ERROR &&
	       strncmp(finding->reason, VERDICT_OURS, strlen(VERDICT_OURS)) == 0;
}

static void add(struct tally *tally, const struct finding *finding)
{
	enum verdict verdict = finding->verdict;

	if (is_ours(finding))
		tally->ours = true;
	if (finding->check->level != CHECK_MUST)
		return;
	tally->failed |= verdict == VERDICT_FAIL;
	tally->open |= verdict == VERDICT_INCONCLUSIVE || verdict == VERDICT_ERROR;
	tally->decided |= verdict == VERDICT_PASS || verdict == VERDICT_WARN;
}

static struct tally add_up(struct judgement *judgement)
{
	struct tally tally = {.failed = false};

	memset(judgement->counts, 0, sizeof(judgement->counts));
	for (size_t i = 0; i < judgement->finding_count; i++) {
		const struct finding *finding = &judgement->findings[i];

		if (finding->check->level == CHECK_INFO)
			continue;
		judgement->counts[finding->verdict]++;
		add(&tally, finding);
	}
	return tally;
}

static void end(struct judgement *judgement, enum run_verdict verdict, int code)
{
	judgement->verdict = verdict;
	judgement->exit = code;
}

void judgement_close(struct judgement *judgement, bool interrupted, bool unreachable)
{
	struct tally tally = add_up(judgement);
	enum run_verdict open = judgement->untrusted ? RUN_INVALID : RUN_UNDECIDED;

	if (tally.failed)
		end(judgement, RUN_FAIL, EXIT_FAIL);
	else if (interrupted)
		end(judgement, open, EXIT_INTERRUPTED);
	else if (tally.ours)
		end(judgement, open, EXIT_OURS);
	else if (judgement->untrusted)
		end(judgement, RUN_INVALID, EXIT_INVALID);
	else if (unreachable)
		end(judgement, RUN_UNDECIDED, EXIT_UNREACHABLE);
	else if (tally.open || !tally.decided)
		end(judgement, RUN_UNDECIDED, EXIT_UNDECIDED);
	else
		end(judgement, RUN_PASS, EXIT_PASS);
}

void judgement_fini(struct judgement *judgement)
{
	free(judgement->findings);
	*judgement = (struct judgement){.findings = NULL};
}
