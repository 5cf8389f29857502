/* TLS of the server's connections: see server_inside.h. What lies between a socket's bytes and the
 * session's: the handshake with its faults, records, bytes that are shown before they are taken,
 * and the evidence for the history. */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/random.h"
#include "net/server_inside.h"
#include "net/tcp_evidence.h"

/* ---- contexts ---- */

static int prepare_part(struct server_station *station, const struct behaviour_part *part,
			struct hp_err *err)
{
	const struct behaviour_case nothing = {.now_ns = 0};
	struct handshake handshake = {.certificate = HANDSHAKE_GOOD};

	if (part->row->shake == NULL)
		return 0;
	part->row->shake(part, &nothing, &handshake);
	if (tls_contexts_get(station->contexts, &handshake, err) != NULL)
		return 0;
	return hp_err_wrap(err, "receiver \"%.63s\": %s", station->receiver->config->name,
			   part->row->slug);
}

static int prepare(struct server_station *station, const struct behaviour *behaviour,
		   struct hp_err *err)
{
	for (size_t i = 0; i < behaviour->fault_count; i++)
		if (prepare_part(station, &behaviour->faults[i], err) < 0)
			return -1;
	return prepare_part(station, &behaviour->own, err);
}

int server_tls_prepare(struct server_station *station, struct hp_err *err)
{
	const struct receiver_config *config = station->receiver->config;
	const struct handshake good = {.certificate = HANDSHAKE_GOOD};

	assert(station->server->config.authority != NULL);
	station->contexts = tls_contexts_new(station->server->config.authority, NULL);
	for (unsigned i = 0; i < config->behaviour_count; i++)
		if (prepare(station, &config->behaviours[i], err) < 0)
			return -1;
	return tls_contexts_get(station->contexts, &good, err) != NULL ? 0 : -1;
}

/* ---- life ---- */

struct server_tls *server_tls_new(const struct server_station *station)
{
	struct server_tls *tls;

	if (station->contexts == NULL)
		return NULL;
	tls = hp_xcalloc(1, sizeof(*tls));
	hp_buf_init(&tls->ahead, SESSION_READ_BYTES_MAX);
	tls->seen.acted_ns = HP_NEVER;
	receiver_shake(station->receiver, station->server->now_ns, &tls->handshake);
	return tls;
}

void server_tls_free(struct server_tls *tls)
{
	if (tls == NULL)
		return;
	tls_free(tls->tls);
	hp_buf_fini(&tls->ahead);
	free(tls);
}

void server_tls_begin(struct server_tls *tls, const struct server_station *station, int fd)
{
	struct tls_context *context;
	struct hp_err err;

	tls->phase = tls->handshake.plain ? SERVER_TLS_PLAIN : SERVER_TLS_GARBAGE;
	if (tls->handshake.plain || tls->handshake.garbage_bytes != 0)
		return;
	context = tls_contexts_get(station->contexts, &tls->handshake, &err);
	tls->seen.failed = context == NULL; /* rows that came during the run */
	tls->phase = context == NULL ? SERVER_TLS_OVER : SERVER_TLS_SHAKING;
	if (context != NULL)
		tls->tls = tls_accept(context, fd, &tls->handshake);
}

bool server_tls_is_shaking(const struct server_tls *tls)
{
	return tls->phase >= SERVER_TLS_SHAKING && tls->phase <= SERVER_TLS_GARBAGE;
}

bool server_tls_is_delayed(const struct server_tls *tls)
{
	return tls->phase == SERVER_TLS_HELD && tls_hold(tls->tls) == TLS_HOLD_DELAY;
}

/* ---- the handshake ---- */

static uint64_t later(uint64_t at_ns, uint64_t span_ns)
{
	return span_ns < HP_NEVER - at_ns ? at_ns + span_ns : HP_NEVER;
}

static void hold(struct server_tls *tls, uint64_t now_ns)
{
	enum tls_hold why = tls_hold(tls->tls);
	uint64_t span_ns = why == TLS_HOLD_DELAY ? tls->handshake.delay_ns
						 : tls->handshake.stall_ns;

	tls->seen.acted_ns = now_ns;
	tls->seen.stalled |= why == TLS_HOLD_STALL;
	tls->seen.delayed |= why == TLS_HOLD_DELAY;
	tls->seen.reset |= why == TLS_HOLD_RESET;
	tls->phase = why == TLS_HOLD_RESET ? SERVER_TLS_RESETTING : SERVER_TLS_HELD;
	tls->until_ns = later(now_ns, span_ns);
}

/* A failure of TLS is followed by our FIN, so that the alert before it is read. */
static enum server_tls_phase phase_of(enum tls_result result)
{
	switch (result) {
	case TLS_DONE:
		return SERVER_TLS_OPEN;
	case TLS_WANT_READ:
	case TLS_WANT_WRITE:
		return SERVER_TLS_SHAKING;
	case TLS_FAILED:
		return SERVER_TLS_OVER;
	default:
		return SERVER_TLS_LOST;
	}
}

void server_tls_shake(struct server_tls *tls, uint64_t now_ns)
{
	enum tls_result result;

	if (tls->phase == SERVER_TLS_HELD)
		tls_release(tls->tls);
	result = tls_handshake(tls->tls);
	tls->said_bytes = tls_seen(tls->tls)->bytes_out;
	if (result == TLS_HELD) {
		hold(tls, now_ns);
		return;
	}
	tls->phase = phase_of(result);
	tls->wants_write = result == TLS_WANT_WRITE;
	if (tls->phase == SERVER_TLS_SHAKING)
		return;
	tls->end = tls->phase == SERVER_TLS_OPEN ? TLS_DONE : result;
	tls->more = tls->phase == SERVER_TLS_OPEN && tls_pending(tls->tls);
	if (!tls->seen.delayed)
		tls->seen.acted_ns = now_ns;
}

struct hp_view server_tls_garbage(struct server_tls *tls, const struct server_station *station,
				  char buf[static SESSION_READ_BYTES_MAX])
{
	struct hp_key key = {
		.seed = station->receiver->config->seed, .stream = HP_STREAM_GARBAGE,
		.endpoint = station->receiver->config->endpoint_index,
		.event = tls->handshake.connection,
	};
	size_t bytes = tls->handshake.garbage_bytes;

	for (size_t at = 0; at < bytes; at += sizeof(uint64_t), key.draw++) {
		uint64_t bits = hp_random_bits(&key);
		size_t rest = bytes - at;

		memcpy(buf + at, &bits, rest < sizeof(bits) ? rest : sizeof(bits));
	}
	tls->phase = SERVER_TLS_OVER;
	tls->seen.garbage_out = true;
	tls->seen.acted_ns = station->server->now_ns;
	return (struct hp_view){buf, bytes};
}

/* ---- bytes ---- */

ssize_t server_tls_send(struct server_tls *tls, struct hp_view bytes)
{
	enum tls_result result;
	size_t taken;

	result = tls_send(tls->tls, bytes, &taken);
	tls->said_bytes = tls_seen(tls->tls)->bytes_out;
	if (taken > 0)
		return (ssize_t)taken;
	errno = result == TLS_WANT_READ || result == TLS_WANT_WRITE ? EAGAIN : EPIPE;
	return -1;
}

/* One record, or nothing: then errno says why. */
static size_t read_record(struct server_tls *tls, char *buf, size_t room)
{
	enum tls_result result;
	size_t bytes;

	if (tls->end != TLS_DONE)
		return 0;
	result = tls_recv(tls->tls, buf, room, &bytes);
	tls->more = result == TLS_DONE && tls_pending(tls->tls);
	if (result >= TLS_CLOSED)
		tls->end = result;
	return bytes;
}

/* As recv() says it when nothing was read. */
static ssize_t say_end(const struct server_tls *tls)
{
	if (tls->end != TLS_DONE && tls->end != TLS_RESET)
		return 0;
	errno = tls->end == TLS_RESET ? ECONNRESET : EAGAIN;
	return -1;
}

static size_t take_ahead(struct server_tls *tls, char *buf, size_t room)
{
	size_t bytes = tls->ahead.bytes < room ? tls->ahead.bytes : room;

	memcpy(buf, tls->ahead.at, bytes);
	hp_buf_drop(&tls->ahead, bytes);
	if (tls->ahead.bytes == 0) {
		hp_buf_fini(&tls->ahead);
		hp_buf_init(&tls->ahead, SESSION_READ_BYTES_MAX);
	}
	return bytes;
}

ssize_t server_tls_recv(struct server_tls *tls, char *buf, size_t room)
{
	size_t bytes;

	bytes = tls->ahead.bytes != 0 ? take_ahead(tls, buf, room) : read_record(tls, buf, room);
	return bytes != 0 ? (ssize_t)bytes : say_end(tls);
}

ssize_t server_tls_look(struct server_tls *tls, char buf[static SESSION_READ_BYTES_MAX],
			bool *full)
{
	size_t bytes, room;

	do {
		room = SESSION_READ_BYTES_MAX - tls->ahead.bytes;
		bytes = room != 0 ? read_record(tls, buf, room) : 0;
		hp_buf_add(&tls->ahead, (struct hp_view){buf, bytes});
	} while (bytes != 0);
	*full = room == 0 || tls->end != TLS_DONE;
	if (tls->ahead.bytes == 0)
		return say_end(tls);
	memcpy(buf, tls->ahead.at, tls->ahead.bytes);
	return (ssize_t)tls->ahead.bytes;
}

bool server_tls_has_more(const struct server_tls *tls, size_t shown_bytes)
{
	return tls->more || tls->ahead.bytes > shown_bytes || tls->end != TLS_DONE;
}

bool server_tls_part(struct server_tls *tls)
{
	tls->seen.bare_out |= tls->handshake.no_close_notify;
	return tls_shutdown(tls->tls) != TLS_WANT_WRITE;
}

/* ---- evidence ---- */

/* What stands in clear is a little less than what carries it: the answer errs on the side of more,
 * and never says that all has arrived when something has not. */
uint64_t server_tls_unacked_bytes(const struct server_tls *tls, int fd, uint64_t written_bytes)
{
	uint64_t unacked_bytes;

	if (tls->tls == NULL)
		return tcp_unacked_bytes(fd, written_bytes);
	unacked_bytes = tcp_unacked_bytes(fd, tls->said_bytes);
	if (tls->phase != SERVER_TLS_OPEN || unacked_bytes == HP_NEVER)
		return unacked_bytes;
	return unacked_bytes < written_bytes ? unacked_bytes : written_bytes;
}

static void see(const struct tls *tls, struct handshake_seen *out)
{
	const struct tls_seen *seen = tls_seen(tls);
	/* What a fault holds back was written for OpenSSL, and is not out. */
	uint32_t messages_out = tls_hold(tls) == TLS_HOLD_NONE ? seen->messages_out : 0;

	out->hello_out = messages_out & TLS_MESSAGE(TLS_SERVER_HELLO);
	out->certificate_out = messages_out & TLS_MESSAGE(TLS_CERTIFICATE);
	out->asked_out = messages_out & TLS_MESSAGE(TLS_CERTIFICATE_REQUEST);
	out->alert_in = seen->alert_in != TLS_NO_ALERT;
	out->alert_out = seen->alert_out != TLS_NO_ALERT ? (uint8_t)seen->alert_out : 0;
	out->ready = seen->ready;
	out->resumed = seen->resumed;
	out->written_bytes = seen->bytes_out;
	out->name = seen->name;
}

void server_tls_tell(struct server_conn *conn, uint64_t read_bytes, bool over)
{
	struct server_tls *tls = conn->tls;
	struct handshake_seen seen = tls->seen;

	if (tls->handshake.struck_count == 0)
		return;
	seen.now_ns = conn->station->server->now_ns;
	seen.read_bytes = read_bytes;
	seen.written_bytes = conn->written_bytes;
	seen.over = over;
	seen.peer = (uint8_t)conn->peer;
	seen.name = "";
	if (tls->tls != NULL)
		see(tls->tls, &seen);
	if (seen.acted_ns == HP_NEVER || seen.bare_out)
		seen.acted_ns = seen.now_ns;
	seen.unacked_bytes = tcp_unacked_bytes(conn->fd, seen.written_bytes);
	receiver_shaken(conn->station->receiver, &tls->handshake, &seen);
}
