/* Behaviours of simulated receivers: what a receiver does to deliveries, as rows of tables, one
 * table for each layer (rows_*.c). A row names its parameters with units, defaults, ranges and
 * help, so that the scenario loader, `hookproof list faults` and the docs are expanded from it.
 * A *guard* row (`first-n`, `share`, `outage`, `plan`) says when, and holds other rows that say
 * what; in a document both stand flat in one object:
 * {"behaviour": "first-n", "n": 2, "fault": "status", "code": 503}.
 *
 * Decisions are pure: a function of (seed, endpoint, event, attempt) and, for windows, of the time
 * since the run's start. Never of the order of arrival, a connection or a clock; the rows that
 * cannot help it are marked load_dependent, and their records say what decided.
 * Who carries a decision out: receivers/session.c, net/, sim/. */
#ifndef HP_RECEIVERS_BEHAVIOUR_H
#define HP_RECEIVERS_BEHAVIOUR_H
#include "base/err.h"
#include "receivers/handshake.h"
#include "receivers/lookup.h"
#include "receivers/script.h"

enum {
	BEHAVIOUR_PARAMS_MAX = 7,
	BEHAVIOUR_TEXTS_MAX = 3,
	BEHAVIOUR_TEXT_BYTES = 128, /* of a text parameter, with NUL */
	BEHAVIOUR_FAULTS_MAX = 100, /* of one guard: attempts that can be planned */
};
#define BEHAVIOUR_MICRO UINT64_C(1000000) /* a share of 1 */

enum behaviour_unit {
	BEHAVIOUR_SPAN,    /* ns; a document writes "20ms", or "never" where max is HP_NEVER */
	BEHAVIOUR_COUNT,   /* a whole number */
	BEHAVIOUR_BYTES,   /* a document writes 512 or "64KiB" */
	BEHAVIOUR_RATE,    /* bytes a second, written as a number */
	BEHAVIOUR_SECONDS, /* whole seconds on the wire, as a number */
	BEHAVIOUR_STATUS,  /* an HTTP status, as a number */
	BEHAVIOUR_SHARE,   /* millionths; a document writes 0.05, also above 1 where max allows */
	BEHAVIOUR_BOOL,    /* true or false; the value is 1 or 0 */
	BEHAVIOUR_WORD,    /* one of the row's words; the value is its index */
	BEHAVIOUR_TEXT,    /* at most BEHAVIOUR_TEXT_BYTES - 1 bytes; the value is its index among
			    * the part's texts */
	BEHAVIOUR_PATTERNS, /* texts without spaces that may end with '*'; a document writes one, or
			     * a list; kept as one text with spaces between */
	BEHAVIOUR_ADDRESSES, /* addresses of 127.0.0.0/8, one or a list; kept like PATTERNS */
	BEHAVIOUR_FILE, /* a file's name, kept as a text; the loader reads it, a delay in ms a line,
			 * and lends what is in it to the part: see samples */
};
const char *behaviour_unit_word(enum behaviour_unit unit);

struct behaviour_param {
	const char *name; /* the key in a document; NULL ends a row's list */
	enum behaviour_unit unit;
	uint64_t standard, min, max; /* default and range; words and texts have no range */
	const char *standard_text;   /* of a text; NULL: "" */
	const char *const *words;    /* of a WORD, NULL behind the last */
	bool optional;               /* without a default: not given is a meaning of its own */
	const char *help;
};

struct behaviour_row;
struct latency_samples; /* receivers/latency.h */

struct behaviour_part { /* a row with values for its parameters, in the row's order */
	const struct behaviour_row *row; /* NULL: nothing */
	uint32_t given; /* bit i: parameter i was given, or has a default */
	uint64_t values[BEHAVIOUR_PARAMS_MAX];
	char texts[BEHAVIOUR_TEXTS_MAX][BEHAVIOUR_TEXT_BYTES];
	const struct latency_samples *samples; /* of a row with a FILE; borrowed; NULL: not read */
};

struct behaviour {
	struct behaviour_part own;
	struct behaviour_part *faults; /* of a guard: what it does when it strikes; borrowed */
	size_t fault_count;            /* one, but for a plan: one for each attempt */
};

enum behaviour_layer {
	BEHAVIOUR_NAME,
	BEHAVIOUR_TCP,
	BEHAVIOUR_TLS,
	BEHAVIOUR_HTTP,
	BEHAVIOUR_SEQUENCE,
	BEHAVIOUR_TIME,
};
const char *behaviour_layer_word(enum behaviour_layer layer);

enum behaviour_stage { /* when a row that plays or shakes hands is decided */
	BEHAVIOUR_ON_REQUEST, /* the whole request is there */
	BEHAVIOUR_IN_REQUEST, /* before all of it is read: the session looks ahead for the event */
	BEHAVIOUR_ON_CONNECT, /* on accept, no event is known: never under a guard by event */
	BEHAVIOUR_ON_QUERY,   /* our resolver is asked for the receiver's name: no event either */
};

enum behaviour_effect { /* whether the delivery takes effect at the receiver */
	BEHAVIOUR_EFFECT_BY_STATUS, /* with a 2xx in the script */
	BEHAVIOUR_EFFECT_NEVER,
	BEHAVIOUR_EFFECT_ALWAYS,
};

enum behaviour_station { /* what a row does to the whole receiver while it strikes */
	BEHAVIOUR_SERVES,
	BEHAVIOUR_REFUSES, /* nobody listens: RST to each SYN, open connections are reset */
	BEHAVIOUR_DROPS,   /* the queue of the listener is full: SYNs are not answered */
	BEHAVIOUR_FREEZES, /* sockets stay open, nothing happens */
};

enum behaviour_open { /* what becomes of open connections when nobody listens any more */
	BEHAVIOUR_OPEN_RESET, /* RST at once */
	BEHAVIOUR_OPEN_DRAIN, /* requests whose head was read are answered, then FIN; idle: FIN */
	BEHAVIOUR_OPEN_KEEP,  /* they go on as if nothing had happened */
};

struct behaviour_edge { /* what the begin of a window in which nobody listens does */
	enum behaviour_open open;
	bool forgets; /* what the receiver has seen is lost */
};

struct behaviour_state { /* of one behaviour at one receiver, zero at the run's start */
	uint64_t a, b;   /* the row's own; none may be a secret */
};

struct behaviour_case { /* what a decision may depend on, and nothing else */
	uint64_t seed;
	uint32_t endpoint_index;
	uint64_t identity; /* digest of the event's identity; of a query its enum lookup_type */
	struct hp_view key;  /* the identity as text; empty on connect and on a query */
	struct hp_view type; /* the event's type; empty: not known */
	uint32_t ordinal;  /* arrivals of that event at that endpoint, from 1; on connect: of
			    * connections at that endpoint; on a query: of those of its type */
	uint64_t now_ns;   /* since the run's start; HP_NEVER: not started, no window has begun */
	uint64_t in_flight; /* load-dependent rows: deliveries decided, not answered, with this */
	const struct behaviour_state *states; /* load-dependent rows: one for each of the list;
					       * NULL: rows that need one do not strike */
	uint32_t draw;     /* place in the receiver's list: set by behaviour_decide() */
};

struct behaviour_request { /* what a script may depend on */
	const struct behaviour_case *c;
	uint64_t head_bytes, body_bytes; /* of the request; HP_NEVER: not known */
	int success_status;  /* what this receiver answers otherwise */
	uint64_t timeout_ns; /* of the sender for a whole answer, by its profile */
	uint64_t wall_ns;    /* the moment, since 1970; of rows that vary */
	const char *url;     /* of the receiver itself */
	bool closing;        /* the connection ends after this exchange */
};

struct behaviour_row {
	uint8_t number; /* from 1, stored in run files: never used again for another row; 0 ends a
			 * table */
	const char *slug, *help;
	const char *proof; /* how it is seen to have happened, for `list faults` */
	enum behaviour_layer layer;
	enum behaviour_stage stage;
	enum behaviour_effect effect;
	enum behaviour_station station; /* of a row by time that is no matter of deliveries */
	struct behaviour_param params[BEHAVIOUR_PARAMS_MAX + 1];
	const char *fault_key;      /* of a guard: the key that names what it holds; else NULL */
	const char *fault_standard; /* of a guard: the slug when that key is not given */
	bool by_plan;        /* of a guard: fault_key holds an array, one object for each attempt */
	bool by_time;        /* it strikes by time alone: it may hold what is no matter of events */
	bool load_dependent; /* what it does depends on concurrency: a repeat may differ */
	bool varies;         /* its script depends on the request and is written each time */
	bool closing;        /* when it strikes the connection ends after the answer */

	/* Whether the row strikes in this case; NULL: always. A row by time also says until when
	 * that holds (HP_NEVER: for ever), others leave *until_ns alone. */
	bool (*strikes)(const struct behaviour_part *part, const struct behaviour_case *c,
			uint64_t *until_ns);
	/* What it adds to the time before the first step; NULL: nothing. */
	uint64_t (*delay_ns)(const struct behaviour_part *part, const struct behaviour_case *c);
	/* Writes the script; NULL: it decides no answer. */
	void (*play)(const struct behaviour_part *part, const struct behaviour_request *request,
		     struct script *out);
	/* On connect, of a TLS receiver: changes how it shakes hands; NULL: not at all. */
	void (*shake)(const struct behaviour_part *part, const struct behaviour_case *c,
		      struct handshake *out);
	/* Of a row that shakes hands: whether it was carried out, by what was seen. */
	bool (*shook)(const struct behaviour_row *row, const struct handshake *handshake,
		      const struct handshake_seen *seen);
	/* On a query: changes the answer to it, or leaves it alone and says false; NULL: not at
	 * all. A row that adds time has delay_ns instead. */
	bool (*resolve)(const struct behaviour_part *part, const struct behaviour_case *c,
			struct lookup *out);
	/* How far the receiver's clock is ahead, ns; NULL: not at all. */
	int64_t (*clock_ns)(const struct behaviour_part *part);
	/* How long an idle connection is kept; NULL: for ever. */
	uint64_t (*idle_ns)(const struct behaviour_part *part);
	/* Of a row that stops listening, or of a guard by time; NULL: open ones are reset. */
	struct behaviour_edge (*edge)(const struct behaviour_part *part);
	/* A delivery was decided in this case: the row takes it into its state; NULL: none. */
	void (*settle)(const struct behaviour_part *part, const struct behaviour_case *c,
		       struct behaviour_state *state);
	/* Rules between parameters; NULL: none. -1 with HP_EINPUT, without a place. */
	int (*check)(const struct behaviour_part *part, struct hp_err *err);
	/* Of a guard: whether it can hold that fault. -1 with HP_EINPUT, without a place. */
	int (*holds)(const struct behaviour_part *part, const struct behaviour_row *fault,
		     struct hp_err *err);
	/* What lint says about values that are legal, or NULL; NULL: never anything. */
	const char *(*remark)(const struct behaviour_part *part);
};

/* The tables, each ended by number 0; NULL behind the last. In the order of docs and listings. */
extern const struct behaviour_row *const behaviour_tables[];
size_t behaviour_row_count(void);
const struct behaviour_row *behaviour_row_at(size_t index);

/* Other names for slugs, as modes of an outage are called. Ended by NULL. */
struct behaviour_alias {
	const char *name, *slug;
};
extern const struct behaviour_alias behaviour_aliases[];

/* The row of that slug or alias, or of that number; NULL when there is none. */
const struct behaviour_row *behaviour_find(struct hp_view slug);
const struct behaviour_row *behaviour_by_number(uint8_t number);

/* The place of a parameter in a row's list, or -1. */
int behaviour_param_index(const struct behaviour_row *row, struct hp_view name);

/* A part with the row's defaults; the loader then writes values and sets bits of `given`. */
void behaviour_part_init(struct behaviour_part *part, const struct behaviour_row *row);

/* For rows: whether parameter `index` was given or has a default, and its text. */
static inline bool behaviour_given(const struct behaviour_part *part, unsigned index)
{
	return part->given >> index & 1;
}
static inline const char *behaviour_text(const struct behaviour_part *part, unsigned index)
{
	return part->texts[part->values[index]];
}

/* What a single parameter cannot know: relations between values, and faults that a guard cannot
 * hold. -1 with HP_EINPUT and no place: the loader knows where the object stands. */
int behaviour_check(const struct behaviour *behaviour, struct hp_err *err)
	__attribute__((warn_unused_result));

/* What acts when the behaviour strikes in this case: itself, or one of a guard's faults. */
const struct behaviour_part *behaviour_acting(const struct behaviour *behaviour,
					      const struct behaviour_case *c);

struct behaviour_list {
	const struct behaviour *at; /* borrowed */
	size_t count;
};

struct behaviour_decision {
	size_t index; /* into the list: who plays; the list's count: nobody, success */
	const struct behaviour_part *part; /* that plays; NULL: nobody */
	const struct behaviour_part *noted; /* plays nothing, leaves a record; NULL: none */
	uint64_t delay_ns; /* all that struck and add time */
	bool closing;      /* one that struck ends the connection after the answer */
};

/* Decides one delivery: the first row that strikes and plays decides, what adds time adds. Rows of
 * connections and of stations decide nothing here, except that one that REFUSES and resets open
 * connections counts as a reset: the request slipped in at the edge of a window. */
struct behaviour_decision behaviour_decide(struct behaviour_list list,
					   const struct behaviour_case *c);

/* Decides one connection: the same over the rows ON_CONNECT. A row that shakes hands is asked by
 * behaviour_shake(), also when another one plays. */
struct behaviour_decision behaviour_meet(struct behaviour_list list,
					 const struct behaviour_case *c);
void behaviour_shake(struct behaviour_list list, const struct behaviour_case *c,
		     struct handshake *out);

/* Decides one query of a receiver's name, over the rows ON_QUERY: the first that changes *out
 * decides, which holds what is answered otherwise; what adds time adds, also to a silence. */
void behaviour_resolve(struct behaviour_list list, const struct behaviour_case *c,
		       struct lookup *out);

/* A delivery was decided in this case, and is not only looked at: rows take it into their states,
 * one for each behaviour of the list. Called once, after behaviour_decide(). */
void behaviour_settle(struct behaviour_list list, const struct behaviour_case *c,
		      struct behaviour_state *states);

/* Whether what it decides depends on the order of arrival or on what is in flight. */
bool behaviour_load_dependent(const struct behaviour *behaviour);

/* Whether the row can stand under a guard: it does not say itself when it strikes, and is no matter
 * of the whole receiver at all times. */
bool behaviour_is_fault(const struct behaviour_row *row);

/* Whether any row of the list, or held by one, is decided at that stage. */
bool behaviour_any(struct behaviour_list list, enum behaviour_stage stage);

/* The first behaviour that does that to the whole receiver at now_ns, or the list's count.
 * *until_ns: the next moment at which this answer may change; HP_NEVER: it will not. */
size_t behaviour_holding(struct behaviour_list list, enum behaviour_station station,
			 const struct behaviour_case *c, uint64_t *until_ns);

/* What happens when that behaviour begins to hold: of one that REFUSES or DROPS. */
struct behaviour_edge behaviour_edge(const struct behaviour *behaviour);
#endif
