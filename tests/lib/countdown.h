/* Makes the n-th fallible call to the system fail, whoever makes it: ours, libevent's, SQLite's.
 * The calls are defined in the test program and so go before those of the C library; each hands on
 * to the real one. Only the thread that armed the countdown is counted.
 * Not here: memory, which ends the process, and libevent's socketpair(), which does so too. */
#ifndef HP_TESTS_COUNTDOWN_H
#define HP_TESTS_COUNTDOWN_H
#include <stdbool.h>

/* The next call_index calls go well, the one after them fails once, with an errno that fits. */
void countdown_arm(unsigned call_index);

/* Counts no more. True when a call has failed since countdown_arm(). */
bool countdown_disarm(void);

/* Descriptors that are open in this process: a failed opener leaves none. */
unsigned countdown_open_files(void);
#endif
