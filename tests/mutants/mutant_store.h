/* What this receiver did, by key: durable in a log that outlives the process image (a file without
 * a name, handed on by descriptor). Every call is atomic. */
#ifndef HP_TESTS_MUTANTS_STORE_H
#define HP_TESTS_MUTANTS_STORE_H
#include <stdbool.h>

struct store;

/* A new log, or (log >= 0) the one that was handed on: what it says is known again. */
struct store *store_open(int log);
int store_log(const struct store *store);

/* Marks the key as known; true when it was not. Keys that are older than age_max_s (0: no limit)
 * are not known. */
bool store_mark(struct store *store, const char *key, long long now_s, long long age_max_s);
bool store_knows(struct store *store, const char *key);
void store_forget(struct store *store, const char *key);

/* One more effect, in the log. */
void store_act(struct store *store, const char *key);
/* Marks and acts in one step; true when it acted. */
bool store_act_once(struct store *store, const char *key, long long now_s, long long age_max_s);
unsigned store_effects(struct store *store, const char *key);

/* What is known of a resource: the state of the highest rank, or (any_rank) the last one. */
void store_set_state(struct store *store, const char *resource, const char *state, int rank);
/* Copies at most 31 characters; empty when nothing is known. */
void store_state(struct store *store, const char *resource, char state[32]);
#endif
