/* Text for a terminal: colour when told, widths in columns, numbers as people read them, long
 * sentences wrapped. Foreign text passes text_foreign() before it comes near a stream.
 * Not here: aligned columns (table.h), what a summary says (report_text.c). */
#ifndef HP_REPORTS_TEXT_H
#define HP_REPORTS_TEXT_H
#include "reports/report.h"

enum text_paint {
	TEXT_PLAIN,
	TEXT_BOLD,
	TEXT_DIM,
	TEXT_RED,
	TEXT_GREEN,
	TEXT_AMBER,
	TEXT_VIOLET,
	TEXT_PAINTS,
};

enum {
	TEXT_NUMBER_BYTES = 32, /* holds every number that is written here */
	TEXT_FOREIGN_BYTES = 1200, /* of foreign text shown, escapes included; more is cut */
};

/* Columns to fill, at least REPORT_COLUMNS. */
unsigned text_columns(const struct report_style *style);

/* Columns that a text takes: one for each code point; escape_terminal() lets no others through. */
size_t text_width(const char *text);

/* Bytes of the longest beginning that takes at most that many columns. */
size_t text_fit(const char *text, size_t columns);

void text_paint(FILE *out, const struct report_style *style, enum text_paint paint,
		const char *text);

/* Writes foreign text, safe to show on one line. Returns out, which holds TEXT_FOREIGN_BYTES. */
const char *text_foreign(const struct report_style *style, const char *text, char *out);

/* Writes "1,234,567". Returns out, which holds TEXT_NUMBER_BYTES; so do the next two. */
const char *text_count(uint64_t count, char *out);

/* Writes a latency in at most seven columns: "412 us", "1.23 ms", "12.3 s", "2m 05s", "17h 03m". */
const char *text_latency(uint64_t latency_us, const struct report_style *style, char *out);

/* Writes a part of a whole: "96 %", "0.02 %"; "" when the whole or the part is 0. */
const char *text_share(uint64_t part, uint64_t whole, char *out);

/* Prints a sentence that begins at column `indent` and wraps there; the first line's indent has
 * already been printed. Ends with a line end. */
void text_wrap(FILE *out, const struct report_style *style, unsigned indent, const char *sentence);
#endif
