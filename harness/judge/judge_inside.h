/* The inside of judge/: what the laws share. A law is a row (struct judge_law) with functions that
 * look at one delivery at a time and count instances in a tally; judge_conclude() makes a finding
 * of the tally. Not for other folders. */
#ifndef HP_JUDGE_JUDGE_INSIDE_H
#define HP_JUDGE_JUDGE_INSIDE_H
#include "engine/content.h"
#include "judge/judge.h"

/* Every law, in the order of reports. One more: a row in a file of its own, and a line here. */
#define JUDGE_LAWS(X)                                                                              \
	X(accounting)                                                                              \
	X(no_loss)                                                                                 \
	X(no_phantom)                                                                              \
	X(scope)                                                                                   \
	X(attempts)                                                                                \
	X(single_flight)                                                                           \
	X(stops)                                                                                   \
	X(early)                                                                                   \
	X(late)                                                                                    \
	X(retry_after)                                                                             \
	X(identity)                                                                                \
	X(signature)                                                                               \
	X(effect)                                                                                  \
	X(exhausted)                                                                               \
	X(faults)

enum judge_law_index {
#define X(name) JUDGE_LAW_##name,
	JUDGE_LAWS(X)
#undef X
		JUDGE_LAW_COUNT
};

/* ---- tallies (judge_tally.c) ---- */

struct judge_tally { /* what one law has seen */
	uint64_t total, decided, failed;
	uint64_t warned;  /* decided, outside, and explained by our own load */
	uint64_t skipped; /* looked at and not judged: no instance of the law */
	uint64_t recovered; /* attempts that followed an ambiguous answer, which is legal */
	const char *open; /* the word for why an instance stayed undecided: "lag", "gap" */
	size_t evidence_count;
	uint64_t weight[VERDICT_EVIDENCE_MAX];
	char evidence[VERDICT_EVIDENCE_MAX][VERDICT_EVIDENCE_BYTES];
};

void judge_hold(struct judge_tally *tally);
void judge_open(struct judge_tally *tally, const char *word);

/* Count a broken instance, the greater the weight the worse. Return where its evidence line is to
 * be written (VERDICT_EVIDENCE_BYTES), or NULL: there are enough that are at least as bad. */
char *judge_fail(struct judge_tally *tally, uint64_t weight);
char *judge_warn(struct judge_tally *tally);

/* ---- the plan's side: which deliveries there must be (judge_expected.c) ---- */

struct judge_pair {
	uint64_t event_index;
	uint32_t endpoint_index;
};

struct judge_fan { /* the endpoints that subscribe to one event type, ascending */
	uint32_t *endpoint_index;
	size_t count;
};

struct judge_expected {
	const struct plan *plan;
	struct content *content;
	struct judge_fan fans[PLAN_TYPES_MAX];
	uint64_t event_index; /* whose fan the walk stands in */
	const struct judge_fan *fan;
	size_t at; /* in the fan */
	uint64_t first, end;
	uint64_t events; /* passed so far */
	bool endless;    /* the plan has no end of its own: closed arrivals */
	double per_s;    /* events that this shard plans; 0: closed arrivals */
	double events_max, deliveries_max; /* of the run, had it come to its end; INFINITY: none */
};

void judge_expected_init(struct judge_expected *expected, const struct plan *plan,
			 const struct judge_facts *facts);
void judge_expected_fini(struct judge_expected *expected);

/* The next pair that is not behind `until`, and past it goes the walk. False: there is none. */
bool judge_expected_next(struct judge_expected *expected, const struct judge_pair *until,
			 struct judge_pair *pair);

/* Ends the walk at this event, if it does not end before. */
void judge_expected_cut(struct judge_expected *expected, uint64_t event_end);

/* Whether the event is one of this run at all, whoever subscribes to it. */
bool judge_expected_has(const struct judge_expected *expected, uint64_t event_index);

/* ---- our own lateness over time (judge_lag.c) ---- */

struct judge_lag {
	uint64_t *late_ns; /* owned; the worst in each slice of time */
	uint64_t slice_ns;
};

void judge_lag_init(struct judge_lag *lag);
void judge_lag_fini(struct judge_lag *lag);
void judge_lag_add(struct judge_lag *lag, const struct record_lag *record);

/* How much earlier than seen at `at_ns` something may have happened. */
uint64_t judge_lag_at(const struct judge_lag *lag, uint64_t at_ns);

/* ---- the judge ---- */

struct judge_count { /* the records' own count, to be compared with the figures */
	uint64_t planned, sent, attempts, retries, receipts;
	uint64_t faults, answers_unacked;
	uint64_t states[DELIVERY_STATES];
};

struct judge_digests; /* bodies seen of late, judge_identity.c */

struct judge_portion { /* of a foreign delivery: what came of it before */
	struct judge_pair pair;
	uint64_t identity;
	size_t count; /* of receipts */
};

struct judge {
	const struct plan *plan;
	struct judge_facts facts;
	struct retry_policy policy; /* judged, in scaled time */
	struct judge_expected expected;
	struct judge_lag lag;
	struct judge_tally tallies[JUDGE_LAW_COUNT];
	struct judge_count count;
	struct judge_count *endpoints;
	struct judge_digests *digests;
	uint64_t *deaf_ns; /* by endpoint: from then on an attempt may not have been seen */
	struct judge_portion portion;
	uint64_t fan_event_index; /* scope: the event whose deliveries pass by */
	uint64_t fan_seen, fan_missing;
	uint32_t fan_missing_endpoint;
	uint64_t wait_ns_max;      /* the longest a due attempt waited for its turn */
	uint64_t overdue_ns;       /* the longest that an attempt was due at the end */
	struct judge_pair overdue; /* whose */
	uint64_t receipts_late;    /* whose receiver was late beyond the bound */
	uint64_t spoiled_notes;    /* notes that say our clocks cannot be trusted */
	char spoiled[RECORD_NOTE_BYTES];
	bool late; /* our own lateness, and no shortage, makes the run one not to be trusted */
	uint64_t starved_notes; /* notes that say that a receiver of ours had no descriptors */
};

/* One delivery, with what several laws ask of it. */
struct judge_case {
	const struct record_delivery *delivery;
	bool planned;    /* the event is one of this run */
	bool subscribed; /* and the endpoint is to get it */
	bool ends;       /* it has a state */
	enum delivery_state state;
	size_t ok; /* index of the first attempt that succeeded; attempt_count: none did */
	bool info; /* some attempt may have succeeded: its answer is unknown */
	bool doubted; /* its sender took an answer for success that was spoilt on purpose */
	size_t before; /* foreign: receipts of it that came in portions before this one */
};

enum judge_needs { JUDGE_NEEDS_SUMMARY, JUDGE_NEEDS_FAILURES, JUDGE_NEEDS_ALL };

struct judge_law {
	struct check check;
	const char *noun;   /* of its instances: "waits" */
	const char *broken; /* what failed ones did: "began before their window" */
	const char *none;   /* why there may be no instance at all */
	double floor;       /* the least share of decided instances that can pass */
	enum judge_needs needs;
	const char *driver; /* why a foreign sender cannot be held to it; NULL: it can */
	void (*each)(struct judge *judge, struct judge_tally *tally, const struct judge_case *c);
	/* The same for a delivery of a foreign sender, of which only receipts are known. */
	void (*foreign)(struct judge *judge, struct judge_tally *tally, const struct judge_case *c);
	void (*missing)(struct judge *judge, struct judge_tally *tally,
			const struct judge_pair *pair);
	/* After all deliveries; NULL when judge_conclude() is all there is to do. */
	void (*finish)(struct judge *judge, const struct metrics *metrics, struct finding *finding);
};

#define X(name) extern const struct judge_law judge_law_##name;
JUDGE_LAWS(X)
#undef X

/* Fills verdict, reason, numbers and evidence from the tally of the finding's law. */
void judge_conclude(const struct judge *judge, enum judge_law_index index, struct finding *finding);

/* True when a record that is not there never was: everything was kept and nothing lost. */
bool judge_is_whole(const struct judge *judge);

/* "billing", or "no endpoint of the plan". Borrowed from the plan. */
const char *judge_endpoint_name(const struct judge *judge, uint32_t endpoint_index);

/* Whether the judged profile calls this attempt a success. */
bool judge_is_ok(const struct judge *judge, const struct record_attempt *attempt);

/* Whether the sender cannot know what became of this attempt. */
bool judge_is_info(const struct record_attempt *attempt);

/* "event 3 at audit", or "\"inv_1:invoice.paid\" at audit" of an event that is not ours. */
enum { JUDGE_NAME_BYTES = 128 };
const char *judge_delivery_name(const struct judge *judge, const struct record_delivery *delivery,
				char out[JUDGE_NAME_BYTES]);

/* When an attempt began on the wire, or was picked if no byte ever was sent. */
uint64_t judge_began_ns(const struct record_attempt *attempt);

enum { JUDGE_SECONDS_BYTES = 32 };
/* "1.204 s", "-0.05 s", as exact as a microsecond. Returns out. */
const char *judge_seconds(int64_t span_ns, char *out);

/* The tolerance of a window: max(50 ms, 1 % of the delay). Ours: no contract names one. */
#define JUDGE_TOLERANCE_NS (50 * HP_MS_NS)

/* ---- what became of an attempt that our receivers answered (judge_outcome.c) ---- */

struct judge_evidence { /* of one arrival */
	const struct record_receipt *receipt;
	const struct record_fault *fault;     /* that struck it; NULL: none */
	const struct record_unacked *unacked; /* its answer did not arrive; NULL: nothing says so */
};

struct judge_evidence judge_evidence_of(const struct record_delivery *delivery, size_t index);

/* Pure. OK: a complete success answer, and nothing says that it did not reach the sender in time.
 * FAIL: a complete answer that is none, or the request never was whole. INFO: the sender may or
 * may not know of a success: an attempt that follows is legal. late_ns: our own lag. */
enum outcome_class judge_outcome(const struct profile *profile,
				 const struct judge_evidence *evidence, uint64_t late_ns);

struct judge_span { /* a moment that is known to lie within */
	uint64_t lo_ns, hi_ns;
};

/* When the sender began the attempt, and when it knew how it had ended. */
struct judge_span judge_began_within(const struct judge_evidence *evidence);
struct judge_span judge_ended_within(const struct judge *judge,
				     const struct judge_evidence *evidence);

/* ---- figures (judge_threshold.c, judge_trust.c) ---- */

/* Whether nothing ever answered at a target that is not a receiver of ours. */
bool judge_is_unreachable(const struct judge *judge, const struct metrics *metrics);

/* Says whether the measurement can carry the verdicts: sets untrusted and its reason. */
void judge_trust(const struct judge *judge, const struct metrics *metrics, struct judgement *out);

struct judge_figure { /* in the threshold's unit */
	double value;
	uint64_t samples;
	double low, high; /* what it could have become: had the run come to its end, and had we
			   * never been short of ports or descriptors */
};

/* What a threshold asks for (judge_figure.c). */
struct judge_figure judge_figure(const struct judge *judge, const struct threshold *threshold,
				 const struct metrics *metrics);

/* Judges threshold `number` (from 1) of the plan. metrics may be NULL. */
void judge_threshold(const struct judge *judge, const struct metrics *metrics, unsigned number,
		     bool untrusted, struct finding *finding);

/* ---- parts of the passage (judge_accounting.c, judge_faults.c, …) ---- */
void judge_count_fault(struct judge *judge, const struct record_fault *fault);
void judge_note_receipts(struct judge *judge, const struct record_delivery *delivery);
void judge_count_case(struct judge *judge, const struct judge_case *c);
void judge_count_missing(struct judge *judge, const struct judge_pair *pair);
struct judge_digests *judge_digests_new(void);
void judge_digests_free(struct judge_digests *digests);
#endif
