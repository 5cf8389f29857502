/* How behaviours are found, filled, checked and composed; the rows are in rows_*.c. */
#include "receivers/behaviour.h"

#include "receivers/rows.h"

const struct behaviour_row *const behaviour_tables[] = {
	rows_http, rows_again, rows_interim, rows_head, rows_framing, rows_body, rows_flow,
	rows_tcp, rows_tls, rows_latency, rows_guard, rows_time, rows_name, NULL,
};

const char *behaviour_unit_word(enum behaviour_unit unit)
{
	static const char *const words[] = {
		[BEHAVIOUR_SPAN] = "span",       [BEHAVIOUR_COUNT] = "count",
		[BEHAVIOUR_BYTES] = "bytes",     [BEHAVIOUR_RATE] = "bytes/s",
		[BEHAVIOUR_SECONDS] = "seconds", [BEHAVIOUR_STATUS] = "status",
		[BEHAVIOUR_SHARE] = "share",     [BEHAVIOUR_BOOL] = "bool",
		[BEHAVIOUR_WORD] = "word",       [BEHAVIOUR_TEXT] = "text",
		[BEHAVIOUR_PATTERNS] = "patterns", [BEHAVIOUR_ADDRESSES] = "addresses",
		[BEHAVIOUR_FILE] = "file",
	};

	assert(unit < sizeof(words) / sizeof(words[0]));
	return words[unit];
}

const char *behaviour_layer_word(enum behaviour_layer layer)
{
	static const char *const words[] = {
		[BEHAVIOUR_NAME] = "name", [BEHAVIOUR_TCP] = "tcp", [BEHAVIOUR_TLS] = "tls",
		[BEHAVIOUR_HTTP] = "http", [BEHAVIOUR_SEQUENCE] = "sequence",
		[BEHAVIOUR_TIME] = "time",
	};

	assert(layer < sizeof(words) / sizeof(words[0]));
	return words[layer];
}

/* The next row over all tables; NULL behind the last. table counts the tables that are begun. */
static const struct behaviour_row *next_row(const struct behaviour_row *row, size_t *table)
{
	if (row != NULL && row[1].number != 0)
		return row + 1;
	return behaviour_tables[*table] != NULL ? behaviour_tables[(*table)++] : NULL;
}

#define FOR_EACH_ROW(row, table)                                                                  \
	for (const struct behaviour_row *row = next_row(NULL, &(table)); row != NULL;             \
	     row = next_row(row, &(table)))

const struct behaviour_row *behaviour_row_at(size_t index)
{
	size_t table = 0;

	FOR_EACH_ROW(row, table)
		if (index-- == 0)
			return row;
	return NULL;
}

size_t behaviour_row_count(void)
{
	size_t table = 0, count = 0;

	FOR_EACH_ROW(row, table)
		count++;
	return count;
}

const struct behaviour_alias behaviour_aliases[] = {
	{"refused", "connect-refused"},
	{"blackhole", "connect-blackhole"},
	{"silence", "answer-never"},
	{NULL, NULL},
};

static struct hp_view slug_of(struct hp_view name)
{
	for (const struct behaviour_alias *alias = behaviour_aliases; alias->name != NULL; alias++)
		if (hp_view_equal(name, hp_view_of(alias->name)))
			return hp_view_of(alias->slug);
	return name;
}

const struct behaviour_row *behaviour_find(struct hp_view slug)
{
	size_t table = 0;

	slug = slug_of(slug);
	FOR_EACH_ROW(row, table)
		if (hp_view_equal(slug, hp_view_of(row->slug)))
			return row;
	return NULL;
}

const struct behaviour_row *behaviour_by_number(uint8_t number)
{
	size_t table = 0;

	FOR_EACH_ROW(row, table)
		if (row->number == number)
			return row;
	return NULL;
}

int behaviour_param_index(const struct behaviour_row *row, struct hp_view name)
{
	for (int i = 0; row->params[i].name != NULL; i++)
		if (hp_view_equal(name, hp_view_of(row->params[i].name)))
			return i;
	return -1;
}

void behaviour_part_init(struct behaviour_part *part, const struct behaviour_row *row)
{
	unsigned texts = 0;

	*part = (struct behaviour_part){.row = row};
	for (unsigned i = 0; row->params[i].name != NULL; i++) {
		const struct behaviour_param *param = &row->params[i];

		part->values[i] = param->standard;
		if (!param->optional)
			part->given |= 1u << i;
		if (param->unit < BEHAVIOUR_TEXT)
			continue;
		assert(texts < BEHAVIOUR_TEXTS_MAX);
		part->values[i] = texts;
		if (param->standard_text != NULL)
			strncpy(part->texts[texts], param->standard_text,
				BEHAVIOUR_TEXT_BYTES - 1);
		texts++;
	}
}

static int check_part(const struct behaviour_part *part, struct hp_err *err)
{
	return part->row->check != NULL ? part->row->check(part, err) : 0;
}

bool behaviour_is_fault(const struct behaviour_row *row)
{
	return row->strikes == NULL && row->fault_key == NULL && row->clock_ns == NULL &&
	       row->idle_ns == NULL;
}

static int check_fault(const struct behaviour_part *guard, const struct behaviour_part *fault,
		       struct hp_err *err)
{
	if (!behaviour_is_fault(fault->row))
		return hp_err_set(err, HP_EINPUT, "%s: \"%s\" says itself when it strikes; let it "
						  "stand alone",
				  guard->row->fault_key, fault->row->slug);
	if (guard->row->holds(guard, fault->row, err) < 0)
		return -1;
	return check_part(fault, err);
}

int behaviour_check(const struct behaviour *behaviour, struct hp_err *err)
{
	const struct behaviour_row *row = behaviour->own.row;

	assert((row->fault_key != NULL) == (behaviour->fault_count != 0));
	if (check_part(&behaviour->own, err) < 0)
		return -1;
	for (size_t i = 0; i < behaviour->fault_count; i++)
		if (check_fault(&behaviour->own, &behaviour->faults[i], err) < 0)
			return -1;
	return 0;
}

const struct behaviour_part *behaviour_acting(const struct behaviour *behaviour,
					      const struct behaviour_case *c)
{
	size_t count = behaviour->fault_count;

	if (count == 0)
		return &behaviour->own;
	if (c->ordinal == 0 || c->ordinal > count)
		return &behaviour->faults[count - 1];
	return &behaviour->faults[c->ordinal - 1];
}

static bool strikes(const struct behaviour *behaviour, const struct behaviour_case *c,
		    uint64_t *until_ns)
{
	*until_ns = HP_NEVER;
	return behaviour->own.row->strikes == NULL ||
	       behaviour->own.row->strikes(&behaviour->own, c, until_ns);
}

/* A request that slipped in at the edge of a window in which nobody listens is reset. */
static const struct behaviour_part edge_part = {.row = &rows_tcp[ROWS_TCP_RESET]};

static void weigh(struct behaviour_decision *decision, const struct behaviour *behaviour,
		  const struct behaviour_part *part, const struct behaviour_case *c)
{
	const struct behaviour_row *row = part->row;
	bool resets = row->station == BEHAVIOUR_REFUSES &&
		      behaviour_edge(behaviour).open == BEHAVIOUR_OPEN_RESET;

	if (row->delay_ns != NULL)
		decision->delay_ns += row->delay_ns(part, c);
	if (row->closing || (row->delay_ns != NULL && row->load_dependent))
		decision->noted = part;
	decision->closing |= row->closing;
	if (decision->part != NULL)
		return;
	if (resets)
		decision->part = &edge_part;
	else if (row->play != NULL)
		decision->part = part;
	else
		return;
	decision->index = c->draw;
}

/* Those of a delivery, before and behind its last byte, are decided together. */
static bool is_of(const struct behaviour_row *row, enum behaviour_stage stage)
{
	return row->stage == stage ||
	       (stage == BEHAVIOUR_ON_REQUEST && row->stage == BEHAVIOUR_IN_REQUEST);
}

static struct behaviour_decision decide(struct behaviour_list list, struct behaviour_case at,
					enum behaviour_stage stage)
{
	struct behaviour_decision decision = {.index = list.count};
	uint64_t until_ns;

	for (at.draw = 0; at.draw < list.count; at.draw++) {
		const struct behaviour *behaviour = &list.at[at.draw];
		const struct behaviour_part *part = behaviour_acting(behaviour, &at);

		if (is_of(part->row, stage) && strikes(behaviour, &at, &until_ns))
			weigh(&decision, behaviour, part, &at);
	}
	return decision;
}

struct behaviour_decision behaviour_decide(struct behaviour_list list,
					   const struct behaviour_case *c)
{
	return decide(list, *c, BEHAVIOUR_ON_REQUEST);
}

struct behaviour_decision behaviour_meet(struct behaviour_list list,
					 const struct behaviour_case *c)
{
	return decide(list, *c, BEHAVIOUR_ON_CONNECT);
}

void behaviour_shake(struct behaviour_list list, const struct behaviour_case *c,
		     struct handshake *out)
{
	struct behaviour_case at = *c;
	uint64_t until_ns;

	for (at.draw = 0; at.draw < list.count; at.draw++) {
		const struct behaviour *behaviour = &list.at[at.draw];
		const struct behaviour_part *part = behaviour_acting(behaviour, &at);

		if (part->row->shake == NULL || !strikes(behaviour, &at, &until_ns))
			continue;
		part->row->shake(part, &at, out);
		assert(out->struck_count < HANDSHAKE_STRUCK_MAX);
		out->struck[out->struck_count++] = (struct handshake_struck){
			.behaviour = behaviour->own.row->number, .fault = part->row->number,
		};
	}
}

/* Whether the row had a say in the answer. */
static bool resolve(const struct behaviour_part *part, const struct behaviour_case *c,
		    bool *decided, struct lookup *out)
{
	if (part->row->delay_ns != NULL) {
		out->delay_ns += part->row->delay_ns(part, c);
		return true;
	}
	if (*decided || !part->row->resolve(part, c, out))
		return false;
	*decided = true;
	return true;
}

void behaviour_resolve(struct behaviour_list list, const struct behaviour_case *c,
		       struct lookup *out)
{
	struct behaviour_case at = *c;
	bool decided = false;
	uint64_t until_ns;

	for (at.draw = 0; at.draw < list.count; at.draw++) {
		const struct behaviour *behaviour = &list.at[at.draw];
		const struct behaviour_part *part = behaviour_acting(behaviour, &at);

		if (!is_of(part->row, BEHAVIOUR_ON_QUERY) || !strikes(behaviour, &at, &until_ns) ||
		    !resolve(part, &at, &decided, out))
			continue;
		assert(out->struck_count < LOOKUP_STRUCK_MAX);
		out->struck[out->struck_count++] = (struct lookup_struck){
			.behaviour = behaviour->own.row->number, .fault = part->row->number,
		};
	}
}

void behaviour_settle(struct behaviour_list list, const struct behaviour_case *c,
		      struct behaviour_state *states)
{
	for (size_t i = 0; i < list.count; i++) {
		const struct behaviour_part *own = &list.at[i].own;

		if (own->row->settle != NULL)
			own->row->settle(own, c, &states[i]);
	}
}

bool behaviour_load_dependent(const struct behaviour *behaviour)
{
	const struct behaviour_row *row = behaviour->own.row;

	for (size_t i = 0; i < behaviour->fault_count; i++) {
		const struct behaviour_row *fault = behaviour->faults[i].row;
		bool counted = (fault->stage == BEHAVIOUR_ON_CONNECT ||
				fault->stage == BEHAVIOUR_ON_QUERY) && !row->by_time;

		if (fault->load_dependent || counted)
			return true;
	}
	return row->load_dependent;
}

bool behaviour_any(struct behaviour_list list, enum behaviour_stage stage)
{
	for (size_t i = 0; i < list.count; i++) {
		const struct behaviour *behaviour = &list.at[i];

		if (behaviour->own.row->stage == stage)
			return true;
		for (size_t k = 0; k < behaviour->fault_count; k++)
			if (behaviour->faults[k].row->stage == stage)
				return true;
	}
	return false;
}

size_t behaviour_holding(struct behaviour_list list, enum behaviour_station station,
			 const struct behaviour_case *c, uint64_t *until_ns)
{
	struct behaviour_case at = *c;
	size_t holding = list.count;

	*until_ns = HP_NEVER;
	for (at.draw = 0; at.draw < list.count; at.draw++) {
		const struct behaviour *behaviour = &list.at[at.draw];
		uint64_t edge_ns;

		if (behaviour_acting(behaviour, &at)->row->station != station)
			continue;
		if (strikes(behaviour, &at, &edge_ns) && holding == list.count)
			holding = at.draw;
		if (edge_ns < *until_ns)
			*until_ns = edge_ns;
	}
	return holding;
}

struct behaviour_edge behaviour_edge(const struct behaviour *behaviour)
{
	const struct behaviour_part *own = &behaviour->own;

	if (own->row->edge == NULL)
		return (struct behaviour_edge){.open = BEHAVIOUR_OPEN_RESET};
	return own->row->edge(own);
}
