/* What became of one attempt of a sender that our receivers answered: happened, certainly did not,
 * or unknown. From records alone: what was asked of the wire, what the wire showed, and what the
 * kernel acknowledged. A write that returned proves nothing; an answer that arrived is one without
 * a record of unacknowledged bytes. */
#include <string.h>

#include "base/err.h"
#include "judge/judge_inside.h"

static uint64_t plus(uint64_t a, uint64_t b)
{
	return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* ---- which records are about one arrival ---- */

struct ordinals { /* of rows that ascend by them */
	const void *first; /* row's; NULL when count is 0 */
	size_t count, stride;
};

static uint16_t ordinal_at(const struct ordinals *ordinals, size_t index)
{
	uint16_t ordinal;

	memcpy(&ordinal, (const char *)ordinals->first + index * ordinals->stride, sizeof(ordinal));
	return ordinal;
}

/* The first row of that ordinal, or the count. */
static size_t find(struct ordinals ordinals, uint16_t wanted)
{
	size_t lo = 0, hi = ordinals.count;

	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (ordinal_at(&ordinals, middle) < wanted)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo < ordinals.count && ordinal_at(&ordinals, lo) == wanted ? lo : ordinals.count;
}

/* A refused arrival is not counted, so the next one has its ordinal again: a behaviour tells. */
static const struct record_fault *fault_of(const struct record_delivery *delivery,
					   const struct record_receipt *receipt)
{
	const struct record_fault *faults = delivery->faults;
	size_t count = delivery->fault_count, at;

	if (count == 0 || receipt->behaviour == 0)
		return NULL;
	at = find((struct ordinals){&faults->ordinal, count, sizeof(*faults)}, receipt->ordinal);
	return at < count ? &faults[at] : NULL;
}

static const struct record_unacked *unacked_of(const struct record_delivery *delivery,
					       const struct record_receipt *receipt)
{
	const struct record_unacked *unacked = delivery->unacked;
	size_t count = delivery->unacked_count, at;

	if (count == 0)
		return NULL;
	at = find((struct ordinals){&unacked->ordinal, count, sizeof(*unacked)}, receipt->ordinal);
	return at < count && unacked[at].status == receipt->status ? &unacked[at] : NULL;
}

struct judge_evidence judge_evidence_of(const struct record_delivery *delivery, size_t index)
{
	const struct record_receipt *receipt = &delivery->receipts[index];

	assert(index < delivery->receipt_count);
	return (struct judge_evidence){receipt, fault_of(delivery, receipt),
				       unacked_of(delivery, receipt)};
}

/* ---- the outcome ---- */

/* When the last byte of the answer went out; HP_NEVER: none did. */
static uint64_t answer_end_ns(const struct judge_evidence *evidence)
{
	const struct record_fault *fault = evidence->fault;

	if (evidence->receipt->answered_ns == HP_NEVER || !fault || fault->applied_ns == HP_NEVER)
		return evidence->receipt->answered_ns;
	return hp_max(evidence->receipt->answered_ns, fault->applied_ns);
}

static bool left_before(const struct judge_evidence *evidence, uint64_t at_ns)
{
	const struct record_fault *fault = evidence->fault;

	return fault && fault->peer != RECORD_PEER_STAYED && fault->peer_ns < at_ns;
}

/* Whether the sender may have given up before the answer was complete. */
static bool is_late(const struct profile *profile, const struct judge_evidence *evidence,
		    uint64_t late_ns)
{
	uint64_t end_ns = answer_end_ns(evidence);
	uint64_t spent_ns;

	if (end_ns == HP_NEVER || left_before(evidence, end_ns))
		return true;
	if (profile->timeout_ns == 0 || profile->timeout_ns == HP_NEVER)
		return false;
	spent_ns = minus(end_ns, judge_began_within(evidence).lo_ns);
	return plus(spent_ns, hp_max(late_ns, JUDGE_TOLERANCE_NS)) >= profile->timeout_ns;
}

enum outcome_class judge_outcome(const struct profile *profile,
				 const struct judge_evidence *evidence, uint64_t late_ns)
{
	const struct record_receipt *receipt = evidence->receipt;

	if (receipt->arrived_ns == HP_NEVER)
		return OUTCOME_CLASS_FAIL;
	if (receipt->end != RECORD_END_ANSWERED || receipt->status == 0)
		return OUTCOME_CLASS_INFO;
	if (!profile_is_success(profile, receipt->status))
		return OUTCOME_CLASS_FAIL;
	if (evidence->unacked || is_late(profile, evidence, late_ns))
		return OUTCOME_CLASS_INFO;
	return OUTCOME_CLASS_OK;
}

/* ---- its moments ---- */

/* A receiver sees the request when it has read all of it; a fault was decided before that when it
 * read slowly or in part. */
struct judge_span judge_began_within(const struct judge_evidence *evidence)
{
	const struct record_receipt *receipt = evidence->receipt;
	uint64_t seen_ns = receipt->arrived_ns;

	if (evidence->fault)
		seen_ns = hp_min(seen_ns, evidence->fault->planned_ns);
	return (struct judge_span){minus(seen_ns, receipt->lag_ns), receipt->arrived_ns};
}

/* It saw our end: the last byte of an answer, our FIN or RST. */
static struct judge_span saw_end(const struct judge *judge, uint64_t from_ns, uint64_t to_ns)
{
	return (struct judge_span){from_ns, plus(to_ns, judge_lag_at(&judge->lag, to_ns))};
}

/* It left or we did: whoever was first, the other saw it as late as we can be. */
static struct judge_span around(const struct judge *judge, uint64_t at_ns)
{
	uint64_t late_ns = judge_lag_at(&judge->lag, at_ns);

	return (struct judge_span){minus(at_ns, late_ns), plus(at_ns, late_ns)};
}

/* It gave up by itself: its FIN or RST shows when, else its timeout says how long at most. */
static struct judge_span gave_up(const struct judge *judge, const struct judge_evidence *evidence)
{
	const struct record_fault *fault = evidence->fault;
	uint64_t arrived_ns = evidence->receipt->arrived_ns;
	uint64_t last_ns = plus(arrived_ns, judge->plan->judged.timeout_ns);

	if (fault && fault->peer != RECORD_PEER_STAYED && fault->peer_ns != HP_NEVER)
		return (struct judge_span){
			minus(fault->peer_ns, judge_lag_at(&judge->lag, fault->peer_ns)),
			fault->peer_ns};
	if (evidence->receipt->end != RECORD_END_ANSWERED && evidence->receipt->over_ns)
		return around(judge, evidence->receipt->over_ns);
	if (answer_end_ns(evidence) != HP_NEVER)
		last_ns = hp_max(last_ns, answer_end_ns(evidence));
	if (fault && fault->applied_ns != HP_NEVER)
		last_ns = hp_max(last_ns, fault->applied_ns);
	return saw_end(judge, arrived_ns, last_ns);
}

static bool was_cut(const struct judge_evidence *evidence)
{
	return (evidence->receipt->end == RECORD_END_RESET ||
		evidence->receipt->end == RECORD_END_CLOSED) &&
	       evidence->fault && evidence->fault->applied_ns != HP_NEVER &&
	       evidence->fault->peer == RECORD_PEER_STAYED;
}

struct judge_span judge_ended_within(const struct judge *judge,
				     const struct judge_evidence *evidence)
{
	const struct record_receipt *receipt = evidence->receipt;
	uint64_t late_ns = judge_lag_at(&judge->lag, receipt->answered_ns);

	if (judge->policy.anchor == RETRY_FROM_START)
		return judge_began_within(evidence);
	if (was_cut(evidence))
		return saw_end(judge, evidence->fault->applied_ns, evidence->fault->applied_ns);
	if (receipt->end == RECORD_END_ANSWERED && !evidence->unacked &&
	    !is_late(&judge->plan->judged, evidence, late_ns))
		return saw_end(judge, receipt->answered_ns, answer_end_ns(evidence));
	return gave_up(judge, evidence);
}
