#include "cli/receive_document.h"

#include <stdio.h>

#include "base/json_write.h"
#include "receivers/behaviour.h"

enum {
	VALUE_BYTES = 256,
	STATUS_MIN = 200, /* of a success */
	STATUS_MAX = 299,
};

/* ---- --behaviour NAME:KEY=VALUE,KEY=VALUE as an object of the document ---- */

/* What a behaviour is about: its row, and that of the fault which it holds; NULL: none. */
struct rows {
	const struct behaviour_row *own, *held;
};

static struct hp_view value_of(const char *at, const char *key)
{
	size_t bytes = strlen(key);

	for (; *at; at += strcspn(at, ","), at += *at == ',')
		if (strncmp(at, key, bytes) == 0 && at[bytes] == '=')
			return (struct hp_view){at + bytes + 1, strcspn(at + bytes + 1, ",")};
	return (struct hp_view){NULL, 0};
}

static struct rows rows_of(struct hp_view name, const char *pairs)
{
	struct rows rows = {.own = behaviour_find(name)};
	struct hp_view held;

	if (!rows.own || !rows.own->fault_key || rows.own->by_plan)
		return rows;
	held = value_of(pairs, rows.own->fault_key);
	rows.held = behaviour_find(held.at ? held : hp_view_of(rows.own->fault_standard));
	return rows;
}

static const struct behaviour_param *find_param(const struct behaviour_row *row, struct hp_view key)
{
	int index = row ? behaviour_param_index(row, key) : -1;

	return index < 0 ? NULL : &row->params[index];
}

/* Words and texts are strings whatever they look like: "417" is how expect-refused refuses. */
static bool is_text(const struct rows *rows, struct hp_view key)
{
	const struct behaviour_param *param = find_param(rows->own, key);

	if (!param)
		param = find_param(rows->held, key);
	return param && (param->unit == BEHAVIOUR_WORD || param->unit == BEHAVIOUR_TEXT ||
			 param->unit == BEHAVIOUR_FILE);
}

/* A number, true or false, an array and an object stand as they are; everything else is a
 * string. */
static bool is_json(struct hp_view text)
{
	enum hp_json_token token;
	struct hp_json_scan scan;

	hp_json_scan_init(&scan, text);
	token = hp_json_scan_next(&scan);
	if (token == HP_JSON_SCALAR &&
	    (scan.value.kind == HP_JSON_STRING || scan.value.kind == HP_JSON_NULL))
		return false;
	while (token != HP_JSON_DONE && token != HP_JSON_BAD)
		token = hp_json_scan_next(&scan);
	return token == HP_JSON_DONE;
}

/* How much of the text is one KEY=VALUE: up to the next comma, but an array or object goes on to
 * the end. */
static size_t pair_bytes(const char *at)
{
	const char *equals = strchr(at, '=');
	size_t bytes = strcspn(at, ",");

	if (equals && (size_t)(equals - at) < bytes && (equals[1] == '[' || equals[1] == '{'))
		return strlen(at);
	return bytes;
}

static int write_parameter(struct hp_json_writer *writer, const struct rows *rows,
			   struct hp_view pair, const char *option, struct hp_err *err)
{
	const char *equals = pair.bytes ? memchr(pair.at, '=', pair.bytes) : NULL;
	struct hp_view value;
	char key[VALUE_BYTES];

	if (!equals || equals == pair.at)
		return hp_err_set(err, HP_EUSAGE,
				  "--behaviour %s: want KEY=VALUE behind the name, "
				  "separated by commas",
				  option);
	snprintf(key, sizeof(key), "%.*s", (int)(equals - pair.at), pair.at);
	value = (struct hp_view){equals + 1, (size_t)(pair.at + pair.bytes - equals) - 1};
	hp_json_write_key(writer, key);
	if (!is_text(rows, hp_view_of(key)) && is_json(value))
		hp_json_write_raw(writer, value);
	else
		hp_json_write_string(writer, value);
	return 0;
}

static int write_behaviour(struct hp_json_writer *writer, const char *option, struct hp_err *err)
{
	size_t bytes = strcspn(option, ":");
	const char *at = option + bytes + (option[bytes] == ':');
	const struct rows rows = rows_of((struct hp_view){option, bytes}, at);

	hp_json_write_object(writer);
	hp_json_write_key(writer, "behaviour");
	hp_json_write_string(writer, (struct hp_view){option, bytes});
	while (*at) {
		bytes = pair_bytes(at);
		if (write_parameter(writer, &rows, (struct hp_view){at, bytes}, option, err) < 0)
			return -1;
		at += bytes + (at[bytes] == ',');
	}
	hp_json_write_end(writer);
	return 0;
}

/* ---- --latency KIND:SPAN,SPAN ---- */

enum { LATENCY_KEYS_MAX = 3 };

static const struct latency_kind {
	const char *word, *slug;
	const char *keys[LATENCY_KEYS_MAX]; /* of the behaviour, in the order of the option */
	unsigned needed;
} latency_kinds[] = {
	{"fixed", "latency", {"delay"}, 1},
	{"uniform", "latency", {"min", "max"}, 2},
	{"lognormal", "latency", {"p50", "p99", "max"}, 2},
	{"pareto", "latency-pareto", {"p50", "p99", "max"}, 2},
};

static const struct latency_kind *find_kind(struct hp_view word)
{
	for (size_t i = 0; i < sizeof(latency_kinds) / sizeof(latency_kinds[0]); i++)
		if (hp_view_equal(word, hp_view_of(latency_kinds[i].word)))
			return &latency_kinds[i];
	return NULL;
}

/* Writes the spans under the kind's keys. False when there are too few or too many. */
static bool write_spans(struct hp_json_writer *writer, const struct latency_kind *kind,
			const char *at)
{
	unsigned count = 0;

	while (*at) {
		size_t bytes = strcspn(at, ",");

		if (count == LATENCY_KEYS_MAX || !kind->keys[count])
			return false;
		hp_json_write_key(writer, kind->keys[count++]);
		hp_json_write_string(writer, (struct hp_view){at, bytes});
		at += bytes + (at[bytes] == ',');
	}
	return count >= kind->needed;
}

static int write_latency(struct hp_json_writer *writer, const char *option, struct hp_err *err)
{
	size_t bytes = strcspn(option, ":");
	const struct latency_kind *kind = find_kind((struct hp_view){option, bytes});

	hp_json_write_object(writer);
	hp_json_write_key(writer, "behaviour");
	hp_json_write_text(writer, kind ? kind->slug : "");
	if (!kind || !write_spans(writer, kind, option + bytes + (option[bytes] == ':')))
		return hp_err_set(err, HP_EUSAGE,
				  "--latency %s: want fixed:20ms, uniform:1ms,5ms, "
				  "lognormal:5ms,80ms or pareto:5ms,80ms",
				  option);
	hp_json_write_end(writer);
	return 0;
}

/* ---- the list of behaviours: the first that answers decides ---- */

/* Any other status is a behaviour, where nothing before it decides. */
static bool is_success(uint64_t status)
{
	return status >= STATUS_MIN && status <= STATUS_MAX;
}

static void write_failure(struct hp_json_writer *writer, uint64_t status)
{
	hp_json_write_object(writer);
	hp_json_write_key(writer, "behaviour");
	hp_json_write_text(writer, "status");
	hp_json_write_key(writer, "code");
	hp_json_write_u64(writer, status);
	hp_json_write_end(writer);
}

static int write_behaviours(struct hp_json_writer *writer, const struct options *options,
			    struct hp_err *err)
{
	const char *latency = options_text(options, OPT_LATENCY, NULL);
	uint64_t status = options_integer(options, OPT_STATUS, STATUS_MIN);
	size_t count;
	const char *const *texts = options_texts(options, OPT_BEHAVIOUR, &count);

	hp_json_write_key(writer, "behaviours");
	hp_json_write_array(writer);
	if (latency && write_latency(writer, latency, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (write_behaviour(writer, texts[i], err) < 0)
			return -1;
	}
	if (!is_success(status))
		write_failure(writer, status);
	hp_json_write_end(writer);
	return 0;
}

/* ---- the document ---- */

static int write_receiver(struct hp_json_writer *writer, const struct options *options,
			  struct hp_err *err)
{
	uint64_t status = options_integer(options, OPT_STATUS, 0);

	hp_json_write_object(writer);
	hp_json_write_key(writer, "name");
	hp_json_write_text(writer, "receiver");
	hp_json_write_key(writer, "listen");
	hp_json_write_text(writer, options_text(options, OPT_LISTEN, "127.0.0.1:0"));
	hp_json_write_key(writer, "tls");
	hp_json_write_bool(writer, options_given(options, OPT_TLS));
	hp_json_write_key(writer, "verify");
	hp_json_write_bool(writer, !options_given(options, OPT_NO_VERIFY));
	hp_json_write_key(writer, "idempotent");
	hp_json_write_bool(writer, !options_given(options, OPT_NOT_IDEMPOTENT));
	if (is_success(status)) {
		hp_json_write_key(writer, "status");
		hp_json_write_u64(writer, status);
	}
	if (write_behaviours(writer, options, err) < 0)
		return -1;
	hp_json_write_end(writer);
	return 0;
}

/* The endpoint that the receiver plays: a receiver has its endpoint's secret. */
static int write_endpoint(struct intent *intent, struct hp_json_writer *writer,
			  const struct options *options, struct hp_err *err)
{
	hp_json_write_object(writer);
	hp_json_write_key(writer, "name");
	hp_json_write_text(writer, "receiver");
	hp_json_write_key(writer, "receiver");
	hp_json_write_text(writer, "receiver");
	if (intent_write_secret(intent, options, writer, err) < 0)
		return -1;
	hp_json_write_end(writer);
	return 0;
}

/* A scenario has arrivals; who only receives sends none of them. */
static void write_arrivals(struct hp_json_writer *writer)
{
	hp_json_write_key(writer, "arrivals");
	hp_json_write_object(writer);
	hp_json_write_key(writer, "kind");
	hp_json_write_text(writer, "closed");
	hp_json_write_key(writer, "concurrency");
	hp_json_write_u64(writer, 1);
	hp_json_write_key(writer, "count");
	hp_json_write_u64(writer, 1);
	hp_json_write_end(writer);
}

static void write_dns(struct hp_json_writer *writer, const struct options *options)
{
	if (!options_given(options, OPT_DNS))
		return;
	hp_json_write_key(writer, "dns");
	hp_json_write_text(writer, options_text(options, OPT_DNS, NULL));
}

int receive_document_write(struct intent *intent, const struct options *options, struct hp_err *err)
{
	struct hp_json_writer writer;

	hp_json_write_init(&writer, &intent->text, 2);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "name");
	hp_json_write_text(&writer, "receive");
	write_arrivals(&writer);
	write_dns(&writer, options);
	hp_json_write_key(&writer, "endpoints");
	hp_json_write_array(&writer);
	if (write_endpoint(intent, &writer, options, err) < 0)
		return -1;
	hp_json_write_end(&writer);
	hp_json_write_key(&writer, "receivers");
	hp_json_write_array(&writer);
	if (write_receiver(&writer, options, err) < 0)
		return -1;
	hp_json_write_end(&writer);
	hp_json_write_end(&writer);
	intent_take_text(intent);
	return 0;
}
