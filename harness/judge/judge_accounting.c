/* accounting-closes: every planned delivery is in exactly one bucket, and the records, counted
 * here, say the same as the figures, counted there. A sum that does not close is our own error. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "judge/judge_inside.h"

/* name in the figures, the records' count of the same */
#define COMPARED(X)                                                                                \
	X(planned, count->planned)                                                                 \
	X(delivered, count->states[DELIVERY_DELIVERED])                                            \
	X(exhausted, count->states[DELIVERY_EXHAUSTED])                                            \
	X(pending, count->states[DELIVERY_PENDING])                                                \
	X(dropped, count->states[DELIVERY_DROPPED])                                                \
	X(not_sent, count->states[DELIVERY_NOT_SENT])                                              \
	X(attempts, count->attempts)                                                               \
	X(retries, count->retries)

static void add_case(struct judge_count *count, const struct judge_case *c)
{
	const struct record_delivery *delivery = c->delivery;

	count->planned += c->subscribed;
	count->attempts += delivery->attempt_count;
	count->receipts += delivery->receipt_count;
	count->answers_unacked += delivery->unacked_count;
	for (size_t i = 0; i < delivery->attempt_count; i++) {
		count->retries += delivery->attempts[i].number > 1;
		count->sent += delivery->attempts[i].number == 1 &&
			       delivery->attempts[i].sent_ns != HP_NEVER;
	}
	if (c->ends && c->state < DELIVERY_STATES)
		count->states[c->state]++;
}

void judge_count_case(struct judge *judge, const struct judge_case *c)
{
	add_case(&judge->count, c);
	if (c->delivery->endpoint_index < judge->plan->endpoint_count)
		add_case(&judge->endpoints[c->delivery->endpoint_index], c);
}

void judge_count_missing(struct judge *judge, const struct judge_pair *pair)
{
	judge->count.planned++;
	judge->endpoints[pair->endpoint_index].planned++;
}

/* ---- the comparison ---- */

struct sum { /* one comparison, for the evidence line */
	const char *where, *name;
	uint64_t figure, counted;
};

static void compare(struct judge_tally *tally, const struct sum *sum)
{
	char *line;

	if (sum->figure == sum->counted) {
		judge_hold(tally);
		return;
	}
	line = judge_fail(tally, 1);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "%s: %s is %" PRIu64 " in the figures and %" PRIu64 " by count",
			 sum->where, sum->name, sum->figure, sum->counted);
}

static void compare_endpoint(struct judge *judge, struct judge_tally *tally, size_t index,
			     const struct metrics_endpoint *figures)
{
	const struct judge_count *count = &judge->endpoints[index];
	const char *where = judge->plan->endpoints[index].name;

#define X(name, counted) compare(tally, &(struct sum){where, #name, figures->name, counted});
	COMPARED(X)
#undef X
}

static void compare_receivers(struct judge *judge, struct judge_tally *tally,
			      const struct metrics *metrics)
{
	const struct judge_count *count = &judge->count;
	uint64_t faults = metrics_faults_planned(&metrics->faults);

	if (!judge->facts.receivers)
		return;
	compare(tally, &(struct sum){"the run", "receipts", metrics->receipts, count->receipts});
	compare(tally, &(struct sum){"the run", "faults", faults, count->faults});
	compare(tally, &(struct sum){"the run", "answers_unacked", metrics->answers_unacked,
				     count->answers_unacked});
}

static void compare_run(struct judge *judge, struct judge_tally *tally,
			const struct metrics *metrics)
{
	const struct judge_count *count = &judge->count;

#define X(name, counted) compare(tally, &(struct sum){"the run", #name, metrics->name, counted});
	COMPARED(X)
	X(sent, count->sent)
	X(events, judge->expected.events)
#undef X
	compare_receivers(judge, tally, metrics);
}

/* The buckets of one endpoint, or of all of them, as the figures have them. */
static uint64_t buckets(const struct metrics_endpoint *endpoint)
{
	return endpoint->delivered + endpoint->exhausted + endpoint->pending + endpoint->dropped +
	       endpoint->not_sent;
}

static void close_sums(struct judge *judge, struct judge_tally *tally,
		       const struct metrics *metrics)
{
	uint64_t in_buckets = metrics->delivered + metrics->exhausted + metrics->pending +
			      metrics->dropped + metrics->not_sent;
	uint64_t planned = 0;

	compare(tally, &(struct sum){"the run", "planned against the sum of the buckets",
				     metrics->planned, in_buckets});
	for (size_t i = 0; i < metrics->endpoint_count; i++) {
		const struct metrics_endpoint *endpoint = &metrics->endpoints[i];

		planned += endpoint->planned;
		compare(tally, &(struct sum){judge_endpoint_name(judge, (uint32_t)i),
					     "planned against the sum of the buckets",
					     endpoint->planned, buckets(endpoint)});
	}
	compare(tally, &(struct sum){"the run", "planned against the sum of the endpoints",
				     metrics->planned, planned});
}

/* Of a sender that is not ours there are only receipts to add up. */
static void close_receipts(struct judge *judge, struct judge_tally *tally,
			   const struct metrics *metrics)
{
	uint64_t receipts = 0;

	for (size_t i = 0; i < metrics->endpoint_count; i++)
		receipts += metrics->endpoints[i].receipts;
	compare(tally, &(struct sum){"the run", "receipts against the sum of the endpoints",
				     metrics->receipts, receipts});
	if (judge_is_whole(judge))
		compare_receivers(judge, tally, metrics);
}

static void close_all(struct judge *judge, struct judge_tally *tally,
		      const struct metrics *metrics)
{
	if (metrics->planned > 0 || judge->count.planned > 0)
		close_sums(judge, tally, metrics);
	if (tally->total > 0 && judge_is_whole(judge)) {
		compare_run(judge, tally, metrics);
		for (size_t i = 0; i < judge->plan->endpoint_count && i < metrics->endpoint_count;
		     i++)
			compare_endpoint(judge, tally, i, &metrics->endpoints[i]);
	}
}

static void finish_accounting(struct judge *judge, const struct metrics *metrics,
			      struct finding *finding)
{
	struct judge_tally *tally = &judge->tallies[JUDGE_LAW_accounting];

	if (!metrics || judge->facts.incomplete)
		judge_open(tally, "gap");
	else if (!judge->facts.foreign)
		close_all(judge, tally, metrics);
	else if (metrics->receipts > 0 || judge->count.receipts > 0)
		close_receipts(judge, tally, metrics);
	else
		judge_open(tally, "too-few");
	judge_conclude(judge, JUDGE_LAW_accounting, finding);
	if (tally->open && strcmp(tally->open, "too-few") == 0)
		snprintf(finding->reason, sizeof(finding->reason), "too-few: nothing was received");
	if (finding->verdict != VERDICT_FAIL)
		return;
	finding->verdict = VERDICT_ERROR;
	snprintf(finding->reason, sizeof(finding->reason), VERDICT_OURS "%.240s",
		 tally->evidence[0]);
}

const struct judge_law judge_law_accounting = {
	.check = {
		.id = "accounting-closes",
		.group = "accounting",
		.level = CHECK_MUST,
		.clause = "history",
		.requirement = "Every planned delivery ends in exactly one bucket, and the "
			       "records count the same as the figures.",
		.remedy = "This is an error of hookproof: please report it with the run file.",
	},
	.noun = "sums",
	.broken = "do not close",
	.none = "nothing was planned",
	.floor = 1,
	.needs = JUDGE_NEEDS_SUMMARY,
	.finish = finish_accounting,
};
