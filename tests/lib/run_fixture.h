/* A run file in a folder of its own, for the tests of store/ and of those who read run files.
 * Each function fails the test when something goes wrong. */
#ifndef HP_TESTS_RUN_FIXTURE_H
#define HP_TESTS_RUN_FIXTURE_H
#include "store/run_file.h"
#include "store/run_reader.h"

extern struct run_fixture {
	char folder[128], path[160];
	struct ring *ring;
	struct run_file *file;
	struct hp_err err;
} run_fx;

/* A new empty folder and a ring; the teardown removes both, with the run file. */
void run_fx_setup(void);
void run_fx_teardown(void);

/* Two endpoints, two behaviours, three texts (seed 42). */
struct run_file_config run_fx_config(enum plan_recording recording);

/* Opens run_fx.file; finishes it; opens it for reading. */
void run_fx_open(enum plan_recording recording);
void run_fx_finish(const struct run_file_end *end);
struct run_reader *run_fx_reopen(void);

/* Hands a record over; one of an attempt. */
void run_fx_put(struct record record);
struct record run_fx_attempt(uint64_t event_index, uint16_t number, enum outcome outcome);

/* Returns new figures of two endpoints, some at their extremes. */
struct metrics *run_fx_metrics(void);
#endif
