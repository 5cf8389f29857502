/* Behaviours of simulated receivers: what a receiver does to deliveries, as rows of a table.
 * A row names its parameters with units, defaults, ranges and help, so that the scenario loader,
 * `hookproof list faults` and the docs are expanded from it. A *guard* row (`first-n`, `share`,
 * `outage`) says when, and holds another row that says what; in a document both stand flat in one
 * object: {"behaviour": "first-n", "n": 2, "fault": "status", "code": 503}.
 *
 * Decisions are pure: a function of (seed, endpoint, event, attempt) and, for windows, of the time
 * since the run's start. Never of the order of arrival, a connection or a clock.
 * One more behaviour is one more row in behaviour.c and its test. Who carries a decision out:
 * receivers/session.c, net/server.c, sim/. */
#ifndef HP_RECEIVERS_BEHAVIOUR_H
#define HP_RECEIVERS_BEHAVIOUR_H
#include "base/err.h"
#include "base/span.h"

enum {
	BEHAVIOUR_PARAMS_MAX = 6,
	BEHAVIOUR_TEXT_BYTES = 128, /* of a text parameter, with NUL */
};
#define BEHAVIOUR_MICRO UINT64_C(1000000) /* a share of 1 */

enum behaviour_unit {
	BEHAVIOUR_SPAN,   /* ns; a document writes "20ms", or "never" where max is HP_NEVER */
	BEHAVIOUR_COUNT,  /* a whole number */
	BEHAVIOUR_SECONDS, /* whole seconds on the wire, as a number */
	BEHAVIOUR_STATUS, /* an HTTP status, as a number */
	BEHAVIOUR_SHARE,  /* millionths; a document writes 0.05 */
	BEHAVIOUR_TEXT,   /* a text of at most BEHAVIOUR_TEXT_BYTES - 1 bytes; one per row */
};
const char *behaviour_unit_word(enum behaviour_unit unit);

struct behaviour_param {
	const char *name; /* the key in a document; NULL ends a row's list */
	enum behaviour_unit unit;
	uint64_t standard, min, max; /* default and range, all within; not of a text */
	const char *standard_text;   /* of a text; NULL: "" */
	bool optional;               /* without a default: not given is a meaning of its own */
	const char *help;
};

struct behaviour_row;

struct behaviour_part { /* a row with values for its parameters, in the row's order */
	const struct behaviour_row *row; /* NULL: nothing */
	uint32_t given; /* bit i: parameter i was given, or has a default */
	uint64_t values[BEHAVIOUR_PARAMS_MAX];
	char text[BEHAVIOUR_TEXT_BYTES];
};

struct behaviour { /* plain data: copied freely */
	struct behaviour_part own;
	struct behaviour_part fault; /* of a guard: what it does when it strikes */
};

enum behaviour_end { /* what becomes of a delivery */
	BEHAVIOUR_PASSES,       /* the row decides nothing about the answer */
	BEHAVIOUR_ANSWERS,      /* with a status; an effect only if that is a 2xx */
	BEHAVIOUR_RESETS,       /* RST instead of an answer, nothing was done */
	BEHAVIOUR_RESETS_LATE,  /* RST instead of an answer, after the effect */
	BEHAVIOUR_STAYS_SILENT, /* no answer for ever, after the effect */
	BEHAVIOUR_REFUSES,      /* nobody listens: decided for the listener, not for a delivery */
	BEHAVIOUR_FREEZES,      /* sockets stay open, nothing happens: for the whole receiver */
};

struct behaviour_answer { /* what a row answers, fixed by its parameters */
	enum behaviour_end end;
	int status;
	uint64_t retry_after_s; /* HP_NEVER: no such header */
	const char *body;       /* borrowed from the part; "" when there is none */
};

struct behaviour_case { /* what a decision may depend on, and nothing else */
	uint64_t seed;
	uint32_t endpoint_index;
	uint64_t identity; /* digest of the event's identity */
	uint32_t ordinal;  /* arrivals of that event at that endpoint, from 1 */
	uint64_t now_ns;   /* since the run's start; HP_NEVER: not started, no window has begun */
	uint32_t draw;     /* place in the receiver's list: set by behaviour_decide() */
};

struct behaviour_row {
	uint8_t number; /* from 1, stored in run files: never used again for another row */
	const char *slug, *help;
	struct behaviour_param params[BEHAVIOUR_PARAMS_MAX + 1];
	const char *fault_key;      /* of a guard: the key that names the row it holds; else NULL */
	const char *fault_standard; /* of a guard: the slug when that key is not given */
	bool by_time; /* of a guard: it strikes by time alone, so it may hold what REFUSES */

	/* Whether the row strikes in this case; NULL: always. A row by time also says until when
	 * that holds (HP_NEVER: for ever), others leave *until_ns alone. */
	bool (*strikes)(const struct behaviour_part *part, const struct behaviour_case *c,
			uint64_t *until_ns);
	/* What it adds to the time before the answer; NULL: nothing. */
	uint64_t (*delay_ns)(const struct behaviour_part *part, const struct behaviour_case *c);
	/* What it answers; NULL: it decides no answer. */
	void (*answer)(const struct behaviour_part *part, struct behaviour_answer *out);
	/* Rules between parameters; NULL: none. -1 with HP_EINPUT, without a place. */
	int (*check)(const struct behaviour_part *part, struct hp_err *err);
};

/* All rows, in the order of docs and listings. */
extern const struct behaviour_row behaviour_rows[];
extern const size_t behaviour_row_count;

/* The row of that slug, or of that number; NULL when there is none. */
const struct behaviour_row *behaviour_find(struct hp_view slug);
const struct behaviour_row *behaviour_by_number(uint8_t number);

/* The place of a parameter in a row's list, or -1. */
int behaviour_param_index(const struct behaviour_row *row, struct hp_view name);

/* A part with the row's defaults; the loader then writes values and sets bits of `given`. */
void behaviour_part_init(struct behaviour_part *part, const struct behaviour_row *row);

/* The row with its defaults, a guard with its default fault. */
void behaviour_init(struct behaviour *behaviour, const struct behaviour_row *row);

/* What a single parameter cannot know: relations between values, and faults that a guard cannot
 * hold. -1 with HP_EINPUT and no place: the loader knows where the object stands. */
int behaviour_check(const struct behaviour *behaviour, struct hp_err *err)
	__attribute__((warn_unused_result));

/* What the behaviour answers when it strikes: of the fault, when it is a guard. */
struct behaviour_answer behaviour_answer(const struct behaviour *behaviour);

struct behaviour_decision {
	size_t index;      /* into the list: who decided; the list's count: nobody, success */
	enum behaviour_end end; /* BEHAVIOUR_PASSES when nobody decided */
	uint64_t delay_ns; /* all that struck and add time */
};

struct behaviour_list {
	const struct behaviour *at; /* borrowed */
	size_t count;
};

/* Decides one delivery. The first row that strikes and answers decides; what adds time adds.
 * Rows that REFUSE count as RESETS: the request slipped in at the edge of a window.
 * Rows that FREEZE decide nothing here. */
struct behaviour_decision behaviour_decide(struct behaviour_list list,
					   const struct behaviour_case *c);

/* The first behaviour with that end (REFUSES or FREEZES) that holds at now_ns, or the list's
 * count. *until_ns: the next moment at which this answer may change; HP_NEVER: it will not. */
size_t behaviour_holding(struct behaviour_list list, enum behaviour_end end,
			 const struct behaviour_case *c, uint64_t *until_ns);
#endif
