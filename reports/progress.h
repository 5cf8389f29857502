/* The live line of a run: a tick of the history as one line of text.
 * A pure formatter: when it is drawn, where, and over what is cli's business. */
#ifndef HP_REPORTS_PROGRESS_H
#define HP_REPORTS_PROGRESS_H
#include <stddef.h>
#include <stdint.h>

#include "engine/record.h"

enum { PROGRESS_BYTES = 128 }; /* holds every line with its NUL */

/* Writes the line for the tick `now`: how far the plan is, what was sent of what was planned and
 * how fast, what was delivered, is retrying and in flight, our own lag. Plain ASCII, no line end;
 * counts from 10000 on are shortened ("12.3k"), so that it takes 86 columns at most and mostly
 * fewer than 80. The rate is that of the span since `before`, or since the run's start when that is
 * NULL. end_ns is when the last event is planned, 0 when nobody knows: no percentage.
 * Cut at out_bytes (at least 1); returns the length written. */
size_t progress_format(const struct record_tick *now, const struct record_tick *before,
		       uint64_t end_ns, char *out, size_t out_bytes);
#endif
