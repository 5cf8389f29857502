#include "reports/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum {
	GAP = 2, /* between columns; 1 where the rows would be too wide */
	FLEX_COLUMNS_MIN = 8,
	DOTS_BYTES = 3, /* of either form, kept free at the end of a cell */
};

void table_init(struct table *table, const struct report_style *style, const char *layout)
{
	*table = (struct table){
		.style = style,
		.layout = layout,
		.column_count = (unsigned)strlen(layout),
	};
	assert(table->column_count > 0 && table->column_count <= TABLE_COLUMNS_MAX);
}

void table_fini(struct table *table)
{
	free(table->cells);
	*table = (struct table){.style = table->style, .layout = table->layout};
}

static struct table_cell *next_cell(struct table *table)
{
	if (table->cell_count == table->cell_room) {
		table->cell_room = table->cell_room ? 2 * table->cell_room : 64;
		table->cells = hp_xgrow(table->cells, table->cell_room, sizeof(*table->cells));
	}
	return &table->cells[table->cell_count++];
}

/* Takes an unfinished character away from where snprintf cut a text. */
static void mend_end(char *text)
{
	size_t at = strlen(text);

	if (at + 1 + DOTS_BYTES < TABLE_CELL_BYTES)
		return;
	while (at > 0 && ((unsigned char)text[at - 1] & 0xc0) == 0x80)
		at--;
	if (at > 0 && ((unsigned char)text[at - 1] & 0x80))
		text[at - 1] = '\0';
}

void table_cell(struct table *table, enum text_paint paint, const char *format, ...)
{
	struct table_cell *cell = next_cell(table);
	va_list args;

	cell->paint = paint;
	va_start(args, format);
	vsnprintf(cell->text, sizeof(cell->text) - DOTS_BYTES, format, args);
	va_end(args);
	mend_end(cell->text);
}

void table_count(struct table *table, uint64_t count)
{
	char text[TEXT_NUMBER_BYTES];

	table_cell(table, TEXT_PLAIN, "%s", text_count(count, text));
}

void table_nothing(struct table *table)
{
	table_cell(table, TEXT_DIM, "%s", table->style->utf8 ? "\u2013" : "-");
}

struct measures {
	size_t widths[TABLE_COLUMNS_MAX];
	size_t gap;
};

/* Takes from the flexible column what the row has too much, then from the gaps. */
static void squeeze(const struct table *table, struct measures *measures, size_t over)
{
	const char *flex = strchr(table->layout, 'f');
	size_t *width = flex ? &measures->widths[flex - table->layout] : NULL;

	if (width && *width >= over + FLEX_COLUMNS_MIN) {
		*width -= over;
		return;
	}
	measures->gap = 1;
	if (width && *width > FLEX_COLUMNS_MIN)
		*width = FLEX_COLUMNS_MIN;
}

/* Each column is as wide as its widest cell, unless the rows would not fit. */
static struct measures measure(const struct table *table)
{
	size_t total = GAP * (table->column_count - 1), room = text_columns(table->style);
	struct measures measures = {.gap = GAP};

	for (size_t i = 0; i < table->cell_count; i++) {
		size_t width = text_width(table->cells[i].text);
		size_t *column = &measures.widths[i % table->column_count];

		*column = width > *column ? width : *column;
	}
	for (unsigned i = 0; i < table->column_count; i++)
		total += measures.widths[i];
	if (total > room)
		squeeze(table, &measures, total - room);
	return measures;
}

/* Cuts a cell to its column, with dots to show it. */
static void cut(struct table_cell *cell, size_t columns, bool utf8)
{
	const char *dots = utf8 ? "\u2026" : "...";
	size_t at;

	if (text_width(cell->text) <= columns)
		return;
	at = text_fit(cell->text, columns - text_width(dots));
	memcpy(cell->text + at, dots, strlen(dots) + 1);
}

static void print_spaces(FILE *out, size_t count)
{
	fprintf(out, "%*s", (int)count, "");
}

/* Prints a row's cells; spaces are owed until something follows them, so no line ends in one. */
static void print_row(const struct table *table, struct table_cell *row,
		      const struct measures *measures, FILE *out)
{
	size_t owed = 0;

	for (unsigned i = 0; i < table->column_count; i++) {
		size_t width, pad;

		cut(&row[i], measures->widths[i], table->style->utf8);
		width = text_width(row[i].text);
		pad = measures->widths[i] - width;
		if (table->layout[i] == 'r')
			owed += pad;
		if (width) {
			print_spaces(out, owed);
			text_paint(out, table->style, row[i].paint, row[i].text);
			owed = 0;
		}
		owed += measures->gap + (table->layout[i] == 'r' ? 0 : pad);
	}
	fputc('\n', out);
}

void table_print(struct table *table, FILE *out)
{
	struct measures measures = measure(table);

	for (size_t i = 0; i + table->column_count <= table->cell_count; i += table->column_count)
		print_row(table, &table->cells[i], &measures, out);
	table->cell_count = 0;
}
