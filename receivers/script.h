/* A script: what a receiver does on a connection about one delivery, step by step. Every answer is
 * one, the plain 204 too; a fault is a script that a correct receiver would never play.
 * A row of behaviour.h writes it, session.c performs it, net/ and sim/ carry its steps out. A
 * script that depends on its parameters alone is written once for each receiver and shared.
 * Not here: which script is played (receiver.c). */
#ifndef HP_RECEIVERS_SCRIPT_H
#define HP_RECEIVERS_SCRIPT_H
#include "base/buf.h"
#include "base/span.h"
#include "base/view.h"

enum {
	SCRIPT_STEPS_MAX = 8,
	SCRIPT_TEXT_BYTES_MAX = 64 * 1024, /* longer output is a short text many times over */
};

enum script_verb {
	SCRIPT_WAIT,  /* for span_ns */
	SCRIPT_WRITE, /* a part of the text, times over */
	SCRIPT_SHUT,  /* our FIN; what comes is still read (half close) */
	SCRIPT_HOLD,  /* nothing more, until the peer leaves or span_ns have passed */
	SCRIPT_AWAIT, /* until the first byte behind the request is there; it stays unread */
	SCRIPT_CLOSE, /* FIN and no RST: what is unread is drained first; the last step */
	SCRIPT_RESET, /* RST; the last step */
};

struct script_step {
	enum script_verb verb;
	uint64_t span_ns; /* of WAIT and HOLD, HP_NEVER: for ever; of WRITE: between pieces */
	uint32_t from, bytes; /* of WRITE: the part of the text */
	uint32_t piece_bytes; /* of WRITE: handed over in pieces of so many bytes; 0: at once */
	uint64_t times;       /* of WRITE: how often the part is written; at least 1 */
};

struct script {
	int status; /* that a sender may read in it; 0: none */
	bool whole; /* a complete and well-formed answer: with a 2xx in it, a success */
	/* Of the request, so many bytes are read before the first step; HP_NEVER: all of it. What
	 * lies behind them stays unread until an answer is written whole, and for ever in a script
	 * that holds, closes or resets. */
	uint64_t read_bytes;
	uint32_t read_bytes_per_s; /* 0: as fast as it comes */
	unsigned count;
	struct script_step steps[SCRIPT_STEPS_MAX]; /* behind the last one, unless that closes,
						     * the next request is served */
	struct hp_buf text;
};

/* An empty script: reads all of the request, does nothing. */
void script_init(struct script *script);
void script_fini(struct script *script);

/* Appends a step. Our bug: more than SCRIPT_STEPS_MAX of them. */
void script_wait(struct script *script, uint64_t span_ns);
void script_shut(struct script *script);
void script_hold(struct script *script, uint64_t span_ns);
void script_await(struct script *script);
void script_close(struct script *script);
void script_reset(struct script *script);

/* How the bytes of a WRITE go out; all zero: once, at once. */
struct script_pace {
	uint32_t piece_bytes;
	uint64_t pause_ns; /* between two pieces */
	uint64_t times;    /* 0 is 1 */
};

/* Appends a WRITE of text bytes [from, to); nothing when that is empty. */
void script_write(struct script *script, size_t from, size_t to, struct script_pace pace);

/* Appends text, and a WRITE of it, once and at once. Returns where the text begins. */
size_t script_say(struct script *script, struct hp_view text);

/* An ordinary answer's parts. */
struct script_answer {
	int status;
	const char *reason;  /* NULL: the registered one (RFC 9110 15) */
	const char *headers; /* whole lines with CRLF, or "" */
	struct hp_view body;
	bool closing;        /* says "Connection: close" */
};

/* Where the pieces of an answer lie in the text. */
struct script_layout {
	size_t status_line_end, head_end, end; /* from 0; head_end is behind the blank line */
};

/* Appends the text of an ordinary answer with Content-Length (none with 204 and 304), sets status.
 * No step: the caller writes of it what it wants. */
struct script_layout script_put_answer(struct script *script, const struct script_answer *answer);

/* The same, and writes it whole; a closing one then closes. */
void script_answer(struct script *script, const struct script_answer *answer);

/* The registered reason phrase, or "Status". */
const char *script_reason(int status);
#endif
