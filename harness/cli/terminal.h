/* The terminal: whether a stream is one, how wide, in colour, in UTF-8; and the progress line.
 * Not here: what stands in the line (reports/progress.h). One thread. */
#ifndef HP_CLI_TERMINAL_H
#define HP_CLI_TERMINAL_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum terminal_wish { TERMINAL_AUTO, TERMINAL_ALWAYS, TERMINAL_NEVER };

enum {
	TERMINAL_COLUMNS = 80, /* where nobody says otherwise */
	TERMINAL_COLUMNS_MAX = 500,
};

struct terminal {
	bool is_terminal;
	bool colour; /* by the wish, then NO_COLOR (no-color.org) and TERM=dumb, then is_terminal */
	bool utf8;   /* by LC_ALL, LC_CTYPE, LANG, the first that is set */
	unsigned columns;
};

/* What stream is. Reads the environment. */
struct terminal terminal_of(FILE *stream, enum terminal_wish wish);

/* "auto", "always", "never"; anything else is our bug. */
enum terminal_wish terminal_wish_of(const char *word);

/* One line that is drawn over and over on a terminal, at most four times a second; elsewhere a
 * plain line every ten seconds, so that a log shows that we live. Lives in the caller's memory. */
struct terminal_progress {
	FILE *out;
	bool redraw, quiet, drawn;
	unsigned columns;
	uint64_t next_ns; /* the line is due again at this moment; 0: none was asked for yet */
};

void terminal_progress_init(struct terminal_progress *progress, FILE *out, bool quiet);

/* Shows the text (ASCII, no line end) when it is due; now_ns is any monotonic clock. */
void terminal_progress_show(struct terminal_progress *progress, const char *text, uint64_t now_ns);

/* Takes the line away, before anything else is printed and at the end. */
void terminal_progress_clear(struct terminal_progress *progress);
#endif
