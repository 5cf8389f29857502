/* Spans and moments of time: uint64_t nanoseconds everywhere; how people write and read them.
 * Not here: any clock. Only net/ and sim/ have one. */
#ifndef HP_BASE_SPAN_H
#define HP_BASE_SPAN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

#define HP_US_NS UINT64_C(1000)
#define HP_MS_NS UINT64_C(1000000)
#define HP_S_NS UINT64_C(1000000000)
#define HP_NEVER UINT64_MAX /* a moment that does not come */

enum { HP_SPAN_TEXT_BYTES = 32 };

/* The lesser and the greater of two spans, moments or counts. */
static inline uint64_t hp_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}
static inline uint64_t hp_max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Reads "250ms", "30s", "5m", "2h", "1d", "40us", "10ns", also "1.5s".
 * False when it is anything else, negative, or beyond 366 days. Fills *span_ns only when true. */
bool hp_span_parse(struct hp_view text, uint64_t *span_ns);

/* Reads a rate "500/s", "30/m", "2.5/s" into events per second times 1e6, exactly up to six
 * decimals. False for anything else, zero and more than 10 million a second. */
bool hp_rate_parse(struct hp_view text, uint64_t *rate_micro_per_s);

/* Reads a size "512", "64KiB", "1MiB", "10kB". False for anything else or more than 1 TiB. */
bool hp_size_parse(struct hp_view text, uint64_t *bytes);

/* Writes a span as a person reads it: "412 ns", "42 ms", "1.3 s", "17 h 03 min".
 * Returns out, which holds HP_SPAN_TEXT_BYTES. */
const char *hp_span_text(uint64_t span_ns, char *out);

/* Scales a span by a factor, rounding to the nearest nanosecond; saturates below HP_NEVER. */
uint64_t hp_span_scale(uint64_t span_ns, double factor);
#endif
