/* One row of behaviours, played: its parameters written as text, its script, the bytes that it puts
 * on the wire, and what a strict client (wire/http1.h) makes of them. */
#ifndef HP_TESTS_LIB_PLAYING_H
#define HP_TESTS_LIB_PLAYING_H
#include "receivers/behaviour.h"

enum { PLAYING_WIRE_BYTES_MAX = 4 * 1024 * 1024, PLAYING_TEXT_BYTES = 256 };

struct playing {
	struct behaviour_part part;
	struct behaviour_case c;
	struct behaviour_request request;
	struct script script;
	struct hp_buf wire; /* all WRITEs in order, up to PLAYING_WIRE_BYTES_MAX */
	char steps[PLAYING_TEXT_BYTES]; /* "write", "write*3" (times), "write/16@5ms" (paced),
					 * "wait 200ms", "hold never", "shut", "await", "close",
					 * "reset" */
	char read[PLAYING_TEXT_BYTES];  /* "done", "done+5" (bytes behind the end), "more", "bad",
					 * "until-close": of the first answer that is not 1xx */
	int status;                     /* of that answer; 0: its head is not read */
	bool keep_alive;                /* that answer lets the connection be used again */
};

/* A row with its defaults, played by a receiver at http://127.0.0.1:8080/hooks that otherwise
 * answers 204, for event 1, attempt 1 and seed 1 at Sun, 06 Nov 1994 08:49:37 GMT. */
void playing_init(struct playing *playing, const char *slug);
void playing_fini(struct playing *playing);

/* Sets parameters: "code=503;set=html". Words by name, all else as in behaviour_part. */
void playing_set(struct playing *playing, const char *params);

/* Asserts that the values are allowed, plays, and reads. May be called again. */
void playing_play(struct playing *playing);

/* Whether behaviour_check() takes the values. */
bool playing_is_allowed(const struct playing *playing);

/* Whether a strict client sees one complete, well-formed, final answer. */
bool playing_reads_whole(const struct playing *playing);

struct playing_row { /* of a test's table */
	const char *slug, *params;
	struct hp_view wire;
	const char *steps, *read;
	int status; /* that the script claims */
	bool closing; /* the connection is to end after the answer */
};

/* Asserts that the row, played, gives exactly that, and that `whole` is true to the wire. */
void playing_expect(const struct playing_row *row);
#endif
