/* When retries come: never-early, never-late, retry-after. A wait runs from the anchor that the
 * policy names to the first byte of the next attempt. The anchor is an interval, as wide as our
 * loop was late when the answer was read; the window has the contract's tolerance, and the two are
 * never added into one. Wholly inside holds, wholly outside is broken, between is undecided. */
#include <inttypes.h>
#include <stdio.h>

#include "judge/judge_inside.h"

/* What scaled time makes too short to be timed. Ours: no contract names one. */
#define TOLERANCE_SHARE 100
#define TIMED_LEAST_NS (500 * HP_MS_NS)

struct wait { /* between two attempts; spans are signed, for overlaps are possible */
	const struct record_delivery *delivery;
	size_t number; /* of the attempt before */
	struct retry_window window;
	int64_t lo_ns, hi_ns; /* the window with its tolerance and the sender's polling */
	int64_t seen_lo_ns, seen_hi_ns;
	int64_t due_ns; /* the wait as scheduled, had nothing of ours held it up */
	const char *open; /* why it may stay undecided */
	bool asked;     /* the answer had a Retry-After that the policy heeds */
	bool timed;     /* long enough to say that it came late */
	bool hidden;    /* attempts may not have been seen: the number is the least */
};

static uint64_t anchor_ns(const struct judge *judge, const struct record_attempt *attempt)
{
	if (judge->policy.anchor == RETRY_FROM_START && attempt->sent_ns != HP_NEVER)
		return attempt->sent_ns;
	return attempt->done_ns;
}

static uint64_t tolerance_ns(const struct retry_window *window)
{
	uint64_t share_ns = window->nominal_ns / TOLERANCE_SHARE;

	return share_ns > JUDGE_TOLERANCE_NS ? share_ns : JUDGE_TOLERANCE_NS;
}

/* What the policy says of the wait after that attempt. */
static void set_window(const struct judge *judge, struct wait *wait, uint64_t retry_after_ns)
{
	wait->asked = judge->policy.after != RETRY_AFTER_IGNORE && retry_after_ns != HP_NEVER;
	wait->window = retry_window(&judge->policy, (unsigned)wait->number, retry_after_ns);
	wait->lo_ns = (int64_t)(wait->window.lo_ns - tolerance_ns(&wait->window));
	wait->hi_ns = (int64_t)(wait->window.hi_ns + judge->policy.poll_ns +
				tolerance_ns(&wait->window));
	wait->timed = judge->plan->time_scale == 1.0 || wait->window.nominal_ns >= TIMED_LEAST_NS;
}

static struct wait wait_of(const struct judge *judge, const struct record_delivery *delivery,
			   size_t i)
{
	const struct record_attempt *before = &delivery->attempts[i - 1];
	const struct record_attempt *after = &delivery->attempts[i];
	uint64_t anchor = anchor_ns(judge, before);
	uint64_t late_ns = anchor == before->done_ns ? judge_lag_at(&judge->lag, anchor) : 0;
	uint64_t began_ns = judge_began_ns(after);
	uint64_t due_ns = hp_min(hp_min(after->due_ns, after->released_ns), began_ns);
	struct wait wait = {.delivery = delivery, .number = before->number, .open = "lag"};

	set_window(judge, &wait, before->retry_after_ns);
	wait.seen_lo_ns = (int64_t)(began_ns - anchor);
	wait.seen_hi_ns = (int64_t)(began_ns - anchor + late_ns);
	wait.due_ns = (int64_t)(due_ns - anchor);
	return wait;
}

static void describe(const struct judge *judge, const struct wait *wait, const char *remark,
		     char *line)
{
	char seen[JUDGE_SECONDS_BYTES], lo[JUDGE_SECONDS_BYTES], hi[JUDGE_SECONDS_BYTES];
	bool vague = wait->seen_lo_ns < 0 && wait->seen_hi_ns >= 0; /* it failed some time before */
	char name[JUDGE_NAME_BYTES];

	snprintf(line, VERDICT_EVIDENCE_BYTES,
		 "%s: attempt %zu began %s%s after attempt %zu %s, window [%s, %s]%s",
		 judge_delivery_name(judge, wait->delivery, name), wait->number + 1,
		 vague ? "at most " : "",
		 judge_seconds(vague ? wait->seen_hi_ns : wait->seen_lo_ns, seen), wait->number,
		 judge->policy.anchor == RETRY_FROM_START ? "began" : "failed",
		 judge_seconds(wait->lo_ns, lo), judge_seconds(wait->hi_ns, hi), remark);
}

/* a - b, which is positive, also where the difference of the signed ones would not fit. */
static uint64_t beyond_ns(int64_t a, int64_t b)
{
	return (uint64_t)a - (uint64_t)b;
}

/* The least that the policy lets any wait from that number on be. */
static int64_t least_ns(const struct judge *judge, const struct wait *wait)
{
	int64_t least = wait->lo_ns;

	for (unsigned number = (unsigned)wait->number + 1; number < judge->policy.attempts_max;
	     number++) {
		struct wait later = {.number = number};

		set_window(judge, &later, HP_NEVER);
		least = later.lo_ns < least ? later.lo_ns : least;
	}
	return least;
}

/* The edges; each takes the tally of the law that asks. */

static void judge_lower(const struct judge *judge, struct judge_tally *tally,
			const struct wait *wait)
{
	char *line;

	if (wait->lo_ns <= 0) { /* no wait can be shorter than nothing */
		tally->skipped++;
	} else if (wait->seen_lo_ns >= wait->lo_ns) {
		judge_hold(tally);
	} else if (wait->seen_hi_ns >= wait->lo_ns) {
		judge_open(tally, wait->open);
	} else if (wait->hidden && wait->seen_hi_ns >= least_ns(judge, wait)) {
		judge_open(tally, "gap");
	} else {
		line = judge_fail(tally, beyond_ns(wait->lo_ns, wait->seen_hi_ns));
		if (line)
			describe(judge, wait, "", line);
	}
}

static void judge_upper(const struct judge *judge, struct judge_tally *tally,
			const struct wait *wait)
{
	char *line;

	if (!wait->timed) {
		tally->skipped++;
	} else if (wait->seen_hi_ns <= wait->hi_ns) {
		judge_hold(tally);
	} else if (wait->hidden) {
		tally->skipped++;
	} else if (wait->due_ns > wait->hi_ns) {
		line = judge_fail(tally, beyond_ns(wait->due_ns, wait->hi_ns));
		if (line)
			describe(judge, wait, "", line);
	} else if (wait->seen_lo_ns > wait->hi_ns) {
		line = judge_warn(tally);
		if (line)
			describe(judge, wait, ", due inside it", line);
	} else {
		judge_open(tally, wait->open);
	}
}

static void judge_both(const struct judge *judge, struct judge_tally *tally,
		       const struct wait *wait)
{
	if (!wait->timed || wait->seen_lo_ns < wait->lo_ns)
		judge_lower(judge, tally, wait);
	else
		judge_upper(judge, tally, wait);
}

/* ---- the passage: waits of a delivery, each to the law that is about it ---- */

static bool is_wait(const struct judge *judge, const struct record_attempt *before,
		    const struct record_attempt *after)
{
	return before->number >= 1 && after->number == before->number + 1 &&
	       !judge_is_ok(judge, before);
}

typedef void edge(const struct judge *judge, struct judge_tally *tally, const struct wait *wait);

static void each_wait(const struct judge *judge, struct judge_tally *tally,
		      const struct judge_case *c, bool asked, edge *judge_edge)
{
	const struct record_delivery *delivery = c->delivery;

	for (size_t i = 1; i < delivery->attempt_count; i++) {
		struct wait wait;

		if (!is_wait(judge, &delivery->attempts[i - 1], &delivery->attempts[i]))
			continue;
		wait = wait_of(judge, delivery, i);
		if (wait.asked == asked)
			judge_edge(judge, tally, &wait);
	}
}

static void each_early(struct judge *judge, struct judge_tally *tally, const struct judge_case *c)
{
	each_wait(judge, tally, c, false, judge_lower);
}

static void each_asked(struct judge *judge, struct judge_tally *tally, const struct judge_case *c)
{
	each_wait(judge, tally, c, true, judge_both);
}

/* How long any attempt waited for its turn after it was due: what our queue can explain. */
static void note_queue(struct judge *judge, const struct record_delivery *delivery)
{
	for (size_t i = 0; i < delivery->attempt_count; i++) {
		uint64_t began_ns = judge_began_ns(&delivery->attempts[i]);
		uint64_t due_ns = delivery->attempts[i].due_ns;

		if (began_ns > due_ns && began_ns - due_ns > judge->wait_ns_max)
			judge->wait_ns_max = began_ns - due_ns;
	}
}

/* An attempt that was due long before the run's end and never came. Kept, not judged: how long our
 * queue can be is known after the last delivery. */
static void note_overdue(struct judge *judge, const struct record_delivery *delivery)
{
	const struct record_ended *ended = delivery->ended;

	if (!ended || ended->state != DELIVERY_PENDING || judge->facts.interrupted)
		return;
	if (ended->next_due_ns >= ended->at_ns ||
	    ended->at_ns - ended->next_due_ns <= judge->overdue_ns)
		return;
	judge->overdue_ns = ended->at_ns - ended->next_due_ns;
	judge->overdue = (struct judge_pair){ended->event_index, ended->endpoint_index};
}

static void each_late(struct judge *judge, struct judge_tally *tally, const struct judge_case *c)
{
	note_queue(judge, c->delivery);
	note_overdue(judge, c->delivery);
	each_wait(judge, tally, c, false, judge_upper);
}

/* ---- the same between the arrivals of a foreign delivery ---- */

static uint64_t asked_ns(const struct judge *judge, const struct record_receipt *receipt)
{
	if (receipt->retry_after_ns == 0)
		return HP_NEVER;
	return hp_span_scale(receipt->retry_after_ns, judge->plan->time_scale);
}

static bool was_deaf_before(const struct judge *judge, const struct record_delivery *delivery,
			    uint64_t at_ns)
{
	return delivery->endpoint_index < judge->plan->endpoint_count &&
	       judge->deaf_ns[delivery->endpoint_index] < at_ns;
}

/* The wait after arrival i - 1, which ended in the moments `after`. False: there is none, for the
 * sender knows of a success or has no attempt left. */
static bool foreign_wait(const struct judge *judge, const struct judge_case *c, size_t i,
			 struct judge_span after, struct wait *out)
{
	struct judge_evidence before = judge_evidence_of(c->delivery, i - 1);
	struct judge_span anchor = judge_ended_within(judge, &before);
	enum outcome_class class =
		judge_outcome(&judge->plan->judged, &before, before.receipt->lag_ns);

	if (class == OUTCOME_CLASS_OK)
		return false;
	if (c->before + i >= judge->policy.attempts_max) /* attempt-count says so */
		return false;
	*out = (struct wait){.delivery = c->delivery, .number = c->before + i,
			     .open = class == OUTCOME_CLASS_FAIL ? "lag" : "ack-unknown"};
	set_window(judge, out, asked_ns(judge, before.receipt));
	out->seen_lo_ns = (int64_t)(after.lo_ns - anchor.hi_ns);
	out->seen_hi_ns = (int64_t)(after.hi_ns - anchor.lo_ns);
	out->due_ns = out->seen_lo_ns;
	out->hidden = was_deaf_before(judge, c->delivery, after.hi_ns);
	return true;
}

static void each_foreign_wait(const struct judge *judge, struct judge_tally *tally,
			      const struct judge_case *c, bool asked, edge *judge_edge)
{
	for (size_t i = 1; i < c->delivery->receipt_count; i++) {
		struct judge_evidence after = judge_evidence_of(c->delivery, i);
		struct wait wait;

		if (foreign_wait(judge, c, i, judge_began_within(&after), &wait) &&
		    wait.asked == asked)
			judge_edge(judge, tally, &wait);
	}
}

static void foreign_early(struct judge *judge, struct judge_tally *tally,
			  const struct judge_case *c)
{
	each_foreign_wait(judge, tally, c, false, judge_lower);
}

static void foreign_asked(struct judge *judge, struct judge_tally *tally,
			  const struct judge_case *c)
{
	each_foreign_wait(judge, tally, c, true, judge_both);
}

/* Whether the sender surely saw no success and has attempts left. */
static bool must_go_on(const struct judge *judge, const struct judge_case *c)
{
	size_t count = c->delivery->receipt_count;
	const struct record_receipt *last = &c->delivery->receipts[count - 1];
	bool answered = last->end == RECORD_END_ANSWERED;

	if (last->end == RECORD_END_BROKEN || c->before + count >= judge->policy.attempts_max)
		return false;
	if (answered && (profile_is_success(&judge->plan->judged, last->status) ||
			 (judge->plan->judged.gone_stops && last->status == 410)))
		return false;
	return true;
}

/* The next attempt did not come while we listened, which was longer than its window. */
static void judge_absent(const struct judge *judge, struct judge_tally *tally,
			 const struct judge_case *c)
{
	struct judge_span end = {judge->facts.watched_ns, HP_NEVER};
	char name[JUDGE_NAME_BYTES], hi[JUDGE_SECONDS_BYTES], seen[JUDGE_SECONDS_BYTES];
	struct wait wait;
	char *line;

	if (judge->facts.watched_ns == 0 || judge->facts.interrupted || !judge_is_whole(judge) ||
	    !must_go_on(judge, c) ||
	    !foreign_wait(judge, c, c->delivery->receipt_count, end, &wait) || !wait.timed ||
	    was_deaf_before(judge, c->delivery, judge->facts.watched_ns) ||
	    wait.seen_lo_ns <= wait.hi_ns)
		return;
	line = judge_fail(tally, beyond_ns(wait.seen_lo_ns, wait.hi_ns));
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "%s: attempt %zu did not come within %s of attempt %zu; we listened for "
			 "%s",
			 judge_delivery_name(judge, c->delivery, name), wait.number + 1,
			 judge_seconds(wait.hi_ns, hi), wait.number,
			 judge_seconds(wait.seen_lo_ns, seen));
}

static void foreign_late(struct judge *judge, struct judge_tally *tally, const struct judge_case *c)
{
	each_foreign_wait(judge, tally, c, false, judge_upper);
	if (c->delivery->receipt_count > 0)
		judge_absent(judge, tally, c);
}

/* ---- the end ---- */

static void add_skipped(const struct judge_tally *tally, const char *why, struct finding *finding)
{
	size_t bytes = strlen(finding->reason);

	if (tally->skipped == 0)
		return;
	if (tally->total == 0)
		bytes = 0;
	snprintf(finding->reason + bytes, sizeof(finding->reason) - bytes, "%s%" PRIu64 " %s%s",
		 bytes ? "; " : "", tally->skipped, bytes ? "" : "waits ", why);
}

static void finish_early(struct judge *judge, const struct metrics *metrics,
			 struct finding *finding)
{
	(void)metrics;
	add_skipped(&judge->tallies[JUDGE_LAW_early],
		    "lie within the tolerance, which hides them", finding);
}

/* The worst overdue attempt is lost when no queue of ours, nor an attempt that ran into its
 * timeout, explains that it never came: twice the longest wait that was seen. */
static void judge_overdue(struct judge *judge, struct judge_tally *tally)
{
	uint64_t explained_ns = 2 * judge->wait_ns_max + judge->plan->profile.timeout_ns +
				judge->policy.poll_ns + JUDGE_TOLERANCE_NS;
	char over[JUDGE_SECONDS_BYTES], most[JUDGE_SECONDS_BYTES];
	char *line;

	if (judge->overdue_ns <= explained_ns)
		return;
	line = judge_fail(tally, judge->overdue_ns);
	if (line)
		snprintf(line, VERDICT_EVIDENCE_BYTES,
			 "event %" PRIu64 " at %s: its next attempt was due %s before the run's "
			 "end and never came; our queue explains at most %s",
			 judge->overdue.event_index,
			 judge_endpoint_name(judge, judge->overdue.endpoint_index),
			 judge_seconds((int64_t)judge->overdue_ns, over),
			 judge_seconds((int64_t)explained_ns, most));
}

static void finish_late(struct judge *judge, const struct metrics *metrics, struct finding *finding)
{
	(void)metrics;
	judge_overdue(judge, &judge->tallies[JUDGE_LAW_late]);
	judge_conclude(judge, JUDGE_LAW_late, finding);
	add_skipped(&judge->tallies[JUDGE_LAW_late],
		    judge->facts.foreign ? "are counted, not timed: attempts may have come while "
					   "we were deaf, or time is scaled"
					 : "are counted, not timed",
		    finding);
}

static void finish_asked(struct judge *judge, const struct metrics *metrics,
			 struct finding *finding)
{
	(void)metrics;
	if (judge->policy.after != RETRY_AFTER_IGNORE)
		return;
	finding->verdict = VERDICT_NOT_APPLICABLE;
	snprintf(finding->reason, sizeof(finding->reason), "profile %s ignores Retry-After",
		 judge->plan->judged.name);
}

const struct judge_law judge_law_early = {
	.check = {
		.id = "never-early",
		.group = "retries",
		.level = CHECK_MUST,
		.clause = "paisr-v1/10",
		.requirement = "No retry comes before its window opens.",
		.remedy = "Count the delay from the anchor that the profile names, keep the "
			  "jitter inside its bounds, and let one owner hold each delivery.",
	},
	.noun = "waits",
	.broken = "were too short",
	.none = "no attempt was retried",
	.floor = 0.99,
	.needs = JUDGE_NEEDS_FAILURES,
	.each = each_early,
	.foreign = foreign_early,
	.finish = finish_early,
};

const struct judge_law judge_law_late = {
	.check = {
		.id = "never-late",
		.group = "retries",
		.level = CHECK_MUST,
		.clause = "paisr-v1/10",
		.requirement = "A retry comes before its window closes.",
		.remedy = "Look at base, unit and factor of the delay first, then at how often "
			  "due retries are looked for.",
	},
	.noun = "waits",
	.broken = "were too long",
	.none = "no attempt was retried",
	.floor = 0.99,
	.needs = JUDGE_NEEDS_FAILURES,
	.each = each_late,
	.foreign = foreign_late,
	.finish = finish_late,
};

const struct judge_law judge_law_retry_after = {
	.check = {
		.id = "retry-after",
		.group = "retries",
		.level = CHECK_MUST,
		.clause = "history",
		.requirement = "After an answer with Retry-After the wait is what the profile "
			       "makes of it.",
		.remedy = "Read Retry-After strictly, clamp it as the profile says, and never "
			  "take what cannot be read for \"at once\".",
	},
	.noun = "waits",
	.broken = "were not what Retry-After makes of them",
	.none = "no failed answer had a Retry-After",
	.floor = 0.99,
	.needs = JUDGE_NEEDS_FAILURES,
	.each = each_asked,
	.foreign = foreign_asked,
	.finish = finish_asked,
};
