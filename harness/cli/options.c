#include "cli/options.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/span.h"

enum { TAKES_MAX = OPT_END + 1, WORD_BYTES = 64 };
#define INTEGER_MAX ((UINT64_C(1) << 53) - 1) /* exact in every JSON reader (RFC 7493 2.2) */

struct option {
	const char *name;
	enum option_type type;
	const char *argument, *fallback, *help;
};

static const struct option rows[OPT_END] = {
#define X(id, name, type, argument, fallback, help)                                                \
	[id] = {name, OPTION_##type, argument, fallback, help},
	OPTIONS(X)
#undef X
};

struct given {
	enum option_id id;
	const char *text; /* NULL for a flag */
	uint64_t number;
};

struct options {
	struct given *given;
	size_t given_count;
	const char **words; /* that are no options */
	size_t word_count;
	const char **texts;           /* the texts of `given`, one option after the other */
	size_t texts_at[OPT_END + 1]; /* where the texts of an option begin */
};

/* ---- values: a reader for each type that is no plain text ---- */

static bool read_integer(struct hp_view text, uint64_t *out)
{
	uint64_t value = 0;

	if (text.bytes == 0 || text.bytes > 16)
		return false;
	for (size_t i = 0; i < text.bytes; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(text.at[i] - '0');
	}
	if (value > INTEGER_MAX)
		return false;
	*out = value;
	return true;
}

static const struct {
	bool (*read)(struct hp_view text, uint64_t *out); /* NULL: a text */
	const char *wanted;
} types[] = {
	[OPTION_FLAG] = {NULL, NULL},
	[OPTION_WORD] = {NULL, NULL},
	[OPTION_TEXT] = {NULL, NULL},
	[OPTION_TEXTS] = {NULL, NULL},
	[OPTION_SPAN] = {hp_span_parse, "a span like 250ms, 30s, 5m or 2h"},
	[OPTION_RATE] = {hp_rate_parse, "a rate like 500/s or 30/m"},
	[OPTION_SIZE] = {hp_size_parse, "a size like 512, 64KiB or 1MiB"},
	[OPTION_INTEGER] = {read_integer, "a whole number up to 9007199254740991"},
};

/* Whether text is one of the words of "all|failures|summary". */
static bool is_alternative(const char *alternatives, struct hp_view text)
{
	for (const char *at = alternatives; *at;) {
		size_t bytes = strcspn(at, "|");

		if (hp_view_equal((struct hp_view){at, bytes}, text))
			return true;
		at += bytes + (at[bytes] == '|');
	}
	return false;
}

static int read_value(struct given *given, struct hp_err *err)
{
	const struct option *row = &rows[given->id];
	struct hp_view text = hp_view_of(given->text);

	if (row->type == OPTION_WORD && !is_alternative(row->argument, text))
		return hp_err_set(err, HP_EUSAGE, "--%s: want %s, found '%s'", row->name,
				  row->argument, given->text);
	if (types[row->type].read && !types[row->type].read(text, &given->number))
		return hp_err_set(err, HP_EUSAGE, "--%s: want %s, found '%s'", row->name,
				  types[row->type].wanted, given->text);
	return 0;
}

/* ---- parsing ---- */

/* The option of that name in the command's list, or OPT_END. */
static enum option_id find(const unsigned char takes[], struct hp_view name)
{
	for (; *takes != OPT_END; takes++) {
		if (hp_view_equal(name, hp_view_of(rows[*takes].name)))
			return (enum option_id) * takes;
	}
	return hp_view_equal(name, HP_LITERAL("help")) ? OPT_HELP : OPT_END;
}

static int refuse_unknown(struct hp_view name, const unsigned char takes[], struct hp_err *err)
{
	const char *names[TAKES_MAX + 1], *near;
	size_t count = 0;

	for (; *takes != OPT_END; takes++)
		names[count++] = rows[*takes].name;
	names[count++] = rows[OPT_HELP].name;
	names[count] = NULL;
	near = hp_nearest(name, names);
	if (near)
		return hp_err_set(err, HP_EUSAGE, "unknown option --%.*s; did you mean --%s?",
				  (int)name.bytes, name.at, near);
	return hp_err_set(err, HP_EUSAGE, "unknown option --%.*s; --help lists them",
			  (int)name.bytes, name.at);
}

static bool may_repeat(enum option_id id)
{
	return rows[id].type == OPTION_TEXTS || rows[id].type == OPTION_FLAG;
}

static int add_given(struct options *options, const struct given *given, struct hp_err *err)
{
	if (options_given(options, given->id) && !may_repeat(given->id))
		return hp_err_set(err, HP_EUSAGE, "--%s is given twice", rows[given->id].name);
	options->given[options->given_count] = *given;
	if (given->text && read_value(&options->given[options->given_count], err) < 0)
		return -1;
	options->given_count++;
	return 0;
}

/* Reads "--name", "--name=value" or "--name" "value". Returns the words used, or -1. */
static int read_option(struct options *options, char *const words[], const unsigned char takes[],
		       struct hp_err *err)
{
	const char *name = words[0] + 2, *equals = strchr(name, '=');
	struct hp_view view = {name, equals ? (size_t)(equals - name) : strlen(name)};
	struct given given = {.id = find(takes, view)};
	bool flag;

	if (given.id == OPT_END)
		return refuse_unknown(view, takes, err);
	flag = rows[given.id].type == OPTION_FLAG;
	if (flag && equals)
		return hp_err_set(err, HP_EUSAGE, "--%s takes no value", rows[given.id].name);
	if (!flag)
		given.text = equals ? equals + 1 : words[1];
	if (!flag && !given.text)
		return hp_err_set(err, HP_EUSAGE, "--%s: missing %s", rows[given.id].name,
				  rows[given.id].argument);
	if (add_given(options, &given, err) < 0)
		return -1;
	return flag || equals ? 1 : 2;
}

static int read_words(struct options *options, char *const words[], const unsigned char takes[],
		      struct hp_err *err)
{
	bool only_words = false;

	while (*words) {
		const char *word = *words;
		int used = 1;

		if (only_words || word[0] != '-' || word[1] == '\0')
			options->words[options->word_count++] = word;
		else if (strcmp(word, "--") == 0)
			only_words = true;
		else if (strcmp(word, "-h") == 0)
			used = add_given(options, &(struct given){.id = OPT_HELP}, err) < 0 ? -1
											    : 1;
		else if (word[1] == '-')
			used = read_option(options, words, takes, err);
		else
			return hp_err_set(err, HP_EUSAGE,
					  "unknown option %s; options are long, like "
					  "--help",
					  word);
		if (used < 0)
			return -1;
		words += used;
	}
	return 0;
}

/* Sorts the texts by option, so that each option's texts stand together. */
static void index_texts(struct options *options)
{
	size_t count = 0;

	for (size_t id = 0; id < OPT_END; id++) {
		options->texts_at[id] = count;
		for (size_t i = 0; i < options->given_count; i++) {
			if (options->given[i].id == id && options->given[i].text)
				options->texts[count++] = options->given[i].text;
		}
	}
	options->texts_at[OPT_END] = count;
}

struct options *options_parse(int argc, char *const argv[], const unsigned char takes[],
			      struct hp_err *err)
{
	struct options *options = hp_xcalloc(1, sizeof(*options));
	size_t count = (size_t)argc + 1;

	assert(argv[argc] == NULL);
	options->given = hp_xcalloc(count, sizeof(*options->given));
	options->words = hp_xcalloc(count, sizeof(*options->words));
	options->texts = hp_xcalloc(count, sizeof(*options->texts));
	if (read_words(options, argv, takes, err) < 0) {
		options_free(options);
		return NULL;
	}
	index_texts(options);
	return options;
}

void options_free(struct options *options)
{
	if (!options)
		return;
	free(options->given);
	free(options->words);
	free(options->texts);
	free(options);
}

bool options_want_json(int argc, char *const argv[])
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--json") == 0)
			return true;
	}
	return false;
}

/* ---- getters ---- */

static const struct given *find_given(const struct options *options, enum option_id id)
{
	for (size_t i = 0; i < options->given_count; i++) {
		if (options->given[i].id == id)
			return &options->given[i];
	}
	return NULL;
}

const char *options_name(enum option_id id)
{
	return rows[id].name;
}

bool options_given(const struct options *options, enum option_id id)
{
	return find_given(options, id) != NULL;
}

const char *options_text(const struct options *options, enum option_id id, const char *fallback)
{
	const struct given *given = find_given(options, id);

	assert(rows[id].type != OPTION_FLAG && rows[id].type != OPTION_TEXTS);
	return given ? given->text : fallback;
}

const char *const *options_texts(const struct options *options, enum option_id id, size_t *count)
{
	assert(rows[id].type == OPTION_TEXTS);
	*count = options->texts_at[id + 1] - options->texts_at[id];
	return options->texts + options->texts_at[id];
}

static uint64_t number(const struct options *options, enum option_id id, enum option_type type,
		       uint64_t fallback)
{
	const struct given *given = find_given(options, id);

	assert(rows[id].type == type);
	return given ? given->number : fallback;
}

uint64_t options_span_ns(const struct options *options, enum option_id id, uint64_t fallback_ns)
{
	return number(options, id, OPTION_SPAN, fallback_ns);
}

uint64_t options_size_bytes(const struct options *options, enum option_id id, uint64_t fallback)
{
	return number(options, id, OPTION_SIZE, fallback);
}

uint64_t options_rate_micro(const struct options *options, enum option_id id, uint64_t fallback)
{
	return number(options, id, OPTION_RATE, fallback);
}

uint64_t options_integer(const struct options *options, enum option_id id, uint64_t fallback)
{
	return number(options, id, OPTION_INTEGER, fallback);
}

size_t options_word_count(const struct options *options)
{
	return options->word_count;
}

const char *options_word(const struct options *options, size_t index)
{
	assert(index < options->word_count);
	return options->words[index];
}

/* ---- the line that repeats it ---- */

static void add_quoted(struct hp_buf *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-./:=@%+,";

	hp_buf_add_text(out, " ");
	if (*word && strspn(word, plain) == strlen(word)) {
		hp_buf_add_text(out, word);
		return;
	}
	hp_buf_add_text(out, "'");
	for (; *word; word++)
		hp_buf_add_text(out, *word == '\'' ? "'\\''" : (char[]){*word, '\0'});
	hp_buf_add_text(out, "'");
}

static bool names_one_run(enum option_id id)
{
	return id == OPT_SECRET || id == OPT_OUT || id == OPT_RUN_ID;
}

void options_repeat(const struct options *options, const char *command, struct hp_buf *out)
{
	hp_buf_add_format(out, "hookproof %s", command);
	for (size_t i = 0; i < options->word_count; i++)
		add_quoted(out, options->words[i]);
	for (size_t i = 0; i < options->given_count; i++) {
		const struct given *given = &options->given[i];

		if (names_one_run(given->id))
			continue;
		hp_buf_add_format(out, " --%s", rows[given->id].name);
		if (given->text)
			add_quoted(out, given->text);
	}
}

/* ---- help ---- */

void options_print_wrapped(FILE *out, const char *text, unsigned indent, unsigned columns)
{
	unsigned room = columns > indent + 20 ? columns - indent : 20, used = 0;

	while (*text) {
		unsigned bytes = (unsigned)strcspn(text, " ");

		if (used && used + 1 + bytes > room) {
			fprintf(out, "\n%*s", (int)indent, "");
			used = 0;
		}
		fprintf(out, "%s%.*s", used ? " " : "", (int)bytes, text);
		used += bytes + (used ? 1 : 0);
		text += bytes;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void print_row(FILE *out, const struct option *row, unsigned columns)
{
	enum { HELP_AT = 32 };
	char help[256];
	int used = fprintf(out, "  --%s%s%s", row->name, *row->argument ? " " : "", row->argument);

	if (used >= HELP_AT - 1)
		fprintf(out, "\n%*s", HELP_AT, "");
	else
		fprintf(out, "%*s", HELP_AT - used, "");
	snprintf(help, sizeof(help), "%s%s%s%s", row->help, *row->fallback ? " (default: " : "",
		 row->fallback, *row->fallback ? ")" : "");
	options_print_wrapped(out, help, HELP_AT, columns);
}

void options_print(FILE *out, const unsigned char takes[], unsigned columns)
{
	for (; *takes != OPT_END; takes++)
		print_row(out, &rows[*takes], columns);
	print_row(out, &rows[OPT_HELP], columns);
}
