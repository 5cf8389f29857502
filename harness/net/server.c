/* The server's life, clock and timers; stations and connections have files of their own. */
#include "net/server.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/clock.h"
#include "net/server_inside.h"

enum { WORKER = 1 }; /* of RECORD_LAG: the receivers */

/* Runs behind all callbacks of one turn: the queue of active events is first in, first out. */
static void on_turn_end(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;
	struct record record = {
		.kind = RECORD_LAG,
		.lag = {.at_ns = server->now_ns, .late_ns = server->turn_late_ns, .worker = WORKER},
	};

	(void)fd, (void)what;
	server->in_turn = false;
	if (server->turn_late_ns > server->config.lag_ns_max)
		history_put(server->config.history, &record);
	server->turn_late_ns = 0;
}

static void be_late(struct server *server, uint64_t late_ns)
{
	if (late_ns > server->turn_late_ns)
		server->turn_late_ns = late_ns;
}

static void read_clock(struct server *server)
{
	uint64_t mono_ns = clock_mono_ns();

	server->started = mono_ns >= server->config.start_ns;
	server->now_ns = server->started ? mono_ns - server->config.start_ns : 0;
	server->wall_ns = clock_wall_ns();
}

void server_enter(struct server *server)
{
	read_clock(server);
	if (!server->in_turn) {
		server->in_turn = true;
		server->turn_from_ns = server->now_ns;
		event_active(server->turn_end, EV_TIMEOUT, 0);
	}
	be_late(server, server->now_ns - server->turn_from_ns);
}

static void arm(struct server *server)
{
	uint64_t next_ns = timers_next_ns(&server->timers);
	struct itimerspec due = {.it_interval = {0}};

	server->armed_ns = next_ns;
	if (next_ns == HP_NEVER)
		return; /* it has fired, or fires once for nothing */
	uint64_t mono_ns = server->config.start_ns + next_ns;
	due.it_value.tv_sec = (time_t)(mono_ns / HP_S_NS);
	due.it_value.tv_nsec = (long)(mono_ns % HP_S_NS);
	if (mono_ns == 0)
		due.it_value.tv_nsec = 1; /* zero would disarm */
	timerfd_settime(server->timer_fd, TFD_TIMER_ABSTIME, &due, NULL);
}

void server_wake_at(struct server *server, const struct timer *timer)
{
	timers_add(&server->timers, timer);
	if (timer->at_ns < server->armed_ns)
		arm(server);
}

static void fire(const struct timer *timer)
{
	struct server_conn *conn = timer->owner;

	if (timer->cookie == 0)
		server_station_review(timer->owner);
	else if (conn->serial == timer->cookie)
		server_conn_due(conn);
}

/* Edge-triggered: an expiry is told once, so the descriptor need not be read. */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;
	struct timer timer;

	(void)fd, (void)what;
	server_enter(server);
	while (server->started && timers_take(&server->timers, server->now_ns, &timer)) {
		be_late(server, server->now_ns - timer.at_ns);
		fire(&timer);
	}
	arm(server);
}

static void on_stop(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	(void)fd, (void)what;
	event_base_loopbreak(server->base);
}

/* As far as it goes without privilege; running out later is an outcome, not an error. */
static void raise_open_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int make_base(struct server *server)
{
	struct event_config *config = event_config_new();

	if (config == NULL)
		return -1;
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_NO_CACHE_TIME);
	event_config_require_features(config, EV_FEATURE_ET);
	server->base = event_base_new_with_config(config);
	event_config_free(config);
	server->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	server->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return server->base != NULL && server->timer_fd >= 0 && server->stop_fd >= 0 ? 0 : -1;
}

static void make_events(struct server *server)
{
	server->timer = event_new(server->base, server->timer_fd, EV_READ | EV_PERSIST | EV_ET,
				  on_timer, server);
	server->stop = event_new(server->base, server->stop_fd, EV_READ | EV_PERSIST, on_stop,
				 server);
	server->turn_end = event_new(server->base, -1, 0, on_turn_end, server);
	event_add(server->timer, NULL);
	event_add(server->stop, NULL);
}

static int open_stations(struct server *server, struct server_receivers receivers,
			 struct hp_err *err)
{
	server->stations = hp_xcalloc(receivers.count, sizeof(*server->stations));
	for (size_t i = 0; i < receivers.count; i++) {
		server->stations[i] = (struct server_station){
			.server = server, .receiver = receivers.at[i], .holder_fd = -1, .fd = -1,
		};
		server->station_count++;
		if (server_station_open(&server->stations[i], err) < 0)
			return -1;
	}
	return 0;
}

struct server *server_new(const struct server_config *config, struct server_receivers receivers,
			  struct hp_err *err)
{
	struct server *server = hp_xcalloc(1, sizeof(*server));

	server->config = *config;
	server->armed_ns = HP_NEVER;
	server->timer_fd = server->stop_fd = -1;
	timers_init(&server->timers);
	raise_open_files();
	if (make_base(server) < 0) {
		hp_err_set(err, HP_EENV, "no event loop: %m; raise the limit of open files");
		server_free(server);
		return NULL;
	}
	make_events(server);
	if (open_stations(server, receivers, err) < 0) {
		server_free(server);
		return NULL;
	}
	return server;
}

static void free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

static void free_conns(struct server_conn *conn)
{
	while (conn != NULL) {
		struct server_conn *next = conn->next;

		free(conn);
		conn = next;
	}
}

static void close_stations(struct server *server)
{
	for (size_t i = 0; i < server->station_count; i++)
		server_station_close(&server->stations[i]);
}

void server_free(struct server *server)
{
	if (server == NULL)
		return;
	close_stations(server);
	free_conns(server->free_conns);
	free_event(server->timer);
	free_event(server->stop);
	free_event(server->turn_end);
	if (server->base != NULL)
		event_base_free(server->base);
	if (server->timer_fd >= 0)
		close(server->timer_fd);
	if (server->stop_fd >= 0)
		close(server->stop_fd);
	timers_fini(&server->timers);
	free(server->stations);
	free(server);
}

const struct port_address *server_address(const struct server *server, size_t receiver_index)
{
	assert(receiver_index < server->station_count);
	return &server->stations[receiver_index].address;
}

void server_start_at(struct server *server, uint64_t start_ns)
{
	server->config.start_ns = start_ns;
}

void server_run(struct server *server)
{
	read_clock(server);
	for (size_t i = 0; i < server->station_count; i++)
		server_station_review(&server->stations[i]);
	event_base_loop(server->base, EVLOOP_NO_EXIT_ON_EMPTY);
	read_clock(server);
	close_stations(server);
}

void server_stop(struct server *server)
{
	uint64_t one = 1;
	ssize_t written = write(server->stop_fd, &one, sizeof(one));

	(void)written; /* a full counter has asked already */
}
