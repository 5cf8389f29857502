#include "cli/fault_text.h"

#include "base/span.h"
#include "cli/options.h"
#include "receivers/behaviour.h"

enum {
	SLUG_AT = 2,
	PARAM_AT = 6,
	TEXT_AT = 26,
	VALUE_BYTES = BEHAVIOUR_TEXT_BYTES + 2,
	LINE_BYTES = 1024,
};

/* ---- values as a document writes them ---- */

struct measure {
	uint64_t size;
	const char *word;
};

/* In the largest unit that divides it. */
static const char *measured(uint64_t value, const struct measure *measure, char out[VALUE_BYTES])
{
	while (measure->size > 1 && (value == 0 || value % measure->size != 0))
		measure++;
	snprintf(out, VALUE_BYTES, "%ju%s", (uintmax_t)(value / measure->size), measure->word);
	return out;
}

static const char *span_text(uint64_t span_ns, char out[VALUE_BYTES])
{
	static const struct measure measures[] = {
		{86400 * HP_S_NS, "d"}, {3600 * HP_S_NS, "h"}, {60 * HP_S_NS, "m"}, {HP_S_NS, "s"},
		{HP_MS_NS, "ms"}, {HP_US_NS, "us"}, {1, "ns"},
	};

	if (span_ns == HP_NEVER)
		return "never";
	return span_ns == 0 ? "0s" : measured(span_ns, measures, out);
}

static const char *size_text(uint64_t bytes, char out[VALUE_BYTES])
{
	static const struct measure measures[] = {
		{UINT64_C(1) << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}, {1, ""},
	};

	return measured(bytes, measures, out);
}

static const char *value_text(const struct behaviour_param *param, uint64_t value,
			      char out[VALUE_BYTES])
{
	switch (param->unit) {
	case BEHAVIOUR_SPAN:
		return span_text(value, out);
	case BEHAVIOUR_BYTES:
		return size_text(value, out);
	case BEHAVIOUR_BOOL:
		return value ? "true" : "false";
	case BEHAVIOUR_WORD:
		return param->words[value];
	case BEHAVIOUR_TEXT:
	case BEHAVIOUR_PATTERNS:
	case BEHAVIOUR_ADDRESSES:
	case BEHAVIOUR_FILE:
		return param->standard_text ? param->standard_text : "";
	case BEHAVIOUR_SHARE:
		snprintf(out, VALUE_BYTES, "%.10g", (double)value / (double)BEHAVIOUR_MICRO);
		return out;
	default:
		snprintf(out, VALUE_BYTES, "%ju", (uintmax_t)value);
		return out;
	}
}

static bool has_range(const struct behaviour_param *param)
{
	return param->unit <= BEHAVIOUR_SHARE;
}

/* ---- for people ---- */

static const char *const headings[] = {
	[BEHAVIOUR_NAME] = "Name: how it is resolved, of senders that ask our resolver (\"dns\")",
	[BEHAVIOUR_TCP] = "TCP: the connection, and the time that an answer takes",
	[BEHAVIOUR_TLS] = "TLS: the handshake, of receivers with \"tls\": true",
	[BEHAVIOUR_HTTP] = "HTTP: the answer",
	[BEHAVIOUR_SEQUENCE] = "Sequence: when a fault strikes, by event and attempt",
	[BEHAVIOUR_TIME] = "Time: when a fault strikes, and what changes, by the clock",
};

struct page {
	FILE *out;
	unsigned columns;
};

static void print_row(const struct page *page, unsigned at, const char *name, const char *text)
{
	fprintf(page->out, "%*s%-*s ", (int)at, "", (int)(TEXT_AT - 1 - at), name);
	options_print_wrapped(page->out, text, TEXT_AT, page->columns);
}

static void add_words(struct hp_buf *line, const char *const words[])
{
	for (size_t i = 0; words[i]; i++)
		hp_buf_add_format(line, "%s%s", i == 0 ? "" : ", ", words[i]);
}

/* "size, 1 to 64KiB", "reset, drain, keep" */
static void add_domain(struct hp_buf *line, const struct behaviour_param *param)
{
	static const char *const bools[] = {"true", "false", NULL};
	char min[VALUE_BYTES], max[VALUE_BYTES];

	if (param->unit == BEHAVIOUR_WORD || param->unit == BEHAVIOUR_BOOL) {
		add_words(line, param->unit == BEHAVIOUR_WORD ? param->words : bools);
		return;
	}
	hp_buf_add_text(line, behaviour_unit_word(param->unit));
	if (has_range(param))
		hp_buf_add_format(line, " %s to %s", value_text(param, param->min, min),
				  value_text(param, param->max, max));
}

static void print_param(const struct page *page, const struct behaviour_param *param)
{
	bool quoted = param->unit >= BEHAVIOUR_TEXT;
	const char *quote = quoted ? "\"" : "";
	char value[VALUE_BYTES];
	struct hp_buf line;

	hp_buf_init(&line, LINE_BYTES);
	hp_buf_add_format(&line, "%s (", param->help);
	add_domain(&line, param);
	if (param->unit == BEHAVIOUR_FILE)
		hp_buf_add_text(&line, ")");
	else if (param->optional || (quoted && !param->standard_text))
		hp_buf_add_text(&line, "; optional)");
	else
		hp_buf_add_format(&line, "; default %s%s%s)", quote,
				  value_text(param, param->standard, value), quote);
	print_row(page, PARAM_AT, param->name, hp_buf_text(&line));
	hp_buf_fini(&line);
}

static void print_held(const struct page *page, const struct behaviour_row *row)
{
	char text[LINE_BYTES];

	if (row->by_plan)
		snprintf(text, sizeof(text), "a list of up to %d objects like {\"fault\": "
					     "\"answer-never\"} or {\"status\": 204}",
			 BEHAVIOUR_FAULTS_MAX);
	else
		snprintf(text, sizeof(text), "the fault, its parameters beside it (default %s)",
			 row->fault_standard);
	print_row(page, PARAM_AT, row->fault_key, text);
}

static void print_fault(const struct page *page, const struct behaviour_row *row)
{
	char text[LINE_BYTES];

	snprintf(text, sizeof(text), "%s%s", row->help,
		 row->load_dependent ? " [load-dependent]" : "");
	print_row(page, SLUG_AT, row->slug, text);
	for (const struct behaviour_param *param = row->params; param->name; param++)
		print_param(page, param);
	if (row->fault_key)
		print_held(page, row);
	print_row(page, PARAM_AT, "proof:", row->proof);
}

static size_t print_layer(const struct page *page, enum behaviour_layer layer)
{
	const struct behaviour_row *row;
	size_t count = 0;

	fprintf(page->out, "%s\n", headings[layer]);
	for (size_t i = 0; (row = behaviour_row_at(i)); i++) {
		if (row->layer != layer)
			continue;
		print_fault(page, row);
		count++;
	}
	fputc('\n', page->out);
	return count;
}

void fault_text_print(FILE *out, unsigned columns)
{
	const struct page page = {out, columns};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(headings) / sizeof(headings[0]); i++)
		count += print_layer(&page, (enum behaviour_layer)i);
	fprintf(out, "%zu faults. In a scenario: \"behaviours\": [{\"behaviour\": \"status\", "
		     "\"code\": 503}]\nOn the command line: hookproof receive --behaviour "
		     "status:code=503\n", count);
}

/* ---- for machines ---- */

static void write_pair(struct hp_json_writer *writer, const char *key, const char *text)
{
	hp_json_write_key(writer, key);
	hp_json_write_text(writer, text);
}

static void write_param(struct hp_json_writer *writer, const struct behaviour_param *param)
{
	char value[VALUE_BYTES];

	hp_json_write_object(writer);
	write_pair(writer, "name", param->name);
	write_pair(writer, "unit", behaviour_unit_word(param->unit));
	write_pair(writer, "default",
		   param->optional ? NULL : value_text(param, param->standard, value));
	if (has_range(param)) {
		write_pair(writer, "min", value_text(param, param->min, value));
		write_pair(writer, "max", value_text(param, param->max, value));
	}
	if (param->unit == BEHAVIOUR_WORD) {
		hp_json_write_key(writer, "words");
		hp_json_write_array(writer);
		for (size_t i = 0; param->words[i]; i++)
			hp_json_write_text(writer, param->words[i]);
		hp_json_write_end(writer);
	}
	write_pair(writer, "help", param->help);
	hp_json_write_end(writer);
}

static void write_fault(struct hp_json_writer *writer, const struct behaviour_row *row)
{
	static const char *const stages[] = {
		[BEHAVIOUR_ON_REQUEST] = "request",
		[BEHAVIOUR_IN_REQUEST] = "in-request",
		[BEHAVIOUR_ON_CONNECT] = "connect",
		[BEHAVIOUR_ON_QUERY] = "query",
	};
	static const char *const effects[] = {
		[BEHAVIOUR_EFFECT_BY_STATUS] = "by-status",
		[BEHAVIOUR_EFFECT_NEVER] = "never",
		[BEHAVIOUR_EFFECT_ALWAYS] = "always",
	};

	hp_json_write_object(writer);
	write_pair(writer, "name", row->slug);
	hp_json_write_key(writer, "number");
	hp_json_write_u64(writer, row->number);
	write_pair(writer, "layer", behaviour_layer_word(row->layer));
	write_pair(writer, "stage", stages[row->stage]);
	write_pair(writer, "effect", effects[row->effect]);
	write_pair(writer, "help", row->help);
	write_pair(writer, "proof", row->proof);
	write_pair(writer, "holds", row->fault_key);
	write_pair(writer, "holds_default", row->fault_standard);
	hp_json_write_key(writer, "load_dependent");
	hp_json_write_bool(writer, row->load_dependent);
	hp_json_write_key(writer, "parameters");
	hp_json_write_array(writer);
	for (const struct behaviour_param *param = row->params; param->name; param++)
		write_param(writer, param);
	hp_json_write_end(writer);
	hp_json_write_end(writer);
}

void fault_text_write(struct hp_json_writer *writer)
{
	const struct behaviour_row *row;

	for (size_t i = 0; (row = behaviour_row_at(i)); i++)
		write_fault(writer, row);
}
