/* Unpacks stored histograms: what is taken must pack into bytes that give the same one again, with
 * percentiles in order; what is refused must leave nothing behind. */
#include <stdlib.h>
#include <string.h>

#include "base/hist.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void check_order(const struct hp_hist *hist)
{
	uint64_t last = 0, value;

	for (int percent = 0; percent <= 100; percent += 25) {
		value = hp_hist_percentile_us(hist, percent);
		assert(value >= last && value <= hist->max_us);
		last = value;
	}
}

static void check_again(const struct hp_hist *hist)
{
	struct hp_hist again;
	struct hp_buf packed;
	struct hp_err err;
	int taken;

	hp_hist_init(&again);
	hp_buf_init(&packed, HP_HIST_PACKED_BYTES_MAX);
	assert(hp_hist_pack(hist, &packed));
	taken = hp_hist_unpack(&again, hp_buf_view(&packed), &err);
	assert(taken == 0);
	assert(again.count == hist->count);
	assert(!memcmp(again.counts, hist->counts, HP_HIST_COUNTERS * sizeof(again.counts[0])));
	hp_buf_fini(&packed);
	hp_hist_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct hp_view packed = {(const char *)bytes, count};
	struct hp_hist hist;
	struct hp_err err;

	hp_hist_init(&hist);
	if (hp_hist_unpack(&hist, packed, &err) == 0) {
		check_order(&hist);
		check_again(&hist);
	} else {
		assert(hist.count == 0 && hist.max_us == 0);
	}
	hp_hist_fini(&hist);
	return 0;
}
