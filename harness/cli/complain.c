#include "cli/complain.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "cli/excerpt.h"
#include "cli/terminal.h"
#include "reports/escape.h"
#include "scenarios/scenario.h"

#define RED "\033[1;31m"
#define YELLOW "\033[1;33m"

enum {
	LINE_BYTES = 16 * 1024, /* of a line that is looked at; places beyond show no line */
	SHOWN_BYTES = 72,       /* of a line: what fits beside the margin */
	BEFORE_BYTES = 40,      /* at most, in front of the place */
	TEXT_BYTES = 8 * 1024,  /* of what is printed at once, escapes included */
};

struct line {
	char text[LINE_BYTES];
	char before; /* the last byte above it that is no blank; 0: none */
};

/* Reads the line of a place; false when the file or the line cannot be had. */
static bool read_line(const struct hp_place *place, struct line *line)
{
	FILE *file = fopen(place->file, "re");
	unsigned number = 1;
	int byte;
	bool there;

	line->before = 0;
	if (!file)
		return false;
	while (number < place->line && (byte = getc(file)) != EOF) {
		number += byte == '\n';
		if (byte > ' ')
			line->before = (char)byte;
	}
	there = number == place->line && fgets(line->text, LINE_BYTES, file);
	fclose(file);
	if (!there)
		return false;
	line->text[strcspn(line->text, "\r\n")] = '\0';
	return place->column >= 1 && place->column - 1 <= strlen(line->text);
}

/* Appends foreign text as a terminal may show it; tabs become single spaces. */
static void add_shown(struct hp_buf *out, struct hp_view text, bool utf8)
{
	for (size_t i = 0; i < text.bytes;) {
		struct hp_view part = {text.at + i, 0};

		while (i + part.bytes < text.bytes && part.at[part.bytes] != '\t')
			part.bytes++;
		escape_terminal(out, part, utf8);
		i += part.bytes;
		if (i++ < text.bytes)
			hp_buf_add_text(out, " ");
	}
}

static bool continues(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

static int columns(struct hp_view text)
{
	int count = 0;

	for (size_t i = 0; i < text.bytes; i++)
		count += !continues(text.at[i]);
	return count;
}

/* Prints the part of the line around the place, and the caret under it. */
static void show_line(const char *line, size_t at, bool utf8)
{
	struct hp_view shown = {line, strlen(line)};
	struct hp_buf text;
	size_t skip = at > BEFORE_BYTES ? at - BEFORE_BYTES : 0;
	int caret;

	while (skip && skip < at && continues(line[skip]))
		skip++;
	shown.at += skip;
	shown.bytes -= skip;
	if (shown.bytes > SHOWN_BYTES)
		shown.bytes = SHOWN_BYTES;
	while (shown.bytes && continues(shown.at[shown.bytes]))
		shown.bytes--;
	hp_buf_init(&text, TEXT_BYTES);
	add_shown(&text, (struct hp_view){shown.at, at - skip}, utf8);
	caret = columns(hp_buf_view(&text));
	hp_buf_clear(&text);
	add_shown(&text, shown, utf8);
	fprintf(stderr, "   | %s\n   | %*s^\n", hp_buf_text(&text), caret, "");
	hp_buf_fini(&text);
}

static void print_escaped(struct hp_view text, bool utf8)
{
	struct hp_buf shown;

	hp_buf_init(&shown, TEXT_BYTES);
	escape_terminal(&shown, text, utf8);
	fputs(hp_buf_text(&shown), stderr);
	hp_buf_fini(&shown);
}

static void print_word(const char *word, const char *colour)
{
	struct terminal terminal = terminal_of(stderr, TERMINAL_AUTO);

	fprintf(stderr, "%s%s:%s ", terminal.colour ? colour : "", word,
		terminal.colour ? "\033[0m" : "");
}

static void complain_text(const struct hp_err *err)
{
	bool utf8 = terminal_of(stderr, TERMINAL_AUTO).utf8;
	struct line line;

	print_word("error", RED);
	print_escaped(hp_view_of(err->msg), utf8);
	fputc('\n', stderr);
	if (!err->at.line)
		return;
	fputs("  --> ", stderr);
	print_escaped(hp_view_of(err->at.file), utf8);
	fprintf(stderr, ":%u:%u\n", err->at.line, err->at.column);
	if (!read_line(&err->at, &line))
		return;
	scenario_hide_secrets(line.text);
	excerpt_hide(line.text, err->at.column - 1, line.before);
	show_line(line.text, err->at.column - 1, utf8);
}

static void complain_json(const struct hp_err *err)
{
	struct hp_json_writer writer;
	struct hp_buf text;

	hp_buf_init(&text, TEXT_BYTES);
	hp_json_write_init(&writer, &text, 0);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "error");
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "code");
	hp_json_write_text(&writer, hp_err_word(err->code));
	hp_json_write_key(&writer, "message");
	hp_json_write_text(&writer, err->msg);
	hp_json_write_key(&writer, "file");
	hp_json_write_text(&writer, err->at.line ? err->at.file : NULL);
	hp_json_write_key(&writer, "line");
	hp_json_write_u64(&writer, err->at.line);
	hp_json_write_key(&writer, "column");
	hp_json_write_u64(&writer, err->at.line ? err->at.column : 0);
	hp_json_write_end(&writer);
	hp_json_write_end(&writer);
	puts(hp_buf_text(&text));
	hp_buf_fini(&text);
}

void complain(const struct hp_err *err, bool json)
{
	if (json)
		complain_json(err);
	else
		complain_text(err);
}

void complain_warn(const char *format, ...)
{
	va_list args;

	print_word("warning", YELLOW);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void complain_warn_lines(struct hp_view lines)
{
	bool utf8 = terminal_of(stderr, TERMINAL_AUTO).utf8;

	while (lines.bytes) {
		const char *end = memchr(lines.at, '\n', lines.bytes);
		size_t bytes = end ? (size_t)(end - lines.at) : lines.bytes;

		print_word("warning", YELLOW);
		print_escaped((struct hp_view){lines.at, bytes}, utf8);
		fputc('\n', stderr);
		bytes += end != NULL;
		lines = (struct hp_view){lines.at + bytes, lines.bytes - bytes};
	}
}
