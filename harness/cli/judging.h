/* Judging a run from its run file: the same for a run that has just ended and for one that is
 * checked again tomorrow. Hands what store/ reads to judge/; decides nothing. */
#ifndef HP_CLI_JUDGING_H
#define HP_CLI_JUDGING_H
#include "judge/judge.h"
#include "store/run_reader.h"

struct judging { /* what the judge must know that is neither in the plan nor in the history */
	const struct plan *plan; /* borrowed */
	enum result_time time_mode;
	bool receivers; /* simulated receivers took part */
	bool foreign;   /* the sender is not ours: hookproof receive, whose end is no interruption;
			 * the figures then say in ended_ns until when it listened */
	bool interrupted;
	bool finishing; /* this process wrote the file and finishes it after judging */
};

/* Judges the history of an open run file with the figures given. Fills *out, which
 * judgement_fini() frees. -1 with *err when the file cannot be read, or holds records of an
 * endpoint that the plan does not have. */
int judging_run(const struct judging *judging, struct run_reader *reader,
		const struct metrics *metrics, struct judgement *out, struct hp_err *err)
	__attribute__((warn_unused_result));
#endif
