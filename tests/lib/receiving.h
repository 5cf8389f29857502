/* What tests of simulated receivers share: a receiver under paisr-v1's signature rules, a history
 * in an array, signed requests as text. One fixture per test; nothing is freed twice. */
#ifndef HP_TESTS_LIB_RECEIVING_H
#define HP_TESTS_LIB_RECEIVING_H
#include "receivers/receiver.h"

enum { RECEIVING_RECORDS_MAX = 4096, RECEIVING_TEXT_BYTES = 4096 };

struct receiving {
	struct history history; /* first: put() finds the rest */
	struct record records[RECEIVING_RECORDS_MAX];
	size_t record_count;
	struct profile profile;
	struct receiver_config config; /* verifies, idempotent, 204 at /hooks; change before */
	struct hp_secret *secret;
	struct scheme_key *key;
	struct behaviour_part faults[RECEIVER_BEHAVIOURS_MAX]; /* that guards hold */
	struct receiver *receiver;
};

/* Fills a fixture; the test then changes config and starts. */
void receiving_init(struct receiving *r);
void receiving_start(struct receiving *r);
void receiving_fini(struct receiving *r);

/* Adds a behaviour with its defaults. Returns it, to be changed before the start. */
struct behaviour *receiving_behave(struct receiving *r, const char *slug);

/* A thin body: {"id":"inv_<number>","event":"invoice.paid"}. Returns out. */
const char *receiving_body(int number, char *out);

/* A signed POST /hooks with that body; extra header lines end with CRLF. Returns out, which holds
 * RECEIVING_TEXT_BYTES. */
const char *receiving_request(const struct receiving *r, const char *body, const char *extra,
			      char *out);

/* The receipt number index among the records; fails the test when there are fewer. */
const struct record_receipt *receiving_receipt(const struct receiving *r, size_t index);
size_t receiving_receipts(const struct receiving *r);
#endif
