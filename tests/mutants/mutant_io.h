/* The bytes of one connection, in clear or in TLS, with deadlines: the thread that calls waits. */
#ifndef HP_TESTS_MUTANTS_IO_H
#define HP_TESTS_MUTANTS_IO_H
#include "tests/mutants/mutant_bytes.h"

enum io_got { IO_BYTES, IO_LATE, IO_GONE };
struct io;

/* Every connection that is opened afterwards must begin with a handshake (a defect lets clear text
 * pass, another one old versions). False when the two PEM files are of no use. */
bool io_use_tls(const char *certificate, const char *key);

struct io *io_open(int fd); /* takes fd; returns new */
void io_close(struct io *io); /* takes io; lets the peer read what was written last */
int io_fd(const struct io *io);

/* Waits for the first byte of a request: from there its head has a deadline. */
void io_await(struct io *io);
/* A new deadline, for the body. */
void io_begin(struct io *io);

enum io_got io_byte(struct io *io, char *byte);
/* At most so many bytes, as they came in; *some is good until the next call. */
enum io_got io_some(struct io *io, size_t max, struct view *some);
bool io_has_bytes(const struct io *io);
void io_unread(struct io *io, struct view bytes);

bool io_write(struct io *io, struct view bytes); /* false: the peer is gone, or reads nothing */
bool io_was_reset(struct io *io, int wait_ms);
#endif
