/* Runs every suite of suites.h, or the one that is named: `unit json`.
 * Nothing run is a failure, and so is a name that is not in the list. The suites are weak symbols,
 * so that a few of them can be linked alone; one that is wanted and not linked is a failure too. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define X(name) Suite *suite_##name(void) __attribute__((weak));
#include "tests/unit/suites.h"
#undef X

static const struct {
	const char *name;
	Suite *(*make)(void);
} suites[] = {
#define X(name) {#name, suite_##name},
#include "tests/unit/suites.h"
#undef X
};

enum { SUITE_COUNT = sizeof(suites) / sizeof(suites[0]) };

/* Adds the named suite, or all of them for NULL. False when one is missing, or none was added. */
static bool add_suites(SRunner *runner, const char *name)
{
	int added = 0;

	for (int i = 0; i < SUITE_COUNT; i++) {
		if (name && strcmp(name, suites[i].name) != 0)
			continue;
		if (!suites[i].make) {
			fprintf(stderr, "unit: suite %s is not linked\n", suites[i].name);
			return false;
		}
		srunner_add_suite(runner, suites[i].make());
		added++;
	}
	if (!added)
		fprintf(stderr, "unit: no suite %s in tests/unit/suites.h\n",
			name ? name : "at all");
	return added > 0;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 && *argv[1] ? argv[1] : NULL;
	SRunner *runner = srunner_create(NULL);
	int run, failed;

	if (!add_suites(runner, name)) {
		srunner_free(runner);
		return EXIT_FAILURE;
	}
	srunner_run_all(runner, CK_ENV);
	run = srunner_ntests_run(runner);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	printf("%d passed, %d failed\n", run - failed, failed);
	return run > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
