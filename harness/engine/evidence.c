#include "engine/evidence.h"

static void put(struct history *history, const struct record *record)
{
	struct evidence *evidence = (struct evidence *)history;

	if (record->kind == RECORD_FAULT)
		metrics_faults_count(&evidence->faults, &record->fault);
	evidence->answers_unacked += record->kind == RECORD_UNACKED;
	history_put(evidence->inner, record);
}

void evidence_init(struct evidence *evidence, struct history *inner)
{
	*evidence = (struct evidence){.history = {put}, .inner = inner};
}

void evidence_add(const struct evidence *evidence, struct metrics *metrics)
{
	metrics_faults_merge(&metrics->faults, &evidence->faults);
	metrics->answers_unacked += evidence->answers_unacked;
}
