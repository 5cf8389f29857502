/* Evidence on its way into the history: counts what became of faults and of answers, so that the
 * figures know of them in every recording mode, and hands each record on.
 * One thread, that of the receivers; read by others when it has ended. */
#ifndef HP_ENGINE_EVIDENCE_H
#define HP_ENGINE_EVIDENCE_H
#include "engine/metrics.h"

struct evidence {
	struct history history; /* for the receivers */
	struct history *inner;  /* borrowed as long as anything is put */
	struct metrics_faults faults;
	uint64_t answers_unacked;
};

void evidence_init(struct evidence *evidence, struct history *inner);

/* Adds what was counted to the run's figures. */
void evidence_add(const struct evidence *evidence, struct metrics *metrics);
#endif
