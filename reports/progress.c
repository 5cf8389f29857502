#include "reports/progress.h"

#include <stdio.h>

#include "base/err.h"
#include "base/span.h"

/* How far the plan is, "100%" at its end and while retries are waited for. */
static void percent_text(const struct record_tick *now, uint64_t end_ns, char out[8])
{
	uint64_t percent = 100;

	if (end_ns == 0) {
		out[0] = '\0';
		return;
	}
	if (now->at_ns < end_ns)
		percent = (uint64_t)((double)now->at_ns * 100 / (double)end_ns);
	snprintf(out, 8, "%3u%%  ", (unsigned)percent);
}

/* Events a second that were first sent since the tick before. */
static double rate_per_s(const struct record_tick *now, const struct record_tick *before)
{
	static const struct record_tick start;
	const struct record_tick *from = before ? before : &start;
	double rate;

	if (now->at_ns <= from->at_ns || now->sent < from->sent)
		return 0;
	rate = (double)(now->sent - from->sent) * HP_S_NS / (double)(now->at_ns - from->at_ns);
	return rate < 1e18 ? rate : 1e18;
}

/* Three digits and a letter from 10000 on: the line must not dance, nor leave the terminal. */
static const char *short_count(uint64_t count, char out[8])
{
	static const char letters[] = "kMGTPE";
	double value = (double)count;
	int letter = -1, decimals;

	if (count < 10000) {
		snprintf(out, 8, "%u", (unsigned)count);
		return out;
	}
	do {
		value /= 1000;
		letter++;
	} while (value >= 999.5);
	decimals = (value < 9.995) + (value < 99.95);
	snprintf(out, 8, "%.*f%c", decimals, value, letters[letter]);
	return out;
}

size_t progress_format(const struct record_tick *now, const struct record_tick *before,
		       uint64_t end_ns, char *out, size_t out_bytes)
{
	char percent[8], sent[8], planned[8], rate[8], ok[8], retrying[8], in_flight[8];
	char lag[HP_SPAN_TEXT_BYTES];
	int bytes;

	assert(out_bytes > 0);
	percent_text(now, end_ns, percent);
	bytes = snprintf(
		out, out_bytes, "%ssent %s/%s %s/s  ok %s  retrying %s  in flight %s  lag %s",
		percent, short_count(now->sent, sent), short_count(now->planned, planned),
		short_count((uint64_t)(rate_per_s(now, before) + 0.5), rate),
		short_count(now->delivered, ok), short_count(now->pending, retrying),
		short_count(now->in_flight, in_flight), hp_span_text(now->lag_ns_max, lag));
	assert(bytes >= 0);
	return (size_t)bytes < out_bytes ? (size_t)bytes : out_bytes - 1;
}
