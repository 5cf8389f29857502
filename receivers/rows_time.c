/* When a fault strikes, by the clock: half-open windows from the run's start; and what a receiver
 * does by the clock as a whole. See behaviour.h. */
#include "base/random.h"
#include "receivers/rows.h"

#define FROM_PARAM                                                                                \
	{"from", BEHAVIOUR_SPAN, 0, 0, ROWS_WINDOW_NS_MAX, .help = "begins so long after the start"}

static bool in_window(uint64_t from_ns, uint64_t to_ns, uint64_t now_ns, uint64_t *until_ns)
{
	bool before = now_ns < from_ns, inside = !before && now_ns < to_ns;

	*until_ns = before ? from_ns : inside ? to_ns : HP_NEVER;
	return inside;
}

/* what becomes of open connections when a window begins in which nobody listens */

static const char *const open_words[] = {"reset", "drain", "keep", NULL}; /* enum behaviour_open */

#define OPEN_PARAM                                                                                \
	{"open_connections", BEHAVIOUR_WORD, BEHAVIOUR_OPEN_RESET, .words = open_words,           \
	 .help = "what becomes of them when nobody listens any more"}

static struct behaviour_edge edge_of(uint64_t open)
{
	return (struct behaviour_edge){.open = (enum behaviour_open)open};
}

static int holds_open(uint64_t open, const struct behaviour_row *fault, struct hp_err *err)
{
	if (open == BEHAVIOUR_OPEN_RESET || fault->station == BEHAVIOUR_REFUSES ||
	    fault->station == BEHAVIOUR_DROPS)
		return 0;
	return hp_err_set(err, HP_EINPUT,
			  "\"open_connections\" is for modes in which nobody listens; \"%s\" is "
			  "none",
			  fault->slug);
}

/* outage */

enum outage_param { OUTAGE_FROM, OUTAGE_TO, OUTAGE_OPEN };

static bool strikes_outage(const struct behaviour_part *part, const struct behaviour_case *c,
			   uint64_t *until_ns)
{
	return in_window(part->values[OUTAGE_FROM], part->values[OUTAGE_TO], c->now_ns, until_ns);
}

static int check_outage(const struct behaviour_part *part, struct hp_err *err)
{
	if (part->values[OUTAGE_FROM] >= part->values[OUTAGE_TO])
		return hp_err_set(err, HP_EINPUT, "want \"from\" before \"to\"");
	return 0;
}

static struct behaviour_edge edge_outage(const struct behaviour_part *part)
{
	return edge_of(part->values[OUTAGE_OPEN]);
}

static int holds_outage(const struct behaviour_part *part, const struct behaviour_row *fault,
			struct hp_err *err)
{
	return holds_open(part->values[OUTAGE_OPEN], fault, err);
}

/* flapping: cycle after cycle up, then down. With jitter each edge is off by at most half of the
 * shorter state, so that no two edges change places. */

enum flapping_param { FLAPPING_UP, FLAPPING_DOWN, FLAPPING_PHASE, FLAPPING_JITTER, FLAPPING_OPEN };
enum flapping_edge { EDGE_UP, EDGE_DOWN, EDGE_COUNT };
enum { FLAPPING_PHASE_DRAW = EDGE_COUNT }; /* beside the edges, in the key's place for an attempt */

static struct hp_key flapping_key(const struct behaviour_case *c, uint64_t cycle, uint32_t use)
{
	return (struct hp_key){
		.seed = c->seed, .stream = HP_STREAM_FLAP, .endpoint = c->endpoint_index,
		.event = cycle, .attempt = use, .draw = c->draw,
	};
}

/* How far into its first cycle the receiver starts. */
static uint64_t phase_of(const struct behaviour_part *part, const struct behaviour_case *c)
{
	const struct hp_key key = flapping_key(c, 0, FLAPPING_PHASE_DRAW);
	uint64_t period_ns = part->values[FLAPPING_UP] + part->values[FLAPPING_DOWN];

	if (behaviour_given(part, FLAPPING_PHASE))
		return part->values[FLAPPING_PHASE];
	return hp_random_below(&key, period_ns);
}

/* The moment of an edge, in time that began with the first cycle. */
static uint64_t edge_ns(const struct behaviour_part *part, const struct behaviour_case *c,
			uint64_t cycle, enum flapping_edge edge)
{
	uint64_t up_ns = part->values[FLAPPING_UP], down_ns = part->values[FLAPPING_DOWN];
	uint64_t half_ns = (up_ns < down_ns ? up_ns : down_ns) / 2;
	double jitter = (double)part->values[FLAPPING_JITTER] / (double)BEHAVIOUR_MICRO;
	uint64_t reach_ns = hp_span_scale(half_ns, jitter);
	uint64_t at_ns = cycle * (up_ns + down_ns) + (edge == EDGE_DOWN ? up_ns : 0);
	const struct hp_key key = flapping_key(c, cycle, edge);

	if (at_ns == 0 || reach_ns == 0)
		return at_ns;
	return at_ns - reach_ns + hp_random_below(&key, 2 * reach_ns);
}

static bool strikes_flapping(const struct behaviour_part *part, const struct behaviour_case *c,
			     uint64_t *until_ns)
{
	uint64_t period_ns = part->values[FLAPPING_UP] + part->values[FLAPPING_DOWN];
	uint64_t phase_ns, at_ns, next_ns;

	*until_ns = HP_NEVER;
	if (c->now_ns == HP_NEVER)
		return false;
	phase_ns = phase_of(part, c);
	at_ns = c->now_ns + phase_ns;
	for (uint64_t i = 0;; i++) { /* at most to the last edge of the next cycle */
		next_ns = edge_ns(part, c, at_ns / period_ns + i / EDGE_COUNT,
				  (enum flapping_edge)(i % EDGE_COUNT));
		if (at_ns >= next_ns)
			continue;
		*until_ns = next_ns - phase_ns;
		return i % EDGE_COUNT == EDGE_UP; /* down until it comes up */
	}
}

static struct behaviour_edge edge_flapping(const struct behaviour_part *part)
{
	return edge_of(part->values[FLAPPING_OPEN]);
}

static int holds_flapping(const struct behaviour_part *part, const struct behaviour_row *fault,
			  struct hp_err *err)
{
	return holds_open(part->values[FLAPPING_OPEN], fault, err);
}

/* freeze */

enum freeze_param { FREEZE_FROM, FREEZE_FOR };

static bool strikes_freeze(const struct behaviour_part *part, const struct behaviour_case *c,
			   uint64_t *until_ns)
{
	uint64_t from_ns = part->values[FREEZE_FROM];

	return in_window(from_ns, from_ns + part->values[FREEZE_FOR], c->now_ns, until_ns);
}

/* restart */

enum restart_param { RESTART_AT, RESTART_DOWN, RESTART_KEEP };

static bool strikes_restart(const struct behaviour_part *part, const struct behaviour_case *c,
			    uint64_t *until_ns)
{
	uint64_t at_ns = part->values[RESTART_AT];

	return in_window(at_ns, at_ns + part->values[RESTART_DOWN], c->now_ns, until_ns);
}

static struct behaviour_edge edge_restart(const struct behaviour_part *part)
{
	return (struct behaviour_edge){.forgets = part->values[RESTART_KEEP] == 0};
}

/* throttle: a bucket of `burst` requests that fills at `rate`, kept as the moment at which it will
 * be full again (the generic cell rate algorithm, ITU-T I.371). */

enum throttle_param { THROTTLE_RATE, THROTTLE_BURST };

static bool has_room(const struct behaviour_part *part, const struct behaviour_state *state,
		     uint64_t now_ns)
{
	uint64_t step_ns = HP_S_NS / part->values[THROTTLE_RATE];

	return state->a <= now_ns + (part->values[THROTTLE_BURST] - 1) * step_ns;
}

static bool strikes_throttle(const struct behaviour_part *part, const struct behaviour_case *c,
			     uint64_t *until_ns)
{
	(void)until_ns;
	return c->states != NULL && c->now_ns != HP_NEVER &&
	       !has_room(part, &c->states[c->draw], c->now_ns);
}

static void settle_throttle(const struct behaviour_part *part, const struct behaviour_case *c,
			    struct behaviour_state *state)
{
	if (c->now_ns == HP_NEVER || !has_room(part, state, c->now_ns))
		return;
	if (state->a < c->now_ns)
		state->a = c->now_ns;
	state->a += HP_S_NS / part->values[THROTTLE_RATE];
}

/* The next request has room within one step, which is a second at most. */
static void play_throttle(const struct behaviour_part *part,
			  const struct behaviour_request *request, struct script *out)
{
	(void)part;
	script_answer(out, &(struct script_answer){
		.status = 429, .headers = "Retry-After: 1\r\n", .closing = request->closing,
	});
}

/* slow-ramp */

enum ramp_param { RAMP_FROM, RAMP_TO, RAMP_FOR };

static uint64_t delay_ramp(const struct behaviour_part *part, const struct behaviour_case *c)
{
	double from_ns = (double)part->values[RAMP_FROM], to_ns = (double)part->values[RAMP_TO];
	double way = (double)c->now_ns / (double)part->values[RAMP_FOR];

	if (c->now_ns == HP_NEVER)
		return part->values[RAMP_FROM];
	if (c->now_ns >= part->values[RAMP_FOR])
		return part->values[RAMP_TO];
	return (uint64_t)((from_ns + way * (to_ns - from_ns)) / (double)HP_US_NS) * HP_US_NS;
}

/* clock-skew */

enum skew_param { SKEW_BY, SKEW_DIRECTION };
static const char *const direction_words[] = {"ahead", "behind", NULL};

static int64_t clock_skew(const struct behaviour_part *part)
{
	int64_t by_ns = (int64_t)part->values[SKEW_BY];

	return part->values[SKEW_DIRECTION] == 0 ? by_ns : -by_ns;
}

const struct behaviour_row rows_time[] = {
	{
		.number = 6, .slug = "outage", .layer = BEHAVIOUR_TIME, .by_time = true,
		.help = "a fault during a window of time",
		.proof = "a record of the window, and as the fault that it holds",
		.params = {
			[OUTAGE_FROM] = FROM_PARAM,
			[OUTAGE_TO] = {"to", BEHAVIOUR_SPAN, HP_NEVER, 0, HP_NEVER,
				       .help = "is over so long after the start"},
			[OUTAGE_OPEN] = OPEN_PARAM,
		},
		.fault_key = "mode", .fault_standard = "connect-refused",
		.strikes = strikes_outage,
		.edge = edge_outage,
		.check = check_outage,
		.holds = holds_outage,
	},
	{
		.number = 200, .slug = "flapping", .layer = BEHAVIOUR_TIME, .by_time = true,
		.help = "a fault again and again: up for a while, then down for a while",
		.proof = "a record of each window, and as the fault that it holds",
		.params = {
			[FLAPPING_UP] = {"up", BEHAVIOUR_SPAN, 5 * HP_S_NS, HP_MS_NS,
					 ROWS_WINDOW_NS_MAX, .help = "well for so long"},
			[FLAPPING_DOWN] = {"down", BEHAVIOUR_SPAN, 5 * HP_S_NS, HP_MS_NS,
					   ROWS_WINDOW_NS_MAX,
					   .help = "then the fault for so long"},
			[FLAPPING_PHASE] = {"phase", BEHAVIOUR_SPAN, 0, 0, ROWS_WINDOW_NS_MAX,
					    .optional = true,
					    .help = "how far into the first cycle it starts; else "
						    "drawn for each endpoint, so that they do not "
						    "beat together"},
			[FLAPPING_JITTER] = {"jitter", BEHAVIOUR_SHARE, 0, 0, BEHAVIOUR_MICRO,
					     .help = "how far an edge may be off, of half the "
						     "shorter state"},
			[FLAPPING_OPEN] = OPEN_PARAM,
		},
		.fault_key = "mode", .fault_standard = "connect-refused",
		.strikes = strikes_flapping,
		.edge = edge_flapping,
		.holds = holds_flapping,
	},
	{
		.number = 11, .slug = "freeze", .layer = BEHAVIOUR_TIME, .by_time = true,
		.help = "keeps its sockets and does nothing for a while, like a stopped process; "
			"then goes on",
		.proof = "a record of the window; no read or write in it",
		.params = {
			[FREEZE_FROM] = FROM_PARAM,
			[FREEZE_FOR] = {"for", BEHAVIOUR_SPAN, HP_S_NS, HP_US_NS, ROWS_SPAN_NS_MAX,
					.help = "lasts so long"},
		},
		.station = BEHAVIOUR_FREEZES,
		.strikes = strikes_freeze,
	},
	{
		.number = 201, .slug = "restart", .layer = BEHAVIOUR_TIME, .by_time = true,
		.help = "stops and comes back: nobody listens for a while, open connections are "
			"reset, and what it has seen may be lost",
		.proof = "a record of the window; the listener is closed in it",
		.params = {
			[RESTART_AT] = {"at", BEHAVIOUR_SPAN, HP_S_NS, 0, ROWS_WINDOW_NS_MAX,
					.help = "stops so long after the start"},
			[RESTART_DOWN] = {"down", BEHAVIOUR_SPAN, 500 * HP_MS_NS, HP_MS_NS,
					  ROWS_SPAN_NS_MAX, .help = "is back after so long"},
			[RESTART_KEEP] = {"keep", BEHAVIOUR_BOOL, true, false, true,
					  .help = "still knows the events that it has seen; else a "
						  "duplicate has its effect again"},
		},
		.station = BEHAVIOUR_REFUSES,
		.strikes = strikes_restart,
		.edge = edge_restart,
	},
	{
		.number = 202, .slug = "throttle", .layer = BEHAVIOUR_TIME, .load_dependent = true,
		.help = "answers 429 with Retry-After to what comes above a rate",
		.proof = "the peer's kernel acknowledged the whole answer",
		.params = {
			[THROTTLE_RATE] = {"rate", BEHAVIOUR_COUNT, 100, 1, 1000000,
					   .help = "requests a second that are let in"},
			[THROTTLE_BURST] = {"burst", BEHAVIOUR_COUNT, 20, 1, 1000000,
					    .help = "and so many at once"},
		},
		.strikes = strikes_throttle,
		.settle = settle_throttle,
		.play = play_throttle,
	},
	{
		.number = 203, .slug = "slow-ramp", .layer = BEHAVIOUR_TIME,
		.help = "takes more and more time before the answer, or less; adds to the rest",
		.proof = "the last byte read and the first byte written, with their moments",
		.params = {
			[RAMP_FROM] = {"from", BEHAVIOUR_SPAN, 0, 0, ROWS_SPAN_NS_MAX,
				       .help = "the delay at the start"},
			[RAMP_TO] = {"to", BEHAVIOUR_SPAN, HP_S_NS, 0, ROWS_SPAN_NS_MAX,
				     .help = "the delay at the end of the ramp and behind it"},
			[RAMP_FOR] = {"for", BEHAVIOUR_SPAN, 60 * HP_S_NS, HP_MS_NS,
				      ROWS_WINDOW_NS_MAX, .help = "the ramp is so long"},
		},
		.delay_ns = delay_ramp,
	},
	{
		.number = 204, .slug = "clock-skew", .layer = BEHAVIOUR_TIME,
		.help = "its clock is wrong: timestamps of signatures are judged by it",
		.proof = "what it says of signed timestamps",
		.params = {
			[SKEW_BY] = {"by", BEHAVIOUR_SPAN, 600 * HP_S_NS, HP_MS_NS,
				     ROWS_WINDOW_NS_MAX, .help = "off by so much"},
			[SKEW_DIRECTION] = {"direction", BEHAVIOUR_WORD, 0,
					    .words = direction_words, .help = "which way"},
		},
		.clock_ns = clock_skew,
	},
	{.number = 0},
};
