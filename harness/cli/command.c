#include "cli/command.h"

#include "base/nearest.h"
#include "base/version.h"
#include "cli/complain.h"
#include "cli/terminal.h"

enum { EXIT_USAGE = 2, EXIT_ENVIRONMENT = 4, COLUMNS_MAX = 100, NAME_COLUMNS = 10 };

static const struct command *const commands[] = {
#define X(name) &cmd_##name,
	COMMANDS(X)
#undef X
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void print_usage(FILE *out)
{
	fputs("hookproof: a proving ground for signed webhooks\n\n"
	      "Usage: hookproof COMMAND [words and options]\n\n",
	      out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-*s %s\n", NAME_COLUMNS, commands[i]->name, commands[i]->summary);
	fprintf(out, "  %-*s %s\n", NAME_COLUMNS, "help", "show the help of a command");
	fputs("\nhookproof COMMAND --help shows examples and options; hookproof --version says "
	      "which "
	      "one this is.\n"
	      "Begin with: hookproof run first-run\n",
	      out);
}

/* Prints each line of the text wrapped, or as it stands when it is indented. */
static void print_paragraphs(FILE *out, const char *text, unsigned columns)
{
	char line[1024];

	while (*text) {
		int bytes = (int)strcspn(text, "\n");

		snprintf(line, sizeof(line), "%.*s", bytes, text);
		if (*line == ' ')
			fprintf(out, "%s\n", line);
		else
			options_print_wrapped(out, line, 0, columns);
		text += bytes + (text[bytes] == '\n');
	}
}

static void print_help(FILE *out, const struct command *command)
{
	unsigned columns = terminal_of(out, TERMINAL_NEVER).columns;

	if (columns > COLUMNS_MAX)
		columns = COLUMNS_MAX;
	fprintf(out, "hookproof %s: %s\n\n", command->name, command->summary);
	fprintf(out, "Usage: hookproof %s%s%s [options]\n\n", command->name,
		*command->words ? " " : "", command->words);
	print_paragraphs(out, command->details, columns);
	fprintf(out, "\nExamples:\n%s\nOptions:\n", command->examples);
	options_print(out, command->takes, columns);
}

static const struct command *find(const char *name, struct hp_err *err)
{
	const char *names[COMMAND_COUNT + 1] = {NULL}, *near;

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
		names[i] = commands[i]->name;
	}
	near = hp_nearest(hp_view_of(name), names);
	if (near)
		(void)hp_err_set(err, HP_EUSAGE, "unknown command '%s'; did you mean %s?", name,
				 near);
	else
		(void)hp_err_set(err, HP_EUSAGE,
				 "unknown command '%s'; hookproof --help lists them", name);
	return NULL;
}

static int check_words(const struct command *command, const struct options *options,
		       struct hp_err *err)
{
	size_t count = options_word_count(options);

	if (count < command->words_min)
		return hp_err_set(err, HP_EUSAGE, "missing word; usage: hookproof %s %s [options]",
				  command->name, command->words);
	if (count > command->words_max)
		return hp_err_set(err, HP_EUSAGE,
				  "one word too many: '%s'; usage: hookproof %s%s%s "
				  "[options]",
				  options_word(options, command->words_max), command->name,
				  *command->words ? " " : "", command->words);
	return 0;
}

/* Runs a command over its own words. Returns the exit code, or -1 with *err. */
static int run_command(const struct command *command, int argc, char *argv[], struct hp_err *err)
{
	struct options *options = options_parse(argc, argv, command->takes, err);
	int exit = -1;

	if (!options)
		return -1;
	if (options_given(options, OPT_HELP)) {
		print_help(stdout, command);
		exit = 0;
	} else if (check_words(command, options, err) == 0) {
		exit = command->run(options, err);
	}
	options_free(options);
	return exit;
}

/* hookproof help [COMMAND] */
static int help_command(const char *name, struct hp_err *err)
{
	const struct command *command;

	if (!name) {
		print_usage(stdout);
		return 0;
	}
	command = find(name, err);
	if (!command)
		return -1;
	print_help(stdout, command);
	return 0;
}

static bool is_one_of(const char *word, const char *one, const char *other)
{
	return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

static int dispatch(int argc, char *argv[], struct hp_err *err)
{
	const struct command *command;

	if (is_one_of(argv[1], "--help", "-h"))
		return help_command(NULL, err);
	if (is_one_of(argv[1], "--version", "-V")) {
		printf("hookproof %s\n", hp_version);
		return 0;
	}
	if (strcmp(argv[1], "help") == 0)
		return help_command(argv[2], err);
	command = find(argv[1], err);
	return command ? run_command(command, argc - 2, argv + 2, err) : -1;
}

int command_main(int argc, char *argv[])
{
	struct hp_err err = {.code = HP_EUSAGE};
	int exit;

	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	exit = dispatch(argc, argv, &err);
	if (exit < 0) {
		complain(&err, options_want_json(argc, argv));
		exit = hp_err_exit(err.code);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		complain_warn("standard output took not all of what was printed");
		exit = exit ? exit : EXIT_ENVIRONMENT;
	}
	return exit;
}
