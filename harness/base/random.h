/* Keyed randomness: every decision is a function of its key, never of what was drawn before, so
 * that a run repeats whatever the order, the concurrency or the number of shards.
 * The function is number HP_RANDOM_VERSION; changing it would make old seeds lie, so a changed one
 * is a new number. Not for secrets. */
#ifndef HP_BASE_RANDOM_H
#define HP_BASE_RANDOM_H
#include <stdint.h>

#include "base/view.h"

enum { HP_RANDOM_VERSION = 1 };

/* One name per use, so that a new use does not shift the others. Numbers are never reused. */
enum hp_stream {
	HP_STREAM_TYPE = 1,      /* which event type event k has */
	HP_STREAM_BODY = 2,      /* filler bytes of a larger body */
	HP_STREAM_JITTER = 3,    /* the jitter of a retry */
	HP_STREAM_ARRIVAL = 4,   /* Poisson arrivals */
	HP_STREAM_LATENCY = 5,   /* a receiver's think time */
	HP_STREAM_FAULT = 6,     /* whether a fault strikes */
	HP_STREAM_NETWORK = 7,   /* the simulated network */
	HP_STREAM_RUN = 8,       /* the run's tag in resource ids */
	HP_STREAM_SECRET = 9,    /* generated secrets of simulated endpoints */
	HP_STREAM_CORRUPT = 10,  /* which bits of an answer are flipped */
	HP_STREAM_GARBAGE = 11,  /* bytes of an answer that is none */
	HP_STREAM_FLAP = 12,     /* phase and edges of a receiver that comes and goes */
	HP_STREAM_SLICE = 13,    /* into what pieces an answer is cut */
	HP_STREAM_NAME = 14,     /* which address stands first */
	HP_STREAM_CHECK = 14,    /* ids of a check's own events, and another endpoint's secret */
};

struct hp_key {
	uint64_t seed;
	enum hp_stream stream;
	uint32_t endpoint;
	uint64_t event;
	uint32_t attempt;
	uint32_t draw;
};

/* 64 uniform bits for the key. */
uint64_t hp_random_bits(const struct hp_key *key);

/* A uniform double in the open interval (0, 1), 53 bits. */
double hp_random_unit(const struct hp_key *key);

/* A uniform integer in [0, bound); bound at least 1. Bias below 2^-32 for bounds below 2^32. */
uint64_t hp_random_below(const struct hp_key *key, uint64_t bound);

/* A 64-bit digest of bytes, good against accidents, not against attackers. Same on all machines. */
uint64_t hp_digest(struct hp_view bytes);
#endif
