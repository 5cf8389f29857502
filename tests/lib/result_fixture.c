#include "tests/lib/result_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

/* Rows of receivers/behaviour.h; the last is of a version to come. */
enum { FAULT_STATUS = 1, FAULT_RESET = 9, FAULT_OF_LATER = 255 };

static const struct check no_loss = {
	"no-loss",
	"accounting",
	CHECK_MUST,
	"verdicts/8",
	"Every planned delivery ends in exactly one bucket.",
	"Look for the deliveries without an end in the run file's view `lost`.",
};
static const struct check never_early = {
	"never-early",
	"retries",
	CHECK_MUST,
	"paisr-v1/10",
	"No retry starts before its window opens, jitter and our own lag allowed for.",
	"Count the delay from the moment the attempt failed, not from when it was started.",
};
static const struct check late = {
	"retry-not-late",
	"retries",
	CHECK_SHOULD,
	"paisr-v1/10",
	"A retry starts before its window closes.",
	"Look for a queue in front of the retries.",
};
static const struct check effects = {
	"effects-once",
	"idempotency",
	CHECK_MUST,
	"paisr-v1/13",
	"An event takes effect exactly once.",
	"Remember the keys of events that took effect.",
};
static const struct check rotation = {
	"rotation-overlap",
	"signatures",
	CHECK_MUST,
	"paisr-v1/9",
	"Both secrets are good while they overlap.",
	"Sign with the new one, accept both.",
};
static const struct check threshold = {
	"threshold",
	"thresholds",
	CHECK_MUST,
	"scenario",
	"The figure keeps the limit that the scenario states.",
	"See the figures above.",
};

static struct finding *add(struct result_fixture *f, const struct check *check,
			   enum verdict verdict, const char *reason)
{
	struct finding *finding = &f->findings[f->judgement.finding_count++];

	assert(f->judgement.finding_count <= RESULT_FIXTURE_FINDINGS_MAX);
	finding->check = check;
	finding->verdict = verdict;
	snprintf(finding->reason, sizeof(finding->reason), "%s", reason);
	f->judgement.counts[verdict]++;
	return finding;
}

static struct finding *add_decided(struct finding *finding, uint64_t decided, uint64_t total,
				   uint64_t failed)
{
	finding->decided = decided;
	finding->total = total;
	finding->failed = failed;
	return finding;
}

static void add_evidence(struct finding *finding, const char *evidence)
{
	snprintf(finding->evidence[finding->evidence_count++], VERDICT_EVIDENCE_BYTES, "%s",
		 evidence);
}

static void add_threshold(struct result_fixture *f, const struct threshold *row, double observed,
			  enum verdict verdict)
{
	struct finding *finding;

	f->plan.thresholds[f->plan.threshold_count++] = *row;
	finding = add(f, &threshold, verdict, "");
	finding->threshold_number = f->plan.threshold_count;
	finding->observed = observed;
	finding->decided = finding->total = 1;
	finding->failed = verdict == VERDICT_FAIL;
	snprintf(finding->reason, sizeof(finding->reason), "%s: observed %g", row->text, observed);
}

static void add_endpoint(struct result_fixture *f, size_t index, const char *name)
{
	struct plan_endpoint *endpoint = &f->plan.endpoints[index];

	snprintf(endpoint->name, sizeof(endpoint->name), "%s", name);
	snprintf(endpoint->url, sizeof(endpoint->url), "http://127.0.0.1:8080/%zu", index);
	endpoint->receiver_index = (int)index;
}

static void fill_plan(struct result_fixture *f)
{
	struct plan *plan = &f->plan;

	plan_init(plan);
	snprintf(plan->name, sizeof(plan->name), "outage-and-recovery");
	plan->seed = 42;
	snprintf(plan->profile.name, sizeof(plan->profile.name), "paisr-v1");
	plan->profile.success_min = 200;
	plan->profile.success_max = 299;
	plan->profile.retry = (struct retry_policy){
		.attempts_max = 11,
		.law = RETRY_EXPONENTIAL,
		.base_ns = 60 * HP_S_NS,
		.factor = 2,
		.jitter = RETRY_JITTER_FRACTION,
		.jitter_fraction = 0.2,
		.poll_ns = HP_S_NS,
	};
	plan->judged = plan->profile;
	plan->arrivals = (struct arrivals){
		.kind = ARRIVALS_CONSTANT,
		.span_ns = 5 * HP_S_NS,
		.rate_micro_per_s = UINT64_C(200000000),
	};
	plan->endpoint_count = 2;
	plan->endpoints = hp_xcalloc(2, sizeof(*plan->endpoints));
	add_endpoint(f, 0, "billing");
	add_endpoint(f, 1, "crm <eu> \x1b[31m& co");
}

/* Latencies without a random in them: a long tail over count values. */
static void fill_hist(struct hp_hist *hist, uint64_t count, uint64_t least_us)
{
	for (uint64_t i = 0; i < count; i++)
		hp_hist_record(hist, least_us + least_us * 40 / (count - i) + i % 97);
}

static void fill_figures(struct metrics *m)
{
	m->events = 1000;
	m->planned = m->sent = 1000;
	m->delivered = 1000;
	m->attempts = 1000;
	m->connections = 64;
	m->bytes_sent = 412000;
	m->receipts = m->effects = 1000;
	m->by_outcome[OUTCOME_OK] = 1000;
	m->by_status[204] = 1000;
	m->first_sent_ns = 2 * HP_MS_NS;
	m->last_sent_ns = 4997 * HP_MS_NS;
	m->ended_ns = 5 * HP_S_NS;
	m->first_attempts_sent = 1000;
	m->cpu_ns = 5600 * HP_US_NS;
	fill_hist(&m->lag, 1000, 12);
	fill_hist(&m->queue, 1000, 3);
	fill_hist(&m->service, 1000, 1200);
	fill_hist(&m->response, 1000, 1215);
	fill_hist(&m->delivery, 1000, 1215);
	for (size_t i = 0; i < 2; i++)
		m->endpoints[i] = (struct metrics_endpoint){
			.planned = 500,
			.delivered = 500,
			.attempts = 500,
			.service_us_sum = 500 * 1400.0,
			.service_us_max = 51200,
			.receipts = 500,
			.effects = 500,
		};
}

static void fill_result(struct result_fixture *f)
{
	f->judgement.findings = f->findings;
	f->result = (struct result){
		.tool_version = "0.1.0",
		.command = "run",
		.run_id = "20261124-080000-outage",
		.run_file = "hookproof-out/20261124-080000-outage/run.db",
		.scenario = "outage-and-recovery",
		.repeat = "hookproof run outage-and-recovery --seed 42",
		.profile_json = "{\"name\": \"paisr-v1\"}",
		.judged_json = "{\"name\": \"paisr-v1\"}",
		.plan = &f->plan,
		.metrics = f->metrics,
		.judgement = &f->judgement,
		.started_wall_ns = UINT64_C(1795507200) * HP_S_NS,
		.duration_ns = UINT64_C(5012) * HP_MS_NS,
		.cpus = 2,
		.kernel = "Linux 6.1.0",
	};
}

static void make_pass(struct result_fixture *f)
{
	static const struct threshold p99 = {.text = "response.p99<50ms",
					     .figure = THRESHOLD_RESPONSE,
					     .percentile = 99,
					     .op = THRESHOLD_LT,
					     .unit = THRESHOLD_NS,
					     .limit = 5e7};
	static const struct threshold errors = {.text = "errors<0.1%",
						.figure = THRESHOLD_ERRORS,
						.op = THRESHOLD_LT,
						.unit = THRESHOLD_SHARE,
						.limit = 0.001};

	add_decided(add(f, &no_loss, VERDICT_PASS, "1000 planned, 1000 ended"), 1000, 1000, 0);
	add_decided(add(f, &effects, VERDICT_PASS, "1000 events, 1000 effects"), 1000, 1000, 0);
	add(f, &never_early, VERDICT_UNOBSERVED, "no retry fell due");
	add(f, &rotation, VERDICT_NOT_APPLICABLE, "the scenario rotates no secret");
	add_threshold(f, &p99, 6.09e6, VERDICT_PASS);
	add_threshold(f, &errors, 0, VERDICT_PASS);
	f->judgement.verdict = RUN_PASS;
}

static void spoil_figures(struct metrics *m)
{
	m->delivered = 940;
	m->exhausted = 20;
	m->pending = 30;
	m->not_sent = 10;
	m->sent = m->first_attempts_sent = 990;
	m->attempts = 1690;
	m->retries = 700;
	m->by_outcome[OUTCOME_OK] = 940;
	m->by_outcome[OUTCOME_STATUS] = 650;
	m->by_outcome[OUTCOME_RESET] = 60;
	m->by_outcome[OUTCOME_TIMEOUT] = 40;
	m->by_status[204] = 940;
	m->by_status[503] = 600;
	m->by_status[500] = 50;
	m->receipts = 1590;
	m->effects = 942;
	m->duplicates = 648;
	m->answers_unacked = 3;
	m->faults.count[FAULT_STATUS][RECORD_FAULT_VERIFIED] = 650;
	m->faults.count[FAULT_RESET][RECORD_FAULT_VERIFIED] = 55;
	m->faults.count[FAULT_RESET][RECORD_FAULT_APPLIED] = 2;
	m->faults.count[FAULT_RESET][RECORD_FAULT_PREEMPTED] = 1;
	m->faults.count[FAULT_RESET][RECORD_FAULT_FAILED] = 2;
	m->faults.count[FAULT_OF_LATER][RECORD_FAULT_VERIFIED] = 1;
	for (unsigned i = 0; i < 10; i++)
		m->slots[i] = (struct metrics_slot){
			.count = 160 - 20 * i,
			.min_ns = (49 * HP_MS_NS) << i,
			.max_ns = (73 * HP_MS_NS) << i,
			.sum_ns = (double)((60 * HP_MS_NS) << i) * (160 - 20 * i),
		};
	for (unsigned i = 8; i < 10; i++)
		m->slots[i] = (struct metrics_slot){0};
	m->slots[0].min_ns = 41 * HP_MS_NS;
	m->endpoints[1] = (struct metrics_endpoint){
		.planned = 500,
		.delivered = 440,
		.exhausted = 20,
		.pending = 30,
		.not_sent = 10,
		.attempts = 1190,
		.retries = 700,
		.failed = 750,
		.service_us_sum = 1190 * 2100.0,
	};
}

static void make_fail(struct result_fixture *f)
{
	static const struct threshold p50 = {.text = "response.p50<1ms",
					     .figure = THRESHOLD_RESPONSE,
					     .percentile = 50,
					     .op = THRESHOLD_LT,
					     .unit = THRESHOLD_NS,
					     .limit = 1e6};
	static const struct threshold achieved = {.text = "achieved>=99%",
						  .figure = THRESHOLD_ACHIEVED,
						  .op = THRESHOLD_GE,
						  .unit = THRESHOLD_SHARE,
						  .limit = 0.99};
	struct finding *early, *slow;

	f->plan.time_scale = 0.001;
	f->result.time_mode = RESULT_SCALED;
	spoil_figures(f->metrics);
	add_decided(add(f, &no_loss, VERDICT_PASS, "1000 planned, 1000 ended"), 1000, 1000, 0);
	early = add(f, &never_early, VERDICT_FAIL,
		    "12 of 688 retries came before their window opened");
	add_decided(early, 688, 700, 12);
	add_evidence(early, "event 17 at billing: attempt 2 came 41 ms after the failure, window "
			    "48 ms to 72 ms, our lag 0.2 ms");
	add_evidence(early, "event 23 at crm \x1b[2J]]> <b>: answer \"503 \xff & out\"");
	slow = add(f, &late, VERDICT_WARN, "1 of 700 retries came late");
	add_decided(slow, 700, 700, 1);
	add_decided(add(f, &effects, VERDICT_INCONCLUSIVE, "lag"), 900, 1000, 0);
	add(f, &rotation, VERDICT_NOT_APPLICABLE, "the scenario rotates no secret");
	add_threshold(f, &p50, 2.44e6, VERDICT_FAIL);
	add_threshold(f, &achieved, 0.99996, VERDICT_PASS);
	f->judgement.verdict = RUN_FAIL;
	f->judgement.exit = 1;
}

static void make_invalid(struct result_fixture *f)
{
	add_decided(add(f, &no_loss, VERDICT_PASS, "1000 planned, 1000 ended"), 1000, 1000, 0);
	add(f, &never_early, VERDICT_INCONCLUSIVE, "lag");
	f->metrics->late_releases = 312;
	f->metrics->records_lost = 7;
	f->judgement.untrusted = true;
	snprintf(f->judgement.untrusted_reason, VERDICT_REASON_BYTES,
		 "our own lag: p99 14 ms, bound 1 ms");
	f->judgement.verdict = RUN_INVALID;
	f->judgement.exit = 6;
}

static void make_nothing(struct result_fixture *f)
{
	metrics_free(f->metrics);
	f->metrics = metrics_new(2);
	f->result.metrics = f->metrics;
	f->result.run_file = "";
	f->judgement.verdict = RUN_UNDECIDED;
	f->judgement.exit = 4;
}

static void make_interrupted(struct result_fixture *f)
{
	make_pass(f);
	f->result.interrupted = true;
	f->metrics->delivered = 600;
	f->metrics->not_sent = 400;
	f->judgement.verdict = RUN_PASS;
	f->judgement.exit = 130;
}

void result_fixture_init(struct result_fixture *f, enum result_fixture_kind kind)
{
	static void (*const make[])(struct result_fixture *) = {
#define X(name) make_##name,
		RESULT_FIXTURES(X)
#undef X
	};

	memset(f, 0, sizeof(*f));
	fill_plan(f);
	f->metrics = metrics_new(2);
	fill_figures(f->metrics);
	fill_result(f);
	make[kind](f);
}

void result_fixture_fini(struct result_fixture *f)
{
	metrics_free(f->metrics);
	plan_fini(&f->plan);
}

const char *result_fixture_name(enum result_fixture_kind kind)
{
	static const char *const names[] = {
#define X(name) #name,
		RESULT_FIXTURES(X)
#undef X
	};

	return names[kind];
}
