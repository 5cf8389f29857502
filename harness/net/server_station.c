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
};
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

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct server_station *station = arg;
	int taken, count = 0;

	(void)what;
	server_enter(station->server);
	do {
		taken = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (taken >= 0)
			server_conn_open(station, taken);
	} while ((taken >= 0 || errno == ECONNABORTED) && ++count < ACCEPTS_MAX);
	if (taken >= 0 || (errno != EMFILE && errno != ENFILE))
		return;
	event_del(station->accept); /* level-triggered: it would spin */
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
	station->fd = -1;
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

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
	       error == ENOSPC;
}

int server_station_open(struct server_station *station, struct hp_err *err)
{
	const struct receiver_config *config = station->receiver->config;

	station->gap_from_ns = HP_NEVER;
	station->address = config->listen;
	station->holder_fd = bind_socket(&station->address);
	if (station->holder_fd >= 0)
		read_bound(station);
	if (station->holder_fd < 0 || listen_again(station) < 0)
		return hp_err_set(err, is_shortage(errno) ? HP_EENV : HP_EUSAGE,
				  "receiver \"%.63s\" cannot listen on port %u: %m; use port 0, or "
				  "one that is free", config->name, station->address.number);
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
	end_gap(station);
	stop_listening(station);
	if (station->holder_fd >= 0)
		close(station->holder_fd);
	station->holder_fd = -1;
}

static void set_listening(struct server_station *station, bool listening)
{
	if (!listening) {
		stop_listening(station);
		for_each_conn(station, server_conn_reset);
		return;
	}
	if (station->fd < 0 && listen_again(station) < 0) {
		note(station, "cannot-listen");
		try_again(station);
	}
}

static void set_frozen(struct server_station *station, bool frozen)
{
	if (station->accept != NULL && frozen)
		event_del(station->accept);
	else if (station->accept != NULL)
		event_add(station->accept, NULL);
	if (frozen == station->frozen)
		return;
	station->frozen = frozen;
	for_each_conn(station, frozen ? server_conn_freeze : server_conn_thaw);
}

void server_station_review(struct server_station *station)
{
	struct server *server = station->server;
	uint64_t now_ns = server->started ? server->now_ns : HP_NEVER;
	uint64_t until_ns, thaw_ns;
	bool listening = receiver_listening(station->receiver, now_ns, &until_ns);
	bool frozen = receiver_frozen(station->receiver, now_ns, &thaw_ns);

	if (listening && !frozen)
		end_gap(station);
	else
		begin_gap(station, now_ns);
	set_listening(station, listening);
	set_frozen(station, frozen);
	if (thaw_ns < until_ns)
		until_ns = thaw_ns;
	if (!server->started)
		until_ns = 0;
	if (until_ns != HP_NEVER)
		server_wake_at(server, &(struct timer){.at_ns = until_ns, .owner = station});
}
