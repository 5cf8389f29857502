#include "tests/lib/stranger.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

/* Some of them are negative numbers in SQL. */
static uint64_t identity_of(enum story story)
{
	return (uint64_t)story << 61 | (uint64_t)story;
}

struct record_receipt stranger_receipt(enum story story, uint16_t ordinal, uint64_t at_ns)
{
	struct record_receipt receipt = {
		.event_index = RECORD_NO_EVENT,
		.identity = identity_of(story),
		.arrived_ns = at_ns,
		.answered_ns = at_ns + 10 * HP_MS_NS,
		.body_digest = 1000003 * (uint64_t)story,
		.endpoint_index = PAST_AUDIT,
		.ordinal = ordinal,
		.signature = SCHEME_VALID,
		.wanted = 1,
	};

	snprintf(receipt.key, sizeof(receipt.key), "inv_%d:invoice.paid", (int)story);
	return receipt;
}

static void add_receipt(struct past *past, const struct record_receipt *receipt)
{
	past_add(past, &(struct record){RECORD_RECEIPT, .receipt = *receipt});
}

void stranger_ok(struct past *past, enum story story, uint16_t ordinal, uint64_t at_ns)
{
	struct record_receipt receipt = stranger_receipt(story, ordinal, at_ns);

	receipt.status = 204;
	receipt.effects = 1;
	add_receipt(past, &receipt);
}

/* A fault of this receipt, seen to take effect. */
static void add_fault(struct past *past, const struct record_receipt *receipt,
		      uint64_t applied_ns, uint64_t peer_ns)
{
	struct record record = {
		.kind = RECORD_FAULT,
		.fault = {.event_index = RECORD_NO_EVENT, .identity = receipt->identity,
			  .endpoint_index = receipt->endpoint_index, .ordinal = receipt->ordinal,
			  .planned_ns = receipt->arrived_ns, .applied_ns = applied_ns,
			  .peer_ns = peer_ns, .behaviour = receipt->behaviour,
			  .fault = receipt->behaviour, .state = RECORD_FAULT_VERIFIED,
			  .peer = peer_ns == HP_NEVER ? RECORD_PEER_STAYED : RECORD_PEER_FIN},
	};

	memcpy(record.fault.key, receipt->key, sizeof(record.fault.key));
	past_add(past, &record);
}

void stranger_failure(struct past *past, enum story story, uint16_t ordinal, uint64_t at_ns,
		      uint64_t retry_after_ns)
{
	struct record_receipt receipt = stranger_receipt(story, ordinal, at_ns);

	receipt.status = 503;
	receipt.behaviour = STRANGER_STATUS;
	receipt.retry_after_ns = retry_after_ns;
	add_receipt(past, &receipt);
	add_fault(past, &receipt, receipt.answered_ns, HP_NEVER);
}

static void add_broken(struct past *past, enum story story, enum record_end end, uint64_t at_ns,
		       uint64_t peer_ns)
{
	struct record_receipt receipt = stranger_receipt(story, 1, at_ns);

	receipt.answered_ns = HP_NEVER;
	receipt.end = (uint8_t)end;
	receipt.behaviour = end == RECORD_END_RESET ? STRANGER_RESET : STRANGER_SILENCE;
	receipt.effects = 1;
	add_receipt(past, &receipt);
	add_fault(past, &receipt, at_ns + 10 * HP_MS_NS, peer_ns);
}

void stranger_unheard(struct past *past, uint64_t at_ns)
{
	struct record_receipt receipt = stranger_receipt(UNHEARD, 1, at_ns);
	struct record record = {
		.kind = RECORD_UNACKED,
		.unacked = {.event_index = RECORD_NO_EVENT, .identity = receipt.identity,
			    .endpoint_index = PAST_AUDIT, .ordinal = 1, .status = 204,
			    .answered_ns = receipt.answered_ns, .at_ns = at_ns + HP_S_NS},
	};

	stranger_ok(past, UNHEARD, 1, at_ns);
	past_add(past, &record);
	stranger_ok(past, UNHEARD, 2, at_ns + 7 * HP_S_NS);
	past_figures(past);
}

uint64_t stranger_after(uint64_t at_ns, uint64_t wait_ns)
{
	return at_ns + 10 * HP_MS_NS + wait_ns;
}

static void add_stories(struct past *past)
{
	uint64_t at_ns = STRANGER_START_NS(TWICE_REFUSED);

	stranger_ok(past, ONCE, 1, STRANGER_START_NS(ONCE));

	stranger_failure(past, TWICE_REFUSED, 1, at_ns, 0);
	stranger_failure(past, TWICE_REFUSED, 2, at_ns = stranger_after(at_ns, 2 * HP_S_NS), 0);
	stranger_ok(past, TWICE_REFUSED, 3, stranger_after(at_ns, 4 * HP_S_NS));

	add_broken(past, CUT, RECORD_END_RESET, STRANGER_START_NS(CUT), HP_NEVER);
	stranger_ok(past, CUT, 2, stranger_after(STRANGER_START_NS(CUT), 2 * HP_S_NS));

	stranger_failure(past, ASKED, 1, STRANGER_START_NS(ASKED), 3 * HP_S_NS);
	stranger_ok(past, ASKED, 2, stranger_after(STRANGER_START_NS(ASKED), 3 * HP_S_NS));

	at_ns = STRANGER_START_NS(GIVEN_UP);
	for (uint16_t number = 1; number <= 4; number++) {
		stranger_failure(past, GIVEN_UP, number, at_ns, 0);
		at_ns = stranger_after(at_ns, HP_S_NS << number);
	}

	add_broken(past, SILENT, RECORD_END_SILENT, STRANGER_START_NS(SILENT),
		   STRANGER_START_NS(SILENT) + 5 * HP_S_NS);
	stranger_ok(past, SILENT, 2, STRANGER_START_NS(SILENT) + 7 * HP_S_NS);
}

void stranger_init(struct past *past)
{
	past_init(past);
	past_clear(past);
	past->facts.foreign = true;
	past->facts.watched_ns = 60 * HP_S_NS;
	add_stories(past);
	past_figures(past);
}

struct record_receipt *stranger_find(struct past *past, enum story story, uint16_t ordinal)
{
	for (size_t i = 0; i < past->count; i++)
		if (past->records[i].kind == RECORD_RECEIPT &&
		    past->records[i].receipt.identity == identity_of(story) &&
		    past->records[i].receipt.ordinal == ordinal)
			return &past->records[i].receipt;
	ck_abort_msg("no such receipt");
	return NULL;
}
