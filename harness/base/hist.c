#include "base/hist.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* HdrHistogram's constants for 3 digits: 2048 counters of width 1, then 1024 for each doubling. */
enum { SUB_BITS = 11, HALF = 1024 };

_Static_assert(HP_HIST_COUNTERS == 31 * HALF, "7 days need 30 buckets");

static void no_values(struct hp_hist *hist, uint64_t *counts)
{
	*hist = (struct hp_hist){.counts = counts, .min_us = UINT64_MAX};
}

void hp_hist_init(struct hp_hist *hist)
{
	no_values(hist, hp_xcalloc(HP_HIST_COUNTERS, sizeof(uint64_t)));
}

void hp_hist_fini(struct hp_hist *hist)
{
	free(hist->counts);
	no_values(hist, NULL);
}

void hp_hist_clear(struct hp_hist *hist)
{
	memset(hist->counts, 0, HP_HIST_COUNTERS * sizeof(uint64_t));
	no_values(hist, hist->counts);
}

size_t hp_hist_index(uint64_t us)
{
	unsigned bucket = 53u - (unsigned)__builtin_clzll(us | 2047);

	return (size_t)((((uint64_t)bucket + 1) << 10) + (us >> bucket) - 1024);
}

void hp_hist_record(struct hp_hist *hist, uint64_t us)
{
	hist->count++;
	hist->sum_us += (double)us;
	if (us < hist->min_us)
		hist->min_us = us;
	if (us > hist->max_us)
		hist->max_us = us;
	if (us > HP_HIST_US_MAX)
		hist->overflow++;
	else
		hist->counts[hp_hist_index(us)]++;
}

void hp_hist_merge(struct hp_hist *into, const struct hp_hist *from)
{
	for (size_t i = 0; i < HP_HIST_COUNTERS; i++)
		if (from->counts[i])
			into->counts[i] += from->counts[i];
	into->count += from->count;
	into->overflow += from->overflow;
	into->sum_us += from->sum_us;
	if (from->min_us < into->min_us)
		into->min_us = from->min_us;
	if (from->max_us > into->max_us)
		into->max_us = from->max_us;
}

/* Counters 0 to 2047 are one wide; each further half bucket of 1024 is twice as wide. */
static unsigned width_bits(size_t index)
{
	return index < 2 * HALF ? 0 : (unsigned)(index / HALF) - 1;
}

uint64_t hp_hist_low_us(size_t index)
{
	assert(index < HP_HIST_COUNTERS);
	if (index < 2 * HALF)
		return index;
	return (uint64_t)(index % HALF + HALF) << width_bits(index);
}

uint64_t hp_hist_high_us(size_t index)
{
	return hp_hist_low_us(index) + (UINT64_C(1) << width_bits(index)) - 1;
}

/* The value at a rank, from 1. Ranks behind the last counter are overflow: max_us stands for it. */
static uint64_t value_at(const struct hp_hist *hist, uint64_t rank)
{
	uint64_t seen = 0, high;

	for (size_t i = 0; i < HP_HIST_COUNTERS; i++) {
		seen += hist->counts[i];
		if (seen < rank)
			continue;
		high = hp_hist_high_us(i);
		return high < hist->max_us ? high : hist->max_us;
	}
	return hist->max_us;
}

uint64_t hp_hist_percentile_us(const struct hp_hist *hist, double percent)
{
	double rank = floor(percent / 100.0 * (double)hist->count + 0.5);

	assert(percent >= 0 && percent <= 100);
	if (!hist->count)
		return 0;
	return value_at(hist, rank < 1 ? 1 : (uint64_t)rank);
}

double hp_hist_mean_us(const struct hp_hist *hist)
{
	return hist->count ? hist->sum_us / (double)hist->count : 0;
}

/* ZigZag LEB128-64b9B: seven bits a byte, the least first; a ninth byte carries eight. */
enum { WORD_BYTES_MAX = 9 };

static bool put_word(struct hp_buf *out, int64_t value)
{
	uint64_t word = ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
	char bytes[WORD_BYTES_MAX];
	size_t count = 0;

	while (word > 0x7f && count < WORD_BYTES_MAX - 1) {
		bytes[count++] = (char)(word | 0x80);
		word >>= 7;
	}
	bytes[count++] = (char)word;
	return hp_buf_add(out, (struct hp_view){bytes, count});
}

/* False when the bytes end inside the word. */
static bool get_word(struct hp_view *in, int64_t *value)
{
	uint64_t word = 0, byte = 0x80;

	for (unsigned i = 0; byte & 0x80 && i < WORD_BYTES_MAX; i++) {
		if (!in->bytes)
			return false;
		byte = (unsigned char)*in->at++;
		in->bytes--;
		word |= (i < WORD_BYTES_MAX - 1 ? byte & 0x7f : byte) << (7 * i);
	}
	*value = (int64_t)(word >> 1) ^ -(int64_t)(word & 1);
	return true;
}

static size_t zeros_at(const struct hp_hist *hist, size_t index)
{
	size_t end = index;

	while (end < HP_HIST_COUNTERS && !hist->counts[end])
		end++;
	return end - index;
}

bool hp_hist_pack(const struct hp_hist *hist, struct hp_buf *out)
{
	size_t index = 0, zeros;
	int64_t word;

	while (index + (zeros = zeros_at(hist, index)) < HP_HIST_COUNTERS) {
		word = zeros ? -(int64_t)zeros : (int64_t)hist->counts[index];
		if (!put_word(out, word))
			return false;
		index += zeros ? zeros : 1;
	}
	return true;
}

/* Puts one counter's values into the figures beside the counters. */
static void note_values(struct hp_hist *hist, size_t index, uint64_t count)
{
	hist->counts[index] = count;
	hist->count += count;
	hist->sum_us += (double)count * (double)hp_hist_low_us(index);
	if (hist->min_us == UINT64_MAX)
		hist->min_us = hp_hist_low_us(index);
	hist->max_us = hp_hist_high_us(index);
}

/* Takes one word: a count, or a run of zeros. False when it does not fit. */
static bool take_word(struct hp_hist *hist, size_t *index, int64_t word)
{
	size_t room = HP_HIST_COUNTERS - *index;

	if (word < 0) {
		if (word < -(int64_t)room)
			return false;
		*index += (size_t)-word;
		return true;
	}
	if (!room || (uint64_t)word > (uint64_t)INT64_MAX - hist->count)
		return false;
	if (word)
		note_values(hist, *index, (uint64_t)word);
	(*index)++;
	return true;
}

int hp_hist_unpack(struct hp_hist *hist, struct hp_view packed, struct hp_err *err)
{
	size_t index = 0;
	int64_t word;

	hp_hist_clear(hist);
	while (packed.bytes) {
		if (get_word(&packed, &word) && take_word(hist, &index, word))
			continue;
		hp_hist_clear(hist);
		return hp_err_set(err, HP_EINPUT,
				  "histogram: want at most %d ZigZag LEB128 counters",
				  HP_HIST_COUNTERS);
	}
	return 0;
}
