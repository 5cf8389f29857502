/* Tallies: counting instances, keeping the worst evidence, and making a finding of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "judge/judge_inside.h"

void judge_hold(struct judge_tally *tally)
{
	tally->total++;
	tally->decided++;
}

void judge_open(struct judge_tally *tally, const char *word)
{
	tally->total++;
	tally->open = word;
}

/* Makes room for a line of that weight; equal ones stay in the order in which they came. */
static char *insert(struct judge_tally *tally, uint64_t weight)
{
	size_t at = tally->evidence_count;
	size_t behind;

	while (at > 0 && tally->weight[at - 1] < weight)
		at--;
	if (at == VERDICT_EVIDENCE_MAX)
		return NULL;
	if (tally->evidence_count < VERDICT_EVIDENCE_MAX)
		tally->evidence_count++;
	behind = tally->evidence_count - at - 1;
	memmove(tally->evidence[at + 1], tally->evidence[at], behind * sizeof(*tally->evidence));
	memmove(&tally->weight[at + 1], &tally->weight[at], behind * sizeof(*tally->weight));
	tally->weight[at] = weight;
	tally->evidence[at][0] = '\0';
	return tally->evidence[at];
}

char *judge_fail(struct judge_tally *tally, uint64_t weight)
{
	judge_hold(tally);
	tally->failed++;
	return insert(tally, weight ? weight : 1);
}

char *judge_warn(struct judge_tally *tally)
{
	judge_hold(tally);
	tally->warned++;
	return insert(tally, 0); /* below every failure */
}

static bool needs_a_driver(const struct judge *judge, const struct judge_law *law)
{
	return judge->facts.foreign && law->driver;
}

/* Of a foreign sender every receipt is kept with the failures. */
static bool has_what_it_needs(const struct judge *judge, const struct judge_law *law)
{
	switch (judge->facts.recording) {
	case PLAN_RECORD_ALL:
		return true;
	case PLAN_RECORD_FAILURES:
		return law->needs <= JUDGE_NEEDS_FAILURES || judge->facts.foreign;
	case PLAN_RECORD_SUMMARY:
		return law->needs == JUDGE_NEEDS_SUMMARY;
	}
	assert(false && "a recording mode without its meaning");
}

static enum verdict weigh(const struct judge *judge, const struct judge_law *law,
			  const struct judge_tally *tally)
{
	if (tally->failed)
		return law->check.level == CHECK_MUST ? VERDICT_FAIL : VERDICT_WARN;
	if (!has_what_it_needs(judge, law) || tally->total == 0)
		return VERDICT_UNOBSERVED;
	if ((double)tally->decided < law->floor * (double)tally->total || tally->decided == 0)
		return VERDICT_INCONCLUSIVE;
	return tally->warned ? VERDICT_WARN : VERDICT_PASS;
}

static void say_broken(const struct judge_law *law, const struct judge_tally *tally,
		       struct finding *finding)
{
	snprintf(finding->reason, sizeof(finding->reason),
		 "%" PRIu64 " of %" PRIu64 " %s %s: %.180s", tally->failed, tally->total, law->noun,
		 law->broken, tally->evidence[0]);
}

static void say_unobserved(const struct judge *judge, const struct judge_law *law,
			   struct finding *finding)
{
	bool all = law->needs == JUDGE_NEEDS_ALL && !judge->facts.foreign;

	if (needs_a_driver(judge, law))
		snprintf(finding->reason, sizeof(finding->reason), "%s", law->driver);
	else if (has_what_it_needs(judge, law))
		snprintf(finding->reason, sizeof(finding->reason), "%s",
			 judge->facts.incomplete
				 ? "the file ends before the run did, and holds nothing of it"
				 : law->none);
	else
		snprintf(finding->reason, sizeof(finding->reason),
			 "needs --record %s, was %s",
			 all ? "all" : "failures",
			 plan_recording_word(judge->facts.recording));
}

static void say(const struct judge *judge, const struct judge_law *law,
		const struct judge_tally *tally, struct finding *finding)
{
	if (tally->failed)
		say_broken(law, tally, finding);
	else if (finding->verdict == VERDICT_UNOBSERVED)
		say_unobserved(judge, law, finding);
	else if (finding->verdict == VERDICT_INCONCLUSIVE)
		snprintf(finding->reason, sizeof(finding->reason),
			 "%s: %" PRIu64 " of %" PRIu64 " %s decided", tally->open, tally->decided,
			 tally->total, law->noun);
	else if (finding->verdict == VERDICT_WARN)
		snprintf(finding->reason, sizeof(finding->reason),
			 "late-under-load: %" PRIu64 " of %" PRIu64 " %s, our queue",
			 tally->warned, tally->total, law->noun);
	else if (tally->decided < tally->total)
		snprintf(finding->reason, sizeof(finding->reason),
			 "%" PRIu64 " of %" PRIu64 " %s decided, all right", tally->decided,
			 tally->total, law->noun);
	else
		snprintf(finding->reason, sizeof(finding->reason), "%" PRIu64 " %s, all right",
			 tally->total, law->noun);
}

void judge_conclude(const struct judge *judge, enum judge_law_index index, struct finding *finding)
{
	static const struct judge_law *const laws[] = {
#define X(name) &judge_law_##name,
		JUDGE_LAWS(X)
#undef X
	};
	const struct judge_law *law = laws[index];
	const struct judge_tally *tally = &judge->tallies[index];

	finding->check = &law->check;
	finding->verdict = weigh(judge, law, tally);
	finding->decided = tally->decided;
	finding->total = tally->total;
	finding->failed = tally->failed;
	finding->evidence_count = tally->evidence_count;
	memcpy(finding->evidence, tally->evidence, sizeof(tally->evidence));
	say(judge, law, tally, finding);
}

const char *judge_seconds(int64_t span_ns, char *out)
{
	uint64_t abs_ns = span_ns < 0 ? 0 - (uint64_t)span_ns : (uint64_t)span_ns;
	uint64_t abs_us = (abs_ns + 500) / 1000;
	size_t bytes = (size_t)snprintf(out, JUDGE_SECONDS_BYTES, "%s%" PRIu64 ".%06" PRIu64,
					span_ns < 0 ? "-" : "", abs_us / 1000000, abs_us % 1000000);

	while (out[bytes - 1] == '0')
		bytes--;
	if (out[bytes - 1] == '.')
		bytes--;
	snprintf(out + bytes, JUDGE_SECONDS_BYTES - bytes, " s");
	return out;
}
