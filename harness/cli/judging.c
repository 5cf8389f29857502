#include "cli/judging.h"

#include "receivers/behaviour.h"

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

static void on_delivery(void *arg, const struct record_delivery *delivery)
{
	struct feed *feed = arg;

	if (delivery->endpoint_index >= feed->endpoint_count)
		feed->stray = true;
	else
		judge_delivery(feed->judge, delivery);
}

static const char *behaviour_word(uint8_t number)
{
	const struct behaviour_row *row = behaviour_by_number(number);

	return row ? row->slug : "a behaviour of another version";
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
		.foreign = judging->foreign,
		.watched_ns = judging->foreign ? metrics->ended_ns : 0,
		.behaviour_word = behaviour_word,
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
