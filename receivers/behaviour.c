/* How behaviours are found, filled, checked and composed; the rows are in behaviour_rows.c. */
#include "receivers/behaviour.h"

const char *behaviour_unit_word(enum behaviour_unit unit)
{
	static const char *const words[] = {
		[BEHAVIOUR_SPAN] = "span", [BEHAVIOUR_COUNT] = "count",
		[BEHAVIOUR_SECONDS] = "seconds", [BEHAVIOUR_STATUS] = "status",
		[BEHAVIOUR_SHARE] = "share", [BEHAVIOUR_TEXT] = "text",
	};

	assert(unit < sizeof(words) / sizeof(words[0]));
	return words[unit];
}

const struct behaviour_row *behaviour_find(struct hp_view slug)
{
	for (size_t i = 0; i < behaviour_row_count; i++)
		if (hp_view_equal(slug, hp_view_of(behaviour_rows[i].slug)))
			return &behaviour_rows[i];
	return NULL;
}

const struct behaviour_row *behaviour_by_number(uint8_t number)
{
	for (size_t i = 0; i < behaviour_row_count; i++)
		if (behaviour_rows[i].number == number)
			return &behaviour_rows[i];
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
	*part = (struct behaviour_part){.row = row};
	for (unsigned i = 0; row->params[i].name != NULL; i++) {
		const struct behaviour_param *param = &row->params[i];

		part->values[i] = param->standard;
		if (!param->optional)
			part->given |= 1u << i;
		if (param->standard_text != NULL)
			strncpy(part->text, param->standard_text, sizeof(part->text) - 1);
	}
}

void behaviour_init(struct behaviour *behaviour, const struct behaviour_row *row)
{
	*behaviour = (struct behaviour){.fault = {.row = NULL}};
	behaviour_part_init(&behaviour->own, row);
	if (row->fault_key == NULL)
		return;
	const struct behaviour_row *fault = behaviour_find(hp_view_of(row->fault_standard));
	assert(fault != NULL);
	behaviour_part_init(&behaviour->fault, fault);
}

static int check_part(const struct behaviour_part *part, struct hp_err *err)
{
	return part->row->check != NULL ? part->row->check(part, err) : 0;
}

static int check_fault(const struct behaviour *behaviour, struct hp_err *err)
{
	const struct behaviour_row *guard = behaviour->own.row, *fault = behaviour->fault.row;

	if (fault->strikes != NULL)
		return hp_err_set(err, HP_EINPUT, "%s: \"%s\" says itself when it strikes and "
						  "cannot stand here",
				  guard->fault_key, fault->slug);
	if (fault->by_time && !guard->by_time)
		return hp_err_set(err, HP_EINPUT, "%s: \"%s\" is no matter of single attempts; use "
						  "\"reset\" here, or \"outage\" for a window",
				  guard->fault_key, fault->slug);
	return check_part(&behaviour->fault, err);
}

int behaviour_check(const struct behaviour *behaviour, struct hp_err *err)
{
	assert((behaviour->own.row->fault_key != NULL) == (behaviour->fault.row != NULL));
	if (check_part(&behaviour->own, err) < 0)
		return -1;
	return behaviour->fault.row != NULL ? check_fault(behaviour, err) : 0;
}

/* What acts when the behaviour strikes. */
static const struct behaviour_part *acting_part(const struct behaviour *behaviour)
{
	return behaviour->fault.row != NULL ? &behaviour->fault : &behaviour->own;
}

struct behaviour_answer behaviour_answer(const struct behaviour *behaviour)
{
	const struct behaviour_part *part = acting_part(behaviour);
	struct behaviour_answer answer = {
		.end = BEHAVIOUR_PASSES, .retry_after_s = HP_NEVER, .body = "",
	};

	if (part->row->answer != NULL)
		part->row->answer(part, &answer);
	return answer;
}

static bool strikes(const struct behaviour *behaviour, const struct behaviour_case *c,
		    uint64_t *until_ns)
{
	*until_ns = HP_NEVER;
	return behaviour->own.row->strikes == NULL ||
	       behaviour->own.row->strikes(&behaviour->own, c, until_ns);
}

struct behaviour_decision behaviour_decide(struct behaviour_list list,
					   const struct behaviour_case *c)
{
	struct behaviour_decision decision = {.index = list.count, .end = BEHAVIOUR_PASSES};
	struct behaviour_case at = *c;
	uint64_t until_ns;

	for (at.draw = 0; at.draw < list.count; at.draw++) {
		const struct behaviour *behaviour = &list.at[at.draw];
		if (!strikes(behaviour, &at, &until_ns))
			continue;
		const struct behaviour_part *part = acting_part(behaviour);
		if (part->row->delay_ns != NULL)
			decision.delay_ns += part->row->delay_ns(part, &at);
		enum behaviour_end end = behaviour_answer(behaviour).end;
		if (decision.end != BEHAVIOUR_PASSES || end == BEHAVIOUR_PASSES ||
		    end == BEHAVIOUR_FREEZES)
			continue;
		decision.end = end == BEHAVIOUR_REFUSES ? BEHAVIOUR_RESETS : end;
		decision.index = at.draw;
	}
	return decision;
}

size_t behaviour_holding(struct behaviour_list list, enum behaviour_end end,
			 const struct behaviour_case *c, uint64_t *until_ns)
{
	size_t holding = list.count;

	*until_ns = HP_NEVER;
	for (size_t i = 0; i < list.count; i++) {
		uint64_t edge_ns;
		if (behaviour_answer(&list.at[i]).end != end)
			continue;
		if (strikes(&list.at[i], c, &edge_ns) && holding == list.count)
			holding = i;
		if (edge_ns < *until_ns)
			*until_ns = edge_ns;
	}
	return holding;
}
