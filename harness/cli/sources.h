/* The further documents of a scenario, its profile and recorded arrivals, kept as they are read, so
 * that the run file holds all that judges the run again (recorded.h reads them back). */
#ifndef HP_CLI_SOURCES_H
#define HP_CLI_SOURCES_H
#include "scenarios/scenario.h"

struct sources {
	struct scenario_source inner;
	struct hp_buf profile, recorded; /* empty: none was read */
};

/* A source that reads through `inner` and keeps. sources stays where it is until sources_fini(). */
struct scenario_source sources_keeping(struct sources *sources, struct scenario_source inner);
void sources_fini(struct sources *sources);
#endif
