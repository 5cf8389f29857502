/* Calls from other threads into the server's: one at a time, the caller waits for the end of its
 * own. While the server does not run nobody else touches its receivers, and the caller does it. */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "net/server_inside.h"

static void do_call(struct server *server)
{
	struct server_calls *calls = &server->calls;

	calls->act(calls->arg, server->now_ns);
	calls->waiting = false;
	pthread_cond_broadcast(&calls->done);
}

static void on_call(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) != (ssize_t)sizeof(count))
		return;
	server_enter(server);
	pthread_mutex_lock(&server->calls.lock);
	if (server->calls.waiting)
		do_call(server);
	pthread_mutex_unlock(&server->calls.lock);
}

int server_calls_init(struct server *server, struct hp_err *err)
{
	struct server_calls *calls = &server->calls;

	pthread_mutex_init(&calls->lock, NULL);
	pthread_cond_init(&calls->done, NULL);
	calls->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (calls->fd >= 0)
		calls->event = event_new(server->loop.base, calls->fd, EV_READ | EV_PERSIST,
					 on_call, server);
	if (calls->event != NULL && event_add(calls->event, NULL) == 0)
		return 0;
	return hp_err_set(err, HP_EENV, "no event for the receivers: %m; " HP_RAISE_OPEN_FILES);
}

void server_calls_fini(struct server *server)
{
	struct server_calls *calls = &server->calls;

	if (calls->event != NULL)
		event_free(calls->event);
	if (calls->fd > 0)
		close(calls->fd);
	pthread_cond_destroy(&calls->done);
	pthread_mutex_destroy(&calls->lock);
}

void server_calls_run(struct server *server, bool running)
{
	pthread_mutex_lock(&server->calls.lock);
	server->calls.running = running;
	if (!running && server->calls.waiting)
		do_call(server);
	pthread_mutex_unlock(&server->calls.lock);
}

void server_call(struct server *server, void (*act)(void *arg, uint64_t now_ns), void *arg)
{
	struct server_calls *calls = &server->calls;
	uint64_t one = 1;

	pthread_mutex_lock(&calls->lock);
	if (!calls->running) {
		act(arg, server->now_ns);
		pthread_mutex_unlock(&calls->lock);
		return;
	}
	assert(!calls->waiting); /* one thread calls */
	calls->act = act;
	calls->arg = arg;
	calls->waiting = true;
	if (write(calls->fd, &one, sizeof(one)) < 0)
		assert(errno == EAGAIN); /* it is awake already */
	while (calls->waiting)
		pthread_cond_wait(&calls->done, &calls->lock);
	pthread_mutex_unlock(&calls->lock);
}
