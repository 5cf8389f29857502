/* Reading and printing of values that are lists. As text, a list has commas. */
#include "scenarios/profile_inside.h"

/* Takes the next value of a list with commas from the front of *rest. */
static struct hp_view take_item(struct hp_view *rest)
{
	const char *comma = memchr(rest->at, ',', rest->bytes);
	struct hp_view item = *rest;

	if (!comma) {
		*rest = (struct hp_view){rest->at + rest->bytes, 0};
		return item;
	}
	item.bytes = (size_t)(comma - rest->at);
	*rest = (struct hp_view){comma + 1, rest->bytes - item.bytes - 1};
	return item;
}

READER(spans)
{
	struct retry_policy changed = profile->retry;

	(void)key;
	changed.list_count = 0;
	for (struct hp_view rest = text; rest.bytes; changed.list_count++) {
		struct hp_view item = take_item(&rest);

		if (changed.list_count == RETRY_LIST_MAX)
			return hp_err_set(err, HP_EUSAGE, "want at most %d delays", RETRY_LIST_MAX);
		if (!hp_span_parse(item, &changed.list_ns[changed.list_count]))
			return profile_want("delays like 5s, 30m, 2h", item, err);
	}
	profile->retry = changed;
	return 0;
}

PRINTER(spans)
{
	char text[PROFILE_SPAN_BYTES];

	(void)key;
	hp_json_write_array(writer);
	for (unsigned i = 0; i < profile->retry.list_count; i++)
		hp_json_write_text(writer, profile_span_text(profile->retry.list_ns[i], text));
	hp_json_write_end(writer);
}

KIND(spans, HP_JSON_ARRAY, false);

READER(statuses)
{
	int statuses[PROFILE_REJECT_MAX];
	unsigned count = 0;

	(void)key;
	for (struct hp_view rest = text; rest.bytes; count++) {
		struct hp_view item = take_item(&rest);

		if (count == PROFILE_REJECT_MAX)
			return hp_err_set(err, HP_EUSAGE, "want at most %d statuses",
					  PROFILE_REJECT_MAX);
		if (!profile_parse_status(item, &statuses[count]))
			return profile_want("a status from 100 to 599", item, err);
	}
	memcpy(profile->reject_status, statuses, count * sizeof(statuses[0]));
	profile->reject_count = count;
	return 0;
}

PRINTER(statuses)
{
	(void)key;
	hp_json_write_array(writer);
	for (unsigned i = 0; i < profile->reject_count; i++)
		hp_json_write_u64(writer, (uint64_t)profile->reject_status[i]);
	hp_json_write_end(writer);
}

KIND(statuses, HP_JSON_ARRAY, false);

/* The header of that name, a new one, or NULL when there is no room for it. */
static struct profile_header *header_slot(struct profile *profile, struct hp_view name)
{
	for (unsigned i = 0; i < profile->header_count; i++) {
		if (hp_view_equal_nocase(hp_view_of(profile->headers[i].name), name))
			return &profile->headers[i];
	}
	if (profile->header_count == PROFILE_HEADERS_MAX)
		return NULL;
	return &profile->headers[profile->header_count++];
}

/* Printable bytes with no slot but those that the engine fills. */
static bool is_header_value(struct hp_view text)
{
	static const char *const slots[] = {"{type}", "{resource}", "{key}"};

	for (size_t i = 0; i < text.bytes; i++) {
		bool known = text.at[i] != '{';

		if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
			return false;
		for (size_t j = 0; j < sizeof(slots) / sizeof(slots[0]); j++) {
			size_t bytes = strlen(slots[j]);

			known |= text.bytes - i >= bytes && !memcmp(text.at + i, slots[j], bytes);
		}
		if (!known)
			return false;
	}
	return true;
}

/* One header, "Name: value". */
READER(headers)
{
	struct profile_header *header;
	struct http1_header line;

	(void)key;
	if (!scheme_split_line(text, &line) || line.name.bytes >= SCHEME_NAME_BYTES ||
	    !scheme_is_header_name(line.name))
		return profile_want("a header like Name: value", text, err);
	if (line.value.bytes >= PROFILE_HEADER_VALUE_BYTES || !is_header_value(line.value))
		return profile_want("a value of at most 95 printable bytes with no slot but "
				    "{type} {resource} {key}", line.value, err);
	header = header_slot(profile, line.name);
	if (!header)
		return hp_err_set(err, HP_EUSAGE, "want at most %d headers", PROFILE_HEADERS_MAX);
	*header = (struct profile_header){0};
	memcpy(header->name, line.name.at, line.name.bytes);
	memcpy(header->value, line.value.at, line.value.bytes);
	return 0;
}

PRINTER(headers)
{
	(void)key;
	hp_json_write_object(writer);
	for (unsigned i = 0; i < profile->header_count; i++) {
		hp_json_write_key(writer, profile->headers[i].name);
		hp_json_write_text(writer, profile->headers[i].value);
	}
	hp_json_write_end(writer);
}

KIND(headers, HP_JSON_OBJECT, false);

/* The keys whose values are ours, by their paths. */
READER(assumed)
{
	uint64_t assumed = 0;

	(void)key;
	for (struct hp_view rest = text; rest.bytes;) {
		struct hp_view path = take_item(&rest);
		unsigned index = profile_key_find(path);

		if (index == PROFILE_KEYS_MAX)
			return profile_key_unknown(path, err);
		assumed |= UINT64_C(1) << index;
	}
	profile->assumed = assumed;
	return 0;
}

PRINTER(assumed)
{
	(void)key;
	hp_json_write_array(writer);
	for (unsigned i = 0; i < profile_key_count; i++) {
		if (profile->assumed & UINT64_C(1) << i)
			hp_json_write_text(writer, profile_keys[i].path);
	}
	hp_json_write_end(writer);
}

KIND(assumed, HP_JSON_ARRAY, false);
