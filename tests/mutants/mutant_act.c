#include "tests/mutants/mutant_act.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/mutants/mutant_defects.h"
#include "tests/mutants/mutant_store.h"

enum {
	RACE_MS = 20,          /* between look-up and record */
	WORK_MS = 100,         /* that hang-ups interrupt, or that comes after the answer */
	RECORD_MS = 300,       /* in which a lost answer shows */
	SLOW_MS = 150,         /* of each event, one after the other */
	REFUSAL_MS = 30,       /* of each unsigned request */
	QUEUE_MAX = 32,
	QUEUE_MS = 20,         /* for each event that waits */
	BUSY_PER_S = 120,      /* asked more often, the lock is dropped */
	WINDOW_S = 3600,
	KEY_BYTES = 2 * EVENT_WORD_BYTES_MAX + 2,
};

static pthread_mutex_t worker = PTHREAD_MUTEX_INITIALIZER;

static void spend(int ms)
{
	pthread_mutex_lock(&worker);
	poll(NULL, 0, ms);
	pthread_mutex_unlock(&worker);
}

void act_work(bool unsigned_request)
{
	if (defect_is(DEFECT_SLOW_ACK))
		spend(SLOW_MS);
	if (defect_is(DEFECT_COSTLY_REFUSAL))
		spend(unsigned_request ? REFUSAL_MS : 0);
}

static const char *key_of(struct act *act)
{
	return bytes_text(&act->event->key);
}

static long long window_s(void)
{
	return defect_is(DEFECT_DEDUPE_WINDOW_SHORT) ? WINDOW_S : 0;
}

static void act_always(struct act *act)
{
	store_act(act->mutant->store, key_of(act));
}

static void act_once(struct act *act)
{
	store_act_once(act->mutant->store, key_of(act), mutant_now_s(act->mutant), window_s());
}

static bool mark(struct act *act)
{
	return store_mark(act->mutant->store, key_of(act), mutant_now_s(act->mutant), 0);
}

static void check_then_act(struct act *act)
{
	if (store_knows(act->mutant->store, key_of(act)))
		return;
	poll(NULL, 0, RACE_MS);
	act_always(act);
	mark(act);
}

static void name_signature(struct act *act, char key[KEY_BYTES])
{
	snprintf(key, KEY_BYTES, "signature %.*s", (int)act->signature.bytes, act->signature.at);
}

static void once_per_signature(struct act *act)
{
	char key[KEY_BYTES];

	name_signature(act, key);
	if (store_mark(act->mutant->store, key, mutant_now_s(act->mutant), 0))
		act_always(act);
}

bool act_knows_signature(struct act *act)
{
	char key[KEY_BYTES];

	name_signature(act, key);
	return store_knows(act->mutant->store, key);
}

static void once_and_remember(struct act *act)
{
	char key[KEY_BYTES];

	name_signature(act, key);
	act_once(act);
	store_mark(act->mutant->store, key, mutant_now_s(act->mutant), 0);
}

static void once_if_marked(struct act *act)
{
	if (act->marked)
		act_always(act);
}

/* Above so many events in one second nothing is looked up any more. */
static void once_unless_busy(struct act *act)
{
	static atomic_llong second_s;
	static atomic_uint count;
	long long now_s = mutant_now_s(act->mutant);

	if (atomic_exchange(&second_s, now_s) != now_s)
		count = 0;
	if (++count > BUSY_PER_S)
		act_always(act);
	else
		act_once(act);
}

static void once_unless_half(struct act *act)
{
	char half[KEY_BYTES];

	snprintf(half, sizeof(half), "half %s", bytes_text(&act->event->resource));
	if (!store_knows(act->mutant->store, half))
		act_once(act);
}

static void once_per_resource(struct act *act)
{
	char key[KEY_BYTES];

	snprintf(key, sizeof(key), "resource %s", bytes_text(&act->event->resource));
	if (store_mark(act->mutant->store, key, mutant_now_s(act->mutant), 0))
		act_always(act);
}

static void nothing(struct act *act)
{
	(void)act;
}

/* Marks; the effect comes behind the answer. */
static void mark_first(struct act *act)
{
	act->marked = mark(act);
}

static void act_if_marked_late(struct act *act, bool answered)
{
	if (act->marked && answered && !http_was_reset(act->conn, WORK_MS))
		act_always(act);
}

static void act_and_mark(struct act *act)
{
	act->marked = mark(act);
	if (act->marked)
		act_always(act);
}

static void forget_if_lost(struct act *act, bool answered)
{
	if (act->marked && (!answered || http_was_reset(act->conn, RECORD_MS)))
		store_forget(act->mutant->store, key_of(act));
}

static void act_after_work(struct act *act, bool answered)
{
	(void)answered;
	poll(NULL, 0, WORK_MS);
	act_once(act);
}

struct job {
	struct job *next;
	const struct mutant *mutant;
	char key[KEY_BYTES];
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t some;
	struct job *first, **last;
	unsigned count;
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER, .some = PTHREAD_COND_INITIALIZER,
	   .last = &queue.first};

/* What the queue cannot hold was answered and is gone. */
static void enqueue(struct act *act)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		abort();
	job->mutant = act->mutant;
	snprintf(job->key, sizeof(job->key), "%s", key_of(act));
	pthread_mutex_lock(&queue.lock);
	if (queue.count < QUEUE_MAX && mark(act)) {
		*queue.last = job;
		queue.last = &job->next;
		queue.count++;
		job = NULL;
		pthread_cond_signal(&queue.some);
	}
	pthread_mutex_unlock(&queue.lock);
	free(job);
}

static struct job *dequeue(void)
{
	struct job *job;

	pthread_mutex_lock(&queue.lock);
	while (!queue.first)
		pthread_cond_wait(&queue.some, &queue.lock);
	job = queue.first;
	queue.first = job->next;
	if (!queue.first)
		queue.last = &queue.first;
	queue.count--;
	pthread_mutex_unlock(&queue.lock);
	return job;
}

static void *work_off(void *none)
{
	for (;;) {
		struct job *job = dequeue();

		poll(NULL, 0, QUEUE_MS);
		store_act(job->mutant->store, job->key);
		free(job);
	}
	return none;
}

void act_start(void)
{
	pthread_t thread;

	if (!defect_is(DEFECT_ACK_BEFORE_PERSIST))
		return;
	if (pthread_create(&thread, NULL, work_off, NULL) != 0)
		abort();
}

/* How each defect acts before and behind the answer. */
static const struct {
	enum defect defect;
	void (*now)(struct act *act);
	void (*late)(struct act *act, bool answered); /* NULL: nothing */
} ways[] = {
	{DEFECT_NO_DEDUPE, act_always, NULL},
	{DEFECT_FRESHNESS_IS_DEDUPE, act_always, NULL},
	{DEFECT_DEDUPE_ON_SIGNATURE, once_per_signature, NULL},
	{DEFECT_DEDUPE_ON_RESOURCE, once_per_resource, NULL},
	{DEFECT_KNOWN_BEFORE_AGE, once_and_remember, NULL},
	{DEFECT_CHECK_THEN_ACT, check_then_act, NULL},
	{DEFECT_RACES_UNDER_LOAD, once_unless_busy, NULL},
	{DEFECT_RECORD_BEFORE_VERIFY, once_if_marked, NULL},
	{DEFECT_RECORD_BEFORE_PARSE, once_if_marked, NULL},
	{DEFECT_ACTS_ON_PARTIAL, once_unless_half, NULL},
	{DEFECT_MARKS_BEFORE_SUCCESS, mark_first, act_if_marked_late},
	{DEFECT_TWO_STEP_EFFECT, act_and_mark, forget_if_lost},
	{DEFECT_DROPS_ON_RESTART, nothing, act_after_work},
	{DEFECT_ACK_BEFORE_PERSIST, enqueue, NULL},
};

enum { WAYS = sizeof(ways) / sizeof(*ways) };

/* States of a resource by what happened to it, oldest first; the platform would be asked. */
static int rank_of(const char *state)
{
	static const char *const states[] = {"created", "updated", "sent", "paid", "completed"};
	int count = sizeof(states) / sizeof(*states), rank = 0;

	while (rank < count && strcmp(states[rank], state) != 0)
		rank++;
	return rank == count ? 0 : rank + 1;
}

static void set_state(struct act *act)
{
	const char *type = bytes_text(&act->event->type), *dot = strrchr(type, '.');
	const char *state = dot && dot[1] ? dot + 1 : type;
	char resource[KEY_BYTES];

	snprintf(resource, sizeof(resource), "state %s", bytes_text(&act->event->resource));
	store_set_state(act->mutant->store, resource, state, rank_of(state));
}

void act_now(struct act *act)
{
	size_t way = 0;

	if (!act->event->known)
		return;
	while (way < WAYS && !defect_is(ways[way].defect))
		way++;
	if (way < WAYS)
		ways[way].now(act);
	else
		act_once(act);
	if (act->event->twin.bytes != 0)
		store_act(act->mutant->store, bytes_text(&act->event->twin));
	set_state(act);
}

void act_late(struct act *act, bool answered)
{
	for (size_t way = 0; act->event->known && way < WAYS; way++)
		if (defect_is(ways[way].defect) && ways[way].late)
			ways[way].late(act, answered);
}

void act_early(struct act *act)
{
	if (act->event->known && defect_is(DEFECT_EFFECT_BEFORE_VERIFY))
		act_once(act);
	if (act->event->known && defect_is(DEFECT_RECORD_BEFORE_VERIFY))
		act->marked = mark(act);
}

void act_on_half(const struct mutant *mutant, struct view half)
{
	struct bytes resource = {.max = EVENT_WORD_BYTES_MAX};
	char key[KEY_BYTES];

	if (!defect_is(DEFECT_ACTS_ON_PARTIAL))
		return;
	event_guess_resource(half, &resource);
	snprintf(key, sizeof(key), "half %s", bytes_text(&resource));
	store_mark(mutant->store, key, mutant_now_s(mutant), 0);
	bytes_free(&resource);
}
