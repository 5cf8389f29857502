/* hookproof list: the profiles, faults, checks and scenarios that this program has. */
#include "base/json.h"
#include "base/json_write.h"
#include "base/nearest.h"
#include "base/span.h"
#include "cli/command.h"
#include "cli/fault_text.h"
#include "cli/terminal.h"
#include "judge/judge.h"
#include "scenarios/profile_document.h"
#include "scenarios/scenario.h"
#include "scenarios/shipped.h"
#include "scenarios/suite.h"

enum { NAME_AT = 30, LIST_BYTES_MAX = 1024 * 1024 };

/* One row for people: a name, and text that wraps beside it. */
static void print_row(const char *name, const char *text)
{
	struct terminal terminal = terminal_of(stdout, TERMINAL_NEVER);

	printf("%-*s ", NAME_AT - 1, name);
	options_print_wrapped(stdout, text, NAME_AT, terminal.columns);
}

static void write_pair(struct hp_json_writer *writer, const char *key, const char *text)
{
	hp_json_write_key(writer, key);
	hp_json_write_text(writer, text);
}

/* ---- profiles ---- */

static const char *algorithm_word(enum scheme_algorithm algorithm)
{
	static const char *const words[] = {
#define X(name, word, version) [name] = word,
		SCHEME_ALGORITHMS(X)
#undef X
	};

	return words[algorithm];
}

static int load_shipped(const struct shipped *shipped, struct profile *out, struct hp_err *err)
{
	return profile_load(out, shipped->text, shipped->name, err);
}

static int print_profile(const struct shipped *shipped, struct hp_err *err)
{
	static struct profile profile;
	char text[512], wait[HP_SPAN_TEXT_BYTES];

	if (load_shipped(shipped, &profile, err) < 0)
		return -1;
	snprintf(text, sizeof(text), "%s: %s of %s; %u attempt%s%s%s",
		 profile.scheme.families[0].signature, algorithm_word(profile.scheme.algorithm),
		 profile.scheme.content.text, profile.retry.attempts_max,
		 profile.retry.attempts_max == 1 ? "" : "s",
		 profile.retry.attempts_max == 1 ? "" : " in ",
		 profile.retry.attempts_max == 1
			 ? ""
			 : hp_span_text(retry_horizon_ns(&profile.retry), wait));
	print_row(profile.name, text);
	return 0;
}

static int write_profile(const struct shipped *shipped, struct hp_json_writer *writer,
			 struct hp_err *err)
{
	static struct profile profile;
	struct hp_buf text;

	if (load_shipped(shipped, &profile, err) < 0)
		return -1;
	hp_buf_init(&text, PROFILE_DOCUMENT_BYTES_MAX);
	profile_print(&profile, &text);
	hp_json_write_raw(writer, hp_buf_view(&text));
	hp_buf_fini(&text);
	return 0;
}

/* ---- scenarios ---- */

/* Fills the description of a shipped scenario; what it must fail in stands behind it. */
static int describe(const struct shipped *shipped, struct hp_buf *out, struct hp_err *err)
{
	struct hp_json *json = hp_json_parse(shipped->name, shipped->text, SCENARIO_BYTES_MAX, err);
	const struct hp_json_node *node;
	struct hp_view text = HP_LITERAL("");
	int result = 0;

	if (!json)
		return -1;
	node = hp_json_member(hp_json_root(json), "description");
	if (node)
		result = hp_json_read_text(node, &text, err);
	if (result == 0)
		hp_buf_add(out, text);
	hp_json_free(json);
	return result;
}

static int print_scenario(const struct shipped *shipped, struct hp_err *err)
{
	struct hp_buf text;
	int result;

	hp_buf_init(&text, SCENARIO_DESCRIPTION_BYTES);
	result = describe(shipped, &text, err);
	if (result == 0)
		print_row(shipped->name, hp_buf_text(&text));
	hp_buf_fini(&text);
	return result;
}

static int write_scenario(const struct shipped *shipped, struct hp_json_writer *writer,
			  struct hp_err *err)
{
	struct hp_buf text;
	int result;

	hp_buf_init(&text, SCENARIO_DESCRIPTION_BYTES);
	result = describe(shipped, &text, err);
	hp_json_write_object(writer);
	write_pair(writer, "name", shipped->name);
	write_pair(writer, "description", hp_buf_text(&text));
	hp_json_write_end(writer);
	hp_buf_fini(&text);
	return result;
}

/* ---- all shipped documents of a kind ---- */

struct shipped_kind {
	const char *kind;
	int (*print)(const struct shipped *shipped, struct hp_err *err);
	int (*write)(const struct shipped *shipped, struct hp_json_writer *writer,
		     struct hp_err *err);
};

/* Every document of the kind, for people, or into the writer when there is one. */
static int each_shipped(const struct shipped_kind *kind, struct hp_json_writer *writer,
			struct hp_err *err)
{
	for (size_t i = 0; i < shipped_count(); i++) {
		const struct shipped *shipped = shipped_at(i);
		int result;

		if (strcmp(shipped->kind, kind->kind) != 0)
			continue;
		result = writer ? kind->write(shipped, writer, err) : kind->print(shipped, err);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int list_profiles(struct hp_json_writer *writer, struct hp_err *err)
{
	return each_shipped(&(struct shipped_kind){"profile", print_profile, write_profile}, writer,
			    err);
}

static int list_scenarios(struct hp_json_writer *writer, struct hp_err *err)
{
	return each_shipped(&(struct shipped_kind){"scenario", print_scenario, write_scenario},
			    writer, err);
}

/* ---- faults: the behaviours of simulated receivers ---- */

static int list_faults(struct hp_json_writer *writer, struct hp_err *err)
{
	(void)err;
	if (writer)
		fault_text_write(writer);
	else
		fault_text_print(stdout, terminal_of(stdout, TERMINAL_NEVER).columns);
	return 0;
}

/* ---- checks ---- */

static void print_check(const struct check *check)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s %s", check_level_word(check->level), check->requirement);
	print_row(check->id, text);
}

/* suite: "run" for what the judge holds each run to, else the name of a suite of certify. */
static void write_check(const char *suite, const struct check *check, struct hp_json_writer *writer)
{
	hp_json_write_object(writer);
	write_pair(writer, "suite", suite);
	write_pair(writer, "id", check->id);
	write_pair(writer, "group", check->group);
	write_pair(writer, "level", check_level_word(check->level));
	write_pair(writer, "clause", check->clause);
	write_pair(writer, "requirement", check->requirement);
	write_pair(writer, "remedy", check->remedy);
	hp_json_write_end(writer);
}

static void list_check(const char *suite, const struct check *check, struct hp_json_writer *writer)
{
	if (writer)
		write_check(suite, check, writer);
	else
		print_check(check);
}

static int list_suite(const struct shipped *shipped, struct hp_json_writer *writer,
		      struct hp_err *err)
{
	struct suite suite;

	if (suite_load(&suite, shipped->text, shipped->name, err) < 0)
		return -1;
	if (!writer)
		printf("\nof hookproof certify %s:\n", suite.name);
	for (size_t i = 0; i < suite.check_count; i++)
		list_check(suite.name, &suite.checks[i].check, writer);
	suite_fini(&suite);
	return 0;
}

static int print_suite(const struct shipped *shipped, struct hp_err *err)
{
	return list_suite(shipped, NULL, err);
}

static int list_checks(struct hp_json_writer *writer, struct hp_err *err)
{
	for (size_t i = 0; i < judge_check_count(); i++)
		list_check("run", judge_check_at(i), writer);
	return each_shipped(&(struct shipped_kind){"suite", print_suite, list_suite}, writer, err);
}

/* ---- the command ---- */

static const struct {
	const char *name;
	int (*list)(struct hp_json_writer *writer, struct hp_err *err);
} lists[] = {
	{"profiles", list_profiles},
	{"faults", list_faults},
	{"checks", list_checks},
	{"scenarios", list_scenarios},
};

enum { LIST_COUNT = sizeof(lists) / sizeof(lists[0]) };

static int refuse(const char *kind, struct hp_err *err)
{
	const char *names[LIST_COUNT + 1] = {NULL}, *near;

	for (size_t i = 0; i < LIST_COUNT; i++)
		names[i] = lists[i].name;
	near = hp_nearest(hp_view_of(kind), names);
	if (near)
		return hp_err_set(err, HP_EUSAGE, "list: unknown kind '%s'; did you mean %s?", kind,
				  near);
	return hp_err_set(err, HP_EUSAGE,
			  "list: want profiles, faults, checks or scenarios, found "
			  "'%s'",
			  kind);
}

static int list_json(size_t index, struct hp_err *err)
{
	struct hp_json_writer writer;
	struct hp_buf text;
	int result;

	hp_buf_init(&text, LIST_BYTES_MAX);
	hp_json_write_init(&writer, &text, 0);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, lists[index].name);
	hp_json_write_array(&writer);
	result = lists[index].list(&writer, err);
	if (result == 0) {
		hp_json_write_end(&writer);
		hp_json_write_end(&writer);
		assert(!text.cut);
		puts(hp_buf_text(&text));
	}
	hp_buf_fini(&text);
	return result;
}

static int run_list(const struct options *options, struct hp_err *err)
{
	const char *kind = options_word(options, 0);

	for (size_t i = 0; i < LIST_COUNT; i++) {
		if (strcmp(lists[i].name, kind) != 0)
			continue;
		return options_given(options, OPT_JSON) ? list_json(i, err)
							: lists[i].list(NULL, err);
	}
	return refuse(kind, err);
}

static const unsigned char takes[] = {OPT_JSON, OPT_END};

const struct command cmd_list = {
	.name = "list",
	.words = "profiles|faults|checks|scenarios",
	.summary = "show the profiles, faults, checks or scenarios there are",
	.details =
		"Profiles are rules of senders (--profile), faults what simulated receivers can do "
		"(\"behaviours\"), checks what runs are judged by and what certify "
		"holds an endpoint to, scenarios what run takes by name.\n",
	.examples = "  hookproof list scenarios\n"
		    "  hookproof list profiles --json\n",
	.takes = takes,
	.words_min = 1,
	.words_max = 1,
	.run = run_list,
};
