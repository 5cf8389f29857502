#include "net/courier.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"
#include "net/address.h"
#include "net/clock.h"
#include "net/courier_inside.h"

#define CONTINUE_NS HP_S_NS /* ours: RFC 9110 10.1.1 lets a client not wait for ever */
enum { RAW_BYTES_MAX = 128 * 1024 };

static void trip_open(struct trip *trip);
static void trip_send(struct trip *trip);
static void on_io(evutil_socket_t fd, short what, void *arg);

/* ---- life ---- */

static void on_stop(void *arg)
{
	struct courier *courier = arg;

	courier->stopped = true;
	loop_leave(&courier->loop);
}

static void on_due(void *arg);

struct courier *courier_new(const struct courier_config *config, struct hp_err *err)
{
	struct courier *courier = hp_xcalloc(1, sizeof(*courier));

	courier->config = *config;
	if (loop_init(&courier->loop, on_stop, courier, err) < 0 ||
	    loop_alarm_init(&courier->alarm, &courier->loop, on_due, courier, err) < 0)
		goto failed;
	if (config->host) {
		courier->context = tls_context_client(&config->tls, err);
		if (!courier->context)
			goto failed;
		courier->peer = tls_peer_new(courier->context, config->host);
	}
	return courier;
failed:
	courier_free(courier);
	return NULL;
}

void courier_free(struct courier *courier)
{
	if (!courier)
		return;
	tls_peer_free(courier->peer);
	tls_context_free(courier->context);
	loop_alarm_fini(&courier->alarm);
	loop_fini(&courier->loop);
	free(courier);
}

void courier_stop(struct courier *courier)
{
	loop_stop(&courier->loop);
}

bool courier_stopped(const struct courier *courier)
{
	return courier->stopped;
}

/* ---- time: one alarm for all, at the nearest moment that anybody waits for ---- */

static uint64_t trip_moment_ns(const struct trip *trip)
{
	if (trip->state == TRIP_OVER)
		return HP_NEVER;
	if (trip->state == TRIP_PAUSED || trip->state == TRIP_LEAVING)
		return hp_min(trip->next_ns, trip->due_ns);
	return trip->due_ns;
}

static void set_alarm(struct courier *courier)
{
	uint64_t moment_ns = courier->waiting ? courier->wait_until_ns : HP_NEVER;

	for (size_t i = 0; i < courier->trip_count; i++)
		moment_ns = hp_min(moment_ns, trip_moment_ns(&courier->trips[i]));
	loop_alarm_set(&courier->alarm, moment_ns);
}

/* ---- connections ---- */

static void want(struct trip *trip, short what)
{
	if (trip->wanted == what)
		return;
	if (trip->wanted)
		event_del(&trip->io);
	trip->wanted = what;
	if (!what)
		return;
	event_assign(&trip->io, trip->courier->loop.base, trip->fd, (short)(what | EV_PERSIST),
		     on_io, trip);
	event_add(&trip->io, NULL);
}

/* Closes the connection; with a reset when the peer shall lose what it has not read. */
static void trip_close(struct trip *trip, bool reset)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	want(trip, 0);
	if (trip->tls && !reset)
		tls_shutdown(trip->tls);
	tls_free(trip->tls);
	trip->tls = NULL;
	if (trip->fd >= 0 && reset)
		setsockopt(trip->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	if (trip->fd >= 0)
		close(trip->fd);
	trip->fd = -1;
}

static void release_held(struct courier *courier);

/* The present parcel has its answer: on with the next one, on this connection if it lives. */
static void trip_next(struct trip *trip)
{
	struct courier *courier = trip->courier;
	bool keeps = courier_answer_keeps(trip) && trip->fd >= 0;

	if (!keeps || trip->at + 1 == trip->end)
		trip_close(trip, false);
	if (++trip->at == trip->end) {
		trip->state = TRIP_OVER;
		if (--courier->open_count == 0)
			loop_leave(&courier->loop);
		else
			release_held(courier);
		return;
	}
	trip->fresh = !keeps;
	if (!keeps) {
		trip_open(trip);
		return;
	}
	courier_answer_begin(trip);
	trip->at->answer.connected_ns = trip->at->answer.began_ns;
	trip->due_ns = trip->at->answer.began_ns + courier->config.total_ns;
	trip->sent = 0;
	trip->filled = 0;
	trip->continued = trip->released = false;
	trip->state = TRIP_SENDING;
	trip_send(trip);
}

static void trip_end(struct trip *trip, enum courier_end end)
{
	if (end == COURIER_TLS_FAILED)
		snprintf(trip->at->answer.error, sizeof(trip->at->answer.error), "%s",
			 tls_seen(trip->tls)->error);
	courier_answer_end(trip, end);
	trip_close(trip, end == COURIER_LEFT && trip->at->after == COURIER_ABORT);
	trip_next(trip);
}

static enum courier_end end_of_errno(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return COURIER_REFUSED;
	case EADDRNOTAVAIL:
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return COURIER_NO_PORTS;
	case ECONNRESET:
	case EPIPE:
		return COURIER_RESET;
	default:
		return COURIER_UNREACHABLE;
	}
}

static void trip_open(struct trip *trip)
{
	const struct courier_config *config = &trip->courier->config;
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(&config->address, &storage);
	int one = 1;

	trip->fresh = true;
	courier_answer_begin(trip);
	trip->sent = 0;
	trip->filled = 0;
	trip->continued = trip->released = false;
	trip->state = TRIP_CONNECTING;
	trip->due_ns = trip->at->answer.began_ns + config->connect_ns;
	trip->fd = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (trip->fd < 0) {
		trip_end(trip, end_of_errno(errno));
		return;
	}
	setsockopt(trip->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(trip->fd, (struct sockaddr *)&storage, bytes) < 0 && errno != EINPROGRESS)
		trip_end(trip, end_of_errno(errno));
	else
		want(trip, EV_WRITE);
}

/* ---- sending ---- */

/* How far the parcel may go out now. */
static size_t limit_of(const struct trip *trip)
{
	const struct courier_parcel *parcel = trip->at;
	size_t limit = parcel->bytes.bytes;

	if (parcel->awaits_continue && !trip->continued)
		limit = parcel->head_bytes;
	else if (parcel->piece_bytes && trip->sent < parcel->head_bytes)
		limit = parcel->head_bytes;
	else if (parcel->piece_bytes)
		limit = hp_min(limit, trip->sent + parcel->piece_bytes);
	if (parcel->held && !trip->released && limit == parcel->bytes.bytes)
		limit--;
	return limit;
}

/* send() in clear or through TLS; -1 with EAGAIN or another errno. */
static ssize_t put(struct trip *trip, struct hp_view bytes)
{
	enum tls_result result;
	size_t taken;

	if (!trip->tls)
		return send(trip->fd, bytes.at, bytes.bytes, MSG_NOSIGNAL);
	result = tls_send(trip->tls, bytes, &taken);
	if (taken > 0)
		return (ssize_t)taken;
	errno = result == TLS_WANT_READ || result == TLS_WANT_WRITE ? EAGAIN : EPIPE;
	return -1;
}

/* Sends filler for as long as it is taken; an answer ends it. */
static void trip_fill(struct trip *trip)
{
	const struct courier_parcel *parcel = trip->at;

	trip->state = TRIP_FILLING;
	want(trip, EV_READ | EV_WRITE);
	while (trip->filled < parcel->filler_bytes_max) {
		size_t at = trip->filled % parcel->filler.bytes;
		ssize_t taken = put(trip, (struct hp_view){parcel->filler.at + at,
							   parcel->filler.bytes - at});

		if (taken < 0 && errno == EAGAIN)
			return;
		if (taken < 0)
			break;
		trip->filled += (uint64_t)taken;
		trip->at->answer.bytes_out += (uint64_t)taken;
	}
	want(trip, EV_READ);
	trip->state = TRIP_READING;
}

/* All that may go out went out. */
static void trip_paused(struct trip *trip)
{
	struct courier_parcel *parcel = trip->at;
	uint64_t now_ns = clock_mono_ns();

	if (trip->sent == parcel->bytes.bytes && parcel->filler_bytes_max) {
		trip_fill(trip);
		return;
	}
	if (trip->sent == parcel->bytes.bytes) {
		parcel->answer.sent_ns = now_ns;
		trip->state = parcel->after == COURIER_READ ? TRIP_READING : TRIP_LEAVING;
		trip->next_ns = now_ns + parcel->linger_ns;
		if (parcel->after != COURIER_READ && !parcel->linger_ns)
			trip_end(trip, COURIER_LEFT);
		return;
	}
	if (parcel->held && trip->sent + 1 == parcel->bytes.bytes) {
		trip->state = TRIP_HELD;
		release_held(trip->courier);
		return;
	}
	trip->state = TRIP_PAUSED;
	trip->next_ns = now_ns + (parcel->awaits_continue && !trip->continued ? CONTINUE_NS
									      : parcel->gap_ns);
}

static void trip_send(struct trip *trip)
{
	size_t limit = limit_of(trip);

	want(trip, EV_READ);
	while (trip->sent < limit) {
		struct hp_view rest = {trip->at->bytes.at + trip->sent, limit - trip->sent};
		ssize_t taken = put(trip, rest);

		if (taken < 0 && errno == EAGAIN) {
			want(trip, EV_READ | EV_WRITE);
			return;
		}
		if (taken < 0) { /* the read side says what came before it */
			trip->state = TRIP_READING;
			return;
		}
		trip->sent += (size_t)taken;
		trip->at->answer.bytes_out += (uint64_t)taken;
	}
	trip_paused(trip);
}

/* When all that hold their last byte have come so far, it goes out, one right behind the other. */
static void release_held(struct courier *courier)
{
	for (size_t i = 0; i < courier->trip_count; i++) {
		const struct trip *trip = &courier->trips[i];

		if (trip->state != TRIP_OVER && trip->at->held && trip->state < TRIP_HELD)
			return;
	}
	for (size_t i = 0; i < courier->trip_count; i++) {
		struct trip *trip = &courier->trips[i];

		if (trip->state != TRIP_HELD)
			continue;
		trip->released = true;
		trip->state = TRIP_SENDING;
	}
	for (size_t i = 0; i < courier->trip_count; i++)
		if (courier->trips[i].released && courier->trips[i].state == TRIP_SENDING)
			trip_send(&courier->trips[i]);
}

/* ---- reading ---- */

static void trip_bytes(struct trip *trip, size_t bytes)
{
	bool continued = trip->continued;

	if (courier_answer_take(trip, trip->courier->buf, bytes)) {
		trip_next(trip);
	} else if (trip->continued && !continued && trip->state == TRIP_PAUSED) {
		trip->state = TRIP_SENDING;
		trip_send(trip);
	}
}

/* The peer's end: a body that ends with the connection is whole by it. */
static void trip_peer_end(struct trip *trip, enum courier_end end)
{
	bool whole = end == COURIER_CLOSED && trip->has_head &&
		     trip->framing.framing == HTTP1_UNTIL_CLOSE;

	trip_end(trip, whole ? COURIER_ANSWERED : end);
}

static void read_plain(struct trip *trip)
{
	ssize_t bytes = recv(trip->fd, trip->courier->buf, sizeof(trip->courier->buf), 0);

	if (bytes > 0)
		trip_bytes(trip, (size_t)bytes);
	else if (bytes == 0)
		trip_peer_end(trip, COURIER_CLOSED);
	else if (errno != EAGAIN)
		trip_peer_end(trip, COURIER_RESET);
}

static void read_secured(struct trip *trip)
{
	const struct courier_parcel *parcel = trip->at;
	size_t bytes;
	enum tls_result result;

	do {
		result = tls_recv(trip->tls, trip->courier->buf, sizeof(trip->courier->buf),
				  &bytes);
		if (result == TLS_DONE)
			trip_bytes(trip, bytes);
		else if (result == TLS_CLOSED)
			trip_peer_end(trip, COURIER_CLOSED);
		else if (result != TLS_WANT_READ && result != TLS_WANT_WRITE)
			trip_peer_end(trip, COURIER_RESET);
	} while (trip->at == parcel && trip->tls && result == TLS_DONE);
}

/* ---- the loop's callbacks ---- */

static void trip_ready(struct trip *trip)
{
	trip->at->answer.connected_ns = clock_mono_ns();
	trip->due_ns = trip->at->answer.connected_ns + trip->courier->config.total_ns;
	trip->state = TRIP_SENDING;
	trip_send(trip);
}

static void trip_shake(struct trip *trip)
{
	enum tls_result result = tls_handshake(trip->tls);

	if (result == TLS_DONE)
		trip_ready(trip);
	else if (result == TLS_WANT_READ)
		want(trip, EV_READ);
	else if (result == TLS_WANT_WRITE)
		want(trip, EV_WRITE);
	else
		trip_end(trip, COURIER_TLS_FAILED);
}

static void trip_connected(struct trip *trip)
{
	int error = 0;
	socklen_t bytes = sizeof(error);

	getsockopt(trip->fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
	if (error) {
		trip_end(trip, end_of_errno(error));
	} else if (trip->courier->peer) {
		trip->tls = tls_connect(trip->courier->peer, trip->fd);
		trip->state = TRIP_SHAKING;
		trip_shake(trip);
	} else {
		trip_ready(trip);
	}
}

static void trip_io(struct trip *trip, short what)
{
	if (trip->state == TRIP_CONNECTING)
		trip_connected(trip);
	else if (trip->state == TRIP_SHAKING)
		trip_shake(trip);
	else if (trip->state == TRIP_LEAVING)
		trip_end(trip, COURIER_LEFT);
	else if (what & EV_READ)
		trip->tls ? read_secured(trip) : read_plain(trip);
	else if (trip->state == TRIP_FILLING)
		trip_fill(trip);
	else if (trip->state == TRIP_SENDING)
		trip_send(trip);
}

static void on_io(evutil_socket_t fd, short what, void *arg)
{
	struct trip *trip = arg;

	(void)fd;
	trip_io(trip, what);
	set_alarm(trip->courier);
}

static void trip_late(struct trip *trip)
{
	if (trip->state <= TRIP_SHAKING)
		trip_end(trip, COURIER_NO_CONNECTION);
	else
		trip_end(trip, trip->at->answer.first_byte_ns ? COURIER_UNFINISHED
							      : COURIER_SILENT);
}

static void trip_moment(struct trip *trip, uint64_t now_ns)
{
	if (trip->state == TRIP_OVER)
		return;
	if (trip->due_ns <= now_ns) {
		trip_late(trip);
	} else if (trip->state == TRIP_LEAVING && trip->next_ns <= now_ns) {
		trip_end(trip, COURIER_LEFT);
	} else if (trip->state == TRIP_PAUSED && trip->next_ns <= now_ns) {
		trip->continued = true;
		trip->state = TRIP_SENDING;
		trip_send(trip);
	}
}

static void on_due(void *arg)
{
	struct courier *courier = arg;
	uint64_t now_ns = clock_mono_ns();

	for (size_t i = 0; i < courier->trip_count; i++)
		trip_moment(&courier->trips[i], now_ns);
	if (courier->waiting && courier->wait_until_ns <= now_ns)
		loop_leave(&courier->loop);
	set_alarm(courier);
}

/* ---- taking ---- */

/* One trip for each connection. */
static void plan_trips(struct courier *courier, struct courier_parcel *parcels, size_t count)
{
	courier->trips = hp_xcalloc(count, sizeof(*courier->trips));
	courier->trip_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct trip *trip = &courier->trips[courier->trip_count];

		if (parcels[i].same_connection && courier->trip_count > 0) {
			trip[-1].end = &parcels[i + 1];
			continue;
		}
		*trip = (struct trip){.courier = courier, .fd = -1, .at = &parcels[i],
				      .end = &parcels[i + 1]};
		hp_buf_init(&trip->raw, RAW_BYTES_MAX);
		courier->trip_count++;
	}
	courier->open_count = courier->trip_count;
}

/* What a stop left unanswered. */
static void leave_rest(struct trip *trip)
{
	while (trip->state != TRIP_OVER && trip->at < trip->end) {
		if (!trip->at->answer.began_ns)
			courier_answer_begin(trip);
		courier_answer_end(trip, COURIER_LEFT);
		trip->at++;
	}
	trip_close(trip, false);
}

void courier_take(struct courier *courier, struct courier_parcel *parcels, size_t count)
{
	assert(count > 0 && count <= COURIER_PARCELS_MAX && !courier->trips);
	for (size_t i = 0; i < count; i++)
		parcels[i].answer = (struct courier_answer){.began_ns = 0};
	plan_trips(courier, parcels, count);
	for (size_t i = 0; i < courier->trip_count && !courier->stopped; i++)
		trip_open(&courier->trips[i]);
	set_alarm(courier);
	while (courier->open_count > 0 && !courier->stopped)
		loop_run(&courier->loop);
	for (size_t i = 0; i < courier->trip_count; i++) {
		leave_rest(&courier->trips[i]);
		hp_buf_fini(&courier->trips[i].raw);
	}
	free(courier->trips);
	courier->trips = NULL;
	courier->trip_count = 0;
	set_alarm(courier);
}

void courier_wait(struct courier *courier, uint64_t span_ns)
{
	courier->waiting = true;
	courier->wait_until_ns = clock_mono_ns() + span_ns;
	set_alarm(courier);
	while (clock_mono_ns() < courier->wait_until_ns && !courier->stopped)
		loop_run(&courier->loop);
	courier->waiting = false;
	set_alarm(courier);
}
