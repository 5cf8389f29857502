#include "cli/judging.h"

struct feed {
	struct judge *judge;
	size_t endpoint_count;
	bool stray; /* a record of an endpoint that the plan does not have */
};

static void on_other(void *arg, const struct record *record)
{
	struct feed *feed = arg;

	judge_other(feed->judge, record);
}

static void on_delivery(void *arg, const struct run_delivery *delivery)
{
	struct feed *feed = arg;
	struct judge_delivery given = {
		.event_index = delivery->event_index,
		.endpoint_index = delivery->endpoint_index,
		.attempts = delivery->attempts,
		.attempt_count = delivery->attempt_count,
		.receipts = delivery->receipts,
		.receipt_count = delivery->receipt_count,
		.ended = delivery->ended,
	};

	if (delivery->endpoint_index >= feed->endpoint_count)
		feed->stray = true;
	else
		judge_delivery(feed->judge, &given);
}

/* The end of the events that were planned: an interrupt cuts the plan. */
static uint64_t event_end(const struct plan *plan, const struct metrics *metrics)
{
	if (metrics->events == 0)
		return 0;
	return plan->shard_index + (metrics->events - 1) * plan->shard_count + 1;
}

static struct judge_facts facts_of(const struct judging *judging, struct run_reader *reader,
				   const struct metrics *metrics)
{
	return (struct judge_facts){
		.recording = run_reader_recording(reader),
		.time_mode = judging->time_mode,
		.receivers = judging->receivers,
		.interrupted = judging->interrupted,
		.incomplete = !judging->finishing && !run_reader_complete(reader),
		.records_lost = metrics->records_lost,
		.event_end = event_end(judging->plan, metrics),
	};
}

int judging_run(const struct judging *judging, struct run_reader *reader,
		const struct metrics *metrics, struct judgement *out, struct hp_err *err)
{
	struct judge_facts facts = facts_of(judging, reader, metrics);
	struct feed feed = {
		.judge = judge_new(judging->plan, &facts),
		.endpoint_count = judging->plan->endpoint_count,
	};
	int result = run_reader_others(reader, on_other, &feed, err);

	if (result == 0)
		result = run_reader_deliveries(reader, on_delivery, &feed, err);
	if (result == 0 && feed.stray)
		result = hp_err_set(err, HP_EINPUT, "the history has records of an endpoint that "
				    "the scenario does not have");
	if (result == 0)
		judge_finish(feed.judge, metrics, out);
	judge_free(feed.judge);
	return result;
}
