#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/span.h"

#define REDRAW_NS (HP_S_NS / 4)
#define PLAIN_NS (10 * HP_S_NS)

static const char *set_variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static bool wants_colour(enum terminal_wish wish, bool is_terminal)
{
	const char *term = set_variable("TERM");

	if (wish != TERMINAL_AUTO)
		return wish == TERMINAL_ALWAYS;
	if (set_variable("NO_COLOR"))
		return false;
	return is_terminal && term && strcmp(term, "dumb") != 0;
}

static bool is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = set_variable(names[i]);

		if (value)
			return strcasestr(value, "UTF-8") || strcasestr(value, "UTF8");
	}
	return false;
}

static unsigned columns_of(int fd, bool is_terminal)
{
	struct winsize size;

	if (!is_terminal || ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return TERMINAL_COLUMNS;
	return size.ws_col < TERMINAL_COLUMNS_MAX ? size.ws_col : TERMINAL_COLUMNS_MAX;
}

struct terminal terminal_of(FILE *stream, enum terminal_wish wish)
{
	int fd = fileno(stream);
	bool is_terminal = fd >= 0 && isatty(fd);

	return (struct terminal){
		.is_terminal = is_terminal,
		.colour = wants_colour(wish, is_terminal),
		.utf8 = is_utf8(),
		.columns = columns_of(fd, is_terminal),
	};
}

enum terminal_wish terminal_wish_of(const char *word)
{
	static const char *const words[] = {
		[TERMINAL_AUTO] = "auto",
		[TERMINAL_ALWAYS] = "always",
		[TERMINAL_NEVER] = "never",
	};
	size_t wish = 0;

	while (strcmp(words[wish], word) != 0) {
		wish++;
		assert(wish < sizeof(words) / sizeof(words[0]));
	}
	return (enum terminal_wish)wish;
}

void terminal_progress_init(struct terminal_progress *progress, FILE *out, bool quiet)
{
	struct terminal terminal = terminal_of(out, TERMINAL_AUTO);
	const char *term = set_variable("TERM");

	*progress = (struct terminal_progress){
		.out = out,
		.quiet = quiet,
		.redraw = terminal.is_terminal && term && strcmp(term, "dumb") != 0,
		.columns = terminal.columns,
	};
}

/* The last column stays free: many terminals wrap when it is written. */
static void redraw(struct terminal_progress *progress, const char *text)
{
	fprintf(progress->out, "\r%.*s\033[K", (int)progress->columns - 1, text);
	fflush(progress->out);
	progress->drawn = true;
}

void terminal_progress_show(struct terminal_progress *progress, const char *text, uint64_t now_ns)
{
	if (!progress->redraw && progress->next_ns == 0) /* a short run needs no line at all */
		progress->next_ns = now_ns + PLAIN_NS;
	if (progress->quiet || now_ns < progress->next_ns)
		return;
	if (progress->redraw)
		redraw(progress, text);
	else
		fprintf(progress->out, "%s\n", text);
	progress->next_ns = now_ns + (progress->redraw ? REDRAW_NS : PLAIN_NS);
}

void terminal_progress_clear(struct terminal_progress *progress)
{
	if (progress->drawn)
		fputs("\r\033[K", progress->out);
	progress->drawn = false;
	fflush(progress->out);
}
