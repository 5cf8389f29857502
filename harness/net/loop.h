/* One worker's event loop: a libevent base without locks, alarms at absolute moments of the
 * monotonic clock, and a stop that any thread and a signal handler may ask for.
 * libevent's own timers are not used: they are coarse, and late by the running time of callbacks.
 * Seen in net/ only. Not here: connections (client.h, server.h). */
#ifndef HP_NET_LOOP_H
#define HP_NET_LOOP_H
#include <stdint.h>

#include "base/err.h"

struct event_base;
struct event;

struct loop {
	struct event_base *base;
	struct event *stop;
	int stop_fd;
	void (*on_stop)(void *arg);
	void *arg;
};

/* Fills the caller's struct; on_stop is called on the loop after each loop_stop(). -1 with HP_EENV;
 * loop_fini() either way. Raises the limit of open files as far as it goes without privilege. */
int loop_init(struct loop *loop, void (*on_stop)(void *arg), void *arg, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Alarms and events of the base are ended before. */
void loop_fini(struct loop *loop);

/* Runs until loop_leave(), which ends it after the present callback. */
void loop_run(struct loop *loop);
void loop_leave(struct loop *loop);

/* Asks for on_stop. From any thread, and from a signal handler. */
void loop_stop(const struct loop *loop);

struct loop_alarm { /* a kernel timer of its own */
	struct event *event;
	int fd;
	void (*on_due)(void *arg);
	void *arg;
};

int loop_alarm_init(struct loop_alarm *alarm, struct loop *loop, void (*on_due)(void *arg),
		    void *arg, struct hp_err *err) __attribute__((warn_unused_result));
void loop_alarm_fini(struct loop_alarm *alarm);

/* on_due is called once at or after that moment of the monotonic clock; a new moment replaces the
 * last one. HP_NEVER: not at all. */
void loop_alarm_set(struct loop_alarm *alarm, uint64_t mono_ns);
#endif
