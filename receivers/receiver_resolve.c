/* What becomes of a query of the receiver's name: see receiver.h. */
#include <stdio.h>

#include "receivers/receiver_inside.h"

static uint16_t ordinal_of(uint64_t number)
{
	return (uint16_t)(number < UINT16_MAX ? number : UINT16_MAX);
}

static bool is_own_family(const struct lookup *lookup)
{
	return (lookup->type == LOOKUP_A && lookup->own->family == 4) ||
	       (lookup->type == LOOKUP_AAAA && lookup->own->family == 6);
}

void receiver_resolve(struct receiver *receiver, struct lookup *lookup)
{
	const struct behaviour_case c = {
		.seed = receiver->config->seed,
		.endpoint_index = receiver->config->endpoint_index,
		.identity = lookup->type,
		.ordinal = (uint32_t)++receiver->queries[lookup->type],
		.now_ns = lookup->planned_ns,
	};

	lookup->number = receiver->queries[lookup->type];
	if (is_own_family(lookup))
		lookup_add(lookup, lookup->own->ip);
	behaviour_resolve(receiver_behaviours(receiver), &c, lookup);
}

/* There is no acknowledgement of a datagram; what this machine's kernel took for a peer on this
 * machine has reached it, unless the peer is gone. */
static enum record_fault_state state_of(enum lookup_end end)
{
	static const enum record_fault_state states[] = {
		[LOOKUP_ANSWERED] = RECORD_FAULT_VERIFIED,
		[LOOKUP_SILENT] = RECORD_FAULT_VERIFIED,
		[LOOKUP_CUT_OFF] = RECORD_FAULT_PREEMPTED,
		[LOOKUP_UNSENT] = RECORD_FAULT_FAILED,
	};

	return states[end];
}

static void put_struck(struct receiver *receiver, const struct lookup *lookup,
		       struct lookup_struck struck, const struct lookup_seen *seen)
{
	bool done = seen->end == LOOKUP_ANSWERED || seen->end == LOOKUP_SILENT;
	struct record record = {
		.kind = RECORD_FAULT,
		.fault = {
			.event_index = RECORD_NO_EVENT,
			.planned_ns = lookup->planned_ns,
			.applied_ns = done ? seen->now_ns : HP_NEVER,
			.peer_ns = HP_NEVER,
			.read_bytes = seen->query_bytes,
			.written_bytes = seen->end == LOOKUP_ANSWERED ? seen->answer_bytes : 0,
			.acked_bytes = HP_NEVER,
			.endpoint_index = receiver->config->endpoint_index,
			.ordinal = ordinal_of(lookup->number),
			.behaviour = struck.behaviour, .fault = struck.fault,
			.state = (uint8_t)state_of(seen->end),
			.peer = RECORD_PEER_STAYED,
		},
	};

	snprintf(record.fault.key, sizeof(record.fault.key), "%s", lookup_type_word(lookup->type));
	history_put(receiver->history, &record);
}

void receiver_resolved(struct receiver *receiver, const struct lookup *lookup,
		       const struct lookup_seen *seen)
{
	for (unsigned i = 0; i < lookup->struck_count; i++)
		put_struck(receiver, lookup, lookup->struck[i], seen);
}
