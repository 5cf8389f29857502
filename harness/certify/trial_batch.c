/* Steps of several deliveries: at one moment, spread over connections, or one after the other. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/span.h"
#include "certify/trial_inside.h"
#include "net/clock.h"

#define BATCH_SETTLE_NS (10 * HP_S_NS) /* ours: then a count that still moves is taken as it is */
#define BATCH_GAP_NS (200 * HP_MS_NS)  /* reference: receiver checks, rule 2 */

struct batch { /* what one step sends in one go */
	size_t count;
	struct forge_order *orders;
	struct forged *forged;
	struct courier_parcel *parcels;
};

/* Whether delivery i of a batch repeats an event of another one. */
static bool is_repeated(const struct suite_step *step, size_t index)
{
	return step->repeat_every && (index + 1) % step->repeat_every == 0;
}

/* How many deliveries one connection carries. */
static size_t per_connection(const struct suite_step *step)
{
	if (step->one_connection)
		return step->copies;
	return step->connections ? (step->copies + step->connections - 1) / step->connections : 1;
}

/* A repeated event goes out at about the same moment on the next connection: one place further
 * there, which is never a repeated one itself. */
static void repeat_events(const struct suite_step *step, struct batch *batch)
{
	size_t away = per_connection(step) / step->repeat_every * step->repeat_every + 1;

	for (size_t i = 0; i < batch->count; i++)
		if (is_repeated(step, i))
			batch->orders[i].event_number =
				batch->orders[(i + away) % batch->count].event_number;
}

static void batch_fill(struct trial *trial, const struct suite_step *step, struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		batch->orders[i] = trial_order(trial, step);
	if (step->repeat_every)
		repeat_events(step, batch);
	for (size_t i = 0; i < batch->count; i++) {
		struct forge_order *order = &batch->orders[i];
		struct courier_parcel *parcel = &batch->parcels[i];
		enum forge_result made;

		order->spoiled = step->spoil_every && (i + 1) % step->spoil_every == 0;
		made = forge_make(trial->certify->forge, order, &batch->forged[i]);
		assert(made == FORGE_MADE);
		certify_pack(step, &batch->forged[i], parcel);
		parcel->held = step->together;
		parcel->same_connection = i % per_connection(step) > 0;
	}
}

static void batch_rule(struct trial *trial, struct batch *batch)
{
	struct ruling ruling;

	for (size_t i = 0; i < batch->count; i++) {
		trial_rule(trial, &batch->orders[i], &batch->forged[i], &batch->parcels[i].answer,
		     &ruling);
		courier_answer_fini(&batch->parcels[i].answer);
	}
}

/* Reads the effects of all events of a batch, once each. Returns how many took effect in all; -1:
 * the probe failed. *wrong is one that did not take effect exactly once. */
static int64_t read_batch(struct trial *trial, const struct suite_step *step,
			  const struct batch *batch, size_t *wrong)
{
	struct probe *probe = trial->certify->config.probe;
	char why[PROBE_WHY_BYTES];
	uint64_t count;
	int64_t sum = 0;

	for (size_t i = 0; i < batch->count; i++) {
		if (is_repeated(step, i))
			continue;
		if (!probe->read(probe, batch->forged[i].key, &count, why)) {
			trial_note(trial, VERDICT_ERROR, "probe-broken: %s", why);
			return -1;
		}
		sum += (int64_t)count;
		if (count != 1)
			*wrong = i;
	}
	return sum;
}

/* Each event of a batch takes effect once: none is lost, none doubled. */
static void check_batch(struct trial *trial, const struct suite_step *step,
			const struct batch *batch)
{
	uint64_t until_ns = clock_mono_ns() + BATCH_SETTLE_NS;
	size_t wrong = batch->count;
	int64_t sum = -1, last = -1;
	unsigned equal = 0;

	while (equal < 2 && clock_mono_ns() < until_ns && !trial->certify->dead) {
		if (last >= 0)
			courier_wait(trial->certify->courier, BATCH_GAP_NS);
		wrong = batch->count;
		sum = read_batch(trial, step, batch, &wrong);
		if (sum < 0)
			return;
		equal = sum == last ? equal + 1 : 0;
		last = sum;
	}
	if (wrong == batch->count)
		return;
	trial_note(trial, VERDICT_FAIL, "%.100s: %lld effects in all, and not one of each event",
	     *step->say ? step->say : "many deliveries", (long long)sum);
	trial->finding->failed++;
	trial_evidence(trial, "event", batch->forged[wrong].key);
}

void trial_batch(struct trial *trial, const struct suite_step *step)
{
	char later[FORGE_KEY_BYTES];
	struct batch batch = {
		.count = step->copies,
		.orders = hp_xcalloc(step->copies, sizeof(*batch.orders)),
		.forged = hp_xcalloc(step->copies, sizeof(*batch.forged)),
		.parcels = hp_xcalloc(step->copies, sizeof(*batch.parcels)),
	};

	batch_fill(trial, step, &batch);
	courier_take(trial->certify->courier, batch.parcels, batch.count);
	trial->certify->result->deliveries += batch.count;
	batch_rule(trial, &batch);
	trial_check_life(trial, *step->say ? step->say : "many deliveries", later);
	if (step->repeat_every && trial->certify->probe_works)
		check_batch(trial, step, &batch);
	for (size_t i = 0; i < batch.count; i++)
		forged_fini(&batch.forged[i]);
	free(batch.orders);
	free(batch.forged);
	free(batch.parcels);
}
