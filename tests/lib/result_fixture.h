/* A finished run made by hand, for the tests of the reports: every figure is known, and foreign
 * text in it is hostile. The caller owns the struct; free it with result_fixture_fini(). */
#ifndef HP_TESTS_LIB_RESULT_FIXTURE_H
#define HP_TESTS_LIB_RESULT_FIXTURE_H
#include "engine/result.h"

#define RESULT_FIXTURES(X) X(pass) X(fail) X(invalid) X(nothing) X(interrupted)

enum result_fixture_kind {
#define X(name) RESULT_FIXTURE_##name,
	RESULT_FIXTURES(X)
#undef X
		RESULT_FIXTURE_COUNT
};

enum { RESULT_FIXTURE_FINDINGS_MAX = 16 };

struct result_fixture {
	struct plan plan;
	struct metrics *metrics;
	struct finding findings[RESULT_FIXTURE_FINDINGS_MAX];
	struct judgement judgement;
	struct result result; /* points into the others */
};

/* pass: a run without a flaw, in real time. fail: a MUST, a SHOULD and a threshold broken, scaled
 * time. invalid: our own lag. nothing: no check and no event. interrupted: by Ctrl-C. */
void result_fixture_init(struct result_fixture *f, enum result_fixture_kind kind);
void result_fixture_fini(struct result_fixture *f);

const char *result_fixture_name(enum result_fixture_kind kind);
#endif
