/* Retry-After (RFC 9110 10.2.3): a number of seconds or an HTTP date. */
#ifndef HP_WIRE_RETRY_AFTER_H
#define HP_WIRE_RETRY_AFTER_H
#include <stdint.h>

#include "base/view.h"

#define RETRY_AFTER_SECONDS_MAX UINT64_C(1000000000) /* 31 years: larger ones are cut to it */

/* Reads the wait in whole seconds from now_s (Unix seconds); a date in the past is 0. False for
 * anything else (signs, fractions, words): garbage never means "at once". */
bool retry_after_parse(struct hp_view value, uint64_t now_s, uint64_t *seconds);
#endif
