#include "net/loop.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/span.h"

static void raise_open_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit); /* running out later is an outcome, not an error */
}

static void on_stop_event(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) == (ssize_t)sizeof(count))
		loop->on_stop(loop->arg);
}

static int no_loop(struct hp_err *err)
{
	return hp_err_set(err, HP_EENV, "no event loop: %m; " HP_RAISE_OPEN_FILES);
}

/* libevent ends the process where it cannot go on, for one when its base finds no descriptors, and
 * would do it with 1: the code of a failed check. */
static void on_fatal(int code)
{
	if (code != 1) /* an assert of its own */
		abort();
	fputs("error: no event loop; " HP_RAISE_OPEN_FILES "\n", stderr);
	exit(hp_err_exit(HP_EENV));
}

static struct event_base *make_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	event_set_fatal_callback(on_fatal);
	if (!config)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_NO_CACHE_TIME);
	event_config_require_features(config, EV_FEATURE_ET);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

int loop_init(struct loop *loop, void (*on_stop)(void *arg), void *arg, struct hp_err *err)
{
	*loop = (struct loop){.on_stop = on_stop, .arg = arg};
	raise_open_files();
	loop->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	loop->base = make_base();
	if (loop->stop_fd < 0 || !loop->base)
		return no_loop(err);
	loop->stop =
		event_new(loop->base, loop->stop_fd, EV_READ | EV_PERSIST, on_stop_event, loop);
	return loop->stop && event_add(loop->stop, NULL) == 0 ? 0 : no_loop(err);
}

void loop_fini(struct loop *loop)
{
	if (loop->stop)
		event_free(loop->stop);
	if (loop->base)
		event_base_free(loop->base);
	if (loop->stop_fd >= 0)
		close(loop->stop_fd);
	*loop = (struct loop){.stop_fd = -1};
}

void loop_run(struct loop *loop)
{
	event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void loop_leave(struct loop *loop)
{
	event_base_loopbreak(loop->base);
}

void loop_stop(const struct loop *loop)
{
	uint64_t one = 1;
	ssize_t written = write(loop->stop_fd, &one, sizeof(one));

	(void)written; /* a full counter has asked already */
}

/* ---- alarms ---- */

/* Edge-triggered: an expiry is told once, so the descriptor need not be read. */
static void on_alarm_event(evutil_socket_t fd, short what, void *arg)
{
	struct loop_alarm *alarm = arg;

	(void)fd, (void)what;
	alarm->on_due(alarm->arg);
}

int loop_alarm_init(struct loop_alarm *alarm, struct loop *loop, void (*on_due)(void *arg),
		    void *arg, struct hp_err *err)
{
	*alarm = (struct loop_alarm){.on_due = on_due, .arg = arg};
	alarm->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (alarm->fd < 0)
		return no_loop(err);
	alarm->event = event_new(loop->base, alarm->fd, EV_READ | EV_PERSIST | EV_ET,
				 on_alarm_event, alarm);
	return alarm->event && event_add(alarm->event, NULL) == 0 ? 0 : no_loop(err);
}

void loop_alarm_fini(struct loop_alarm *alarm)
{
	if (!alarm->on_due) /* never made */
		return;
	if (alarm->event)
		event_free(alarm->event);
	if (alarm->fd >= 0)
		close(alarm->fd);
	*alarm = (struct loop_alarm){.fd = -1};
}

void loop_alarm_set(struct loop_alarm *alarm, uint64_t mono_ns)
{
	struct itimerspec due = {.it_interval = {0}};

	if (mono_ns != HP_NEVER) {
		due.it_value.tv_sec = (time_t)(mono_ns / HP_S_NS);
		due.it_value.tv_nsec = (long)(mono_ns % HP_S_NS);
	}
	if (mono_ns == 0)
		due.it_value.tv_nsec = 1; /* zero would disarm */
	timerfd_settime(alarm->fd, TFD_TIMER_ABSTIME, &due, NULL);
}
