#include <check.h>
#include <stdlib.h>

#include "base/span.h"
#include "cli/options.h"

enum { WORDS_MAX = 12 };

static const unsigned char takes[] = {
	OPT_SEED,   OPT_SET,       OPT_RATE,   OPT_CLOSED, OPT_FOR,    OPT_RECORD,
	OPT_SECRET, OPT_BODY_SIZE, OPT_RUN_ID, OPT_OUT,    OPT_REPORT, OPT_END,
};

static struct fixture {
	char *argv[WORDS_MAX + 1];
	int argc;
	struct hp_err err;
	struct options *options;
} f;

/* Parses words that are separated by single spaces. */
static struct options *parse(const char *line)
{
	static char copy[512];
	char *rest = copy;

	snprintf(copy, sizeof(copy), "%s", line);
	f.argc = 0;
	while (*copy && rest && f.argc < WORDS_MAX)
		f.argv[f.argc++] = strsep(&rest, " ");
	f.argv[f.argc] = NULL;
	f.options = options_parse(f.argc, f.argv, takes, &f.err);
	return f.options;
}

static void teardown(void)
{
	options_free(f.options);
	f = (struct fixture){.argc = 0};
}

/* Goal: each type is read into its unit, and what is not given falls back. */
START_TEST(test_values)
{
	ck_assert_ptr_nonnull(parse("--seed 9007199254740991 --rate=2.5/s --for 1.5s --body 4KiB"));
	ck_assert_uint_eq(options_integer(f.options, OPT_SEED, 1), (UINT64_C(1) << 53) - 1);
	ck_assert_uint_eq(options_rate_micro(f.options, OPT_RATE, 0), 2500000);
	ck_assert_uint_eq(options_span_ns(f.options, OPT_FOR, 0), 1500 * HP_MS_NS);
	ck_assert_uint_eq(options_size_bytes(f.options, OPT_BODY_SIZE, 0), 4096);
	ck_assert_str_eq(options_text(f.options, OPT_RECORD, "all"), "all");
	ck_assert(!options_given(f.options, OPT_CLOSED));
}
END_TEST

/* Goal: a repeated option keeps its texts in order, whatever stands between them. */
START_TEST(test_repeated)
{
	const char *const *texts;
	size_t count;

	ck_assert_ptr_nonnull(parse("--set a=1 one --report json --set=b=2 --closed --set c=3"));
	texts = options_texts(f.options, OPT_SET, &count);
	ck_assert_uint_eq(count, 3);
	ck_assert_str_eq(texts[0], "a=1");
	ck_assert_str_eq(texts[1], "b=2");
	ck_assert_str_eq(texts[2], "c=3");
	options_texts(f.options, OPT_REPORT, &count);
	ck_assert_uint_eq(count, 1);
	ck_assert(options_given(f.options, OPT_CLOSED));
}
END_TEST

/* Goal: words are told from options: "-" is a word, and all behind "--" is. */
START_TEST(test_words)
{
	ck_assert_ptr_nonnull(parse("first - --closed -- --seed"));
	ck_assert_uint_eq(options_word_count(f.options), 3);
	ck_assert_str_eq(options_word(f.options, 0), "first");
	ck_assert_str_eq(options_word(f.options, 1), "-");
	ck_assert_str_eq(options_word(f.options, 2), "--seed");
	ck_assert(!options_given(f.options, OPT_SEED));
}
END_TEST

static const struct {
	const char *line, *message;
} refused[] = {
	{"--sed 1", "unknown option --sed; did you mean --seed?"},
	{"--zzzzzzz", "unknown option --zzzzzzz; --help lists them"},
	{"--url x", "unknown option --url; --help lists them"},
	{"--seed", "--seed: missing N"},
	{"--seed -1", "--seed: want a whole number up to 9007199254740991, found '-1'"},
	{"--seed 9007199254740992",
	 "--seed: want a whole number up to 9007199254740991, found '9007199254740992'"},
	{"--seed 1x", "--seed: want a whole number up to 9007199254740991, found '1x'"},
	{"--seed=", "--seed: want a whole number up to 9007199254740991, found ''"},
	{"--seed 1 --seed 2", "--seed is given twice"},
	{"--rate 0/s", "--rate: want a rate like 500/s or 30/m, found '0/s'"},
	{"--for -5s", "--for: want a span like 250ms, 30s, 5m or 2h, found '-5s'"},
	{"--body big", "--body: want a size like 512, 64KiB or 1MiB, found 'big'"},
	{"--record al", "--record: want all|failures|summary, found 'al'"},
	{"--record all|failures", "--record: want all|failures|summary, found 'all|failures'"},
	{"--closed=yes", "--closed takes no value"},
	{"-s 1", "unknown option -s; options are long, like --help"},
};

/* Goal: what is wrong is refused with the reason, and the nearest option of this command. */
START_TEST(test_refused)
{
	ck_assert_ptr_null(parse(refused[_i].line));
	ck_assert_int_eq(f.err.code, HP_EUSAGE);
	ck_assert_str_eq(f.err.msg, refused[_i].message);
}
END_TEST

/* Goal: help is taken everywhere, in both spellings. */
START_TEST(test_help)
{
	ck_assert_ptr_nonnull(parse(_i ? "-h" : "--help"));
	ck_assert(options_given(f.options, OPT_HELP));
}
END_TEST

/* Goal: the line that repeats a run is safe for a shell and holds no secret. */
START_TEST(test_repeat)
{
	struct hp_buf line;

	ck_assert_ptr_nonnull(
		parse("it's --secret hunter2 --set a=$(x) --seed 7 --out d --run-id r "
		      "--closed"));
	hp_buf_init(&line, 1024);
	options_repeat(f.options, "run", &line);
	ck_assert_str_eq(hp_buf_text(&line),
			 "hookproof run 'it'\\''s' --set 'a=$(x)' --seed 7 --closed");
	hp_buf_fini(&line);
}
END_TEST

/* Goal: the JSON form of an error is chosen even when the options could not be parsed. */
START_TEST(test_want_json)
{
	char *with[] = {(char[]){"run"}, (char[]){"--nope"}, (char[]){"--json"}, NULL};
	char *behind[] = {(char[]){"run"}, (char[]){"--"}, (char[]){"--json"}, NULL};

	ck_assert(options_want_json(3, with));
	ck_assert(!options_want_json(3, behind));
}
END_TEST

/* Goal: help text wraps at the columns, between words, with its indent. */
START_TEST(test_wrapped)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	options_print_wrapped(out, "one two three four five six seven", 4, 24);
	fclose(out);
	ck_assert_str_eq(text, "one two three four\n    five six seven\n");
	free(text);
}
END_TEST

Suite *suite_options(void);
Suite *suite_options(void)
{
	Suite *suite = suite_create("options");
	TCase *cases = tcase_create("options");

	tcase_add_checked_fixture(cases, NULL, teardown);
	tcase_add_test(cases, test_values);
	tcase_add_test(cases, test_repeated);
	tcase_add_test(cases, test_words);
	tcase_add_loop_test(cases, test_refused, 0, sizeof(refused) / sizeof(refused[0]));
	tcase_add_loop_test(cases, test_help, 0, 2);
	tcase_add_test(cases, test_repeat);
	tcase_add_test(cases, test_want_json);
	tcase_add_test(cases, test_wrapped);
	suite_add_tcase(suite, cases);
	return suite;
}
