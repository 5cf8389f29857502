#include "tests/lib/run_fixture.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/span.h"

struct run_fixture run_fx;

static const struct run_pair meta[] = {
	{"seed", "42"}, {"scenario_text", "{\"name\": \"a 'quoted' one\"}"}, {"overrides", ""}};
static const struct run_endpoint endpoints[] = {
	{0, "shop", "http://127.0.0.1:1/"}, {1, "bank", "http://127.0.0.1:2/"}};
static const char *const behaviours[] = {"none", "status"};

void run_fx_setup(void)
{
	const char *parent = getenv("TMPDIR");

	memset(&run_fx, 0, sizeof(run_fx));
	snprintf(run_fx.folder, sizeof(run_fx.folder), "%s/hookproof-XXXXXX",
		 parent ? parent : P_tmpdir);
	ck_assert_ptr_nonnull(mkdtemp(run_fx.folder));
	snprintf(run_fx.path, sizeof(run_fx.path), "%s/run.db", run_fx.folder);
	run_fx.ring = ring_new(1 << 14);
}

void run_fx_teardown(void)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	char path[200];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", run_fx.path, ends[i]);
		unlink(path);
	}
	rmdir(run_fx.folder);
	ring_free(run_fx.ring);
}

struct run_file_config run_fx_config(enum plan_recording recording)
{
	return (struct run_file_config){
		.folder = run_fx.folder, .meta = meta, .meta_count = 3, .endpoints = endpoints,
		.endpoint_count = 2, .behaviours = behaviours, .behaviour_count = 2,
		.rings = &run_fx.ring, .ring_count = 1, .recording = recording,
	};
}

void run_fx_open(enum plan_recording recording)
{
	struct run_file_config mine = run_fx_config(recording);

	run_fx.file = run_file_open(&mine, &run_fx.err);
	ck_assert_msg(run_fx.file != NULL, "%s", run_fx.err.msg);
}

void run_fx_finish(const struct run_file_end *end)
{
	int result = run_file_finish(run_fx.file, end, &run_fx.err);

	ck_assert_msg(result == 0, "%s", run_fx.err.msg);
}

struct run_reader *run_fx_reopen(void)
{
	struct run_reader *reader = run_reader_open(run_fx.folder, &run_fx.err);

	ck_assert_msg(reader != NULL, "%s", run_fx.err.msg);
	return reader;
}

void run_fx_put(struct record record)
{
	history_put(ring_history(run_fx.ring), &record);
}

struct record run_fx_attempt(uint64_t event_index, uint16_t number, enum outcome outcome)
{
	return (struct record){
		RECORD_ATTEMPT,
		.attempt = {event_index, 1000 * number, 1001 * number, 1002 * number, 1500 * number,
			    HP_NEVER, HP_NEVER, ~event_index, (uint32_t)event_index % 2, number,
			    outcome == OUTCOME_OK ? 204 : 500, (uint8_t)outcome,
			    outcome == OUTCOME_OK ? DELIVERY_DELIVERED : DELIVERY_PENDING},
	};
}

struct metrics *run_fx_metrics(void)
{
	struct metrics *metrics = metrics_new(2);

	metrics->planned = 1000;
	metrics->delivered = UINT64_MAX;
	metrics->first_sent_ns = HP_NEVER;
	metrics->cpu_ns = 77;
	metrics->by_outcome[OUTCOME_COUNT - 1] = 5;
	metrics->by_status[999] = 6;
	metrics->answers_unacked = 3;
	metrics->faults.count[255][RECORD_FAULT_STATES - 1] = UINT64_MAX;
	metrics->faults.count[0][0] = 1;
	metrics->slots[RETRY_ATTEMPTS_MAX - 1] = (struct metrics_slot){2, 3, 4, 7.5};
	metrics->endpoints[1] = (struct metrics_endpoint){.planned = 8, .service_us_sum = 2.5,
							   .duplicates = 9};
	for (uint64_t us = 1; us < HP_HIST_US_MAX; us *= 3)
		hp_hist_record(&metrics->response, us);
	hp_hist_record(&metrics->response, UINT64_MAX - 1);
	return metrics;
}
