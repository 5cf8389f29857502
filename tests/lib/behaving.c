#include "tests/lib/behaving.h"

#include <check.h>

void behave(struct behaviour *out, struct behaviour_part *fault, const char *slug)
{
	const struct behaviour_row *row = behaviour_find(hp_view_of(slug));

	ck_assert_msg(row != NULL, "no row \"%s\"", slug);
	*out = (struct behaviour){.fault_count = row->fault_key != NULL};
	behaviour_part_init(&out->own, row);
	if (out->fault_count == 0)
		return;
	const char *standard = row->fault_standard != NULL ? row->fault_standard : "status";
	behaviour_part_init(fault, behaviour_find(hp_view_of(standard)));
	out->faults = fault;
}

static unsigned give(struct behaviour_part *part, const char *name)
{
	int index = behaviour_param_index(part->row, hp_view_of(name));

	ck_assert_msg(index >= 0, "%s has no parameter %s", part->row->slug, name);
	part->given |= 1u << index;
	return (unsigned)index;
}

void behave_set(struct behaviour_part *part, const char *name, uint64_t value)
{
	part->values[give(part, name)] = value;
}

void behave_say(struct behaviour_part *part, const char *name, const char *text)
{
	char *out = part->texts[part->values[give(part, name)]];

	ck_assert_uint_lt(strlen(text), BEHAVIOUR_TEXT_BYTES);
	memcpy(out, text, strlen(text) + 1);
}
