/* A table for a terminal: cells are collected, then printed in aligned columns that fit.
 * Cells are safe text already (text_foreign()). The caller owns the struct. */
#ifndef HP_REPORTS_TABLE_H
#define HP_REPORTS_TABLE_H
#include "reports/text.h"

enum { TABLE_COLUMNS_MAX = 10, TABLE_CELL_BYTES = 400 };

struct table_cell {
	enum text_paint paint;
	char text[TABLE_CELL_BYTES];
};

struct table {
	const struct report_style *style; /* borrowed */
	const char *layout;               /* one letter per column, borrowed */
	unsigned column_count;
	struct table_cell *cells; /* row after row */
	size_t cell_count, cell_room;
};

/* layout: l left, r right, f left and cut where the row would not fit; at most one f. */
void table_init(struct table *table, const struct report_style *style, const char *layout);
void table_fini(struct table *table);

/* Adds the next cell; the last column's ends the row. What is too long is cut. */
void table_cell(struct table *table, enum text_paint paint, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A cell with a count, and one with "-" where there is nothing to say. */
void table_count(struct table *table, uint64_t count);
void table_nothing(struct table *table);

/* Prints all complete rows and empties the table. */
void table_print(struct table *table, FILE *out);
#endif
