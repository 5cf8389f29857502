/* What a recording mode keeps of the history, asked before a record is put into a ring, so that
 * what is not kept costs next to nothing. Not here: how it is kept (store/). */
#ifndef HP_ENGINE_RECORDING_H
#define HP_ENGINE_RECORDING_H
#include <stdbool.h>

#include "engine/plan.h"
#include "engine/record.h"

/* all: everything. failures: attempts that did not succeed, every retry, and receipts that were
 * refused, broken off, repeated or not wanted, faults and what became of them, unacknowledged
 * answers; of a delivery that just went well, nothing. summary: none of these: the figures count
 * them. Ticks, lags, gaps, notes and ends are kept in every mode. */
bool recording_keeps(enum plan_recording recording, const struct record *record);
#endif
