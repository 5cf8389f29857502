#include "tests/mutants/mutant_store.h"
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "tests/mutants/mutant_defects.h"

enum { BUCKETS = 1 << 17, LINE_BYTES_MAX = 1024 };

struct entry {
	struct entry *next;
	unsigned effects;
	bool known;
	long long known_s; /* since when */
	int rank;
	char state[32];
	char key[];
};

struct store {
	pthread_mutex_t lock;
	int log;
	struct entry *buckets[BUCKETS];
};

static uint32_t hash_of(const char *key) /* FNV-1a */
{
	uint32_t hash = 2166136261u;

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 16777619u;
	return hash % BUCKETS;
}

/* The entry, made when it is not there. */
static struct entry *entry_of(struct store *store, const char *key)
{
	struct entry **bucket = &store->buckets[hash_of(key)], *entry = *bucket;
	size_t bytes = strlen(key) + 1;

	while (entry && strcmp(entry->key, key) != 0)
		entry = entry->next;
	if (entry)
		return entry;
	entry = calloc(1, sizeof(*entry) + bytes);
	if (!entry)
		abort();
	memcpy(entry->key, key, bytes);
	entry->next = *bucket;
	return *bucket = entry;
}

/* A line: a letter, a number, a state or -, and the key to its end. */
static void log_line(struct store *store, char what, long long number, const struct entry *entry)
{
	char line[LINE_BYTES_MAX];
	int bytes = snprintf(line, sizeof(line), "%c %lld %s %.900s\n", what, number,
			     *entry->state ? entry->state : "-", entry->key);

	if (write(store->log, line, (size_t)bytes) != bytes)
		abort();
}

/* K: known since; E: one more effect; F: forgotten; S: state of that rank. */
static void replay_line(struct store *store, const char *line)
{
	char what, state[32], key[LINE_BYTES_MAX];
	long long number;
	struct entry *entry;

	if (sscanf(line, "%c %lld %31s %1023[^\n]", &what, &number, state, key) != 4)
		return;
	entry = entry_of(store, key);
	entry->effects += what == 'E';
	if (what == 'K' || what == 'F')
		entry->known = what == 'K' && !defect_is(DEFECT_DEDUPE_IN_MEMORY);
	if (what == 'K')
		entry->known_s = number;
	if (what != 'S')
		return;
	entry->rank = (int)number;
	snprintf(entry->state, sizeof(entry->state), "%s", state);
}

static void replay(struct store *store)
{
	char line[LINE_BYTES_MAX];
	FILE *log = fdopen(dup(store->log), "r");

	if (!log)
		abort();
	rewind(log);
	while (fgets(line, sizeof(line), log))
		replay_line(store, line);
	fclose(log);
	lseek(store->log, 0, SEEK_END);
}

struct store *store_open(int log)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		abort();
	pthread_mutex_init(&store->lock, NULL);
	store->log = log >= 0 ? log : memfd_create("effects", 0);
	if (log >= 0)
		replay(store);
	return store;
}

int store_log(const struct store *store)
{
	return store->log;
}

static bool mark(struct store *store, struct entry *entry, long long now_s, long long age_max_s)
{
	if (entry->known && (age_max_s == 0 || now_s - entry->known_s <= age_max_s))
		return false;
	entry->known = true;
	entry->known_s = now_s;
	log_line(store, 'K', now_s, entry);
	return true;
}

static void act(struct store *store, struct entry *entry)
{
	entry->effects++;
	log_line(store, 'E', 0, entry);
}

bool store_mark(struct store *store, const char *key, long long now_s, long long age_max_s)
{
	bool marked;

	pthread_mutex_lock(&store->lock);
	marked = mark(store, entry_of(store, key), now_s, age_max_s);
	pthread_mutex_unlock(&store->lock);
	return marked;
}

bool store_knows(struct store *store, const char *key)
{
	bool known;

	pthread_mutex_lock(&store->lock);
	known = entry_of(store, key)->known;
	pthread_mutex_unlock(&store->lock);
	return known;
}

void store_forget(struct store *store, const char *key)
{
	pthread_mutex_lock(&store->lock);
	entry_of(store, key)->known = false;
	log_line(store, 'F', 0, entry_of(store, key));
	pthread_mutex_unlock(&store->lock);
}

void store_act(struct store *store, const char *key)
{
	pthread_mutex_lock(&store->lock);
	act(store, entry_of(store, key));
	pthread_mutex_unlock(&store->lock);
}

bool store_act_once(struct store *store, const char *key, long long now_s, long long age_max_s)
{
	struct entry *entry;
	bool first;

	pthread_mutex_lock(&store->lock);
	entry = entry_of(store, key);
	first = mark(store, entry, now_s, age_max_s);
	if (first)
		act(store, entry);
	pthread_mutex_unlock(&store->lock);
	return first;
}

unsigned store_effects(struct store *store, const char *key)
{
	unsigned effects;

	pthread_mutex_lock(&store->lock);
	effects = entry_of(store, key)->effects;
	pthread_mutex_unlock(&store->lock);
	return effects;
}

void store_set_state(struct store *store, const char *resource, const char *state, int rank)
{
	struct entry *entry;

	pthread_mutex_lock(&store->lock);
	entry = entry_of(store, resource);
	if (rank >= entry->rank || defect_is(DEFECT_OLDER_WINS)) {
		entry->rank = rank;
		snprintf(entry->state, sizeof(entry->state), "%s", state);
		log_line(store, 'S', rank, entry);
	}
	pthread_mutex_unlock(&store->lock);
}

void store_state(struct store *store, const char *resource, char state[32])
{
	pthread_mutex_lock(&store->lock);
	snprintf(state, 32, "%s", entry_of(store, resource)->state);
	pthread_mutex_unlock(&store->lock);
}
