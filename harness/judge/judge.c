#include "judge/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "judge/judge_inside.h"

static const struct judge_law *const laws[] = {
#define X(name) &judge_law_##name,
	JUDGE_LAWS(X)
#undef X
};

/* The slugs of notes that say that our own clocks or the machine cannot be trusted. */
static const char *const spoiling[] = {"clock-step", "suspended", "stolen-cpu", "late-start"};

size_t judge_check_count(void)
{
	return JUDGE_LAW_COUNT;
}

const struct check *judge_check_at(size_t index)
{
	assert(index < JUDGE_LAW_COUNT);
	return &laws[index]->check;
}

struct judge *judge_new(const struct plan *plan, const struct judge_facts *facts)
{
	struct judge *judge = hp_xcalloc(1, sizeof(*judge));

	judge->plan = plan;
	judge->facts = *facts;
	judge->policy = plan_policy_judged(plan);
	judge_expected_init(&judge->expected, plan, facts);
	judge_lag_init(&judge->lag);
	judge->endpoints = hp_xcalloc(plan->endpoint_count, sizeof(*judge->endpoints));
	judge->digests = judge_digests_new();
	judge->fan_event_index = RECORD_NO_EVENT;
	return judge;
}

void judge_free(struct judge *judge)
{
	if (!judge)
		return;
	judge_expected_fini(&judge->expected);
	judge_lag_fini(&judge->lag);
	judge_digests_free(judge->digests);
	free(judge->endpoints);
	free(judge);
}

/* ---- what several laws ask ---- */

bool judge_is_whole(const struct judge *judge)
{
	return judge->facts.recording == PLAN_RECORD_ALL && !judge->facts.incomplete &&
	       judge->facts.records_lost == 0;
}

const char *judge_endpoint_name(const struct judge *judge, uint32_t endpoint_index)
{
	if (endpoint_index >= judge->plan->endpoint_count)
		return "no endpoint of the plan";
	return judge->plan->endpoints[endpoint_index].name;
}

bool judge_is_ok(const struct judge *judge, const struct record_attempt *attempt)
{
	if (attempt->outcome != OUTCOME_OK && attempt->outcome != OUTCOME_STATUS)
		return false;
	return profile_is_success(&judge->plan->judged, attempt->status);
}

uint64_t judge_began_ns(const struct record_attempt *attempt)
{
	return attempt->sent_ns != HP_NEVER ? attempt->sent_ns : attempt->released_ns;
}

/* ---- the passage ---- */

static void note(struct judge *judge, const struct record_note *record)
{
	for (size_t i = 0; i < sizeof(spoiling) / sizeof(*spoiling); i++) {
		if (strncmp(record->text, spoiling[i], strlen(spoiling[i])) != 0)
			continue;
		if (judge->spoiled_notes++ == 0)
			memcpy(judge->spoiled, record->text, sizeof(judge->spoiled) - 1);
		return;
	}
}

void judge_other(struct judge *judge, const struct record *record)
{
	if (record->kind == RECORD_LAG && record->lag.worker == 0)
		judge_lag_add(&judge->lag, &record->lag);
	if (record->kind == RECORD_NOTE)
		note(judge, &record->note);
}

static void miss(struct judge *judge, const struct judge_pair *pair)
{
	judge_count_missing(judge, pair);
	for (size_t i = 0; i < JUDGE_LAW_COUNT; i++)
		if (laws[i]->missing)
			laws[i]->missing(judge, &judge->tallies[i], pair);
}

/* Walks the plan up to this delivery. True when the plan demands it. */
static bool pass_by(struct judge *judge, const struct judge_pair *here)
{
	struct judge_pair pair;

	while (judge_expected_next(&judge->expected, here, &pair)) {
		if (pair.event_index == here->event_index &&
		    pair.endpoint_index == here->endpoint_index)
			return true;
		miss(judge, &pair);
	}
	return false;
}

static bool is_info(const struct record_attempt *attempt)
{
	return attempt->outcome >= OUTCOME_COUNT ||
	       outcome_class(attempt->outcome) == OUTCOME_CLASS_INFO;
}

static struct judge_case case_of(struct judge *judge, const struct record_delivery *delivery)
{
	struct judge_pair here = {delivery->event_index, delivery->endpoint_index};
	struct judge_case c = {
		.delivery = delivery,
		.planned = judge_expected_has(&judge->expected, delivery->event_index),
		.ok = delivery->attempt_count,
	};

	if (c.planned)
		c.subscribed = pass_by(judge, &here);
	for (size_t i = delivery->attempt_count; i-- > 0;) {
		if (judge_is_ok(judge, &delivery->attempts[i]))
			c.ok = i;
		c.info |= is_info(&delivery->attempts[i]);
	}
	c.ends = delivery->ended || delivery->attempt_count > 0;
	if (delivery->ended)
		c.state = delivery->ended->state;
	else if (c.ends)
		c.state = delivery->attempts[delivery->attempt_count - 1].state;
	return c;
}

void judge_delivery(struct judge *judge, const struct record_delivery *delivery)
{
	struct judge_case c = case_of(judge, delivery);

	judge_count_case(judge, &c);
	judge_note_receipts(judge, delivery);
	for (size_t i = 0; i < JUDGE_LAW_COUNT; i++)
		if (laws[i]->each)
			laws[i]->each(judge, &judge->tallies[i], &c);
}

/* ---- the end ---- */

/* A run that was cut, or that had no end of its own, planned as many events as it counted. */
static void cut_plan(struct judge *judge, const struct metrics *metrics)
{
	bool closed = judge->plan->arrivals.kind == ARRIVALS_CLOSED || judge->expected.endless;

	if (judge->facts.event_end)
		return;
	if (judge->facts.incomplete || (!metrics && (closed || judge->facts.interrupted)))
		judge_expected_cut(&judge->expected, judge->expected.event_index);
	else if (closed || judge->facts.interrupted)
		judge_expected_cut(&judge->expected,
				   judge->expected.first +
					   metrics->events * judge->plan->shard_count);
}

static void judge_laws(struct judge *judge, const struct metrics *metrics, struct judgement *out)
{
	for (size_t i = 0; i < JUDGE_LAW_COUNT; i++) {
		judge_conclude(judge, (enum judge_law_index)i, &out->findings[i]);
		if (laws[i]->finish)
			laws[i]->finish(judge, metrics, &out->findings[i]);
	}
}

void judge_finish(struct judge *judge, const struct metrics *metrics, struct judgement *out)
{
	const unsigned thresholds = judge->plan->threshold_count;
	struct judge_pair last = {RECORD_NO_EVENT, UINT32_MAX};

	cut_plan(judge, metrics);
	if (judge->facts.recording == PLAN_RECORD_ALL) /* else what left no record says nothing */
		pass_by(judge, &last);
	*out = (struct judgement){.finding_count = JUDGE_LAW_COUNT + thresholds};
	out->findings = hp_xcalloc(out->finding_count, sizeof(*out->findings));
	judge_trust(judge, metrics, out);
	judge_laws(judge, metrics, out);
	for (unsigned number = 1; number <= thresholds; number++)
		judge_threshold(judge, metrics, number, out->untrusted,
				&out->findings[JUDGE_LAW_COUNT + number - 1]);
	judgement_close(out, judge->facts.interrupted, judge_is_unreachable(judge, metrics));
}
