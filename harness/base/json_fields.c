#include "base/json_fields.h"

#include <stdio.h>

#include "base/nearest.h"
#include "base/span.h"

enum { FIELDS_MAX = 64 }; /* rows of one table, for the list of names */

static const struct hp_json_field *find_row(const struct hp_json_field fields[], struct hp_view key)
{
	for (; fields->key; fields++)
		if (hp_view_equal(hp_view_of(fields->key), key))
			return fields;
	return NULL;
}

static int unknown_key(const struct hp_json_node *member, const struct hp_json_field fields[],
		       struct hp_err *err)
{
	const char *names[FIELDS_MAX + 1], *nearest;
	size_t count = 0;

	for (; fields[count].key; count++) {
		assert(count < FIELDS_MAX);
		names[count] = fields[count].key;
	}
	names[count] = NULL;
	nearest = hp_nearest(hp_json_key(member), names);
	if (!nearest)
		return hp_json_fail(member, err, "unknown key");
	return hp_json_fail(member, err, "unknown key, did you mean \"%s\"?", nearest);
}

int hp_json_known_keys(const struct hp_json_node *object, const struct hp_json_field fields[],
		       struct hp_err *err)
{
	const struct hp_json_node *member;

	if (hp_json_expect(object, HP_JSON_OBJECT, err) < 0)
		return -1;
	for (member = hp_json_first(object); member; member = hp_json_next(member))
		if (!find_row(fields, hp_json_key(member)))
			return unknown_key(member, fields, err);
	return 0;
}

int hp_json_read_fields(const struct hp_json_node *object, const struct hp_json_field fields[],
			void *into, struct hp_err *err)
{
	if (hp_json_known_keys(object, fields, err) < 0)
		return -1;
	for (; fields->key; fields++) {
		const struct hp_json_node *member = hp_json_member(object, fields->key);

		if (!member && fields->needed)
			return hp_json_fail(object, err, "missing key \"%s\"", fields->key);
		if (member && fields->read(member, fields, (char *)into + fields->offset, err) < 0)
			return -1;
	}
	return 0;
}

HP_JSON_READER(hp_json_field_text)
{
	struct hp_view text;

	assert(field->max > 0);
	if (hp_json_read_text(node, &text, err) < 0)
		return -1;
	if (text.bytes < field->min || text.bytes >= field->max)
		return hp_json_fail(node, err, "want %llu to %llu bytes, found %zu",
				    (unsigned long long)field->min,
				    (unsigned long long)field->max - 1, text.bytes);
	memcpy(into, text.at, text.bytes + 1);
	return 0;
}

HP_JSON_READER(hp_json_field_bool)
{
	(void)field;
	return hp_json_read_bool(node, into, err);
}

HP_JSON_READER(hp_json_field_u64)
{
	return hp_json_read_u64(node, (struct hp_json_range){field->min, field->max}, into, err);
}

HP_JSON_READER(hp_json_field_u32)
{
	uint64_t number;

	assert(field->max <= UINT32_MAX);
	if (hp_json_field_u64(node, field, &number, err) < 0)
		return -1;
	*(uint32_t *)into = (uint32_t)number;
	return 0;
}

HP_JSON_READER(hp_json_field_int)
{
	uint64_t number;

	assert(field->max <= INT32_MAX);
	if (hp_json_field_u64(node, field, &number, err) < 0)
		return -1;
	*(int *)into = (int)number;
	return 0;
}

HP_JSON_READER(hp_json_field_factor)
{
	struct hp_json_micro_range range = {(int64_t)field->min, (int64_t)field->max};
	int64_t micro;

	if (hp_json_read_micro(node, range, &micro, err) < 0)
		return -1;
	*(double *)into = (double)micro / (double)HP_JSON_MICRO;
	return 0;
}

HP_JSON_READER(hp_json_field_span)
{
	char min[HP_SPAN_TEXT_BYTES], max[HP_SPAN_TEXT_BYTES], wanted[120];
	uint64_t span_ns;

	if (hp_json_kind(node) != HP_JSON_STRING || !hp_span_parse(hp_json_string(node), &span_ns))
		return hp_json_want(node, "a duration like \"250ms\", \"30s\" or \"2h\"", err);
	if (span_ns >= field->min && span_ns <= field->max) {
		*(uint64_t *)into = span_ns;
		return 0;
	}
	snprintf(wanted, sizeof(wanted), "a duration from %s to %s", hp_span_text(field->min, min),
		 hp_span_text(field->max, max));
	return hp_json_want(node, wanted, err);
}

HP_JSON_READER(hp_json_field_rate)
{
	(void)field;
	if (hp_json_kind(node) == HP_JSON_STRING && hp_rate_parse(hp_json_string(node), into))
		return 0;
	return hp_json_want(node, "a rate above 0, like \"500/s\" or \"30/m\"", err);
}

HP_JSON_READER(hp_json_field_size)
{
	char wanted[120];
	uint64_t bytes;
	bool read = hp_json_kind(node) == HP_JSON_NUMBER
			    ? hp_size_parse(hp_json_raw(node), &bytes)
			    : hp_json_kind(node) == HP_JSON_STRING &&
				      hp_size_parse(hp_json_string(node), &bytes);

	if (read && bytes >= field->min && bytes <= field->max) {
		*(uint64_t *)into = bytes;
		return 0;
	}
	snprintf(wanted, sizeof(wanted), "a size like \"64KiB\" from %llu to %llu bytes",
		 (unsigned long long)field->min, (unsigned long long)field->max);
	return hp_json_want(node, wanted, err);
}

HP_JSON_READER(hp_json_field_word)
{
	size_t index;

	if (hp_json_read_word(node, field->more, &index, err) < 0)
		return -1;
	*(uint32_t *)into = (uint32_t)index;
	return 0;
}

HP_JSON_READER(hp_json_field_fields)
{
	return hp_json_read_fields(node, field->more, into, err);
}
