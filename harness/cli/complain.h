/* What hookproof says when it cannot go on, or when the user should look: on standard error, or as
 * the one JSON object on standard output. Not here: verdicts, and what the other side did wrong. */
#ifndef HP_CLI_COMPLAIN_H
#define HP_CLI_COMPLAIN_H
#include <stdbool.h>

#include "base/err.h"
#include "base/view.h"

/* Prints "error: what", the place, and the line with a caret where the file can be read:
 *   error: endpoints[0].url: want http://HOST…, found "ftp"
 *     --> outage.json:7:12
 *      |   "url": "ftp://…"
 *      |          ^
 * With json: {"error":{"code","message","file","line","column"}} on standard output instead. */
void complain(const struct hp_err *err, bool json);

/* Prints "warning: …" on standard error. */
void complain_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints one warning for each line of text, which may be foreign. Borrows it for the call. */
void complain_warn_lines(struct hp_view lines);
#endif
