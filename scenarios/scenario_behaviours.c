/* Behaviours of simulated receivers, as the list of a receiver writes them. The keys of an object
 * are its row's parameters (receivers/behaviour.h): a new row needs nothing here. What a guard
 * holds stands flat beside its own keys, or is an object of its own; a plan has a list of them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "receivers/latency.h"
#include "scenarios/scenario_inside.h"

enum {
	ROWS_MAX = 256, /* slugs and their aliases: a row's number is one byte */
	OWN_KEYS_MAX = 2,
	PARTS_MAX = 2,
	NAMES_MAX = PARTS_MAX * BEHAVIOUR_PARAMS_MAX + OWN_KEYS_MAX,
	DELAYS_BYTES_MAX = 16 * 1024 * 1024, /* LATENCY_SAMPLES_MAX lines of a file, and comments */
};

/* ---- rows by their name ---- */

static const char *nearest_row(struct hp_view name)
{
	const char *names[ROWS_MAX + 1];
	size_t count = 0;

	for (; count < behaviour_row_count(); count++)
		names[count] = behaviour_row_at(count)->slug;
	for (size_t i = 0; behaviour_aliases[i].name != NULL; i++)
		names[count++] = behaviour_aliases[i].name;
	assert(count <= ROWS_MAX);
	names[count] = NULL;
	return hp_nearest(name, names);
}

static const struct behaviour_row *find_row(const struct hp_json_node *node, struct hp_err *err)
{
	const struct behaviour_row *row;
	const char *nearest;
	struct hp_view name;

	if (hp_json_read_text(node, &name, err) < 0)
		return NULL;
	row = behaviour_find(name);
	if (row)
		return row;
	nearest = nearest_row(name);
	if (nearest)
		hp_json_fail(node, err, "unknown behaviour, did you mean \"%s\"?", nearest);
	else
		hp_json_want(node, "a behaviour that \"hookproof list faults\" shows", err);
	return NULL;
}

/* ---- values, by the unit of the parameter; the row's bounds apply ---- */

static HP_JSON_READER(read_text)
{
	struct hp_json_field whole = *field;

	whole.min = 0;
	whole.max = BEHAVIOUR_TEXT_BYTES;
	return hp_json_field_text(node, &whole, into, err);
}

/* Whether each '*' ends a pattern. */
static bool are_patterns(struct hp_view text)
{
	for (size_t i = 0; i + 1 < text.bytes; i++)
		if (text.at[i] == '*' && text.at[i + 1] != ' ')
			return false;
	return text.bytes != 0;
}

static bool is_address(struct hp_view text)
{
	uint8_t ip[4];

	return lookup_parse(text, ip);
}

struct list_kind { /* of texts that are kept as one, with spaces between */
	bool (*is_good)(struct hp_view text);
	const char *want;
};

static int add_text(const struct hp_json_node *node, const struct list_kind *kind, char *list,
		    struct hp_err *err)
{
	size_t used = strlen(list);
	struct hp_view text;

	if (hp_json_read_text(node, &text, err) < 0)
		return -1;
	if (!kind->is_good(text))
		return hp_json_want(node, kind->want, err);
	if (used + (used != 0) + text.bytes >= BEHAVIOUR_TEXT_BYTES)
		return hp_json_fail(node, err, "want at most %d bytes in all",
				    BEHAVIOUR_TEXT_BYTES - 1);
	snprintf(list + used, BEHAVIOUR_TEXT_BYTES - used, "%s%s", used != 0 ? " " : "", text.at);
	return 0;
}

/* One text, or a list of them. */
static int read_list(const struct hp_json_node *node, const struct list_kind *kind, char *into,
		     struct hp_err *err)
{
	const struct hp_json_node *item;

	*into = '\0';
	if (hp_json_kind(node) != HP_JSON_ARRAY)
		return add_text(node, kind, into, err);
	for (item = hp_json_first(node); item; item = hp_json_next(item))
		if (add_text(item, kind, into, err) < 0)
			return -1;
	return 0;
}

static HP_JSON_READER(read_patterns)
{
	static const struct list_kind kind = {are_patterns, "a pattern like \"invoice.*\""};

	(void)field;
	return read_list(node, &kind, into, err);
}

static HP_JSON_READER(read_addresses)
{
	static const struct list_kind kind = {is_address, "an address of 127.0.0.0/8 like "
							  "\"127.0.0.2\""};

	(void)field;
	return read_list(node, &kind, into, err);
}

static HP_JSON_READER(read_share)
{
	struct hp_json_micro_range range = {(int64_t)field->min, (int64_t)field->max};

	return hp_json_read_micro(node, range, into, err);
}

static HP_JSON_READER(read_span)
{
	return field->max == HP_NEVER ? scenario_field_never(node, field, into, err)
				      : hp_json_field_span(node, field, into, err);
}

static HP_JSON_READER(read_word)
{
	size_t index;

	if (hp_json_read_word(node, field->more, &index, err) < 0)
		return -1;
	*(uint64_t *)into = index;
	return 0;
}

static HP_JSON_READER(read_bool)
{
	bool value;

	(void)field;
	if (hp_json_read_bool(node, &value, err) < 0)
		return -1;
	*(uint64_t *)into = value;
	return 0;
}

typedef int read_value(const struct hp_json_node *, const struct hp_json_field *, void *,
		       struct hp_err *);

static const struct {
	read_value *read;
	bool text; /* into the part's text, else into its value */
} units[] = {
	[BEHAVIOUR_SPAN] = {read_span, false},
	[BEHAVIOUR_COUNT] = {hp_json_field_u64, false},
	[BEHAVIOUR_BYTES] = {hp_json_field_size, false},
	[BEHAVIOUR_RATE] = {hp_json_field_u64, false},
	[BEHAVIOUR_SECONDS] = {hp_json_field_u64, false},
	[BEHAVIOUR_STATUS] = {hp_json_field_u64, false},
	[BEHAVIOUR_SHARE] = {read_share, false},
	[BEHAVIOUR_BOOL] = {read_bool, false},
	[BEHAVIOUR_WORD] = {read_word, false},
	[BEHAVIOUR_TEXT] = {read_text, true},
	[BEHAVIOUR_PATTERNS] = {read_patterns, true},
	[BEHAVIOUR_ADDRESSES] = {read_addresses, true},
	[BEHAVIOUR_FILE] = {read_text, true},
};

/* The delays in the file that a parameter names; the part owns them (scenario_free_behaviours). */
static int fetch_samples(const struct scenario_draft *draft, struct behaviour_part *part,
			 const struct hp_json_node *node, struct hp_err *err)
{
	struct hp_buf text;
	int result;

	if (!draft->source->read)
		return hp_json_fail(node, err, "no file can be named here");
	hp_buf_init(&text, DELAYS_BYTES_MAX);
	result = scenario_fetch(draft, "delays", node, &text, err);
	if (result == 0) {
		part->samples = latency_samples_parse(hp_json_string(node).at, hp_buf_view(&text),
						      err);
		result = part->samples ? 0 : -1;
	}
	hp_buf_fini(&text);
	return result;
}

static int read_param(const struct scenario_draft *draft, struct behaviour_part *part,
		      unsigned index, const struct hp_json_node *node, struct hp_err *err)
{
	const struct behaviour_param *param = &part->row->params[index];
	struct hp_json_field field = {
		.key = param->name, .min = param->min, .max = param->max, .more = param->words,
	};
	void *into = units[param->unit].text ? (void *)part->texts[part->values[index]]
					     : &part->values[index];

	if (units[param->unit].read(node, &field, into, err) < 0)
		return -1;
	part->given |= 1u << index;
	return param->unit == BEHAVIOUR_FILE ? fetch_samples(draft, part, node, err) : 0;
}

/* ---- objects ---- */

struct object { /* what the members of an object fill */
	const struct scenario_draft *draft;
	const char *keys[OWN_KEYS_MAX];          /* no parameters, read elsewhere; NULL: none */
	struct behaviour_part *parts[PARTS_MAX]; /* a key is of the first that has it; NULL: none */
};

static bool is_own_key(const struct object *object, struct hp_view key)
{
	for (size_t i = 0; i < OWN_KEYS_MAX; i++)
		if (object->keys[i] && hp_view_equal(key, hp_view_of(object->keys[i])))
			return true;
	return false;
}

/* The names that the object has; ended by NULL. */
static void list_names(const struct object *object, const char *names[NAMES_MAX + 1])
{
	size_t count = 0;

	for (size_t k = 0; k < PARTS_MAX && object->parts[k]; k++)
		for (size_t i = 0; object->parts[k]->row->params[i].name; i++)
			names[count++] = object->parts[k]->row->params[i].name;
	if (object->keys[1])
		names[count++] = object->keys[1];
	names[count] = NULL;
}

static int unknown_param(const struct object *object, const struct hp_json_node *member,
			 struct hp_err *err)
{
	const char *names[NAMES_MAX + 1], *nearest;
	char list[256] = "";
	size_t used = 0;

	list_names(object, names);
	nearest = hp_nearest(hp_json_key(member), names);
	if (nearest)
		return hp_json_fail(member, err, "unknown key, did you mean \"%s\"?", nearest);
	for (size_t i = 0; names[i] && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, ", %s", names[i]);
	return hp_json_fail(member, err, "unknown key, the behaviour \"%s\" has %s",
			    object->parts[0]->row->slug, used ? list + 2 : "none");
}

static int read_member(const struct object *object, const struct hp_json_node *member,
		       struct hp_err *err)
{
	struct hp_view key = hp_json_key(member);

	if (is_own_key(object, key))
		return 0;
	for (size_t i = 0; i < PARTS_MAX && object->parts[i]; i++) {
		int index = behaviour_param_index(object->parts[i]->row, key);

		if (index >= 0)
			return read_param(object->draft, object->parts[i], (unsigned)index, member,
					  err);
	}
	return unknown_param(object, member, err);
}

static int read_members(const struct object *object, const struct hp_json_node *node,
			struct hp_err *err)
{
	const struct hp_json_node *member;

	for (member = hp_json_first(node); member; member = hp_json_next(member))
		if (read_member(object, member, err) < 0)
			return -1;
	return 0;
}

/* {"status": 204} is short for {"fault": "status", "code": 204}. */
static int read_status(const struct scenario_draft *draft, const struct hp_json_node *code,
		       struct behaviour_part *out, struct hp_err *err)
{
	int index;

	behaviour_part_init(out, behaviour_find(HP_LITERAL("status")));
	index = behaviour_param_index(out->row, HP_LITERAL("code"));
	return read_param(draft, out, (unsigned)index, code, err);
}

/* A fault as an object of its own. */
static int read_fault(const struct scenario_draft *draft, const struct hp_json_node *node,
		      struct behaviour_part *out, struct hp_err *err)
{
	const struct hp_json_node *code, *slug;
	const struct behaviour_row *row;
	struct object object = {.draft = draft, .parts = {out}};

	if (hp_json_expect(node, HP_JSON_OBJECT, err) < 0)
		return -1;
	code = hp_json_member(node, "status");
	slug = code ? NULL : hp_json_need(node, "fault", err);
	row = slug ? find_row(slug, err) : NULL;
	if (!code && !row)
		return -1;
	object.keys[0] = code ? "status" : "fault";
	if (!code)
		behaviour_part_init(out, row);
	else if (read_status(draft, code, out, err) < 0)
		return -1;
	return read_members(&object, node, err);
}

/* ---- what guards hold ---- */

static int read_plan(const struct scenario_draft *draft, const struct hp_json_node *node,
		     struct behaviour *out, struct hp_err *err)
{
	const struct hp_json_node *item;
	size_t count;

	if (hp_json_expect(node, HP_JSON_ARRAY, err) < 0)
		return -1;
	count = hp_json_count(node);
	if (count == 0 || count > BEHAVIOUR_FAULTS_MAX)
		return hp_json_fail(node, err, "want 1 to %d attempts, found %zu",
				    BEHAVIOUR_FAULTS_MAX, count);
	out->faults = hp_xcalloc(count, sizeof(out->faults[0]));
	for (item = hp_json_first(node); item; item = hp_json_next(item))
		if (read_fault(draft, item, &out->faults[out->fault_count++], err) < 0)
			return -1;
	return 0;
}

/* *flat: the fault's parameters stand beside those of the guard. */
static int read_held(const struct scenario_draft *draft, const struct hp_json_node *node,
		     struct behaviour *out, bool *flat, struct hp_err *err)
{
	const struct behaviour_row *guard = out->own.row, *row;
	const struct hp_json_node *held = hp_json_member(node, guard->fault_key);

	*flat = !guard->by_plan && !(held && hp_json_kind(held) == HP_JSON_OBJECT);
	if (guard->by_plan) {
		held = hp_json_need(node, guard->fault_key, err);
		return held ? read_plan(draft, held, out, err) : -1;
	}
	out->faults = hp_xcalloc(1, sizeof(out->faults[0]));
	out->fault_count = 1;
	if (!*flat)
		return read_fault(draft, held, &out->faults[0], err);
	row = held ? find_row(held, err) : behaviour_find(hp_view_of(guard->fault_standard));
	if (!row)
		return -1;
	behaviour_part_init(&out->faults[0], row);
	return 0;
}

/* ---- behaviours ---- */

static int read_behaviour(const struct scenario_draft *draft, const struct hp_json_node *node,
			  struct behaviour *out, struct hp_err *err)
{
	const struct hp_json_node *slug = hp_json_need(node, "behaviour", err);
	const struct behaviour_row *row = slug ? find_row(slug, err) : NULL;
	struct object object = {.draft = draft, .keys = {"behaviour"}, .parts = {&out->own}};
	struct hp_err why;
	bool flat = false;

	if (!row)
		return -1;
	behaviour_part_init(&out->own, row);
	object.keys[1] = row->fault_key;
	if (row->fault_key && read_held(draft, node, out, &flat, err) < 0)
		return -1;
	if (flat)
		object.parts[1] = &out->faults[0];
	if (read_members(&object, node, err) < 0)
		return -1;
	if (behaviour_check(out, &why) < 0)
		return hp_json_fail(node, err, "%s", why.msg);
	return 0;
}

static int check_layer(const struct hp_json_node *node, const struct behaviour_part *part,
		       const struct receiver_config *config, struct hp_err *err)
{
	if (part->row->layer == BEHAVIOUR_NAME && !config->named)
		return hp_json_fail(node, err,
				    "\"%s\" is a matter of names, and nobody can ask for this "
				    "receiver's: want \"dns\": \"127.0.0.1:0\" in the scenario, or "
				    "--dns",
				    part->row->slug);
	if (part->row->layer != BEHAVIOUR_TLS || config->tls)
		return 0;
	return hp_json_fail(node, err,
			    "\"%s\" is a matter of TLS, and this receiver speaks none: want "
			    "\"tls\": true",
			    part->row->slug);
}

static int check_layers(const struct hp_json_node *node, const struct behaviour *behaviour,
			const struct receiver_config *config, struct hp_err *err)
{
	if (check_layer(node, &behaviour->own, config, err) < 0)
		return -1;
	for (size_t i = 0; i < behaviour->fault_count; i++)
		if (check_layer(node, &behaviour->faults[i], config, err) < 0)
			return -1;
	return 0;
}

static void warn_part(const struct scenario_draft *draft, const struct hp_json_node *node,
		      const struct behaviour_part *part)
{
	const char *remark = part->row->remark ? part->row->remark(part) : NULL;

	if (remark)
		scenario_warn(draft, node, "%s", remark);
}

static void warn(const struct scenario_draft *draft, const struct hp_json_node *node,
		 const struct behaviour *behaviour)
{
	if (behaviour_load_dependent(behaviour))
		scenario_warn(draft, node,
			      "\"%s\" depends on the load: a repeat with the same seed may decide "
			      "otherwise",
			      behaviour->own.row->slug);
	warn_part(draft, node, &behaviour->own);
	for (size_t i = 0; i < behaviour->fault_count; i++)
		warn_part(draft, node, &behaviour->faults[i]);
}

int scenario_read_behaviours(const struct scenario_draft *draft, const struct hp_json_node *list,
			     struct receiver_config *config, struct hp_err *err)
{
	const struct hp_json_node *node;

	if (!list)
		return 0;
	if (hp_json_expect(list, HP_JSON_ARRAY, err) < 0)
		return -1;
	if (hp_json_count(list) > RECEIVER_BEHAVIOURS_MAX)
		return hp_json_fail(list, err, "want at most %d behaviours, found %zu",
				    RECEIVER_BEHAVIOURS_MAX, hp_json_count(list));
	for (node = hp_json_first(list); node; node = hp_json_next(node)) {
		struct behaviour *behaviour = &config->behaviours[config->behaviour_count++];

		if (read_behaviour(draft, node, behaviour, err) < 0 ||
		    check_layers(node, behaviour, config, err) < 0)
			return -1;
		warn(draft, node, behaviour);
	}
	return 0;
}

static void free_samples(struct behaviour_part *part)
{
	latency_samples_free((struct latency_samples *)(uintptr_t)part->samples);
	part->samples = NULL;
}

void scenario_free_behaviours(struct receiver_config *config)
{
	for (unsigned i = 0; i < config->behaviour_count; i++) {
		struct behaviour *behaviour = &config->behaviours[i];

		free_samples(&behaviour->own);
		for (size_t k = 0; k < behaviour->fault_count; k++)
			free_samples(&behaviour->faults[k]);
		free(behaviour->faults);
		behaviour->faults = NULL;
	}
	config->behaviour_count = 0;
}

int scenario_load_behaviours(struct receiver_config *config, struct scenario_text text,
			     struct hp_err *err)
{
	static const struct scenario_source source; /* nothing is fetched, nobody is warned */
	struct hp_json *doc = hp_json_parse(text.name, text.json, SCENARIO_BYTES_MAX, err);
	struct scenario_draft *draft;
	int result;

	if (!doc)
		return -1;
	draft = hp_xcalloc(1, sizeof(*draft));
	draft->source = &source;
	draft->name = text.name;
	result = scenario_read_behaviours(draft, hp_json_root(doc), config, err);
	if (result < 0)
		scenario_free_behaviours(config);
	free(draft);
	hp_json_free(doc);
	return result;
}
