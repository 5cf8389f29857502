#include "judge/judge.h"

#include <inttypes.h>
#include <stdio.h>
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

/* Those that say that a receiver of ours could not take what was sent (net/server_station.c). */
static const char *const starving[] = {"descriptors-exhausted", "cannot-listen"};

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
	if (!facts->foreign)
		judge_expected_init(&judge->expected, plan, facts);
	judge_lag_init(&judge->lag);
	judge->endpoints = hp_xcalloc(plan->endpoint_count, sizeof(*judge->endpoints));
	judge->digests = judge_digests_new();
	judge->deaf_ns = hp_xcalloc(plan->endpoint_count, sizeof(*judge->deaf_ns));
	for (size_t i = 0; i < plan->endpoint_count; i++)
		judge->deaf_ns[i] = HP_NEVER;
	judge->portion.pair.event_index = RECORD_NO_EVENT;
	judge->portion.pair.endpoint_index = UINT32_MAX;
	judge->fan_event_index = RECORD_NO_EVENT;
	return judge;
}

void judge_free(struct judge *judge)
{
	if (!judge)
		return;
	if (!judge->facts.foreign)
		judge_expected_fini(&judge->expected);
	judge_lag_fini(&judge->lag);
	judge_digests_free(judge->digests);
	free(judge->endpoints);
	free(judge->deaf_ns);
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

const char *judge_delivery_name(const struct judge *judge, const struct record_delivery *delivery,
				char out[JUDGE_NAME_BYTES])
{
	const char *at = judge_endpoint_name(judge, delivery->endpoint_index);

	if (delivery->event_index != RECORD_NO_EVENT)
		snprintf(out, JUDGE_NAME_BYTES, "event %" PRIu64 " at %.63s", delivery->event_index,
			 at);
	else if (delivery->receipt_count && delivery->receipts->key[0])
		snprintf(out, JUDGE_NAME_BYTES, "\"%.*s\" at %.63s", RECORD_KEY_BYTES - 1,
			 delivery->receipts->key, at);
	else
		snprintf(out, JUDGE_NAME_BYTES, "identity %016" PRIx64 " at %.63s",
			 delivery->identity, at);
	return out;
}

bool judge_is_ok(const struct judge *judge, const struct record_attempt *attempt)
{
	if (attempt->outcome != OUTCOME_OK && attempt->outcome != OUTCOME_STATUS)
		return false;
	return profile_is_success(&judge->plan->judged, attempt->status);
}

bool judge_is_info(const struct record_attempt *attempt)
{
	return attempt->outcome >= OUTCOME_COUNT ||
	       outcome_class(attempt->outcome) == OUTCOME_CLASS_INFO;
}

uint64_t judge_began_ns(const struct record_attempt *attempt)
{
	return attempt->sent_ns != HP_NEVER ? attempt->sent_ns : attempt->released_ns;
}

/* ---- the passage ---- */

static bool begins_with_one(const char *text, const char *const *slugs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(text, slugs[i], strlen(slugs[i])) == 0)
			return true;
	return false;
}
#define IS_ONE_OF(text, slugs) begins_with_one(text, slugs, sizeof(slugs) / sizeof(*(slugs)))

static void note(struct judge *judge, const struct record_note *record)
{
	judge->starved_notes += IS_ONE_OF(record->text, starving);
	if (IS_ONE_OF(record->text, spoiling) && judge->spoiled_notes++ == 0)
		memcpy(judge->spoiled, record->text, sizeof(judge->spoiled) - 1);
}

/* From here on this endpoint may have been called without our seeing it. */
static void note_deaf(struct judge *judge, uint32_t endpoint_index, uint64_t from_ns)
{
	if (endpoint_index < judge->plan->endpoint_count &&
	    from_ns < judge->deaf_ns[endpoint_index])
		judge->deaf_ns[endpoint_index] = from_ns;
}

/* The loop that reads what the laws are about: the generator's answers, or the receivers'
 * requests. */
static bool is_our_loop(const struct judge *judge, const struct record_lag *lag)
{
	return lag->worker == (judge->facts.foreign ? 1 : 0);
}

void judge_other(struct judge *judge, const struct record *record)
{
	if (record->kind == RECORD_LAG && is_our_loop(judge, &record->lag))
		judge_lag_add(&judge->lag, &record->lag);
	if (record->kind == RECORD_NOTE)
		note(judge, &record->note);
	if (record->kind == RECORD_GAP)
		note_deaf(judge, record->gap.endpoint_index, record->gap.from_ns);
	if (record->kind != RECORD_FAULT)
		return;
	note_deaf(judge, record->fault.endpoint_index, record->fault.planned_ns);
	judge_count_fault(judge, &record->fault);
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

/* Whether what the sender read at this attempt was spoilt on purpose. Both ascend in time: *from is
 * where to look on. A receiver may have read it before the write that sent it returned. */
static bool was_spoilt(const struct record_delivery *delivery, const struct record_attempt *attempt,
		       size_t *from)
{
	while (*from < delivery->receipt_count &&
	       delivery->receipts[*from].arrived_ns < attempt->released_ns)
		++*from;
	return *from < delivery->receipt_count &&
	       delivery->receipts[*from].arrived_ns <= attempt->done_ns &&
	       delivery->receipts[*from].end == RECORD_END_BROKEN;
}

static void weigh_attempts(const struct judge *judge, struct judge_case *c)
{
	const struct record_delivery *delivery = c->delivery;
	size_t from = 0;

	for (size_t i = 0; i < delivery->attempt_count; i++) {
		const struct record_attempt *attempt = &delivery->attempts[i];
		bool spoilt = judge_is_ok(judge, attempt) && was_spoilt(delivery, attempt, &from);

		c->doubted |= spoilt;
		c->info |= spoilt || judge_is_info(attempt);
		if (c->ok == delivery->attempt_count && !spoilt && judge_is_ok(judge, attempt))
			c->ok = i;
	}
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
	weigh_attempts(judge, &c);
	c.ends = delivery->ended || delivery->attempt_count > 0;
	if (delivery->ended)
		c.state = delivery->ended->state;
	else if (c.ends)
		c.state = delivery->attempts[delivery->attempt_count - 1].state;
	return c;
}

/* All that is known of a foreign delivery is what came; what came of it before this portion is
 * counted, so that its attempts keep their numbers. */
static struct judge_case foreign_case_of(struct judge *judge,
					 const struct record_delivery *delivery)
{
	struct judge_portion *portion = &judge->portion;
	struct judge_case c = {.delivery = delivery, .ok = delivery->attempt_count};

	if (portion->pair.event_index != delivery->event_index ||
	    portion->pair.endpoint_index != delivery->endpoint_index ||
	    portion->identity != delivery->identity)
		*portion = (struct judge_portion){
			.pair = {delivery->event_index, delivery->endpoint_index},
			.identity = delivery->identity};
	c.before = portion->count;
	portion->count += delivery->receipt_count;
	return c;
}

void judge_delivery(struct judge *judge, const struct record_delivery *delivery)
{
	bool foreign = judge->facts.foreign;
	struct judge_case c =
		foreign ? foreign_case_of(judge, delivery) : case_of(judge, delivery);

	judge_count_case(judge, &c);
	judge_note_receipts(judge, delivery);
	for (size_t i = 0; i < JUDGE_LAW_COUNT; i++) {
		if (foreign && laws[i]->foreign)
			laws[i]->foreign(judge, &judge->tallies[i], &c);
		else if (!foreign && laws[i]->each)
			laws[i]->each(judge, &judge->tallies[i], &c);
	}
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

static void walk_to_the_end(struct judge *judge, const struct metrics *metrics)
{
	struct judge_pair last = {RECORD_NO_EVENT, UINT32_MAX};

	cut_plan(judge, metrics);
	if (judge->facts.recording == PLAN_RECORD_ALL) /* else what left no record says nothing */
		pass_by(judge, &last);
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

	if (!judge->facts.foreign)
		walk_to_the_end(judge, metrics);
	*out = (struct judgement){.finding_count = JUDGE_LAW_COUNT + thresholds};
	out->findings = hp_xcalloc(out->finding_count, sizeof(*out->findings));
	judge_trust(judge, metrics, out);
	judge->late = out->untrusted && judge->starved_notes == 0 &&
		      (!metrics || metrics->by_outcome[OUTCOME_NO_PORTS] == 0);
	judge_laws(judge, metrics, out);
	for (unsigned number = 1; number <= thresholds; number++)
		judge_threshold(judge, metrics, number, out->untrusted,
				&out->findings[JUDGE_LAW_COUNT + number - 1]);
	if (judge->facts.incomplete) /* undecided, whatever of its last figures found room */
		out->untrusted = false;
	judgement_close(out, judge->facts.interrupted, judge_is_unreachable(judge, metrics));
}
