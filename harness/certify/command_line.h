/* Commands of the user's: words that are run without a shell, with slots filled in within a word,
 * to their end or a deadline. Blocks. Not here: what their output means (probe.h). */
#ifndef HP_CERTIFY_COMMAND_LINE_H
#define HP_CERTIFY_COMMAND_LINE_H
#include "base/buf.h"
#include "base/err.h"
#include "certify/fill.h"

enum { COMMAND_LINE_WHY_BYTES = 160, COMMAND_LINE_OUT_BYTES_MAX = 64 * 1024 };

struct command_line;

/* Returns new: words are separated by spaces; '...' and "..." hold some together. NULL with
 * HP_EUSAGE. */
struct command_line *command_line_new(const char *text, struct hp_err *err)
	__attribute__((warn_unused_result));
void command_line_free(struct command_line *line); /* NULL is fine */

struct command_line_slots {
	const struct fill_slot *at;
	size_t count;
};

/* Runs it and appends what it writes to standard output. False, and why in one
 * line, when it did not end in time, or not with 0. */
bool command_line_run(const struct command_line *line, struct command_line_slots slots,
		      uint64_t within_ns, struct hp_buf *out, char why[COMMAND_LINE_WHY_BYTES]);
#endif
