#include "base/nearest.h"

#include <check.h>

static const char *const names[] = {"rate", "retry", "receivers", "for", "url", "endpoints", NULL};

static const struct row {
	const char *word;
	const char *nearest;
} rows[] = {
	{"rate", "rate"},
	{"rat", "rate"},
	{"rates", "rate"},
	{"rtae", "rate"},
	{"rote", "rate"},
	{"fro", "for"},
	{"urll", "url"},
	{"receiver", "receivers"},
	{"recievers", "receivers"},
	{"reciever", "receivers"},
	{"ednpoint", "endpoints"},
	{"x", NULL},
	{"", NULL},
	{"colour", NULL},
	{"rt", NULL},
	{"a-word-that-is-much-longer-than-any-name-that-we-could-know-about", NULL},
};

/* Goal: one slip in a short word and more in a long one are found; strangers are not. */
START_TEST(test_words)
{
	const char *nearest = hp_nearest(hp_view_of(rows[_i].word), names);

	ck_assert_msg((!nearest && !rows[_i].nearest) ||
			      (nearest && rows[_i].nearest && !strcmp(nearest, rows[_i].nearest)),
		      "%s: %s", rows[_i].word, nearest ? nearest : "nothing");
}
END_TEST

Suite *suite_nearest(void);

Suite *suite_nearest(void)
{
	Suite *suite = suite_create("nearest");
	TCase *tcase = tcase_create("nearest");

	tcase_add_loop_test(tcase, test_words, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
