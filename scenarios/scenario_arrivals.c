/* Arrivals: one table of keys per kind. A new kind is its table and one row. */
#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/content.h"
#include "scenarios/scenario_inside.h"

enum {
	RECORDED_BYTES_MAX = 1024 * 1024 * 1024, /* 50 million lines of 20 bytes */
	CONCURRENCY_MAX = 1000000,
};

#define AT(member) .offset = offsetof(struct scenario_draft, scenario.plan.arrivals.member)
#define SPAN .min = SCENARIO_SPAN_NS_MIN, .max = SCENARIO_SPAN_NS_MAX
#define KIND                                                                                       \
	{                                                                                          \
		"kind", hp_json_field_word, AT(kind), .more = words, .needed = true                \
	}
#define FOR                                                                                        \
	{                                                                                          \
		"for", hp_json_field_span, AT(span_ns), SPAN                                       \
	}
#define FOR_NEEDED                                                                                 \
	{                                                                                          \
		"for", hp_json_field_span, AT(span_ns), SPAN, .needed = true                       \
	}
#define COUNT                                                                                      \
	{                                                                                          \
		"count", hp_json_field_u64, AT(count_max), .min = 1, .max = CONTENT_EVENTS_MAX     \
	}
#define RATE(key, member)                                                                          \
	{                                                                                          \
		key, hp_json_field_rate, AT(member), .needed = true                                \
	}

static const char *const words[] = {
	[ARRIVALS_CONSTANT] = "constant", [ARRIVALS_RAMP] = "ramp",
	[ARRIVALS_STEPS] = "steps",       [ARRIVALS_BURST] = "burst",
	[ARRIVALS_POISSON] = "poisson",   [ARRIVALS_RECORDED] = "recorded",
	[ARRIVALS_CLOSED] = "closed",     NULL,
};

const struct hp_json_field scenario_step_fields[] = {
	{"rate", hp_json_field_rate, offsetof(struct arrivals_step, rate_micro_per_s),
	 .needed = true},
	{"for", hp_json_field_span, offsetof(struct arrivals_step, span_ns), SPAN, .needed = true},
	{.key = NULL},
};

static HP_JSON_READER(read_steps)
{
	struct arrivals *arrivals = into;
	const struct hp_json_node *step;

	(void)field;
	if (hp_json_expect(node, HP_JSON_ARRAY, err) < 0)
		return -1;
	if (hp_json_count(node) == 0 || hp_json_count(node) > ARRIVALS_STEPS_MAX)
		return hp_json_fail(node, err, "want 1 to %d steps, found %zu", ARRIVALS_STEPS_MAX,
				    hp_json_count(node));
	for (step = hp_json_first(node); step; step = hp_json_next(step)) {
		struct arrivals_step *row = &arrivals->steps[arrivals->step_count++];

		if (hp_json_read_fields(step, scenario_step_fields, row, err) < 0)
			return -1;
		arrivals->span_ns += row->span_ns;
	}
	return 0;
}

static const struct hp_json_field constant_fields[] = {
	KIND, RATE("rate", rate_micro_per_s), FOR, COUNT, {.key = NULL},
};
static const struct hp_json_field ramp_fields[] = {
	KIND,
	RATE("from", rate_micro_per_s),
	RATE("to", rate_end_micro_per_s),
	FOR_NEEDED,
	COUNT,
	{.key = NULL},
};
static const struct hp_json_field steps_fields[] = {
	KIND,
	{"steps", read_steps, .offset = offsetof(struct scenario_draft, scenario.plan.arrivals),
	 .needed = true},
	COUNT,
	{.key = NULL},
};
static const struct hp_json_field burst_fields[] = {
	KIND,
	{"size", hp_json_field_u64, AT(burst_count), .min = 1, .max = 1000000, .needed = true},
	{"every", hp_json_field_span, AT(burst_every_ns), SPAN, .needed = true},
	{"gap", hp_json_field_span, AT(burst_gap_ns), .max = SCENARIO_SPAN_NS_MAX},
	FOR,
	COUNT,
	{.key = NULL},
};
static const struct hp_json_field poisson_fields[] = {
	KIND, RATE("rate", rate_micro_per_s), FOR, COUNT, {.key = NULL},
};
static const struct hp_json_field recorded_fields[] = {
	KIND,
	{"file", scenario_field_keep, offsetof(struct scenario_draft, recorded), .needed = true},
	{"scale", hp_json_field_factor, offsetof(struct scenario_draft, recorded_scale), .min = 1,
	 .max = 1000000000},
	COUNT,
	{.key = NULL},
};
static const struct hp_json_field closed_fields[] = {
	KIND,
	{"concurrency", hp_json_field_u64, AT(concurrency), .min = 1, .max = CONCURRENCY_MAX,
	 .needed = true},
	FOR,
	COUNT,
	{.key = NULL},
};

const struct scenario_arrivals_kind scenario_arrivals_kinds[] = {
	[ARRIVALS_CONSTANT] = {"constant", constant_fields, true},
	[ARRIVALS_RAMP] = {"ramp", ramp_fields, false},
	[ARRIVALS_STEPS] = {"steps", steps_fields, false},
	[ARRIVALS_BURST] = {"burst", burst_fields, true},
	[ARRIVALS_POISSON] = {"poisson", poisson_fields, true},
	[ARRIVALS_RECORDED] = {"recorded", recorded_fields, false},
	[ARRIVALS_CLOSED] = {"closed", closed_fields, true},
	{NULL, NULL, false},
};

static double events_of(const struct arrivals *a, uint64_t rate_micro_per_s)
{
	return (double)rate_micro_per_s / 1e6 * ((double)a->span_ns / 1e9);
}

/* About how many events are planned, whatever the draws. */
static double estimate(const struct arrivals *a)
{
	double events = 0;

	if (a->span_ns == 0)
		return (double)a->count_max;
	if (a->kind == ARRIVALS_BURST)
		return (double)a->span_ns / (double)a->burst_every_ns * (double)a->burst_count;
	if (a->kind == ARRIVALS_RAMP)
		return (events_of(a, a->rate_micro_per_s) + events_of(a, a->rate_end_micro_per_s)) /
		       2;
	if (a->kind != ARRIVALS_STEPS)
		return events_of(a, a->rate_micro_per_s);
	for (unsigned i = 0; i < a->step_count; i++)
		events += (double)a->steps[i].rate_micro_per_s / 1e6 *
			  ((double)a->steps[i].span_ns / 1e9);
	return events;
}

static int check(const struct hp_json_node *node, const struct arrivals *a, struct hp_err *err)
{
	uint64_t burst_ns;

	if (scenario_arrivals_kinds[a->kind].may_count && !a->span_ns && !a->count_max)
		return hp_json_fail(node, err, "want \"for\", \"count\" or both, found neither");
	if (estimate(a) > (double)CONTENT_EVENTS_MAX)
		return hp_json_fail(node, err, "want at most %llu events, found about %.3g",
				    (unsigned long long)CONTENT_EVENTS_MAX, estimate(a));
	if (a->kind != ARRIVALS_BURST)
		return 0;
	if (__builtin_mul_overflow(a->burst_count - 1, a->burst_gap_ns, &burst_ns) ||
	    burst_ns >= a->burst_every_ns)
		return hp_json_fail(node, err,
				    "want a burst that ends before the next: (size - 1) "
				    "times \"gap\" below \"every\"");
	return 0;
}

HP_JSON_READER(scenario_field_arrivals)
{
	struct scenario_draft *draft = into;
	const struct hp_json_node *kind = hp_json_need(node, "kind", err);
	size_t index;

	(void)field;
	if (!kind || hp_json_read_word(kind, words, &index, err) < 0)
		return -1;
	if (hp_json_read_fields(node, scenario_arrivals_kinds[index].fields, draft, err) < 0)
		return -1;
	return check(node, &draft->scenario.plan.arrivals, err);
}

/* One line of a recorded file: a span from the start, not before the line above. */
static int add_line(struct arrivals *arrivals, struct hp_view line, double scale,
		    const struct hp_place *place, struct hp_err *err)
{
	size_t count = arrivals->recorded_count;
	uint64_t span_ns;

	if (!hp_span_parse(line, &span_ns))
		return hp_err_at(err, place, "want a time from the start like \"1.5ms\"");
	span_ns = hp_span_scale(span_ns, scale);
	if (count > 0 && span_ns < arrivals->recorded_ns[count - 1])
		return hp_err_at(err, place, "want times that do not go back");
	if (count == ARRIVALS_RECORDED_MAX)
		return hp_err_at(err, place, "want at most %llu times",
				 (unsigned long long)ARRIVALS_RECORDED_MAX);
	if ((count & (count - 1)) == 0)
		arrivals->recorded_ns =
			hp_xgrow(arrivals->recorded_ns, count ? 2 * count : 1, sizeof(uint64_t));
	arrivals->recorded_ns[arrivals->recorded_count++] = span_ns;
	return 0;
}

/* Cuts off the next line, without its CR. */
static struct hp_view take_line(struct hp_view *rest)
{
	const char *end = memchr(rest->at, '\n', rest->bytes);
	size_t bytes = end ? (size_t)(end - rest->at) : rest->bytes;
	struct hp_view line = {rest->at, bytes};

	rest->at += end ? bytes + 1 : bytes;
	rest->bytes -= end ? bytes + 1 : bytes;
	if (line.bytes > 0 && line.at[line.bytes - 1] == '\r')
		line.bytes--;
	return hp_view_trim(line);
}

static int add_lines(struct scenario_draft *draft, struct hp_view text, struct hp_err *err)
{
	struct arrivals *arrivals = &draft->scenario.plan.arrivals;
	struct hp_place place = {.line = 0, .column = 1};
	struct hp_view file = hp_json_string(draft->recorded);

	memcpy(place.file, file.at,
	       file.bytes < sizeof(place.file) ? file.bytes : sizeof(place.file) - 1);
	while (text.bytes > 0) {
		struct hp_view line = take_line(&text);

		place.line++;
		if (line.bytes == 0)
			continue;
		if (add_line(arrivals, line, draft->recorded_scale, &place, err) < 0)
			return -1;
	}
	if (arrivals->recorded_count == 0)
		return hp_json_fail(draft->recorded, err, "want at least one time in the file");
	return 0;
}

int scenario_read_recorded(struct scenario_draft *draft, struct hp_err *err)
{
	struct hp_buf text;
	int result;

	if (!draft->recorded)
		return 0;
	hp_buf_init(&text, RECORDED_BYTES_MAX);
	result = scenario_fetch(draft, "recorded", draft->recorded, &text, err);
	if (result == 0)
		result = add_lines(draft, hp_buf_view(&text), err);
	hp_buf_fini(&text);
	return result;
}
