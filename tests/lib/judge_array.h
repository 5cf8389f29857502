/* The judge on a whole history in memory, its records in any order: copies, sorts and groups them,
 * as the run file's reader does, and feeds them. */
#ifndef HP_TESTS_LIB_JUDGE_ARRAY_H
#define HP_TESTS_LIB_JUDGE_ARRAY_H
#include "judge/judge.h"

struct judge_records {
	const struct record *at;
	size_t count;
};

/* Fills *out, which the caller frees with judgement_fini(). metrics may be NULL. */
void judge_array(const struct plan *plan, const struct judge_facts *facts,
		 const struct metrics *metrics, const struct judge_records *records,
		 struct judgement *out);
#endif
