#include "tests/mutants/mutant_io.h"
#include <openssl/ssl.h>
#include <poll.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "tests/mutants/mutant_defects.h"

enum {
	BUFFER_BYTES = 32 * 1024,
	IDLE_MS = 60 * 1000,      /* between requests */
	REQUEST_MS = 10 * 1000,   /* a head, and again a body */
	PATIENCE_MS = 600 * 1000, /* of a receiver that has no deadlines */
	WRITE_MS = 10 * 1000,
	LINGER_MS = 500,
	LINGER_BYTES_MAX = 1024 * 1024,
	WORKERS = 64, /* of a receiver that gives one to each client: more than a burst has */
};

struct io {
	int fd;
	SSL *tls; /* NULL: in clear */
	char buffer[BUFFER_BYTES];
	size_t start, end;
	uint64_t deadline_ms;
	bool gone, working;
};

static SSL_CTX *context;
static sem_t workers;
static pthread_once_t workers_once = PTHREAD_ONCE_INIT;

static void make_workers(void)
{
	sem_init(&workers, 0, WORKERS);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool io_use_tls(const char *certificate, const char *key)
{
	bool old = defect_is(DEFECT_OLD_TLS);

	context = SSL_CTX_new(TLS_server_method());
	if (!context)
		abort();
	SSL_CTX_set_min_proto_version(context, old ? TLS1_VERSION : TLS1_2_VERSION);
	if (old) /* today's library signs with SHA-1 at level 0 only */
		SSL_CTX_set_security_level(context, 0);
	return SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
	       SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1;
}

/* A peer that wants no TLS is gone. */
static void shake_hands(struct io *io)
{
	struct timeval limit = {.tv_sec = REQUEST_MS / 1000};
	unsigned char first = 0;

	setsockopt(io->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	io->gone = recv(io->fd, &first, 1, MSG_PEEK) != 1;
	if (io->gone || (first != 0x16 && defect_is(DEFECT_CLEAR_TEXT_TOO)))
		return;
	io->tls = SSL_new(context);
	if (!io->tls)
		abort();
	SSL_set_fd(io->tls, io->fd);
	io->gone = SSL_accept(io->tls) != 1;
}

struct io *io_open(int fd)
{
	struct io *io = calloc(1, sizeof(*io));

	if (!io)
		abort();
	io->fd = fd;
	if (context)
		shake_hands(io);
	return io;
}

int io_fd(const struct io *io)
{
	return io->fd;
}

static void rest(struct io *io)
{
	if (io->working)
		sem_post(&workers);
	io->working = false;
}

/* Sends the end and reads a little more, so that no reset overtakes the answer. */
void io_close(struct io *io)
{
	struct pollfd wait = {.fd = io->fd, .events = POLLIN};
	uint64_t until_ms = now_ms() + LINGER_MS;
	size_t read_bytes = 0;
	ssize_t got = 1;

	rest(io);
	if (io->tls)
		SSL_shutdown(io->tls);
	shutdown(io->fd, SHUT_WR);
	while (!io->gone && got > 0 && read_bytes < LINGER_BYTES_MAX && now_ms() < until_ms &&
	       poll(&wait, 1, (int)(until_ms - now_ms())) > 0) {
		got = recv(io->fd, io->buffer, sizeof(io->buffer), MSG_DONTWAIT);
		read_bytes += got > 0 ? (size_t)got : 0;
	}
	SSL_free(io->tls);
	close(io->fd);
	free(io);
}

static enum io_got fill(struct io *io)
{
	struct pollfd wait = {.fd = io->fd, .events = POLLIN};
	uint64_t now = now_ms();
	ssize_t got;

	if (io->gone)
		return IO_GONE;
	if (!io->tls || SSL_pending(io->tls) == 0)
		if (now >= io->deadline_ms || poll(&wait, 1, (int)(io->deadline_ms - now)) == 0)
			return IO_LATE;
	io->start = io->end = 0;
	got = io->tls ? SSL_read(io->tls, io->buffer, sizeof(io->buffer))
		      : recv(io->fd, io->buffer, sizeof(io->buffer), 0);
	io->gone = got <= 0;
	io->end = got > 0 ? (size_t)got : 0;
	return io->gone ? IO_GONE : IO_BYTES;
}

void io_begin(struct io *io)
{
	bool patient = defect_is(DEFECT_WORKER_PER_CLIENT);

	io->deadline_ms = now_ms() + (patient ? PATIENCE_MS : REQUEST_MS);
}

void io_await(struct io *io)
{
	rest(io);
	io->deadline_ms = now_ms() + IDLE_MS;
	if (io->start == io->end && fill(io) != IO_BYTES)
		io->gone = true;
	if (defect_is(DEFECT_WORKER_PER_CLIENT) && !io->gone) {
		pthread_once(&workers_once, make_workers);
		while (sem_wait(&workers) < 0)
			;
		io->working = true;
	}
	io_begin(io);
}

enum io_got io_byte(struct io *io, char *byte)
{
	enum io_got got = io->start == io->end ? fill(io) : IO_BYTES;

	if (got == IO_BYTES)
		*byte = io->buffer[io->start++];
	return got;
}

enum io_got io_some(struct io *io, size_t max, struct view *some)
{
	enum io_got got = io->start == io->end ? fill(io) : IO_BYTES;

	if (got != IO_BYTES)
		return got;
	*some = (struct view){io->buffer + io->start, io->end - io->start};
	if (some->bytes > max)
		some->bytes = max;
	io->start += some->bytes;
	return IO_BYTES;
}

bool io_has_bytes(const struct io *io)
{
	return io->start != io->end;
}

void io_unread(struct io *io, struct view bytes)
{
	size_t kept = io->end - io->start;

	if (bytes.bytes + kept > sizeof(io->buffer))
		return;
	memmove(io->buffer + bytes.bytes, io->buffer + io->start, kept);
	memcpy(io->buffer, bytes.at, bytes.bytes);
	io->start = 0;
	io->end = bytes.bytes + kept;
}

bool io_write(struct io *io, struct view bytes)
{
	struct timeval limit = {.tv_sec = WRITE_MS / 1000};

	if (io->tls)
		return !io->gone && SSL_write(io->tls, bytes.at, (int)bytes.bytes) > 0;
	setsockopt(io->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	while (bytes.bytes != 0) {
		ssize_t took = send(io->fd, bytes.at, bytes.bytes, MSG_NOSIGNAL);

		if (took <= 0)
			return false;
		bytes = (struct view){bytes.at + took, bytes.bytes - (size_t)took};
	}
	return true;
}

bool io_was_reset(struct io *io, int wait_ms)
{
	struct pollfd wait = {.fd = io->fd};

	return poll(&wait, 1, wait_ms) > 0 && (wait.revents & POLLERR);
}
