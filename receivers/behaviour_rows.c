/* The rows: one behaviour each, its parameters and the few lines that make it what it is.
 * A row's functions see only its own part and the case. See behaviour.h. */
#include "receivers/behaviour.h"

#include "base/random.h"
#include "receivers/latency.h"

/* Bounds against a typo that would become an attack. */
#define SPAN_NS_MAX (3600 * HP_S_NS)       /* of one delay */
#define WINDOW_NS_MAX (366 * 86400 * HP_S_NS)
#define RETRY_AFTER_S_MAX UINT64_C(1000000000000)

enum { ATTEMPTS_MAX = 100 }; /* of one event that can be planned */

static bool was_given(const struct behaviour_part *part, unsigned index)
{
	return part->given >> index & 1;
}

/* status, retry-after */

enum status_param { STATUS_CODE, STATUS_RETRY_AFTER, STATUS_BODY };

static void answer_status(const struct behaviour_part *part, struct behaviour_answer *out)
{
	*out = (struct behaviour_answer){
		.end = BEHAVIOUR_ANSWERS,
		.status = (int)part->values[STATUS_CODE],
		.retry_after_s = was_given(part, STATUS_RETRY_AFTER)
					 ? part->values[STATUS_RETRY_AFTER]
					 : HP_NEVER,
		.body = part->text,
	};
}

/* reset, reset-after-request, silence, refused, freeze: an end and nothing more */

static void answer_end(enum behaviour_end end, struct behaviour_answer *out)
{
	*out = (struct behaviour_answer){.end = end, .retry_after_s = HP_NEVER, .body = ""};
}

static void answer_reset(const struct behaviour_part *part, struct behaviour_answer *out)
{
	(void)part;
	answer_end(BEHAVIOUR_RESETS, out);
}

static void answer_reset_late(const struct behaviour_part *part, struct behaviour_answer *out)
{
	(void)part;
	answer_end(BEHAVIOUR_RESETS_LATE, out);
}

static void answer_silence(const struct behaviour_part *part, struct behaviour_answer *out)
{
	(void)part;
	answer_end(BEHAVIOUR_STAYS_SILENT, out);
}

static void answer_refused(const struct behaviour_part *part, struct behaviour_answer *out)
{
	(void)part;
	answer_end(BEHAVIOUR_REFUSES, out);
}

static void answer_freeze(const struct behaviour_part *part, struct behaviour_answer *out)
{
	(void)part;
	answer_end(BEHAVIOUR_FREEZES, out);
}

/* latency */

enum latency_param { LATENCY_DELAY, LATENCY_MIN, LATENCY_MAX, LATENCY_P50, LATENCY_P99 };

static bool is_lognormal(const struct behaviour_part *part)
{
	return was_given(part, LATENCY_P50) || was_given(part, LATENCY_P99);
}

static bool is_uniform(const struct behaviour_part *part)
{
	return !is_lognormal(part) &&
	       (was_given(part, LATENCY_MIN) || was_given(part, LATENCY_MAX));
}

static struct latency_lognormal lognormal_of(const struct behaviour_part *part)
{
	uint64_t p99_ns = part->values[LATENCY_P99];

	return (struct latency_lognormal){
		.p50_ns = part->values[LATENCY_P50],
		.p99_ns = p99_ns,
		.max_ns = was_given(part, LATENCY_MAX) ? part->values[LATENCY_MAX] : 10 * p99_ns,
	};
}

static uint64_t delay_latency(const struct behaviour_part *part, const struct behaviour_case *c)
{
	if (!is_lognormal(part) && !is_uniform(part))
		return part->values[LATENCY_DELAY];
	const struct hp_key key = {
		.seed = c->seed, .stream = HP_STREAM_LATENCY, .endpoint = c->endpoint_index,
		.event = c->identity, .attempt = c->ordinal, .draw = c->draw,
	};
	double u = hp_random_unit(&key);
	if (is_uniform(part))
		return latency_uniform_ns(u, part->values[LATENCY_MIN], part->values[LATENCY_MAX]);
	struct latency_lognormal shape = lognormal_of(part);
	return latency_lognormal_ns(u, &shape);
}

static int check_latency(const struct behaviour_part *part, struct hp_err *err)
{
	bool fixed = was_given(part, LATENCY_DELAY);

	if (fixed && (is_uniform(part) || is_lognormal(part)))
		return hp_err_set(err, HP_EINPUT,
				  "want \"delay\" alone, or \"min\" and \"max\", or \"p50\" and "
				  "\"p99\", found a mixture");
	if (is_uniform(part)) {
		if (!was_given(part, LATENCY_MAX) ||
		    part->values[LATENCY_MIN] > part->values[LATENCY_MAX])
			return hp_err_set(err, HP_EINPUT, "want \"min\" at most \"max\"");
		return 0;
	}
	if (!is_lognormal(part))
		return 0;
	if (was_given(part, LATENCY_MIN))
		return hp_err_set(err, HP_EINPUT, "\"min\" does not go with \"p50\" and \"p99\"");
	if (!was_given(part, LATENCY_P50) || !was_given(part, LATENCY_P99))
		return hp_err_set(err, HP_EINPUT, "want both \"p50\" and \"p99\"");
	struct latency_lognormal shape = lognormal_of(part);
	if (shape.p50_ns == 0 || shape.p50_ns >= shape.p99_ns || shape.p99_ns > shape.max_ns)
		return hp_err_set(err, HP_EINPUT, "want 0 < \"p50\" < \"p99\" <= \"max\"");
	return 0;
}

/* first-n, share: guards by event and attempt */

static bool strikes_first_n(const struct behaviour_part *part, const struct behaviour_case *c,
			    uint64_t *until_ns)
{
	(void)until_ns;
	return c->ordinal <= part->values[0];
}

static bool strikes_share(const struct behaviour_part *part, const struct behaviour_case *c,
			  uint64_t *until_ns)
{
	const struct hp_key key = {
		.seed = c->seed, .stream = HP_STREAM_FAULT, .endpoint = c->endpoint_index,
		.event = c->identity, .attempt = c->ordinal, .draw = c->draw,
	};
	(void)until_ns;
	return hp_random_below(&key, BEHAVIOUR_MICRO) < part->values[0];
}

/* outage, freeze: by time, half-open windows from the run's start */

static bool in_window(uint64_t from_ns, uint64_t to_ns, uint64_t now_ns, uint64_t *until_ns)
{
	bool before = now_ns < from_ns, inside = !before && now_ns < to_ns;

	*until_ns = before ? from_ns : inside ? to_ns : HP_NEVER;
	return inside;
}

enum window_param { WINDOW_FROM, WINDOW_TO, FREEZE_FOR = WINDOW_TO };

static bool strikes_outage(const struct behaviour_part *part, const struct behaviour_case *c,
			   uint64_t *until_ns)
{
	return in_window(part->values[WINDOW_FROM], part->values[WINDOW_TO], c->now_ns, until_ns);
}

static bool strikes_freeze(const struct behaviour_part *part, const struct behaviour_case *c,
			   uint64_t *until_ns)
{
	uint64_t from_ns = part->values[WINDOW_FROM];

	return in_window(from_ns, from_ns + part->values[FREEZE_FOR], c->now_ns, until_ns);
}

static int check_outage(const struct behaviour_part *part, struct hp_err *err)
{
	if (part->values[WINDOW_FROM] >= part->values[WINDOW_TO])
		return hp_err_set(err, HP_EINPUT, "want \"from\" before \"to\"");
	return 0;
}

#define STATUS_PARAMS(standard_code, standard_retry_after, without)                               \
	[STATUS_CODE] = {"code", BEHAVIOUR_STATUS, standard_code, 200, 999,                       \
			 .help = "the status answered"},                                          \
	[STATUS_RETRY_AFTER] = {"retry_after", BEHAVIOUR_SECONDS, standard_retry_after, 0,        \
				RETRY_AFTER_S_MAX, .optional = without,                           \
				.help = "seconds in a Retry-After header"},                       \
	[STATUS_BODY] = {"body", BEHAVIOUR_TEXT, .help = "the answer's body, as it stands"},

#define FROM_PARAM                                                                                \
	{"from", BEHAVIOUR_SPAN, 0, 0, WINDOW_NS_MAX, .help = "begins so long after the start"}

const struct behaviour_row behaviour_rows[] = {
	{
		.number = 1, .slug = "status",
		.help = "answers with a status; one outside 2xx leaves no effect behind",
		.params = {STATUS_PARAMS(503, 0, true)},
		.answer = answer_status,
	},
	{
		.number = 2, .slug = "retry-after",
		.help = "answers 429 and says with Retry-After when to come again; no effect",
		.params = {STATUS_PARAMS(429, 1, false)},
		.answer = answer_status,
	},
	{
		.number = 3, .slug = "latency",
		.help = "takes its time before the answer; adds to what other behaviours decide",
		.params = {
			[LATENCY_DELAY] = {"delay", BEHAVIOUR_SPAN, 20 * HP_MS_NS, 0, SPAN_NS_MAX,
					   .optional = true, .help = "always this long"},
			[LATENCY_MIN] = {"min", BEHAVIOUR_SPAN, 0, 0, SPAN_NS_MAX,
					 .optional = true, .help = "uniform, from"},
			[LATENCY_MAX] = {"max", BEHAVIOUR_SPAN, 0, 0, SPAN_NS_MAX,
					 .optional = true,
					 .help = "uniform, to; of lognormal the cap (10 x p99)"},
			[LATENCY_P50] = {"p50", BEHAVIOUR_SPAN, 0, HP_US_NS, SPAN_NS_MAX,
					 .optional = true, .help = "lognormal, its median"},
			[LATENCY_P99] = {"p99", BEHAVIOUR_SPAN, 0, HP_US_NS, SPAN_NS_MAX,
					 .optional = true, .help = "lognormal, 99th percentile"},
		},
		.delay_ns = delay_latency,
		.check = check_latency,
	},
	{
		.number = 4, .slug = "first-n",
		.help = "a fault for the first n attempts of each event",
		.params = {{"n", BEHAVIOUR_COUNT, 2, 1, ATTEMPTS_MAX,
			    .help = "how many attempts of each event"}},
		.fault_key = "fault", .fault_standard = "status",
		.strikes = strikes_first_n,
	},
	{
		.number = 5, .slug = "share",
		.help = "a fault for a share of the attempts, drawn for each event and attempt",
		.params = {{"share", BEHAVIOUR_SHARE, BEHAVIOUR_MICRO / 20, 0, BEHAVIOUR_MICRO,
			    .help = "of all attempts, 0 to 1"}},
		.fault_key = "fault", .fault_standard = "status",
		.strikes = strikes_share,
	},
	{
		.number = 6, .slug = "outage",
		.help = "a fault during a window of time",
		.params = {
			[WINDOW_FROM] = FROM_PARAM,
			[WINDOW_TO] = {"to", BEHAVIOUR_SPAN, HP_NEVER, 0, HP_NEVER,
				       .help = "is over so long after the start"},
		},
		.fault_key = "mode", .fault_standard = "refused", .by_time = true,
		.strikes = strikes_outage,
		.check = check_outage,
	},
	{
		.number = 7, .slug = "refused", .by_time = true,
		.help = "nobody listens: connections are refused, open ones reset",
		.answer = answer_refused,
	},
	{
		.number = 8, .slug = "reset",
		.help = "reads the request and resets the connection; nothing was done with it",
		.answer = answer_reset,
	},
	{
		.number = 9, .slug = "reset-after-request",
		.help = "resets the connection instead of answering, after the effect: the sender "
			"cannot know, and a second attempt is a duplicate",
		.answer = answer_reset_late,
	},
	{
		.number = 10, .slug = "silence",
		.help = "reads the request and never answers, after the effect: the sender's "
			"timeout decides, and a second attempt is a duplicate",
		.answer = answer_silence,
	},
	{
		.number = 11, .slug = "freeze", .by_time = true,
		.help = "keeps its sockets and does nothing for a while, like a stopped process; "
			"then goes on",
		.params = {
			[WINDOW_FROM] = FROM_PARAM,
			[FREEZE_FOR] = {"for", BEHAVIOUR_SPAN, HP_S_NS, HP_US_NS, SPAN_NS_MAX,
					.help = "lasts so long"},
		},
		.strikes = strikes_freeze,
		.answer = answer_freeze,
	},
};

const size_t behaviour_row_count = sizeof(behaviour_rows) / sizeof(behaviour_rows[0]);
