/* The server's life, clock and timers; stations and connections have files of their own. */
#include "net/server.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/clock.h"
#include "net/server_dns.h"
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
	server->armed_ns = timers_next_ns(&server->timers);
	if (server->armed_ns != HP_NEVER)
		loop_alarm_set(&server->alarm, server->config.start_ns + server->armed_ns);
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
	else if (timer->cookie == SERVER_DNS_TIMER)
		server_dns_due(timer->owner);
	else if (conn->serial == timer->cookie)
		server_conn_due(conn);
}

static void on_timer(void *arg)
{
	struct server *server = arg;
	struct timer timer;

	server_enter(server);
	while (server->started && timers_take(&server->timers, server->now_ns, &timer)) {
		be_late(server, server->now_ns - timer.at_ns);
		fire(&timer);
	}
	arm(server);
}

static void on_stop(void *arg)
{
	struct server *server = arg;

	loop_leave(&server->loop);
}

static int make_loop(struct server *server, struct hp_err *err)
{
	if (loop_init(&server->loop, on_stop, server, err) < 0 ||
	    loop_alarm_init(&server->alarm, &server->loop, on_timer, server, err) < 0)
		return -1;
	server->turn_end = event_new(server->loop.base, -1, 0, on_turn_end, server);
	return server_calls_init(server, err);
}

static int open_stations(struct server *server, struct server_receivers receivers,
			 struct hp_err *err)
{
	server->stations = hp_xcalloc(receivers.count, sizeof(*server->stations));
	for (size_t i = 0; i < receivers.count; i++) {
		server->stations[i] = (struct server_station){
			.server = server, .receiver = receivers.at[i], .holder_fd = -1, .fd = -1,
			.plug_fd = -1,
		};
		server->station_count++;
		if (server_station_open(&server->stations[i], err) < 0)
			return -1;
	}
	return 0;
}

static int open_dns(struct server *server, struct hp_err *err)
{
	if (server->config.dns.family == 0)
		return 0;
	server->dns = server_dns_new(server, &server->config.dns, err);
	return server->dns != NULL ? 0 : -1;
}

struct server *server_new(const struct server_config *config, struct server_receivers receivers,
			  struct hp_err *err)
{
	struct server *server = hp_xcalloc(1, sizeof(*server));

	server->config = *config;
	server->armed_ns = HP_NEVER;
	timers_init(&server->timers);
	if (make_loop(server, err) == 0 && open_stations(server, receivers, err) == 0 &&
	    open_dns(server, err) == 0)
		return server;
	server_free(server);
	return NULL;
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
	server_dns_free(server->dns);
	close_stations(server);
	free_conns(server->free_conns);
	server_calls_fini(server);
	loop_alarm_fini(&server->alarm);
	if (server->turn_end)
		event_free(server->turn_end);
	loop_fini(&server->loop);
	timers_fini(&server->timers);
	free(server->stations);
	free(server);
}

const struct port_address *server_address(const struct server *server, size_t receiver_index)
{
	assert(receiver_index < server->station_count);
	return &server->stations[receiver_index].address;
}

const struct port_address *server_dns_address(const struct server *server)
{
	return server->dns != NULL ? server_dns_where(server->dns) : NULL;
}

const struct server_dns_counters *server_dns_counters(const struct server *server)
{
	return server_dns_counted(server->dns);
}

void server_start_at(struct server *server, uint64_t start_ns)
{
	server->config.start_ns = start_ns;
}

static void review_conns(const struct server_station *station)
{
	for (struct server_conn *conn = station->conns; conn != NULL; conn = conn->next)
		session_review(&conn->session);
}

void server_review(struct server *server)
{
	for (size_t i = 0; i < server->station_count; i++) {
		review_conns(&server->stations[i]);
		server_station_review(&server->stations[i]);
	}
}

void server_run(struct server *server)
{
	read_clock(server);
	server_review(server);
	server_calls_run(server, true);
	loop_run(&server->loop);
	server_calls_run(server, false);
	read_clock(server);
	server_dns_end(server->dns);
	close_stations(server);
}

void server_stop(struct server *server)
{
	loop_stop(&server->loop);
}
