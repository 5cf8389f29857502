/* The figures of one worker: counters and histograms, merged at the end, stored with the run.
 * The engine counts; judge/ compares them with the records; reports/ shows them. */
#ifndef HP_ENGINE_METRICS_H
#define HP_ENGINE_METRICS_H
#include <stddef.h>
#include <stdint.h>

#include "base/hist.h"
#include "engine/outcome.h"
#include "engine/record.h"
#include "engine/retry.h"

enum {
	METRICS_STATUS_MAX = 1000, /* answers are 100..999 */
	METRICS_FAULT_ROWS = UINT8_MAX + 1, /* numbers of rows, receivers/behaviour.h */
};

#define METRICS_COUNTERS(X) /* name, meaning; the unit of all is one delivery unless it says so */ \
	X(events, "events planned")                                                                \
	X(unsubscribed, "events that no endpoint subscribes to")                                   \
	X(planned, "deliveries planned: one for each event and subscribed endpoint")               \
	X(sent, "deliveries whose first attempt put a byte on the wire")                           \
	X(delivered, "answered with success")                                                      \
	X(exhausted, "given up after the last attempt")                                            \
	X(pending, "waiting for the next attempt at the end of the run")                           \
	X(dropped, "dropped by a cap of ours")                                                     \
	X(not_sent, "the run ended before the first attempt")                                      \
	X(attempts, "attempts ended")                                                              \
	X(retries, "attempts after the first")                                                     \
	X(warmup, "attempts inside the warm-up, in no histogram")                                  \
	X(connections, "connections opened")                                                       \
	X(bytes_sent, "bytes of requests")                                                         \
	X(handshakes, "TLS handshakes that went well")                                             \
	X(handshakes_resumed, "of those, with a session of an earlier one")                        \
	X(handshakes_failed, "TLS handshakes that failed")                                         \
	X(tls_cut, "TLS connections that the peer closed without close_notify")                    \
	X(receipts, "deliveries that simulated receivers saw")                                     \
	X(effects, "effects they had")                                                             \
	X(duplicates, "receipts of an event that already had its effect")                          \
	X(refused_signatures, "receipts whose signature did not verify")                           \
	X(answers_unacked, "answers whose bytes the sender's kernel never acknowledged")           \
	X(records_lost, "records that the ring could not hold")                                    \
	X(late_releases, "first attempts released more than the lag bound late")

#define METRICS_HISTOGRAMS(X) /* name, from -> to; microseconds */                                \
	X(lag, "planned to released: our fault")                                                  \
	X(queue, "released to sent: waiting for a connection, a cap, signing")                    \
	X(service, "sent to done: the receiver")                                                  \
	X(response, "planned to done, of first attempts: what a user feels")                      \
	X(delivery, "planned to the first ok attempt, retries included")                          \
	X(handshake, "connected to secured: TLS, of each connection")

struct metrics_slot { /* waits observed after attempt `index + 1`, ns */
	uint64_t count, min_ns, max_ns;
	double sum_ns;
};

struct metrics_faults { /* of simulated receivers: by the row that acted and what became of it */
	uint64_t count[METRICS_FAULT_ROWS][RECORD_FAULT_STATES];
};

struct metrics_endpoint {
	uint64_t planned, delivered, exhausted, pending, dropped, not_sent;
	uint64_t attempts, retries, failed;
	uint64_t service_us_max;
	double service_us_sum;
	uint64_t receipts, effects, duplicates;
};

struct metrics {
#define X(name, meaning) uint64_t name;
	METRICS_COUNTERS(X)
#undef X
	uint64_t by_outcome[OUTCOME_COUNT];
	uint64_t by_status[METRICS_STATUS_MAX];
#define X(name, meaning) struct hp_hist name;
	METRICS_HISTOGRAMS(X)
#undef X
	struct metrics_slot slots[RETRY_ATTEMPTS_MAX];
	struct metrics_faults faults;
	uint64_t first_sent_ns, last_sent_ns, ended_ns; /* from the run's start */
	uint64_t planned_until_ns; /* the plan's end, or its cut; 0: it has none (closed loop) */
	uint64_t last_released_ns; /* of a first attempt */
	uint64_t first_attempts_sent; /* for the rate that a closed loop achieves */
	uint64_t cpu_ns;                                /* user + system of the process */
	struct metrics_endpoint *endpoints;
	size_t endpoint_count;
};

/* Returns new zeroed figures for that many endpoints. */
struct metrics *metrics_new(size_t endpoint_count);
void metrics_free(struct metrics *metrics);

/* Adds the figures of another worker of the same plan. */
void metrics_merge(struct metrics *into, const struct metrics *from);

/* Counts one fault, and adds those that somebody else counted. */
void metrics_faults_count(struct metrics_faults *faults, const struct record_fault *fault);
void metrics_faults_merge(struct metrics_faults *into, const struct metrics_faults *from);

/* The faults of all rows that were planned: each ended in one of the states. */
uint64_t metrics_faults_planned(const struct metrics_faults *faults);

/* What the generator did of its plan: events released per second until the plan's end, or the last
 * release when that is later; what the target made of them is no part of it. Without a plan (closed
 * loop): first attempts sent, over the span in which they were; 0 below two. */
double metrics_achieved_per_s(const struct metrics *metrics);

/* planned = delivered + exhausted + pending + dropped + not_sent. */
bool metrics_closes(const struct metrics *metrics);
#endif
