/* The socket as OpenSSL sees it: reads and writes that are counted and never raise SIGPIPE, and the
 * gate in front of the writes, which faults of a handshake close. */
#include <errno.h>
#include <openssl/bio.h>
#include <sys/socket.h>

#include "net/tls_inside.h"

enum { RECORD_HEAD_BYTES = 5, ALERT_BYTES = RECORD_HEAD_BYTES + 2 }; /* RFC 8446 5.1, 6 */

static bool would_block(int error)
{
	return error == EAGAIN || error == EINTR;
}

static ssize_t socket_send(struct tls *tls, struct hp_view bytes)
{
	ssize_t taken = send(tls->fd, bytes.at, bytes.bytes, MSG_NOSIGNAL);

	if (taken > 0)
		tls->seen.bytes_out += (uint64_t)taken;
	else if (!would_block(errno))
		tls->socket_errno = errno;
	return taken;
}

/* OpenSSL leaves out alerts that it does not know, and sends others under another number: the one
 * that a fault asks for is put into the record here. Nothing is encrypted yet. */
static struct hp_view put_alert(const struct tls *tls, struct hp_view bytes,
				char record[static ALERT_BYTES])
{
	if (!tls->saying || bytes.bytes != ALERT_BYTES)
		return bytes;
	memcpy(record, bytes.at, ALERT_BYTES);
	record[ALERT_BYTES - 1] = (char)tls->saying;
	return (struct hp_view){record, ALERT_BYTES};
}

static int on_write(BIO *bio, const char *at, size_t count, size_t *written)
{
	struct tls *tls = BIO_get_data(bio);
	char record[ALERT_BYTES];
	struct hp_view bytes = put_alert(tls, (struct hp_view){at, count}, record);
	ssize_t taken;

	BIO_clear_retry_flags(bio);
	*written = count;
	if (tls->gate.closed) {
		tls->gate.flight |= tls->gate.held.bytes == 0;
		return hp_buf_add(&tls->gate.held, bytes);
	}
	taken = socket_send(tls, bytes);
	*written = taken > 0 ? (size_t)taken : 0;
	if (taken <= 0 && !tls->socket_errno)
		BIO_set_retry_write(bio);
	return taken > 0;
}

static int on_read(BIO *bio, char *at, size_t room, size_t *got)
{
	struct tls *tls = BIO_get_data(bio);
	ssize_t bytes = recv(tls->fd, at, room, 0);

	BIO_clear_retry_flags(bio);
	*got = bytes > 0 ? (size_t)bytes : 0;
	tls->seen.bytes_in += *got;
	if (bytes == 0)
		tls->ended = true;
	else if (bytes < 0 && would_block(errno))
		BIO_set_retry_read(bio);
	else if (bytes < 0)
		tls->socket_errno = errno;
	return bytes > 0;
}

static long on_ctrl(BIO *bio, int command, long number, void *pointer)
{
	const struct tls *tls = BIO_get_data(bio);

	(void)number, (void)pointer;
	if (command == BIO_CTRL_EOF)
		return tls->ended;
	return command == BIO_CTRL_FLUSH; /* nothing waits here: the gate is drained by itself */
}

/* One for the process: its functions are the same for all. */
static BIO_METHOD *method;
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;

static void make_method(void)
{
	method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "hookproof socket");
	if (!method)
		return;
	BIO_meth_set_write_ex(method, on_write);
	BIO_meth_set_read_ex(method, on_read);
	BIO_meth_set_ctrl(method, on_ctrl);
}

struct bio_st *tls_bio_new(struct tls *tls)
{
	BIO *bio;

	CRYPTO_THREAD_run_once(&once, make_method);
	bio = method ? BIO_new(method) : NULL;
	if (!bio)
		return NULL;
	BIO_set_data(bio, tls);
	BIO_set_init(bio, 1);
	return bio;
}

/* ---- the gate ---- */

void tls_gate_record(struct tls_gate *gate)
{
	gate->open++;
}

void tls_gate_message(struct tls_gate *gate, uint8_t type)
{
	for (; gate->open > 0; gate->open--, type = 0)
		if (gate->closed && gate->count < TLS_GATE_RECORDS_MAX)
			gate->types[gate->count++] = type;
}

static enum handshake_point point_of(uint8_t type)
{
	if (type == TLS_CERTIFICATE)
		return HANDSHAKE_AT_CERTIFICATE;
	return type == TLS_FINISHED ? HANDSHAKE_AT_FINISHED : HANDSHAKE_NOWHERE;
}

/* What the faults say about sending this message now. */
static enum tls_hold hold_before(const struct tls *tls, uint8_t type)
{
	enum handshake_point point = point_of(type);

	if (tls->delays && tls->gate.flight)
		return TLS_HOLD_DELAY;
	if (point == HANDSHAKE_NOWHERE || tls->gate.released)
		return TLS_HOLD_NONE;
	if (point == tls->stall)
		return TLS_HOLD_STALL;
	return point == tls->reset ? TLS_HOLD_RESET : TLS_HOLD_NONE;
}

/* The first record of what is held; all of it when the rest is shorter than a record says. */
static size_t record_bytes(const struct hp_buf *held)
{
	const unsigned char *head = (const unsigned char *)held->at;
	size_t bytes;

	if (held->bytes < RECORD_HEAD_BYTES)
		return held->bytes;
	bytes = RECORD_HEAD_BYTES + (size_t)head[3] * 256 + head[4];
	return bytes < held->bytes ? bytes : held->bytes;
}

static void gate_passed(struct tls_gate *gate)
{
	gate->record_sent = 0;
	gate->released = false;
	if (gate->count == 0)
		return;
	gate->count--;
	memmove(gate->types, gate->types + 1, gate->count);
}

static enum tls_result send_record(struct tls *tls)
{
	struct tls_gate *gate = &tls->gate;
	size_t left = record_bytes(&gate->held) - gate->record_sent;
	ssize_t taken;

	taken = socket_send(tls, (struct hp_view){gate->held.at + gate->record_sent, left});
	if (taken < 0)
		return tls->socket_errno ? TLS_RESET : TLS_WANT_WRITE;
	gate->record_sent += (size_t)taken;
	if ((size_t)taken < left)
		return TLS_WANT_WRITE;
	hp_buf_drop(&gate->held, gate->record_sent);
	gate_passed(gate);
	return TLS_DONE;
}

enum tls_result tls_gate_drain(struct tls *tls)
{
	struct tls_gate *gate = &tls->gate;

	while (gate->held.bytes > 0) {
		enum tls_result result;

		tls->hold = hold_before(tls, gate->count ? gate->types[0] : 0);
		if (tls->hold != TLS_HOLD_NONE && gate->record_sent == 0)
			return TLS_HELD;
		result = send_record(tls);
		if (result != TLS_DONE)
			return result;
	}
	tls->hold = TLS_HOLD_NONE;
	return TLS_DONE;
}
