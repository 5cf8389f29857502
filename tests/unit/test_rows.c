/* Every row of the layer http, each of its words and both kinds of connection: what a script claims
 * is true to the bytes that it puts on the wire. */
#include "receivers/rows.h"

#include <check.h>

#include "base/random.h"
#include "tests/lib/playing.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct behaviour_row *const tables[] = {
	rows_http, rows_again, rows_interim, rows_head, rows_framing, rows_body,
};

static bool ends(const struct script *script)
{
	const struct script_step *last = &script->steps[script->count - 1];

	return script->count != 0 && (last->verb == SCRIPT_CLOSE || last->verb == SCRIPT_RESET);
}

/* What is claimed: whole exactly where a strict client reads it so, with the status that it reads;
 * a connection that goes on is in good order, and one that ends after a whole answer said so. */
static void check_claims(struct playing *playing)
{
	const struct script *script = &playing->script;
	bool whole;

	playing_play(playing);
	if (playing->wire.cut) /* too long to be read here */
		return;
	whole = playing_reads_whole(playing);
	ck_assert_msg(script->whole == whole, "%s: %s, %s", playing->part.row->slug,
		      playing->steps, playing->read);
	if (whole)
		ck_assert_int_eq(script->status, playing->status);
	if (whole && ends(script))
		ck_assert_msg(!playing->keep_alive, "%s", playing->part.row->slug);
	if (!ends(script)) {
		ck_assert(whole && playing->keep_alive);
		ck_assert_str_eq(playing->read, "done");
	}
	if (playing->request.closing)
		ck_assert_msg(ends(script), "%s", playing->part.row->slug);
}

/* The same again gives the same. */
static void check_repeats(struct playing *playing)
{
	uint64_t digest = hp_digest(hp_buf_view(&playing->wire));
	char steps[PLAYING_TEXT_BYTES];

	memcpy(steps, playing->steps, sizeof(steps));
	playing_play(playing);
	ck_assert(hp_digest(hp_buf_view(&playing->wire)) == digest);
	ck_assert_str_eq(playing->steps, steps);
}

static void check_words(struct playing *playing, unsigned index)
{
	const struct behaviour_param *param = &playing->part.row->params[index];

	if (param->unit != BEHAVIOUR_WORD)
		return;
	ck_assert_uint_eq(param->min, 0);
	for (uint64_t word = 0; param->words[word] != NULL; word++) {
		ck_assert_uint_le(word, param->max);
		playing->part.values[index] = word;
		check_claims(playing);
		check_repeats(playing);
	}
	playing->part.values[index] = param->standard;
}

/* Goal: no script of this layer claims what its bytes do not hold. */
START_TEST(test_claims)
{
	struct playing playing;

	for (const struct behaviour_row *row = tables[_i / 2]; row->number != 0; row++) {
		ck_assert_int_eq(row->layer, BEHAVIOUR_HTTP);
		if (row->play == NULL)
			continue;
		playing_init(&playing, row->slug);
		playing.request.closing = _i % 2;
		check_claims(&playing);
		for (unsigned i = 0; row->params[i].name != NULL; i++)
			check_words(&playing, i);
		playing_fini(&playing);
	}
}
END_TEST

/* Goal: the bounds of each number can be played: no script grows beyond its text or its steps. */
START_TEST(test_bounds)
{
	struct playing playing;

	for (const struct behaviour_row *row = tables[_i]; row->number != 0; row++) {
		for (unsigned i = 0; row->play != NULL && row->params[i].name != NULL; i++) {
			const struct behaviour_param *param = &row->params[i];
			uint64_t bounds[] = {param->min, param->max};
			if (param->unit == BEHAVIOUR_TEXT)
				continue;
			for (int k = 0; k < 2; k++) {
				playing_init(&playing, row->slug);
				playing.part.values[i] = bounds[k];
				playing.part.given |= 1u << i;
				if (playing_is_allowed(&playing))
					check_claims(&playing);
				playing_fini(&playing);
			}
		}
	}
}
END_TEST

Suite *suite_rows(void);

Suite *suite_rows(void)
{
	Suite *suite = suite_create("rows");
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, test_claims, 0, 2 * COUNT(tables));
	tcase_add_loop_test(tcase, test_bounds, 0, COUNT(tables));
	suite_add_tcase(suite, tcase);
	return suite;
}
