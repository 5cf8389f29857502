/* Time before the answer: it adds to what other rows decide. One keyed number is drawn for each
 * decision, and the row's distribution makes a delay of it. See behaviour.h.
 * Not here: the arithmetic (latency.h); delays that follow the run's time (rows_time.c). */
#include "base/random.h"
#include "receivers/latency.h"
#include "receivers/rows.h"

enum { CAP_FACTOR = 10 }; /* a tail without "max" ends at so many times its 99th percentile */

static double draw(const struct behaviour_case *c)
{
	return hp_random_unit(&(struct hp_key){
		.seed = c->seed, .stream = HP_STREAM_LATENCY, .endpoint = c->endpoint_index,
		.event = c->identity, .attempt = c->ordinal, .draw = c->draw,
	});
}

static struct latency_shape shape_of(uint64_t p50_ns, uint64_t p99_ns)
{
	uint64_t max_ns = CAP_FACTOR * p99_ns;

	if (max_ns > ROWS_SPAN_NS_MAX)
		max_ns = ROWS_SPAN_NS_MAX;
	return (struct latency_shape){p50_ns, p99_ns, max_ns};
}

static int check_shape(const struct latency_shape *shape, struct hp_err *err)
{
	if (0 < shape->p50_ns && shape->p50_ns < shape->p99_ns && shape->p99_ns <= shape->max_ns)
		return 0;
	return hp_err_set(err, HP_EINPUT, "want 0 < \"p50\" < \"p99\" <= \"max\"");
}

/* latency: fixed, uniform or lognormal, by the parameters that are given */

static bool is_lognormal(const struct behaviour_part *part)
{
	return behaviour_given(part, ROWS_P50) || behaviour_given(part, ROWS_P99);
}

static bool is_uniform(const struct behaviour_part *part)
{
	return !is_lognormal(part) &&
	       (behaviour_given(part, ROWS_MIN) || behaviour_given(part, ROWS_MAX));
}

static struct latency_shape lognormal_of(const struct behaviour_part *part)
{
	struct latency_shape shape = shape_of(part->values[ROWS_P50],
					      part->values[ROWS_P99]);

	if (behaviour_given(part, ROWS_MAX))
		shape.max_ns = part->values[ROWS_MAX];
	return shape;
}

uint64_t rows_delay_latency(const struct behaviour_part *part, const struct behaviour_case *c)
{
	if (!is_lognormal(part) && !is_uniform(part))
		return part->values[ROWS_DELAY];
	if (is_uniform(part))
		return latency_uniform_ns(draw(c), part->values[ROWS_MIN],
					  part->values[ROWS_MAX]);
	struct latency_shape shape = lognormal_of(part);
	return latency_lognormal_ns(draw(c), &shape);
}

static int check_uniform(const struct behaviour_part *part, struct hp_err *err)
{
	if (behaviour_given(part, ROWS_MAX) &&
	    part->values[ROWS_MIN] <= part->values[ROWS_MAX])
		return 0;
	return hp_err_set(err, HP_EINPUT, "want \"min\" at most \"max\"");
}

static int check_lognormal(const struct behaviour_part *part, struct hp_err *err)
{
	struct latency_shape shape = lognormal_of(part);

	if (behaviour_given(part, ROWS_MIN))
		return hp_err_set(err, HP_EINPUT, "\"min\" does not go with \"p50\" and \"p99\"");
	if (!behaviour_given(part, ROWS_P50) || !behaviour_given(part, ROWS_P99))
		return hp_err_set(err, HP_EINPUT, "want both \"p50\" and \"p99\"");
	return check_shape(&shape, err);
}

int rows_check_latency(const struct behaviour_part *part, struct hp_err *err)
{
	if (!is_uniform(part) && !is_lognormal(part))
		return 0;
	if (behaviour_given(part, ROWS_DELAY))
		return hp_err_set(err, HP_EINPUT,
				  "want \"delay\" alone, or \"min\" and \"max\", or \"p50\" and "
				  "\"p99\", found a mixture");
	return is_uniform(part) ? check_uniform(part, err) : check_lognormal(part, err);
}

/* latency-pareto */

enum pareto_param { PARETO_P50, PARETO_P99, PARETO_MAX };

static struct latency_shape pareto_of(const struct behaviour_part *part)
{
	struct latency_shape shape = shape_of(part->values[PARETO_P50], part->values[PARETO_P99]);

	if (behaviour_given(part, PARETO_MAX))
		shape.max_ns = part->values[PARETO_MAX];
	return shape;
}

static uint64_t delay_pareto(const struct behaviour_part *part, const struct behaviour_case *c)
{
	struct latency_shape shape = pareto_of(part);

	return latency_pareto_ns(draw(c), &shape);
}

static int check_pareto(const struct behaviour_part *part, struct hp_err *err)
{
	struct latency_shape shape = pareto_of(part);

	return check_shape(&shape, err);
}

static const char *remark_pareto(const struct behaviour_part *part)
{
	struct latency_shape shape = pareto_of(part);

	return latency_pareto_is_endless(&shape)
		       ? "a Pareto \"p99\" of 50 times \"p50\" and more has no mean: \"max\" alone "
			 "decides how slow the receiver is"
		       : NULL;
}

/* latency-bimodal */

enum bimodal_param {
	BIMODAL_SHARE, BIMODAL_FAST, BIMODAL_FAST_P99, BIMODAL_SLOW, BIMODAL_SLOW_P99,
};

/* A part is lognormal when its 99th percentile is given, else fixed. */
static struct latency_shape mode_of(const struct behaviour_part *part, unsigned p50, unsigned p99)
{
	return shape_of(part->values[p50], part->values[behaviour_given(part, p99) ? p99 : p50]);
}

static uint64_t delay_bimodal(const struct behaviour_part *part, const struct behaviour_case *c)
{
	const struct latency_bimodal shape = {
		.fast = mode_of(part, BIMODAL_FAST, BIMODAL_FAST_P99),
		.slow = mode_of(part, BIMODAL_SLOW, BIMODAL_SLOW_P99),
		.slow_share = (double)part->values[BIMODAL_SHARE] / (double)BEHAVIOUR_MICRO,
	};

	return latency_bimodal_ns(draw(c), &shape);
}

static int check_mode(const struct behaviour_part *part, unsigned p50, unsigned p99,
		      struct hp_err *err)
{
	const struct behaviour_param *params = part->row->params;

	if (!behaviour_given(part, p99) || part->values[p50] < part->values[p99])
		return 0;
	return hp_err_set(err, HP_EINPUT, "want \"%s\" below \"%s\"", params[p50].name,
			  params[p99].name);
}

static int check_bimodal(const struct behaviour_part *part, struct hp_err *err)
{
	if (check_mode(part, BIMODAL_FAST, BIMODAL_FAST_P99, err) < 0)
		return -1;
	return check_mode(part, BIMODAL_SLOW, BIMODAL_SLOW_P99, err);
}

/* latency-replay */

enum replay_param { REPLAY_FILE };

static uint64_t delay_replay(const struct behaviour_part *part, const struct behaviour_case *c)
{
	assert(part->samples != NULL); /* check_replay() */
	return latency_replay_ns(draw(c), part->samples);
}

static int check_replay(const struct behaviour_part *part, struct hp_err *err)
{
	if (part->samples != NULL)
		return 0;
	return hp_err_set(err, HP_EINPUT, "want a \"file\" with one delay in ms a line");
}

/* saturate */

enum saturate_param { SATURATE_BASE, SATURATE_PER_IN_FLIGHT };

static uint64_t delay_saturate(const struct behaviour_part *part, const struct behaviour_case *c)
{
	uint64_t base_ns = part->values[SATURATE_BASE];
	uint64_t each_ns = part->values[SATURATE_PER_IN_FLIGHT];
	uint64_t room_ns = ROWS_SPAN_NS_MAX - base_ns;

	if (each_ns != 0 && c->in_flight > room_ns / each_ns)
		return ROWS_SPAN_NS_MAX;
	return base_ns + each_ns * c->in_flight;
}

#define LATENCY_PROOF "the last byte read and the first byte written, with their moments"

#define SPAN_PARAM(name, standard, row_help)                                                      \
	{name, BEHAVIOUR_SPAN, standard, HP_US_NS, ROWS_SPAN_NS_MAX, .help = row_help}

#define OPTIONAL_PARAM(name, min, row_help)                                                       \
	{name, BEHAVIOUR_SPAN, 0, min, ROWS_SPAN_NS_MAX, .optional = true, .help = row_help}

const struct behaviour_row rows_latency[] = {
	{
		.number = 3, .slug = "latency", .layer = BEHAVIOUR_TCP,
		.help = "takes its time before the answer; adds to what other behaviours decide",
		.proof = LATENCY_PROOF,
		.params = {
			ROWS_LATENCY_PARAMS(20 * HP_MS_NS),
		},
		.delay_ns = rows_delay_latency,
		.check = rows_check_latency,
	},
	{
		.number = 160, .slug = "latency-pareto", .layer = BEHAVIOUR_TCP,
		.help = "takes its time before the answer, Pareto-distributed: a heavy tail",
		.proof = LATENCY_PROOF,
		.params = {
			[PARETO_P50] = SPAN_PARAM("p50", 20 * HP_MS_NS, "the median"),
			[PARETO_P99] = SPAN_PARAM("p99", 200 * HP_MS_NS, "the 99th percentile"),
			[PARETO_MAX] = OPTIONAL_PARAM("max", HP_US_NS, "the cap (10 x p99)"),
		},
		.delay_ns = delay_pareto,
		.check = check_pareto,
		.remark = remark_pareto,
	},
	{
		.number = 161, .slug = "latency-bimodal", .layer = BEHAVIOUR_TCP,
		.help = "takes its time before the answer: mostly fast, for a share slow",
		.proof = LATENCY_PROOF,
		.params = {
			[BIMODAL_SHARE] = {"share", BEHAVIOUR_SHARE, BEHAVIOUR_MICRO / 50, 0,
					   BEHAVIOUR_MICRO, .help = "of slow answers, 0 to 1"},
			[BIMODAL_FAST] = SPAN_PARAM("fast", 20 * HP_MS_NS,
						    "how long a fast one takes, or the median"),
			[BIMODAL_FAST_P99] = OPTIONAL_PARAM("fast_p99", HP_US_NS,
							    "lognormal, cap 10 x p99; without: "
							    "always \"fast\""),
			[BIMODAL_SLOW] = SPAN_PARAM("slow", 800 * HP_MS_NS,
						    "how long a slow one takes, or the median"),
			[BIMODAL_SLOW_P99] = OPTIONAL_PARAM("slow_p99", HP_US_NS,
							    "lognormal, cap 10 x p99; without: "
							    "always \"slow\""),
		},
		.delay_ns = delay_bimodal,
		.check = check_bimodal,
	},
	{
		.number = 162, .slug = "latency-replay", .layer = BEHAVIOUR_TCP,
		.help = "takes its time before the answer, drawn from delays in a file",
		.proof = LATENCY_PROOF,
		.params = {[REPLAY_FILE] = {"file", BEHAVIOUR_FILE,
					    .help = "one delay in ms a line, like 12.5"}},
		.delay_ns = delay_replay,
		.check = check_replay,
	},
	{
		.number = 163, .slug = "saturate", .layer = BEHAVIOUR_TIME, .load_dependent = true,
		.help = "takes longer the more deliveries it has in hand",
		.proof = LATENCY_PROOF,
		.params = {
			[SATURATE_BASE] = {"base", BEHAVIOUR_SPAN, 5 * HP_MS_NS, 0,
					   ROWS_SPAN_NS_MAX, .help = "before each answer"},
			[SATURATE_PER_IN_FLIGHT] = {"per_in_flight", BEHAVIOUR_SPAN, 2 * HP_MS_NS,
						    0, ROWS_SPAN_NS_MAX,
						    .help = "more for each delivery that is not "
							    "yet answered, this one too"},
		},
		.delay_ns = delay_saturate,
	},
	{.number = 0},
};
