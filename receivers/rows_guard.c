/* When a fault strikes, by event and attempt: rows that hold other rows. See behaviour.h. */
#include "base/random.h"
#include "receivers/rows.h"

/* A guard by event cannot hold what happens before an event is known. */
static int holds_by_event(const struct behaviour_part *part, const struct behaviour_row *fault,
			  struct hp_err *err)
{
	if (fault->stage != BEHAVIOUR_ON_CONNECT && fault->stage != BEHAVIOUR_ON_QUERY &&
	    !fault->by_time)
		return 0;
	return hp_err_set(err, HP_EINPUT,
			  "%s: \"%s\" happens before an event is known; let it stand alone, or in "
			  "an \"outage\"",
			  part->row->fault_key, fault->slug);
}

/* first-n */

enum first_n_param { FIRST_N };

static bool strikes_first_n(const struct behaviour_part *part, const struct behaviour_case *c,
			    uint64_t *until_ns)
{
	(void)until_ns;
	return c->ordinal <= part->values[FIRST_N];
}

/* share */

enum share_param { SHARE_SHARE, SHARE_SCOPE };
enum share_scope { SCOPE_EVENT, SCOPE_ATTEMPT, SCOPE_CONNECTION, SCOPE_QUERY };
static const char *const scope_words[] = {"event", "attempt", "connection", "query", NULL};

static bool strikes_share(const struct behaviour_part *part, const struct behaviour_case *c,
			  uint64_t *until_ns)
{
	const struct hp_key key = {
		.seed = c->seed, .stream = HP_STREAM_FAULT, .endpoint = c->endpoint_index,
		.event = c->identity,
		.attempt = part->values[SHARE_SCOPE] == SCOPE_EVENT ? 0 : c->ordinal,
		.draw = c->draw,
	};
	(void)until_ns;
	return hp_random_below(&key, BEHAVIOUR_MICRO) < part->values[SHARE_SHARE];
}

static int holds_share(const struct behaviour_part *part, const struct behaviour_row *fault,
		       struct hp_err *err)
{
	static const struct {
		const char *word, *matter;
	} scopes[] = {
		[BEHAVIOUR_ON_REQUEST] = {"attempt", "deliveries"},
		[BEHAVIOUR_IN_REQUEST] = {"attempt", "deliveries"},
		[BEHAVIOUR_ON_CONNECT] = {"connection", "connections"},
		[BEHAVIOUR_ON_QUERY] = {"query", "queries"},
	};
	const char *scope = scope_words[part->values[SHARE_SCOPE]];

	if (part->values[SHARE_SCOPE] < SCOPE_CONNECTION)
		return holds_by_event(part, fault, err);
	if (strcmp(scope, scopes[fault->stage].word) == 0)
		return 0;
	return hp_err_set(err, HP_EINPUT,
			  "fault: \"%s\" is a matter of %s; want \"scope\": \"%s\"",
			  fault->slug, scopes[fault->stage].matter, scopes[fault->stage].word);
}

/* match */

enum match_param { MATCH_EVENTS, MATCH_IDS };

static bool matches(struct hp_view pattern, struct hp_view text)
{
	if (pattern.at[pattern.bytes - 1] != '*')
		return hp_view_equal(pattern, text);
	pattern.bytes--;
	return text.bytes >= pattern.bytes && memcmp(text.at, pattern.at, pattern.bytes) == 0;
}

/* Whether the text is like one of the patterns, which spaces separate. */
static bool any_matches(const char *patterns, struct hp_view text)
{
	for (const char *at = patterns; *at != '\0';) {
		struct hp_view pattern = {at, strcspn(at, " ")};

		if (pattern.bytes != 0 && text.bytes != 0 && matches(pattern, text))
			return true;
		at += pattern.bytes + (at[pattern.bytes] == ' ');
	}
	return false;
}

/* "inv_123456" of the key "inv_123456:invoice.paid"; a key without a type is its own id. */
static struct hp_view id_of(struct hp_view key)
{
	const char *colon = key.bytes != 0 ? memchr(key.at, ':', key.bytes) : NULL;

	return (struct hp_view){key.at, colon != NULL ? (size_t)(colon - key.at) : key.bytes};
}

static bool strikes_match(const struct behaviour_part *part, const struct behaviour_case *c,
			  uint64_t *until_ns)
{
	const char *events = behaviour_text(part, MATCH_EVENTS);
	const char *ids = behaviour_text(part, MATCH_IDS);

	(void)until_ns;
	if (events[0] != '\0' && !any_matches(events, c->type))
		return false;
	return ids[0] == '\0' || any_matches(ids, c->key) || any_matches(ids, id_of(c->key));
}

static int check_match(const struct behaviour_part *part, struct hp_err *err)
{
	if (behaviour_text(part, MATCH_EVENTS)[0] != '\0' ||
	    behaviour_text(part, MATCH_IDS)[0] != '\0')
		return 0;
	return hp_err_set(err, HP_EINPUT, "want \"events\", \"ids\", or both");
}

const struct behaviour_row rows_guard[] = {
	{
		.number = 4, .slug = "first-n", .layer = BEHAVIOUR_SEQUENCE,
		.help = "a fault for the first n attempts of each event",
		.proof = "as the fault that it holds",
		.params = {[FIRST_N] = {"n", BEHAVIOUR_COUNT, 2, 1, ROWS_ATTEMPTS_MAX,
					.help = "how many attempts of each event"}},
		.fault_key = "fault", .fault_standard = "status",
		.strikes = strikes_first_n,
		.holds = holds_by_event,
	},
	{
		.number = 5, .slug = "share", .layer = BEHAVIOUR_SEQUENCE,
		.help = "a fault for a share of the attempts, events or connections, each drawn",
		.proof = "as the fault that it holds; the share seen, against binomial bounds",
		.params = {
			[SHARE_SHARE] = {"share", BEHAVIOUR_SHARE, BEHAVIOUR_MICRO / 20, 0,
					 BEHAVIOUR_MICRO, .help = "of all of them, 0 to 1"},
			[SHARE_SCOPE] = {"scope", BEHAVIOUR_WORD, SCOPE_ATTEMPT,
					 .words = scope_words,
					 .help = "what is drawn for: an event with all its "
						 "attempts, an attempt, or, load-dependent, a "
						 "connection or a query, for faults of those"},
		},
		.fault_key = "fault", .fault_standard = "status",
		.strikes = strikes_share,
		.holds = holds_share,
	},
	{
		.number = 180, .slug = "plan", .layer = BEHAVIOUR_SEQUENCE, .by_plan = true,
		.help = "an answer for each attempt of an event, in order; the last one repeats",
		.proof = "as the faults that it holds",
		.fault_key = "attempts",
		.holds = holds_by_event,
	},
	{
		.number = 181, .slug = "match", .layer = BEHAVIOUR_SEQUENCE,
		.help = "a fault for events of a type, or with an id, and for no others",
		.proof = "as the fault that it holds",
		.params = {
			[MATCH_EVENTS] = {"events", BEHAVIOUR_PATTERNS,
					  .help = "types like invoice.*; none: any"},
			[MATCH_IDS] = {"ids", BEHAVIOUR_PATTERNS,
				       .help = "ids like inv_123456 or inv_12*; none: any"},
		},
		.fault_key = "fault", .fault_standard = "status",
		.strikes = strikes_match,
		.check = check_match,
		.holds = holds_by_event,
	},
	{.number = 0},
};
