/* What a run file says of its run beside the history: named texts and the endpoints' names. */
#ifndef HP_STORE_RUN_PAIR_H
#define HP_STORE_RUN_PAIR_H
#include <stdint.h>

/* Keys that a caller gives. Others may be added freely ("profile.<name>"). No secret in any. */
#define RUN_META_KEYS(X) /* name, what its text is */                                             \
	X(tool_version, "of hookproof")                                                           \
	X(command, "run, load, simulate, receive")                                                \
	X(run_id, "")                                                                             \
	X(seed, "decimal")                                                                        \
	X(scenario, "name or path as given")                                                      \
	X(scenario_text, "the whole document")                                                    \
	X(profile, "name")                                                                        \
	X(profile_text, "the whole document")                                                     \
	X(recorded_text, "the recorded arrivals, when there are any")                             \
	X(overrides, "--set, one a line")                                                         \
	X(repeat, "the line that repeats the run")                                                \
	X(time_mode, "real, scaled, virtual")                                                     \
	X(clock, "of the moments: CLOCK_MONOTONIC")                                               \
	X(started_wall_ns, "instant 0 of the run, since 1970")

/* Keys that the run file writes itself. */
#define RUN_META_OWN_KEYS(X) /* name, what its text is */                                         \
	X(state, "running, complete, interrupted")                                                \
	X(recording, "all, failures, summary")                                                    \
	X(random_version, "number of the random function")                                        \
	X(histogram, "configuration of the histograms")                                           \
	X(sqlite_version, "")                                                                     \
	X(kernel, "uname: system, release, machine")                                              \
	X(cpus, "processors that were online")                                                    \
	X(records_lost, "that are in no table")                                                   \
	X(failure, "why storing stopped, when it did")                                            \
	X(verdict, "of the whole run")                                                            \
	X(exit, "code of the process")                                                            \
	X(untrusted, "why the measurement cannot carry the verdicts, when it cannot")

#define X(name, text) extern const char run_meta_##name[];
RUN_META_KEYS(X)
RUN_META_OWN_KEYS(X)
#undef X

struct run_pair { /* both borrowed, never NULL */
	const char *key, *value;
};

struct run_endpoint {
	uint32_t index;
	const char *name, *url; /* borrowed, never NULL */
};
#endif
