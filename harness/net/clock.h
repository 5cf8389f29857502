/* The kernel's clocks, read in one place. Spans are measured on the monotonic clock only; wall time
 * is for what goes on the wire or on paper. */
#ifndef HP_NET_CLOCK_H
#define HP_NET_CLOCK_H
#include <stdint.h>

uint64_t clock_mono_ns(void); /* CLOCK_MONOTONIC */
uint64_t clock_wall_ns(void); /* CLOCK_REALTIME, since 1970 */

/* User and system time of this process so far, all threads. */
uint64_t clock_cpu_ns(void);
#endif
