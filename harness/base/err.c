#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *word;
	int exit;
} codes[] = {
#define X(name, text, code) [name] = {text, code},
	HP_CODES(X)
#undef X
};

static void __attribute__((format(printf, 2, 0)))
fill(struct hp_err *err, const char *format, va_list args)
{
	vsnprintf(err->msg, sizeof(err->msg), format, args);
}

int hp_err_set(struct hp_err *err, enum hp_code code, const char *format, ...)
{
	va_list args;

	err->code = code;
	err->at = (struct hp_place){.line = 0};
	va_start(args, format);
	fill(err, format, args);
	va_end(args);
	return -1;
}

int hp_err_at(struct hp_err *err, const struct hp_place *at, const char *format, ...)
{
	va_list args;

	err->code = HP_EINPUT;
	err->at = *at;
	va_start(args, format);
	fill(err, format, args);
	va_end(args);
	return -1;
}

int hp_err_wrap(struct hp_err *err, const char *format, ...)
{
	char inner[HP_ERR_MSG_BYTES];
	va_list args;
	size_t used;

	memcpy(inner, err->msg, sizeof(inner));
	va_start(args, format);
	fill(err, format, args);
	va_end(args);
	used = strlen(err->msg);
	snprintf(err->msg + used, sizeof(err->msg) - used, ": %.*s",
		 (int)(sizeof(err->msg) - used), inner);
	return -1;
}

const char *hp_err_word(enum hp_code code)
{
	return codes[code].word;
}

int hp_err_exit(enum hp_code code)
{
	return codes[code].exit;
}

const char *hp_err_shortage(int error)
{
	switch (error) {
	case EMFILE:
	case ENFILE:
		return HP_RAISE_OPEN_FILES;
	case ENOBUFS:
	case ENOMEM:
		return "free some memory";
	default:
		return NULL;
	}
}
