/* Stations: the listener of one receiver through its windows.
 * A second socket stays bound to the port and never listens, so that the kernel refuses connections
 * in a refused window and gives the port to nobody else, our own outgoing connections included. */
#include "net/server_inside.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"

enum {
	BACKLOG = 4096,   /* the kernel cuts it to net.core.somaxconn */
	ACCEPTS_MAX = 64, /* in one turn, so that open connections get theirs */
	SHED_MAX = 1024,  /* idle connections closed at a time */
};
#define SHED_IDLE_NS HP_S_NS /* ours: a request follows its connection sooner */
#define TRY_AGAIN_NS (100 * HP_MS_NS) /* ours: after descriptors or the port were missing */

static int bind_socket(const struct port_address *address)
{
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(address, &storage);
	int one = 1, fd = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)); /* accepted ones inherit it */
	if (bind(fd, (struct sockaddr *)&storage, bytes) == 0)
		return fd;
	close(fd);
	return -1;
}

static void read_bound(struct server_station *station)
{
	struct sockaddr_storage storage;
	socklen_t bytes = sizeof(storage);

	if (getsockname(station->holder_fd, (struct sockaddr *)&storage, &bytes) == 0)
		address_from_sockaddr(&storage, &station->address);
}

/* Puts a remark into the history: the run goes on, but a reader must know. */
static void note(struct server_station *station, const char *slug)
{
	struct record record = {.kind = RECORD_NOTE, .note = {.at_ns = station->server->now_ns}};

	snprintf(record.note.text, sizeof(record.note.text), "%s receiver %.60s", slug,
		 station->receiver->config->name);
	history_put(station->server->config.history, &record);
}

static void try_again(struct server_station *station)
{
	server_wake_at(station->server, &(struct timer){
		.at_ns = station->server->now_ns + TRY_AGAIN_NS, .owner = station,
	});
}

/* Takes what waits, up to a bound. True when this machine has nothing to take them with. */
static bool take_waiting(struct server_station *station)
{
	int taken, count = 0;

	do {
		taken = accept4(station->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (taken >= 0)
			server_conn_open(station, taken);
	} while ((taken >= 0 || errno == ECONNABORTED) && ++count < ACCEPTS_MAX);
	return taken < 0 && hp_err_shortage(errno) != NULL;
}

/* Without descriptors for those that wait, connections that do nothing must go: a crowd that
 * connects and stays silent shuts nobody out. */
static void shed(struct server_station *station)
{
	struct server_conn *next;
	int count = 0;

	for (struct server_conn *conn = station->conns; conn != NULL && count < SHED_MAX;
	     conn = next) {
		next = conn->next;
		if (!server_conn_is_idle(conn, SHED_IDLE_NS))
			continue;
		server_conn_close(conn);
		count++;
	}
}

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct server_station *station = arg;

	(void)fd, (void)what;
	server_enter(station->server);
	if (!take_waiting(station))
		return;
	event_del(station->accept); /* level-triggered: it would spin */
	shed(station);
	note(station, "descriptors-exhausted");
	try_again(station);
}

static void stop_listening(struct server_station *station)
{
	int error = errno;

	if (station->accept != NULL)
		event_free(station->accept);
	station->accept = NULL;
	if (station->fd >= 0)
		close(station->fd);
	if (station->plug_fd >= 0)
		close(station->plug_fd);
	station->fd = station->plug_fd = -1;
	errno = error;
}

/* -1 with errno when the port cannot be listened to. */
static int listen_again(struct server_station *station)
{
	station->fd = bind_socket(&station->address);
	if (station->fd < 0)
		return -1;
	station->accept = event_new(station->server->loop.base, station->fd, EV_READ | EV_PERSIST,
				    on_accept, station);
	if (listen(station->fd, BACKLOG) == 0 && station->accept != NULL &&
	    event_add(station->accept, NULL) == 0)
		return 0;
	stop_listening(station);
	return -1;
}

static int cannot_listen(const struct server_station *station, struct hp_err *err)
{
	const char *shortage = hp_err_shortage(errno);

	return hp_err_set(err, shortage ? HP_EENV : HP_EUSAGE,
			  "receiver \"%.63s\" cannot listen on port %u: %m; %s",
			  station->receiver->config->name, station->address.number,
			  shortage ? shortage : "use port 0, or one that is free");
}

int server_station_open(struct server_station *station, struct hp_err *err)
{
	station->gap_from_ns = HP_NEVER;
	station->address = station->receiver->config->listen;
	if (station->receiver->config->tls && server_tls_prepare(station, err) < 0)
		return -1;
	station->holder_fd = bind_socket(&station->address);
	if (station->holder_fd >= 0)
		read_bound(station);
	if (station->holder_fd < 0 || listen_again(station) < 0)
		return cannot_listen(station, err);
	return 0;
}

static void end_gap(struct server_station *station)
{
	struct record record = {
		.kind = RECORD_GAP,
		.gap = {
			.from_ns = station->gap_from_ns, .to_ns = station->server->now_ns,
			.endpoint_index = station->receiver->config->endpoint_index,
			.behaviour = station->gap_behaviour,
		},
	};

	if (station->gap_from_ns == HP_NEVER)
		return;
	history_put(station->server->config.history, &record);
	station->gap_from_ns = HP_NEVER;
}

static void begin_gap(struct server_station *station, uint64_t window_now_ns)
{
	uint8_t number = receiver_gap_behaviour(station->receiver, window_now_ns);

	if (number == station->gap_behaviour && station->gap_from_ns != HP_NEVER)
		return;
	end_gap(station);
	station->gap_from_ns = station->server->now_ns;
	station->gap_behaviour = number;
}

static void for_each_conn(struct server_station *station, void (*act)(struct server_conn *conn))
{
	struct server_conn *next;

	for (struct server_conn *conn = station->conns; conn != NULL; conn = next) {
		next = conn->next; /* act() may bury this one, and no other */
		act(conn);
	}
}

void server_station_close(struct server_station *station)
{
	for_each_conn(station, server_conn_close);
	tls_contexts_free(station->contexts);
	station->contexts = NULL;
	end_gap(station);
	stop_listening(station);
	if (station->holder_fd >= 0)
		close(station->holder_fd);
	station->holder_fd = -1;
}

static void (*const when_closed[])(struct server_conn *conn) = {
	[BEHAVIOUR_OPEN_RESET] = server_conn_reset,
	[BEHAVIOUR_OPEN_DRAIN] = server_conn_drain,
	[BEHAVIOUR_OPEN_KEEP] = NULL,
};

/* Once at the begin of each window in which nobody is taken. */
static void set_closed(struct server_station *station, bool closed, uint64_t window_now_ns)
{
	if (closed && !station->closed) {
		enum behaviour_open open = receiver_window_begins(station->receiver, window_now_ns);
		if (when_closed[open] != NULL)
			for_each_conn(station, when_closed[open]);
	}
	station->closed = closed;
}

static void set_listening(struct server_station *station, bool listening)
{
	if (!listening) {
		stop_listening(station);
		return;
	}
	if (station->fd < 0 && listen_again(station) < 0) {
		note(station, "cannot-listen");
		try_again(station);
	}
}

/* A queue of length 0 still takes one connection: our own. Then the kernel drops each SYN, until it
 * is taken out again (observed on Linux 6.1). */
static void plug(struct server_station *station)
{
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(&station->address, &storage);

	event_del(station->accept);
	listen(station->fd, 0);
	station->plug_fd = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (station->plug_fd >= 0 &&
	    (connect(station->plug_fd, (struct sockaddr *)&storage, bytes) == 0 ||
	     errno == EINPROGRESS))
		return;
	note(station, "cannot-drop-connections");
}

static void unplug(struct server_station *station)
{
	int taken = accept4(station->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (taken >= 0)
		close(taken);
	close(station->plug_fd);
	station->plug_fd = -1;
	listen(station->fd, BACKLOG);
	event_add(station->accept, NULL);
}

static void set_dropping(struct server_station *station, bool dropping)
{
	bool plugged = station->plug_fd >= 0;

	if (station->accept == NULL || dropping == plugged)
		return;
	if (dropping) {
		take_waiting(station);
		plug(station);
	} else {
		unplug(station);
	}
}

static void set_frozen(struct server_station *station, bool frozen)
{
	if (station->accept != NULL && frozen)
		event_del(station->accept);
	else if (station->accept != NULL && station->plug_fd < 0)
		event_add(station->accept, NULL);
	if (frozen == station->frozen)
		return;
	station->frozen = frozen;
	for_each_conn(station, frozen ? server_conn_freeze : server_conn_thaw);
}

static uint64_t sooner(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns < b_ns ? a_ns : b_ns;
}

void server_station_review(struct server_station *station)
{
	struct server *server = station->server;
	uint64_t now_ns = server->started ? server->now_ns : HP_NEVER;
	uint64_t listen_ns, thaw_ns, drop_ns, until_ns;
	bool listening = receiver_listening(station->receiver, now_ns, &listen_ns);
	bool dropping = receiver_dropping(station->receiver, now_ns, &drop_ns);
	bool frozen = receiver_frozen(station->receiver, now_ns, &thaw_ns);

	if (listening && !frozen && !dropping)
		end_gap(station);
	else
		begin_gap(station, now_ns);
	set_dropping(station, dropping && listening);
	set_listening(station, listening);
	set_closed(station, dropping || !listening, now_ns);
	set_frozen(station, frozen);
	until_ns = server->started ? sooner(listen_ns, sooner(thaw_ns, drop_ns)) : 0;
	if (until_ns != HP_NEVER)
		server_wake_at(server, &(struct timer){.at_ns = until_ns, .owner = station});
}
