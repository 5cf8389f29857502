/* Effects: read until they stand still, because receivers answer first and work later. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/span.h"
#include "certify/certify_inside.h"
#include "net/clock.h"

enum {
	READINGS_EQUAL = 3, /* reference: receiver checks, rule 2 */
	UNIQUE_EVENTS = 20, /* the same */
};
#define READING_GAP_NS (200 * HP_MS_NS) /* the same */
#define SETTLE_NS (10 * HP_S_NS)        /* ours: then a count that still moves is taken as it is */
#define SLOWLY_NS (200 * HP_MS_NS)      /* the same: 5/s */

bool certify_effect(struct certify *certify, const char *key, uint64_t *count,
		    char why[PROBE_WHY_BYTES])
{
	struct probe *probe = certify->config.probe;
	uint64_t until_ns = clock_mono_ns() + SETTLE_NS, last = UINT64_MAX;
	unsigned equal = 0;

	for (;;) {
		if (!probe->read(probe, key, count, why))
			return false;
		equal = *count == last ? equal + 1 : 1;
		last = *count;
		if (equal == READINGS_EQUAL || clock_mono_ns() > until_ns ||
		    courier_stopped(certify->courier))
			return true;
		courier_wait(certify->courier, READING_GAP_NS);
	}
}

bool certify_no_effect(struct certify *certify, const char *key, const char *later,
		       uint64_t *count, char why[PROBE_WHY_BYTES])
{
	struct probe *probe = certify->config.probe;
	uint64_t until_ns = clock_mono_ns() + SETTLE_NS, seen = 0;

	while (seen == 0 && clock_mono_ns() < until_ns && !courier_stopped(certify->courier)) {
		if (!probe->read(probe, later, &seen, why))
			return false;
		if (seen == 0)
			courier_wait(certify->courier, READING_GAP_NS / 10);
	}
	return probe->read(probe, key, count, why);
}

/* ---- the A/A control ---- */

struct unique { /* events that were sent once each */
	char keys[UNIQUE_EVENTS][FORGE_KEY_BYTES];
	uint64_t counts[UNIQUE_EVENTS];
	unsigned sent;
};

static void send_unique(struct certify *certify, uint64_t gap_ns, struct unique *out)
{
	char seen[RULING_TEXT_BYTES];

	out->sent = 0;
	for (unsigned i = 0; i < UNIQUE_EVENTS; i++) {
		if (certify_sentinel(certify, seen, out->keys[out->sent]) == CERTIFY_ALIVE)
			out->sent++;
		if (gap_ns)
			courier_wait(certify->courier, gap_ns);
	}
}

/* Reads all counts until they stand still together. */
static bool read_unique(struct certify *certify, struct unique *unique, char why[PROBE_WHY_BYTES])
{
	struct probe *probe = certify->config.probe;
	uint64_t until_ns = clock_mono_ns() + SETTLE_NS;
	unsigned equal = 1;

	for (;;) {
		bool moved = false;

		for (unsigned i = 0; i < unique->sent; i++) {
			uint64_t count;

			if (!probe->read(probe, unique->keys[i], &count, why))
				return false;
			moved |= count != unique->counts[i];
			unique->counts[i] = count;
		}
		equal = moved ? 1 : equal + 1;
		if (equal >= READINGS_EQUAL || clock_mono_ns() > until_ns ||
		    courier_stopped(certify->courier))
			return true;
		courier_wait(certify->courier, READING_GAP_NS);
	}
}

static unsigned wrong_count(const struct unique *unique)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < unique->sent; i++)
		wrong += unique->counts[i] != 1;
	return wrong;
}

/* A probe that says the same of an event that nobody sent sees nothing. */
static bool is_blind(struct certify *certify, const struct unique *unique)
{
	struct probe *probe = certify->config.probe;
	uint64_t count = 0;

	for (unsigned i = 1; i < unique->sent; i++)
		if (unique->counts[i] != unique->counts[0])
			return false;
	if (!probe->read(probe, "inv_nobody_sent_this:invoice.paid", &count,
			 certify->probe_why))
		return true;
	return count == unique->counts[0];
}

/* Sends and reads. False: the probe fails or sees nothing, and probe_why says so. */
static bool try_unique(struct certify *certify, uint64_t gap_ns, struct unique *unique)
{
	char *why = certify->probe_why;

	send_unique(certify, gap_ns, unique);
	if (unique->sent == 0) {
		snprintf(why, PROBE_WHY_BYTES, "no event of the control was accepted");
		return false;
	}
	if (!read_unique(certify, unique, why))
		return false;
	if (wrong_count(unique) == 0 || !is_blind(certify, unique))
		return true;
	snprintf(why, PROBE_WHY_BYTES, "it says %llu for each event, and for one that was not sent",
		 (unsigned long long)unique->counts[0]);
	return false;
}

bool certify_control_effects(struct certify *certify, char what[VERDICT_REASON_BYTES])
{
	struct unique *unique = hp_xcalloc(1, sizeof(*unique));
	bool sees = try_unique(certify, 0, unique), good;

	if (!sees || wrong_count(unique) > 0) {
		*unique = (struct unique){.sent = 0};
		sees = try_unique(certify, SLOWLY_NS, unique);
	}
	good = sees && wrong_count(unique) == 0;
	certify->probe_works = good;
	if (sees && !good) {
		snprintf(what, VERDICT_REASON_BYTES, "of %u unique events, sent once each, %u did "
			 "not take effect exactly once", unique->sent, wrong_count(unique));
		snprintf(certify->probe_why, sizeof(certify->probe_why),
			 "unique events do not take effect exactly once");
	}
	free(unique);
	return good || !sees;
}
