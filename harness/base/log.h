/* The log: one line a message on stderr, for what is neither a result nor a record.
 * Levels say who acts: error (the run stops), warn (the user looks), info (progress), debug (us).
 * Not for the per-event path, not for secrets, not for results (reports/ and cli/ print those). */
#ifndef HP_BASE_LOG_H
#define HP_BASE_LOG_H
#include <stdbool.h>

#include "base/view.h"

#define HP_LOG_LEVELS(X)                                                                           \
	X(HP_LOG_ERROR, "error")                                                                   \
	X(HP_LOG_WARN, "warn")                                                                     \
	X(HP_LOG_INFO, "info")                                                                     \
	X(HP_LOG_DEBUG, "debug")

enum hp_log_level {
#define X(name, word) name,
	HP_LOG_LEVELS(X)
#undef X
};

enum { HP_LOG_LINE_BYTES = 1024 }; /* a longer line is cut */

/* Messages of this level and more serious ones are written. HP_LOG_WARN until it is called; call
 * it before threads start. */
void hp_log_level_set(enum hp_log_level level);
enum hp_log_level hp_log_level(void);

/* Reads "error", "warn", "info" or "debug". Fills *level only when true. */
bool hp_log_level_parse(struct hp_view text, enum hp_log_level *level);

/* Writes "warn: message" as one line in one write, from any thread. Control bytes of the message
 * become spaces, so that what a peer said can neither forge a line nor reach a terminal. */
void hp_log(enum hp_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define hp_log_error(...) hp_log(HP_LOG_ERROR, __VA_ARGS__)
#define hp_log_warn(...) hp_log(HP_LOG_WARN, __VA_ARGS__)
#define hp_log_info(...) hp_log(HP_LOG_INFO, __VA_ARGS__)
#define hp_log_debug(...) hp_log(HP_LOG_DEBUG, __VA_ARGS__)
#endif
