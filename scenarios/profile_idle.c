/* What a profile says and nobody heeds yet: lint warns of it. A key leaves the list with the code
 * that does what it says. */
#include "base/json.h"
#include "scenarios/profile_document.h"

static const struct {
	const char *path;
	const char *value; /* NULL: whatever it is */
} idle[] = {
	{"redirects", "follow"},
	{"rotation", NULL},
	{"rotation_grace", NULL},
	{"reject_status", NULL},
	{"reject_may_ack", NULL},
	{"body_bytes_max", NULL},
};

bool profile_is_idle(struct hp_view path, struct hp_view value)
{
	for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++)
		if (hp_view_equal(path, hp_view_of(idle[i].path)))
			return !idle[i].value || hp_view_equal(value, hp_view_of(idle[i].value));
	return false;
}

void profile_warn_idle(struct hp_view json, const char *name, struct hp_buf *warnings)
{
	struct hp_err ignored;
	struct hp_json *doc = hp_json_parse(name, json, PROFILE_DOCUMENT_BYTES_MAX, &ignored);
	const struct hp_json_node *member;
	struct hp_place place;

	if (!doc)
		return;
	for (member = hp_json_first(hp_json_root(doc)); member; member = hp_json_next(member)) {
		struct hp_view value = hp_json_raw(member);

		if (hp_json_kind(member) == HP_JSON_STRING)
			value = hp_json_string(member);
		if (!profile_is_idle(hp_json_key(member), value))
			continue;
		hp_json_node_place(member, &place);
		hp_buf_add_format(warnings, "%s:%u:%u: %s: " PROFILE_IDLE "\n", place.file,
				  place.line, place.column, hp_json_key(member).at);
	}
	hp_json_free(doc);
}
