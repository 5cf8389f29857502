/* hookproof lint: whether a scenario, profile or suite would load, without running it. */
#include "base/json.h"
#include "base/json_write.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/document.h"
#include "scenarios/profile_document.h"
#include "scenarios/scenario.h"
#include "scenarios/suite.h"

enum { WARNINGS_BYTES_MAX = 64 * 1024, PRINTED_BYTES_MAX = 8 * WARNINGS_BYTES_MAX };

static const char *const kinds[] = {"scenario", "must-fail", "profile", "suite", NULL};

static int lint_profile(const struct document *document, const char *name, struct hp_buf *warnings,
			struct hp_err *err)
{
	static struct profile profile; /* large, and plain values: nothing to free */

	if (profile_load(&profile, hp_buf_view(&document->text), name, err) < 0)
		return -1;
	profile_warn_idle(hp_buf_view(&document->text), name, warnings);
	return 0;
}

static int lint_scenario(const struct document *document, const char *name, struct hp_buf *warnings,
			 struct hp_err *err)
{
	static struct scenario scenario;
	struct scenario_source source = scenario_source_disk(document->folder);
	struct scenario_text text = {name, hp_buf_view(&document->text)};

	source.secrets_needed = false;
	source.warnings = warnings;
	if (scenario_load(&scenario, text, &source, NULL, err) < 0)
		return -1;
	scenario_fini(&scenario);
	return 0;
}

static int lint_suite(const struct document *document, const char *name, struct hp_err *err)
{
	struct suite suite;

	if (suite_load(&suite, hp_buf_view(&document->text), name, err) < 0)
		return -1;
	suite_fini(&suite);
	return 0;
}

/* A profile has a "scheme", a suite has "checks"; everything else is held to be a scenario. NULL
 * with *err: not JSON. */
static const char *kind_of(const struct document *document, const char *name, struct hp_err *err)
{
	struct hp_json *json =
		hp_json_parse(name, hp_buf_view(&document->text), SCENARIO_BYTES_MAX, err);
	const struct hp_json_node *root;
	const char *kind = "scenario";

	if (!json)
		return NULL;
	root = hp_json_root(json);
	if (hp_json_kind(root) == HP_JSON_OBJECT && hp_json_member(root, "scheme"))
		kind = "profile";
	else if (hp_json_kind(root) == HP_JSON_OBJECT && hp_json_member(root, "checks"))
		kind = "suite";
	hp_json_free(json);
	return kind;
}

/* Warnings are lines; each becomes a string of its own. */
static void write_warnings(struct hp_json_writer *writer, struct hp_view lines)
{
	hp_json_write_key(writer, "warnings");
	hp_json_write_array(writer);
	while (lines.bytes) {
		const char *end = memchr(lines.at, '\n', lines.bytes);
		size_t bytes = end ? (size_t)(end - lines.at) : lines.bytes;

		hp_json_write_string(writer, (struct hp_view){lines.at, bytes});
		bytes += end != NULL;
		lines = (struct hp_view){lines.at + bytes, lines.bytes - bytes};
	}
	hp_json_write_end(writer);
}

static void print_json(const char *name, const char *kind, struct hp_buf *warnings)
{
	struct hp_json_writer writer;
	struct hp_buf text;

	hp_buf_init(&text, PRINTED_BYTES_MAX);
	hp_json_write_init(&writer, &text, 0);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "ok");
	hp_json_write_bool(&writer, true);
	hp_json_write_key(&writer, "kind");
	hp_json_write_text(&writer, kind);
	hp_json_write_key(&writer, "file");
	hp_json_write_text(&writer, name);
	write_warnings(&writer, hp_buf_view(warnings));
	hp_json_write_end(&writer);
	puts(hp_buf_text(&text));
	hp_buf_fini(&text);
}

static void print_text(const char *name, const char *kind, struct hp_buf *warnings)
{
	complain_warn_lines(hp_buf_view(warnings));
	printf("%s: ok, a %s\n", name, kind);
}

/* Returns the kind of the document when it is fine, or NULL with *err. */
static const char *lint(const struct document *document, const char *name, struct hp_buf *warnings,
			struct hp_err *err)
{
	const char *kind = kind_of(document, name, err);
	int result;

	if (!kind)
		return NULL;
	if (strcmp(kind, "profile") == 0)
		result = lint_profile(document, name, warnings, err);
	else if (strcmp(kind, "suite") == 0)
		result = lint_suite(document, name, err);
	else
		result = lint_scenario(document, name, warnings, err);
	return result < 0 ? NULL : kind;
}

static int run_lint(const struct options *options, struct hp_err *err)
{
	const char *name = options_word(options, 0), *kind;
	struct document document;
	struct hp_buf warnings;

	if (document_read(&document, name, kinds, err) < 0)
		return -1;
	hp_buf_init(&warnings, WARNINGS_BYTES_MAX);
	kind = lint(&document, name, &warnings, err);
	if (kind && options_given(options, OPT_JSON))
		print_json(name, kind, &warnings);
	else if (kind)
		print_text(name, kind, &warnings);
	hp_buf_fini(&warnings);
	document_fini(&document);
	return kind ? 0 : -1;
}

static const unsigned char takes[] = {OPT_JSON, OPT_END};

const struct command cmd_lint = {
	.name = "lint",
	.words = "FILE",
	.summary = "check a scenario, profile or suite without running it",
	.details =
		"Says ok (exit 0), or what is wrong where, what was expected and the nearest known "
		"name (exit 3). Secret variables need not be set. Warns of values that no run "
		"heeds yet.\n",
	.examples = "  hookproof lint outage.json\n"
		    "  hookproof lint my-profile.json --json\n",
	.takes = takes,
	.words_min = 1,
	.words_max = 1,
	.run = run_lint,
};
