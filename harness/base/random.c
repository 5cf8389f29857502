#include "base/random.h"

#include <endian.h>
#include <string.h>

#include "base/err.h"

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection that mixes all bits. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	return x;
}

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / phi, splitmix64's increment */

static uint64_t chain(uint64_t state, uint64_t word)
{
	return mix((state + GOLDEN) ^ word);
}

uint64_t hp_random_bits(const struct hp_key *key)
{
	uint64_t state = mix(key->seed + GOLDEN);

	state = chain(state, ((uint64_t)key->stream << 32) | key->endpoint);
	state = chain(state, key->event);
	return chain(state, ((uint64_t)key->attempt << 32) | key->draw);
}

double hp_random_unit(const struct hp_key *key)
{
	return ((double)(hp_random_bits(key) >> 11) + 0.5) * 0x1.0p-53;
}

uint64_t hp_random_below(const struct hp_key *key, uint64_t bound)
{
	assert(bound > 0);
	return (uint64_t)(((unsigned __int128)hp_random_bits(key) * bound) >> 64);
}

/* Up to eight bytes, the first one lowest, on every machine. */
static uint64_t load_word(const char *at, size_t bytes)
{
	uint64_t word = 0;

	memcpy(&word, at, bytes);
	return le64toh(word);
}

uint64_t hp_digest(struct hp_view bytes)
{
	uint64_t state = mix(bytes.bytes + GOLDEN);
	size_t i = 0;

	for (; i + 8 <= bytes.bytes; i += 8)
		state = chain(state, load_word(bytes.at + i, 8));
	if (i < bytes.bytes)
		state = chain(state, load_word(bytes.at + i, bytes.bytes - i));
	return state;
}
