/* What the two files of a receiver share. For them alone: callers use receiver.h.
 * receiver.c has its life, its ready scripts and its windows; receiver_decide.c what becomes of one
 * delivery or connection. */
#ifndef HP_RECEIVERS_RECEIVER_INSIDE_H
#define HP_RECEIVERS_RECEIVER_INSIDE_H
#include "receivers/receiver.h"

static inline struct behaviour_list receiver_behaviours(const struct receiver *receiver)
{
	return (struct behaviour_list){
		receiver->config->behaviours, receiver->config->behaviour_count,
	};
}

/* A request of unknown size, until the caller knows more. */
static inline struct behaviour_request
receiver_request(const struct receiver *receiver, const struct behaviour_case *c, bool closing)
{
	return (struct behaviour_request){
		.c = c, .head_bytes = HP_NEVER, .body_bytes = HP_NEVER,
		.success_status = receiver->config->status,
		.timeout_ns = receiver->config->profile->timeout_ns,
		.url = receiver->config->url,
		.closing = closing,
	};
}
#endif
