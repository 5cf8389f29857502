/* One delivery in one line, as `hookproof receive` prints it while it goes on:
 *   12:01:07.482  billing  inv_123456:invoice.paid  #2  valid  503 by first-n  no effect
 * or, for programs, one JSON object in one line: {"delivery": {…}}. Its keys:
 *   time         when the request had come whole, RFC 3339 in UTC with milliseconds
 *   at_ns        the same from the run's start, as a string
 *   endpoint     its name in the scenario; of options alone: "receiver"
 *   key          the event's identity as text, cut at 47 bytes; null when event says it
 *   event        its number in the run with this seed; null when it is not one of ours
 *   attempt      arrivals of the event at the endpoint, from 1
 *   signature    the verdict's word ("valid", "mismatch"); "unverified": not looked at
 *   behaviour    the row that decided the answer; null: none
 *   status       that was answered; null: none
 *   end          "answered", "reset", "closed", "silent" or "broken"
 *   delay_ms     that behaviours added, as planned, with three decimals
 *   effects      of this event at this endpoint so far, this delivery included
 *   wanted       false: the endpoint never asked for events of this type
 * Keys are only added. Pure. Not here: when it is printed, and what becomes of a slow reader. */
#ifndef HP_REPORTS_LINE_H
#define HP_REPORTS_LINE_H
#include "base/buf.h"
#include "engine/record.h"

struct line { /* borrowed for the call */
	const struct record_receipt *receipt;
	const char *endpoint;
	const char *behaviour;    /* the slug of the row; NULL: none */
	uint64_t started_wall_ns; /* the run's start, since 1970 */
};

enum { LINE_BYTES_MAX = 2048 }; /* of either form, escapes included */

/* Append the line with its line end. What the sender said is escaped for its place. */
void line_text(const struct line *line, bool utf8, struct hp_buf *out);
void line_json(const struct line *line, struct hp_buf *out);
#endif
