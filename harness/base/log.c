#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"

static const char *const words[] = {
#define X(name, word) [name] = word,
	HP_LOG_LEVELS(X)
#undef X
};

static enum hp_log_level shown = HP_LOG_WARN;

void hp_log_level_set(enum hp_log_level level)
{
	shown = level;
}

enum hp_log_level hp_log_level(void)
{
	return shown;
}

bool hp_log_level_parse(struct hp_view text, enum hp_log_level *level)
{
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!hp_view_equal(text, hp_view_of(words[i])))
			continue;
		*level = (enum hp_log_level)i;
		return true;
	}
	return false;
}

static void blank_controls(char *line, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = ' ';
}

/* What snprintf wrote into room bytes: less than it says when it had to cut. */
static size_t written(int wanted, size_t room)
{
	assert(wanted >= 0);
	return (size_t)wanted < room ? (size_t)wanted : room - 1;
}

void hp_log(enum hp_log_level level, const char *format, ...)
{
	char line[HP_LOG_LINE_BYTES + 1];
	size_t bytes;
	va_list args;

	if (level > shown)
		return;
	bytes = written(snprintf(line, sizeof(line) - 1, "%s: ", words[level]), sizeof(line) - 1);
	va_start(args, format);
	bytes += written(vsnprintf(line + bytes, HP_LOG_LINE_BYTES - bytes, format, args),
			 HP_LOG_LINE_BYTES - bytes);
	va_end(args);
	blank_controls(line, bytes);
	line[bytes++] = '\n';
	if (write(STDERR_FILENO, line, bytes) < 0)
		return; /* stderr is gone; there is nobody left to tell */
}
